"""Page 5: goals against results, their contracts with amendments, and the tree they hang in."""

from __future__ import annotations

from collections.abc import Mapping

from survey_kpi.evaluation.appraisal.goals import Contract, GoalPapers, version_scope
from survey_kpi.facts import fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.scoring.verdicts import INDISTINCT
from survey_kpi.study.findings import Finding
from survey_kpi.study.goals import Goal

INDENT = "\u2003"


def goals_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many goals can be judged with certainty."""
    words, kicker = report.words, report.words["appraisal.goals.kicker"]
    if report.appraisal.goals is None:
        return kicker, words["appraisal.goals.title_none"]
    slots = {name: report.count(f"goals_{name}").text for name in ("clear", "amended")}
    return kicker, report.plain("appraisal.goals.title", n=report.count("goals").text, **slots)


def goals(report: AppraisalReport) -> Blocks:
    """Verdicts, contracts, tree and doubts."""
    words, papers = report.words, report.appraisal.goals
    if papers is None:
        return Blocks([report.absent("goals")])
    return Blocks(
        [
            Paragraph(words.say("appraisal.goals.lead"), style="lead"),
            *section(words["appraisal.goals.results"], *_results(report)),
            *section(words["appraisal.goals.contracts"], _contracts(report, papers)),
            *section(words["appraisal.goals.tree"], _tree(report, papers)),
            *section(words["appraisal.goals.findings"], _findings(report, papers)),
        ]
    )


def _text(report: AppraisalReport, goal: Goal) -> str:
    return report.text(goal.text)


def _owner(report: AppraisalReport, goal: Goal) -> list[Span]:
    """Return who answers for a goal: the company, a department, or a person by name."""
    owner = goal.owner
    if owner is None or owner.level == "company" or owner.id is None:
        return [Span(report.words["appraisal.goals.company"])]
    return report.person(owner.id) if owner.level == "person" else [Span(owner.id)]


# --- verdicts -------------------------------------------------------------------------------------------


def _results(report: AppraisalReport) -> list[Block]:
    words, papers = report.words, report.appraisal.goals
    shown = rows_of(report.edition.evaluation.goals)
    if not shown or papers is None:
        return [Paragraph(words.say("appraisal.goals.none_in_force"))]
    heads = [
        Column(words["appraisal.goals.owner"], width=1.7),
        Column(words["people.goal"], width=3.2),
        Column(words["people.goal_target"], align="right", width=1.1),
        Column(words["appraisal.value"], align="right", width=2.6),
        Column(words["appraisal.attainment"], align="right", width=1.5),
        Column(words["people.goal_verdict"], width=2.4),
    ]
    rows = [_result(report, row, papers.tree.goals) for row in shown]
    return [table(heads, rows, notes=words.say("appraisal.goals.results_note"))]


def _result(report: AppraisalReport, row: Row, known: Mapping[str, Goal]) -> list[Cell]:
    key = report.key(row.indicator, subject=row.subject, measure=row.measure)
    points = fact_key(report.period, "goal", f"attainment_{row.goal_id}", row.subject)
    return [
        _owner(report, known[row.goal_id]),
        _text(report, known[row.goal_id]),
        report.value(fact_key(report.period, "goal", f"target_{row.goal_id}", row.subject)),
        report.beside(key),
        report.value(points) if report.measured(points) else Span("–", tone="muted"),
        _verdict(report, row),
    ]


def _verdict(report: AppraisalReport, row: Row) -> str:
    """Return met or not, and how sure that is."""
    told = row.certainty if row.certainty != INDISTINCT else row.verdict
    return report.words[f"people.goal_verdicts.{told}"]


# --- contracts ------------------------------------------------------------------------------------------


def _contracts(report: AppraisalReport, papers: GoalPapers) -> Block:
    words = report.words
    heads = [
        Column(words["people.goal"], width=3.2),
        Column(words["appraisal.goals.version"], align="right", width=0.8),
        Column(words["people.goal_target"], align="right", width=1.1),
        Column(words["appraisal.goals.agreed_by"], width=2.2),
        Column(words["appraisal.goals.agreed_on"], width=1.6),
        Column(words["appraisal.goals.days"], align="right", width=0.9),
        Column(words["appraisal.goals.standing"], width=2.2),
    ]
    rows = [_contract(report, one) for one in papers.contracts]
    return table(heads, rows, notes=words.say("appraisal.goals.contracts_note"))


def _contract(report: AppraisalReport, one: Contract) -> list[Cell]:
    words, goal = report.words, one.goal
    scope = version_scope(goal)
    told = words[f"appraisal.goals.standings.{one.standing}"]
    if goal.amends is not None:
        told += report.plain("appraisal.goals.amends", version=str(goal.amends))
    return [
        _text(report, goal),
        str(goal.version),
        report.count("contract_target", scope),
        report.listed(report.named(name) for name in goal.agreed_by),
        goal.agreed_on.isoformat() if goal.agreed_on else "–",
        report.count("contract_days", scope),
        told,
    ]


# --- tree and doubts ------------------------------------------------------------------------------------


def _tree(report: AppraisalReport, papers: GoalPapers) -> Block:
    words = report.words
    verdicts = {row.goal_id: row for row in rows_of(report.edition.evaluation.goals)}
    rows: list[list[Cell]] = []
    for depth, goal in papers.tree.walk():
        row = verdicts.get(goal.goal_id)
        told = _verdict(report, row) if row else words["appraisal.goals.not_in_force"]
        lost = words["appraisal.goals.orphan"] if goal.goal_id in papers.tree.orphans else ""
        rows.append([INDENT * depth + _text(report, goal), _owner(report, goal), told, lost])
    heads = [
        Column(words["people.goal"], width=4),
        Column(words["appraisal.goals.owner"], width=1.6),
        Column(words["people.goal_verdict"], width=3.2),
        Column(words["appraisal.goals.place"], width=1.8),
    ]
    most = str(report.study.goals.most_per_person)
    lost_ones = report.count("goals_orphaned")
    return table(heads, rows, notes=words.say("appraisal.goals.tree_note", most=most, k=lost_ones))


def _findings(report: AppraisalReport, papers: GoalPapers) -> Block:
    words = report.words
    if not papers.findings:
        return Paragraph(words.say("appraisal.goals.findings_none"))
    ordered = sorted(papers.findings, key=lambda found: (found[1].kind != "warning", found[0]))
    rows: list[list[Cell]] = [
        [_about(report, papers, where), words[f"appraisal.goals.kinds.{found.kind}"], _told(report, found)]
        for where, found in ordered
    ]
    heads = [
        Column(words["appraisal.goals.about"], width=3),
        Column(words["appraisal.goals.kind"], width=1),
        Column(words["appraisal.goals.finding"], width=5),
    ]
    return table(heads, rows)


def _about(report: AppraisalReport, papers: GoalPapers, where: str) -> Cell:
    """Return the goal, or the person, that a finding is about."""
    goal = papers.tree.goals.get(where)
    return _text(report, goal) if goal else report.person(where)


def _told(report: AppraisalReport, found: Finding) -> str:
    return report.words[f"appraisal.goals.codes.{found.code}"]
