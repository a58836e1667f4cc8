"""Tiers of people who cannot be told apart, in place of a ranking.

Each person is compared with all others together; only differences that survive the adjustment for the
number of people leave the middle tier.

Examples
--------
>>> tiers([28, 24, 23, 8], [30, 30, 30, 30]).verdict.tolist()
['above', 'same', 'same', 'below']
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.numeric import FloatArray, IntArray, check_share

TIER_LEVEL: Final = 0.05
ABOVE, SAME, BELOW, UNTESTED = "above", "same", "below", "untested"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiers:
    """Verdict on each person; arrays of one shape, people along the last axis.

    Parameters
    ----------
    verdict
        "above", "same" or "below" the rest; "untested" without answers or without others.
    p_value
        Exact two-sided p value, NaN where untested.
    adjusted
        Benjamini-Hochberg adjusted over the people.
    """

    verdict: npt.NDArray[np.str_]
    p_value: FloatArray
    adjusted: FloatArray

    def count(self, verdict: str) -> int:
        """How many people got this verdict."""
        return int(np.sum(self.verdict == verdict))


def _counts(successes: npt.ArrayLike, n: npt.ArrayLike) -> tuple[IntArray, IntArray]:
    x, cases = np.broadcast_arrays(np.asarray(successes), np.asarray(n))
    if np.any(x < 0) or np.any(x > cases) or np.any(x != np.floor(x)) or np.any(cases != np.floor(cases)):
        raise MethodError(
            "counts_invalid",
            where="tiers",
            what="the exact test needs whole numbers of successes among cases",
            got=[x.tolist()[:5], cases.tolist()[:5]],
            expected="0 <= successes <= n",
            hint="use the indicator's numerator and denominator, not weighted sums",
        )
    return x.astype(np.int64), cases.astype(np.int64)


def one_against_rest(successes: npt.ArrayLike, n: npt.ArrayLike) -> FloatArray:
    """Exact two-sided p value of each person's share against that of all others together.

    Given the totals, a person's successes are hypergeometric when nobody differs; the smaller tail is
    doubled.

    Parameters
    ----------
    successes, n
        Counts, people along the last axis.

    Returns
    -------
    numpy.ndarray
        p values; NaN for a person without answers, or with all of them.

    Raises
    ------
    MethodError
        `counts_invalid`: not whole, negative, or more successes than cases.

    Notes
    -----
    Fisher's exact test with doubling, R: `2 * min(phyper(...))`.

    Examples
    --------
    >>> one_against_rest([28, 24, 23, 8], [30, 30, 30, 30]).round(5).tolist()
    [0.00089, 0.20552, 0.42801, 0.0]
    """
    x, cases = _counts(successes, n)
    total, hits = cases.sum(axis=-1, keepdims=True), x.sum(axis=-1, keepdims=True)
    law: Any = stats.hypergeom(total, hits, cases)
    p = np.minimum(2 * np.minimum(law.cdf(x), law.sf(x - 1)), 1)
    return np.where((cases > 0) & (cases < total), p, np.nan)


def tiers(successes: npt.ArrayLike, n: npt.ArrayLike, *, level: float = TIER_LEVEL) -> Tiers:
    """Sort people into above, same and below, Benjamini-Hochberg at `level` over the people.

    Parameters
    ----------
    successes, n
        Numerator and denominator of a rate, people along the last axis.
    level
        False discovery rate; when nobody differs, anybody leaves the middle with at most this probability.

    Returns
    -------
    Tiers

    Raises
    ------
    MethodError
        `counts_invalid`: see `one_against_rest`.
    """
    x, cases = _counts(successes, n)
    p = one_against_rest(x, cases)
    adjusted = adjust_p(p) if p.size else p
    total, hits = cases.sum(axis=-1, keepdims=True), x.sum(axis=-1, keepdims=True)
    higher = x * (total - cases) > (hits - x) * cases
    differs = adjusted <= check_share("level", level)
    verdict = np.select([np.isnan(p), differs & higher, differs], [UNTESTED, ABOVE, BELOW], SAME)
    return Tiers(verdict=verdict, p_value=p, adjusted=adjusted)
