"""Respondent weights that reproduce known totals of numbers: linear and bounded calibration (GREG).

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> design = declare_design(3, weight=[10, 10, 10])
>>> calibrate(design, {"n": [1, 1, 1], "x": [1, 2, 3]}, {"n": 30, "x": 66}).weight.round(6).tolist()
[7.0, 10.0, 13.0]
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.designs.design import Design
from survey_kpi.designs.margins import TOLERANCE, Variables
from survey_kpi.errors import MethodError, Problem, SpecError, nearest
from survey_kpi.numeric import FloatArray

STEPS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LinearCalibration:
    """Calibration on numeric columns X with weights `base` before."""

    X: FloatArray
    base: FloatArray

    def residual(self, columns: FloatArray) -> FloatArray:
        """Residuals of the base-weighted regression on X."""
        weighted = self.X * self.base[:, None]
        beta = np.linalg.lstsq(weighted.T @ self.X, weighted.T @ columns, rcond=None)[0]
        return columns - self.X @ np.asarray(beta)


# Each distance: the factor g(u) on a weight, and its derivative.
DISTANCES: Final[dict[str, tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]]] = {
    "linear": (lambda u: 1 + u, np.ones_like),
    "raking": (np.exp, np.exp),
}
UNBOUNDED: Final = (-np.inf, np.inf)


def calibrate(
    design: Design,
    columns: Mapping[str, npt.ArrayLike],
    totals: Mapping[str, float],
    *,
    distance: str = "linear",
    bounds: tuple[float, float] = UNBOUNDED,
) -> Design:
    """Calibrate respondent weights to known totals of numeric columns.

    Parameters
    ----------
    design
        Design with base weights.
    columns
        Numeric columns by name, one value per row; a column of ones carries the population size.
    totals
        Known total of each column.
    distance
        "linear" (the generalised regression estimator; weights may turn negative) or "raking"
        (exponential, always positive).
    bounds
        Smallest and largest factor on a base weight.

    Returns
    -------
    Design
        Its standard errors know about the calibration.

    Raises
    ------
    MethodError
        `margin_levels`: columns and totals do not have the same names; `margin_missing`: missing values;
        `not_converged`: the totals cannot be met within the bounds; names the worst; `rows_differ`.
    SpecError
        `unknown_parameter`: no such distance.

    Notes
    -----
    Deville and Särndal (1992); R: `calibrate(design, formula, population, calfun = ..., bounds = ...)`.
    """
    X, target = _calibration_columns(design.rows, columns, totals)
    rule, slope = _distance(distance)
    factor = np.ones(design.rows)
    lagrange = np.zeros(X.shape[1])
    for _ in range(STEPS):
        achieved = X.T @ (design.weight * factor)
        if np.all(np.abs(target - achieved) <= 1e-12 * (1 + np.abs(target))):
            break
        u = X @ lagrange
        inside = (rule(u) > bounds[0]) & (rule(u) < bounds[1])
        jacobian = (X * (design.weight * slope(u) * inside)[:, None]).T @ X
        lagrange = lagrange + np.linalg.lstsq(jacobian, target - achieved, rcond=None)[0]
        factor = np.clip(rule(X @ lagrange), *bounds)
    _check_totals(X.T @ (design.weight * factor), target, list(columns), bounds)
    return design.with_weight(design.weight * factor, LinearCalibration(X=X, base=design.weight))


def _distance(name: str) -> tuple[Callable[[FloatArray], FloatArray], Callable[[FloatArray], FloatArray]]:
    if name not in DISTANCES:
        raise SpecError(
            "unknown_parameter",
            where="calibrate",
            what="there is no such distance",
            got=name,
            hint=nearest(name, DISTANCES),
        )
    return DISTANCES[name]


def _calibration_columns(
    rows: int, columns: Variables, totals: Mapping[str, float]
) -> tuple[FloatArray, FloatArray]:
    if list(columns) != list(totals):
        raise MethodError(
            "margin_levels",
            where="calibrate",
            what="columns and totals must have the same names in the same order",
            got=list(columns),
            expected=list(totals),
        )
    arrays = [np.asarray(column, dtype=float) for column in columns.values()]
    problems = [
        Problem(
            code="rows_differ",
            where=f"column '{name}'",
            what="wrong number of rows",
            got=len(a),
            expected=rows,
        )
        for name, a in zip(columns, arrays, strict=True)
        if len(a) != rows
    ]
    problems += [
        Problem(
            code="margin_missing",
            where=f"column '{name}'",
            what="rows without a value cannot be calibrated",
            got=f"{int(np.isnan(a).sum())} of {rows} rows",
        )
        for name, a in zip(columns, arrays, strict=True)
        if np.isnan(a).any()
    ]
    if problems:
        raise MethodError.collect(problems)
    return np.column_stack(arrays), np.array(list(totals.values()), dtype=float)


def _check_totals(
    achieved: FloatArray, target: FloatArray, names: list[str], bounds: tuple[float, float]
) -> None:
    gap = np.abs(achieved - target) / np.maximum(np.abs(target), 1)
    worst = int(gap.argmax())
    if not gap[worst] <= TOLERANCE:
        raise MethodError(
            "not_converged",
            where=f"total of '{names[worst]}'",
            what="the totals cannot all be met",
            got=f"{achieved[worst]:.9g}",
            expected=f"{target[worst]:.9g}",
            hint="widen the bounds, or drop a total" if bounds != UNBOUNDED else "drop a total",
        )
