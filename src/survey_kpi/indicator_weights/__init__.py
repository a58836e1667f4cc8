"""Indicator (criteria) weights: one module per family, one table `WEIGHT_METHODS`.

Data methods take a subjects x indicators table, judgement methods take pairwise matrices or ratings; a
study names them in `rules.yaml`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from survey_kpi.indicator_weights.ahp import RANDOM_INDEX, aggregate_judgements, ahp, judgement_matrices
from survey_kpi.indicator_weights.combination import linear
from survey_kpi.indicator_weights.objective import entropy, equal
from survey_kpi.indicator_weights.result import Diagnostic, IndicatorWeights


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightMethod:
    """A method that `rules.yaml` may name: what it works on, and the parameters it takes there."""

    needs: Literal["data", "judgements"]
    params: tuple[str, ...] = ()


WEIGHT_METHODS: Mapping[str, WeightMethod] = MappingProxyType(
    {
        "equal": WeightMethod(needs="data"),
        "entropy": WeightMethod(needs="data", params=("normalisation", "ends")),
        "ahp": WeightMethod(needs="judgements"),
    }
)

__all__ = [
    "RANDOM_INDEX",
    "WEIGHT_METHODS",
    "Diagnostic",
    "IndicatorWeights",
    "WeightMethod",
    "aggregate_judgements",
    "ahp",
    "entropy",
    "equal",
    "judgement_matrices",
    "linear",
]
