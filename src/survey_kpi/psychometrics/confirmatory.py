"""Confirmatory factor analysis: every item belongs to the one scale that the codebook says.

Examples
--------
>>> import numpy as np
>>> from survey_kpi.psychometrics.moments import moments_of_correlation
>>> loading = np.array([0.8, 0.7, 0.6, 0.5])
>>> R = np.outer(loading, loading)
>>> np.fill_diagonal(R, 1)
>>> found = confirm(moments_of_correlation("abcd", R, rows=3000), {"scale": list("abcd")})
>>> found.loadings.round(3).tolist(), round(found.omega["scale"], 3), found.df
([0.8, 0.7, 0.6, 0.5], 0.749, 2)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize, special

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray, IntArray
from survey_kpi.psychometrics.moments import ItemMoments


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Confirmed:
    """A fitted model of correlated scales.

    Parameters
    ----------
    names, scales
        Items and scales, in order.
    loadings, uniqueness
        Loading of each item on its scale (of variance 1) and its own variance, in the items' units.
    correlation
        (scales, scales).
    omega, average_variance
        Reliability of each scale's sum, and the share of its items' variance that it explains.
    chi2, df, p_value
        Test that the model reproduces the covariances.
    """

    names: tuple[str, ...]
    scales: tuple[str, ...]
    loadings: FloatArray
    uniqueness: FloatArray
    correlation: FloatArray
    omega: Mapping[str, float]
    average_variance: Mapping[str, float]
    chi2: float
    df: int
    p_value: float


def confirm(moments: ItemMoments, scales: Mapping[str, Sequence[str]]) -> Confirmed:
    """Fit one factor per scale by maximum likelihood, factors free to correlate.

    Parameters
    ----------
    moments
        Items, reversed as the codebook says; complete answers, as the likelihood is that of one sample.
    scales
        Items of each scale; no item in two.

    Raises
    ------
    MethodError
        `model_unidentified`: an item in two scales, or a lone scale of fewer than three items;
        `not_converged`.

    Notes
    -----
    Jöreskog (1969); omega of Raykov (2001). R: `lavaan::cfa(model, std.lv = TRUE)`,
    `semTools::reliability(fit)`; χ² = n × the discrepancy, as there.
    """
    items = [item for members in scales.values() for item in members]
    _check(items, scales)
    part = moments.select(items)
    n = part.rows
    S = part.covariance * (n - 1) / n
    of = np.repeat(np.arange(len(scales), dtype=np.int64), [len(members) for members in scales.values()])
    fit = _Model(S=S, of=of, factors=len(scales))
    start = np.concatenate([np.sqrt(S.diagonal() / 2), np.log(S.diagonal() / 2), np.zeros(fit.pairs)])
    found = optimize.minimize(
        fit.loss, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000}
    )
    loss, slope = fit.loss(found.x)
    if not np.isfinite(loss) or np.abs(slope).max() > 1e-4:
        raise MethodError(
            "not_converged",
            where="confirm",
            what="the likelihood has no proper maximum",
            hint="a scale may have too few items, or items that do not belong to it",
        )
    loadings, uniqueness, phi = fit.parts(found.x)
    sign = np.sign(np.bincount(of, loadings))
    k = len(items)
    chi2 = n * (loss - float(np.linalg.slogdet(S)[1]) - k)
    df = k * (k + 1) // 2 - found.x.size
    common, own, square = (np.bincount(of, x) for x in (loadings, uniqueness, loadings**2))
    return Confirmed(
        names=tuple(items),
        scales=tuple(scales),
        loadings=loadings * sign[of],
        uniqueness=uniqueness,
        correlation=phi * np.outer(sign, sign),
        omega=dict(zip(scales, (common**2 / (common**2 + own)).tolist(), strict=True)),
        average_variance=dict(zip(scales, (square / (square + own)).tolist(), strict=True)),
        chi2=max(chi2, 0.0),
        df=df,
        p_value=float(special.chdtrc(df, max(chi2, 0.0))) if df else 1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Model:
    """Discrepancy of the model; parameters are loadings, log uniquenesses, factor correlations."""

    S: FloatArray
    of: IntArray
    factors: int

    @property
    def pairs(self) -> int:
        return self.factors * (self.factors - 1) // 2

    def parts(self, value: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        k = len(self.S)
        phi = np.eye(self.factors)
        upper = np.triu_indices(self.factors, 1)
        phi[upper] = value[2 * k :]
        phi.T[upper] = value[2 * k :]
        return value[:k], np.exp(value[k : 2 * k]), phi

    def loss(self, value: FloatArray) -> tuple[float, FloatArray]:
        """ln |Σ| + trace(S Σ⁻¹) and its gradient; infinite where Σ is not positive definite."""
        loadings, own, phi = self.parts(value)
        L = np.eye(self.factors)[self.of] * loadings[:, None]
        sigma = L @ phi @ L.T + np.diag(own)
        if linalg.eigvalsh(phi)[0] <= 0 or linalg.eigvalsh(sigma)[0] <= 0:
            return np.inf, np.zeros_like(value)
        inverse = linalg.inv(sigma)
        G = inverse - inverse @ self.S @ inverse
        by_loading = 2 * (G @ L @ phi)[np.arange(len(L)), self.of]
        by_phi = 2 * (L.T @ G @ L)[np.triu_indices(self.factors, 1)]
        slope = np.concatenate([by_loading, G.diagonal() * own, by_phi])
        return float(np.linalg.slogdet(sigma)[1] + np.trace(self.S @ inverse)), slope


def _check(items: Sequence[str], scales: Mapping[str, Sequence[str]]) -> None:
    least = 3 if len(scales) == 1 else 2
    short = [name for name, members in scales.items() if len(members) < least]
    if short or len(set(items)) < len(items) or not scales:
        raise MethodError(
            "model_unidentified",
            where="confirm",
            what="every scale needs its own items, three in a lone scale and two in one of several",
            got=", ".join(short) or "an item in two scales",
        )
