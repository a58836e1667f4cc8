"""The cells of a table's files as they stand there, and a repaired copy of such a file.

Reading turns cells into typed values; whoever proposes or carries out a repair needs the text itself, under
the row ids that the audit uses.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from survey_kpi.readers import plain
from survey_kpi.readers.files import Options, find_files, is_glob, open_export, stem
from survey_kpi.records.files import match_columns
from survey_kpi.study.models import Study
from survey_kpi.study.tables import TABLES

WORKBOOK = "utf-8-sig"
"""Encoding of the copy of a workbook, which Excel opens by a double click."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Original:
    """One text file or workbook of a table.

    Parameters
    ----------
    table
        Canonical name.
    file
        Path inside the data folder.
    encoding
        Of the text; that of its copy, where the file is a workbook.
    rows
        Cells of the header row, then of every row.
    positions
        Where each canonical column stands.
    cells
        Text by canonical column; the index holds the row ids.
    """

    table: str
    file: str
    encoding: str
    rows: Sequence[Sequence[str]]
    positions: Mapping[str, int]
    cells: pd.DataFrame

    @property
    def copy_name(self) -> str:
        """Name of a repaired copy: that of the file, as plain CSV."""
        path = Path(self.file.removesuffix(".gz"))
        return path.as_posix() if path.suffix.lower() not in {".xlsx", ".xlsm"} else f"{path.as_posix()}.csv"

    def copied(self, cells: pd.DataFrame) -> bytes:
        """Return the file with other cells in its canonical columns, all else to the letter."""
        rows = [list(row) for row in self.rows]
        for name, position in self.positions.items():
            for row, cell in zip(rows[1:], cells[name], strict=True):
                row[position] = cell
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        return text.getvalue().encode(self.encoding)


def originals(study: Study, table: str) -> list[Original]:
    """Return the files of a declared table; none for a database or typed Parquet, which hold no text.

    Raises
    ------
    SchemaError, SpecError
        Those of opening the files and of finding their columns.
    """
    source = study.study.tables[table]
    if not source.file:
        return []
    folder = Path(study.data_dir)
    found = [
        _original(path, study, table, stem(path) if is_glob(source.file) else table)
        for path in find_files(source.file, folder, f"table {table}")
    ]
    return [one for one in found if one is not None]


def _original(path: Path, study: Study, table: str, prefix: str) -> Original | None:
    source = study.study.tables[table]
    file = path.relative_to(study.data_dir).as_posix()
    where = f"{file} (table {table})"
    export = open_export(path, where=where, options=Options(encoding=source.encoding))
    if export.grid is None:
        return None
    headers = plain.read(export).columns
    positions = {
        name: column.position for name, column in match_columns(headers, TABLES[table], source, where).items()
    }
    rows = export.grid.rows
    cells = {name: [row[position] for row in rows[1:]] for name, position in positions.items()}
    ids = [f"{prefix}:{number}" for number in range(1, len(rows))]
    return Original(
        table=table,
        file=file,
        encoding=export.encoding or WORKBOOK,
        rows=rows,
        positions=positions,
        cells=pd.DataFrame(cells, index=ids, dtype="str"),
    )
