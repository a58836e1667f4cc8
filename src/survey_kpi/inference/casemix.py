"""Case mix: comparing people whose customers differ, raw and adjusted always side by side.

Adjustment can hide unequal service to a group of customers, so no result here comes without its raw value.

Examples
--------
>>> x, n = [[72, 10], [19, 48]], [[80, 20], [20, 80]]  # two people, customers of two kinds
>>> found = indirect(x, n)
>>> (100 * found.raw).round(1).tolist(), (100 * found.adjusted).round(2).tolist(), found.order_flips
([82.0, 67.0], [72.38, 77.27], True)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import MethodError
from survey_kpi.inference.multiplicity import adjust_p
from survey_kpi.numeric import BoolArray, FloatArray, check_share, fit_logit, two_sided_p

EVENTS_PER_COEFFICIENT: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaseMix:
    """Raw and adjusted shares of people, one entry per person along the last axis.

    Parameters
    ----------
    raw
        Share as observed.
    adjusted
        Share as if everybody had the same customers.
    std_error
        Of the adjusted share.
    expected
        Successes that the pooled rates would give with the person's own customers; NaN for direct
        standardisation, which needs no expectation.
    ratio
        Observed over expected.
    z
        Distance of the adjusted share from the overall one in standard errors under no difference.
    """

    raw: FloatArray
    adjusted: FloatArray
    std_error: FloatArray
    expected: FloatArray
    ratio: FloatArray
    z: FloatArray

    @property
    def order_flips(self) -> bool:
        """Whether any two people change places by the adjustment; the text must say so."""
        before, after = (np.sign(v[..., :, None] - v[..., None, :]) for v in (self.raw, self.adjusted))
        return bool(np.any(before * after < 0))

    def flagged(self, level: float = 0.05) -> BoolArray:
        """People who differ from what their customers would give, Benjamini-Hochberg at `level`."""
        p = np.asarray(two_sided_p(self.z))
        return np.asarray(adjust_p(p) <= check_share("level", level))


def _cells(successes: npt.ArrayLike, n: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    x, cases = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    if x.shape != cases.shape or x.ndim < 2 or not np.all((x >= 0) & (x <= cases)):
        raise MethodError(
            "counts_invalid",
            where="case mix",
            what="needs people x kinds of customers with 0 <= successes <= n",
            got=f"shapes {x.shape} and {cases.shape}",
        )
    return x, cases


def direct(successes: npt.ArrayLike, n: npt.ArrayLike, shares: npt.ArrayLike) -> CaseMix:
    """Directly standardised shares: each person's rates by kind, averaged over one customer mix.

    Parameters
    ----------
    successes, n
        (..., people, kinds) counts.
    shares
        (kinds,) customer mix to standardise to; sums to 1.

    Raises
    ------
    MethodError
        `counts_invalid`; `mix_sum`: shares do not sum to 1; `empty_cell`: a person has no customers of a
        kind, so has no rate to standardise. Use `indirect` there.

    Notes
    -----
    R: `epitools::ageadjust.direct`, binomial variances.

    Examples
    --------
    >>> found = direct([[72, 10], [19, 48]], [[80, 20], [20, 80]], [0.5, 0.5])
    >>> (100 * found.adjusted).round(1).tolist()
    [70.0, 77.5]
    """
    x, cases = _cells(successes, n)
    mix = np.asarray(shares, dtype=float)
    if not abs(mix.sum() - 1) < 1e-9 or np.any(mix < 0):
        raise MethodError(
            "mix_sum", where="case mix", what="the mix must sum to 1", got=mix.tolist(), expected=1
        )
    if np.any(cases == 0):
        raise MethodError(
            "empty_cell",
            where="case mix",
            what="a person has no customers of a kind, hence no rate to standardise",
            got=f"{int((cases == 0).sum())} empty cells",
            hint="use indirect standardisation",
        )
    rates = x / cases
    adjusted = rates @ mix
    error = np.sqrt((rates * (1 - rates) / cases) @ mix**2)
    centre = (x.sum(axis=-2) / cases.sum(axis=-2)) @ mix
    nothing = np.full(adjusted.shape, np.nan)
    return CaseMix(
        raw=x.sum(axis=-1) / cases.sum(axis=-1),
        adjusted=adjusted,
        std_error=error,
        expected=nothing,
        ratio=nothing,
        z=(adjusted - np.asarray(centre)[..., None]) / np.where(error > 0, error, np.nan),
    )


def indirect(successes: npt.ArrayLike, n: npt.ArrayLike, *, difference: bool = False) -> CaseMix:
    """Indirectly standardised shares: observed against what the pooled rates by kind would give.

    Parameters
    ----------
    successes, n
        (..., people, kinds) counts; leading axes are separate worlds.
    difference
        Adjust by observed - expected + overall in place of observed / expected x overall.

    Raises
    ------
    MethodError
        `counts_invalid`.

    Examples
    --------
    >>> found = indirect([[72, 10], [19, 48]], [[80, 20], [20, 80]])
    >>> found.expected.round(1).tolist(), found.ratio.round(4).tolist()
    ([84.4, 64.6], [0.9716, 1.0372])
    """
    x, cases = _cells(successes, n)
    base = cases.sum(axis=-2, keepdims=True)
    pooled = x.sum(axis=-2, keepdims=True) / np.where(base > 0, base, 1)
    return _against(x.sum(axis=-1), cases, np.broadcast_to(pooled, cases.shape), difference=difference)


def _against(observed: FloatArray, cases: FloatArray, rates: FloatArray, *, difference: bool) -> CaseMix:
    """Compare observed successes with those expected from a rate for every cell."""
    n = np.where(cases.sum(axis=-1) > 0, cases.sum(axis=-1), np.nan)
    expected = (cases * rates).sum(axis=-1)
    overall = observed.sum(axis=-1, keepdims=True) / cases.sum(axis=(-2, -1))[..., None]
    ratio = observed / np.where(expected > 0, expected, np.nan)
    spread = np.sqrt((cases * rates * (1 - rates)).sum(axis=-1))
    adjusted = (observed - expected) / n + overall if difference else ratio * overall
    scale = 1 / n if difference else overall / expected
    return CaseMix(
        raw=observed / n,
        adjusted=adjusted,
        std_error=spread * scale,
        expected=expected,
        ratio=ratio,
        z=(observed - expected) / np.where(spread > 0, spread, np.nan),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Regression:
    """Published model of a regression adjustment and what follows for people.

    Parameters
    ----------
    names, coefficients, std_errors
        Logit coefficients, the intercept first.
    events_per_coefficient
        Rarer outcome's count over the number of coefficients.
    result
        Raw and adjusted shares.
    """

    names: tuple[str, ...]
    coefficients: FloatArray
    std_errors: FloatArray
    events_per_coefficient: float
    result: CaseMix


def regression(
    successes: npt.ArrayLike,
    n: npt.ArrayLike,
    columns: Mapping[str, npt.ArrayLike],
    *,
    difference: bool = False,
) -> Regression:
    """Adjust for customers' properties by a logit model of the pooled answers that knows no people.

    Parameters
    ----------
    successes, n
        (people, kinds) counts; a kind is a combination of properties.
    columns
        Property of each kind, by name.
    difference
        As in `indirect`.

    Raises
    ------
    MethodError
        `counts_invalid`; `overfitted`: fewer than 10 cases of the rarer outcome per coefficient;
        `collinear`; `not_converged`: a property separates successes from failures.

    Notes
    -----
    R: `glm(cbind(x, n - x) ~ ..., family = binomial)`; guard: Peduzzi et al. (1996). With one indicator per
    kind the expectation is that of `indirect`.

    Examples
    --------
    >>> model = regression([[72, 10], [19, 48]], [[80, 20], [20, 80]], {"complaint": [0, 1]})
    >>> model.coefficients.round(3).tolist(), model.result.expected.round(1).tolist()
    ([2.314, -1.991], [84.4, 64.6])
    """
    x, cases = _cells(successes, n)
    X = np.column_stack(
        [np.ones(cases.shape[-1]), *(np.asarray(column, dtype=float) for column in columns.values())]
    )
    names = ("(Intercept)", *columns)
    rarer = float(min(x.sum(), (cases - x).sum()))
    if rarer < EVENTS_PER_COEFFICIENT * len(names):
        raise MethodError(
            "overfitted",
            where="case mix",
            what="the rarer outcome has too few cases for so many coefficients",
            got=f"{rarer:.0f} cases, {len(names)} coefficients",
            expected=f"at least {EVENTS_PER_COEFFICIENT} per coefficient",
            hint="drop a property, or pool periods",
        )
    if np.linalg.matrix_rank(X[cases.sum(axis=0) > 0]) < len(names):
        raise MethodError(
            "collinear", where="case mix", what="properties determine each other", got=", ".join(names)
        )
    fit = fit_logit(X, x.sum(axis=0), cases.sum(axis=0))
    if fit is None:
        raise MethodError(
            "not_converged",
            where="case mix",
            what="a property separates successes from failures",
            got=", ".join(names),
        )
    beta, information = fit
    rates = np.broadcast_to(special.expit(X @ beta), cases.shape)
    return Regression(
        names=names,
        coefficients=beta,
        std_errors=np.sqrt(np.diag(np.linalg.inv(information))),
        events_per_coefficient=rarer / len(names),
        result=_against(x.sum(axis=-1), cases, rates, difference=difference),
    )
