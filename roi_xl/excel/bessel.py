"""What are Bessel's functions of a whole order, as Excel approximates them?

Excel gives the polynomials and rational functions of order 0 and 1 that handbooks print for
single precision (eight digits), and steps from them to higher orders. Its answers are these,
so that BESSELJ(0,0) is 1.0000000028; an exact function would differ from the ninth digit on.
"""

import math
from collections.abc import Callable, Sequence

from roi_xl.errors import CannotVectorise
from roi_xl.excel.coercion import to_number, to_whole
from roi_xl.excel.math import refused
from roi_xl.excel.registry import function
from roi_xl.xlsx.sheet_cells import Value

TO_BEGIN = 40
"""How far above the order a step downwards begins: the square root of its multiple."""
LARGE, MOST_STEPS = 1e10, 1_000
BEYOND = 8
"""From where on other forms hold; Excel's for J are not known to us."""


def polynomial(x: float, coefficients: Sequence[float]) -> float:
    """A polynomial, its constant first."""
    value = 0.0
    for coefficient in reversed(coefficients):
        value = value * x + coefficient
    return value


J_SMALL = (
    (
        (57568490574.0, -13362590354.0, 651619640.7, -11214424.18, 77392.33017, -184.9052456),
        (57568490411.0, 1029532985.0, 9494680.718, 59272.64853, 267.8532712, 1.0),
    ),
    (
        (72362614232.0, -7895059235.0, 242396853.1, -2972611.439, 15704.48260, -30.16036606),
        (144725228442.0, 2300535178.0, 18583304.74, 99447.43394, 376.9991397, 1.0),
    ),
)
"""Numerator and denominator in x²; that of order 1 times x."""
Y_SMALL = (
    (
        (-2957821389.0, 7062834065.0, -512359803.6, 10879881.29, -86327.92757, 228.4622733),
        (40076544269.0, 745249964.8, 7189466.438, 47447.26470, 226.1030244, 1.0),
    ),
    (
        (-0.4900604943e13, 0.1275274390e13, -0.5153438139e11, 0.7349264551e9, -0.4237922726e7, 0.8511937935e4),
        (0.2499580570e14, 0.4244419664e12, 0.3733650367e10, 0.2245904002e8, 0.1020426050e6, 0.3549632885e3, 1.0),
    ),
)
AWAY = (
    (
        (1.0, -0.1098628627e-2, 0.2734510407e-4, -0.2073370639e-5, 0.2093887211e-6),
        (-0.1562499995e-1, 0.1430488765e-3, -0.6911147651e-5, 0.7621095161e-6, -0.934935152e-7),
    ),
    (
        (1.0, 0.183105e-2, -0.3516396496e-4, 0.2457520174e-5, -0.240337019e-6),
        (0.04687499995, -0.2002690873e-3, 0.8449199096e-5, -0.88228987e-6, 0.105787412e-6),
    ),
)
"""Beyond 8: the parts in and out of phase, in (8/x)²."""
I_SMALL = (
    (1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.360768e-1, 0.45813e-2),
    (0.5, 0.87890594, 0.51498869, 0.15084934, 0.2658733e-1, 0.301532e-2, 0.32411e-3),
)
I_LARGE = (
    (
        0.39894228, 0.1328592e-1, 0.225319e-2, -0.157565e-2, 0.916281e-2,
        -0.2057706e-1, 0.2635537e-1, -0.1647633e-1, 0.392377e-2,
    ),
    (
        0.39894228, -0.3988024e-1, -0.362018e-2, 0.163801e-2, -0.1031555e-1,
        0.2282967e-1, -0.2895312e-1, 0.1787654e-1, -0.420059e-2,
    ),
)  # fmt: skip
K_SMALL = (
    (-0.57721566, 0.42278420, 0.23069756, 0.3488590e-1, 0.262698e-2, 0.10750e-3, 0.74e-5),
    (1.0, 0.15443144, -0.67278579, -0.18156897, -0.1919402e-1, -0.110404e-2, -0.4686e-4),
)
K_LARGE = (
    (1.25331414, -0.7832358e-1, 0.2189568e-1, -0.1062446e-1, 0.587872e-2, -0.251540e-2, 0.53208e-3),
    (1.25331414, 0.23498619, -0.3655620e-1, 0.1504268e-1, -0.780353e-2, 0.325614e-2, -0.68245e-3),
)


def away(x: float, order: int, wave: Callable[[float], float], other: Callable[[float], float], sign: int) -> float:
    """J or Y beyond 8: a wave that fades."""
    z = 8 / x
    phase = x - (0.785398164, 2.356194491)[order]
    along, across = (polynomial(z * z, coefficients) for coefficients in AWAY[order])
    return math.sqrt(0.636619772 / x) * (wave(phase) * along + sign * z * other(phase) * across)


def j(x: float, order: int) -> float:
    """J of order 0 or 1, below 8."""
    above, below = J_SMALL[order]
    return (x if order else 1) * polynomial(x * x, above) / polynomial(x * x, below)


def y(x: float, order: int) -> float:
    """Y of order 0 or 1."""
    if x >= 8:
        return away(x, order, math.sin, math.cos, 1)
    above, below = Y_SMALL[order]
    ratio = (x if order else 1) * polynomial(x * x, above) / polynomial(x * x, below)
    return ratio + 0.636619772 * (j(x, order) * math.log(x) - (1 / x if order else 0))


def i(x: float, order: int) -> float:
    """I of order 0 or 1."""
    size = abs(x)
    if size < 3.75:
        return (x if order else 1) * polynomial((x / 3.75) ** 2, I_SMALL[order])
    value = math.exp(size) / math.sqrt(size) * polynomial(3.75 / size, I_LARGE[order])
    return -value if order and x < 0 else value


def k(x: float, order: int) -> float:
    """K of order 0 or 1."""
    if x > 2:
        return math.exp(-x) / math.sqrt(x) * polynomial(2 / x, K_LARGE[order])
    series = polynomial(x * x / 4, K_SMALL[order])
    if order:
        return math.log(x / 2) * i(x, 1) + series / x
    return series - math.log(x / 2) * i(x, 0)


def upwards(x: float, order: int, first: Callable[[float, int], float], sign: int) -> float:
    """A higher order from 0 and 1: each from the two before it."""
    before, value = first(x, 0), first(x, 1)
    for step in range(1, order):
        before, value = value, step * (2 / x) * value + sign * before
    return value


def downwards(x: float, order: int, begin: int, sign: int) -> tuple[float, float, float]:
    """From far above down to 0: what stands at the order, at 0, and the sum of the even ones, to one scale."""
    after, value, found, even = 0.0, 1.0, 0.0, 0.0
    for step in range(begin, 0, -1):
        after, value = value, step * (2 / x) * value + sign * after
        if abs(value) > LARGE:
            after, value, found, even = (part / LARGE for part in (after, value, found, even))
        if step % 2:
            even += value
        if step == order:
            found = after
    return found, value, even


def order_of(n: Value) -> int:
    """A whole order of at least 0."""
    order = to_whole(n)
    refused(not 0 <= order <= MOST_STEPS)
    return order


@function("BESSELJ")
def bessel_j(x: Value, n: Value) -> float:
    """BESSELJ."""
    at, order = to_number(x), order_of(n)
    if abs(at) >= BEYOND:
        raise CannotVectorise(f"BESSELJ from {BEYOND} on")
    if order < 2 or at == 0:
        return j(at, order) if order < 2 else 0.0
    size = abs(at)
    if size > order:
        value = upwards(size, order, j, -1)
    else:
        begin = 2 * ((order + int(math.sqrt(TO_BEGIN * order))) // 2)
        found, first, even = downwards(size, order, begin, -1)
        value = found / (2 * even - first)
    return -value if at < 0 and order % 2 else value


@function("BESSELI")
def bessel_i(x: Value, n: Value) -> float:
    """BESSELI."""
    at, order = to_number(x), order_of(n)
    if order < 2 or at == 0:
        return i(at, order) if order < 2 else 0.0
    begin = 2 * (order + int(math.sqrt(TO_BEGIN * order)))
    found, first, _ = downwards(abs(at), order, begin, 1)
    value = found * i(at, 0) / first
    return -value if at < 0 and order % 2 else value


def second_kind(first: Callable[[float, int], float], sign: int) -> Callable[[Value, Value], float]:
    """BESSELY or BESSELK: of numbers above 0 only."""

    def bessel(x: Value, n: Value) -> float:
        at, order = to_number(x), order_of(n)
        refused(at <= 0)
        return upwards(at, order, first, sign) if order else first(at, 0)

    return bessel


function("BESSELY")(second_kind(y, -1))
function("BESSELK")(second_kind(k, 1))
