"""Page 3: what the experts say one by one, how far they agree, and who moves the weights."""

from __future__ import annotations

from survey_kpi.evaluation.weighting import JudgementAssessment, RatingAssessment
from survey_kpi.evaluation.weighting.facts import MOST_EXPERTS
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Note, Paragraph, Span
from survey_kpi.report.figures.bars import band_counts
from survey_kpi.report.figures.distributions import Quartiles, quartiles
from survey_kpi.report.figures.shares import Part
from survey_kpi.report.pieces import Cell, section, shortened, table
from survey_kpi.report.style import FULL
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport

AGREED = 0.5


Panel = JudgementAssessment | RatingAssessment
"""What experts gave, and how far they agree about it."""


def experts_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and how far the experts agree."""
    kicker, found = report.words["weighting.experts.kicker"], _panel(report)
    if found is None:
        return kicker, report.words["weighting.experts.title_none"]
    if found.agreement is None:
        return kicker, report.words["weighting.experts.title_one"]
    key = "agree" if found.agreement.w >= AGREED else "differ"
    w = report.count(f"{_prefix(found)}agreement").text
    return kicker, report.plain(f"weighting.experts.title_{key}", w=w)


def experts(report: WeightingReport) -> Blocks:
    """Scores, or else priorities, of every expert; agreement; the weights without each."""
    words, found, judged = report.words, _panel(report), report.assessment.judgements
    absent = Note(words.say("weighting.experts.no_ratings"), title=words["weighting.not_applicable_title"])
    if found is None:
        return Blocks([absent, report.not_applicable("judgements")])
    rated = isinstance(found, RatingAssessment)
    tables = (
        section(words["weighting.experts.scores"], _scores(report, found))
        if isinstance(found, RatingAssessment)
        else section(words["weighting.experts.table"], _priorities(report, found))
    )
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            *([] if rated else [absent]),
            *tables,
            *section(words["weighting.experts.without"], *_without(report, found)),
            *(section(words["weighting.experts.spread"], spread_figure(report, judged)) if judged else []),
        ]
    )


def _panel(report: WeightingReport) -> Panel | None:
    """Return the scores where experts gave any, else what their judgements come to."""
    return report.assessment.ratings or report.assessment.judgements


def _prefix(found: Panel) -> str:
    return "rating_" if isinstance(found, RatingAssessment) else ""


def _experts(found: Panel) -> list[str]:
    """Return the experts whose voices count."""
    if isinstance(found, RatingAssessment):
        return [str(expert) for expert in found.scores.index]
    return list(found.accepted)


def _number(report: WeightingReport, found: Panel) -> Span:
    return report.count("rating_experts" if isinstance(found, RatingAssessment) else "experts_accepted")


def _lead(report: WeightingReport, found: Panel) -> list[Span]:
    words, prefix = report.words, _prefix(found)
    if found.agreement is None:
        return words.say("weighting.experts.lead_one")
    spans = words.say(
        "weighting.experts.lead",
        n=_number(report, found),
        w=report.count(f"{prefix}agreement"),
        p=report.probability(f"{prefix}agreement_p"),
    )
    if isinstance(found, JudgementAssessment):
        spans += words.say("weighting.experts.lead_consensus", s=report.count("consensus"))
    if found.without is not None:
        expert = str(found.without["largest_change"].idxmax())
        change = report.moved(f"{prefix}without", expert)
        spans += words.say("weighting.experts.lead_without", e=shortened(expert), d=change)
    return spans


def shown_experts(found: Panel) -> list[str]:
    """Return the experts that stand in tables: all of a few, else those who move the weights most."""
    everybody = _experts(found)
    if len(everybody) <= MOST_EXPERTS:
        return everybody
    if found.without is None:
        return everybody[:MOST_EXPERTS]
    order = found.without["largest_change"].sort_values(ascending=False, kind="stable")
    return [str(expert) for expert in order.index[:MOST_EXPERTS]]


def _scores(report: WeightingReport, found: RatingAssessment) -> Block:
    """The scores as given, or their quartiles where there are too many experts to list."""
    words, labels = report.words, [str(label) for label in found.scores.columns]
    if len(found.scores) > MOST_EXPERTS:
        return _summary(report, labels, "rating_spread", "rating_weight", _number(report, found))
    heads = [
        Column(words["weighting.experts.expert"], width=1.6),
        *[Column(report.label(label), align="right", width=1.5) for label in labels],
        Column(words["weighting.experts.change"], align="right", width=1.4),
    ]
    rows: list[list[Cell]] = [
        [
            shortened(expert),
            *[report.exact("rating", f"{expert},{label}") for label in labels],
            report.moved("rating_without", expert),
        ]
        for expert in _experts(found)
    ]
    group: list[Cell] = [Span(words["weighting.experts.group"], tone="strong")]
    group += [report.count("rating_weight", label) for label in labels]
    return table(heads, [*rows, [*group, ""]], notes=words.say("weighting.experts.scores_note"))


def _priorities(report: WeightingReport, found: JudgementAssessment) -> Block:
    words, few = report.words, len(found.matrices) <= MOST_EXPERTS
    labels = list(found.priorities.columns)
    names = [report.label(label) for label in labels]
    if not few:
        accepted = report.count("experts_accepted")
        return _summary(report, labels, "priority_spread", "group_aij_eigenvector", accepted)
    heads = [
        Column(words["weighting.experts.expert"], width=1.6),
        *[Column(name, align="right", width=1.5) for name in names],
        Column(words["weighting.experts.change"], align="right", width=1.4),
    ]
    rows: list[list[Cell]] = [
        [
            Span(shortened(expert), tone="muted" if expert in found.excluded else ""),
            *[report.count("priority", f"{expert},{label}") for label in labels],
            report.moved("without", expert),
        ]
        for expert in found.matrices
    ]
    group: list[Cell] = [Span(words["weighting.experts.group"], tone="strong")]
    group += [report.count("group_aij_eigenvector", label) for label in labels]
    return table(heads, [*rows, [*group, ""]], notes=words.say("weighting.experts.table_note"))


def _summary(report: WeightingReport, labels: list[str], spread: str, group: str, experts: Span) -> Block:
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
                *[report.count(f"{spread}_{part}", label) for part in parts],
                report.count(group, label),
            ]
            for label in labels
        ],
        notes=words.say("weighting.experts.summary_note", n=experts),
    )


def _without(report: WeightingReport, found: Panel) -> list[Block]:
    words, name = report.words, f"{_prefix(found)}without"
    if found.without is None:
        return [Paragraph(words.say("weighting.experts.few"))]
    chosen = [expert for expert in shown_experts(found) if expert in found.without.index]
    parts = [
        Part(report.amount(name, expert), shortened(expert), report.moved(name, expert).text)
        for expert in chosen
    ]
    key = "without_caption" if len(chosen) == len(_experts(found)) else "without_caption_some"
    listed = report.listed(f"{part.label} {part.text}" for part in parts)
    return [
        Figure(
            svg=to_svg(band_counts(parts, width=FULL)),
            alt=report.plain("weighting.experts.without_alt", values=listed),
            caption=words.say(f"weighting.experts.{key}", n=_number(report, found)),
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
