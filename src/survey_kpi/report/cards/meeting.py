"""The pack of a review meeting: one page per team, from the facts of the quarterly report."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from survey_kpi.evaluation.meetings import Review, TeamReview, review
from survey_kpi.evaluation.teams import chosen_teams
from survey_kpi.publishing import publish
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Heading, Meta, Paragraph, Span, Table
from survey_kpi.report.cards.actions import OWNER, Action, action_of, shown
from survey_kpi.report.cards.parts import LISTED, bullets, frame, team_name
from survey_kpi.report.evaluating import evaluated
from survey_kpi.report.once import once_per_run
from survey_kpi.report.pieces import section
from survey_kpi.report.reading import Report
from survey_kpi.report.tables import number
from survey_kpi.report.wording import load
from survey_kpi.scoring.verdicts import certainty
from survey_kpi.study.models import Study

SMALLEST_TEAM = 5
"""Different people below which no figure about a team is shown."""
LINES = 4
"""Empty lines of the decision log."""
LOG = (("decision", 5), ("owner", 2), ("date", 1.6))
"""Its columns with their widths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What a meeting talks about, beside the figures; of appeals only the number is told, None if unknown."""

    actions: Sequence[Action] = ()
    decisions: Sequence[str] = ()
    questions: Sequence[str] = ()
    appeals: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingPage:
    """What the page of one team shows."""

    report: Report
    review: Review
    team: str


def begin(study: str, period: str, language: str, *, team: str, data: str | None = None) -> MeetingPage:
    """Evaluate a period and open the page of a team in one language.

    Raises
    ------
    SpecError
        `period_too_short_for_grade`, `unknown_team`, and those of `evaluate` and `read_meetings`.
    """
    evaluation = evaluated(str(study), period, data or "")
    found = _review(str(study), period, data or "")
    (subject,) = chosen_teams([team], evaluation.study, found.teams)
    report = Report(edition=publish(evaluation), words=load(language))
    return MeetingPage(report=report, review=found, team=subject)


@once_per_run
def _review(study: str, period: str, data: str) -> Review:
    return review(evaluated(study, period, data))


def card(found: MeetingPage) -> Blocks:
    """Return the page."""
    report, mine = found.report, found.review.teams[found.team]
    agenda = _agenda(mine, report, found.review.names)
    label = team_name(report.study, found.team, report.words)
    return meeting_pack(report, team=found.team, label=label, people=mine.people, agenda=agenda)


def _agenda(mine: TeamReview, report: Report, names: frozenset[str]) -> Agenda:
    words = report.words
    earlier = [
        Action(
            text=shown(one.decision, words, names),
            owner=shown(one.owner, words, names, longest=OWNER),
            due=one.date,
        )
        for one in mine.earlier
    ]
    return Agenda(
        actions=[*(action_of(row, report.study, words, names) for row in mine.actions), *earlier],
        decisions=[shown(report.text(one.text), words, names) for one in mine.wanted],
        questions=[shown(report.text(one.text), words, names) for one in mine.questions],
        appeals=mine.appeals,
    )


def meeting_pack(report: Report, *, team: str, label: str, people: int | None, agenda: Agenda) -> Blocks:
    """Return the page of one team.

    Parameters
    ----------
    report
        The quarterly report; every figure is one of its facts.
    team, label
        Subject of the team, such as `team:east`, and its name.
    people
        Different people of the team in the period; where they are fewer than five, or nobody knows how many,
        its figures are not shown. A study without people, whose groups are places say, shows them.
    """
    words = report.words
    title = report.plain("cards.meeting.title", team=label, period=report.period_name(report.period))
    said = [
        words.say("cards.action_entry", text=one.text, owner=one.owner, due=one.due) for one in agenda.actions
    ]
    wanted = [[Span(text)] for text in agenda.decisions]
    enough = not _of_people(report.study) or (people is not None and people >= SMALLEST_TEAM)
    return Blocks(
        [
            _meta(report, title),
            Heading(title, level=1, kicker=words["cards.meeting.edition"]),
            _figures(report, team) if enough else _hidden(report),
            *section(
                words["cards.meeting.actions"], bullets(words, said, empty="cards.meeting.actions_none")
            ),
            *section(
                words["cards.meeting.decisions"], bullets(words, wanted, empty="cards.meeting.decisions_none")
            ),
            *section(words["cards.meeting.appeals"], Paragraph(_appeals(report, agenda.appeals))),
            *section(words["cards.meeting.questions"], Bullets(_questions(report, agenda))),
            *section(words["cards.meeting.minutes"], _log(report)),
        ]
    )


def _of_people(study: Study) -> bool:
    return any(level.people or level.via == "specialists" for level in study.study.levels)


def _meta(report: Report, title: str) -> Meta:
    evaluation = report.edition.evaluation
    return frame(
        report.words,
        "meeting",
        title=title,
        company=report.text(report.study.study.company),
        period=report.period_shown,
        run_id=evaluation.run_id,
        data_hash=evaluation.data_hash,
        rule_hash=report.study.rule_hash,
    )


def _appeals(report: Report, pending: int | None) -> list[Span]:
    if pending is None:
        return report.words.say("cards.meeting.appeals_unknown")
    return report.words.say("cards.meeting.appeals_pending", n=number(pending, "count"))


def _hidden(report: Report) -> Block:
    return Paragraph(report.words.say("cards.meeting.hidden", smallest=str(SMALLEST_TEAM)))


def _figures(report: Report, team: str) -> Block:
    words = report.words
    heads = [
        Column(words["cards.figure"], width=3),
        Column(words["cards.value"], align="right", width=1.4),
        Column(words["frame.interval"], align="right", width=1.8),
        Column(words["frame.target"], align="right", width=1.2),
        Column(words["cards.meeting.verdict"], width=3.4),
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
    return asked[:LISTED] or [report.words.say(f"cards.meeting.question_{place}") for place in (1, 2)]


def _log(report: Report) -> Block:
    heads = [Column(report.words[f"cards.meeting.{name}"], width=w) for name, w in LOG]
    empty = [Span("\u00a0")]
    rows = [[[Span(f"{place}.", tone="muted")], *([empty] * (len(LOG) - 1))] for place in range(1, LINES + 1)]
    return Table(columns=heads, rows=rows)
