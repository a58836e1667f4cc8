"""Confidence intervals of shares, the NPS, means and counts, all from grouped sums.

Every function takes numbers or numpy arrays (subjects x indicators) and gives the same shape back; arrays
broadcast. Nothing here needs a raw row: counts, sums and squares are enough.

Examples
--------
>>> low, high = wilson(41, 50)
>>> round(100 * low, 2), round(100 * high, 2)
(69.2, 90.23)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from survey_kpi.errors import MethodError, SpecError, nearest
from survey_kpi.numeric import (
    FloatArray,
    Interval,
    N,
    adjusted_wald,
    beta_bounds,
    check_share,
    critical_value,
    nps_moments,
    plain,
    wilson_bounds,
)

NPS_LIMITS: Final = (-100.0, 100.0)


class NpsInterval(NamedTuple, Generic[N]):
    """NPS in points: the unadjusted value and standard error, and the interval's ends."""

    value: N
    std_error: N
    low: N
    high: N


def _counts(where: str, *counts: npt.ArrayLike) -> list[FloatArray]:
    """Return counts as float arrays; refuse the negative and the missing."""
    arrays = [np.asarray(count, dtype=float) for count in counts]
    bad = [value for array in arrays for value in np.atleast_1d(array[~(array >= 0)]).tolist()]
    if bad:
        raise MethodError(
            "counts_invalid",
            where=where,
            what="a count is negative or missing",
            got=bad[:5],
            expected="numbers from 0 up",
        )
    return arrays


def _shares(where: str, successes: npt.ArrayLike, n: npt.ArrayLike) -> list[FloatArray]:
    x, cases = _counts(where, successes, n)
    if np.any(x > cases):
        raise MethodError(
            "counts_invalid",
            where=where,
            what="more successes than cases",
            got=np.broadcast_to(x, np.broadcast(x, cases).shape)[x > cases].tolist()[:5],
            expected="successes <= n",
        )
    return [x, cases]


# --- shares -------------------------------------------------------------------------------------------


def wilson(successes: N, n: N | float, conf_level: float = 0.95) -> Interval[N]:
    """Wilson score interval of a share, the default for proportions without a design.

    Parameters
    ----------
    successes, n
        Counts; scalars or arrays that broadcast.
    conf_level
        Level, a share.

    Returns
    -------
    Interval
        Ends as shares in [0, 1]; (0, 1) where n is 0.

    Raises
    ------
    MethodError
        `counts_invalid`: a count is negative, missing, or successes exceed n.

    Notes
    -----
    Wilson (1927); R: `prop.test(x, n, correct = FALSE)$conf.int`.

    Examples
    --------
    >>> low, high = wilson(24, 30)
    >>> round(low, 4), round(high, 4)
    (0.6269, 0.9049)
    """
    x, cases = _shares("wilson", successes, n)
    return wilson_bounds(x, cases, critical_value(conf_level))


def clopper_pearson(successes: N, n: N | float, conf_level: float = 0.95) -> Interval[N]:
    """Exact (Clopper-Pearson) interval of a share; R: `binom.test(x, n)$conf.int`.

    See `wilson` for the parameters, the result and the errors.

    Examples
    --------
    >>> low, high = clopper_pearson(167, 240)
    >>> round(low, 6), round(high, 6)
    (0.633379, 0.753375)
    """
    x, cases = _shares("clopper_pearson", successes, n)
    return beta_bounds(x, cases, (1 - check_share("conf_level", conf_level)) / 2)


def jeffreys(successes: N, n: N | float, conf_level: float = 0.95) -> Interval[N]:
    """Equal-tailed interval under Jeffreys' prior Beta(1/2, 1/2), with the ends 0 and 1 kept reachable.

    See `wilson` for the parameters, the result and the errors. Source: Brown, Cai, DasGupta (2001).

    Examples
    --------
    >>> low, high = jeffreys(0, 20)
    >>> round(low, 4), round(high, 4)
    (0.0, 0.1166)
    """
    x, cases = _shares("jeffreys", successes, n)
    tail = (1 - check_share("conf_level", conf_level)) / 2
    low = special.betaincinv(x + 0.5, cases - x + 0.5, tail)
    high = special.betaincinv(x + 0.5, cases - x + 0.5, 1 - tail)
    return Interval(plain(np.where(x > 0, low, 0.0)), plain(np.where(x < cases, high, 1.0)))


def agresti_coull(successes: N, n: N | float, conf_level: float = 0.95) -> Interval[N]:
    """Agresti-Coull interval: the Wald interval after adding z²/2 successes and failures, not clipped.

    See `wilson` for the parameters, the result and the errors.

    Examples
    --------
    >>> low, high = agresti_coull(167, 240)
    >>> round(low, 6), round(high, 6)
    (0.634841, 0.750655)
    """
    x, cases = _shares("agresti_coull", successes, n)
    z = critical_value(conf_level)
    total = cases + z**2
    centre = (x + z**2 / 2) / total
    half = z * np.sqrt(centre * (1 - centre) / total)
    return Interval(plain(centre - half), plain(centre + half))


# --- net promoter score -------------------------------------------------------------------------------

# Pseudo-answers added in all, and the share of them that goes to promoters and to detractors each.
# R names of the reference cases: T splits 1/4, 1/2, 1/4 and U splits in thirds.
ADJUSTMENTS: Final = {
    "adjusted_wald_3_T": (3.0, 1 / 4),
    "adjusted_wald_2_T": (2.0, 1 / 4),
    "adjusted_wald_3_U": (3.0, 1 / 3),
    "adjusted_wald_2_U": (2.0, 1 / 3),
    "wald": (0.0, 0.0),
}


def adjusted_wald_nps(
    promoters: N,
    passives: N,
    detractors: N,
    *,
    conf_level: float = 0.95,
    clip: bool = True,
    adjustment: str = "adjusted_wald_3_T",
) -> NpsInterval[N]:
    """Net promoter score with the adjusted Wald interval, in points.

    Three answers are added, 3/4 of one to promoters, 3/4 to detractors and the rest to passives; value
    and standard error stay those of the answers given.

    Parameters
    ----------
    promoters, passives, detractors
        Counts of answers 9-10, 7-8 and 0-6; scalars or arrays that broadcast.
    conf_level
        Level, a share.
    clip
        Cut the interval to [-100, 100], as printed.
    adjustment
        A key of `ADJUSTMENTS`; "wald" adds nothing and must not be printed (its width can be 0).

    Returns
    -------
    NpsInterval
        Value, standard error (divisor n) and interval ends in points. Without answers the value and the
        standard error are NaN.

    Raises
    ------
    MethodError
        `counts_invalid`: a count is negative or missing.
    SpecError
        `unknown_parameter`: no such adjustment.

    Notes
    -----
    Rocks (2016), Interval estimation for the "net promoter score", The American Statistician 70(4).
    Coverage on all 171 worlds of shares in steps of .05 is enumerated in the tests.

    Examples
    --------
    >>> result = adjusted_wald_nps(50, 30, 20)
    >>> [round(number, 2) for number in result]
    [30.0, 7.81, 14.05, 44.2]
    >>> [round(number, 1) for number in adjusted_wald_nps(5, 2, 1)]
    [50.0, 25.0, -7.4, 80.2]
    """
    if adjustment not in ADJUSTMENTS:
        raise SpecError(
            "unknown_parameter",
            where="adjusted_wald_nps",
            what="there is no such adjustment",
            got=adjustment,
            hint=nearest(adjustment, ADJUSTMENTS),
        )
    up, middle, down = _counts("nps", promoters, passives, detractors)
    n, score, variance = nps_moments(up, middle, down)
    added, share = ADJUSTMENTS[adjustment]
    ends = adjusted_wald(up, middle, down, critical_value(conf_level), added=added, share=share)
    limits = NPS_LIMITS if clip else (-np.inf, np.inf)
    low, high = (plain(np.clip(100 * end, *limits)) for end in ends)
    std_error = np.sqrt(variance / np.where(n > 0, n, np.nan))
    return NpsInterval(plain(100 * score), plain(100 * std_error), low, high)


def nps_score_interval(
    promoters: float, passives: float, detractors: float, *, conf_level: float = 0.95
) -> Interval[float]:
    """Score interval of the NPS in points: all values that the score test would not reject.

    The trinomial likelihood is maximised under each value of the NPS. One customer group at a time: it
    serves as a second opinion beside `adjusted_wald_nps`.

    Examples
    --------
    >>> low, high = nps_score_interval(50, 30, 20)
    >>> round(low, 3), round(high, 3)
    (13.955, 44.339)
    """
    counts = _counts("nps", promoters, passives, detractors)
    n, score, _ = (float(value) for value in nps_moments(*counts))
    if n == 0:
        return Interval(*NPS_LIMITS)
    z2 = critical_value(conf_level) ** 2

    def excess(candidate: float) -> float:
        detracting = _constrained_detractors(promoters, passives, detractors, candidate)
        variance = 2 * detracting + candidate - candidate**2
        return float((score - candidate) ** 2 - z2 * max(variance, 0.0) / n)

    near = 1e-9  # at the value itself the excess may be 0 without being an end
    low = -1.0 if score <= -1 else optimize.brentq(excess, -1.0, score - near, xtol=1e-13)
    high = 1.0 if score >= 1 else optimize.brentq(excess, score + near, 1.0, xtol=1e-13)
    return Interval(100 * float(low), 100 * float(high))


def _constrained_detractors(promoters: float, passives: float, detractors: float, score: float) -> float:
    """Return the share of detractors that maximises the likelihood when promoters exceed them by `score`.

    With shares d of detractors, d + s of promoters and 1 - s - 2d of passives the stationary point solves
    promoters / (d + s) + detractors / d = 2 passives / (1 - s - 2d): the larger root of a quadratic.
    """
    a = 2 * (promoters + passives + detractors)
    b = score * (promoters + 2 * passives + 3 * detractors) - promoters - detractors
    c = -detractors * score * (1 - score)
    root = (-b + np.sqrt(max(b * b - 4 * a * c, 0.0))) / (2 * a)
    return float(min(max(root, 0.0, -score), (1 - score) / 2))


# --- means and counts ---------------------------------------------------------------------------------


def sample_moments(n: N, total: N, squares: N) -> tuple[N, N]:
    """Mean and sample variance (divisor n - 1) from the count, the sum and the sum of squares.

    NaN where they are not defined (mean: n = 0, variance: n < 2).

    Examples
    --------
    >>> sample_moments(4, 10, 30)
    (2.5, 1.6666666666666667)
    """
    count, first, second = _counts("n", n)[0], np.asarray(total, float), np.asarray(squares, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(count > 0, first / count, np.nan)
        variance = np.where(count > 1, (second - first * mean) / (count - 1), np.nan)
    return plain(mean), plain(np.maximum(variance, 0))


def t_mean(n: N, mean: N, variance: N, conf_level: float = 0.95) -> Interval[N]:
    """Student's t interval of a mean with n - 1 degrees of freedom.

    Parameters
    ----------
    n, mean, variance
        Count, mean and sample variance (divisor n - 1).
    conf_level
        Level, a share.

    Returns
    -------
    Interval
        Ends in the unit of the mean; NaN where n < 2.

    Examples
    --------
    >>> low, high = t_mean(20, 8.74, 1.44)
    >>> round(low, 3), round(high, 3)
    (8.178, 9.302)
    """
    count, centre, spread = _counts("n", n)[0], np.asarray(mean, float), np.asarray(variance, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        half = critical_value(conf_level, count - 1) * np.sqrt(spread / count)
    return Interval(plain(centre - half), plain(centre + half))


def garwood(count: N, exposure: N | float = 1.0, conf_level: float = 0.95) -> Interval[N]:
    """Exact (Garwood) Poisson interval of a rate.

    Parameters
    ----------
    count
        Events.
    exposure
        What the events are counted over (customers, months): the rate is count / exposure.
    conf_level
        Level, a share.

    Returns
    -------
    Interval
        Ends as rates per unit of exposure; NaN where there is no exposure.

    Raises
    ------
    MethodError
        `counts_invalid`: a count or an exposure is negative or missing.

    Notes
    -----
    Garwood (1936); R: `poisson.test(x, T)$conf.int`.

    Examples
    --------
    >>> low, high = garwood(12, 240)
    >>> round(100 * low, 2), round(100 * high, 2)
    (2.58, 8.73)
    """
    events, base = _counts("garwood", count, exposure)
    tail = (1 - check_share("conf_level", conf_level)) / 2
    low = np.where(events > 0, special.gammaincinv(np.where(events > 0, events, 1), tail), 0.0)
    high = special.gammaincinv(events + 1, 1 - tail)
    base = np.where(base > 0, base, np.nan)
    return Interval(plain(low / base), plain(high / base))


SHARE_INTERVALS: Final[dict[str, Callable[..., Interval[Any]]]] = {
    "wilson": wilson,
    "clopper_pearson": clopper_pearson,
    "jeffreys": jeffreys,
    "agresti_coull": agresti_coull,
}
"""Intervals of a share by the name that is printed beside the number."""
