"""Points of one indicator, and their weighted sum: the one place where a score is computed.

Everything takes arrays, so that the printed score and the score at every point of its distribution are the
same function of different values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_kpi.numeric import FloatArray
from survey_kpi.scoring.attainment import attainment
from survey_kpi.scoring.unmeasured import weights_used
from survey_kpi.study.models import ScoreRule
from survey_kpi.study.rewards import ThresholdBonus


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What one scored indicator is measured against."""

    indicator: str
    target: float
    direction: str
    anchor: float | None


def printed_scores(
    values: npt.ArrayLike,
    goals: Sequence[Goal],
    weights: npt.ArrayLike,
    rule: ScoreRule,
    *,
    bonuses: Sequence[ThresholdBonus] = (),
) -> FloatArray:
    """(people,) scores at the measured values, as they are printed.

    Parameters
    ----------
    values
        (people, indicators) in the units of the targets, NaN where not measured.
    goals
        One per indicator, in the order of the columns.
    weights
        (indicators,) declared weights; `when_unmeasured` of the rule decides what an unmeasured indicator
        does.
    rule, bonuses
        Attainment, and points for reaching a threshold, added before the cap.

    Examples
    --------
    >>> churn = Goal(indicator="A19", target=5.0, direction="lower", anchor=None)
    >>> printed_scores([[4.0], [6.0]], [churn], [1.0], ScoreRule(formula="linear", cap=105)).round(9).tolist()
    [105.0, 80.0]
    """
    actual = np.asarray(values, dtype=float)
    used = weights_used(weights, ~np.isnan(actual), rule.when_unmeasured)
    columns = (actual[:, [place]] for place in range(actual.shape[1]))
    return totals(columns, goals, used, rule, bonuses)[:, 0]


def totals(
    values: Iterable[FloatArray],
    goals: Sequence[Goal],
    used: FloatArray,
    rule: ScoreRule,
    bonuses: Sequence[ThresholdBonus],
) -> FloatArray:
    """(people, points) sums of weight x attainment and bonuses, capped; NaN for people without a score.

    Parameters
    ----------
    values
        One (people, points) table per goal, NaN where not measured.
    used
        (people, indicators) weights as they enter, see `weights_used`.
    """
    total: FloatArray = np.zeros((len(used), 1))
    for place, (found, goal) in enumerate(zip(values, goals, strict=True)):
        points = np.where(np.isnan(found), 0.0, points_of(found, goal, rule))
        total = total + used[:, [place]] * points + bonus_points(found, goal, bonuses)
    return np.asarray(np.minimum(total, rule.cap))


def bonus_points(values: npt.ArrayLike, goal: Goal, bonuses: Sequence[ThresholdBonus]) -> FloatArray:
    """Points for reaching thresholds of one indicator; 0 where it is not measured or not reached.

    Examples
    --------
    >>> churn = Goal(indicator="A19", target=5.0, direction="lower", anchor=None)
    >>> bonus_points([4.0, 4.5], churn, [ThresholdBonus(indicator="A19", threshold=4.0, points=3)]).tolist()
    [3.0, 0.0]
    """
    actual = np.asarray(values, dtype=float)
    own = [bonus for bonus in bonuses if bonus.indicator == goal.indicator]
    total = np.zeros(actual.shape)
    for bonus in own:
        met = actual >= bonus.threshold if goal.direction == "higher" else actual <= bonus.threshold
        total += bonus.points * met
    return total


def points_of(values: FloatArray, goal: Goal, rule: ScoreRule) -> FloatArray:
    """Attainment at every point; 0 where a duration is not reached."""
    reached = np.isfinite(values)
    found = attainment(
        np.where(reached, values, goal.target),
        goal.target,
        rule=rule,
        direction=goal.direction,
        anchor=goal.anchor,
        where=f"indicator {goal.indicator}",
    )
    return np.where(reached, found, 0.0)
