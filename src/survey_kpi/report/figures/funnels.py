"""The funnel plot: a fair comparison of people of unlike bases, without their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.figure import Figure

from survey_kpi.errors import ReportError
from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, MARKS, UNIT_HEAD, Panel, Reference, Sheet, y_axis_width
from survey_kpi.report.figures.text import (
    UNBOUNDED,
    Bounds,
    finite,
    fitting_ticks,
    leading,
    span,
    spread,
    ticks,
    widest,
    wrap,
)
from survey_kpi.report.style import HALF, LIGHT, TINY, figure_style

Verdict = Literal["same", "better", "worse"]
_ORDER: tuple[Verdict, ...] = ("same", "better", "worse")  # the few stand above the many
_LABEL_MARGIN = 24.0


@dataclass(frozen=True, slots=True)
class Limits:
    """Control limits over the base, as computed by the caller (exact ones step), and their word ("95%")."""

    n: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    label: str


@figure_style()
def funnel(
    n: Sequence[float],
    values: Sequence[float],
    verdicts: Sequence[Verdict],
    *,
    centre: Reference,
    inner: Limits,
    outer: Limits,
    unit: str = "",
    caption: str = "",
    bounds: Bounds = UNBOUNDED,
    width: float = HALF,
    height: float = 58.0,
) -> Figure:
    """Draw one mark for each person over the number of answers behind it, inside the limits of chance.

    What to see: points inside the funnel cannot be told from the whole, however far they seem from the line;
    the fewer answers, the wider it is. Triangles were found different by the caller's test, not by the eye.

    Parameters
    ----------
    n, values, verdicts
        Base, value and finding of each person, without names.
    centre
        The value of the whole with its word.
    inner, outer
        The two pairs of limits, 95% and 99.8% as a rule.
    unit, caption
        Above the y axis; under the x axis.
    bounds
        Least and largest possible value; the axis does not go beyond.
    width, height
        Size in mm.

    Raises
    ------
    ReportError
        `figure_data`: the columns differ in length, are empty, or lack a number or a known verdict.
    """
    same_length("funnel", n=n, values=values, verdicts=verdicts)
    _check_people(n, values, verdicts)
    sheet = Sheet.of(width, height)
    limits = span(values, [centre.value], _typical(outer, n), bounds=bounds)
    labels = [(centre.value, centre.label), (inner.high[-1], inner.label), (outer.high[-1], outer.label)]
    words = [wrap(label, _LABEL_MARGIN, TINY) for _, label in labels]
    right = width - EDGE - GAP - max(map(_tiny, words))
    foot = 4.4 + (leading(TINY) if caption else 0)
    reach = (min([*inner.n, *n]), max([*inner.n, *n]))
    head = UNIT_HEAD if unit else 1.5
    panel = sheet.panel(y_axis_width(*limits), head, right, height - foot, x=reach, y=limits)
    for band, color in ((outer, LIGHT.interval_outer), (inner, LIGHT.interval)):
        panel.area(band.n, np.clip(band.low, *limits), np.clip(band.high, *limits), color, z=-1)
    sheet.write(unit, EDGE, 1.6, size=TINY, color=LIGHT.muted)
    sheet.y_axis(panel, ticks(*limits))
    sheet.x_axis(panel, fitting_ticks(*reach, panel.width), caption)
    panel.line(reach, [centre.value] * 2, LIGHT.ink, 0.8)
    _draw_people(panel, n, values, verdicts)
    heights = [leading(TINY) * len(lines) + 0.3 for lines in words]
    wanted = [panel.y(float(np.clip(value, *limits))) for value, _ in labels]
    for lines, y in zip(words, spread(wanted, heights, low=EDGE, high=panel.bottom), strict=True):
        sheet.write(
            lines, panel.right + GAP, y, size=TINY, color=LIGHT.ink if lines is words[0] else LIGHT.muted
        )
    return sheet.figure


def _check_people(n: Sequence[float], values: Sequence[float], verdicts: Sequence[Verdict]) -> None:
    unknown = sorted(set(verdicts) - set(_ORDER))
    missing = len(values) * 2 - len(finite(n, values))
    if unknown or missing:
        raise ReportError(
            "figure_data",
            where="figure 'funnel'",
            what="every person needs a base, a value and a known verdict",
            got=f"verdicts {unknown}" if unknown else f"{missing} missing numbers",
            expected=f"finite numbers and one of {', '.join(_ORDER)}",
            hint="count people with too few answers in tier_counts",
        )


def _tiny(lines: Sequence[str]) -> float:
    return widest(lines, TINY)


def _typical(outer: Limits, n: Sequence[float]) -> list[float]:
    """Return the outer limits at the median base: at the smallest ones they would flatten the rest."""
    middle = np.median(n) if len(n) else np.median(outer.n)
    return [float(np.interp(middle, outer.n, ends)) for ends in (outer.low, outer.high)]


def _draw_people(
    panel: Panel, n: Sequence[float], values: Sequence[float], verdicts: Sequence[Verdict]
) -> None:
    people = list(zip(n, values, verdicts, strict=True))
    for verdict in _ORDER:
        marker, color = MARKS[verdict]
        chosen = [(base, value) for base, value, found in people if found == verdict]
        if chosen:
            bases, heights = zip(*chosen, strict=True)
            panel.dots(bases, heights, color, marker=marker, size=3.8 if verdict == "same" else 5.0)
