"""Page 4: teams, channels or areas beside the company, with intervals and without an order."""

from __future__ import annotations

from survey_kpi.report.blocks import Block, Blocks, Column, Heading, Paragraph, Span, Table
from survey_kpi.report.leadership.charts import level_figure
from survey_kpi.report.reading import Report
from survey_kpi.study.models import Level


def groups_title(report: Report) -> tuple[str, str]:
    """Return the topic; a finding about groups would need a test that accounts for their number."""
    level = next(iter(report.edition.groups), None)
    if level is None:
        return "", ""
    name = report.text(level.label)
    return report.plain("groups.kicker", level=name), report.plain("groups.title", level=name)


def groups(report: Report) -> Blocks:
    """Intervals and numbers of every level that may be named."""
    blocks: list[Block] = []
    for place, level in enumerate(report.edition.groups):
        if place:
            blocks.append(Heading(report.text(level.label), level=2))
        blocks.append(Paragraph(report.words.say("groups.lead")))
        blocks += _level(report, level)
    return Blocks(blocks)


def _shown(report: Report) -> list[str]:
    pair = [report.satisfaction, report.recommendation]
    return [name for name in pair if name] or report.tiles[:2]


def _level(report: Report, level: Level) -> list[Block]:
    shown = _shown(report)
    return [
        *[level_figure(report, level, indicator) for indicator in shown],
        Heading(report.plain("groups.table", level=report.text(level.label)), level=2),
        _table(report, level, report.tiles),
    ]


def _table(report: Report, level: Level, indicators: list[str]) -> Table:
    subjects = [row.subject for row in report.estimates_of(level, indicators[0])]
    return Table(
        columns=[
            Column(report.text(level.label), width=2.4),
            *[Column(report.label(name), align="right", width=3) for name in indicators],
        ],
        rows=[
            [
                [Span(report.subject_label(level, subject))],
                *[_cell(report, name, subject) for name in indicators],
            ]
            for subject in subjects
        ],
        notes=[Span(f"n = {report.words['unit.answers']}")],
    )


def _cell(report: Report, indicator: str, subject: str) -> list[Span]:
    key = report.key(indicator, subject=subject)
    value = report.value(key)
    if not report.measured(key):
        return [value]
    return [
        value,
        Span(" ["),
        *report.interval(key),
        Span("] "),
        Span("n=", tone="muted"),
        report.value(f"{key}:n", tone="muted"),
    ]
