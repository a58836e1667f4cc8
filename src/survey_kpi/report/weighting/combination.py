"""Page 6: every mixture between judgement and data, other ways to combine, the triangle."""

from __future__ import annotations

import math

from survey_kpi.evaluation.weighting import Combining
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Figure, Paragraph, Span
from survey_kpi.report.figures.paths import Line, alpha_path
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.figures.triangles import Spot, triangle
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport


def combination_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and between which shares no rank changes."""
    kicker, found = report.words["weighting.combination.kicker"], report.assessment.combining
    if found is None:
        return kicker, report.words["weighting.combination.title_none"]
    low, high = (report.count("alpha_order", part=part, digits=2).text for part in ("low", "high"))
    return kicker, report.plain("weighting.combination.title", lo=low, hi=high)


def combination(report: WeightingReport) -> Blocks:
    """The path, the other combinations, the triangle."""
    words, found = report.words, report.assessment.combining
    if found is None:
        return Blocks([report.not_applicable("combining")])
    return Blocks(
        [
            Paragraph(_lead(report, found), style="lead"),
            _path(report, found),
            *section(words["weighting.combination.mixes"], _mixes(report, found)),
            Columns([[_triangle(report, found)], _reading(report, found)]),
        ]
    )


def _lead(report: WeightingReport, found: Combining) -> list[Span]:
    words = report.words
    a, b = (report.method(end.method) for end in found.ends)
    lo, hi = (report.count("alpha_order", part=part, digits=2) for part in ("low", "high"))
    spans = words.say("weighting.combination.lead", a=a, b=b, lo=lo, hi=hi)
    whole = found.first == (0.0, 1.0)
    key = "first_always" if whole else "first_between"
    ends = {} if whole else {"ends": report.ends("alpha_first", digits=2)}
    spans += words.say(f"weighting.combination.{key}", **ends)
    if math.isnan(found.declared):
        return spans + words.say("weighting.combination.undeclared")
    return spans + words.say("weighting.combination.declared", alpha=report.count("alpha_declared"))


def _path(report: WeightingReport, found: Combining) -> Figure:
    words = report.words
    first, second = found.ends
    lines = [
        Line(label=report.label(name), start=second.values[name], end=first.values[name])
        for name in report.scored
    ]
    declared = None
    if not math.isnan(found.declared):
        text = report.count("alpha_declared").text
        declared = Reference(found.declared, report.plain("weighting.combination.declared_word", alpha=text))
    drawn = alpha_path(
        lines,
        found.alphas,
        [100 * share for share in found.turned],
        stays=found.order,
        declared=declared,
        heads=(words["weighting.combination.upper"], words["weighting.combination.lower"]),
        ends=(
            report.plain("weighting.combination.end", alpha="0", method=report.method(second.method)),
            report.plain("weighting.combination.end", alpha="1", method=report.method(first.method)),
        ),
        stays_label=words["weighting.combination.stays"],
    )
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain(
            "weighting.combination.path_alt",
            a=report.method(first.method),
            b=report.method(second.method),
            lo=report.count("alpha_order", part="low", digits=2).text,
            hi=report.count("alpha_order", part="high", digits=2).text,
            most=report.count("turned_most").text,
        ),
        caption=words.say("weighting.combination.path_caption", most=report.count("turned_most")),
        title=words["weighting.combination.path"],
    )


def _mixes(report: WeightingReport, found: Combining) -> Block:
    words = report.words
    heads = [Column(words["weighting.combination.way"], width=3)]
    heads += [Column(report.label(name), align="right", width=1.4) for name in report.scored]
    heads += [
        Column(words["weighting.combination.turned"], align="right", width=1.5),
        Column(words["weighting.combination.first"], width=1.2),
    ]
    rows: list[list[Cell]] = []
    refused = []
    for mix in found.mixes:
        label = words[f"weighting.combination.ways.{mix.name}"]
        if mix.weights is None:
            refused.append(
                report.plain("weighting.entropy.refused", variant=label, reason=report.refusal(mix.code))
            )
            continue
        stays = words["weighting.combination.yes" if mix.first_stays else "weighting.combination.no"]
        weights = [report.count(f"mix_{mix.name}", name) for name in report.scored]
        rows.append([label, *weights, report.count("mix_turned", mix.name), stays])
    notes = words.say("weighting.combination.mixes_note")
    return table(heads, rows, notes=[*notes, *(Span(f" {text}") for text in refused)])


def _corner(report: WeightingReport, name: str) -> str:
    return report.label(name) if name in report.scored else report.head(name)


def _triangle(report: WeightingReport, found: Combining) -> Figure:
    words = report.words
    corners = tuple(_corner(report, name) for name in found.corners)
    spots = _spots(report, found)
    drawn = triangle(
        (corners[0], corners[1], corners[2]),
        [point.shares for point in found.triangle],
        [point.first_stays for point in found.triangle],
        spots,
        stays_label=words["weighting.combination.triangle_stays"],
        turns_label=words["weighting.combination.triangle_turns"],
    )
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain(
            "weighting.combination.triangle_alt",
            corners=report.listed(corners),
            p=report.count("triangle_first").text,
        ),
        caption=words.say("weighting.combination.triangle_caption", p=report.count("triangle_first")),
        title=words["weighting.combination.triangle"],
        width="half",
    )


def _spots(report: WeightingReport, found: Combining) -> list[Spot]:
    """The weights in use: as a mixture of methods, or as weights of three indicators."""
    base = report.edition.evaluation.weighting.combined
    word = report.words["weighting.combination.used"]
    if base is not None and set(found.corners) == set(report.scored):
        a, b, c = (base.values[name] for name in found.corners)
        return [Spot(shares=(a, b, c), label=word)]
    if math.isnan(found.declared):
        return []
    return [Spot(shares=(found.declared, 1 - found.declared, 0.0), label=word)]


def _reading(report: WeightingReport, found: Combining) -> list[Block]:
    """What the path says about the order of the indicators themselves."""
    words = report.words
    spans = words.say(
        "weighting.combination.importance",
        ends=report.ends("alpha_importance", digits=2),
        n=report.count("alpha_switches"),
    )
    return section(
        words["weighting.combination.read"],
        Paragraph(spans),
        Paragraph(words.say("weighting.combination.choice")),
    )
