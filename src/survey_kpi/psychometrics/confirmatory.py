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
    standardised, standardised_error
        Loadings of items of variance 1, and their standard errors (expected information, delta method).
    chi2, df, p_value
        Test that the model reproduces the covariances.
    fit
        cfi, tli, rmsea, srmr: how closely, by the usual indices; log_likelihood, aic, bic.
    """

    names: tuple[str, ...]
    scales: tuple[str, ...]
    loadings: FloatArray
    uniqueness: FloatArray
    correlation: FloatArray
    omega: Mapping[str, float]
    average_variance: Mapping[str, float]
    standardised: FloatArray
    standardised_error: FloatArray
    chi2: float
    df: int
    p_value: float
    fit: Mapping[str, float]


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
    Jöreskog (1969); omega of Raykov (2001); indices: Bentler (1990, 1995), Tucker and Lewis (1973), Steiger
    (1990). R: `lavaan::cfa(model, std.lv = TRUE)`, `standardizedSolution`, `fitMeasures`,
    `semTools::reliability(fit)`; χ² = n × the discrepancy, as there.
    """
    items = [item for members in scales.values() for item in members]
    _check(items, scales)
    part = moments.select(items)
    n = part.rows
    S = part.covariance * (n - 1) / n
    of = np.repeat(np.arange(len(scales), dtype=np.int64), [len(members) for members in scales.values()])
    model = _Model(S=S, of=of, factors=len(scales))
    start = np.concatenate([np.sqrt(S.diagonal() / 2), np.log(S.diagonal() / 2), np.zeros(model.pairs)])
    found = optimize.minimize(
        model.loss, start, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 2000}
    )
    loss, slope = model.loss(found.x)
    if not np.isfinite(loss) or np.abs(slope).max() > 1e-4:
        raise MethodError(
            "not_converged",
            where="confirm",
            what="the likelihood has no proper maximum",
            hint="a scale may have too few items, or items that do not belong to it",
        )
    loadings, uniqueness, phi = model.parts(found.x)
    sign = np.sign(np.bincount(of, loadings))
    k = len(items)
    chi2 = max(n * (loss - float(np.linalg.slogdet(S)[1]) - k), 0.0)
    df = k * (k + 1) // 2 - found.x.size
    standardised, error = model.standardised(found.x, n)
    common, own, square = (np.bincount(of, x) for x in (loadings, uniqueness, loadings**2))
    return Confirmed(
        names=tuple(items),
        scales=tuple(scales),
        loadings=loadings * sign[of],
        uniqueness=uniqueness,
        correlation=phi * np.outer(sign, sign),
        omega=dict(zip(scales, (common**2 / (common**2 + own)).tolist(), strict=True)),
        average_variance=dict(zip(scales, (square / (square + own)).tolist(), strict=True)),
        standardised=standardised * sign[of],
        standardised_error=error,
        chi2=chi2,
        df=df,
        p_value=float(special.chdtrc(df, chi2)) if df else 1.0,
        fit=_indices(S, model.implied(found.x), n, chi2, df) | _information(loss, n, k, found.x.size),
    )


def _indices(S: FloatArray, sigma: FloatArray, n: int, chi2: float, df: int) -> dict[str, float]:
    """Indices of fit against the model in which items are independent."""
    k = len(S)
    spread = np.sqrt(S.diagonal())
    apart, apart_df = n * float(np.log(S.diagonal()).sum() - np.linalg.slogdet(S)[1]), k * (k - 1) // 2
    excess, worst = max(chi2 - df, 0.0), max(chi2 - df, apart - apart_df, 0.0)
    residual = ((S - sigma) / np.outer(spread, spread))[np.tril_indices(k)]
    return {
        "cfi": 1 - excess / worst if worst else 1.0,
        "tli": (apart / apart_df - chi2 / df) / (apart / apart_df - 1) if df else 1.0,
        "rmsea": float(np.sqrt(excess / (df * n))) if df else 0.0,
        "srmr": float(np.sqrt(np.mean(residual**2))),
    }


def _information(loss: float, n: int, items: int, parameters: int) -> dict[str, float]:
    log_likelihood = -n / 2 * (items * np.log(2 * np.pi) + loss)
    return {
        "log_likelihood": float(log_likelihood),
        "aic": float(2 * parameters - 2 * log_likelihood),
        "bic": float(np.log(n) * parameters - 2 * log_likelihood),
    }


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

    def spread(self, loadings: FloatArray) -> FloatArray:
        """Loadings as a matrix of items by scales."""
        matrix: FloatArray = np.eye(self.factors)[self.of] * loadings[:, None]
        return matrix

    def implied(self, value: FloatArray) -> FloatArray:
        """Covariances that the model implies."""
        loadings, own, phi = self.parts(value)
        L = self.spread(loadings)
        sigma: FloatArray = L @ phi @ L.T + np.diag(own)
        return sigma

    def standardised(self, value: FloatArray, n: int) -> tuple[FloatArray, FloatArray]:
        """Loadings of items of variance 1, and their standard errors."""
        loadings, own, phi = self.parts(value)
        k, upper = len(loadings), np.transpose(np.triu_indices(self.factors, 1))
        unit, L = np.eye(k), self.spread(loadings)
        inverse = linalg.inv(self.implied(value))
        rows = [np.outer(unit[i], L @ phi[self.of[i]]) for i in range(k)]
        slopes = [row + row.T for row in rows] + [np.outer(e, e) for e in unit]
        slopes += [np.outer(L[:, a], L[:, b]) + np.outer(L[:, b], L[:, a]) for a, b in upper]
        turned = np.stack([inverse @ slope for slope in slopes])
        covariance = linalg.inv(n / 2 * np.einsum("aij,bji->ab", turned, turned))
        total = loadings**2 + own
        jacobian = np.zeros((k, len(slopes)))
        jacobian[:, :k] = np.diag(own / total**1.5)
        jacobian[:, k : 2 * k] = np.diag(-loadings / 2 / total**1.5)
        error: FloatArray = np.sqrt(np.diag(jacobian @ covariance @ jacobian.T))
        return loadings / np.sqrt(total), error

    def loss(self, value: FloatArray) -> tuple[float, FloatArray]:
        """ln |Σ| + trace(S Σ⁻¹) and its gradient; infinite where Σ is not positive definite."""
        loadings, _, phi = self.parts(value)
        L = self.spread(loadings)
        sigma = self.implied(value)
        if linalg.eigvalsh(phi)[0] <= 0 or linalg.eigvalsh(sigma)[0] <= 0:
            return np.inf, np.zeros_like(value)
        inverse = linalg.inv(sigma)
        G = inverse - inverse @ self.S @ inverse
        by_loading = 2 * (G @ L @ phi)[np.arange(len(L)), self.of]
        by_phi = 2 * (L.T @ G @ L)[np.triu_indices(self.factors, 1)]
        slope = np.concatenate([by_loading, G.diagonal() * np.exp(value[len(L) : 2 * len(L)]), by_phi])
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
