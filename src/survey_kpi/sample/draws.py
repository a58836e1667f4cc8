"""Random draws that are the same bytes on every platform.

Only uniform numbers come from the generator; everything else is made of them by additions and comparisons,
which IEEE 754 defines exactly. Library functions such as `log` or `exp` may differ in their last digit from
one platform to the next, and would make the files differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]

SUMMANDS = 12


def generator(*seed: int) -> np.random.Generator:
    """Return the generator of a seed; the stream of PCG64 is fixed by numpy's compatibility policy."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    """Draw almost standard normal numbers: the sum of twelve uniform ones minus six (Irwin and Hall).

    The sum is written out because the order of additions inside `sum` depends on the machine.
    """
    total = np.full(shape, -SUMMANDS / 2)
    for _ in range(SUMMANDS):
        total += rng.random(shape)
    return total


def choose(rng: np.random.Generator, size: int, shares: Sequence[float]) -> Ints:
    """Draw indices with the given shares; what the shares leave open goes to the index after them.

    Examples
    --------
    >>> bool(choose(generator(1), 1000, [0.2, 0.3]).max() == 2)
    True
    """
    ends = np.array([sum(shares[: place + 1]) for place in range(len(shares))])
    return np.searchsorted(ends, rng.random(size), side="right")


def shuffled(rng: np.random.Generator, values: NDArray[Any]) -> NDArray[Any]:
    """Return the values in random order."""
    return values[np.argsort(rng.random(len(values)), kind="stable")]
