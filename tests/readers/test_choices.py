"""Multiple choices: one canonical form for every way in which platforms write them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from survey_kpi.readers import Responses, chosen

Make = Callable[..., Any]
Read = Callable[..., tuple[pd.DataFrame, Responses]]
OPTIONS = {"Visit": 1, "Phone, mobile": 2, "Other": 3, "上门": 1}


def cells(frame: pd.DataFrame) -> list[list[str] | None]:
    return [json.loads(cell) if isinstance(cell, str) else None for cell in frame["m"]]


def wenjuanxing(*answers: str) -> str:
    head = "序号,提交答卷时间,所用时间,m\n"
    return head + "".join(
        f'{n},2024/9/3 12:00:00,9秒,"{answer}"\n' for n, answer in enumerate(answers, start=1)
    )


def google(*answers: str) -> str:
    return "Timestamp,m\n" + "".join(f'2024/09/03 12:00:00 PM GMT+8,"{answer}"\n' for answer in answers)


def test_wenjuanxing_joins_by_a_mark_of_its_own(read_text: Read, item: Make) -> None:
    text = wenjuanxing("上门┋电话", "(跳过)", "电话┋其他〖邮件,短信┋信〗", "(空)", "其他〖〗")
    frame, responses = read_text(text, [item("m", role="multi")])
    assert cells(frame)[:2] == [["上门", "电话"], None]
    assert cells(frame)[3:] == [None, ["其他"]]
    assert responses.intake["missing_words"].tolist() == [{"m": 2}]


def test_own_words_come_apart_from_their_option() -> None:
    assert chosen('["电话", "其他〖邮件\\n短信〗", "〖微信〗"]') == {
        "电话": "",
        "其他": "邮件\n短信",
        "": "微信",
    }
    assert chosen("[]") == {}


def test_words_of_one_value_are_one_option(read_text: Read, item: Make) -> None:
    frame, _ = read_text(wenjuanxing("上门", "visit"), [item("m", role="multi", labels=OPTIONS)])
    assert cells(frame) == [["Visit"], ["Visit"]]


def test_commas_inside_options_are_told_apart_by_the_codebook(read_text: Read, item: Make) -> None:
    frame, responses = read_text(
        google("Visit,Phone, mobile", "Phone, mobile", "Visit,my own, words", ""),
        [item("m", role="multi", labels=OPTIONS)],
    )
    assert cells(frame) == [
        ["Visit", "Phone, mobile"],
        ["Phone, mobile"],
        ["Visit", "〖my own, words〗"],
        None,
    ]
    assert responses.audit.empty


def test_commas_without_declared_options_stay_doubtful(read_text: Read, item: Make) -> None:
    frame, responses = read_text(google("Visit,Phone, mobile", "Visit"), [item("m", role="multi")])
    assert cells(frame) == [["Visit", "Phone", "mobile"], ["Visit"]]
    assert responses.audit[["row_id", "rule", "value"]].to_numpy().tolist() == [
        ["a:1", "ambiguous_multiselect", "Visit,Phone, mobile"]
    ]


def test_a_column_for_each_option(read_text: Read, item: Make) -> None:
    text = "m [A],m [No],m [C]\n1,,0\nyes,No,\n,,\n0,0,0\nA,No,C\n"
    frame, _ = read_text(text, [item("m", role="multi")])
    assert cells(frame) == [["A"], ["A", "No"], None, [], ["A", "No", "C"]]


def test_codes_for_skipped_are_neither_chosen_nor_not(read_text: Read, item: Make) -> None:
    head = "序号,提交答卷时间,所用时间,第3题(上门),第3题(电话)\n"
    rows = "1,2024/9/3 12:00:00,9秒,1,0\n2,2024/9/3 12:00:00,9秒,-3,-3\n3,2024/9/3 12:00:00,9秒,0,0\n"
    frame, responses = read_text(head + rows, [item("m", role="multi", headers=["第3题"])])
    assert cells(frame) == [["上门"], None, []]
    assert responses.intake["missing_words"].tolist() == [{"m": 1}]


@pytest.mark.parametrize("wanted", ["您使用过哪些服务？", "您使用过哪些服务？(可多选)"])
def test_a_remark_in_brackets_is_no_option(read_text: Read, item: Make, wanted: str) -> None:
    text = wenjuanxing("上门┋电话", "其他〖x〗").replace(",m\n", ",3、您使用过哪些服务？（可多选）\n")
    frame, _ = read_text(text, [item("m", wanted, role="multi")])
    assert cells(frame) == [["上门", "电话"], ["其他〖x〗"]]


def test_long_hostile_cells_take_no_quadratic_time(read_text: Read, item: Make) -> None:
    text = google("," * 100_000, "x" + " " * 100_000, "〖" * 100_000, "[" * 100_000)
    frame, _ = read_text(text, [item("m", role="multi", labels=OPTIONS)])
    assert len(frame) == 4


def test_a_plain_table_has_one_choice_in_a_cell(read_text: Read, item: Make) -> None:
    frame, _ = read_text('m\n"a, b"\n', [item("m", role="multi")])
    assert cells(frame) == [["a, b"]]


def test_lists_that_are_canonical_already_stay(read_text: Read, item: Make) -> None:
    frame, _ = read_text('m\n"[""上门"", ""其他〖x〗""]"\n"[not json]"\n', [item("m", role="multi")])
    assert cells(frame) == [["上门", "其他〖x〗"], ["[not json]"]]
