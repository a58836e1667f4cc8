"""Goals against results: target in force, value with interval, points by days, verdict and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation.exposure import MULTIPLIED, Exposure, exposure_fact, exposure_key, multiplied
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
    "verdict", "certainty", "exposure_share",
)  # fmt: skip


def goal_results(
    study: Study, estimates: pd.DataFrame, period: Period, exposure: Exposure | None = None
) -> pd.DataFrame:
    """Judge every goal of an indicator of the study that holds on some day of the period.

    Parameters
    ----------
    estimates
        Of the period, `indicators.estimation.COLUMNS`.
    exposure
        Of persons and teams, whose targets of counts and money it multiplies; None: everybody is there
        throughout.

    Returns
    -------
    DataFrame
        `COLUMNS`, in the order of `goals.yaml`: target is the latest in force; attainment adds up the points
        toward each version by the days on which it held; NaN where the owner's value is not measured, or
        where points toward the target are undefined. level is company, department or person;
        exposure_share multiplies the targets of counts and money, NaN where nothing is multiplied.
    """
    now = estimates[estimates["period"] == str(period)]
    sheets = {sheet.id: sheet for sheet in study.indicators.indicators}
    rows = [
        _row(parts, sheets[name], now, study, exposure)
        for parts in targets_in_force(study.goals.goals, period).values()
        if (name := indicator_of(parts[-1].goal)[0]) in sheets
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(
    versions: Sequence[InForce],
    sheet: IndicatorSheet,
    now: pd.DataFrame,
    study: Study,
    exposure: Exposure | None,
) -> dict[str, object]:
    measure = indicator_of(versions[-1].goal)[1] or scored_measure(sheet)
    subject = subject_of(versions[-1].goal, study)
    family = INDICATORS[sheet.kpi].measure(measure).family
    personal = exposure is not None and subject != COMPANY and family in MULTIPLIED
    share = exposure.of(subject) if exposure is not None and personal else float("nan")
    parts = [replace(each, target=multiplied(each.target, share)) for each in versions]
    last = parts[-1]
    mine = (now["indicator"] == sheet.id) & (now["measure"] == measure) & (now["subject"] == subject)
    known = now.loc[mine, ["value", "conf_low", "conf_high"]].to_numpy(dtype=float)
    value, low, high = known[0] if len(known) and last.target == last.target else (np.nan,) * 3
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
        "exposure_share": share,
    }


def subject_of(goal: Goal, study: Study) -> str:
    """Return the subject of a goal's owner: the person, the group with such a member, or the company."""
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
        exposed = row.exposure_share == row.exposure_share
        if exposed:
            yield exposure_fact(str(period), row.subject, row.exposure_share)
        asked = row.target == row.target
        yield Fact(
            key=target,
            value=row.target,
            unit=row.unit,
            state=State.MEASURED if asked else State.NOT_APPLICABLE,
            reason="" if asked else "no exposure: nothing is asked for",
            formula="target in force at the end"
            + (f" x exposure share {row.exposure_share:.6g}" if exposed else ""),
            depends=(exposure_key(str(period), row.subject),) if exposed else (),
        )
        if row.attainment == row.attainment:
            yield Fact(
                key=fact_key(period, "goal", f"attainment_{row.goal_id}", row.subject),
                value=row.attainment,
                unit="score",
                formula="attainment toward each version of the target, by days",
                depends=(target, fact_key(period, row.indicator, row.measure, row.subject)),
            )
