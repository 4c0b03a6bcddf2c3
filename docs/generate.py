"""Write all generated text: tables, the pages of the functions, outputs of commands, and workbook/."""

import ast
import inspect
import re
import sys
import textwrap
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import function_pages
import sessions

import roi_xl
from roi_xl.addins.calculator import page
from roi_xl.cli import cli
from roi_xl.describe import gives
from roi_xl.errors import Status
from roi_xl.functions.outcome import RESULTS
from roi_xl.observed.formats import LAYOUTS
from roi_xl.quantities import INPUTS, PROGRAM, Quantity
from roi_xl.template.build import Depth
from roi_xl.template.formulas import Formulas
from roi_xl.xlsx.limits import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CALCULATOR = ROOT / "workbook" / "calculator.html"
WORKBOOKS: dict[str, tuple[Formulas, Depth]] = {
    "fine-tuning-roi.xlsx": ("native", "quick"),
    "fine-tuning-roi-full.xlsx": ("native", "full"),
    "fine-tuning-roi-functions.xlsx": ("functions", "quick"),
    "fine-tuning-roi-excel365.xlsx": ("lambda", "quick"),
}
PAGE_WIDTH = 84
LIMITS = {
    "ROI_XL_MAX_MIB": "size of the file, in MiB",
    "ROI_XL_MAX_EXPANDED_MIB": "size of all its parts unpacked, in MiB",
    "ROI_XL_MAX_PARTS": "parts in the file",
    "ROI_XL_MAX_SECONDS": "seconds for one step of a command",
    "ROI_XL_MAX_MEMORY_MIB": "memory of one process on Linux, in MiB",
}


def table(headings: str, rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; its headings are separated by commas."""
    names = headings.split(", ")
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def quantities_table(quantities: Iterable[Quantity]) -> str:
    """Quantities with their unit and meaning."""
    rows = ([f"`{q.name}`", q.label, q.unit.named(), q.meaning] for q in quantities)
    return table("name, label, unit, meaning", rows)


def statuses_table() -> str:
    """How a command can end."""
    return table("status, meaning", ([status.value, status.meaning] for status in Status))


def limits_table() -> str:
    """What each limit is, and its default."""
    return table("variable, limit, default", ([f"`{name}`", LIMITS[name], f"{DEFAULTS[name]:,}"] for name in DEFAULTS))


def layouts_table() -> str:
    """Where each format of traces keeps what, one table for each."""
    parts = []
    for layout in LAYOUTS:
        rows = ([f"`{field}`", ", ".join(f"`{place}`" for place in places)] for field, places in layout.places.items())
        told = " or ".join(" and ".join(f"`{column}`" for column in sorted(columns)) for columns in layout.signatures)
        parts.append(f"### {layout.name}\n\nRecognized by the columns {told}.\n\n{table('field, column', rows)}")
    return "\n\n".join(parts)


def house() -> str:
    """The floors as the import contracts have them, each with the question that its docstring asks."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    floors = contracts[0]["layers"]
    width = max(len(name) for floor in floors for name in floor.split(" | "))
    lines = []
    for floor in floors:
        for name in floor.split(" | "):
            indent = " " * (width + 2)
            lines += textwrap.wrap(f"{name:<{width}}  {question(name)}", PAGE_WIDTH, subsequent_indent=indent)
    return "```text\n" + "\n".join(lines) + "\n```"


def question(name: str) -> str:
    """The first line of a module's or a package's docstring."""
    package = ROOT / "roi_xl" / name / "__init__.py"
    path = package if package.exists() else ROOT / "roi_xl" / f"{name}.py"
    return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").splitlines()[0]


TABLES: dict[str, Callable[[], str]] = {
    "inputs": lambda: quantities_table(INPUTS),
    "program": lambda: quantities_table(PROGRAM),
    "results": lambda: quantities_table(gives(formula) for formula in RESULTS),
    "statuses": statuses_table,
    "limits": limits_table,
    "layouts": layouts_table,
    "house": house,
}
"""Every generated table by the name in its markers."""

MARKED = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """A document with every table between its markers up to date."""
    return MARKED.sub(lambda match: f"{match[1]}\n{TABLES[match[2]]()}\n\n{match[3]}", text)


def commands() -> str:
    """Every command with its arguments and options."""
    lines = ["<!-- Written by `make generate` from the commands' own help. -->", "# Commands", ""]
    lines += ["`roi-xl COMMAND --help` says the same. How a command ends: [exit statuses](exit-statuses.md)."]
    for name, command in of_group(cli, "roi-xl"):
        lines += ["", f"## {name}", "", *described(name, command)]
    return "\n".join(lines) + "\n"


def of_group(group: click.Group, name: str) -> Iterable[tuple[str, click.Command]]:
    """Every command of a group, those of groups within it as well."""
    for key, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from of_group(command, f"{name} {key}")
        elif not command.hidden:
            yield f"{name} {key}", command


def described(name: str, command: click.Command) -> Iterable[str]:
    """What a command does, and a table of its options."""
    context = click.Context(command)
    yield f"```text\n{name} {' '.join(command.collect_usage_pieces(context))}\n```\n"
    yield re.sub(r"(?<!\n)\n(?!\n)", " ", inspect.cleandoc(command.help or "").replace("\b\n", ""))
    rows = []
    for option in command.params:
        record = option.get_help_record(context)
        if record and isinstance(option, click.Option):
            spelled, text = record
            rows.append([f"`{spelled}`".replace("|", "\\|"), text.replace("|", "\\|")])
    if rows:
        yield "\n" + table("option, meaning", rows)


def pages() -> dict[Path, str]:
    """Every page that is generated as a whole."""
    return {DOCS / path: text for path, text in function_pages.pages().items()} | {DOCS / "commands.md": commands()}


def write_pages() -> None:
    """Write pages and tables."""
    (DOCS / "functions").mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, "utf-8")
    for name in sessions.documents():
        (ROOT / name).write_text(with_tables(sessions.read(name)), "utf-8")


def write_workbooks() -> None:
    """Write workbook/."""
    CALCULATOR.write_text(page(), "utf-8")
    for name, (formulas, depth) in WORKBOOKS.items():
        roi_xl.build_template(ROOT / "workbook" / name, formulas=formulas, depth=depth)


def write_outputs() -> None:
    """Write what the commands in the documents print."""
    for path, text in sessions.refreshed():
        path.write_text(text, "utf-8")


PARTS = {"pages": write_pages, "workbooks": write_workbooks, "outputs": write_outputs}


def main() -> None:
    """Write the parts that are named, or everything."""
    for part in sys.argv[1:] or PARTS:
        PARTS[part]()


if __name__ == "__main__":
    main()
