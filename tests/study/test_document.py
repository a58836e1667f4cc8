"""Study files mean what they look like; what YAML would do behind one's back is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from survey_kpi.study.document import MAX_BYTES, MAX_DEPTH, parse, read


def test_plain_values() -> None:
    text = "a: 1\nb: 1.5\nc: true\nd: null\ne:\nf: -3\ng: 1e3\nh: .5\n"
    assert parse("x.yaml", text).data == {
        "a": 1, "b": 1.5, "c": True, "d": None, "e": None, "f": -3, "g": 1000.0, "h": 0.5
    }  # fmt: skip


TYPED = [
    "2026-07-01",
    "12:30",
    "007",
    "yes",
    "no",
    "NO",
    "on",
    "1_000",
    "0x1f",
    "0o17",
    "1e999",
    ".inf",
    "<<",
]


@pytest.mark.parametrize("text", [*TYPED, "9" * 400])
def test_what_yaml_would_turn_into_something_else_stays_the_text_that_was_typed(text: str) -> None:
    assert parse("x.yaml", f"a: {text}\n").data == {"a": text}


def test_quotes_make_text() -> None:
    assert parse("x.yaml", "a: \"1\"\nb: 'true'\nc: |\n  2\n").data == {"a": "1", "b": "true", "c": "2\n"}


def test_every_key_path_has_its_line() -> None:
    document = parse("rules.yaml", "# comment\nbands:\n  - id: a\n    low: 0\n  - id: b\n    low: x\n")
    assert document.where("bands", 1, "low") == "rules.yaml: bands[1].low, line 6"
    assert document.where("bands", 1, "high") == "rules.yaml: bands[1].high, line 5"
    assert document.where("score") == "rules.yaml: score, line 2"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("a: 1\na: 2\n", "duplicate_key", "stands first in line 1"),
        ("s:\n  labels:\n    5: x\n    5: y\n", "duplicate_option", "the option stands here twice"),
        ("a: &x [1]\nb: *x\n", "yaml_feature", "an anchor (&x)"),
        ("a: !!python/object/apply:os.system [ls]\n", "yaml_feature", "a tag"),
        ("a: !!str 1\n", "yaml_feature", "a tag"),
        ("a: 1\n---\nb: 2\n", "yaml_feature", "a second '---'"),
        ("? [a, b]\n: 1\n", "yaml_feature", "a key is a word"),
        ("- a\n- b\n", "value_type", "a mapping of keys"),
        ("", "value_type", "an empty file"),
        ("just words\n", "value_type", "a mapping of keys"),
        ("a: b: c\n", "yaml_syntax", "between quotes"),
        ("a:\n\t- 1\n", "yaml_syntax", "indent with spaces"),
        ("a: [1, 2\n", "yaml_syntax", "line 2"),
        ("a: 'x\n", "yaml_syntax", "not valid YAML"),
        ("a: \x00\n", "yaml_syntax", "not YAML text"),
        ('a: "\\ud800"\n', "encoding", "surrogate"),
        ("a: " + "[" * (MAX_DEPTH + 5), "limit_exceeded", "nested too deeply"),
    ],
)
def test_refusals(text: str, code: str, words: str) -> None:
    problems = parse("x.yaml", text).problems
    assert problems[0].code == code
    assert any(words in str(problem) for problem in problems), problems
    assert all(problem.where.startswith("x.yaml") for problem in problems)


def test_a_bomb_of_aliases_does_not_grow() -> None:
    text = "a: &a [x]\n" + "".join(
        f"{n}: &{n} [*{p},*{p},*{p}]\n" for p, n in zip("abcdefg", "bcdefgh", strict=True)
    )
    document = parse("x.yaml", text)
    assert {problem.code for problem in document.problems} == {"yaml_feature"}


def test_deep_nesting_is_refused_quickly() -> None:
    assert parse("x.yaml", "[" * 500_000).problems[0].code == "limit_exceeded"


def test_a_mark_in_front_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 客户\n".encode("utf-8-sig"))
    assert read(path).data == {"a": "客户"}


def test_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("a: 客户\n".encode("gb18030"))
    assert read(path).problems[0].code == "encoding"


def test_huge_files_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * MAX_BYTES)
    assert read(path).problems[0].code == "limit_exceeded"
