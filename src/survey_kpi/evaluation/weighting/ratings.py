"""Importance scores side by side: how far the experts agree, what follows, and who moves it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import IndicatorWeights, expert_scores, kendall_w, leave_one_expert_out
from survey_kpi.indicator_weights.experts import Agreement
from survey_kpi.indicator_weights.result import Matrix

DRAWS = 1000
SHAPING = ("normalise", "trim")
"""Parameters of expert scoring that change its numbers; the limit of agreement does not."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RatingAssessment:
    """What the importance scores of several experts come to.

    Parameters
    ----------
    scores
        Experts x indicators.
    weights
        Weights of the group, whatever the agreement.
    agreement
        Kendall's W; None where it does not exist.
    without
        Experts x indicators and `largest_change`: weights without each; None with fewer than three.
    draws
        Weights of experts drawn again, draws x indicators.
    """

    scores: pd.DataFrame
    weights: IndicatorWeights
    agreement: Agreement | None
    without: pd.DataFrame | None
    draws: Matrix


def assess_ratings(
    scores: pd.DataFrame,
    rng: np.random.Generator,
    *,
    params: Mapping[str, Any] | None = None,
    influence: Mapping[str, float] | None = None,
) -> RatingAssessment:
    """Assess complete importance scores, experts x indicators.

    Parameters
    ----------
    rng
        For the draws of experts.
    params
        Parameters of the rule.
    influence
        Voice of each expert; equal by default.

    Raises
    ------
    MethodError
        As `expert_scores`: `rating_missing`, `rating_negative`, `too_few_experts`, `no_variation`.

    Examples
    --------
    >>> scores = pd.DataFrame({"a": [8, 7, 9], "b": [2, 3, 4]}, index=["e1", "e2", "e3"])
    >>> found = assess_ratings(scores, np.random.default_rng(1))
    >>> found.agreement.w, round(found.weights.values["a"], 3), list(found.without.columns)
    (1.0, 0.731, ['a', 'b', 'largest_change'])
    """
    shaping = {name: value for name, value in (params or {}).items() if name in SHAPING}
    fixed: Callable[..., IndicatorWeights] = partial(expert_scores, agreement_limit=0.0, **shaping)

    def weigh(table: pd.DataFrame) -> IndicatorWeights:
        return fixed(table, influence=_voices(table, influence).tolist() if influence else None)

    weights = weigh(scores)
    return RatingAssessment(
        scores=scores,
        weights=weights,
        agreement=_agreement(scores),
        without=leave_one_expert_out(scores, weigh) if len(scores) > 2 else None,
        draws=_resampled(scores.to_numpy(dtype="float64"), shaping, _voices(scores, influence), rng),
    )


def _voices(scores: pd.DataFrame, influence: Mapping[str, float] | None) -> Matrix:
    return np.array([influence[str(expert)] if influence else 1.0 for expert in scores.index])


def _resampled(
    scores: Matrix, shaping: Mapping[str, Any], voices: Matrix, rng: np.random.Generator
) -> Matrix:
    """Untrimmed weights of experts drawn with replacement; a draw of nobody's voice counts everybody's."""
    if shaping.get("normalise", "expert") == "expert":
        scores = scores / scores.sum(axis=1, keepdims=True)
    times = rng.multinomial(len(scores), np.full(len(scores), 1 / len(scores)), size=DRAWS) * voices
    heard: Matrix = np.where(times.sum(axis=1, keepdims=True) > 0, times, voices)
    sums = heard @ scores
    drawn: Matrix = sums / sums.sum(axis=1, keepdims=True)
    return drawn


def _agreement(scores: pd.DataFrame) -> Agreement | None:
    try:
        return kendall_w(scores)
    except MethodError:  # nobody prefers anything
        return None
