"""The functions inside LibreOffice Calc, as its Python loader runs them.

This file is at the top of the extension that `calc.py` builds, with the package beside it
in `pythonpath/`; it needs only the standard library and LibreOffice's `uno`.
"""

import struct

import uno
import unohelper
from com.sun.star.lang import XServiceInfo

SERVICE = "org.roixl.Functions"
INTERFACE = "org.roixl.XFunctions"


def add_interface() -> None:
    """Register the interface, which a session that just installed the extension has not done."""
    singletons = uno.getComponentContext().getValueByName
    types = singletons("/singletons/com.sun.star.reflection.theTypeDescriptionManager")
    if not types.hasByHierarchicalName(INTERFACE):
        folder = __file__.replace("\\", "/").rpartition("/")[0]
        types.insert(uno.systemPathToFileUrl(f"{folder}/functions.idl"))


add_interface()
from org.roixl import XFunctions

from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.errors import ExcelError

CODES = {
    ExcelError.NULL: 521,
    ExcelError.DIV0: 532,
    ExcelError.VALUE: 519,
    ExcelError.REF: 524,
    ExcelError.NAME: 525,
    ExcelError.NUM: 503,
    ExcelError.NA: 32767,
}
"""Calc's own number of each error."""

QUIET_NAN = 0x7FF8000000000000


def from_calc(value):
    """A value from Calc as a cell value: rows are tuples, with empty text for blanks.

    A single cell is a single value, however it arrives; as one of rows its empty text is no blank.
    """
    if isinstance(value, tuple) and len(value) == 1 and len(value[0]) == 1:
        return value[0][0]
    if isinstance(value, tuple):
        return [[None if cell == "" else cell for cell in row] if "" in row else list(row) for row in value]
    return value


def to_calc(value):
    """A cell value for Calc, in rows; an error is a NaN with Calc's code as its payload."""
    if isinstance(value, list):
        plain = all(type(cell) is float for row in value for cell in row)
        return tuple(map(tuple, value)) if plain else tuple(tuple(map(single, row)) for row in value)
    return ((single(value),),)


def single(value):
    """One value for Calc."""
    if type(value) is float:
        return value
    if isinstance(value, ExcelError):
        code = CODES.get(value, CODES[ExcelError.VALUE])
        return struct.unpack("<d", struct.pack("<Q", QUIET_NAN | code))[0]
    return value if isinstance(value, str) else float(value)


def method(formula):
    """A catalog function as Calc calls it; optional arguments that are left out arrive as None."""

    def call(self, *arguments):
        try:
            return to_calc(cells.call(formula, [from_calc(argument) for argument in arguments]))
        except Exception:  # only a value may cross the bridge
            return to_calc(ExcelError.VALUE)

    return call


class Functions(unohelper.Base, XFunctions, XServiceInfo):
    """Every function in the catalog."""

    def __init__(self, context):
        self.context = context

    def getImplementationName(self):
        return SERVICE

    def supportsService(self, name):
        return name == SERVICE

    def getSupportedServiceNames(self):
        return (SERVICE,)


for _name, _formula in CATALOG.items():
    setattr(Functions, _name, method(_formula))

g_ImplementationHelper = unohelper.ImplementationHelper()
g_ImplementationHelper.addImplementation(Functions, SERVICE, (SERVICE,))
