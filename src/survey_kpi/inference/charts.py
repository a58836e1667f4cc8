"""Run and control charts: centre, limits, and signals by rules that are named.

A chart's limits are drawn; what counts as an alarm is decided by `poisson_alarms` for counts, whose error
is exact, or by the named rules.

Examples
--------
>>> chart = u_chart([12], [240])
>>> (100 * chart.lower[0]).round(2), (100 * chart.centre[0]).round(2), (100 * chart.upper[0]).round(2)
(np.float64(0.67), np.float64(5.0), np.float64(9.33))
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from survey_kpi.errors import MethodError, SpecError, nearest
from survey_kpi.numeric import BoolArray, FloatArray

SIGMAS: Final = 3.0
MOVING_RANGE: Final = 1.128
"""Mean range of two normal values in standard deviations (d2); 3 / d2 = 2.66."""
TAIL: Final = 0.00135
"""Probability beyond one 3-sigma limit of a normal."""
BASELINE: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chart:
    """Values over time with centre and limits; all arrays of one length.

    Parameters
    ----------
    values, centre, lower, upper
        In the unit of the values.
    sigma
        Standard deviation of each value around the centre.
    kind
        p, u or XmR.
    """

    values: FloatArray
    centre: FloatArray
    lower: FloatArray
    upper: FloatArray
    sigma: FloatArray
    kind: str

    def signals(self, *rules: str) -> dict[str, BoolArray]:
        """Where each named rule signals, at the point that completes its pattern.

        Raises
        ------
        SpecError
            `unknown_parameter`: no such rule.
        """
        unknown = [rule for rule in rules if rule not in RULES]
        if unknown:
            raise SpecError(
                "unknown_parameter",
                where="chart",
                what="there is no such rule",
                got=unknown[0],
                hint=nearest(unknown[0], RULES),
            )
        z = (self.values - self.centre) / np.where(self.sigma > 0, self.sigma, np.nan)
        return {rule: RULES[rule](z) for rule in rules or tuple(RULES)}


# --- rules --------------------------------------------------------------------------------------------


def _run(hit: BoolArray, length: int, needed: int) -> BoolArray:
    """Whether at least `needed` of the last `length` points hit, this one among them."""
    if hit.size < length:
        return np.zeros(hit.size, dtype=bool)
    counts = np.convolve(hit, np.ones(length), mode="full")[: hit.size]
    return np.asarray((counts >= needed) & hit & (np.arange(hit.size) >= length - 1))


def _beyond(z: FloatArray) -> BoolArray:
    return np.asarray(np.abs(z) > SIGMAS)


def _shift(z: FloatArray) -> BoolArray:
    return _run(z > 0, 8, 8) | _run(z < 0, 8, 8)


def _trend(z: FloatArray) -> BoolArray:
    steps = np.diff(z, prepend=np.nan)
    return _run(steps > 0, 5, 5) | _run(steps < 0, 5, 5)


def _two_of_three(z: FloatArray) -> BoolArray:
    return _run(z > 2, 3, 2) | _run(z < -2, 3, 2)


RULES: Final = MappingProxyType(
    {
        "beyond_limits": _beyond,
        "shift_of_8": _shift,
        "trend_of_6": _trend,
        "two_of_three_beyond_2_sigma": _two_of_three,
    }
)
"""Signal rules: a point beyond 3 sigma; 8 in a row on one side of the centre; 6 in a row rising or falling;
2 of 3 in a row beyond 2 sigma on one side (Western Electric 1956, Nelson 1984)."""


# --- charts -------------------------------------------------------------------------------------------


def _arrays(kind: str, *columns: npt.ArrayLike) -> list[FloatArray]:
    arrays = [np.atleast_1d(np.asarray(column, dtype=float)) for column in columns]
    if any(not np.all(array >= 0) for array in arrays):
        raise MethodError(
            "counts_invalid",
            where=f"{kind} chart",
            what="a count or a base is negative or missing",
            expected="numbers from 0 up",
        )
    return arrays


def p_chart(successes: npt.ArrayLike, n: npt.ArrayLike) -> Chart:
    """Shares over time with 3-sigma binomial limits around the pooled share.

    Raises
    ------
    MethodError
        `counts_invalid`: negative, missing, or no cases at all.

    Examples
    --------
    >>> chart = p_chart([80, 85, 60], [100, 100, 100])
    >>> chart.centre[0].round(3), chart.signals("beyond_limits")["beyond_limits"].tolist()
    (np.float64(0.75), [False, False, True])
    """
    x, cases = _arrays("p", successes, n)
    _need_base("p", cases)
    centre = x.sum() / cases.sum()
    sigma = np.sqrt(centre * (1 - centre) / np.where(cases > 0, cases, np.nan))
    return _chart("p", x / np.where(cases > 0, cases, np.nan), centre, sigma, (0.0, 1.0))


def u_chart(counts: npt.ArrayLike, exposure: npt.ArrayLike) -> Chart:
    """Rates per unit of exposure with 3-sigma Poisson limits around the pooled rate.

    Raises
    ------
    MethodError
        `counts_invalid`: negative, missing, or no exposure at all.
    """
    x, base = _arrays("u", counts, exposure)
    _need_base("u", base)
    centre = x.sum() / base.sum()
    sigma = np.sqrt(centre / np.where(base > 0, base, np.nan))
    return _chart("u", x / np.where(base > 0, base, np.nan), centre, sigma, (0.0, np.inf))


def xmr_chart(values: npt.ArrayLike) -> Chart:
    """Single values with natural limits: mean ± 2.66 x mean moving range.

    Raises
    ------
    MethodError
        `too_few_points`: fewer than two values.

    Examples
    --------
    >>> chart = xmr_chart([10, 12, 11, 13, 12])
    >>> chart.centre[0].round(2), chart.upper[0].round(2)
    (np.float64(11.6), np.float64(15.59))
    """
    x = np.asarray(values, dtype=float)
    if x.size < 2:
        raise MethodError(
            "too_few_points",
            where="XmR chart",
            what="a moving range needs two values",
            got=x.size,
            expected=2,
        )
    sigma = np.full(x.size, np.abs(np.diff(x)).mean() / MOVING_RANGE)
    return _chart("XmR", x, float(x.mean()), sigma, (-np.inf, np.inf))


def _need_base(kind: str, base: FloatArray) -> None:
    if not base.sum() > 0:
        raise MethodError(
            "counts_invalid", where=f"{kind} chart", what="there is nothing to count over", got=0
        )


def _chart(
    kind: str, values: FloatArray, centre: float, sigma: FloatArray, limits: tuple[float, float]
) -> Chart:
    return Chart(
        values=values,
        centre=np.full(values.size, centre),
        lower=np.clip(centre - SIGMAS * sigma, *limits),
        upper=np.clip(centre + SIGMAS * sigma, *limits),
        sigma=sigma,
        kind=kind,
    )


# --- alarms with a known error ------------------------------------------------------------------------


def poisson_alarms(
    counts: npt.ArrayLike,
    exposure: npt.ArrayLike = 1.0,
    *,
    baseline: int = BASELINE,
    tail: float = TAIL,
) -> npt.NDArray[np.int64]:
    """Alarm of each month after a baseline, by the exact test given the total of month and baseline.

    Parameters
    ----------
    counts
        Counts along the last axis, the baseline first.
    exposure
        What they are counted over; one number or the shape of `counts`.
    baseline
        Length of the baseline.
    tail
        Probability beyond each end; .00135 is that of a 3-sigma limit.

    Returns
    -------
    numpy.ndarray
        +1 above, -1 below, 0 no alarm, for the months after the baseline.

    Raises
    ------
    MethodError
        `counts_invalid`; `too_few_points`: no month after the baseline.

    Notes
    -----
    Given the total, the month's count is binomial with the month's share of the exposure (Przyborowski and
    Wilenski 1940); R: `binom.test(x, x + b, e / (e + E))`, one-sided at `tail` each.

    Examples
    --------
    >>> poisson_alarms([12] * 12 + [12, 36, 2]).tolist()
    [0, 1, -1]
    """
    x = np.asarray(counts, dtype=float)
    base = np.broadcast_to(np.asarray(exposure, dtype=float), x.shape)
    _arrays("u", x, base)
    if x.shape[-1] <= baseline:
        raise MethodError(
            "too_few_points",
            where="poisson_alarms",
            what="no month follows the baseline",
            got=x.shape[-1],
            expected=f"more than {baseline}",
        )
    known, known_base = (part[..., :baseline].sum(axis=-1, keepdims=True) for part in (x, base))
    month, month_base = x[..., baseline:], base[..., baseline:]
    law = stats.binom(month + known, month_base / (month_base + known_base))
    high, low = law.sf(month - 1) <= tail, law.cdf(month) <= tail
    return np.where(high, 1, np.where(low, -1, 0))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cusum:
    """Tabular cumulative sums in standard deviations, and where they pass the decision limit."""

    upper: FloatArray
    lower: FloatArray
    signal: npt.NDArray[np.int64]


def cusum(
    values: npt.ArrayLike, target: float, sigma: float, *, slack: float = 0.5, decision: float = 5.0
) -> Cusum:
    """Two-sided tabular CUSUM: it finds small lasting shifts earlier than a control chart.

    Parameters
    ----------
    values
        Values in time order.
    target, sigma
        Level to hold, and the standard deviation of one value.
    slack
        Half the shift worth finding, in standard deviations.
    decision
        Limit in standard deviations; with slack .5 a limit of 5 gives a mean of 465 values between false
        signals (Montgomery 2013).

    Raises
    ------
    SpecError
        `sigma_range`: sigma is not above 0.

    Examples
    --------
    >>> cusum([0.1, -0.2, 1.9, 2.2, 1.8, 2.1], 0.0, 1.0).signal.tolist()
    [0, 0, 0, 0, 0, 1]
    """
    if not sigma > 0:
        raise SpecError("sigma_range", where="cusum", what="sigma must be above 0", got=sigma)
    z = (np.asarray(values, dtype=float) - target) / sigma
    upper, lower = _accumulate(z - slack), _accumulate(-z - slack)
    return Cusum(
        upper=upper, lower=lower, signal=np.where(upper > decision, 1, np.where(lower > decision, -1, 0))
    )


def _accumulate(steps: FloatArray) -> FloatArray:
    """Sums that never fall below 0: the running total minus its running minimum."""
    total = np.cumsum(steps)
    return total - np.minimum(np.minimum.accumulate(total), 0)
