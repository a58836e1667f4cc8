"""Indices of careless answering on a matrix: respondents in rows, items in columns, NaN for no answer.

They agree with R's `careless` 1.2 (Yentes and Wilhelm). An index that is not defined for a respondent is
NaN with a reason, never 0: a zero would read as an ordinary answer sheet.

Examples
--------
>>> import numpy as np
>>> sheet = np.array([[3.0, 3.0, 3.0, 1.0], [np.nan, 2.0, np.nan, np.nan]])
>>> longstring(sheet).tolist()
[3, 1]
>>> irv(sheet)
Index(values=array([ 1., nan]), reasons=array(['', 'fewer than 2 answers'], dtype=object))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_kpi.errors import MethodError

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """One number per respondent; where it is NaN, `reasons` says why, elsewhere the reason is empty."""

    values: Matrix
    reasons: NDArray[np.object_]


def _index(values: Matrix, *reasons: tuple[NDArray[np.bool_], str]) -> Index:
    """Blank the values for which a reason holds; the first reason is the one stated."""
    why = np.full(values.shape, "", dtype=object)
    for holds, reason in reversed(reasons):
        why[holds] = reason
    return Index(np.where(why == "", values, np.nan), why)


def longstring(matrix: Matrix) -> NDArray[np.int64]:
    """Longest run of identical answers, as `careless::longstring`: every missing answer is a run of its own.

    The cleaning rule `long_string` differs there: a missing answer ends a run and is none itself.
    """
    longest: NDArray[np.int64] = _runs(matrix).max(axis=1)
    return longest


def average_string(matrix: Matrix) -> Matrix:
    """Mean length of the runs of identical answers, as `careless::longstring(avg = TRUE)`."""
    breaks = matrix[:, 1:] != matrix[:, :-1]
    result: Matrix = matrix.shape[1] / (1 + breaks.sum(axis=1))
    return result


def _runs(matrix: Matrix) -> NDArray[np.int64]:
    """Length so far of the run that each answer continues."""
    runs = np.ones(matrix.shape, dtype=np.int64)
    for column in range(1, matrix.shape[1]):
        same = matrix[:, column] == matrix[:, column - 1]
        runs[:, column] += np.where(same, runs[:, column - 1], 0)
    return runs


def irv(matrix: Matrix) -> Index:
    """Intra-individual response variability: standard deviation (n - 1) of a row; low is careless.

    Dunn, Heggestad, Shanock and Theilgard (2018). `careless::irv` gives NA for any missing answer; here the
    answers given count.
    """
    answered = ~np.isnan(matrix)
    n = answered.sum(axis=1)
    some = np.maximum(n, 2)
    centred = np.where(answered, matrix - (np.where(answered, matrix, 0).sum(axis=1) / some)[:, None], 0)
    return _index(np.sqrt((centred**2).sum(axis=1) / (some - 1)), (n < 2, "fewer than 2 answers"))


def even_odd(matrix: Matrix, factors: Sequence[int]) -> Index:
    """Even-odd inconsistency: minus the split-half correlation across subscales; high is careless.

    Each subscale is halved into its even and its odd items; the two halves' means are correlated over the
    subscales within a person and stepped up by Spearman and Brown. Johnson (2005);
    `careless::evenodd` since 1.2.1.

    Parameters
    ----------
    matrix
        Items of each subscale side by side, reversed items recoded.
    factors
        Number of items of each subscale.

    Raises
    ------
    MethodError
        `too_few_subscales`: one subscale only. `subscale_items`: the sizes do not add up to the columns,
        or a subscale has a single item.
    """
    _check_factors(matrix, factors)
    evens, odds = (_half_means(matrix, factors, first) for first in (1, 0))
    split = _pair_correlation(evens, odds)
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = np.maximum(2 * split.values / (1 + split.values), -1.0)
    return _index(-corrected, *_undefined(split))


def _undefined(index: Index) -> list[tuple[NDArray[np.bool_], str]]:
    return [(index.reasons == reason, reason) for reason in sorted(set(index.reasons) - {""})]


def _check_factors(matrix: Matrix, factors: Sequence[int]) -> None:
    where = "even-odd index"
    if len(factors) < 2:
        raise MethodError(
            "too_few_subscales",
            where=where,
            what="one subscale cannot be correlated",
            got=len(factors),
            expected="two subscales or more",
        )
    if min(factors) < 2 or sum(factors) != matrix.shape[1]:
        raise MethodError(
            "subscale_items",
            where=where,
            what="subscale sizes do not fit the items",
            got=list(factors),
            expected=f"two items or more each, {matrix.shape[1]} in all",
        )


def _half_means(matrix: Matrix, factors: Sequence[int], first: int) -> Matrix:
    starts = np.cumsum([0, *factors[:-1]])
    parts = zip(starts, factors, strict=True)
    return np.column_stack([_row_means(matrix[:, at + first : at + size : 2]) for at, size in parts])


def _row_means(part: Matrix) -> Matrix:
    answered = ~np.isnan(part)
    n = answered.sum(axis=1)
    with np.errstate(invalid="ignore"):
        means: Matrix = np.where(answered, part, 0).sum(axis=1) / np.where(n, n, np.nan)
    return means


def _pair_correlation(first: Matrix, second: Matrix, least: int = 2) -> Index:
    """Pearson correlation within each row over the pairs of columns that are both there."""
    both = ~(np.isnan(first) | np.isnan(second))
    n = both.sum(axis=1)
    x, y = (_centred(part, both, n) for part in (first, second))
    scale = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.clip((x * y).sum(axis=1) / scale, -1.0, 1.0)
    constant = _constant(first, both) | _constant(second, both)
    few = (n < least, f"fewer than {least} pairs")
    return _index(correlation, few, (constant, "no variation within the pairs"))


def _centred(part: Matrix, both: NDArray[np.bool_], n: NDArray[np.int64]) -> Matrix:
    mean = np.where(both, part, 0).sum(axis=1) / np.maximum(n, 1)
    return np.where(both, part - mean[:, None], 0)


def _constant(part: Matrix, both: NDArray[np.bool_]) -> NDArray[np.bool_]:
    if not part.shape[1]:
        return np.zeros(len(part), dtype=bool)
    highest = np.where(both, part, -np.inf).max(axis=1)
    constant: NDArray[np.bool_] = highest == np.where(both, part, np.inf).min(axis=1)
    return constant


def item_correlations(matrix: Matrix) -> Matrix:
    """Correlation of each two items over the respondents who answered both; NaN where it is undefined."""
    answered = ~np.isnan(matrix)
    weight = answered.astype(float)
    # shifting by the item mean keeps the sums of squares small and so exact enough to subtract
    x = np.where(answered, matrix - _column_means(matrix, answered), 0)
    n, sums, squares = weight.T @ weight, x.T @ weight, (x**2).T @ weight
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = squares - sums**2 / n
        covariance = x.T @ x - sums * sums.T / n
        result: Matrix = covariance / np.sqrt(variance * variance.T)
    result[(n < 2) | (variance <= 1e-12) | (variance.T <= 1e-12)] = np.nan
    return result


def _column_means(matrix: Matrix, answered: NDArray[np.bool_]) -> Matrix:
    means: Matrix = np.where(answered, matrix, 0).sum(axis=0) / np.maximum(answered.sum(axis=0), 1)
    return means


def correlated_pairs(matrix: Matrix, *, antonyms: bool = False) -> tuple[NDArray[np.int64], Matrix]:
    """List all pairs of items by their correlation, as `careless::psychsyn_critval`.

    Returns
    -------
    Pairs (k x 2, later item first) and their correlations, strongest synonyms (or antonyms) first.
    """
    correlations = item_correlations(matrix)
    first, second = np.triu_indices(matrix.shape[1], k=1)  # by column of R's lower triangle
    values = correlations[first, second]
    order = np.argsort(values if antonyms else -values, kind="stable")
    return np.column_stack([second, first])[order], values[order]


@dataclass(frozen=True, slots=True, eq=False)
class PairIndex:
    """Within-person correlation over item pairs, and how many pairs each person answered."""

    index: Index
    pairs: NDArray[np.int64]


def psychsyn(matrix: Matrix, critical: float = 0.6, *, antonyms: bool = False) -> PairIndex:
    """Psychometric synonyms: correlation within a person over like items; low is careless.

    With `antonyms` over pairs that go against each other (psychometric antonyms; high is careless). Meade and
    Craig (2012); `careless::psychsyn(resample_na = FALSE)`. Below three answered pairs it is not defined.

    Parameters
    ----------
    matrix
        Items as shown to the respondent.
    critical
        Size of the correlation from which two items count as synonyms (antonyms).

    Raises
    ------
    MethodError
        `no_item_pairs`: no two items correlate that much.
    """
    pairs, values = correlated_pairs(matrix, antonyms=antonyms)
    with np.errstate(invalid="ignore"):
        chosen = pairs[values < -abs(critical) if antonyms else values > abs(critical)]
    if not len(chosen):
        raise MethodError(
            "no_item_pairs",
            where="psychometric antonyms" if antonyms else "psychometric synonyms",
            what="no two items correlate strongly enough",
            expected=f"a correlation {'below -' if antonyms else 'above '}{abs(critical):g}",
            hint="lower the critical value or switch the rule off",
        )
    first, second = matrix[:, chosen[:, 0]], matrix[:, chosen[:, 1]]
    counts = (~(np.isnan(first) | np.isnan(second))).sum(axis=1)
    return PairIndex(_pair_correlation(first, second, least=3), counts)


@dataclass(frozen=True, slots=True, eq=False)
class Distance:
    """Squared Mahalanobis distance and the number of answers it rests on, its degrees of freedom."""

    index: Index
    df: NDArray[np.int64]


def mahalanobis(matrix: Matrix) -> Distance:
    """Squared Mahalanobis distance of each row from the centre of all; high is careless.

    `careless::mahad` (that is, D squared) on complete rows. A row with missing answers is measured on the
    items it has, with that many degrees of freedom. Covariances use all pairs of answers that are there.

    Raises
    ------
    MethodError
        `singular_covariance`: an item never varies, or an item repeats others.
    """
    answered = ~np.isnan(matrix)
    covariance = _covariance(matrix, answered)
    _check_regular(covariance)
    centred = matrix - _column_means(matrix, answered)
    squared = np.full(len(matrix), np.nan)
    for rows in _same_gaps(answered):
        has = answered[rows[0]]
        part = centred[np.ix_(rows, has)]
        squared[rows] = (part * np.linalg.solve(covariance[np.ix_(has, has)], part.T).T).sum(axis=1)
    n = answered.sum(axis=1)
    return Distance(_index(squared, (n == 0, "no answers")), n)


def _same_gaps(answered: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    """Group the rows by which items they answer; each group shares one inverse."""
    if not len(answered):
        return []
    packed = np.packbits(answered, axis=1)
    keys = np.ascontiguousarray(packed).view(f"V{packed.shape[1]}").reshape(-1)
    _, which, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return np.split(np.argsort(which, kind="stable"), np.cumsum(counts)[:-1])


def _covariance(matrix: Matrix, answered: NDArray[np.bool_]) -> Matrix:
    """Pairwise covariances (n - 1), each pair of items centred on the rows that answered both."""
    weight = answered.astype(float)
    x = np.where(answered, matrix - _column_means(matrix, answered), 0)
    n, sums = weight.T @ weight, x.T @ weight
    with np.errstate(divide="ignore", invalid="ignore"):
        covariance: Matrix = (x.T @ x - sums * sums.T / n) / (n - 1)
    return covariance


def _check_regular(covariance: Matrix) -> None:
    usable = np.isfinite(covariance).all()
    if usable and np.linalg.matrix_rank(covariance, hermitian=True) == len(covariance):
        return
    raise MethodError(
        "singular_covariance",
        where="Mahalanobis distance",
        what="the covariances of the items cannot be inverted",
        expected="items that vary, none a copy or a sum of others, any two answered by two people",
        hint="name the items of the rule in study.yaml, or switch it off",
    )
