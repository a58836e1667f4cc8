"""Pairwise matrices with missing judgements: which are enough, and two ways to draw priorities from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from scipy.sparse.csgraph import connected_components

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.priorities import principal
from survey_kpi.indicator_weights.result import Matrix

SETTLED = 1e-12
MAX_STEPS = 200


def refuse_disconnected(matrix: Matrix, labels: list[str], where: str) -> None:
    """Refuse judgements that leave the indicators in parts that nobody compared.

    Raises
    ------
    MethodError
        `comparisons_disconnected`, listing the parts.
    """
    count, part = connected_components(~np.isnan(matrix), directed=False)
    if count > 1:
        parts = [[label for label, own in zip(labels, part, strict=True) if own == k] for k in range(count)]
        raise MethodError(
            "comparisons_disconnected",
            where=where,
            what="no judgement connects these groups of indicators, so they have no common weights",
            got=" | ".join(", ".join(names) for names in parts),
            hint=f"compare {parts[0][0]} with {parts[1][0]}",
        )


def harker(matrix: Matrix) -> Matrix:
    """Fill missing cells by the ratios of Harker's priorities.

    Missing cells count 0 and every row adds the number of its missing cells to its diagonal; the principal
    eigenvector of that matrix is that of the matrix completed with its own ratios.

    References
    ----------
    .. [1] Harker (1987), Mathematical Modelling 9(11):837-848 and 9(5):353-360.

    Examples
    --------
    >>> nan = np.nan
    >>> harker(np.array([[1, 2, nan], [0.5, 1, 2], [nan, 0.5, 1]])).round(9).tolist()
    [[1.0, 2.0, 4.0], [0.5, 1.0, 2.0], [0.25, 0.5, 1.0]]
    """
    missing = np.isnan(matrix)
    known = np.where(missing, 0.0, matrix) + np.diag(missing.sum(axis=1))
    weights = principal(known).priorities
    return np.where(missing, weights[:, None] / weights[None, :], matrix)


def least_eigenvalue(matrix: Matrix) -> Matrix:
    """Fill missing cells so that the largest eigenvalue, and so the inconsistency, is least.

    The eigenvalue is convex in the logarithms of the cells, and its least value unique when the comparisons
    connect all items. With left and right eigenvectors v and w it is reached where
    ``a_ij**2 = (w_i v_j) / (v_i w_j)``. Newton's method on the logarithms, with the second derivatives from
    the group inverse of ``lambda I - A``.

    References
    ----------
    .. [1] Bozoki, Fulop and Ronyai (2010), Mathematical and Computer Modelling 52(1-2):318-333.

    Examples
    --------
    >>> nan = np.nan
    >>> rows = [[1, 1, 5, 2], [1, 1, 3, 4], [1 / 5, 1 / 3, 1, nan], [1 / 2, 1 / 4, nan, 1]]
    >>> filled = least_eigenvalue(np.array(rows))
    >>> round(float(filled[2, 3]), 6)
    0.730297
    """
    rows, columns = np.nonzero(np.triu(np.isnan(matrix)))
    filled = harker(matrix)
    for _ in range(MAX_STEPS):
        step = _newton_step(filled, rows, columns)
        cells = filled[rows, columns] * np.exp(step)
        filled[rows, columns], filled[columns, rows] = cells, 1 / cells
        if np.abs(step).max() < SETTLED:
            return filled
    raise MethodError(
        "not_converged",
        where="incomplete judgements",
        what="the completion of least eigenvalue was not reached",
        got=f"a step of {np.abs(step).max():g} after {MAX_STEPS} steps",
    )


def _newton_step(filled: Matrix, rows: np.ndarray, columns: np.ndarray) -> Matrix:
    """Newton's step in the logarithms of the missing cells, shortened to at most 1."""
    right, largest = principal(filled)
    left = principal(filled.T).priorities
    left = left / (left @ right)
    up = left[rows] * filled[rows, columns] * right[columns]
    down = left[columns] * filled[columns, rows] * right[rows]
    reduced = _group_inverse(filled, float(largest), left, right)
    # D, the derivative of A by one logarithm, holds a_ij and -a_ji; lambda'' = v D'' w + 2 v D G D w
    d_right = np.zeros((len(rows), len(filled)))
    d_left = np.zeros_like(d_right)
    place = np.arange(len(rows))
    d_right[place, rows] = filled[rows, columns] * right[columns]
    d_right[place, columns] = -filled[columns, rows] * right[rows]
    d_left[place, columns] = left[rows] * filled[rows, columns]
    d_left[place, rows] = -left[columns] * filled[columns, rows]
    cross = d_left @ reduced @ d_right.T
    hessian = np.diag(up + down) + cross + cross.T
    step = -np.linalg.solve(hessian, up - down)
    return step / max(1.0, float(np.abs(step).max()))


def _group_inverse(filled: Matrix, largest: float, left: Matrix, right: Matrix) -> Matrix:
    projection = np.outer(right, left)
    shifted = largest * np.eye(len(filled)) - filled
    inverse: Matrix = np.linalg.inv(shifted + projection) - projection
    return inverse


COMPLETIONS: Mapping[str, Callable[[Matrix], Matrix]] = MappingProxyType(
    {"harker": harker, "least_eigenvalue": least_eigenvalue}
)
"""Ways to fill the cells that nobody judged."""
