"""Page 2: what each indicator rests on, and which of them say the same."""

from __future__ import annotations

from survey_kpi.evaluation.weighting.audit import REDUNDANT, Pair
from survey_kpi.indicators import INDICATORS
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Figure, Paragraph, Span
from survey_kpi.report.figures.rows import Row, interval_dots
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.style import HALF
from survey_kpi.report.svg import to_svg
from survey_kpi.report.weighting.reading import WeightingReport

MOST_PAIRS = 15
RATIO_UNITS = ("percent", "count", "hours", "money", "share")


def audit_title(report: WeightingReport) -> tuple[str, str]:
    """Return the topic, and whether two indicators overlap."""
    kicker, pairs = report.words["weighting.audit.kicker"], _redundant(report)
    if pairs:
        a, b = report.label(pairs[0].first), report.label(pairs[0].second)
        return kicker, report.plain("weighting.audit.title_overlap", a=a, b=b)
    if not _known(report):
        return kicker, report.words["weighting.audit.title_unknown"]
    return kicker, report.words["weighting.audit.title_none"]


def audit(report: WeightingReport) -> Blocks:
    """The indicators one by one, their correlations, and the effective number."""
    words = report.words
    return Blocks(
        [
            Paragraph(_lead(report), style="lead"),
            *section(words["weighting.audit.table"], _lines(report)),
            Columns(
                [
                    section(words["weighting.audit.overlap"], _figure(report)),
                    section(words["weighting.audit.effective"], _effective(report)),
                ]
            ),
            *section(words["weighting.audit.control"], _control(report)),
        ]
    )


def _known(report: WeightingReport) -> list[Pair]:
    return [pair for pair in report.assessment.audit.pairs if pair.r == pair.r]


def _redundant(report: WeightingReport) -> list[Pair]:
    return [pair for pair in _known(report) if pair.redundant]


def _scope(pair: Pair) -> str:
    return f"{pair.first},{pair.second}"


def _lead(report: WeightingReport) -> list[Span]:
    words = report.words
    if not _known(report):
        return words.say("weighting.audit.lead_unknown")
    pairs = _redundant(report)
    if not pairs:
        top = max(_known(report), key=lambda pair: abs(pair.r))
        a, b = report.label(top.first), report.label(top.second)
        r = report.count("correlation", _scope(top))
        return words.say("weighting.audit.lead_none", a=a, b=b, r=r)
    spans: list[Span] = []
    for pair in pairs[:3]:
        a, b = report.label(pair.first), report.label(pair.second)
        spans += words.say(
            "weighting.audit.overlap_one", a=a, b=b, r=report.count("correlation", _scope(pair))
        )
    return spans


def _lines(report: WeightingReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.audit.indicator"], width=2.4),
            Column(words["weighting.audit.direction"], width=1.8),
            Column(words["weighting.audit.scale"], width=2.4),
            Column(words["weighting.audit.least"], align="right", width=1.3),
            Column(words["weighting.audit.median"], align="right", width=1.3),
            Column(words["weighting.audit.reliability"], align="right", width=1.3),
        ],
        [_line(report, name) for name in report.scored],
        notes=words.say("weighting.audit.table_note"),
    )


def _line(report: WeightingReport, name: str) -> list[Cell]:
    words, sheet = report.words, report.sheet(name)
    target = sheet.target.measure if sheet.target else None
    unit = INDICATORS[sheet.kpi].measure(target or report.headline(name)).unit
    zero = "ratio" if unit in RATIO_UNITS else "interval"
    return [
        report.label(name),
        words[f"weights.{sheet.direction}"],
        report.plain(f"weighting.audit.scale_{zero}", unit=words.get(f"weighting.units.{unit}", unit)),
        report.count("least_base", name),
        report.count("median_base", name),
        report.count("reliability", name),
    ]


def _figure(report: WeightingReport) -> Block:
    words = report.words
    pairs = sorted(_known(report), key=lambda pair: -abs(pair.r))[:MOST_PAIRS]
    if not pairs:
        return Paragraph(words.say("weighting.audit.no_pairs"))
    rows = [
        Row(
            label=report.pair(pair.first, pair.second),
            value=pair.r,
            low=pair.low,
            high=pair.high,
            text=report.count("correlation", _scope(pair)).text,
        )
        for pair in pairs
    ]
    limit = Reference(REDUNDANT, words["weighting.audit.limit"])
    drawn = interval_dots(rows, target=limit, text_head="r", bounds=(-1, 1), width=HALF)
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain(
            "weighting.audit.figure_alt", values=report.listed(f"{row.label} {row.text}" for row in rows)
        ),
        caption=words.say("weighting.audit.figure_caption", n=report.count("subjects")),
        width="half",
    )


def _effective(report: WeightingReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["weighting.audit.weighting"], width=3),
            Column(words["weighting.audit.number"], align="right", width=1.4),
        ],
        [
            [
                Span(report.head(name), tone="strong" if name == "base" else ""),
                report.count("effective_number", name),
            ]
            for name in report.assessment.audit.effective
        ],
        notes=words.say("weighting.audit.effective_note", n=report.count("indicators")),
    )


def _control(report: WeightingReport) -> Block:
    words = report.words
    undeclared = Span(words["weighting.audit.undeclared"], tone="muted")
    return table(
        [
            Column(words["weighting.audit.indicator"], width=2),
            Column(words["weighting.audit.kind"], width=1.2),
            Column(words["weighting.audit.owner"], width=2),
            Column(words["weighting.audit.gaming"], width=3.6),
        ],
        [
            [
                report.label(name),
                words[f"weighting.tags.{sheet.tag}"],
                report.text(sheet.owner) if sheet.owner else undeclared,
                report.text(sheet.gaming) if sheet.gaming else undeclared,
            ]
            for name in report.scored
            for sheet in [report.sheet(name)]
        ],
        notes=words.say("weighting.audit.control_note"),
    )
