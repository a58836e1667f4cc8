"""Who was there, for how long: exposure shares and tenure of persons in periods, exact by days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

import pandas as pd

from survey_kpi.frames import Row, rows_of
from survey_kpi.period import Period
from survey_kpi.records.spells import FAR, leaves_of

TENURE_DAYS = 60
"""Days of a quarter, employed and not on leave, below which nobody is graded (default, editable)."""

ROSTER_COLUMNS = (
    "period",
    "specialist_id",
    "team",
    "role",
    "manager_id",
    "location",
    "valid_from",
    "days",
    "exposure",
    "tenure_days",
    "tenured",
)


def roster(
    specialists: pd.DataFrame, periods: Iterable[Period], *, tenure: int = TENURE_DAYS
) -> pd.DataFrame:
    """Return one row per period and spell that falls into it while its person is employed.

    Parameters
    ----------
    specialists
        Person-spells as `read_records` yields them.
    periods
        Periods wanted.
    tenure
        Days from which a person is graded.

    Returns
    -------
    DataFrame
        `ROSTER_COLUMNS`. days: in the spell, employed ([hired_on, left_on)), and not on leave. exposure:
        days x fte / days of the period, by which targets of counts and money are multiplied; a missing fte
        is 1. tenure_days: days of the person over all spells, part-time days counting as days; tenured:
        whether they reach `tenure`.

    Notes
    -----
    Days of leaves that overlap count once. A person on leave throughout has a row with exposure 0: there to
    be held harmless, not absent.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> moved = pd.DataFrame(
    ...     {
    ...         "specialist_id": ["s1", "s1"],
    ...         "team": ["east", "west"],
    ...         "valid_from": [day("2026-01-01"), day("2026-08-16")],
    ...         "valid_to": [day("2026-08-16"), pd.NaT],
    ...         "leave": ["2026-07-01/2026-07-11 sick"] * 2,
    ...         "fte": [1.0, 0.5],
    ...     }
    ... )
    >>> found = roster(moved, [Period.parse("2026Q3")])
    >>> found[["team", "days", "tenure_days"]].to_numpy().tolist(), (found["exposure"] * 92).tolist()
    ([['east', 36, 82], ['west', 46, 82]], [36.0, 23.0])
    """
    spells = rows_of(specialists.sort_values(["specialist_id", "valid_from"], kind="stable"))
    rows = [line for period in periods for spell in spells for line in _line(spell, period)]
    found = pd.DataFrame(rows, columns=[name for name in ROSTER_COLUMNS if not name.startswith("tenure")])
    found["tenure_days"] = found.groupby(["period", "specialist_id"])["days"].transform("sum")
    found["tenured"] = found["tenure_days"] >= tenure
    return found[list(ROSTER_COLUMNS)]


def _line(spell: Row, period: Period) -> Iterator[dict[str, object]]:
    """Yield the row of a spell in a period, if it falls into it."""
    start = max(_day(spell.valid_from), _day(spell.get("hired_on"), dt.date.min), period.start)
    end = min(_day(spell.valid_to, FAR.date()), _day(spell.get("left_on"), dt.date.max), period.end)
    if start >= end:
        return
    days = (end - start).days - _days_off(spell.get("leave"), start, end)
    fte = spell.get("fte")
    yield {
        "period": str(period),
        "specialist_id": spell.specialist_id,
        **{name: _word(spell.get(name)) for name in ("team", "role", "manager_id", "location")},
        "valid_from": spell.valid_from,
        "days": days,
        "exposure": days * (1.0 if pd.isna(fte) else float(fte)) / (period.end - period.start).days,
    }


def _word(value: object) -> object:
    return None if value is None or value is pd.NA or value != value else value  # noqa: PLR0124  NaN


def _day(value: pd.Timestamp | None, otherwise: dt.date = dt.date.max) -> dt.date:
    return otherwise if value is None or pd.isna(value) else value.date()


def _days_off(text: object, start: dt.date, end: dt.date) -> int:
    """Count the days of leave in a span, days of two leaves once."""
    leaves = leaves_of(text) if isinstance(text, str) else ()
    return _covered([(max(leave.start, start), min(leave.end, end)) for leave in leaves])


def _covered(spans: Sequence[tuple[dt.date, dt.date]]) -> int:
    total, reached = 0, dt.date.min
    for start, end in sorted(spans):
        first = max(start, reached)
        if end > first:
            total += (end - first).days
            reached = end
    return total
