"""Page 3: from rows received to rows used, and the ids of all that were set aside."""

from __future__ import annotations

from survey_kpi.cleaning import RULES
from survey_kpi.frames import rows_of
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Figure, Paragraph, Span
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.figures.bars import Step
from survey_kpi.report.figures.bars import flow as flow_figure
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.svg import to_svg


def flow_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and how many answers are used."""
    words = report.words
    counts = {"n": report.count("raw").text, "k": report.count("excluded").text}
    kicker = words["quality.flow.kicker"]
    if report.quality.excluded.empty:
        return kicker, report.plain("quality.flow.title_all", n=counts["n"])
    return kicker, report.plain("quality.flow.title", **counts, kept=report.count("kept").text)


def flow(report: QualityReport) -> Blocks:
    """The way from raw to valid, the rules, and the annex of row ids."""
    words = report.words
    lead = words.say(
        "quality.flow.lead",
        n=report.count("raw"),
        k=report.count("excluded"),
        p=report.count("excluded_share"),
    )
    return Blocks(
        [
            Paragraph(lead, style="lead"),
            _figure(report),
            *section(words["quality.flow.rules"], _rules(report)),
            *_unmet(report),
            *section(words["quality.flow.annex"], *_annex(report)),
        ]
    )


def _acting(report: QualityReport) -> list[str]:
    rules = report.quality.rules
    return rules.loc[rules["excluded"] > 0, "rule"].tolist()


def _figure(report: QualityReport) -> Figure:
    words = report.words
    aside = [
        Step(
            report.amount("rule_excluded", code),
            report.rule(code),
            report.count("rule_excluded", code).text,
            "aside",
        )
        for code in _acting(report)
    ]
    raw = Step(report.amount("raw"), words["quality.flow.received"], report.count("raw").text, "total")
    kept = Step(report.amount("kept"), words["quality.flow.kept"], report.count("kept").text, "kept")
    steps = report.listed(f"{step.label} {step.text}" for step in aside)
    return Figure(
        svg=to_svg(flow_figure([raw, *aside, kept])),
        alt=report.plain("quality.flow.figure_alt", raw=raw.text, steps=steps or "0", kept=kept.text),
        caption=words.say("quality.flow.figure_caption"),
        title=words["quality.flow.figure"],
    )


def _rules(report: QualityReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["quality.flow.rule"], width=2.2),
            Column(words["quality.flow.why"], width=5),
            Column(words["quality.flow.action"], width=1.4),
            Column(words["quality.flow.flagged"], align="right", width=1),
            Column(words["quality.flow.excluded"], align="right", width=1),
        ],
        [
            [
                report.rule(row.rule),
                Span(report.text(RULES[row.rule].reason), tone="muted"),
                words[f"quality.action.{row.action}"],
                report.count("rule_flagged", row.rule),
                report.count("rule_excluded", row.rule),
            ]
            for row in rows_of(report.quality.rules)
        ],
        notes=words.say("quality.flow.rules_note"),
    )


def _unmet(report: QualityReport) -> list[Block]:
    unmet = report.quality.unmet
    entries = [
        report.words.say("quality.flow.unmet_entry", rule=report.rule(code), reason=report.unmet(reason))
        for code, reason in unmet.items()
    ]
    return section(report.words["quality.flow.unmet"], Bullets(entries)) if entries else []


def _annex(report: QualityReport) -> list[Block]:
    words, excluded = report.words, report.quality.excluded
    if excluded.empty:
        return [Paragraph(words.say("quality.flow.annex_none"))]
    heads = [
        Column(words["quality.flow.rule"], width=2),
        Column(words["quality.flow.excluded"], align="right", width=1),
        Column(words["quality.flow.annex_ids"], width=7),
    ]
    rows: list[list[Cell]] = [
        [
            report.rule(code),
            report.count("rule_excluded", code),
            report.ids(excluded.loc[excluded["rule"] == code, "row_id"].tolist()),
        ]
        for code in _acting(report)
    ]
    return [table(heads, rows, notes=words.say("quality.flow.annex_note"))]
