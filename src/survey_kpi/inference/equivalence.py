"""Equivalence: showing that a difference is too small to matter, in place of failing to find one.

Examples
--------
>>> equivalence(0.4, 0.8, margin=2.0).verdict
'equivalent'
>>> equivalence(0.4, 1.5, margin=2.0).verdict
'undecided'
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from survey_kpi.errors import SpecError
from survey_kpi.numeric import check_share, critical_value, plain, quantile_t, two_sided_p

EQUIVALENT, DIFFERENT, UNDECIDED = "equivalent", "different", "undecided"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Equivalence:
    """Result of two one-sided tests; numbers or arrays of one shape.

    Parameters
    ----------
    p_value
        Larger of the two one-sided p values.
    low, high
        Interval of level 1 - 2 x level: inside the margin exactly when equivalent.
    verdict
        "equivalent", else "different" where the two-sided test at the level finds a difference, else
        "undecided". A difference can be both real and too small to matter: that counts as equivalent.
    """

    p_value: Any
    low: Any
    high: Any
    verdict: Any


def equivalence(
    difference: npt.ArrayLike,
    std_error: npt.ArrayLike,
    *,
    margin: float,
    df: npt.ArrayLike = math.inf,
    level: float = 0.05,
) -> Equivalence:
    """Test whether a difference lies inside (-margin, margin) by two one-sided tests.

    Parameters
    ----------
    difference, std_error
        Estimate and its standard error; scalars or arrays.
    margin
        Smallest difference that matters, declared before the data are opened.
    df
        Degrees of freedom, the normal by default.
    level
        Level of each one-sided test.

    Raises
    ------
    SpecError
        `level_range`; `margin_range`: the margin is not above 0.

    Notes
    -----
    Schuirmann (1987); R: `TOSTER::tsum_TOST`.
    """
    if not margin > 0:
        raise SpecError("margin_range", where="equivalence", what="the margin must be above 0", got=margin)
    value, error = np.asarray(difference, dtype=float), np.asarray(std_error, dtype=float)
    scale = np.where(error > 0, error, np.nan)
    one_sided = [_upper_tail((margin + sign * value) / scale, df) for sign in (1, -1)]
    p = np.maximum(*one_sided)
    half = quantile_t(1 - check_share("level", level), df) * error
    differs = np.asarray(two_sided_p(value / scale, df)) <= level
    verdict = np.where(p <= level, EQUIVALENT, np.where(differs, DIFFERENT, UNDECIDED))
    return Equivalence(
        p_value=plain(p),
        low=plain(value - half),
        high=plain(value + half),
        verdict=str(verdict) if verdict.ndim == 0 else verdict,
    )


def _upper_tail(statistic: npt.ArrayLike, df: npt.ArrayLike) -> Any:
    """One-sided p value: probability of a larger statistic."""
    t = np.asarray(statistic, dtype=float)
    half = np.asarray(two_sided_p(t, df)) / 2
    return np.where(t > 0, half, 1 - half)


def equivalence_n(sd: float, margin: float, *, level: float = 0.05, power: float = 0.8) -> int:
    """Answers per group that show equivalence with this power when nothing differs.

    Examples
    --------
    >>> equivalence_n(sd=78.1, margin=10.0)
    1045
    """
    z = critical_value(1 - 2 * check_share("level", level)) + special.ndtri(
        (1 + check_share("power", power)) / 2
    )
    return int(np.ceil(2 * (sd * z / margin) ** 2))
