"""Whether items share enough for factors, and how many: KMO, Bartlett's test, parallel analysis.

Examples
--------
>>> import numpy as np
>>> from survey_kpi.psychometrics.moments import moments_of_correlation
>>> one = moments_of_correlation("abcd", np.full((4, 4), 0.5) + np.eye(4) / 2, rows=200)
>>> round(kmo(one).overall, 3), bartlett_sphericity(one).df
(0.8, 6)
>>> parallel_analysis(one, np.random.default_rng(7)).factors
1
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from survey_kpi.errors import SpecError
from survey_kpi.numeric import FloatArray, check_share
from survey_kpi.psychometrics.moments import ItemMoments
from survey_kpi.psychometrics.reliability import inverse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SamplingAdequacy:
    """Kaiser-Meyer-Olkin measure, overall and of each item, between 0 and 1; from .6 factors make sense."""

    names: tuple[str, ...]
    overall: float
    items: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Sphericity:
    """Bartlett's test that no two items correlate."""

    chi2: float
    df: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParallelAnalysis:
    """Eigenvalues of the data beside those of independent items.

    Parameters
    ----------
    eigenvalues
        Of the correlation matrix, largest first.
    chance
        Quantile of each eigenvalue over the random matrices.
    factors
        Leading eigenvalues that all lie above chance.
    draws, quantile
        How many random matrices, and which quantile.
    """

    eigenvalues: FloatArray
    chance: FloatArray
    factors: int
    draws: int
    quantile: float


def kmo(moments: ItemMoments) -> SamplingAdequacy:
    """Squared correlations over themselves plus squared partial correlations.

    Raises
    ------
    MethodError
        `singular`: an item is determined by the others.

    Notes
    -----
    Kaiser (1974); R: `psych::KMO(x)`.
    """
    R = moments.correlation
    Q = inverse(R)
    scale = np.sqrt(Q.diagonal())
    partial2, plain2 = (Q / np.outer(scale, scale)) ** 2, R**2
    np.fill_diagonal(partial2, 0.0)
    np.fill_diagonal(plain2, 0.0)
    by_item, unexplained = plain2.sum(axis=0), partial2.sum(axis=0)
    return SamplingAdequacy(
        names=moments.names,
        overall=float(by_item.sum() / (by_item.sum() + unexplained.sum())),
        items=by_item / (by_item + unexplained),
    )


def bartlett_sphericity(moments: ItemMoments) -> Sphericity:
    """χ² = -(n - 1 - (2k + 5) / 6) ln |R|.

    Raises
    ------
    MethodError
        `singular`: an item is determined by the others.

    Notes
    -----
    Bartlett (1951); R: `psych::cortest.bartlett(R, n)`. n is the number of people with answers.
    """
    R, k = moments.correlation, moments.size
    inverse(R)
    chi2 = -(moments.rows - 1 - (2 * k + 5) / 6) * float(np.linalg.slogdet(R)[1])
    df = k * (k - 1) // 2
    return Sphericity(chi2=chi2, df=df, p_value=float(special.chdtrc(df, chi2)))


def eigenvalues(moments: ItemMoments) -> FloatArray:
    """Eigenvalues of the correlation matrix, largest first; R: `eigen(cor(x))$values`."""
    return np.asarray(np.linalg.eigvalsh(moments.correlation)[::-1], dtype=float)


def parallel_analysis(
    moments: ItemMoments, rng: np.random.Generator, *, draws: int = 500, quantile: float = 0.95
) -> ParallelAnalysis:
    """How many principal components stand out from independent normal items of the same size.

    The random matrices come straight from the Wishart distribution, so n costs nothing.

    Parameters
    ----------
    moments
        Items; `rows` above the number of items.
    rng
        Source of the random matrices.
    draws
        How many.
    quantile
        Of the random eigenvalues that a real one must exceed.

    Raises
    ------
    SpecError
        `base_too_small`: no more people than items.

    Notes
    -----
    Horn (1965), Glorfeld (1995); R: `psych::fa.parallel(x, fa = "pc", quant = .95)`.
    """
    k, n = moments.size, moments.rows
    if n <= k:
        raise SpecError(
            "base_too_small",
            where="parallel_analysis",
            what="needs more people than items",
            got=f"{n} and {k}",
        )
    check_share("quantile", quantile)
    random = stats.wishart(df=n - 1, scale=np.eye(k)).rvs(size=draws, random_state=rng).reshape(draws, k, k)
    scale = np.sqrt(np.diagonal(random, axis1=1, axis2=2))
    values = np.linalg.eigvalsh(random / (scale[:, :, None] * scale[:, None, :]))[:, ::-1]
    chance = np.quantile(values, quantile, axis=0)
    real = eigenvalues(moments)
    leading = int(np.cumprod(real > chance).sum())
    return ParallelAnalysis(eigenvalues=real, chance=chance, factors=leading, draws=draws, quantile=quantile)
