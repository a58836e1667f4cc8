"""Reliability of a score: which share of the differences between people is real.

Examples
--------
>>> [round(reliability(0.04**2, 0.8 * 0.2, n), 3) for n in (15, 30, 60, 200)]
[0.13, 0.231, 0.375, 0.667]
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray, N, check_share, plain


def reliability(between: N | float, within: N | float, n: N | float) -> N:
    """Between-person variance over the variance of what is observed, τ² / (τ² + σ² / n).

    Parameters
    ----------
    between
        Variance τ² of the true values between people.
    within
        Variance σ² of one answer: p (1 - p) for a share.
    n
        Answers per person.

    Notes
    -----
    Spearman-Brown for n answers; ICC(1, n).
    """
    tau2, noise = np.asarray(between, float), np.asarray(within, float) / np.asarray(n, float)
    return plain(tau2 / (tau2 + noise))  # type: ignore[no-any-return]


def answers_needed(between: float, within: float, target: float = 0.7) -> float:
    """Answers per person that reach a reliability; infinite where people do not differ.

    Examples
    --------
    >>> answers_needed(0.04**2, 0.16)
    234
    """
    share = check_share("target", target)
    return math.ceil(share / (1 - share) * within / between - 1e-9) if between > 0 else math.inf


def between_variance(value: npt.ArrayLike, std_error: npt.ArrayLike) -> float:
    """Variance of true values between people, DerSimonian and Laird's moment estimate, not below 0.

    Parameters
    ----------
    value, std_error
        Each person's value and its standard error (above 0).

    Raises
    ------
    MethodError
        `too_few_subjects`: fewer than two people; `no_standard_error`: a standard error is 0 or missing.

    Notes
    -----
    R: `metafor::rma(yi, sei, method = "DL")$tau2`.

    Examples
    --------
    >>> round(between_variance([80, 84, 70, 90], [4, 4, 4, 4]), 2)
    54.67
    """
    y, error = np.asarray(value, dtype=float), np.asarray(std_error, dtype=float)
    check_people(y, error)
    weight = 1 / error**2
    centre = np.sum(weight * y) / np.sum(weight)
    excess = np.sum(weight * (y - centre) ** 2) - (y.size - 1)
    return float(max(0.0, excess / (np.sum(weight) - np.sum(weight**2) / np.sum(weight))))


def check_people(value: FloatArray, std_error: FloatArray) -> None:
    """Refuse fewer than two people, and standard errors that carry no information."""
    if value.size < 2:
        raise MethodError(
            "too_few_subjects",
            where="between-person variance",
            what="a variance between people needs two of them",
            got=value.size,
            expected="at least 2",
        )
    bad = ~(std_error > 0)
    if bad.any():
        raise MethodError(
            "no_standard_error",
            where="between-person variance",
            what="a standard error is 0 or missing",
            got=f"people {np.flatnonzero(bad)[:5].tolist()}",
            hint="pool the variance within people: s / sqrt(n)",
        )
