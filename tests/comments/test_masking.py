"""Masking and gloss stripping: what must vanish, what must stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.comments.glosses import is_syllable, strip_glosses
from survey_kpi.comments.masking import (
    contains_personal_data,
    mask,
    valid_card_number,
    valid_id_number,
)
from survey_kpi.comments.sentiment import sentiment


def id_number(body):
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


@pytest.mark.parametrize(
    "text",
    [
        "打9分，比去年高10%",
        "2026-09-17 下单，20260917 到货",
        "订单 83920175 还没到",
        "等了 3-4 天，第 12 次",
        "版本 3.11.7，价格 12,345.67 元",
        "2026年10月1日至2026年10月7日",
        "房间 1203-1205，每层 40 人",
        "Rated 8 out of 10 in 2026, ticket 4711",
        "see http://example.com/?x=1",
        "@客服 请回复",
        "",
    ],
)
def test_what_is_not_personal_stays(text):
    assert mask(text).text == text and not contains_personal_data(text)


def test_kinds_are_counted_apart():
    text = "手机13800138000和13900139000，邮箱a@b.cn，身份证11010519491231002X"
    assert dict(mask(text).found) == {"email": 1, "id_number": 1, "mobile": 2}


def test_the_check_digit_decides_the_word_not_whether_it_is_shown():
    good = id_number("44030019900101123")
    wrong = good[:-1] + str((int(good[-1].replace("X", "0")) + 1) % 10)
    assert mask(good).text == "[证件号]"
    assert wrong not in mask(wrong).text and "id_number" not in mask(wrong).found


@given(st.integers(1, 12), st.integers(1, 28), st.integers(1930, 2020), st.integers(0, 999))
def test_identity_numbers_are_valid_with_one_check_digit_only(month, day, year, serial):
    body = f"330102{year}{month:02d}{day:02d}{serial:03d}"
    good = id_number(body)
    assert [valid_id_number(body + c) for c in "0123456789X"].count(True) == 1
    assert valid_id_number(good) and valid_id_number(good.lower())
    assert good not in mask(f"证件{good}号").text


@given(st.integers(10**14, 10**15 - 1))
def test_exactly_one_last_digit_makes_a_card_number(body):
    assert [valid_card_number(f"4{body}{c}"[-16:]) for c in range(10)].count(True) == 1


@given(
    st.text(alphabet="服务很好，。 abc\n", max_size=8),
    st.sampled_from(["", " ", "-"]),
    st.integers(3, 9),
    st.integers(0, 10**9 - 1),
)
def test_a_mobile_number_never_survives_its_surroundings(around, gap, second, rest):
    digits = f"1{second}{rest:09d}"
    written = gap.join((digits[:3], digits[3:7], digits[7:]))
    shown = mask(f"{around.rstrip('abc')}{written}。{around}").text
    assert written not in shown and not contains_personal_data(shown)


@given(st.text(max_size=60))
def test_masking_is_done_once_and_for_all(text):
    shown = mask(text).text
    assert mask(shown).text == shown


def test_hostile_lengths_take_no_time():
    for text in ("1" * 50_000, "1 " * 25_000, "a" * 50_000 + "@", "(" * 50_000, "+" + "(1)" * 20_000):
        mask(text)


def test_glosses_are_taken_out_and_counted():
    text = "在客戶關(guān)系管理日益成為企業(yè)核心競(jìng)爭(zhēng)力的今天,客戶主管的角色"
    found = strip_glosses(text)
    assert found.text == "在客戶關系管理日益成為企業核心競爭力的今天,客戶主管的角色"
    assert (len(text), len(found.text)) == (52, 29)
    assert found.glosses == ("guān", "yè", "jìng", "zhēng") and not found.damaged


@pytest.mark.parametrize("text", ["轉變?yōu)榭蛻魞r值", "評審?fù)?)"])
def test_damaged_places_are_named_and_not_guessed(text):
    found = strip_glosses(text)
    assert found.text == text and len(found.damaged) == 1


@pytest.mark.parametrize(
    "text", ["客户(VIP)满意", "指标(KPI)", "满意(very)", "(guān)", "abc(yi)", "效率(高)", "分 (a b)"]
)
def test_other_brackets_stay(text):
    assert strip_glosses(text) == strip_glosses(text) and strip_glosses(text).text == text


@given(st.text(max_size=60))
def test_stripping_is_done_once_for_text_without_new_glosses(text):
    found = strip_glosses(text)
    assert len(found.text) == len(text) - sum(len(gloss) + 2 for gloss in found.glosses)


def test_syllables():
    assert all(is_syllable(word) for word in ("guān", "lǜ", "zhuang", "er", "xióng", "a", "nǚ"))
    assert not any(is_syllable(word) for word in ("very", "ok", "kpi", "the", "zh"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("不满意", "negative"),
        ("没有拖延", "positive"),
        ("I'm not happy", "negative"),
        ("wasn’t rude", "positive"),
        ("很好，但是太慢", "neutral"),
        ("", "neutral"),
    ],
)
def test_negation_turns_words_round(text, label):
    assert sentiment(text).label == label
