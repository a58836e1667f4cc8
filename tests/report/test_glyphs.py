"""Own words must be printable; words from outside print visibly."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import ReportError
from survey_kpi.report.glyphs import Replacement, check_wording, drawable, visible


def outside() -> str:
    """Return a letter outside the shipped map, found at test time."""
    return next(c for c in map(chr, range(0x1F600, 0x3_0000)) if c not in drawable() and c.isprintable())


def test_own_words_that_print_pass() -> None:
    check_wording(
        {"zh.yaml: title": "投诉及时率上升 4.1 个百分点（82.7–85.5）", "en.yaml: note": "Two\nlines\t−0.3"}
    )


def test_every_unprintable_character_is_named_with_its_place() -> None:
    character = outside()
    with pytest.raises(ReportError) as raised:
        check_wording(
            {"zh.yaml: a": f"好{character}{character}\u0007", "en.yaml: b": "fine", "en.yaml: c": character}
        )
    problems = raised.value.problems
    assert raised.value.code == "missing_glyph"
    assert [problem.where for problem in problems] == ["zh.yaml: a", "zh.yaml: a", "en.yaml: c"]
    assert f"'{character}' (U+{ord(character):04X}" in str(problems[0])
    assert "U+0007" in str(problems[1]) and "\u0007" not in str(problems[1])


def test_an_error_about_half_a_surrogate_pair_can_be_written_to_a_log() -> None:
    with pytest.raises(ReportError) as raised:
        check_wording({"en.yaml: a": "\ud83d"})
    assert "U+D83D" in str(raised.value).encode("utf-8").decode()


def test_text_that_prints_is_returned_as_it_is() -> None:
    text = "张龢 Šimon Łukasz\nline two"
    shown, replaced = visible(text)
    assert shown is text and replaced == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Wang 😀", "Wang [U+1F600]"),
        ("👍👍👍", "[U+1F44D ×3]"),
        ("a\x00b", "a[U+0000]b"),
        ("\x1b[31mred", "[U+001B][31mred"),
        ("half \ud83d", "half [U+D83D]"),
        ("abc\u202edef", "abc[U+202E]def"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("Rene\u0301e", "Renée"),
        ("x\u0301", "x[U+0301]"),
        ("\u0301", "[U+0301]"),
        ("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]"),
    ],
)
def test_what_cannot_print_shows_its_code_point(text: str, shown: str) -> None:
    assert visible(text)[0] == shown


def test_replacements_count_for_the_audit() -> None:
    _, replaced = visible("😀a😀😀b\x00")
    assert replaced == [
        Replacement(character="😀", code="U+1F600", count=3),
        Replacement(character="\x00", code="U+0000", count=1),
    ]


def test_a_flood_of_marks_stays_small_and_quick() -> None:
    started = time.process_time()
    shown, replaced = visible("a" + "\u0336" * 200_000 + ("e\u0301\u0316" * 50_000))
    assert time.process_time() - started < 5
    assert shown.startswith("a[U+0336 ×200000]é[U+0316]")
    assert {found.code: found.count for found in replaced} == {"U+0336": 200_000, "U+0316": 50_000}


@given(st.text(alphabet=st.characters(categories=None), max_size=60))
def test_whatever_comes_in_prints_and_nothing_vanishes(text: str) -> None:
    shown, replaced = visible(text)
    assert drawable().issuperset(shown)
    assert visible(shown) == (shown, [])
    assert all(found.code in shown for found in replaced)
    shown.encode("utf-8")
