"""Entropy weights: an indicator weighs by how unevenly its values are shared out among subjects.

High variation is not importance: a column of noise earns a large entropy weight. Every result therefore
carries the fixed diagnostic `spread_is_not_importance`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, nearest
from survey_kpi.indicator_weights.result import Diagnostic, IndicatorWeights, Matrix, labelled, shares
from survey_kpi.indicator_weights.table import (
    Ends,
    Table,
    inverted,
    min_max_map,
    read_table,
    refuse_interval_scales,
    refuse_negative,
    refuse_zero,
)
from survey_kpi.numeric import BoolArray

FEW_SUBJECTS = 10
CELLS = 1 << 15  # of a long table, so few that they stay in the processor's cache while they are worked on

Rows = Callable[[Matrix], Matrix]


def entropy(
    data: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    normalisation: str = "min_max",
    ends: Ends | None = None,
    interval_scales: Collection[str] = (),
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
        "sum": the values themselves; their direction cannot be honoured, so it is "higher" or, by name,
        "ignored". "cost_inverted": the values, lower-is-better columns replaced by min / x.
        The last two are for ratio scales only.
    ends
        Declared scale ends per indicator for "min_max"; the sample's ends otherwise.
    interval_scales
        Indicators without a true zero (NPS, temperatures): only "min_max" takes them.

    Returns
    -------
    IndicatorWeights
        Statistics `entropy.<indicator>`; variant names normalisation and ends.

    Raises
    ------
    MethodError
        `missing_cell`, `too_few_subjects`, `no_variation` (all columns constant), `direction_missing`,
        `normalisation_unknown`, `negative_cell`, `zero_cell` (min / x), `no_true_zero`.

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
    mapping = NORMALISATIONS[_known(normalisation)]
    takes = ("higher", "ignored") if normalisation == "sum" else ("higher", "lower")
    table = read_table(data, direction, directions=takes)
    divergence = divergences(table.values, mapping(table, ends, interval_scales), table.constant)
    level = labelled(1 - divergence, table.labels)
    return IndicatorWeights(
        values=shares(divergence, table.labels),
        method="entropy",
        variant=f"min_max, {'declared' if ends else 'sample'} ends"
        if normalisation == "min_max"
        else normalisation,
        statistics={f"entropy.{label}": value for label, value in level.items()},
        diagnostics=spread_doubts("entropy", len(data)),
    )


def divergences(values: Matrix, rows: Rows, constant: BoolArray) -> Matrix:
    """Return 1 - E of each column of `rows(values)`; exactly 0 for constant columns.

    With v = u / mean(u) it is ``sum(v ln v) / (m ln m)``, Theil's index over its maximum: nothing cancels,
    and no table of shares is built. ``sum(1 - v) = 0`` is added to make every term non-negative.
    """
    count, columns = values.shape
    step = max(1, CELLS // columns)
    blocks = range(0, count, step)
    scale = count / sum(rows(values[at : at + step]).sum(axis=0) for at in blocks)
    index = np.zeros(columns)
    relative, terms = np.empty_like(values[:step]), np.empty_like(values[:step])  # in the order of memory
    for at in blocks:
        unit = rows(values[at : at + step])
        v, term = relative[: len(unit)], terms[: len(unit)]
        np.multiply(unit, scale, out=v)
        np.log(np.maximum(v, np.finfo(float).tiny, out=term), out=term)
        term *= v
        v -= 1
        term -= v
        index += term.sum(axis=0)
    return np.where(constant, 0.0, np.maximum(index, 0.0) / (count * np.log(count)))


def spread_doubts(method: str, subjects: int) -> tuple[Diagnostic, ...]:
    """Doubts that go with every weight made from spread."""
    fixed = Diagnostic(code="spread_is_not_importance", message=f"{method} reflects spread, not importance")
    few = Diagnostic(
        code="weights_unstable", message="weights from fewer than 10 subjects are unstable", value=subjects
    )
    return (fixed, few) if subjects < FEW_SUBJECTS else (fixed,)


def _min_max_rows(table: Table, ends: Ends | None, _: Collection[str]) -> Rows:
    return min_max_map(table, ends)


def _raw_rows(table: Table, _: Ends | None, interval_scales: Collection[str]) -> Rows:
    refuse_interval_scales(table, interval_scales)
    refuse_negative(table)
    return lambda rows: rows


def _inverted_rows(table: Table, _: Ends | None, interval_scales: Collection[str]) -> Rows:
    refuse_interval_scales(table, interval_scales)
    refuse_zero(table, table.lower)
    return lambda rows: inverted(table, rows)


NORMALISATIONS: Mapping[str, Callable[[Table, Ends | None, Collection[str]], Rows]] = MappingProxyType(
    {"min_max": _min_max_rows, "sum": _raw_rows, "cost_inverted": _inverted_rows}
)


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
