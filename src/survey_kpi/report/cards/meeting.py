"""The pack of a review meeting: one page per team, from the facts of the quarterly report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Heading, Paragraph, Span, Table
from survey_kpi.report.cards.coaching import Action
from survey_kpi.report.cards.parts import bullets, frame, section
from survey_kpi.report.reading import Report
from survey_kpi.scoring.verdicts import certainty

SMALLEST_TEAM = 5
"""Different people below which no figure about a team is shown."""
LINES = 4
"""Empty lines of the decision log."""
LOG = (("decision", 5), ("owner", 2), ("date", 1.6))
"""Its columns with their widths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What a meeting talks about, beside the figures; of appeals only the number is told."""

    actions: Sequence[Action] = ()
    decisions: Sequence[str] = ()
    questions: Sequence[str] = ()
    appeals: int = 0


def meeting_pack(report: Report, *, team: str, label: str, people: int, agenda: Agenda) -> Blocks:
    """Return the page of one team.

    Parameters
    ----------
    report
        The quarterly report; every figure is one of its facts.
    team, label
        Subject of the team, such as `team:east`, and its name.
    people
        Different people of the team in the period; below five its figures are not shown.
    """
    words = report.words
    title = report.plain("cards.meeting.title", team=label, period=report.period_name(report.period))
    company = report.text(report.study.study.company)
    said = [
        words.say("cards.action_entry", text=one.text, owner=one.owner, due=one.due) for one in agenda.actions
    ]
    wanted = [[Span(text)] for text in agenda.decisions]
    return Blocks(
        [
            frame(words, "meeting", title=title, company=company, period=report.period_shown),
            Heading(title, level=1, kicker=words["cards.meeting.edition"]),
            _figures(report, team) if people >= SMALLEST_TEAM else _hidden(report),
            *section(
                words["cards.meeting.actions"], bullets(words, said, empty="cards.meeting.actions_none")
            ),
            *section(
                words["cards.meeting.decisions"], bullets(words, wanted, empty="cards.meeting.decisions_none")
            ),
            Paragraph(words.say("cards.meeting.appeals", n=str(agenda.appeals))),
            *section(words["cards.meeting.questions"], Bullets(_questions(report, agenda))),
            *section(words["cards.meeting.minutes"], _log(report)),
        ]
    )


def _hidden(report: Report) -> Block:
    return Paragraph(report.words.say("cards.meeting.hidden", smallest=str(SMALLEST_TEAM)))


def _figures(report: Report, team: str) -> Block:
    words = report.words
    heads = [
        Column(words["cards.figure"], width=3.4),
        Column(words["cards.value"], align="right", width=1.4),
        Column(words["frame.interval"], align="right", width=1.8),
        Column(words["frame.target"], align="right", width=1.2),
        Column(words["cards.meeting.verdict"], width=2.6),
    ]
    return Table(columns=heads, rows=[_row(report, team, name) for name in report.tiles])


def _row(report: Report, team: str, indicator: str) -> list[list[Span]]:
    key = report.key(indicator, subject=team)
    return [
        [Span(report.label(indicator))],
        [report.value(key)],
        report.interval(key),
        [Span(report.target_text(indicator))],
        [Span(report.words[f"cards.meeting.{_verdict(report, key, indicator)}"])],
    ]


def _verdict(report: Report, key: str, indicator: str) -> str:
    """Return how a figure stands to its target, or that nothing can be said."""
    target = report.target_value(indicator)
    parts = [report.fact(name) for name in (key, f"{key}:low", f"{key}:high")]
    if math.isnan(target) or not report.measured(key):
        return "not_judged"
    value, low, high = (part.value if part else math.nan for part in parts)
    return str(certainty(value, low, high, target, report.sheet(indicator).direction))


def _questions(report: Report, agenda: Agenda) -> list[Sequence[Span]]:
    """Return the questions of the agenda, or two that fit every meeting."""
    asked: list[Sequence[Span]] = [[Span(text)] for text in agenda.questions]
    return asked or [report.words.say(f"cards.meeting.question_{place}") for place in (1, 2)]


def _log(report: Report) -> Block:
    heads = [Column(report.words[f"cards.meeting.{name}"], width=w) for name, w in LOG]
    return Table(columns=heads, rows=[[[Span("\u00a0")] for _ in LOG]] * LINES)
