"""Rank acceptability (SMAA): how often each subject takes each rank when weights and scores are unsure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.result import Matrix
from survey_kpi.indicator_weights.table import checked_matrix

SUPERLATIVE = 0.90
TRIES = 200


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acceptability:
    """Shares of draws, by subject.

    Parameters
    ----------
    ranks
        Subjects x ranks 1, 2, …: share of draws in which the subject takes the rank; rows and columns sum
        to 1.
    central
        Subjects x indicators: mean of the weights under which the subject is first; NaN when it never is.
    draws
        Number of draws.
    """

    ranks: pd.DataFrame
    central: pd.DataFrame
    draws: int

    @property
    def first(self) -> pd.Series:
        """Share of draws in which each subject is first."""
        return self.ranks[1].rename("first")

    @property
    def std_error(self) -> pd.DataFrame:
        """Monte Carlo standard error of each share."""
        return (self.ranks * (1 - self.ranks) / self.draws) ** 0.5

    @property
    def best(self) -> str | None:
        """The subject that may be called best: first in at least .90 of the draws; None when nobody is."""
        shares = self.first
        top = int(np.argmax(shares.to_numpy()))
        return str(shares.index[top]) if shares.iloc[top] >= SUPERLATIVE else None


def rank_acceptability(
    scores: pd.DataFrame,
    rng: np.random.Generator,
    *,
    weights: Matrix | None = None,
    std_error: pd.DataFrame | float = 0.0,
    draws: int = 10_000,
) -> Acceptability:
    """Rank subjects by weighted sums over many weight vectors, and many samples of their scores.

    Parameters
    ----------
    scores
        Subjects x indicators, more is better and on one scale (attainments, or min-max normalised values).
    rng
        Source of weights and errors.
    weights
        Weight vectors, draws x indicators: from `simplex_weights`, `bounded_weights`, `ordered_weights`,
        `nearby_weights`, or `judgement_draws`; uniform on the simplex by default.
    std_error
        Standard error of the scores, one number or a table like `scores`; normal errors, independent.
    draws
        Number of draws, when `weights` does not fix it.

    Raises
    ------
    MethodError
        `missing_cell`, `too_few_subjects`, `labels_differ`, `draws_invalid`.

    References
    ----------
    .. [1] Lahdelma and Salminen (2001), SMAA-2, Operations Research 49(3):444-454.

    Examples
    --------
    >>> scores = pd.DataFrame({"x": [90, 60, 76], "y": [60, 90, 76]}, index=["A", "B", "C"])
    >>> found = rank_acceptability(scores, np.random.default_rng(1))
    >>> found.first.round(2).to_dict(), found.best
    ({'A': 0.46, 'B': 0.47, 'C': 0.07}, None)
    """
    values = checked_matrix(scores)
    subjects, size = values.shape
    drawn = simplex_weights(rng, draws, size) if weights is None else np.asarray(weights, dtype="float64")
    if drawn.ndim != 2 or drawn.shape[1] != size or not len(drawn):
        raise MethodError(
            "draws_invalid",
            where="weights",
            what="every draw needs one weight per indicator",
            got=drawn.shape,
            expected=f"draws x {size}",
        )
    error = _errors(scores, std_error)
    order = np.argsort(-_totals(values, drawn, error, rng), axis=1)
    cells = order + subjects * np.arange(subjects)
    counts = np.bincount(cells.ravel(), minlength=subjects**2).reshape(subjects, subjects).T / len(drawn)
    winners = order[:, 0]
    wins = np.bincount(winners, minlength=subjects)
    sums = np.array([np.bincount(winners, column, minlength=subjects) for column in drawn.T]).T
    central = sums / np.where(wins > 0, wins, np.nan)[:, None]
    if error is None:
        counts, central = _share_ties(values, counts, central)
    return Acceptability(
        ranks=pd.DataFrame(counts, index=scores.index, columns=range(1, subjects + 1)),
        central=pd.DataFrame(central, index=scores.index, columns=scores.columns),
        draws=len(drawn),
    )


def _errors(scores: pd.DataFrame, std_error: pd.DataFrame | float) -> Matrix | None:
    if isinstance(std_error, pd.DataFrame):
        return checked_matrix(std_error.reindex(index=scores.index, columns=scores.columns))
    return np.full(scores.shape, float(std_error)) if std_error else None


def _totals(values: Matrix, drawn: Matrix, error: Matrix | None, rng: np.random.Generator) -> Matrix:
    totals = drawn @ values.T
    if error is not None:
        # a weighted sum of independent normal errors is one normal error of known size
        totals = totals + rng.standard_normal(totals.shape) * np.sqrt(drawn**2 @ (error**2).T)
    return totals


def _share_ties(values: Matrix, counts: Matrix, central: Matrix) -> tuple[Matrix, Matrix]:
    """Subjects with equal scores everywhere share their ranks, and the weights that put them first."""
    _, group = np.unique(values, axis=0, return_inverse=True)
    group = group.ravel()
    if len(set(group)) == len(group):
        return counts, central
    counts, central = counts.copy(), central.copy()
    for own in set(group[np.flatnonzero(np.bincount(group)[group] > 1)]):
        same = group == own
        won = counts[same, 0]
        if won.sum() > 0:
            central[same] = np.nansum(central[same] * won[:, None], axis=0) / won.sum()
        counts[same] = counts[same].mean(axis=0)
    return counts, central


def simplex_weights(rng: np.random.Generator, draws: int, size: int) -> Matrix:
    """Weight vectors uniform on the simplex: nothing is known but that they sum to 1.

    Examples
    --------
    >>> simplex_weights(np.random.default_rng(1), 3, 4).sum(axis=1).round(12).tolist()
    [1.0, 1.0, 1.0]
    """
    raw = rng.standard_exponential((draws, size))
    weights: Matrix = raw / raw.sum(axis=1, keepdims=True)
    return weights


def ordered_weights(rng: np.random.Generator, draws: int, size: int) -> Matrix:
    """Uniform weight vectors with w_1 >= w_2 >= …: only the order of importance is known.

    Examples
    --------
    >>> drawn = ordered_weights(np.random.default_rng(1), 100, 3)
    >>> bool((np.diff(drawn, axis=1) <= 0).all())
    True
    """
    return -np.sort(-simplex_weights(rng, draws, size), axis=1)


def nearby_weights(rng: np.random.Generator, draws: int, center: Matrix, *, concentration: float) -> Matrix:
    """Dirichlet weight vectors around a centre; the weight w has variance w (1 - w) / (concentration + 1).

    Indicators of weight 0 keep it.

    Examples
    --------
    >>> drawn = nearby_weights(np.random.default_rng(1), 5000, np.array([0.5, 0.3, 0.2]), concentration=50)
    >>> drawn.mean(axis=0).round(2)
    array([0.5, 0.3, 0.2])
    """
    raw = rng.standard_gamma(np.maximum(center, 0.0) * concentration, size=(draws, len(center)))
    total: Matrix = raw.sum(axis=1, keepdims=True)
    return np.where(total > 0, raw / np.where(total > 0, total, 1.0), center)


def bounded_weights(
    rng: np.random.Generator, draws: int, bounds: Mapping[str, tuple[float, float]]
) -> Matrix:
    """Uniform weight vectors within declared bounds, by rejection.

    Parameters
    ----------
    bounds
        Lowest and highest weight of every indicator.

    Raises
    ------
    MethodError
        `bounds_empty`: no weights that sum to 1 lie within the bounds, or so few that they cannot be found.

    Examples
    --------
    >>> bounds = {"a": (0.4, 0.6), "b": (0.2, 0.5), "c": (0.0, 0.3)}
    >>> drawn = bounded_weights(np.random.default_rng(1), 100, bounds)
    >>> drawn.shape, bool((drawn[:, 0] >= 0.4).all())
    ((100, 3), True)
    """
    low, high = np.array(list(bounds.values()), dtype="float64").T
    room = 1 - low.sum()
    found: list[Matrix] = []
    if room >= 0 and high.sum() >= 1 and (low >= 0).all():
        for _ in range(TRIES):
            drawn = low + room * simplex_weights(rng, draws, len(low))
            found.append(drawn[(drawn <= high + 1e-12).all(axis=1)])
            if sum(map(len, found)) >= draws:
                return np.concatenate(found)[:draws]
    raise MethodError(
        "bounds_empty",
        where="bounds of the weights",
        what="too few weight vectors that sum to 1 lie within the bounds",
        got=", ".join(f"{name} {pair[0]:g}-{pair[1]:g}" for name, pair in bounds.items()),
    )
