"""How often does the 95 % interval hold the truth, with few days and with many?

    python benchmarks/intervals.py [TIMES]

Traffic is drawn from a known truth: requests with skewed costs, of which one in ten fails;
days that are alike, or differ in the cost of a request by 20 % and in their number by 30 %.
For each number of days it is drawn TIMES times (400 if no number is given), and the share
of intervals that hold the truth is printed: of the cost per request, and of the requests a
month. Below seven days the prior is of days that differ; where they are all alike, the
intervals are wider than they need to be, and hold it more often.
"""

import sys
from dataclasses import dataclass

import numpy as np

from roi_xl.observed import bootstrap
from roi_xl.observed.bootstrap import Clusters
from roi_xl.observed.requests import GROUPS

COST, FAILS = 0.01, 0.1
DAYS = (1, 3, 6, 7, 30)


@dataclass(frozen=True)
class World:
    """How requests and days differ, as standard deviations of the logarithm."""

    requests_a_day: int
    skew: float = 0.6
    days_cost: float = 0.0
    days_volume: float = 0.0

    @property
    def truth(self) -> float:
        """Cost per successful request in the long run."""
        return COST * float(np.exp((self.skew**2 + self.days_cost**2) / 2)) / (1 - FAILS)


WORLDS = {
    "days alike": World(300),
    "days differ": World(300, days_cost=0.2, days_volume=0.3),
    "skewed costs, days differ": World(300, skew=1.2, days_cost=0.2, days_volume=0.3),
}


def summed(keys: np.ndarray, costs: np.ndarray, successes: np.ndarray) -> Clusters:
    """Costs and successes by a key."""
    _, places = np.unique(keys, return_inverse=True)
    return Clusters(*(np.bincount(places, weights=values)[:, None] for values in (costs, successes)))


def holds(world: World, days: int, generator: np.random.Generator, seed: int) -> tuple[bool, bool]:
    """Whether the intervals of one draw of traffic hold the cost per request, and the requests a month."""
    mood = np.exp(generator.normal(0, world.days_cost, days))
    level = np.exp(generator.normal(-(world.days_volume**2) / 2, world.days_volume, days))
    per_day = generator.poisson(world.requests_a_day * level) + 1
    day = np.repeat(np.arange(days), per_day)
    costs = COST * generator.lognormal(0, world.skew, len(day)) * mood[day]
    successes = (generator.random(len(day)) >= FAILS).astype(float)
    groups = summed(generator.integers(0, GROUPS, len(day)), costs, successes)
    low, high = bootstrap.ratio_draws(groups, summed(day, costs, successes), np.ones(1), seed, len(day)).interval
    of_month = bootstrap.volume_draws(per_day.astype(float), per_day.mean() * 30, seed)
    fewest, most = np.percentile(of_month, bootstrap.ENDS)
    return low <= world.truth <= high, fewest <= world.requests_a_day * 30 <= most


def coverage(world: World, days: int, times: int) -> tuple[float, float]:
    """The share of intervals that hold the truth: of costs, of volumes."""
    generator = np.random.default_rng(days)
    held = np.array([holds(world, days, generator, seed) for seed in range(times)])
    cost, volume = held.mean(axis=0)
    return float(cost), float(volume)


def main() -> None:
    """Print the table."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    print(f"{times} times each".ljust(28), *(f"{days:>6} d" for days in DAYS))
    for name, world in WORLDS.items():
        found = [coverage(world, days, times) for days in DAYS]
        for what, place in (("cost", 0), ("volume", 1)):
            print(f"{name}, {what}".ljust(36), *(f"{one[place]:>7.1%}" for one in found))


if __name__ == "__main__":
    main()
