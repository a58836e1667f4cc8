"""Cross-checks of `goals.yaml`: SMART, units, measures, versions, the tree.

What is checked here is refused. Doubts (a target out of reach, an orphan, too many goals of one person) are
findings of `survey_kpi.study.cascade`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from survey_kpi.errors import Problem, nearest
from survey_kpi.study.draft import Draft, Problems, unknown
from survey_kpi.study.goals import Goal, indicator_of, target_problem, unamended
from survey_kpi.study.models import IndicatorSheet
from survey_kpi.study.vocabulary import KpiWords
from survey_kpi.study.wording import shown

GOALS = "goals"
FITTING: Mapping[str, tuple[str, ...]] = {"pp": ("percent",), "points": ("points", "score")}
"""Units of measures that a goal may be stated in; `pct_rel` fits all, every other unit itself alone."""


def smart(draft: Draft) -> Problems:
    """A goal is specific, measurable, relevant and has a day; whether it can be reached is a finding."""
    known = draft.names("indicators.indicators") or frozenset()
    for index, goal in draft.goals.items():
        for code, what, hint in lint(goal, known):
            yield Problem(code=code, where=_where(draft, index), what=what, hint=hint)


def lint(goal: Goal, indicators: Mapping[str, object] | frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """Yield (code, what, hint) for what a goal lacks.

    Parameters
    ----------
    indicators
        Ids of the study's indicators.

    Notes
    -----
    Doran, G. T. (1981). There's a S.M.A.R.T. way to write management's goals and objectives. *Management
    Review* 70 (11), 35-36. Of the five, "achievable" needs history: see `cascade.feasibility`.

    Examples
    --------
    >>> goal = Goal(goal_id="g1", text={"zh": "提升客户体验", "en": "Improve the customer experience"})
    >>> [code for code, *_ in lint(goal, {"A48": None})]
    ['smart_specific', 'smart_measurable', 'smart_relevant', 'smart_time']
    """
    name, _ = indicator_of(goal)
    if name not in indicators:
        what = f"the goal names the indicator '{name}', which is not declared" if name else ""
        hint = nearest(name, indicators) if name else "name one of indicators.yaml under indicator"
        yield (
            "smart_specific",
            what or "the goal names no indicator, so nobody can say what it is about",
            hint,
        )
    if goal.target is None:
        yield "smart_measurable", "the goal has no number to reach", "give unit and target"
    if goal.owner is None and goal.parent_id is None:
        hint = "give owner (level company, department or person) or parent_id"
        yield "smart_relevant", "the goal belongs to nobody and serves no other goal", hint
    if goal.due is None:
        yield "smart_time", "the goal has no day by which it is due", "give due, such as 2026-09-30"


def units(draft: Draft) -> Problems:
    """A target has a unit that fits its measure; words that mean two things name the measure."""
    for index, goal in draft.goals.items():
        where = _where(draft, index)
        problem = target_problem(goal, where) if goal.target is not None else None
        if problem:
            yield problem
        sheet = draft.sheet(indicator_of(goal)[0])
        kpi = draft.words.kpis.get(sheet.kpi) if sheet else None
        if sheet and kpi:
            yield from _measure(where, goal, sheet, kpi)


def _measure(where: str, goal: Goal, sheet: IndicatorSheet, kpi: KpiWords) -> Problems:
    named = indicator_of(goal)[1] or sheet.measure or ""
    if not named and kpi.conflated:
        yield conflated(where, sheet.id, kpi)
        return
    measure = named or kpi.headline
    yield from unknown(where, f"{sheet.kpi} has no such measure", measure, kpi.measures)
    unit = kpi.measures.get(measure)
    if unit and goal.unit and goal.unit != "pct_rel" and unit not in FITTING.get(goal.unit, (goal.unit,)):
        what = f"the unit is not that of {sheet.id}.{measure}"
        yield Problem(code="unit_unfit", where=where, what=what, got=goal.unit, expected=unit)


def conflated(where: str, indicator: str, kpi: KpiWords) -> Problem:
    """Return the refusal of one target for several things."""
    unit = kpi.measures.get(kpi.headline)
    names = ", ".join(f"{indicator}.{name}" for name, its in kpi.measures.items() if its == unit)
    what = f"one target for several things: {names} are different numbers"
    hint = "set the target for one of them, and a second one for another if need be"
    return Problem(code="conflated_indicator", where=where, what=what, got=shown(indicator), hint=hint)


def amendments(draft: Draft) -> Problems:
    """A goal changes by a new version that names the one it amends; the old one stays."""
    places = [_where(draft, index) for index in draft.goals]
    yield from unamended(list(draft.goals.values()), places)


def tree(draft: Draft) -> Problems:
    """Parents exist, and no goal serves itself by a detour."""
    parents = {goal.goal_id: goal.parent_id for goal in draft.goals.values()}
    known = draft.parts.values.get("goals.goals") and set(parents)
    for index, goal in draft.goals.items():
        where = draft.where(GOALS, "goals", index, "parent_id")
        if goal.parent_id and not draft.parts.broken & {"goals.goals"}:
            yield from unknown(where, "no such goal", goal.parent_id, known)
        if goal.goal_id in _above(goal.goal_id, parents):
            what = "the goal serves itself, by way of the goals above it"
            yield Problem(code="goal_cycle", where=where, what=what, got=shown(goal.parent_id))


def _above(name: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return the goals above a goal, as far as no one stands there twice."""
    found: list[str] = []
    here = parents.get(name)
    while here is not None and here not in found:
        found.append(here)
        here = parents.get(here)
    return found


def owners(draft: Draft) -> Problems:
    """Departments and people are named."""
    for index, goal in draft.goals.items():
        if goal.owner and goal.owner.level != "company" and not goal.owner.id:
            where = draft.where(GOALS, "goals", index, "owner")
            what = f"the goal belongs to a {goal.owner.level} that is not named"
            yield Problem(code="owner_missing", where=where, what=what, hint="give owner.id")


def _where(draft: Draft, index: int) -> str:
    return draft.where(GOALS, "goals", index)


CHECKS = ((smart, ()), (units, ()), (amendments, ("goals.goals",)), (tree, ()), (owners, ()))
