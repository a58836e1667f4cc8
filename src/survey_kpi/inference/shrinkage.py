"""Shrinkage of small samples toward the team: conjugate, by moments and by REML, all from sums.

Examples
--------
>>> shrunk = shrink_rates([10, 27, 90], [10, 30, 100], 80, 20)
>>> (100 * shrunk.value).round(2).tolist()
[81.82, 82.31, 85.0]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from survey_kpi.errors import MethodError
from survey_kpi.inference.reliability import between_variance, check_people
from survey_kpi.numeric import FloatArray, check_share, critical_value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shrunken:
    """Values drawn toward the team.

    Parameters
    ----------
    value, low, high
        Shrunken values with their intervals, in the unit of the scores.
    weight
        Share of each shrunken value that comes from the team: 1 without own answers.
    centre, between
        Mean and variance of the true values between people.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    weight: FloatArray
    centre: float
    between: float


def shrink_rates(
    successes: npt.ArrayLike, n: npt.ArrayLike, a: float, b: float, conf_level: float = 0.95
) -> Shrunken:
    """Posterior means of rates under a Beta(a, b) distribution between people.

    Parameters
    ----------
    successes, n
        Counts per person.
    a, b
        Parameters of the Beta distribution.
    conf_level
        Level of the equal-tailed posterior interval.

    Raises
    ------
    MethodError
        `counts_invalid`; `prior_range`: a or b is not above 0.
    """
    x, cases = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    if not np.all((x >= 0) & (x <= cases)):
        raise MethodError(
            "counts_invalid", where="shrink_rates", what="counts must satisfy 0 <= successes <= n"
        )
    _check_prior(a, b)
    tail = (1 - check_share("conf_level", conf_level)) / 2
    alpha, beta = x + a, cases - x + b
    return Shrunken(
        value=alpha / (alpha + beta),
        low=special.betaincinv(alpha, beta, tail),
        high=special.betaincinv(alpha, beta, 1 - tail),
        weight=(a + b) / (a + b + cases),
        centre=a / (a + b),
        between=a * b / ((a + b) ** 2 * (a + b + 1)),
    )


def shrink_counts(
    counts: npt.ArrayLike, exposure: npt.ArrayLike, shape: float, rate: float, conf_level: float = 0.95
) -> Shrunken:
    """Posterior means of rates per unit of exposure under a Gamma(shape, rate) distribution between people.

    Raises
    ------
    MethodError
        `counts_invalid`; `prior_range`.

    Examples
    --------
    >>> shrink_counts([0, 12], [10, 10], 5, 10).value.tolist()
    [0.25, 0.85]
    """
    x, base = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    if not np.all((x >= 0) & (base >= 0)):
        raise MethodError(
            "counts_invalid", where="shrink_counts", what="counts and exposure must not be negative"
        )
    _check_prior(shape, rate)
    tail = (1 - check_share("conf_level", conf_level)) / 2
    return Shrunken(
        value=(x + shape) / (base + rate),
        low=special.gammaincinv(x + shape, tail) / (base + rate),
        high=special.gammaincinv(x + shape, 1 - tail) / (base + rate),
        weight=rate / (base + rate),
        centre=shape / rate,
        between=shape / rate**2,
    )


def _check_prior(*parameters: float) -> None:
    if not all(parameter > 0 for parameter in parameters):
        raise MethodError(
            "prior_range", where="shrinkage", what="parameters of the prior must be above 0", got=parameters
        )


# --- means --------------------------------------------------------------------------------------------


def pooled_variance(n: npt.ArrayLike, variance: npt.ArrayLike) -> float:
    """Variance of one answer within people, pooled over those with at least two answers.

    Examples
    --------
    >>> pooled_variance([3, 5, 1], [1.0, 2.0, float("nan")])
    1.6666666666666667
    """
    cases, spread = np.asarray(n, dtype=float), np.asarray(variance, dtype=float)
    used = cases > 1
    if not used.any():
        raise MethodError(
            "too_few_subjects", where="pooled_variance", what="nobody has two answers", got=cases.tolist()[:5]
        )
    return float(np.sum((cases[used] - 1) * spread[used]) / np.sum(cases[used] - 1))


def shrink_means(value: npt.ArrayLike, std_error: npt.ArrayLike, conf_level: float = 0.95) -> Shrunken:
    """Empirical-Bayes means with DerSimonian and Laird's moment estimate of the variance between people.

    Parameters
    ----------
    value, std_error
        Each person's mean and standard error; with few answers sqrt(`pooled_variance` / n).
    conf_level
        Level of the normal interval around the shrunken value; the error of the team's parameters is not
        in it.

    Raises
    ------
    MethodError
        `too_few_subjects`, `no_standard_error`.

    Examples
    --------
    >>> shrunk = shrink_means([80.0, 84.0, 70.0, 90.0], [4.0, 4.0, 4.0, 4.0])
    >>> shrunk.value.round(2).tolist()
    [80.23, 83.32, 72.49, 87.96]
    """
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    return _normal(y, error, between_variance(y, error), conf_level)


def _normal(y: FloatArray, error: FloatArray, between: float, conf_level: float) -> Shrunken:
    """Shrink normal values; the team's mean is the precision-weighted one."""
    precision = 1 / (error**2 + between)
    centre = float(np.sum(precision * y) / np.sum(precision))
    weight = error**2 * precision
    posterior = centre + (1 - weight) * (y - centre)
    half = critical_value(conf_level) * np.sqrt(between * weight)
    return Shrunken(
        value=posterior,
        low=posterior - half,
        high=posterior + half,
        weight=weight,
        centre=centre,
        between=between,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RandomIntercept:
    """Fit of the model y = centre + person + error: variances between and within, and shrunken means."""

    within: float
    shrunken: Shrunken


def random_intercept(
    n: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike, conf_level: float = 0.95
) -> RandomIntercept:
    """Restricted maximum likelihood of the random-intercept model, from each person's sums.

    Parameters
    ----------
    n, mean, variance
        Answers, mean and sample variance (divisor n - 1; NaN where n = 1) of each person.
    conf_level
        Level of the intervals of the shrunken means.

    Raises
    ------
    MethodError
        `too_few_subjects`: fewer than two people, or nobody with two answers.

    Notes
    -----
    R: `nlme::lme(y ~ 1, random = ~ 1 | person, method = "REML")`. The likelihood is profiled over the ratio
    of the two variances.

    Examples
    --------
    >>> fit = random_intercept([5, 5, 5], [3.0, 4.0, 5.0], [1.0, 1.0, 1.0])
    >>> round(fit.within, 4), round(fit.shrunken.between, 4)
    (1.0, 0.8)
    """
    cases, y, spread = (np.asarray(column, dtype=float) for column in (n, mean, variance))
    check_people(y, np.ones(y.size))
    pooled_variance(cases, spread)
    squares = float(np.sum((cases - 1) * np.where(cases > 1, spread, 0)))
    freedom = float(cases.sum()) - 1

    def within(ratio: float) -> float:
        """Residual variance at a ratio of between to within."""
        weight = cases / (1 + cases * ratio)
        centre = np.sum(weight * y) / np.sum(weight)
        return float((squares + np.sum(weight * (y - centre) ** 2)) / freedom)

    def loss(log_ratio: float) -> float:
        ratio = np.exp(log_ratio)
        weight = cases / (1 + cases * ratio)
        return float(
            freedom * np.log(within(ratio)) + np.sum(np.log1p(cases * ratio)) + np.log(np.sum(weight))
        )

    found = optimize.minimize_scalar(loss, bounds=(-20, 10), method="bounded", options={"xatol": 1e-10})
    ratio = float(np.exp(found.x)) if loss(float(found.x)) < loss(-30.0) else 0.0
    residual = within(ratio)
    error = np.sqrt(residual / cases)
    return RandomIntercept(within=residual, shrunken=_normal(y, error, ratio * residual, conf_level))
