"""Encodings: order of the attempts, refusal of what only looks readable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.readers.encodings import decode

CHINESE = "序号,总体满意度,建议\n1,非常满意,很好，谢谢\n2,一般,希望回电话快一些\n"


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_each_encoding_is_found(codec: str, name: str) -> None:
    assert decode(CHINESE.encode(codec), "auto", "a.csv") == (CHINESE, name)


def test_gb18030_reads_what_gbk_cannot() -> None:
    text = CHINESE + "3,非常满意,好👍\n"
    with pytest.raises(UnicodeEncodeError):
        text.encode("gbk")
    assert decode(text.encode("gb18030"), "auto", "a.csv") == (text, "gb18030")


def test_utf16_big_endian_by_its_mark() -> None:
    assert decode(b"\xfe\xff" + CHINESE.encode("utf-16-be"), "auto", "a.csv") == (CHINESE, "utf-16")


def test_declared_encoding_wins_and_its_mark_goes() -> None:
    assert decode(CHINESE.encode("utf-8-sig"), "utf-8", "a.csv") == (CHINESE, "utf-8-sig")
    assert decode("é".encode("latin-1"), "latin-1", "a.csv")[0] == "é"


def refused(data: bytes, declared: str = "auto") -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        decode(data, declared, "a.csv")
    assert caught.value.code == "encoding"
    return caught.value


def test_bytes_that_fit_nothing_name_line_and_byte() -> None:
    error = refused("序号\n1\n".encode() + b"\xff\xff\n")
    assert "a.csv, line 3, byte 10" in str(error)
    assert "neither UTF-8 (byte 10) nor GB18030" in str(error)


def test_one_line_of_another_encoding() -> None:
    lines = CHINESE.splitlines(keepends=True)
    error = refused(lines[0].encode("gb18030") + lines[1].encode("utf-8") + lines[2].encode("gb18030"))
    assert "line 2" in str(error)
    assert "this line is UTF-8 and others are not" in str(error)


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("name,comment\n1,un café très agréable\n", "cp1252"),
        ("編號,滿意度,建議\n1,非常滿意,希望回覆電話快一點謝謝\n", "big5"),
        ("番号,満足度,ご意見\n1,とても満足,対応がとても早かったです\n", "shift_jis"),
    ],
)
def test_other_encodings_are_not_passed_off_as_chinese(text: str, codec: str) -> None:
    refused(text.encode(codec))


def test_traditional_chinese_in_gbk_is_read() -> None:
    text = "編號,滿意度,建議\n1,非常滿意,希望回覆電話快一點，謝謝\n"
    assert decode(text.encode("gbk"), "auto", "a.csv") == (text, "gb18030")


def test_utf16_without_a_mark_is_named() -> None:
    assert "UTF-16 without a mark" in str(refused(CHINESE.encode("utf-16-le")))


def test_wrong_declaration() -> None:
    assert "not ascii" in str(refused(CHINESE.encode(), "ascii"))


@pytest.mark.parametrize("declared", ["klingon", "hex", "rot13"])
def test_unknown_encoding(declared: str) -> None:
    with pytest.raises(SpecError) as caught:
        decode(b"a", declared, "a.csv")
    assert caught.value.code == "encoding_unknown"


@given(st.binary(max_size=400))
def test_any_bytes_become_text_or_a_named_error(data: bytes) -> None:
    try:
        text, name = decode(data, "auto", "a.csv")
    except SchemaError as error:
        assert error.code == "encoding"
    else:
        assert text.encode(name).removeprefix(b"\xef\xbb\xbf") == data.removeprefix(
            b"\xef\xbb\xbf"
        ) or name in {
            "utf-16",
            "gb18030",
        }


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100))
def test_utf8_always_comes_back(text: str) -> None:
    assert decode(("a" + text).encode(), "auto", "a.csv") == ("a" + text, "utf-8")
