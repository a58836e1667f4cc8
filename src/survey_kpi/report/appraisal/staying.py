"""Who stays: the curve, cohorts, moves between tiers."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.retention import Cohort, Retention
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Paragraph, Span
from survey_kpi.report.figures.trends import trend
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.style import FULL
from survey_kpi.report.svg import to_svg

NONE = Span("", tone="muted")
YEAR = 12


def staying_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many are still there after a year, or as long as anybody was watched."""
    words, curve = report.words, report.appraisal.risk.retention.curve
    kicker = words["staying.kicker"]
    if len(curve) < 2:
        return kicker, words["staying.title_plain"]
    months = str(min(YEAR, curve[-1].months))
    return kicker, report.plain("staying.title", p=report.count("staying", months).text, m=months)


def staying(report: AppraisalReport) -> Blocks:
    """The curve with its band, the cohorts and the tiers."""
    words, found = report.words, report.appraisal.risk.retention
    if "customers" in found.absent:
        return Blocks([Paragraph(words.say("staying.none"), style="lead")])
    return Blocks(
        [
            *section(words["staying.curve"], *_curve(report, found)),
            *section(words["staying.cohorts"], *_cohorts(report, found)),
            *section(words["staying.tiers"], _tiers(report, found)),
        ]
    )


def _curve(report: AppraisalReport, found: Retention) -> list[Block]:
    words, curve = report.words, found.curve
    if len(curve) < 2:
        return [Paragraph(words.say("staying.none_new"))]
    drawn = trend(
        [str(point.months) for point in curve],
        [point.value for point in curve],
        [point.low for point in curve],
        [point.high for point in curve],
        last=report.count("staying", str(curve[-1].months)).text,
        unit=words["staying.curve_unit"],
        interval_label="95%",
        bounds=(0.0, 100.0),
        width=FULL,
        height=44.0,
    )
    months = report.listed(str(point.months) for point in curve)
    values = report.listed(report.count("staying", str(point.months)).text for point in curve)
    caption = words.say(
        "staying.curve_caption", n=report.count("newcomers"), lost=report.count("newcomers_lost")
    )
    alt = report.plain("staying.curve_alt", months=months, values=values)
    return [Figure(svg=to_svg(drawn), alt=alt, caption=caption)]


# --- cohorts ------------------------------------------------------------------------------------------


def _cohorts(report: AppraisalReport, found: Retention) -> list[Block]:
    words, cohorts = report.words, [one for one in found.cohorts if one.n]
    if not cohorts:
        return [Paragraph(words.say("staying.none_new"))]
    longest = max(len(one.stayed) for one in cohorts)
    heads = [
        Column(words["staying.began"], width=1.6),
        Column(words["staying.n"], align="right", width=1),
        *[
            Column(report.plain("staying.after", k=str(place)), align="right", width=1)
            for place in range(longest)
        ],
    ]
    smallest = report.study.rules.evidence.descriptive
    rows = [_cohort(report, one, longest, smallest) for one in cohorts]
    return [table(heads, rows, notes=words.say("staying.cohorts_note", smallest=str(smallest)))]


def _cohort(report: AppraisalReport, one: Cohort, longest: int, smallest: int) -> list[Cell]:
    scope = str(one.quarter)
    shown = one.n >= smallest
    shares: list[Cell] = [
        report.value(report.key_of(f"cohort_{place}", scope), percent=False) if shown else NONE
        for place in range(len(one.stayed))
    ]
    blank: list[Cell] = [NONE] * (longest - len(one.stayed))
    return [report.period_tick(one.quarter), report.count("cohort_n", scope), *shares, *blank]


# --- tiers --------------------------------------------------------------------------------------------


def _tiers(report: AppraisalReport, found: Retention) -> Block:
    words, moves = report.words, found.moves
    if moves is None:
        return Paragraph(words.say("staying.tiers_none"))
    names = {
        name: words[f"staying.names.{name}"] for name in (*moves.tiers, "left", "joined", "before", "total")
    }
    heads = [
        Column(words["staying.from"], width=2.2),
        Column(names["before"], align="right", width=1.1),
        *[Column(names[tier], align="right", width=1.5) for tier in moves.tiers],
        Column(names["left"], align="right", width=1),
    ]
    rows: list[list[Cell]] = [
        [
            names[tier],
            report.count("tier_before", tier),
            *[report.count("tier_share", f"{tier}~{after}") for after in moves.tiers],
            report.count("tier_left", tier),
        ]
        for tier in moves.tiers
    ]
    rows.append([names["joined"], NONE, *[report.count("tier_joined", tier) for tier in moves.tiers], NONE])
    rows.append([names["total"], NONE, *[report.count("tier_after", tier) for tier in moves.tiers], NONE])
    totals = {
        "before": sum(moves.before.values()),
        "left": sum(moves.left.values()),
        "joined": sum(moves.joined.values()),
        "now": sum(moves.after.values()),
    }
    told = {name: f"{n:,}" for name, n in totals.items()}
    return table(heads, rows, notes=words.say("staying.tiers_note", **told))
