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
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special
from scipy.stats import qmc

from survey_kpi.numeric import Array, FloatArray, Interval
from survey_kpi.scoring.dependence import repaired
from survey_kpi.scoring.distributions import Marginal
from survey_kpi.scoring.totals import Goal, totals
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
    return ScoreDistribution(points=totals(values, goals, used, rule, bonuses))
