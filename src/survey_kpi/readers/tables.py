"""Tables beside the responses: people, judgements; the wanted columns, each of a declared kind.

Such a table is small and made by hand, so what cannot be read is an error with its row, not a note.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from survey_kpi.errors import Problem, SchemaError, nearest
from survey_kpi.readers import parquet, plain
from survey_kpi.readers.answers import text_field
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.headers import fold
from survey_kpi.readers.table import Cells, Column, RawTable
from survey_kpi.readers.times import parse_times
from survey_kpi.readers.words import number

_YEARS = (1900, 9999)
"""Spells may begin before surveys were a thing, and 9999-12-31 is a usual word for "still"."""
_EXPECTED = {"date": "a date such as 2026-07-01", "number": "a number such as 0.5"}


def read_table(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Read a CSV, XLSX or Parquet table with one header row.

    Parameters
    ----------
    path
        The file.
    columns
        Name of each wanted column, and its kind: text, date or number. Other columns are left out.

    Returns
    -------
    DataFrame
        The wanted columns in the order given: str, datetime64[us], float64; empty cells are missing.

    Raises
    ------
    SchemaError
        `table_missing`: there is no such file. All problems of the file at once: `column_missing`,
        `duplicate_column`; then `ragged_row`, `not_a_number`, `not_a_date`, each with its row; and those of
        opening the file.
    """
    where = path.name
    if not path.is_file():
        raise _absent_table(path)
    table = _opened(path, where)
    found, problems = _found(table.columns, columns, where)
    if problems:
        raise SchemaError.collect(problems)
    unread = [*_uneven(table, where)]
    parsed = {}
    for name, kind in columns.items():
        cells = text_field(table.cells(found[name].position), name, frozenset()).values
        place = f"{where}, column '{name}'"
        parsed[name], wrong = _parsed(cells, kind, place)
        unread += _unread(cells, wrong, kind, place)
    if unread:
        raise SchemaError.collect(unread)
    return pd.DataFrame(parsed)


def _absent_table(path: Path) -> SchemaError:
    present = [other.name for other in path.parent.iterdir()] if path.parent.is_dir() else []
    return SchemaError(
        "table_missing",
        where=path.name,
        what="the table is not in its folder",
        hint=nearest(path.name, present),
    )


def _opened(path: Path, where: str) -> RawTable:
    export = open_export(path, where=where, options=Options())
    return parquet.read(export) if export.container == "parquet" else plain.read(export)


def _found(
    headers: Sequence[Column], wanted: Mapping[str, str], where: str
) -> tuple[dict[str, Column], list[Problem]]:
    found: dict[str, Column] = {}
    problems = []
    for name in wanted:
        bearers = [column for column in headers if fold(column.header) == name]
        if len(bearers) == 1:
            found[name] = bearers[0]
        elif bearers:
            what = f"column '{name}' stands there {len(bearers)} times"
            problems.append(Problem(code="duplicate_column", where=where, what=what))
        else:
            hint = nearest(name, [column.header for column in headers])
            what = f"column '{name}' is missing"
            problems.append(Problem(code="column_missing", where=where, what=what, hint=hint))
    return found, problems


def _uneven(table: RawTable, where: str) -> Iterator[Problem]:
    """Refuse rows that do not fit the header, and text that was already damaged."""
    for noted in table.notes:
        if noted.rule in {"ragged_row", "damaged_text"}:
            for row, detail in zip(noted.rows, noted.details, strict=True):
                yield Problem(code=noted.rule, where=f"{where}, row {row + 1}", what=detail or noted.rule)


def _parsed(cells: Cells, kind: str, where: str) -> tuple[pd.Series, np.ndarray]:
    """Return the values, and which cells hold something that is none."""
    if kind == "text":
        return pd.Series(cells.to_pylist(), dtype="str"), np.zeros(len(cells), dtype=bool)
    filled = np.asarray(cells.is_valid())
    if kind == "date":
        times = parse_times(cells.fill_null(""), study_zone="UTC", years=_YEARS, where=where)
        return pd.Series(times.values), times.unread
    values = pd.Series([number(cell or "") for cell in cells.to_pylist()], dtype="float64")
    return values, filled & values.isna().to_numpy()


def _unread(cells: pa.Array, wrong: np.ndarray, kind: str, where: str) -> Iterator[Problem]:
    for row in np.flatnonzero(wrong).tolist():
        yield Problem(
            code=f"not_a_{kind}",
            where=f"{where}, row {row + 1}",
            what=f"the cell is no {kind}",
            got=repr(cells[row].as_py()),
            expected=_EXPECTED[kind],
        )
