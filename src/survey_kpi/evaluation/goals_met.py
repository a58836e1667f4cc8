"""A46: the goals of persons that fall due in a period, and which of them were met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import scan
from survey_kpi.evaluation.from_records import Frames, estimate_from_records
from survey_kpi.evaluation.goal_results import goal_results
from survey_kpi.evaluation.reach import Reach
from survey_kpi.frames import rows_of
from survey_kpi.period import Period
from survey_kpi.study.goals import latest
from survey_kpi.study.models import Study

if TYPE_CHECKING:
    import duckdb

KPI, MEASURE, TABLE = "A46", "goals_met", "goals_due"
KINDS = {"specialist_id": "str", "goal_id": "str", "at": "datetime64[us]", "met": "boolean"}
MET = {"met": True, "not_met": False}


def with_goals_met(
    estimates: pd.DataFrame,
    study: Study,
    frames: Frames,
    answers: nw.LazyFrame[Any],
    periods: Sequence[Period],
    connection: duckdb.DuckDBPyConnection,
    *,
    reach: Reach,
    people_in: Sequence[Period],
) -> pd.DataFrame:
    """Fill in the share of goals met, which follows from the estimates of everything else.

    Parameters
    ----------
    estimates
        Of all indicators, `indicators.estimation.COLUMNS`.
    people_in
        Periods in which persons are estimated: goals are judged in these.

    Returns
    -------
    DataFrame
        The same rows; those of A46.goals_met are measured where a person's goal was due and could be judged.
        Without an indicator A46 or without goals nothing changes.
    """
    sheets = tuple(sheet for sheet in study.indicators.indicators if sheet.kpi == KPI)
    if not sheets or not study.goals.goals:
        return estimates
    table = pd.DataFrame(list(_due(study, estimates, people_in)), columns=list(KINDS)).astype(KINDS)
    due = table.drop_duplicates("goal_id", keep="last")
    alone = study.model_copy(
        update={"indicators": study.indicators.model_copy(update={"indicators": sheets})}
    )
    people = {name: frame for name, frame in frames.items() if name == "specialists"}
    known = {**people, TABLE: scan(due, connection=connection)}  # no other view of A46 is scanned again
    found = estimate_from_records(
        alone, known, answers, periods, connection, reach=reach, people_in=people_in
    )
    ours = pd.concat(found, ignore_index=True)
    judged = estimates["indicator"].isin([sheet.id for sheet in sheets]) & (estimates["measure"] == MEASURE)
    return pd.concat([estimates[~judged], ours[ours["measure"] == MEASURE]], ignore_index=True)


def _due(study: Study, estimates: pd.DataFrame, periods: Sequence[Period]) -> Iterator[tuple[object, ...]]:
    """Yield person, goal, day it was due, and whether it was met; none where it cannot be judged."""
    days = {goal.goal_id: goal.due for goal in latest(study.goals.goals)}
    for period in periods:
        for row in rows_of(goal_results(study, estimates, period)):
            due = days[row.goal_id]
            if row.level == "person" and due is not None and period.start <= due < period.end:
                yield row.subject, row.goal_id, pd.Timestamp(due), MET.get(row.verdict)
