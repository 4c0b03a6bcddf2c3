"""Render the manual's pictures: the workbooks by LibreOffice to PDF, then to PNG; the calculator by Chromium."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from roi_xl.engines.libreoffice import convert

ROOT = Path(__file__).resolve().parent.parent
QUICK, FULL = "fine-tuning-roi.xlsx", "fine-tuning-roi-full.xlsx"


class Picture(NamedTuple):
    """A part of a printed page: its workbook, how the page begins, and what of it, in dots."""

    workbook: str
    title: str
    height: int
    left: int = 30
    width: int = 1160
    dots: int = 105


PICTURES = {
    "summary": Picture(QUICK, "Does fine-tuning pay", 790),
    "inputs": Picture(QUICK, "Inputs", 700),
    "outputs": Picture(QUICK, "Outputs", 620),
    "cash-flow": Picture(QUICK, "Cash flow", 320),
    "checks": Picture(QUICK, "Checks", 640, left=40, width=830),
    "options": Picture(FULL, "Options", 640),
    "sensitivity": Picture(FULL, "Sensitivity", 730),
    "scenarios": Picture(FULL, "Scenarios", 700),
    "risk": Picture(FULL, "Result ", 620),
}


OPTIONS = "months=24&discount_rate=0.1&ramp_months=3&retraining_cost=900&retraining_interval=6"
"""What is changed in the picture of the calculator."""


def page_of(pdf: Path, title: str) -> int:
    """The first page with a title in its first lines: above it there may be a link to the contents."""
    text = subprocess.run(["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True).stdout
    heads = [page.strip().splitlines()[:3] for page in text.split("\f")]
    return next(number for number, head in enumerate(heads, 1) if any(one.strip().startswith(title) for one in head))


def main() -> None:
    """Write docs/summary.png and its like."""
    with tempfile.TemporaryDirectory() as folder:
        printed = {
            name: convert(ROOT / "workbook" / name, "pdf", Path(folder), recalculate=False) for name in (QUICK, FULL)
        }
        for name, picture in PICTURES.items():
            pdf, dots = printed[picture.workbook], str(picture.dots)
            page = str(page_of(pdf, picture.title))
            top = str(60 * picture.dots // 105)
            crop = ["-x", str(picture.left), "-y", top, "-W", str(picture.width), "-H", str(picture.height)]
            only = ["-singlefile", "-r", dots, "-f", page, "-l", page]
            subprocess.run(["pdftoppm", "-png", *only, *crop, pdf, ROOT / "docs" / name], check=True)
    picture_of_the_calculator()


def picture_of_the_calculator() -> None:
    """Write docs/calculator.png."""
    chromium = shutil.which("chromium-headless-shell") or "chromium"
    target = ROOT / "docs" / "calculator.png"
    picture = ["--headless", "--no-sandbox", "--window-size=1200,780", f"--screenshot={target}"]
    page = (ROOT / "workbook" / "calculator.html").as_uri()
    subprocess.run([chromium, *picture, f"{page}#{OPTIONS}"], check=True)


if __name__ == "__main__":
    main()
