"""Which indicators earn their place: all of them under audit, and the shortlist with its reasons."""

from __future__ import annotations

import math

from survey_kpi.evaluation.appraisal.indicator_audit import IndicatorAudit
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.tables import number
from survey_kpi.scoring.audit import FEWEST, AuditRow

NONE = Span("–", tone="muted")


def audit_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many indicators would do."""
    kicker = report.words["audit.kicker"]
    if not report.appraisal.audit.rows:
        return kicker, report.words["audit.title_none"]
    n, k = (report.count(f"audit_{name}").text for name in ("indicators", "shortlisted"))
    return kicker, report.plain("audit.title", n=n, k=k)


def audit(report: AppraisalReport) -> Blocks:
    """The shortlist, the table of all indicators, and what measuring costs."""
    words, found = report.words, report.appraisal.audit
    if not found.rows:
        return Blocks([Paragraph(words.say("audit.none"), style="lead"), *_burden(report, found)])
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            *section(words["audit.shortlist"], *_shortlist(report, found)),
            *section(words["audit.table"], _table(report, found)),
            *_burden(report, found),
        ]
    )


def _lead(report: AppraisalReport, found: IndicatorAudit) -> list[Span]:
    slots = {
        "n": report.count("audit_indicators"),
        "k": report.count("audit_shortlisted"),
        "twins": report.count("audit_twins"),
        "scored": report.count("audit_scored"),
    }
    if math.isnan(found.effective):
        return report.words.say("audit.lead_plain", **slots)
    return report.words.say("audit.lead", **slots, effective=report.count("audit_effective"))


def _shortlist(report: AppraisalReport, found: IndicatorAudit) -> list[Block]:
    words, kept = report.words, found.shortlist
    if not kept:
        return [Paragraph(words.say("audit.short_none"))]
    entries = [
        words.say(
            "audit.entry",
            name=Span(report.label(row.indicator), tone="strong"),
            gain=report.count("audit_gain", row.indicator),
        )
        for row in kept
    ]
    few = [Paragraph(words.say("audit.short_few"), style="small")] if len(kept) < FEWEST else []
    return [Bullets(entries), *few]


def _table(report: AppraisalReport, found: IndicatorAudit) -> Block:
    words = report.words
    heads = [
        Column(words["audit.indicator"], width=3),
        Column(words["audit.finding"], width=4),
        Column(words["audit.available"], align="right", width=1.4),
        Column(words["audit.reliability"], align="right", width=1.5),
        Column(words["audit.influence"], align="right", width=1.4),
        Column(words["audit.age"], align="right", width=1.3),
        Column(words["audit.hours"], align="right", width=0.9),
    ]
    unseen = report.listed(report.label(name) for name in found.unseen) or words["audit.unseen_none"]
    notes = words.say("audit.note", people=report.count("audit_people"), unseen=unseen)
    return table(heads, [_row(report, row) for row in found.rows], notes=notes)


def _row(report: AppraisalReport, row: AuditRow) -> list[Cell]:
    scope = row.indicator
    return [
        report.label(scope),
        _finding(report, row),
        report.count("audit_available", scope, digits=0),
        _known(report, "audit_reliability", scope, 2),
        _known(report, "audit_influence", scope, 1),
        _known(report, "audit_age", scope, 0),
        _known(report, "audit_cost", scope, 1),
    ]


def _known(report: AppraisalReport, name: str, scope: str, digits: int) -> Span:
    measured = report.measured(report.key_of(name, scope))
    return report.count(name, scope, digits=digits) if measured else NONE


def _finding(report: AppraisalReport, row: AuditRow) -> list[Span]:
    words = report.words
    kept = row.code == "covers"
    told = [
        Span(report.plain(f"audit.codes.{row.code}", **_other(report, row)), tone="strong" if kept else "")
    ]
    if row.twin and row.code != "twin":
        r = Span(
            number(row.twin_r, "share", digits=2),
            fact=report.key_of("audit_twin_r", row.indicator),
            hash=report.appraisal.fact(report.key_of("audit_twin_r", row.indicator)).hash,
            glue=True,
        )
        told += [Span("；" if report.language == "zh" else "; ")]
        told += words.say("audit.twin", other=report.label(row.twin), r=r)
    return told


def _other(report: AppraisalReport, row: AuditRow) -> dict[str, str]:
    return {"other": report.label(row.other)} if row.code == "twin" else {}


def _burden(report: AppraisalReport, found: IndicatorAudit) -> list[Block]:
    words, burden = report.words, found.burden
    stated = any(hours is not None for hours in burden.hours.values())
    if not stated:
        return section(words["audit.burden"], Paragraph(words.say("audit.burden_none")))
    hours, n = report.count("audit_hours"), str(len(burden.hours))
    if burden.complete:
        return section(words["audit.burden"], Paragraph(words.say("audit.burden_full", hours=hours)))
    missing = report.count("audit_hours_missing")
    said = words.say("audit.burden_said", hours=hours, missing=missing, n=n)
    return section(words["audit.burden"], Paragraph(said))
