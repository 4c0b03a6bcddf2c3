"""Which numbers of a template's workbook can be typed over without a word? `python tests/mutations.py FILE [EVERY]`.

Each formula that gives a number is replaced by another number, one at a time. It is seen if
the flag of the checks is no longer OK, or if the simulation is no longer called up to date.
"""

import sys
from collections import Counter

import roi_xl
from roi_xl.recalc.compare import is_number
from roi_xl.template import layout
from roi_xl.xlsx.addresses import Address
from roi_xl.xlsx.sheet_cells import stored_formulas

GOOD = {"model_checks": "OK", "risk_state": "Up to date"}


STEPS = {
    Address(layout.OUTPUTS, layout.NEWTON_ROW + step, layout.OUT_LABEL) for step in range(1, layout.NEWTON_STEPS + 1)
}
"""Where a search begins each of its steps: from any of them it comes to the same end, so that nothing is wrong."""


def numeric_formulas(model):
    """Every formula cell that holds a number now, but for the steps of a search."""
    for sheet in model.book.contents.sheets:
        for place in stored_formulas(model.book.sheet(sheet)):
            cell = Address(sheet, *place)
            if is_number(model.value(cell)) and cell not in STEPS:
                yield cell


def other(value):
    """A plausible other number: a quarter more, or 1 for nothing and for what rounding leaves of it."""
    return value * 1.25 if abs(value) > 1e-6 else 1.0


def is_seen(model, place, value):
    """Whether a number that is typed over a cell shows, for as long as it takes to look."""
    formula = model.book.formula(place)
    model.book.put(place, value)
    model.book.evaluate()
    seen = any(model.value(model.find(name)) != good for name, good in GOOD.items() if name in model.names)
    model.book.put_formula(place, formula)
    return seen


def unseen(model, cells):
    """The cells that can be typed over without a word."""
    others = {cell: other(model.value(cell)) for cell in cells}
    found = [cell for cell, value in others.items() if not is_seen(model, cell, value)]
    return [cell for cell in found if not is_seen_alone(model, cell, others[cell])]


def is_seen_alone(model, place, value):
    """The same with everything evaluated in between."""
    model.book.evaluate()
    seen = is_seen(model, place, value)
    model.book.evaluate()
    return seen


def report(path, every):
    """Print what can be typed over, by sheet."""
    model = roi_xl.open_model(path)
    cells = list(numeric_formulas(model))[::every]
    found = unseen(model, cells)
    tried, missed = Counter(cell.sheet for cell in cells), Counter(cell.sheet for cell in found)
    for sheet, count in tried.items():
        print(f"{sheet:<14}{count - missed[sheet]:>6,} of {count:>6,} seen")
    print(f"{'all':<14}{len(cells) - len(found):>6,} of {len(cells):>6,} seen = {1 - len(found) / len(cells):.1%}")
    print("not seen:", ", ".join(map(str, found)) or "none")


if __name__ == "__main__":
    report(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1)
