"""What does a report say, in words?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from roi_xl.errors import ExcelError, brief
from roi_xl.quantities import QUANTITIES
from roi_xl.recalc.compare import is_number

Findings = Mapping[str, Any]
WHOLE = 1.0
"""A rate from which on a percentage was meant, as a rule: 100%."""

EMBEDDED = "the embedded engine"
MOST_SHOWN = 5
GENERAL_FORMAT = "{:,.15g}"
OPEN = "left without a value: "
"""How the reason begins why a formula has none."""


def summed_up(report: Findings) -> str:
    """The headline of a check: how many formulas both evaluations agree on."""
    formulas, found = report["formulas"], report["verified"]
    if not report["compared"]:
        return f"no stored values; {found:,} of {formulas:,} formulas verified by two evaluations"
    return f"{found:,} of {formulas:,} formulas verified"


def not_verified(report: Findings) -> Iterator[str]:
    """Why formulas could not be verified, line by line."""
    for reason, count in sorted(report.get("not_verified", {}).items(), key=lambda item: -item[1]):
        if not reason.startswith(OPEN):
            yield f"{count:,} by the engine alone: {reason}"


def left_open(report: Findings) -> Iterator[str]:
    """The first cells that nobody can evaluate, and why, line by line."""
    cells = report.get("left_open", {})
    for place, why in list(cells.items())[:MOST_SHOWN]:
        yield f"{place} is left without a value, and so is what reads it: {why}"
    if len(cells) > MOST_SHOWN:
        yield f"and {len(cells) - MOST_SHOWN:,} cells more"


def error_values(report: Findings) -> Iterator[str]:
    """The first cells that store an error, in one line."""
    cells = report.get("error_values", {})
    if cells:
        first = ", ".join(f"{place} {error}" for place, error in list(cells.items())[:MOST_SHOWN])
        more = f" and {len(cells) - MOST_SHOWN:,} more" if len(cells) > MOST_SHOWN else ""
        yield f"error values: {first}{more}"


def unprefixed(report: Findings) -> Iterator[str]:
    """The functions that Excel will not know in the file as it is, line by line."""
    for name, cells in report.get("unprefixed", {}).items():
        where = cells[0] if len(cells) == 1 else f"{len(cells):,} cells, first {cells[0]}"
        yield f"Excel shows #NAME? in {where}: the file has {name} without the prefix _xlfn."


def plain(value: Any) -> Any:
    """A cell value for JSON: an error as its text."""
    return str(value) if isinstance(value, ExcelError) else value


def formatted(name: str, value: Any) -> str:
    """A value as a cell shows it; names in the vocabulary use their own format."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).upper()
    if not isinstance(value, int | float):
        return str(value)
    quantity = QUANTITIES.get(name.removesuffix("_used"))
    return GENERAL_FORMAT.format(value) if quantity is None else quantity.unit.shown(value)


def by_cause(different: Sequence[Findings]) -> Iterator[str]:
    """One line per cause, with its first cells."""
    causes: dict[str, list[Findings]] = {}
    for difference in different:
        causes.setdefault(difference["cause"], []).append(difference)
    for cause, cells in sorted(causes.items(), key=lambda item: -len(item[1])):
        first = "; ".join(map(side_by_side, cells[:MOST_SHOWN]))
        more = f"; and {len(cells) - MOST_SHOWN:,} more" if len(cells) > MOST_SHOWN else ""
        yield f"{cause} ({len(cells):,}): {first}{more}"


def side_by_side(difference: Findings) -> str:
    """The value that the file stores for a cell beside the one that a replay gives."""
    stored = "no stored value" if difference["stored"] is None else f"stored {brief(difference['stored'])}"
    return f"{difference['cell']} {stored}, replayed {brief(difference['replayed'])}"


def doubted_rate(said: str, value: float) -> str | None:
    """What is said of a rate of 100% or more that was given without a percent sign: 10% was meant by 10, as a rule.

    >>> doubted_rate("discount_rate", 10)
    'discount_rate 10 is 1,000%; for 10% say 10%'
    """
    if value < WHOLE or "%" in getattr(value, "text", ""):
        return None
    return f"{said} {value:g} is {value:,.0%}; for {value:g}% say {value:g}%"


def doubted_rates(inputs: Mapping[str, Any]) -> Iterator[str]:
    """What is said of each input of the business case of 100% or more that is no share."""
    for said, value in inputs.items():
        quantity = QUANTITIES.get(said.removeprefix("--").replace("-", "_"))
        if quantity is not None and quantity.unit.percent and quantity.bounds.high != WHOLE and is_number(value):
            yield from filter(None, [doubted_rate(said, value)])
