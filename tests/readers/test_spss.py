"""SPSS files: labels, user-missing values, encodings they do not state, and damage."""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from survey_kpi import engine
from survey_kpi.errors import SchemaError
from survey_kpi.readers import Responses, read_responses
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.spss import read
from survey_kpi.study.models import Study

Make = Callable[..., Any]
Read = Callable[..., tuple[pd.DataFrame, Responses]]
UTF8 = struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8"
CODE_PAGE = struct.pack("<iiii", 7, 3, 4, 8)


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A .sav file whose placeholders take Chinese words of the same number of bytes in GBK."""
    path = tmp_path_factory.mktemp("sav") / "a.sav"
    frame = pd.DataFrame({"q1": [1.0, 2.0, 9.0], "note": ["AAAA", "BB", ""]})
    labels = {"q1": {1: "EEEE", 2: "FFFF", 9: "GGGG"}}
    pyreadstat.write_sav(
        frame,
        str(path),
        column_labels=["CCCCCCCC", "DDDD"],
        variable_value_labels=labels,
        missing_ranges={"q1": [9]},
    )
    return path.read_bytes()


def chinese(plain: bytes) -> bytes:
    words = {
        "AAAA": "谢谢",
        "CCCCCCCC": "总体满意",
        "EEEE": "很好",
        "FFFF": "一般",
        "GGGG": "拒答",
        "DDDD": "建议",
    }
    for placeholder, word in words.items():
        plain = plain.replace(placeholder.encode(), word.encode("gbk"))
    return plain


def stating(data: bytes, name: bytes | None, page: int) -> bytes:
    """Change the encoding that a file states: by name, or only by the number of a code page."""
    place = data.index(CODE_PAGE) + 16 + 28
    data = data[:place] + struct.pack("<i", page) + data[place + 4 :]
    if name is not None:
        return data.replace(UTF8, UTF8[:16] + name)
    return data.replace(UTF8, struct.pack("<iiii", 7, 99, 1, 5) + b"-----")


@pytest.mark.parametrize(
    ("name", "page"),
    [(None, 936), (None, 1252), (b"UTF-8", 65001)],
    ids=["code page", "western code page", "stated wrongly"],
)
def test_chinese_is_read_whatever_the_file_states(
    plain: bytes, name: bytes | None, page: int, read_text: Read, item: Make
) -> None:
    items = [
        item("q", "总体满意", scale="five", labels={"很好": 5, "一般": 3}, missing_codes=["拒答"]),
        item("note", "建议", role="comment"),
    ]
    frame, responses = read_text(stating(chinese(plain), name, page), items, name="a.sav")
    assert frame["q"].tolist()[:2] == [5, 3]
    assert frame["note"].tolist()[:2] == ["谢谢", "BB"]
    assert responses.intake["missing_words"].tolist() == [{"q": 1}]
    assert responses.intake["encoding"].tolist()[0].upper() in {"GBK", "CP936", "GB18030"}


def test_western_text_stays_western(plain: bytes, read_text: Read, item: Make) -> None:
    data = stating(plain.replace(b"AAAA", "café".encode("cp1252")), None, 1252)
    frame, _ = read_text(data, [item("note", role="comment")], name="a.sav")
    assert frame["note"].tolist()[0] == "café"


def test_a_declared_encoding_is_used(plain: bytes, read_text: Read, item: Make) -> None:
    data = stating(chinese(plain), None, 1252)
    frame, _ = read_text(data, [item("note", role="comment")], name="a.sav", source={"encoding": "CP936"})
    assert frame["note"].tolist()[0] == "谢谢"


def test_user_missing_values_and_gaps_stay_apart(
    shared: Path, item: Make, study_of: Callable[..., Study]
) -> None:
    """Row 3 rated expertise 8 (不适用): expected.json, note of spss_zh.sav."""
    declared = [item("expertise", headers=["q3_2"], scale="five", missing_codes=[8])]
    silent = [
        item("expertise", headers=["q3_2"], scale="five"),
        item("speed", headers=["q3_1"], scale="five"),
    ]
    source = {"id": "s", "file": "spss_zh.sav"}
    for items, third, counted in ((declared, 8.0, {}), (silent, None, {"expertise": 2, "speed": 1})):
        responses = read_responses(study_of(shared / "data" / "exports", [source], items))
        answers = engine.collect(responses.frame)["expertise"].tolist()
        assert answers[2] == third or third is None
        assert pd.isna(answers[2]) == (third is None)
        assert responses.intake["missing_words"].tolist() == [counted]


def test_ranges_of_missing_values(shared: Path, item: Make, study_of: Callable[..., Study]) -> None:
    study = study_of(
        shared / "data" / "exports",
        [{"id": "s", "file": "spss_zh.sav"}],
        [item("n", headers=["q4"], scale="nps")],
    )
    responses = read_responses(study)
    assert pd.isna(engine.collect(responses.frame)["n"].tolist()[8])  # 99 lies in 98 thru 99
    assert responses.intake["missing_words"].tolist() == [{"n": 1}]


def test_cut_off(plain: bytes, read_text: Read, item: Make) -> None:
    for end in (100, len(plain) - 30):
        with pytest.raises(SchemaError) as caught:
            read_text(plain[:end], [item("q1", scale="five")], name="a.sav")
        assert caught.value.code == "file_damaged"


@pytest.mark.parametrize(
    ("mark", "offset", "byte"),
    [(b"GGGG   ", 7, 255), (b"CCCCCCCC", 0, 0), (b"$FL2", 64, 9)],
)
def test_flipped_bytes_end_in_a_table_or_a_named_error(
    plain: bytes, tmp_path: Path, mark: bytes, offset: int, byte: int
) -> None:
    """The first one ends the process that reads it; found by trying every byte."""
    content = bytearray(plain)
    content[plain.index(mark) + offset] = byte
    path = tmp_path / "flipped.sav"
    path.write_bytes(content)
    try:
        table = read(open_export(path, where="a.sav", options=Options()))
        for column in table.columns:
            assert len(table.cells(column.position)) == table.rows
    except SchemaError as error:
        assert error.code in {"file_damaged", "limit_exceeded"}
