"""Tables beside the responses: people, judgements; as text with declared kinds of columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from survey_kpi.errors import Problem, SchemaError, nearest
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.plain import cells_of

KINDS = ("text", "date", "number")


def read_table(path: Path, columns: Mapping[str, str]) -> pd.DataFrame:
    """Read a CSV or XLSX table with one header row.

    Parameters
    ----------
    path
        The file.
    columns
        Name of each wanted column, and its kind: text, date (ISO 8601) or number. Others are left out.

    Returns
    -------
    DataFrame
        The wanted columns in the order given; empty cells are missing.

    Raises
    ------
    SchemaError
        All problems of the file at once: `column_missing`, `duplicate_column`, `not_a_number`,
        `not_a_date`, each with its line; and those of opening it.
    """
    where = path.name
    grid = cells_of(open_export(path, where=where, options=Options()))
    headers = [header.strip() for header in grid.rows[0]] if grid.rows else []
    problems = [*_absent(headers, columns, where), *_doubled(headers, columns, where)]
    if problems:
        raise SchemaError.collect(problems)
    raw = pd.DataFrame(grid.rows[1:], columns=headers, dtype="str")[list(columns)]
    raw = raw.apply(lambda column: column.str.strip().replace("", None))
    table = pd.DataFrame({name: _parsed(raw[name], kind) for name, kind in columns.items()})
    unread = [
        problem for name, kind in columns.items() for problem in _unread(raw[name], table[name], kind, where)
    ]
    if unread:
        raise SchemaError.collect(unread)
    return table


def _parsed(cells: pd.Series, kind: str) -> pd.Series:
    if kind == "date":
        return pd.to_datetime(cells, format="ISO8601", errors="coerce").dt.as_unit("us")
    return pd.to_numeric(cells, errors="coerce").astype("float64") if kind == "number" else cells


def _absent(headers: Sequence[str], columns: Mapping[str, str], where: str) -> list[Problem]:
    return [
        Problem(
            code="column_missing",
            where=where,
            what=f"column '{name}' is missing",
            got=", ".join(headers[:12]) or "an empty file",
            hint=nearest(name, headers),
        )
        for name in columns
        if name not in headers
    ]


def _doubled(headers: Sequence[str], columns: Mapping[str, str], where: str) -> list[Problem]:
    return [
        Problem(code="duplicate_column", where=where, what=f"column '{name}' stands there more than once")
        for name in columns
        if headers.count(name) > 1
    ]


def _unread(raw: pd.Series, parsed: pd.Series, kind: str, where: str) -> list[Problem]:
    bad = raw.notna() & parsed.isna()
    expected = {"date": "a date such as 2026-07-01", "number": "a number"}
    return [
        Problem(
            code=f"not_a_{kind}",
            where=f"{where}, line {line + 2}, column '{raw.name}'",
            what=f"the cell is no {kind}",
            got=repr(raw.iloc[line]),
            expected=expected[kind],
        )
        for line in bad.to_numpy().nonzero()[0]
    ]
