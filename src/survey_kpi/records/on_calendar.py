"""What a study's working calendar adds to its tables, and what it could not say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from survey_kpi import engine
from survey_kpi.frames import rows_of
from survey_kpi.records.calendar import calendars_of
from survey_kpi.records.promises import COMPUTED, NO_CALENDAR, RESOLUTION, source_of, with_due_times
from survey_kpi.records.worked_days import with_working_days
from survey_kpi.study.models import Study

if TYPE_CHECKING:
    import duckdb

Rows = nw.LazyFrame[Any]
Frames = Mapping[str, Rows]
LOOKS_IN: Mapping[str, str] = {"complaints": "customers", "usage": "specialists"}
"""Table in which each of these looks up what its dates depend on."""
AuditRow = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Tables with what the calendar adds.

    Parameters
    ----------
    source
        Name and version of the calendar, hash of the company's file; empty where nothing rests on it.
    audit
        Rows of the audit: how many times were computed, how many days the calendar does not know.
    """

    frames: Frames
    source: str
    audit: tuple[AuditRow, ...]


def on_calendar(
    frames: Frames,
    absent: Mapping[str, Collection[str]],
    study: Study,
    connection: duckdb.DuckDBPyConnection,
) -> Timed:
    """Compute due times of complaints, and fill in which days were worked.

    Parameters
    ----------
    frames
        Canonical tables as read.
    absent
        Canonical columns that no source of a table has.

    Raises
    ------
    SchemaError, SpecError
        Those of `study_calendar`.
    """
    known, sources = dict(frames), list[str]()
    audit: list[AuditRow] = []
    if "complaints" in frames and study.study.service_levels:
        cases, levels = frames["complaints"], study.study.service_levels
        calendars = calendars_of(study, cases, "opened_at")
        timed = with_due_times(cases, frames.get("customers"), levels, calendars, connection=connection)
        known["complaints"], sources = timed, [each.source for each in calendars]
        audit += _due_audit(timed)
    if "usage" in frames and _any_blank(frames["usage"]):
        calendars = calendars_of(study, frames["usage"], "date")
        days = with_working_days(
            frames["usage"], frames.get("specialists"), calendars, absent["usage"], connection=connection
        )
        known["usage"], sources = days, sources + [each.source for each in calendars]
        audit += _day_audit(frames["usage"], days)
    return Timed(frames=known, source=next(iter(sources), ""), audit=tuple(audit))


def _any_blank(usage: Rows) -> bool:
    return len(engine.collect(usage.filter(nw.col("working_day").is_null()).head(1))) > 0


def _due_audit(complaints: Rows) -> Iterator[AuditRow]:
    source = source_of(RESOLUTION)
    counted = engine.collect(complaints.group_by(source).agg(nw.len().alias("n")))
    number = {row[source]: str(row.n) for row in rows_of(counted)}
    if COMPUTED in number:
        yield _whole("complaints", "due_computed", RESOLUTION, number[COMPUTED], "kept")
    if NO_CALENDAR in number:
        yield _whole("complaints", "calendar_unknown", RESOLUTION, number[NO_CALENDAR], "set_missing")


def _day_audit(log: Rows, days: Rows) -> Iterator[AuditRow]:
    added = _number(days) - _number(log)
    unknown = _number(days.filter(nw.col("working_day").is_null()))
    if added:
        yield _whole("usage", "day_added", "date", str(added), "kept")
    if unknown:
        yield _whole("usage", "calendar_unknown", "working_day", str(unknown), "set_missing")


def _number(rows: Rows) -> int:
    return int(engine.collect(rows.select(nw.len().alias("n")))["n"].iloc[0])


def _whole(table: str, rule: str, item: str, count: str, action: str) -> AuditRow:
    return "", table, rule, item, count, action, "rows"
