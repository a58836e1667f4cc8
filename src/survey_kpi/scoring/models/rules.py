"""Five rules that turn a subjects x indicators table and indicator weights into scores, best first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.result import SUM_TOLERANCE, Matrix
from survey_kpi.indicator_weights.table import Table, min_max, read_table

Weights = Mapping[str, float]
Directions = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ranking:
    """Scores of the subjects and their ranks.

    Parameters
    ----------
    scores
        By subject; see `higher_is_better`.
    ranks
        1 for the best, ties share their mean rank.
    model, variant
        The rule and the choices that change its numbers.
    higher_is_better
        False for VIKOR's Q.
    """

    scores: pd.Series
    ranks: pd.Series
    model: str
    variant: str = ""
    higher_is_better: bool = True


def weighted_sum(data: pd.DataFrame, weights: Weights, direction: Directions) -> Ranking:
    """Rank by the weighted sum of min-max normalised indicators; a constant indicator adds nothing.

    Parameters
    ----------
    data
        One row per subject, one column per indicator, complete.
    weights
        Indicator weights, non-negative, sum 1.
    direction
        "higher" or "lower" per indicator.

    Raises
    ------
    MethodError
        `weights_sum`, `labels_differ`, and those of the table.

    Examples
    --------
    >>> table = pd.DataFrame({"nps": [40, 20], "hours": [9, 3]}, index=["s1", "s2"])
    >>> weighted_sum(table, {"nps": 0.6, "hours": 0.4}, {"nps": "higher", "hours": "lower"}).scores.to_dict()
    {'s1': 0.6, 's2': 0.4}
    """
    table, share = _read(data, weights, direction)
    unit = np.where(table.constant, 0.0, min_max(table))
    return _ranking(data, unit @ share, "weighted_sum", "min-max, sample ends")


def topsis(data: pd.DataFrame, weights: Weights, direction: Directions) -> Ranking:
    """Rank by relative closeness to the ideal subject (TOPSIS, vector normalisation).

    Subjects that differ in no weighted indicator are all half close.

    Raises
    ------
    MethodError
        As `weighted_sum`.

    References
    ----------
    .. [1] Hwang and Yoon (1981), Multiple Attribute Decision Making.

    Examples
    --------
    >>> table = pd.DataFrame([[9, 7, 6, 7], [8, 7, 9, 6], [7, 8, 6, 6]], columns=list("abcd"))
    >>> weights = {"a": 0.2, "b": 0.1, "c": 0.3, "d": 0.4}
    >>> topsis(table, weights, dict.fromkeys(table, "higher")).scores.round(6).tolist()
    [0.387687, 0.650324, 0.083477]
    """
    table, share = _read(data, weights, direction)
    length = np.sqrt((table.values**2).sum(axis=0))
    scaled = table.values / np.where(length > 0, length, 1.0) * share
    best = np.where(table.lower, scaled.min(axis=0), scaled.max(axis=0))
    worst = np.where(table.lower, scaled.max(axis=0), scaled.min(axis=0))
    near, far = (np.sqrt(((scaled - end) ** 2).sum(axis=1)) for end in (best, worst))
    apart = near + far
    closeness = np.where(apart > 0, far / np.where(apart > 0, apart, 1.0), 0.5)
    return _ranking(data, closeness, "topsis", "vector normalisation, Euclidean")


def vikor(data: pd.DataFrame, weights: Weights, direction: Directions, *, majority: float = 0.5) -> Ranking:
    """Rank by VIKOR's compromise Q, smallest first.

    ``S`` is the weighted sum of the distances to the best value over the range, ``R`` the largest of them,
    ``Q = v (S - S_min) / (S_max - S_min) + (1 - v) (R - R_min) / (R_max - R_min)``; a range of 0 counts 0.

    Parameters
    ----------
    majority
        v, the weight of the majority of indicators against the worst one, 0 to 1.

    Raises
    ------
    MethodError
        As `weighted_sum`; `majority_range`.

    References
    ----------
    .. [1] Opricovic and Tzeng (2004), European Journal of Operational Research 156(2):445-455.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [1.0, 2.0, 3.0]})
    >>> vikor(table, {"a": 0.7, "b": 0.3}, {"a": "higher", "b": "higher"}).scores.round(3).tolist()
    [0.0, 0.313, 1.0]
    """
    if not 0 <= majority <= 1:
        raise MethodError(
            "majority_range", where="majority", what="not a share", got=majority, expected="0 to 1"
        )
    table, share = _read(data, weights, direction)
    loss = np.where(table.constant, 0.0, 1 - min_max(table)) * share
    group, regret = _unit(loss.sum(axis=1)), _unit(loss.max(axis=1))
    scores = majority * group + (1 - majority) * regret
    return _ranking(data, scores, "vikor", f"v = {majority:g}", higher_is_better=False)


def grey_relational(
    data: pd.DataFrame, weights: Weights, direction: Directions, *, zeta: float = 0.5
) -> Ranking:
    """Rank by the grey relational grade to the ideal subject, 灰色关联度.

    With distances d to 1 after min-max, the coefficient is ``(d_min + zeta d_max) / (d + zeta d_max)`` over
    the whole table, the grade its weighted mean.

    Parameters
    ----------
    zeta
        Distinguishing coefficient, above 0 up to 1.

    Raises
    ------
    MethodError
        As `weighted_sum`; `zeta_range`.

    References
    ----------
    .. [1] Deng (1989), Journal of Grey System 1(1):1-24.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [3.0, 2.0, 1.0], "b": [1.0, 2.0, 3.0]})
    >>> grey_relational(table, {"a": 0.7, "b": 0.3}, {"a": "higher", "b": "higher"}).scores.round(3).tolist()
    [0.8, 0.5, 0.533]
    """
    if not 0 < zeta <= 1:
        raise MethodError(
            "zeta_range", where="zeta", what="not a share", got=zeta, expected="above 0, up to 1"
        )
    table, share = _read(data, weights, direction)
    distance = np.where(table.constant, 0.0, 1 - min_max(table))
    farthest = zeta * distance.max()
    grade = ((distance.min() + farthest) / (distance + farthest)) @ share
    return _ranking(data, grade, "grey_relational", f"min-max, zeta = {zeta:g}")


def rank_sum(data: pd.DataFrame, weights: Weights, direction: Directions) -> Ranking:
    """Rank by the weighted sum of points, m for the best subject on an indicator and 1 for the worst.

    Ties share their mean points, 秩和法. Only the order within an indicator enters.

    Raises
    ------
    MethodError
        As `weighted_sum`.

    Examples
    --------
    >>> table = pd.DataFrame({"nps": [40, 20, 30], "hours": [9, 3, 3]})
    >>> rank_sum(table, {"nps": 0.6, "hours": 0.4}, {"nps": "higher", "hours": "lower"}).ranks.tolist()
    [1.5, 3.0, 1.5]
    """
    table, share = _read(data, weights, direction)
    signed = np.where(table.lower, -table.values, table.values)
    return _ranking(data, rankdata(signed, axis=0) @ share, "rank_sum", "mean ranks of ties")


def _read(data: pd.DataFrame, weights: Weights, direction: Directions) -> tuple[Table, Matrix]:
    labels = [str(column) for column in data.columns]
    if set(weights) != set(labels):
        raise MethodError(
            "labels_differ",
            where="scoring model",
            what="the weights and the table have different indicators",
            got=", ".join(map(str, weights)),
            expected=", ".join(labels),
        )
    share = np.array([weights[label] for label in labels], dtype="float64")
    if not ((share >= 0).all() and abs(share.sum() - 1) <= SUM_TOLERANCE):
        raise MethodError(
            "weights_sum",
            where="scoring model",
            what="indicator weights are non-negative and sum to 1",
            got=f"sum {share.sum():.12g}",
            expected=1,
        )
    return read_table(data, direction, directions=("higher", "lower")), share


def _unit(values: Matrix) -> Matrix:
    span = values.max() - values.min()
    return (values - values.min()) / span if span > 0 else np.zeros_like(values)


def _ranking(
    data: pd.DataFrame, scores: Matrix, model: str, variant: str, *, higher_is_better: bool = True
) -> Ranking:
    # sums of the same terms in another order differ by rounding alone: that is a tie
    rounded = np.round(scores, 12)
    ranks = rankdata(-rounded if higher_is_better else rounded)
    return Ranking(
        scores=pd.Series(scores, index=data.index, name="score"),
        ranks=pd.Series(ranks, index=data.index, name="rank"),
        model=model,
        variant=variant,
        higher_is_better=higher_is_better,
    )
