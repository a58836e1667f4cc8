"""Goals as contracts: every version with its days, the tree they hang in, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey_kpi.estimate import Estimate, State
from survey_kpi.evaluation.appraisal.numbers import amount
from survey_kpi.evaluation.appraisal.rows import estimate_of
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY, INDICATORS
from survey_kpi.period import Period
from survey_kpi.study.cascade import QUARTERS, Cascade, cascade, feasibility, relation
from survey_kpi.study.check_goals import lint
from survey_kpi.study.findings import Finding
from survey_kpi.study.goals import Goal, absolute_target, indicator_of, targets_in_force, versions
from survey_kpi.study.models import Study

IN_TIME, AMENDED, LATE, UNSIGNED = "in_time", "amended", "late", "unsigned"
TWO = 2
CLEAR = ("clearly_met", "clearly_not_met")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One version of a goal.

    Parameters
    ----------
    target
        The level aimed at, in the unit of the measure.
    days
        Days of the period on which it holds.
    standing
        `in_time` (agreed by two people before the period began), `amended` (a new version within it), `late`
        (a first version agreed when the period had begun), `unsigned` (not agreed by two people).
    """

    goal: Goal
    target: float
    unit: str
    days: int
    standing: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GoalPapers:
    """The goals of a study as the committee needs them.

    Parameters
    ----------
    contracts
        Every version of every goal, in the order of the file.
    tree
        Goals under the goals they serve.
    findings
        By goal or person: what SMART lacks, targets out of reach or without history, indicators that have not
        moved with those of the goal above, orphans, overload.
    """

    contracts: tuple[Contract, ...]
    tree: Cascade
    findings: tuple[tuple[str, Finding], ...]


def goal_papers(evaluation: Evaluation) -> GoalPapers | None:
    """Lay out the goals of a study; None where it declares none."""
    study = evaluation.study
    if not study.goals.goals:
        return None
    tree = cascade(study.goals.goals, most_per_person=study.goals.most_per_person)
    return GoalPapers(
        contracts=tuple(_contracts(study, evaluation.period)),
        tree=tree,
        findings=(*_findings(tree, evaluation), *_of_tree(tree)),
    )


def _contracts(study: Study, period: Period) -> Iterator[Contract]:
    held = {
        (part.goal.goal_id, part.goal.version): part.days
        for parts in targets_in_force(study.goals.goals, period).values()
        for part in parts
    }
    for group in versions(study.goals.goals).values():
        for goal in group:
            yield Contract(
                goal=goal,
                target=absolute_target(goal),
                unit=_unit(goal, study),
                days=held.get((goal.goal_id, goal.version), 0),
                standing=_standing(goal, period),
            )


def _unit(goal: Goal, study: Study) -> str:
    """Unit of the measure that the goal is about."""
    name, measure = indicator_of(goal)
    sheet = study.indicator(name)
    return INDICATORS[sheet.kpi].measure(measure or scored_measure(sheet)).unit


def _standing(goal: Goal, period: Period) -> str:
    if len(set(goal.agreed_by)) < TWO or goal.agreed_on is None:
        return UNSIGNED
    if goal.agreed_on < period.start:
        return IN_TIME
    return AMENDED if goal.amends is not None else LATE


# --- what is doubtful -----------------------------------------------------------------------------------


def _findings(tree: Cascade, evaluation: Evaluation) -> Iterator[tuple[str, Finding]]:
    known = frozenset(sheet.id for sheet in evaluation.study.indicators.indicators)
    for name, goal in tree.goals.items():
        for code, what, _ in lint(goal, known):
            yield name, Finding(code=code, where=name, message=what)
        past = _history(goal, evaluation)[:-1]
        sheet = evaluation.study.indicator(indicator_of(goal)[0])
        doubt = feasibility(absolute_target(goal), past, direction=sheet.direction, where=name)
        if doubt:
            yield name, doubt
        parent = tree.goals.get(goal.parent_id or "")
        apart = relation(*_series(goal, parent, evaluation), where=name) if parent else None
        if apart:
            yield name, apart


def _of_tree(tree: Cascade) -> Iterator[tuple[str, Finding]]:
    """Yield orphans and overload with the goal or the person that they are about."""
    for found in tree.findings:
        yield found.where.removeprefix("goals.yaml: ").removeprefix("goal "), found


def _series(goal: Goal, parent: Goal, evaluation: Evaluation) -> tuple[list[float], list[float]]:
    own, above = ([each.value for each in _history(one, evaluation)] for one in (goal, parent))
    return own, above


def _history(goal: Goal, evaluation: Evaluation) -> Sequence[Estimate]:
    """Quarters of a goal's own subject and measure, the period last; not measured ones keep their place."""
    name, measure = indicator_of(goal)
    sheet = evaluation.study.indicator(name)
    table = evaluation.estimates
    subject = _subject(goal, evaluation)
    mine = table[
        (table["indicator"] == name)
        & (table["measure"] == (measure or scored_measure(sheet)))
        & (table["subject"] == subject)
    ]
    found = {row.period: row for row in rows_of(mine)}
    nothing = Estimate.missing(State.UNAVAILABLE, "no estimate", unit="count")
    quarters = map(str, evaluation.period.last(QUARTERS + 1))
    return [estimate_of(found[each]) if each in found else nothing for each in quarters]


def _subject(goal: Goal, evaluation: Evaluation) -> str:
    """Subject that the evaluation judged the goal by."""
    results = evaluation.goals
    mine = results.loc[results["goal_id"] == goal.goal_id, "subject"]
    return str(mine.iloc[0]) if len(mine) else COMPANY


# --- facts ----------------------------------------------------------------------------------------------


def goal_facts(evaluation: Evaluation, papers: GoalPapers | None) -> Iterator[Fact]:
    """Yield the numbers of contracts and of the tree."""
    if papers is None:
        return
    text = str(evaluation.period)
    for one in papers.contracts:
        scope = version_scope(one.goal)
        yield amount(text, "contract_target", one.target, one.unit, "target of this version", scope)
        yield amount(text, "contract_days", one.days, "count", "days of the period on which it holds", scope)
    counts = {
        "goals": len(papers.tree.goals),
        "goals_amended": sum(one.standing == AMENDED for one in papers.contracts),
        "goals_clear": int(evaluation.goals["certainty"].isin(CLEAR).sum()),
        "goals_orphaned": len(papers.tree.orphans),
        "goals_warned": len({where for where, found in papers.findings if found.kind == "warning"}),
    }
    for name, value in counts.items():
        yield amount(text, name, value, "count", "goals of the study, newest version of each")
    for person, load in papers.tree.load.items():
        yield amount(text, "goals_load", load, "count", "goals of this person", person)


def version_scope(goal: Goal) -> str:
    """Return the scope of the facts of one version of a goal."""
    return f"{goal.goal_id}~{goal.version}"
