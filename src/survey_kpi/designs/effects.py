"""What a design costs: design effects and effective sample sizes; and the population variance.

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> design = declare_design(6, weight=[100] * 6, cluster=list("aabbcc"))
>>> round(design_effect(design, [1, 1, 3, 3, 5, 5]), 2)
2.53
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_kpi.designs.design import Design
from survey_kpi.designs.estimates import (
    Linear,
    kish,
    kish_design_effect,
    mean_estimate,
    means,
    ratios,
    totals,
)
from survey_kpi.estimate import Estimate
from survey_kpi.numeric import FloatArray, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightSummary:
    """What a report prints of respondent weights: their sum and range, and what their spread costs."""

    n: int
    total: float
    low: float
    high: float
    design_effect: float
    n_effective: float


def weight_summary(weights: npt.ArrayLike) -> WeightSummary:
    """Summarise respondent weights after each step of design, rake, trim.

    Examples
    --------
    >>> weight_summary([1, 1, 1, 1, 2, 2]).design_effect
    1.125
    """
    w = np.asarray(weights, dtype=float)
    return WeightSummary(
        n=w.size,
        total=float(w.sum()),
        low=float(w.min()),
        high=float(w.max()),
        design_effect=kish_design_effect(w),
        n_effective=float(kish(w @ w, w.sum())),
    )


def variance_estimate(design: Design, y: npt.ArrayLike, *, unit: str, conf_level: float = 0.95) -> Estimate:
    """Population variance of y (divisor n - 1 in effect) with its standard error.

    Notes
    -----
    R: `svyvar(~y, design)`.

    Examples
    --------
    >>> from survey_kpi.designs.design import declare_design
    >>> round(variance_estimate(declare_design(5), [1, 2, 3, 4, 5], unit="score").value, 6)
    2.5
    """
    scores = np.asarray(y, dtype=float)
    first = means(design.mean_sums(scores))
    deviation = (scores - first.value) ** 2 * first.n / (first.n - 1)
    return mean_estimate(design.mean_sums(deviation), unit=unit, conf_level=conf_level)


def design_effect(
    design: Design, y: npt.ArrayLike, *, domain: npt.ArrayLike | None = None, total: bool = False
) -> float:
    """Variance under the design over that of a simple random sample of the same size without replacement.

    Parameters
    ----------
    design, y, domain
        Design, score of each row and the rows that belong.
    total
        Whether the statistic is the total in place of the mean.

    Notes
    -----
    R: `svymean(~y, design, deff = TRUE)`, `svytotal(~y, design, deff = TRUE)`. The population of the
    simple random sample is the sum of the domain's weights.

    Examples
    --------
    >>> from survey_kpi.designs.design import declare_design
    >>> round(design_effect(declare_design(4, population=[40] * 4), [1, 2, 3, 5]), 6)
    1.0
    """
    inside = np.ones(design.rows, dtype=bool) if domain is None else np.asarray(domain, dtype=bool)
    scores = np.where(inside, np.asarray(y, dtype=float), 0.0)
    sums = design.sums(np.column_stack([inside, scores]), domain=inside)
    statistic = totals(sums) if total else ratios(sums)
    w = design.weight * inside
    n, population = float((w > 0).sum()), float(w.sum())
    mean = float(w @ scores / population)
    variance = float(w @ (scores - mean) ** 2 / population) * n / (n - 1)
    simple = variance / n * (1 - n / population) * (population**2 if total else 1)
    return float(statistic.std_error**2 / simple)


def effective_n(linear: Linear) -> FloatArray:
    """Effective number of answers behind a share, p (1 - p) / SE²; Kish's where SE is 0 or undefined.

    Examples
    --------
    >>> from survey_kpi.designs.sums import sums_of_rows
    >>> sums = sums_of_rows([50], n=[50], w=[50], wy=[41], ww=[50], wwy=[41], wwyy=[41])
    >>> round(float(effective_n(means(sums))), 1)
    49.0
    """
    p, error = linear.value, linear.std_error
    usable = error > 0
    return np.asarray(
        plain(np.where(usable, p * (1 - p) / np.where(usable, error, 1) ** 2, linear.n_effective))
    )
