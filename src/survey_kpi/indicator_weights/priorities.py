"""Priorities of pairwise matrices, one or a thousand at once: arrays in, arrays out.

Every function takes matrices of shape (..., n, n) whose cell a(i, j) says how many times as important i is
as j, and returns priorities of shape (..., n) that sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from survey_kpi.indicator_weights.result import Matrix

SETTLED = 1e-14
SQUARINGS = 4
STEPS = 12
CONSISTENT = 1e-12


class Principal(NamedTuple):
    """Principal eigenvectors (sum 1) and their eigenvalues."""

    priorities: Matrix
    largest: Matrix


def principal(matrices: Matrix) -> Principal:
    """Return the principal eigenvector and eigenvalue of positive matrices.

    By Perron's theorem both are real and positive. A few squarings, then power steps; a matrix whose second
    eigenvalue is too near for that is handed to the general eigenvalue routine.

    Examples
    --------
    >>> found = principal(np.array([[1.0, 2.0, 6.0], [0.5, 1.0, 3.0], [1 / 6, 1 / 3, 1.0]]))
    >>> found.priorities.round(6).tolist(), round(float(found.largest), 6)
    ([0.6, 0.3, 0.1], 3.0)
    """
    stack = matrices.reshape(-1, *matrices.shape[-2:])
    power = stack / stack.sum(axis=(1, 2), keepdims=True)
    for _ in range(SQUARINGS):
        power = power @ power
        power /= power.sum(axis=(1, 2), keepdims=True)
    vector = power.sum(axis=2, keepdims=True)
    for _ in range(STEPS):
        last, vector = vector, power @ vector
        vector /= vector.sum(axis=1, keepdims=True)
        moved = np.abs(vector - last).max(axis=(1, 2))
        if moved.max() < SETTLED:
            break
    weights, largest = vector[..., 0], (stack @ vector).sum(axis=(1, 2))
    for place in np.flatnonzero(~(moved < SETTLED)):
        weights[place], largest[place] = _general(stack[place])
    return Principal(weights.reshape(matrices.shape[:-1]), largest.reshape(matrices.shape[:-2]))


def _general(matrix: Matrix) -> tuple[Matrix, float]:
    values, vectors = np.linalg.eig(matrix)
    place = int(np.argmax(values.real))
    vector = np.abs(vectors[:, place].real)
    return vector / vector.sum(), float(values[place].real)


def eigenvector(matrices: Matrix) -> Matrix:
    """Priorities by the principal eigenvector (Saaty 1977)."""
    return principal(matrices).priorities


def geometric_mean(matrices: Matrix) -> Matrix:
    """Priorities by the geometric mean of each row (Crawford and Williams 1985), 方根法.

    It minimises the squared logarithmic differences between judgements and ratios of priorities.
    """
    means: Matrix = np.exp(np.log(matrices).mean(axis=-1))
    weights: Matrix = means / means.sum(axis=-1, keepdims=True)
    return weights


def column_mean(matrices: Matrix) -> Matrix:
    """Priorities by the mean of the normalised columns, 和积法."""
    weights: Matrix = (matrices / matrices.sum(axis=-2, keepdims=True)).mean(axis=-1)
    return weights


PRIORITIES: Mapping[str, Callable[[Matrix], Matrix]] = MappingProxyType(
    {"eigenvector": eigenvector, "geometric_mean": geometric_mean, "column_mean": column_mean}
)
"""Ways to draw priorities from judgements; they agree on consistent matrices only."""


def eigenvalue_ratios(matrices: Matrix, priorities: Matrix) -> Matrix:
    """Return (A w)_i / w_i, all equal to the largest eigenvalue when w is the principal eigenvector."""
    ratios: Matrix = (matrices @ priorities[..., None])[..., 0] / priorities
    return ratios


def consistency_index(largest: Matrix, size: int) -> Matrix:
    """Return (lambda - n) / (n - 1); exactly 0 up to two items and for consistent judgements."""
    if size <= 2:
        return np.zeros_like(largest)
    excess = largest - size
    return np.where(excess <= CONSISTENT * size, 0.0, excess / (size - 1))


def geometric_consistency_index(matrices: Matrix) -> Matrix:
    """Mean squared logarithmic residual of the judgements about the geometric-mean priorities.

    ``2 / ((n - 1)(n - 2)) * sum_{i<j} ln(a_ij w_j / w_i)**2``: an unbiased estimate of the variance of a
    judgement's logarithmic error. .31 (n = 3), .35 (4) and .37 (more) correspond to a ratio of .10.

    References
    ----------
    .. [1] Aguaron and Moreno-Jimenez (2003), European Journal of Operational Research 147(1):137-145.

    Examples
    --------
    >>> matrix = np.array([[1, 2, 8], [1 / 2, 1, 2], [1 / 8, 1 / 2, 1]])
    >>> round(float(geometric_consistency_index(matrix)), 4)  # ln(2)**2 / 3 for a triad off by a factor 2
    0.1602
    """
    size = matrices.shape[-1]
    if size <= 2:
        return np.zeros(matrices.shape[:-2])
    logs = np.log(matrices)
    level = logs.mean(axis=-1)
    residual = logs - (level[..., :, None] - level[..., None, :])
    index: Matrix = (residual**2).sum(axis=(-2, -1)) / ((size - 1) * (size - 2))
    return index
