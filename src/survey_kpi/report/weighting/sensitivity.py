"""Page 8: what the uncertainty of ranks is made of, and how far each weight may move."""

from __future__ import annotations

from survey_kpi.evaluation.weighting import Sensitivity
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Paragraph, Span
from survey_kpi.report.figures.distributions import Factor, variance_bars
from survey_kpi.report.figures.rows import Row, interval_dots
from survey_kpi.report.pieces import section, table
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport


def sensitivity_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and the shares of sampling and of weights."""
    kicker, found = report.words["weighting.sensitivity.kicker"], report.assessment.sensitivity
    if found is None:
        return kicker, report.words["weighting.sensitivity.title_none"]
    if not _varies(report):
        return kicker, report.words["weighting.sensitivity.title_fixed"]
    p, q = (report.count("variance_first", name).text for name in ("sampling", "weights"))
    return kicker, report.plain("weighting.sensitivity.title", p=p, q=q)


def sensitivity(report: WeightingReport) -> Blocks:
    """Shares of rank variance, switch points, margins."""
    words, found = report.words, report.assessment.sensitivity
    if found is None:
        return Blocks([report.not_applicable("ranking")])
    return Blocks(
        [
            Paragraph(_lead(report), style="lead"),
            *section(words["weighting.sensitivity.shares"], *_shares(report, found)),
            *section(words["weighting.sensitivity.room"], _room(report, found)),
            *section(words["weighting.sensitivity.table"], _table(report, found)),
            Paragraph(words.say("weighting.sensitivity.limits"), style="small"),
        ]
    )


def _varies(report: WeightingReport) -> bool:
    return report.measured(report.key_of("variance_first", "sampling"))


def _lead(report: WeightingReport) -> list[Span]:
    if not _varies(report):
        return report.words.say("weighting.sensitivity.lead_fixed")
    p, q = (report.count("variance_first", name) for name in ("sampling", "weights"))
    return report.words.say("weighting.sensitivity.lead", p=p, q=q, r=report.count("variance_rest"))


def _shares(report: WeightingReport, found: Sensitivity) -> list[Block]:
    words = report.words
    if not _varies(report):
        return []
    factors = [
        Factor(
            label=words[f"weighting.factors.{name}"],
            alone=report.amount("variance_first", name),
            total=report.amount("variance_total", name),
            text=report.count("variance_first", name).text,
        )
        for name in found.factors
    ]
    drawn = variance_bars(
        factors,
        alone_label=words["weighting.sensitivity.alone"],
        total_label=words["weighting.sensitivity.total"],
    )
    sizes = report.listed(
        report.plain("weighting.sensitivity.size", n=str(n), factor=words[f"weighting.choices.{name}"])
        for name, n in found.factors.items()
    )
    key = "shares_caption" if "cleaning" in found.factors else "shares_caption_uncleaned"
    return [
        Figure(
            svg=to_svg(drawn),
            alt=report.plain(
                "weighting.sensitivity.shares_alt",
                values=report.listed(f"{factor.label} {factor.text}" for factor in factors),
            ),
            caption=words.say(f"weighting.sensitivity.{key}", sizes=sizes),
        )
    ]


def _room(report: WeightingReport, found: Sensitivity) -> Figure:
    words = report.words
    rows = [
        Row(
            label=report.label(name),
            value=report.amount("weight_base", name),
            low=report.amount("room_first", name, "low"),
            high=report.amount("room_first", name, "high"),
            text="".join(span.text for span in report.ends("room_first", name, digits=2)),
        )
        for name in map(str, found.room.index)
    ]
    drawn = interval_dots(rows, text_head=words["weighting.sensitivity.first_head"], bounds=(0.0, 1.0))
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain(
            "weighting.sensitivity.room_alt", values=report.listed(f"{row.label} {row.text}" for row in rows)
        ),
        caption=words.say("weighting.sensitivity.room_caption"),
    )


def _table(report: WeightingReport, found: Sensitivity) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.audit.indicator"], width=2.2),
            Column(words["weighting.sensitivity.weight"], align="right", width=1.1),
            Column(words["weighting.sensitivity.every_head"], align="right", width=2),
            Column(words["weighting.sensitivity.margin_low"], align="right", width=1.8),
            Column(words["weighting.sensitivity.margin_high"], align="right", width=1.8),
        ],
        [
            [
                report.label(name),
                report.count("weight_base", name),
                report.ends("room_rank", name),
                report.count("margin_low", name),
                report.count("margin_high", name),
            ]
            for name in map(str, found.room.index)
        ],
        notes=words.say("weighting.sensitivity.table_note"),
    )
