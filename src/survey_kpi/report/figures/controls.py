"""The control chart: a rate by month between the limits of chance, and the months that left them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, UNIT_HEAD, Sheet, y_axis_width
from survey_kpi.report.figures.text import span, ticks, widest
from survey_kpi.report.style import HALF, LIGHT, SMALL, TINY, figure_style

_AIR = 0.6  # of a month, before the first and after the last
_LEVEL = 6.0  # least height in mm between two levels of the grid
_MARKS = {0: ("o", LIGHT.data, 3.0), 1: ("^", LIGHT.worse, 5.0), -1: ("v", LIGHT.better, 5.0)}


@figure_style()
def control_chart(
    periods: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    alarms: Sequence[int],
    *,
    centre: float,
    texts: Sequence[str],
    limits_label: str,
    unit: str = "",
    width: float = HALF,
    height: float = 52.0,
) -> Figure:
    """Draw months between their limits; a month with an alarm is a triangle with its value beside it.

    What to see: the triangles. Points inside the pale band differ by chance alone; an alarm is decided by the
    caller's test, not by the line.

    Parameters
    ----------
    periods
        Labels under the axis, oldest first; thinned out from the right where they would touch.
    values, low, high
        Readings and the limits of each, lower is better.
    alarms
        1 where a reading is above what chance allows, -1 below, 0 otherwise.
    centre
        Solid line: the rate of the baseline.
    texts
        Readings as printed; shown beside the alarms.
    limits_label
        Word at the end of the band.
    unit
        Above the axis.
    width, height
        Size in mm.

    Raises
    ------
    ReportError
        `figure_data`: the columns differ in length or are empty.
    """
    same_length(
        "control_chart", periods=periods, values=values, low=low, high=high, alarms=alarms, texts=texts
    )
    sheet = Sheet.of(width, height)
    limits = span(values, low, high, [0.0])
    left = y_axis_width(*limits)
    right = width - EDGE - widest([limits_label], TINY) - GAP
    ends = (-_AIR, len(values) - 1 + _AIR)
    panel = sheet.panel(left, UNIT_HEAD, right, height - 5.5, x=ends, y=(0.0, limits[1]))
    sheet.y_axis(panel, ticks(0.0, limits[1], int(np.clip(panel.height / _LEVEL, 2, 6))))
    sheet.write(unit, EDGE, 1.6, size=TINY, color=LIGHT.muted)
    at = np.arange(len(values))
    panel.area(at, low, high, LIGHT.interval)
    panel.line(ends, [centre, centre], LIGHT.muted, 0.8)
    panel.line(at, values, LIGHT.data, 0.9)
    for alarm, (marker, color, size) in _MARKS.items():
        here = [index for index in range(len(values)) if alarms[index] == alarm]
        panel.dots(here, [values[index] for index in here], color, marker=marker, size=size)
        for index in here if alarm else ():
            place = panel.x(index) - GAP
            y = panel.y(values[index])
            sheet.write(texts[index], place, y, size=SMALL, color=color, bold=True, align="right")
    sheet.write(limits_label, right + GAP, panel.y(high[-1]), size=TINY, color=LIGHT.muted)
    every = max(1, int(np.ceil((widest(periods, TINY) + 2) * len(periods) / panel.width)))
    for index in range(len(periods) - 1, -1, -every):
        place = panel.bottom + GAP + 0.6
        sheet.write(periods[index], panel.x(index), place, size=TINY, color=LIGHT.muted, align="center")
    return sheet.figure
