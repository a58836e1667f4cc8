"""Experts side by side: their matrices, how consistent each is, how far they agree, how they are merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import (
    RANDOM_INDEX,
    IndicatorWeights,
    Repair,
    WeightIntervals,
    aggregate_judgements,
    aggregate_priorities,
    ahp,
    consensus,
    consistency,
    kendall_w,
    worst_judgements,
)
from survey_kpi.indicator_weights.experts import Agreement
from survey_kpi.indicator_weights.priorities import PRIORITIES, principal
from survey_kpi.indicator_weights.result import Matrix, intervals

PAIR = ("eigenvector", "geometric_mean")
"""The two ways to draw priorities that always stand together."""
DRAWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class JudgementAssessment:
    """What the pairwise judgements of several experts come to.

    Parameters
    ----------
    matrices
        One complete table per expert.
    ratios
        Consistency ratio of each expert by `random_index`.
    accepted, excluded
        Experts at or below the limit, and those above it.
    repairs
        Worst judgement of every expert who has one.
    priorities
        Experts x indicators, by eigenvector; of everybody.
    merged
        Geometric mean of the accepted matrices.
    merged_ratio
        Its consistency ratio.
    groups
        Group weights: "aij_eigenvector", "aij_geometric_mean", "aip_eigenvector", "aip_geometric_mean".
    agreement
        Kendall's W over the accepted experts' priorities; None with fewer than two.
    consensus
        Shannon consensus S* of the same.
    without
        Accepted experts x indicators and `largest_change`: group weights without each.
    intervals
        Group weights with the accepted experts drawn again, with replacement.
    draws
        The weight vectors behind the intervals.
    other_verdicts
        Experts that would be excluded by each other random-index table.
    """

    matrices: Mapping[str, pd.DataFrame]
    ratios: Mapping[str, float]
    limit: float | None
    random_index: str | float
    accepted: tuple[str, ...]
    excluded: tuple[str, ...]
    repairs: Mapping[str, Repair]
    priorities: pd.DataFrame
    merged: pd.DataFrame
    merged_ratio: float
    groups: Mapping[str, IndicatorWeights]
    agreement: Agreement | None
    consensus: float
    without: pd.DataFrame | None
    intervals: WeightIntervals
    draws: Matrix
    other_verdicts: Mapping[str, int]


def assess_judgements(
    matrices: Mapping[str, pd.DataFrame],
    rng: np.random.Generator,
    *,
    random_index: str | float = "alonso_lamata",
    limit: float | None = 0.10,
    influence: Mapping[str, float] | None = None,
) -> JudgementAssessment:
    """Assess complete pairwise matrices of several experts over the same indicators.

    Parameters
    ----------
    matrices
        Expert to a square table, positive and reciprocal.
    rng
        For the intervals: experts are drawn again.
    random_index, limit
        Of the consistency ratio; a matrix above the limit is excluded, by name. None excludes nobody.
    influence
        Voice of each expert; equal by default.

    Raises
    ------
    MethodError
        `judgement_missing`: no expert, or none within the limit; `random_index_missing`.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> first = pd.DataFrame([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]], index=names, columns=names)
    >>> odd = pd.DataFrame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]], index=names, columns=names)
    >>> found = assess_judgements({"e1": first, "e2": first, "e3": odd}, np.random.default_rng(1))
    >>> found.accepted, found.excluded, found.agreement.w
    (('e1', 'e2'), ('e3',), 1.0)
    """
    if not matrices:
        raise MethodError("judgement_missing", where="judgements", what="no expert gave any")
    labels = [str(label) for label in next(iter(matrices.values())).columns]
    stack = np.array([matrix.loc[labels, labels].to_numpy(dtype="float64") for matrix in matrices.values()])
    found = consistency(stack, random_index)
    ratios = dict(zip(matrices, found.ratio.tolist(), strict=True))
    accepted = tuple(expert for expert, ratio in ratios.items() if limit is None or ratio <= limit)
    excluded = tuple(expert for expert in matrices if expert not in set(accepted))
    voices = [influence[expert] for expert in accepted] if influence else [1.0] * len(accepted)
    merged = aggregate_judgements([matrices[expert] for expert in accepted], voices)
    inside = np.array([expert in set(accepted) for expert in matrices])
    logs = np.log(stack[inside])
    draws = _resampled(logs, np.array(voices), rng)
    groups = _groups(matrices, accepted, merged, random_index, voices)
    priorities = pd.DataFrame(found.priorities, index=list(matrices), columns=labels)
    own = priorities.loc[list(accepted)]
    return JudgementAssessment(
        matrices=matrices,
        ratios=ratios,
        limit=limit,
        random_index=random_index,
        accepted=accepted,
        excluded=excluded,
        repairs=_repairs(matrices, random_index),
        priorities=priorities,
        merged=merged,
        merged_ratio=float(consistency(merged.to_numpy(), random_index).ratio),
        groups=groups,
        agreement=_agreement(own),
        consensus=consensus(own.to_numpy()),
        without=_without(logs, np.array(voices), groups["aij_eigenvector"], accepted),
        intervals=intervals(groups["aij_eigenvector"], draws, 0.95),
        draws=draws,
        other_verdicts=_other_verdicts(found.index, len(labels), random_index, limit),
    )


def _repairs(matrices: Mapping[str, pd.DataFrame], table: str | float) -> dict[str, Repair]:
    worst = {
        expert: worst_judgements(matrix, count=1, random_index=table) for expert, matrix in matrices.items()
    }
    return {expert: repairs[0] for expert, repairs in worst.items() if repairs}


def _groups(
    matrices: Mapping[str, pd.DataFrame],
    accepted: tuple[str, ...],
    merged: pd.DataFrame,
    random_index: str | float,
    voices: Sequence[float],
) -> dict[str, IndicatorWeights]:
    """Both aggregations by both priorities."""
    found = {}
    for priority in PAIR:

        def weigh(matrix: pd.DataFrame, priority: str = priority) -> IndicatorWeights:
            return ahp(matrix, priority=priority, random_index=random_index, consistency_limit=None)

        found[f"aij_{priority}"] = weigh(merged)
        found[f"aip_{priority}"] = aggregate_priorities(
            [weigh(matrices[expert]) for expert in accepted], influence=voices
        )
    return found


def _agreement(priorities: pd.DataFrame) -> Agreement | None:
    try:
        return kendall_w(priorities.round(12))
    except MethodError:  # one expert, or nobody prefers anything
        return None


def _resampled(logs: Matrix, voices: Matrix, rng: np.random.Generator) -> Matrix:
    """Eigenvector weights of the merged judgements of experts drawn with replacement, draws x indicators."""
    count = len(logs)
    times = rng.multinomial(count, np.full(count, 1 / count), size=DRAWS) * voices
    heard = times.sum(axis=1, keepdims=True)
    times = np.where(heard > 0, times, voices) / np.where(heard > 0, heard, voices.sum())
    return principal(np.exp(np.tensordot(times, logs, axes=1))).priorities


def _without(
    logs: Matrix, voices: Matrix, group: IndicatorWeights, accepted: tuple[str, ...]
) -> pd.DataFrame | None:
    """Group weights without each expert; None where too few, or no voice, would be left."""
    rest = voices.sum() - voices
    if len(accepted) < 3 or not (rest > 0).all():
        return None
    heard = logs * voices[:, None, None]
    others = np.exp((heard.sum(axis=0) - heard) / rest[:, None, None])
    left = pd.DataFrame(PRIORITIES["eigenvector"](others), index=list(accepted), columns=list(group.labels))
    return left.assign(largest_change=(left - group.as_array()).abs().max(axis=1))


def _other_verdicts(index: Matrix, size: int, chosen: str | float, limit: float | None) -> dict[str, int]:
    """Count the experts beyond the limit by every table that covers the size."""
    if limit is None or size < 3:
        return {}
    return {
        name: int((index / table[size - 3] > limit).sum())
        for name, table in RANDOM_INDEX.items()
        if size < len(table) + 3 and name != chosen
    }
