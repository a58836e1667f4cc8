"""Full-Bayes shrinkage over a grid: what each person's true value may be, given everybody's answers.

True values differ between people by a distribution whose mean and spread are averaged over a grid by
their marginal likelihood, never replaced by one fitted pair. Each person's posterior is then a mixture with
one component per grid point. No sampling: equal input gives equal output.

Examples
--------
>>> posterior = rate_posterior([24, 27, 21, 25, 23], [30] * 5, target=0.8)
>>> posterior.tail(0.8).round(4).tolist()
[0.4685, 0.6381, 0.306, 0.5292, 0.4089]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import MethodError
from survey_kpi.inference.mixtures import Posterior, betas, gammas, normals
from survey_kpi.numeric import FloatArray

SPREADS: Final = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.13)
"""Standard deviations between people on the grid, as shares of the scale's length."""
VARIATIONS: Final = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4)
"""Coefficients of variation between people on the grid of counts."""
EDGE: Final = 0.05
"""Largest posterior share of an end point of the grid's means before the grid is widened on that side."""
WIDENING: Final = 10
NEGLIGIBLE: Final = 1e-12
"""Posterior share below which a grid point is left out."""
# --- the grid -----------------------------------------------------------------------------------------


def _averaged(
    means: FloatArray,
    bounds: tuple[float, float],
    step: float,
    likelihood: Callable[[FloatArray], tuple[FloatArray, FloatArray, FloatArray]],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Weigh the grid by its marginal likelihood; widen it while an end of the means matters.

    `likelihood` takes means and gives the grid's means, spreads and log marginal likelihoods.
    """
    while True:
        mean, spread, log_likelihood = likelihood(means)
        weight = np.exp(log_likelihood - log_likelihood.max())
        weight /= weight.sum()
        ends = (weight[mean == means[0]].sum(), weight[mean == means[-1]].sum())
        below = means[0] - step * np.arange(WIDENING, 0, -1) if ends[0] > EDGE else np.empty(0)
        above = means[-1] + step * np.arange(1, WIDENING + 1) if ends[1] > EDGE else np.empty(0)
        wider = np.concatenate([below, means, above])
        wider = wider[(wider > bounds[0]) & (wider < bounds[1])]
        if wider.size == means.size:
            kept = weight > NEGLIGIBLE
            return mean[kept], spread[kept], weight[kept] / weight[kept].sum()
        means = wider


def _steps(low: float, high: float, step: float, bounds: tuple[float, float]) -> FloatArray:
    """Means from low to high, cut to the open range of the scale."""
    grid = low + step * np.arange(round((high - low) / step) + 1)
    return np.round(grid[(grid > bounds[0]) & (grid < bounds[1])], 12)


def _pairs(means: FloatArray, spreads: FloatArray) -> tuple[FloatArray, FloatArray]:
    mean, spread = np.meshgrid(means, spreads, indexing="ij")
    return mean.ravel(), spread.ravel()


def _check(name: str, value: FloatArray, base: FloatArray) -> None:
    if value.ndim != 1 or value.shape != base.shape or not value.size:
        raise MethodError("too_few_subjects", where=name, what="needs one value and one base per person")
    if not (np.all(np.isfinite(value)) and np.all(base > 0)):
        raise MethodError(
            "missing_cell",
            where=name,
            what="a person has no value or no base",
            got=f"people {np.flatnonzero(~(np.isfinite(value) & (base > 0)))[:5].tolist()}",
            hint="leave people without answers out",
        )


def _rates(name: str, successes: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, cases = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    _check(name, x, cases)
    if not np.all((x >= 0) & (x <= cases)):
        raise MethodError("counts_invalid", where=name, what="needs 0 <= successes <= n", got=x.tolist()[:5])
    return x, cases


# --- rates, means, counts -----------------------------------------------------------------------------


def rate_posterior(successes: npt.ArrayLike, n: npt.ArrayLike, *, target: float) -> Posterior:
    """Posterior of true rates, Beta between people.

    Parameters
    ----------
    successes, n
        Counts per person; for weighted or adjusted shares p x effective n and effective n.
    target
        Share the grid is centred on: means from target - .14 to target + .12 in steps of .01.

    Raises
    ------
    MethodError
        `too_few_subjects`, `missing_cell`; `counts_invalid`: not 0 <= successes <= n.

    Notes
    -----
    Beta-binomial marginal likelihood, flat prior over the grid; pairs whose Beta has no interior
    (m (1 - m) / s² <= 1) are left out.
    """
    x, cases = _rates("rate_posterior", successes, n)

    def likelihood(means: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        mean, spread = _pairs(means, np.array(SPREADS))
        kept = mean * (1 - mean) / spread**2 > 1
        mean, spread = mean[kept], spread[kept]
        a, b = _beta(mean, spread)
        log_likelihood = special.betaln(a + x[:, None], b + (cases - x)[:, None]) - special.betaln(a, b)
        return mean, spread, log_likelihood.sum(axis=0)

    means = _steps(target - 0.14, target + 0.12, 0.01, (0.0, 1.0))
    mean, spread, weight = _averaged(means, (0.0, 1.0), 0.01, likelihood)
    a, b = _beta(mean, spread)
    return betas(weight, mean, spread, a + x[:, None], b + (cases - x)[:, None])


def _beta(mean: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    size = mean * (1 - mean) / spread**2 - 1
    return mean * size, (1 - mean) * size


def mean_posterior(
    value: npt.ArrayLike, std_error: npt.ArrayLike, *, target: float, scale: tuple[float, float]
) -> Posterior:
    """Posterior of true means or NPS, normal between people; values outside the scale are set to its end.

    Parameters
    ----------
    value, std_error
        Each person's value and standard error (above 0), in the unit of the scale.
    target
        Value the grid is centred on.
    scale
        Ends of the scale: (-100, 100) for the NPS, (1, 5), (0, 10).

    Raises
    ------
    MethodError
        `too_few_subjects`, `missing_cell`.

    Examples
    --------
    >>> posterior = mean_posterior([30.0, 45.0, 10.0], [10.0, 10.0, 10.0], target=30.0, scale=(-100, 100))
    >>> posterior.tail(30.0).round(2).tolist()
    [0.45, 0.75, 0.13]
    """
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    _check("mean_posterior", y, error)
    length = scale[1] - scale[0]

    def likelihood(means: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        mean, spread = _pairs(means, length * np.array(SPREADS))
        variance = spread**2 + error[:, None] ** 2
        log_likelihood = -0.5 * ((y[:, None] - mean) ** 2 / variance + np.log(variance))
        return mean, spread, log_likelihood.sum(axis=0)

    bounds = (scale[0] - 1e-9, scale[1] + 1e-9)
    means = _steps(target - 0.14 * length, target + 0.12 * length, 0.01 * length, bounds)
    mean, spread, weight = _averaged(means, bounds, 0.01 * length, likelihood)
    trust = spread**2 / (spread**2 + error[:, None] ** 2)
    centre = mean + trust * (y[:, None] - mean)
    return normals(weight, mean, spread, centre, np.sqrt(trust * error[:, None] ** 2), scale)


def count_posterior(counts: npt.ArrayLike, exposure: npt.ArrayLike, *, target: float) -> Posterior:
    """Posterior of true rates per unit of exposure, gamma between people.

    Parameters
    ----------
    counts, exposure
        Events of each person and what they are counted over.
    target
        Rate the grid is centred on: means target x 2^(-2 … 2) in steps of a tenth of a power.

    Raises
    ------
    MethodError
        `too_few_subjects`, `missing_cell`.

    Examples
    --------
    >>> count_posterior([2, 12, 6], [10.0, 10.0, 10.0], target=0.6).tail(0.6).round(2).tolist()
    [0.17, 0.91, 0.51]
    """
    x, base = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    _check("count_posterior", x, base)

    def likelihood(powers: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        power, variation = _pairs(powers, np.array(VARIATIONS))
        shape, rate = _gamma(target * 2**power, variation)
        log_likelihood = (
            special.gammaln(shape + x[:, None])
            - special.gammaln(shape)
            + shape * np.log(rate)
            - (shape + x[:, None]) * np.log(rate + base[:, None])
        )
        return power, variation, log_likelihood.sum(axis=0)

    power, variation, weight = _averaged(
        np.round(np.arange(-20, 21) / 10, 12), (-np.inf, np.inf), 0.1, likelihood
    )
    mean = target * 2**power
    shape, rate = _gamma(mean, variation)
    return gammas(weight, mean, variation, shape + x[:, None], rate + base[:, None])


def _gamma(mean: FloatArray, variation: FloatArray) -> tuple[FloatArray, FloatArray]:
    shape = 1 / variation**2
    return shape, shape / mean


# --- flat priors --------------------------------------------------------------------------------------

ALONE: Final = np.ones(1)
"""Weight of the only component where nobody is drawn toward the others."""
UNKNOWN: Final = np.full(1, np.nan)


def flat_rates(successes: npt.ArrayLike, n: npt.ArrayLike) -> Posterior:
    """Posterior of true rates that learns nothing from the others: Beta(x + 1, n - x + 1) per person.

    Raises
    ------
    MethodError
        `too_few_subjects`, `missing_cell`, `counts_invalid`.

    Examples
    --------
    >>> flat_rates([24, 170], [30, 200]).tail(0.8).round(4).tolist()
    [0.4289, 0.9599]
    """
    x, cases = _rates("flat_rates", successes, n)
    return betas(ALONE, UNKNOWN, UNKNOWN, (x + 1)[:, None], (cases - x + 1)[:, None])


def flat_means(value: npt.ArrayLike, std_error: npt.ArrayLike, *, scale: tuple[float, float]) -> Posterior:
    """Posterior of true means that learns nothing from the others: normal(value, standard error).

    Raises
    ------
    MethodError
        `too_few_subjects`, `missing_cell`.

    Examples
    --------
    >>> flat_means([30.0], [10.0], scale=(-100, 100)).quantile([0.025, 0.5])[0].round(1).tolist()
    [10.4, 30.0]
    """
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    _check("flat_means", y, error)
    return normals(ALONE, UNKNOWN, UNKNOWN, y[:, None], error[:, None], scale)


def flat_counts(counts: npt.ArrayLike, exposure: npt.ArrayLike) -> Posterior:
    """Posterior of true rates per unit of exposure that learns nothing from the others: gamma(x + 1).

    Raises
    ------
    MethodError
        `too_few_subjects`, `missing_cell`.

    Examples
    --------
    >>> flat_counts([6], [10.0]).quantile([0.5]).round(2).tolist()
    [[0.67]]
    """
    x, base = np.asarray(counts, dtype=float), np.asarray(exposure, dtype=float)
    _check("flat_counts", x, base)
    return gammas(ALONE, UNKNOWN, UNKNOWN, (x + 1)[:, None], base[:, None])


def flat_tail(successes: npt.ArrayLike, n: npt.ArrayLike, threshold: float) -> FloatArray:
    """Probability that a true rate is at least the threshold under the flat prior Beta(1, 1).

    Examples
    --------
    >>> flat_tail([23, 24, 25, 170], [30, 30, 30, 200], 0.8).round(4).tolist()
    [0.27, 0.4289, 0.6069, 0.9599]
    """
    x, cases = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    result: FloatArray = special.betaincc(x + 1, cases - x + 1, threshold)
    return result
