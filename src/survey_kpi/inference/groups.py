"""Tests between groups without a design, from counts and sums; they agree with R's of the same name.

Examples
--------
>>> test = two_proportions(167, 240, 141, 236)
>>> round(test.statistic, 4), round(test.p_value, 4)
(5.0425, 0.0247)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.numeric import FloatArray, critical_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A test of no difference.

    Parameters
    ----------
    statistic
        F, chi-square or H, as the method names.
    df
        Degrees of freedom, one number or two.
    p_value
        Upper tail.
    method
        As printed.
    low, high
        Interval of the difference, where the method has one.
    """

    __test__ = False  # keeps test runners from collecting it

    statistic: float
    df: tuple[float, ...]
    p_value: float
    method: str
    low: float = np.nan
    high: float = np.nan


def _groups(name: str, *columns: npt.ArrayLike) -> list[FloatArray]:
    arrays = [np.asarray(column, dtype=float) for column in columns]
    if arrays[0].size < 2:
        raise MethodError("too_few_groups", where=name, what="the test needs two groups", got=arrays[0].size)
    if name != "chi_square" and np.any(arrays[0] < 2):
        raise MethodError(
            "too_few_answers",
            where=name,
            what="a group has fewer than two answers",
            got=arrays[0].tolist()[:10],
        )
    return arrays


def welch_anova(n: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Test:
    """Equality of means with unequal variances.

    Parameters
    ----------
    n, mean, variance
        Answers, mean and sample variance of each group.

    Raises
    ------
    MethodError
        `too_few_groups`, `too_few_answers`; `no_variation`: a group has variance 0.

    Notes
    -----
    Welch (1951); R: `oneway.test(y ~ group)`.

    Examples
    --------
    >>> test = welch_anova([10, 12, 9], [3.0, 3.5, 4.2], [1.0, 0.8, 1.4])
    >>> round(test.statistic, 3), round(test.df[1], 2)
    (2.715, 17.14)
    """
    cases, y, spread = _groups("welch_anova", n, mean, variance)
    if not np.all(spread > 0):
        raise MethodError(
            "no_variation", where="welch_anova", what="a group has variance 0", got=spread.tolist()
        )
    k, weight = cases.size, cases / spread
    share = weight / weight.sum()
    centre = float(share @ y)
    imbalance = float(np.sum((1 - share) ** 2 / (cases - 1))) / (k**2 - 1)
    statistic = float(weight @ (y - centre) ** 2) / ((k - 1) * (1 + 2 * (k - 2) * imbalance))
    df = (k - 1.0, 1 / (3 * imbalance))
    return Test(statistic=statistic, df=df, p_value=float(stats.f.sf(statistic, *df)), method="Welch")


def tukey(n: npt.ArrayLike, mean: npt.ArrayLike, variance: npt.ArrayLike) -> FloatArray:
    """Matrix of Tukey-Kramer p values of all pairs of groups, with 1 on the diagonal.

    Parameters are those of `welch_anova`; equal variances are assumed.

    Notes
    -----
    R: `TukeyHSD(aov(y ~ group))`.

    Examples
    --------
    >>> tukey([10, 10, 10], [3.0, 3.5, 4.5], [1.0, 0.8, 1.2]).round(4)[0].tolist()
    [1.0, 0.5115, 0.0065]
    """
    cases, y, spread = _groups("tukey", n, mean, variance)
    freedom = float(np.sum(cases - 1))
    pooled = float(np.sum((cases - 1) * spread)) / freedom
    if not pooled > 0:
        raise MethodError("no_variation", where="tukey", what="no group varies", got=spread.tolist())
    first, second = np.triu_indices(cases.size, 1)
    error = np.sqrt(pooled / 2 * (1 / cases[first] + 1 / cases[second]))
    p = stats.studentized_range.sf(np.abs(y[first] - y[second]) / error, cases.size, freedom)
    matrix = np.ones((cases.size, cases.size))
    matrix[first, second] = matrix[second, first] = p
    return matrix


def kruskal_wallis(counts: npt.ArrayLike) -> Test:
    """Equality of distributions by ranks, from a table of counts.

    Parameters
    ----------
    counts
        (groups, scores) answers of each group at each score, scores in order.

    Raises
    ------
    MethodError
        `too_few_groups`; `no_variation`: all answers have one score.

    Notes
    -----
    Kruskal and Wallis (1952) with the correction for ties; R: `kruskal.test(y ~ group)`.

    Examples
    --------
    >>> test = kruskal_wallis([[3, 2, 1], [1, 2, 3]])
    >>> round(test.statistic, 4), round(test.p_value, 4)
    (1.8333, 0.1757)
    """
    table = np.asarray(counts, dtype=float)
    table = table[table.sum(axis=1) > 0]
    if len(table) < 2:
        raise MethodError(
            "too_few_groups", where="kruskal_wallis", what="the test needs two groups", got=len(table)
        )
    ties, n = table.sum(axis=0), float(table.sum())
    correction = 1 - float(np.sum(ties**3 - ties)) / (n**3 - n)
    if not correction > 0:
        raise MethodError("no_variation", where="kruskal_wallis", what="all answers have the same score")
    ranks = np.cumsum(ties) - (ties - 1) / 2
    sums = table @ ranks
    statistic = (12 / (n * (n + 1)) * float(np.sum(sums**2 / table.sum(axis=1))) - 3 * (n + 1)) / correction
    df = len(table) - 1.0
    return Test(
        statistic=statistic, df=(df,), p_value=float(stats.chi2.sf(statistic, df)), method="Kruskal-Wallis"
    )


def chi_square(counts: npt.ArrayLike) -> tuple[Test, FloatArray]:
    """Pearson's test of independence of a table of counts, and the expected counts.

    Raises
    ------
    MethodError
        `too_few_groups`: fewer than two rows or columns; `empty_cell`: a row or column without counts.

    Notes
    -----
    R: `chisq.test(table, correct = FALSE)`.

    Examples
    --------
    >>> test, expected = chi_square([[20, 30], [30, 20]])
    >>> round(test.statistic, 2), expected.tolist()
    (4.0, [[25.0, 25.0], [25.0, 25.0]])
    """
    table = np.asarray(counts, dtype=float)
    if table.ndim != 2 or min(table.shape) < 2:
        raise MethodError(
            "too_few_groups", where="chi_square", what="needs two rows and columns", got=table.shape
        )
    if np.any(table.sum(axis=0) == 0) or np.any(table.sum(axis=1) == 0):
        raise MethodError(
            "empty_cell", where="chi_square", what="a row or column has no counts", hint="drop it"
        )
    statistic, p_value, df, expected = stats.chi2_contingency(table, correction=False)
    test = Test(
        statistic=float(statistic), df=(float(df),), p_value=float(p_value), method="Pearson chi-square"
    )
    return test, np.asarray(expected, dtype=float)


def two_proportions(x1: float, n1: float, x2: float, n2: float, conf_level: float = 0.95) -> Test:
    """Equality of two shares, with the Wald interval of their difference (first minus second).

    The test pools the shares, so it stands where one of them is 0 or 1.

    Raises
    ------
    MethodError
        `counts_invalid`: not 0 <= x <= n with n above 0.

    Notes
    -----
    R: `prop.test(c(x1, x2), c(n1, n2), correct = FALSE)`.

    Examples
    --------
    >>> test = two_proportions(12, 12, 9, 12)
    >>> round(test.statistic, 3), round(test.p_value, 4)
    (3.429, 0.0641)
    """
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2 and n1 > 0 and n2 > 0):
        raise MethodError(
            "counts_invalid", where="two_proportions", what="needs 0 <= x <= n", got=[x1, n1, x2, n2]
        )
    p1, p2, pooled = x1 / n1, x2 / n2, (x1 + x2) / (n1 + n2)
    variance = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    statistic = (p1 - p2) ** 2 / variance if variance > 0 else 0.0
    half = float(critical_value(conf_level)) * np.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    return Test(
        statistic=statistic,
        df=(1.0,),
        p_value=float(stats.chi2.sf(statistic, 1)),
        method="chi-square of two shares",
        low=max(-1.0, p1 - p2 - half),
        high=min(1.0, p1 - p2 + half),
    )


def pairwise_proportions(successes: npt.ArrayLike, n: npt.ArrayLike, method: str = "holm") -> FloatArray:
    """Adjusted p values of all pairs of shares as a symmetric matrix with NaN on the diagonal.

    Notes
    -----
    R: `pairwise.prop.test(x, n, p.adjust.method = "holm", correct = FALSE)`.

    Examples
    --------
    >>> pairwise_proportions([40, 52, 30], [80, 90, 85]).round(3)[0].tolist()
    [nan, 0.31, 0.112]
    """
    x, cases = np.asarray(successes, dtype=float).tolist(), np.asarray(n, dtype=float).tolist()
    first, second = np.triu_indices(len(x), 1)
    raw = [
        two_proportions(x[i], cases[i], x[j], cases[j]).p_value
        for i, j in zip(first.tolist(), second.tolist(), strict=True)
    ]
    matrix = np.full((len(x), len(x)), np.nan)
    matrix[first, second] = matrix[second, first] = adjust_p(raw, method)
    return matrix
