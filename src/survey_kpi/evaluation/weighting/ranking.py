"""Do the ranks hold? By every method and model, and over weights and samples that could as well have been."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.weighting.ground import Ground
from survey_kpi.indicator_weights import Acceptability, IndicatorWeights, rank_acceptability, simplex_weights
from survey_kpi.indicator_weights.result import Matrix
from survey_kpi.scoring.models import MODELS

DRAWS = 10_000
SCENARIOS = ("weights", "sampling", "both")
NAMED_FROM = 0.05
"""Share of first places from which central weights are printed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RankStability:
    """Ranks of the subjects by code.

    Parameters
    ----------
    ranks
        Codes x methods: rank by the score under each method's weights, then by each other model under the
        base weights (column `model.<name>`).
    acceptability
        "weights": weights vary, values stay; "sampling": values vary, weights stay; "both".
    thirds
        By scenario, codes x (upper, middle, lower): share of draws in which the rank falls there.
    rank_ends
        By scenario, codes x (low, high): ranks that hold the central 95 % of the draws.
    """

    ranks: pd.DataFrame
    acceptability: Mapping[str, Acceptability]
    thirds: Mapping[str, pd.DataFrame]
    rank_ends: Mapping[str, pd.DataFrame]

    @property
    def leader(self) -> tuple[str, float]:
        """Code with the largest share of first places when all varies, and that share."""
        first = self.acceptability["both"].first
        return str(first.idxmax()), float(first.max())


def assess_ranking(
    basis: Ground,
    base: IndicatorWeights,
    vectors: Mapping[str, IndicatorWeights],
    admissible: Matrix,
    rng: np.random.Generator,
) -> RankStability:
    """Rank the subjects by attainments.

    Parameters
    ----------
    base
        The weights that scores use.
    vectors
        Weight vectors by method.
    admissible
        Weight vectors that could as well be used, draws x indicators.
    """
    fixed = np.tile(base.as_array(list(basis.scored)), (len(admissible), 1))
    found = {
        "weights": rank_acceptability(basis.points, rng, weights=admissible),
        "sampling": rank_acceptability(basis.points, rng, weights=fixed, std_error=basis.point_errors),
        "both": rank_acceptability(basis.points, rng, weights=admissible, std_error=basis.point_errors),
    }
    return RankStability(
        ranks=_ranks(basis, base, vectors),
        acceptability=found,
        thirds={name: thirds(each.ranks) for name, each in found.items()},
        rank_ends={name: rank_ends(each.ranks) for name, each in found.items()},
    )


def admissible_weights(corners: Sequence[Matrix], rng: np.random.Generator, *, draws: int = DRAWS) -> Matrix:
    """Draw weights that could as well be used: any mixture of methods, each with its own uncertainty.

    Parameters
    ----------
    corners
        For each method its weight vectors (draws x indicators; one row where it is certain).

    Examples
    --------
    >>> found = admissible_weights([np.array([[0.8, 0.2]]), np.array([[0.5, 0.5]])], np.random.default_rng(1))
    >>> bool((found[:, 0] >= 0.5).all() and (found[:, 0] <= 0.8).all()), found.shape
    (True, (10000, 2))
    """
    shares = simplex_weights(rng, draws, len(corners))
    parts = [corner[rng.integers(len(corner), size=draws)] for corner in corners]
    mixed: Matrix = np.einsum("dk,kdj->dj", shares, np.array(parts))
    mixed /= mixed.sum(axis=1, keepdims=True)
    return mixed


def _ranks(basis: Ground, base: IndicatorWeights, vectors: Mapping[str, IndicatorWeights]) -> pd.DataFrame:
    labels = list(basis.scored)
    points = basis.points.to_numpy()
    columns = {
        name: pd.Series(rankdata(-(points @ weights.as_array(labels)).round(9)), index=basis.points.index)
        for name, weights in {"base": base, **vectors}.items()
    }
    weights = {label: base.values[label] for label in labels}
    for name, model in MODELS.items():
        if name != "weighted_sum":
            try:
                columns[f"model.{name}"] = model.rank(basis.values, weights, basis.direction).ranks
            except MethodError:  # a model that these data do not bear has no column
                continue
    return pd.DataFrame(columns)


def thirds(ranks: pd.DataFrame) -> pd.DataFrame:
    """Sum shares of ranks into upper, middle and lower third; a third holds a rank by its middle.

    Examples
    --------
    >>> thirds(pd.DataFrame([[0.5, 0.3, 0.2]], columns=[1, 2, 3])).iloc[0].to_dict()
    {'upper': 0.5, 'middle': 0.3, 'lower': 0.2}
    """
    place = (np.arange(1, len(ranks.columns) + 1) - 0.5) / len(ranks.columns)
    inside = [place < 1 / 3, (place >= 1 / 3) & (place < 2 / 3), place >= 2 / 3]
    shares = [ranks.to_numpy()[:, part].sum(axis=1) for part in inside]
    return pd.DataFrame(dict(zip(("upper", "middle", "lower"), shares, strict=True)), index=ranks.index)


def rank_ends(ranks: pd.DataFrame, tail: float = 0.025) -> pd.DataFrame:
    """Return the ranks that hold the central 95 % of the draws.

    Examples
    --------
    >>> rank_ends(pd.DataFrame([[0.01, 0.98, 0.01]], columns=[1, 2, 3])).iloc[0].to_list()
    [2, 2]
    """
    reached = ranks.to_numpy().cumsum(axis=1)
    low = (reached > tail + 1e-12).argmax(axis=1) + 1
    high = (reached >= 1 - tail - 1e-12).argmax(axis=1) + 1
    return pd.DataFrame({"low": low, "high": high}, index=ranks.index)
