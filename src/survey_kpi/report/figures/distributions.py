"""How numbers are spread: quartiles row by row, and shares of a whole that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.layout import Rows
from survey_kpi.report.figures.sheet import EDGE, GAP, HAIRLINE, Sheet
from survey_kpi.report.figures.text import fitting_ticks, leading, span, widest
from survey_kpi.report.style import FULL, HALF, LIGHT, SMALL, figure_style

_THICK = 2.4
_FOOT = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartiles:
    """Least, quartiles and most of some numbers, and the one they are held against."""

    label: str
    least: float
    lower: float
    median: float
    upper: float
    most: float
    mark: float


@figure_style()
def quartiles(
    rows: Sequence[Quartiles], *, spread_label: str, mark_label: str, width: float = HALF
) -> Figure:
    """Draw the spread of each row: a line from least to most, a box of the middle half, the median, a mark.

    What to see: how far single numbers lie from the one in use.

    Parameters
    ----------
    rows
        From top to bottom.
    spread_label, mark_label
        What box and line are, and what the mark is.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there are no rows.
    """
    same_length("quartiles", rows=rows)
    layout = Rows.of([row.label for row in rows], width)
    limits = (0.0, span([row.most for row in rows], [row.mark for row in rows])[1])
    head = leading(SMALL) * 2 + 1
    sheet = Sheet.of(width, head + layout.height + _FOOT)
    edges = (layout.left, head, width - EDGE - 1, head + layout.height)
    panel = sheet.panel(*edges, x=limits, y=(layout.height, 0))
    numbers = fitting_ticks(*limits, panel.width)
    sheet.x_axis(panel, numbers)
    panel.uprights(numbers)
    layout.write_labels(sheet, head)
    for row, middle in zip(rows, layout.middles, strict=True):
        panel.segments([row.least], [row.most], [middle], LIGHT.neutral_mark, 0.8)
        panel.area([row.lower, row.upper], [middle + _THICK / 2] * 2, [middle - _THICK / 2] * 2,
                   LIGHT.interval, edge=LIGHT.neutral_mark)  # fmt: skip
        panel.line([row.median] * 2, [middle - _THICK / 2, middle + _THICK / 2], LIGHT.muted)
        panel.dots([row.mark], [middle], LIGHT.data)
    page, y = sheet.overlay(), leading(SMALL) / 2
    page.area([EDGE, EDGE + 4], [y + 1] * 2, [y - 1] * 2, LIGHT.interval, edge=LIGHT.neutral_mark)
    sheet.write(spread_label, EDGE + 4 + GAP, y, color=LIGHT.muted)
    y += leading(SMALL)
    page.dots([EDGE + 2], [y], LIGHT.data)
    sheet.write(mark_label, EDGE + 4 + GAP, y, color=LIGHT.muted)
    return sheet.figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """A cause of variance: percent that it explains alone, and with all its interactions."""

    label: str
    alone: float
    total: float
    text: str


@figure_style()
def variance_bars(
    factors: Sequence[Factor], *, alone_label: str, total_label: str, width: float = FULL
) -> Figure:
    """Draw what each factor explains: the solid bar alone, the pale one with all interactions.

    What to see: which bar is long. The pale parts overlap, so they may add up to more than 100.

    Parameters
    ----------
    factors
        From top to bottom.
    alone_label, total_label
        Words of the solid and of the pale bar.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there is nothing to draw.
    """
    same_length("variance_bars", factors=factors)
    layout = Rows.of([factor.label for factor in factors], width)
    texts = widest((factor.text for factor in factors), bold=True)
    head = leading(SMALL) * 2 + 1
    sheet = Sheet.of(width, head + layout.height + _FOOT)
    edges = (layout.left, head, width - EDGE - texts - 2 * GAP, head + layout.height)
    panel = sheet.panel(*edges, x=(0, 100), y=(layout.height, 0))
    numbers = [0.0, 20, 40, 60, 80, 100]
    sheet.x_axis(panel, numbers)
    panel.uprights(numbers)
    panel.line([0, 0], [0, layout.height], LIGHT.muted, HAIRLINE, z=4)
    layout.write_labels(sheet, head)
    for factor, middle in zip(factors, layout.middles, strict=True):
        for value, color, z in ((factor.total, LIGHT.interval, 1), (factor.alone, LIGHT.data, 2)):
            if value > 0:
                panel.area([0, value], [middle + _THICK / 2] * 2, [middle - _THICK / 2] * 2, color, z=z)
        sheet.write(factor.text, width - EDGE, head + middle, bold=True, align="right")
    page, y = sheet.overlay(), leading(SMALL) / 2
    for word, color in ((alone_label, LIGHT.data), (total_label, LIGHT.interval)):
        page.area([EDGE, EDGE + 4], [y + 1] * 2, [y - 1] * 2, color)
        sheet.write(word, EDGE + 4 + GAP, y, color=LIGHT.muted)
        y += leading(SMALL)
    return sheet.figure
