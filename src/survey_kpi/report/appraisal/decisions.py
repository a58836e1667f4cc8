"""Page 3: the band that the evidence supports for each person, and why; drafts until somebody signs."""

from __future__ import annotations

from survey_kpi.frames import Row, rows_of
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.appraisal.scores import cap_of, capped
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph
from survey_kpi.report.pieces import Cell, table

HELD = "held"


def decisions_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many lower bands wait for a signature."""
    words, kicker = report.words, report.words["appraisal.decisions.kicker"]
    if report.edition.evaluation.decisions.empty:
        return kicker, words["appraisal.decisions.title_nobody"]
    counts = {name: report.count(f"decisions_{name}").text for name in ("cuts", "raised")}
    return kicker, report.plain("appraisal.decisions.title", **counts)


def decisions(report: AppraisalReport) -> Blocks:
    """Last band, band of the score, band of the evidence, band as it stands."""
    if report.edition.evaluation.decisions.empty:
        return Blocks([report.absent("decisions" if report.people else "scores")])
    return Blocks([Paragraph(report.words.say("appraisal.decisions.lead"), style="lead"), _table(report)])


def _table(report: AppraisalReport) -> Block:
    words, evaluation = report.words, report.edition.evaluation
    found = {row.subject: row for row in rows_of(evaluation.decisions)}
    names = ("last", "raw", "proposed", "paid")
    rows: list[list[Cell]] = [
        [
            report.person(subject),
            *[report.band(found[subject][name]) for name in names],
            words[
                "appraisal.decisions.by_pool" if found[subject].pooled else "appraisal.decisions.by_quarter"
            ],
            _why(report, found[subject]),
        ]
        for subject in report.people
        if subject in found
    ]
    heads = [
        Column(words["appraisal.person"], width=2.1),
        *[Column(words[f"appraisal.decisions.{name}"], width=1.5) for name in names],
        Column(words["appraisal.decisions.by"], width=1.9),
        Column(words["appraisal.decisions.why"], width=3.4),
    ]
    return table(heads, rows, notes=words.say("appraisal.decisions.note"))


def _why(report: AppraisalReport, row: Row) -> str:
    """Return why the band is what it is, in words; nothing to say where it stays by score and evidence."""
    codes = [code for code in str(row.reasons).split(",") if code]
    codes += [HELD] if row.held and not codes else []
    told = [report.words[f"appraisal.reasons.{code}"] for code in codes]
    cap = cap_of(report, row)
    doubts = [f"{row.evidence or '–'} {capped(report, *cap)}"] if cap else []
    return report.listed([*told, *doubts, *_unmeasured(report, row.subject)])


def _unmeasured(report: AppraisalReport, subject: str) -> list[str]:
    parts = report.edition.evaluation.score_parts
    mine = parts[(parts["subject"] == subject) & (parts["reason"] != "")]
    return [
        report.plain("appraisal.decisions.unmeasured", label=report.label(row.indicator))
        for row in rows_of(mine)
    ]
