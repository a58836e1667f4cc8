"""Plain CSV and XLSX, one header row; the base of the platforms whose layout is no different."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from survey_kpi.errors import SchemaError
from survey_kpi.readers.headers import column, fold
from survey_kpi.readers.table import WHOLE_FILE, Cells, Column, DateOrder, Export, Grid, Note, RawTable


def sniff(grid: Grid) -> int:
    """Plain is what a file is when it is nothing else."""
    return int(bool(grid.rows))


def read(export: Export) -> RawTable:
    """Take the first row as headers and the others as answers."""
    grid = cells_of(export)
    return table(grid, [column(header, position) for position, header in enumerate(grid.rows[0])])


def with_roles(grid: Grid, roles: Mapping[str, str]) -> list[Column]:
    """Make the columns of a one-row header; `roles` says which field a platform's own column carries."""
    return [
        column(header, position, role=roles.get(fold(header).casefold(), ""))
        for position, header in enumerate(grid.rows[0])
    ]


def seen(row: Sequence[str], names: Collection[str]) -> int:
    """Count how many of the names a header row carries."""
    return len({fold(cell).casefold() for cell in row} & set(names))


def cells_of(export: Export) -> Grid:
    """Return the grid of an export.

    Raises
    ------
    SchemaError
        `format_mismatch`: the format is text or a workbook, the file is neither.
    """
    if export.grid is None:
        raise SchemaError(
            "format_mismatch",
            where=export.where,
            what="this format comes as text or as a workbook",
            got=f"a .{export.container} file",
            hint="correct `format` of this source, or set it to auto",
        )
    return export.grid


def table(
    grid: Grid,
    columns: Sequence[Column],
    *,
    header_rows: int = 1,
    marks: Collection[str] = (),
    separator: str = "",
    answer: re.Pattern[str] | None = None,
    date_order: DateOrder = "",
    time_zone: str = "",
    status: Sequence[str] | None = None,
) -> RawTable:
    """Make a raw table of the rows below the headers; see `RawTable` for the parameters."""
    rows = grid.rows[header_rows:]

    def cells(position: int) -> Cells:
        return pa.array([row[position] for row in rows], pa.string())

    return RawTable(
        columns=tuple(columns),
        cells=cells,
        rows=len(rows),
        header_rows=header_rows,
        marks=frozenset(marks),
        separator=separator,
        answer=answer,
        date_order=date_order,
        time_zone=time_zone,
        status=status,
        notes=tuple(_below(found, header_rows) for found in grid.notes),
    )


def _below(found: Note, header_rows: int) -> Note:
    """Count the rows of a note from the first data row; what is about a header is about the file."""
    rows = found.rows - header_rows
    rows[found.rows < header_rows] = WHOLE_FILE
    return replace(found, rows=rows)
