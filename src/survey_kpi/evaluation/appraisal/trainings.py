"""Did a training help? The trained against the untrained, over the same quarters.

Who is sent to a training after a bad quarter does better afterwards by chance alone; so the baseline is the
quarter before the one that may have chosen them.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.appraisal.numbers import amount
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.evaluation.tables import headline_measure, tier_indicator
from survey_kpi.facts import Fact
from survey_kpi.indicators import scores_of
from survey_kpi.inference.comparisons import direction_claims
from survey_kpi.numeric import critical_value
from survey_kpi.period import Period
from survey_kpi.scoring.training import TrainingEffect, training_effect
from survey_kpi.study.models import Level

BUDGET: Final = 0.05
"""Share of null quarters in which some action, or some training, is called an effect."""
LEAST: Final = 2
"""Fewest people left alone whose change stands for what would have happened anyway."""
ALL: Final = "all"
"""Scope of the facts about all courses together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarters:
    """The quarter before the choice, the one that chose, and the one after the action."""

    before: Period
    chosen: Period
    after: Period

    @property
    def all(self) -> tuple[Period, Period, Period]:
        """The three in the order of time."""
        return self.before, self.chosen, self.after


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Training:
    """A course of the last quarter, or all of them together, judged by one indicator.

    Parameters
    ----------
    course
        Code of the course; "all" for all together.
    indicator, measure
        What is compared: the share that tiers of people rest on.
    trained, others
        People who passed it, and people who passed none (of all courses) or not this one.
    hours
        Hours taken, those without stated hours left out; None where none states them.
    effect
        None where it cannot be judged; `reason` then says why: "no_people", "nobody", "everybody",
        "too_few_others", "not_measured".
    """

    course: str
    indicator: str
    measure: str
    quarters: Quarters
    trained: int = 0
    others: int = 0
    hours: float | None = None
    effect: TrainingEffect | None = None
    reason: str = ""


def quarters_of(began: dt.date, after: Period) -> Quarters:
    """Return the quarters that judge an action: the last whole one before it began chose the people.

    Examples
    --------
    >>> found = quarters_of(dt.date(2026, 4, 1), Period.parse("2026Q3"))
    >>> [str(quarter) for quarter in found.all]
    ['2025Q4', '2026Q1', '2026Q3']
    """
    month = began.year * 12 + began.month - 1
    chosen = Period(month - month % 3, 3).shift(-1)
    return Quarters(before=chosen.shift(-1), chosen=chosen, after=after)


def evaluated_people(levels: Sequence[Level], evaluate: str | None) -> Level | None:
    """Return the level of people, None where the study evaluates none."""
    return next((level for level in levels if level.people and level.id == evaluate), None)


def people_rows(
    table: pd.DataFrame, indicator: str, measure: str, people: Level, quarters: Collection[str]
) -> pd.DataFrame:
    """Return the estimates of people on one measure in some quarters, each with a standard error."""
    mine = table[
        (table["indicator"] == indicator)
        & (table["measure"] == measure)
        & (table["level"] == people.id)
        & table["period"].isin(list(quarters))
    ]
    return mine.assign(std_error=usable_errors(mine))


def usable_errors(rows: pd.DataFrame) -> pd.Series:
    """Return standard errors; where one is 0 or missing, what the width of the interval implies.

    A share of 100 % of three answers is not certain, and a median has an interval but no standard error.
    """
    half = (rows["conf_high"] - rows["conf_low"]) / 2
    implied = half.where(np.isfinite(half)) / float(critical_value())
    return rows["std_error"].where(rows["std_error"] > 0, implied.where(implied > 0))


def judge_trainings(sources: Sources, quarter: Period) -> tuple[Training, ...]:
    """Compare those who passed a course in a quarter with those who did not, by one share of answers.

    The level of the verdicts is shared among the courses that could be tested (Benjamini-Hochberg).
    """
    evaluation = sources.evaluation
    study = evaluation.study
    indicator = tier_indicator(study, scores_of(study.indicators.indicators, study.codebook))
    quarters = quarters_of(quarter.start, quarter.shift(1))
    people = evaluated_people(study.study.levels, study.study.evaluate)
    if not indicator or people is None:
        return (Training(course=ALL, indicator="", measure="", quarters=quarters, reason="no_people"),)
    measure = headline_measure(study.indicator(indicator))
    wanted = [str(quarters.before), str(quarters.after)]
    counts = _counts(people_rows(evaluation.estimates, indicator, measure, people, wanted), wanted)
    taken = _passed(sources.table("training"), quarter)
    base = Training(course=ALL, indicator=indicator, measure=measure, quarters=quarters)
    first = [_judged(base, rows, counts, BUDGET) for rows in _courses(taken)]
    tested = [one.effect.p_value for one in first if one.effect]
    level = direction_claims(math.nan, tested, level=BUDGET).others_level
    return tuple(_judged(base, rows, counts, level) for rows in _courses(taken))


def _passed(table: pd.DataFrame, quarter: Period) -> pd.DataFrame:
    inside = table["completed_at"].between(
        pd.Timestamp(quarter.start), pd.Timestamp(quarter.end), inclusive="left"
    )
    return table[inside & table["passed"].fillna(False).astype(bool)]


def _courses(taken: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return all courses together, then those that several people took."""
    several = [
        (str(course), rows)
        for course, rows in taken.groupby("course_id", sort=True)
        if rows["person_id"].nunique() >= LEAST
    ]
    return [(ALL, taken), *several]


def _counts(rows: pd.DataFrame, quarters: Sequence[str]) -> pd.DataFrame:
    """Return answers in the measure `x` and all answers `n` by person, before and after."""
    counted = rows.assign(x=(rows["value"].fillna(0) * rows["n"] / 100).round())
    wide = counted.pivot_table(index="subject", columns="period", values=["x", "n"])
    return wide.reindex(columns=pd.MultiIndex.from_product([["x", "n"], quarters])).dropna()


def _judged(base: Training, course: tuple[str, pd.DataFrame], counts: pd.DataFrame, level: float) -> Training:
    name, taken = course
    members = counts.index.isin(taken["person_id"].tolist())
    hours = taken["hours"].dropna()
    one = replace(
        base,
        course=name,
        trained=int(members.sum()),
        others=int((~members).sum()),
        hours=float(hours.sum()) if len(hours) else None,
    )
    if not one.trained or one.others < LEAST:
        reason = "nobody" if not one.trained else "too_few_others" if one.others else "everybody"
        return replace(one, reason=reason)
    cells = [counts[mask].sum() for mask in (members, ~members)]
    quarters = [str(base.quarters.before), str(base.quarters.after)]
    x, n = ([[cell[part, quarter] for quarter in quarters] for cell in cells] for part in ("x", "n"))
    try:
        return replace(one, effect=training_effect(x, n, level=level, hours=one.hours))
    except MethodError:
        return replace(one, reason="not_measured")


def training_facts(period: Period, trainings: Sequence[Training]) -> Iterator[Fact]:
    """Yield people, hours, cost and change of each training."""
    for one in trainings:
        yield from _facts(period, one)


def _facts(period: Period, one: Training) -> Iterator[Fact]:
    scope = one.course
    for name, counted in {"trained": one.trained, "others": one.others}.items():
        yield amount(period, f"training_{name}", counted, "count", f"people: {name}", scope)
    yield amount(
        period, "training_hours", one.hours, "hours", "sum of stated hours", scope, reason="not stated"
    )
    nowhere = "the table of trainings holds no cost"
    yield amount(period, "training_cost", None, "money", "cost", scope, reason=nowhere)
    net, raw = "change of the trained minus that of the others", "change of the trained; decides nothing"
    if one.effect is None:
        yield amount(period, "training_net", None, "pp", net, scope, reason=one.reason)
        return
    rows = f"answers of {one.quarters.before} and {one.quarters.after}"
    yield amount(period, "training_net", one.effect.net, "pp", net, scope, rows=rows)
    yield amount(period, "training_raw", one.effect.raw, "pp", raw, scope, rows=rows)
    for part, end in zip(("low", "high"), one.effect.interval, strict=True):
        yield amount(period, f"training_net_{part}", end, "pp", f"{part} end of its interval", scope)
