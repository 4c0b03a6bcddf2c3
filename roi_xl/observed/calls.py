"""What does each row of an export say of one call, in one form for all tools?

Everything is an expression of Ibis over columns of text, so that it runs where the data
is. Whole numbers only: times in microseconds, money in millionths of a millionth, so that
every engine comes to the same sums.
"""

import datetime as dt
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from roi_xl.errors import RoiError
from roi_xl.functions.rates import STANDARD_WORDS
from roi_xl.observed.blanks import without_blanks
from roi_xl.observed.layouts import FIELDS, SUCCESS, Places
from roi_xl.observed.places import INSIDE, Place
from roi_xl.observed.sql import duckdb_function, is_duckdb

PICO = 10**12
MICROSECONDS = 1_000_000
HOUR, DAY = 3_600 * MICROSECONDS, 86_400 * MICROSECONDS
DAYS_A_MONTH = 365.25 / 12
MOST_TOKENS = 100_000_000
MOST_COST = 100_000
MOST_TIME, MOST_BITS = 2**62, 9e18
EARLIEST = 1_420_070_400 * MICROSECONDS  # 2015
DATE_LENGTH = len("2026-09-01")
FRACTION = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}[.]([0-9]{1,9})"
ZONE = r":[0-9]{2}(?:[.][0-9]+)? ?([+-][0-9]{2}:?(?:[0-9]{2})?)$"
MOMENT = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)? ?(Z|UTC|[+-][0-9]{2}:?([0-9]{2})?)?)?$"
)
COLUMNS = tuple(
    "time model request_id call_id user input_tokens output_tokens cached_tokens "
    "cost requests cache_written cache_written_1h processing asked fell_back failed".split()
)
"""The internal table of calls."""

COUNTS = (
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "requests",
    "cache_written",
    "cache_written_1h",
    "fallbacks",
)
NUMBERS = (*COUNTS, "cost")
LONGEST_SHOWN = 80
MOST_WORDS = 10_000


@dataclass(frozen=True)
class Reading:
    """How a person wants rows to be read: the currency, the latest time, and where a time without a zone is from."""

    currency: str
    latest: int
    zone: Sequence[tuple[int, int]] = ()
    success: str | None = None
    start: int | None = None


def day_of(moment: int) -> dt.date:
    """The day of a moment."""
    return dt.date(1970, 1, 1) + dt.timedelta(days=moment // DAY)


def read_calls(raw: Any, places: Places, reading: Reading, successes: Sequence[str | None] | None = None) -> Any:
    """The rows of an export as calls, with a reason where a row cannot be taken.

    Of the words for a call's status those are a success that `successes` lists; without a
    list, every call is one.

    A row that is no call of a model (another kind of span, an empty bucket) has none of
    its own and is marked as `skipped`.
    """
    fields = read_fields(raw, places, reading)
    counts = {name: whole(fields[f"{name}_number"]) for name in COUNTS}
    table = fields.mutate(
        input_tokens=counts["input_tokens"],
        output_tokens=counts["output_tokens"],
        cached_tokens=counts["cached_tokens"],
        cache_written=counts["cache_written"],
        cache_written_1h=counts["cache_written_1h"],
        cost=in_bits(fields.cost_number * PICO),
        requests=(counts["requests"] == 0).ifelse(literal(1, "int64"), counts["requests"]),
        processing=processing_of(fields),
        asked=fields.asked_text,
        fell_back=(counts["fallbacks"] > 0) & fields.asked_text.notnull(),
        failed=is_failed(fields, successes),
        skipped=is_skipped(fields, places),
    )
    bad = reasons(table, places, reading)
    taken = ~reduce(operator.or_, (test for test, _ in bad), table.skipped).fill_null(False)
    table = table.mutate(taken=taken, reason=first_reason(bad), row=shown_row(table, places))
    return table.select("file", *COLUMNS, "until", "skipped", "taken", "reason", "row")


def processing_of(fields: Any) -> Any:
    """How a call was processed, where that is not the ordinary way: batch, priority, flex."""
    is_batch = fields.batch_text.lower().isin(["true", "1"]).fill_null(False)
    tier = fields.service_tier_text.lower()
    usual = tier.isin(STANDARD_WORDS).fill_null(True)
    return is_batch.ifelse(literal("batch"), usual.ifelse(literal(None, "string"), tier))


def read_fields(raw: Any, places: Places, reading: Reading) -> Any:
    """Every field as text, those that count as numbers too, and the time as a moment."""
    texts = {f"{name}_text": text_of(raw, places, name) for name in FIELDS}
    texts["status_text"] = word_of(raw, places, reading)
    numbers = {f"{name}_number": number_of(raw, places, name) for name in NUMBERS}
    given = {f"{name}_given": is_given(raw, places, name) for name in ("time", "model", *NUMBERS)}
    names = {name: text_of(raw, places, name) for name in ("model", "request_id", "call_id", "user")}
    moments = {"time": moment_of(raw, places, reading), "until": moment_of(raw, places, reading, "end")}
    return raw.select("file", **moments, **names, **texts, **numbers, **given)


def literal(value: Any, type_: str | None = None) -> Any:
    """A value as an expression."""
    import ibis

    return ibis.literal(value, type_)


def text_of(raw: Any, places: Places, name: str) -> Any:
    """A field as trimmed text; nothing where it is empty or missing."""
    import ibis

    found = [place_text(raw, place) for place in places.columns.get(name, ())]
    return ibis.coalesce(*found) if found else literal(None, "string")


def place_text(raw: Any, place: Place) -> Any:
    """The text at one place: a constant, a column, or the first of several."""
    import ibis

    if place.constant is not None:
        return literal(place.constant)
    return ibis.coalesce(*(column_text(raw, name) for name in place.names))


def column_text(raw: Any, name: str) -> Any:
    """The text of a column, or of a key within one."""
    column, inside, key = name.partition(INSIDE)
    if not inside or name in raw.columns:
        return raw[name].cast("string")
    pattern = f'"{key}"\\s*:\\s*"?([^",}}\\s]+)'
    return without_blanks(raw[column].cast("string").re_extract(pattern, 1))


def is_given(raw: Any, places: Places, name: str) -> Any:
    """Whether a row says anything of a field; a column that is not of text is not turned into text for that."""
    column = native(raw, places, name)
    return (text_of(raw, places, name) if column is None else column).notnull()


def native(raw: Any, places: Places, name: str) -> Any:
    """A field's own column, if it is just one and not of text."""
    found = places.columns.get(name, ())
    alone = found[0].alone if len(found) == 1 else None
    column = raw[alone] if alone in raw.columns else None
    return None if column is None or column.type().is_string() else column


def number_of(raw: Any, places: Places, name: str) -> Any:
    """A field as a number, or nothing where it is none."""
    import ibis

    column = native(raw, places, name)
    if column is not None and column.type().is_integer() and name != "cost" and not column.type().is_uint64():
        return column.cast("int64")
    if column is not None and column.type().is_numeric():
        value = column.cast("float64")
        return (value.isnan() | value.isinf()).ifelse(literal(None, "float64"), value)
    found = [place_number(raw, place) for place in places.columns.get(name, ())]
    return ibis.coalesce(*found) if found else literal(None, "float64")


def place_number(raw: Any, place: Place) -> Any:
    """The number at one place: the sum of those that are given; nothing where one is none, or none is given."""
    if place.constant is not None:
        return number(literal(place.constant))
    texts = [column_text(raw, name) for name in place.names]
    total, given = literal(0.0), literal(False)
    for text in texts:
        total = total + text.isnull().ifelse(literal(0.0), number(text))
        given = given | text.notnull()
    return given.ifelse(total * place.factor if place.factor != 1 else total, literal(None, "float64"))


def moment_of(raw: Any, places: Places, reading: Reading, name: str = "time") -> Any:
    """The time of a row in microseconds since 1970; with a start, of seconds after it."""
    zone = reading.zone
    if name not in places.columns:
        return literal(None, "int64")
    if reading.start is not None:
        return in_bits(number_of(raw, places, name).cast("float64") * 1e6) + literal(reading.start, "int64")
    column = native(raw, places, name)
    if column is None:
        return microseconds(text_of(raw, places, name), zone)
    if column.type().is_numeric():
        return of_count(column.cast("float64"))
    if column.type().is_timestamp():
        return of_moment(column, () if column.type().timezone else zone)
    return microseconds(column.cast("string"), zone)


def of_moment(column: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """A typed moment, perhaps of a time zone, in microseconds since 1970."""
    if is_duckdb(column) and not zone:
        return duckdb_function("epoch_us", (column.type(),), "int64")(column)
    local = column.truncate("s").epoch_seconds().cast("int64")
    return (local - zone_shift(local, zone)) * MICROSECONDS + column.microsecond().cast("int64")


def number(text: Any) -> Any:
    """Text as a number, or nothing where it is none: engines take words, suffixes and underscores, we do not."""
    last = text.right(1)
    plain = (last >= "0") & (last <= "9") & ~text.contains("_")
    return plain.ifelse(text, literal(None, "string")).try_cast("float64")


def whole(value: Any) -> Any:
    """A count; nothing counts as 0."""
    if value.type().is_integer():
        return value.fill_null(0)
    return in_bits(value.fill_null(0.0))


def microseconds(text: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """A moment in microseconds since 1970: ISO 8601, or a count of seconds, milli-, micro- or nanoseconds."""
    import ibis

    return ibis.coalesce(of_count(number(text)), of_iso(text, zone))


def in_bits(value: Any) -> Any:
    """A number as a whole one; nothing where 64 bits do not hold it."""
    return (value.abs() < MOST_BITS).ifelse(value, literal(None, "float64")).round().cast("int64")


def of_count(count: Any) -> Any:
    """A count since 1970, its unit told by its size."""
    import ibis

    return ibis.cases(
        (count < -1e11, literal(0, "int64")),
        (count < 1e11, in_bits(count * 1e6)),
        (count < 1e14, in_bits(count * 1e3)),
        (count < 1e17, in_bits(count)),
        (count < 9e18, in_bits(count / 1e3 - 0.5)),
        (count >= 9e18, literal(MOST_TIME, "int64")),
    )


def of_iso(text: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """A date, perhaps with a time of day, a fraction and an offset; digits past the sixth are dropped."""
    known = text.re_search(MOMENT).ifelse(text, literal(None, "string"))
    clock = (known.length() > DATE_LENGTH).ifelse(known.substr(DATE_LENGTH + 1, 8), "00:00:00")
    local = (known.substr(0, DATE_LENGTH) + " " + clock).try_cast("timestamp").epoch_seconds().cast("int64")
    fraction = known.contains(".").ifelse(known.re_extract(FRACTION, 1), "")
    part = (fraction + "000000").substr(0, 6).cast("int64")
    rest = known.substr(DATE_LENGTH + 9)
    offset = (rest.contains("+") | rest.contains("-")).ifelse(known.re_extract(ZONE, 1), "").nullif("")
    has_zone = known.right(1).isin(["Z", "C"]).fill_null(False) | offset.notnull()
    shift = has_zone.ifelse(seconds_of(offset).fill_null(0), zone_shift(local, zone))
    return (local - shift) * MICROSECONDS + part


def seconds_of(offset: Any) -> Any:
    """An offset such as +02:00 in seconds."""
    hours = offset.substr(1, 2).try_cast("int64")
    minutes = offset.re_extract("([0-9]{2})$", 1).try_cast("int64")
    minutes = (offset.length() > 3).ifelse(minutes, literal(0, "int64"))
    return (offset.substr(0, 1) == "-").ifelse(literal(-1, "int64"), literal(1, "int64")) * (
        hours * 3600 + minutes * 60
    )


def zone_shift(local: Any, zone: Sequence[tuple[int, int]]) -> Any:
    """What is to be taken from a local time: the offset of the last change before it."""
    import ibis

    if not zone:
        return literal(0, "int64")
    branches = [(local >= since, literal(shift, "int64")) for since, shift in reversed(zone)]
    return ibis.cases(*branches, else_=literal(zone[0][1], "int64"))


COMPARISON = re.compile(r"([^<>=!]++)(>=|<=|!=|==|=|>|<)(.+)")
COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    "==": operator.eq,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}


def word_of(raw: Any, places: Places, reading: Reading) -> Any:
    """The word for a call's status, in small letters; or whether it is what a person calls a success."""
    import ibis

    if reading.success is None:
        return text_of(raw, places, "status").lower()
    _, sign, text = compared(reading.success)
    try:
        value, wanted = number_of(raw, places, SUCCESS), literal(float(text))
    except ValueError:
        value, wanted = text_of(raw, places, SUCCESS), literal(text.strip("'\""))
    holds = COMPARED[sign](value, wanted)
    return ibis.cases(
        (value.isnull(), literal(None, "string")), (holds, reading.success), else_=f"not {reading.success}"
    )


def compared(text: str) -> tuple[str, str, str]:
    """What --success compares: a column, a sign, and a number or text."""
    found = COMPARISON.fullmatch(text.strip())
    if found is None:
        raise RoiError(f"--success takes a column and a comparison such as score>=0.7, got {text!r}")
    return found[1].strip(), found[2], found[3].strip()


def is_failed(fields: Any, successes: Sequence[str | None] | None) -> Any:
    """Whether a call failed: whether its word is none of those that were taken for a success."""
    if successes is None:
        return literal(False)
    words = sorted(word for word in successes if word is not None)
    good = fields.status_text.isin(words).fill_null(False) if words else literal(False)
    return ~(good | fields.status_text.isnull() if None in successes else good)


def status_words(raw: Any, places: Places, reading: Reading) -> list[tuple[str | None, int]]:
    """Every word for the status of a call, with how often it is there; the most frequent first."""
    import ibis

    given = {f"{name}_given": is_given(raw, places, name) for name in ("model", *NUMBERS)}
    fields = raw.select(status_text=word_of(raw, places, reading), kind_text=text_of(raw, places, "kind"), **given)
    words = fields.filter(~is_skipped(fields, places)).group_by("status_text").agg(rows=lambda t: t.count())
    found = words.order_by([ibis.desc("rows"), "status_text"]).limit(MOST_WORDS).to_pyarrow().to_pylist()
    return [(row["status_text"], int(row["rows"])) for row in found]


def is_skipped(fields: Any, places: Places) -> Any:
    """Whether a row is no call of a model: another kind of span, a bucket without requests, a day without a bill."""
    skipped, layout = literal(False), places.layout
    says_something = fields.model_given | fields.input_tokens_given | fields.output_tokens_given
    if layout.kinds:
        known = fields.kind_text.lower()
        skipped = skipped | known.notnull() & ~known.isin(sorted(layout.kinds)) | known.isnull() & ~says_something
    if "requests" in places.columns:
        skipped = skipped | ~(fields.requests_given | fields.model_given)
    if layout.is_bill:
        skipped = skipped | ~fields.cost_given
    return skipped.fill_null(False)


def first_reason(bad: Sequence[tuple[Any, str]]) -> Any:
    """The first reason that holds; nothing if none does."""
    import ibis

    return ibis.cases(*((test.fill_null(False), why) for test, why in bad), else_=literal(None, "string"))


def reasons(table: Any, places: Places, reading: Reading) -> list[tuple[Any, str]]:
    """Why a row cannot be taken: what is tested, and what is said of it."""
    bad = [
        (~table.time_given, "no time"),
        (table.time.isnull(), "time is neither ISO 8601 nor a count since 1970"),
        (table.time < EARLIEST, "time is before 2015"),
        (table.time > reading.latest, "time is in the future"),
        *([] if places.layout.is_bill else [(~table.model_given, "no model")]),
        *(why for name in COUNTS if name in places.columns for why in bad_count(table, name)),
        (
            table.cached_tokens + table.cache_written + table.cache_written_1h > table.input_tokens,
            "more cached than input tokens",
        ),
        (table.cost_given & table.cost_number.isnull(), "cost is no number"),
        ((table.cost_number < 0) | (table.cost_number > MOST_COST), f"cost is not from 0 to {MOST_COST:,}"),
    ]
    if "currency" in places.columns:
        bad.append((table.currency_text.upper() != reading.currency, f"its currency is not {reading.currency}"))
    known = table.cost_given | table.input_tokens_given | table.output_tokens_given
    bad.append((~known & ~table.failed, "neither tokens nor a cost"))
    return bad


def bad_count(table: Any, name: str) -> list[tuple[Any, str]]:
    """What can be wrong with a count."""
    given, value = table[f"{name}_given"], table[f"{name}_number"]
    broken = value < 0 if value.type().is_integer() else (value < 0) | (value % 1 != 0)
    return [
        (given & value.isnull(), f"{name} is no number"),
        (broken, f"{name} is no whole number of at least 0"),
        (value > MOST_TOKENS, f"{name} is above {MOST_TOKENS:,}"),
    ]


def shown_row(table: Any, places: Places) -> Any:
    """The fields of a row in words, for the list of rows that were not taken."""
    text = literal("")
    for name, found in places.columns.items():
        if found[0].constant is None and name in FIELDS:
            start = "" if name == next(iter(places.columns)) else "; "
            text = text + f"{start}{name}=" + table[f"{name}_text"].fill_null("").substr(0, LONGEST_SHOWN)
    return text
