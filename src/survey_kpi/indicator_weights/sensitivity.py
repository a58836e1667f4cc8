"""Which weights decide the ranking: stability intervals, tornado, rank reversal, shares of rank variance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.result import Matrix
from survey_kpi.indicator_weights.table import checked_matrix

Rank = Callable[[pd.DataFrame], pd.Series]
"""Ranks of the subjects of a table, 1 for the best, indexed as the table."""


def stability_intervals(scores: pd.DataFrame, weights: Mapping[str, float]) -> pd.DataFrame:
    """How far each weight may move, the others keeping their proportions, before the ranking changes.

    Along such a move every weighted sum is a straight line, so the points where two subjects change places
    are exact.

    Parameters
    ----------
    scores
        Subjects x indicators, more is better, on one scale.
    weights
        Indicator weights.

    Returns
    -------
    DataFrame
        By indicator: `weight`; `first_low`, `first_high` (the first subject stays first); `rank_low`,
        `rank_high` (the whole order stays). An indicator of weight 1 has no others to move against: NaN.

    Raises
    ------
    MethodError
        `missing_cell`, `too_few_subjects`, `labels_differ`.

    References
    ----------
    .. [1] Mareschal (1988), European Journal of Operational Research 33(1):54-64.

    Examples
    --------
    >>> scores = pd.DataFrame({"x": [90, 60, 76], "y": [60, 90, 76]}, index=["A", "B", "C"])
    >>> room = stability_intervals(scores, {"x": 0.5, "y": 0.5})
    >>> room.loc["x", ["first_low", "first_high"]].round(4).tolist()
    [0.4667, 0.5333]
    """
    values, vector = _aligned(scores, weights)
    totals = values @ vector
    first = int(np.argmax(totals))
    rows = {}
    for place, label in enumerate(map(str, scores.columns)):
        now = float(vector[place])
        ends = [np.nan] * 4
        if now < 1:
            rest = (totals - now * values[:, place]) / (1 - now)
            lines = (rest, values[:, place] - rest)
            everybody = list(combinations(range(len(values)), 2))
            ends = [
                *_room(lines, now, [(first, other) for other in range(len(values)) if other != first]),
                *_room(lines, now, everybody),
            ]
        rows[label] = [now, *ends]
    columns = ["weight", "first_low", "first_high", "rank_low", "rank_high"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _room(lines: tuple[Matrix, Matrix], now: float, pairs: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Interval around `now` in which none of the pairs changes places; `now` itself where a pair ties."""
    start, slope = lines
    low, high = 0.0, 1.0
    for a, b in pairs:
        gap, turn = start[a] - start[b], slope[a] - slope[b]
        if abs(turn) < 1e-12 * max(1.0, abs(gap)):
            continue
        at = -gap / turn
        if 0 <= at <= now + 1e-12:
            low = max(low, min(at, now))
        if now - 1e-12 <= at <= 1:
            high = min(high, max(at, now))
    return low, high


def tornado(scores: pd.DataFrame, weights: Mapping[str, float], *, change: float = 0.2) -> pd.DataFrame:
    """Move each weight down and up by a share of itself and see what happens to the top two.

    Parameters
    ----------
    change
        Relative change of one weight; the others keep their proportions.

    Returns
    -------
    DataFrame
        By indicator, largest swing first: `margin_low`, `margin_high` (score of the subject that is first now
        minus the best other, with the weight lowered and raised), `swing`, `first_low`, `first_high` (who is
        first then).

    Examples
    --------
    >>> scores = pd.DataFrame({"x": [90, 60, 76], "y": [60, 90, 76]}, index=["A", "B", "C"])
    >>> tornado(scores, {"x": 0.5, "y": 0.5}).loc["x", ["first_low", "first_high"]].tolist()
    ['B', 'A']
    """
    values, vector = _aligned(scores, weights)
    first = int(np.argmax(values @ vector))
    rows = {}
    for place, label in enumerate(map(str, scores.columns)):
        row: list[object] = []
        for factor in (1 - change, 1 + change):
            moved = _moved(vector, place, min(1.0, vector[place] * factor))
            totals = values @ moved
            row += [
                float(totals[first] - np.delete(totals, first).max()),
                str(scores.index[int(np.argmax(totals))]),
            ]
        rows[label] = row
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["margin_low", "first_low", "margin_high", "first_high"]
    )
    table["swing"] = (table["margin_high"] - table["margin_low"]).abs()
    return table.sort_values("swing", ascending=False, kind="stable")


def _moved(vector: Matrix, place: int, target: float) -> Matrix:
    """The weights with one of them set, the others in their proportions."""
    rest = 1 - vector[place]
    moved = vector * ((1 - target) / rest) if rest > 0 else np.zeros_like(vector)
    moved[place] = target if rest > 0 else 1.0
    return moved


def rank_reversals(data: pd.DataFrame, rank: Rank) -> pd.DataFrame:
    """Leave each subject out, and add a copy of each, and list the pairs of others that change places.

    Parameters
    ----------
    data
        Subjects x indicators, whatever `rank` takes; unique subjects.
    rank
        A scoring model with weights and directions bound, or a whole chain of weighting and scoring.

    Returns
    -------
    DataFrame
        One row per reversal: `change` ("without" or "copy of"), `subject`, `better`, `worse` (the pair, in
        its order before); empty when nothing turns round.

    Examples
    --------
    >>> table = pd.DataFrame({"x": [3.0, 2.0, 1.0]}, index=["A", "B", "C"])
    >>> len(rank_reversals(table, lambda rows: rows["x"].rank(ascending=False)))
    0
    """
    before = rank(data)
    rows: list[tuple[str, str, str, str]] = []
    for subject in data.index:
        others = [name for name in data.index if name != subject]
        twin = pd.concat([data, data.loc[[subject]].rename(index={subject: f"{subject} (copy)"})])
        for change, table in (("without", data.drop(index=subject)), ("copy of", twin)):
            if len(table) < 2:
                continue
            after = rank(table)
            for a, b in combinations(others, 2):
                if (before[a] - before[b]) * (after[a] - after[b]) < 0:
                    better, worse = (a, b) if before[a] < before[b] else (b, a)
                    rows.append((change, str(subject), str(better), str(worse)))
    return pd.DataFrame(rows, columns=["change", "subject", "better", "worse"])


def rank_grid(
    factors: Mapping[str, Sequence[object]], scores: Callable[..., pd.Series]
) -> tuple[Matrix, tuple[str, ...]]:
    """Ranks under every combination of choices: normalisation x weighting x data x cleaning.

    Parameters
    ----------
    factors
        Choices by factor, such as ``{"normalisation": [...], "weighting": [...], "data": [resample, …]}``.
    scores
        Called with one choice per factor by name; returns scores, more is better, always of the same
        subjects.

    Returns
    -------
    tuple
        Ranks, one axis per factor and subjects last, and the subjects.
    """
    found = [scores(**dict(zip(factors, chosen, strict=True))) for chosen in product(*factors.values())]
    subjects = tuple(map(str, found[0].index))
    ranks = rankdata(-np.array([one.to_numpy(dtype="float64") for one in found]).round(12), axis=1)
    return ranks.reshape(*map(len, factors.values()), len(subjects)), subjects


def variance_shares(grid: Matrix, factors: Sequence[str], subjects: Sequence[str]) -> pd.DataFrame:
    """Sobol shares of the variance of ranks, exact over a full grid of equally likely choices.

    ``first`` is the share that a factor explains alone, ``total`` the share that vanishes when it is known
    (alone and in all interactions).

    Parameters
    ----------
    grid
        Ranks, one axis per factor and subjects last, from `rank_grid`.

    Returns
    -------
    DataFrame
        One row per subject and factor, then per factor for all subjects together (subject ""): `subject`,
        `factor`, `first`, `total`. Ranks that never change have no variance to share: NaN.

    References
    ----------
    .. [1] Sobol (1993); Saisana, Saltelli and Tarantola (2005), J. of the Royal Statistical Society A
           168(2):307-323, for ranks of composite indicators.

    Examples
    --------
    >>> additive = np.array([[[1.0], [2.0]], [[3.0], [4.0]]])
    >>> variance_shares(additive, ["weights", "data"], ["s1"]).loc[:1, "first"].round(2).tolist()
    [0.8, 0.2]
    """
    if grid.ndim != len(factors) + 1 or grid.shape[-1] != len(subjects):
        raise MethodError(
            "labels_differ",
            where="variance shares",
            what="the grid needs one axis per factor, and the subjects last",
            got=grid.shape,
        )
    axes = tuple(range(len(factors)))
    whole = grid.var(axis=axes)
    parts = {}
    for axis, factor in enumerate(factors):
        others = tuple(other for other in axes if other != axis)
        alone = grid.mean(axis=others).var(axis=0)
        rest = (
            grid.mean(axis=axis).var(axis=tuple(range(len(factors) - 1))) if others else np.zeros_like(whole)
        )
        parts[factor] = (alone, whole - rest)
    rows = [
        (subject, factor, alone[place], total[place], whole[place])
        for place, subject in enumerate(subjects)
        for factor, (alone, total) in parts.items()
    ]
    rows += [("", factor, alone.sum(), total.sum(), whole.sum()) for factor, (alone, total) in parts.items()]
    table = pd.DataFrame(rows, columns=["subject", "factor", "first", "total", "whole"])
    known = table.pop("whole").where(lambda variance: variance > 0)
    return table.assign(first=table["first"] / known, total=table["total"] / known)


def _aligned(scores: pd.DataFrame, weights: Mapping[str, float]) -> tuple[Matrix, Matrix]:
    labels = [str(column) for column in scores.columns]
    if set(labels) != set(weights):
        raise MethodError(
            "labels_differ",
            where="sensitivity of the ranking",
            what="the weights and the scores have different indicators",
            got=", ".join(map(str, weights)),
            expected=", ".join(labels),
        )
    return checked_matrix(scores), np.array([weights[label] for label in labels], dtype="float64")
