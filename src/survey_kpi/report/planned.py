"""What a report says of its plan: that it was changed after the data were opened, and what nobody planned."""

from __future__ import annotations

from collections.abc import Iterable

from survey_kpi.report.blocks import Block, Note, Span
from survey_kpi.report.reading import Report
from survey_kpi.study.plan import changed_since_opening, standing


def banner(report: Report) -> list[Block]:
    """Return a warning where the plan is another than when the data of the period were opened."""
    opened = report.study.study.opened_with.get(str(report.period))
    if opened is None or not changed_since_opening(report.study, opened):
        return []
    words = report.words
    told = words.say(
        "plan.changed", period=report.period_name(report.period), hash=Span(opened[:12], tone="code")
    )
    return [Note(told, title=words["plan.changed_title"], kind="warning")]


def unplanned(report: Report, indicator: str) -> bool:
    """Whether the company's comparison of an indicator was not declared in advance."""
    return standing(report.study.study, indicator, report.headline(indicator)) == "exploratory"


def marked(report: Report, indicator: str) -> list[Span]:
    """Return the name of an indicator, with the mark of a comparison that nobody planned."""
    mark = [Span(f" {report.words['plan.mark']}", tone="muted")] if unplanned(report, indicator) else []
    return [Span(report.label(indicator)), *mark]


def remark(report: Report, indicators: Iterable[str]) -> list[Span]:
    """Return the sentence that names comparisons which nobody planned; nothing where all were."""
    names = [report.label(name) for name in indicators if unplanned(report, name)]
    return report.words.say("plan.remark", names=report.listed(names)) if names else []
