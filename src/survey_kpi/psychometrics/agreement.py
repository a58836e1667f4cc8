"""Agreement of raters: six intraclass correlations, Cohen's and Fleiss' kappa.

Examples
--------
>>> ratings = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
>>> [(form.name, round(form.value, 2)) for form in icc(ratings)]
[('ICC1', 0.17), ('ICC2', 0.29), ('ICC3', 0.71), ('ICC1k', 0.44), ('ICC2k', 0.62), ('ICC3k', 0.91)]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray, check_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Icc:
    """One form of the intraclass correlation, with its F test and interval."""

    name: str
    value: float
    f: float
    df1: int
    df2: int
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement beyond chance: kappa, and the shares agreed and expected by chance."""

    value: float
    agreed: float
    expected: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Squares:
    """Mean squares of a complete people x raters table."""

    n: int
    k: int
    people: float
    within: float
    raters: float
    error: float


def icc(ratings: npt.ArrayLike, conf_level: float = 0.95) -> tuple[Icc, ...]:
    """All six intraclass correlations of Shrout and Fleiss.

    Parameters
    ----------
    ratings
        (people, raters), complete.
    conf_level
        Level of the intervals.

    Returns
    -------
    tuple
        ICC1, ICC2, ICC3: one rating, with raters who differ by person, who are a sample, who are the only
        ones; ICC1k, ICC2k, ICC3k: the same for the mean of the k ratings.

    Raises
    ------
    MethodError
        `missing_cell`: a rating is missing; `too_few_subjects`: fewer than two people or raters;
        `no_variation`: all ratings are equal.

    Notes
    -----
    Shrout and Fleiss (1979); R: `psych::ICC(x, lmer = FALSE)`.
    """
    s = _mean_squares(np.asarray(ratings, dtype=float))
    tail = (1 - check_share("conf_level", conf_level)) / 2
    one_way = _one_way(s, tail)
    agreement = _two_way_random(s, tail)
    consistency = _two_way_mixed(s, tail)
    return tuple(form for pair in zip(one_way, agreement, consistency, strict=True) for form in pair)


def cohen_kappa(
    first: npt.ArrayLike, second: npt.ArrayLike, *, weights: Literal["none", "linear", "quadratic"] = "none"
) -> Kappa:
    """Agreement of two raters over the same cases beyond chance.

    Parameters
    ----------
    first, second
        Category of each case, by each rater; no missing ones.
    weights
        Credit for near misses by the distance of the categories in sorted order.

    Raises
    ------
    MethodError
        `no_variation`: chance alone gives full agreement; `sizes_differ`: one rater has more cases.

    Notes
    -----
    Cohen (1960, 1968); R: `psych::cohen.kappa(cbind(first, second))`, whose weighted kappa is quadratic.

    Examples
    --------
    >>> kappa = cohen_kappa(list("aabb"), list("aabc"))
    >>> round(kappa.value, 3), kappa.agreed
    (0.6, 0.75)
    """
    a, b = np.asarray(first), np.asarray(second)
    if a.shape != b.shape or not a.size:
        raise MethodError(
            "sizes_differ",
            where="cohen_kappa",
            what="both raters rate the same cases, at least one",
            got=f"{a.size} and {b.size}",
        )
    levels = np.unique(np.concatenate([a, b]))
    joint = np.zeros((levels.size, levels.size))
    np.add.at(joint, (np.searchsorted(levels, a), np.searchsorted(levels, b)), 1 / a.size)
    credit = _credit(levels.size, weights)
    agreed = float((credit * joint).sum())
    expected = float((credit * np.outer(joint.sum(axis=1), joint.sum(axis=0))).sum())
    return _kappa("cohen_kappa", agreed, expected, int(a.size))


def fleiss_kappa(counts: npt.ArrayLike) -> Kappa:
    """Agreement of the same number of raters per case, who need not be the same people.

    Parameters
    ----------
    counts
        (cases, categories): how many raters chose the category.

    Raises
    ------
    MethodError
        `sizes_differ`: cases have different numbers of raters, or fewer than two; `no_variation`.

    Notes
    -----
    Fleiss (1971); R: `irr::kappam.fleiss`.

    Examples
    --------
    >>> round(fleiss_kappa([[3, 0], [0, 3], [2, 1]]).value, 2)
    0.55
    """
    table = np.asarray(counts, dtype=float)
    raters = table.sum(axis=1)
    if not raters.size or np.ptp(raters) or raters[0] < 2:
        raise MethodError(
            "sizes_differ",
            where="fleiss_kappa",
            what="every case needs the same number of raters",
            got=np.unique(raters)[:5].tolist(),
            expected="one number, at least 2",
        )
    m = raters[0]
    agreed = float(((table**2).sum(axis=1) - m).mean() / (m * (m - 1)))
    expected = float((table.mean(axis=0) / m) ** 2 @ np.ones(table.shape[1]))
    return _kappa("fleiss_kappa", agreed, expected, len(table))


def _kappa(where: str, agreed: float, expected: float, n: int) -> Kappa:
    if expected > 1 - 1e-12:
        raise MethodError(
            "no_variation", where=where, what="all use one category, so chance alone gives full agreement"
        )
    return Kappa(value=(agreed - expected) / (1 - expected), agreed=agreed, expected=expected, n=n)


def _credit(size: int, weights: str) -> FloatArray:
    if weights == "none":
        return np.eye(size)
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) / max(size - 1, 1)
    return np.asarray(1 - apart ** (2 if weights == "quadratic" else 1), dtype=float)


def _mean_squares(x: FloatArray) -> _Squares:
    n, k = x.shape
    if min(n, k) < 2:
        raise MethodError(
            "too_few_subjects", where="icc", what="needs two people and two raters", got=f"{n} x {k}"
        )
    if np.isnan(x).any():
        raise MethodError(
            "missing_cell",
            where="icc",
            what="a rating is missing",
            got=f"{int(np.isnan(x).any(axis=1).sum())} of {n} people",
            hint="leave incomplete people out, or use the leniency model, which does not need all ratings",
        )
    people = k * float(np.sum((x.mean(axis=1) - x.mean()) ** 2))
    raters = n * float(np.sum((x.mean(axis=0) - x.mean()) ** 2))
    within = float(np.sum((x - x.mean(axis=1, keepdims=True)) ** 2))
    if within <= 0 and people <= 0:
        raise MethodError("no_variation", where="icc", what="all ratings are equal", got=float(x[0, 0]))
    return _Squares(
        n=n,
        k=k,
        people=people / (n - 1),
        within=within / (n * (k - 1)),
        raters=raters / (k - 1),
        error=max(within - raters, 0.0) / ((n - 1) * (k - 1)),
    )


def _form(name: str, value: float, s: _Squares, noise: float, df2: int, ends: Sequence[float]) -> Icc:
    f = s.people / noise if noise > 0 else float("inf")
    p = float(stats.f.sf(f, s.n - 1, df2))
    low, high = ends
    return Icc(name=name, value=value, f=f, df1=s.n - 1, df2=df2, p_value=p, conf_low=low, conf_high=high)


def _by_f(name: str, s: _Squares, noise: float, df2: int, tail: float) -> tuple[Icc, Icc]:
    """One rating and the mean of k when the F statistic has an F distribution."""
    k = s.k
    f = s.people / noise if noise > 0 else float("inf")
    low = f / float(stats.f.ppf(1 - tail, s.n - 1, df2))
    high = f * float(stats.f.ppf(1 - tail, df2, s.n - 1))
    single, mean = ([_of_ratio(ratio, size) for ratio in (f, low, high)] for size in (k, 1))
    return (
        _form(name, single[0], s, noise, df2, single[1:]),
        _form(f"{name}k", mean[0], s, noise, df2, mean[1:]),
    )


def _of_ratio(f: float, k: int) -> float:
    """Reliability of one rating (k raters), or of their mean (k = 1), from a ratio of mean squares."""
    return 1.0 if np.isinf(f) else float((f - 1) / (f + k - 1))


def _one_way(s: _Squares, tail: float) -> tuple[Icc, Icc]:
    return _by_f("ICC1", s, s.within, s.n * (s.k - 1), tail)


def _two_way_mixed(s: _Squares, tail: float) -> tuple[Icc, Icc]:
    return _by_f("ICC3", s, s.error, (s.n - 1) * (s.k - 1), tail)


def _two_way_random(s: _Squares, tail: float) -> tuple[Icc, Icc]:
    """ICC2: the interval takes Satterthwaite's degrees of freedom for raters and error together."""
    n, k = s.n, s.k
    df2 = (n - 1) * (k - 1)
    spread = k * (s.raters - s.error) / n
    single = (s.people - s.error) / (s.people + (k - 1) * s.error + spread)
    mean = (s.people - s.error) / (s.people + (s.raters - s.error) / n)
    ratio = s.raters / s.error if s.error > 0 else 1e12
    top = df2 * (k * single * ratio + n * (1 + (k - 1) * single) - k * single) ** 2
    bottom = (n - 1) * k**2 * single**2 * ratio**2 + (n * (1 + (k - 1) * single) - k * single) ** 2
    v = top / bottom
    upper, lower = (float(stats.f.ppf(1 - tail, *pair)) for pair in ((n - 1, v), (v, n - 1)))
    rest = k * s.raters + (k * n - k - n) * s.error
    low = n * (s.people - upper * s.error) / (upper * rest + n * s.people)
    high = n * (lower * s.people - s.error) / (rest + n * lower * s.people)
    ends = [end * k / (1 + end * (k - 1)) for end in (low, high)]
    return (
        _form("ICC2", single, s, s.error, df2, (low, high)),
        _form("ICC2k", mean, s, s.error, df2, ends),
    )
