"""How many answers a question needs, planned before anybody is asked.

Examples
--------
>>> sample_size(nps_variance(50, 20), 10).n, sample_size(NPS_WORST, 10).n
(235, 385)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.numeric import critical_value

NPS_WORST: Final = 10_000.0
"""Largest variance of one NPS answer in squared points: half promoters, half detractors."""
SHARE_WORST: Final = 2_500.0
"""Largest variance of one answer to a yes-no question in squared percent: half yes, half no."""
FINITE: Final = "finite population correction (Cochran 1977)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """Answers needed.

    Parameters
    ----------
    n
        Valid answers; whole, rounded up.
    half_width
        Half the width of the interval aimed at, in the unit of the statistic.
    variance
        Variance of one answer that was assumed, in that unit squared.
    conf_level
        Level of the interval.
    correction
        Name of the correction for a small population, empty without one.
    """

    n: int
    half_width: float
    variance: float
    conf_level: float
    correction: str = ""


def nps_variance(promoters: float, detractors: float) -> float:
    """Variance of one NPS answer (+100, 0, −100), in squared points.

    Parameters
    ----------
    promoters, detractors
        Expected shares in percent, such as those of the last quarter.

    Raises
    ------
    MethodError
        `share_range`: a share is negative, or both exceed 100 together.

    Examples
    --------
    >>> nps_variance(50, 20)  # .61 as shares
    6100.0
    """
    _check_shares(promoters, detractors)
    difference = promoters - detractors
    return 100.0 * (promoters + detractors) - difference * difference


def share_variance(share: float) -> float:
    """Variance of one yes-no answer, in squared percent.

    Parameters
    ----------
    share
        Expected share in percent.

    Raises
    ------
    MethodError
        `share_range`: the share lies outside 0 to 100.

    Examples
    --------
    >>> share_variance(80)
    1600.0
    """
    _check_shares(share)
    return share * (100.0 - share)


def _check_shares(*shares: float) -> None:
    if not (all(share >= 0 for share in shares) and sum(shares) <= 100):
        raise MethodError(
            "share_range",
            where="sample size",
            what="these are no shares of all answers",
            got=", ".join(f"{share:g}" for share in shares),
            expected="percent, from 0 to 100 together",
        )


def sample_size(
    variance: float, half_width: float, *, conf_level: float = 0.95, population: int | None = None
) -> SampleSize:
    """Answers needed for an interval of a given half-width around an NPS, a share or a mean.

    Parameters
    ----------
    variance
        Variance of one answer: `nps_variance` or `NPS_WORST`, `share_variance` or `SHARE_WORST`, the
        squared standard deviation of a mean.
    half_width
        Half the width aimed at: points, percentage points, or the unit of the scale.
    conf_level
        Level of the interval.
    population
        Size of a small population that is sampled without replacement; None for no correction.

    Returns
    -------
    SampleSize
        n = ⌈z² v ÷ E²⌉; with a population n₀ N ÷ (N + n₀ − 1) of n₀ before rounding, never more than N.

    Raises
    ------
    MethodError
        `sample_size`: variance negative, half-width not positive, or population below 1.
    SpecError
        `level_range`.

    Notes
    -----
    Cochran (1977), Sampling Techniques, 4.3 to 4.7. Simple random sampling: multiply by the design effect
    of another design.

    Examples
    --------
    >>> sample_size(SHARE_WORST, 5).n, sample_size(SHARE_WORST, 5, population=1000).n
    (385, 278)
    >>> sample_size(0.9**2, 0.1).n  # a mean on a five-point scale
    312
    """
    if not (
        0 <= variance < math.inf and 0 < half_width < math.inf and (population is None or population > 0)
    ):
        raise MethodError(
            "sample_size",
            where="sample size",
            what="there is no such plan",
            got=f"variance {variance:g}, half-width {half_width:g}, population {population}",
            expected="variance from 0, half-width above 0, population from 1",
        )
    needed = critical_value(conf_level) ** 2 * variance / half_width**2
    if population is not None:
        needed = needed * population / (population + needed - 1) if needed > 0 else 0.0
    n = max(math.ceil(needed - 1e-9), 1)
    return SampleSize(
        n=n if population is None else min(n, population),
        half_width=half_width,
        variance=variance,
        conf_level=conf_level,
        correction="" if population is None else FINITE,
    )


def units_of_share(share: float, population: int) -> int:
    """Units that make at least a share of a population: 10 % of 1,000 are 100.

    Parameters
    ----------
    share
        Share of 1, above 0 and at most 1.
    population
        Units in all.

    Raises
    ------
    SpecError
        `share_range`: the share lies outside (0, 1].

    Examples
    --------
    >>> units_of_share(0.1, 1000), units_of_share(0.07, 100), units_of_share(0.1, 1001)
    (100, 7, 101)
    """
    if not 0 < share <= 1:
        raise SpecError(
            "share_range", where="sample", what="this is no share", got=share, expected="above 0, at most 1"
        )
    return math.ceil(Fraction(str(share)) * population)  # exact: 0.07 × 100 as floats is more than 7


def invitations_needed(answers: int, response_rate: float) -> int:
    """Invitations to send for a number of answers at an expected response rate, a share of 1.

    Raises
    ------
    SpecError
        `share_range`: the rate lies outside (0, 1].

    Examples
    --------
    >>> invitations_needed(235, 0.3)
    784
    """
    if not 0 < response_rate <= 1:
        raise SpecError(
            "share_range",
            where="response rate",
            what="this is no rate of answers",
            got=response_rate,
            expected="above 0, at most 1",
        )
    return math.ceil(answers / Fraction(str(response_rate)))
