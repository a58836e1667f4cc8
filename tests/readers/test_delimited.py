"""Delimited text: quoting, separators, rows that do not fit, and files that are no tables."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SchemaError
from survey_kpi.readers.delimited import parse
from survey_kpi.readers.table import LIMITS, Grid, Limits


def grid(text: str, limits: Limits = LIMITS) -> Grid:
    return parse(text, "a.csv", limits)


def rules(found: Grid) -> list[tuple[str, int, str]]:
    return [(note.rule, int(note.rows[0]), note.details[0]) for note in found.notes]


def refusal(text: str, limits: Limits = LIMITS) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        grid(text, limits)
    return caught.value


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_the_separator_is_found_in_the_header(separator: str) -> None:
    assert grid(f"a{separator}b{separator}c\n1{separator}2.5{separator}3\n").rows[0] == ["a", "b", "c"]


def test_a_declared_separator_line_is_no_header() -> None:
    assert grid("sep=;\na;b\n1,5;2\n").rows == [["a", "b"], ["1,5", "2"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(end: str) -> None:
    text = end.join(["a,b", '1,"x', 'y"', "", "2,z"]) + end
    assert grid(text).rows == [["a", "b"], ["1", f"x{end}y"], ["2", "z"]]


def test_quotation_marks_inside_unquoted_cells_are_letters() -> None:
    found = grid('a,b\n5" pipe,2\n')
    assert found.rows[1] == ['5" pipe', "2"]
    assert not found.notes


def test_an_unclosed_quotation_mark_swallows_no_other_row() -> None:
    found = grid('id,comment,q\n1,"never closed,5\n2,fine,4\n3,"also fine",3\n')
    assert [row[0] for row in found.rows] == ["id", "1", "2", "3"]
    assert found.rows[2] == ["2", "fine", "4"]
    assert rules(found)[0] == ("damaged_text", 1, "line 2: unbalanced quotation mark")


def test_a_quotation_mark_that_is_not_doubled() -> None:
    found = grid('id,comment,q\n1,"he said "no" twice",5\n2,b,4\n')
    assert [row[::2] for row in found.rows] == [["id", "q"], ["1", "5"], ["2", "4"]]
    assert rules(found) == [("damaged_text", 1, "line 2: unbalanced quotation mark")]


def test_a_badly_quoted_answer_over_two_lines() -> None:
    found = grid('id,comment,q\n1,"first line\nhe said "no" twice",5\n2,b,4\n')
    assert found.rows[1][2] == "5"
    assert found.rows[2] == ["2", "b", "4"]
    assert rules(found) == [("damaged_text", 1, "line 2: unbalanced quotation mark")]


def test_every_row_badly_quoted_takes_no_quadratic_time() -> None:
    found = grid("a,b\n" + '1,"x"y"\n' * 20_000)
    assert len(found.rows) == 20_001
    assert len(found.notes) == 20_000


def test_short_rows_keep_their_cells() -> None:
    found = grid("a,b,c\n1,2\n4,5,6\n7,8,9\n")
    assert found.rows[1] == ["1", "2", ""]
    assert rules(found) == [("ragged_row", 1, "line 2: 2 cells, the header has 3")]
    assert found.notes[0].action == "kept"


def test_of_long_rows_nobody_can_tell_which_answer_is_which() -> None:
    found = grid("a,b,c\n1,well, not so well,5\n4,5,6\n7,8,9\n")
    assert found.rows[1] == ["", "", ""]
    assert found.notes[0].action == "set_missing"
    assert found.notes[0].values == ["1,well, not so well,5"]


def test_separators_at_the_end_of_rows_are_harmless() -> None:
    found = grid("a,b\n1,2,\n3,4,,\n")
    assert found.rows == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert not found.notes


def test_mostly_ragged_is_no_table() -> None:
    error = refusal("a,b\n1,2,3\n1,2,3\n1\n1,2\n")
    assert error.code == "ragged_rows"
    assert "line 2" in str(error)


def test_zero_bytes_become_visible() -> None:
    assert grid("a,b\n1,x\0y\n").rows[1] == ["1", "x\ufffdy"]


@pytest.mark.parametrize("text", ["\n\n", "\r\n", "\n"])
def test_no_row_at_all(text: str) -> None:
    assert refusal(text).code == "file_empty"


def test_header_alone() -> None:
    assert grid("a,b\n").rows == [["a", "b"]]


def test_limits_name_what_is_too_much() -> None:
    error = refusal("a,b\n1," + "x" * 200_000 + "\n")
    assert error.code == "limit_exceeded"
    assert "line 2" in str(error)
    assert "cell" in str(error)
    assert "columns" in str(refusal("a,b,c\n", Limits(columns=2)))
    assert "rows" in str(refusal("a\n1\n2\n3\n", Limits(rows=2)))


def test_as_many_columns_as_a_spreadsheet_has() -> None:
    header = ",".join(f"q{number}" for number in range(16_384))
    assert len(grid(header + "\n" + "," * 16_383 + "\n").rows[1]) == 16_384


CELLS = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@given(
    st.integers(1, 5).flatmap(
        lambda width: st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=8)
    )
)
def test_well_written_tables_come_back(rows: list[list[str]]) -> None:
    width = len(rows[0]) if rows else 2
    table = [[f"h{number}" for number in range(width)], *rows]
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(table)
    assert grid(buffer.getvalue()).rows == table


@given(st.text(alphabet='ab,"\n\r;\t1\0', max_size=200))
def test_any_text_becomes_level_rows_or_a_named_error(text: str) -> None:
    try:
        found = grid(text)
    except SchemaError as error:
        assert error.code in {"file_empty", "ragged_rows"}
    else:
        assert len({len(row) for row in found.rows}) == 1
