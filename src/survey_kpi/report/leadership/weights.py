"""Page 3: how much each indicator counts, by which method, and what to mind."""

from __future__ import annotations

from collections.abc import Iterable

from survey_kpi.facts import fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicator_weights import IndicatorWeights
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Figure, Heading, Paragraph, Span, Table
from survey_kpi.report.figures.weighting import Weighting as WeightPanel
from survey_kpi.report.figures.weighting import weights as weights_plot
from survey_kpi.report.reading import Report
from survey_kpi.report.svg import to_svg
from survey_kpi.report.tables import number

COMBINED = "combined"


def weights_title(report: Report) -> tuple[str, str]:
    """Return the topic, and which indicator carries the largest weight."""
    kicker, combined = report.words["weights.kicker"], report.edition.evaluation.weighting.combined
    if combined is None:
        return kicker, report.words["weights.title_none"]
    top = max(combined.values, key=lambda name: combined.values[name])
    share = _weight(report, COMBINED, top).text
    return kicker, report.plain("weights.title", top=report.label(top), shares=share)


def weights(report: Report) -> Blocks:
    """Weights by method, the table that scores use, and the doubts."""
    blocks: list[Block] = [Paragraph(_lead(report), style="lead")]
    if report.edition.evaluation.weighting.combined:
        blocks += [_figure(report), Heading(report.words["weights.table"], level=2), _table(report)]
    return Blocks([*blocks, *_doubts(report)])


def _methods(report: Report) -> dict[str, IndicatorWeights]:
    weighting = report.edition.evaluation.weighting
    methods = weighting.named
    if weighting.combined and len(weighting.parts) > 1:
        methods[COMBINED] = weighting.combined
    return methods


def _weight(report: Report, method: str, indicator: str) -> Span:
    key = fact_key(report.period, "param", f"weight_{method}", indicator)
    found = report.edition.facts[key]
    return Span(number(100 * found.value, "percent"), fact=key, hash=found.hash, glue=True)


def _interval(report: Report, method: str, indicator: str) -> list[Span]:
    """Return the interval of a weight from data in brackets; nothing where the method has none."""
    base = fact_key(report.period, "param", f"weight_{method}", indicator)
    low, high = (report.fact(f"{base}:{part}") for part in ("low", "high"))
    if low is None or high is None:
        return []
    ends = [
        Span(number(100 * end.value, "percent"), fact=end.key, hash=end.hash, glue=True)
        for end in (low, high)
    ]
    return [Span(" (", tone="muted"), ends[0], Span("–", glue=True), ends[1], Span(")", tone="muted")]


def _ends(report: Report, method: str, indicators: list[str], part: str) -> list[float]:
    """Return one end of every weight's interval; nothing where the method has none."""
    keys = [fact_key(report.period, "param", f"weight_{method}", name, part) for name in indicators]
    found = [report.fact(key) for key in keys]
    return [end.value for end in found if end]


def _lead(report: Report) -> list[Span]:
    words, weighting = report.words, report.edition.evaluation.weighting
    if weighting.combined is None:
        return words.say("weights.lead_none", problem=weighting.problem)
    shares = report.study.rules.indicator_weights.parts
    variant = (
        " + ".join(
            report.plain(
                "weights.variant_part",
                share=f"{part.share:g}",
                method=report.method_name(part.method),
            )
            for part in shares
        )
        or words["weights.methods.declared"]
    )
    if set(weighting.named) != {"ahp", "entropy"}:
        return words.say("weights.lead_plain", variant=variant)
    return words.say(
        "weights.lead",
        variant=variant,
        experts=_statistic(report, "ahp_experts", 0),
        cr=_statistic(report, "ahp_consistency_ratio", 3),
    )


def _statistic(report: Report, name: str, digits: int) -> Span:
    return report.value(fact_key(report.period, "param", name, COMPANY), digits=digits)


def _figure(report: Report) -> Figure:
    scored = list(report.study.rules.scored)
    methods = _methods(report)
    final = COMBINED if COMBINED in methods else next(iter(methods))
    panels = [
        WeightPanel(
            label=report.method_name(name),
            values=[weights.values[label] for label in scored],
            texts=[_weight(report, name, label).text for label in scored],
            final=name == final,
            low=_ends(report, name, scored, "low"),
            high=_ends(report, name, scored, "high"),
        )
        for name, weights in methods.items()
    ]
    listed = "; ".join(
        f"{panel.label} "
        + report.listed(
            f"{report.label(name)} {text}" for name, text in zip(scored, panel.texts, strict=True)
        )
        for panel in panels
    )
    return Figure(
        svg=to_svg(weights_plot([report.label(name) for name in scored], panels)),
        alt=report.plain("weights.figure_alt", values=listed),
        caption=report.words.say("weights.figure_caption"),
        title=report.words["weights.figure"],
    )


def _table(report: Report) -> Table:
    words, methods = report.words, _methods(report)
    return Table(
        columns=[
            Column(words["weights.indicator"], width=3),
            *[
                Column(report.method_name(name), align="right", width=width)
                for name, width in _widths(report, methods).items()
            ],
            Column(words["weights.target"], align="right", width=1.6),
            Column(words["weights.direction"], width=2.4),
        ],
        rows=[
            [
                [Span(report.label(label))],
                *[[_weight(report, name, label), *_interval(report, name, label)] for name in methods],
                [Span(report.target_text(label))],
                [Span(words[f"weights.{report.sheet(label).direction}"])],
            ]
            for label in report.study.rules.scored
        ],
    )


def _widths(report: Report, methods: Iterable[str]) -> dict[str, float]:
    """Return how wide the column of each method is: wider where the weights carry intervals."""
    first = report.study.rules.scored[0]
    return {name: 3.6 if _interval(report, name, first) else 1.9 for name in methods}


def _doubt(report: Report, row: Row) -> str:
    """Return a doubt in the language of the report; one without words of its own as the method put it."""
    return report.words.get(f"weights.doubts.{row.code}", row.message)


def _doubts(report: Report) -> list[Block]:
    found = report.edition.evaluation.diagnostics
    texts = [
        report.words.say("weights.doubt", method=report.method_name(row.where), text=_doubt(report, row))
        for row in rows_of(found.drop_duplicates(["code", "where"]))
    ]
    return [
        Heading(report.words["weights.notes"], level=2),
        Bullets(texts) if texts else Paragraph(report.words.say("weights.none")),
    ]
