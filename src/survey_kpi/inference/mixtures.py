"""Mixtures of Beta, normal or gamma components, one mixture per person over a shared grid.

Examples
--------
>>> one = np.ones(1)
>>> half = betas(one, one, one, np.array([[25.0]]), np.array([[7.0]]))
>>> half.tail(0.8).round(4).tolist(), half.quantile([0.5]).round(4).tolist()
([0.4289], [[0.7872]])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import interpolate, special

from survey_kpi.numeric import FloatArray

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


# --- families -----------------------------------------------------------------------------------------


def betas(
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


def normals(
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


def gammas(
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
