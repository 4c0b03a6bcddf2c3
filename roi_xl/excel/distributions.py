"""How likely is a value under one of Excel's distributions?"""

import math
from statistics import NormalDist

from roi_xl.errors import CannotVectorise
from roi_xl.excel.coercion import to_number, to_truth, to_whole
from roi_xl.excel.math import refused
from roi_xl.excel.registry import function
from roi_xl.excel.toolpak import MISSING, Missing
from roi_xl.xlsx.sheet_cells import Value

EXACT, MOST_TERMS = 1000, 100_000
"""Up to how many trials the ways are counted exactly, and how many terms are added up at most."""


def counts(least: int, most: int) -> range:
    """The counts from the least to the most, if they are not too many to go through."""
    if most - least > MOST_TERMS:
        raise CannotVectorise(f"more than {MOST_TERMS} terms")
    return range(least, most + 1)


def chance(trials: int, successes: int, share: float) -> float:
    """The probability of a number of successes; via logarithms where the binomial coefficient overflows."""
    if trials <= EXACT:
        return float(math.comb(trials, successes) * share**successes * (1 - share) ** (trials - successes))
    if share in (0, 1):
        return float(successes == trials * share)
    ways = math.lgamma(trials + 1) - math.lgamma(successes + 1) - math.lgamma(trials - successes + 1)
    return math.exp(ways + successes * math.log(share) + (trials - successes) * math.log1p(-share))


def below(deviations: float) -> float:
    """The share of the bell curve below some deviations from its mean, exact far out, too."""
    return math.erfc(-deviations / math.sqrt(2)) / 2


@function("STANDARDIZE")
def standardize(x: Value, middle: Value, deviation: Value) -> float:
    """STANDARDIZE."""
    size = to_number(deviation)
    refused(size <= 0)
    return (to_number(x) - to_number(middle)) / size


@function("CONFIDENCE", "CONFIDENCE.NORM")
def confidence(alpha: Value, deviation: Value, size: Value) -> float:
    """CONFIDENCE.NORM."""
    share, spread_of, count = to_number(alpha), to_number(deviation), to_whole(size)
    refused(not 0 < share < 1 or spread_of <= 0 or count < 1)
    return NormalDist().inv_cdf(1 - share / 2) * spread_of / math.sqrt(count)


@function("POISSON", "POISSON.DIST")
def poisson(count: Value, middle: Value, cumulative: Value) -> float:
    """POISSON.DIST."""
    at, rate = to_number(count), to_number(middle)
    refused(at < 0 or rate < 0)
    k = math.trunc(at)
    terms = counts(0 if to_truth(cumulative) else k, k)
    return math.fsum(math.exp(i * math.log(rate) - rate - math.lgamma(i + 1)) if rate else float(i == 0) for i in terms)


@function("BINOMDIST", "BINOM.DIST")
def binomial(count: Value, trials: Value, share: Value, cumulative: Value) -> float:
    """BINOM.DIST."""
    k, n, p = math.trunc(to_number(count)), math.trunc(to_number(trials)), to_number(share)
    refused(not 0 <= k <= n or not 0 <= p <= 1)
    terms = counts(0 if to_truth(cumulative) else k, k)
    return math.fsum(chance(n, i, p) for i in terms)


@function("EXPONDIST", "EXPON.DIST")
def exponential(x: Value, rate: Value, cumulative: Value) -> float:
    """EXPON.DIST."""
    value, by = to_number(x), to_number(rate)
    refused(value < 0 or by <= 0)
    return -math.expm1(-by * value) if to_truth(cumulative) else by * math.exp(-by * value)


@function("LOGNORM.DIST")
def lognormal(x: Value, middle: Value, deviation: Value, cumulative: Value) -> float:
    """LOGNORM.DIST."""
    value, size = to_number(x), to_number(deviation)
    refused(value <= 0 or size <= 0)
    mean = to_number(middle)
    if to_truth(cumulative):
        return below((math.log(value) - mean) / size)
    return NormalDist(mean, size).pdf(math.log(value)) / value


@function("LOGNORM.INV", "LOGINV")
def lognormal_inverse(share: Value, middle: Value, deviation: Value) -> float:
    """LOGNORM.INV."""
    part, size = to_number(share), to_number(deviation)
    refused(not 0 < part < 1 or size <= 0)
    return math.exp(NormalDist(to_number(middle), size).inv_cdf(part))


@function("WEIBULL", "WEIBULL.DIST")
def weibull(x: Value, shape: Value, scale: Value, cumulative: Value) -> float:
    """WEIBULL.DIST."""
    value, a, b = to_number(x), to_number(shape), to_number(scale)
    refused(value < 0 or a <= 0 or b <= 0)
    power = math.exp(-((value / b) ** a))
    return 1 - power if to_truth(cumulative) else a / b**a * value ** (a - 1) * power


@function("LOGNORMDIST")
def lognormal_cumulative(x: Value, middle: Value, deviation: Value) -> float:
    """LOGNORMDIST."""
    return lognormal(x, middle, deviation, cumulative=True)


@function("FISHER")
def fisher(x: Value) -> float:
    """FISHER: as Excel computes it, with what rounding leaves of numbers near 0."""
    value = to_number(x)
    refused(not -1 < value < 1)
    return math.log((1 + value) / (1 - value)) / 2


@function("FISHERINV")
def fisher_inverse(y: Value) -> float:
    """FISHERINV."""
    return math.tanh(to_number(y))


@function("PHI")
def phi(x: Value) -> float:
    """PHI: the density of the standard normal distribution."""
    return NormalDist().pdf(to_number(x))


@function("GAUSS")
def gauss(z: Value) -> float:
    """GAUSS: the probability that a standard normal value lies between 0 and z."""
    return math.erf(to_number(z) / math.sqrt(2)) / 2


# counts


@function("BINOM.INV", "CRITBINOM")
def binomial_inverse(trials: Value, share: Value, alpha: Value) -> float:
    """BINOM.INV: the fewest successes that are at least that likely."""
    n, p, wanted = math.trunc(to_number(trials)), to_number(share), to_number(alpha)
    refused(n < 0 or not 0 < p < 1 or not 0 < wanted < 1)
    total = 0.0
    for count in counts(0, n):
        total += chance(n, count, p)
        if total >= wanted:
            return float(count)
    return float(n)


@function("BINOM.DIST.RANGE")
def binomial_range(trials: Value, share: Value, least: Value, most: Value | Missing = MISSING) -> float:
    """BINOM.DIST.RANGE."""
    n, p, low = math.trunc(to_number(trials)), to_number(share), math.trunc(to_number(least))
    high = low if isinstance(most, Missing) else math.trunc(to_number(most))
    refused(n < 0 or not 0 <= p <= 1 or not 0 <= low <= high <= n)
    return math.fsum(chance(n, i, p) for i in counts(low, high))


@function("NEGBINOM.DIST")
def negative_binomial(failures: Value, successes: Value, share: Value, cumulative: Value) -> float:
    """NEGBINOM.DIST: failures before a number of successes."""
    f, s, p = math.trunc(to_number(failures)), math.trunc(to_number(successes)), to_number(share)
    refused(f < 0 or s < 1 or not 0 < p < 1)
    terms = counts(0 if to_truth(cumulative) else f, f)
    return math.fsum(chance(i + s - 1, i, 1 - p) * p for i in terms)


@function("NEGBINOMDIST")
def negative_binomial_at(failures: Value, successes: Value, share: Value) -> float:
    """NEGBINOMDIST."""
    return negative_binomial(failures, successes, share, cumulative=False)


@function("HYPGEOM.DIST")
def hypergeometric(found: Value, drawn: Value, good: Value, whole: Value, cumulative: Value) -> float:
    """HYPGEOM.DIST: successes in a sample from a finite population."""
    k, n, m, size = (math.trunc(to_number(value)) for value in (found, drawn, good, whole))
    refused(not 0 < n <= size or not 0 < m <= size or not max(0, n - size + m) <= k <= min(n, m))
    terms = counts(0 if to_truth(cumulative) else k, k)
    counts(0, size)
    ways = sum(math.comb(m, i) * math.comb(size - m, n - i) for i in terms)
    return ways / math.comb(size, n)


@function("HYPGEOMDIST")
def hypergeometric_at(found: Value, drawn: Value, good: Value, whole: Value) -> float:
    """HYPGEOMDIST."""
    return hypergeometric(found, drawn, good, whole, cumulative=False)
