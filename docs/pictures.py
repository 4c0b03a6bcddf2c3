"""Render the README's pictures from the workbook: LibreOffice to PDF, then to PNG."""

import subprocess
import tempfile
from pathlib import Path

from roi_xl.recalc.office import convert

ROOT = Path(__file__).resolve().parent.parent
PAGES = {"summary": 1, "inputs": 2}


def main() -> None:
    """Write docs/summary.png and docs/inputs.png."""
    with tempfile.TemporaryDirectory() as folder:
        pdf = convert(ROOT / "workbook" / "fine-tuning-roi.xlsx", "pdf", Path(folder), recalculate=False)
        for name, page in PAGES.items():
            crop = ["-x", "30", "-y", "60", "-W", "1160", "-H", "660" if name == "summary" else "430"]
            only = ["-singlefile", "-r", "105", "-f", str(page), "-l", str(page)]
            subprocess.run(["pdftoppm", "-png", *only, *crop, pdf, ROOT / "docs" / name], check=True)


if __name__ == "__main__":
    main()
