"""Weights when judgements are not exact: triangular numbers, and intervals from the judgements' scatter."""

from __future__ import annotations

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.ahp import ahp, known_variant
from survey_kpi.indicator_weights.pairwise import checked_judgements
from survey_kpi.indicator_weights.priorities import (
    PRIORITIES,
    geometric_consistency_index,
    geometric_mean,
)
from survey_kpi.indicator_weights.result import (
    IndicatorWeights,
    Matrix,
    WeightIntervals,
    intervals,
    labelled,
    shares,
)


def fuzzy_ahp(
    judgements: pd.DataFrame, *, spread: float = 1.0, where: str = "judgements"
) -> IndicatorWeights:
    """Fuzzy AHP by geometric means of triangular numbers (Buckley), read by their centre of gravity.

    A judgement a >= 1 becomes (max(a - spread, 1 / (1 + spread)), a, a + spread), its reciprocal the
    reciprocal triangle. Row means (l, m, u) give the weights (l / sum u, m / sum m, u / sum l); the printed
    weight is their mean over its sum. Spread 0 gives the row geometric mean. Extent analysis (Chang 1996) is
    not offered: it can weigh an important indicator 0 (Wang, Luo and Hua 2008).

    Parameters
    ----------
    judgements
        A complete pairwise matrix.
    spread
        How far the judge may be off on the scale, 0 or more.

    Returns
    -------
    IndicatorWeights
        Statistics `low.<label>` and `high.<label>`: the ends of the fuzzy weights.

    Raises
    ------
    MethodError
        As `ahp`; `spread_invalid`.

    References
    ----------
    .. [1] Buckley (1985), Fuzzy Sets and Systems 17(3):233-247.

    Examples
    --------
    >>> names = ["a", "b"]
    >>> table = pd.DataFrame([[1, 4], [1 / 4, 1]], index=names, columns=names)
    >>> {name: round(value, 3) for name, value in fuzzy_ahp(table).values.items()}
    {'a': 0.796, 'b': 0.204}
    """
    if not (spread >= 0 and np.isfinite(spread)):
        raise MethodError(
            "spread_invalid", where=where, what="a spread is not negative", got=spread, expected="0 or more"
        )
    matrix, notes = checked_judgements(judgements, where=where)
    labels = [str(column) for column in judgements.columns]
    low, middle, high = (np.exp(np.log(part).mean(axis=1)) for part in _triangles(matrix, spread))
    weights = np.array([low / high.sum(), middle / middle.sum(), high / low.sum()])
    ends = {"low": weights[0], "high": weights[2]}
    return IndicatorWeights(
        values=shares(weights.mean(axis=0), labels),
        method="fuzzy_ahp",
        variant=f"triangular numbers, spread {spread:g}, geometric mean, centre of gravity",
        statistics={
            f"{name}.{label}": value
            for name, end in ends.items()
            for label, value in labelled(end, labels).items()
        },
        diagnostics=notes,
    )


def _triangles(matrix: Matrix, spread: float) -> tuple[Matrix, Matrix, Matrix]:
    whole = np.maximum(matrix, 1 / matrix)
    low, high = np.maximum(whole - spread, 1 / (1 + spread)), whole + spread
    np.fill_diagonal(low, 1.0)
    np.fill_diagonal(high, 1.0)
    upper = matrix >= 1
    return np.where(upper, low, 1 / high), matrix, np.where(upper, high, 1 / low)


def judgement_draws(
    judgements: pd.DataFrame,
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    log_error: float | None = None,
    priority: str = "eigenvector",
    where: str = "judgements",
) -> Matrix:
    """Draw weight vectors that the judgements would allow, draws x indicators.

    Judgements are ratios of priorities with independent logarithmic errors. The errors' standard deviation
    is estimated from the matrix itself (its geometric consistency index is their variance) unless given;
    a consistent matrix therefore gives back its weights without scatter.

    Parameters
    ----------
    rng
        Source of the draws.
    log_error
        Standard deviation of a judgement's natural logarithm; ln 1.5 = .405 says "off by half as much".

    Examples
    --------
    >>> names = ["a", "b"]
    >>> table = pd.DataFrame([[1, 4], [1 / 4, 1]], index=names, columns=names)
    >>> judgement_draws(table, np.random.default_rng(1), draws=2)
    array([[0.8, 0.2],
           [0.8, 0.2]])
    """
    matrix, _ = checked_judgements(judgements, where=where)
    size = len(matrix)
    error = float(np.sqrt(geometric_consistency_index(matrix))) if log_error is None else log_error
    level = np.log(geometric_mean(matrix))
    upper = np.triu_indices(size, 1)
    logs = np.zeros((draws, size, size))
    logs[:, upper[0], upper[1]] = rng.normal(0.0, error, size=(draws, len(upper[0])))
    logs = logs - logs.transpose(0, 2, 1) + (level[:, None] - level[None, :])
    return PRIORITIES[known_variant("priority", priority, PRIORITIES)](np.exp(logs))


def judgement_intervals(
    judgements: pd.DataFrame,
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    conf_level: float = 0.95,
    log_error: float | None = None,
    priority: str = "eigenvector",
) -> WeightIntervals:
    """Intervals of AHP weights from the scatter of the judgements.

    Parameters
    ----------
    judgements, rng, draws, log_error, priority
        As `judgement_draws`.
    conf_level
        Level of each interval.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> table = pd.DataFrame([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], index=names, columns=names)
    >>> found = judgement_intervals(table, np.random.default_rng(1))
    >>> found.low["a"] < found.weights.values["a"] < found.high["a"]
    True
    """
    drawn = judgement_draws(judgements, rng, draws=draws, log_error=log_error, priority=priority)
    weights = ahp(judgements, priority=priority, consistency_limit=None)
    return intervals(weights, drawn, conf_level)
