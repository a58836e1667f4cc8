"""Page 10: what the plan of indicators rewards, how many of them count, and what measuring costs."""

from __future__ import annotations

from survey_kpi.facts import fact_key
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.scoring.balance import MOST, TAGS, Balance


def plan_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how concentrated the weights are."""
    words, found = report.words, report.appraisal.balance
    kicker = words["appraisal.plan.kicker"]
    if found is None:
        return kicker, words["appraisal.plan.title_none"]
    slots = {
        "n": report.count("scored_count").text,
        "effective": report.count("scored_effective").text,
        "result": report.count("share_result").text,
    }
    return kicker, report.plain("appraisal.plan.title", **slots)


def plan(report: AppraisalReport) -> Blocks:
    """Shares by tag, the money, the doubts, the hours."""
    words, found = report.words, report.appraisal.balance
    if found is None:
        return Blocks([report.absent("weights")])
    return Blocks(
        [
            Paragraph(_lead(report), style="lead"),
            *section(words["appraisal.plan.tags"], _tags(report)),
            *section(words["appraisal.plan.weights"], _weights(report)),
            *section(words["appraisal.plan.findings"], _findings(report, found)),
            *section(words["appraisal.plan.burden"], _burden(report, found)),
        ]
    )


def _lead(report: AppraisalReport) -> list[Span]:
    return report.words.say(
        "appraisal.plan.lead",
        n=report.count("scored_count"),
        effective=report.count("scored_effective"),
        money=report.count("share_financial"),
        most=str(MOST),
    )


def _tags(report: AppraisalReport) -> Block:
    words = report.words
    scored = report.study.rules.scored
    rows: list[list[Cell]] = [
        [
            words[f"appraisal.plan.tag.{tag}"],
            report.count(f"share_{tag}"),
            report.listed(report.label(name) for name in scored if report.sheet(name).tag == tag) or "–",
        ]
        for tag in TAGS
    ]
    rows.append(
        [
            words["appraisal.plan.financial"],
            report.count("share_financial"),
            report.listed(report.label(name) for name in scored if report.sheet(name).financial) or "–",
        ]
    )
    heads = [
        Column(words["appraisal.plan.kind"], width=2),
        Column(words["appraisal.plan.share"], align="right", width=1),
        Column(words["appraisal.plan.which"], width=5),
    ]
    return table(heads, rows, notes=words.say("appraisal.plan.tags_note"))


def _weights(report: AppraisalReport) -> Block:
    words = report.words
    rows: list[list[Cell]] = [
        [
            report.label(name),
            words[f"appraisal.plan.tag.{report.sheet(name).tag}"],
            report.value(fact_key(report.period, "param", "weight_combined", name)),
        ]
        for name in report.study.rules.scored
    ]
    heads = [
        Column(words["appraisal.indicator"], width=4),
        Column(words["appraisal.plan.kind"], width=2),
        Column(words["appraisal.weight"], align="right", width=1),
    ]
    return table(heads, rows)


def _findings(report: AppraisalReport, found: Balance) -> Block:
    words = report.words
    if not found.findings:
        return Paragraph(words.say("appraisal.plan.findings_none", most=str(MOST)))
    return Bullets([words.say(f"appraisal.plan.codes.{one.code}", most=str(MOST)) for one in found.findings])


def _burden(report: AppraisalReport, found: Balance) -> Block:
    """Return the hours of the indicators that state them, and how many do not."""
    words = report.words
    stated = [name for name, hours in found.burden.hours.items() if hours is not None]
    if not stated:
        return Paragraph(words.say("appraisal.plan.burden_none", k=report.count("burden_missing")))
    rows: list[list[Cell]] = [[report.label(name), report.count("burden", name)] for name in stated]
    rows.append([words["appraisal.plan.total"], report.count("burden_total")])
    heads = [
        Column(words["appraisal.indicator"], width=5),
        Column(words["appraisal.plan.hours"], align="right", width=1),
    ]
    missing = words.say("appraisal.plan.burden_missing", k=report.count("burden_missing"))
    return table(heads, rows, notes=() if found.burden.complete else missing)
