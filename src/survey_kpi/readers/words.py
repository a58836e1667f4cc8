"""Single words to numbers: answers, durations and units, by declared rules and nothing else."""

from __future__ import annotations

import math
import re
import unicodedata

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_UNIT = re.compile(r"\s*(?:分|星|级|points?|pts?|stars?)\.?", re.IGNORECASE)
_MINUS = str.maketrans("−–﹣－", "----")
_CLOCK = re.compile(
    r"(?:(?P<hours>[0-9]{1,4}):)(?P<minutes>[0-5]?[0-9]):(?P<seconds>[0-5]?[0-9](?:\.[0-9]+)?)"
)
_SPOKEN = re.compile(
    r"(?:(?P<days>[0-9]+)\s*(?:天|days?|d)\s*)?"
    r"(?:(?P<hours>[0-9]+)\s*(?:小时|时|hours?|hrs?|h)\s*)?"
    r"(?:(?P<minutes>[0-9]+)\s*(?:分钟|分|minutes?|mins?|m)\s*)?"
    r"(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)\s*(?:秒钟|秒|seconds?|secs?|s)?\s*)?",
    re.IGNORECASE,
)
_SECONDS = {"days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def number(text: str) -> float | None:
    """Return a number that is written as one, in ASCII digits; None for anything else.

    Examples
    --------
    >>> number("5"), number(" 9.5 "), number("９"), number("nan"), number("1_000"), number("1e999")
    (5.0, 9.5, None, None, None, None)
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def loose_number(text: str) -> float | None:
    """Return a number written in full-width digits or with a unit of rating.

    Examples
    --------
    >>> [loose_number(text) for text in ("９", "9 分", "5 stars", "−1", "九")]
    [9.0, 9.0, 5.0, -1.0, None]
    """
    plain = unicodedata.normalize("NFKC", text).translate(_MINUS).strip()
    found = _NUMBER.match(plain)
    if not found or not (found.end() == len(plain) or _UNIT.fullmatch(plain, found.end())):
        return None
    return number(found[0])


def seconds(text: str) -> float | None:
    """Return a duration in seconds; a bare number is seconds, and "1:35" is none: it has two meanings.

    Examples
    --------
    >>> [seconds(text) for text in ("95秒", "1分35秒", "00:01:35", "1h 2m", "95", "1:35")]
    [95.0, 95.0, 95.0, 3720.0, 95.0, None]
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if (value := number(plain)) is not None:
        return value
    found = _CLOCK.fullmatch(plain) or _SPOKEN.fullmatch(plain)
    if not plain or not found:
        return None
    parts = {unit: part for unit, part in found.groupdict().items() if part}
    total = sum(float(part) * _SECONDS[unit] for unit, part in parts.items())
    return total if math.isfinite(total) else None
