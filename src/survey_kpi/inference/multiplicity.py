"""Multiple testing: p values adjusted for the number of tests in their family, as R's `p.adjust` does.

Examples
--------
>>> adjust_p([0.01, 0.04, 0.03], "holm").round(3).tolist()
[0.03, 0.06, 0.06]
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError, SpecError, nearest
from survey_kpi.numeric import FloatArray


def _bonferroni(p: FloatArray) -> FloatArray:
    return p * p.size


def _holm(p: FloatArray) -> FloatArray:
    return np.maximum.accumulate(p * np.arange(p.size, 0, -1))


def _from_above(p: FloatArray) -> FloatArray:
    """Cumulative minimum from the largest p value down: the step of every step-up procedure."""
    return np.minimum.accumulate(p[::-1])[::-1]


def _hochberg(p: FloatArray) -> FloatArray:
    return _from_above(p * np.arange(p.size, 0, -1))


def _benjamini_hochberg(p: FloatArray) -> FloatArray:
    return _from_above(p * p.size / np.arange(1, p.size + 1))


def _benjamini_yekutieli(p: FloatArray) -> FloatArray:
    return _benjamini_hochberg(p) * np.sum(1 / np.arange(1, p.size + 1))


def _hommel(p: FloatArray) -> FloatArray:
    """Hommel (1988) by the algorithm of Wright (1992), as in R's `p.adjust`."""
    n = p.size
    rank = np.arange(1, n + 1)
    best = np.full(n, np.min(n * p / rank))
    adjusted = best.copy()
    for m in range(n - 1, 1, -1):
        head, tail = p[: n - m + 1], p[n - m + 1 :]
        bound = np.min(m * tail / np.arange(2, m + 1))
        best[: n - m + 1] = np.minimum(m * head, bound)
        best[n - m + 1 :] = best[n - m]
        adjusted = np.maximum(adjusted, best)
    return np.maximum(adjusted, p)


ADJUSTMENTS: Final[dict[str, Callable[[FloatArray], FloatArray]]] = {
    "bonferroni": _bonferroni,
    "holm": _holm,
    "hochberg": _hochberg,
    "hommel": _hommel,
    "bh": _benjamini_hochberg,
    "by": _benjamini_yekutieli,
}
"""Adjustments of sorted p values, by name: "bh" is Benjamini-Hochberg, "by" Benjamini-Yekutieli."""


def adjust_p(p_values: npt.ArrayLike, method: str = "bh") -> FloatArray:
    """Adjust p values for the number of tests in their family.

    Parameters
    ----------
    p_values
        One family along the last axis; NaN marks what was not tested, stays NaN and is not counted.
    method
        A key of `ADJUSTMENTS`.

    Returns
    -------
    numpy.ndarray
        Adjusted p values, at most 1, in the order given.

    Raises
    ------
    SpecError
        `unknown_parameter`: no such method.
    MethodError
        `p_value_range`: a p value lies outside [0, 1].

    Notes
    -----
    R: `p.adjust(p, method)`.

    Examples
    --------
    >>> adjust_p([0.01, 0.04, 0.03, float("nan")]).round(3).tolist()
    [0.03, 0.04, 0.04, nan]
    >>> adjust_p([0.01, 0.04, 0.03], "holm").round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    if method not in ADJUSTMENTS:
        raise SpecError(
            "unknown_parameter",
            where="adjust_p",
            what="there is no such adjustment",
            got=method,
            hint=nearest(method, ADJUSTMENTS),
        )
    p = np.array(p_values, dtype=float, ndmin=1)
    if np.any((p < 0) | (p > 1)):
        raise MethodError(
            "p_value_range",
            where="adjust_p",
            what="a p value lies outside [0, 1]",
            got=p[(p < 0) | (p > 1)].tolist(),
        )
    families = p.reshape(-1, p.shape[-1])
    adjusted = np.stack([_adjust_family(family, ADJUSTMENTS[method]) for family in families])
    return adjusted.reshape(p.shape)


def _adjust_family(p: FloatArray, rule: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Adjust one family: sort, apply the rule, put back; the missing stay missing."""
    result = np.full(p.size, np.nan)
    tested = np.flatnonzero(~np.isnan(p))
    if tested.size:
        order = tested[np.argsort(p[tested], kind="stable")]
        result[order] = np.minimum(rule(p[order]), 1)
    return result
