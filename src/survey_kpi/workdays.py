"""Working time: which days are worked, when promised hours end, how many hours lie between two times.

The library holidays knows public holidays and, for China, the make-up working days 调休 that the State
Council announces each autumn for the next year. A table of the company wins over it. A year that neither
covers is unknown, never guessed: times in it yield nothing.

Examples
--------
>>> calendar = work_calendar("CN", [2026])
>>> make_up_day, holiday = "2026-02-14", "2026-02-16"
>>> calendar.is_working(np.array([make_up_day, holiday], "datetime64[D]")).tolist()
[True, False]
>>> str(due_times(np.array(["2026-02-13T17:00"], "datetime64[us]"), 2.0, calendar)[0])
'2026-02-14T10:00:00.000000'
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd

from survey_kpi.errors import SpecError, nearest
from survey_kpi.frames import rows_of

Times = npt.NDArray[np.datetime64]
Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

OPENS, CLOSES = dt.time(9), dt.time(18)
COMPANY_CALENDAR = ", company calendar sha256 "
"""Words before the hash of the company's file; reports say them in their own language."""
_DAY = 86_400_000_000
_HOUR = 3_600_000_000
_YEARS_BACK = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkCalendar:
    """Working time of consecutive days.

    Parameters
    ----------
    first
        Day that the arrays begin with.
    known
        Whether the calendar covers a day.
    opens, closes
        Microseconds after midnight; equal on a day that is not worked.
    source
        Library with version and country, and hash of the company's table: printed beside every number that
        rests on the calendar.
    """

    first: np.datetime64
    known: Flags
    opens: npt.NDArray[np.int64]
    closes: npt.NDArray[np.int64]
    source: str

    def is_working(self, days: Times) -> Flags:
        """Whether days are worked; False where the calendar does not know.

        Parameters
        ----------
        days
            Days or times.
        """
        place, known = self._places(days)
        return known & (self.closes[place] > self.opens[place])

    def covers(self, times: Times) -> Flags:
        """Whether the calendar knows the days of these times; where it does not, the state is unavailable."""
        return self._places(times)[1]

    def _places(self, times: Times) -> tuple[npt.NDArray[np.int64], Flags]:
        missing = np.isnat(times)
        days = (times.astype("datetime64[D]") - self.first).astype(np.int64)
        inside = ~missing & (days >= 0) & (days < len(self.known))
        place = np.where(inside, days, 0)
        return place, inside & self.known[place]

    def _stretch(self, place: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Number of the unbroken stretch of known days that a day belongs to."""
        stretches: npt.NDArray[np.int64] = np.cumsum(~self.known, dtype=np.int64)[place]
        return stretches

    @property
    def _before(self) -> npt.NDArray[np.int64]:
        """Working microseconds before each day, and before the day after the last."""
        return np.concatenate([[0], np.cumsum(self.closes - self.opens)])


def work_calendar(
    country: str,
    years: Iterable[int],
    *,
    opens: dt.time = OPENS,
    closes: dt.time = CLOSES,
    company: pd.DataFrame | None = None,
    company_hash: str = "",
) -> WorkCalendar:
    """Make the calendar of some years.

    Parameters
    ----------
    country
        Code of ISO 3166 such as CN.
    years
        Years wanted, those between the first and the last included.
    opens, closes
        Hours of a working day.
    company
        Days that are otherwise: date, working, open and close (time of day, missing for the usual one).
    company_hash
        Hash of the company's file, to be printed.

    Raises
    ------
    SpecError
        `unknown_country`, `working_hours`: a day closes before it opens; `no_years`.

    Notes
    -----
    Countries that swap working days for days off decide so year by year. A year for which the library has
    no swapped day, while it has some in one of the five years before, is not yet announced: unknown, unless
    the company's table names every day of it.
    """
    wanted = sorted(set(years))
    if not wanted:
        raise SpecError("no_years", where="calendar", what="a calendar needs at least one year")
    first, last = dt.date(wanted[0], 1, 1), dt.date(wanted[-1], 12, 31)
    days = pd.date_range(first, last, unit="us")
    library = [_days_of(country, year) for year in range(wanted[0], wanted[-1] + 1)]
    known, working = (np.concatenate([part[side] for part in library]) for side in (0, 1))
    start, end = np.full(len(days), _micros(opens)), np.full(len(days), _micros(closes))
    for row in rows_of(company) if company is not None else ():
        place = (row.date.date() - first).days
        if 0 <= place < len(days):
            known[place], working[place] = True, bool(row.working)
            start[place] = _micros(row.get("open"), opens)
            end[place] = _micros(row.get("close"), closes)
    _refuse_backward(days, start, end)
    return WorkCalendar(
        first=np.datetime64(first, "D"),
        known=known,
        opens=start,
        closes=np.where(working & known, end, start),
        source=_source(country, company_hash),
    )


def _source(country: str, company_hash: str) -> str:
    company = f"{COMPANY_CALENDAR}{company_hash[:12]}" if company_hash else ""
    return f"holidays {version('holidays')} {country}{company}"


@cache
def _holidays(country: str, year: int) -> holidays.HolidayBase:
    try:
        return holidays.country_holidays(country, years=year)
    except NotImplementedError:
        raise SpecError(
            "unknown_country",
            where="calendar",
            what="the library of holidays has no such country",
            got=repr(country),
            hint=nearest(country, holidays.list_supported_countries()),
        ) from None


def _days_of(country: str, year: int) -> tuple[Flags, Flags]:
    """Return for each day of a year whether it is known, and whether it is worked."""
    found = _holidays(country, year)
    swaps = _swapped(country, year)
    announced = swaps or not any(_swapped(country, year - back) for back in range(1, _YEARS_BACK + 1))
    days = [dt.date(year, 1, 1) + dt.timedelta(days=number) for number in range(366)]
    working = [found.is_working_day(day) for day in days if day.year == year]
    return np.full(len(working), bool(announced)), np.array(working, dtype=bool)


def _swapped(country: str, year: int) -> set[dt.date]:
    """Return the days of a weekend that are worked in a year."""
    return {day for day in getattr(_holidays(country, year), "weekend_workdays", ()) if day.year == year}


def _micros(time: object, usual: dt.time = OPENS) -> int:
    clock = time if isinstance(time, dt.time) else usual
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000


def _refuse_backward(days: pd.DatetimeIndex, start: Numbers, end: Numbers) -> None:
    for place in np.flatnonzero(end <= start)[:1]:
        raise SpecError(
            "working_hours",
            where="calendar",
            what="a day closes before it opens",
            got=f"{days[place]:%Y-%m-%d}",
        )


def _worked(
    times: Times, calendar: WorkCalendar
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Flags]:
    """Return working microseconds since the calendar begins, the stretch of days, and what is known."""
    place, known = calendar._places(times)
    clock = (times.astype("datetime64[us]") - times.astype("datetime64[D]")).astype(np.int64)
    today = np.clip(clock, calendar.opens[place], calendar.closes[place]) - calendar.opens[place]
    return calendar._before[place] + today, calendar._stretch(place), known


def working_hours(start: Times, end: Times, calendar: WorkCalendar) -> Numbers:
    """Return the working hours between pairs of times.

    Parameters
    ----------
    start, end
        Wall clock in the company's zone, one pair per case.

    Returns
    -------
    ndarray
        Hours, negative where `end` comes first; NaN where a time is missing, or the calendar does not cover
        every day between the two.

    Examples
    --------
    >>> days = ("2026-07-03T17:00", "2026-07-07T10:00")
    >>> friday, tuesday = (np.array([day], "datetime64[us]") for day in days)
    >>> working_hours(friday, tuesday, work_calendar("CN", [2026])).tolist()
    [11.0]
    """
    before, first, known_start = _worked(start, calendar)
    after, last, known_end = _worked(end, calendar)
    hours: Numbers = np.where(known_start & known_end & (first == last), (after - before) / _HOUR, np.nan)
    return hours


def due_times(opened: Times, hours: float | Numbers, calendar: WorkCalendar) -> Times:
    """Return when a promised number of working hours has passed.

    Parameters
    ----------
    opened
        Wall clock in the company's zone; a case that is opened outside working time starts with the next
        working day.
    hours
        Promise, one for all or one per case.

    Returns
    -------
    ndarray
        datetime64[us]: the earliest time with so many working hours behind it, so that a promise is kept up
        to and including closing time. NaT where the promise is missing or the calendar does not reach.
    """
    before, stretch, known = _worked(opened, calendar)
    promised = np.broadcast_to(np.asarray(hours, dtype=np.float64), opened.shape)
    wanted = before + np.rint(np.nan_to_num(promised) * _HOUR).astype(np.int64)
    edges = calendar._before
    place = np.minimum(np.searchsorted(edges, wanted, side="left") - 1, len(calendar.known) - 1).clip(0)
    clock = calendar.opens[place] + wanted - edges[place]
    due = calendar.first.astype("datetime64[us]") + (place * _DAY + clock)
    due = np.where(promised == 0, opened.astype("datetime64[us]"), due)
    reached = known & ~np.isnan(promised) & (wanted <= edges[-1]) & (calendar._stretch(place) == stretch)
    return np.where(reached, due, np.datetime64("NaT", "us"))


PIECES = ("day", "after", "upto", "shift", "fixed")
"""Columns of `due_pieces`."""


def due_pieces(hours: float, calendar: WorkCalendar) -> pd.DataFrame:
    """Return when a promise falls due, as a small table that rows join by the day they were opened on.

    Parameters
    ----------
    hours
        Working hours promised, above 0.

    Returns
    -------
    DataFrame
        `PIECES`: on `day`, a case opened at a clock in (after, upto], microseconds after midnight, is due
        `shift` later, or at `fixed` where it is opened outside working time. Times that no row holds have no
        known due time. It says what `due_times` says, for every microsecond.

    Examples
    --------
    >>> pieces = due_pieces(2.0, work_calendar("CN", [2026])).set_index("day")
    >>> pieces.loc[dt.date(2026, 7, 3), "shift"].dropna().tolist()
    [Timedelta('0 days 02:00:00'), Timedelta('2 days 17:00:00')]
    """
    edges, length = calendar._before, calendar.closes - calendar.opens
    wanted = edges + round(hours * _HOUR)
    place = np.minimum(np.searchsorted(edges, wanted, side="left") - 1, len(length) - 1)
    first, number = place[:-1], np.diff(place) + 1
    day = np.repeat(np.arange(len(length)), number)
    due = np.arange(len(day)) - np.repeat(np.cumsum(number) - number, number) + first[day]
    after = np.maximum(edges[due] - wanted[day], -1)
    upto = np.minimum(edges[due + 1] - wanted[day], length[day])
    one = calendar._stretch(due) == calendar._stretch(day)
    kept = (after < upto) & one & calendar.known[day] & calendar.known[due]
    day, due, after, upto = (column[kept] for column in (day, due, after, upto))
    opens, closes = calendar.opens[day], calendar.closes[day]
    shift = (due - day) * _DAY + calendar.opens[due] - opens + wanted[day] - edges[due]
    early, late = after < 0, upto == length[day]
    moving = _pieces(calendar, day, opens + np.maximum(after, 0), opens + upto, shift=shift)
    before = _pieces(calendar, day, np.full(len(day), -1), opens, fixed=opens + shift)[early]
    behind = _pieces(calendar, day, closes, np.full(len(day), _DAY), fixed=closes + shift)[late]
    every: pd.DataFrame = pd.concat([moving[moving["after"] < moving["upto"]], before, behind])
    return every.sort_values(["day", "after"], ignore_index=True)


def _pieces(
    calendar: WorkCalendar,
    day: npt.NDArray[np.int64],
    after: npt.NDArray[np.int64],
    upto: npt.NDArray[np.int64],
    *,
    shift: npt.NDArray[np.int64] | None = None,
    fixed: npt.NDArray[np.int64] | None = None,
) -> pd.DataFrame:
    """Compose rows of `PIECES`; `fixed` in microseconds after the midnight of the day."""
    nothing = np.full(len(day), np.iinfo(np.int64).min)
    midnight = (calendar.first + day).astype("datetime64[us]")
    return pd.DataFrame(
        {
            "day": pd.Series((calendar.first + day).tolist(), dtype=object),
            "after": after,
            "upto": upto,
            "shift": (nothing if shift is None else shift).astype("timedelta64[us]"),
            "fixed": midnight + (nothing if fixed is None else fixed).astype("timedelta64[us]"),
        },
        columns=list(PIECES),
    )


def years_of(times: Iterable[dt.date]) -> Iterator[int]:
    """Yield the years of days, and the year after the last, in which a promise may fall due."""
    years = {time.year for time in times}
    yield from range(min(years), max(years) + 2) if years else ()
