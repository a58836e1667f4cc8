"""How far a value reaches its target, and the points that this earns.

Vectorised over subjects: values may be arrays; NaN (not measured) stays NaN.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_kpi.errors import SpecError, nearest
from survey_kpi.study.models import ScoreRule

Floats = NDArray[np.float64]


def _linear(actual: Floats, target: Floats, anchor: float, higher: bool) -> Floats:
    return (actual - anchor) / (target - anchor) if higher else 1 - (actual - target) / target


def _ratio(actual: Floats, target: Floats, anchor: float, higher: bool) -> Floats:
    if higher:
        return (actual - anchor) / (target - anchor)
    with np.errstate(divide="ignore"):
        return np.where(actual > 0, target / actual, np.inf)


def _step(actual: Floats, target: Floats, anchor: float, higher: bool) -> Floats:
    met = actual >= target if higher else actual <= target
    return np.where(np.isnan(actual) | np.isnan(target), np.nan, met.astype(np.float64))


def _identity(actual: Floats, target: Floats, anchor: float, higher: bool) -> Floats:
    return actual / 100


Ratio = Callable[[Floats, Floats, float, bool], Floats]

FORMULAS: Mapping[str, Ratio] = MappingProxyType(
    {"linear": _linear, "ratio_target_over_actual": _ratio, "step": _step, "identity": _identity}
)
"""Attainment formulas by their names in `rules.yaml`."""


def attainment(
    actual: ArrayLike,
    target: ArrayLike,
    *,
    rule: ScoreRule,
    direction: str = "higher",
    anchor: float | None = 0.0,
    where: str = "target",
) -> Floats:
    """Points for reaching a target: base x r below it, less steep by `k` above it, within floor and cap.

    With the linear formula, r = (actual - anchor) / (target - anchor) when higher is better and
    r = 1 - (actual - target) / target when lower is better.

    Parameters
    ----------
    actual
        Values in the unit of the target; scalar or array of any shape.
    target
        One for all, or an array that broadcasts with the values; NaN (nothing was asked) gives NaN.
    anchor
        Value that is worth nothing: 0 on ratio scales, -100 for NPS.

    Returns
    -------
    ndarray
        Points in [floor, cap], NaN where the value is NaN.

    Raises
    ------
    SpecError
        `anchor_missing`, `target_degenerate`, `formula_undeclared`.

    Examples
    --------
    >>> linear = ScoreRule(formula="linear")
    >>> attainment([8.74, 9.66], 9.2, rule=linear).round(2)
    array([ 95. , 102.5])
    >>> attainment([6, 4], 5, rule=linear, direction="lower").round(2)
    array([ 80., 110.])
    >>> attainment([-5], 10, rule=linear, anchor=-100).round(2)
    array([86.36])
    """
    higher = direction == "higher"
    aims = np.asarray(target, dtype=np.float64)
    _check(aims, anchor, rule.formula, higher, where)
    ratio = FORMULAS[rule.formula](np.asarray(actual, dtype=np.float64), aims, anchor or 0.0, higher)
    over = 1 if rule.formula == "identity" else rule.k
    points = rule.base * np.where(ratio < 1, ratio, 1 + over * (ratio - 1))
    return np.clip(points, rule.floor, rule.cap)


def _check(target: Floats, anchor: float | None, formula: str, higher: bool, where: str) -> None:
    if formula not in FORMULAS:
        raise SpecError(
            "formula_undeclared",
            where=where,
            what="there is no such attainment formula",
            got=repr(formula),
            hint=nearest(formula, FORMULAS),
        )
    if formula in {"step", "identity"}:
        return
    if higher and anchor is None:
        raise SpecError(
            "anchor_missing",
            where=where,
            what="attainment of an interval scale needs an anchor, the value that is worth nothing",
            hint="NPS is anchored at -100",
        )
    degenerate = target[target == (anchor if higher else 0)]
    if degenerate.size:
        raise SpecError(
            "target_degenerate",
            where=where,
            what="attainment cannot be measured toward this target",
            got=float(degenerate.flat[0]),
            expected=f"a target other than the anchor {anchor:g}" if higher else "a target above 0",
            hint="score it by threshold instead: formula step",
        )
