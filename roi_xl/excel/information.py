"""What do Excel's functions give that ask what a value is?"""

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number
from roi_xl.excel.registry import RANGE, function
from roi_xl.xlsx.sheet_cells import Value

ERROR_NUMBERS = {
    ExcelError.NULL: 1,
    ExcelError.DIV0: 2,
    ExcelError.VALUE: 3,
    ExcelError.REF: 4,
    ExcelError.NAME: 5,
    ExcelError.NUM: 6,
    ExcelError.NA: 7,
    ExcelError.SPILL: 9,
    ExcelError.CALC: 14,
}


@function("ISEVEN")
def is_even(value: Value) -> bool:
    """ISEVEN."""
    if isinstance(value, bool):
        raise NoAnswer(ExcelError.VALUE)
    return int(to_number(value)) % 2 == 0


@function("ISODD")
def is_odd(value: Value) -> bool:
    """ISODD."""
    return not is_even(value)


@function("TYPE", wants=(RANGE,), errors=True)
def type_of(value: object) -> float:
    """TYPE: 1 a number, 2 a text, 4 a truth, 16 an error, 64 an array."""
    if isinstance(value, list):
        if len(value) > 1 or len(value[0]) > 1:
            return 64.0
        value = value[0][0]
    if isinstance(value, bool):
        return 4.0
    if isinstance(value, ExcelError):
        return 16.0
    return 2.0 if isinstance(value, str) else 1.0


@function("ERROR.TYPE", errors=True)
def error_type(value: Value) -> float:
    """ERROR.TYPE."""
    if not isinstance(value, ExcelError) or value not in ERROR_NUMBERS:
        raise NoAnswer(ExcelError.NA)
    return float(ERROR_NUMBERS[value])


@function("HYPERLINK", least=1, most=2)
def hyperlink(*shown: Value) -> Value:
    """HYPERLINK: what its cell shows, which is the name, or the link where there is none; a blank is 0."""
    return 0.0 if shown[-1] is None else shown[-1]
