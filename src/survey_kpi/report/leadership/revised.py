"""On the page of limits: what a revision says otherwise than what was published first."""

from __future__ import annotations

from survey_kpi.estimate import State
from survey_kpi.facts import Fact
from survey_kpi.frozen import difference
from survey_kpi.report.blocks import Block, Column, Heading, Paragraph, Span, Table
from survey_kpi.report.reading import Report
from survey_kpi.report.tables import number

MOST = 10
"""Headline figures that the table lists."""


def revised(report: Report) -> list[Block]:
    """Return the difference "as published" to "as of now"; nothing where the period was published once."""
    if not report.revision:
        return []
    words, first = report.words, report.revision.published
    found = difference(first, report.edition.facts)
    counts = {kind: f"{found.count(kind):,}" for kind in ("changed", "appeared", "vanished")}
    rows = [row for row in (_row(report, sheet.id) for sheet in report.study.indicators.indicators) if row]
    table = Table(
        columns=[
            Column(words["revision.figure"], width=4),
            Column(words["revision.published"], align="right", width=2),
            Column(words["revision.now"], align="right", width=2),
        ],
        rows=rows[:MOST],
    )
    return [
        Heading(report.plain("revision.title", n=str(report.revision.number)), level=2),
        Paragraph(words.say("revision.lead", **counts, equal=f"{found.equal:,}")),
        table if rows else Paragraph(words.say("revision.none")),
    ]


def _row(report: Report, indicator: str) -> list[list[Span]] | None:
    """Return a headline before and now, or None where both are printed alike."""
    key = report.key(indicator)
    before = _printed(report, report.revision.published.get(key) if report.revision else None)
    now = report.value(key)
    if before == now.text:
        return None
    return [[Span(report.label(indicator))], [Span(before, tone="muted")], [now]]


def _printed(report: Report, fact: Fact | None) -> str:
    """Return a figure as it was printed when it was published."""
    if fact is None or fact.state is not State.MEASURED:
        return report.words[f"state.{fact.state if fact else State.UNAVAILABLE}"]
    return number(fact.value, fact.unit)
