"""Delimited text to a grid of cells: quoting by the book first, and line by line where the book is broken.

A quotation mark that is never closed must not swallow the rest of a file into one comment. Records that
are not quoted by the rules are therefore read leniently, one line at a time, and noted.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from survey_kpi.errors import SchemaError
from survey_kpi.readers.table import Action, Grid, Limits, Note, note

_DELIMITERS = ",\t;|"
_SEP_LINE = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_SHOWN = 120
_SEVERAL = 3


@dataclass(slots=True)
class _Records:
    """Records as they are found: cells, the line where each starts, and which were badly quoted."""

    rows: list[list[str]]
    lines: list[int]
    damaged: list[int]


def parse(text: str, where: str, limits: Limits) -> Grid:
    r"""Split text into rows of equal length; the first row is the header and sets the width.

    Raises
    ------
    SchemaError
        `file_empty`, `limit_exceeded` (cells, columns, rows), `ragged_rows`: most rows do not fit the header.

    Examples
    --------
    >>> from survey_kpi.readers.table import LIMITS
    >>> parse('id,"a, b"\n1,"x\ny"\n', "a.csv", LIMITS).rows
    [['id', 'a, b'], ['1', 'x\ny']]
    """
    text = text.replace("\0", "\ufffd")
    declared = _SEP_LINE.match(text)
    if declared:
        text = text[declared.end() :]
    lines = list(io.StringIO(text, newline=""))
    delimiter = declared[1] if declared else _delimiter(lines)
    found = _records(lines, delimiter, where, limits)
    if not found.rows:
        raise SchemaError("file_empty", where=where, what="the file has no row", got="0 rows")
    _refuse_size(found, where, limits)
    return _level(found, where)


def _delimiter(lines: Sequence[str]) -> str:
    """Return the delimiter that cuts the header into most cells; the comma wins a tie."""
    sample = "".join(lines[:50])
    header = {
        mark: len(next(csv.reader(io.StringIO(sample, newline=""), delimiter=mark), []))
        for mark in _DELIMITERS
    }
    return max(_DELIMITERS, key=lambda mark: header[mark])


def _records(lines: list[str], delimiter: str, where: str, limits: Limits) -> _Records:
    found = _Records([], [], [])
    start = 0
    while start < len(lines):
        reader = csv.reader(
            map(lines.__getitem__, range(start, len(lines))), delimiter=delimiter, strict=True
        )
        begin = start
        try:
            for row in reader:
                if row:
                    found.rows.append(row)
                    found.lines.append(begin + 1)
                begin = start + reader.line_num
            break
        except csv.Error:
            row, taken = _lenient(lines, begin, delimiter, found, where, limits)
            found.damaged.append(len(found.rows))
            found.rows.append(row)
            found.lines.append(begin + 1)
            start = begin + taken
    return found


def _lenient(
    lines: list[str], begin: int, delimiter: str, found: _Records, where: str, limits: Limits
) -> tuple[list[str], int]:
    """Read one badly quoted record: its first line alone, unless only the longer reading fits the header."""
    width = len(found.rows[0]) if found.rows else 0
    line = lines[begin].rstrip("\r\n")
    try:
        alone = next(csv.reader([line], delimiter=delimiter), [""])
    except csv.Error:
        raise _too_long(where, begin + 1) from None
    if len(alone) == width:
        return alone, 1
    longer = csv.reader(_window(lines, begin), delimiter=delimiter)
    try:
        row = next(longer)
    except csv.Error:
        return alone, 1
    closed = begin + longer.line_num < len(lines)
    return (row, longer.line_num) if closed and len(row) == width else (alone, 1)


def _window(lines: list[str], begin: int, most: int = 200) -> Iterator[str]:
    """Yield the lines that one badly quoted answer may span; a comment is not longer than that."""
    yield from lines[begin : begin + most]


def _too_long(where: str, line: int) -> SchemaError:
    return SchemaError(
        "limit_exceeded",
        where=f"{where}, line {line}",
        what="one cell is longer than any answer can be",
        expected=f"at most {csv.field_size_limit():,} characters",
    )


def _refuse_size(found: _Records, where: str, limits: Limits) -> None:
    for kind, got, most in (
        ("rows", len(found.rows), limits.rows),
        ("columns", len(found.rows[0]), limits.columns),
    ):
        if got > most:
            raise SchemaError(
                "limit_exceeded",
                where=where,
                what=f"the table has too many {kind}",
                got=f"{got:,}",
                expected=f"at most {most:,}",
            )


def _level(found: _Records, where: str) -> Grid:
    """Bring every row to the width of the header, and note what did not fit."""
    rows, width = found.rows, len(found.rows[0])
    notes = [
        note(
            "damaged_text",
            row,
            _shown(rows[row]),
            detail=f"line {found.lines[row]}: unbalanced quotation mark",
        )
        for row in found.damaged
    ]
    ragged = [index for index, row in enumerate(rows) if len(row) != width]
    uneven = [index for index in ragged if len(rows[index]) < width or any(rows[index][width:])]
    if len(uneven) >= _SEVERAL and len(uneven) * 2 > len(rows) - 1:
        raise SchemaError(
            "ragged_rows",
            where=f"{where}, line {found.lines[uneven[0]]}",
            what="most rows do not have as many cells as the header",
            got=f"{len(rows[uneven[0]])} cells",
            expected=f"{width} cells",
            hint="check the separator and the quotation marks of the export",
        )
    notes += [_uneven(row, rows[row], width, found.lines[row]) for row in uneven]
    for index in ragged:
        row = rows[index]
        too_many = any(row[width:])
        rows[index] = [""] * width if too_many else (row + [""] * width)[:width]
    return Grid(rows=rows, notes=tuple(notes))


def _uneven(index: int, row: list[str], width: int, line: int) -> Note:
    """A short row keeps its cells; of a long one nobody can tell which answer is which."""
    action: Action = "set_missing" if len(row) > width else "kept"
    detail = f"line {line}: {len(row)} cells, the header has {width}"
    return note("ragged_row", index, _shown(row), action=action, detail=detail)


def _shown(row: Sequence[str]) -> str:
    return ",".join(row)[:_SHOWN]
