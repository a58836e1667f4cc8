"""Goals against results: target in force, value with interval, points by days, verdict and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import SpecError
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.period import Period
from survey_kpi.scoring import attainment, certainty, verdicts
from survey_kpi.study.goals import Goal, InForce, indicator_of, targets_in_force
from survey_kpi.study.models import IndicatorSheet, Study

COLUMNS: Final = (
    "goal_id", "level", "subject", "indicator", "measure", "target", "value", "unit", "attainment",
    "verdict", "certainty",
)  # fmt: skip


def goal_results(study: Study, estimates: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Judge every goal of an indicator of the study that holds on some day of the period.

    Parameters
    ----------
    estimates
        Of the period, `indicators.estimation.COLUMNS`.

    Returns
    -------
    DataFrame
        `COLUMNS`, in the order of `goals.yaml`: target is the latest in force; attainment adds up the points
        toward each version by the days on which it held; NaN where the owner's value is not measured, or
        where points toward the target are undefined. level is company, department or person.
    """
    now = estimates[estimates["period"] == str(period)]
    sheets = {sheet.id: sheet for sheet in study.indicators.indicators}
    rows = [
        _row(parts, sheets[name], now, study)
        for parts in targets_in_force(study.goals.goals, period).values()
        if (name := indicator_of(parts[-1].goal)[0]) in sheets
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    parts: Sequence[InForce], sheet: IndicatorSheet, now: pd.DataFrame, study: Study
) -> dict[str, object]:
    last = parts[-1]
    measure = indicator_of(last.goal)[1] or scored_measure(sheet)
    subject = _subject(last.goal, study)
    mine = (now["indicator"] == sheet.id) & (now["measure"] == measure) & (now["subject"] == subject)
    known = now.loc[mine, ["value", "conf_low", "conf_high"]].to_numpy(dtype=float)
    value, low, high = known[0] if len(known) else (np.nan,) * 3
    return {
        "goal_id": last.goal.goal_id,
        "level": last.goal.owner.level if last.goal.owner else COMPANY,
        "subject": subject,
        "indicator": sheet.id,
        "measure": measure,
        "target": last.target,
        "value": value,
        "unit": INDICATORS[sheet.kpi].measure(measure).unit,
        "attainment": _points(parts, value, sheet, study),
        "verdict": str(verdicts([value], last.target, sheet.direction)[0]),
        "certainty": str(certainty([value], [low], [high], last.target, sheet.direction)[0]),
    }


def _subject(goal: Goal, study: Study) -> str:
    """Subject of the owner: the person, the group of a level with such a member, or the company."""
    owner = goal.owner
    if owner is None or owner.level == "company" or owner.id is None:
        return COMPANY
    if owner.level == "person":
        return owner.id
    groups = (level for level in study.study.levels if any(one.id == owner.id for one in level.members))
    return next((f"{level.id}:{owner.id}" for level in groups), owner.id)


def _points(parts: Sequence[InForce], value: float, sheet: IndicatorSheet, study: Study) -> float:
    """Points toward each version of the target, by days; NaN where they are undefined."""
    anchor = sheet.anchor if sheet.anchor is not None else INDICATORS[sheet.kpi].default_anchor
    try:
        points = [
            attainment(value, part.target, rule=study.rules.score, direction=sheet.direction, anchor=anchor)
            for part in parts
        ]
    except SpecError:  # a target at its anchor: met or not is all that can be said
        return float("nan")
    return float(np.average(points, weights=[part.days for part in parts]))


def goal_facts(period: Period, results: pd.DataFrame) -> Iterator[Fact]:
    """Yield target and points of every goal; the value is a fact of its own."""
    for row in rows_of(results):
        target = fact_key(period, "goal", f"target_{row.goal_id}", row.subject)
        yield Fact(key=target, value=row.target, unit=row.unit, formula="target in force at the end")
        if row.attainment == row.attainment:
            yield Fact(
                key=fact_key(period, "goal", f"attainment_{row.goal_id}", row.subject),
                value=row.attainment,
                unit="score",
                formula="attainment toward each version of the target, by days",
                depends=(target, fact_key(period, row.indicator, row.measure, row.subject)),
            )
