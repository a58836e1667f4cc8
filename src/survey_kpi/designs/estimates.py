"""Linearised estimates from design sums: totals, means, ratios, shares, differences.

The variance of a smooth function of totals is that of its linear part at the estimate (Taylor). All
functions take many domains at once; `Linear.estimates` makes one `Estimate` of each.

Examples
--------
>>> from survey_kpi.designs.sums import sums_of_rows
>>> sums = sums_of_rows([50], n=[50], w=[50], wy=[41], ww=[50], wwy=[41], wwyy=[41])
>>> share = proportion_estimate(sums)
>>> round(share.value, 1), round(share.conf_low, 1), round(share.conf_high, 1), share.method
(82.0, 68.3, 90.6, 'logit, t(49)')
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.designs.proportions import share_interval
from survey_kpi.designs.sums import DesignSums, Lonely
from survey_kpi.estimate import Estimate, State
from survey_kpi.numeric import Array, FloatArray, Interval, adjusted_wald, critical_value

UNBOUNDED: Final = (-math.inf, math.inf)
ROUNDING: Final = 1e-13
NPS_LIMITS: Final = (-100.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Linear:
    """Linearised estimates of one statistic over domains.

    Parameters
    ----------
    value, std_error
        In the unit of the scores; value NaN without answers, std_error NaN without degrees of freedom.
    df
        Degrees of freedom of the design within the domain.
    n, n_effective
        Valid answers and Kish's effective number of them.
    """

    value: FloatArray
    std_error: FloatArray
    df: FloatArray
    n: FloatArray
    n_effective: FloatArray

    def scaled(self, factor: float) -> Linear:
        """Return the same estimates in another unit: 100 makes shares percents."""
        return replace(self, value=self.value * factor, std_error=self.std_error * abs(factor))

    def interval(self, conf_level: float = 0.95, limits: tuple[float, float] = UNBOUNDED) -> Interval[Array]:
        """t interval with the design's degrees of freedom, cut at `limits`."""
        half = critical_value(conf_level, self.df) * self.std_error
        return Interval(np.clip(self.value - half, *limits), np.clip(self.value + half, *limits))

    def estimates(
        self,
        *,
        unit: str,
        conf_level: float = 0.95,
        limits: tuple[float, float] = UNBOUNDED,
        ends: Interval[Array] | None = None,
        label: str = "linearised",
    ) -> list[Estimate]:
        """One `Estimate` per domain, with t intervals unless other `ends` are given."""
        low, high = ends or self.interval(conf_level, limits)
        columns = (self.value, self.std_error, self.df, self.n, self.n_effective, low, high)
        rows = zip(*(np.atleast_1d(column).tolist() for column in columns), strict=True)
        return [_estimate(row, unit, conf_level, label) for row in rows]


def _estimate(row: tuple[float, ...], unit: str, conf_level: float, label: str) -> Estimate:
    value, error, df, n, effective, low, high = row
    if math.isnan(value):
        return Estimate.missing(State.UNAVAILABLE, "no valid answers", unit=unit)
    return Estimate(
        value=value,
        std_error=error,
        n=round(n),
        n_effective=effective,
        conf_low=low,
        conf_high=high,
        conf_level=conf_level,
        unit=unit,
        method=f"{label}, t({df:.0f})",
        reason="" if df > 0 else "one sampling unit: no standard error",
    )


def kish(ww: npt.ArrayLike, w: npt.ArrayLike) -> FloatArray:
    """Kish's effective sample size (Σ w)² / Σ w²; 0 without answers.

    Examples
    --------
    >>> weights = np.array([1, 1, 1, 1, 2, 2])
    >>> round(float(kish(np.sum(weights**2), weights.sum())), 3)
    5.333
    """
    squares, total = np.asarray(ww, dtype=float), np.asarray(w, dtype=float)
    return np.where(squares > 0, total**2 / np.where(squares > 0, squares, 1), 0.0)


def kish_design_effect(weights: npt.ArrayLike) -> float:
    """Design effect of unequal weights, n Σ w² / (Σ w)².

    Examples
    --------
    >>> kish_design_effect([1, 1, 1, 1, 2, 2])
    1.125
    """
    w = np.asarray(weights, dtype=float)
    return float(w.size * np.sum(w**2) / np.sum(w) ** 2)


# --- statistics ---------------------------------------------------------------------------------------


def _linear(sums: DesignSums, value: FloatArray, gradient: FloatArray, lonely: Lonely) -> Linear:
    """Delta method: variance of gradient' totals."""
    covariance = sums.covariance(lonely)
    variance = np.einsum("...i,...ij,...j->...", gradient, covariance, gradient)
    size = np.einsum("...i,...ij,...j->...", np.abs(gradient), np.abs(covariance), np.abs(gradient))
    variance = np.where(variance > ROUNDING * size, variance, 0.0)  # equal scores have no variance at all
    effective = kish(sums.ww, np.where(sums.ww > 0, sums.totals[..., 0], 0))
    return Linear(
        value=np.asarray(value),
        std_error=np.where(sums.df > 0, np.sqrt(variance), np.nan),
        df=sums.df,
        n=sums.n,
        n_effective=effective,
    )


def ratios(sums: DesignSums, *, lonely: Lonely = "adjust") -> Linear:
    """Ratio of the second column's total to the first's; with columns (1, y) the mean of y.

    Parameters
    ----------
    sums
        Design sums of two columns; leading axes are domains.
    lonely
        Rule for strata with a single unit.

    Notes
    -----
    R: `svyratio(~y, ~x, design)`, and `svymean(~y, design, na.rm = TRUE)` with x = 1.
    """
    base = np.where(sums.totals[..., 0] != 0, sums.totals[..., 0], np.nan)
    value = sums.totals[..., 1] / base
    return _linear(sums, value, np.stack([-value / base, 1 / base], axis=-1), lonely)


def totals(sums: DesignSums, *, column: int = 1, lonely: Lonely = "adjust") -> Linear:
    """Weighted total of one column. R: `svytotal(~y, design)`."""
    gradient = np.zeros(sums.totals.shape)
    gradient[..., column] = 1
    return _linear(sums, sums.totals[..., column], gradient, lonely)


means = ratios
"""Mean of y over each domain: the ratio of Σ w y to Σ w. R: `svymean`, `svyby`."""


def _inside(linear: Linear, limits: tuple[float, float]) -> Linear:
    """Undo rounding that put a value beyond the end of its scale."""
    return replace(linear, value=np.clip(linear.value, *limits))


# --- one estimate -------------------------------------------------------------------------------------


def mean_estimate(
    sums: DesignSums,
    *,
    unit: str,
    conf_level: float = 0.95,
    limits: tuple[float, float] = UNBOUNDED,
    lonely: Lonely = "adjust",
) -> Estimate:
    """Mean of one domain with its t interval; the NPS with scores 100, 0, -100 and limits (-100, 100).

    Parameters
    ----------
    sums
        Design sums of one domain.
    unit
        Unit of the scores.
    conf_level
        Level, a share.
    limits
        Ends of the scale, at which the interval is cut.
    lonely
        Rule for strata with a single unit.

    Returns
    -------
    Estimate
        State unavailable without answers. With a single sampling unit there is no standard error: it and
        the interval are NaN, and the reason says so.

    Notes
    -----
    R: `m <- svymean(~y, design, na.rm = TRUE); confint(m, df = degf(design))`. The degrees of freedom are
    those of the domain, `degf(subset(design, domain))`.

    Examples
    --------
    >>> from survey_kpi.designs.sums import sums_of_clusters
    >>> sums = sums_of_clusters([3], stratum=[0] * 3, n=[2] * 3, w=[2] * 3, wy=[2, 1, 0], ww=[2] * 3)
    >>> estimate = mean_estimate(sums, unit="score")
    >>> round(estimate.value, 2), round(estimate.std_error, 4), estimate.method
    (0.5, 0.2887, 'linearised, t(2)')
    """
    return means(sums, lonely=lonely).estimates(unit=unit, conf_level=conf_level, limits=limits)[0]


def nps_interval(linear: Linear, *, conf_level: float = 0.95, scale: float = 100.0) -> Interval[Array]:
    """Interval of an NPS under a design, cut at the ends of its scale and never of width 0.

    It is that of a mean. Where all answers of a domain fall into one group the standard error is 0; the
    adjusted Wald interval on the effective size stands in there.

    Parameters
    ----------
    linear
        Means of scores `scale`, 0 and -`scale`: 100 for points, 1 for shares.
    conf_level
        Level, a share.
    scale
        Score of a promoter.
    """
    ends = linear.interval(conf_level, (-scale, scale))
    alone = linear.std_error == 0
    size = np.where(alone, linear.n_effective, 1.0)
    up, middle, down = (np.where(np.isclose(linear.value, side * scale), size, 0.0) for side in (1, 0, -1))
    edge = adjusted_wald(up, middle, down, critical_value(conf_level, linear.df))
    low, high = (
        np.where(alone, scale * np.clip(stand_in, -1, 1), end)
        for stand_in, end in zip(edge, ends, strict=True)
    )
    return Interval(low, high)


def nps_estimates(sums: DesignSums, *, conf_level: float = 0.95, lonely: Lonely = "adjust") -> list[Estimate]:
    """NPS over domains, in points, from the columns (1, y) with scores y of 100, 0 and -100.

    The interval is that of `nps_interval`; where it stands in for a standard error of 0 the method says so.

    Examples
    --------
    >>> from survey_kpi.designs.sums import sums_of_rows
    >>> nps = nps_estimates(sums_of_rows([12], n=[12], w=[12], wy=[1200], ww=[12], wwy=[1200], wwyy=[120000]))
    >>> round(nps[0].conf_low, 1), nps[0].conf_high, nps[0].method
    (51.0, 100.0, 'adjusted Wald on effective n')
    """
    found = _inside(means(sums, lonely=lonely), NPS_LIMITS)
    ends = nps_interval(found, conf_level=conf_level)
    made = found.estimates(unit="points", conf_level=conf_level, ends=ends)
    return [replace(e, method="adjusted Wald on effective n") if e.std_error == 0 else e for e in made]


def ratio_estimate(
    sums: DesignSums, *, unit: str, conf_level: float = 0.95, lonely: Lonely = "adjust"
) -> Estimate:
    """Ratio of the second column's total to the first's, of one domain."""
    return ratios(sums, lonely=lonely).estimates(unit=unit, conf_level=conf_level)[0]


def total_estimate(
    sums: DesignSums, *, unit: str, column: int = 1, conf_level: float = 0.95, lonely: Lonely = "adjust"
) -> Estimate:
    """Weighted total of one column, of one domain."""
    return totals(sums, column=column, lonely=lonely).estimates(unit=unit, conf_level=conf_level)[0]


def proportion_estimates(
    sums: DesignSums, *, conf_level: float = 0.95, method: str = "logit", lonely: Lonely = "adjust"
) -> list[Estimate]:
    """Shares of y in {0, 1} over domains, in percent, with an interval made for shares.

    Parameters
    ----------
    sums
        Design sums of the columns (1, y); leading axes are domains.
    conf_level
        Level, a share.
    method
        Key of `survey_kpi.designs.proportions.SHARE_METHODS`.
    lonely
        Rule for strata with a single unit.

    Notes
    -----
    R: `svyciprop(~y, design, method = "logit")`. At 0 and 100 % the standard error is 0 and the logit has
    no interval; there Wilson's interval on the effective sample size stands in, and the method says so.
    """
    shares = _inside(means(sums, lonely=lonely), (0.0, 1.0))
    ends = share_interval(
        shares.value, shares.std_error, shares.df, n=shares.n, n_effective=shares.n_effective,
        conf_level=conf_level, method=method,
    )  # fmt: skip
    percent = Interval(100 * ends.low, 100 * ends.high)
    found = shares.scaled(100).estimates(unit="percent", conf_level=conf_level, ends=percent, label=method)
    return [replace(one, method="wilson on effective n") if one.std_error == 0 else one for one in found]


def proportion_estimate(
    sums: DesignSums, *, conf_level: float = 0.95, method: str = "logit", lonely: Lonely = "adjust"
) -> Estimate:
    """Share of one domain, in percent; see `proportion_estimates`."""
    return proportion_estimates(sums, conf_level=conf_level, method=method, lonely=lonely)[0]
