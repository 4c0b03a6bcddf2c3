"""What are all the positive roots of a polynomial, not just the one nearest a guess?"""

import sys
from collections.abc import Sequence
from itertools import pairwise

SMALLEST = sys.float_info.min


def positive_roots(coefficients: Sequence[float]) -> list[float]:
    """Every positive root, in ascending order, of a polynomial with its constant first.

    Between two neighboring roots of p(x) x^-s lies one of its derivative, which is that
    of the polynomial with coefficients (k - s) c_k. With s at a change of sign, that one
    has a change of sign less, and a polynomial without any has no positive root
    (Descartes): so the roots are found from the inside out.

    >>> [round(root, 12) for root in positive_roots([6, -5, 1])]
    [2.0, 3.0]
    """
    used = [(power, value) for power, value in enumerate(coefficients) if value]
    changes = [low for (low, one), (_, other) in pairwise(used) if (one < 0) != (other < 0)]
    if not changes:
        return []
    middle = changes[len(changes) // 2] + 0.5
    turning = positive_roots([(power - middle) * value for power, value in enumerate(coefficients)])
    edges = [smallest(used), *turning, 1 / smallest([(-power, value) for power, value in reversed(used)])]
    found = [root_between(coefficients, low, high) for low, high in pairwise(edges)]
    return sorted({root for root in found if root is not None})


def smallest(used: Sequence[tuple[int, float]]) -> float:
    """A number below every positive root (Cauchy's bound)."""
    lowest = abs(used[0][1])
    return max(lowest / (lowest + max(abs(value) for _, value in used)) / 2, SMALLEST)


def root_between(coefficients: Sequence[float], low: float, high: float) -> float | None:
    """The root between two numbers by halving, if the signs differ there."""
    start, end = value_at(coefficients, low), value_at(coefficients, high)
    if start == 0 or end == 0:
        return low if start == 0 else high
    if (start < 0) == (end < 0):
        return None
    while low < (middle := (low + high) / 2) < high:
        if (value_at(coefficients, middle) < 0) == (start < 0):
            low = middle
        else:
            high = middle
    return middle


def value_at(coefficients: Sequence[float], x: float) -> float:
    """The polynomial at one place; from the end where the powers shrink, so that it never overflows."""
    total = 0.0
    if x <= 1:
        for value in reversed(coefficients):
            total = total * x + value
        return total
    for value in coefficients:
        total = total / x + value
    return total
