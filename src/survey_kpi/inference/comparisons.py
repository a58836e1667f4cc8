"""Comparisons: changes, what a sample can detect, and families of claims that may use direction words.

Examples
--------
>>> small = change(38.0, 7.590, 30.0, 7.810)
>>> round(small.std_error, 2), round(small.statistic, 2)
(10.89, 0.73)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final, Generic

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import MethodError
from survey_kpi.estimate import Estimate
from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.numeric import (
    BoolArray,
    FloatArray,
    Interval,
    N,
    check_share,
    critical_value,
    plain,
    two_sided_p,
)

POWER: Final = 0.80
DIRECTION_LEVEL: Final = 0.025
"""Error budget of the primary comparison, and of the other direction claims together."""


# --- one change ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change(Generic[N]):
    """Difference of two estimates with its test; numbers or arrays of one shape.

    Parameters
    ----------
    difference
        New minus old, in the unit of the estimates (percentage points for percents).
    std_error
        Standard error of the difference.
    statistic
        Difference in standard errors; NaN where there is no test.
    p_value
        Two-sided; NaN where there is no test.
    df
        Degrees of freedom of the reference distribution, infinite for the normal.
    """

    difference: N
    std_error: N
    statistic: N
    p_value: N
    df: N

    def interval(self, level: float = 0.05) -> Interval[N]:
        """Interval of the difference that excludes 0 exactly when p < `level`."""
        half = critical_value(1 - check_share("level", level), self.df) * np.asarray(self.std_error)
        return Interval(plain(self.difference - half), plain(self.difference + half))


def change(
    value: N,
    std_error: N,
    reference: N | float,
    reference_error: N | float = 0.0,
    *,
    covariance: N | float = 0.0,
    df: N | float = math.inf,
) -> Change[Any]:
    """Difference between two estimates, independent unless a covariance is given.

    Parameters
    ----------
    value, std_error
        New estimate.
    reference, reference_error
        Old estimate, or a fixed target with error 0.
    covariance
        Covariance of the two, where units repeat (see `survey_kpi.designs`).
    df
        Degrees of freedom; the normal by default.

    Returns
    -------
    Change
        Where the standard error of the difference is 0 or missing there is no test: statistic and p value
        are NaN, and such a change never earns a direction word.

    Notes
    -----
    R: `(b - a) / sqrt(se_a^2 + se_b^2 - 2 cov)`.

    Examples
    --------
    >>> large = change(38.0, 1.697, 30.0, 1.746)
    >>> round(large.std_error, 3), round(large.statistic, 2), round(large.p_value, 4)
    (2.435, 3.29, 0.001)
    """
    difference = np.asarray(value, float) - np.asarray(reference, float)
    variance = np.square(np.asarray(std_error, float)) + np.square(np.asarray(reference_error, float))
    error = np.sqrt(np.maximum(variance - 2 * np.asarray(covariance, float), 0))
    statistic = difference / np.where(error > 0, error, np.nan)
    return Change(
        difference=plain(difference),
        std_error=plain(error),
        statistic=plain(statistic),
        p_value=two_sided_p(statistic, df),
        df=plain(df),
    )


def compare(now: Estimate, before: Estimate, *, covariance: float = 0.0) -> Change[float]:
    """Change from one estimate to another of the same unit.

    Raises
    ------
    MethodError
        `units_differ`: the units are not the same; `not_measured`: one of the two is no measurement.

    Examples
    --------
    >>> before = Estimate(value=30.0, n=100, std_error=7.81, unit="points")
    >>> compare(Estimate(value=38.0, n=100, std_error=7.59, unit="points"), before).difference
    8.0
    """
    if now.unit != before.unit:
        raise MethodError(
            "units_differ",
            where="comparison",
            what="the two estimates have different units",
            got=now.unit,
            expected=before.unit,
        )
    for estimate in (now, before):
        if not estimate.measured:
            raise MethodError(
                "not_measured",
                where="comparison",
                what="an estimate without a value cannot be compared",
                got=f"{estimate.state}: {estimate.reason}",
                expected="two measured estimates",
            )
    return change(now.value, now.std_error, before.value, before.std_error, covariance=covariance)


def order_probability(first: N, first_error: N, second: N, second_error: N) -> N:
    """Probability that the first true value is the higher one, given both estimates (flat prior, normal).

    Order words ("higher than") need .90; where both standard errors are 0 there is no probability: NaN.

    Examples
    --------
    >>> round(order_probability(82.0, 2.0, 79.0, 2.0), 3)
    0.856
    """
    statistic = np.asarray(change(first, first_error, second, second_error).statistic)
    return plain(special.ndtr(statistic))  # type: ignore[no-any-return]


def minimum_detectable(std_error: N, level: float = 0.05) -> N:
    """Smallest change that would be called one at `level`: its two-sided critical value x standard error.

    Parameters
    ----------
    std_error
        Standard error of the difference.
    level
        Level of the claim it is printed beside: .05 unadjusted, .025 for the primary comparison (2.24
        standard errors), `DirectionClaims.others_level` for the rest.

    Examples
    --------
    >>> [round(minimum_detectable(se, level), 1) for se in (10.89, 2.435) for level in (.05, .025)]
    [21.3, 24.4, 4.8, 5.5]
    """
    return plain(critical_value(1 - check_share("level", level)) * np.asarray(std_error, float))  # type: ignore[no-any-return]


def detectable_with_power(std_error: N, level: float = 0.05, power: float = POWER) -> N:
    """Change that is found with probability `power` when tested at `level`.

    Examples
    --------
    >>> round(detectable_with_power(2.435), 2)
    6.82
    """
    z = critical_value(1 - check_share("level", level)) + special.ndtri(check_share("power", power))
    return plain(z * np.asarray(std_error, float))  # type: ignore[no-any-return]


# --- direction words ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DirectionClaims:
    """Which changes of one report may be told with a direction word, and at which level.

    Parameters
    ----------
    primary
        Whether the comparison that was declared in advance may.
    others
        Whether each other change may, in the order given.
    others_adjusted
        Benjamini-Hochberg adjusted p values of the others.
    primary_level, others_level
        Levels of intervals and minimum detectable changes printed beside the claims.
    tested, claims
        How many of the others were tested, and how many may be claimed.
    """

    primary: bool
    others: BoolArray
    others_adjusted: FloatArray
    primary_level: float
    others_level: float
    tested: int
    claims: int

    @property
    def primary_multiplier(self) -> float:
        """Half-width of the primary comparison's interval in standard errors: 2.24 at .025."""
        return float(critical_value(1 - self.primary_level))

    @property
    def others_multiplier(self) -> float:
        """Half-width of the other intervals in standard errors."""
        return float(critical_value(1 - self.others_level))


def direction_claims(
    primary: float, others: npt.ArrayLike, *, level: float = DIRECTION_LEVEL
) -> DirectionClaims:
    """Decide which changes of a report may be told with direction words.

    The primary comparison is tested at `level`; the others by Benjamini-Hochberg at `level`. When nothing
    changes, any false direction word appears in at most 2 x `level` of the reports.

    Parameters
    ----------
    primary
        Two-sided p value of the declared primary comparison; NaN when it could not be tested.
    others
        Two-sided p values of all other changes; NaN for those that could not be tested.
    level
        Budget of each of the two, .025 by default.

    Returns
    -------
    DirectionClaims
        `others_level` is `level` x max(1, claims) / tested.

    Raises
    ------
    MethodError
        `p_value_range`: a p value lies outside [0, 1].

    Notes
    -----
    Benjamini and Hochberg (1995); intervals at the level of the claims made: Benjamini and Yekutieli
    (2005), false coverage-statement rate.

    Examples
    --------
    >>> verdict = direction_claims(0.001, [0.0001, 0.2, 0.04, float("nan")])
    >>> verdict.primary, verdict.others.tolist(), round(verdict.others_level, 5)
    (True, [True, False, False, False], 0.00833)
    >>> round(verdict.primary_multiplier, 2), round(verdict.others_multiplier, 2)
    (2.24, 2.64)
    """
    check_share("level", level)
    p = np.array(others, dtype=float, ndmin=1)
    adjusted = adjust_p(p) if p.size else p
    verdicts = adjusted <= level
    tested, claims = int(np.sum(~np.isnan(p))), int(np.sum(verdicts))
    return DirectionClaims(
        primary=bool(primary <= level),
        others=verdicts,
        others_adjusted=adjusted,
        primary_level=level,
        others_level=level * max(1, claims) / max(1, tested),
        tested=tested,
        claims=claims,
    )
