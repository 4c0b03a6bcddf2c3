"""How significant is a sample: chi-squared, t, F, gamma and beta, and the tests that use them?

The incomplete gamma and beta functions come from SciPy, which is an extra; without it
these functions are left to the engine.
"""

import math
from typing import Any

from roi_xl.errors import CannotVectorise, ExcelError
from roi_xl.excel.coercion import numbers_of, to_number, to_truth, to_whole
from roi_xl.excel.finding import rows_of
from roi_xl.excel.math import refused
from roi_xl.excel.registry import ARRAY, ONE, RANGE, function
from roi_xl.excel.statistics import Numbers, deviations, mean, pairs_of
from roi_xl.xlsx.sheet_cells import Value

MOST_FREEDOM = 1e10


def special() -> Any:
    """SciPy's special functions."""
    try:
        import scipy.special
    except ImportError:
        raise CannotVectorise("SciPy is not installed") from None
    return scipy.special


def freedom_of(value: Value) -> int:
    """Degrees of freedom, at least one."""
    count = to_whole(value)
    refused(not 1 <= count <= MOST_FREEDOM)
    return count


def from_zero(value: Value) -> float:
    """A number of at least 0."""
    number = to_number(value)
    refused(number < 0)
    return number


def above_zero(value: Value) -> float:
    """A number above 0."""
    number = to_number(value)
    refused(number <= 0)
    return number


def share_of(value: Value, *, least_counts: bool = False, most_counts: bool = False) -> float:
    """A probability: whether 0 and 1 count is for each function to say."""
    share = to_number(value)
    refused(share < 0 or share > 1 or (share == 0 and not least_counts) or (share == 1 and not most_counts))
    return share


# gamma and chi-squared


@function("GAMMA.DIST", "GAMMADIST")
def gamma_distribution(x: Value, shape: Value, scale: Value, cumulative: Value) -> float:
    """GAMMA.DIST."""
    value, a, b = from_zero(x), above_zero(shape), above_zero(scale)
    if to_truth(cumulative):
        return float(special().gammainc(a, value / b))
    if value == 0:
        refused(a < 1)
        return 1 / b if a == 1 else 0.0
    return math.exp((a - 1) * math.log(value / b) - value / b - math.lgamma(a)) / b


@function("GAMMA.INV", "GAMMAINV")
def gamma_inverse(share: Value, shape: Value, scale: Value) -> float:
    """GAMMA.INV."""
    part, a, b = share_of(share, least_counts=True), above_zero(shape), above_zero(scale)
    return float(special().gammaincinv(a, part) * b)


@function("CHISQ.DIST")
def chi_squared(x: Value, freedom: Value, cumulative: Value) -> float:
    """CHISQ.DIST."""
    return gamma_distribution(x, freedom_of(freedom) / 2, 2.0, cumulative)


@function("CHISQ.DIST.RT", "CHIDIST")
def chi_squared_right(x: Value, freedom: Value) -> float:
    """CHISQ.DIST.RT."""
    value, count = from_zero(x), freedom_of(freedom)
    return float(special().gammaincc(count / 2, value / 2))


@function("CHISQ.INV")
def chi_squared_inverse(share: Value, freedom: Value) -> float:
    """CHISQ.INV."""
    part, count = share_of(share, least_counts=True), freedom_of(freedom)
    return float(special().gammaincinv(count / 2, part) * 2)


@function("CHISQ.INV.RT", "CHIINV")
def chi_squared_right_inverse(share: Value, freedom: Value) -> float:
    """CHISQ.INV.RT."""
    part, count = share_of(share, most_counts=True), freedom_of(freedom)
    return float(special().gammainccinv(count / 2, part) * 2)


@function("CHISQ.TEST", "CHITEST", wants=(ARRAY,))
def chi_squared_test(actual: Any, expected: Any) -> float:
    """CHISQ.TEST: how likely it is that counts differ so much from those expected."""
    rows = rows_of(actual)
    height, width = len(rows), len(rows[0])
    refused(
        (height, width) != (len(rows_of(expected)), len(rows_of(expected)[0])) or height * width == 1, ExcelError.NA
    )
    found, wanted = pairs_of(actual, expected)
    refused(min(wanted) < 0)
    gap = math.fsum((a - e) ** 2 / e for a, e in zip(found, wanted, strict=True))
    freedom = (height - 1) * (width - 1) if min(height, width) > 1 else height * width - 1
    return chi_squared_right(gap, freedom)


# t


@function("T.DIST")
def t_distribution(x: Value, freedom: Value, cumulative: Value) -> float:
    """T.DIST."""
    value, count = to_number(x), freedom_of(freedom)
    if to_truth(cumulative):
        return float(special().stdtr(count, value))
    size = math.lgamma((count + 1) / 2) - math.lgamma(count / 2) - math.log(count * math.pi) / 2
    return math.exp(size - (count + 1) / 2 * math.log1p(value * value / count))


@function("T.DIST.RT")
def t_right(x: Value, freedom: Value) -> float:
    """T.DIST.RT."""
    return float(special().stdtr(freedom_of(freedom), -to_number(x)))


@function("T.DIST.2T")
def t_both(x: Value, freedom: Value) -> float:
    """T.DIST.2T."""
    return 2 * t_right(from_zero(x), freedom)


@function("TDIST")
def t_tails(x: Value, freedom: Value, tails: Value) -> float:
    """TDIST: of one tail or two."""
    count = to_whole(tails)
    refused(count not in (1, 2))
    return count * t_right(from_zero(x), freedom)


@function("T.INV")
def t_inverse(share: Value, freedom: Value) -> float:
    """T.INV."""
    return float(special().stdtrit(freedom_of(freedom), share_of(share)))


@function("T.INV.2T", "TINV")
def t_both_inverse(share: Value, freedom: Value) -> float:
    """T.INV.2T."""
    part, count = share_of(share, most_counts=True), freedom_of(freedom)
    return abs(float(special().stdtrit(count, part / 2)))


@function("CONFIDENCE.T")
def confidence_t(alpha: Value, deviation: Value, size: Value) -> float:
    """CONFIDENCE.T."""
    share, spread, count = share_of(alpha), above_zero(deviation), to_whole(size)
    refused(count < 1)
    refused(count == 1, ExcelError.DIV0)
    return t_both_inverse(share, count - 1) * spread / math.sqrt(count)


@function("T.TEST", "TTEST", wants=(ARRAY, ARRAY, ONE, ONE))
def t_test(one: Any, other: Any, tails: Value, kind: Value) -> float:
    """T.TEST: paired (1), of equal (2) or of unequal variance (3)."""
    sides, which = to_whole(tails), to_whole(kind)
    refused(sides not in (1, 2) or which not in (1, 2, 3))
    if which == 1:
        gap, freedom = paired(*pairs_of(one, other))
    else:
        gap, freedom = unpaired(numbers_of(rows_of(one)), numbers_of(rows_of(other)), equal=which == 2)
    return sides * float(special().stdtr(freedom, -abs(gap)))


def paired(a: Numbers, b: Numbers) -> tuple[float, float]:
    """The t of pairs, and its degrees of freedom."""
    refused(len(a) < 2, ExcelError.DIV0)
    gaps = [x - y for x, y in zip(a, b, strict=True)]
    return mean(gaps) / math.sqrt(deviations(gaps) / (len(gaps) - 1) / len(gaps)), len(gaps) - 1


def unpaired(a: Numbers, b: Numbers, equal: bool) -> tuple[float, float]:
    """The t of two samples, and its degrees of freedom."""
    refused(min(len(a), len(b)) < 2, ExcelError.DIV0)
    n, m = len(a), len(b)
    if equal:
        pooled = (deviations(a) + deviations(b)) / (n + m - 2)
        return (mean(a) - mean(b)) / math.sqrt(pooled * (1 / n + 1 / m)), n + m - 2
    one, two = deviations(a) / (n - 1) / n, deviations(b) / (m - 1) / m
    freedom = (one + two) ** 2 / (one * one / (n - 1) + two * two / (m - 1))
    return (mean(a) - mean(b)) / math.sqrt(one + two), freedom


# F


@function("F.DIST")
def f_distribution(x: Value, upper: Value, lower: Value, cumulative: Value) -> float:
    """F.DIST."""
    value, a, b = from_zero(x), freedom_of(upper), freedom_of(lower)
    if to_truth(cumulative):
        return float(special().fdtr(a, b, value))
    refused(value == 0)
    size = math.lgamma((a + b) / 2) - math.lgamma(a / 2) - math.lgamma(b / 2) + a / 2 * math.log(a / b)
    return math.exp(size + (a / 2 - 1) * math.log(value) - (a + b) / 2 * math.log1p(a * value / b))


@function("F.DIST.RT", "FDIST")
def f_right(x: Value, upper: Value, lower: Value) -> float:
    """F.DIST.RT."""
    return float(special().fdtrc(freedom_of(upper), freedom_of(lower), from_zero(x)))


@function("F.INV")
def f_inverse(share: Value, upper: Value, lower: Value) -> float:
    """F.INV."""
    part = share_of(share, least_counts=True)
    return float(special().fdtri(freedom_of(upper), freedom_of(lower), part))


@function("F.INV.RT", "FINV")
def f_right_inverse(share: Value, upper: Value, lower: Value) -> float:
    """F.INV.RT: by the other end, where small shares keep their digits."""
    part, a, b = share_of(share, most_counts=True), freedom_of(upper), freedom_of(lower)
    if part == 1:
        return 0.0
    return 1 / float(special().fdtri(b, a, part))


@function("F.TEST", "FTEST", wants=(RANGE,))
def f_test(one: Any, other: Any) -> float:
    """F.TEST: how likely it is that two variances differ so much."""
    a, b = numbers_of(rows_of(one)), numbers_of(rows_of(other))
    refused(min(len(a), len(b)) < 2, ExcelError.DIV0)
    first, second = deviations(a) / (len(a) - 1), deviations(b) / (len(b) - 1)
    refused(first == 0 or second == 0, ExcelError.DIV0)
    right = f_right(first / second, len(a) - 1, len(b) - 1)
    return 2 * min(right, 1 - right)


# beta


def bounds_of(low: Value, high: Value) -> tuple[float, float]:
    """The interval of a beta distribution, from 0 to 1 if it is left out."""
    least, most = 0.0 if low is None else to_number(low), 1.0 if high is None else to_number(high)
    refused(least >= most)
    return least, most


@function("BETA.DIST")
def beta_distribution(x: Value, a: Value, b: Value, cumulative: Value, low: Value = 0.0, high: Value = 1.0) -> float:
    """BETA.DIST."""
    value, one, two, (least, most) = to_number(x), above_zero(a), above_zero(b), bounds_of(low, high)
    refused(not least <= value <= most)
    part = (value - least) / (most - least)
    if to_truth(cumulative):
        return float(special().betainc(one, two, part))
    refused((part == 0 and one < 1) or (part == 1 and two < 1))
    return beta_density(part, one, two) / (most - least)


def beta_density(part: float, one: float, two: float) -> float:
    """The density of a beta distribution between 0 and 1."""
    if part in (0, 1):
        return float(part ** (one - 1) * (1 - part) ** (two - 1) * (two if part == 0 else one))
    size = math.lgamma(one + two) - math.lgamma(one) - math.lgamma(two)
    return math.exp(size + (one - 1) * math.log(part) + (two - 1) * math.log1p(-part))


@function("BETADIST")
def beta_cumulative(x: Value, a: Value, b: Value, low: Value = 0.0, high: Value = 1.0) -> float:
    """BETADIST."""
    return beta_distribution(x, a, b, True, low, high)


@function("BETA.INV", "BETAINV")
def beta_inverse(share: Value, a: Value, b: Value, low: Value = 0.0, high: Value = 1.0) -> float:
    """BETA.INV."""
    part, (least, most) = share_of(share), bounds_of(low, high)
    return least + float(special().betaincinv(above_zero(a), above_zero(b), part)) * (most - least)
