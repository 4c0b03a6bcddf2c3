"""What our functions cost in LibreOffice Calc, as ratios to a function that returns a constant.

    python benchmarks/calc.py

10,000 calls cell by cell, and one call over 10,000 rows: each with the extension as it is
built, and with one whose component answers without looking at its arguments. Needs
LibreOffice and the system's python3-uno.
"""

import json
import subprocess
import tempfile
import zipfile
from pathlib import Path

from roi_xl.addins import calc

SESSION = Path(__file__).resolve().parent.parent / "tests" / "calc_session.py"
ROWS, ROUNDS = 10_000, 5
FORMULA = "=ROI_PERCENT(2500;100;0.02;0.012;{row};12)"
BARE = """
    def call(self, *arguments):
        rows = arguments[4]
        return tuple((1.0,) for _ in rows) if isinstance(rows, tuple) else ((1.0,),)

    return call


class Functions("""


def bare(extension: Path, target: Path) -> None:
    """The extension with a component that answers at once."""
    with zipfile.ZipFile(extension) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name == calc.COMPONENT:
                before, _, rest = text.partition("\n    def call(self, *arguments):")
                text = before + BARE + rest.partition("class Functions(")[2]
            new.writestr(name, text)


def seconds(extension: Path) -> list[float]:
    """How long the calls take, cell by cell and at once."""
    steps = [{"rows": ROWS, "rounds": ROUNDS, "formula": FORMULA, "array": array} for array in (False, True)]
    done = subprocess.run(
        ["/usr/bin/python3", str(SESSION)],
        input=json.dumps({"extension": str(extension), "steps": steps}),
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin"},
    )
    return [json.loads(line)["seconds"] for line in done.stdout.splitlines()]


def main() -> None:
    """Print a row for each way to call."""
    with tempfile.TemporaryDirectory() as folder:
        ours, constant = Path(folder, calc.FILE_NAME), Path(folder, "constant.oxt")
        calc.build(ours)
        bare(ours, constant)
        mine, other = seconds(ours), seconds(constant)
    print("| measured | ours | a constant | ratio | to reach |\n| --- | --- | --- | --- | --- |")
    for what, a, b in zip(("10,000 calls, cell by cell", "one call over 10,000 rows"), mine, other, strict=True):
        print(f"| {what} | {a:.3f} s | {b:.3f} s | {a / b:.2f} | at most 1.3 |")


if __name__ == "__main__":
    main()
