"""Write all generated text: the README's tables, and the workbooks and the calculator in workbook/."""

import re
import sys
from pathlib import Path

import roi_xl
from roi_xl.addins.calculator import page
from roi_xl.catalog import CATALOG
from roi_xl.describe import gives, summary, takes
from roi_xl.functions.outcome import RESULTS
from roi_xl.quantities import INPUTS, PROGRAMME, Quantity
from roi_xl.template.build import Depth
from roi_xl.template.formulas import Formulas

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
CALCULATOR = ROOT / "workbook" / "calculator.html"
WORKBOOKS: dict[str, tuple[Formulas, Depth]] = {
    "fine-tuning-roi.xlsx": ("native", "quick"),
    "fine-tuning-roi-full.xlsx": ("native", "full"),
    "fine-tuning-roi-functions.xlsx": ("functions", "quick"),
    "fine-tuning-roi-excel365.xlsx": ("lambda", "quick"),
}


def functions_table() -> str:
    """Every function, what it answers, and what it takes."""
    rows = ["| function | what it gives | arguments |", "| --- | --- | --- |"]
    for name, formula in CATALOG.items():
        arguments = [f"[{p.quantity.name}]" if p.optional else p.quantity.name for p in takes(formula)]
        rows.append(f"| `{name}` | {summary(formula)} | {', '.join(arguments)} |")
    return "\n".join(rows)


def quantities_table(quantities: tuple[Quantity, ...]) -> str:
    """Quantities with their unit and meaning."""
    rows = ["| name | label | unit | meaning |", "| --- | --- | --- | --- |"]
    rows += [f"| `{q.name}` | {q.label} | {q.unit.named()} | {q.meaning} |" for q in quantities]
    return "\n".join(rows)


def tables() -> dict[str, str]:
    """Every generated table of the README, by the name in its markers."""
    return {
        "functions": functions_table(),
        "inputs": quantities_table(INPUTS),
        "programme": quantities_table(PROGRAMME),
        "results": quantities_table(tuple(gives(formula) for formula in RESULTS)),
    }


def with_tables(readme: str) -> str:
    """The README with every table between its markers up to date."""
    for name, table in tables().items():
        pattern = rf"(<!-- generated: {name} -->\n).*?(<!-- end: {name} -->)"
        readme, count = re.subn(pattern, lambda m, t=table: f"{m[1]}\n{t}\n\n{m[2]}", readme, flags=re.DOTALL)
        if count != 1:
            sys.exit(f"README.md has {count} tables named {name}")
    return readme


def main() -> None:
    """Write everything."""
    README.write_text(with_tables(README.read_text("utf-8")), "utf-8")
    CALCULATOR.write_text(page(), "utf-8")
    for name, (formulas, depth) in WORKBOOKS.items():
        roi_xl.build_template(ROOT / "workbook" / name, formulas=formulas, depth=depth)


if __name__ == "__main__":
    main()
