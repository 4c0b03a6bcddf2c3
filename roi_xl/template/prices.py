"""The Prices sheet: what the models cost by the book, since when, and who says so."""

import contextlib
from collections.abc import Iterator, Sequence

from openpyxl.worksheet.worksheet import Worksheet

from roi_xl.errors import UnknownModel
from roi_xl.functions.model_names import trained
from roi_xl.functions.price_table import Price
from roi_xl.functions.prices import price_of
from roi_xl.template import style
from roi_xl.template.layout import FIRST_ROW, HEADER_ROW, PRICES, absolute
from roi_xl.template.sheet import finish, head, header, put

MODEL, KIND, AMOUNT, UNIT, SINCE, SOURCE = range(2, 8)
HEADINGS = ("Model", "Price of", "Price", "Unit", "Since", "Source")
UNDATED = "before the book's first date"
WORDS = {"input": "input", "cached": "cached input", "output": "output", "training": "training", "hosting": "hosting"}
WORDS |= {"training_hour": "reinforcement training"}
WORDS |= {"cache_write": "cache write, 5 minutes", "cache_write_1h": "cache write, 1 hour"}
HOURLY = ("hosting", "training_hour")


def fill_prices(sheet: Worksheet, prices: Sequence[Price]) -> None:
    """Write every price with its date and source."""
    head(
        sheet,
        "Prices",
        "List prices in USD, as the package knew them; newer ones come with a newer package (roi-xl, genai-prices).",
        (44, 16, 12, 22, 28, 60),
    )
    header(sheet, HEADER_ROW, HEADINGS, numeric=(AMOUNT,))
    for row, price in enumerate(prices, start=FIRST_ROW):
        unit = "USD / hour" if price.kind in HOURLY else "USD / million tokens"
        since = price.since or UNDATED
        cells = (price.model, words_of(price.kind), price.amount, unit, since, price.source)
        for column, value in enumerate(cells, start=MODEL):
            look = style.CALCULATION if column == AMOUNT else style.LABEL
            number_format = {AMOUNT: "#,##0.00##", SINCE: "yyyy-mm-dd"}.get(column)
            put(sheet, row, column, value, look, number_format).data_type = kind_of_cell(value)
    finish(sheet, FIRST_ROW + len(prices), SOURCE)


def words_of(kind: str) -> str:
    """What a price is of, as a person reads it: cached input, batch, prompts above 200,000 tokens."""
    name, comma, more = kind.partition(",")
    return f"{WORDS[name]}{comma}{more}"


def kind_of_cell(value: object) -> str:
    """How a cell holds a value: text is text, whatever it begins with."""
    return "s" if isinstance(value, str) else "n" if isinstance(value, int | float) else "d"


def price_cells(prices: Sequence[Price]) -> dict[tuple[str, str], str]:
    """The cell of each price, by its model and kind."""
    return {
        (price.model, price.kind): absolute(PRICES, row, AMOUNT) for row, price in enumerate(prices, start=FIRST_ROW)
    }


BUILDER = {"input": "input_price", "output": "output_price", "cached": "cached_price"}
"""The builder's line for each kind of price."""


def list_prices(models: tuple[str, str], strict: bool) -> Iterator[Price]:
    """The newest prices of two models, and what training the second one costs; strictly, both must be known."""
    for model in models:
        for kind in BUILDER:
            try:
                yield price_of(model, kind)
            except UnknownModel:
                if strict:
                    raise
    for kind in ("training", "training_hour"):
        with contextlib.suppress(UnknownModel):
            yield price_of(trained(models[1]), kind)


def price_inputs(models: tuple[str, str], cells: dict[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """The builder's inputs that have a price here, with its cell."""
    for prefix, model in zip(("baseline", "fine_tuned"), models, strict=True):
        for kind, name in BUILDER.items():
            if (model, kind) in cells:
                yield f"{prefix}_{name}", cells[model, kind]
    if (trained(models[1]), "training") in cells:
        yield "training_price", cells[trained(models[1]), "training"]
