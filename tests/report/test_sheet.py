"""What paper needs beyond a document: which runs hold together, where tables part, how deep headings go."""

from __future__ import annotations

from typing import Any

import pytest

from survey_kpi.report.blocks import (
    Column,
    Columns,
    FactAppendix,
    Figure,
    Heading,
    Meta,
    Paragraph,
    Span,
    Table,
)
from survey_kpi.report.sheet import WIDEST, sheet


def laid_out(*blocks: Any, **meta: str) -> dict[str, Any]:
    frame = dict.fromkeys(("study", "edition", "period", "run_id", "data_hash", "rule_hash", "evidence"), "")
    first = Meta(**({"title": "T", "language": "zh"} | frame | meta))  # type: ignore[arg-type]
    return sheet([block.as_json() for block in (first, *blocks)], readable=lambda _: True)


def runs(*spans: Span) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = laid_out(Heading("H"), Paragraph(spans))["blocks"][1]["content"]
    return found


@pytest.mark.parametrize(
    ("text", "boxed"),
    [("84.1%", False), ("−0.3", False), ("4.1 points", True), ("82.7–85.5", True), ("4.1 个百分点", True)],
)
def test_only_a_number_that_could_break_is_boxed(text: str, boxed: bool) -> None:
    assert runs(Span(text, glue=True))[0]["box"] is boxed
    assert runs(Span(text))[0]["box"] is False


def test_a_long_run_is_never_boxed() -> None:
    assert runs(Span("word " * 20, glue=True))[0]["box"] is False


@pytest.mark.parametrize(
    ("left", "right", "apart"),
    [("满意度", "82.7–85.5", True), ("满意度（", "82.7–85.5", False), ("score ", "82.7–85.5", False)],
)
def test_scripts_keep_their_distance_across_the_edge_of_a_box(left: str, right: str, apart: bool) -> None:
    assert runs(Span(left), Span(right, glue=True))[1]["apart"] is apart


def test_scripts_keep_their_distance_after_a_box_too() -> None:
    assert [run["apart"] for run in runs(Span("80–90", glue=True), Span("之间"), Span("84"))] == [
        False,
        True,
        False,
    ]


def test_a_fact_printed_twice_has_one_row() -> None:
    once, again = (Span(text, fact="k", hash="h") for text in ("1.0", "1"))
    made = laid_out(
        Heading("H"), Paragraph([once, again, Span("2", fact="k", hash="other")]), FactAppendix([])
    )
    assert [run["fact"] for run in made["blocks"][1]["content"]] == [1, 1, 2]
    assert made["blocks"][2]["facts"] == [
        {"number": 1, "fact": "k", "text": "1.0", "hash": "h"},
        {"number": 2, "fact": "k", "text": "2", "hash": "other"},
    ]


@pytest.mark.parametrize("width", [WIDEST, WIDEST + 1, 3 * WIDEST])
def test_a_wide_table_loses_no_cell(width: int) -> None:
    columns = [Column(f"c{at}") for at in range(width)]
    rows = [[[Span(f"{row}.{at}")] for at in range(width)] for row in range(2)]
    parts = laid_out(Heading("H"), Table(columns, rows, [Span("caption")], [Span("note")]))["blocks"][1:]
    assert all(len(part["columns"]) <= WIDEST for part in parts)
    assert [part["columns"][0]["title"] for part in parts] == ["c0"] * len(parts)
    printed = [cell[0]["text"] for part in parts for cell in part["rows"][1][1:]]
    assert printed == [f"1.{at}" for at in range(1, width)]
    assert [bool(part["caption"]) for part in parts] == [True] + [False] * (len(parts) - 1)
    assert [bool(part["notes"]) for part in parts] == [False] * (len(parts) - 1) + [True]


def test_half_figures_pair_in_twos() -> None:
    figures = [Figure("<svg/>", "alt", [], title=str(at), width="half") for at in range(3)]
    kinds = [block["type"] for block in laid_out(Heading("H"), *figures)["blocks"]]
    assert kinds == ["heading", "columns", "figure"]


def test_a_heading_in_a_column_opens_no_page() -> None:
    made = laid_out(Heading("H"), Columns([[Heading("left", level=1)], [Heading("right", level=3)]]))
    assert [column[0]["level"] for column in made["blocks"][1]["columns"]] == [2, 3]


def test_the_footer_names_run_data_and_rules_briefly() -> None:
    made = laid_out(
        Heading("H"), run_id="a" * 64, data_hash="b" * 64, rule_hash="c" * 12, evidence="证据等级 A"
    )
    assert made["footer"] == f"运行 {'a' * 12} · 数据 {'b' * 12} · 规则 {'c' * 12} · 证据等级 A"


def test_a_sheet_leaves_its_document_alone() -> None:
    meta = Meta("T", "en", "", "", "", "", "", "", "").as_json()
    document = [meta, Heading("Deep 😀", level=3).as_json(), Paragraph([Span("x", glue=True)]).as_json()]
    before = repr(document)
    sheet(document, readable=lambda _: True)
    assert repr(document) == before
