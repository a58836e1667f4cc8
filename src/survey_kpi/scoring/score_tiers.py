"""Tiers of people whose scores cannot be told apart: each against the mean of all others.

Nobody is drawn toward the team here (flat priors), since the question is whether people differ at all.

Examples
--------
>>> from survey_kpi.scoring.totals import printed_scores
>>> from survey_kpi.scoring.distributions import rates
>>> observed = [80, 82, 78, 81, 80, 60], [85, 80, 81, 79, 82, 60]
>>> flat = [rates(values, [60] * 6, target=80, shrunk=False) for values in observed]
>>> goals = [Goal(indicator=name, target=80.0, direction="higher", anchor=0.0) for name in ("A01", "A12")]
>>> rule = ScoreRule(formula="identity")
>>> printed = printed_scores(np.transpose(observed), goals, [0.6, 0.4], rule)
>>> score_tiers(flat, printed, goals, [0.6, 0.4], rule).verdict.tolist()
['same', 'same', 'same', 'same', 'same', 'below']
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.inference.tiers import ABOVE, BELOW, SAME, TIER_LEVEL, UNTESTED, Tiers
from survey_kpi.numeric import BoolArray, FloatArray, check_share
from survey_kpi.scoring.composite import POINTS, composite, sequence
from survey_kpi.scoring.distributions import Marginal
from survey_kpi.scoring.totals import Goal
from survey_kpi.study.models import ScoreRule
from survey_kpi.study.rewards import ThresholdBonus


def score_tiers(
    marginals: Sequence[Marginal],
    printed: npt.ArrayLike,
    goals: Sequence[Goal],
    weights: npt.ArrayLike,
    rule: ScoreRule,
    *,
    correlation: npt.ArrayLike | None = None,
    bonuses: Sequence[ThresholdBonus] = (),
    level: float = TIER_LEVEL,
) -> Tiers:
    """Sort people into above, same and below by their scores, Benjamini-Hochberg over the people.

    Parameters
    ----------
    marginals
        Distributions with flat priors (`shrunk=False`), one per indicator.
    printed
        (people,) scores at the measured values, see `printed_scores`.
    goals, weights, rule, correlation, bonuses
        As of `composite`.
    level
        False discovery rate.

    Returns
    -------
    Tiers
        "untested" for people without a score, and where there is nobody to compare with.
    """
    sampled = sum(not one.error_free for one in marginals)
    own = composite(marginals, goals, weights, rule, correlation=correlation, bonuses=bonuses).points
    p, above = against_others(own, printed, sequence(sampled + 1)[:, -1])
    adjusted = adjust_p(p) if p.size else p
    differs = adjusted <= check_share("level", level)
    verdict = np.select([np.isnan(p), differs & above, differs], [UNTESTED, ABOVE, BELOW], SAME)
    return Tiers(verdict=verdict, p_value=p, adjusted=adjusted)


def against_others(
    points: FloatArray, printed: npt.ArrayLike, coordinate: FloatArray
) -> tuple[FloatArray, BoolArray]:
    """p value of each person's score against the mean score of the others, and whether it lies above.

    Parameters
    ----------
    points
        (people, 4096) scores at the points; NaN rows for people without one.
    printed
        (people,) scores at the measured values.
    coordinate
        (4096,) further coordinate of the points: that of the others' mean, which is normal around the mean
        of their printed scores with variance Σ var ÷ (N - 1)².

    Notes
    -----
    D = own score - mean of the others; p = min(1, 2 min(share D > 0, share D <= 0) + 2 ÷ 4096).
    """
    from_normal = special.ndtri(coordinate)
    there = ~np.isnan(points[:, 0])
    p, above = np.full(there.size, np.nan), np.zeros(there.size, dtype=bool)
    others = int(there.sum()) - 1
    if others < 1:
        return p, above
    score, variance = np.asarray(printed, dtype=float)[there], points[there].var(axis=1)
    centre = (score.sum() - score) / others
    error = np.sqrt(variance.sum() - variance) / others
    share = np.mean(points[there] - error[:, None] * from_normal > centre[:, None], axis=1)
    p[there] = np.minimum(1, 2 * np.minimum(share, 1 - share) + 2 / POINTS)
    above[there] = share > 0.5
    return p, above
