"""The subjects x indicators table that data methods weigh: checked once, normalised one way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem
from survey_kpi.indicator_weights.result import Matrix
from survey_kpi.numeric import BoolArray

Ends = Mapping[str, tuple[float, float]]

DIRECTIONS = ("higher", "lower", "ignored")
LARGEST = 1e100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
    """A complete table of finite numbers.

    Parameters
    ----------
    labels
        Indicators, one per column.
    values
        Subjects x indicators.
    lower
        Columns in which less is better; False where the direction is ignored by name.
    low, high
        Minimum and maximum of each column.
    """

    labels: tuple[str, ...]
    values: Matrix
    lower: BoolArray
    low: Matrix
    high: Matrix

    @property
    def constant(self) -> BoolArray:
        """Columns whose values are all equal, told by max = min and not by a rounded variance."""
        same: BoolArray = self.low == self.high
        return same

    def name(self, columns: BoolArray) -> str:
        """Names of the marked columns."""
        return ", ".join(label for label, marked in zip(self.labels, columns, strict=True) if marked)


def read_table(
    data: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    directions: Collection[str] = DIRECTIONS,
    minimum_rows: int = 2,
) -> Table:
    """Check a table before it is weighed.

    Parameters
    ----------
    data
        One row per subject, one column per indicator.
    direction
        "higher" (more is better), "lower" or "ignored" for every column; required, because papers differ.
    directions
        Those of the three words that the method can honour.

    Raises
    ------
    MethodError
        `labels_repeated`, `direction_missing`, `too_few_subjects`, `missing_cell` for every cell without a
        finite number, `no_variation` when every column is constant.

    Examples
    --------
    >>> table = read_table(pd.DataFrame({"a": [1, 2], "b": [4, 4]}), {"a": "higher", "b": "lower"})
    >>> table.labels, table.name(table.constant)
    (('a', 'b'), 'b')
    """
    labels = _labels(data)
    lower = _lower(labels, direction, directions)
    values, low, high = _measured(data, minimum_rows)
    table = Table(labels=labels, values=values, lower=lower, low=low, high=high)
    if table.constant.all():
        raise MethodError(
            "no_variation",
            where=f"indicator table: {', '.join(labels)}",
            what="every indicator is constant, so their spread cannot weigh them",
            expected="at least one indicator that differs between subjects",
        )
    return table


def checked_matrix(data: pd.DataFrame, *, minimum_rows: int = 2) -> Matrix:
    """Return the subjects x indicators matrix as floats, or say which cell is unfit.

    Raises
    ------
    MethodError
        `too_few_subjects`; `missing_cell` for every cell without a finite number and `cell_too_large` for
        every one beyond 1e100, naming subject and indicator.
    """
    return _measured(data, minimum_rows)[0]


def _measured(data: pd.DataFrame, minimum_rows: int) -> tuple[Matrix, Matrix, Matrix]:
    """Values with the minimum and maximum of each column, in which an unfit cell shows."""
    if len(data) < minimum_rows:
        raise MethodError(
            "too_few_subjects",
            where="indicator table",
            what="weights from data need several subjects",
            got=len(data),
            expected=f"at least {minimum_rows}",
        )
    values = numbers(data)
    low, high = values.min(axis=0), values.max(axis=0)
    if not (np.maximum(np.abs(low), np.abs(high)) <= LARGEST).all():
        cells = zip(*np.nonzero(~(np.abs(values) <= LARGEST)), strict=True)
        raise MethodError.collect(_unfit(data, values, int(row), int(column)) for row, column in cells)
    return values, low, high


def _unfit(data: pd.DataFrame, values: Matrix, row: int, column: int) -> Problem:
    finite = bool(np.isfinite(values[row, column]))
    return Problem(
        code="cell_too_large" if finite else "missing_cell",
        where=f"indicator table: subject '{data.index[row]}', indicator '{data.columns[column]}'",
        what="the cell is too large to compute with" if finite else "the cell has no finite number",
        got=data.iloc[row, column],
        expected=f"at most {LARGEST:g}" if finite else "a number",
        hint="" if finite else "leave out subjects that are not measured on every indicator before weighting",
    )


def numbers(data: pd.DataFrame) -> Matrix:
    """Return the cells as floats, NaN where a cell is no number."""
    try:
        values: Matrix = data.to_numpy(dtype="float64", na_value=np.nan)
    except (TypeError, ValueError):  # text somewhere: what is no number becomes a named missing cell
        parsed = data.apply(pd.to_numeric, errors="coerce")
        values = parsed.to_numpy(dtype="float64", na_value=np.nan)
    return values


def _labels(data: pd.DataFrame) -> tuple[str, ...]:
    labels = tuple(map(str, data.columns))
    repeated = sorted({label for label in labels if labels.count(label) > 1})
    if repeated or not labels:
        raise MethodError(
            "labels_repeated",
            where="indicator table",
            what="every indicator needs a name of its own" if labels else "there is no indicator to weigh",
            got=", ".join(repeated) or None,
        )
    return labels


def _lower(labels: tuple[str, ...], direction: Mapping[str, str], directions: Collection[str]) -> BoolArray:
    bad = [
        Problem(
            code="direction_missing",
            where=f"indicator '{label}'",
            what="its direction is not declared in a way that this method can honour",
            got=direction.get(label),
            expected=" or ".join(f"'{word}'" for word in DIRECTIONS if word in directions),
        )
        for label in labels
        if direction.get(label) not in directions
    ]
    if bad:
        raise MethodError.collect(bad)
    return np.array([direction[label] == "lower" for label in labels])


def refuse_cells(table: Table, marked: BoolArray, *, code: str, what: str, expected: str, hint: str) -> None:
    """Raise one problem per marked column, with its smallest value.

    Raises
    ------
    MethodError
        With `code`, when any column is marked.
    """
    bad = [
        Problem(
            code=code,
            where=f"indicator '{label}'",
            what=what,
            got=float(low),
            expected=expected,
            hint=hint,
        )
        for label, low, wrong in zip(table.labels, table.low, marked, strict=True)
        if wrong
    ]
    if bad:
        raise MethodError.collect(bad)


def refuse_interval_scales(table: Table, interval_scales: Collection[str]) -> None:
    """Refuse ratios of indicators whose zero is a convention, such as NPS or degrees.

    Raises
    ------
    MethodError
        `no_true_zero` for every such indicator.
    """
    marked = np.array([label in interval_scales for label in table.labels])
    refuse_cells(
        table,
        marked,
        code="no_true_zero",
        what="its scale has no true zero, so its ratios mean nothing",
        expected="a ratio scale",
        hint="adding a constant would change these weights; use min_max normalisation",
    )


def refuse_negative(table: Table) -> None:
    """Refuse negative values, which have no share of a sum.

    Raises
    ------
    MethodError
        `negative_cell`.
    """
    refuse_cells(
        table,
        table.low < 0,
        code="negative_cell",
        what="a value is negative, so it has no share of a sum",
        expected="0 or more",
        hint="use min_max normalisation with ends that hold all values",
    )


def refuse_zero(table: Table, marked: BoolArray) -> None:
    """Refuse zeros in the marked columns, which would be divided by.

    Raises
    ------
    MethodError
        `negative_cell`, `zero_cell`.
    """
    refuse_negative(table)
    refuse_cells(
        table,
        marked & (table.low == 0),
        code="zero_cell",
        what="a value is zero and would be divided by",
        expected="more than 0",
        hint="use a method that takes min_max normalisation",
    )


def min_max_ends(table: Table, ends: Ends | None = None) -> tuple[Matrix, Matrix]:
    """Return the lower and upper end of each column: declared ones where given, else the sample's.

    Raises
    ------
    MethodError
        `ends_unknown`: ends for an indicator that is not there. `negative_cell`: a value lies outside them.
    """
    low, high = table.low.copy(), table.high.copy()
    unknown = sorted(set(ends or {}) - set(table.labels))
    if unknown:
        raise MethodError("ends_unknown", where="ends", what="no such indicator", got=", ".join(unknown))
    for label, pair in (ends or {}).items():
        column = table.labels.index(label)
        low[column], high[column] = min(pair), max(pair)
    outside = (table.low < low) | (table.high > high)
    refuse_cells(
        table,
        outside,
        code="negative_cell",
        what="a value lies outside the declared ends",
        expected="ends that hold all values",
        hint="declare wider ends",
    )
    return low, high


def min_max(table: Table, ends: Ends | None = None) -> Matrix:
    """Map each column to [0, 1], 1 being best; a column without range becomes ones."""
    return min_max_map(table, ends)(table.values)


def min_max_map(table: Table, ends: Ends | None = None) -> Callable[[Matrix], Matrix]:
    """Return the mapping of rows to [0, 1], so that long tables need not be copied whole."""
    low, high = min_max_ends(table, ends)
    span = np.where(high > low, high - low, 1.0)
    start = np.where(table.lower, high, low)
    slope = np.where(table.lower, -1.0, 1.0) / span
    flat = high == low

    def mapped(rows: Matrix) -> Matrix:
        unit: Matrix = (rows - start) * slope
        if flat.any():
            unit[:, flat] = 1.0
        return np.clip(unit, 0.0, 1.0, out=unit)

    return mapped


def inverted(table: Table, rows: Matrix) -> Matrix:
    """Replace lower-is-better columns by min / x, which is 1 at the best subject."""
    return np.where(table.lower, table.low / np.where(table.lower, rows, 1.0), rows)
