"""Where words go: wrapping labels, keeping them apart, and the numbers on an axis.

All lengths are millimetres.

Examples
--------
>>> wrap("First-contact resolution of complaints", 25, 7.5)
['First-contact', 'resolution of', 'complaints']
>>> spread([10, 11, 30], [4, 4, 4], low=0, high=40)
[8.5, 12.5, 30.0]
>>> tick_labels(ticks(-2.2, 4.1))
['−2', '0', '2', '4']
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from matplotlib.ticker import MaxNLocator
from scipy.optimize import isotonic_regression

from survey_kpi.report.style import SMALL, TINY, mm, printable, text_width

Bounds = tuple[float, float]
UNBOUNDED: Bounds = (-math.inf, math.inf)

_LEADING = 1.2
_CLOSING = "，。、；：！？）》」』”’…％%"
_OPENING = "（《「『“‘"
_GLUE = "\u00a0\u202f"
_PIECE = re.compile(
    rf"[{_OPENING}]*(?:(?:[^\s⺀-鿿豈-﫿＀-￯]|[{_GLUE}])+|\S)[{_CLOSING}]*\s?"
)  # a Latin word or one Han character, with the punctuation that clings to it
_PAD = 0.06
_MOST_TICKS = 7
_BETWEEN = 2.5  # least distance in mm between two numbers of an axis
_STEPS = [1, 2, 5, 10]


def leading(size: float) -> float:
    """Return the distance between two lines of type."""
    return mm(size) * _LEADING


def wrap(text: str, width: float, size: float = SMALL, *, bold: bool = False) -> list[str]:
    """Break text into lines no wider than `width`; a word that is too long is broken inside."""
    lines = [""]
    for piece in _pieces(printable(text), width, size, bold):
        if text_width((lines[-1] + piece).rstrip(), size, bold) > width and lines[-1]:
            lines.append("")
        lines[-1] += piece
    return [line.rstrip() for line in lines if line.strip()]


def _pieces(text: str, width: float, size: float, bold: bool) -> Iterator[str]:
    for piece in _PIECE.findall(text):
        fits = text_width(piece.rstrip(), size, bold) <= width
        yield from [piece] if fits else piece


def widest(texts: Iterable[str], size: float = SMALL, *, bold: bool = False) -> float:
    """Return the width of the widest line; 0 when there is none."""
    return max((text_width(printable(text), size, bold) for text in texts), default=0.0)


def spread(wanted: Sequence[float], sizes: Sequence[float], *, low: float, high: float) -> list[float]:
    """Move the centres of labels as little as possible so that none overlaps another.

    Parameters
    ----------
    wanted
        Where the centre of each label would stand if it were alone.
    sizes
        Extent of each label along the line, gap included.
    low, high
        Ends of the line; together the labels must not be longer than it.

    Returns
    -------
    Centres in the order given: the least-squares solution, by isotonic regression. Labels keep the order
    of their near ends; equal ones that of the call.
    """
    order = np.argsort(np.round(np.subtract(wanted, np.divide(sizes, 2)), 6), kind="stable")
    size = np.asarray(sizes, dtype=float)[order]
    offset = np.cumsum(size) - size / 2  # centres if the labels stood in a row from 0
    slack = np.asarray(wanted, dtype=float)[order] - offset
    placed = np.empty(len(order))
    if len(order):
        placed[order] = np.clip(isotonic_regression(slack).x, low, high - size.sum()) + offset
    return [float(centre) for centre in placed]


def finite(*series: Iterable[float]) -> list[float]:
    """Return all finite numbers of the series."""
    return [number for numbers in series for number in numbers if math.isfinite(number)]


def span(*series: Iterable[float], bounds: Bounds = UNBOUNDED) -> tuple[float, float]:
    """Return axis limits that hold every finite number with some air, but nothing impossible."""
    numbers = finite(*series) or [0.0, 1.0]
    low, high = min(numbers), max(numbers)
    air = _PAD * (high - low) or max(abs(high) * _PAD, 1e-9)
    return max(low - air, min(bounds[0], low)), min(high + air, max(bounds[1], high))


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Return round numbers inside the limits, at most some `count` of them."""
    found = MaxNLocator(nbins=count, steps=_STEPS).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [float(tick) for tick in found if low - slack <= tick <= high + slack]


def fitting_ticks(low: float, high: float, room: float) -> list[float]:
    """Return the most round numbers whose labels stand side by side on an axis `room` mm long."""
    for count in range(_MOST_TICKS, 1, -1):
        found = ticks(low, high, count)
        needed = (widest(tick_labels(found), TINY) + _BETWEEN) * (len(found) - 1)
        if not found or needed <= room * (found[-1] - found[0]) / (high - low):
            break
    return found


def tick_labels(values: Sequence[float]) -> list[str]:
    """Return the numbers with the decimals that their step needs, a true minus, no power of ten."""
    step = values[1] - values[0] if len(values) > 1 else abs(values[0]) if values else 1
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step else 0
    return [_number(value, decimals) for value in values]


def _number(value: float, decimals: int) -> str:
    text = f"{value:,.{decimals}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", "−")
