"""Which items are associated with overall satisfaction, and how strongly.

R² is shared out among the items: by Shapley (LMG, the mean gain over all orders of entry) and, beside it, by
Johnson's relative weights. Both say what goes together, never what would follow from a change.

Examples
--------
>>> import numpy as np
>>> lmg_shares(np.eye(2), np.array([0.48**0.5, 0.16**0.5])).round(2).tolist()
[0.48, 0.16]
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError
from survey_kpi.numeric import BoolArray, FloatArray, check_share
from survey_kpi.psychometrics.reliability import inverse

MOST_ITEMS: Final = 12
"""LMG needs R² of every subset of items, and each bootstrap sample needs them again."""
CHUNK: Final = 100
SINGULAR: Final = 1e10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Importance:
    """Shares of R² by item, in percent of R², with bootstrap intervals; arrays in the order of the items.

    Parameters
    ----------
    names
        Items.
    n, incomplete
        Complete answers used, and answers set aside because one of them is missing.
    r2
        Share of the variance of overall satisfaction that goes with the items together.
    lmg, johnson
        Shares of R² in percent, summing to 100.
    lmg_low, lmg_high, johnson_low, johnson_high
        Percentile intervals over the bootstrap samples.
    replicates
        (samples, items) LMG shares, from which orders are judged.
    """

    names: tuple[str, ...]
    n: int
    incomplete: int
    r2: float
    lmg: FloatArray
    lmg_low: FloatArray
    lmg_high: FloatArray
    johnson: FloatArray
    johnson_low: FloatArray
    johnson_high: FloatArray
    replicates: FloatArray

    @property
    def ranking(self) -> tuple[str, ...]:
        """Items by LMG share, largest first."""
        return tuple(self.names[i] for i in np.argsort(-self.lmg, kind="stable"))

    def order_probability(self, first: str, second: str) -> float:
        """Share of the bootstrap samples in which one item's association exceeds another's."""
        i, j = self.names.index(first), self.names.index(second)
        return float((self.replicates[:, i] > self.replicates[:, j]).mean())


def importance(
    overall: npt.ArrayLike,
    items: Mapping[str, npt.ArrayLike],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    conf_level: float = 0.95,
) -> Importance:
    """Shares of R² of the linear regression of overall satisfaction on the items.

    Parameters
    ----------
    overall
        Overall satisfaction, one per answer, NaN where missing.
    items
        Answers by item; an answer counts when overall and all items are there.
    rng
        Source of the bootstrap samples.
    draws
        Bootstrap samples.
    conf_level
        Level of the percentile intervals.

    Raises
    ------
    MethodError
        `constant_item`; `too_few_items`, `too_many_items` (2 to 12); `too_few_subjects`: no more than three
        answers per item; `singular`: an item is determined by the others; `no_variation`: R² is 0.

    Notes
    -----
    Lindeman, Merenda and Gold (1980), Johnson (2000); R: `relaimpo::calc.relimp(type = "lmg")`,
    `relaimpo::boot.relimp`. A bootstrap sample in which an item is constant is drawn again.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> a, b, noise = rng.standard_normal((3, 400))
    >>> found = importance(a + 0.5 * b + noise, {"a": a, "b": b}, rng, draws=200)
    >>> found.ranking, bool(found.lmg_low[0] > found.lmg_high[1])
    (('a', 'b'), True)
    """
    tail = (1 - check_share("conf_level", conf_level)) / 2
    table, incomplete = _complete(overall, items)
    lmg, johnson, r2 = _shares(_correlations(table, np.ones((1, len(table)))))
    samples = _bootstrap(table, rng, draws)
    lmg_samples, johnson_samples, _ = _shares(samples)
    ends = [np.quantile(found, [tail, 1 - tail], axis=0) for found in (lmg_samples, johnson_samples)]
    return Importance(
        names=tuple(items),
        n=len(table),
        incomplete=incomplete,
        r2=float(r2[0]),
        lmg=lmg[0],
        lmg_low=ends[0][0],
        lmg_high=ends[0][1],
        johnson=johnson[0],
        johnson_low=ends[1][0],
        johnson_high=ends[1][1],
        replicates=lmg_samples,
    )


def lmg_shares(R: npt.ArrayLike, r: npt.ArrayLike) -> FloatArray:
    """Gain in R² by each item, averaged over all orders of entry; sums to R².

    Parameters
    ----------
    R
        (..., items, items) correlations of the items.
    r
        (..., items) correlations of each item with overall satisfaction.

    Returns
    -------
    numpy.ndarray
        (..., items).
    """
    matrix, vector = np.asarray(R, dtype=float), np.asarray(r, dtype=float)
    k = vector.shape[-1]
    explained = [_r2(matrix, vector, [i for i in range(k) if mask >> i & 1]) for mask in range(2**k)]
    shares = np.zeros_like(vector)
    for mask in range(2**k):
        size = mask.bit_count()
        for i in range(k):
            if not mask >> i & 1:
                orders = math.factorial(size) * math.factorial(k - size - 1) / math.factorial(k)
                shares[..., i] += orders * (explained[mask | 1 << i] - explained[mask])
    return shares


def johnson_weights(R: npt.ArrayLike, r: npt.ArrayLike) -> FloatArray:
    """Relative weights through the nearest uncorrelated items; parameters as in `lmg_shares`; sums to R².

    Notes
    -----
    Johnson (2000). Thomas and others (2014) show that the weights lack a justification of their own; they
    stand beside the Shapley shares because many readers know them.
    """
    matrix, vector = np.asarray(R, dtype=float), np.asarray(r, dtype=float)
    value, axes = np.linalg.eigh(matrix)
    root = (axes * np.sqrt(np.maximum(value, 0))[..., None, :]) @ np.swapaxes(axes, -1, -2)
    slope = np.linalg.solve(root, vector[..., None])
    return np.asarray((root**2 @ slope**2)[..., 0], dtype=float)


def variance_inflation(R: npt.ArrayLike) -> FloatArray:
    """Factor by which each coefficient's variance grows because items correlate; R: `diag(solve(R))`.

    Raises
    ------
    MethodError
        `singular`: an item is determined by the others.
    """
    return np.asarray(inverse(np.asarray(R, dtype=float)).diagonal())


def _r2(R: FloatArray, r: FloatArray, items: Sequence[int]) -> FloatArray:
    if not items:
        return np.zeros(r.shape[:-1])
    part = r[..., items]
    solved = np.linalg.solve(R[..., items, :][..., :, items], part[..., None])[..., 0]
    return np.asarray((part * solved).sum(axis=-1), dtype=float)


def _shares(correlations: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """LMG and Johnson shares in percent, and R², of (samples, k + 1, k + 1) correlations, overall last."""
    R, r = correlations[:, :-1, :-1], correlations[:, :-1, -1]
    lmg, johnson = lmg_shares(R, r), johnson_weights(R, r)
    r2 = lmg.sum(axis=-1)
    if (r2 <= 1e-12).any():
        raise MethodError("no_variation", where="importance", what="the items explain nothing to share out")
    return 100 * lmg / r2[:, None], 100 * johnson / johnson.sum(axis=-1, keepdims=True), r2


def _complete(overall: npt.ArrayLike, items: Mapping[str, npt.ArrayLike]) -> tuple[FloatArray, int]:
    """Return complete answers, standardised, overall last, and how many were incomplete."""
    if not 2 <= len(items) <= MOST_ITEMS:
        raise MethodError(
            "too_few_items" if len(items) < 2 else "too_many_items",
            where="importance",
            what="shares of R² need a few items",
            got=len(items),
            expected=f"2 to {MOST_ITEMS}",
            hint="put items of one scale together as its score",
        )
    table = np.column_stack(
        [*(np.asarray(v, dtype=float) for v in items.values()), np.asarray(overall, float)]
    )
    known: BoolArray = np.isfinite(table).all(axis=1)
    table = table[known]
    if len(table) <= 3 * len(items):
        raise MethodError(
            "too_few_subjects",
            where="importance",
            what="too few complete answers for this many items",
            got=len(table),
            expected=f"more than {3 * len(items)}",
        )
    spread = table.std(axis=0)
    constant = [name for name, s in zip([*items, "overall"], spread, strict=True) if s <= 0]
    if constant:
        raise MethodError(
            "constant_item",
            where="importance",
            what="everybody gave the same answer",
            got=", ".join(constant),
        )
    standard = (table - table.mean(axis=0)) / spread
    inverse(np.corrcoef(standard[:, :-1].T))
    return np.asarray(standard, dtype=float), int((~known).sum())


def _correlations(table: FloatArray, count: FloatArray) -> FloatArray:
    """(samples, columns, columns) correlations when row i counts `count[sample, i]` times."""
    columns = table.shape[1]
    upper = np.triu_indices(columns)
    products = table[:, upper[0]] * table[:, upper[1]]
    n = count.sum(axis=1, keepdims=True)
    mean = count @ table / n
    second = np.zeros((len(count), columns, columns))
    second[:, upper[0], upper[1]] = count @ products / n
    second[:, upper[1], upper[0]] = second[:, upper[0], upper[1]]
    covariance = second - mean[:, :, None] * mean[:, None, :]
    scale = np.sqrt(np.maximum(np.diagonal(covariance, axis1=1, axis2=2), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(covariance / (scale[:, :, None] * scale[:, None, :]), dtype=float)


def _bootstrap(table: FloatArray, rng: np.random.Generator, draws: int) -> FloatArray:
    """Correlations of `draws` samples with replacement, each with an inverse."""
    n = len(table)
    kept: list[FloatArray] = []
    for _ in range(10 * draws):
        count = rng.multinomial(n, np.full(n, 1 / n), size=min(CHUNK, draws)).astype(float)
        found = _correlations(table, count)
        found = found[np.isfinite(found).all(axis=(1, 2))]
        kept.append(found[np.linalg.cond(found[:, :-1, :-1]) < SINGULAR])
        if sum(map(len, kept)) >= draws:
            return np.concatenate(kept)[:draws]
    raise MethodError(
        "too_few_subjects",
        where="importance",
        what="hardly any bootstrap sample tells the items apart",
        got=n,
    )
