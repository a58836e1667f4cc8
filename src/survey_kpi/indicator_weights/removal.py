"""Weights from what is lost: MEREC removes an indicator, CILOS favours one at the cost of the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.entropy import divergences, spread_doubts
from survey_kpi.indicator_weights.result import IndicatorWeights, Matrix, labelled, shares
from survey_kpi.indicator_weights.table import (
    Table,
    inverted,
    read_table,
    refuse_interval_scales,
    refuse_zero,
)

SINGULAR = 1e-12


def merec(
    data: pd.DataFrame, direction: Mapping[str, str], *, interval_scales: Collection[str] = ()
) -> IndicatorWeights:
    """MEREC: an indicator weighs by how much the subjects' performance changes when it is removed.

    ``n = min / x`` where more is better, ``x / max`` where less is; ``S_i = ln(1 + mean_j |ln n_ij|)``; the
    effect of indicator j is ``sum_i |S_i without j - S_i|``. A constant column weighs exactly 0.

    Raises
    ------
    MethodError
        As `entropy`; `negative_cell`, `zero_cell`: logarithms need positive values; `no_true_zero`.

    References
    ----------
    .. [1] Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4):525.

    Examples
    --------
    >>> rows = [[450, 8000, 54, 145], [10, 9100, 2, 160], [100, 8200, 31, 153]]
    >>> rows += [[220, 9300, 1, 162], [5, 8400, 23, 158]]
    >>> direction = {"a": "higher", "b": "higher", "c": "lower", "d": "lower"}
    >>> weights = merec(pd.DataFrame(rows, columns=list("abcd")), direction)
    >>> {name: round(value, 4) for name, value in weights.values.items()}
    {'a': 0.5752, 'b': 0.0141, 'c': 0.4016, 'd': 0.0091}
    """
    table = _ratios(data, direction, interval_scales)
    best = np.where(table.lower, table.values / table.high, table.low / table.values)
    loss = np.where(table.constant, 0.0, np.abs(np.log(best)))
    total, count = loss.sum(axis=1, keepdims=True), len(table.labels)
    effect = np.abs(np.log1p((total - loss) / count) - np.log1p(total / count)).sum(axis=0)
    return _result("merec", "min / x and x / max, natural logarithm", table, effect)


def cilos(
    data: pd.DataFrame, direction: Mapping[str, str], *, interval_scales: Collection[str] = ()
) -> IndicatorWeights:
    """CILOS: an indicator weighs more the less it loses when each of the others is at its best.

    Lower-is-better columns become min / x and every column its share of the column's sum. Row k of the
    square matrix A is the subject that is best on indicator k (the mean of them, when several are);
    ``p_kj = (a_jj - a_kj) / a_jj`` is what j loses there. The weights q solve
    ``(P - diag(sum_k p_kj)) q = 0``.

    Raises
    ------
    MethodError
        As `merec`; `no_variation` also when the losses leave the weights undetermined. Nothing random is
        ever added to make them determined.

    References
    ----------
    .. [1] Zavadskas and Podvezko (2016), Int. J. of Information Technology & Decision Making 15(2):267-283.

    Examples
    --------
    >>> table = pd.DataFrame({"price": [3.0, 2.5, 1.8, 2.2], "size": [100.0, 80, 50, 70]})
    >>> weights = cilos(table, {"price": "lower", "size": "higher"})
    >>> {name: round(value, 6) for name, value in weights.values.items()}
    {'price': 0.555556, 'size': 0.444444}
    """
    table = _ratios(data, direction, interval_scales)
    return _result("cilos", "lower is better as min / x", table, _cilos(table))


def idocriw(
    data: pd.DataFrame, direction: Mapping[str, str], *, interval_scales: Collection[str] = ()
) -> IndicatorWeights:
    """IDOCRIW: entropy weights (of raw shares, direction-blind as in the paper) times CILOS weights.

    Returns
    -------
    IndicatorWeights
        Statistics `entropy_weight.<indicator>` and `cilos_weight.<indicator>`.

    Raises
    ------
    MethodError
        As `cilos`.

    References
    ----------
    .. [1] Zavadskas and Podvezko (2016), Int. J. of Information Technology & Decision Making 15(2):267-283.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0], "b": [2.0, 1.0]})
    >>> weights = idocriw(table, {"a": "higher", "b": "higher"})
    >>> {name: round(value, 9) for name, value in weights.values.items()}
    {'a': 0.5, 'b': 0.5}
    """
    table = _ratios(data, direction, interval_scales)
    spread = divergences(table.values, lambda rows: rows, table.constant)
    informed = np.array(list(shares(spread, table.labels).values()))
    parts = {"entropy_weight": informed, "cilos_weight": _cilos(table)}
    made = _result(
        "idocriw", "entropy of raw shares x cilos", table, parts["entropy_weight"] * parts["cilos_weight"]
    )
    return IndicatorWeights(
        values=made.values,
        method=made.method,
        variant=made.variant,
        statistics={
            f"{name}.{label}": value
            for name, part in parts.items()
            for label, value in labelled(part, table.labels).items()
        },
        diagnostics=made.diagnostics,
    )


def _ratios(data: pd.DataFrame, direction: Mapping[str, str], interval_scales: Collection[str]) -> Table:
    table = read_table(data, direction, directions=("higher", "lower"))
    refuse_interval_scales(table, interval_scales)
    refuse_zero(table, np.ones(len(table.labels), dtype=bool))
    return table


def _cilos(table: Table) -> Matrix:
    """Weights of all columns; constant ones, which never lose anything, weigh 0 instead of everything."""
    varies = ~table.constant
    unit = inverted(table, table.values)[:, varies]
    unit = unit / unit.sum(axis=0)
    best = unit == unit.max(axis=0)
    at_best = (best / best.sum(axis=0)).T @ unit
    top = np.diagonal(at_best)
    loss = (top - at_best) / top
    system = loss - np.diag(loss.sum(axis=0))
    _, sizes, right = np.linalg.svd(system)
    if len(sizes) > 1 and sizes[-2] <= SINGULAR * max(sizes[0], 1.0):
        raise MethodError(
            "no_variation",
            where=f"indicators {table.name(varies)}",
            what="several lose nothing when the others are at their best, so CILOS has many solutions",
            hint="use another method, or keep one of the indicators that agree about the best subject",
        )
    weights = np.zeros(len(table.labels))
    weights[varies] = np.abs(right[-1]) / np.abs(right[-1]).sum()
    return weights


def _result(method: str, variant: str, table: Table, raw: Matrix) -> IndicatorWeights:
    return IndicatorWeights(
        values=shares(raw, table.labels),
        method=method,
        variant=variant,
        diagnostics=spread_doubts(method, len(table.values)),
    )
