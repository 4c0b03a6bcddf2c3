"""How does a result move with one input, all else as in the reference case? A chart of some functions, as SVG."""

import math
from dataclasses import dataclass
from html import escape

from roi_xl.catalog import CATALOG
from roi_xl.describe import gives, takes
from roi_xl.quantities import MODEL_INPUTS, QUANTITIES, Quantity, Unit

MOVED = {
    "ROI_MONTHLY_NET_SAVINGS": ("monthly_requests", 0, 200_000),
    "ROI_BREAKEVEN_MONTHS": ("monthly_requests", 40_000, 240_000),
    "ROI_BREAKEVEN_REQUESTS": ("fine_tuned_cost_per_request", 0.005, 0.0175),
    "ROI_NET_BENEFIT": ("months", 0, 25),
    "ROI_PERCENT": ("months", 4, 24),
    "ROI_BREAKEVEN_VOLUME": ("training_cost", 0, 10_000),
    "ROI_NPV": ("discount_rate", 0, 1),
    "ROI_PAYBACK": ("request_growth", -0.1, 0.15),
}
"""The input that each chart moves, from where to where."""

POINTS, TICKS = 61, 5
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 300, 84, 16, 40, 48
INK, RULE, LINE = "#444", "#ddd", "#1f3864"


@dataclass(frozen=True)
class Axis:
    """Numbers between two ends, and where they stand."""

    low: float
    high: float
    start: float
    end: float
    unit: Unit

    def place(self, value: float) -> float:
        """Where a number stands."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Evenly spread numbers, the ends among them."""
        return [self.low + (self.high - self.low) * step / TICKS for step in range(TICKS + 1)]

    def shown(self, value: float) -> str:
        """A number beside the axis, with as many decimals as it needs."""
        return f"{value * 100:,.6g}%" if self.unit.percent else f"{value:,.9g}"


def charts() -> dict[str, str]:
    """Every chart by its path below docs/."""
    return {f"functions/{CATALOG[name].__name__}.svg": chart(name) for name in MOVED}


def told(name: str) -> str:
    """What a function's chart shows, in words."""
    moved = QUANTITIES[MOVED[name][0]]
    return f"{gives(CATALOG[name]).label} by {moved.label.lower()}, all else as in the reference case"


def chart(name: str) -> str:
    """One chart: the result of a function over the values of one input."""
    moved, low, high = MOVED[name]
    points = [(x, result(name, moved, x)) for x in (low + (high - low) * step / (POINTS - 1) for step in range(POINTS))]
    known = [(x, y) for x, y in points if math.isfinite(y)]
    bottom, top = rounded(min(0, *(y for _, y in known)), max(y for _, y in known))
    across = Axis(low, high, LEFT, WIDTH - RIGHT, QUANTITIES[moved].unit)
    upward = Axis(bottom, top, HEIGHT - BOTTOM, TOP, gives(CATALOG[name]).unit)
    line = " ".join(f"{across.place(x):.1f},{upward.place(y):.1f}" for x, y in known)
    body = [*grid(across, upward), f'<polyline points="{line}" fill="none" stroke="{LINE}" stroke-width="2.5"/>']
    body.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "middle", axis_title(QUANTITIES[moved])))
    return "\n".join([*head(told(name)), *body, "</svg>", ""])


def axis_title(quantity: Quantity) -> str:
    """What an axis shows, with its unit."""
    return f"{quantity.label} ({quantity.unit.named()})"


def result(name: str, moved: str, value: float) -> float:
    """What a function gives for the reference case with another value of one input."""
    case = {quantity.name: quantity.default for quantity in MODEL_INPUTS} | {moved: value}
    formula = CATALOG[name]
    return float(formula(**{taken.quantity.name: case[taken.quantity.name] for taken in takes(formula)}))


def rounded(low: float, high: float) -> tuple[float, float]:
    """Ends of an axis around some numbers, so that its ticks are round."""
    size = (high - low) / TICKS
    step = next(
        digit * power for power in (10.0**n for n in range(-9, 12)) for digit in (1, 2, 2.5, 5) if digit * power >= size
    )
    bottom = math.floor(low / step) * step
    return bottom, max(bottom + TICKS * step, math.ceil(high / step) * step)


def head(title: str) -> list[str]:
    """The opening of a chart, with its title for those who do not see it."""
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#fff"/>',
    ]


def grid(across: Axis, upward: Axis) -> list[str]:
    """The rules of both axes with their numbers."""
    found = []
    for value in upward.ticks():
        y = upward.place(value)
        found.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}"/>')
        found.append(text(LEFT - 8, y + 4, "end", upward.shown(value)))
    return found + [
        text(across.place(value), HEIGHT - BOTTOM + 18, "middle", across.shown(value)) for value in across.ticks()
    ]


def text(x: float, y: float, anchor: str, said: str) -> str:
    """A piece of text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}">{escape(said)}</text>'
