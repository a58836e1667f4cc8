"""Files on disk: which are meant, what they are, and the limits that bombs run into."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.readers.files import Options, find_files, open_export, stem
from survey_kpi.readers.table import Export, Limits


def opened(path: Path, limits: Limits | None = None) -> Export:
    return open_export(path, where=path.name, options=Options(limits=limits or Limits()))


def refusal(path: Path, limits: Limits | None = None) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        opened(path, limits)
    return caught.value


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., Path]:
    def write(data: bytes, name: str = "a.csv") -> Path:
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


def test_the_hash_is_that_of_the_bytes_on_disk(written: Callable[..., Path]) -> None:
    packed = gzip.compress(b"a,b\n1,2\n", mtime=0)
    export = opened(written(packed, "a.csv.gz"))
    assert export.sha256 == hashlib.sha256(packed).hexdigest()
    assert export.size == len(packed)
    assert export.grid is not None
    assert export.grid.rows == [["a", "b"], ["1", "2"]]


def test_reading_leaves_the_file_alone(written: Callable[..., Path]) -> None:
    path = written("\ufeffa,b\n1,２\n".encode())
    before = path.read_bytes(), path.stat().st_mtime_ns
    opened(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_gzip_bomb(written: Callable[..., Path]) -> None:
    error = refusal(written(gzip.compress(b"a,b\n" * 500_000, mtime=0)), Limits(unpacked=100_000))
    assert error.code == "limit_exceeded"
    assert "a.csv" in str(error)


def test_gzip_that_is_cut_off(written: Callable[..., Path]) -> None:
    assert refusal(written(gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-12])).code == "file_damaged"
    assert refusal(written(gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-5] + b"xxxxx")).code == "file_damaged"


def test_a_line_without_end_is_refused_before_it_is_decoded(written: Callable[..., Path]) -> None:
    error = refusal(written(b"a,b\n1,2\n" + b"x" * 50_000 + b"\n1,2\n"), Limits(line=10_000))
    assert error.code == "limit_exceeded"
    assert "line 3" in str(error)


def test_lines_below_the_limit_pass_however_many(written: Callable[..., Path]) -> None:
    export = opened(written(b"a,b\n" + b"12345678,9\n" * 5_000), Limits(line=50))
    assert export.grid is not None
    assert len(export.grid.rows) == 5_001


@pytest.mark.parametrize("data", [b"", b"\n", b"  \r\n \n"])
def test_empty_files(written: Callable[..., Path], data: bytes) -> None:
    assert refusal(written(data)).code == "file_empty"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "password"),
        (b"%PDF-1.7 abc", "PDF"),
        (b"<!DOCTYPE html><html><table>", "HTML"),
        (b"\xef\xbb\xbf  <html><table>", "HTML"),
        (b"Rar!\x1a\x07", "RAR"),
        (gzip.compress(b"PAR1 and more", mtime=0), "Parquet"),
    ],
)
def test_kinds_that_are_not_read(written: Callable[..., Path], data: bytes, kind: str) -> None:
    error = refusal(written(data, "export.xls"))
    assert error.code == "format_unknown"
    assert kind in str(error)


def test_a_folder_or_a_lost_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv").code == "file_unreadable"
    assert refusal(tmp_path).code == "file_unreadable"


@pytest.mark.parametrize(
    "pattern", ["../a.csv", "/etc/passwd", "x/../../a.csv", "..\\a.csv", "C:\\a.csv", "C:a.csv"]
)
def test_no_way_out_of_the_data_folder(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(SpecError) as caught:
        find_files(pattern, tmp_path, "source a")
    assert caught.value.code == "path_escape"


def test_a_glob_takes_exports_sorted_and_no_lock_files(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "~$a.csv", ".hidden.csv", "c.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "d.csv").mkdir()
    assert [path.name for path in find_files("*.csv", tmp_path, "source a")] == ["a.csv", "b.csv"]


def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "wave_2017.csv").write_text("x")
    with pytest.raises(SchemaError) as caught:
        find_files("wave2017.csv", tmp_path, "source a")
    assert caught.value.code == "file_missing"
    assert "did you mean 'wave_2017.csv'?" in str(caught.value)


@pytest.mark.parametrize("pattern", ["", "**", "***", "[", "a\0b"])
def test_strange_patterns_meet_a_named_error(tmp_path: Path, pattern: str) -> None:
    (tmp_path / "a.csv").write_text("x")
    try:
        find_files(pattern, tmp_path, "source a")
    except (SchemaError, SpecError) as error:
        assert error.code in {"file_missing", "path_escape"}


def test_stems() -> None:
    assert [stem(Path(name)) for name in ("a.csv", "a.csv.gz", "2026Q3.v2.xlsx")] == ["a", "a", "2026Q3.v2"]


def test_file_names_are_data(read_text: Callable[..., Any], item: Callable[..., dict[str, Any]]) -> None:
    name = "a'; DROP TABLE x; --\n<b>.csv"
    frame, responses = read_text("q1\n5\n", [item("q1", scale="five")], name=name)
    assert frame["file"].tolist() == [name]
    assert responses.intake["file"].tolist() == [name]
