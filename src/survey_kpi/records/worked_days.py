"""Which days were worked: what a log of the system's use leaves to the calendar.

Logs often hold the days of use alone. Held against themselves, everybody would use the system every day; so
where the source has no column that says which days were worked, every working day of a person gets its row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi import engine
from survey_kpi.frames import rows_of
from survey_kpi.records.spells import FAR, Leave, leaves_of
from survey_kpi.workdays import WorkCalendar

if TYPE_CHECKING:
    import duckdb

Lazy = nw.LazyFrame[Any]
AMOUNTS = ("logins", "active_minutes", "entries", "entries_on_time")
KEYS = ["specialist_id", "date"]


def with_working_days(
    usage: Lazy,
    specialists: Lazy | None,
    calendars: Sequence[WorkCalendar],
    absent: Collection[str],
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Lazy:
    """Fill `working_day` in, and add the working days of which the log has no row.

    Parameters
    ----------
    usage, specialists
        Canonical tables; without specialists a person's days go from the first to the last of the log.
    calendars
        Working time of the years of the log.
    absent
        Columns that the source lacks. Without `working_day` among them the log is taken to be whole, and only
        its blank cells are filled in.

    Returns
    -------
    LazyFrame
        `working_day` is null where the calendar does not reach. Rows that are added hold 0 in the columns
        that the source has: nothing was done on that day.
    """
    days = engine.scan(_days(calendars), connection=connection)
    filled = usage.join(days, left_on="date", right_on="calendar day", how="left").with_columns(
        nw.when(nw.col("working_day").is_null())
        .then(nw.col("worked"))
        .otherwise(nw.col("working_day"))
        .alias("working_day")
    )
    known = filled.drop("worked")
    if "working_day" not in absent:
        return known
    spans = _spans(engine.collect(usage.select(*KEYS)), specialists)
    expected = engine.scan(_expected(spans, calendars), connection=connection)
    missing = expected.join(usage.select(*KEYS), on=KEYS, how="anti")
    amounts = [_nothing(usage, name, absent) for name in AMOUNTS]
    added = missing.with_columns(*amounts, nw.lit(True).alias("working_day"))
    return nw.concat([known, added.select(*known.collect_schema().names())], how="vertical")


def _nothing(usage: Lazy, name: str, absent: Collection[str]) -> nw.Expr:
    kind = usage.collect_schema()[name]
    none = nw.lit(0).cast(kind)
    return (nw.when(nw.lit(False)).then(none) if name in absent else none).alias(name)


def _days(calendars: Sequence[WorkCalendar]) -> pd.DataFrame:
    """Return the days that the calendars know, and whether they are worked."""
    tables = []
    for calendar in calendars:
        days = calendar.first + np.flatnonzero(calendar.known)
        tables.append(pd.DataFrame({"calendar day": days, "worked": calendar.is_working(days)}))
    empty = pd.DataFrame({"calendar day": np.array([], "datetime64[D]"), "worked": np.array([], bool)})
    return pd.concat(tables or [empty]).astype({"calendar day": "datetime64[us]"})


def _spans(log: pd.DataFrame, specialists: Lazy | None) -> pd.DataFrame:
    """Return specialist_id, start and end (exclusive) of the days on which each may have used the system."""
    if specialists is None or log.empty:
        spans = log.groupby("specialist_id")["date"].agg(start="min", end="max").reset_index()
        return spans.assign(end=spans["end"] + pd.Timedelta(days=1), leave=None)
    spells = engine.collect(specialists)
    first, after = log["date"].min(), log["date"].max() + pd.Timedelta(days=1)
    start = spells[["valid_from", "hired_on"]].max(axis=1).clip(lower=first)
    end = spells[["valid_to", "left_on"]].fillna(FAR).min(axis=1).clip(upper=after)
    return spells[["specialist_id", "leave"]].assign(start=start, end=end)


def _expected(spans: pd.DataFrame, calendars: Sequence[WorkCalendar]) -> pd.DataFrame:
    away: dict[str, list[Leave]] = {}
    for row in rows_of(spans[spans["leave"].notna()]):
        away.setdefault(row.specialist_id, []).extend(leaves_of(row.leave))
    rows = [
        (row.specialist_id, day)
        for row in rows_of(spans)
        for day in _worked(row.start, row.end, calendars)
        if not any(leave.start <= day < leave.end for leave in away.get(row.specialist_id, ()))
    ]
    table = pd.DataFrame(rows, columns=KEYS)
    return table.astype({"specialist_id": "str", "date": "datetime64[us]"}).drop_duplicates()


def _worked(start: pd.Timestamp, end: pd.Timestamp, calendars: Sequence[WorkCalendar]) -> Iterator[dt.date]:
    days = np.arange(start.to_datetime64(), end.to_datetime64(), dtype="datetime64[D]")
    for calendar in calendars:
        yield from days[calendar.is_working(days)].tolist()
