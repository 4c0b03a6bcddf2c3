"""How sure is a cost per request, and what follows from it?

The statistic is a ratio of sums: all the cost of some requests over those that succeeded.
Requests are drawn again in groups (by a hash of their id, so that calls of one request
stay together). The requests of a day have things in common, and days are few: how much
they differ is what a jackknife over whole days says, with the tails of Student's
distribution for so many days less one, of the logarithm. The larger of the two counts.

Fewer than seven days, or a handful of requests, cannot say how much days and requests
differ. There a stated prior helps: days differ by 15% in the cost of a request and by
30% in the number of requests, requests by as much as they cost, each worth a few
observations and the less the more days are seen. From three days on, days that differ less
than that say so: the narrower of the two intervals counts.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6, 8 and 11;
Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference, Journal of Human
Resources 50 (2015), section 6, and MacKinnon, Nielsen and Webb, Cluster-Robust Inference: A
Guide to Empirical Practice, Journal of Econometrics 232 (2023), on the jackknife of few
clusters with Student's distribution; Satterthwaite, Biometrics Bulletin 2 (1946), on its
degrees of freedom where another variance is known; Gelman et al., Bayesian Data Analysis
(3rd edition, 2013), chapter 2, on a variance with a scaled inverse chi-square prior.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

DRAWS, BATCH = 4_000, 25
FEWEST_DAYS, DAYS_THAT_TELL = 7, 3
"""From how many days on there is no prior, and from how many on days may say that they differ less than it."""

ENDS = (2.5, 97.5)
T_QUANTILES = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""The 97.5% points of Student's distribution with 1, 2, 3, … degrees of freedom."""

NORMAL = 1.96
DAYS_DIFFER_IN_COST, DAYS_DIFFER_IN_VOLUME, REQUESTS_DIFFER = 0.15, 0.3, 1.0
"""How much single days and requests are supposed to differ, as standard deviations of the logarithm."""

MOST_FREEDOM = 1e6
WORTH_DAYS, WORTH_REQUESTS, HANDFUL = 4.0, 2.0, 30
"""How many observations that is worth, and below how many requests it counts on any number of days."""


@dataclass(frozen=True)
class Draws:
    """A ratio, its draws, and which clusters they are of."""

    ratio: float
    values: Array
    clusters: str

    @property
    def interval(self) -> tuple[float, float]:
        """Where 95% of the draws lie."""
        low, high = np.percentile(self.values, ENDS)
        return float(low), float(high)


@dataclass(frozen=True)
class Clusters:
    """Costs and counts of clusters of requests: a row for each, a column for each class of length."""

    costs: Array
    counts: Array

    def __len__(self) -> int:
        return len(self.costs)

    def ratio(self, mix: Array, weights: Array) -> Array:
        """Cost per success with clusters weighted, for a mix of classes; a class without a success has no part."""
        with np.errstate(divide="ignore", invalid="ignore"):
            of_class = (weights @ self.costs) / (weights @ self.counts)
        there = np.isfinite(of_class)
        shares = np.where(there, mix, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Array = (np.where(there, of_class, 0.0) * shares).sum(axis=-1) / shares.sum(axis=-1)
            return found

    @property
    def together(self) -> "Clusters":
        """The same without classes."""
        return Clusters(self.costs.sum(axis=1, keepdims=True), self.counts.sum(axis=1, keepdims=True))


def drawn(clusters: Clusters, mix: Array, generator: np.random.Generator) -> Array:
    """Ratios over clusters that are drawn with replacement."""
    count = len(clusters)
    found = [
        clusters.ratio(mix, times_drawn(count, min(BATCH, DRAWS - start), generator))
        for start in range(0, DRAWS, BATCH)
    ]
    together: Array = np.nan_to_num(np.concatenate(found), nan=0.0)
    return together


def times_drawn(count: int, draws: int, generator: np.random.Generator) -> Array:
    """How often each of some clusters comes up when as many are drawn with replacement: a row for each draw."""
    places = generator.integers(0, count, (draws, count)) + np.arange(draws)[:, None] * count
    found: Array = np.bincount(places.ravel(), minlength=draws * count).reshape(draws, count).astype(float)
    return found


def few_clusters(count: int) -> float:
    """How much wider an interval from few clusters has to be: for their own mean, and Student's tails."""
    quantile = T_QUANTILES[count - 2] if count - 2 < len(T_QUANTILES) else NORMAL + 2.4 / (count - 1)
    return float(np.sqrt(count / (count - 1)) * quantile / NORMAL)


def ratio_draws(
    groups: Clusters, days: Clusters, mix: Array, seed: int, requests: float = np.inf, seen: float = np.inf
) -> Draws:
    """Draws of cost per request, or per successful one: what the clusters count.

    Args:
        groups: groups of requests.
        days: whole days.
        mix: the share of each class of length; one class takes the requests as they are.
        seed: the same seed gives the same draws.
        requests: how many requests there are, if they may be few.
        seen: how many days are seen, if they are fewer than the dates.
    """
    generator = np.random.default_rng(seed)
    ratio = float(groups.ratio(mix, np.ones(len(groups))))
    raw = drawn(groups, mix, generator)
    seen = min(seen, len(days))
    own = float(np.var(raw)) / ratio**2 if ratio > 0 else 0.0
    of_days = Spread(jackknife(days, mix), seen - 1) if ratio > 0 and seen > 1 else Spread(0, 1)
    if ratio > 0 and (seen < FEWEST_DAYS or requests < HANDFUL):
        each_day = days.ratio(mix, np.eye(len(days)))
        each_day = each_day[np.isfinite(each_day)] / ratio
        prior = few_days(each_day, own, requests, seen, DAYS_DIFFER_IN_COST)
        can_tell = requests >= HANDFUL
        return Draws(ratio, ratio * of_few(prior, of_days, own, seen * can_tell, generator), "days, with a prior")
    if of_days.variance > own:
        return Draws(ratio, ratio * of_days.draws(generator), "days")
    return Draws(ratio, spread(raw, ratio, len(groups)), "requests")


@dataclass(frozen=True)
class Spread:
    """How much the logarithm of a mean varies: its variance, and the degrees of freedom that this is known with."""

    variance: float
    freedom: float

    def draws(self, generator: np.random.Generator) -> Array:
        """Factors of the mean, by Student's distribution of its logarithm."""
        found: Array = np.exp(np.sqrt(self.variance) * generator.standard_t(self.freedom, DRAWS))
        return found

    def at_least(self, own: float) -> "Spread":
        """The same with a part that is known: the less of it is days, the more degrees of freedom.

        Formula: freedom * (total variance / variance between days)^2.
        """
        if self.variance >= own:
            return self
        return Spread(own, min(MOST_FREEDOM, self.freedom * (own / max(self.variance, own / MOST_FREEDOM)) ** 2))


def jackknife(days: Clusters, mix: Array) -> float:
    """The variance of the logarithm of a ratio, from what it is without each of the days.

    Formula: (n - 1) / n * sum of (log of the ratio without a day - their mean)^2.
    """
    without = days.ratio(mix, 1 - np.eye(len(days)))
    logs = np.log(without[np.isfinite(without) & (without > 0)])
    return float((len(logs) - 1) * np.var(logs)) if len(logs) else 0.0


def of_few(prior: Spread, of_days: Spread, own: float, tell: float, generator: np.random.Generator) -> Array:
    """Draws by the prior, or by the days themselves, if there are enough to tell and that is narrower."""
    by_prior = prior.draws(generator)
    if tell < DAYS_THAT_TELL:
        return by_prior
    by_days = of_days.at_least(own).draws(generator)
    return min(by_prior, by_days, key=lambda draws: float(np.ptp(np.percentile(np.log(draws), ENDS))))


def few_days(each_day: Array, own: float, requests: float, seen: float, differ: float) -> Spread:
    """The spread of a mean over few days or requests, as that of the logarithm.

    Args:
        each_day: what each day has, as a share of the mean.
        own: the relative variance of the mean that comes from single requests.
        requests: how many requests there are.
        seen: how many days they are of.
        differ: how much days are supposed to differ.
    """
    seen = max(1.0, seen)
    worth = WORTH_DAYS * max(0.0, FEWEST_DAYS - seen) / (FEWEST_DAYS - 1)
    between = float(np.var(each_day, ddof=1)) if len(each_day) > 1 else 0.0
    between = max(0.0, between - own * len(each_day)) if seen > 1 else 0.0
    of_days = (worth * differ**2 + (seen - 1) * between) / (worth + seen - 1)
    known = requests - 1
    per_request = own
    if np.isfinite(requests):
        per_request = (WORTH_REQUESTS * REQUESTS_DIFFER**2 / requests + known * own) / (WORTH_REQUESTS + known)
    return Spread(float(of_days / seen + per_request), float(min(worth + seen - 1, WORTH_REQUESTS + known)))


def spread(values: Array, ratio: float, count: int) -> Array:
    """Draws around the ratio, as wide as so few clusters require; never below 0."""
    if count < 2:
        return np.full(DRAWS, ratio)
    wider: Array = np.maximum(ratio + (values - ratio) * few_clusters(count), 0)
    return wider


def volume_draws(per_day: Array, monthly: float, seed: int, seen: float = np.inf) -> Array:
    """Draws of a month's requests, from how much whole days differ; of fewer than seven with a prior."""
    generator = np.random.default_rng(seed)
    seen, mean = min(seen, len(per_day)), per_day.mean()
    own = 1 / max(1.0, per_day.sum())
    of_days = Spread(float(np.var(per_day / mean, ddof=1)) / len(per_day), seen - 1) if seen > 1 else Spread(0, 1)
    if seen >= FEWEST_DAYS:
        return monthly * of_days.at_least(own).draws(generator)
    prior = few_days(per_day / mean, own, np.inf, seen, DAYS_DIFFER_IN_VOLUME)
    return monthly * of_few(prior, of_days, own, seen, generator)


def rate_draws(successes: Array, requests: Array, seed: int) -> Array:
    """Draws of a success rate, from what each day had; the wider, the more days differ than chance makes them.

    Source: Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion,
    Statistical Science 16 (2001), on Jeffreys' prior; McCullagh and Nelder, Generalized
    Linear Models (1989), section 4.5, on overdispersion.
    """
    good, count = float(successes.sum()), float(requests.sum())
    rate, days = good / count, len(requests)
    chance = rate * (1 - rate)
    excess = 1.0
    if days > 1 and chance > 0:
        differences = np.where(requests > 0, successes / np.maximum(requests, 1) - rate, 0)
        excess = max(1.0, float((requests * differences**2).sum()) / chance / (days - 1))
    generator = np.random.default_rng(seed)
    drawn_: Array = generator.beta(good / excess + 0.5, (count - good) / excess + 0.5, DRAWS)
    return drawn_
