"""Workbooks: what the cells hold, and archives that are damaged or hostile."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_kpi.errors import SchemaError
from survey_kpi.readers.table import LIMITS, Grid, Limits
from survey_kpi.readers.workbook import parse_workbook


def book(*sheets: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for number, rows in enumerate(sheets, start=1):
        sheet = made.create_sheet(f"S{number}")
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def rewritten(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as source,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.namelist():
            content = source.read(entry)
            target.writestr(entry, change(content) if entry == name else content)
    return buffer.getvalue()


def grid(data: bytes, limits: Limits = LIMITS) -> Grid:
    return parse_workbook(data, "a.xlsx", limits)


def refusal(data: bytes, limits: Limits = LIMITS) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        grid(data, limits)
    return caught.value


def test_cells_become_the_text_of_a_csv() -> None:
    moment = dt.datetime(2024, 9, 3, 12, 1, 35)
    rows = [
        ["a", "b", "c", "d", "e", "f"],
        [5, 5.0, 0.25, moment, dt.time(0, 1, 35), True],
    ]
    data = book(rows)
    assert grid(data).rows[1] == ["5", "5", "0.25", "2024-09-03 12:01:35", "00:01:35", "True"]


def test_empty_rows_are_no_answers() -> None:
    assert grid(book([["a", "b"], [None, None], [1, None], [None, ""], [2, 3], []])).rows == [
        ["a", "b"],
        ["1", ""],
        ["2", "3"],
    ]


def test_the_first_sheet_with_cells_is_read_and_the_others_are_named() -> None:
    found = grid(book([], [["a"], [1]], [["b"], [2]]))
    assert found.rows == [["a"], ["1"]]
    assert [(note.rule, note.values) for note in found.notes] == [("sheet_skipped", ["S3"])]


def test_formulas_without_a_stored_value_are_noted() -> None:
    found = grid(book([["q1", "q2"], [5, "=1+1"], [4, 3]]))
    assert found.rows == [["q1", "q2"], ["5", ""], ["4", "3"]]
    [noted] = found.notes
    assert (noted.rule, noted.rows.tolist(), noted.values, list(noted.details)) == (
        "formula_without_value",
        [1],
        ["=1+1"],
        ["column 2"],
    )


def test_formulas_with_a_stored_value_give_it() -> None:
    data = rewritten(
        book([["q1", "q2"], [5, "=1+1"]]),
        "xl/worksheets/sheet1.xml",
        lambda xml: (
            xml.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
        ),
    )
    assert grid(data).rows[1] == ["5", "2"]
    assert not grid(data).notes


def test_dimensions_that_lie_cost_nothing() -> None:
    data = rewritten(
        book([["a"], [1]]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'ref="A1:A2"', b'ref="A1:XFD1048576"'),
    )
    assert grid(data).rows == [["a"], ["1"]]


def test_no_cell_at_all() -> None:
    assert refusal(book([])).code == "file_empty"


def test_cut_off() -> None:
    data = book([["a", "b"], [1, 2]])
    for end in (4, 100, len(data) // 2, len(data) - 10):
        assert refusal(data[:end]).code == "file_damaged"


def test_a_zip_that_is_no_workbook() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    error = refusal(buffer.getvalue())
    assert (error.code, "unpack it first" in str(error)) == ("format_unknown", True)


def test_a_zip_bomb_is_weighed_before_it_is_opened() -> None:
    data = rewritten(book([["a"], [1]]), "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 5_000_000)
    assert len(data) < 100_000
    error = refusal(data, Limits(unpacked=1_000_000))
    assert error.code == "limit_exceeded"
    assert "once unpacked" in str(error)


def test_a_bomb_whose_table_of_contents_lies() -> None:
    small, large = SMALL, rewritten(SMALL, "xl/worksheets/sheet1.xml", lambda xml: xml + b" " * 5_000_000)
    with zipfile.ZipFile(io.BytesIO(small)) as archive:
        honest = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    size = (5_000_000 + honest).to_bytes(4, "little")
    assert large.count(size) == 2
    assert refusal(large.replace(size, honest.to_bytes(4, "little"))).code == "file_damaged"


def test_entities_that_expand_without_end() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>'.encode()

    def bomb(xml: bytes) -> bytes:
        head, rest = xml.split(b"<worksheet", 1)
        return head + doctype + b"<worksheet" + rest.replace(b"<v>1</v>", b"<v>&l11;</v>")

    assert refusal(rewritten(book([["a"], [1]]), "xl/worksheets/sheet1.xml", bomb)).code == "file_damaged"


def test_limits() -> None:
    assert "too many rows" in str(refusal(book([["a"], [1], [2]]), Limits(rows=2)))
    assert "row 2" in str(refusal(book([["a"], [1, 2, 3]]), Limits(columns=2)))


def test_as_many_columns_as_a_sheet_has() -> None:
    assert len(grid(book([[f"q{number}" for number in range(16_384)]])).rows[0]) == 16_384


def test_line_breaks_that_spreadsheets_escape() -> None:
    assert grid(book([["a"], ["x_x000D_\ny"]])).rows[1] == ["x\r\ny"]


SMALL = book([["a", "b"], [1, "x"]])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_any_flipped_bytes_end_in_cells_or_a_named_error(data: Any) -> None:
    content = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        grid(bytes(content))
    except SchemaError as error:
        assert error.code in {"file_damaged", "file_empty", "limit_exceeded"}
