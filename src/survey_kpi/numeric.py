"""Small numerical tools that several rooms of statistics share: arrays in, arrays out, scalars stay scalars.

Examples
--------
>>> round(critical_value(0.95), 4), round(critical_value(0.95, df=15), 4)
(1.96, 2.1314)
>>> wilson_bounds(41.0, 50.0, critical_value(0.95))
Interval(low=0.69..., high=0.90...)
"""

from __future__ import annotations

import math
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import SpecError

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int64]
Array: TypeAlias = npt.NDArray[Any]

N = TypeVar("N", float, Array)
"""A number or an array of numbers: what goes in as a scalar comes out as a builtin float."""


class Interval(NamedTuple, Generic[N]):
    """Lower and upper end of an interval, or of many."""

    low: N
    high: N


def plain(values: npt.ArrayLike) -> Any:
    """Return a builtin float for a single number and the float array otherwise."""
    array = np.asarray(values, dtype=float)
    return float(array) if array.ndim == 0 else array


def check_share(name: str, value: float) -> float:
    """Return a level or probability that lies strictly between 0 and 1.

    Raises
    ------
    SpecError
        `level_range`: it does not.
    """
    if not 0 < value < 1:
        raise SpecError(
            "level_range", where=name, what="a level is a share of 1", got=value, expected="between 0 and 1"
        )
    return value


def critical_value(conf_level: float = 0.95, df: npt.ArrayLike = math.inf) -> Any:
    """Two-sided critical value of Student's t, or of the normal where `df` is infinite; NaN where df <= 0.

    Parameters
    ----------
    conf_level
        Level of the interval, a share.
    df
        Degrees of freedom; scalar or array.
    """
    return quantile_t((1 + check_share("conf_level", conf_level)) / 2, df)


def quantile_t(probability: npt.ArrayLike, df: npt.ArrayLike = math.inf) -> Any:
    """Quantile of Student's t, of the normal where `df` is infinite, NaN where df <= 0."""
    p, nu = np.broadcast_arrays(np.asarray(probability, dtype=float), np.asarray(df, dtype=float))
    finite = special.stdtrit(np.where(np.isfinite(nu) & (nu > 0), nu, np.nan), p)
    return plain(np.where(np.isposinf(nu), special.ndtri(p), finite))


def two_sided_p(statistic: npt.ArrayLike, df: npt.ArrayLike = math.inf) -> Any:
    """Two-sided p value of a statistic with Student's t distribution; the normal where `df` is infinite."""
    t, nu = np.broadcast_arrays(np.asarray(statistic, dtype=float), np.asarray(df, dtype=float))
    finite = special.stdtr(np.where(np.isfinite(nu) & (nu > 0), nu, np.nan), -np.abs(t))
    return plain(2 * np.where(np.isposinf(nu), special.ndtr(-np.abs(t)), finite))


def wilson_bounds(successes: npt.ArrayLike, n: npt.ArrayLike, z: npt.ArrayLike) -> Interval[Any]:
    """Wilson score interval of a share; [0, 1] without cases.

    Parameters
    ----------
    successes, n
        Counts, or effective counts of a weighted sample.
    z
        Critical value.

    Notes
    -----
    The ends are written so that 0 of n starts at exactly 0 and n of n ends at exactly 1.
    """
    x, cases, z2 = np.asarray(successes, float), np.asarray(n, float), np.square(np.asarray(z, float))
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where(cases > 0, x * (cases - x) / np.where(cases > 0, cases, 1), 0)
    half = np.sqrt(z2 * (spread + z2 / 4))
    low = np.where(x <= 0, 0.0, (x + z2 / 2 - half) / (cases + z2))
    high = np.where(x >= cases, 1.0, (x + z2 / 2 + half) / (cases + z2))
    return Interval(plain(low), plain(high))


def nps_moments(
    promoters: FloatArray, passives: FloatArray, detractors: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Answers, NPS as a share and the variance of one answer; NaN without answers."""
    n = promoters + passives + detractors
    base = np.where(n > 0, n, np.nan)
    score = (promoters - detractors) / base
    return n, score, np.maximum((promoters + detractors) / base - score**2, 0)


def adjusted_wald(
    promoters: FloatArray,
    passives: FloatArray,
    detractors: FloatArray,
    z: npt.ArrayLike,
    *,
    added: float = 3.0,
    share: float = 1 / 4,
) -> Interval[Any]:
    """Wald interval of the NPS, as shares, after adding answers: not clipped.

    Parameters
    ----------
    promoters, passives, detractors
        Counts, or effective counts of a weighted sample.
    z
        Critical value.
    added, share
        Answers added in all, and the share of them that goes to promoters and to detractors each.
    """
    extra = added * share
    n, score, variance = nps_moments(promoters + extra, passives + added - 2 * extra, detractors + extra)
    half = np.asarray(z) * np.sqrt(variance / np.where(n > 0, n, np.nan))
    return Interval(score - half, score + half)


def beta_bounds(successes: npt.ArrayLike, n: npt.ArrayLike, tail: float) -> Interval[Any]:
    """Clopper-Pearson interval of a share with probability `tail` outside each end.

    Parameters
    ----------
    successes, n
        Counts, or effective counts of a weighted sample.
    tail
        Probability beyond each end, .025 for a 95 % interval.
    """
    x, cases = np.asarray(successes, float), np.asarray(n, float)
    failures = cases - x
    low = special.betaincinv(np.where(x > 0, x, 1), failures + 1, tail)
    high = special.betaincinv(x + 1, np.where(failures > 0, failures, 1), 1 - tail)
    return Interval(plain(np.where(x > 0, low, 0.0)), plain(np.where(failures > 0, high, 1.0)))


def fit_logit(X: FloatArray, successes: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Maximum likelihood of a logit model of counts by Newton's method.

    Parameters
    ----------
    X
        (rows, p) columns of full rank.
    successes, n
        (rows,) successes among cases; weights and weighted answers do as well.

    Returns
    -------
    tuple or None
        Coefficients and information matrix; None where columns separate successes from failures, so that
        there is no maximum.

    Examples
    --------
    >>> beta, _ = fit_logit(np.ones((1, 1)), np.array([41.0]), np.array([50.0]))
    >>> beta.round(4).tolist()
    [1.5163]
    """
    beta = np.zeros(X.shape[1])
    for _ in range(50):
        p = special.expit(X @ beta)
        information = (X * (n * p * (1 - p))[:, None]).T @ X
        if np.linalg.cond(information) > 1e14:
            return None
        step = np.linalg.solve(information, X.T @ (successes - n * p))
        beta = np.asarray(beta + step, dtype=float)
        if np.abs(step).max() < 1e-10:
            return beta, np.asarray(information, dtype=float)
    return None
