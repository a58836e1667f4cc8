"""Page 6: what was received, what was set aside and why, and which files it came from."""

from __future__ import annotations

from survey_kpi.cleaning import RULES
from survey_kpi.facts import fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Heading, Paragraph, Span, Table
from survey_kpi.report.figures.bars import Step, flow
from survey_kpi.report.reading import SHORT_HASH, Report
from survey_kpi.report.svg import to_svg


def data_title(report: Report) -> tuple[str, str]:
    """Return the topic, and how many answers are used."""
    counts = {name: _rows(report, name).text for name in ("raw", "excluded", "kept")}
    key = "data.title_all" if counts["excluded"] == "0" else "data.title"
    return report.words["data.kicker"], report.plain(key, **counts)


def data(report: Report) -> Blocks:
    """The way from received to used, the rules and the files."""
    return Blocks(
        [
            Paragraph(
                report.words.say("data.lead", unattributed=_rows(report, "unattributed")), style="lead"
            ),
            _flow(report),
            *_rules(report),
            *_files(report),
            *_replaced(report),
        ]
    )


def _replaced(report: Report) -> list[Block]:
    """Say which names the fonts could not print; the HTML shows them as they are."""
    shown = [row.detail for row in rows_of(report.replaced)]
    if not shown:
        return []
    names = report.listed(shown)
    return [Paragraph(report.words.say("data.replaced", n=str(len(shown)), names=names), style="small")]


def _rows(report: Report, measure: str) -> Span:
    return report.value(fact_key(report.period, "rows", measure, COMPANY))


def rule_label(report: Report, code: str) -> str:
    """Return a cleaning rule's name."""
    return report.text(RULES[code].label) if code in RULES else code


def _flow(report: Report) -> Figure:
    table = report.edition.evaluation.flow
    raw, kept = int(table["rows"].sum()), int(table.loc[table["rule"] == "", "rows"].sum())
    aside = [
        Step(row.rows, rule_label(report, row.rule), _rows(report, f"excluded_{row.rule}").text, "aside")
        for row in rows_of(table[table["rule"] != ""])
    ]
    steps = [
        Step(raw, report.words["data.received"], _rows(report, "raw").text, "total"),
        *aside,
        Step(kept, report.words["data.kept"], _rows(report, "kept").text, "kept"),
    ]
    listed = report.listed(f"{step.label} {step.text}" for step in aside)
    return Figure(
        svg=to_svg(flow(steps)),
        alt=report.plain("data.flow_alt", raw=steps[0].text, steps=listed, kept=steps[-1].text),
        caption=report.words.say("data.flow_caption"),
        title=report.words["data.flow"],
    )


def _rules(report: Report) -> list[Block]:
    words = report.words
    counts = report.edition.evaluation.rule_counts
    table = counts.groupby(["rule", "action"], sort=False)[["flagged", "excluded"]].sum().reset_index()
    rows = [
        [
            [Span(rule_label(report, row.rule))],
            [Span(words[f"data.actions.{row.action}"])],
            [_rule(report, row.rule, "flagged")],
            [_rule(report, row.rule, "excluded")],
        ]
        for row in rows_of(table)
    ]
    return [
        Heading(words["data.rules"], level=2),
        Table(
            columns=[
                Column(words["data.rule"], width=4),
                Column(words["data.action"], width=2),
                Column(words["data.flagged"], align="right", width=1.4),
                Column(words["data.excluded"], align="right", width=1.4),
            ],
            rows=rows,
            notes=words.say("data.rules_note", k=str(report.study.study.cleaning.careless_at_least)),
        ),
    ]


def _rule(report: Report, rule: str, measure: str) -> Span:
    return report.value(fact_key(report.period, "rule", f"{rule}_{measure}", COMPANY))


def _files(report: Report) -> list[Block]:
    words = report.words
    rows = [
        [
            [Span(row.file)],
            [Span(row.format)],
            [Span(row.encoding)],
            [report.value(fact_key(report.period, "file", "rows", row.file))],
            [Span(row.sha256[:SHORT_HASH])],
        ]
        for row in rows_of(report.edition.evaluation.intake)
    ]
    return [
        Heading(words["data.files"], level=2),
        Table(
            columns=[
                Column(words["data.file"], width=3.4),
                Column(words["data.format"], width=1.8),
                Column(words["data.encoding"], width=1.5),
                Column(words["data.rows"], align="right", width=1.1),
                Column(words["data.sha256"], width=2.3),
            ],
            rows=rows,
        ),
    ]
