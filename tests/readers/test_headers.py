"""Finding the column of an item under the many names that platforms give it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from survey_kpi.errors import Problem
from survey_kpi.readers.headers import Match, bare, column, fold, match, split
from survey_kpi.study.models import Study

Make = Callable[..., Any]


@pytest.fixture
def look(item: Make, study_of: Callable[..., Study], tmp_path: Path) -> Make:
    """Look for one rated item `q` among headers."""

    def find(
        names: list[str], source: dict[str, Any] | None = None, /, **more: Any
    ) -> tuple[Match, list[Problem]]:
        declared = {"scale": "five", **more}
        items = [item("q", declared.pop("question", ""), **declared)]
        study = study_of(
            tmp_path, [{"id": "a", "file": "a.csv", **(source or {})}], items, more.get("fields")
        )
        columns = [column(header, position) for position, header in enumerate(names)]
        return match(columns, study, study.study.sources[0], "a.csv")

    return find


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("q", "x"),
        (" q ", "x"),
        ("\ufeffq", "x"),
        ("2、总体满意度", "总体满意度"),
        ("2.总体满意度", "总体满意度"),
        ("Q2. 总体满意度", "总体满意度"),
        ("总体  满意度", "总体 满意度"),
        ("总体满意度（1－5分）", "总体满意度(1-5分)"),
        ("3、总体满意度", "2、总体满意度"),
        ("4、请评价以下方面—响应速度", "请评价以下方面 [响应速度]"),
        ("3.请评价以下方面:响应速度", "请评价以下方面 [响应速度]"),
        ("Please rate [Speed]", "Please rate [Speed]"),
        ("Please rate - Speed", "Please rate [Speed]"),
        ("第4题(响应速度)", "第4题 [响应速度]"),
        ("第4题(响应速度)", "响应速度"),
        ("NETPRO  ", "NETPRO"),
    ],
)
def test_names_that_lead_to_a_column(look: Make, header: str, wanted: str) -> None:
    found, problems = look(["id", header, "other"], question=wanted)
    assert not problems
    assert [column.position for column in found.items["q"]] == [1]
    assert found.unused == ("id", "other")


def test_case_matters_as_two_codes_may_differ_by_it_alone(look: Make) -> None:
    _, [problem] = look(["Q9ALL"], headers=["Q9All"])
    assert problem.code == "column_missing"


def test_what_a_source_says_wins(look: Make) -> None:
    found, _ = look(["q", "METH"], {"headers": {"q": "METH"}})
    assert found.items["q"][0].header == "METH"


def test_what_a_source_says_must_be_there(look: Make) -> None:
    _, [problem] = look(["q"], {"headers": {"q": "METH"}})
    assert (problem.code, problem.expected) == ("column_missing", "'METH'")


def test_declared_headers_come_before_the_words_of_the_question(look: Make) -> None:
    found, problems = look(["满意度", "Q7ALL"], headers=["Q7ALL"], question="满意度")
    assert not problems
    assert found.items["q"][0].header == "Q7ALL"


def test_a_missing_column_names_the_nearest(look: Make) -> None:
    _, [problem] = look(["Q7WALKWAY", "Q7ALL"], headers=["Q7WALKWAYS"])
    assert problem.code == "column_missing"
    assert problem.hint == "did you mean 'Q7WALKWAY'?"


def test_the_same_header_twice(look: Make) -> None:
    _, [problem] = look(["id", "q", "q"])
    assert problem.code == "duplicate_column"
    assert "columns 2 'q', 3 'q'" in str(problem)


def test_twice_in_a_column_that_nobody_asks_for(look: Make) -> None:
    assert not look(["q", "x", "x", ""])[1]


def test_two_names_of_one_item_both_there(look: Make) -> None:
    _, [problem] = look(["old", "new"], headers=["old", "new"])
    assert problem.code == "duplicate_column"


def test_a_sub_question_that_stands_under_two_questions(look: Make) -> None:
    _, [problem] = look(["A [Speed]", "B [Speed]"], question="Speed")
    assert problem.code == "duplicate_column"


def test_an_item_of_other_versions_is_absent(look: Make) -> None:
    found, problems = look(["id"], {"version": "2025"}, versions=["2026"])
    assert not problems
    assert found.absent == ("q",)
    assert look(["id"], {"version": "2026"}, versions=["2026"])[1][0].code == "column_missing"


def test_one_column_cannot_be_two_items(item: Make, study_of: Callable[..., Study], tmp_path: Path) -> None:
    items = [item("a", headers=["x"], scale="five"), item("b", headers=["x"], scale="five")]
    study = study_of(tmp_path, [{"id": "s", "file": "a.csv"}], items)
    _, [problem] = match([column("x", 0)], study, study.study.sources[0], "a.csv")
    assert problem.code == "duplicate_column"
    assert "both 'a' and 'b'" in problem.what


def test_every_problem_of_a_file_is_told(item: Make, study_of: Callable[..., Study], tmp_path: Path) -> None:
    items = [item(name, scale="five") for name in ("a", "b", "c")]
    source = {"id": "s", "file": "a.csv", "headers": {"channel": "来源"}}
    study = study_of(tmp_path, [source], items, {"channel": {}, "weight": {}})
    _, problems = match([column("a", 0)], study, study.study.sources[0], "a.csv")
    assert [problem.code for problem in problems] == ["column_missing"] * 3


def test_many_columns_are_looked_up_and_not_searched(look: Make) -> None:
    found, _ = look([f"h{number}" for number in range(16_383)] + ["q"])
    assert found.items["q"][0].position == 16_383


@pytest.mark.parametrize(
    "text", ["3.5 stars", "10:30", "24/7 service", "第3题", "[a]", "()", "—", ":", "Q", "1、", ""]
)
def test_strange_headers_stay_whole(text: str) -> None:
    assert bare(fold(text)) == fold(text)
    assert "".join(split(fold(text)))[:1] == fold(text)[:1]
