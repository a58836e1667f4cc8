"""The table of scoring models, and rankings under all of them side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from survey_kpi.scoring.models.rules import (
    Directions,
    Ranking,
    Weights,
    grey_relational,
    rank_sum,
    topsis,
    vikor,
    weighted_sum,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringModel:
    """A model, its names and where it comes from."""

    rank: Callable[..., Ranking]
    zh: str
    en: str
    source: str


MODELS: Mapping[str, ScoringModel] = MappingProxyType(
    {
        "weighted_sum": ScoringModel(
            rank=weighted_sum, zh="加权求和", en="weighted sum", source="Hwang and Yoon (1981)"
        ),
        "topsis": ScoringModel(rank=topsis, zh="TOPSIS 法", en="TOPSIS", source="Hwang and Yoon (1981)"),
        "vikor": ScoringModel(
            rank=vikor, zh="VIKOR 法", en="VIKOR", source="Opricovic and Tzeng (2004), EJOR 156(2):445-455"
        ),
        "grey_relational": ScoringModel(
            rank=grey_relational, zh="灰色关联度", en="grey relational grade", source="Deng (1989)"
        ),
        "rank_sum": ScoringModel(rank=rank_sum, zh="秩和法", en="rank sum", source="Borda (1784)"),
    }
)


def ranks_by(data: pd.DataFrame, weights: Mapping[str, Weights], direction: Directions) -> pd.DataFrame:
    """Ranks of every subject under every model and every weight vector.

    Parameters
    ----------
    data
        Subjects x indicators.
    weights
        Weight vectors by the name of their method.
    direction
        "higher" or "lower" per indicator.

    Returns
    -------
    DataFrame
        One row per subject, a column per (model, weights).

    Examples
    --------
    >>> table = pd.DataFrame({"nps": [40, 20], "hours": [9, 3]}, index=["s1", "s2"])
    >>> ranks = ranks_by(table, {"a": {"nps": 0.6, "hours": 0.4}}, {"nps": "higher", "hours": "lower"})
    >>> ranks["weighted_sum", "a"].to_dict()
    {'s1': 1.0, 's2': 2.0}
    """
    ranked = {
        (model, name): MODELS[model].rank(data, vector, direction).ranks
        for model in MODELS
        for name, vector in weights.items()
    }
    return pd.DataFrame(ranked).rename_axis(columns=("model", "weights"))
