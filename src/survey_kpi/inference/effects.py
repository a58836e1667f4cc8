"""What an action changed: a verdict that regression to the mean does not fake.

People are chosen for an action because their last figure was low, and a figure that was low by chance rises
by itself. So the baseline is the period before the one that chose them, and the change of the others is taken
off.

Examples
--------
>>> before, chosen, after = [80.0, 80, 80, 80], [70.0, 85, 82, 81], [79.0, 81, 80, 79]
>>> found = action_effect([before, chosen, after], [[2.0] * 4] * 3, [True, False, False, False])
>>> found.raw.difference, found.effect.difference, found.verdict
(9.0, -1.0, 'no_change')
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError
from survey_kpi.inference.comparisons import Change, change
from survey_kpi.inference.shrinkage import shrink_means
from survey_kpi.numeric import BoolArray, FloatArray, check_share

Verdict = Literal["improved", "worsened", "no_change"]

BEFORE, CHOSEN, AFTER = range(3)
EACH: Final = 2
"""Fewest people whose change stands for the others'; one alone would be the whole comparison."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActionEffect:
    """Effect of an action on those chosen for it, and two figures that look like it.

    Parameters
    ----------
    effect
        Change of the chosen since the period before the choice, minus that of the others. It decides.
    raw
        Change of the chosen since the period that chose them: what a dashboard shows, and mostly the return
        of bad luck to the mean.
    shrunken
        The same from a baseline drawn toward everybody's mean. Shown beside, never decides.
    verdict
        "improved", "worsened" or "no_change", by the two-sided test of `effect` at `level`.
    level
        Level of that test.
    chosen, others
        People in each group.
    """

    effect: Change[float]
    raw: Change[float]
    shrunken: Change[float]
    verdict: Verdict
    level: float
    chosen: int
    others: int


def action_effect(
    value: npt.ArrayLike,
    std_error: npt.ArrayLike,
    chosen: npt.ArrayLike,
    *,
    direction: Literal["higher", "lower"] = "higher",
    level: float = 0.05,
) -> ActionEffect:
    """Judge an action by the period before the choice and by those not chosen.

    Parameters
    ----------
    value, std_error
        (3, people) figures and their standard errors: the period before the one used to choose, the period
        used to choose, the period after the action.
    chosen
        (people,) who took part in the action.
    direction
        Whether higher or lower figures are better; the differences keep the sign of the figures.
    level
        Level of the verdict; with several actions take it from `direction_claims`.

    Returns
    -------
    ActionEffect

    Raises
    ------
    MethodError
        `rows_differ`: not three periods of the same people; `not_measured`: somebody has no figure or no
        standard error in a period; `too_few_subjects`: nobody chosen, or fewer than two others.

    Notes
    -----
    Difference in differences of plain means over people; its standard error is that of the answers, people's
    true changes are taken as alike within each group. Figures of different people and periods are taken as
    independent. Shrinkage: `shrink_means`. R: `(mean(a[s]) - mean(b[s])) - (mean(a[!s]) - mean(b[!s]))`.
    """
    y, error, taken = _checked(value, std_error, chosen)
    selected = _means(y, error, taken)
    rest = _means(y, error, ~taken)
    moved, drift = (change(*group[AFTER], *group[BEFORE]) for group in (selected, rest))
    effect = change(moved.difference, moved.std_error, drift.difference, drift.std_error)
    return ActionEffect(
        effect=effect,
        raw=change(*selected[AFTER], *selected[CHOSEN]),
        shrunken=change(*selected[AFTER], *_shrunken(y[CHOSEN], error[CHOSEN], taken)),
        verdict=_verdict(effect, direction, check_share("level", level)),
        level=level,
        chosen=int(taken.sum()),
        others=int((~taken).sum()),
    )


def _verdict(effect: Change[float], direction: str, level: float) -> Verdict:
    if not effect.p_value <= level:
        return "no_change"
    return "improved" if (effect.difference > 0) == (direction == "higher") else "worsened"


def _means(y: FloatArray, error: FloatArray, group: BoolArray) -> list[tuple[float, float]]:
    """Mean over the people of a group and its standard error, by period."""
    inside = y[:, group], error[:, group]
    count = int(group.sum())
    return [
        (float(values.mean()), float(np.sqrt(np.sum(errors**2))) / count)
        for values, errors in zip(*inside, strict=True)
    ]


def _shrunken(y: FloatArray, error: FloatArray, group: BoolArray) -> tuple[float, float]:
    """Mean of the group's shrunken values and its standard error, the team's parameters taken as known."""
    found = shrink_means(y, error)
    spread = found.between * found.weight[group]
    return float(found.value[group].mean()), float(np.sqrt(spread.sum())) / int(group.sum())


def _checked(
    value: npt.ArrayLike, std_error: npt.ArrayLike, chosen: npt.ArrayLike
) -> tuple[FloatArray, FloatArray, BoolArray]:
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    taken = np.asarray(chosen, dtype=bool)
    if y.shape != (3, taken.size) or error.shape != y.shape:
        raise MethodError(
            "rows_differ",
            where="action_effect",
            what="figures and standard errors must be three periods of the same people",
            got=f"{y.shape} and {error.shape}",
            expected=(3, taken.size),
        )
    missing = ~(np.isfinite(y) & (error > 0)).all(axis=0)
    if missing.any():
        raise MethodError(
            "not_measured",
            where="action_effect",
            what="somebody has no figure, or one without standard error, in one of the three periods",
            got=f"people {np.flatnonzero(missing)[:5].tolist()}",
            hint="leave these people out on both sides",
        )
    if not taken.any() or int((~taken).sum()) < EACH:
        raise MethodError(
            "too_few_subjects",
            where="action_effect",
            what="an effect needs people who were chosen and others to compare them with",
            got=f"{int(taken.sum())} chosen, {int((~taken).sum())} others",
            expected=f"at least 1 and {EACH}",
        )
    return y, error, taken
