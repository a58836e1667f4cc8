"""Files on disk: which ones a source means, what kind they are, and never more than the declared limits."""

from __future__ import annotations

import codecs
import hashlib
import io
import zlib
from dataclasses import dataclass, replace
from gzip import BadGzipFile, GzipFile
from pathlib import Path, PurePosixPath, PureWindowsPath

from survey_kpi.errors import SchemaError, SpecError, nearest
from survey_kpi.readers.delimited import parse
from survey_kpi.readers.encodings import decode
from survey_kpi.readers.table import LIMITS, WHOLE_FILE, Container, Export, Limits, note
from survey_kpi.readers.workbook import parse_workbook

_GLOB = frozenset("*?[")
_KINDS: tuple[tuple[bytes, Container], ...] = (
    (b"PK\x03\x04", "xlsx"),
    (b"$FL2", "sav"),
    (b"$FL3", "sav"),
)
_FOREIGN = (
    (b"PAR1", "a Parquet file that was compressed once more"),
    (b"\xd0\xcf\x11\xe0", "an old .xls workbook or a workbook with a password"),
    (b"%PDF", "a PDF"),
    (b"\x7fELF", "a program"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"<!doctype html", "an HTML page under another name"),
    (b"<html", "an HTML page under another name"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is opened: its declared encoding, and the limits."""

    encoding: str = "auto"
    limits: Limits = LIMITS


def is_glob(pattern: str) -> bool:
    """Whether the name of a source's file stands for several files."""
    return bool(_GLOB & set(pattern))


def find_files(pattern: str, folder: Path, where: str) -> list[Path]:
    """Return the files that a name or glob means, sorted; temporary files of spreadsheets are no exports.

    Raises
    ------
    SpecError
        `path_escape`: the name leaves the folder.
    SchemaError
        `file_missing`: there is no such file; names the nearest.
    """
    if _escapes(pattern):
        raise SpecError(
            "path_escape",
            where=where,
            what="the file lies outside the study's data folder",
            got=repr(pattern),
            expected="a path inside the folder",
        )
    found = _present(pattern, folder)
    if not found:
        present = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
        raise SchemaError(
            "file_missing",
            where=where,
            what="no file of this name is in the data folder",
            got=repr(pattern),
            hint=nearest(pattern, present),
        )
    return found


def _present(pattern: str, folder: Path) -> list[Path]:
    try:
        candidates = list(folder.glob(pattern)) if is_glob(pattern) else [folder / pattern]
        return sorted(path for path in candidates if path.is_file() and not path.name.startswith(("~$", ".")))
    except ValueError:  # patterns such as *** and names with a zero byte
        return []


def _escapes(pattern: str) -> bool:
    windows = PureWindowsPath(pattern)
    return ".." in windows.parts or bool(windows.anchor) or PurePosixPath(pattern).is_absolute()


def stem(path: Path) -> str:
    """Return the file name without its endings: `wave1` for `wave1.csv.gz`."""
    return Path(path.name.removesuffix(".gz")).stem


def open_export(path: Path, *, where: str, options: Options) -> Export:
    """Open a file: hash it, see what it is, unpack it and take its cells as text.

    Raises
    ------
    SchemaError
        `file_unreadable`, `file_empty`, `file_damaged`, `format_unknown`, `encoding`, `limit_exceeded`,
        `header_rows`.
    """
    try:
        with path.open("rb") as file:
            in_place = file.read(4) == b"PAR1"
            file.seek(0)
            raw = b"" if in_place else file.read(options.limits.unpacked + 1)
            digest = hashlib.file_digest(file, "sha256") if in_place else hashlib.sha256(raw)
    except OSError as error:
        raise SchemaError(
            "file_unreadable", where=where, what="the file cannot be read", got=error.strerror
        ) from None
    export = Export(
        where=where,
        path=path,
        container="parquet",
        sha256=digest.hexdigest(),
        size=path.stat().st_size,
        declared_encoding=options.encoding,
        limits=options.limits,
    )
    if in_place:
        return export
    data = _unpacked(raw, options.limits, where)
    return _with_grid(replace(export, data=data, container=_container(data, where)))


def _unpacked(raw: bytes, limits: Limits, where: str) -> bytes:
    try:
        packed = raw.startswith(b"\x1f\x8b")
        data = GzipFile(fileobj=io.BytesIO(raw)).read(limits.unpacked + 1) if packed else raw
    except (EOFError, BadGzipFile, zlib.error) as error:
        raise SchemaError(
            "file_damaged",
            where=where,
            what="the compressed file is cut off or damaged",
            got=str(error),
            hint="fetch the file again",
        ) from None
    if len(data) > limits.unpacked:
        raise SchemaError(
            "limit_exceeded",
            where=where,
            what="the file is too large once unpacked",
            got=f"more than {limits.unpacked:,} bytes",
            expected=f"at most {limits.unpacked:,} bytes",
        )
    if not data.strip():
        raise SchemaError("file_empty", where=where, what="the file is empty", got=f"{len(data)} bytes")
    return data


def _container(data: bytes, where: str) -> Container:
    start = data[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for magic, kind in _FOREIGN:
        if start.startswith(magic.lower()):
            raise SchemaError(
                "format_unknown",
                where=where,
                what="this kind of file is not read",
                got=kind,
                expected="CSV, XLSX, SPSS .sav or Parquet",
                hint="unpack it, or save the export as .xlsx without a password or as CSV",
            )
    return next((kind for magic, kind in _KINDS if data.startswith(magic)), "text")


def _with_grid(export: Export) -> Export:
    if export.container == "xlsx":
        return replace(export, grid=parse_workbook(export.data, export.where, export.limits))
    if export.container != "text":
        return export
    _refuse_long_lines(export)
    text, encoding = decode(export.data, export.declared_encoding, export.where)
    grid = parse(text, export.where, export.limits)
    if encoding == "utf-8-sig":
        grid = replace(grid, notes=(*grid.notes, note("bom_removed", WHOLE_FILE, "U+FEFF")))
    return replace(export, grid=grid, encoding=encoding, data=b"")


def _refuse_long_lines(export: Export) -> None:
    """Step from line to line in strides, so that a line without an end is found before it is decoded."""
    data, limit = memoryview(export.data), export.limits.line
    position = 0
    while len(data) - position > limit:
        stride = bytes(data[position : position + limit])
        end = max(stride.rfind(b"\n"), stride.rfind(b"\r"))
        if end < 0:
            line = export.data.count(b"\n", 0, position) + 1
            raise SchemaError(
                "limit_exceeded",
                where=f"{export.where}, line {line}",
                what="one line is longer than any answer can be",
                got=f"more than {limit:,} bytes",
                expected=f"at most {limit:,} bytes",
                hint="is this a CSV file at all?",
            )
        position += end + 1
