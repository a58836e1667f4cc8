"""Durations with open cases: Kaplan-Meier from (time, closed) pairs; open cases are never dropped.

Examples
--------
>>> curve = kaplan_meier([2, 3, 3, 5, 8, 9], [1, 1, 0, 1, 0, 1])
>>> curve.time.tolist(), curve.survival.round(3).tolist()
([2.0, 3.0, 5.0, 9.0], [0.833, 0.667, 0.444, 0.0])
>>> quantile_time(curve, 0.5, unit="hours").value
5.0
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError
from survey_kpi.estimate import Estimate, State
from survey_kpi.numeric import Array, FloatArray, Interval, check_share, critical_value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """Kaplan-Meier curve at the times where cases closed.

    Parameters
    ----------
    time, survival, std_error
        Share still open just after each time, with Greenwood's standard error.
    at_risk, events
        Cases still under watch just before, and closed at, each time.
    n
        Cases.
    longest
        Longest observed time, open cases included.
    """

    time: FloatArray
    survival: FloatArray
    std_error: FloatArray
    at_risk: FloatArray
    events: FloatArray
    n: int
    longest: float

    def interval(self, conf_level: float = 0.95) -> Interval[Array]:
        """Pointwise log-log interval of the share still open; [0, 1] where it is 0 or 1."""
        s, error = self.survival, self.std_error
        inside = (s > 0) & (s < 1)
        safe = np.where(inside, s, 0.5)
        half = critical_value(conf_level) * error / (safe * np.abs(np.log(safe)))
        ends = (safe ** np.exp(sign * half) for sign in (1, -1))
        low, high = (np.where(inside, end, outside) for end, outside in zip(ends, (0.0, 1.0), strict=True))
        return Interval(low, high)


def kaplan_meier(time: npt.ArrayLike, closed: npt.ArrayLike, weight: npt.ArrayLike | None = None) -> Curve:
    """Share of cases still open over time.

    Parameters
    ----------
    time
        Time to closing, or to the cut-off for open cases.
    closed
        Whether the case was closed.
    weight
        Number of cases of each pair, for pairs that were counted first.

    Raises
    ------
    MethodError
        `duration_invalid`: a time is negative or missing; `rows_differ`; `no_cases`.

    Notes
    -----
    Kaplan and Meier (1958), Greenwood (1926); R: `survfit(Surv(time, closed) ~ 1)`.
    """
    t, event = np.asarray(time, dtype=float), np.asarray(closed, dtype=bool)
    count = np.ones(t.size) if weight is None else np.asarray(weight, dtype=float)
    if not t.size == event.size == count.size:
        raise MethodError(
            "rows_differ", where="durations", what="times, closings and counts differ in length",
            got=[t.size, event.size, count.size],
        )  # fmt: skip
    if not t.size:
        raise MethodError("no_cases", where="durations", what="there are no cases")
    if not np.all(t >= 0):
        raise MethodError(
            "duration_invalid",
            where="durations",
            what="a duration is negative or missing",
            got=t[~(t >= 0)][:5].tolist(),
            hint="such rows belong to the audit (time_order)",
        )
    times, place = np.unique(t, return_inverse=True)
    events = np.bincount(place, count * event, times.size).astype(float)
    leaving = np.bincount(place, count, times.size)
    at_risk = leaving[::-1].cumsum()[::-1]
    kept = events > 0
    events, at_risk = events[kept], at_risk[kept]
    survival = np.cumprod(1 - events / at_risk)
    remaining = at_risk - events
    growth = np.cumsum(np.divide(events, at_risk * remaining, out=np.zeros(events.size), where=remaining > 0))
    return Curve(
        time=times[kept],
        survival=survival,
        std_error=survival * np.sqrt(growth),
        at_risk=at_risk,
        events=events,
        n=round(float(count.sum())),
        longest=float(t.max()),
    )


def quantile_time(curve: Curve, share: float, *, unit: str = "hours", conf_level: float = 0.95) -> Estimate:
    """Smallest time by which `share` of the cases are closed; state not reached if there is none.

    Parameters
    ----------
    curve
        Kaplan-Meier curve.
    share
        .5 for the median.
    unit
        Unit of the times.
    conf_level
        Level of the interval.

    Returns
    -------
    Estimate
        The upper end is infinite where the interval of the curve never falls below 1 - share.

    Notes
    -----
    Brookmeyer and Crowley (1982) with log-log limits; R: `quantile(survfit(..., conf.type = "log-log"))`
    up to its rule for exact ties with 1 - share.
    """
    level = 1 - check_share("share", share)
    value = _first_below(curve, curve.survival, level)
    if np.isinf(value):
        return Estimate.missing(State.NOT_REACHED, f"not reached (> {curve.longest:g})", unit=unit, n=curve.n)
    low, high = curve.interval(conf_level)
    return Estimate(
        value=value,
        n=curve.n,
        unit=unit,
        conf_low=_first_below(curve, low, level),
        conf_high=_first_below(curve, high, level),
        conf_level=conf_level,
        method="Kaplan-Meier, log-log",
    )


def _first_below(curve: Curve, values: FloatArray, level: float) -> float:
    reached = np.flatnonzero(values <= level + 1e-12)
    return float(curve.time[reached[0]]) if reached.size else np.inf


def survival_at(curve: Curve, time: float) -> float:
    """Share of cases still open just after a time; NaN beyond the longest observed time.

    Examples
    --------
    >>> survival_at(kaplan_meier([1, 2, 4], [1, 0, 1]), 3)
    0.6666666666666667
    """
    if time > curve.longest:
        return np.nan if not curve.survival.size or curve.survival[-1] > 0 else 0.0
    place = int(np.searchsorted(curve.time, time, side="right"))
    return float(curve.survival[place - 1]) if place else 1.0
