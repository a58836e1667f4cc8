"""What a cell means: answers, words for none, codes, and numbers in disguise."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from survey_kpi.readers import READING_RULES, Responses

Make = Callable[..., Any]
Read = Callable[..., tuple[pd.DataFrame, Responses]]
NAN = math.nan
LABELS = {
    "five": {
        "low": 1,
        "high": 5,
        "labels": {5: {"zh": "非常满意", "en": "Very satisfied"}, 1: {"zh": "很差", "en": "Poor"}},
    }
}


def same(found: pd.Series, expected: list[float]) -> None:
    pd.testing.assert_series_equal(found, pd.Series(expected, dtype="float64"), check_names=False)


def column(*cells: str) -> str:
    return "id,q\n" + "".join(f"{number},{cell}\n" for number, cell in enumerate(cells, start=1))


def test_labels_in_both_languages_and_other_words(read_text: Read, item: Make) -> None:
    words = item("q", scale="five", labels={"棒": 5, "Ok": 3})
    frame, responses = read_text(
        column("非常满意", "Very satisfied", "very  SATISFIED ", "很差", "棒", "OK", "4"),
        [words],
        scales=LABELS,
    )
    same(frame["q"], [5, 5, 5, 1, 5, 3, 4])
    assert responses.audit.empty


def test_a_reversed_code_is_a_label_as_well(read_text: Read, item: Make) -> None:
    codes = item("q", scale="five", labels={str(code): 6 - code for code in range(1, 6)})
    same(read_text(column("1", "5", "3"), [codes])[0]["q"], [5, 1, 3])


def test_numbers_in_disguise_are_noted_with_old_and_new(read_text: Read, item: Make) -> None:
    frame, responses = read_text(column("９", "9 分", "9"), [item("q", scale="nps")])
    same(frame["q"], [9, 9, 9])
    noted = responses.audit[["row_id", "rule", "item", "value", "action", "detail"]]
    assert noted.to_numpy().tolist() == [
        ["a:1", "parsed_number", "q", "９", "parsed", "9"],
        ["a:2", "parsed_number", "q", "9 分", "parsed", "9"],
    ]


def test_words_that_nobody_declared_are_listed_by_row(read_text: Read, item: Make) -> None:
    frame, responses = read_text(column("非常愿意", "5", "非常愿意", "nan", "inf"), [item("q", scale="nps")])
    same(frame["q"], [NAN, 5, NAN, NAN, NAN])
    assert sorted(responses.audit["row_id"]) == ["a:1", "a:3", "a:4", "a:5"]
    assert set(responses.audit["rule"]) == {"not_a_number"}
    assert set(responses.audit["action"]) == {"set_missing"}
    assert responses.intake["missing_words"].tolist() == [{}]


def test_numeric_codes_stay_for_cleaning_and_words_are_counted(read_text: Read, item: Make) -> None:
    declared = item("q", scale="five", missing_codes=[0, 6, "Blank", "99"])
    frame, responses = read_text(column("0", "6", "BLANK", "", "99", "5"), [declared])
    same(frame["q"], [0, 6, NAN, NAN, 99, 5])
    assert responses.audit.empty
    assert responses.intake["missing_words"].tolist() == [{"q": 1}]


def test_out_of_range_is_not_the_readers_affair(read_text: Read, item: Make) -> None:
    same(read_text(column("11", "-1", "4.5"), [item("q", scale="nps")])[0]["q"], [11, -1, 4.5])


def test_a_shift_moves_answers_but_neither_codes_nor_labels(read_text: Read, item: Make) -> None:
    shifted = item("q", scale="nps", shift=-1, missing_codes=[99], labels={"never": 0})
    same(read_text(column("1", "11", "99", "never", "１１"), [shifted])[0]["q"], [0, 10, 99, 0, 10])


def test_reversed_items_stay_as_shown_to_the_respondent(read_text: Read, item: Make) -> None:
    same(read_text(column("1", "5"), [item("q", scale="five", reversed=True)])[0]["q"], [1, 5])


def test_attention_checks_are_numbers(read_text: Read, item: Make) -> None:
    same(read_text(column("4", "2"), [item("q", role="attention", scale="five", expected=4)])[0]["q"], [4, 2])


def test_comments_are_kept_to_the_letter(read_text: Read, item: Make) -> None:
    cells = ['"=1+1"', '" a ""b""\n c "', "(空)", "   ", "<script>alert(1)</script>", "\u202etxt", "好\ufffd"]
    frame, responses = read_text(column(*cells), [item("q", role="comment", missing_codes=["(空)"])])
    expected = ["=1+1", ' a "b"\n c ', None, None, "<script>alert(1)</script>", "\u202etxt", "好\ufffd"]
    assert [cell if isinstance(cell, str) else None for cell in frame["q"]] == expected
    assert responses.audit[["row_id", "rule"]].to_numpy().tolist() == [["a:7", "damaged_text"]]
    assert responses.intake["missing_words"].tolist() == [{"q": 1}]


FIELDS = {
    "respondent_id": {"missing_codes": ["-", 0]},
    "duration_s": {},
    "weight": {},
    "submitted_at": {},
    "stratum": {},
}


def test_fields_of_each_kind(read_text: Read, item: Make) -> None:
    text = (
        "respondent_id,duration_s,weight,submitted_at,q\n"
        " C１ ,1分35秒,0.5,2024/9/3 8:00,5\n"
        "-,soon,heavy,tomorrow,4\n"
        "0,,,,3\n"
        "1.23457E+17,95,２,45538,2\n"
    )
    frame, responses = read_text(text, [item("q", scale="five")], fields=FIELDS)
    assert frame["respondent_id"].tolist()[::3] == ["C1", "1.23457E+17"]
    assert frame["respondent_id"].isna().tolist() == [False, True, True, False]
    same(frame["duration_s"], [95, NAN, NAN, 95])
    same(frame["weight"], [0.5, NAN, NAN, 2])
    assert frame["submitted_at"].tolist()[::3] == [
        pd.Timestamp("2024-09-03 08:00"),
        pd.Timestamp("2024-09-03"),
    ]
    assert frame["stratum"].isna().all()
    rules = responses.audit.groupby(["item", "rule"])["row_id"].agg(list).to_dict()
    assert rules == {
        ("respondent_id", "normalised_text"): ["a:1"],
        ("respondent_id", "damaged_text"): ["a:4"],
        ("respondent_id", "id_missing"): ["a:2", "a:3"],
        ("duration_s", "not_a_duration"): ["a:2"],
        ("weight", "not_a_number"): ["a:2"],
        ("weight", "parsed_number"): ["a:4"],
        ("submitted_at", "not_a_time"): ["a:2"],
        ("submitted_at", "time_layout"): [""],
    }
    assert responses.intake["missing_words"].tolist() == [{"respondent_id": 2}]


def test_every_rule_has_its_words() -> None:
    assert all(label.zh and label.en for label in READING_RULES.values())


@pytest.mark.parametrize("cell", ["5", "5.0", "05", "+5", " 5 ", "5e0"])
def test_plain_spellings_of_a_number_need_no_note(read_text: Read, item: Make, cell: str) -> None:
    frame, responses = read_text(column(cell), [item("q", scale="five")])
    same(frame["q"], [5])
    assert responses.audit.empty


@pytest.mark.row("T13")
def test_damaged_and_cut_comments_are_told_and_kept(read_text: Read, item: Make) -> None:
    comments = [
        "轉變?yōu)榭蛻魞r值",
        "評審?fù?)",
        "服务分为三步：1. 受理；2、",
        "请改进：",
        "第一点很好\n二、",
        "真的好吗?yes)",
        "關(guān)系很好。",
        "一切都好",
    ]
    text = "comment\n" + "".join(f'"{words}"\n' for words in comments)
    rows, responses = read_text(text, [item("comment", role="comment")])
    assert rows["comment"].tolist() == comments
    found = responses.audit[responses.audit["rule"].isin(["damaged_text", "truncated_text"])]
    assert found[["row_id", "rule", "action"]].to_numpy().tolist() == [
        ["a:1", "damaged_text", "kept"],
        ["a:2", "damaged_text", "kept"],
        ["a:3", "truncated_text", "kept"],
        ["a:4", "truncated_text", "kept"],
        ["a:5", "truncated_text", "kept"],
    ]
