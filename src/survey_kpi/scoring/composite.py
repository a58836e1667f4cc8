"""The score of several indicators as a distribution: interval and probability of every band edge.

Values are drawn at fixed points (the Sobol sequence), so that equal input gives equal bytes.

Examples
--------
>>> from survey_kpi.scoring.distributions import rates
>>> one = rates([80.0], [30], target=80.0, shrunk=False)
>>> two = rates([100 * 52 / 60], [60], target=80.0, shrunk=False)
>>> goals = [Goal(indicator=name, target=80.0, direction="higher", anchor=0.0) for name in ("A01", "A12")]
>>> rule = ScoreRule(formula="identity")
>>> score = composite([one, two], goals, [0.6, 0.4], rule)
>>> round(float(score.at_least(80.0)[0]), 4)
0.6123
>>> [round(float(end[0]), 2) for end in score.interval()]
[71.11, 89.25]
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from scipy.stats import qmc

from survey_kpi.numeric import Array, FloatArray, Interval
from survey_kpi.scoring.attainment import attainment
from survey_kpi.scoring.dependence import repaired
from survey_kpi.scoring.distributions import Marginal
from survey_kpi.scoring.scores import Goal
from survey_kpi.scoring.unmeasured import weights_used
from survey_kpi.study.models import Band, ScoreRule
from survey_kpi.study.rewards import ThresholdBonus

POINTS: Final = 4_096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreDistribution:
    """Scores of people at the points of the sequence.

    Parameters
    ----------
    points
        (people, 4096) scores; NaN for a person without a score.
    """

    points: FloatArray

    def interval(self, conf_level: float = 0.95) -> Interval[Array]:
        """(people,) quantiles of the points at each end, linear between them."""
        tail = (1 - conf_level) / 2
        low, high = np.quantile(self.points, [tail, 1 - tail], axis=1)
        return Interval(low, high)

    def at_least(self, edge: float) -> FloatArray:
        """(people,) share of the points at or above an edge; NaN for a person without a score."""
        return np.where(np.isnan(self.points[:, 0]), np.nan, np.mean(self.points >= edge, axis=1))

    def table(self, subjects: Sequence[str], bands: Sequence[Band]) -> pd.DataFrame:
        """One row per subject and band: subject, band, edge (its lower end), probability of reaching it."""
        return pd.DataFrame(
            {
                "subject": np.repeat(list(subjects), len(bands)),
                "band": [band.id for band in bands] * len(self.points),
                "edge": np.tile([band.low for band in bands], len(self.points)),
                "probability": self.reaching(bands).ravel(),
            }
        )

    def reaching(self, bands: Sequence[Band]) -> FloatArray:
        """(people, bands) probability that the score reaches the lower edge of each band."""
        return np.stack([self.at_least(band.low) for band in bands], axis=1)


@functools.cache
def sequence(dimensions: int) -> FloatArray:
    """(4096, dimensions) first points of the unscrambled Sobol sequence, 1/8192 added to every coordinate.

    Joe and Kuo's direction numbers; the array is not writable.

    Examples
    --------
    >>> (8192 * sequence(2)[:3]).tolist()
    [[1.0, 1.0], [4097.0, 4097.0], [6145.0, 2049.0]]
    """
    points = qmc.Sobol(dimensions, scramble=False).random(POINTS) + 1 / (2 * POINTS)
    points.flags.writeable = False
    return np.asarray(points)


def coordinates(dimensions: int, correlation: npt.ArrayLike | None = None) -> FloatArray:
    """Coordinates in (0, 1), one row per indicator, joined by a Gaussian copula.

    Parameters
    ----------
    correlation
        (dimensions, dimensions) for all, or (people, dimensions, dimensions); None: independent.

    Returns
    -------
    numpy.ndarray
        (dimensions, 4096), or (people, dimensions, 4096).
    """
    plain = sequence(dimensions).T if dimensions else np.empty((0, POINTS))
    if correlation is None or not dimensions:
        return plain
    root = np.linalg.cholesky(repaired(np.asarray(correlation, dtype=float)))
    return np.asarray(special.ndtr(root @ special.ndtri(plain)))


def composite(
    marginals: Sequence[Marginal],
    goals: Sequence[Goal],
    weights: npt.ArrayLike,
    rule: ScoreRule,
    *,
    correlation: npt.ArrayLike | None = None,
    bonuses: Sequence[ThresholdBonus] = (),
) -> ScoreDistribution:
    """Distribution of Σ weight x attainment, with floors and caps at every point.

    Parameters
    ----------
    marginals, goals
        One per indicator, in the order of their ids; the goal's target in the unit of the marginal.
    weights
        (indicators,) declared weights; `when_unmeasured` of the rule decides what an unmeasured indicator
        does.
    correlation
        (…, indicators, indicators) correlations of the errors, see `correlations_of`; rows of error-free
        indicators are not read. None: independent.
    bonuses
        Points for reaching a threshold, added before the cap.

    Returns
    -------
    ScoreDistribution
        In the order of the people.
    """
    places = [place for place, one in enumerate(marginals) if not one.error_free]
    chosen = None if correlation is None else np.asarray(correlation)[..., places, :][..., :, places]
    shares = dict(zip(places, np.moveaxis(coordinates(len(places), chosen), -2, 0), strict=True))
    centre = np.full(POINTS, 0.5)
    values = (one.quantile(shares.get(place, centre)) for place, one in enumerate(marginals))
    used = weights_used(weights, np.stack([one.measured for one in marginals], axis=1), rule.when_unmeasured)
    return ScoreDistribution(points=_total(values, goals, used, rule, bonuses))


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
    goals, weights, rule, bonuses
        As of `composite`.

    Examples
    --------
    >>> churn = Goal(indicator="A19", target=5.0, direction="lower", anchor=None)
    >>> printed_scores([[4.0], [6.0]], [churn], [1.0], ScoreRule(formula="linear", cap=105)).round(9).tolist()
    [105.0, 80.0]
    """
    actual = np.asarray(values, dtype=float)
    used = weights_used(weights, ~np.isnan(actual), rule.when_unmeasured)
    columns = (actual[:, [place]] for place in range(actual.shape[1]))
    return _total(columns, goals, used, rule, bonuses)[:, 0]


def _total(
    values: Iterable[FloatArray],
    goals: Sequence[Goal],
    used: FloatArray,
    rule: ScoreRule,
    bonuses: Sequence[ThresholdBonus],
) -> FloatArray:
    """(people, points) sums of weight x attainment and bonuses, capped; NaN for people without a score."""
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
