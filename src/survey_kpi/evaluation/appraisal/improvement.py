"""Did what was decided help? Actions of the last quarter and trainings, judged against those left alone.

People are chosen for an action because a figure was low, and a figure that was low by chance rises by itself.
So the quarter that chose them is never the baseline: that is the quarter before it; what the others changed
over the same quarters is taken off. An action that everybody took part in leaves nobody to compare with; then
the verdict is that it cannot be judged, whatever the figures did.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from survey_kpi.evaluation.appraisal.numbers import amount, by_key
from survey_kpi.evaluation.appraisal.sources import Sources, estimates_of
from survey_kpi.evaluation.appraisal.trainings import (
    BUDGET,
    LEAST,
    Quarters,
    Training,
    evaluated_people,
    judge_trainings,
    people_rows,
    quarters_of,
    training_facts,
)
from survey_kpi.evaluation.tables import headline_measure
from survey_kpi.facts import Fact
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.inference.comparisons import direction_claims
from survey_kpi.inference.effects import ActionEffect, action_effect
from survey_kpi.period import Period
from survey_kpi.study.models import Level

APART: Final = re.compile(r"[,，;；、\s]+")
"""What stands between the names of a scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One row of the register of actions; amounts are None where they are not stated."""

    action_id: str
    owner: str
    due: dt.date | None
    indicator: str
    scope: str
    status: str
    started: dt.date | None
    cost: float | None
    benefit: tuple[float, float] | None
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Judged:
    """An action of the last quarter with its effect.

    Parameters
    ----------
    effect
        None where the action cannot be judged at all; `reason` then says why: "dropped", "everybody",
        "nobody", "too_few_others", "not_measured", "no_people".
    interval
        Of the effect, at the level that the claims of all actions together leave.
    left_out
        People without a figure in one of the three quarters.
    """

    action: Action
    measure: str
    unit: str
    quarters: Quarters
    effect: ActionEffect | None
    interval: tuple[float, float] = (math.nan, math.nan)
    left_out: int = 0
    reason: str = ""

    @property
    def detectable(self) -> bool:
        """Whether the effect can be told from chance."""
        return self.effect is not None and self.effect.verdict != "no_change"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Improvement:
    """Register of actions, verdicts on those of the last quarter, and on its trainings.

    Parameters
    ----------
    declared
        Whether the study has a register of actions at all.
    open
        Open actions, earliest due first.
    judged
        Actions that began in the quarter before the period.
    level
        Level of each verdict on actions: the budget shared by those tested (Benjamini-Hochberg).
    trainings
        All courses of the quarter before together, then each course that several people took; None where the
        study has no table of trainings.
    """

    declared: bool
    open: tuple[Action, ...]
    judged: tuple[Judged, ...]
    level: float
    trainings: tuple[Training, ...] | None
    facts: Mapping[str, Fact]


def improve(sources: Sources) -> Improvement:
    """Judge the actions and trainings of the quarter before the period.

    Returns
    -------
    Improvement
        With every number as a fact; what cannot be judged says why.
    """
    declared = sources.has("actions")
    actions = [_action(row) for row in rows_of(sources.table("actions"))] if declared else []
    last = last_quarter(sources.period).shift(-1)
    begun = [one for one in actions if one.started and last.start <= one.started < last.end]
    judged, level = _judge_all(sources, begun)
    trainings = judge_trainings(sources, last) if sources.has("training") else None
    waiting = [one for one in actions if one.status in {"open", ""}]
    return Improvement(
        declared=declared,
        open=tuple(sorted(waiting, key=lambda one: (one.due or dt.date.max, one.action_id))),
        judged=tuple(judged),
        level=level,
        trainings=trainings,
        facts=by_key(
            [
                *_facts(sources.period, waiting, judged, level),
                *training_facts(sources.period, trainings or ()),
            ]
        ),
    )


def last_quarter(period: Period) -> Period:
    """Return the quarter that a period ends in: actions are judged by whole quarters, whatever is evaluated.

    Examples
    --------
    >>> [str(last_quarter(Period.parse(text))) for text in ("2026Q3", "2026-08", "2026Q3-R4")]
    ['2026Q3', '2026Q3', '2026Q3']
    """
    last = period.first + period.months - 1
    return Period(last - last % 3, 3)


def _action(row: Row) -> Action:
    begun = row.started_at if not pd.isna(row.started_at) else row.decided_on
    low, high = _money(row.benefit_low), _money(row.benefit_high)
    known = [end for end in (low, high) if end is not None]
    return Action(
        action_id=str(row.action_id),
        owner=_text(row.owner),
        due=_day(row.due),
        indicator=_text(row.indicator),
        scope=_text(row.scope) or COMPANY,
        status=_text(row.status),
        started=_day(begun),
        cost=_money(row.cost),
        benefit=(min(known), max(known)) if known else None,
        currency=_text(row.currency),
    )


def _text(value: object) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()  # type: ignore[call-overload]


def _day(value: object) -> dt.date | None:
    return None if value is None or pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[call-overload, arg-type]


def _money(value: object) -> float | None:
    return None if value is None or pd.isna(value) else float(value)  # type: ignore[call-overload, arg-type]


# --- actions ------------------------------------------------------------------------------------------


def _judge_all(sources: Sources, actions: Sequence[Action]) -> tuple[list[Judged], float]:
    """Judge each action; the level of the verdicts is shared among those that could be tested."""
    first = [_judge(sources, one, BUDGET) for one in actions]
    tested = [one.effect.effect.p_value for one in first if one.effect is not None]
    level = direction_claims(math.nan, tested, level=BUDGET).others_level
    return [one if one.effect is None else _judge(sources, one.action, level) for one in first], level


def _judge(sources: Sources, action: Action, level: float) -> Judged:
    indicator, _, named = action.indicator.partition(".")
    sheet = sources.evaluation.study.indicator(indicator)
    measure = named or headline_measure(sheet)
    now = last_quarter(sources.period)
    quarters = quarters_of(action.started or now.start, now)
    unit = INDICATORS[sheet.kpi].measure(measure).unit
    base = {"action": action, "measure": measure, "unit": unit, "quarters": quarters}
    people = evaluated_people(sources.evaluation.study.study.levels, sources.evaluation.study.study.evaluate)
    if action.status == "dropped":
        return Judged(**base, effect=None, reason="dropped")  # type: ignore[arg-type]
    if people is None:
        return Judged(**base, effect=None, reason="no_people")  # type: ignore[arg-type]
    figures = _figures(sources, indicator, measure, people, quarters)
    chosen = chosen_people(action.scope, figures.index, sources, quarters)
    complete = figures.dropna().index
    reason = _cannot(chosen, figures.index, complete)
    left_out = len(figures) - len(complete)
    if reason:
        return Judged(**base, effect=None, left_out=left_out, reason=reason)  # type: ignore[arg-type]
    kept = figures.loc[complete]
    found = action_effect(
        [kept["value", str(quarter)] for quarter in quarters.all],
        [kept["std_error", str(quarter)] for quarter in quarters.all],
        [person in chosen for person in complete],
        direction=sheet.direction,
        level=level,
    )
    low, high = found.effect.interval(level)
    return Judged(**base, effect=found, interval=(float(low), float(high)), left_out=left_out)  # type: ignore[arg-type]


def _figures(
    sources: Sources, indicator: str, measure: str, people: Level, quarters: Quarters
) -> pd.DataFrame:
    """Return value and standard error by person and quarter; missing where a person has none."""
    evaluation, wanted = sources.evaluation, [str(quarter) for quarter in quarters.all]
    table = evaluation.estimates
    mine = people_rows(table, indicator, measure, people, wanted)
    if set(mine["period"]) != set(wanted):
        sheet = evaluation.study.indicator(indicator)
        again = estimates_of(sources, [sheet], list(quarters.all))
        mine = people_rows(again, indicator, measure, people, wanted) if len(again) else mine
    mine = mine.assign(value=mine["value"].where(mine["std_error"].notna()))
    wide = mine.pivot_table(index="subject", columns="period", values=["value", "std_error"], dropna=False)
    columns = pd.MultiIndex.from_product([["value", "std_error"], wanted])
    return wide.reindex(columns=columns).sort_index()


def chosen_people(scope: str, people: pd.Index, sources: Sources, quarters: Quarters) -> set[str]:
    """Return the people whom an action is about.

    Parameters
    ----------
    scope
        "company", people's codes, or groups of a level as `team:east` or by name, separated by commas.
    people
        Codes of those evaluated.
    """
    names = {name for name in APART.split(scope) if name}
    if not names or COMPANY in names:
        return set(people)
    found = names & set(people)
    if not sources.has("specialists"):
        return found
    spells = sources.table("specialists")
    moment = pd.Timestamp(quarters.chosen.end)
    there = spells[(spells["valid_from"] <= moment) & ~(spells["valid_to"] <= moment)]
    for level in sources.evaluation.study.study.levels:
        if level.via != "specialists":
            continue
        groups = there[level.column].astype(str)
        inside = groups.isin(names) | (f"{level.id}:" + groups).isin(names)
        found |= set(there.loc[inside, "specialist_id"]) & set(people)
    return found


def _cannot(chosen: set[str], people: pd.Index, complete: pd.Index) -> str:
    """Say why an action cannot be judged; empty where it can."""
    others = [person for person in complete if person not in chosen]
    if not chosen:
        return "nobody"
    if not set(people) - chosen:
        return "everybody"
    if not chosen & set(complete):
        return "not_measured"
    return "too_few_others" if len(others) < LEAST else ""


# --- facts --------------------------------------------------------------------------------------------


def _facts(
    period: Period,
    waiting: Sequence[Action],
    judged: Sequence[Judged],
    level: float,
) -> Iterator[Fact]:
    yield amount(period, "actions_open", len(waiting), "count", "open actions", rows="actions")
    yield amount(period, "actions_judged", len(judged), "count", "actions begun in the quarter before")
    able = sum(one.effect is not None for one in judged)
    yield amount(period, "actions_tested", able, "count", "actions that could be tested")
    yield amount(
        period, "actions_budget", 100 * BUDGET, "percent", "declared budget of false verdicts on actions"
    )
    formula = "budget x max(1, verdicts) / actions tested; Benjamini and Hochberg (1995)"
    yield amount(period, "actions_level", 100 * level, "percent", formula)
    for action in dict.fromkeys([*waiting, *(one.action for one in judged)]):
        yield from _action_facts(period, action)
    for one in judged:
        yield from _effect_facts(period, one)


def _action_facts(period: Period, action: Action) -> Iterator[Fact]:
    low, high = action.benefit or (None, None)
    for name, value in {"cost": action.cost, "benefit_low": low, "benefit_high": high}.items():
        yield amount(
            period, f"action_{name}", value, "money", f"{name} as stated", action.action_id,
            rows="actions", reason="not stated in the register of actions",
        )  # fmt: skip


def _effect_facts(period: Period, one: Judged) -> Iterator[Fact]:
    scope, unit = one.action.action_id, "pp" if one.unit == "percent" else one.unit
    before, chosen, after = (str(quarter) for quarter in one.quarters.all)
    rows = f"people with a figure in {before}, {chosen} and {after}"
    yield amount(period, "action_left_out", one.left_out, "count", "people without a figure", scope)
    if one.effect is None:
        yield amount(period, "action_effect", None, unit, "not judged", scope, reason=one.reason)
        return
    found = one.effect
    formula = f"change of the chosen from {before} to {after} minus that of the others"
    yield amount(period, "action_effect", found.effect.difference, unit, formula, scope, rows=rows)
    for part, end in zip(("low", "high"), one.interval, strict=True):
        yield amount(period, f"action_effect_{part}", end, unit, f"{part} end of its interval", scope)
    formula = f"change of the chosen since {chosen}, the quarter that chose them; decides nothing"
    yield amount(period, "action_raw", found.raw.difference, unit, formula, scope, rows=rows)
    formula = f"the same, from figures of {chosen} drawn toward the mean of all; decides nothing"
    yield amount(period, "action_shrunken", found.shrunken.difference, unit, formula, scope, rows=rows)
    yield amount(period, "action_chosen", found.chosen, "count", "people chosen", scope)
    yield amount(period, "action_others", found.others, "count", "people left alone", scope)
