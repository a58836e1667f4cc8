"""Cases behind scored durations and medians, one by one: their error is told by drawing them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import scan
from survey_kpi.evaluation.circumstances import Cases
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.indicators.cells import EXCLUDED_BY
from survey_kpi.indicators.estimation import subject_keys
from survey_kpi.indicators.records import (
    COLLECTED,
    Scan,
    count_records,
    is_personal,
    period_frames,
    record_scans,
)
from survey_kpi.period import Period
from survey_kpi.study.models import Level, Study

if TYPE_CHECKING:
    import duckdb


def scored_cases(
    study: Study,
    level: Level,
    period: Period,
    *,
    frames: Mapping[str, nw.LazyFrame[Any]],
    answers: nw.LazyFrame[Any],
    connection: duckdb.DuckDBPyConnection,
) -> dict[tuple[str, str], Cases]:
    """Return the cases of every scored duration or median by indicator and subject, open ones included.

    Parameters
    ----------
    level
        Whose cases are wanted.
    frames, answers
        As of `estimate_from_records`. A study that scores no such measure scans nothing.
    """
    scans = [one for one in _scans(study) if set(one.view.tables) <= {*frames, "responses"}]
    if not scans:
        return {}
    spans = {name: scan(table, connection=connection) for name, table in period_frames([period]).items()}
    known = {**frames, **spans, "responses": answers.filter(nw.col(EXCLUDED_BY) == "")}
    found: dict[tuple[str, str], Cases] = {}
    for one in scans:
        cells = count_records(one, known, [level])
        for score in one.scores:
            outer, people = cells.cases[score.name]
            found |= _by_subject(people if is_personal(level) else outer, level, score.sheet.id)
    return found


def _scans(study: Study) -> list[Scan]:
    """Scans of the scored measures whose cases are needed one by one."""
    sheets = [study.indicator(name) for name in study.rules.scored]
    wanted = {(sheet.id, scored_measure(sheet)) for sheet in sheets if not sheet.error_free}
    found = []
    for one in record_scans(sheets):
        kept = tuple(
            score
            for score in one.scores
            if (score.sheet.id, score.measure.name) in wanted and score.measure.family in COLLECTED
        )
        if kept:
            found.append(replace(one, scores=kept))
    return found


def _by_subject(table: pd.DataFrame, level: Level, indicator: str) -> dict[tuple[str, str], Cases]:
    column = f"level {level.id}"
    if column not in table:
        return {}
    subjects = subject_keys(table[column], level)
    return {
        (indicator, str(subject)): (
            rows["time"].to_numpy(dtype=float),
            rows["closed"].to_numpy(dtype=bool),
        )
        for subject, rows in table.groupby(subjects)
    }
