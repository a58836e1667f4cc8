"""Columns of times: the layouts that platforms write, read whole columns at a time.

A month-first and a day-first layout look alike until a day passes 12. What the study declares, what the
column itself shows, or what the platform usually writes decides, in this order; where none of them does, the
column is refused, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from survey_kpi.errors import SchemaError
from survey_kpi.readers.table import Cells, DateOrder

Times = npt.NDArray[np.datetime64]
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

_CLOCK = (
    r"(?:[T ]?\s*(?P<half>上午|下午|AM|PM|am|pm)?\s*(?P<hour>[0-9]{1,2})[:时](?P<minute>[0-9]{1,2})"
    r"(?:[:分](?P<second>[0-9]{1,2})(?:[.,][0-9]+)?秒?)?分?\s*(?P<after>AM|PM|am|pm)?)?"
    r"\s*(?P<zone>Z|(?:GMT|UTC)?(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?)$"
)
_YEAR_FIRST = r"^(?P<year>[0-9]{4})[-/.年](?P<month>[0-9]{1,2})[-/.月](?P<day>[0-9]{1,2})日?" + _CLOCK
_YEAR_LAST = r"^(?P<one>[0-9]{1,2})[-/.](?P<two>[0-9]{1,2})[-/.](?P<year>[0-9]{4})" + _CLOCK
_SERIAL = r"^[0-9]{5}(?:\.[0-9]+)?$"
_SERIAL_ORIGIN = np.datetime64("1899-12-30", "us")
YEARS = (1990, 2199)
"""No survey was answered in other years; 1899 is how a spreadsheet writes a time without a date."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TimeColumn:
    """Times of one column.

    Parameters
    ----------
    values
        Wall clock in the study's zone, microseconds; NaT where there is none.
    unread
        Cells that hold something which is no time.
    naive
        Cells without a zone in a column where others carry one, read as the study's own time.
    layouts
        How many cells each layout read: year_first, mdy, dmy, serial.
    """

    values: Times
    unread: Flags
    naive: Flags
    layouts: dict[str, int]


def parse_times(
    cells: Cells,
    *,
    study_zone: str,
    file_zone: str = "",
    order: DateOrder = "",
    declared: DateOrder = "",
    years: tuple[int, int] = YEARS,
    where: str,
) -> TimeColumn:
    """Read a column of times.

    Parameters
    ----------
    cells
        Text; empty for no time.
    study_zone
        Zone of the result.
    file_zone
        Zone of times that carry none, when the platform says so; the study's own otherwise.
    order
        What the platform usually writes, for dates with the year last that show nothing.
    declared
        What the study declares about them.
    years
        First and last year that may stand there.
    where
        File and column for messages.

    Raises
    ------
    SchemaError
        `date_order`: every date of the column can be read month first and day first, or the column shows the
        contrary of what the study declares.
    """
    text = pc.utf8_normalize(pc.utf8_trim_whitespace(cells), form="NFKC")
    readings = [_year_first(text)]
    if bool((np.isnat(readings[0].values) & np.asarray(pc.not_equal(text, ""))).any()):
        readings += [_year_last(text, order, declared, where), _serial(text)]
    values, offset, zoned = _merged(readings)
    values = _within(values, years)
    known = ~np.isnat(values)
    naive = known & ~zoned if zoned.any() and not file_zone else np.zeros(len(known), dtype=bool)
    return TimeColumn(
        values=_in_zone(values, offset, zoned, file_zone, study_zone),
        unread=np.asarray(pc.not_equal(text, "")) & ~known,
        naive=naive,
        layouts={reading.layout: count for reading in readings if (count := reading.count)},
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What one layout makes of a column: times, offsets in minutes, and which cells carry an offset."""

    layout: str
    values: Times
    offset: Whole
    zoned: Flags

    @property
    def count(self) -> int:
        return int((~np.isnat(self.values)).sum())


def _merged(readings: Sequence[_Reading]) -> tuple[Times, Whole, Flags]:
    values, offset, zoned = readings[0].values, readings[0].offset, readings[0].zoned
    for reading in readings[1:]:
        here = ~np.isnat(reading.values)
        values = np.where(here, reading.values, values)
        offset, zoned = np.where(here, reading.offset, offset), np.where(here, reading.zoned, zoned)
    return values, offset, zoned


def _year_first(text: Cells) -> _Reading:
    groups = _groups(text, _YEAR_FIRST)
    return _wall_clock("year_first", groups, groups["month"], groups["day"])


def _year_last(text: Cells, usual: DateOrder, declared: DateOrder, where: str) -> _Reading:
    groups = _groups(text, _YEAR_LAST)
    order = _order(groups, usual, declared, where) if groups.found.any() else "mdy"
    month, day = (groups["one"], groups["two"]) if order == "mdy" else (groups["two"], groups["one"])
    return _wall_clock(order, groups, month, day)


@dataclass(frozen=True, slots=True)
class _Groups:
    """Named groups of a pattern over a column: whole numbers, 0 where a cell does not match."""

    struct: pa.StructArray
    found: Flags

    def __getitem__(self, name: str) -> Whole:
        text = pc.if_else(pc.equal(self.text(name), ""), "0", self.text(name))
        return np.asarray(pc.cast(text, pa.int64()))

    def text(self, name: str) -> Cells:
        return pc.fill_null(pc.struct_field(self.struct, name), "")


def _groups(text: Cells, pattern: str) -> _Groups:
    struct = pc.extract_regex(text, pattern)
    return _Groups(struct, np.asarray(struct.is_valid()))


def _wall_clock(layout: str, groups: _Groups, month: Whole, day: Whole) -> _Reading:
    """Put the parts together; a day or an hour that does not exist is no time."""
    year, minute, second = groups["year"], groups["minute"], groups["second"]
    hour, clock_right = _hour24(groups["hour"], groups)
    right = groups.found & clock_right & (month >= 1) & (month <= 12)
    right &= (hour < 24) & (minute < 60) & (second < 60)
    months = np.where(right, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + np.where(right, day - 1, 0)
    right &= (day >= 1) & (days.astype("datetime64[M]") == months)
    clock = (hour * 3600 + minute * 60 + second) * 1_000_000
    times = days.astype("datetime64[us]") + np.where(right, clock, 0)
    offset, zoned = _offsets(groups.text("zone"))
    return _Reading(layout, np.where(right, times, np.datetime64("NaT")), offset, zoned & right)


def _hour24(hour: Whole, groups: _Groups) -> tuple[Whole, Flags]:
    half = pc.utf8_upper(pc.binary_join_element_wise(groups.text("half"), groups.text("after"), ""))
    afternoon = np.asarray(pc.is_in(half, pa.array(["PM", "下午"])))
    told = afternoon | np.asarray(pc.is_in(half, pa.array(["AM", "上午"])))
    plain = np.asarray(pc.equal(half, ""))
    twelve = np.where(afternoon & (hour < 12), hour + 12, hour)
    chinese = np.asarray(pc.is_in(half, pa.array(["上午", "下午"])))
    midnight = told & ~afternoon & (hour == 12)
    return np.where(midnight, 0, twelve), plain | (told & ((hour <= 12) | chinese))


def _offsets(zone: Cells) -> tuple[Whole, Flags]:
    coded = zone.dictionary_encode()
    words = coded.dictionary.to_pylist()
    indices = np.asarray(coded.indices)
    minutes = np.array([_minutes(word) for word in words], dtype=np.int64)
    return minutes[indices], np.array([bool(word) for word in words], dtype=bool)[indices]


def _minutes(zone: str) -> int:
    digits = zone.removeprefix("Z").removeprefix("GMT").removeprefix("UTC").replace(":", "")
    if not digits:
        return 0
    sign, clock = (-1 if digits[0] == "-" else 1), digits[1:]
    hours, minutes = (clock, "0") if len(clock) <= 2 else (clock[:-2], clock[-2:])
    return sign * (int(hours) * 60 + int(minutes))


def _order(groups: _Groups, usual: DateOrder, declared: DateOrder, where: str) -> DateOrder:
    """Return the order that the study declares, that the column itself shows, or that is usual."""
    shows_dmy = bool(((groups["one"] > 12) & (groups["two"] <= 12)).any())
    shows_mdy = bool(((groups["two"] > 12) & (groups["one"] <= 12)).any())
    shown: DateOrder = "" if shows_dmy == shows_mdy else "dmy" if shows_dmy else "mdy"
    if declared and shown and shown != declared:
        raise _order_error(where, f"the study declares {declared}, and the dates show {shown}", groups)
    if found := declared or shown or usual:
        return found
    what = "month and day change places" if shows_dmy else "the dates can be read month first or day first"
    raise _order_error(where, what, groups)


def _order_error(where: str, what: str, groups: _Groups) -> SchemaError:
    one, two = (groups.text(name).filter(pa.array(groups.found))[0].as_py() for name in ("one", "two"))
    return SchemaError(
        "date_order",
        where=where,
        what=what,
        got=f"'{one}' and '{two}'",
        expected="one order that the column shows or the study declares",
        hint="declare `dates: mdy` or `dates: dmy` for this source, or export dates as 2024-09-03",
    )


def _serial(text: Cells) -> _Reading:
    """Read day numbers of the 1900 system; in a time column five digits are nothing else."""
    matches = pc.match_substring_regex(text, _SERIAL)
    days = np.asarray(pc.cast(pc.if_else(matches, text, "0"), pa.float64()))
    times = _SERIAL_ORIGIN + np.rint(days * 86_400).astype(np.int64) * 1_000_000
    values = np.where(np.asarray(matches), times, np.datetime64("NaT"))
    nowhere = np.zeros(len(values), dtype=np.int64)
    return _Reading("serial", values, nowhere, nowhere.astype(bool))


def _within(values: Times, years: tuple[int, int]) -> Times:
    year = values.astype("datetime64[Y]").astype(np.int64) + 1970
    inside = (year >= years[0]) & (year <= years[1])
    return np.where(inside, values, np.datetime64("NaT"))


def _in_zone(values: Times, offset: Whole, zoned: Flags, file_zone: str, study_zone: str) -> Times:
    """Move what carries a zone, or stands in the file's zone, to the wall clock of the study."""
    moved = values
    if zoned.any():
        utc = values - offset * 60_000_000
        moved = np.where(zoned, _from_zone(utc, "UTC", study_zone), moved)
    if file_zone and file_zone != study_zone:
        moved = np.where(zoned, moved, _from_zone(values, file_zone, study_zone))
    return moved


def _from_zone(values: Times, source: str, target: str) -> Times:
    index = pd.DatetimeIndex(values).tz_localize(
        source, ambiguous=np.ones(len(values), dtype=bool), nonexistent="shift_forward"
    )
    return np.asarray(index.tz_convert(target).tz_localize(None).to_numpy(), dtype="datetime64[us]")


def zone_exists(name: str) -> bool:
    """Whether a zone of this name is known."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
