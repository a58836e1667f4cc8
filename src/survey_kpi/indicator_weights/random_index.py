"""Random indices: the mean consistency index of matrices filled at random from Saaty's scale.

Tables differ between authors and change the verdict near .10, so a consistency ratio always names its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from survey_kpi.errors import MethodError, nearest
from survey_kpi.indicator_weights.priorities import consistency_index, principal
from survey_kpi.indicator_weights.result import Matrix

SCALE = np.concatenate([1 / np.arange(9, 1, -1), np.arange(1, 10)])
"""Saaty's 17 judgements: 1/9, 1/8, …, 1/2, 1, 2, …, 9."""

# Position k holds the index of a (k + 3) x (k + 3) matrix.
RANDOM_INDEX: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        # Alonso and Lamata (2006), Int. J. of Uncertainty, Fuzziness and Knowledge-Based Systems
        # 14(4):445-459, 100,000 matrices of each size; 100,000 of our own agree within 3 standard errors
        "alonso_lamata": (
            *(0.5247, 0.8816, 1.1086, 1.2479, 1.3417, 1.4057, 1.4499, 1.4854, 1.5140, 1.5365),
            *(1.5551, 1.5713, 1.5838),
        ),
        # Saaty (1980), The Analytic Hierarchy Process
        "saaty": (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48),
        # Saaty (2005), Theory and Applications of the Analytic Network Process, p. 31
        "saaty_2005": (0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49, 1.52, 1.54, 1.56, 1.58, 1.59),
        # Golden and Wang (1989), 1,000 random matrices, as compared in Alonso and Lamata (2006), table 2
        "golden_wang": (0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882, 1.5117, 1.5356),
        # Donegan and Dodd (1991), Mathematical and Computer Modelling 15(10):135-137, as in AHPy
        "donegan_dodd": (
            *(0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055, 1.4213, 1.4497),
            *(1.4643, 1.4822, 1.4969, 1.5078, 1.5153, 1.5262, 1.5313, 1.5371),
        ),
    }
)


def random_index(table: str, size: int) -> float:
    """Return the random index of a size from a named table.

    "alonso_lamata" goes on beyond 15 with the authors' regression, lambda = 2.7699 n - 4.3513, which lies
    .2 % (n = 16) to .5 % (n = 30) above simulation; the other tables end where their authors stopped.

    Raises
    ------
    MethodError
        `random_index_missing`: no such table, or it ends before this size.

    Examples
    --------
    >>> random_index("alonso_lamata", 9), round(random_index("alonso_lamata", 20), 4)
    (1.4499, 1.634)
    """
    if table not in RANDOM_INDEX:
        raise MethodError(
            "random_index_missing",
            where="random_index",
            what="there is no such random-index table",
            got=repr(table),
            hint=nearest(table, RANDOM_INDEX),
        )
    known = RANDOM_INDEX[table]
    if size - 3 < len(known):
        return known[max(size, 3) - 3]
    if table == "alonso_lamata":
        return (2.7699 * size - 4.3513 - size) / (size - 1)
    raise MethodError(
        "random_index_missing",
        where=f"random_index: {table}",
        what="the table ends before this number of indicators",
        got=size,
        expected=f"at most {len(known) + 2}",
        hint="take 'alonso_lamata', or pass a number from simulated_random_index",
    )


def simulated_random_index(size: int, rng: np.random.Generator, *, matrices: int = 20_000) -> float:
    """Mean consistency index of random matrices, for sizes that no table covers.

    Parameters
    ----------
    size
        Number of items, at least 3.
    rng
        Source of the matrices; the same generator state gives the same index.
    matrices
        How many; at 20,000 the standard error is below .005 for n = 3 and below .001 from n = 15 on.

    Examples
    --------
    >>> index = simulated_random_index(5, np.random.default_rng(1), matrices=2_000)
    >>> abs(index - random_index("alonso_lamata", 5)) < 0.05
    True
    """
    batch = max(1, 200_000 // size**2)
    done = range(0, matrices, batch)
    total = sum(_indices(size, rng, min(batch, matrices - start)).sum() for start in done)
    return float(total / matrices)


def _indices(size: int, rng: np.random.Generator, count: int) -> Matrix:
    upper = np.triu_indices(size, 1)
    stack = np.ones((count, size, size))
    stack[:, upper[0], upper[1]] = judged = rng.choice(SCALE, size=(count, len(upper[0])))
    stack[:, upper[1], upper[0]] = 1 / judged
    return consistency_index(principal(stack).largest, size)
