"""Indicators of the company's tables: one scan for each view, the same tidy rows as those of answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect, in_order, scan
from survey_kpi.evaluation.reach import Reach, unmeasured
from survey_kpi.indicators.cells import EXCLUDED_BY
from survey_kpi.indicators.estimation import subject_key
from survey_kpi.indicators.least import withheld
from survey_kpi.indicators.record_estimates import NOBODY, estimate_records, missing_records
from survey_kpi.indicators.records import (
    RecordCells,
    Scan,
    count_records,
    is_personal,
    period_frames,
    record_scans,
    rows_of_view,
)
from survey_kpi.period import Period
from survey_kpi.records.promises import NO_CALENDAR
from survey_kpi.study.models import Level, Study

if TYPE_CHECKING:
    import duckdb

Frames = Mapping[str, nw.LazyFrame[Any]]
CALENDAR_BOUND: Mapping[str, str] = MappingProxyType(
    {"A10": "due_from", "M13": "due_from", "G02": "response_due_from", "A35": "working_day"}
)
"""Rows of the library that rest on the working calendar, and the column that says whether it knew the day."""
UNCOVERED = "the working calendar does not cover these days"


def estimate_from_records(
    study: Study,
    frames: Frames,
    answers: nw.LazyFrame[Any],
    periods: Sequence[Period],
    connection: duckdb.DuckDBPyConnection,
    *,
    reach: Reach,
    people_in: Sequence[Period] | None = None,
) -> list[pd.DataFrame]:
    """Estimate every indicator that is computed from tables.

    Parameters
    ----------
    frames
        The tables that the study declares, by canonical name.
    answers
        The cleaned responses, for indicators that join them with a table.
    reach
        What the tables can speak of: the rest is not measured.
    people_in
        Periods in which persons and teams are estimated; all of `periods` by default. Longer trends are those
        of the company.

    Returns
    -------
    list of DataFrame
        One for each view, columns `indicators.estimation.COLUMNS`; an indicator without its tables or columns
        is not measured, nor is a period that they do not reach: never 0.
    """
    scans = record_scans(study.indicators.indicators)
    if not scans:
        return []
    in_order(connection)
    spans = {name: scan(table, connection=connection) for name, table in period_frames(periods).items()}
    kept = answers.filter(nw.col(EXCLUDED_BY) == "")
    known = {**frames, **spans, "responses": kept}
    present = periods if people_in is None else people_in
    there = _present(frames, study.study.levels, present)
    names = [str(period) for period in periods]
    people = [str(period) for period in present]
    return [
        unmeasured(
            _estimated(each, known, study.study.levels, names, people, there), each, study, reach, periods
        )
        for each in scans
    ]


def _estimated(
    scans: Scan,
    frames: Frames,
    levels: Sequence[Level],
    periods: Sequence[str],
    people_in: Sequence[str],
    there: pd.DataFrame | None,
) -> pd.DataFrame:
    absent = [name for name in scans.view.tables if name not in frames]
    if absent:
        reason = f"the study declares no table {', '.join(absent)}"
        return missing_records(scans.scores, periods, reason=reason, roster=there)
    cells = count_records(scans, frames, levels, people_in=people_in)
    roster = there if _of_persons(cells) else None
    estimates = estimate_records(cells, scans.scores, levels, periods, roster=roster)
    return withheld(_with_gaps(estimates, scans, frames), scans.scores)


def _of_persons(cells: RecordCells) -> bool:
    """Whether rows can belong to somebody: a campaign of the company is no person's 0."""
    tables = [cells.people, *(people for _, people in cells.cases.values())]
    return any(str(column).startswith("level ") for table in tables for column in table.columns)


def _with_gaps(estimates: pd.DataFrame, scans: Scan, frames: Frames) -> pd.DataFrame:
    """Say it where a measure has no case because the working calendar does not cover the days of a period."""
    bound = {
        score.sheet.id: CALENDAR_BOUND[score.sheet.kpi]
        for score in scans.scores
        if score.sheet.kpi in CALENDAR_BOUND
    }
    empty = estimates["indicator"].isin(bound) & (estimates["reason"] == NOBODY)
    if not empty.any():
        return estimates
    rows = rows_of_view(scans.view, frames, scans.scores[0].params)
    [source] = set(bound.values())
    if source not in rows.collect_schema().names():
        return estimates
    unknown = nw.col(source).is_null() | (nw.col(source).cast(nw.String()) == NO_CALENDAR)
    periods = collect(rows.filter(unknown).select("period").unique())["period"]
    return estimates.assign(
        reason=estimates["reason"].mask(empty & estimates["period"].isin(periods), UNCOVERED)
    )


def _present(frames: Frames, levels: Sequence[Level], periods: Sequence[Period]) -> pd.DataFrame | None:
    """Return period, level and subject of those with a spell in the period, for whom nothing counts as 0."""
    personal = [level for level in levels if is_personal(level)]
    if "specialists" not in frames or not personal:
        return None
    spells = collect(frames["specialists"])
    tables = []
    for period in periods:
        start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
        inside = spells[(spells["valid_from"] < end) & ~(spells["valid_to"] <= start)]
        for level in personal:
            members = inside[level.column].dropna().unique()
            keys = [subject_key(level, member) for member in members]
            tables.append(pd.DataFrame({"period": str(period), "level": level.id, "subject": keys}))
    return pd.concat(tables, ignore_index=True)
