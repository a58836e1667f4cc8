"""Equal weights, and weights from the spread and correlation of the columns of a table."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, nearest
from survey_kpi.indicator_weights.entropy import spread_doubts
from survey_kpi.indicator_weights.result import IndicatorWeights, Matrix, labelled, shares
from survey_kpi.indicator_weights.table import (
    Ends,
    Table,
    min_max,
    read_table,
    refuse_interval_scales,
    refuse_negative,
)
from survey_kpi.numeric import BoolArray

SCALINGS = ("min_max", "none")
NO_CONFLICT = 1e-12
KAISER = 1 - 1e-9  # eigenvalue of a component that explains as much as one indicator, less rounding


def equal(data: pd.DataFrame, direction: Mapping[str, str] | None = None) -> IndicatorWeights:
    """Weigh every indicator the same; neither the values nor their direction are looked at.

    Examples
    --------
    >>> equal(pd.DataFrame({"a": [1, 2], "b": [3, 4]})).values
    {'a': 0.5, 'b': 0.5}
    """
    labels = [str(column) for column in data.columns]
    return IndicatorWeights(values=labelled(np.full(len(labels), 1 / len(labels)), labels), method="equal")


def standard_deviation(
    data: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    normalisation: str = "min_max",
    ends: Ends | None = None,
) -> IndicatorWeights:
    """Weigh by the standard deviation of each column; its divisor (m or m - 1) cancels.

    Parameters
    ----------
    normalisation
        "min_max" (default) or "none": the values as they are, for columns of one common unit.
    ends
        Declared ends for "min_max".

    Raises
    ------
    MethodError
        As `entropy`, without sums: negative values are fine.

    References
    ----------
    .. [1] Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22(7):763-770.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 0.5]})
    >>> standard_deviation(table, {"a": "higher", "b": "higher"}, normalisation="none").values
    {'a': 0.6666666666666666, 'b': 0.3333333333333333}
    """
    table = read_table(data, direction)
    unit = _scaled(table, normalisation, ends)
    return _spread("standard_deviation", normalisation, table, _deviation(unit, table.constant))


def coefficient_of_variation(
    data: pd.DataFrame, direction: Mapping[str, str], *, interval_scales: Collection[str] = ()
) -> IndicatorWeights:
    """Weigh by standard deviation over mean, for ratio scales; the direction does not enter.

    Raises
    ------
    MethodError
        As `entropy` on sums: `negative_cell`, `no_true_zero`.

    References
    ----------
    .. [1] Shuai, Zongzhun, Yongji and Lei (2012), CCDC 2012, 3889-3892.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 3.0], "b": [10.0, 14.0]})
    >>> coefficient_of_variation(table, {"a": "higher", "b": "lower"}).values
    {'a': 0.75, 'b': 0.25}
    """
    table = read_table(data, direction)
    refuse_interval_scales(table, interval_scales)
    refuse_negative(table)
    mean = table.values.mean(axis=0)
    relative = _deviation(table.values, table.constant) / np.where(table.constant, 1.0, mean)
    return _spread("coefficient_of_variation", "raw values", table, relative)


def critic(
    data: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    normalisation: str = "min_max",
    ends: Ends | None = None,
) -> IndicatorWeights:
    """CRITIC: ``C_j = s_j * sum_k (1 - r_jk)``, spread times conflict with the other indicators.

    Correlations are taken after lower-is-better columns are turned round. A constant column weighs exactly
    0 and enters no sum, because its correlations do not exist.

    Raises
    ------
    MethodError
        As `entropy`; `no_variation` also when all varying indicators rank and space the subjects alike, so
        that there is no conflict to weigh by.

    References
    ----------
    .. [1] Diakoulaki, Mavrotas and Papayannakis (1995), Computers & Operations Research 22(7):763-770.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": [3.0, 1.0, 2.0]})
    >>> critic(table, {"a": "higher", "b": "higher"}).values
    {'a': 0.5, 'b': 0.5}
    """
    table = read_table(data, direction)
    unit = _scaled(table, normalisation, ends)
    if normalisation == "none":
        unit = np.where(table.lower, -unit, unit)
    varies = ~table.constant
    information = np.zeros(len(table.labels))
    conflict = (1 - _correlation(unit[:, varies])).sum(axis=0)
    information[varies] = _deviation(unit, table.constant)[varies] * (conflict if varies.sum() > 1 else 1.0)
    if varies.sum() > 1 and conflict.max() < NO_CONFLICT:
        raise MethodError(
            "no_variation",
            where=f"indicators {table.name(varies)}",
            what="they repeat each other exactly, so there is no conflict to weigh by",
            hint="keep one of them",
        )
    return _spread("critic", normalisation, table, np.maximum(information, 0.0))


def pca(data: pd.DataFrame, direction: Mapping[str, str]) -> IndicatorWeights:
    """Weigh by what the main components of the correlation matrix explain of each indicator.

    Components with an eigenvalue of at least 1 are kept (Kaiser's rule); the weight of an indicator is its
    communality, ``sum_k l_k v_jk**2``, over the sum of the communalities. The direction does not enter,
    because squared loadings have no sign. A constant column weighs exactly 0.

    Returns
    -------
    IndicatorWeights
        Statistics `components` and `explained` (share of the variance that the kept components hold).

    References
    ----------
    .. [1] Nicoletti, Scarpetta and Boylaud (2000), OECD Working Paper 226; OECD and JRC (2008), Handbook on
           Constructing Composite Indicators, section 6.1, here without rotation.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 2, 3, 5], "c": [4, 1, 3, 2]})
    >>> weights = pca(table, {"a": "higher", "b": "higher", "c": "higher"})
    >>> {name: round(value, 3) for name, value in weights.values.items()}
    {'a': 0.419, 'b': 0.414, 'c': 0.167}
    """
    table = read_table(data, direction)
    varies = ~table.constant
    values, vectors = np.linalg.eigh(_correlation(min_max(table)[:, varies]))
    kept = values >= KAISER
    communality = np.zeros(len(table.labels))
    communality[varies] = (vectors[:, kept] ** 2) @ values[kept]
    explained = float(values[kept].sum() / values.sum())
    weights = _spread("pca", "correlation matrix, eigenvalue >= 1", table, communality)
    return IndicatorWeights(
        values=weights.values,
        method=weights.method,
        variant=weights.variant,
        statistics={"components": float(kept.sum()), "explained": explained},
        diagnostics=weights.diagnostics,
    )


def _spread(method: str, variant: str, table: Table, raw: Matrix) -> IndicatorWeights:
    raw = np.where(table.constant, 0.0, raw)
    return IndicatorWeights(
        values=shares(raw, table.labels),
        method=method,
        variant=variant,
        diagnostics=spread_doubts(method, len(table.values)),
    )


def _scaled(table: Table, normalisation: str, ends: Ends | None) -> Matrix:
    if normalisation not in SCALINGS:
        raise MethodError(
            "normalisation_unknown",
            where="normalisation",
            what="there is no such variant",
            got=repr(normalisation),
            hint=nearest(normalisation, SCALINGS),
        )
    return min_max(table, ends) if normalisation == "min_max" else table.values


def _deviation(values: Matrix, constant: BoolArray) -> Matrix:
    """Standard deviation, computed on the range 0 to 1 so that tiny and huge units lose nothing."""
    low = values.min(axis=0)
    span = np.where(constant, 1.0, values.max(axis=0) - low)
    return np.where(constant, 0.0, ((values - low) / span).std(axis=0) * span)


def _correlation(values: Matrix) -> Matrix:
    return np.clip(np.atleast_2d(np.corrcoef(values, rowvar=False)), -1.0, 1.0)
