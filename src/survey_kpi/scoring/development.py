"""What to work on: every scorecard carries at least one item that matters to customers.

Examples
--------
>>> importance = {"speed": 0.5, "attitude": 0.3, "expertise": 0.2}
>>> items = development_items({"s01": {"speed": 96.0, "attitude": 70.0, "expertise": 80.0}}, importance)
>>> [(item.driver, item.gap) for item in items["s01"]]
[('attitude', 30.0)]
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from survey_kpi.errors import MethodError

FULL: Final = 100.0
"""Attainment at which a target is met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevelopmentItem:
    """A driver of satisfaction to work on.

    Parameters
    ----------
    importance
        Share of the driver in what satisfaction goes with; an association, not a cause.
    gap
        Points that are missing to the target; 0 where it is met or nothing was measured.
    reason
        "gap": the target is missed; "keep": every target is met, and this driver matters most; "unmeasured":
        nothing was measured, and this driver matters most.
    """

    driver: str
    importance: float
    gap: float
    reason: Literal["gap", "keep", "unmeasured"]


def development_items(
    attainments: Mapping[str, Mapping[str, float]], importance: Mapping[str, float], *, most: int = 1
) -> dict[str, list[DevelopmentItem]]:
    """Choose what each person works on: drivers with the largest gap times importance.

    Parameters
    ----------
    attainments
        By subject: attainment of each driver in points, NaN where it was not measured.
    importance
        Shares of the drivers, at least one of them.
    most
        Items of one person, 1 or more.

    Returns
    -------
    dict
        At least one item for every subject, whatever was measured.

    Raises
    ------
    MethodError
        `too_few_indicators`: there is no driver to tie an item to, or no item is asked for.

    Notes
    -----
    Ties go to the driver that is named first.
    """
    if not importance or most < 1:
        what = "a scorecard carries at least one item tied to a driver"
        raise MethodError("too_few_indicators", where="development_items", what=what, hint="declare drivers")
    return {subject: _items(measured, importance)[:most] for subject, measured in attainments.items()}


def _items(measured: Mapping[str, float], importance: Mapping[str, float]) -> list[DevelopmentItem]:
    gaps = {name: max(0.0, FULL - measured[name]) for name in importance if not _missing(measured, name)}
    open_gaps = [name for name in gaps if gaps[name]]
    if not open_gaps:
        main = max(importance, key=lambda name: importance[name])
        reason: Literal["keep", "unmeasured"] = "keep" if gaps else "unmeasured"
        return [DevelopmentItem(driver=main, importance=importance[main], gap=0.0, reason=reason)]
    ordered = sorted(open_gaps, key=lambda name: -gaps[name] * importance[name])
    return [
        DevelopmentItem(driver=name, importance=importance[name], gap=gaps[name], reason="gap")
        for name in ordered
    ]


def _missing(measured: Mapping[str, float], name: str) -> bool:
    return name not in measured or math.isnan(measured[name])
