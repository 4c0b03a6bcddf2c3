"""Which functions does a file store under a name that Excel does not know?

Functions that came after Excel 2007 are stored with a prefix: `_xlfn.XLOOKUP(…)`. Excel takes the
bare name, as programs write it that do not know of this, for that of a function which is not
there, and shows #NAME? until somebody edits the cell.
"""

import re
from collections.abc import Iterator

from roi_xl.formula.formulas import Formulas
from roi_xl.xlsx.addresses import Address

NEWER = frozenset(
    """
    ACOT ACOTH ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV BITAND BITLSHIFT
    BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV CHISQ.INV.RT
    CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P COVARIANCE.S
    CSC CSCH DAYS DECIMAL DETECTLANGUAGE DROP ENCODEURL ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT
    F.INV F.INV.RT F.TEST FIELDVALUE FILTER FILTERXML FLOOR.MATH FLOOR.PRECISE FORECAST.ETS FORECAST.ETS.CONFINT
    FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV
    GAMMALN.PRECISE GAUSS GROUPBY HSTACK HYPGEOM.DIST IFNA IFS IMAGE IMCOSH IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH
    IMTAN ISFORMULA ISOMITTED ISOWEEKNUM LAMBDA LET LOGNORM.DIST LOGNORM.INV MAKEARRAY MAP MAXIFS MINIFS MODE.MULT
    MODE.SNGL MUNIT NEGBINOM.DIST NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC
    PERCENTILE.INC PERCENTOF PERCENTRANK.EXC PERCENTRANK.INC PERMUTATIONA PHI PIVOTBY POISSON.DIST QUARTILE.EXC
    QUARTILE.INC RANDARRAY RANK.AVG RANK.EQ REDUCE REGEXEXTRACT REGEXREPLACE REGEXTEST RRI SCAN SEC SECH SEQUENCE
    SHEET SHEETS SKEW.P SORT SORTBY STDEV.P STDEV.S STOCKHISTORY SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T
    T.TEST TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW TRANSLATE TRIMRANGE UNICHAR UNICODE UNIQUE
    VALUETOTEXT VAR.P VAR.S VSTACK WEBSERVICE WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR Z.TEST
    """.split()
)
"""Functions that Excel stores with a prefix; not AGGREGATE, which other programs store without one."""

OF_SHEETS = {"FILTER", "SORT"}
"""Those whose prefix has a second part."""

CALLED = re.compile(r""""(?:[^"]|"")*+"|'(?:[^']|'')*+'|(?<![\w.!\\\]\[])([A-Za-z][A-Za-z0-9.]*+)\(""")
MACROS = re.compile(r"(?:.*/)?vbaProject\.bin", re.IGNORECASE)


def without_prefix(formulas: Formulas) -> dict[str, list[Address]]:
    """The cells that call each function under its bare name; none where a macro or a name may be meant."""
    if any(map(MACROS.fullmatch, formulas.package.parts)):
        return {}
    ours = {one.name.upper() for one in formulas.part.defined}
    found: dict[str, list[Address]] = {}
    for sheet, shapes in formulas.shapes.items():
        for shape in shapes:
            for name in bare_names(shape.text) - ours:
                found.setdefault(name, []).extend(Address(sheet, *cell) for cell in shape.cells)
    return {name: found[name] for name in sorted(found)}


def prefix_of(name: str) -> str:
    """What Excel stores before the name of a newer function."""
    return "_xlfn._xlws." if name in OF_SHEETS else "_xlfn."


def bare_names(formula: str) -> set[str]:
    """The newer functions that a formula of a file calls without their prefix.

    >>> sorted(bare_names('_xlfn.IFNA(xlookup(1,A1:A3,B1:B3),"SORT(")&STDEV.S(A1:A3)'))
    ['STDEV.S', 'XLOOKUP']
    """
    return set(called(formula)) & NEWER


def called(formula: str) -> Iterator[str]:
    """The names of what a formula calls, in capital letters."""
    return (name.upper() for name in CALLED.findall(formula) if name)
