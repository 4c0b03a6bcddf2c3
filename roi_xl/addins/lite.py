"""What is pasted into xlwings Lite: its main.py, and what it needs from the package index."""

import roi_xl
from roi_xl.catalog import CATALOG
from roi_xl.describe import Formula, summary, takes
from roi_xl.hosts.excel import argument_help

EXTRAS = "prices,risk"
"""What the functions of the catalog need beyond the package itself."""

REQUIREMENTS = f"xlwings\nroi-xl[{EXTRAS}]=={roi_xl.__version__}\n"
HEAD = '''"""The ROI functions in xlwings Lite: paste this as main.py. Written by roi-xl."""

from typing import Annotated, Any

from xlwings import func

from roi_xl.hosts.lite import answer


def cell(about: str) -> Any:
    """An argument: a cell or a range, as it arrives; xlwings' own conversion makes empty text a blank."""
    return Annotated[Any, {"doc": about, "convert": "raw"}]
'''
FUNCTION = '''

@func
def {python}(
{declared}
):
    """{summary}"""
    return answer("{name}", {names})
'''


def main_text() -> str:
    """The text of main.py: one function for each of the catalog."""
    return HEAD + "".join(function_text(name, formula) for name, formula in CATALOG.items())


def function_text(name: str, formula: Formula) -> str:
    """One function that Excel lists and calls."""
    declared = [
        f"    {taken.quantity.name}: cell({argument_help(taken)!r}){' = None' if taken.optional else ''},"
        for taken in takes(formula)
    ]
    return FUNCTION.format(
        python=name.lower(),
        name=name,
        summary=summary(formula),
        declared="\n".join(declared),
        names=", ".join(taken.quantity.name for taken in takes(formula)),
    )
