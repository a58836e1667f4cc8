"""Counts, means and covariances of items: all that reliability and factor checks need.

Sums of pairs suffice, so a million answers enter as one small matrix that an engine has summed.

Examples
--------
>>> moments = item_moments({"a": [1, 2, 3, 4], "b": [2, 1, 4, 3], "c": [1, 3, 2, 4]})
>>> moments.correlation.round(1).tolist()
[[1.0, 0.6, 0.8], [0.6, 1.0, 0.0], [0.8, 0.0, 1.0]]
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError, Problem, SpecError, nearest
from survey_kpi.numeric import BoolArray, FloatArray, IntArray

Missing = Literal["pairwise", "listwise"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemMoments:
    """Counts, means and covariances of items in order.

    Parameters
    ----------
    names
        Items.
    rows
        People with at least one answer, or, listwise, with all.
    pairs
        (items, items) people who answered both; answers of each item on the diagonal.
    mean
        Mean of each item over its own answers.
    covariance
        (items, items) with n - 1, each over the people who answered both.
    correlation
        (items, items), covariance and both standard deviations over the people who answered both: R's
        `cor(x, use = "pairwise")`.
    """

    names: tuple[str, ...]
    rows: int
    pairs: IntArray
    mean: FloatArray
    covariance: FloatArray
    correlation: FloatArray

    @property
    def size(self) -> int:
        """Number of items."""
        return len(self.names)

    @property
    def n(self) -> IntArray:
        """Answers of each item."""
        return self.pairs.diagonal()

    @property
    def std(self) -> FloatArray:
        """Standard deviation of each item over its own answers."""
        return np.sqrt(self.covariance.diagonal())

    @property
    def standardised(self) -> FloatArray:
        """Covariances over the items' own standard deviations, R's `cov2cor(cov(x, use = "pairwise"))`.

        It differs from `correlation` where answers are missing; alpha and split halves use this one, factors
        the other, as psych does.
        """
        found = self.covariance / np.outer(self.std, self.std)
        np.fill_diagonal(found, 1.0)
        return np.asarray(found, dtype=float)

    def select(self, names: Sequence[str]) -> ItemMoments:
        """Moments of some of the items, in the order asked for."""
        index = _positions(self.names, names)
        both = np.ix_(index, index)
        return replace(
            self,
            names=tuple(names),
            pairs=self.pairs[both],
            mean=self.mean[index],
            covariance=self.covariance[both],
            correlation=self.correlation[both],
        )

    def reverse(self, names: Collection[str], low: float, high: float) -> ItemMoments:
        """Moments after x → low + high - x in the named items: means move, covariances change sign."""
        sign = np.ones(self.size)
        sign[_positions(self.names, names)] = -1
        mean = np.where(sign < 0, low + high - self.mean, self.mean)
        turn = np.outer(sign, sign)
        return replace(
            self, mean=mean, covariance=self.covariance * turn, correlation=self.correlation * turn
        )


def _positions(names: Sequence[str], wanted: Iterable[str]) -> list[int]:
    unknown = [name for name in wanted if name not in names]
    if unknown:
        raise SpecError.collect(
            Problem(
                code="item_unknown",
                where="items",
                what=f"there is no item '{name}'",
                hint=nearest(name, names),
            )
            for name in unknown
        )
    return [names.index(name) for name in wanted]


def item_moments(
    items: Mapping[str, npt.ArrayLike], *, missing: Missing = "pairwise", weight: npt.ArrayLike | None = None
) -> ItemMoments:
    """Moments of items from answers.

    Parameters
    ----------
    items
        Answers by item, one per person, NaN where there is none.
    missing
        Covariances over the people who answered both items, or over those who answered all.
    weight
        How many people each row stands for (whole numbers); one each unless given.

    Raises
    ------
    MethodError
        `too_few_items`, `constant_item`, `no_common_answers`, `not_finite`, `counts_invalid`.

    Notes
    -----
    R: `cov(x, use = "pairwise")`, `cov(na.omit(x))`.
    """
    X = np.column_stack([np.asarray(answers, dtype=float) for answers in items.values()])
    count = np.ones(len(X)) if weight is None else np.asarray(weight, dtype=float)
    _check_values(X, tuple(items), count)
    known = ~np.isnan(X)
    if missing == "listwise":
        known = np.repeat(known.all(axis=1)[:, None], X.shape[1], axis=1)
    # centred sums keep their digits when answers are large numbers of small spread
    centre = np.nan_to_num(np.nanmean(np.where(known.any(axis=0), X, 0.0), axis=0))
    centred = np.where(known, X - centre, 0.0)
    weighted = known * count[:, None]
    found = moments_of_sums(
        tuple(items),
        rows=int(count[known.any(axis=1)].sum()),
        pairs=weighted.T @ known,
        totals=(centred * count[:, None]).T @ known,
        squares=(centred**2 * count[:, None]).T @ known,
        products=(centred * count[:, None]).T @ centred,
    )
    return replace(found, mean=found.mean + centre)


def moments_of_sums(
    names: Sequence[str],
    *,
    rows: int,
    pairs: npt.ArrayLike,
    totals: npt.ArrayLike,
    squares: npt.ArrayLike,
    products: npt.ArrayLike,
) -> ItemMoments:
    """Moments of items from sums that an engine has grouped.

    Parameters
    ----------
    names
        Items.
    rows
        People.
    pairs, totals, squares, products
        (items, items) over the people who answered both items i and j: how many, the sum of item i, the sum
        of its squares, the sum of i times j.

    Raises
    ------
    MethodError
        `too_few_items`, `constant_item`, `no_common_answers`.

    Examples
    --------
    >>> sums = moments_of_sums(["a", "b"], rows=3, pairs=[[3, 3], [3, 3]], totals=[[6, 6], [9, 9]],
    ...                        squares=[[14, 14], [29, 29]], products=[[14, 20], [20, 29]])
    >>> sums.mean.tolist(), sums.covariance.tolist()
    ([2.0, 3.0], [[1.0, 1.0], [1.0, 1.0]])
    """
    n, total, square, product = (np.asarray(part, dtype=float) for part in (pairs, totals, squares, products))
    _check_pairs(n, tuple(names))
    covariance = (product - total * total.T / n) / (n - 1)
    _check_spread(covariance, product, tuple(names))
    variance = (square - total**2 / n) / (n - 1)
    _check_overlap(variance, square, tuple(names))
    return ItemMoments(
        names=tuple(names),
        rows=rows,
        pairs=n.astype(np.int64),
        mean=total.diagonal() / n.diagonal(),
        covariance=covariance,
        correlation=covariance / np.sqrt(variance * variance.T),
    )


def moments_of_correlation(names: Sequence[str], correlation: npt.ArrayLike, rows: int) -> ItemMoments:
    """Moments of standardised items from a published correlation matrix of `rows` people."""
    R = np.asarray(correlation, dtype=float)
    symmetric = (R + R.T) / 2
    return ItemMoments(
        names=tuple(names),
        rows=rows,
        pairs=np.full(R.shape, rows, dtype=np.int64),
        mean=np.zeros(len(R)),
        covariance=symmetric,
        correlation=symmetric,
    )


def _check_values(X: FloatArray, names: tuple[str, ...], count: FloatArray) -> None:
    infinite = [name for name, column in zip(names, X.T, strict=True) if np.isinf(column).any()]
    if infinite:
        raise MethodError("not_finite", where="items", what="answers are infinite", got=", ".join(infinite))
    if np.any(count < 0) or np.any(count != np.floor(count)):
        raise MethodError(
            "counts_invalid", where="items", what="a row stands for a whole number of people", expected=">= 0"
        )


def _check_pairs(n: FloatArray, names: tuple[str, ...]) -> None:
    if len(names) < 2:
        raise MethodError(
            "too_few_items",
            where="items",
            what="agreement between items needs two of them",
            got=", ".join(names),
        )
    lonely = np.argwhere(np.triu(n < 2))
    if lonely.size:
        raise MethodError.collect(
            Problem(
                code="no_common_answers",
                where="items",
                what=f"fewer than two people answered '{names[i]}' and '{names[j]}'",
                got=int(n[i, j]),
                expected="at least 2",
            )
            for i, j in lonely
        )


def _flat(variance: FloatArray, square: FloatArray) -> BoolArray:
    """Whether a variance is no more than rounding."""
    return np.asarray(variance <= 1e-12 * np.maximum(square, 1e-300), dtype=bool)


def _check_spread(covariance: FloatArray, product: FloatArray, names: tuple[str, ...]) -> None:
    constant = _flat(covariance.diagonal(), product.diagonal())
    if constant.any():
        raise MethodError.collect(
            Problem(
                code="constant_item",
                where="items",
                what=f"everybody gave the same answer to '{names[i]}'",
                hint="leave the item out; it tells nobody apart",
            )
            for i in np.flatnonzero(constant)
        )


def _check_overlap(variance: FloatArray, square: FloatArray, names: tuple[str, ...]) -> None:
    constant = np.argwhere(_flat(variance, square))
    if constant.size:
        raise MethodError.collect(
            Problem(
                code="constant_item",
                where="items",
                what=f"all who answered '{names[j]}' too gave the same answer to '{names[i]}'",
                hint="leave one of the two out, or use complete answers",
            )
            for i, j in constant
        )
