"""`goals.yaml`: what it declares, what a target means in absolute terms, which version holds on which days.

A goal is a contract of two people. It changes by a new version that names the one it amends; both are kept,
and each holds for its own days, so that nobody is measured backwards against a target of tomorrow.

Examples
--------
>>> words = {"zh": "提高首次解决率", "en": "Raise first-contact resolution"}
>>> goal = Goal(goal_id="g1", text=words, indicator="A09", unit="pp", baseline=80, target=5)
>>> absolute_target(goal)
85.0
>>> absolute_target(goal.model_copy(update={"unit": "pct_rel"}))
84.0
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from survey_kpi.errors import Problem, SpecError
from survey_kpi.period import Period
from survey_kpi.study.base import IndicatorId, Model, Text, Unit


class GoalOwner(Model):
    """Who answers for a goal."""

    level: Literal["company", "department", "person"]
    id: str | None = Field(default=None, min_length=1)
    """Department, role or specialist_id; nothing for the company."""


class Goal(Model):
    """One version of a goal: what two people agreed on, and until when.

    Only its id and words are asked for by form; what else a goal needs is told by the SMART check.
    """

    goal_id: IndicatorId
    text: Text
    parent_id: IndicatorId | None = None
    """The goal that this one serves."""
    indicator: str | None = None
    """Indicator of the study, with a measure where it has several: `A48`, `A31.accuracy`."""
    unit: Unit | None = None
    baseline: float | None = None
    """Level before the goal, from which `pp` and `pct_rel` count."""
    target: float | None = None
    owner: GoalOwner | None = None
    agreed_by: tuple[str, ...] = ()
    """The two who agreed."""
    agreed_on: dt.date | None = None
    """Day from which this version holds."""
    due: dt.date | None = None
    """Last day of the goal."""
    version: int = Field(default=1, ge=1)
    amends: int | None = Field(default=None, ge=1)
    """Version that this one replaces; a changed target without it is refused."""


class Goals(Model):
    """`goals.yaml`: goals of the company, its departments and its people; the file may be left out."""

    schema_version: Literal[1]
    goals: tuple[Goal, ...] = ()
    most_per_person: int = Field(default=7, ge=1)
    """Goals of one person above which the plan is said to be overloaded."""


RELATIVE = ("pp", "pct_rel")
"""Units that state a change from the baseline; all others state the level aimed at."""


def indicator_of(goal: Goal) -> tuple[str, str]:
    """Return the indicator and the measure that a goal names; empty where it names none.

    Examples
    --------
    >>> words = {"zh": "档案准确", "en": "Accurate profiles"}
    >>> indicator_of(Goal(goal_id="g1", text=words, indicator="A31.accuracy"))
    ('A31', 'accuracy')
    """
    indicator, _, measure = (goal.indicator or "").partition(".")
    return indicator, measure


# --- the level aimed at -------------------------------------------------------------------------------


def absolute_target(goal: Goal) -> float:
    """Return the level aimed at, in the unit of the measure.

    `pp` adds to the baseline, `pct_rel` multiplies it by 1 + target ÷ 100; every other unit is the level.

    Raises
    ------
    SpecError
        `unit_missing`: nobody can say whether 10 % on top of 30 is 33 or 40; `baseline_missing`: a change
        from an unknown level; `target_missing`.

    Examples
    --------
    >>> words = {"zh": "NPS提升10%", "en": "NPS up 10%"}
    >>> absolute_target(Goal(goal_id="g2", text=words, indicator="A07", baseline=30, target=10))
    Traceback (most recent call last):
    survey_kpi.errors.SpecError: goal g2: ... 30→33 (percent) or 30→40 (points)?
    """
    problem = target_problem(goal, f"goal {goal.goal_id}")
    if problem:
        raise SpecError.collect([problem])
    target, baseline = goal.target or 0.0, goal.baseline or 0.0
    if goal.unit == "pp":
        return baseline + target
    # division last: 80 x 105 / 100 is 84 exactly, 80 x 1.05 need not be
    return baseline * (100 + target) / 100 if goal.unit == "pct_rel" else target


def target_problem(goal: Goal, where: str) -> Problem | None:
    """Return why a target cannot be read as a level, None when it can."""
    if goal.target is None:
        return Problem(code="target_missing", where=where, what="the goal has no target")
    if goal.unit is None:
        return _unit_missing(goal, where)
    if goal.unit in RELATIVE and goal.baseline is None:
        what = f"the unit {goal.unit} is a change, and the goal has no baseline to change from"
        return Problem(
            code="baseline_missing", where=where, what=what, hint="write the level before the goal"
        )
    return None


def _unit_missing(goal: Goal, where: str) -> Problem:
    target, baseline = goal.target or 0.0, 30.0 if goal.baseline is None else goal.baseline
    of_it, on_top = baseline * (100 + target) / 100, baseline + target
    example = "" if goal.baseline is not None else ", say,"
    return Problem(
        code="unit_missing",
        where=where,
        what="the target has no unit",
        expected="unit: pct_rel for percent of the baseline, or a level with unit: points or percent",
        got=f"{target:g}",
        hint=f"does it mean{example} {baseline:g}→{of_it:g} (percent) or {baseline:g}→{on_top:g} (points)?",
    )


# --- versions -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """One version of a goal on the days of a period on which it holds.

    Parameters
    ----------
    start, end
        Half-open span of days.
    share
        Its days ÷ days of the period; the shares of a goal sum to 1 when it holds throughout.
    target
        The level aimed at.
    """

    goal: Goal
    start: dt.date
    end: dt.date
    share: float
    target: float

    @property
    def days(self) -> int:
        """Days on which this version holds."""
        return (self.end - self.start).days


def versions(goals: Iterable[Goal]) -> dict[str, list[Goal]]:
    """Return the versions of each goal, oldest first, goals in the order of the file."""
    found: dict[str, list[Goal]] = {}
    for goal in goals:
        found.setdefault(goal.goal_id, []).append(goal)
    return {name: sorted(group, key=lambda goal: goal.version) for name, group in found.items()}


def latest(goals: Iterable[Goal]) -> list[Goal]:
    """Return the newest version of each goal, goals in the order of the file."""
    return [group[-1] for group in versions(goals).values()]


def targets_in_force(goals: Iterable[Goal], period: Period) -> dict[str, tuple[InForce, ...]]:
    """Return, for each goal, the versions that hold in a period, each with its days.

    A version holds from the day it was agreed on (the first one without a date: from the beginning) until the
    day before the next version, at most until its due day. A score against a goal is the sum of share x score
    over the parts; days on which no version holds belong to no part.

    Raises
    ------
    SpecError
        As `absolute_target`; and `goal_changed_without_amendment`, see `unamended`.

    Examples
    --------
    >>> words = {"zh": "回访率达80%", "en": "Call-backs at 80 %"}
    >>> first = Goal(goal_id="g1", text=words, indicator="A47", unit="percent", target=80,
    ...              agreed_by=["s01", "s07"], agreed_on="2026-06-20", due="2026-12-31")
    >>> changed = {"target": 90.0, "agreed_on": dt.date(2026, 8, 16), "version": 2, "amends": 1}
    >>> found = targets_in_force([first, first.model_copy(update=changed)], Period.parse("2026Q3"))
    >>> [(part.target, part.days, part.share) for part in found["g1"]]
    [(80.0, 46, 0.5), (90.0, 46, 0.5)]
    """
    goals = list(goals)
    problems = list(unamended(goals))
    if problems:
        raise SpecError.collect(problems)
    found = {name: tuple(_parts(group, period)) for name, group in versions(goals).items()}
    return {name: parts for name, parts in found.items() if parts}


def _parts(group: Sequence[Goal], period: Period) -> Iterator[InForce]:
    length = (period.end - period.start).days
    for goal, after in itertools.zip_longest(group, group[1:]):
        end = min(period.end, _after(goal), after.agreed_on if after and after.agreed_on else dt.date.max)
        start = max(period.start, goal.agreed_on or dt.date.min)
        if start < end:
            share = (end - start).days / length
            yield InForce(goal=goal, start=start, end=end, share=share, target=absolute_target(goal))


def _after(goal: Goal) -> dt.date:
    return goal.due + dt.timedelta(days=1) if goal.due else dt.date.max


CHANGED = "goal_changed_without_amendment"


def unamended(goals: Sequence[Goal], wheres: Sequence[str] = ()) -> Iterator[Problem]:
    """Yield a problem for every version that does not say which earlier one it replaces, and from when.

    Parameters
    ----------
    wheres
        Where each goal stands, for the messages; its id and version by default.
    """
    place = dict(zip(map(id, goals), wheres, strict=True)) if wheres else {}
    for group in versions(goals).values():
        for before, goal in itertools.pairwise(group):
            what = _flaw(before, goal)
            if what:
                where = place.get(id(goal), f"goal {goal.goal_id}, version {goal.version}")
                hint = (
                    f"keep version {before.version} as it is and give the new target as version "
                    f"{before.version + 1} with amends: {before.version}, agreed_by and agreed_on"
                )
                yield Problem(code=CHANGED, where=where, what=what, hint=hint)
        first = group[0]
        if first.amends is not None or first.version != 1:
            where = place.get(id(first), f"goal {first.goal_id}, version {first.version}")
            what = "the version before this one is not kept"
            yield Problem(code=CHANGED, where=where, what=what, hint="keep every version in goals.yaml")


def _flaw(before: Goal, goal: Goal) -> str:
    if goal.version == before.version:
        return f"version {goal.version} of the goal stands here twice"
    if goal.amends != before.version:
        return "the goal was changed and does not name the version that it amends"
    if goal.agreed_on is None or len(set(goal.agreed_by)) < 2:
        return "the goal was changed without a day and two people who agreed"
    if before.agreed_on and goal.agreed_on <= before.agreed_on:
        return f"version {goal.version} is not agreed later than version {before.version}"
    return ""


def rewritten(before: Iterable[Goal], now: Iterable[Goal]) -> tuple[Problem, ...]:
    """Compare goals with those of a published evaluation: a version, once published, stays as it was.

    Parameters
    ----------
    before, now
        Goals as published, and as they stand in the file.

    Returns
    -------
    tuple
        One problem for each version that was altered or dropped.

    Examples
    --------
    >>> words = {"zh": "回访率达80%", "en": "Call-backs at 80 %"}
    >>> goal = Goal(goal_id="g1", text=words, indicator="A47", unit="percent", target=80)
    >>> [problem.code for problem in rewritten([goal], [goal.model_copy(update={"target": 75.0})])]
    ['goal_changed_without_amendment']
    """
    present = {(goal.goal_id, goal.version): goal for goal in now}
    return tuple(
        Problem(
            code=CHANGED,
            where=f"goals.yaml: goal {goal.goal_id}, version {goal.version}",
            what="a published version was altered" if found else "a published version is gone",
            got=f"target {found.target:g}" if found and found.target is not None else None,
            expected=f"target {goal.target:g}" if goal.target is not None else None,
            hint=f"restore it, and give the new target as a version that amends {goal.version}",
        )
        for goal in before
        if (found := present.get((goal.goal_id, goal.version))) != goal
    )
