"""Saaty's scale in words, and the ways in which files write a judgement down.

A bare number has several readings: in one questionnaire -3 says that the left item is three times as
important, in another 3 does. So numbers are read by a coding that somebody names; words need none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from survey_kpi.readers.headers import fold
from survey_kpi.readers.words import number
from survey_kpi.study.models import Text

LARGEST = 9

STRENGTHS: Mapping[int, Text] = MappingProxyType(
    {
        1: Text(zh="同等重要", en="equally important"),
        2: Text(zh="介于 1 和 3 之间", en="between 1 and 3"),
        3: Text(zh="稍微重要", en="moderately more important"),
        4: Text(zh="介于 3 和 5 之间", en="between 3 and 5"),
        5: Text(zh="明显重要", en="strongly more important"),
        6: Text(zh="介于 5 和 7 之间", en="between 5 and 7"),
        7: Text(zh="强烈重要", en="very strongly more important"),
        8: Text(zh="介于 7 和 9 之间", en="between 7 and 9"),
        9: Text(zh="极端重要", en="extremely more important"),
    }
)
"""Saaty (1980): how many times as important, in the words of the questionnaire."""

SIDES: Mapping[str, Text] = MappingProxyType(
    {
        "left": Text(zh="A 更重要", en="A matters more"),
        "equal": Text(zh="同等重要", en="equal"),
        "right": Text(zh="B 更重要", en="B matters more"),
    }
)

_FRACTION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*[/:]\s*([0-9]+(?:\.[0-9]+)?)")
_STRENGTH = re.compile(r"([1-9])(?:\s.*)?", re.DOTALL)
_DIGIT = re.compile(r"(?<![0-9.,/])([1-9])(?![0-9.,/])")
_LEFT = re.compile(r"左|前者|\b(?:left|former)\b|^a\b")
_RIGHT = re.compile(r"右|后者|\b(?:right|latter)\b|^b\b")
_EQUAL = re.compile(r"同等|同样|一样|相同|\bequal")


def ratio(text: str) -> float:
    """Return a number or a fraction, how many times as important left is as right; NaN for anything else.

    Examples
    --------
    >>> ratio("3"), ratio("1/4"), ratio("0.25"), ratio("2026-01-03 00:00:00")
    (3.0, 0.25, 0.25, nan)
    """
    found = _FRACTION.fullmatch(fold(text))
    if found:
        above, below = map(float, found.groups())
        return above / below if below else math.nan
    value = number(fold(text))
    return math.nan if value is None else value


def side_of(text: str) -> str:
    """Return "left", "equal" or "right" of an answer of our questionnaire, "" for anything else.

    Examples
    --------
    >>> side_of("A 更重要 · A matters more"), side_of("同等重要"), side_of("maybe")
    ('left', 'equal', '')
    """
    start = fold(text).casefold()
    for side, words in SIDES.items():
        if start.startswith((fold(words.zh).casefold(), words.en.casefold())):
            return side
    return ""


def strength_of(text: str) -> int:
    """Return the strength of an answer of our questionnaire, 1 to 9; 0 for anything else.

    Examples
    --------
    >>> strength_of("3 稍微重要 · moderately more important"), strength_of("9"), strength_of("35")
    (3, 9, 0)
    """
    found = _STRENGTH.fullmatch(text.strip())
    return int(found[1]) if found else 0


def spoken(text: str) -> float:
    """Return a judgement told in words: which side, and how strongly, by number or in our own words.

    Examples
    --------
    >>> [spoken(words) for words in ("左边明显重要", "右边 7", "B: extremely more important", "同等重要")]
    [5.0, 0.14285714285714285, 0.1111111111111111, 1.0]
    >>> spoken("左边重要"), spoken("左边比右边重要 3"), spoken("3")
    (nan, nan, nan)
    """
    words = fold(text).casefold()
    left, right = bool(_LEFT.search(words)), bool(_RIGHT.search(words))
    strength = _worded_strength(words)
    if not left and not right and (strength == 1 or (not strength and _EQUAL.search(words))):
        return 1.0 if _EQUAL.search(words) else math.nan
    if left == right or not strength:
        return math.nan
    return float(strength) if left else 1 / strength


def _worded_strength(words: str) -> int:
    digits = {int(digit) for digit in _DIGIT.findall(words)}
    told = {
        value
        for value, text in STRENGTHS.items()
        if value % 2 and (text.zh in words or _adverb(text.en, words))
    }
    found = digits or told
    return found.pop() if len(found) == 1 else 0


def _adverb(phrase: str, words: str) -> bool:
    """Whether the phrase's adverb stands there by itself: "strongly" is not "very strongly"."""
    adverb = re.split(" more | important", phrase, maxsplit=1)[0]
    return re.search(rf"(?<!very ){re.escape(adverb)}\b", words) is not None


def _signed(negative_is_left: bool) -> Callable[[float], float]:
    """Whole numbers whose sign names the side; 1 and -1 are equal, 0 and fractions mean nothing."""

    def decode(value: float) -> float:
        if abs(value) < 1 or not value.is_integer():
            return math.nan
        left = (value < 0) == negative_is_left
        return abs(value) if left else 1 / abs(value)

    return decode


def _positions(count: int, step: int) -> Callable[[float], float]:
    """Columns counted from 1 at the left end, where the left item is nine times as important."""
    middle = count // 2 + 1

    def decode(value: float) -> float:
        if not (value.is_integer() and 1 <= value <= count):
            return math.nan
        strength = 1 + step * abs(value - middle)
        return strength if value <= middle else 1 / strength

    return decode


CODINGS: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "ratio": lambda value: value,
        "negative-left": _signed(negative_is_left=True),
        "negative-right": _signed(negative_is_left=False),
        "positions-17": _positions(17, 1),
        "positions-9": _positions(9, 2),
    }
)
"""What a bare number says, from left / right: by itself; by its sign, -3 being for the left item (as in the R
package ahpsurvey) or for the right one; by the place of the column, 17 places for 9 … 1 … 9 or 9 places for
9, 7, 5, 3, 1, 3, 5, 7, 9."""


def on_scale(value: float) -> bool:
    """Whether a judgement stands on Saaty's scale: 1/9, …, 1/2, 1, 2, …, 9.

    Examples
    --------
    >>> on_scale(3), on_scale(1 / 3), on_scale(0.33), on_scale(12)
    (True, True, False, False)
    """
    whole = max(value, 1 / value) if value > 0 else math.inf
    return whole < LARGEST + 0.5 and math.isclose(whole, round(whole), rel_tol=1e-9)
