"""Numbers and durations, written as people and platforms write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.readers.words import loose_number, number, seconds


@pytest.mark.parametrize(
    "text", ["nan", "inf", "-inf", "1_000", "0x10", "1e999", "", " ", "1,5", "1 2", "٣", "５", "5.", "--1"]
)
def test_what_python_reads_and_a_survey_does_not(text: str) -> None:
    assert number(text) == (5.0 if text == "5." else None)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_come_back(value: float) -> None:
    assert number(repr(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("９", 9),
        ("９．５", 9.5),
        ("9分", 9),
        ("9 分", 9),
        ("５星", 5),
        ("3 级", 3),
        ("4 points", 4),
        ("−2", -2),
        ("①", 1),
    ],
)
def test_numbers_in_disguise(text: str, value: float) -> None:
    assert loose_number(text) == value


@pytest.mark.parametrize("text", ["非常愿意", "9/10", "8-9", "9分钟", "about 9", "9 10", "九", "½", "1e400"])
def test_what_is_no_number_in_any_reading(text: str) -> None:
    assert loose_number(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("95秒", 95),
        ("95", 95),
        ("95.5", 95.5),
        ("1分35秒", 95),
        ("2 分钟", 120),
        ("1小时2分3秒", 3723),
        ("1天2小时", 93_600),
        ("00:01:35", 95),
        ("100:00:00", 360_000),
        ("1 min 35 s", 95),
        ("１分３５秒", 95),
    ],
)
def test_durations(text: str, value: float) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["1:35", "00:61:00", "soon", "秒", "-", "5 apples", "12/31/1899", ""])
def test_what_is_no_duration(text: str) -> None:
    assert seconds(text) is None


@given(st.text(max_size=30))
def test_any_word_is_a_finite_number_or_none(text: str) -> None:
    for read in (number, loose_number, seconds):
        value = read(text)
        assert value is None or math.isfinite(value)
