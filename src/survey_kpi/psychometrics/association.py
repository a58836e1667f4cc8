"""Which items go together with a satisfied answer when the others are held fixed: binary and ordered logit.

Odds ratios describe who is satisfied, not what a change would bring.

Examples
--------
>>> import numpy as np
>>> rng = np.random.default_rng(3)
>>> a, b = rng.standard_normal((2, 500))
>>> found = ordered_logit(np.digitize(a + rng.logistic(size=500), [-1, 1]), {"a": a, "b": b})
>>> bool(found.p_value[0] < 0.001), found.names
(True, ('a', 'b'))
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from statsmodels.discrete.discrete_model import Logit
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from survey_kpi.errors import MethodError
from survey_kpi.numeric import Array, FloatArray, Interval, critical_value, two_sided_p

EVENTS: Final = 10
"""Cases of the rarer answer per coefficient below which odds ratios mislead (Peduzzi and others 1996)."""
RUNAWAY: Final = 15.0
"""Log odds per standard deviation of an item that no survey answers reach unless items separate them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Association:
    """Log odds ratio of a higher answer per unit of each item, the other items held fixed.

    Parameters
    ----------
    names
        Items.
    n, incomplete
        Complete answers used, and answers set aside because one of them is missing.
    value, std_error
        Log odds ratios and their standard errors.
    threshold, threshold_error
        Log odds of an answer not above each category but the last, where all items are 0; with two categories
        the negative of the usual intercept.
    log_likelihood
        Of the fit; the deviance is -2 times it.
    """

    names: tuple[str, ...]
    n: int
    incomplete: int
    value: FloatArray
    std_error: FloatArray
    threshold: FloatArray
    threshold_error: FloatArray
    log_likelihood: float

    @property
    def odds_ratio(self) -> FloatArray:
        """Odds ratio per unit of the item."""
        return np.exp(self.value)

    @property
    def p_value(self) -> FloatArray:
        """Two-sided p value of each item by the normal distribution (Wald)."""
        return np.asarray(two_sided_p(self.value / self.std_error))

    def interval(self, conf_level: float = 0.95) -> Interval[Array]:
        """Wald interval of the log odds ratios."""
        half = critical_value(conf_level) * self.std_error
        return Interval(self.value - half, self.value + half)

    def odds_interval(self, conf_level: float = 0.95) -> Interval[Array]:
        """Wald interval of the odds ratios."""
        low, high = self.interval(conf_level)
        return Interval(np.exp(low), np.exp(high))


def binary_logit(
    satisfied: npt.ArrayLike, items: Mapping[str, npt.ArrayLike], *, events: float = EVENTS
) -> Association:
    """Logistic regression of satisfied (1) or not (0) on the items.

    Parameters
    ----------
    satisfied
        0 or 1 per answer, NaN where missing.
    items
        Answers by item, NaN where missing.
    events
        Cases of the rarer answer that each coefficient, the intercept among them, must have.

    Raises
    ------
    MethodError
        `no_variation`: all are satisfied, or none; `not_binary`; `overfitted`: too few cases of the rarer
        answer, show a table instead; `collinear`; `not_converged`: items separate the satisfied from the
        others.

    Notes
    -----
    R: `glm(satisfied ~ ., family = binomial)`. Through statsmodels, unweighted; survey designs have
    `survey_kpi.designs.models`.
    """
    y, X, incomplete = _complete(satisfied, items)
    if not np.isin(y, (0, 1)).all():
        raise MethodError("not_binary", where="binary_logit", what="answers are neither 0 nor 1",
                          got=np.unique(y)[:5].tolist())  # fmt: skip
    _check_events(y, len(items) + 1, events)
    centre, spread = X.mean(axis=0), X.std(axis=0)
    design = np.column_stack([(X - centre) / spread, np.full(len(X), -1.0)])  # the column of a threshold
    fit = _converged("binary_logit", Logit(y, design), len(items))
    return _association(items, fit, fit.params[-1:], np.eye(1), centre, spread, incomplete)


def ordered_logit(overall: npt.ArrayLike, items: Mapping[str, npt.ArrayLike]) -> Association:
    """Proportional odds model of an ordered answer on the items.

    Parameters
    ----------
    overall
        Ordered answer, NaN where missing; its distinct values are the categories.
    items
        Answers by item, NaN where missing.

    Raises
    ------
    MethodError
        `no_variation`: a single category; `collinear`; `not_converged`.

    Notes
    -----
    McCullagh (1980); R: `MASS::polr(factor(overall) ~ ., Hess = TRUE)`.
    """
    y, X, incomplete = _complete(overall, items)
    codes = np.unique(y, return_inverse=True)[1]
    centre, spread = X.mean(axis=0), X.std(axis=0)
    model = OrderedModel(codes, (X - centre) / spread, distr="logit")
    fit = _converged("ordered_logit", model, len(items))
    first, logs = fit.params[len(items)], fit.params[len(items) + 1 :]  # statsmodels keeps log increments
    threshold = np.cumsum([first, *np.exp(logs)])
    jacobian = np.tril(np.ones((threshold.size, threshold.size))) * [1.0, *np.exp(logs)]
    return _association(items, fit, threshold, jacobian, centre, spread, incomplete)


def _association(
    items: Mapping[str, npt.ArrayLike],
    fit: Any,
    threshold: FloatArray,
    jacobian: FloatArray,
    centre: FloatArray,
    spread: FloatArray,
    incomplete: int,
) -> Association:
    """Back from standardised items; `jacobian` is that of the thresholds by the fit's parameters of them."""
    slopes, covariance = fit.params[: len(items)], np.asarray(fit.cov_params(), dtype=float)
    moved = np.column_stack([np.tile(centre / spread, (len(threshold), 1)), jacobian])
    return Association(
        names=tuple(items),
        n=int(fit.nobs),
        incomplete=incomplete,
        value=np.asarray(slopes / spread, dtype=float),
        std_error=np.sqrt(covariance.diagonal()[: len(items)]) / spread,
        threshold=np.asarray(threshold + slopes @ (centre / spread), dtype=float),
        threshold_error=np.sqrt(np.einsum("ij,jk,ik->i", moved, covariance, moved)),
        log_likelihood=float(fit.llf),
    )


def _check_events(y: FloatArray, coefficients: int, least: float) -> None:
    rarer = float(min(y.sum(), y.size - y.sum()))
    if rarer < least * coefficients:
        raise MethodError(
            "overfitted",
            where="binary_logit",
            what="the rarer answer has too few cases for so many coefficients",
            got=f"{rarer:.0f} cases, {coefficients} coefficients",
            expected=f"at least {least:g} per coefficient",
            hint="drop an item, pool periods, or show a table",
        )


def _complete(
    overall: npt.ArrayLike, items: Mapping[str, npt.ArrayLike]
) -> tuple[FloatArray, FloatArray, int]:
    y = np.asarray(overall, dtype=float)
    X = np.column_stack([np.asarray(column, dtype=float) for column in items.values()])
    known = np.isfinite(y) & np.isfinite(X).all(axis=1)
    y, X = y[known], X[known]
    if np.unique(y).size < 2:
        raise MethodError("no_variation", where="logit", what="the complete answers all say the same",
                          got=np.unique(y).tolist())  # fmt: skip
    if np.linalg.matrix_rank(np.column_stack([np.ones(len(X)), X])) <= X.shape[1]:
        raise MethodError(
            "collinear",
            where="logit",
            what="the items are linearly dependent",
            got=", ".join(items),
            hint="drop an item that the others determine",
        )
    return y, X, int((~known).sum())


def _converged(where: str, model: Any, slopes: int) -> Any:
    """Fit by a quasi-Newton method; where items separate the answers, slopes run away until it gives up."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # separation warns on the way to the refusal below
            fit = model.fit(method="bfgs", disp=False, maxiter=500, gtol=1e-6)
    except (PerfectSeparationError, np.linalg.LinAlgError):
        fit = None
    found = fit is not None and fit.mle_retvals["converged"] and np.isfinite(fit.bse).all()
    if not found or np.abs(fit.params[:slopes]).max() > RUNAWAY:
        raise MethodError(
            "not_converged",
            where=where,
            what="the likelihood has no maximum: the items separate the answers",
            hint="take fewer items, or more answers",
        )
    return fit
