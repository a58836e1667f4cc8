"""Files that should never have been sent: each ends in a message with its place, or in audit rows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from survey_kpi import engine
from survey_kpi.errors import SchemaError
from survey_kpi.readers import read_responses
from survey_kpi.study.models import Study

Make = Callable[..., Any]


def workbook(*rows: list[object]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


WORKBOOK = workbook(["q1", "q2"], [5, 4])
with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as archive:
    SIZE = archive.getinfo("xl/worksheets/sheet1.xml").file_size
BOMB = WORKBOOK.replace(SIZE.to_bytes(4, "little"), (2**31 - 1).to_bytes(4, "little"))
MIXED = "q1,q2,意见\n5,4,谢谢\n".encode() + "4,4,希望回电话快一些\n".encode("gb18030")


def wide(columns: int) -> bytes:
    header = ",".join(["q1", "q2", *(f"c{number}" for number in range(columns - 2))])
    return f"{header}\n{','.join(['5'] * columns)}\n".encode()


@pytest.fixture
def read(tmp_path: Path, item: Make, study_of: Callable[..., Study]) -> Make:
    def opened(name: str, data: bytes, *, up_to: int = 0) -> Any:
        with (tmp_path / name).open("wb") as file:
            file.write(data)
            if up_to:
                file.truncate(up_to)  # a hole on disk: no byte of it is written
        items = [item("q1", scale="five"), item("q2", scale="five")]
        return read_responses(study_of(tmp_path, [{"id": "web", "file": name}], items))

    return opened


@pytest.mark.parametrize(
    ("name", "data", "code", "told"),
    [
        ("cut.xlsx", WORKBOOK[: len(WORKBOOK) // 2], "file_damaged", ["open it in a spreadsheet program"]),
        ("bomb.xlsx", BOMB, "limit_exceeded", ["too large once unpacked", "expected at most 1,073,741,824"]),
        ("mixed.csv", MIXED, "encoding", ["line 2", "byte", "this line is UTF-8 and others are not"]),
        ("twice.csv", b"q1,q2,q1\n5,4,3\n", "duplicate_column", ["columns 1 'q1', 3 'q1'"]),
        (
            "twice.xlsx",
            workbook(["q1", "q2", "q1"], [5, 4, 3]),
            "duplicate_column",
            ["columns 1 'q1', 3 'q1'"],
        ),
        ("empty.csv", b"", "file_empty", ["0 bytes"]),
        ("wide.csv", wide(16_385), "limit_exceeded", ["16,385", "expected at most 16,384"]),
    ],
)
def test_a_message_with_file_and_place(
    read: Make, name: str, data: bytes, code: str, told: list[str]
) -> None:
    with pytest.raises(SchemaError) as caught:
        read(name, data)
    assert caught.value.code == code
    message = str(caught.value)
    assert message.startswith(f"{name} (source web)")
    assert all(part in message for part in told)


def test_200_megabytes_on_one_line(read: Make) -> None:
    with pytest.raises(SchemaError) as caught:
        read("line.csv", b"q1,q2\n5,4\n", up_to=200_000_000)
    assert caught.value.code == "limit_exceeded"
    assert str(caught.value).startswith("line.csv (source web), line 3: one line is longer than any answer")


@pytest.mark.parametrize(("name", "data"), [("none.csv", b"q1,q2\n"), ("none.xlsx", workbook(["q1", "q2"]))])
def test_no_rows_are_no_mistake(read: Make, name: str, data: bytes) -> None:
    responses = read(name, data)
    assert responses.intake["rows"].tolist() == [0]
    assert engine.collect(responses.frame).empty


def test_ragged_rows_stay_and_are_audited_with_line_and_row(read: Make) -> None:
    responses = read("ragged.csv", b"q1,q2\n5,4\n5\n3,4\n2,2\n1,1\n5,4,9\n")
    assert len(engine.collect(responses.frame)) == 6
    assert responses.audit[["row_id", "rule", "value", "action", "detail"]].to_numpy().tolist() == [
        ["web:2", "ragged_row", "5", "kept", "line 3: 1 cells, the header has 2"],
        ["web:6", "ragged_row", "5,4,9", "set_missing", "line 7: 3 cells, the header has 2"],
    ]


def test_as_many_columns_as_a_spreadsheet_has(read: Make) -> None:
    rows = engine.collect(read("wide.csv", wide(16_384)).frame)
    assert rows[["q1", "q2"]].to_numpy().tolist() == [[5, 5]]
