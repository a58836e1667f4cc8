"""Regression under a design: linear, logit and ordered logit, with design-based standard errors.

Estimates solve the weighted likelihood equations; the variance is that of the total of their influence
functions under the design (Binder 1983), so weights, strata, clusters and calibration all count.

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> fit = linear_model(declare_design(4), [1, 3, 5, 8], {"x": [0, 1, 2, 3]})
>>> fit.names, fit.value.round(3).tolist()
(('(Intercept)', 'x'), [0.8, 2.3])
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.designs.design import Design
from survey_kpi.errors import MethodError
from survey_kpi.numeric import Array, FloatArray, Interval, critical_value, fit_logit, two_sided_p

INTERCEPT: Final = "(Intercept)"
STEPS: Final = 50
STILL: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coefficients:
    """Coefficients of a model under a design.

    Parameters
    ----------
    names, value
        Coefficients in order.
    covariance
        Design-based covariance matrix.
    df
        Degrees of freedom of the design minus the number of coefficients beside the intercept.
    n
        Rows that entered.
    """

    names: tuple[str, ...]
    value: FloatArray
    covariance: FloatArray
    df: float
    n: int

    @property
    def std_error(self) -> FloatArray:
        """Standard errors in order."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def p_value(self) -> FloatArray:
        """Two-sided p values of the coefficients."""
        return np.asarray(two_sided_p(self.value / self.std_error, self.df))

    def interval(self, conf_level: float = 0.95) -> Interval[Array]:
        """t intervals of the coefficients."""
        half = critical_value(conf_level, self.df) * self.std_error
        return Interval(self.value - half, self.value + half)


def _complete(
    design: Design, y: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike]
) -> tuple[FloatArray, FloatArray, FloatArray, npt.NDArray[np.bool_]]:
    """Return y, X, weights summing to n and the rows that are complete; 0 in the others."""
    X = np.column_stack([np.asarray(column, dtype=float) for column in columns.values()])
    scores = np.asarray(y, dtype=float)
    inside = ~np.isnan(scores) & ~np.isnan(X).any(axis=1) & (design.weight != 0)
    weight = np.where(inside, design.weight, 0.0)
    weight = weight * inside.sum() / weight.sum()
    return np.where(inside, scores, 0.0), np.where(inside[:, None], X, 0.0), weight, inside


def _sandwich(
    design: Design,
    scores: FloatArray,
    information: FloatArray,
    inside: npt.NDArray[np.bool_],
    names: tuple[str, ...],
    value: FloatArray,
    used: int,
) -> Coefficients:
    """Covariance of the estimates from (rows, p) likelihood scores and the weighted information."""
    scale = float(design.weight[inside].sum() / inside.sum())
    influence = scores @ np.linalg.inv(information) / scale
    sums = design.sums(influence, domain=inside)
    return Coefficients(
        names=names,
        value=value,
        covariance=sums.covariance(),
        df=float(sums.df) - used,
        n=int(inside.sum()),
    )


def _check_rank(X: FloatArray, names: tuple[str, ...]) -> None:
    rank = int(np.linalg.matrix_rank(X))
    if rank < X.shape[1]:
        raise MethodError(
            "collinear",
            where="model",
            what="the columns are linearly dependent",
            got=f"rank {rank} of {X.shape[1]} columns {', '.join(names)}",
            hint="drop a column that the others determine",
        )


def linear_model(design: Design, y: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike]) -> Coefficients:
    """Weighted linear regression with an intercept.

    Parameters
    ----------
    design
        Design.
    y
        Response of each row; rows with a missing value stay in the design and contribute zero.
    columns
        Numeric columns by name.

    Raises
    ------
    MethodError
        `collinear`: the columns determine each other.

    Notes
    -----
    R: `svyglm(y ~ x, design)`.
    """
    y_, X, weight, inside = _complete(design, y, columns)
    X = np.column_stack([inside, X])
    names = (INTERCEPT, *columns)
    _check_rank(X[inside], names)
    information = (X * weight[:, None]).T @ X
    value = np.asarray(np.linalg.solve(information, X.T @ (weight * y_)), dtype=float)
    scores = X * (y_ - X @ value)[:, None]
    return _sandwich(design, scores, information, inside, names, value, len(columns))


def logit_model(design: Design, y: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike]) -> Coefficients:
    """Weighted logistic regression of y in {0, 1} with an intercept, by Newton's method.

    Parameters are those of `linear_model`.

    Raises
    ------
    MethodError
        `collinear`; `not_converged`: the columns separate zeros from ones.

    Notes
    -----
    R: `svyglm(y ~ x, design, family = quasibinomial())`.
    """
    y_, X, weight, inside = _complete(design, y, columns)
    X = np.column_stack([inside, X])
    names = (INTERCEPT, *columns)
    _check_rank(X[inside], names)
    fit = fit_logit(X, weight * y_, weight)
    if fit is None:
        raise MethodError(
            "not_converged",
            where="logit_model",
            what="the likelihood has no maximum: the columns separate zeros from ones",
            got=", ".join(names),
        )
    value, information = fit
    scores = X * (y_ - special.expit(X @ value))[:, None]
    return _sandwich(design, scores, information, inside, names, value, len(columns))


# --- ordered logit ------------------------------------------------------------------------------------


def ordinal_model(design: Design, y: npt.ArrayLike, columns: Mapping[str, npt.ArrayLike]) -> Coefficients:
    """Weighted ordered logit (proportional odds), log odds of P(Y <= k) = threshold_k - X b.

    Parameters
    ----------
    design, columns
        As in `linear_model`.
    y
        Ordered score of each row; its distinct values are the categories.

    Returns
    -------
    Coefficients
        First those of the columns, then the thresholds named `low|next`.

    Raises
    ------
    MethodError
        `collinear`; `no_variation`: fewer than two categories; `not_converged`.

    Notes
    -----
    R: `svyolr(y ~ x, design)`.
    """
    y_, X, weight, inside = _complete(design, y, columns)
    levels, code = np.unique(y_[inside], return_inverse=True)
    if levels.size < 2:
        raise MethodError(
            "no_variation", where="ordinal_model", what="y takes one value only", got=levels.tolist()
        )
    _check_rank(np.column_stack([np.ones(int(inside.sum())), X[inside]]), (INTERCEPT, *columns))
    category = np.zeros(design.rows, dtype=np.int64)
    category[inside] = code
    fit = _Ordinal(X=X, category=category, weight=weight, columns=len(columns))
    value = fit.maximum()
    names = (*columns, *(f"{low:g}|{high:g}" for low, high in pairwise(levels)))
    scores = fit.scores(value) * inside[:, None]
    return _sandwich(design, scores, fit.information(value), inside, names, value, len(columns))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ordinal:
    """Likelihood of the ordered logit; parameters are the slopes, then the thresholds."""

    X: FloatArray
    category: npt.NDArray[np.int64]
    weight: FloatArray
    columns: int

    @property
    def thresholds(self) -> int:
        return int(self.category.max())

    def _ends(self, value: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Linear predictors at the upper and lower threshold of each row's category."""
        padded = np.concatenate([[-np.inf], value[self.columns :], [np.inf]])
        linear = self.X @ value[: self.columns]
        return padded[self.category + 1] - linear, padded[self.category] - linear

    def loss(self, value: FloatArray) -> float:
        """Negative weighted log likelihood; infinite where thresholds are out of order."""
        upper, lower = self._ends(value)
        chance = special.expit(upper) - special.expit(lower)
        if np.any((chance <= 0) & (self.weight > 0)):
            return np.inf
        return -float(self.weight @ np.log(np.where(self.weight > 0, chance, 1)))

    def scores(self, value: FloatArray) -> FloatArray:
        """(rows, p) derivatives of each row's log likelihood."""
        upper, lower = self._ends(value)
        chance = special.expit(upper) - special.expit(lower)
        slope_up, slope_low = (special.expit(end) * special.expit(-end) for end in (upper, lower))
        indicator = np.eye(self.thresholds + 2)
        by_threshold = (
            slope_up[:, None] * indicator[self.category + 1] - slope_low[:, None] * indicator[self.category]
        )
        by_slope = -(slope_up - slope_low)[:, None] * self.X
        result: FloatArray = np.column_stack([by_slope, by_threshold[:, 1:-1]]) / chance[:, None]
        return result

    def information(self, value: FloatArray) -> FloatArray:
        """Weighted observed information by central differences of the exact scores."""
        size = np.full(value.size, 1e-3)
        rows = [
            (self.weight @ self.scores(value - step) - self.weight @ self.scores(value + step)) / (2 * h)
            for step, h in zip(np.diag(size), size, strict=True)
        ]
        matrix = np.array(rows, dtype=float)
        result: FloatArray = (matrix + matrix.T) / 2
        return result

    def maximum(self) -> FloatArray:
        """Newton's method with halved steps: the log likelihood is concave (Pratt 1981)."""
        share = np.cumsum(np.bincount(self.category, self.weight))[:-1] / self.weight.sum()
        value = np.concatenate([np.zeros(self.columns), special.logit(share)]).astype(float)
        for _ in range(STEPS):
            step = np.linalg.solve(self.information(value), self.weight @ self.scores(value))
            while self.loss(value + step) > self.loss(value) and np.abs(step).max() > STILL:
                step = step / 2
            value = np.asarray(value + step, dtype=float)
            if np.abs(step).max() < STILL:
                return value
        raise MethodError(
            "not_converged",
            where="ordinal_model",
            what="the likelihood has no maximum: the columns separate the categories",
            got=value.round(2).tolist(),
        )
