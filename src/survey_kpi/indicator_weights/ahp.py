"""Analytic hierarchy process: weights from pairwise judgements, with their consistency."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, nearest
from survey_kpi.indicator_weights.incomplete import COMPLETIONS, refuse_disconnected
from survey_kpi.indicator_weights.pairwise import checked_judgements, pairs
from survey_kpi.indicator_weights.priorities import (
    PRIORITIES,
    consistency_index,
    eigenvalue_ratios,
    geometric_consistency_index,
    principal,
)
from survey_kpi.indicator_weights.random_index import RANDOM_INDEX, random_index
from survey_kpi.indicator_weights.result import Diagnostic, IndicatorWeights, Matrix, labelled

RANK_TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Consistency:
    """Priorities of one or many matrices by the eigenvector, with eigenvalue, index and ratio."""

    priorities: Matrix
    largest: Matrix
    index: Matrix
    ratio: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A judgement at odds with the others, and what would repair it.

    Parameters
    ----------
    row, column
        The pair.
    judged
        How many times as important `row` was judged.
    implied
        What the other judgements imply: the value that fits when this one is left out (Harker 1987).
    ratio
        Consistency ratio of the matrix with the implied value.
    """

    row: str
    column: str
    judged: float
    implied: float
    ratio: float


def consistency(matrices: Matrix, table: str | float = "alonso_lamata") -> Consistency:
    """Weigh and check matrices of shape (..., n, n) at once, a thousand experts as easily as one.

    Parameters
    ----------
    matrices
        Positive and reciprocal.
    table
        Name of a random-index table, or the index itself.

    Raises
    ------
    MethodError
        `random_index_missing`.

    Examples
    --------
    >>> first = np.array([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
    >>> second = np.array([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    >>> consistency(np.array([first, second])).ratio.round(4).tolist()
    [0.0367, 0.0]
    """
    size = matrices.shape[-1]
    found = principal(matrices)
    index = consistency_index(found.largest, size)
    return Consistency(
        priorities=found.priorities, largest=found.largest, index=index, ratio=index / _index(table, size)
    )


def ahp(
    judgements: pd.DataFrame,
    *,
    priority: str = "eigenvector",
    random_index: str | float = "alonso_lamata",
    consistency_limit: float | None = 0.10,
    missing: str = "refuse",
    where: str = "judgements",
) -> IndicatorWeights:
    """Weights of one pairwise matrix.

    Parameters
    ----------
    judgements
        Square and positive, the same labels on both axes, reciprocal: a(j, i) = 1 / a(i, j). Any positive
        numbers, because group means leave Saaty's scale.
    priority
        "eigenvector" (default), "geometric_mean" or "column_mean". Whichever is chosen, the statistics hold
        the eigenvector and the geometric mean side by side.
    random_index
        Name of the random-index table behind the consistency ratio, or a number.
    consistency_limit
        Refuse a matrix whose consistency ratio lies above it; None accepts every ratio.
    missing
        "refuse" (default), "harker" or "least_eigenvalue": how pairs without a judgement (NaN) are treated.
    where
        Name of the matrix in messages, such as the expert's.

    Returns
    -------
    IndicatorWeights
        Statistics `lambda_max`, `consistency_index`, `consistency_ratio` (0 for n <= 2),
        `geometric_consistency_index`, `eigenvector.<label>`, `geometric_mean.<label>`. With "column_mean" or
        "geometric_mean", lambda is the mean of (A w)_i / w_i. Diagnostics `ranks_differ`,
        `random_index_decides`, `reciprocal_rounded`, `judgements_completed`.

    Raises
    ------
    MethodError
        `not_square`, `not_reciprocal`, `judgement_not_positive`, `contradictory_judgement`,
        `random_index_missing`, `priority_unknown`, `comparisons_disconnected`, `inconsistent_judgements`.

    References
    ----------
    .. [1] Saaty (1980), The Analytic Hierarchy Process. Values agree with AHPy and R ahpsurvey.

    Examples
    --------
    >>> names = ["a", "b", "c"]
    >>> table = pd.DataFrame([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]], index=names, columns=names)
    >>> weights = ahp(table, random_index="golden_wang")
    >>> {name: round(value, 8) for name, value in weights.values.items()}
    {'a': 0.63698557, 'b': 0.25828499, 'c': 0.10472943}
    >>> round(weights.statistics["consistency_ratio"], 4)
    0.0332
    """
    method = PRIORITIES[known_variant("priority", priority, PRIORITIES)]
    matrix, notes = checked_judgements(judgements, where=where, missing=missing != "refuse")
    labels = [str(column) for column in judgements.columns]
    if missing != "refuse":
        matrix, filled = _completed(matrix, missing, labels, where)
        notes += filled
    both = {name: PRIORITIES[name](matrix) for name in ("eigenvector", "geometric_mean")}
    chosen = both[priority] if priority in both else method(matrix)
    largest = float(eigenvalue_ratios(matrix, chosen).mean())
    index = float(consistency_index(np.array(largest), len(labels)))
    ratio = index / _index(random_index, len(labels))
    if consistency_limit is not None and ratio > consistency_limit:
        raise _inconsistent(matrix, labels, ratio, consistency_limit, random_index, where)
    return IndicatorWeights(
        values=labelled(chosen, labels),
        method="ahp",
        variant=f"{VARIANTS[priority]}, random index {random_index}"
        + (f", missing pairs by {missing}" if missing != "refuse" else ""),
        statistics={
            "lambda_max": largest,
            "consistency_index": index,
            "consistency_ratio": ratio,
            "geometric_consistency_index": float(geometric_consistency_index(matrix)),
            **{
                f"{name}.{label}": float(w)
                for name, all_w in both.items()
                for label, w in zip(labels, all_w, strict=True)
            },
        },
        diagnostics=(
            *notes,
            *_rank_doubts(both),
            *_table_doubts(index, len(labels), random_index, consistency_limit),
        ),
    )


VARIANTS = {
    "eigenvector": "principal eigenvector",
    "geometric_mean": "row geometric mean",
    "column_mean": "mean of normalised columns",
}


def complete_judgements(
    judgements: pd.DataFrame, missing: str, *, where: str = "judgements"
) -> tuple[pd.DataFrame, tuple[Diagnostic, ...]]:
    """Fill the pairs that nobody judged from the others, and say how many.

    Parameters
    ----------
    judgements
        A pairwise matrix, NaN where a pair was not judged.
    missing
        "harker" or "least_eigenvalue".

    Raises
    ------
    MethodError
        `missing_unknown`, `comparisons_disconnected`, and those of a matrix that is no pairwise one.

    Examples
    --------
    >>> names, nan = ["a", "b", "c"], np.nan
    >>> rows = [[1, 2, nan], [1 / 2, 1, 2], [nan, 1 / 2, 1]]
    >>> filled, notes = complete_judgements(pd.DataFrame(rows, index=names, columns=names), "harker")
    >>> round(float(filled.loc["a", "c"]), 9), notes[0].message
    (4.0, 'judgements: 1 of 3 pairs were not judged')
    """
    matrix, notes = checked_judgements(judgements, where=where, missing=True)
    labels = [str(column) for column in judgements.columns]
    filled, told = _completed(matrix, missing, labels, where)
    return pd.DataFrame(filled, index=labels, columns=labels), (*notes, *told)


def worst_judgements(
    judgements: pd.DataFrame, *, count: int = 3, random_index: str | float = "alonso_lamata"
) -> tuple[Repair, ...]:
    """Return the judgements whose repair would lower the consistency ratio most, worst first.

    Each judgement in turn is left out; the others imply its value, and the ratio is computed with it.

    Parameters
    ----------
    judgements
        A pairwise matrix, complete.
    count
        How many; those that would not lower the ratio are left out.

    Examples
    --------
    >>> names = ["a", "b", "c", "d"]
    >>> rows = [[1, 2, 4, 1 / 8], [1 / 2, 1, 2, 4], [1 / 4, 1 / 2, 1, 2], [8, 1 / 4, 1 / 2, 1]]
    >>> worst = worst_judgements(pd.DataFrame(rows, index=names, columns=names))[0]
    >>> worst.row, worst.column, worst.judged, round(worst.implied, 6), worst.ratio
    ('a', 'd', 0.125, 8.0, 0.0)
    """
    matrix, _ = checked_judgements(judgements, where="judgements")
    return _repairs(matrix, [str(column) for column in judgements.columns], count, random_index)


def _repairs(matrix: Matrix, labels: list[str], count: int, table: str | float) -> tuple[Repair, ...]:
    size = len(labels)
    if size <= 2:
        return ()
    left_out = np.repeat(matrix[None], size * (size - 1) // 2, axis=0)
    for place, (i, j) in enumerate(pairs(size)):
        left_out[place, [i, j], [j, i]] = 0.0
        left_out[place, [i, j], [i, j]] = 2.0
    priorities, largest = principal(left_out)
    ratios = consistency_index(largest, size) / _index(table, size)
    present = float(consistency(matrix, table).ratio)
    found = [
        Repair(
            row=labels[i],
            column=labels[j],
            judged=float(matrix[i, j]),
            implied=float(priorities[place, i] / priorities[place, j]),
            ratio=float(ratios[place]),
        )
        for place, (i, j) in enumerate(pairs(size))
        if ratios[place] < present
    ]
    return tuple(sorted(found, key=lambda repair: repair.ratio)[:count])


def _inconsistent(
    matrix: Matrix, labels: list[str], ratio: float, limit: float, table: str | float, where: str
) -> MethodError:
    worst = "; then ".join(
        f"{repair.row} against {repair.column}: judged {repair.judged:.3g}, the others imply "
        f"{repair.implied:.3g}, which alone would bring the ratio to {repair.ratio:.3f}"
        for repair in _repairs(matrix, labels, 3, table)
    )
    return MethodError(
        "inconsistent_judgements",
        where=where,
        what=f"the judgements contradict each other (random index: {table})",
        got=f"consistency ratio {ratio:.3f}",
        expected=f"at most {limit:g}",
        hint=f"first revise {worst}" if worst else "",
    )


def _completed(
    matrix: Matrix, how: str, labels: list[str], where: str
) -> tuple[Matrix, tuple[Diagnostic, ...]]:
    complete = COMPLETIONS[known_variant("missing", how, COMPLETIONS)]
    absent = int(np.isnan(matrix).sum() // 2)
    if not absent:
        return matrix, ()
    refuse_disconnected(matrix, labels, where)
    said = f"{where}: {absent} of {len(labels) * (len(labels) - 1) // 2} pairs were not judged"
    return complete(matrix), (Diagnostic(code="judgements_completed", message=said, value=absent),)


def _rank_doubts(both: dict[str, Matrix]) -> tuple[Diagnostic, ...]:
    first, second = both.values()
    turned = [
        (i, j)
        for i, j in pairs(len(first))
        if (first[i] - first[j]) * (second[i] - second[j]) < 0
        and min(abs(first[i] - first[j]), abs(second[i] - second[j])) > RANK_TIE
    ]
    if not turned:
        return ()
    message = "eigenvector and geometric mean rank the indicators differently"
    return (Diagnostic(code="ranks_differ", message=message, value=len(turned)),)


def _table_doubts(
    index: float, size: int, chosen: str | float, limit: float | None
) -> tuple[Diagnostic, ...]:
    """Say so when another published table would turn the verdict round."""
    ratio = index / _index(chosen, size)
    others = {
        name: index / table[size - 3]
        for name, table in RANDOM_INDEX.items()
        if name != chosen and 3 <= size < len(table) + 3
    }
    turned = {name: other for name, other in others.items() if limit and (other > limit) != (ratio > limit)}
    if not turned:
        return ()
    listed = ", ".join(f"{name} {other:.3f}" for name, other in turned.items())
    message = f"consistency ratio {ratio:.3f} by {chosen}, but the other side of {limit:g} by {listed}"
    return (Diagnostic(code="random_index_decides", message=message, value=ratio),)


def _index(table: str | float, size: int) -> float:
    """Return the random index; the ratio of up to two items is 0 whatever it is."""
    if isinstance(table, str):
        return random_index(table, size)
    if not table > 0:
        raise MethodError("random_index_missing", where="random_index", what="an index is above 0", got=table)
    return float(table)


def known_variant(what: str, name: str, table: Collection[str]) -> str:
    """Return the name, or refuse it as `<what>_unknown`."""
    if name not in table:
        raise MethodError(
            f"{what}_unknown",
            where=what,
            what="AHP has no such variant",
            got=repr(name),
            hint=nearest(name, table),
        )
    return name
