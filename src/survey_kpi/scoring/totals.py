"""Points of one indicator, and their weighted sum: the one place where a score is computed.

Everything takes arrays, so that the printed score and the score at every point of its distribution are the
same function of different values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_kpi.numeric import BoolArray, FloatArray
from survey_kpi.scoring.attainment import attainment
from survey_kpi.scoring.unmeasured import weights_used
from survey_kpi.study.models import ScoreRule
from survey_kpi.study.rewards import ThresholdBonus


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnTargets:
    """Targets of each person on one indicator, where people are not all measured against the same.

    Parameters
    ----------
    target
        (people, versions) level aimed at; NaN where a person has no such version, or nothing can be asked.
    share
        (people, versions) share of the days on which each version held, oldest first; the rows sum to 1.
    """

    target: FloatArray
    share: FloatArray

    @property
    def asked(self) -> BoolArray:
        """(people,) whether everything that held is a level that can be reached."""
        return np.asarray(~np.isnan(np.where(self.share > 0, self.target, 0.0)).any(axis=1))

    @property
    def latest(self) -> FloatArray:
        """(people,) target in force at the end: that of the last version with any days."""
        last = self.share.shape[1] - 1 - np.argmax(self.share[:, ::-1] > 0, axis=1)
        return np.take_along_axis(self.target, last[:, None], axis=1)[:, 0]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Goal:
    """What one scored indicator is measured against: one target for all, or targets of each person.

    An indicator that is `error_free` (money, completed of planned) counts on however few cases it rests.
    """

    indicator: str
    target: float
    direction: str
    anchor: float | None
    own: OwnTargets | None = None
    error_free: bool = False


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
    """Attainment at every point; 0 where a duration is not reached.

    Parameters
    ----------
    values
        (people, points), people in the order of the goal's own targets where it has some.

    Notes
    -----
    A person whose target changed has the mean of the points toward each version, weighted by its days.

    Examples
    --------
    >>> own = OwnTargets(target=np.array([[80.0, 100.0]]), share=np.array([[0.25, 0.75]]))
    >>> goal = Goal(indicator="A47", target=80.0, direction="higher", anchor=0.0, own=own)
    >>> points_of(np.array([[80.0]]), goal, ScoreRule(formula="linear")).tolist()
    [[85.0]]
    """
    reached = np.isfinite(values)
    settled = np.where(reached, values, goal.target)
    if goal.own is None:
        found = _toward(settled, np.asarray(goal.target), goal, rule)
    else:
        versions = zip(goal.own.target.T[:, :, None], goal.own.share.T[:, :, None], strict=True)
        parts = [share * np.where(share > 0, _toward(settled, target, goal, rule), 0.0)
                 for target, share in versions]  # fmt: skip
        found = np.sum(parts, axis=0)
    return np.where(reached, found, 0.0)


def _toward(values: FloatArray, target: FloatArray, goal: Goal, rule: ScoreRule) -> FloatArray:
    where = f"indicator {goal.indicator}"
    return attainment(values, target, rule=rule, direction=goal.direction, anchor=goal.anchor, where=where)
