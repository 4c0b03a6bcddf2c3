"""A workbook of its own for what a sweep found: percentiles, probabilities, and their pictures."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.quantities import QUANTITIES
from roi_xl.recalc.model import LoadedModel
from roi_xl.recalc.opening import open_package
from roi_xl.template import style
from roi_xl.template.build import packed, save_model
from roi_xl.template.charts import Curve, curves, histogram
from roi_xl.template.layout import HEADER_ROW, LABEL_COLUMN, SUBTITLE_ROW, SUMMARY, TITLE_ROW, absolute, local
from roi_xl.template.money import of_scale, show_amounts
from roi_xl.template.own import CURRENCY
from roi_xl.template.sheet import header, new_page, printing, put
from roi_xl.xlsx.addresses import Address, column_letters

SHEET, UNKNOWN_CURRENCY = "Risk", "currency"
BINS = 20
MOST_SHOWN = 6
BLOCKS_OF_A_PAGE = 2
ROWS_OF_A_BLOCK = BINS + 4
HEADINGS = ("Output", "Unit", "P10", "P50", "P90", "Mean", "Share above 0")
WIDTHS = (34, 18, 16, 16, 16, 16, 16, 3, *[16] * 10)
FORMATS = ((10_000, "#,##0_);(#,##0)", "#,##0"), (10, "#,##0.00_);(#,##0.00)", "#,##0.0"), (0, "0.0000", "0.00"))
"""From which size on a number is shown how, in a cell and along an axis."""


@dataclass(frozen=True)
class Found:
    """What a sweep found of one output: percentiles, mean, share above 0, and a sample of its values."""

    name: str
    numbers: Sequence[float]
    sample: Any

    @property
    def label(self) -> str:
        """What a person calls it."""
        return label_of(self.name)

    def unit(self, currency: str) -> str:
        """Its unit, where it is known."""
        quantity = QUANTITIES.get(self.name)
        return "" if quantity is None else quantity.unit.named(currency)

    def titled(self, currency: str) -> str:
        """Its label and unit."""
        unit = self.unit(currency)
        return f"{self.label} ({unit})" if unit else self.label


def label_of(name: str) -> str:
    """What a person calls an input or an output; one that is none of ours keeps its name.

    >>> label_of("net_benefit"), label_of("Sales!C7")
    ('Net benefit', 'Sales!C7')
    """
    return QUANTITIES[name].label if name in QUANTITIES else name


def write_report(
    path: str | os.PathLike[str], model: LoadedModel, facts: Sequence[str], outputs: Sequence[Found]
) -> None:
    """Write the workbook: a table of all outputs, and the histogram and curve of the first few.

    Args:
        path: the .xlsx file to write.
        model: the workbook that was swept.
        facts: what was done, in lines: how many scenarios, from where, and what was checked.
        outputs: what was found.
    """
    currency = currency_of(model)
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = SHEET
    style.register(book)
    fill_head(sheet, f"Risk of {model.book.package.path.name}", facts)
    top = HEADER_ROW + len(facts)
    header(sheet, top, HEADINGS, numeric=range(LABEL_COLUMN + 2, LABEL_COLUMN + len(HEADINGS)))
    for row, found in enumerate(outputs, start=top + 1):
        fill_row(sheet, row, found, currency)
    first = top + len(outputs) + 3
    for place, found in enumerate(outputs[:MOST_SHOWN]):
        if place and place % BLOCKS_OF_A_PAGE == 0:
            new_page(sheet, first + place * ROWS_OF_A_BLOCK)
        fill_block(sheet, first + place * ROWS_OF_A_BLOCK, found, currency)
    last = first + len(outputs[:MOST_SHOWN]) * ROWS_OF_A_BLOCK
    sheet.print_area = f"A1:{local(last, LABEL_COLUMN + len(WIDTHS))}"
    show_amounts(book, currency, "units", ())
    book.properties.creator = "roi-xl"
    save_model(open_package(packed(book, Path(path))), path)


def fill_head(sheet: Worksheet, title: str, facts: Sequence[str]) -> None:
    """The title, and what was done."""
    put(sheet, TITLE_ROW, LABEL_COLUMN, title, style.TITLE)
    sheet.row_dimensions[TITLE_ROW].height = 28
    for row, fact in enumerate(facts, start=SUBTITLE_ROW):
        put(sheet, row, LABEL_COLUMN, fact, style.SUBTITLE)
    sheet.column_dimensions["A"].width = 2
    for place, width in enumerate(WIDTHS, start=LABEL_COLUMN):
        sheet.column_dimensions[column_letters(place)].width = width
    sheet.sheet_view.showGridLines = False
    printing(sheet)


def formats(found: Found) -> tuple[str, str]:
    """How an output is shown in a cell and along an axis: as its quantity if it is one of ours, or by its size."""
    size = max(map(abs, found.numbers[:-1]))
    of_size = next((cell, axis) for least, cell, axis in FORMATS if size >= least)
    quantity = QUANTITIES.get(found.name)
    if quantity is None:
        return of_size
    in_cell = quantity.unit.number_format
    return in_cell, of_size[1] if quantity.unit.amount else in_cell


def fill_row(sheet: Worksheet, row: int, found: Found, currency: str) -> None:
    """One output's line of the table."""
    put(sheet, row, LABEL_COLUMN, found.label)
    put(sheet, row, LABEL_COLUMN + 1, found.unit(currency), style.NOTE)
    *amounts, share = found.numbers
    for column, amount in enumerate(amounts, start=LABEL_COLUMN + 2):
        put(sheet, row, column, amount, style.RESULT, formats(found)[0])
    put(sheet, row, LABEL_COLUMN + len(amounts) + 2, share, style.RESULT, "0.0%")


def fill_block(sheet: Worksheet, top: int, found: Found, currency: str) -> None:
    """How one output falls: bins of equal width, and two pictures of them."""
    counts, edges = np.histogram(found.sample, BINS)
    shares = counts / max(1, counts.sum())
    in_cell, along = formats(found)
    title = found.titled(currency)
    header(sheet, top, (f"{title}: up to", "Share", "Cumulative share"), numeric=range(2, 5))
    for place, (edge, share, together) in enumerate(zip(edges[1:], shares, np.cumsum(shares), strict=True), start=1):
        put(sheet, top + place, LABEL_COLUMN, float(f"{edge:.6g}"), style.CALCULATION, in_cell, style.RIGHT)
        put(sheet, top + place, LABEL_COLUMN + 1, float(share), style.CALCULATION, "0.0%")
        put(sheet, top + place, LABEL_COLUMN + 2, float(together), style.CALCULATION, "0.0%")
    up_to, share_of, so_far = (absolute(SHEET, top + 1, LABEL_COLUMN + side, top + BINS) for side in range(3))
    bars = histogram(f"{title}: share of scenarios", up_to, share_of)
    bars.x_axis.number_format = along
    sheet.add_chart(bars, local(top, LABEL_COLUMN + 4))
    line = Curve(found.label, up_to, so_far, style.NAVY, 2.25)
    chart = curves(f"{title}: share of scenarios up to here", [line], title, "0%")
    chart.x_axis.number_format = along
    chart.x_axis.scaling.min, chart.x_axis.scaling.max = round_ends(float(edges[0]), float(edges[-1]))
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = 0, 1
    sheet.add_chart(chart, local(top, LABEL_COLUMN + 11))


def currency_of(model: LoadedModel) -> str:
    """The currency of a workbook that was made from the template; no other says it where we could read it."""
    if SUMMARY not in model.book.contents.sheets:
        return UNKNOWN_CURRENCY
    match = CURRENCY.search(str(model.value(Address(SUMMARY, SUBTITLE_ROW, LABEL_COLUMN))))
    return of_scale(match[1])[0] if match else UNKNOWN_CURRENCY


def round_ends(low: float, high: float) -> tuple[float, float]:
    """Round numbers around a span, for an axis.

    >>> round_ends(273_948, 1_276_380)
    (0.0, 2000000.0)
    >>> round_ends(0.24, 0.44)
    (0.2, 0.5)
    """
    digits = -math.floor(math.log10(high - low)) if high > low else 0
    unit = 10**digits
    return round(math.floor(low * unit) / unit, max(0, digits)), round(math.ceil(high * unit) / unit, max(0, digits))


def found_in(summary: Mapping[str, Sequence[float]], samples: Mapping[str, Sequence[Any]]) -> list[Found]:
    """What a sweep's summary says, output by output."""
    return [Found(name, numbers, np.concatenate(samples[name])) for name, numbers in summary.items()]
