"""Indicator weights by several methods, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from survey_kpi.errors import ReportError
from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.layout import Rows
from survey_kpi.report.figures.sheet import EDGE, GAP, HAIRLINE, Panel, Sheet
from survey_kpi.report.figures.text import finite, leading, widest, wrap
from survey_kpi.report.style import FULL, LIGHT, SMALL, figure_style

_NARROWEST = 6.0  # an axis shorter than this in mm shows nothing
_GUTTER = 4.0
_STEM = 3.0  # width in points of the stretch from zero to the dot


@dataclass(frozen=True, slots=True)
class Weighting:
    """Indicator weights by one method, one for each indicator; NaN where the method gives none.

    Parameters
    ----------
    label
        Name of the method.
    values, texts
        Indicator weights and how they are printed.
    low, high
        Their intervals; empty for none.
    final
        Whether these are the weights that are used.
    """

    label: str
    values: Sequence[float]
    texts: Sequence[str]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    final: bool = False


@figure_style()
def weights(indicators: Sequence[str], methods: Sequence[Weighting], *, width: float = FULL) -> Figure:
    """Draw one panel for each method on one scale, the weights in use in the colour of data.

    What to see: where the methods agree on an indicator, and which indicator carries the score.

    Parameters
    ----------
    indicators
        Names of the rows, from top to bottom.
    methods
        From left to right.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: a method has not one value for each indicator; `figure_too_narrow`: the methods do
        not fit side by side.
    """
    same_length("weights", methods=methods)
    for method in methods:
        ends = {"low": method.low or method.values, "high": method.high or method.values}
        same_length("weights", indicators=indicators, values=method.values, texts=method.texts, **ends)
    rows = Rows.of(indicators, width)
    texts = [widest(method.texts, bold=method.final) for method in methods]
    column = (width - EDGE - rows.left + _GUTTER) / max(len(methods), 1)
    axis = column - _GUTTER - GAP - max(texts, default=0.0)
    if axis < _NARROWEST:
        raise ReportError(
            "figure_too_narrow",
            where="weights",
            what=f"{len(methods)} methods do not fit side by side",
            got=f"{axis:.1f} mm for each",
            expected=f"at least {_NARROWEST:g} mm",
            hint="use the full width, fewer methods or shorter names of indicators",
        )
    heads = [wrap(method.label, column - _GUTTER, bold=method.final) for method in methods]
    top = leading(SMALL) * max(map(len, heads), default=0) + 1.4
    sheet = Sheet.of(width, top + rows.height + 1)
    rows.write_labels(sheet, top)
    most = max(
        finite(*(method.values for method in methods), *(method.high for method in methods)), default=1.0
    )
    for index, (method, head) in enumerate(zip(methods, heads, strict=True)):
        left = rows.left + index * column
        panel = sheet.panel(left, top, left + axis, top + rows.height, x=(0, most or 1.0), y=(rows.height, 0))
        color = LIGHT.ink if method.final else LIGHT.muted
        y = top - 1.4 - leading(SMALL) * len(head) / 2
        sheet.write(head, left, y, color=color, bold=method.final)
        _draw_method(sheet, panel, method, rows.middles, left + column - _GUTTER)
    return sheet.figure


def _draw_method(
    sheet: Sheet, panel: Panel, method: Weighting, middles: Sequence[float], right: float
) -> None:
    color = LIGHT.data if method.final else LIGHT.neutral_mark
    panel.line([0, 0], [0, panel.height], LIGHT.muted, HAIRLINE, z=0)
    pale = LIGHT.interval if method.final else LIGHT.line
    panel.segments([0.0] * len(middles), method.values, middles, pale, _STEM)
    if method.low:
        panel.segments(method.low, method.high, middles, color)
    panel.dots(method.values, middles, color)
    words = LIGHT.ink if method.final else LIGHT.muted
    for value, text, middle in zip(method.values, method.texts, middles, strict=True):
        y = panel.top + middle
        sheet.write(text, right, y, color=words if math.isfinite(value) else LIGHT.neutral_text,
                    bold=method.final, align="right")  # fmt: skip
