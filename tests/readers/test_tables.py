"""Tables beside the responses: wanted columns of declared kinds, and every fault with its row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from survey_kpi.errors import SchemaError
from survey_kpi.readers import read_table

COLUMNS = {"specialist_id": "text", "valid_from": "date", "valid_to": "date", "fte": "number"}
HEAD = "\ufeffname, specialist_id ,valid_from,valid_to,fte\n"
TEXT = HEAD + "张三,Ｓ01,2022-03-01,,1\n李四, S02 ,2022/3/1,9999-12-31,0.5\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(content: str | bytes, name: str = "people.csv") -> Path:
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return tmp_path / name

    return write


def check(table: pd.DataFrame) -> None:
    assert list(table.columns) == list(COLUMNS)
    assert table["specialist_id"].tolist() == ["S01", "S02"]
    assert table["valid_from"].tolist() == [pd.Timestamp("2022-03-01")] * 2
    assert table["valid_to"].tolist() == [pd.NaT, pd.Timestamp("9999-12-31")]
    assert table["fte"].tolist() == [1.0, 0.5]


def refusal(path: Path) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        read_table(path, COLUMNS)
    return caught.value


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "utf-16"])
def test_text_in_every_encoding(written: Callable[..., Path], codec: str) -> None:
    check(read_table(written(TEXT.removeprefix("\ufeff").encode(codec)), COLUMNS))
    check(read_table(written(TEXT), COLUMNS))


def test_workbooks_with_real_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["specialist_id", "valid_from", "valid_to", "fte"])
    book.worksheets[0].append(["S01", pd.Timestamp("2022-03-01").to_pydatetime(), None, 1])
    book.worksheets[0].append(["S02", 44621, "9999-12-31", 0.5])
    book.save(tmp_path / "people.xlsx")
    check(read_table(tmp_path / "people.xlsx", COLUMNS))


def test_parquet_comes_back(tmp_path: Path, written: Callable[..., Path]) -> None:
    table = read_table(written(TEXT), COLUMNS)
    table.to_parquet(tmp_path / "people.parquet", index=False)
    assert pq.read_metadata(tmp_path / "people.parquet").num_rows == 2
    check(read_table(tmp_path / "people.parquet", COLUMNS))


def test_a_missing_table_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "specialists.csv").write_text("x")
    error = refusal(tmp_path / "specialist.csv")
    assert (error.code, "did you mean 'specialists.csv'?" in str(error)) == ("table_missing", True)
    assert refusal(tmp_path / "nowhere" / "a.csv").code == "table_missing"


def test_missing_and_doubled_columns_are_told_together(written: Callable[..., Path]) -> None:
    error = refusal(written("specialist,fte,fte,valid_from\nS01,1,1,2022-03-01\n"))
    assert [problem.code for problem in error.problems] == [
        "column_missing",
        "column_missing",
        "duplicate_column",
    ]
    assert "did you mean 'specialist'?" in str(error)


def test_every_cell_that_cannot_be_read(written: Callable[..., Path]) -> None:
    error = refusal(
        written("specialist_id,valid_from,valid_to,fte\nS01,soon,,1\nS02,2022-03-01,2023-02-29,half\n")
    )
    assert [(problem.code, problem.where) for problem in error.problems] == [
        ("not_a_date", "people.csv, column 'valid_from', row 1"),
        ("not_a_date", "people.csv, column 'valid_to', row 2"),
        ("not_a_number", "people.csv, column 'fte', row 2"),
    ]
    assert "got 'half'" in str(error)


def test_rows_that_do_not_fit(written: Callable[..., Path]) -> None:
    error = refusal(
        written("specialist_id,valid_from,valid_to,fte\nS01,2022-03-01,,1,extra\nS02,2022-03-01,,1\n")
    )
    assert [(problem.code, problem.where) for problem in error.problems] == [
        ("ragged_row", "people.csv, row 1")
    ]


def test_no_rows(written: Callable[..., Path]) -> None:
    table = read_table(written("specialist_id,valid_from,valid_to,fte\n"), COLUMNS)
    assert [str(kind) for kind in table.dtypes] == ["str", "datetime64[us]", "datetime64[us]", "float64"]
    assert table.empty
