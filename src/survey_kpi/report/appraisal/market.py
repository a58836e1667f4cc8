"""The market: segments of customers, and what marketing through each channel comes to."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.aftercare import NO_CHANNEL, Aftercare
from survey_kpi.evaluation.appraisal.retention import NO_SEGMENT
from survey_kpi.indicators import COMPANY
from survey_kpi.report.appraisal.care import lacking
from survey_kpi.report.appraisal.improvement import whole_money
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.appraisal.risk import ranged
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.scoring.channels import MarketingChannel


def market_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many of the leads that matured were won."""
    words, key = report.words, report.key_of("channel_conversion")
    kicker = words["market.kicker"]
    if not report.measured(key):
        return kicker, words["market.title_plain"]
    slots = {"n": report.count("channel_leads").text, "p": report.value(key).text}
    return kicker, report.plain("market.title", **slots)


def market(report: AppraisalReport) -> Blocks:
    """Segments with their satisfaction, channels with conversion and cost."""
    words, found = report.words, report.appraisal.risk.aftercare
    return Blocks(
        [
            *section(words["staying.segments"], _segments(report)),
            *section(words["care.channels"], _channels(report, found)),
        ]
    )


# --- segments -----------------------------------------------------------------------------------------


def _segments(report: AppraisalReport) -> Block:
    """Return what is known of each segment, small ones hidden."""
    words, found = report.words, report.appraisal.risk.retention
    if found.segments is None:
        return Paragraph(words.say("staying.segments_none"))
    heads = [
        Column(words["staying.segment"], width=3),
        Column(words["staying.answered"], align="right", width=2),
        Column(words["staying.satisfied"], align="right", width=3),
    ]
    rows: list[list[Cell]] = []
    for one in found.segments:
        name = words["staying.unstated"] if one.segment == NO_SEGMENT else one.segment
        hidden = Span(words["state.suppressed"], tone="muted")
        shown = ranged(report, "segment_satisfied", one.segment) if one.shown else [hidden]
        rows.append([name, report.count("segment_n", one.segment) if one.shown else hidden, shown])
    smallest = str(report.study.rules.evidence.descriptive)
    return table(heads, rows, notes=words.say("staying.segments_note", smallest=smallest))


# --- channels -----------------------------------------------------------------------------------------


def _channels(report: AppraisalReport, found: Aftercare) -> Block:
    words = report.words
    if found.channels is None:
        return lacking(report, found.channels_absent)
    heads = [
        Column(words["care.channel"], width=1.5),
        Column(words["care.leads"], align="right", width=0.9),
        Column(words["care.won"], align="right", width=0.9),
        Column(words["care.conversion"], align="right", width=2.9),
        Column(words["improvement.cost"], align="right", width=1.7),
        Column(words["care.per_won"], align="right", width=1.8),
        Column(words["care.roi"], align="right", width=1.4),
    ]
    rows = [_channel(report, one) for one in found.channels]
    return table(heads, rows, notes=words.say("care.channels_note"))


def _channel(report: AppraisalReport, one: MarketingChannel) -> list[Cell]:
    words, scope = report.words, one.channel
    names = {COMPANY: words["care.total"], NO_CHANNEL: words["care.unstated"]}
    return [
        names.get(scope, scope),
        report.count("channel_leads", scope),
        report.count("channel_won", scope),
        report.beside(report.key_of("channel_conversion", scope)),
        whole_money(report, "channel_cost", scope),
        whole_money(report, "channel_cost_per_won", scope),
        report.count("channel_roi", scope),
    ]
