"""Render the README's pictures: the workbooks by LibreOffice to PDF, then to PNG; the calculator by Chromium."""

import shutil
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

OPTIONS = "months=24&discount_rate=0.1&ramp_months=3&retraining_cost=900&retraining_interval=6"
"""What is changed in the picture of the calculator."""


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
    chromium = shutil.which("chromium-headless-shell") or "chromium"
    picture = [
        "--headless",
        "--no-sandbox",
        "--window-size=1200,780",
        f"--screenshot={ROOT / 'docs' / 'calculator.png'}",
    ]
    page = (ROOT / "workbook" / "calculator.html").as_uri()
    subprocess.run([chromium, *picture, f"{page}#{OPTIONS}"], check=True)


if __name__ == "__main__":
    main()
