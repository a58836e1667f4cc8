"""Analytic hierarchy process: weights from pairwise judgements, with their consistency.

A judgement a(i, j) says how many times as important indicator i is as indicator j; a(j, i) = 1 / a(i, j).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem, nearest
from survey_kpi.indicator_weights.result import IndicatorWeights, Matrix, labelled

RECIPROCAL_TOLERANCE = 1e-8

# Random indices by source; position k is the index of a (k + 3) x (k + 3) matrix. The verdict near .10
# depends on the table, so it is always named beside the ratio.
RANDOM_INDEX: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        # Alonso and Lamata (2006), Int. J. of Uncertainty, Fuzziness and Knowledge-Based Systems 14(4)
        "alonso_lamata": (0.5247, 0.8816, 1.1086, 1.2479, 1.3417, 1.4057, 1.4499, 1.4854, 1.5140, 1.5365),
        # Saaty (1980), The Analytic Hierarchy Process
        "saaty": (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48),
        # Golden and Wang (1989), 1,000 random matrices, as compared in Alonso and Lamata (2006), table 2
        "golden_wang": (0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882, 1.5117, 1.5356),
    }
)


def ahp(
    judgements: pd.DataFrame,
    *,
    random_index: str = "alonso_lamata",
    consistency_limit: float | None = 0.10,
    where: str = "judgements",
) -> IndicatorWeights:
    """Weights of one pairwise matrix by its principal eigenvector.

    Parameters
    ----------
    judgements
        Square and positive, the same labels on both axes, reciprocal: a(j, i) = 1 / a(i, j).
    random_index
        Name of the random-index table behind the consistency ratio.
    consistency_limit
        Refuse a matrix whose consistency ratio lies above it; None accepts every ratio.
    where
        Name of the matrix in messages, such as the expert's.

    Returns
    -------
    IndicatorWeights
        Statistics `lambda_max`, `consistency_index`, `consistency_ratio` (0 for n <= 2).

    Raises
    ------
    MethodError
        `not_reciprocal`, `judgement_not_positive`, `random_index_missing`, `inconsistent_judgements`.

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
    labels = [str(column) for column in judgements.columns]
    matrix = checked_judgements(judgements, where=where)
    priorities, largest = principal_eigenvector(matrix)
    index, ratio = consistency(largest, len(labels), random_index)
    if consistency_limit is not None and ratio > consistency_limit:
        raise MethodError(
            "inconsistent_judgements",
            where=where,
            what=f"the judgements contradict each other (random index: {random_index})",
            got=f"consistency ratio {ratio:.3f}",
            expected=f"at most {consistency_limit:g}",
            hint=_worst_pair(matrix, priorities, labels),
        )
    return IndicatorWeights(
        values=labelled(priorities, labels),
        method="ahp",
        variant=f"principal eigenvector, random index {random_index}",
        statistics={"lambda_max": largest, "consistency_index": index, "consistency_ratio": ratio},
    )


def principal_eigenvector(matrix: Matrix) -> tuple[Matrix, float]:
    """Return the normalised principal eigenvector and its eigenvalue.

    By Perron's theorem it is real and positive for a positive matrix.
    """
    values, vectors = np.linalg.eig(matrix)
    principal = int(np.argmax(values.real))
    vector = np.abs(vectors[:, principal].real)
    return vector / vector.sum(), float(values[principal].real)


def consistency(largest: float, size: int, random_index: str) -> tuple[float, float]:
    """Return consistency index and ratio; exactly 0 for up to two indicators.

    Raises
    ------
    MethodError
        `random_index_missing`: no such table, or it ends before this size.
    """
    if random_index not in RANDOM_INDEX:
        raise MethodError(
            "random_index_missing",
            where="random_index",
            what="there is no such random-index table",
            got=repr(random_index),
            hint=nearest(random_index, RANDOM_INDEX),
        )
    if size <= 2:
        return 0.0, 0.0
    table = RANDOM_INDEX[random_index]
    if size - 3 >= len(table):
        raise MethodError(
            "random_index_missing",
            where=f"random_index: {random_index}",
            what="the table ends before this number of indicators",
            got=size,
            expected=f"at most {len(table) + 2}",
        )
    index = max(0.0, (largest - size) / (size - 1))
    return index, index / table[size - 3]


def aggregate_judgements(matrices: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Aggregate individual judgements (AIJ): the cell-wise geometric mean, itself reciprocal.

    References
    ----------
    .. [1] Aczel and Saaty (1983), Journal of Mathematical Psychology 27: the only symmetric, reciprocal rule.
    """
    labels = list(matrices[0].columns)
    logs = [np.log(matrix.loc[labels, labels].to_numpy(dtype="float64")) for matrix in matrices]
    return pd.DataFrame(np.exp(np.mean(logs, axis=0)), index=labels, columns=labels)


def judgement_matrices(rows: pd.DataFrame, labels: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Turn rows (expert_id, row, column, value) into one full matrix per expert.

    Parameters
    ----------
    rows
        One judgement per row; either triangle may be given, the other follows by reciprocity.
    labels
        Indicators that every expert must have compared.

    Raises
    ------
    MethodError
        `judgement_not_positive`, `contradictory_judgement`, `judgement_missing`, `judgement_unknown`; all
        mistakes of all experts at once.
    """
    problems: list[Problem] = []
    matrices = {
        str(expert): _matrix_of(str(expert), group, list(labels), problems)
        for expert, group in rows.groupby("expert_id", sort=True)
    }
    if problems:
        raise MethodError.collect(problems)
    return matrices


def _matrix_of(expert: str, rows: pd.DataFrame, labels: list[str], problems: list[Problem]) -> pd.DataFrame:
    cells = {(label, label): 1.0 for label in labels}
    for left, right, value in zip(rows["row"], rows["column"], rows["value"], strict=True):
        where = f"expert {expert}: {left} against {right}"
        problem = _cell_problem(where, left, right, value, labels, cells)
        if problem:
            problems.append(problem)
        else:
            cells[left, right], cells[right, left] = float(value), 1 / float(value)
    missing = [(a, b) for i, a in enumerate(labels) for b in labels[i + 1 :] if (a, b) not in cells]
    problems += [
        Problem(
            code="judgement_missing",
            where=f"expert {expert}: {a} against {b}",
            what="the pair was not judged",
            expected="one judgement per pair",
        )
        for a, b in missing
    ]
    table = [[cells.get((a, b), math.nan) for b in labels] for a in labels]
    return pd.DataFrame(table, index=labels, columns=labels)


def _cell_problem(
    where: str, left: str, right: str, value: float, labels: list[str], cells: dict[tuple[str, str], float]
) -> Problem | None:
    unknown = [name for name in (left, right) if name not in labels]
    if unknown:
        return Problem(
            code="judgement_unknown",
            where=where,
            what="the judgement names an indicator that is not scored",
            got=unknown[0],
            hint=nearest(unknown[0], labels),
        )
    if not (math.isfinite(value) and value > 0):
        return Problem(
            code="judgement_not_positive",
            where=where,
            what="the judgement is not positive",
            got=value,
            expected="more than 0",
        )
    known = cells.get((left, right))
    if known is not None and not math.isclose(known, value, rel_tol=RECIPROCAL_TOLERANCE):
        return Problem(
            code="contradictory_judgement",
            where=where,
            what="the pair was judged twice with different answers",
            got=f"{value:g} and {known:g}",
            expected="one judgement per pair",
        )
    return None


def checked_judgements(judgements: pd.DataFrame, *, where: str) -> Matrix:
    """Return the matrix as floats, or name every cell that is not positive or not reciprocal."""
    matrix = judgements.to_numpy(dtype="float64")
    if matrix.shape[0] != matrix.shape[1] or list(judgements.index) != list(judgements.columns):
        raise MethodError(
            "not_reciprocal",
            where=where,
            what="a pairwise matrix has the same labels on both axes",
            got=f"{matrix.shape[0]} x {matrix.shape[1]}",
        )
    labels = [str(column) for column in judgements.columns]
    bad = [
        Problem(
            code="judgement_not_positive",
            where=f"{where}: {labels[i]} against {labels[j]}",
            what="the judgement is not positive",
            got=matrix[i, j],
            expected="more than 0",
        )
        for i, j in zip(*np.nonzero(~(np.isfinite(matrix) & (matrix > 0))), strict=True)
    ]
    if bad:
        raise MethodError.collect(bad)
    off = np.triu(np.abs(matrix * matrix.T - 1) > RECIPROCAL_TOLERANCE)
    bad = [
        Problem(
            code="not_reciprocal",
            where=f"{where}: {labels[i]} against {labels[j]}",
            what="the two cells of the pair are not reciprocal",
            got=f"{matrix[i, j]:g} and {matrix[j, i]:g}",
            expected=f"{matrix[i, j]:g} and {1 / matrix[i, j]:g}",
        )
        for i, j in zip(*np.nonzero(off), strict=True)
    ]
    if bad:
        raise MethodError.collect(bad)
    return matrix


def _worst_pair(matrix: Matrix, priorities: Matrix, labels: list[str]) -> str:
    implied = priorities[:, None] / priorities[None, :]
    gap = np.triu(np.abs(np.log(matrix / implied)), 1)
    i, j = np.unravel_index(int(np.argmax(gap)), gap.shape)
    return (
        f"revise {labels[i]} against {labels[j]} first: judged {matrix[i, j]:g}, "
        f"the other judgements imply {implied[i, j]:.2f}"
    )
