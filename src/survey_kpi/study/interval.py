"""Intervals as they stand in study files: with brackets that say whether their ends are inside.

Examples
--------
>>> band = parse_interval("[30, 60]")
>>> [band.holds(seconds) for seconds in (30, 45, 60, 29, 61)]
[True, True, True, False, False]
>>> str(parse_interval("(20, 60]"))
'(20, 60]'
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from survey_kpi.errors import SpecError

_NUMBER = r"[-+]?\d+(?:\.\d+)?"
_EXACT = re.compile(rf"([\[(])\s*({_NUMBER})\s*[,，]\s*({_NUMBER})\s*([\])])")
_MEANT = re.compile(rf"[\[(（]?\s*({_NUMBER})\s*(?:-|–|—|~|～|至|到|,|，|\.\.|to)\s*({_NUMBER})\s*[\])）]?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A range of numbers; `[` and `]` hold their end, `(` and `)` do not."""

    low: float
    high: float
    holds_low: bool
    holds_high: bool

    def holds(self, value: float) -> bool:
        """Tell whether a value lies inside."""
        above = value > self.low or (self.holds_low and value == self.low)
        below = value < self.high or (self.holds_high and value == self.high)
        return above and below

    def __str__(self) -> str:
        left, right = "[" if self.holds_low else "(", "]" if self.holds_high else ")"
        return f"{left}{self.low:g}, {self.high:g}{right}"


def parse_interval(text: str, *, where: str = "interval") -> Interval:
    """Read an interval with explicit brackets.

    Raises
    ------
    SpecError
        `interval_ends`: the ends are bare, so nobody can say whether 60 is inside 30-60; or the lower end is
        not the smaller one; or the text is no interval.

    Examples
    --------
    >>> parse_interval("30-60")
    Traceback (most recent call last):
    survey_kpi.errors.SpecError: interval: the interval does not say ... write [30, 60] to hold both ends.
    """
    found = _EXACT.fullmatch(text.strip())
    if found:
        low, high = float(found[2]), float(found[3])
        if low < high or (low == high and found[1] == "[" and found[4] == "]"):
            return Interval(low=low, high=high, holds_low=found[1] == "[", holds_high=found[4] == "]")
        raise SpecError(
            "interval_ends",
            where=where,
            what="the interval holds nothing",
            got=repr(text),
            expected="low < high",
        )
    meant = _MEANT.fullmatch(text.strip())
    raise SpecError(
        "interval_ends",
        where=where,
        what="the interval does not say whether its ends are inside" if meant else "this is no interval",
        got=repr(text),
        hint=f"write [{meant[1]}, {meant[2]}] to hold both ends"
        if meant
        else "write it as [30, 60] or [30, 60)",
    )


def looks_like_interval(value: object) -> bool:
    """Tell whether a parameter of a study file is meant as an interval.

    Examples
    --------
    >>> [looks_like_interval(value) for value in ("[30, 60]", "30-60", "20至60", "2026-07", "linear", 7)]
    [True, True, True, False, False, False]
    """
    if not isinstance(value, str):
        return False
    month = re.fullmatch(r"\d{4}-\d{2}(-\d{2})?", value.strip())
    return not month and bool(_EXACT.fullmatch(value.strip()) or _MEANT.fullmatch(value.strip()))
