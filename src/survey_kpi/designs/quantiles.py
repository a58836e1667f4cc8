"""Quantiles under a design, with Woodruff's interval.

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> median = quantile_estimate(declare_design(9), [1, 2, 3, 4, 5, 6, 7, 8, 9], 0.5, unit="score")
>>> median.value, median.conf_low, median.conf_high
(5.0, 2.0, 9.0)
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from survey_kpi.designs.design import Design
from survey_kpi.designs.estimates import kish, means
from survey_kpi.designs.proportions import share_interval
from survey_kpi.estimate import Estimate, State
from survey_kpi.numeric import FloatArray, check_share, critical_value


def weighted_quantile(y: FloatArray, weight: FloatArray, share: float) -> float:
    """Smallest value at which the cumulative weight reaches `share` of the whole.

    Examples
    --------
    >>> weighted_quantile(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]), 0.5)
    2.0
    """
    order = np.argsort(y, kind="stable")
    cumulative = np.maximum.accumulate(np.cumsum(weight[order]))  # calibrated weights may be negative
    place = np.searchsorted(cumulative, share * cumulative[-1] * (1 - 1e-12), side="left")
    return float(y[order][min(int(place), y.size - 1)])


def quantile_estimate(
    design: Design,
    y: npt.ArrayLike,
    share: float,
    *,
    unit: str,
    domain: npt.ArrayLike | None = None,
    conf_level: float = 0.95,
    method: str = "mean",
) -> Estimate:
    """Quantile of y with Woodruff's interval.

    The interval of the share at or below the quantile is turned back into values of y.

    Parameters
    ----------
    design, y, domain
        Design, score of each row (NaN: missing) and the rows that belong.
    share
        .5 for the median.
    unit
        Unit of y.
    conf_level
        Level, a share.
    method
        Interval of the share, a key of `survey_kpi.designs.proportions.SHARE_METHODS`.

    Returns
    -------
    Estimate
        `std_error` is the interval's length in critical values. Where the share's interval reaches 0 or 1
        the end is infinite; without degrees of freedom the ends are NaN.

    Raises
    ------
    SpecError
        `level_range`, `unknown_parameter`.

    Notes
    -----
    Woodruff (1952); R 4.1: `svyquantile(~y, design, p, interval.type = "mean")`, qrule "math".
    """
    scores, inside = np.asarray(y, dtype=float), np.ones(design.rows, dtype=bool)
    if domain is not None:
        inside = np.asarray(domain, dtype=bool)
    inside = inside & ~np.isnan(scores) & (design.weight != 0)
    if not inside.any():
        return Estimate.missing(State.UNAVAILABLE, "no valid answers", unit=unit)
    values, weight = scores[inside], design.weight[inside]
    value = weighted_quantile(values, weight, check_share("share", share))
    below = means(design.mean_sums(scores <= value, domain=inside))
    ends = share_interval(
        *(np.atleast_1d(part) for part in (below.value, below.std_error, below.df)),
        n=np.atleast_1d(below.n),
        n_effective=np.atleast_1d(below.n_effective),
        conf_level=conf_level,
        method=method,
    )
    low, high = (_invert(values, weight, float(end[0])) for end in ends)
    critical = float(critical_value(conf_level, below.df))
    return Estimate(
        value=value,
        std_error=(high - low) / (2 * critical),
        conf_low=low,
        conf_high=high,
        conf_level=conf_level,
        n=int(inside.sum()),
        n_effective=float(kish(weight @ weight, weight.sum())),
        unit=unit,
        method=f"Woodruff ({method}), t({float(below.df):.0f})",
    )


def _invert(y: FloatArray, weight: FloatArray, share: float) -> float:
    """Value at a share; beyond the scale of shares nothing bounds it."""
    if np.isnan(share):
        return np.nan
    if share <= 0 or share >= 1:
        return np.inf if share >= 1 else -np.inf
    return weighted_quantile(y, weight, share)
