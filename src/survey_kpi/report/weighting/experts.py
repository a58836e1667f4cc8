"""Page 3: what the experts say one by one, how far they agree, and who moves the weights."""

from __future__ import annotations

from survey_kpi.evaluation.weighting import JudgementAssessment
from survey_kpi.evaluation.weighting.facts import MOST_EXPERTS
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Note, Paragraph, Span
from survey_kpi.report.data_quality.reading import Cell, section, shortened, table
from survey_kpi.report.figures.bars import band_counts
from survey_kpi.report.figures.distributions import Quartiles, quartiles
from survey_kpi.report.figures.shares import Part
from survey_kpi.report.style import FULL
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport

AGREED = 0.5


def experts_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and how far the experts agree."""
    kicker, found = report.words["weighting.experts.kicker"], report.assessment.judgements
    if found is None:
        return kicker, report.words["weighting.experts.title_none"]
    if found.agreement is None:
        return kicker, report.words["weighting.experts.title_one"]
    key = "agree" if found.agreement.w >= AGREED else "differ"
    return kicker, report.plain(f"weighting.experts.title_{key}", w=report.count("agreement").text)


def experts(report: WeightingReport) -> Blocks:
    """Priorities of every expert, agreement, the weights without each."""
    words, found = report.words, report.assessment.judgements
    ratings = Note(words.say("weighting.experts.no_ratings"), title=words["weighting.not_applicable_title"])
    if found is None:
        return Blocks([ratings, report.not_applicable("judgements")])
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            ratings,
            *section(words["weighting.experts.table"], _priorities(report, found)),
            *section(words["weighting.experts.without"], *_without(report, found)),
            *section(words["weighting.experts.spread"], spread_figure(report, found)),
        ]
    )


def _lead(report: WeightingReport, found: JudgementAssessment) -> list[Span]:
    words = report.words
    if found.agreement is None:
        return words.say("weighting.experts.lead_one")
    slots = {"w": report.count("agreement"), "p": report.count("agreement_p"), "s": report.count("consensus")}
    spans = words.say("weighting.experts.lead", n=report.count("experts_accepted"), **slots)
    if found.without is not None:
        expert = str(found.without["largest_change"].idxmax())
        change = report.count("without", expert)
        spans += words.say("weighting.experts.lead_without", e=shortened(expert), d=change)
    return spans


def shown_experts(found: JudgementAssessment) -> list[str]:
    """Return the experts that stand in tables: all of a few, else those who move the weights most."""
    if len(found.matrices) <= MOST_EXPERTS:
        return list(found.matrices)
    if found.without is None:
        return list(found.matrices)[:MOST_EXPERTS]
    order = found.without["largest_change"].sort_values(ascending=False, kind="stable")
    return [str(expert) for expert in order.index[:MOST_EXPERTS]]


def _priorities(report: WeightingReport, found: JudgementAssessment) -> Block:
    words, few = report.words, len(found.matrices) <= MOST_EXPERTS
    labels = list(found.priorities.columns)
    names = [report.label(label) for label in labels]
    if not few:
        return _summary(report, found, labels)
    heads = [
        Column(words["weighting.experts.expert"], width=1.6),
        *[Column(name, align="right", width=1.5) for name in names],
        Column(words["weighting.experts.change"], align="right", width=1.4),
    ]
    rows: list[list[Cell]] = [
        [
            Span(shortened(expert), tone="muted" if expert in found.excluded else ""),
            *[report.count("priority", f"{expert},{label}") for label in labels],
            report.count("without", expert),
        ]
        for expert in found.matrices
    ]
    group: list[Cell] = [Span(words["weighting.experts.group"], tone="strong")]
    group += [report.count("group_aij_eigenvector", label) for label in labels]
    return table(heads, [*rows, [*group, ""]], notes=words.say("weighting.experts.table_note"))


def _summary(report: WeightingReport, found: JudgementAssessment, labels: list[str]) -> Block:
    """Quartiles over the experts, where there are too many to list."""
    words = report.words
    parts = ("least", "lower", "median", "upper", "most")
    return table(
        [
            Column(words["weighting.audit.indicator"], width=2),
            *[Column(words[f"weighting.quartiles.{part}"], align="right", width=1.2) for part in parts],
            Column(words["weighting.experts.group"], align="right", width=1.2),
        ],
        [
            [
                report.label(label),
                *[report.count(f"priority_spread_{part}", label) for part in parts],
                report.count("group_aij_eigenvector", label),
            ]
            for label in labels
        ],
        notes=words.say("weighting.experts.summary_note", n=report.count("experts_accepted")),
    )


def _without(report: WeightingReport, found: JudgementAssessment) -> list[Block]:
    words = report.words
    if found.without is None:
        return [Paragraph(words.say("weighting.experts.few"))]
    chosen = [expert for expert in shown_experts(found) if expert in found.without.index]
    parts = [
        Part(report.amount("without", expert), shortened(expert), report.count("without", expert).text)
        for expert in chosen
    ]
    drawn = band_counts(parts, width=FULL)
    key = "without_caption" if len(chosen) == len(found.accepted) else "without_caption_some"
    return [
        Figure(
            svg=to_svg(drawn),
            alt=report.plain(
                "weighting.experts.without_alt",
                values=report.listed(f"{part.label} {part.text}" for part in parts),
            ),
            caption=words.say(f"weighting.experts.{key}", n=report.count("experts_accepted")),
        )
    ]


def spread_figure(report: WeightingReport, found: JudgementAssessment) -> Block:
    """Return how the experts' own weights are spread around the group's."""
    words = report.words
    rows = [
        Quartiles(
            label=report.label(label),
            mark=report.amount("group_aij_eigenvector", label),
            **{
                part: report.amount(f"priority_spread_{part}", label)
                for part in ("least", "lower", "median", "upper", "most")
            },
        )
        for label in found.priorities.columns
    ]
    drawn = quartiles(
        rows,
        spread_label=words["weighting.experts.spread_key"],
        mark_label=words["weighting.experts.group_key"],
        width=FULL,
    )
    values = report.listed(
        f"{row.label} {report.count('priority_spread_least', label).text}"
        f"–{report.count('priority_spread_most', label).text}"
        for row, label in zip(rows, found.priorities.columns, strict=True)
    )
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("weighting.experts.spread_alt", values=values),
        caption=words.say("weighting.experts.spread_caption"),
    )
