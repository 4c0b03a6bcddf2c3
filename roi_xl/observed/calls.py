"""What does each row of an export say of one call, in one form for all tools?

Everything is an expression of Ibis over columns of text, so that it runs where the data
is. Whole numbers only: times in microseconds, money in millionths of a millionth, so that
every engine comes to the same sums.
"""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from roi_xl.errors import RoiError
from roi_xl.functions.rates import STANDARD_WORDS
from roi_xl.observed.fields import IDS, id_of, in_bits, is_given, literal, native, number_of, text_of, whole
from roi_xl.observed.layouts import FIELDS, SUCCESS, Places
from roi_xl.observed.moments import MICROSECONDS, microseconds, of_count, of_moment
from roi_xl.observed.sql import rows_of
from roi_xl.observed.tokens import lacking, with_rest

PICO = 10**12
DAYS_A_MONTH = 365.25 / 12
MOST_TOKENS = 100_000_000
MOST_COST = 100_000
EARLIEST = 1_420_070_400 * MICROSECONDS  # 2015
COLUMNS = tuple(
    "time model request_id call_id user input_tokens output_tokens cached_tokens "
    "cost requests cache_written cache_written_1h processing asked fell_back failed judged".split()
)
"""The internal table of calls; the last two follow from the word for a call's status."""

COUNTS = (
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cached_tokens",
    "requests",
    "cache_written",
    "cache_written_1h",
    "fallbacks",
)
NUMBERS = (*COUNTS, "cost")
YES = ("true", "1", "1.0", "yes", "y", "t")
NO = ("false", "0", "0.0", "no", "n", "f", "none", "null", "nan", *STANDARD_WORDS)
"""What tools write for yes and no."""

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


def read_calls(raw: Any, places: Places, reading: Reading, successes: Sequence[str | None] | None = None) -> Any:
    """The rows of an export as calls, with a reason where a row cannot be taken.

    Of the words for a call's status those are a success that `successes` lists; without a
    list, every call is one.

    A row that is no call of a model (another kind of span, an empty bucket) has none of
    its own and is marked as `skipped`.
    """
    return with_success(without_success(raw, places, reading), successes, reading.success is None)


def without_success(raw: Any, places: Places, reading: Reading) -> Any:
    """The same with the word for a call's status, as long as it is not known which of them are a success."""
    fields = with_rest(read_fields(raw, places, reading), places)
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
        skipped=is_skipped(fields, places),
        lacks=lacking(fields, places),
    )
    bad = reasons(table, places, reading)
    sound = ~reduce(operator.or_, (test for test, _ in bad), table.skipped).fill_null(False)
    reason = (sound | table.skipped).ifelse(literal(None, "string"), first_reason(bad))
    table = table.mutate(sound=sound, reason=reason, row=shown_row(table, places))
    return table.select("file", *COLUMNS[:-2], "status_text", "skipped", "lacks", "until", "sound", "reason", "row")


def with_success(table: Any, successes: Sequence[str | None] | None, all_judged: bool = True) -> Any:
    """Calls with whether they failed, and whether they can be taken: one that says nothing only if it failed.

    Where not all are judged, since a person says what a success is, a call without the value that is
    compared neither failed nor succeeded.
    """
    judged = literal(True) if all_judged else table.status_text.notnull()
    failed = is_failed(table, successes) if all_judged else is_failed(table, successes) & judged
    taken = table.sound & (table.lacks.isnull() | failed)
    reason = (table.sound & ~taken).ifelse(table.lacks, table.reason)
    table = table.mutate(failed=failed, judged=judged, taken=taken, reason=reason)
    row = ("row",) if "row" in table.columns else ()
    return table.select("file", *COLUMNS, "until", "skipped", "taken", "reason", *row)


def processing_of(fields: Any) -> Any:
    """How a call was processed, where that is not the ordinary way: batch, priority, flex."""
    batch = is_batch(fields.batch_text.lower()).fill_null(False)
    tier = fields.service_tier_text.lower()
    usual = tier.isin(STANDARD_WORDS).fill_null(True)
    return batch.ifelse(literal("batch"), usual.ifelse(literal(None, "string"), tier))


def is_batch(word: Any) -> Any:
    """Whether a word in small letters says that a call was part of a batch: yes, or the batch's name."""
    return word.isin(YES) | word.startswith("batch")


def is_no_batch(word: Any) -> Any:
    """Whether a word says that a call was processed by itself."""
    return word.isin(NO)


def read_fields(raw: Any, places: Places, reading: Reading) -> Any:
    """Every field as text, those that count as numbers too, and the time as a moment."""
    texts = {f"{name}_text": text_of(raw, places, name) for name in FIELDS}
    texts["status_text"] = word_of(raw, places, reading)
    numbers = {f"{name}_number": number_of(raw, places, name) for name in NUMBERS}
    given = {f"{name}_given": is_given(raw, places, name) for name in ("time", "model", *NUMBERS)}
    names = {name: text_of(raw, places, name) for name in ("model", "user")}
    ids = {name: id_of(raw, places, name) for name in IDS}
    moments = {"time": moment_of(raw, places, reading), "until": moment_of(raw, places, reading, "end")}
    return raw.select("file", **moments, **names, **ids, **texts, **numbers, **given)


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


def status_words(table: Any) -> list[tuple[str | None, int]]:
    """Every word for the status of a call, with how often it is there; the most frequent first."""
    import ibis

    words = table.filter(~table.skipped).group_by("status_text").agg(rows=lambda t: t.count())
    found = rows_of(words.order_by([ibis.desc("rows"), "status_text"]).limit(MOST_WORDS))
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
        (table.cost_given & table.cost_number.isnull(), "cost is not a number"),
        ((table.cost_number < 0) | (table.cost_number > MOST_COST), f"cost is not from 0 to {MOST_COST:,}"),
    ]
    if "currency" in places.columns:
        bad.append((table.currency_text.upper() != reading.currency, f"its currency is not {reading.currency}"))
    return bad


def bad_count(table: Any, name: str) -> list[tuple[Any, str]]:
    """What can be wrong with a count."""
    given, value = table[f"{name}_given"], table[f"{name}_number"]
    broken = value < 0 if value.type().is_integer() else (value < 0) | (value % 1 != 0)
    return [
        (given & value.isnull(), f"{name} is not a number"),
        (broken, f"{name} is not a whole number of at least 0"),
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
