"""What each person, or team, is measured against: targets by exposure, and goals of their own by days.

Targets of counts and of money are those of a quarter of somebody who is there throughout; they are multiplied
by the exposure share, that of a team being the sum of its members'. Rates and means are asked of everybody
alike. A goal that somebody agreed to stands in place of the indicator's target on the days on which it holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import Problem, SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation.exposure import (
    MULTIPLIED,
    Exposure,
    days_of,
    exposure_fact,
    exposure_key,
    multiplied,
)
from survey_kpi.evaluation.goal_results import subject_of
from survey_kpi.evaluation.tables import goal_of, scored_measure
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import INDICATORS
from survey_kpi.period import Period
from survey_kpi.scoring import Goal, OwnTargets
from survey_kpi.scoring.scores import NOT_ASKED
from survey_kpi.study.goals import InForce, indicator_of, targets_in_force
from survey_kpi.study.models import IndicatorSheet, Study

COLUMNS: Final = (
    "period", "subject", "indicator", "goal_id", "version", "stated", "exposure_share", "target", "days",
)  # fmt: skip
"""One row for each target in force on some days, oldest first: goal_id is "" and version 0 for the target of
the indicator itself; exposure_share is NaN where targets are not multiplied."""


ALWAYS: Final = Period(1900 * 12, 300 * 12)
"""A span that holds every goal."""
UNANCHORED: Final = frozenset({"step", "identity"})
"""Formulas that count no points from an anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """One target on some days; goal "" is the indicator's own."""

    goal: str
    version: int
    stated: float
    days: int


def own_goals(
    study: Study, period: Period, subjects: Sequence[str], exposure: Exposure
) -> tuple[list[Goal], pd.DataFrame]:
    """Return the goals of the scored indicators with the targets of each subject, and those as a table.

    Parameters
    ----------
    subjects
        In the order of the scores.

    Returns
    -------
    tuple
        Goals in the order of the rules; and `COLUMNS`, for subjects and indicators that are measured against
        anything but the indicator's target as it stands.

    Raises
    ------
    SpecError
        `goal_overlap`: two goals of somebody for one indicator hold on the same day; those of
        `targets_in_force`.
    """
    agreed = _agreed(study, period)
    goals: list[Goal] = []
    rows: list[tuple[object, ...]] = []
    for name in study.rules.scored:
        plain = goal_of(study.indicator(name))
        counted = _is_multiplied(study.indicator(name))
        whole = [_Asked(goal="", version=0, stated=plain.target, days=days_of(period))]
        asked = {
            subject: _asked(agreed[name, subject], plain.target, period)
            if (name, subject) in agreed
            else whole
            for subject in subjects
        }
        shares = [exposure.of(subject) if counted else np.nan for subject in subjects]
        own = [counted or versions is not whole for versions in asked.values()]
        goals.append(_with_own(plain, list(asked.values()), shares) if any(own) else plain)
        told = zip(asked.items(), shares, own, strict=True)
        rows += [
            row
            for (subject, versions), share, kept in told
            if kept
            for row in _rows(period, subject, name, versions, share)
        ]
    return goals, pd.DataFrame(rows, columns=list(COLUMNS))


def _is_multiplied(sheet: IndicatorSheet) -> bool:
    return INDICATORS[sheet.kpi].measure(scored_measure(sheet)).family in MULTIPLIED


def _agreed(study: Study, period: Period) -> dict[tuple[str, str], list[InForce]]:
    """Versions of goals in force by scored indicator and subject, the company's left out."""
    found: dict[tuple[str, str], list[InForce]] = {}
    for parts in targets_in_force(study.goals.goals, period).values():
        name, measure = indicator_of(parts[-1].goal)
        owner = parts[-1].goal.owner
        if name not in study.rules.scored or owner is None or owner.level == "company":
            continue
        wanted = scored_measure(study.indicator(name))
        if (measure or wanted) == wanted:
            found.setdefault((name, subject_of(parts[-1].goal, study)), []).extend(parts)
    return found


def _asked(parts: Sequence[InForce], target: float, period: Period) -> list[_Asked]:
    """Targets in the order of the days; the indicator's own on those that no goal covers."""
    clashes = _clashes(parts)
    if clashes:
        raise SpecError.collect([_overlap(*pair) for pair in clashes])
    found, reached = [], period.start
    for part in sorted(parts, key=lambda part: part.start):
        found += _uncovered(reached, part.start, target)
        found.append(
            _Asked(goal=part.goal.goal_id, version=part.goal.version, stated=part.target, days=part.days)
        )
        reached = part.end
    return [*found, *_uncovered(reached, period.end, target)]


def _uncovered(start: dt.date, end: dt.date, target: float) -> list[_Asked]:
    days = (end - start).days
    return [_Asked(goal="", version=0, stated=target, days=days)] if days else []


def _overlap(one: InForce, two: InForce) -> Problem:
    return Problem(
        code="goal_overlap",
        where=f"goals.yaml: goals {one.goal.goal_id} and {two.goal.goal_id}",
        what=f"two targets of the same owner for one indicator hold on {two.start}",
        hint="let one of them end (due) before the other is agreed on, or amend the first one",
    )


def check_own_goals(study: Study) -> None:
    """Refuse goals of persons and teams that scores cannot be held against, whatever the period.

    Raises
    ------
    SpecError
        `goal_overlap`; `target_degenerate`: no points can be counted toward the level aimed at.
    """
    problems: list[Problem] = []
    for (name, _), parts in _agreed(study, ALWAYS).items():
        problems += [_overlap(*pair) for pair in _clashes(parts)]
        plain = goal_of(study.indicator(name))
        nothing = plain.anchor if plain.direction == "higher" else 0.0
        if study.rules.score.formula not in UNANCHORED:
            problems += [_degenerate(part) for part in parts if part.target == nothing]
    if problems:
        raise SpecError.collect(problems)


def _degenerate(part: InForce) -> Problem:
    return Problem(
        code="target_degenerate",
        where=f"goals.yaml: goal {part.goal.goal_id}, version {part.goal.version}",
        what="the goal is scored, and attainment toward this level divides by 0",
        got=f"{part.target:g}",
        hint="set another level, or score by threshold (formula: step)",
    )


def _clashes(parts: Sequence[InForce]) -> list[tuple[InForce, InForce]]:
    ordered = sorted(parts, key=lambda part: part.start)
    return [(one, two) for one, two in pairwise(ordered) if two.start < one.end]


def _with_own(plain: Goal, told: Sequence[Sequence[_Asked]], shares: Sequence[float]) -> Goal:
    width = max(map(len, told), default=1)
    target, share = np.full((len(told), width), np.nan), np.zeros((len(told), width))
    for place, (versions, exposure) in enumerate(zip(told, shares, strict=True)):
        total = sum(one.days for one in versions)
        for column, one in enumerate(versions):
            target[place, column] = multiplied(one.stated, exposure)
            share[place, column] = one.days / total
    own = OwnTargets(target=target, share=share)
    return replace(plain, own=own)


def _rows(
    period: Period, subject: str, indicator: str, versions: Sequence[_Asked], exposure: float
) -> Iterator[tuple[object, ...]]:
    for one in versions:
        target = multiplied(one.stated, exposure)
        yield (
            str(period), subject, indicator, one.goal, one.version, one.stated, exposure, target, one.days,
        )  # fmt: skip


# --- facts --------------------------------------------------------------------------------------------


def target_keys(targets: pd.DataFrame) -> dict[tuple[str, str, str], tuple[str, ...]]:
    """Return the keys of the target facts by period, subject and indicator, oldest first."""
    found: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for (period, subject, indicator), rows in targets.groupby(["period", "subject", "indicator"], sort=False):
        names = [f"target_{indicator}"] if len(rows) == 1 else _numbered(str(indicator), len(rows))
        found[str(period), str(subject), str(indicator)] = tuple(
            fact_key(period, "score", name, str(subject)) for name in names
        )
    return found


def _numbered(indicator: str, count: int) -> list[str]:
    return [f"target_{indicator}_{place}" for place in range(1, count + 1)]


def target_facts(targets: pd.DataFrame, units: Mapping[str, str]) -> Iterator[Fact]:
    """Yield every target of somebody's own with its formula, and the exposure shares behind them.

    Parameters
    ----------
    units
        Unit of each scored indicator.
    """
    known = targets[targets["exposure_share"].notna()].drop_duplicates(["period", "subject"])
    for row in rows_of(known):
        yield exposure_fact(row.period, row.subject, row.exposure_share)
    keys = target_keys(targets)
    for (period, subject, indicator), rows in targets.groupby(["period", "subject", "indicator"], sort=False):
        named = keys[str(period), str(subject), str(indicator)]
        for key, row in zip(named, rows_of(rows), strict=True):
            yield _target_fact(key, row, units[row.indicator], int(rows["days"].sum()))


def _target_fact(key: str, row: Row, unit: str, days: int) -> Fact:
    exposed, asked = row.exposure_share == row.exposure_share, row.target == row.target
    return Fact(
        key=key,
        value=row.target,
        unit=unit,
        state=State.MEASURED if asked else State.NOT_APPLICABLE,
        reason="" if asked else NOT_ASKED,
        formula=told(row, days),
        depends=(exposure_key(row.period, row.subject),) if exposed else (),
    )


def told(row: Row, days: int) -> str:
    """Say where a target comes from and on how many days it held.

    Examples
    --------
    >>> words = {"goal_id": "speed", "version": 2, "stated": 78.0, "exposure_share": float("nan"), "days": 46}
    >>> told(Row(words), 92)
    'goal speed, version 2: 78, on 46 of 92 days'
    """
    source = f"goal {row.goal_id}, version {row.version}" if row.goal_id else "target of the indicator"
    share = "" if row.exposure_share != row.exposure_share else f" x exposure share {row.exposure_share:.6g}"
    return f"{source}: {row.stated:g}{share}, on {row.days} of {days} days"
