"""Intervals of a share under a design, as R's `svyciprop` has them, vectorised over domains.

Examples
--------
>>> import numpy as np
>>> ends = share_interval(np.array([0.82]), np.array([0.055]), np.array([49.0]), n=np.array([50.0]),
...                       n_effective=np.array([50.0]))
>>> ends.low.round(3).tolist(), ends.high.round(3).tolist()
([0.683], [0.906])
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from survey_kpi.designs.profile import profile_interval
from survey_kpi.errors import SpecError, nearest
from survey_kpi.numeric import (
    Array,
    FloatArray,
    Interval,
    beta_bounds,
    check_share,
    critical_value,
    wilson_bounds,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Share:
    """A share strictly inside (0, 1) with its standard error, and what the methods need beside it."""

    p: FloatArray
    std_error: FloatArray
    df: FloatArray
    n: FloatArray
    critical: FloatArray
    conf_level: float

    @property
    def n_effective(self) -> FloatArray:
        """Cases of a simple random sample with the same standard error."""
        result: FloatArray = self.p * (1 - self.p) / self.std_error**2
        return result


def _mean(share: _Share) -> Interval[Array]:
    half = share.critical * share.std_error
    return Interval(share.p - half, share.p + half)


def _logit(share: _Share) -> Interval[Array]:
    half = share.critical * share.std_error / (share.p * (1 - share.p))
    centre = special.logit(share.p)
    return Interval(special.expit(centre - half), special.expit(centre + half))


def _arcsine(share: _Share) -> Interval[Array]:
    half = share.critical * share.std_error / (2 * np.sqrt(share.p * (1 - share.p)))
    centre = np.arcsin(np.sqrt(share.p))
    low = np.sin(centre - half) ** 2  # R folds an end below 0 back; it may not pass the share itself
    high = np.sin(np.minimum(centre + half, np.pi / 2)) ** 2
    return Interval(np.minimum(low, share.p), high)


def _beta(share: _Share) -> Interval[Array]:
    """Clopper-Pearson on the effective size, shrunk for the design's degrees of freedom (Korn, Graubard)."""
    correction = critical_value(share.conf_level, share.n - 1) / share.critical
    effective = share.n_effective * correction**2
    return beta_bounds(effective * share.p, effective, (1 - share.conf_level) / 2)


def _wilson(share: _Share) -> Interval[Array]:
    return wilson_bounds(share.n_effective * share.p, share.n_effective, share.critical)


def _likelihood(share: _Share) -> Interval[Array]:
    """Profile interval, one domain at a time, with R's own interpolation."""
    shape = (share.p, share.std_error, share.n, share.critical)
    found = [
        profile_interval(*row) if row[-1] > 0 else (np.nan, np.nan)
        for row in zip(*(np.ravel(part) for part in np.broadcast_arrays(*shape)), strict=True)
    ]
    low, high = np.array(found, dtype=float).T.reshape(2, *share.p.shape)
    return Interval(low, high)


def _likelihood_exact(share: _Share) -> Interval[Array]:
    """Shares whose scaled binomial deviance stays below the F quantile (Rao and Scott 1984)."""
    bound = share.critical**2 / share.n_effective
    low = _deviance_root(share.p, bound, np.zeros_like(share.p))
    high = _deviance_root(share.p, bound, np.ones_like(share.p))
    return Interval(low, high)


def _deviance_root(p: FloatArray, bound: FloatArray, outer: FloatArray) -> FloatArray:
    """Bisect between the estimate and the end of the scale: the deviance per case grows outwards."""
    inner = p.copy()
    for _ in range(80):
        middle = (inner + outer) / 2
        deviance = 2 * (special.rel_entr(p, middle) + special.rel_entr(1 - p, 1 - middle))
        beyond = deviance > bound
        inner, outer = np.where(beyond, inner, middle), np.where(beyond, middle, outer)
    return (inner + outer) / 2


SHARE_METHODS: Final[dict[str, Callable[[_Share], Interval[Array]]]] = {
    "logit": _logit,
    "likelihood": _likelihood,
    "likelihood_exact": _likelihood_exact,
    "arcsine": _arcsine,
    "beta": _beta,
    "wilson": _wilson,
    "mean": _mean,
}
"""Interval methods by name; R calls arcsine "asin" and logit "logit" or "xlogit"."""


def share_interval(
    p: FloatArray,
    std_error: FloatArray,
    df: FloatArray,
    *,
    n: FloatArray,
    n_effective: FloatArray,
    conf_level: float = 0.95,
    method: str = "logit",
) -> Interval[Array]:
    """Interval of shares under a design.

    Parameters
    ----------
    p, std_error, df
        Shares in [0, 1], linearised standard errors and degrees of freedom.
    n, n_effective
        Valid answers and Kish's effective number of them.
    conf_level
        Level, a share.
    method
        A key of `SHARE_METHODS`.

    Returns
    -------
    Interval
        Ends as shares. Where the standard error is 0 (p = 0 or 1) every method gives way to Wilson's
        interval on Kish's effective size; NaN without degrees of freedom.

    Raises
    ------
    SpecError
        `unknown_parameter`: no such method; `level_range`.
    """
    if method not in SHARE_METHODS:
        raise SpecError(
            "unknown_parameter",
            where="share_interval",
            what="there is no such interval for shares",
            got=method,
            hint=nearest(method, SHARE_METHODS),
        )
    critical = np.asarray(critical_value(check_share("conf_level", conf_level), df), dtype=float)
    inside = (std_error > 0) & (p > 0) & (p < 1)
    share = _Share(
        p=np.where(inside, p, 0.5),
        std_error=np.where(inside, std_error, 0.1),
        df=df,
        n=n,
        critical=critical,
        conf_level=conf_level,
    )
    ends = SHARE_METHODS[method](share)
    edge = wilson_bounds(p * n_effective, n_effective, critical)
    return Interval(np.where(inside, ends.low, edge.low), np.where(inside, ends.high, edge.high))
