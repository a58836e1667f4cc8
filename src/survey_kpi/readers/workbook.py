"""XLSX workbooks to a grid of cells, streamed, with the archive weighed before it is opened."""

from __future__ import annotations

import io
import itertools
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import openpyxl

from survey_kpi.errors import SchemaError
from survey_kpi.readers.table import WHOLE_FILE, Grid, Limits, Note, note
from survey_kpi.readers.texts import as_text

_CONTENTS = "[Content_Types].xml"
Row: TypeAlias = tuple[object, ...]


def parse_workbook(data: bytes, where: str, limits: Limits) -> Grid:
    """Return the cells of the first sheet that has any, as text; empty rows are left out.

    Raises
    ------
    SchemaError
        `file_damaged`: no readable workbook; `file_empty`; `limit_exceeded`.
    """
    _weigh(data, where, limits)
    try:
        return _first_sheet(data, where, limits)
    except SchemaError:
        raise
    except Exception as error:  # openpyxl raises whatever its parser met: KeyError, TypeError, ParseError, …
        raise _damaged(where, f"{type(error).__name__}: {error}") from None


def _damaged(where: str, got: str) -> SchemaError:
    return SchemaError(
        "file_damaged",
        where=where,
        what="the workbook is cut off or damaged",
        got=got[:200],
        hint="open it in a spreadsheet program and save it again as .xlsx",
    )


def _weigh(data: bytes, where: str, limits: Limits) -> None:
    """Refuse a zip bomb by the archive's own table, then check that the table tells the truth.

    The check unpacks piece by piece and never more than stated, so it needs no memory.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if _CONTENTS not in archive.namelist():
                raise _no_workbook(where)
            unpacked = sum(entry.file_size for entry in archive.infolist())
            untrue = archive.testzip() if unpacked <= limits.unpacked else None
    except SchemaError:
        raise
    except Exception as error:  # damaged archives raise zlib.error, struct.error, NotImplementedError, …
        raise _damaged(where, f"{type(error).__name__}: {error}") from None
    if untrue is not None:
        raise _damaged(where, f"the part {untrue!r} is not what the archive states")
    if unpacked > limits.unpacked:
        raise SchemaError(
            "limit_exceeded",
            where=where,
            what="the workbook is too large once unpacked",
            got=f"{unpacked:,} bytes from {len(data):,}",
            expected=f"at most {limits.unpacked:,} bytes",
        )


def _no_workbook(where: str) -> SchemaError:
    return SchemaError(
        "format_unknown",
        where=where,
        what="this kind of file is not read",
        got="a ZIP archive that is no workbook",
        expected="CSV, XLSX, SPSS .sav or Parquet",
        hint="unpack it first",
    )


def _first_sheet(data: bytes, where: str, limits: Limits) -> Grid:
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    filled = {sheet.title: sheet for sheet in book.worksheets if _has_cells(sheet)}
    if not filled:
        raise SchemaError("file_empty", where=where, what="the workbook has no cell", got="0 rows")
    title, sheet = next(iter(filled.items()))
    cells = _rows(sheet, where, limits)
    rows, notes = _texts(zip(cells, _formulas(data, title, where, limits), strict=False))
    notes += [note("sheet_skipped", WHOLE_FILE, other) for other in list(filled)[1:]]
    width = max(map(len, rows))
    return Grid(rows=[row + [""] * (width - len(row)) for row in rows], notes=tuple(notes))


def _has_cells(sheet: Any) -> bool:
    sheet.reset_dimensions()  # the stated dimensions may be false, and huge
    return any(any(map(as_text, row)) for row in sheet.iter_rows(values_only=True))


def _rows(sheet: Any, where: str, limits: Limits) -> Iterator[Row]:
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > limits.rows or len(row) > limits.columns:
            raise SchemaError(
                "limit_exceeded",
                where=f"{where}, sheet '{sheet.title}', row {number}",
                what="the sheet has too many rows or columns",
                got=f"{number:,} rows, {len(row):,} columns",
                expected=f"at most {limits.rows:,} rows and {limits.columns:,} columns",
            )
        yield row


def _formulas(data: bytes, title: str, where: str, limits: Limits) -> Iterator[Row]:
    """Yield the rows with formulas in place of their values, or empty rows when the workbook has none."""
    if not _has_formulas(data):
        return itertools.repeat(())
    return _rows(openpyxl.load_workbook(io.BytesIO(data), read_only=True)[title], where, limits)


def _has_formulas(data: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(re.search(rb"<(?:\w+:)?f[ >/]", archive.read(name)) for name in sheets)


def _texts(pairs: Iterable[tuple[Row, Row]]) -> tuple[list[list[str]], list[Note]]:
    """Return the rows as text, and notes on formulas whose value the writing program never stored."""
    rows: list[list[str]] = []
    notes: list[Note] = []
    for values, written in pairs:
        cells = [as_text(value) for value in values]
        lost = [
            (column, formula)
            for column, formula in enumerate(written)
            if formula is not None and (column >= len(values) or values[column] is None)
        ]
        if lost or any(cells):
            notes += [_unstored(len(rows), column, formula) for column, formula in lost]
            rows.append(cells)
    return rows, notes


def _unstored(row: int, column: int, formula: object) -> Note:
    return note("formula_without_value", row, str(formula), detail=f"column {column + 1}")
