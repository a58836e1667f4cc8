"""What the true value of an indicator may be, person by person, given everybody's answers.

Each function takes one value per person (NaN: not measured) and gives a `Marginal`, the quantile functions
of all people in the unit of the indicator. No state of a random generator enters: equal input, equal bytes.

Examples
--------
>>> team = rates([80.0, 90.0, float("nan")], [30, 30, 0], target=80.0)
>>> team.quantile([0.5]).round(1).tolist()
[[82.5], [85.4], [nan]]
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError
from survey_kpi.inference.mixtures import Posterior
from survey_kpi.inference.posterior import (
    count_posterior,
    flat_counts,
    flat_means,
    flat_rates,
    mean_posterior,
    rate_posterior,
)
from survey_kpi.inference.shrinkage import pooled_variance
from survey_kpi.inference.survival import kaplan_meier
from survey_kpi.numeric import Array, BoolArray, FloatArray

RESAMPLES: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marginal:
    """Distribution of the true values of people in one indicator.

    Parameters
    ----------
    measured
        (people,) whether there is a value.
    quantile
        Values at shares in (0, 1): (points,) or (people, points) to (people, points); NaN rows for the
        unmeasured, infinite where a duration is not reached.
    error_free
        Whether the values are points, without sampling error; they take no coordinate.
    prior
        Mean and spread (counts: coefficient of variation) of true values between people, averaged over the
        posterior of the grid; None where nobody is drawn toward the others.
    """

    measured: BoolArray
    quantile: Callable[[npt.ArrayLike], FloatArray]
    error_free: bool = False
    prior: tuple[float, float] | None = None


def _spread_over(
    measured: BoolArray,
    within: Callable[[npt.ArrayLike], FloatArray],
    prior: tuple[float, float] | None = None,
) -> Marginal:
    """Put the rows of the measured people back among all."""

    def quantile(shares: npt.ArrayLike) -> FloatArray:
        wanted = np.asarray(shares, dtype=float)
        found = np.full((measured.size, wanted.shape[-1]), np.nan)
        if measured.any():
            found[measured] = within(wanted[measured] if wanted.ndim == 2 else wanted)
        return found

    return Marginal(measured=measured, quantile=quantile, prior=prior)


def _of(
    posterior: Callable[[], Posterior], measured: BoolArray, unit: float = 1.0, *, shrunk: bool = True
) -> Marginal:
    if not measured.any():
        return _spread_over(measured, lambda shares: np.empty((0, np.shape(shares)[-1])))
    fitted = posterior()
    mean, spread = float(fitted.weight @ fitted.mean), float(fitted.weight @ fitted.spread)
    prior = (unit * mean, unit * spread) if shrunk else None
    return _spread_over(measured, lambda shares: unit * fitted.quantile(shares), prior)


# --- from estimates to counts -------------------------------------------------------------------------


def effective_counts(
    value: npt.ArrayLike, std_error: npt.ArrayLike, n_effective: npt.ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Successes and answers of a plain sample that would be as sure as a weighted, clustered or adjusted one.

    Parameters
    ----------
    value, std_error
        Share and standard error in percent.
    n_effective
        Kish effective sample size; used where the share is 0 or 100, or there is no standard error.

    Returns
    -------
    tuple
        x = p n_eff and n_eff = p (1 - p) / SE².

    Examples
    --------
    >>> x, n = effective_counts([80.0, 100.0], [7.302967, 0.0], [30.0, 12.0])
    >>> x.round(4).tolist(), n.round(4).tolist()
    ([24.0, 12.0], [30.0, 12.0])
    """
    p, error = np.asarray(value, dtype=float) / 100, np.asarray(std_error, dtype=float) / 100
    known = (p > 0) & (p < 1) & (error > 0)
    n = np.divide(p * (1 - p), error**2, out=np.array(n_effective, dtype=float), where=known)
    return p * n, n


def usable_errors(std_error: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Standard errors, with the pooled deviation within people ÷ √n where one is 0 or undefined (n = 1).

    Raises
    ------
    MethodError
        `too_few_subjects`: nobody has two answers; `no_standard_error`: nobody's answers differ.

    Examples
    --------
    >>> usable_errors([3.0, 0.0, float("nan")], [4, 4, 1]).round(3).tolist()
    [3.0, 2.121, 4.243]
    """
    error, cases = np.asarray(std_error, dtype=float), np.asarray(n, dtype=float)
    missing = ~(error > 0) & (cases > 0)
    if not missing.any():
        return error
    deviation = np.sqrt(pooled_variance(cases, np.where(cases > 1, error**2 * cases, 0)))
    if deviation == 0:
        raise MethodError(
            "no_standard_error",
            where="usable_errors",
            what="no person's answers differ, so that no error can be pooled",
            hint="declare the indicator error_free if it carries no sampling error",
        )
    return np.where(missing, deviation / np.sqrt(np.where(cases > 0, cases, 1)), error)


# --- the kinds ----------------------------------------------------------------------------------------


def rates(value: npt.ArrayLike, n: npt.ArrayLike, *, target: float, shrunk: bool = True) -> Marginal:
    """True rates in percent: full-Bayes Beta mixture centred on the target.

    Parameters
    ----------
    value
        Shares in percent, NaN where not measured.
    n
        Answers, or effective answers (`effective_counts`).
    target
        The indicator's target in percent.
    shrunk
        False: flat prior Beta(x + 1, n - x + 1), nobody drawn toward the others (for tiers).
    """
    p, cases = np.asarray(value, dtype=float) / 100, np.asarray(n, dtype=float)
    there = ~np.isnan(p)
    x, base = p[there] * cases[there], cases[there]
    if not shrunk:
        return _of(lambda: flat_rates(x, base), there, 100, shrunk=False)
    return _of(lambda: rate_posterior(x, base, target=target / 100), there, 100)


def means(
    value: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    target: float,
    scale: tuple[float, float],
    shrunk: bool = True,
) -> Marginal:
    """True means or NPS: normal mixture on a grid in steps of the scale's length, centred on the target.

    Parameters
    ----------
    value
        Means in the unit of the scale, NaN where not measured.
    std_error
        Above 0, see `usable_errors`.
    scale
        Ends of the scale: (-100, 100) for the NPS, (1, 5), (0, 10).
    shrunk
        False: normal(value, standard error), nobody drawn toward the others (for tiers).
    """
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    there = ~np.isnan(y)
    if not shrunk:
        return _of(lambda: flat_means(y[there], error[there], scale=scale), there, shrunk=False)
    return _of(lambda: mean_posterior(y[there], error[there], target=target, scale=scale), there)


def counts(value: npt.ArrayLike, exposure: npt.ArrayLike, *, target: float, shrunk: bool = True) -> Marginal:
    """True rates per unit of exposure behind counts: gamma mixture around the target.

    Parameters
    ----------
    value
        Rates (count ÷ exposure), NaN where not measured.
    exposure
        What the events are counted over, in the unit of the target's denominator.
    shrunk
        False: gamma(x + 1), nobody drawn toward the others (for tiers).
    """
    rate, base = np.asarray(value, dtype=float), np.asarray(exposure, dtype=float)
    there = ~np.isnan(rate)
    x, over = rate[there] * base[there], base[there]
    if not shrunk:
        return _of(lambda: flat_counts(x, over), there, shrunk=False)
    return _of(lambda: count_posterior(x, over, target=target), there)


def durations(
    cases: Sequence[tuple[npt.ArrayLike, npt.ArrayLike] | None], share: float, keys: Sequence[str]
) -> Marginal:
    """True quantiles of durations: the Kaplan-Meier statistic of 1,000 resamples of each person's cases.

    Parameters
    ----------
    cases
        Per person (time, closed), open cases included; None where not measured.
    share
        .5 for the median.
    keys
        Fact key of each person, which seeds the resampling.

    Returns
    -------
    Marginal
        Infinite where a resample does not reach the share.

    Examples
    --------
    >>> person = ([2, 3, 5, 8, 9, 12, 20, 30], [1, 1, 1, 1, 1, 1, 0, 0])
    >>> durations([person], 0.5, ["2026Q3/A15.median/s07"]).quantile([0.5])
    array([[8.]])
    """
    there = np.array([person is not None for person in cases])
    chosen = [(person, key) for person, key in zip(cases, keys, strict=True) if person is not None]
    return _sorted_samples([_resampled(*person, share, key) for person, key in chosen], there)


def seed_of(key: str) -> int:
    """Seed of a generator: the first 8 hexadecimal digits of sha256 of a fact key.

    Examples
    --------
    >>> seed_of("2026Q3/A15.median/s07")
    1559915337
    """
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)


def _resampled(time: npt.ArrayLike, closed: npt.ArrayLike, share: float, key: str) -> FloatArray:
    """Sorted statistics of the resamples, on the distinct times at once."""
    t, event = np.asarray(time, dtype=float), np.asarray(closed, dtype=bool)
    kaplan_meier(t, event)  # refuses what is not a duration
    order = np.lexsort((event, t))  # the order in which cases arrive draws no other resamples
    t, event = t[order], event[order]
    generator = np.random.Generator(np.random.PCG64(seed_of(key)))
    drawn = generator.integers(0, t.size, size=(RESAMPLES, t.size))
    times, place = np.unique(t, return_inverse=True)
    leaving, events = (
        _tally(drawn, place, times.size, kept) for kept in (np.ones(t.size), event.astype(float))
    )
    at_risk = leaving[:, ::-1].cumsum(axis=1)[:, ::-1]
    survival = np.cumprod(
        1 - np.divide(events, at_risk, out=np.zeros(events.shape), where=at_risk > 0), axis=1
    )
    below = survival <= 1 - share + 1e-12
    first = np.where(below.any(axis=1), times[below.argmax(axis=1)], np.inf)
    return np.sort(first)


def _tally(drawn: Array, place: Array, size: int, kept: FloatArray) -> FloatArray:
    """(resamples, times) how many kept cases of each resample fall on each distinct time."""
    cells = np.arange(len(drawn))[:, None] * size + place[drawn]
    found = np.bincount(cells.ravel(), kept[drawn].ravel(), len(drawn) * size)
    return np.asarray(found.reshape(len(drawn), size), dtype=float)


def medians(cases: Sequence[npt.ArrayLike | None], keys: Sequence[str]) -> Marginal:
    """True medians: those of 1,000 resamples of each person's cases.

    Parameters
    ----------
    cases
        Values of each person; None where not measured.
    keys
        Fact key of each person, which seeds the resampling.

    Examples
    --------
    >>> growth = medians([[1.0, 2, 3, 4, 5, 6, 7, 8, 9]], ["2026Q3/A50.growth/s07"])
    >>> growth.quantile([0.5])
    array([[5.]])
    """
    there = np.array([person is not None for person in cases])
    chosen = [(person, key) for person, key in zip(cases, keys, strict=True) if person is not None]
    return _sorted_samples([_resampled_medians(person, key) for person, key in chosen], there)


def _resampled_medians(values: npt.ArrayLike, key: str) -> FloatArray:
    known = np.sort(np.asarray(values, dtype=float))
    generator = np.random.Generator(np.random.PCG64(seed_of(key)))
    return np.sort(np.median(known[generator.integers(0, known.size, size=(RESAMPLES, known.size))], axis=1))


def _sorted_samples(samples: Sequence[FloatArray], there: BoolArray) -> Marginal:
    """Marginal whose value at a coordinate u is the sorted value at floor(1,000 u)."""
    table = np.array(samples).reshape(len(samples), RESAMPLES)

    def within(shares: npt.ArrayLike) -> FloatArray:
        place = np.floor(RESAMPLES * np.asarray(shares, dtype=float)).astype(np.intp)
        rows = np.broadcast_to(place, (len(samples), place.shape[-1]))
        return np.take_along_axis(table, rows, axis=1)

    return _spread_over(there, within)


def times(marginal: Marginal, factor: npt.ArrayLike) -> Marginal:
    """Distribution of the values times each person's factor: counts from rates per unit of exposure.

    Parameters
    ----------
    factor
        (people,) above 0 where measured. The prior stays that of the unit.

    Examples
    --------
    >>> half = times(counts([10.0], [0.5], target=10.0), [0.5])
    >>> half.quantile([0.5]).round(1).tolist()
    [[4.7]]
    """
    scale = np.asarray(factor, dtype=float)[:, None]
    return replace(marginal, quantile=lambda shares: scale * marginal.quantile(shares))


def fixed(value: npt.ArrayLike) -> Marginal:
    """Values without sampling error (money, completed of planned): a point each."""
    point = np.asarray(value, dtype=float)
    return Marginal(
        measured=~np.isnan(point),
        quantile=lambda shares: np.broadcast_to(point[:, None], (point.size, np.shape(shares)[-1])),
        error_free=True,
    )
