"""Page 6, the company's tables: keys that lead nowhere, contradicted owners, claims held against records."""

from __future__ import annotations

import re

import pandas as pd

from survey_kpi.evaluation.quality import RESPONSES
from survey_kpi.evaluation.quality.gates import PEOPLE
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.blocks import Block, Bullets, Column, Paragraph, Span, Tone
from survey_kpi.report.data_quality.reading import MOST_IDS, QualityReport
from survey_kpi.report.pieces import Cell, table

_CODE = re.compile(r"[A-Za-z0-9_-]{1,12}")
"""What may be shown of a code as stated: a free text could name a person."""
_OWNER = "owner: "
MOST_ROWS = 40
"""Answers listed one by one with both codes."""


def links(report: QualityReport) -> list[Block]:
    """Return table x key: how many of the keys given lead to a row of the table that they refer to."""
    words, found = report.words, report.quality.company.used_links
    if found.empty:
        return [Paragraph(words.say("quality.keys.links_none"))]
    heads = [
        Column(words["quality.keys.link_table"], width=2),
        Column(words["quality.keys.link_customer"], align="right", width=1.3),
        Column(words["quality.keys.link_person"], align="right", width=1.3),
        Column(words["quality.keys.link_other"], width=3),
        Column(words["quality.keys.link_astray"], width=2),
    ]
    names = sorted(dict.fromkeys(found["table"]), key=lambda name: name != RESPONSES)
    rows = [_link_row(report, found[found["table"] == name]) for name in names]
    return [table(heads, rows, notes=words.say("quality.keys.links_note"))]


def _link_row(report: QualityReport, mine: pd.DataFrame) -> list[Cell]:
    by_kind: dict[str, list[Row]] = {"customer": [], "person": [], "other": []}
    for row in rows_of(mine):
        kind = "customer" if row.column == "customer_id" else "person" if _is_person(row) else "other"
        by_kind[kind].append(row)
    other = [
        [Span(f"{report.words[f'quality.keys.key_{row.column}']} "), *_rate(report, row)]
        for row in by_kind["other"]
    ]
    comma = Span(report.words["frame.list_comma"])
    return [
        report.table_name(mine["table"].iloc[0]),
        [span for row in by_kind["customer"] for span in _rate(report, row)] or _none(),
        [span for row in by_kind["person"][:1] for span in _rate(report, row)] or _none(),
        [span for place, spans in enumerate(other) for span in ([comma] if place else []) + spans] or _none(),
        _astray(report, mine),
    ]


def _is_person(row: Row) -> bool:
    return row.column in PEOPLE or row.column == "manager_id"


def _none() -> list[Span]:
    return [Span("–", tone="muted")]


def _rate(report: QualityReport, row: Row) -> list[Span]:
    scope = f"{row.table}.{row.column}"
    tone: Tone = "strong" if report.amount("link_astray", scope) else ""
    return [report.value(report.key_of("link", scope), tone=tone, digits=_digits(report, scope))]


def _digits(report: QualityReport, scope: str) -> int:
    """Return decimals that keep a rate below 100 from looking whole."""
    value = report.amount("link", scope)
    return 2 if 99.95 <= value < 100 else 1


def _astray(report: QualityReport, mine: pd.DataFrame) -> list[Span]:
    """Return how many keys lead nowhere, and the first of them where they are codes."""
    spans: list[Span] = []
    for row in rows_of(mine):
        scope = f"{row.table}.{row.column}"
        if not report.amount("link_astray", scope):
            continue
        codes = [code for code in row.examples if _CODE.fullmatch(code)]
        spans += [Span(report.words["frame.list_comma"])] if spans else []
        spans += [
            report.count("link_astray", scope),
            Span(f" {', '.join(codes)}" if codes else "", tone="code"),
        ]
    return spans or _none()


# --- owners -------------------------------------------------------------------------------------------


def owners(report: QualityReport) -> list[Block]:
    """Return who names another specialist than the owner, and who moved on after a bad answer."""
    words, stated = report.words, report.quality.company.stated
    if "ownership" not in report.study.study.tables:
        return [Paragraph(words.say("quality.keys.owners_none"))]
    told: list[Block] = [Paragraph(words.say("quality.keys.stated_lead", n=report.count("stated")))]
    if len(stated):
        heads = [
            Column(words["quality.keys.link_table"], width=2),
            Column(words["quality.keys.rows"], align="right", width=1),
        ]
        rows: list[list[Cell]] = [
            [report.table_name(str(name)), report.count("stated", str(name))]
            for name in dict.fromkeys(stated["source"])
        ]
        told.append(table(heads, rows))
    return [*told, *_moved(report)]


def stated_answers(report: QualityReport) -> list[Block]:
    """List the period's answers that name somebody else, with both codes."""
    words, stated = report.words, report.quality.company.stated
    mine = stated[stated["source"] == RESPONSES]
    if mine.empty:
        return []
    shown = ", ".join(f"{row.row_id} {_pair(row)}" for row in rows_of(mine.head(MOST_ROWS)))
    return [Paragraph([*words.say("quality.keys.stated_answers"), Span(shown, tone="code")], style="small")]


def _pair(row: Row) -> str:
    said = row.value if _CODE.fullmatch(row.value) else "?"
    return f"{said}→{row.detail.removeprefix(_OWNER)}"


def _moved(report: QualityReport) -> list[Block]:
    words, moved = report.words, report.quality.company.moved
    if moved.empty:
        return [Paragraph(words.say("quality.keys.moved_none"))]
    heads = [
        Column(words[f"quality.keys.moved_{head}"], width=width)
        for head, width in (("row", 1.6), ("owner", 1), ("detail", 2))
    ]
    rows: list[list[Cell]] = [
        [Span(row.row_id, tone="code"), row.value, report.plain("quality.keys.moved_to", **_move(row.detail))]
        for row in rows_of(moved.head(MOST_IDS))
    ]
    lead = Paragraph(words.say("quality.keys.moved_lead", n=report.count("reassigned")))
    return [lead, table(heads, rows)]


def _move(detail: str) -> dict[str, str]:
    """Return to whom and when, from "moved to S02 on 2026-07-10"."""
    who, _, day = detail.removeprefix("moved to ").rpartition(" on ")
    return {"who": who, "day": day}


# --- self-report against other records ----------------------------------------------------------------


def claims(report: QualityReport) -> list[Block]:
    """Return what people report and other records confirm, and which indicators rest on such reports."""
    words = report.words
    own = [sheet for sheet in report.study.indicators.indicators if sheet.source == "self_report"]
    names = words["frame.list_comma"].join(report.text(sheet.label) for sheet in own)
    told = [
        words.say(
            f"quality.keys.claim_{row.claim}",
            n=report.count("claim_rows", row.claim),
            p=report.count("claim", row.claim),
        )
        for row in rows_of(report.quality.company.claims)
        if row.rows
    ]
    told.append(
        words.say("quality.keys.self_report", names=names)
        if own
        else words.say("quality.keys.self_report_none")
    )
    return [Bullets(told)]
