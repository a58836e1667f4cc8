"""Exploratory factor analysis: minimum residual or maximum likelihood, varimax or oblimin rotation.

Examples
--------
>>> import numpy as np
>>> from survey_kpi.psychometrics.moments import moments_of_correlation
>>> true = np.array([[0.8, 0], [0.7, 0], [0.6, 0], [0, 0.8], [0, 0.7], [0, 0.6]])
>>> R = true @ true.T + np.diag(1 - (true**2).sum(axis=1))
>>> found = factor_analysis(moments_of_correlation("abcdef", R, rows=500), 2, rotation="varimax")
>>> found.communality.round(2).tolist(), found.doubts
([0.64, 0.49, 0.36, 0.64, 0.49, 0.36], ())
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np
from scipy import linalg, optimize
from statsmodels.multivariate.factor_rotation import rotate_factors

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray
from survey_kpi.psychometrics.doubt import Doubt
from survey_kpi.psychometrics.moments import ItemMoments
from survey_kpi.psychometrics.reliability import multiple_r2

LEAST_UNIQUENESS: Final = 0.005
TURNS: Final = 1000
GAIN: Final = 1e-5
Method = Literal["minres", "ml"]
Rotation = Literal["none", "varimax", "oblimin"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """How well the factors reproduce the correlations.

    Parameters
    ----------
    chi2, df
        Likelihood ratio statistic with Bartlett's correction.
    rms
        Root mean square of the residual correlations.
    rmsea, tli
        Root mean square error of approximation; Tucker-Lewis index. NaN where df is 0.
    """

    chi2: float
    df: int
    rms: float
    rmsea: float
    tli: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Factors:
    """Factors of a set of items, the one that explains most first.

    Parameters
    ----------
    names
        Items.
    loadings
        (items, factors) pattern; each factor points to where its loadings sum up positive.
    correlation
        (factors, factors), the identity for varimax.
    communality
        Variance of each item that the factors share; 1 minus it is the uniqueness.
    fit
        See `Fit`.
    doubts
        `heywood_case`: an item is explained entirely.
    """

    names: tuple[str, ...]
    loadings: FloatArray
    correlation: FloatArray
    communality: FloatArray
    fit: Fit
    doubts: tuple[Doubt, ...]

    @property
    def explained(self) -> FloatArray:
        """Sum of squared loadings of each factor, after its correlations."""
        return np.asarray((self.correlation @ self.loadings.T @ self.loadings).diagonal())


def factor_analysis(
    moments: ItemMoments, factors: int, *, method: Method = "minres", rotation: Rotation = "oblimin"
) -> Factors:
    """Common factors of items by their correlations.

    Parameters
    ----------
    moments
        Items.
    factors
        How many; see `parallel_analysis`.
    method
        "minres" minimises the squared residual correlations, "ml" maximises the normal likelihood.
    rotation
        "varimax" keeps factors uncorrelated (items normed by their communality), "oblimin" lets them
        correlate (γ = 0).

    Raises
    ------
    MethodError
        `too_many_factors`: the model has more parameters than correlations; `singular`: an item is
        determined by the others; `not_converged`.

    Notes
    -----
    Harman and Jones (1966), Jöreskog (1967); R: `psych::fa(x, factors, rotate = ..., fm = "minres" | "ml")`.
    """
    R = moments.correlation
    free = _degrees(moments.size, factors)
    unrotated, uniqueness = extract(R, factors, method)
    loadings, phi = _ROTATIONS[rotation](unrotated) if factors > 1 else (unrotated, np.eye(1))
    loadings, phi = _in_order(loadings, phi)
    return Factors(
        names=moments.names,
        loadings=loadings,
        correlation=phi,
        communality=(unrotated**2).sum(axis=1),
        fit=_fit(R, unrotated, moments.rows, free),
        doubts=_heywood(moments.names, uniqueness),
    )


def extract(R: FloatArray, factors: int, method: Method = "minres") -> tuple[FloatArray, FloatArray]:
    """Unrotated (items, factors) loadings and the uniqueness of each item.

    Both methods are functions of the uniquenesses alone: given these, the best loadings are eigenvectors.

    Raises
    ------
    MethodError
        `not_converged`: no minimum was found.
    """
    start = np.clip(1 - multiple_r2(R), LEAST_UNIQUENESS, 1) if len(R) > 2 else np.full(len(R), 0.5)
    found = optimize.minimize(
        _LOSSES[method],
        start,
        args=(R, factors),
        jac=True,
        method="L-BFGS-B",
        bounds=[(LEAST_UNIQUENESS, 1.0)] * len(R),
        options={"maxiter": 1000, "ftol": 1e-15, "gtol": 1e-9},
    )
    if not found.success and not np.abs(found.jac).max() < 1e-4:
        raise MethodError("not_converged", where="factor_analysis", what=f"{method} found no minimum")
    uniqueness = np.asarray(found.x, dtype=float)
    return _LOADINGS[method](uniqueness, R, factors), uniqueness


def _least_squares(uniqueness: FloatArray, R: FloatArray, factors: int) -> tuple[float, FloatArray]:
    value, vector = linalg.eigh(R - np.diag(uniqueness))
    value, vector = value[: len(R) - factors], vector[:, : len(R) - factors]
    return float(value @ value) / 2, np.asarray(-(vector**2) @ value)


def _least_squares_loadings(uniqueness: FloatArray, R: FloatArray, factors: int) -> FloatArray:
    value, vector = linalg.eigh(R - np.diag(uniqueness))
    return np.asarray((vector * np.sqrt(np.maximum(value, 0)))[:, : -factors - 1 : -1])


def _likelihood(uniqueness: FloatArray, R: FloatArray, factors: int) -> tuple[float, FloatArray]:
    scale = 1 / np.sqrt(uniqueness)
    value, vector = linalg.eigh(R * np.outer(scale, scale))
    value, vector = value[: len(R) - factors], vector[:, : len(R) - factors]
    loss = float((value - np.log(value) - 1).sum())
    return loss, np.asarray((vector**2) @ (1 - value) / uniqueness)


def _likelihood_loadings(uniqueness: FloatArray, R: FloatArray, factors: int) -> FloatArray:
    scale = 1 / np.sqrt(uniqueness)
    value, vector = linalg.eigh(R * np.outer(scale, scale))
    scaled = (vector * np.sqrt(np.maximum(value - 1, 0)))[:, : -factors - 1 : -1]
    return np.asarray(scaled / scale[:, None])


_LOSSES: Final[Mapping[str, Callable[[FloatArray, FloatArray, int], tuple[float, FloatArray]]]] = (
    MappingProxyType({"minres": _least_squares, "ml": _likelihood})
)
_LOADINGS: Final[Mapping[str, Callable[[FloatArray, FloatArray, int], FloatArray]]] = MappingProxyType(
    {"minres": _least_squares_loadings, "ml": _likelihood_loadings}
)


def _unrotated(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    return loadings, np.eye(loadings.shape[1])


def varimax(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Varimax with Kaiser's norm, stopped where R stops; R: `varimax(loadings)`.

    R ends at a relative gain below 1e-5, a little before the maximum; sums of squares of a factor differ in
    the third digit from those at the maximum, and every R user has seen R's.
    """
    norm = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    norm = np.where(norm > 0, norm, 1.0)
    unit = loadings / norm
    turn, gain = np.eye(loadings.shape[1]), 0.0
    for _ in range(TURNS):
        turned = unit @ turn
        gradient = unit.T @ (turned**3 - turned * (turned**2).mean(axis=0))
        left, size, right = linalg.svd(gradient)
        turn, before, gain = left @ right, gain, float(size.sum())
        if gain < before * (1 + GAIN):
            break
    return np.asarray(unit @ turn * norm), np.eye(loadings.shape[1])


def oblimin(loadings: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Direct quartimin (oblimin, γ = 0) and the factor correlations; R: `GPArotation::oblimin(loadings)`.

    The lowest criterion over several starts: from the unrotated factors alone it may rest on a saddle.

    Raises
    ------
    MethodError
        `not_converged`: no start led to a minimum.
    """
    best, lowest = None, math.inf
    for start in _starts(loadings.shape[1]):
        with np.errstate(divide="ignore"):  # statsmodels logs the step, which may be 0
            rotated, turn = rotate_factors(
                loadings, "oblimin", 0, "oblique", T=start, tol=1e-7, max_tries=TURNS
            )
        found = _quartimin(np.asarray(rotated))
        if found < lowest - 1e-9:
            best, lowest = (np.asarray(rotated), np.asarray(turn.T @ turn)), found
    if best is None:
        raise MethodError("not_converged", where="factor_analysis", what="the rotation found no minimum")
    return best


def _quartimin(loadings: FloatArray) -> float:
    overlap = (loadings**2).T @ loadings**2
    return float(overlap.sum() - np.trace(overlap)) / 4


def _starts(factors: int) -> list[FloatArray]:
    """The identity, and orthogonal matrices without symmetry that are the same in every run."""
    grid = np.outer(np.arange(1, factors + 1), np.arange(1, factors + 1))
    turned = [np.linalg.qr(np.cos(grid * step + step))[0] for step in (1.0, 2.0, 3.0, 5.0)]
    return [np.eye(factors), *(np.asarray(matrix, dtype=float) for matrix in turned)]


_ROTATIONS: Final[Mapping[str, Callable[[FloatArray], tuple[FloatArray, FloatArray]]]] = MappingProxyType(
    {"none": _unrotated, "varimax": varimax, "oblimin": oblimin}
)


def _in_order(loadings: FloatArray, phi: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Largest factor first, signs so that loadings sum up positive."""
    sign = np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)
    order = np.argsort(-(phi @ loadings.T @ loadings).diagonal(), kind="stable")
    phi = phi * np.outer(sign, sign)
    return (loadings * sign)[:, order], phi[np.ix_(order, order)]


def _degrees(items: int, factors: int) -> int:
    free = ((items - factors) ** 2 - items - factors) // 2
    if factors < 1 or free < 0:
        raise MethodError(
            "too_many_factors",
            where="factor_analysis",
            what=f"{items} items cannot tell {factors} factors apart",
            got=factors,
            expected="1 or more, and (items - factors)² at least items + factors",
        )
    return free


def _fit(R: FloatArray, loadings: FloatArray, n: int, df: int) -> Fit:
    k, factors = loadings.shape
    model = loadings @ loadings.T
    residual = R - model
    np.fill_diagonal(residual, 0.0)
    np.fill_diagonal(model, 1.0)
    ratio: Any = np.linalg.solve(model, R)
    loss = float(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - k)
    corrected = n - 1 - (2 * k + 5) / 6
    chi2 = loss * (corrected - 2 * factors / 3)
    null = -float(np.linalg.slogdet(R)[1]) * corrected / (k * (k - 1) / 2)
    rmsea = math.sqrt(max(chi2 / (df * n) - 1 / (n - 1), 0.0)) if df else math.nan
    tli = (null - chi2 / df) / (null - 1) if df else math.nan
    rms = math.sqrt(float((residual**2).sum()) / (k * (k - 1)))
    return Fit(chi2=chi2, df=df, rms=rms, rmsea=rmsea, tli=tli)


def _heywood(names: tuple[str, ...], uniqueness: FloatArray) -> tuple[Doubt, ...]:
    return tuple(
        Doubt(
            code="heywood_case",
            where=names[i],
            message=f"the factors explain '{names[i]}' entirely; try fewer factors",
        )
        for i in np.flatnonzero(uniqueness <= LEAST_UNIQUENESS * 1.001)
    )
