"""Weights from the data alone: entropy and equal weights.

High variation is not importance: a column of noise earns a large entropy weight. Every result therefore
carries the fixed diagnostic `spread_is_not_importance`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem, nearest
from survey_kpi.indicator_weights.result import (
    Diagnostic,
    IndicatorWeights,
    Matrix,
    checked_matrix,
    labelled,
)

FEW_SUBJECTS = 10


def equal(data: pd.DataFrame) -> IndicatorWeights:
    """Weigh every indicator the same.

    Examples
    --------
    >>> equal(pd.DataFrame({"a": [1, 2], "b": [3, 4]})).values
    {'a': 0.5, 'b': 0.5}
    """
    labels = [str(column) for column in data.columns]
    return IndicatorWeights(values=labelled(np.full(len(labels), 1 / len(labels)), labels), method="equal")


def min_max(
    values: Matrix, lower_is_better: np.ndarray, ends: Mapping[int, tuple[float, float]] | None = None
) -> Matrix:
    """Map each column to [0, 1], 1 being best; a constant column becomes all ones.

    Parameters
    ----------
    values
        Subjects x indicators.
    lower_is_better
        One boolean per column.
    ends
        Declared (worst, best-or-worst) scale ends by column number; the sample's minimum and maximum
        otherwise.
    """
    low, high = values.min(axis=0), values.max(axis=0)
    for column, (start, stop) in (ends or {}).items():
        low[column], high[column] = min(start, stop), max(start, stop)
    span = np.where(high > low, high - low, 1.0)
    unit = np.where(high > low, (values - low) / span, 1.0)
    return np.where(lower_is_better & (high > low), 1 - unit, unit)


def sum_share(values: Matrix) -> Matrix:
    """Share of each cell in its column sum; a column of zeros keeps zeros."""
    total = values.sum(axis=0)
    return values / np.where(total > 0, total, 1.0)


def entropy(
    data: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    normalisation: str = "min_max",
    ends: Mapping[str, tuple[float, float]] | None = None,
) -> IndicatorWeights:
    """Entropy weights of a subjects x indicators table.

    ``p_ij = u_ij / sum_i u_ij``, ``E_j = -sum_i p ln p / ln m`` with ``0 ln 0 = 0``, and the weight is
    ``(1 - E_j) / sum_k (1 - E_k)``. A constant column weighs exactly 0.

    Parameters
    ----------
    data
        One row per subject, one column per indicator, complete.
    direction
        "higher" (more is better) or "lower" for every column; required, because papers differ.
    normalisation
        "min_max" (default): each column to [0, 1] by its ends, lower-is-better columns turned round.
        "sum": the values themselves, for ratio scales only; lower-is-better columns are refused there,
        unless `direction` says "ignored".
    ends
        Declared scale ends per indicator for "min_max"; the sample's ends otherwise.

    Returns
    -------
    IndicatorWeights
        Statistics `entropy.<indicator>`; variant names normalisation and ends.

    Raises
    ------
    MethodError
        `missing_cell`, `too_few_subjects`, `negative_cell` (normalisation "sum"), `no_variation` (all
        columns constant), `direction_missing`, `normalisation_unknown`.

    References
    ----------
    .. [1] Shannon (1948); Hwang and Yoon (1981), Multiple Attribute Decision Making, section 3.2.
           Numbers agree with scikit-criteria 0.9 and pymcdm 1.3 where those take the same variant.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [5, 6, 7, 5.5], "b": [200, 210, 190, 205], "c": [30, 31, 55, 20]})
    >>> weights = entropy(table, {"a": "higher", "b": "higher", "c": "higher"}, normalisation="sum")
    >>> {name: round(value, 6) for name, value in weights.values.items()}
    {'a': 0.10241, 'b': 0.008899, 'c': 0.888692}
    """
    values = checked_matrix(data)
    labels = [str(column) for column in data.columns]
    _check_direction(labels, direction, normalisation)
    unit = NORMALISATIONS[_known(normalisation)](values, labels, direction, ends)
    constant = values.max(axis=0) == values.min(axis=0)
    if constant.all():
        raise MethodError(
            "no_variation",
            where=f"indicator table: {', '.join(labels)}",
            what="every indicator is constant, so entropy cannot weigh them",
            expected="at least one indicator that differs between subjects",
        )
    share = sum_share(unit)
    information = np.where(share > 0, share * np.log(np.where(share > 0, share, 1.0)), 0.0)
    level = np.where(constant, 1.0, -information.sum(axis=0) / np.log(len(values)))
    divergence = np.where(constant, 0.0, 1 - level)
    return IndicatorWeights(
        values=labelled(divergence / divergence.sum(), labels),
        method="entropy",
        variant=f"{normalisation}, {'declared' if ends else 'sample'} ends"
        if normalisation == "min_max"
        else normalisation,
        statistics={f"entropy.{label}": float(e) for label, e in zip(labels, level, strict=True)},
        diagnostics=_doubts(len(values)),
    )


def _doubts(subjects: int) -> tuple[Diagnostic, ...]:
    fixed = Diagnostic(code="spread_is_not_importance", message="entropy reflects spread, not importance")
    few = Diagnostic(
        code="weights_unstable", message="weights from fewer than 10 subjects are unstable", value=subjects
    )
    return (fixed, few) if subjects < FEW_SUBJECTS else (fixed,)


def _check_direction(labels: list[str], direction: Mapping[str, str], normalisation: str) -> None:
    allowed = {"higher", "lower", "ignored"} if normalisation == "sum" else {"higher", "lower"}
    bad = [
        Problem(
            code="direction_missing",
            where=f"indicator '{label}'",
            what="its direction is not declared for entropy weighting",
            got=direction.get(label),
            expected=" or ".join(sorted(allowed)),
        )
        for label in labels
        if direction.get(label) not in allowed
    ]
    if normalisation == "sum":
        bad += [
            Problem(
                code="direction_missing",
                where=f"indicator '{label}'",
                what="sum normalisation cannot turn a lower-is-better indicator round",
                got="lower",
                expected="min_max normalisation, or the direction 'ignored' by name",
            )
            for label in labels
            if direction.get(label) == "lower"
        ]
    if bad:
        raise MethodError.collect(bad)


def _min_max_unit(
    values: Matrix,
    labels: list[str],
    direction: Mapping[str, str],
    ends: Mapping[str, tuple[float, float]] | None,
) -> Matrix:
    lower = np.array([direction[label] == "lower" for label in labels])
    declared = {labels.index(label): pair for label, pair in (ends or {}).items()}
    unit = min_max(values, lower, declared)
    return _refuse_negative(unit, labels, "lies outside the declared ends")


def _raw_unit(
    values: Matrix,
    labels: list[str],
    direction: Mapping[str, str],
    ends: Mapping[str, tuple[float, float]] | None,
) -> Matrix:
    return _refuse_negative(values, labels, "is negative, which sum normalisation cannot share out")


def _refuse_negative(values: Matrix, labels: list[str], what: str) -> Matrix:
    bad = [
        Problem(
            code="negative_cell",
            where=f"indicator '{label}'",
            what=f"a value {what}",
            got=float(column.min()),
            expected="0 or more",
            hint="use min_max normalisation with ends that hold all values",
        )
        for label, column in zip(labels, values.T, strict=True)
        if column.min() < 0
    ]
    if bad:
        raise MethodError.collect(bad)
    return values


Normalise = Callable[[Matrix, list[str], Mapping[str, str], Mapping[str, tuple[float, float]] | None], Matrix]
NORMALISATIONS: Mapping[str, Normalise] = {"min_max": _min_max_unit, "sum": _raw_unit}


def _known(normalisation: str) -> str:
    if normalisation not in NORMALISATIONS:
        raise MethodError(
            "normalisation_unknown",
            where="normalisation",
            what="entropy has no such variant",
            got=repr(normalisation),
            hint=nearest(normalisation, NORMALISATIONS),
        )
    return normalisation
