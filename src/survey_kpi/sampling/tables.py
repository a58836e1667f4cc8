"""What the modules of this room ask of a table before they look at its cells."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable

import pandas as pd

from survey_kpi.errors import Problem, SchemaError, nearest


def missing_columns(table: pd.DataFrame, names: Iterable[str], where: str) -> list[Problem]:
    """Return a problem `column_missing` for each column that the table lacks, with the nearest name."""
    return [
        Problem(
            code="column_missing",
            where=where,
            what=f"column '{name}' is missing",
            hint=nearest(name, map(str, table.columns)),
        )
        for name in names
        if name not in table.columns
    ]


def require_columns(table: pd.DataFrame, names: Iterable[str], where: str) -> None:
    """Refuse a table that lacks columns.

    Raises
    ------
    SchemaError
        `column_missing`, for all of them at once.
    """
    if problems := missing_columns(table, names, where):
        raise SchemaError.collect(problems)


def text_of(value: Hashable) -> str:
    """Return an identifier as text without surrounding blanks; "" for what is missing.

    Examples
    --------
    >>> [text_of(value) for value in (" c1 ", 7, None, float("nan"), pd.NaT)]
    ['c1', '7', '', '', '']
    """
    missing = value is None or value is pd.NA or value is pd.NaT
    missing |= isinstance(value, float) and math.isnan(value)  # numpy's double is a float
    return "" if missing else str(value).strip()


def texts(column: pd.Series) -> pd.Series:
    """Return a column of identifiers as text, "" where missing."""
    return column.map(text_of).astype("str")
