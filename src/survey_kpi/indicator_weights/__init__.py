"""Indicator (criteria) weights: one module per family, one table `WEIGHT_METHODS`.

Data methods take a subjects x indicators table, judgement methods take pairwise matrices or ratings; a
study names them in `rules.yaml`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from survey_kpi.indicator_weights.ahp import RANDOM_INDEX, aggregate_judgements, ahp, judgement_matrices
from survey_kpi.indicator_weights.combination import linear
from survey_kpi.indicator_weights.objective import entropy, equal
from survey_kpi.indicator_weights.result import Diagnostic, IndicatorWeights

WEIGHT_METHODS: Mapping[str, Literal["data", "judgements", "declared"]] = MappingProxyType(
    {"equal": "data", "entropy": "data", "ahp": "judgements", "declared": "declared"}
)
"""Name of each method that a study may use, and what it works on."""

__all__ = [
    "RANDOM_INDEX",
    "WEIGHT_METHODS",
    "Diagnostic",
    "IndicatorWeights",
    "aggregate_judgements",
    "ahp",
    "entropy",
    "equal",
    "judgement_matrices",
    "linear",
]
