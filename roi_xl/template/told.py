"""What must a reader of page one know besides the result? Sources, retirements and blanks, in words."""

from roi_xl import quantities as q
from roi_xl.quantities import Quantity
from roi_xl.template.choices import events_told, retirement_told
from roi_xl.template.inputs import ASSUMED, GIVEN, SOURCE
from roi_xl.template.layout import IN_CHOICE, IN_SOURCE, INPUT_ROWS, INPUT_SHEET, absolute, local

UNSOURCED = "The discount rate is assumed: name its source on Inputs."
SOURCED = "Every input has its source."
BLANK, MOST_NAMED = "Blank, so the default is used: ", 3
"""How page one names blank options, and up to how many of them: more have no room there."""


def sources_told() -> str:
    """The formula that says how many inputs are still examples, and how many have no source."""
    sources = absolute(INPUT_SHEET, min(INPUT_ROWS.values()), IN_SOURCE, max(INPUT_ROWS.values()))
    examples, unnamed = (f'COUNTIF({sources},"{words}")' for words in (SOURCE, GIVEN))
    more = f'IF({unnamed}=0,".","; "&{unnamed}&" more without a source.")'
    some = f'{examples}&" of {len(INPUT_ROWS)} inputs are still examples"&{more}'
    return f'IF({examples}+{unnamed}=0,"{SOURCED}",{some})'


def blanks_told() -> str:
    """The formula that names the blank options with their defaults; many of them, by their number."""
    said = "&".join(f"{INPUT_SHEET}!{local(INPUT_ROWS[quantity], IN_CHOICE)}" for quantity in q.PROGRAM)
    cells = absolute(INPUT_SHEET, INPUT_ROWS[q.PROGRAM[0]], IN_CHOICE, INPUT_ROWS[q.PROGRAM[-1]])
    count = f'SUMPRODUCT(({cells}<>"")*1)'
    some = f'IF({count}>{MOST_NAMED},{count}&" blank options use their defaults, in red on Inputs. ","{BLANK}"&{said})'
    return f'IF({count}=0,"",{some})'


def rate_told() -> str:
    """The formula that asks for the source of a discount rate that was assumed."""
    return f'IF({absolute(INPUT_SHEET, INPUT_ROWS[q.DISCOUNT_RATE], IN_SOURCE)}="{ASSUMED}","{UNSOURCED}","")'


def told(currency: str) -> dict[Quantity, str]:
    """The formula of each sentence that has a cell of its own."""
    return {
        q.SOURCES_TOLD: sources_told(),
        q.LIFE_TOLD: retirement_told(),
        q.EVENTS_TOLD: events_told(currency),
        q.BLANKS_TOLD: blanks_told(),
    }
