"""The pay guard: a band moves only where the evidence says so, and never past what the printed score gives.

Bands are places in their ascending order, 0 the lowest. All functions are vectorised over people.

Examples
--------
>>> guard = PayGuard()
>>> reach = [[1, 0.9998, 0.6123], [1, 0.2344, 0.0], [1, 0.0332, 0.0]]  # P(score >= edge) of three bands
>>> guarded_bands(reach, [2, 0, 0], [2, 2, 1], guard).tolist()
[2, 1, 0]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.inference.posterior import flat_tail
from survey_kpi.numeric import BoolArray, FloatArray, IntArray
from survey_kpi.study.rewards import PayGuard


class Price(NamedTuple):
    """What fairness costs in power: 20 people, true SD 5 points around the threshold, 4,000 worlds."""

    n: int
    unjust_raw: float
    unjust: float
    decided: float
    deserved_raw: float
    deserved: float
    identical_raw: float
    identical: float


PRICE: Final = (
    Price(30, 0.108, 0.009, 0.21, 0.60, 0.10, 0.392, 0.029),
    Price(60, 0.096, 0.007, 0.31, 0.68, 0.17, 0.423, 0.029),
    Price(120, 0.081, 0.007, 0.44, 0.76, 0.31, 0.446, 0.030),
    Price(200, 0.070, 0.007, 0.55, 0.81, 0.43, 0.459, 0.028),
)
"""Printed beside every use of the guard with its default thresholds: cuts of people at or above the
threshold, cases decided, cuts of those below it, and cuts among identical people, raw rule against guard."""
MOST_ANSWERS: Final = 2_000


def guarded_bands(
    reaching: npt.ArrayLike, raw: npt.ArrayLike, last: npt.ArrayLike, rule: PayGuard
) -> IntArray:
    """Band that the evidence supports for each person.

    Parameters
    ----------
    reaching
        (people, bands) probability that the score reaches the lower edge of each band; the first is 1.
    raw
        (people,) band of the printed score.
    last
        (people,) last published band, -1 for none: the highest.

    Returns
    -------
    numpy.ndarray
        (people,) bands. Down to the lowest band whose upper edge is reached with at most `down`; up to the
        highest that is reached with at least `up`; else held. A move never passes the raw band.
    """
    reach = np.asarray(reaching, dtype=float)
    top = reach.shape[1] - 1
    printed = np.asarray(raw, dtype=np.int64)
    held = np.where(np.asarray(last) < 0, top, np.asarray(last)).astype(np.int64)
    lowest = np.sum(reach[:, 1:] > rule.down, axis=1)  # edges fall in probability: as many as still hold
    highest = np.sum(reach[:, 1:] >= rule.up, axis=1)
    down = np.minimum(np.maximum(lowest, printed), held)
    up = np.maximum(np.minimum(highest, printed), held)
    return np.where(lowest < held, down, np.where(highest > held, up, held)).astype(np.int64)


def guarded_rates(reaching: npt.ArrayLike, last_full: npt.ArrayLike, rule: PayGuard) -> IntArray:
    """Bands of one rate against one threshold: 1 full, 0 lower; `guarded_bands` before the raw limit.

    Parameters
    ----------
    reaching
        (people,) probability that the true rate is at least the threshold.
    last_full
        (people,) whether the last band was the full one; True where there was none.

    Examples
    --------
    >>> guarded_rates([0.05, 0.43, 0.43, 0.9], [True, True, False, False], PayGuard()).tolist()
    [0, 1, 0, 1]
    """
    p = np.asarray(reaching, dtype=float)
    held = np.where(last_full, 1, 0)
    return np.where(p <= rule.down, 0, np.where(p >= rule.up, 1, held)).astype(np.int64)


def answers_to_decide(successes: float, n: float, threshold: float, rule: PayGuard) -> int | None:
    """How many more answers at the observed rate would decide one rate; None above 2,000.

    Parameters
    ----------
    successes, n
        Counts so far.
    threshold
        Share.

    Notes
    -----
    Flat prior; fractional counts.

    Examples
    --------
    >>> [answers_to_decide(x, 30, 0.8, PayGuard()) for x in (25, 27, 21, 24)]
    [92, 0, 0, None]
    """
    more = np.arange(MOST_ANSWERS + 1)
    reach = flat_tail(successes * (1 + more / n), n + more, threshold)
    decided = np.flatnonzero((reach >= rule.up) | (reach <= rule.down))
    return int(decided[0]) if decided.size else None


# --- quarter and pool ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decision:
    """What was decided, and on which answers.

    Parameters
    ----------
    band
        (people,) bands.
    pooled
        (people,) whether the last four quarters decided, False for the quarter alone.
    held
        (people,) whether the last band is held.
    """

    band: IntArray
    pooled: BoolArray
    held: BoolArray


def decide(
    quarter: npt.ArrayLike, pool: npt.ArrayLike, n: npt.ArrayLike, last: npt.ArrayLike, rule: PayGuard
) -> Decision:
    """One decision per person from the guarded bands of the quarter and of the last four quarters pooled.

    Parameters
    ----------
    quarter, pool
        (people,) results of `guarded_bands` on either.
    n
        (people,) answers in the quarter: the smallest among the indicators behind the score's grade.
    last
        (people,) band that is held, as a place.

    Notes
    -----
    One look (the default): below `pool_below` answers the pool decides alone. Two looks: the quarter decides
    first and the pool only where it left the band as it was; with 30 answers a quarter that doubles the
    unjust cuts (0.8 to 1.6 %) for three points of power.

    Examples
    --------
    >>> made = decide([0, 1, 2], [1, 1, 0], [30, 200, 60], [2, 2, 2], PayGuard())
    >>> made.band.tolist(), made.pooled.tolist(), made.held.tolist()
    ([1, 1, 0], [True, False, True], [False, False, False])
    """
    now, year, held = (np.asarray(bands, dtype=np.int64) for bands in (quarter, pool, last))
    few = np.asarray(n, dtype=float) < rule.pool_below
    pooled = few & (now == held) if rule.looks == "two" else few
    band = np.where(pooled, year, now)
    return Decision(band=band, pooled=pooled, held=band == held)


def drift_of_rates(successes: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """p value of a chi-square test that a person's rate stayed the same over the pooled quarters.

    Parameters
    ----------
    successes, n
        (people, quarters); quarters without answers do not count.

    Returns
    -------
    numpy.ndarray
        (people,); NaN where fewer than two quarters have answers, 1 where all answers are alike.

    Notes
    -----
    Pearson's statistic of the 2 x quarters table. R: `chisq.test(rbind(x, n - x), correct = FALSE)`.

    Examples
    --------
    >>> drift_of_rates([[24, 26, 15, 25], [24, 25, 24, 25]], [[30] * 4] * 2).round(4).tolist()
    [0.0034, 0.9739]
    """
    x, cases = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    total = cases.sum(axis=1, keepdims=True)
    share = np.divide(x.sum(axis=1, keepdims=True), total, out=np.zeros(total.shape), where=total > 0)
    variance = cases * share * (1 - share)
    excess = np.divide((x - cases * share) ** 2, variance, out=np.zeros(x.shape), where=variance > 0)
    return _chi_square(excess.sum(axis=1), (cases > 0).sum(axis=1))


def drift_of_values(value: npt.ArrayLike, std_error: npt.ArrayLike) -> FloatArray:
    """p value of Cochran's Q that a person's mean stayed the same over the pooled quarters.

    Parameters
    ----------
    value, std_error
        (people, quarters); NaN, or an error of 0, where a quarter has no usable answers.

    Examples
    --------
    >>> drift_of_values([[30.0, 60.0, 30.0], [30.0, 32.0, 28.0]], [[8.0] * 3] * 2).round(4).tolist()
    [0.0092, 0.9394]
    """
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    used = ~np.isnan(y) & (error > 0)
    precision = np.divide(1.0, error**2, out=np.zeros(y.shape), where=used)
    total = precision.sum(axis=1, keepdims=True)
    weighted = (precision * np.where(used, y, 0)).sum(axis=1, keepdims=True)
    centre = np.divide(weighted, total, out=np.zeros(total.shape), where=total > 0)
    excess = precision * (np.where(used, y, 0) - centre) ** 2
    return _chi_square(excess.sum(axis=1), used.sum(axis=1))


def _chi_square(statistic: FloatArray, quarters: IntArray) -> FloatArray:
    freedom = np.maximum(quarters - 1, 1)
    return np.where(quarters > 1, special.chdtrc(freedom, statistic), np.nan)
