"""Internal consistency: Cronbach's alpha with its interval, item statistics, Guttman's lambda 6.

Examples
--------
>>> from survey_kpi.psychometrics.moments import item_moments
>>> moments = item_moments({"a": [1, 2, 3, 4, 4], "b": [2, 1, 4, 3, 5], "c": [5, 3, 4, 2, 3]})
>>> found = cronbach_alpha(moments)
>>> round(found.raw, 3), [doubt.where for doubt in found.doubts]
(0.053, ['c'])
>>> round(cronbach_alpha(moments.reverse(["c"], 1, 6)).raw, 3)
0.77
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import linalg, stats

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.numeric import FloatArray, Interval, check_share
from survey_kpi.psychometrics.doubt import Doubt
from survey_kpi.psychometrics.moments import ItemMoments

SALIENT: Final = 0.3
CHANCE: Final = 2.6
"""An item points the other way, not just nowhere, when its loading is negative by .3 or by 2.6 / √n."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alpha:
    """Cronbach's alpha of a scale and what each item does to it; arrays in the order of the items.

    Parameters
    ----------
    names
        Items.
    n
        People behind the interval.
    raw, standardised
        From covariances, and from correlations.
    lambda_6
        Guttman's lambda 6, from squared multiple correlations; NaN where an item is determined by the others.
    average_r, median_r
        Mean and median correlation between items.
    std_error
        Of the raw alpha (Duhachek and Iacobucci 2004).
    if_dropped
        Raw alpha without the item; NaN in a scale of two.
    item_total, item_rest, item_corrected
        Correlation of the item with the sum of all items, of the others, and with the scale corrected for
        overlap and reliability (psych's r.cor). NaN where the sum is constant or an item is determined.
    doubts
        `probably_reversed` by item; `item_determined` when lambda 6 is not defined.
    """

    names: tuple[str, ...]
    n: int
    raw: float
    standardised: float
    lambda_6: float
    average_r: float
    median_r: float
    std_error: float
    if_dropped: FloatArray
    item_total: FloatArray
    item_rest: FloatArray
    item_corrected: FloatArray
    doubts: tuple[Doubt, ...]


def cronbach_alpha(moments: ItemMoments) -> Alpha:
    """Cronbach's alpha, raw and standardised, with the statistics of its items.

    Nothing is reversed: an item that points the other way is named in `doubts`.

    Parameters
    ----------
    moments
        Moments of the items, reversed as the codebook says.

    Raises
    ------
    MethodError
        `no_variation`: the items' sum is constant.

    Notes
    -----
    Cronbach (1951); R: `psych::alpha(x)`.
    """
    C, R = moments.covariance, moments.standardised
    below = R[np.tril_indices(moments.size, -1)]
    _check_total(C)
    explained, copied = _explained(R)
    return Alpha(
        names=moments.names,
        n=moments.rows,
        raw=alpha_of(C),
        standardised=alpha_of(R),
        lambda_6=float(1 - (1 - explained).sum() / R.sum()),
        average_r=float(below.mean()),
        median_r=float(np.median(below)),
        std_error=_std_error(C, moments.rows),
        if_dropped=_if_dropped(C),
        item_total=C.sum(axis=0) / np.sqrt(C.diagonal() * C.sum()),
        item_rest=item_rest(C),
        item_corrected=_corrected(R, explained),
        doubts=(*reversal_doubts(moments), *copied),
    )


def alpha_of(matrix: FloatArray) -> float:
    """Alpha of a covariance or correlation matrix, k / (k - 1) (1 - trace / sum)."""
    k = len(matrix)
    return float(k / (k - 1) * (1 - np.trace(matrix) / matrix.sum()))


def feldt_interval(alpha: float, n: int, items: int, conf_level: float = 0.95) -> Interval[float]:
    """Interval of alpha by Feldt's F distribution.

    Parameters
    ----------
    alpha
        Raw alpha.
    n
        People, at least 2.
    items
        Items, at least 2.
    conf_level
        Level of the interval.

    Raises
    ------
    SpecError
        `base_too_small`: fewer than two people or items.

    Notes
    -----
    Feldt, Woodruff and Salih (1987); R: `psych::alpha.ci(alpha, n.obs, n.var)`, `pingouin.cronbach_alpha`.

    Examples
    --------
    >>> [round(end, 3) for end in feldt_interval(0.843, 30, 7)]
    [0.739, 0.916]
    """
    if n < 2 or items < 2:
        raise SpecError("base_too_small", where="feldt_interval", what="needs two people and two items")
    tail = (1 - check_share("conf_level", conf_level)) / 2
    law = stats.f(n - 1, (n - 1) * (items - 1))
    return Interval(float(1 - (1 - alpha) * law.ppf(1 - tail)), float(1 - (1 - alpha) * law.ppf(tail)))


def duhachek_interval(found: Alpha, conf_level: float = 0.95) -> Interval[float]:
    """Interval of the raw alpha by its normal standard error, which does not assume equal item variances.

    Notes
    -----
    Duhachek and Iacobucci (2004); R: the bounds that `psych::alpha` prints.
    """
    half = float(stats.norm.ppf((1 + check_share("conf_level", conf_level)) / 2)) * found.std_error
    return Interval(found.raw - half, found.raw + half)


def multiple_r2(R: FloatArray) -> FloatArray:
    """Squared multiple correlation of each item with the others; R: `psych::smc`."""
    return np.asarray(1 - 1 / inverse(R).diagonal(), dtype=float)


def inverse(R: FloatArray) -> FloatArray:
    """Inverse of a correlation matrix.

    Raises
    ------
    MethodError
        `singular`: an item is determined by the others.
    """
    try:
        found = linalg.inv(R) if np.linalg.cond(R) < 1e12 else None
    except linalg.LinAlgError:
        found = None
    if found is None:
        raise MethodError(
            "singular",
            where="items",
            what="the correlation matrix has no inverse: an item is determined by the others",
            hint="leave out sums and copies of items",
        )
    return np.asarray(found, dtype=float)


def item_rest(C: FloatArray) -> FloatArray:
    """Correlation of each item with the sum of the others; NaN where that sum is constant."""
    total, own = C.sum(axis=0), C.diagonal()
    rest = C.sum() - 2 * total + own
    varies = rest > 1e-12 * C.sum(initial=0.0, where=C > 0)
    scale = np.sqrt(own * np.where(varies, rest, 1.0))
    return np.asarray(np.where(varies, (total - own) / scale, math.nan), dtype=float)


def reversal_doubts(moments: ItemMoments) -> tuple[Doubt, ...]:
    """Items that load against most others on the first principal component of the correlations.

    Notes
    -----
    R: the rule of `psych::alpha(check.keys = TRUE)`, which reverses where this only says so.

    Examples
    --------
    >>> from survey_kpi.psychometrics.moments import item_moments
    >>> x = [1, 2, 4, 5]
    >>> [d.where for d in reversal_doubts(item_moments({"a": x, "b": x, "c": [6 - v for v in x]}))]
    ['c']
    """
    value, vector = linalg.eigh(moments.standardised)
    loading = vector[:, -1] * math.sqrt(max(value[-1], 0.0))
    # the component's sign is arbitrary; a tie between two halves goes to the first item
    direction = np.sign(round(float(loading.sum()), 9)) or np.sign(loading[0])
    against = -min(SALIENT, CHANCE / math.sqrt(max(moments.rows, 1)))
    return tuple(
        Doubt(
            code="probably_reversed",
            where=name,
            message=f"item '{name}' points against most others of its scale; reverse it or leave it out",
        )
        for name, weight in zip(moments.names, direction * loading, strict=True)
        if weight < against
    )


def _explained(R: FloatArray) -> tuple[FloatArray, tuple[Doubt, ...]]:
    """Squared multiple correlations, or NaN and a doubt where an item is determined by the others."""
    try:
        return multiple_r2(R), ()
    except MethodError as error:
        doubt = Doubt(code="item_determined", where="items", message=error.problems[0].what)
        return np.full(len(R), math.nan), (doubt,)


def _total_varies(C: FloatArray) -> bool:
    return bool(C.sum() > 1e-12 * np.trace(C))


def _check_total(C: FloatArray) -> None:
    if not _total_varies(C):
        raise MethodError(
            "no_variation",
            where="alpha",
            what="the sum of the items is the same for everybody",
            hint="an item may need reversing",
        )


def _std_error(C: FloatArray, n: int) -> float:
    k, total, trace, square = len(C), C.sum(), np.trace(C), C @ C
    bracket = total * (np.trace(square) + trace**2) - 2 * trace * square.sum()
    return float(math.sqrt(max(2 * k**2 / ((k - 1) ** 2 * total**3) * bracket / n, 0.0)))


def _if_dropped(C: FloatArray) -> FloatArray:
    """Raw alpha without each item; NaN where fewer than two items, or no variation, remain."""
    kept = [np.delete(np.delete(C, i, 0), i, 1) for i in range(len(C))]
    return np.array([alpha_of(part) if len(part) > 1 and _total_varies(part) else math.nan for part in kept])


def _corrected(R: FloatArray, explained: FloatArray) -> FloatArray:
    """Correlation of items with the common part of the scale; NaN where that part has no variance."""
    shared = R.copy()
    np.fill_diagonal(shared, explained)
    total = shared.sum()
    return np.asarray(shared.sum(axis=0) / math.sqrt(total) if total > 0 else np.full(len(R), math.nan))
