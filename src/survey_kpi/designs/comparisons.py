"""Comparisons under a design: differences of domains with their covariance, and weighted tests.

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> design = declare_design(6)
>>> y, new = np.array([1.0, 2, 3, 3, 4, 5]), np.array([0, 0, 0, 1, 1, 1])
>>> found = mean_difference(design, y, new == 0, new == 1)
>>> found.difference, round(found.statistic, 3), found.df
(2.0, 2.739, 4.0)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from survey_kpi.designs.design import Design, Stage
from survey_kpi.designs.sums import DesignSums
from survey_kpi.errors import MethodError
from survey_kpi.numeric import BoolArray, FloatArray, two_sided_p


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Difference of two domains' means, second minus first.

    Parameters
    ----------
    difference, std_error
        In the unit of the scores; the covariance of the two domains is in the standard error.
    statistic, df, p_value
        t test with the design's degrees of freedom minus one; NaN where the standard error is 0.
    first, second
        The two means.
    covariance
        Of the two means; positive where the same units answer in both domains.
    """

    difference: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    first: float
    second: float
    covariance: float


def difference_of_means(sums: DesignSums, *, df: float) -> Difference:
    """Difference of two means from design sums of the columns (a, a y, b, b y) of two domains a and b.

    Parameters
    ----------
    sums
        Design sums of the four columns.
    df
        Degrees of freedom of the test.

    Raises
    ------
    MethodError
        `no_answers`: a domain has no valid answer.
    """
    totals = sums.totals
    if not (totals[0] > 0 and totals[2] > 0):
        raise MethodError(
            "no_answers", where="difference", what="a domain has no valid answers", got=totals.tolist()
        )
    values = totals[[1, 3]] / totals[[0, 2]]
    gradient = np.zeros((2, 4))
    gradient[0, :2] = np.array([-values[0], 1]) / totals[0]
    gradient[1, 2:] = np.array([-values[1], 1]) / totals[2]
    covariance = gradient @ sums.covariance() @ gradient.T
    error = float(np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0)))
    difference = float(values[1] - values[0])
    statistic = difference / error if error > 0 else float("nan")
    return Difference(
        difference=difference,
        std_error=error,
        statistic=statistic,
        df=df,
        p_value=two_sided_p(statistic, df),
        first=float(values[0]),
        second=float(values[1]),
        covariance=float(covariance[0, 1]),
    )


def mean_difference(
    design: Design, y: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike
) -> Difference:
    """Difference of the means of two domains of one design, second minus first.

    For two periods put the rows of both into one design whose clusters are what repeats (customers,
    flights): the covariance is then part of the standard error.

    Parameters
    ----------
    design, y
        Design and score of each row (NaN: missing).
    first, second
        (rows,) which rows belong to each domain.

    Notes
    -----
    R: `svyttest(y ~ group, design)`.
    """
    scores = np.asarray(y, dtype=float)
    answered = ~np.isnan(scores)
    a, b = (np.asarray(domain, dtype=bool) & answered for domain in (first, second))
    filled = np.where(answered, scores, 0.0)
    return difference_of_means(
        design.sums(np.column_stack([a, a * filled, b, b * filled])), df=_df(design, a | b) - 1
    )


def sums_of_pairs(
    psus: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike,
    psu: npt.ArrayLike,
    second: npt.ArrayLike,
    w: npt.ArrayLike,
    wy: npt.ArrayLike,
) -> DesignSums:
    """Design sums for `difference_of_means` from one line per (stratum, cluster, domain) of a scan.

    Two periods are two domains of one design; a cluster that answers in both has a line in each.

    Parameters
    ----------
    psus
        (H,) clusters of each stratum in the whole design of both domains.
    stratum, psu
        Position of each line's stratum, and of its cluster among all clusters that have a line.
    second
        Whether the line belongs to the second domain.
    w, wy
        Sums of each line, see `psu_sums_needed`.

    Examples
    --------
    >>> sums = sums_of_pairs([3], stratum=[0] * 6, psu=[0, 1, 2] * 2, second=[0] * 3 + [1] * 3,
    ...                      w=[1] * 6, wy=[1, 2, 3, 2, 4, 6])
    >>> found = difference_of_means(sums, df=float(sums.df))
    >>> found.difference, round(found.std_error, 4), found.df
    (2.0, 0.5774, 2.0)
    """
    unit, later = np.asarray(psu, dtype=np.int64), np.asarray(second, dtype=bool)
    columns = np.column_stack([np.asarray(w, dtype=float), np.asarray(wy, dtype=float)])
    weighted = np.hstack([columns * ~later[:, None], columns * later[:, None]])
    places = np.zeros(int(unit.max(initial=-1)) + 1, dtype=np.int64)
    places[unit] = np.asarray(stratum, dtype=np.int64)
    units = np.atleast_1d(np.asarray(psus, dtype=float))
    stage = Stage(
        unit=unit, stratum=places, units=units, factor=np.ones(units.size), fraction=np.zeros(units.size)
    )
    lines = np.asarray(float(unit.size))
    sums = stage.sums(weighted, np.ones(unit.size, dtype=bool))
    return DesignSums(
        totals=weighted.sum(axis=0),
        n=lines,
        ww=lines,
        stages=(sums,),
    )


def covariance_of_means(
    units: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike, products: npt.ArrayLike
) -> FloatArray:
    """Covariance of the means of two domains whose units repeat, from sums that one scan delivers.

    With (w, wy) the weighted count and sum of one unit in a domain, only units that are in both have a
    product, so no unit has to leave the engine.

    Parameters
    ----------
    units
        (H,) units of each stratum in either domain.
    first, second
        (..., H, 2) totals of (w, wy) in each domain; leading axes are measures.
    products
        (..., H, 2, 2) sums over units of (w, wy) in the first domain times (w, wy) in the second.

    Returns
    -------
    ndarray
        (...) covariances; 0 where a domain has no answers.

    Notes
    -----
    The `covariance` of `difference_of_means`. R: `vcov(svyby(~y, ~period, design, svymean,
    covmat = TRUE))[1, 2]` with the customers as clusters.

    Examples
    --------
    >>> both = [[[3.0, 12.0], [6.0, 28.0]]]  # three customers answer 1, 2, 3 and then 2, 4, 6
    >>> covariance_of_means([3], [[3.0, 6.0]], [[3.0, 12.0]], both).round(4).tolist()
    0.6667
    """
    size = np.asarray(units, dtype=float)
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    centred = np.asarray(products, dtype=float) - a[..., :, None] * b[..., None, :] / size[:, None, None]
    spread = np.where(size > 1, size / np.maximum(size - 1, 1), 0.0)
    covariance = (centred * spread[:, None, None]).sum(axis=-3)
    result: FloatArray = np.einsum("...i,...ij,...j->...", _gradient(a), covariance, _gradient(b))
    return result


def _gradient(totals: FloatArray) -> FloatArray:
    """Derivative of a mean by its totals (w, wy), summed over strata; 0 without answers."""
    weight, product = np.moveaxis(totals.sum(axis=-2), -1, 0)
    base = np.where(weight > 0, weight, np.inf)
    result: FloatArray = np.stack([-product / base**2, 1 / base], axis=-1)
    return result


def _df(design: Design, inside: BoolArray) -> float:
    """Degrees of freedom of the rows that enter: PSUs minus strata among them."""
    return float(design.sums(np.ones(design.rows), domain=inside).df)


def rank_difference(
    design: Design, y: npt.ArrayLike, first: npt.ArrayLike, second: npt.ArrayLike
) -> Difference:
    """Wilcoxon rank test under a design: the difference of the two domains' mean ranks, as shares.

    Parameters and result are those of `mean_difference`.

    Notes
    -----
    Lumley and Scott (2013); R: `svyranktest(y ~ group, design, test = "wilcoxon")`.
    """
    scores = np.asarray(y, dtype=float)
    a, b = (np.asarray(domain, dtype=bool) & ~np.isnan(scores) for domain in (first, second))
    return mean_difference(design, _population_ranks(scores, design.weight * (a | b)), a, b)


def _population_ranks(y: FloatArray, weight: FloatArray) -> FloatArray:
    """Estimated mid-rank of each row in the population, divided by its size; NaN without weight.

    Tied rows share the plain mean of their mid-ranks, as R's `ave` does.
    """
    order = np.argsort(y, kind="stable")
    middle = np.cumsum(weight[order]) - weight[order] / 2
    ranks = np.full(y.size, np.nan)
    used = weight[order] > 0
    tied = pd.Series(middle[used]).groupby(y[order][used]).transform("mean").to_numpy()
    ranks[order[used]] = tied / weight.sum()
    return ranks


# --- association --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Rao-Scott test of independence of two categories.

    Parameters
    ----------
    statistic, df, p_value
        Second-order corrected: F with (ndf, ddf) degrees of freedom.
    chi_square, chi_square_df, chi_square_p
        Pearson's statistic of the weighted shares, and its first-order corrected p value.
    """

    statistic: float
    df: tuple[float, float]
    p_value: float
    chi_square: float
    chi_square_df: int
    chi_square_p: float


def chi_square_test(design: Design, rows: npt.ArrayLike, columns: npt.ArrayLike) -> Association:
    """Test independence of two categories under a design.

    Parameters
    ----------
    design
        Design.
    rows, columns
        Category of each row of the data; rows where either is missing stay outside the domain.

    Raises
    ------
    MethodError
        `no_variation`: a category takes one value only.

    Notes
    -----
    Rao and Scott (1984), Thomas and Rao (1987); R: `svychisq(~a + b, design, statistic = "F")` and
    `statistic = "Chisq"`.
    """
    a, b = pd.factorize(pd.Series(rows))[0], pd.factorize(pd.Series(columns))[0]
    inside = (a >= 0) & (b >= 0) & (design.weight != 0)
    r, c = int(a.max(initial=-1)) + 1, int(b.max(initial=-1)) + 1
    if min(r, c) < 2:
        raise MethodError(
            "no_variation",
            where="chi_square_test",
            what="a category takes one value only",
            got=f"{r} x {c} values",
        )
    cells = np.eye(r * c)[np.where(inside, a * c + b, 0)] * inside[:, None]
    sums = design.sums(np.column_stack([inside, cells]), domain=inside)
    shares = sums.totals[1:] / sums.totals[0]
    gradient = np.column_stack([-shares, np.eye(r * c)]) / sums.totals[0]
    covariance = gradient @ sums.covariance() @ gradient.T
    n = float(sums.n)
    table = shares.reshape(r, c)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0))
    pearson = n * float(((table - expected) ** 2 / expected).sum())
    delta = _design_effects(shares, covariance, n, r, c)
    trace = float(np.trace(delta))
    ndf = trace**2 / float(np.trace(delta @ delta))
    ddf = ndf * float(sums.df)
    first_order = pearson / (trace / len(delta))
    return Association(
        statistic=pearson / trace,
        df=(ndf, ddf),
        p_value=float(stats.f.sf(pearson / trace, ndf, ddf)),
        chi_square=pearson,
        chi_square_df=len(delta),
        chi_square_p=float(stats.chi2.sf(first_order, len(delta))),
    )


def _design_effects(shares: FloatArray, covariance: FloatArray, n: float, r: int, c: int) -> FloatArray:
    """Matrix of generalised design effects of the interaction contrasts."""
    main = np.column_stack([np.kron(np.eye(r), np.ones((c, 1))), np.kron(np.ones((r, 1)), np.eye(c))])
    basis = np.kron(np.eye(r)[:, 1:], np.eye(c)[:, 1:])
    contrasts = basis - main @ np.linalg.lstsq(main, basis, rcond=None)[0]
    inverse = np.divide(1, shares, out=np.zeros_like(shares), where=shares > 0)
    scaled = contrasts * inverse[:, None]
    simple = contrasts.T @ (contrasts * inverse[:, None]) / n
    result: FloatArray = np.linalg.solve(simple, scaled.T @ covariance @ scaled)
    return result
