"""Page 9: tiers in place of ranks, and how long one has to look to trust a figure."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.standing import TIERS
from survey_kpi.frames import Row, rows_of
from survey_kpi.inference.tiers import UNTESTED
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.scoring.periods import SPANS


def tiers_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many scores can be told apart."""
    words, kicker = report.words, report.words["appraisal.tiers.kicker"]
    if not report.people:
        return kicker, words["appraisal.scores.title_nobody"]
    counts = {name: report.count(f"tier_{name}").text for name in (*TIERS, "people")}
    if counts["untested"] == counts["people"]:
        return kicker, words["appraisal.tiers.title_untested"]
    key = "title_none" if counts["above"] == counts["below"] == "0" else "title"
    return kicker, report.plain(f"appraisal.tiers.{key}", **counts)


def tiers(report: AppraisalReport) -> Blocks:
    """People by tier, with names but without places; then reliability by period."""
    words = report.words
    if not report.people:
        return Blocks([report.absent("scores")])
    return Blocks(
        [
            Paragraph(words.say("appraisal.tiers.lead"), style="lead"),
            *section(words["appraisal.tiers.table"], _people(report)),
            *section(words["appraisal.tiers.reliability"], *_reliability(report)),
        ]
    )


def _people(report: AppraisalReport) -> Block:
    """Return people by tier; inside a tier in the order of their codes, which says nothing."""
    words, found = report.words, {row.subject: row for row in rows_of(report.appraisal.standing.tiers)}
    rows: list[list[Cell]] = [
        [
            words[f"appraisal.tiers.names.{tier}"],
            report.person(subject),
            report.chance(report.key_of("tier_p", subject)),
            report.chance(report.key_of("tier_adjusted", subject)),
            *_by_rate(report, found[subject]),
        ]
        for tier in TIERS
        for subject in report.people
        if found[subject].tier == tier
    ]
    heads = [
        Column(words["appraisal.tiers.by_score"], width=2.4),
        Column(words["appraisal.person"], width=2.2),
        Column(words["appraisal.tiers.p"], align="right", width=1),
        Column(words["appraisal.tiers.adjusted"], align="right", width=1.2),
        *_rate_heads(report),
    ]
    return table(heads, rows, notes=words.say("appraisal.tiers.note"))


def _by_rate(report: AppraisalReport, row: Row) -> list[Cell]:
    """Return the tier by the rate that people are compared on, where the study has one."""
    if not report.edition.evaluation.tier_indicator:
        return []
    tier = report.words[f"appraisal.tiers.names.{row.rate_tier or UNTESTED}"]
    return [tier, report.chance(report.key_of("rate_adjusted", row.subject))]


def _rate_heads(report: AppraisalReport) -> list[Column]:
    indicator = report.edition.evaluation.tier_indicator
    if not indicator:
        return []
    by_rate = report.plain("appraisal.tiers.by_rate", label=report.label(indicator))
    adjusted = report.words["appraisal.tiers.adjusted"]
    return [Column(by_rate, width=2.6), Column(adjusted, align="right", width=1.2)]


def _reliability(report: AppraisalReport) -> list[Block]:
    words, found = report.words, report.appraisal.standing.reliability
    if found.empty:
        return [Paragraph(words.say("appraisal.tiers.reliability_none"))]
    spans = [name for name, _ in SPANS]
    heads = [
        Column(words["appraisal.indicator"], width=3),
        *[Column(words[f"appraisal.tiers.spans.{name}"], align="right", width=2) for name in spans],
    ]
    rows: list[list[Cell]] = [
        [report.label(indicator), *[_reliable(report, indicator, name) for name in spans]]
        for indicator in found["indicator"].unique()
    ]
    lead = Paragraph(words.say("appraisal.tiers.reliability_lead"))
    return [lead, table(heads, rows, notes=words.say("appraisal.tiers.reliability_note"))]


def _reliable(report: AppraisalReport, indicator: str, span: str) -> list[Span]:
    scope = f"{indicator}~{span}"
    base = report.count("base_by_period", scope)
    return [report.count("reliability", scope), Span(" (", tone="muted"), base, Span(")", tone="muted")]
