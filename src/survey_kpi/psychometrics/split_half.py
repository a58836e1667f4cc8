"""Split-half reliability: every split, Spearman-Brown, Guttman's lambdas.

Examples
--------
>>> round(spearman_brown(0.6, 2), 2)
0.75
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import SpecError
from survey_kpi.numeric import FloatArray
from survey_kpi.psychometrics.moments import ItemMoments
from survey_kpi.psychometrics.reliability import alpha_of, multiple_r2

ALL_SPLITS: Final = 20_000
"""Splits that are still all computed: scales of up to 16 items."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SplitHalf:
    """Split-half reliabilities of a scale, from correlations.

    Parameters
    ----------
    coefficients
        Guttman's coefficient of each split, 4 × correlation sum across the halves ÷ that of the whole.
    sampled
        Whether the splits are a random sample of all.
    """

    coefficients: FloatArray
    sampled: bool

    @property
    def lowest(self) -> float:
        """The worst split (beta, where the halves are as unlike as can be)."""
        return float(self.coefficients.min())

    @property
    def mean(self) -> float:
        """Mean over the splits; alpha, for an even number of items."""
        return float(self.coefficients.mean())

    @property
    def highest(self) -> float:
        """The best split, Guttman's lambda 4."""
        return float(self.coefficients.max())


@dataclass(frozen=True, slots=True, kw_only=True)
class Lambdas:
    """Guttman's six lower bounds of reliability, from correlations."""

    lambda_1: float
    lambda_2: float
    lambda_3: float
    lambda_4: float
    lambda_5: float
    lambda_6: float


def split_half(
    moments: ItemMoments, *, rng: np.random.Generator | None = None, draws: int = 10_000
) -> SplitHalf:
    """Reliability of all splits into halves, or of random ones when they are too many.

    An odd number of items k is split into (k - 1) / 2 and the others, in all ways.

    Parameters
    ----------
    moments
        Items, reversed as the codebook says.
    rng
        Source of the random splits of scales with more than 16 items.
    draws
        How many of those.

    Raises
    ------
    SpecError
        `generator_missing`: more than 20,000 splits and no generator.

    Notes
    -----
    Guttman (1945); R: `psych::splitHalf(x, brute = TRUE, check.keys = FALSE)`, which for an odd number of
    items looks at the first half of the splits only (psych 2.2.9).

    Examples
    --------
    >>> from survey_kpi.psychometrics.moments import item_moments
    >>> items = {"a": [1, 2, 3, 4], "b": [2, 1, 4, 3], "c": [1, 3, 2, 4], "d": [1, 2, 4, 3]}
    >>> split_half(item_moments(items)).coefficients.round(3).tolist()
    [0.889, 0.667, 0.963]
    """
    k, R = moments.size, moments.standardised
    splits = math.comb(k, k // 2) // (1 if k % 2 else 2)
    if splits > ALL_SPLITS and rng is None:
        raise SpecError(
            "generator_missing",
            where="split_half",
            what=f"{splits:,} splits are too many to compute; random ones need a generator",
            hint="pass rng=numpy.random.default_rng(seed)",
        )
    sampled = splits > ALL_SPLITS and rng is not None
    half = _random_halves(k, draws, rng) if sampled and rng is not None else _all_halves(k)
    across = np.einsum("si,ij,sj->s", half, R, 1 - half, optimize=True)
    return SplitHalf(coefficients=4 * across / R.sum(), sampled=sampled)


def guttman_lambdas(moments: ItemMoments, *, rng: np.random.Generator | None = None) -> Lambdas:
    """Guttman's lambda 1 to 6; lambda 3 is the standardised alpha, lambda 4 the best split.

    Parameters
    ----------
    moments, rng
        As in `split_half`.

    Raises
    ------
    MethodError
        `singular`: an item is determined by the others.

    Notes
    -----
    Guttman (1945); R: `psych::guttman(R)`.
    """
    R, k = moments.standardised, moments.size
    total = R.sum()
    square = (R**2).sum(axis=0) - 1
    first = float(1 - k / total)
    return Lambdas(
        lambda_1=first,
        lambda_2=first + math.sqrt(k / (k - 1) * square.sum()) / float(total),
        lambda_3=alpha_of(R),
        lambda_4=split_half(moments, rng=rng).highest,
        lambda_5=first + 2 * math.sqrt(square.max()) / float(total),
        lambda_6=float(1 - (1 - multiple_r2(R)).sum() / total),
    )


def spearman_brown(reliability: float, factor: float) -> float:
    """Reliability of a scale `factor` times as long, factor × r ÷ (1 + (factor - 1) r)."""
    return factor * reliability / (1 + (factor - 1) * reliability)


def _halves(k: int) -> Iterator[tuple[int, ...]]:
    """Members of one half, in lexicographic order, each split once."""
    for members in combinations(range(k), k // 2):
        if k % 2 or members[0] == 0:
            yield members


def _all_halves(k: int) -> FloatArray:
    members: npt.NDArray[np.int64] = np.array(list(_halves(k)))
    half = np.zeros((len(members), k))
    np.put_along_axis(half, members, 1.0, axis=1)
    return half


def _random_halves(k: int, draws: int, rng: np.random.Generator) -> FloatArray:
    order = rng.permuted(np.tile(np.arange(k), (draws, 1)), axis=1)
    return np.asarray(order < k // 2, dtype=float)
