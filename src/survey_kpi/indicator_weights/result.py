"""What every weighting method returns, and the checks that all of them share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_kpi.errors import MethodError, Problem

Matrix = NDArray[np.float64]

SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A doubt about a method or its data that the report prints."""

    code: str
    message: str
    value: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorWeights:
    """Indicator weights with the method and variant that made them.

    Parameters
    ----------
    values
        Indicator label to weight; full precision, non-negative, sum 1 within 1e-9.
    method, variant
        Name of the method and of the choices that change its numbers, as printed beside every table.
    statistics
        Method's own numbers by name (entropy per indicator, λ max, consistency ratio, …).
    diagnostics
        Doubts that the report prints.
    """

    values: Mapping[str, float]
    method: str
    variant: str = ""
    statistics: Mapping[str, float] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        total = math.fsum(self.values.values())
        if min(self.values.values(), default=0) < 0 or abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"indicator weights must be non-negative and sum to 1; got {dict(self.values)}")

    @property
    def labels(self) -> tuple[str, ...]:
        """Indicator labels in order."""
        return tuple(self.values)

    def as_series(self) -> pd.Series:
        """Return the weights as a labelled series."""
        return pd.Series(dict(self.values), name="indicator_weight", dtype="float64")


def labelled(weights: Matrix, labels: tuple[str, ...] | list[str]) -> dict[str, float]:
    """Pair labels with builtin floats."""
    return dict(zip(labels, map(float, weights), strict=True))


def checked_matrix(data: pd.DataFrame, *, minimum_rows: int = 2) -> Matrix:
    """Return the subjects x indicators matrix as floats, or say which cell is unfit.

    Raises
    ------
    MethodError
        `too_few_subjects`, or `missing_cell` for every NaN or infinite cell, naming subject and indicator.
    """
    if len(data) < minimum_rows:
        raise MethodError(
            "too_few_subjects",
            where="indicator table",
            what="weights from data need several subjects",
            got=len(data),
            expected=f"at least {minimum_rows}",
        )
    values = data.to_numpy(dtype="float64", na_value=np.nan)
    bad = [
        Problem(
            code="missing_cell",
            where=f"indicator table: subject '{data.index[row]}', indicator '{data.columns[column]}'",
            what="the cell has no finite number",
            got=values[row, column],
            expected="a number",
            hint="leave out subjects that are not measured on every indicator before weighting",
        )
        for row, column in zip(*np.nonzero(~np.isfinite(values)), strict=True)
    ]
    if bad:
        raise MethodError.collect(bad)
    return values
