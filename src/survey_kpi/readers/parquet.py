"""Parquet, as text like any other export; `in_place` spares typed files that way round."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq

from survey_kpi.errors import SchemaError
from survey_kpi.readers.headers import column
from survey_kpi.readers.table import Cells, Export, RawTable
from survey_kpi.readers.texts import text_array

_BROKEN = (pa.ArrowException, OSError, ValueError)
"""What pyarrow raises on damaged files; ValueError where names or words are no UTF-8."""


def open_file(export: Export) -> pq.ParquetFile:
    """Open a Parquet file without reading its rows.

    Raises
    ------
    SchemaError
        `file_damaged`.
    """
    try:
        return pq.ParquetFile(export.path)
    except _BROKEN as error:
        raise damaged(export, error) from None


def read(export: Export) -> RawTable:
    """Name the columns; cells are fetched one column at a time, each value as the text of a CSV export.

    Raises
    ------
    SchemaError
        `file_damaged`; `limit_exceeded`: more rows than text may have.
    """
    file = open_file(export)
    headers, rows = file.schema_arrow.names, file.metadata.num_rows
    _refuse_wide(export, len(headers))

    def cells(position: int) -> Cells:
        if rows > export.limits.rows:
            raise _too_long(export, rows, headers[position])
        try:
            return text_array(file.read(columns=[headers[position]]).column(0))
        except _BROKEN as error:
            raise damaged(export, error) from None

    return RawTable(
        columns=tuple(column(header, position) for position, header in enumerate(headers)),
        cells=cells,
        rows=rows,
        header_rows=0,
    )


def damaged(export: Export, error: Exception) -> SchemaError:
    """Make the error for a file whose pages cannot be read."""
    return SchemaError(
        "file_damaged",
        where=export.where,
        what="the Parquet file is cut off or damaged",
        got=str(error)[:200],
        hint="fetch the file again",
    )


def _refuse_wide(export: Export, columns: int) -> None:
    if columns > export.limits.columns:
        raise SchemaError(
            "limit_exceeded",
            where=export.where,
            what="the table has too many columns",
            got=f"{columns:,}",
            expected=f"at most {export.limits.columns:,}",
        )


def _too_long(export: Export, rows: int, header: str) -> SchemaError:
    return SchemaError(
        "limit_exceeded",
        where=export.where,
        what="the table is too long to be read as text",
        got=f"{rows:,} rows; column '{header}' must be decoded",
        expected=f"at most {export.limits.rows:,} rows, or typed columns",
        hint="store rated items as numbers and times as timestamps; then the number of rows has no limit",
    )
