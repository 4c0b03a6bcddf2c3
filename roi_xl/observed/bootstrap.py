"""How sure is a cost per request, and what follows from it?

The statistic is a ratio of sums: all the cost of some requests over those that succeeded.
Requests are drawn again in groups (by a hash of their id, so that calls of one request
stay together), and once more in whole days, since the requests of a day have things in
common. The wider of the two is the answer.

Source: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapters 6 and 8;
Cameron and Miller, A Practitioner's Guide to Cluster-Robust Inference, Journal of Human
Resources 50 (2015), on few clusters.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

DRAWS, BATCH = 4_000, 500
FEWEST_DAYS = 7
ENDS = (2.5, 97.5)
T_QUANTILES = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
"""The 97.5 % points of Student's distribution with 1, 2, 3, … degrees of freedom."""

NORMAL = 1.96


@dataclass(frozen=True)
class Draws:
    """A ratio, its draws, and which clusters they are of."""

    ratio: float
    values: Array
    clusters: str

    @property
    def interval(self) -> tuple[float, float]:
        """Where 95 % of the draws lie."""
        low, high = np.percentile(self.values, ENDS)
        return float(low), float(high)


@dataclass(frozen=True)
class Clusters:
    """Costs and successes of clusters of requests: a row for each, a column for each class of length."""

    costs: Array
    successes: Array

    def __len__(self) -> int:
        return len(self.costs)

    def ratio(self, mix: Array, weights: Array) -> Array:
        """Cost per success with clusters weighted, for a mix of classes; a class without a success has no part."""
        with np.errstate(divide="ignore", invalid="ignore"):
            of_class = (weights @ self.costs) / (weights @ self.successes)
        there = np.isfinite(of_class)
        shares = np.where(there, mix, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            found: Array = (np.where(there, of_class, 0.0) * shares).sum(axis=-1) / shares.sum(axis=-1)
            return found

    @property
    def together(self) -> "Clusters":
        """The same without classes."""
        return Clusters(self.costs.sum(axis=1, keepdims=True), self.successes.sum(axis=1, keepdims=True))


def drawn(clusters: Clusters, mix: Array, generator: np.random.Generator) -> Array:
    """Ratios over clusters that are drawn with replacement."""
    count, found = len(clusters), []
    for start in range(0, DRAWS, BATCH):
        weights = generator.multinomial(count, np.full(count, 1 / count), size=min(BATCH, DRAWS - start))
        found.append(clusters.ratio(mix, weights.astype(float)))
    together: Array = np.nan_to_num(np.concatenate(found), nan=0.0)
    return together


def few_clusters(count: int) -> float:
    """How much wider an interval from few clusters has to be: for their own mean, and Student's tails."""
    quantile = T_QUANTILES[count - 2] if count - 2 < len(T_QUANTILES) else NORMAL + 2.4 / (count - 1)
    return float(np.sqrt(count / (count - 1)) * quantile / NORMAL)


def ratio_draws(groups: Clusters, days: Clusters, mix: Array, seed: int) -> Draws:
    """Draws of cost per successful request.

    Args:
        groups: groups of requests.
        days: whole days.
        mix: the share of each class of length; one class takes the requests as they are.
        seed: the same seed gives the same draws.
    """
    generator = np.random.default_rng(seed)
    ratio = float(groups.ratio(mix, np.ones(len(groups))))
    by_group = spread(drawn(groups, mix, generator), ratio, len(groups))
    if len(days) < FEWEST_DAYS:
        return Draws(ratio, by_group, "requests")
    by_day = spread(drawn(days, mix, generator), ratio, len(days))
    wider = by_day.std() > by_group.std()
    return Draws(ratio, by_day if wider else by_group, "days" if wider else "requests")


def spread(values: Array, ratio: float, count: int) -> Array:
    """Draws around the ratio, as wide as so few clusters require; never below 0."""
    if count < 2:
        return np.full(DRAWS, ratio)
    wider: Array = np.maximum(ratio + (values - ratio) * few_clusters(count), 0)
    return wider


def volume_draws(per_day: Array, monthly: float, seed: int) -> Array:
    """Draws of a month's successful requests, from whole days drawn again; too few days do not spread."""
    if len(per_day) < FEWEST_DAYS:
        return np.full(DRAWS, monthly)
    generator = np.random.default_rng(seed)
    weights = generator.multinomial(len(per_day), np.full(len(per_day), 1 / len(per_day)), size=DRAWS)
    means = weights @ per_day / len(per_day)
    return spread(means / per_day.mean() * monthly, monthly, len(per_day))
