"""What does the manual say of each function? One page, written from its docstring and the vocabulary."""

import doctest
import inspect
import math
import re
import textwrap
from typing import Any

from function_charts import MOVED, charts, told

import roi_xl
from roi_xl import cells
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, Parameter, gives, summary, takes
from roi_xl.errors import ExcelError
from roi_xl.quantities import Kind

WRITTEN = "<!-- Written by `make generate` from the docstring of the function; change it there. -->"
SECTIONS = re.compile(r"^(Formula|Returns|Example|Source):", re.MULTILINE)
GROUPS = {
    "Savings and totals": "ROI_REQUEST_SAVINGS",
    "What would have to be true": "ROI_BREAKEVEN_VOLUME",
    "The whole answer": "ROI_VERDICT",
    "Month by month": "ROI_CASHFLOW",
    "Options, sensitivity and risk": "ROI_COMPARE",
    "Where the inputs come from": "ROI_MODEL_PRICE",
}
"""Headings of the index, each above the function that it begins with."""

ROWS_SHOWN, DIGITS, WIDTH = 8, 6, 84


def pages() -> dict[str, str]:
    """Every page by its path below docs/."""
    each = {f"functions/{formula.__name__}.md": page(name, formula) for name, formula in CATALOG.items()}
    return {"functions/index.md": index()} | each | charts()


def index() -> str:
    """Every function with what it gives, and the tree of pages."""
    headings = {first: heading for heading, first in GROUPS.items()}
    lines = [WRITTEN, "# Functions", "", "The same names, arguments, errors and results in every host.", ""]
    lines += ["In Python each carries the name in the last column, as in `roi_xl.npv`."]
    for name, formula in CATALOG.items():
        if name in headings:
            lines += [
                "",
                f"## {headings[name]}",
                "",
                "| in a cell | what it gives | in Python |",
                "| --- | --- | --- |",
            ]
        lines.append(f"| [`{name}`]({formula.__name__}.md) | {summary(formula)} | `{formula.__name__}` |")
    tree = "\n".join(formula.__name__ for formula in CATALOG.values())
    return "\n".join(lines) + f"\n\n```{{toctree}}\n:hidden:\n\n{tree}\n```\n"


def page(name: str, formula: Formula) -> str:
    """One function: what it is, its formula, arguments, result, errors and examples."""
    said = sections(formula)
    parts = [
        WRITTEN,
        f"# {name}",
        summary(formula),
        f"```text\n{call_of(name, formula)}\n```",
        "## Formula",
        "> " + said["Formula"],
        "## Arguments",
        arguments_table(formula),
        "## Result",
        said["Returns"],
        "## Errors",
        errors_table(formula),
        "## In Excel",
        excel_examples(name, formula, said["Example"]),
        "## In Python",
        f"```python\n{said['Example']}\n\n```",
    ]
    if name in MOVED:
        parts += [
            "## Chart",
            f"![{told(name)}]({formula.__name__}.svg)",
            f"{told(name)}, in {gives(formula).unit.named()}.",
        ]
    if "Source" in said:
        parts += ["## Source", said["Source"]]
    return "\n\n".join(parts) + "\n"


def sections(formula: Formula) -> dict[str, str]:
    """What a docstring says, by its headings."""
    pieces = SECTIONS.split(inspect.getdoc(formula) or "")[1:]
    said = {heading: inspect.cleandoc(text).strip() for heading, text in zip(pieces[::2], pieces[1::2], strict=True)}
    return {heading: text if heading == "Example" else reflowed(text) for heading, text in said.items()}


def reflowed(text: str) -> str:
    """Paragraphs on one line each, so that no line begins with an operator, which Markdown takes for a list."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def call_of(name: str, formula: Formula) -> str:
    """The call with the names of its arguments, in lines that fit a page."""
    call = f"={name}({', '.join(argument(taken) for taken in takes(formula))})"
    return "\n".join(textwrap.wrap(call, WIDTH, subsequent_indent="    "))


def argument(taken: Parameter) -> str:
    """An argument as the line of a call shows it."""
    return f"[{taken.quantity.name}]" if taken.optional else taken.quantity.name


def arguments_table(formula: Formula) -> str:
    """What each argument is, its unit, what is allowed, and what it is if left out."""
    rows = ["| argument | what it is | unit | allowed | default |", "| --- | --- | --- | --- | --- |"]
    for taken in takes(formula):
        quantity = taken.quantity
        number = quantity.kind is Kind.NUMBER
        unit, allowed = (quantity.unit.named(), quantity.bounds.rule()) if number else (quantity.kind.value, "")
        default = "" if not taken.optional else "left out" if taken.default is None else f"{taken.default}"
        rows.append(f"| `{quantity.name}` | {quantity.meaning} | {unit} | {allowed} | {default or 'required'} |")
    return "\n".join(rows)


def errors_table(formula: Formula) -> str:
    """What a cell and Python show where there is no number."""
    quantity = gives(formula)
    rows = ["| in a cell | in Python | when |", "| --- | --- | --- |"]
    rows.append("| `#NUM!` | `OutOfBounds` | an argument is outside its bounds |")
    rows.append("| `#VALUE!` | `NotANumber` | an argument is not what it should be |")
    if quantity.may_be_never:
        rows.append("| `#N/A` | `inf` | it never happens |")
    if "NaN" in (inspect.getdoc(formula) or ""):
        error = ExcelError.NUM if quantity.may_have_no_solution else ExcelError.DIV0
        rows.append(f"| `{error}` | `nan` | undefined: see the result |")
    if formula.__name__ == "model_price":
        rows.append("| `#N/A` | `UnknownModel` | no price is known |")
    return "\n".join([*rows, "| the same error | | an argument is itself an error |"])


def excel_examples(name: str, formula: Formula, example: str) -> str:
    """The calls of the docstring's example as a cell would hold them, with what it shows."""
    written = []
    for call in calls(formula, example):
        result = cells.call(formula, call)
        text = f"={name}({', '.join(as_cell(value) for value in call)})"
        shown = spilled(result) if isinstance(result, list) else f"gives `{in_short(result)}`"
        written.append(f"```text\n{text}\n```\n\n{shown}")
    return "\n\n".join(written)


def calls(formula: Formula, example: str) -> list[list[Any]]:
    """The arguments of every call that an example makes, as cells in order, blanks for those left out between."""
    signature, made = inspect.signature(formula), []

    def noted(*arguments: Any, **named: Any) -> Any:
        given = signature.bind(*arguments, **named).arguments
        last = max(list(signature.parameters).index(name) for name in given)
        made.append([as_rows(given.get(name)) for name in list(signature.parameters)[: last + 1]])
        return getattr(roi_xl, formula.__name__)(*arguments, **named)

    code = doctest.script_from_examples(example).replace(f"from roi_xl import {formula.__name__}", "")
    exec(code, {formula.__name__: noted, "print": lambda *words: None})
    return made


def as_rows(value: Any) -> Any:
    """A Python list as a range of cells: rows of equal length, with empty text at their ends."""
    if not isinstance(value, (list, tuple)):
        return value
    rows = [list(row) if isinstance(row, (list, tuple)) else [row] for row in value]
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def as_cell(value: Any) -> str:
    """A value as a formula writes it."""
    if isinstance(value, list):
        return "{" + ";".join(",".join(as_cell(cell) for cell in row) for row in value) + "}"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, (int, float)) and math.isfinite(value):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def in_short(value: Any) -> str:
    """A result as a page shows it; the last digits of a simulation are the business of SciPy's version."""
    is_number = isinstance(value, (int, float)) and math.isfinite(value)
    return f"{value:,.{DIGITS}g}" if is_number else as_cell(value).strip('"')


def spilled(rows: list[list[Any]]) -> str:
    """What a table spills, as far as a page has room."""
    width = max(map(len, rows))
    lines = ["| " + " | ".join("" for _ in range(width)) + " |", "| " + " | ".join(["---"] * width) + " |"]
    for row in rows[:ROWS_SHOWN]:
        lines.append("| " + " | ".join(in_short(value) for value in row) + " |")
    more = len(rows) - ROWS_SHOWN
    return "spills\n\n" + "\n".join(lines) + (f"\n\nand {more} more rows." if more > 0 else "")
