"""What do SUBTOTAL and AGGREGATE leave out: what a filter hides, what is hidden by hand, nothing?

Microsoft, SUBTOTAL: 1 to 11 include rows hidden by hand, 101 to 111 exclude them, filtered-out cells are always
excluded. AGGREGATE: hidden rows are left out by options 1, 3, 5 and 7; option 4 ignores nothing.
"""

import pytest
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.filters import AutoFilter, FilterColumn
from openpyxl.worksheet.table import Table
from recalc_helpers import SHEET, rewrite

import roi_xl

FILTERED, BY_HAND = {2, 4, 6, 8}, {10}
ROWS = range(2, 13)
ASKED = {
    "SUBTOTAL(9,B2:B8)": (2, 8, FILTERED),
    "SUBTOTAL(109,B2:B8)": (2, 8, FILTERED),
    "SUBTOTAL(9,B9:B12)": (9, 12, set()),
    "SUBTOTAL(109,B9:B12)": (9, 12, BY_HAND),
    "SUBTOTAL(9,B2:B12)": (2, 12, FILTERED),
    "SUBTOTAL(109,B2:B12)": (2, 12, FILTERED | BY_HAND),
    **{f"AGGREGATE(9,{option},B2:B12)": (2, 12, set()) for option in (0, 2, 4, 6)},
    **{f"AGGREGATE(9,{option},B2:B12)": (2, 12, FILTERED | BY_HAND) for option in (1, 3, 5, 7)},
    "AGGREGATE(9,5,B9:B12)": (9, 12, BY_HAND),
}
"""Sums of powers of two, by their first and last row and the rows that they leave out."""


def filtered_sheet(path, how):
    """Rows 2, 4, 6 and 8 filtered out of A1:B8, row 10 hidden by hand; the headings of column D asked for."""
    book = Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"] = "Kind", "Amount"
    for row in ROWS:
        sheet.cell(row, 1).value, sheet.cell(row, 2).value = "xy"[row % 2], 2**row
    for row in FILTERED | BY_HAND:
        sheet.row_dimensions[row].hidden = True
    if how == "sheet":
        sheet.auto_filter.ref = "A1:B8"
        sheet.auto_filter.add_filter_column(0, ["y"])
    elif how == "table":
        table = Table(displayName="Sales", ref="A1:B8")
        table.autoFilter = AutoFilter(ref="A1:B8", filterColumn=[FilterColumn(colId=0)])
        sheet.add_table(table)
    elif how == "advanced":
        sheet.defined_names["_xlnm._FilterDatabase"] = DefinedName("_xlnm._FilterDatabase", attr_text="Sheet!$A$1:$B$8")
        sheet.sheet_properties.filterMode = True
    for row, formula in enumerate(ASKED, start=20):
        sheet.cell(row, 4).value = f"={formula}"
    book.save(path)
    return path


@pytest.mark.parametrize("how", ["sheet", "table", "advanced"])
def test_only_what_lies_within_a_filter_is_filtered_out(tmp_path, how):
    model = roi_xl.open_model(filtered_sheet(tmp_path / "case.xlsx", how))
    for changed in (2, 1000):
        model.calculate({"Sheet!B2": changed, "Sheet!B10": changed * 3})
        amounts = {row: 2**row for row in ROWS} | {2: changed, 10: changed * 3}
        for row, (formula, (first, last, without)) in enumerate(ASKED.items(), start=20):
            wanted = sum(amounts[one] for one in range(first, last + 1) if one not in without)
            assert model.value(model.find(f"Sheet!D{row}")) == wanted, formula
    assert model.verification.verified == len(ASKED)


@pytest.mark.parametrize(
    ("end", "counted"),
    [
        ('<autoFilter ref="A1:B8"/>', {2, 4, 6, 8, 10}),
        ('<customSheetViews><customSheetView guid="{0}"><autoFilter ref="A1:B8"><filterColumn colId="0"/></autoFilter>'
         "</customSheetView></customSheetViews>", {2, 4, 6, 8, 10}),
        ('<autoFilter ref="A:B"><filterColumn colId="0"/></autoFilter>', set()),
    ],
)  # fmt: skip
def test_a_filter_hides_rows_if_it_has_criteria_of_its_own(tmp_path, end, counted):
    """One without criteria hides nothing, nor does that of another view; one of whole columns hides every row."""
    path = filtered_sheet(tmp_path / "case.xlsx", "none")
    behind = f"</sheetData>{end}".encode()
    rewrite(path, lambda parts: parts | {SHEET: parts[SHEET].replace(b"</sheetData>", behind)})
    model = roi_xl.open_model(path)
    model.calculate({"Sheet!B3": 8})
    wanted = sum(2**row for row in ROWS if row % 2 or row == 12 or row in counted)
    assert model.value(model.find("Sheet!D24")) == wanted
