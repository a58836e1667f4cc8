"""Ratings of colleagues: what a rating owes to the rated and what to the rater.

Score = ratee + leniency of the rater, by least squares; leniencies sum to 0. Leniency is positive for raters
who give higher marks; severity, in many-facet Rasch usage, is its negative.

Examples
--------
>>> raters = ["R1", "R1", "R2", "R2", "R3", "R3", "R1", "R2"]
>>> ratees = ["T1", "T2", "T2", "T3", "T3", "T4", "T4", "T1"]
>>> found = rater_leniency(raters, ratees, [4, 3, 4, 6, 4, 1, 2, 5])
>>> found.raw.tolist(), found.adjusted.round(9).tolist()
([4.5, 3.5, 5.0, 1.5], [4.0, 3.0, 5.0, 2.0])
>>> dict(zip(found.raters, (found.leniency.round(9) + 0.0).tolist()))
{'R1': 0.0, 'R2': 1.0, 'R3': -1.0}
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.numeric import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Leniency:
    """Raw and adjusted means of the rated, and the leniency of raters; names in sorted order.

    Parameters
    ----------
    ratees, raters
        Names.
    n, n_given
        Ratings that each ratee received, and that each rater gave.
    raw, adjusted
        Mean rating of each ratee, and what raters of average leniency would have given.
    adjusted_error
        Standard error of the adjusted means; NaN where no rating is left to judge the noise.
    leniency, leniency_error
        Of each rater, in points of the scale, and its standard error.
    noise
        Standard deviation of a rating that neither explains; NaN without degrees of freedom.
    icc_1, icc_k
        Share of the variance of one rating, and of a ratee's mean rating, that lies between ratees (one-way).
    """

    ratees: tuple[str, ...]
    raters: tuple[str, ...]
    n: IntArray
    n_given: IntArray
    raw: FloatArray
    adjusted: FloatArray
    adjusted_error: FloatArray
    leniency: FloatArray
    leniency_error: FloatArray
    noise: float
    icc_1: float
    icc_k: float


def rater_leniency(raters: Sequence[str], ratees: Sequence[str], scores: npt.ArrayLike) -> Leniency:
    """Two-way additive model of ratings, solved by least squares.

    Parameters
    ----------
    raters, ratees
        Who rated whom, one entry per rating.
    scores
        Ratings, in points of the scale; no missing ones.

    Raises
    ------
    SpecError
        `sizes_differ`: the three have different lengths.
    MethodError
        `missing_cell`: a score is missing; `too_few_subjects`: fewer than two ratees or raters;
        `raters_disconnected`: groups of raters share no ratee, so nobody can say who is lenient.

    Notes
    -----
    R: `lm(score ~ 0 + ratee + rater, contrasts = list(rater = "contr.sum"))`. The intraclass correlations
    are those of the one-way analysis of variance, with the mean number of ratings corrected for imbalance.
    """
    y = np.asarray(scores, dtype=float)
    _check(raters, ratees, y)
    rater_names, rater = np.unique(np.asarray(raters, dtype=str), return_inverse=True)
    ratee_names, ratee = np.unique(np.asarray(ratees, dtype=str), return_inverse=True)
    _check_connected(rater, ratee, rater_names, ratee_names)
    people, judges = len(ratee_names), len(rater_names)
    X = np.zeros((y.size, people + judges))
    X[np.arange(y.size), ratee] = 1
    X[np.arange(y.size), people + rater] = 1
    # the added row says that leniencies sum to 0; no rating is touched by it
    side = np.concatenate([np.zeros(people), np.ones(judges)])
    inverse = linalg.inv(X.T @ X + np.outer(side, side))
    value = inverse @ (X.T @ y)
    value, spread = np.asarray(value), _spread(inverse, side)
    noise = _noise(y - X @ value, y.size - (people + judges - 1))
    error = noise * np.sqrt(spread)
    received = np.bincount(ratee)
    raw = np.bincount(ratee, y) / received
    icc_1, icc_k = _one_way(y, ratee, raw, received)
    return Leniency(
        ratees=tuple(ratee_names.tolist()),
        raters=tuple(rater_names.tolist()),
        n=received.astype(np.int64),
        n_given=np.bincount(rater).astype(np.int64),
        raw=raw,
        adjusted=value[:people],
        adjusted_error=error[:people],
        leniency=value[people:],
        leniency_error=error[people:],
        noise=noise,
        icc_1=icc_1,
        icc_k=icc_k,
    )


def _spread(inverse: FloatArray, side: FloatArray) -> FloatArray:
    """Diagonal of the covariance under the constraint: the added row carries no noise of its own."""
    return np.asarray(np.maximum(inverse.diagonal() - (inverse @ side) ** 2, 0.0))


def _noise(residual: FloatArray, df: int) -> float:
    return math.sqrt(float(residual @ residual) / df) if df > 0 else math.nan


def _one_way(y: FloatArray, ratee: IntArray, raw: FloatArray, n: IntArray) -> tuple[float, float]:
    """ICC(1) and ICC(k) from the one-way analysis of variance; NaN where a mean square is not defined."""
    people, total = len(raw), int(n.sum())
    if people < 2 or total == people:
        return math.nan, math.nan
    between = float(n @ (raw - y.mean()) ** 2) / (people - 1)
    within = float(((y - raw[ratee]) ** 2).sum()) / (total - people)
    k = (total - float(n @ n) / total) / (people - 1)
    bottom = between + (k - 1) * within
    single = (between - within) / bottom if bottom > 0 else math.nan
    return single, (between - within) / between if between > 0 else math.nan


def _check(raters: Sequence[str], ratees: Sequence[str], y: FloatArray) -> None:
    if not len(raters) == len(ratees) == y.size:
        raise SpecError(
            "sizes_differ",
            where="rater_leniency",
            what="every rating needs its rater and ratee",
            got=f"{len(raters)}, {len(ratees)} and {y.size}",
        )
    if not np.isfinite(y).all():
        raise MethodError(
            "missing_cell",
            where="rater_leniency",
            what="a score is missing",
            got=int((~np.isfinite(y)).sum()),
            hint="leave ratings out that were not given",
        )
    if len(set(raters)) < 2 or len(set(ratees)) < 2:
        raise MethodError(
            "too_few_subjects", where="rater_leniency", what="leniency needs two raters and two ratees"
        )


def _check_connected(
    rater: IntArray, ratee: IntArray, rater_names: npt.NDArray[np.str_], ratee_names: npt.NDArray[np.str_]
) -> None:
    size = len(ratee_names) + len(rater_names)
    graph = sparse.coo_array((np.ones(len(rater)), (ratee, len(ratee_names) + rater)), shape=(size, size))
    parts, part = sparse.csgraph.connected_components(graph, directed=False)
    if parts > 1:
        of_rater = part[len(ratee_names) :]
        groups = [", ".join(rater_names[of_rater == number][:5]) for number in range(parts)]
        raise MethodError(
            "raters_disconnected",
            where="rater_leniency",
            what=f"the raters fall into {parts} groups without a ratee in common",
            got=" | ".join(groups[:5]),
            expected="every rater linked to every other through ratees",
            hint="let some raters rate people of another group, or report raw means alone",
        )
