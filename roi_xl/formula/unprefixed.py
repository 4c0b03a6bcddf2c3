"""Which functions does a file store under a name by which Excel does not know them?

Functions newer than the file format have a prefix in the file, as in `_xlfn.XLOOKUP`. Programs
that write formulas often leave it out: Excel then shows #NAME? until someone enters the
formula again, whatever value the file stores.
"""

import re
from collections import defaultdict

from roi_xl.formula.formulas import Formulas
from roi_xl.xlsx.addresses import Address

NEWER = frozenset(
    """
    ACOT ACOTH AGGREGATE ARABIC ARRAYTOTEXT BASE BETA.DIST BETA.INV BINOM.DIST BINOM.DIST.RANGE BINOM.INV BITAND
    BITLSHIFT BITOR BITRSHIFT BITXOR BYCOL BYROW CEILING.MATH CEILING.PRECISE CHISQ.DIST CHISQ.DIST.RT CHISQ.INV
    CHISQ.INV.RT CHISQ.TEST CHOOSECOLS CHOOSEROWS COMBINA CONCAT CONFIDENCE.NORM CONFIDENCE.T COT COTH COVARIANCE.P
    COVARIANCE.S CSC CSCH DAYS DECIMAL DROP ENCODEURL ERF.PRECISE ERFC.PRECISE EXPAND EXPON.DIST F.DIST F.DIST.RT F.INV
    F.INV.RT F.TEST FILTER FILTERXML FLOOR.MATH FLOOR.PRECISE FORECAST.ETS FORECAST.ETS.CONFINT
    FORECAST.ETS.SEASONALITY FORECAST.ETS.STAT FORECAST.LINEAR FORMULATEXT GAMMA GAMMA.DIST GAMMA.INV GAMMALN.PRECISE
    GAUSS HSTACK HYPGEOM.DIST IFNA IFS IMCOSH IMCOT IMCSC IMCSCH IMSEC IMSECH IMSINH IMTAN ISFORMULA ISOMITTED
    ISOWEEKNUM LAMBDA LET LOGNORM.DIST LOGNORM.INV MAKEARRAY MAP MAXIFS MINIFS MODE.MULT MODE.SNGL MUNIT NEGBINOM.DIST
    NORM.DIST NORM.INV NORM.S.DIST NORM.S.INV NUMBERVALUE PDURATION PERCENTILE.EXC PERCENTILE.INC PERCENTRANK.EXC
    PERCENTRANK.INC PERMUTATIONA PHI POISSON.DIST QUARTILE.EXC QUARTILE.INC RANDARRAY RANK.AVG RANK.EQ REDUCE RRI SCAN
    SEC SECH SEQUENCE SHEET SHEETS SKEW.P SORT SORTBY STDEV.P STDEV.S SWITCH T.DIST T.DIST.2T T.DIST.RT T.INV T.INV.2T
    T.TEST TAKE TEXTAFTER TEXTBEFORE TEXTJOIN TEXTSPLIT TOCOL TOROW UNICHAR UNICODE UNIQUE VALUETOTEXT VAR.P VAR.S
    VSTACK WEBSERVICE WEIBULL.DIST WRAPCOLS WRAPROWS XLOOKUP XMATCH XOR Z.TEST
    """.split()
)
"""Functions that came with Excel 2010 or later and have a prefix in the file."""

CALLED = re.compile(r"""'(?:[^']|'')*+'|"[^"]*+"|(?<![\w.!\]])([A-Z][A-Z0-9.]*+)\(""", re.IGNORECASE)
"""The name of a function that is called without any prefix; what stands in quotes is passed over."""


def unprefixed(formulas: Formulas) -> dict[str, list[Address]]:
    """The cells whose formulas call functions without the prefix that these need, by function."""
    found: defaultdict[str, list[Address]] = defaultdict(list)
    for sheet, shapes in formulas.shapes.items():
        for shape in shapes:
            for name in sorted({name.upper() for name in CALLED.findall(shape.text)} & NEWER):
                found[name] += (Address(sheet, *cell) for cell in shape.cells)
    return dict(sorted(found.items()))
