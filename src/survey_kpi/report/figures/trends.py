"""Figures of time: the sparkline of a tile and the trend over quarters.

A period that was not measured leaves a gap. (`seaborn.lineplot` would drop it and join its neighbours.)
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import (
    EDGE,
    GAP,
    HAIRLINE,
    UNIT_HEAD,
    Panel,
    Reference,
    Sheet,
    y_axis_width,
)
from survey_kpi.report.figures.text import (
    UNBOUNDED,
    Bounds,
    finite,
    leading,
    span,
    spread,
    ticks,
    widest,
    wrap,
)
from survey_kpi.report.style import HALF, LIGHT, SMALL, TINY, VALUE, figure_style

_LONE_BAR = 5.0  # width in points of the interval of a reading without neighbours
_AIR = 2.2  # in mm between the data and the ends of the panel
_LEVEL = 6.0  # least height in mm between two levels of the grid
_LABEL_MARGIN = 24.0  # most room in mm for words at the right end of a line


@dataclass(frozen=True, slots=True)
class Break:
    """A change of wording, scale or definition: readings before index `before` do not continue after it."""

    before: int
    label: str


@figure_style()
def sparkline(
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    *,
    target: float = math.nan,
    breaks: Sequence[int] = (),
    width: float = 30.0,
    height: float = 9.0,
) -> Figure:
    """Draw the course of one indicator without axes, for a tile.

    What to see: whether the line stays inside its own interval band, on which side of the dashed target it
    runs, and where it stands now (the dot). No dot: the last period was not measured.

    Parameters
    ----------
    values, low, high
        Readings, oldest first, with their intervals; NaN where not measured.
    target
        Height of the dashed line; NaN for none.
    breaks
        Places before which readings do not continue: the line has a gap there.
    width, height
        Size in mm.

    Raises
    ------
    ReportError
        `figure_data`: the columns differ in length or are empty.
    """
    same_length("sparkline", values=values, low=low, high=high)
    sheet = Sheet.of(width, height)
    limits = span(values, low, high, [target])
    ends = (-0.2, len(values) - 0.8)
    panel = sheet.panel(1.2, 1.2, width - 1.2, height - 1.2, x=ends, y=limits)
    if math.isfinite(target):
        panel.line(ends, [target, target], LIGHT.neutral_text, 0.7, dashed=True)
    _course(panel, values, low, high, breaks, dots=False)
    if math.isfinite(values[-1]):
        panel.dots([len(values) - 1], [values[-1]], LIGHT.data)
    return sheet.figure


@figure_style()
def trend(
    periods: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    *,
    last: str = "",
    target: Reference | None = None,
    unit: str = "",
    interval_label: str = "",
    breaks: Sequence[Break] = (),
    bounds: Bounds = UNBOUNDED,
    width: float = HALF,
    height: float = 52.0,
) -> Figure:
    """Draw an indicator over periods with its interval band.

    What to see: whether the band of the last period has left the earlier ones, and whether the target lies
    inside it. Nothing is drawn where nothing was measured, and no line crosses a break.

    Parameters
    ----------
    periods
        Labels under the axis, oldest first; thinned out from the right where they would touch.
    values, low, high
        Readings with their intervals; NaN where not measured.
    last
        The latest reading as printed elsewhere; stands at the end of the line.
    target
        Dashed line with its word.
    unit
        Above the axis.
    interval_label
        Word at the end of the band, such as "95%".
    breaks
        Upright lines with their words.
    bounds
        Least and largest possible value; the axis does not go beyond.
    width, height
        Size in mm.

    Raises
    ------
    ReportError
        `figure_data`: the columns differ in length or are empty.
    """
    same_length("trend", periods=periods, values=values, low=low, high=high)
    sheet = Sheet.of(width, height)
    marks = _end_marks(values, high, last, target, interval_label)
    lowest, highest = span(values, low, high, [target.value] if target else [], bounds=bounds)
    left = y_axis_width(lowest, highest)
    beside = [widest(mark.lines, mark.size, bold=mark.bold) + GAP for mark in marks]
    right = width - EDGE - max([*beside, widest(periods, TINY) / 2])
    words = [wrap(mark.label, right - left, TINY) for mark in breaks]
    head = (UNIT_HEAD if unit else 1.5) + leading(TINY) * sum(map(len, words))
    ends = _ends(len(periods), right - left)
    panel = sheet.panel(left, head, right, height - 5.5, x=ends, y=(lowest, highest))
    if finite(values, low, high):
        sheet.y_axis(panel, ticks(lowest, highest, _levels(panel.height)))
    sheet.write(unit, EDGE, 1.6, size=TINY, color=LIGHT.muted)
    _draw_periods(sheet, panel, periods)
    _draw_breaks(sheet, panel, breaks, words)
    if target:
        panel.line(ends, [target.value] * 2, LIGHT.neutral_text, 0.8, dashed=True)
    _course(panel, values, low, high, [mark.before for mark in breaks], dots=True)
    _draw_ends(sheet, panel, marks, len(periods) - 1)
    return sheet.figure


def _ends(count: int, room: float) -> Bounds:
    """Return axis limits that leave `_AIR` mm before the first and after the last of `count` periods."""
    air = _AIR * (count - 1) / (room - 2 * _AIR) if count > 1 else 0.5
    return -air, count - 1 + air


def _levels(height: float) -> int:
    return int(np.clip(height / _LEVEL, 2, 6))


def runs(measured: Sequence[bool], breaks: Sequence[int] = ()) -> Iterator[NDArray[np.int_]]:
    """Yield the indices of unbroken stretches of measured periods.

    Examples
    --------
    >>> [run.tolist() for run in runs([True, True, False, True, True, True], breaks=[4])]
    [[0, 1], [3], [4, 5]]
    """
    index = np.flatnonzero(measured)
    if index.size:
        cuts = [k for k in range(1, index.size) if index[k] - index[k - 1] > 1 or index[k] in breaks]
        yield from np.split(index, cuts)


def _course(
    panel: Panel,
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    breaks: Sequence[int],
    *,
    dots: bool,
) -> None:
    """Draw band and line, stretch by stretch; a reading that stands alone keeps its dot and its bar."""
    value, lower, upper = (np.asarray(column, dtype=float) for column in (values, low, high))
    known = np.isfinite(value)
    for run in runs(known & np.isfinite(lower) & np.isfinite(upper), breaks):
        if run.size == 1:
            panel.bars(run, lower[run], upper[run], LIGHT.interval, _LONE_BAR)
        else:
            panel.area(run, lower[run], upper[run], LIGHT.interval)
    for run in runs(known, breaks):
        if run.size > 1:
            panel.line(run, value[run], LIGHT.data)
        if run.size == 1 or dots:
            panel.dots(run, value[run], LIGHT.data, size=3.6)


@dataclass(frozen=True, slots=True)
class _EndMark:
    """Words at the end of a line, beside the height `value` in the data."""

    at: float
    value: float
    lines: Sequence[str]
    color: str
    size: float
    bold: bool = False


def _end_marks(
    values: Sequence[float], high: Sequence[float], last: str, target: Reference | None, interval_label: str
) -> list[_EndMark]:
    known = [index for index, value in enumerate(values) if math.isfinite(value)]
    marks = []
    if known and last:
        marks.append(_EndMark(known[-1], values[known[-1]], [last], LIGHT.data, VALUE, bold=True))
    if known and interval_label and math.isfinite(high[known[-1]]):
        lines = wrap(interval_label, _LABEL_MARGIN, TINY)
        marks.append(_EndMark(known[-1], high[known[-1]], lines, LIGHT.muted, TINY))
    if target:
        marks.append(_EndMark(len(values), target.value, wrap(target.label, _LABEL_MARGIN), LIGHT.ink, SMALL))
    return marks


def _draw_ends(sheet: Sheet, panel: Panel, marks: Sequence[_EndMark], last: int) -> None:
    """Write the words at the right edge, or beside the last reading where later periods have none."""
    heights = [leading(mark.size) * len(mark.lines) + 0.3 for mark in marks]
    centres = spread([panel.y(mark.value) for mark in marks], heights, low=panel.top, high=panel.bottom)
    for mark, centre in zip(marks, centres, strict=True):
        x = GAP + (panel.right if mark.at >= last else panel.x(mark.at))
        sheet.write(mark.lines, x, centre, size=mark.size, color=mark.color, bold=mark.bold)


def _draw_periods(sheet: Sheet, panel: Panel, periods: Sequence[str]) -> None:
    slot = panel.width / max(len(periods), 1)
    every = max(1, math.ceil((widest(periods, TINY) + 1) / slot))
    for index in range(len(periods) - 1, -1, -every):
        x = panel.x(index)
        sheet.write(periods[index], x, panel.bottom + GAP + 0.6, size=TINY, color=LIGHT.muted, align="center")


def _draw_breaks(sheet: Sheet, panel: Panel, breaks: Sequence[Break], words: Sequence[Sequence[str]]) -> None:
    y = panel.top - sum(map(len, words)) * leading(TINY)
    for mark, lines in zip(breaks, words, strict=True):
        x, height, wide = panel.x(mark.before - 0.5), len(lines) * leading(TINY), widest(lines, TINY)
        panel.line([mark.before - 0.5] * 2, panel.axes.get_ylim(), LIGHT.neutral_mark, HAIRLINE)
        [centre] = spread([x + wide / 2], [wide], low=EDGE, high=sheet.width - EDGE)
        sheet.write(lines, centre - wide / 2, y + height / 2, size=TINY, color=LIGHT.muted)
        y += height
