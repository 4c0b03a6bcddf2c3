"""What do Excel's statistical functions give?"""

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from roi_xl.errors import ExcelError, NoAnswer
from roi_xl.excel.coercion import flat, is_number, numbers_of, to_number, to_whole
from roi_xl.excel.finding import rows_of
from roi_xl.excel.math import all_numbers, refused
from roi_xl.excel.registry import ARRAY, ONE, RANGE, function
from roi_xl.xlsx.sheet_cells import Value

Numbers = list[float]


def some(values: Numbers, error: ExcelError = ExcelError.NUM) -> Numbers:
    """Numbers, at least one."""
    refused(not values, error)
    return values


def of_numbers(
    *names: str, least: int = 1, error: ExcelError = ExcelError.NUM
) -> Callable[[Callable[[Numbers], float]], None]:
    """Register a function of all numbers in its arguments, at least one."""

    def registered(plain: Callable[[Numbers], float]) -> None:
        def of_all(*arguments: Any) -> float:
            values = all_numbers(arguments)
            refused(len(values) < least, error)
            return float(plain(values))

        function(*names, wants=(RANGE,))(of_all)

    return registered


def mean(values: Sequence[float]) -> float:
    """The mean."""
    return math.fsum(values) / len(values)


def deviations(values: Sequence[float]) -> float:
    """The sum of squared distances from the mean."""
    middle = mean(values)
    return math.fsum((value - middle) ** 2 for value in values)


def all_positive(values: Numbers) -> Numbers:
    """Numbers that must all be above 0."""
    refused(min(values) <= 0)
    return values


of_numbers("GEOMEAN")(lambda v: math.exp(mean([math.log(x) for x in all_positive(v)])))
of_numbers("HARMEAN")(lambda v: len(v) / math.fsum(1 / x for x in all_positive(v)))
of_numbers("AVEDEV")(lambda v: mean([abs(x - mean(v)) for x in v]))
of_numbers("DEVSQ")(deviations)
of_numbers("MEDIAN")(lambda v: quantile(sorted(v), 0.5))
of_numbers("STDEV", "STDEV.S", least=2, error=ExcelError.DIV0)(lambda v: math.sqrt(deviations(v) / (len(v) - 1)))
of_numbers("STDEVP", "STDEV.P", error=ExcelError.DIV0)(lambda v: math.sqrt(deviations(v) / len(v)))
of_numbers("VAR", "VAR.S", least=2, error=ExcelError.DIV0)(lambda v: deviations(v) / (len(v) - 1))
of_numbers("VARP", "VAR.P", error=ExcelError.DIV0)(lambda v: deviations(v) / len(v))


def spread(values: Numbers) -> float:
    """The standard deviation of a sample, which must not be 0."""
    found = math.sqrt(deviations(values) / (len(values) - 1))
    refused(found == 0, ExcelError.DIV0)
    return found


@of_numbers("SKEW", least=3, error=ExcelError.DIV0)
def skew(values: Numbers) -> float:
    """SKEW."""
    n, middle, size = len(values), mean(values), spread(values)
    return n / ((n - 1) * (n - 2)) * math.fsum(((x - middle) / size) ** 3 for x in values)


@of_numbers("SKEW.P", least=3, error=ExcelError.DIV0)
def skew_of_all(values: Numbers) -> float:
    """SKEW.P."""
    middle, size = mean(values), math.sqrt(deviations(values) / len(values))
    refused(size == 0, ExcelError.DIV0)
    return mean([((x - middle) / size) ** 3 for x in values])


@of_numbers("KURT", least=4, error=ExcelError.DIV0)
def kurt(values: Numbers) -> float:
    """KURT."""
    n, middle, size = len(values), mean(values), spread(values)
    fourth = math.fsum(((x - middle) / size) ** 4 for x in values)
    return n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


# texts and truths count


def with_texts(arguments: tuple[Any, ...]) -> Numbers:
    """Numbers, truths as 1 or 0, and texts of a range as 0."""
    found: Numbers = []
    for argument in arguments:
        for value in flat(rows_of(argument)):
            if isinstance(value, ExcelError):
                raise NoAnswer(value)
            if isinstance(value, str) and isinstance(argument, list):
                found.append(0.0)
            elif value is not None:
                found.append(to_number(value))
    return found


def of_all(*names: str, least: int = 1, empty: float | None = None) -> Callable[[Callable[[Numbers], float]], None]:
    """Register a function of numbers, truths and texts."""

    def registered(plain: Callable[[Numbers], float]) -> None:
        def of_values(*arguments: Any) -> float:
            values = with_texts(arguments)
            if empty is not None and not values:
                return empty
            refused(len(values) < least, ExcelError.DIV0)
            return float(plain(values))

        function(*names, wants=(RANGE,))(of_values)

    return registered


of_all("AVERAGEA")(mean)
of_all("MAXA", empty=0.0)(max)
of_all("MINA", empty=0.0)(min)
of_all("STDEVA", least=2)(lambda v: math.sqrt(deviations(v) / (len(v) - 1)))
of_all("STDEVPA")(lambda v: math.sqrt(deviations(v) / len(v)))
of_all("VARA", least=2)(lambda v: deviations(v) / (len(v) - 1))
of_all("VARPA")(lambda v: deviations(v) / len(v))


# order


def quantile(ordered: Sequence[float], share: float) -> float:
    """The inclusive percentile."""
    place = (len(ordered) - 1) * share
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def quantile_exclusive(ordered: Sequence[float], share: float) -> float:
    """The same, both ends excluded."""
    place = share * (len(ordered) + 1) - 1
    refused(not 0 <= place <= len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@function("PERCENTILE", "PERCENTILE.INC", wants=(RANGE, ONE))
def percentile(values: Any, share: Value) -> float:
    """PERCENTILE.INC."""
    part, ordered = to_number(share), sorted(some(numbers_of(rows_of(values))))
    refused(not 0 <= part <= 1)
    return quantile(ordered, part)


@function("PERCENTILE.EXC", wants=(RANGE, ONE))
def percentile_exc(values: Any, share: Value) -> float:
    """PERCENTILE.EXC."""
    part, ordered = to_number(share), sorted(some(numbers_of(rows_of(values))))
    refused(not 0 < part < 1)
    return quantile_exclusive(ordered, part)


@function("QUARTILE", "QUARTILE.INC", wants=(RANGE, ONE))
def quartile(values: Any, quarter: Value) -> float:
    """QUARTILE.INC."""
    number, ordered = to_whole(quarter), sorted(some(numbers_of(rows_of(values))))
    refused(not 0 <= number <= 4)
    return quantile(ordered, number / 4)


@function("QUARTILE.EXC", wants=(RANGE, ONE))
def quartile_exc(values: Any, quarter: Value) -> float:
    """QUARTILE.EXC."""
    number, ordered = to_whole(quarter), sorted(some(numbers_of(rows_of(values))))
    refused(not 1 <= number <= 3)
    return quantile_exclusive(ordered, number / 4)


def cut(value: float, digits: Value) -> float:
    """A share truncated to a number of significant digits."""
    places = to_whole(digits)
    refused(places < 1)
    return math.floor(value * 10.0**places * (1 + 1e-15)) / 10.0**places


def rank_share(values: Numbers, number: float, exclusive: bool) -> float:
    """The share of numbers below one; between two of them in proportion."""
    ordered = sorted(values)
    refused(not ordered[0] <= number <= ordered[-1], ExcelError.NA)
    below = sum(value < number for value in ordered)
    place = float(below)
    if number not in ordered:
        low, high = ordered[below - 1], ordered[below]
        place = below - 1 + (number - low) / (high - low)
    if exclusive:
        return (place + 1) / (len(ordered) + 1)
    return place / (len(ordered) - 1) if len(ordered) > 1 else 1.0


def percent_rank(exclusive: bool) -> Callable[..., float]:
    """PERCENTRANK.INC or PERCENTRANK.EXC."""

    def ranked(values: Any, number: Value, digits: Value = 3.0) -> float:
        return cut(rank_share(some(numbers_of(rows_of(values))), to_number(number), exclusive), digits)

    return ranked


function("PERCENTRANK", "PERCENTRANK.INC", wants=(RANGE, ONE))(percent_rank(exclusive=False))
function("PERCENTRANK.EXC", wants=(RANGE, ONE))(percent_rank(exclusive=True))


def k_th(largest: bool) -> Callable[[Any, Value], float]:
    """LARGE or SMALL."""

    def found(values: Any, place: Value) -> float:
        ordered = sorted(some(numbers_of(rows_of(values))), reverse=largest)
        number = math.ceil(to_number(place)) if largest else math.trunc(to_number(place))
        refused(not 1 <= number <= len(ordered))
        return ordered[number - 1]

    return found


function("LARGE", wants=(RANGE, ONE))(k_th(largest=True))
function("SMALL", wants=(RANGE, ONE))(k_th(largest=False))


def ranking(average: bool) -> Callable[..., float]:
    """RANK.EQ or RANK.AVG."""

    def rank(number: Value, values: Any, order: Value = 0.0) -> float:
        value, others = to_number(number), numbers_of(rows_of(values))
        rising = order is not None and to_number(order) != 0
        same = sum(other == value for other in others)
        refused(not same, ExcelError.NA)
        before = sum(other < value if rising else other > value for other in others)
        return before + (1 + same) / 2 if average else before + 1.0

    return rank


function("RANK", "RANK.EQ", wants=(ONE, RANGE, ONE))(ranking(average=False))
function("RANK.AVG", wants=(ONE, RANGE, ONE))(ranking(average=True))


def modes(values: Numbers) -> Numbers:
    """The most frequent numbers, in order of their first occurrence."""
    counts: dict[float, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    most = max(counts.values(), default=0)
    refused(most < 2, ExcelError.NA)
    return [value for value, count in counts.items() if count == most]


def strict_numbers(arguments: Sequence[Any]) -> Numbers:
    """The numbers of ranges and single values, of which each must be one."""
    for argument in arguments:
        single = argument[0][0] if isinstance(argument, list) and [len(row) for row in argument] == [1] else argument
        if isinstance(single, list):
            continue
        if isinstance(single, ExcelError):
            raise NoAnswer(single)
        refused(not is_number(single), ExcelError.VALUE)
    return all_numbers(tuple(arguments))


@function("MODE", "MODE.SNGL", wants=(RANGE,), errors=True)
def mode(*arguments: Any) -> float:
    """MODE.SNGL: the first of the most frequent numbers."""
    return modes(strict_numbers(arguments))[0]


@function("MODE.MULT", wants=(RANGE,), errors=True)
def mode_mult(*arguments: Any) -> list[list[Value]]:
    """MODE.MULT."""
    return [[value] for value in modes(strict_numbers(arguments))]


@function("FREQUENCY", wants=(RANGE,))
def frequency(values: Any, bins: Any) -> list[list[Value]]:
    """FREQUENCY: how many are in each bin, and how many beyond the last."""
    numbers, limits = numbers_of(rows_of(values)), numbers_of(rows_of(bins))
    ordered = sorted(set(limits))
    places = Counter(bisect_left(ordered, number) for number in numbers)
    counts = {limit: float(places[place]) for place, limit in enumerate(ordered)}
    beyond = float(places[len(ordered)])
    seen: set[float] = set()
    found: list[list[Value]] = []
    for limit in limits:
        found.append([0.0 if limit in seen else counts[limit]])
        seen.add(limit)
    return [*found, [beyond]]


@function("TRIMMEAN", wants=(RANGE, ONE))
def trimmean(values: Any, share: Value) -> float:
    """TRIMMEAN."""
    part, ordered = to_number(share), sorted(some(numbers_of(rows_of(values))))
    refused(not 0 <= part < 1)
    off = math.floor(len(ordered) * part / 2)
    return mean(ordered[off : len(ordered) - off])


# pairs


def pairs_of(one: Any, other: Any) -> tuple[Numbers, Numbers]:
    """The numeric pairs of two ranges of equal size."""
    a, b = list(flat(rows_of(one))), list(flat(rows_of(other)))
    refused(len(a) != len(b), ExcelError.NA)
    for value in (*a, *b):
        if isinstance(value, ExcelError):
            raise NoAnswer(value)
    pairs = [(float(x), float(y)) for x, y in zip(a, b, strict=True) if is_number(x) and is_number(y)]  # type: ignore[arg-type]
    refused(not pairs, ExcelError.DIV0)
    return [x for x, _ in pairs], [y for _, y in pairs]


def joint(a: Numbers, b: Numbers) -> float:
    """The sum of products of distances from the means."""
    one, other = mean(a), mean(b)
    return math.fsum((x - one) * (y - other) for x, y in zip(a, b, strict=True))


def of_pairs(*names: str) -> Callable[[Callable[[Numbers, Numbers], float]], None]:
    """Register a function of two ranges of pairs."""

    def registered(plain: Callable[[Numbers, Numbers], float]) -> None:
        function(*names, wants=(ARRAY,))(lambda one, other: float(plain(*pairs_of(one, other))))

    return registered


def correlation(a: Numbers, b: Numbers) -> float:
    """The correlation of pairs."""
    size = math.sqrt(deviations(a) * deviations(b))
    refused(size == 0, ExcelError.DIV0)
    return joint(a, b) / size


def slope(known_y: Numbers, known_x: Numbers) -> float:
    """The slope of the line through pairs."""
    size = deviations(known_x)
    refused(size == 0, ExcelError.DIV0)
    return joint(known_x, known_y) / size


def intercept(known_y: Numbers, known_x: Numbers) -> float:
    """Where the line through pairs meets the axis."""
    return mean(known_y) - slope(known_y, known_x) * mean(known_x)


def steyx(known_y: Numbers, known_x: Numbers) -> float:
    """The standard error of the line through pairs."""
    refused(len(known_x) < 3 or deviations(known_x) == 0, ExcelError.DIV0)
    rest = deviations(known_y) - joint(known_x, known_y) ** 2 / deviations(known_x)
    return math.sqrt(max(rest, 0) / (len(known_x) - 2))


def sample_covariance(a: Numbers, b: Numbers) -> float:
    """The covariance of a sample."""
    refused(len(a) < 2, ExcelError.DIV0)
    return joint(a, b) / (len(a) - 1)


of_pairs("CORREL", "PEARSON")(correlation)
of_pairs("RSQ")(lambda a, b: correlation(a, b) ** 2)
of_pairs("COVAR", "COVARIANCE.P")(lambda a, b: joint(a, b) / len(a))
of_pairs("COVARIANCE.S")(sample_covariance)
of_pairs("SLOPE")(slope)
of_pairs("INTERCEPT")(intercept)
of_pairs("STEYX")(steyx)


@function("FORECAST", "FORECAST.LINEAR", wants=(ONE, ARRAY, ARRAY))
def forecast(x: Value, known_y: Any, known_x: Any) -> float:
    """FORECAST.LINEAR."""
    y, others = pairs_of(known_y, known_x)
    return intercept(y, others) + slope(y, others) * to_number(x)
