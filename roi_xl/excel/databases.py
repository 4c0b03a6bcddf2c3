"""What are the totals of the list records that meet a criteria table: DSUM and its like?"""

import math
from collections.abc import Callable
from typing import Any

from roi_xl.errors import CannotVectorise, ExcelError
from roi_xl.excel.coercion import is_number, numbers_of, to_text, to_whole
from roi_xl.excel.criteria import criterion_of, mask
from roi_xl.excel.finding import rows_of
from roi_xl.excel.math import refused
from roi_xl.excel.registry import ONE, RANGE, function
from roi_xl.excel.statistics import Numbers, deviations, mean
from roi_xl.excel.values import Vector, from_plain
from roi_xl.xlsx.sheet_cells import Value

SIGNS = ("=", "<", ">")


def heading(value: Value) -> str:
    """A column's heading, ignoring case; an error is none."""
    return "" if isinstance(value, ExcelError) else to_text(value).casefold()


def place_of(field: Value, headings: list[str]) -> int:
    """The place of a column that is given by its heading or its number."""
    if is_number(field) or isinstance(field, bool):
        place = to_whole(field) - 1
        refused(not 0 <= place < len(headings), ExcelError.VALUE)
        return place
    refused(heading(field) not in headings, ExcelError.VALUE)
    return headings.index(heading(field))


def as_criterion(value: Value) -> Value:
    """A criterion of a database function: text without a sign is what texts begin with."""
    return f"{value}*" if isinstance(value, str) and not value.startswith(SIGNS) else value


def meets(column: list[Value], wanted: Value) -> list[bool]:
    """Which values of a column meet a criterion."""
    values = from_plain(column)
    if not isinstance(values, Vector):
        raise CannotVectorise("a list that is not a range")
    return [bool(met) for met in mask(values, criterion_of(as_criterion(wanted)))]


def chosen(records: list[list[Value]], headings: list[str], criteria: list[list[Value]]) -> list[list[Value]]:
    """The records that meet all criteria of one row at least."""
    titles = [heading(title) for title in criteria[0]]
    found = [False] * len(records)
    for row in criteria[1:]:
        met = [True] * len(records)
        for title, wanted in zip(titles, row, strict=True):
            if wanted is None:
                continue
            if title not in headings:
                met = no_record(met, wanted)
                continue
            place = headings.index(title)
            met = [a and b for a, b in zip(met, meets([r[place] for r in records], wanted), strict=True)]
        found = [a or b for a, b in zip(found, met, strict=True)]
    return [record for record, met in zip(records, found, strict=True) if met]


def no_record(met: list[bool], wanted: Value) -> list[bool]:
    """What a criterion leaves that stands under the heading of no column: nothing if it is a text."""
    if isinstance(wanted, str):
        return [False] * len(met)
    raise CannotVectorise("a criterion that is a formula")


def of_column(name: str) -> Callable[[Callable[[list[Value]], Value]], None]:
    """Register a function of one column of the records that meet the criteria."""

    def registered(plain: Callable[[list[Value]], Value]) -> None:
        def over_list(database: Any, field: Value, criteria: Any) -> Value:
            rows, conditions = rows_of(database), rows_of(criteria)
            refused(len(conditions) < 2 or len(rows) < 2, ExcelError.VALUE)
            headings = [heading(title) for title in rows[0]]
            if field is None:
                raise CannotVectorise("a list without a field")
            place = place_of(field, headings)
            return plain([record[place] for record in chosen(rows[1:], headings, conditions)])

        function(name, wants=(RANGE, ONE, RANGE))(over_list)

    return registered


def of_numbers(name: str, least: int = 0) -> Callable[[Callable[[Numbers], float]], None]:
    """Register a function of the numbers of such a column; #DIV/0! for fewer than the least."""

    def registered(plain: Callable[[Numbers], float]) -> None:
        def over_values(values: list[Value]) -> Value:
            numbers = numbers_of([values])
            refused(len(numbers) < least, ExcelError.DIV0)
            return float(plain(numbers))

        of_column(name)(over_values)

    return registered


of_numbers("DSUM")(math.fsum)
of_numbers("DPRODUCT")(lambda v: math.prod(v) if v else 0.0)
of_numbers("DMAX")(lambda v: max(v, default=0.0))
of_numbers("DMIN")(lambda v: min(v, default=0.0))
of_numbers("DAVERAGE", least=1)(mean)
of_numbers("DSTDEV", least=2)(lambda v: math.sqrt(deviations(v) / (len(v) - 1)))
of_numbers("DSTDEVP", least=1)(lambda v: math.sqrt(deviations(v) / len(v)))
of_numbers("DVAR", least=2)(lambda v: deviations(v) / (len(v) - 1))
of_numbers("DVARP", least=1)(lambda v: deviations(v) / len(v))
of_column("DCOUNT")(lambda values: float(sum(map(is_number, values))))
of_column("DCOUNTA")(lambda values: float(sum(value is not None for value in values)))


@of_column("DGET")
def dget(values: list[Value]) -> Value:
    """DGET: the one record's value; #VALUE! if there is none, #NUM! if there are several."""
    refused(not values, ExcelError.VALUE)
    refused(len(values) > 1)
    return values[0]
