"""Funnel limits: how far a share may lie from the centre by chance alone, for each base n.

Examples
--------
>>> limits = funnel_limits([30, 200], 0.8)
>>> limits.low.round(3).tolist(), limits.high.round(3).tolist()
([0.632, 0.741], [0.919, 0.852])
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import MethodError
from survey_kpi.numeric import Array, FloatArray, IntArray, Interval, check_share

LEVELS: Final = (0.95, 0.998)
"""The two pairs of lines that a funnel plot shows."""


def _cdf(k: FloatArray, n: FloatArray, centre: float) -> FloatArray:
    return np.where(k < 0, 0.0, special.bdtr(np.clip(k, 0, n), n.astype(int), centre)).astype(float)


def _quantile(probability: float, n: FloatArray, centre: float) -> FloatArray:
    """Interpolated quantile of the binomial: the smallest r with P(R <= r) >= p, minus the surplus."""
    guess = np.ceil(special.bdtrik(probability, n, centre))
    r = np.clip(np.where(np.isnan(guess), 0, guess), 0, n)
    r = np.where(_cdf(r - 1, n, centre) >= probability, r - 1, r)  # rounding in the inverse
    above, below = _cdf(r, n, centre), _cdf(r - 1, n, centre)
    return r - (above - probability) / (above - below)


def funnel_limits(n: npt.ArrayLike, centre: float, conf_level: float = 0.95) -> Interval[Array]:
    """Exact binomial control limits around a centre, interpolated between the discrete values.

    Parameters
    ----------
    n
        Bases, whole numbers from 1 up.
    centre
        Share that everybody would have, strictly between 0 and 1.
    conf_level
        .95 or .998 by custom.

    Returns
    -------
    Interval
        Lower and upper limits as shares in [0, 1], arrays of the shape of `n`.

    Raises
    ------
    MethodError
        `counts_invalid`: a base is not a whole number from 1 up.
    SpecError
        `level_range`: centre or level not between 0 and 1.

    Notes
    -----
    Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in Medicine
    24:1185-1202, appendix A.1.
    """
    bases = np.atleast_1d(np.asarray(n, dtype=float))
    if np.any(~(bases >= 1)) or np.any(bases != np.floor(bases)):
        raise MethodError(
            "counts_invalid",
            where="funnel",
            what="a base is not a whole number from 1 up",
            got=bases.tolist()[:5],
        )
    check_share("centre", centre)
    tail = (1 - check_share("conf_level", conf_level)) / 2
    ends = (np.clip(_quantile(p, bases, centre) / bases, 0, 1) for p in (tail, 1 - tail))
    return Interval(*ends)


def funnel_grid(smallest: int, largest: int, points: int = 200) -> IntArray:
    """Bases at which to draw the limits: dense where the funnel bends, `points` at most.

    Examples
    --------
    >>> funnel_grid(10, 14).tolist()
    [10, 11, 12, 13, 14]
    """
    grid = np.geomspace(max(smallest, 1), max(largest, smallest, 1), points)
    return np.unique(np.rint(grid).astype(np.int64))
