"""What is a measure in another unit?

CONVERT's units by kind, each with what one of it is in the first unit of its kind, and
the prefixes of those that take them. Letter case counts.
"""

from dataclasses import dataclass

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import to_number, to_text
from roi_xl.excel.registry import function
from roi_xl.xlsx.sheet_cells import Value

INCH, POUND, CALORIE, BTU = 0.0254, 453.59237, 4.1868, 1055.05585262
FOOT, YARD, MILE, NAUTICAL = 12 * INCH, 36 * INCH, 63_360 * INCH, 1852.0
SURVEY_MILE, LIGHT_YEAR, PICA = 5280 * 1200 / 3937, 9.46073047258080e15, INCH / 6
POINT, FORCE, GRAVITY = INCH / 72, 4.4482216152605, 9.80665
DAY, YEAR = 86_400.0, 31_557_600.0
CUBIC_INCH = INCH**3 * 1000
GALLON, IMPERIAL = 231 * CUBIC_INCH, 4.54609
HORSEPOWER = 550 * FOOT * FORCE
ELECTRON = 1.602176487e-19
"""Of 2006, as the atomic mass; both have other values since."""

METRIC = {
    "Mass": {"g": 1.0, "u": 1.660538782e-24},
    "Length": {"m": 1.0, "ang": 1e-10, "ly": LIGHT_YEAR, "parsec": 3.08567758128155e16, "pc": 3.08567758128155e16},
    "Time": {"sec": 1.0, "s": 1.0},
    "Pressure": {"Pa": 1.0, "p": 1.0, "atm": 101_325.0, "at": 101_325.0, "mmHg": 133.322},
    "Force": {"N": 1.0, "dyn": 1e-5, "dy": 1e-5, "pond": GRAVITY / 1000},
    "Energy": {
        "J": 1.0,
        "e": 1e-7,
        "c": 4.184,
        "cal": CALORIE,
        "Wh": 3600.0,
        "wh": 3600.0,
        "eV": ELECTRON,
        "ev": ELECTRON,
    },
    "Power": {"W": 1.0, "w": 1.0},
    "Magnetism": {"T": 1.0, "ga": 1e-4},
    "Volume": {"l": 1.0, "L": 1.0, "lt": 1.0, "uk_pt": IMPERIAL / 8},
    "Speed": {"m/s": 1.0, "m/sec": 1.0, "m/h": 1 / 3600, "m/hr": 1 / 3600, "mph": MILE / 3600},
    "Information": {"bit": 1.0, "byte": 8.0},
    "Area": {"ar": 100.0},
}
"""Units that take prefixes."""

FIXED = {
    "Mass": {
        "sg": POUND * GRAVITY / FOOT,
        "lbm": POUND,
        "ozm": POUND / 16,
        "grain": POUND / 7000,
        "cwt": POUND * 100,
        "shweight": POUND * 100,
        "uk_cwt": POUND * 112,
        "lcwt": POUND * 112,
        "hweight": POUND * 112,
        "stone": POUND * 14,
        "ton": POUND * 2000,
        "uk_ton": POUND * 2240,
        "LTON": POUND * 2240,
        "brton": POUND * 2240,
    },
    "Length": {
        "mi": MILE,
        "Nmi": NAUTICAL,
        "in": INCH,
        "ft": FOOT,
        "yd": YARD,
        "ell": 45 * INCH,
        "Picapt": POINT,
        "Pica": POINT,
        "pica": PICA,
        "survey_mi": SURVEY_MILE,
    },
    "Time": {"yr": YEAR, "day": DAY, "d": DAY, "hr": 3600.0, "mn": 60.0, "min": 60.0},
    "Pressure": {"psi": FORCE / INCH**2, "Torr": 101_325 / 760},
    "Force": {"lbf": FORCE},
    "Energy": {
        "HPh": HORSEPOWER * 3600,
        "hh": HORSEPOWER * 3600,
        "flb": FOOT * FORCE,
        "BTU": BTU,
        "btu": BTU,
    },
    "Power": {"HP": HORSEPOWER, "h": HORSEPOWER, "PS": 75 * GRAVITY},
    "Volume": {
        "tsp": GALLON / 768,
        "tspm": 0.005,
        "tbs": GALLON / 256,
        "oz": GALLON / 128,
        "cup": GALLON / 16,
        "pt": GALLON / 8,
        "us_pt": GALLON / 8,
        "qt": GALLON / 4,
        "uk_qt": IMPERIAL / 4,
        "gal": GALLON,
        "uk_gal": IMPERIAL,
        "barrel": GALLON * 42,
        "bushel": 2150.42 * CUBIC_INCH,
        "GRT": 100_000 * FOOT**3,
        "regton": 100_000 * FOOT**3,
        "MTON": 40_000 * FOOT**3,
    },
    "Speed": {"admkn": 6080 * FOOT / 3600, "kn": NAUTICAL / 3600},
    "Area": {
        "uk_acre": 4840 * YARD**2,
        "us_acre": SURVEY_MILE**2 / 640,
        "ha": 10_000.0,
        "Morgen": 2500.0,
    },
}
"""Units that take none."""

POWERS = {
    "m": 1.0,
    "ang": 1e-10,
    "ly": LIGHT_YEAR,
    "mi": MILE,
    "Nmi": NAUTICAL,
    "in": INCH,
    "ft": FOOT,
    "yd": YARD,
    "Picapt": POINT,
    "Pica": POINT,
}
"""Lengths whose squares are areas and whose cubes are volumes, written as ft2 or ft^2."""

PREFIXES = {
    "Y": 24, "Z": 21, "E": 18, "P": 15, "T": 12, "G": 9, "M": 6, "k": 3, "h": 2, "da": 1, "e": 1, "d": -1, "c": -2,
    "m": -3, "u": -6, "n": -9, "p": -12, "f": -15, "a": -18, "z": -21, "y": -24,
}  # fmt: skip
BINARY = {"Yi": 80, "Zi": 70, "Ei": 60, "Pi": 50, "Ti": 40, "Gi": 30, "Mi": 20, "ki": 10}
TEMPERATURES = {
    "C": (1.0, 0.0),
    "cel": (1.0, 0.0),
    "F": (1.8, 32.0),
    "fah": (1.8, 32.0),
    "K": (1.0, 273.15),
    "kel": (1.0, 273.15),
    "Rank": (1.8, 491.67),
    "Reau": (0.8, 0.0),
}
"""How many degrees a kelvin is, and how many they are where water freezes."""
TEMPERATURES |= {
    prefix + name: (10.0**-power, 273.15 * 10.0**-power) for name in ("K", "kel") for prefix, power in PREFIXES.items()
}


@dataclass(frozen=True)
class Unit:
    """A unit: its kind, and how many of its kind's first unit one of it is."""

    kind: str
    size: float


def all_units() -> dict[str, Unit]:
    """Every unit by its name, those with a prefix too; a name without a prefix comes first."""
    found: dict[str, Unit] = {}
    for kind, units in METRIC.items():
        for name, size in units.items():
            found |= {prefix + name: Unit(kind, size * 10.0**power) for prefix, power in PREFIXES.items()}
    for name, size in METRIC["Information"].items():
        found |= {prefix + name: Unit("Information", size * 2.0**power) for prefix, power in BINARY.items()}
    for name, size in POWERS.items():
        for kind, power, scale in (("Area", 2, 1.0), ("Volume", 3, 1000.0)):
            found |= {f"{name}{mark}{power}": Unit(kind, size**power * scale) for mark in ("", "^")}
    for table in (METRIC, FIXED):
        for kind, units in table.items():
            found |= {name: Unit(kind, size) for name, size in units.items()}
    return found | prefixed_powers()


def prefixed_powers() -> dict[str, Unit]:
    """Squares and cubes of lengths with a prefix, which counts as often as the length does: km2 is a million m2."""
    return {
        f"{prefix}{name}{mark}{power}": Unit(kind, (10.0**exponent * size) ** power * scale)
        for name, size in (("m", 1.0), ("ang", 1e-10))
        for prefix, exponent in PREFIXES.items()
        for kind, power, scale in (("Area", 2, 1.0), ("Volume", 3, 1000.0))
        for mark in ("", "^")
    }


UNITS = all_units()


@function("CONVERT")
def convert(number: Value, source: Value, target: Value) -> float:
    """CONVERT: #N/A for a unit that is unknown or of another kind."""
    value, one, other = to_number(number), to_text(source), to_text(target)
    if one in TEMPERATURES and other in TEMPERATURES:
        return in_degrees(value, one, other)
    known, wanted = UNITS.get(one), UNITS.get(other)
    if known is None or wanted is None or known.kind != wanted.kind:
        raise NoAnswer(ExcelError.NA)
    return value * known.size / wanted.size


def in_degrees(value: float, source: str, target: str) -> float:
    """A temperature in other degrees."""
    if source == target:
        return value
    (degrees, freezing), (wanted, start) = TEMPERATURES[source], TEMPERATURES[target]
    return (value - freezing) / degrees * wanted + start
