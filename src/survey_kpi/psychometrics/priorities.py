"""Importance-performance matrix: where a strong association meets a low mark.

A quadrant is named only where the item's intervals lie clear of both cuts; otherwise it is "undecided".

Examples
--------
>>> rows = importance_performance(
...     ["speed", "manner"], [70, 30], [62, 24], [78, 38], [3.4, 4.6], [3.3, 4.5], [3.5, 4.7])
>>> [(row.item, row.quadrant) for row in rows]
[('speed', 'concentrate'), ('manner', 'possible_overkill')]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import SpecError
from survey_kpi.numeric import FloatArray

QUADRANTS = {
    (True, False): "concentrate",
    (True, True): "keep_up",
    (False, False): "low_priority",
    (False, True): "possible_overkill",
}
"""Martilla and James's names by (importance above its cut, performance above its cut)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Priority:
    """One item of the matrix, with both intervals."""

    item: str
    importance: float
    importance_low: float
    importance_high: float
    performance: float
    performance_low: float
    performance_high: float
    quadrant: str


def importance_performance(
    items: Sequence[str],
    importance: npt.ArrayLike,
    importance_low: npt.ArrayLike,
    importance_high: npt.ArrayLike,
    performance: npt.ArrayLike,
    performance_low: npt.ArrayLike,
    performance_high: npt.ArrayLike,
    *,
    importance_cut: float | None = None,
    performance_cut: float | None = None,
) -> tuple[Priority, ...]:
    """Rows of the importance-performance matrix, in the order of the items.

    Parameters
    ----------
    items
        Names.
    importance, importance_low, importance_high
        Share of R² by item, in percent, and its interval.
    performance, performance_low, performance_high
        Mean or top-box share by item, and its interval.
    importance_cut, performance_cut
        Where the matrix is divided: the means over the items unless declared.

    Raises
    ------
    SpecError
        `sizes_differ`: a column has not one value per item.

    Notes
    -----
    Martilla and James (1977). A quadrant describes; that raising an item would raise satisfaction is not
    shown by it.
    """
    columns = [
        np.asarray(column, dtype=float)
        for column in (
            importance,
            importance_low,
            importance_high,
            performance,
            performance_low,
            performance_high,
        )
    ]
    if any(column.shape != (len(items),) for column in columns):
        raise SpecError(
            "sizes_differ",
            where="importance_performance",
            what="every column needs one value per item",
            got=[column.size for column in columns],
            expected=len(items),
        )
    strong = _side(columns[1], columns[2], _cut(columns[0], importance_cut))
    good = _side(columns[4], columns[5], _cut(columns[3], performance_cut))
    return tuple(
        Priority(
            item=name,
            importance=values[0],
            importance_low=values[1],
            importance_high=values[2],
            performance=values[3],
            performance_low=values[4],
            performance_high=values[5],
            quadrant=QUADRANTS.get((above, well), "undecided"),  # type: ignore[arg-type]
        )
        for name, values, above, well in zip(
            items, np.column_stack(columns).tolist(), strong, good, strict=True
        )
    )


def _cut(values: FloatArray, declared: float | None) -> float:
    return float(values.mean()) if declared is None else declared


def _side(low: FloatArray, high: FloatArray, cut: float) -> list[bool | None]:
    """Whether an interval lies above the cut; None where it holds it."""
    return [True if a > cut else False if b < cut else None for a, b in zip(low, high, strict=True)]
