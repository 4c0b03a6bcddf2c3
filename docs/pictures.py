"""Render the README's pictures from the workbooks: LibreOffice to PDF, then to PNG."""

import subprocess
import tempfile
from pathlib import Path

from roi_xl.engines.libreoffice import convert

ROOT = Path(__file__).resolve().parent.parent
QUICK, FULL = "fine-tuning-roi.xlsx", "fine-tuning-roi-full.xlsx"
PICTURES = {
    "summary": (QUICK, 1, 790),
    "inputs": (QUICK, 2, 700),
    "sensitivity": (FULL, 16, 660),
    "risk": (FULL, 20, 620),
}
"""The workbook, page and height of each picture."""


def main() -> None:
    """Write docs/summary.png and its like."""
    with tempfile.TemporaryDirectory() as folder:
        printed = {
            name: convert(ROOT / "workbook" / name, "pdf", Path(folder), recalculate=False) for name in (QUICK, FULL)
        }
        for name, (workbook, page, height) in PICTURES.items():
            crop = ["-x", "30", "-y", "60", "-W", "1160", "-H", str(height)]
            only = ["-singlefile", "-r", "105", "-f", str(page), "-l", str(page)]
            subprocess.run(["pdftoppm", "-png", *only, *crop, printed[workbook], ROOT / "docs" / name], check=True)


if __name__ == "__main__":
    main()
