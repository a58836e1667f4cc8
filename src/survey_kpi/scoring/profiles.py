"""Profiles of customer segments, with cells hidden so that nobody can be told from a small one.

Examples
--------
>>> rows = profile({"retail": (40, 30), "finance": (25, 20), "energy": (8, 7), "public": (27, 9)})
>>> [(row.segment, row.n if row.shown else "hidden") for row in rows]
[('retail', 40), ('finance', 'hidden'), ('energy', 'hidden'), ('public', 27)]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from survey_kpi.inference.intervals import wilson
from survey_kpi.inference.suppression import MINIMUM_BASE, suppress

SMALL = "fewer customers than the smallest base"
BESIDE = "hidden so that a small segment cannot be computed from the total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One segment: its customers, and the share of them that has the property, in percent.

    A hidden segment carries neither, only the reason.
    """

    segment: str
    n: int | None
    value: float
    interval: tuple[float, float]
    reason: str = ""

    @property
    def shown(self) -> bool:
        """Whether the segment may be printed."""
        return not self.reason


def profile(cells: Mapping[str, tuple[int, int]], *, minimum: int = MINIMUM_BASE) -> list[Segment]:
    """Return the segments of a printed total, small ones and one beside them hidden.

    Parameters
    ----------
    cells
        Customers and those of them with the property, by segment; the total of the customers is printed.
    minimum
        Smallest number of customers that may be printed.

    Raises
    ------
    MethodError
        `counts_invalid`: a count is negative, or more have the property than there are.

    Notes
    -----
    `survey_kpi.inference.suppression.suppress`.
    """
    hidden = suppress([n for n, _ in cells.values()], minimum=minimum)
    return [
        _hidden(name, n, minimum) if hide else _shown(name, n, having)
        for hide, (name, (n, having)) in zip(hidden, cells.items(), strict=True)
    ]


def _hidden(name: str, n: int, minimum: int) -> Segment:
    reason = SMALL if n < minimum else BESIDE
    return Segment(segment=name, n=None, value=math.nan, interval=(math.nan, math.nan), reason=reason)


def _shown(name: str, n: int, having: int) -> Segment:
    low, high = wilson(having, n)
    ends = (100 * float(low), 100 * float(high))
    return Segment(segment=name, n=n, value=100 * having / n, interval=ends)
