"""Which values does a workbook store that nobody has calculated?

Programs that write formulas without evaluating them (XlsxWriter, and pandas with it) leave 0 in
their cells and ask whoever opens the file to calculate it. Such a workbook stores no values.
"""

from collections.abc import Mapping

from roi_xl.errors import NotSupported
from roi_xl.xlsx.formula_cells import put_values
from roi_xl.xlsx.sheet import Sheet

PLACEHOLDERS = (0, "", None)


def without_placeholders(sheets: Mapping[str, Sheet]) -> dict[str, Sheet]:
    """The sheets of a workbook without the values of their formulas, if all of those are placeholders."""
    try:
        if any(map(stores_any, sheets.values())) and not any(map(is_calculated, sheets.values())):
            return {name: emptied(sheet) for name, sheet in sheets.items()}
    except NotSupported:  # whoever reads the sheet says what is wrong with it
        pass
    return dict(sheets)


def stores_any(sheet: Sheet) -> bool:
    """Whether a formula cell stores a value, or a type as if it did."""
    return any(sheet.cells.stored) or not all(sheet.cells.plain)


def is_calculated(sheet: Sheet) -> bool:
    """Whether a formula cell stores a value that is no placeholder."""
    return any(value not in PLACEHOLDERS for _, value in sheet.values())


def emptied(sheet: Sheet) -> Sheet:
    """A sheet without the values of its formulas, those of the cells that an array fills among them."""
    return Sheet(sheet.name, b"".join(put_values(sheet.data, sheet.cells, lambda row, column: None, {})))
