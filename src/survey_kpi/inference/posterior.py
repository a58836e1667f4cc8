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
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from survey_kpi.errors import MethodError
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
NODES: Final = 81
REACH: Final = 6
"""Nodes of the quantile function, and how many standard deviations around the mean they cover."""
TAILS: Final = (7.5, 10, 14, 20)
"""Further nodes on either side, in standard deviations, for skew distributions."""
FARTHEST: Final = 8
"""Normal score beyond which probabilities are not told apart."""
OVERLOOKED: Final = 1e-7
"""Posterior share of the grid points that the quantile function may leave out together."""

Cdf = Callable[[FloatArray, Any], FloatArray]
"""Distribution functions of the components at some places of the grid: (people, 1, nodes) values to
(people, places, nodes)."""
ALL: Final = slice(None)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """Posterior of the true values of people: mixtures over the grid.

    Parameters
    ----------
    weight
        (grid,) posterior share of each grid point.
    mean, spread
        (grid,) mean and standard deviation (counts: coefficient of variation) between people.
    components
        Distribution function of each person's component at values, see `Cdf`.
    centre, deviation
        (people, grid) mean and standard deviation of the components.
    low, high
        Range that holds the true values.
    """

    weight: FloatArray
    mean: FloatArray
    spread: FloatArray
    components: Cdf
    centre: FloatArray
    deviation: FloatArray
    low: float
    high: float

    def cdf(self, values: npt.ArrayLike) -> FloatArray:
        """(people, values) probability that a person's true value lies at or below each value."""
        points = np.atleast_1d(np.asarray(values, dtype=float))
        return np.where(points >= self.high, 1.0, np.where(points < self.low, 0.0, self._below(points)))

    def _below(self, points: FloatArray) -> FloatArray:
        """Mixture before values outside the range are set to its ends."""
        return np.asarray(np.einsum("g,pgv->pv", self.weight, self.components(points[None, None, :], ALL)))

    def tail(self, threshold: float) -> FloatArray:
        """(people,) probability that the true value is at least the threshold."""
        if threshold <= self.low:
            return np.ones(self.cdf([self.high]).shape[0])
        return 1 - self.cdf([np.nextafter(threshold, -np.inf)])[:, 0]

    def quantile(self, shares: npt.ArrayLike) -> FloatArray:
        """(people, points) quantiles at shares: (points,) for all, or (people, points).

        Between nodes the value is a monotone cubic of its normal score, to which it is close to linear;
        probabilities are within 1e-5 of the exact ones, away from a pole at an end of the scale.
        """
        nodes, below = self._nodes()
        scores = np.clip(special.ndtri(np.clip(below, 0, 1)), -FARTHEST, FARTHEST)
        wanted = special.ndtri(np.asarray(shares, dtype=float))
        wanted = np.broadcast_to(wanted, (len(nodes), wanted.shape[-1]))
        return np.stack([_inverse(*person) for person in zip(scores, nodes, wanted, strict=True)])

    def _nodes(self) -> tuple[FloatArray, FloatArray]:
        """(people, nodes) values, denser toward the ends, and the probability below each."""
        mean = self.centre @ self.weight
        deviation = np.sqrt((self.deviation**2 + self.centre**2) @ self.weight - mean**2)
        low = np.clip(mean - REACH * deviation, self.low, self.high)[:, None]
        high = np.clip(mean + REACH * deviation, self.low, self.high)[:, None]
        core = low + (high - low) * (1 - np.cos(np.linspace(0, np.pi, NODES))) / 2
        tails = (mean[:, None] + side * np.array(TAILS)[::side] * deviation[:, None] for side in (-1, 1))
        nodes = np.clip(np.hstack([next(tails), core, next(tails)]), self.low, self.high)
        order = np.argsort(-self.weight, kind="stable")
        kept = np.sort(order[: 1 + int(np.sum(np.cumsum(self.weight[order]) < 1 - OVERLOOKED))])
        weight = self.weight[kept] / self.weight[kept].sum()
        return nodes, np.einsum("g,pgv->pv", weight, self.components(nodes[:, None, :], kept))


def _inverse(score: FloatArray, value: FloatArray, wanted: FloatArray) -> FloatArray:
    """Values at the wanted normal scores, from the nodes whose scores can be told apart.

    A cubic spline whose slopes are limited to three times the smaller neighbouring secant, which keeps it
    monotone (Fritsch and Carlson 1980).
    """
    apart = np.concatenate([np.diff(score) > 1e-9, [True]])
    if apart.sum() < 2:
        return np.full(wanted.shape, value[-1])
    x, y = score[apart], value[apart]
    secant = np.diff(y) / np.diff(x)
    steepest = 3 * np.minimum(np.append(secant, secant[-1]), np.insert(secant, 0, secant[0]))
    slope = np.clip(interpolate.CubicSpline(x, y)(x, 1), 0, steepest)
    return np.asarray(interpolate.CubicHermiteSpline(x, y, slope)(np.clip(wanted, x[0], x[-1])))


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
    return _betas(weight, mean, spread, a + x[:, None], b + (cases - x)[:, None])


def _betas(
    weight: FloatArray, mean: FloatArray, spread: FloatArray, alpha: FloatArray, beta: FloatArray
) -> Posterior:
    """Mixture of Beta components, (people, grid) parameters."""
    centre, size = alpha / (alpha + beta), alpha + beta

    def components(values: FloatArray, places: Any) -> FloatArray:
        found = special.betainc(alpha[:, places, None], beta[:, places, None], np.clip(values, 0, 1))
        return np.asarray(found, dtype=float)

    return Posterior(
        weight=weight,
        mean=mean,
        spread=spread,
        components=components,
        centre=centre,
        deviation=np.sqrt(centre * (1 - centre) / (size + 1)),
        low=0.0,
        high=1.0,
    )


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
    return _normals(weight, mean, spread, centre, np.sqrt(trust * error[:, None] ** 2), scale)


def _normals(
    weight: FloatArray,
    mean: FloatArray,
    spread: FloatArray,
    centre: FloatArray,
    deviation: FloatArray,
    scale: tuple[float, float],
) -> Posterior:
    """Mixture of normal components, (people, grid) parameters."""

    def components(values: FloatArray, places: Any) -> FloatArray:
        found = special.ndtr((values - centre[:, places, None]) / deviation[:, places, None])
        return np.asarray(found, dtype=float)

    return Posterior(
        weight=weight,
        mean=mean,
        spread=spread,
        components=components,
        centre=centre,
        deviation=deviation,
        low=float(scale[0]),
        high=float(scale[1]),
    )


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
    return _gammas(weight, mean, variation, shape + x[:, None], rate + base[:, None])


def _gammas(
    weight: FloatArray, mean: FloatArray, variation: FloatArray, shape: FloatArray, rate: FloatArray
) -> Posterior:
    """Mixture of gamma components, (people, grid) parameters."""

    def components(values: FloatArray, places: Any) -> FloatArray:
        found = special.gammainc(shape[:, places, None], rate[:, places, None] * np.maximum(values, 0))
        return np.asarray(found, dtype=float)

    return Posterior(
        weight=weight,
        mean=mean,
        spread=variation,
        components=components,
        centre=shape / rate,
        deviation=np.sqrt(shape) / rate,
        low=0.0,
        high=float(np.max((shape + 8 * np.sqrt(shape) + 8) / rate)),
    )


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
    return _betas(ALONE, UNKNOWN, UNKNOWN, (x + 1)[:, None], (cases - x + 1)[:, None])


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
    return _normals(ALONE, UNKNOWN, UNKNOWN, y[:, None], error[:, None], scale)


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
    return _gammas(ALONE, UNKNOWN, UNKNOWN, (x + 1)[:, None], base[:, None])


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
