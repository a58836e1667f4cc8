"""Page 1: who may see this, that nothing is decided, and what could not be measured."""

from __future__ import annotations

from survey_kpi.facts import fact_key
from survey_kpi.indicators import COMPANY
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Blocks, Note, Paragraph, Span


def standing(report: AppraisalReport, name: str) -> Span:
    """Return how many people stand so: people, held, pooled, unusable or unsigned."""
    return report.value(fact_key(report.period, "score", f"decisions_{name}", COMPANY))


def cover_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many bands the evidence moves."""
    words = report.words
    kicker = words["appraisal.cover.kicker"]
    if report.edition.evaluation.decisions.empty:
        return kicker, words["appraisal.cover.title_nobody"]
    counts = {name: report.count(f"decisions_{name}").text for name in ("moved", "cuts")}
    people = standing(report, "people").text
    key = "title" if counts["moved"] != "0" else "title_none"
    return kicker, report.plain(f"appraisal.cover.{key}", n=people, **counts)


def cover(report: AppraisalReport) -> Blocks:
    """The purpose, the readers, the standing of the drafts."""
    words = report.words
    return Blocks(
        [
            Paragraph(words.say("appraisal.cover.lead"), style="lead"),
            Note(
                words.say("appraisal.cover.readers"),
                title=words["appraisal.cover.readers_title"],
                kind="warning",
            ),
            Note(
                words.say("appraisal.cover.drafts"),
                title=words["appraisal.cover.drafts_title"],
                kind="warning",
            ),
        ]
    )
