"""Page 7: ranks by every method, by code; and how often each rank falls where."""

from __future__ import annotations

from survey_kpi.evaluation.weighting import RankStability
from survey_kpi.evaluation.weighting.ranking import NAMED_FROM, SCENARIOS
from survey_kpi.indicator_weights.acceptability import SUPERLATIVE
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Paragraph, Span
from survey_kpi.report.figures.ranks import Bars, rank_map
from survey_kpi.report.figures.ranks import Column as Ranks
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.svg import to_svg
from survey_kpi.report.tables import number
from survey_kpi.report.weighting.reading import WeightingReport

MOST_SHOWN = 36
"""Subjects that the figure has room for on one page."""
MOST_CENTRAL = 6


def ranks_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and whether anybody may be called first."""
    kicker, found = report.words["weighting.ranks.kicker"], report.assessment.ranking
    if found is None:
        return kicker, report.words["weighting.ranks.title_none"]
    p = report.count("leader_share").text
    if _superlative(found):
        return kicker, report.plain("weighting.ranks.title_first", p=p, a=found.leader[0])
    return kicker, report.plain("weighting.ranks.title_open", p=p)


def ranks(report: WeightingReport) -> Blocks:
    """The sentence, the map of ranks, the central weights."""
    words, found = report.words, report.assessment.ranking
    if found is None:
        return Blocks([report.not_applicable("ranking")])
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            _map(report, found),
            *section(words["weighting.ranks.central"], *_central(report, found)),
        ]
    )


def _superlative(found: RankStability) -> bool:
    return found.leader[1] >= SUPERLATIVE


def _lead(report: WeightingReport, found: RankStability) -> list[Span]:
    words, p = report.words, report.count("leader_share")
    span = report.count("median_span")
    if not _superlative(found):
        return words.say("weighting.ranks.lead_open", p=p, span=span, n=report.count("subjects"))
    equal = found.ranks["equal"] if "equal" in found.ranks else found.ranks["base"]
    slots = {"a": found.leader[0], "b": str(equal.idxmin())}
    return words.say("weighting.ranks.lead_first", p=p, span=span, n=report.count("subjects"), **slots)


def _map(report: WeightingReport, found: RankStability) -> Figure:
    words = report.words
    codes = [str(code) for code in found.ranks.index][:MOST_SHOWN]
    columns = []
    for method in found.ranks:
        values = [report.amount(f"rank_{method}", code) for code in codes]
        texts = [number(value, "score", digits=0 if value == round(value) else 1) for value in values]
        columns.append(
            Ranks(head=report.short(str(method)), values=values, texts=texts, base=method == "base")
        )
    bars = [
        Bars(
            head=words[f"weighting.ranks.{scenario}"],
            **{
                third: [report.amount(f"{third}_{scenario}", code) for code in codes]
                for third in ("upper", "middle", "lower")
            },
        )
        for scenario in SCENARIOS
    ]
    thirds = (words["weighting.ranks.upper"], words["weighting.ranks.middle"], words["weighting.ranks.lower"])
    listed = report.listed(
        report.plain(
            "weighting.ranks.map_entry", code=code, low=report.count("ranks_both", code, part="low").text,
            high=report.count("ranks_both", code, part="high").text,
        )
        for code in codes
    )  # fmt: skip
    people = report.evaluated is not None and report.evaluated.people
    caption = words.say("weighting.ranks.map_caption")
    caption += words.say(f"weighting.ranks.map_{'people' if people else 'groups'}")
    if len(found.ranks) > len(codes):
        caption += words.say("weighting.ranks.map_more", shown=str(len(codes)), n=report.count("subjects"))
    return Figure(
        svg=to_svg(rank_map(codes, columns, bars, key=thirds)),
        alt=report.plain("weighting.ranks.map_alt", values=listed),
        caption=caption,
        title=words["weighting.ranks.map"],
    )


def _central(report: WeightingReport, found: RankStability) -> list[Block]:
    """The weights under which a subject is first, for those often enough so, in the order of codes."""
    words = report.words
    first = found.acceptability["both"].first
    often = sorted(first[first >= NAMED_FROM].sort_values(ascending=False).index[:MOST_CENTRAL])
    if not often:
        return [Paragraph(words.say("weighting.ranks.central_none"))]
    heads = [
        Column(words["weighting.ranks.code"], width=1),
        Column(words["weighting.ranks.share"], align="right", width=1.6),
        Column(words["weighting.ranks.interval"], align="right", width=1.8),
        *[Column(report.label(name), align="right", width=1.6) for name in report.scored],
    ]
    rows: list[list[Cell]] = [
        [
            str(code),
            report.count("first_both", str(code)),
            report.ends("ranks_both", str(code)),
            *[report.count("central", f"{code},{name}") for name in report.scored],
        ]
        for code in often
    ]
    return [table(heads, rows, notes=words.say("weighting.ranks.central_note"))]
