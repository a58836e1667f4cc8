"""How numbers read: the only place that rounds.

Examples
--------
>>> number(84.1499, "percent"), number(-0.3, "points"), number(1234, "count")
('84.1%', '−0.3', '1,234')
>>> change_text(4.1, "pp"), change_text(-0.04, "pp")
('+4.1', '0.0')
"""

from __future__ import annotations

import math
from collections.abc import Iterable

MINUS = "−"
NO_BREAK = "\u00a0"
DIGITS = {
    **{"percent": 1, "points": 1, "pp": 1, "pct_rel": 1, "score": 2, "count": 0, "share": 3, "money": 2},
    **{"seconds": 0, "minutes": 0, "hours": 1, "days": 1, "months": 1},
    **{"per_100": 2, "per_week": 1, "per_month": 2},
}
"""Decimals by unit."""

MOST_DIGITS = 6


def number(value: float, unit: str, *, digits: int | None = None, sign: bool = True) -> str:
    """Return a number as printed, with its percent sign and a true minus.

    Parameters
    ----------
    digits
        Decimals; those of the unit by default.
    sign
        Whether the percent sign is printed.
    """
    if math.isnan(value):
        raise ValueError("a number without value is printed by its state")
    places = DIGITS[unit] if digits is None else digits
    text = f"{abs(value):,.{places}f}"
    negative = value < 0 and float(f"{value:.{places}f}") != 0
    return (MINUS if negative else "") + text + ("%" if unit == "percent" and sign else "")


def change_text(value: float, unit: str) -> str:
    """Return a difference with its sign; units are named by the sentence around it."""
    text = number(value, unit, sign=False)
    return text if text.startswith(MINUS) or float(text.replace(",", "")) == 0 else "+" + text


def range_mark(low: float, language: str) -> str:
    """Return what stands between the ends of an interval."""
    if low >= 0:
        return "–"
    return "至" if language == "zh" else f"{NO_BREAK}to{NO_BREAK}"


def beside_edges(value: float, unit: str, edges: Iterable[float]) -> str:
    """Return a number with as many decimals as keep it on its side of every edge.

    Examples
    --------
    >>> beside_edges(79.96, "points", [60, 80]), beside_edges(79.5, "points", [60, 80])
    ('79.96', '79.5')
    """
    for digits in range(DIGITS[unit], MOST_DIGITS + 1):
        shown = round(value, digits)
        if all((shown >= edge) == (value >= edge) for edge in edges):
            return number(value, unit, digits=digits)
    return number(value, unit, digits=MOST_DIGITS)
