"""Cells of text to typed columns: what text files, workbooks and databases have in common.

Each distinct word is looked at once. What cannot be read is noted with its row, and so is what was read by
a rule: "１,２００元" is an amount, "是" a flag, "9 分" a number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from survey_kpi.readers.answers import damaged, key, noted, text_field
from survey_kpi.readers.table import WHOLE_FILE, Action, Cells, DateOrder, Note, note
from survey_kpi.readers.times import TimeColumn, parse_times
from survey_kpi.readers.words import loose_number, number, seconds
from survey_kpi.records.model import FLAGS, UNREAD, YEARS, blank_rule

if TYPE_CHECKING:
    from survey_kpi.study.tables import TableColumn

_TYPES: Mapping[str, pa.DataType] = {
    "text": pa.string(),
    "choice": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "money": pa.decimal128(18, 2),
    "date": pa.timestamp("us"),
    "datetime": pa.timestamp("us"),
    "flag": pa.bool_(),
}
_AMOUNT = re.compile(r"[¥$€£]?\s*([+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]*)?)\s*元?")
_MINUS = str.maketrans("−–﹣－", "----")
_CENT = Decimal("0.01")
_LARGEST = Decimal(10) ** 16
_WHOLE = 2.0**53


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Typed:
    """One typed column.

    Parameters
    ----------
    values
        Arrow array of the column's type; null where there is nothing, or nothing readable.
    notes
        What was noticed.
    naive
        Whether it holds times without a zone.
    """

    values: Cells
    notes: tuple[Note, ...] = ()
    naive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What decides how the cells of one column are read.

    Parameters
    ----------
    column
        The canonical column.
    words
        Further words of a choice in this source, folded, and the canonical word each stands for.
    zone
        The study's time zone.
    dates
        Declared order of day and month.
    where
        File and column for messages.
    """

    column: TableColumn
    words: Mapping[str, str]
    zone: str
    dates: DateOrder = ""
    where: str


def choice_words(column: TableColumn, further: Mapping[str, str]) -> dict[str, str]:
    """Return every word of a choice, folded, with the canonical word it stands for."""
    own = {key(value): value for value in column.values}
    return {key(word): value for word, value in further.items()} | own


def empty_column(column: TableColumn, rows: int) -> Cells:
    """Return the column of a source that lacks it."""
    return pa.nulls(rows, _TYPES[column.kind])


def typed(cells: Cells, reading: Reading) -> Typed:
    """Read one column.

    Parameters
    ----------
    cells
        Text; empty for an empty cell.

    Raises
    ------
    SchemaError
        `date_order`: dates can be read month first and day first.
    """
    found = _READ[reading.column.kind](cells, reading)
    return Typed(
        values=found.values,
        notes=(*_action(found.notes, reading), *_blank(cells, reading)),
        naive=found.naive,
    )


def _action(notes: tuple[Note, ...], reading: Reading) -> Iterator[Note]:
    """Set a row aside where the unreadable cell was required."""
    unread = UNREAD.get(reading.column.kind)
    for each in notes:
        aside = reading.column.required and each.rule == unread
        yield _with_action(each, "excluded") if aside else each


def _with_action(each: Note, action: Action) -> Note:
    return Note(
        rule=each.rule,
        rows=each.rows,
        values=each.values,
        item=each.item,
        action=action,
        details=each.details,
    )


def _blank(cells: Cells, reading: Reading) -> tuple[Note, ...]:
    if not reading.column.required:
        return ()
    name = reading.column.name
    rows = np.flatnonzero(np.asarray(pc.equal(pc.utf8_trim_whitespace(cells), "")))
    return tuple(noted(blank_rule(name), rows, cells, name, "excluded"))


def naive_times(columns: list[str]) -> tuple[Note, ...]:
    """Note once for a file which columns hold times without a zone."""
    names = ", ".join(columns)
    return (note("naive_time", WHOLE_FILE, "", item=names, action="parsed"),) if columns else ()


# --- kinds --------------------------------------------------------------------------------------------


def _text(cells: Cells, reading: Reading) -> Typed:
    """Normalise identifiers; leave every other text to the letter, blanks around it aside."""
    name = reading.column.name
    if name.endswith("_id"):
        found = text_field(cells, name, frozenset())
        return Typed(values=found.values, notes=found.notes)
    trimmed = pc.utf8_trim_whitespace(cells)
    values = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    return Typed(values=values, notes=damaged(trimmed, name))


def _choice(cells: Cells, reading: Reading) -> Typed:
    def read(text: str) -> tuple[str | None, str]:
        found = reading.words.get(key(text))
        return found, "" if found else "not_a_choice"

    return _by_word(cells, reading, read)


def _flag(cells: Cells, reading: Reading) -> Typed:
    def read(text: str) -> tuple[bool | None, str]:
        found = FLAGS.get(key(text))
        return found, "not_a_flag" if found is None else ""

    return _by_word(cells, reading, read)


def _number(cells: Cells, reading: Reading) -> Typed:
    return _by_word(cells, reading, _duration if reading.column.name.endswith("_s") else _loose)


def _duration(text: str) -> tuple[float | None, str]:
    value = seconds(text)
    return value, "not_a_number" if value is None else "" if number(text) is not None else "parsed_number"


def _loose(text: str) -> tuple[float | None, str]:
    value = number(text)
    if value is not None:
        return value, ""
    loose = loose_number(text)
    return loose, "not_a_number" if loose is None else "parsed_number"


def _integer(cells: Cells, reading: Reading) -> Typed:
    def read(text: str) -> tuple[int | None, str]:
        value, rule = _loose(text)
        if value is None or value != round(value) or abs(value) > _WHOLE:
            return None, "not_a_number"
        return int(value), rule

    return _by_word(cells, reading, read)


def _money(cells: Cells, reading: Reading) -> Typed:
    return _by_word(cells, reading, amount)


def amount(text: str) -> tuple[Decimal | None, str]:
    """Return an amount to the cent, and the rule it was read by.

    Examples
    --------
    >>> amount("200"), amount("¥1,234.50"), amount("2.005"), amount("much")
    ((Decimal('200.00'), ''), (Decimal('1234.50'), 'parsed_number'), (Decimal('2.01'), 'rounded_money'), \
(None, 'not_a_number'))
    """
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).translate(_MINUS).strip())
    plain = number(text)
    if not found and plain is None:
        return None, "not_a_number"
    value = Decimal(found[1].replace(",", "")) if found else Decimal(text.strip())
    if abs(value) >= _LARGEST:
        return None, "not_a_number"
    cents = value.quantize(_CENT, ROUND_HALF_UP)
    if cents != value:
        return cents, "rounded_money"
    return cents, "" if plain is not None else "parsed_number"


def _by_word(cells: Cells, reading: Reading, read: Callable[[str], tuple[Any, str]]) -> Typed:
    """Look every distinct word up once; an empty one is nothing."""
    name, kind = reading.column.name, reading.column.kind
    coded = pc.utf8_trim_whitespace(cells).dictionary_encode()
    meanings = [read(text) if text else (None, "") for text in coded.dictionary.to_pylist()]
    values = pa.array([value for value, _ in meanings], _TYPES[kind]).take(coded.indices)
    rules = np.array([rule for _, rule in meanings], dtype=object)[np.asarray(coded.indices)]
    notes: list[Note] = []
    for rule in dict.fromkeys(rule for _, rule in meanings if rule):
        rows = np.flatnonzero(rules == rule)
        new = pc.cast(values.take(pa.array(rows)), pa.string())
        unread = rule == UNREAD[kind]
        notes += noted(
            rule, rows, cells, name, "set_missing" if unread else "parsed", None if unread else new
        )
    return Typed(values=values, notes=tuple(notes))


def _date(cells: Cells, reading: Reading) -> Typed:
    times = _times(cells, reading)
    days = times.values.astype("datetime64[D]").astype("datetime64[us]")
    return Typed(values=pa.array(days), notes=_unread_times(cells, times, reading))


def _datetime(cells: Cells, reading: Reading) -> Typed:
    times = _times(cells, reading)
    zoned = np.asarray(pc.match_substring_regex(cells, r"[0-9]\s*(Z|[+-][0-9]{1,2}(:?[0-9]{2})?)\s*$"))
    clock = np.asarray(pc.match_substring(cells, ":")) & zoned
    naive = bool((~np.isnat(times.values) & ~clock).any())
    return Typed(
        values=pa.array(times.values, pa.timestamp("us")),
        notes=_unread_times(cells, times, reading),
        naive=naive,
    )


def _times(cells: Cells, reading: Reading) -> TimeColumn:
    return parse_times(cells, study_zone=reading.zone, order=reading.dates, years=YEARS, where=reading.where)


def _unread_times(cells: Cells, times: TimeColumn, reading: Reading) -> tuple[Note, ...]:
    return tuple(noted("not_a_time", np.flatnonzero(times.unread), cells, reading.column.name, "set_missing"))


_READ: Mapping[str, Callable[[Cells, Reading], Typed]] = {
    "text": _text,
    "choice": _choice,
    "flag": _flag,
    "number": _number,
    "integer": _integer,
    "money": _money,
    "date": _date,
    "datetime": _datetime,
}
