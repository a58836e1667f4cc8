"""Whether two things go together in rank order, without claiming that one brings the other.

Examples
--------
>>> found = rank_correlation([9, 7, 10, 3, 8, 6, 9, 2], [4, 3, 5, 1, 2, 3, 4, 2])
>>> round(found.value, 3), round(found.low, 2), round(found.high, 2), found.found
(0.854, 0.24, 0.98, True)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.numeric import check_share, critical_value, two_sided_p

FEWEST: Final = 4
"""Complete pairs below which the interval does not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankCorrelation:
    """Spearman's rank correlation with its interval.

    Parameters
    ----------
    value, low, high
        Correlation and its interval; missing pairs are left out.
    p_value
        Two-sided, of the same statistic as the interval.
    n, incomplete
        Complete pairs, and pairs left out because one half is missing.
    found
        Whether the interval excludes 0: only then may a sentence speak of an association.
    """

    value: float
    low: float
    high: float
    p_value: float
    n: int
    incomplete: int
    found: bool


def rank_correlation(x: npt.ArrayLike, y: npt.ArrayLike, conf_level: float = 0.95) -> RankCorrelation:
    """Spearman's correlation, ties at their mean rank, with an interval on Fisher's scale.

    Parameters
    ----------
    x, y
        One pair per customer, NaN where missing; 0 and 1 will do.
    conf_level
        Level of the interval; 1 minus it is the level of `found`.

    Raises
    ------
    MethodError
        `rows_differ`: the two have different lengths; `too_few_subjects`: fewer than four complete pairs;
        `no_variation`: one of the two takes a single value.

    Notes
    -----
    Standard error of Fisher's z: √((1 + r² / 2) ÷ (n − 3)) (Bonett and Wright 2000).
    R: `cor(x, y, method = "spearman")`.
    """
    a, b = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise MethodError(
            "rows_differ",
            where="rank_correlation",
            what="the two columns have different lengths",
            got=f"{a.shape} and {b.shape}",
        )
    known = np.isfinite(a) & np.isfinite(b)
    n = int(known.sum())
    _check(a[known], b[known])
    r = float(np.corrcoef(stats.rankdata(a[known]), stats.rankdata(b[known]))[0, 1])
    error = math.sqrt((1 + r**2 / 2) / (n - 3))
    z = math.atanh(max(-1 + 1e-15, min(r, 1 - 1e-15)))
    half = float(critical_value(conf_level)) * error
    p_value = float(two_sided_p(z / error))
    return RankCorrelation(
        value=r,
        low=math.tanh(z - half),
        high=math.tanh(z + half),
        p_value=p_value,
        n=n,
        incomplete=int((~known).sum()),
        found=p_value < 1 - check_share("conf_level", conf_level),
    )


def _check(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> None:
    if a.size < FEWEST:
        raise MethodError(
            "too_few_subjects",
            where="rank_correlation",
            what="too few complete pairs",
            got=a.size,
            expected=f"at least {FEWEST}",
        )
    if min(np.ptp(a), np.ptp(b)) == 0:
        raise MethodError(
            "no_variation", where="rank_correlation", what="one of the two takes a single value"
        )
