"""Lines over a choice: what noise earns by the number of its columns, and the way between two weightings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, UNIT_HEAD, Panel, Reference, Sheet, y_axis_width
from survey_kpi.report.figures.text import leading, span, spread, ticks, widest, wrap
from survey_kpi.report.style import FULL, HALF, LIGHT, SMALL, TINY, figure_style

_HEIGHT = 44.0
_FOOT = 9.0


@figure_style()
def noise_path(
    counts: Sequence[int],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    fair: Sequence[float],
    *,
    earned_label: str,
    fair_label: str,
    x_label: str,
    width: float = HALF,
) -> Figure:
    """Draw what columns of noise earn, with the band of the draws, against what equal weights would give.

    What to see: whether the solid line runs above the dashed one, that is, noise weighs more than its share.

    Parameters
    ----------
    counts
        Numbers of noise columns.
    values, low, high
        Their total weight: mean and band.
    fair
        Their share at equal weights.
    earned_label, fair_label, x_label
        Words at the lines' ends and under the axis.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: the columns are not equally long.
    """
    same_length("noise_path", counts=counts, values=values, low=low, high=high, fair=fair)
    limits = (0.0, span(values, high, fair)[1])
    left = y_axis_width(*limits)
    room = width / 3
    words = [wrap(earned_label, room), wrap(fair_label, room)]
    right = width - EDGE - max(map(widest, words)) - GAP
    sheet = Sheet.of(width, _HEIGHT + _FOOT)
    panel = sheet.panel(left, 2, right, _HEIGHT, x=(min(counts), max(counts)), y=limits)
    sheet.y_axis(panel, ticks(*limits))
    sheet.x_axis(panel, [float(count) for count in counts], x_label)
    panel.area(counts, low, high, LIGHT.interval)
    panel.line(counts, fair, LIGHT.muted, dashed=True)
    panel.line(counts, values, LIGHT.data)
    panel.dots(counts, values, LIGHT.data)
    wanted = [panel.y(values[-1]), panel.y(fair[-1])]
    sizes = [len(lines) * leading(SMALL) + 1 for lines in words]
    places = spread(wanted, sizes, low=0, high=sheet.height)
    for lines, place, color in zip(words, places, (LIGHT.data, LIGHT.muted), strict=True):
        sheet.write(lines, right + GAP, place, color=color)
    return sheet.figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A weight on the way: its name, and its value at the start and at the end."""

    label: str
    start: float
    end: float


@figure_style()
def alpha_path(
    lines: Sequence[Line],
    alphas: Sequence[float],
    turned: Sequence[float],
    *,
    stays: tuple[float, float],
    declared: Reference | None,
    heads: tuple[str, str],
    ends: tuple[str, str],
    stays_label: str,
    width: float = FULL,
) -> Figure:
    """Draw the weights on the way from one method to the other, and below what becomes of the ranks.

    What to see: where lines cross, indicators change places; where the lower line leaves zero, subjects do.
    The pale stretch is where no rank changes.

    Parameters
    ----------
    lines
        Weights, straight between the two ends.
    alphas, turned
        Shares of the second method's opposite, and percent of pairs of subjects in another order.
    stays
        Stretch without any change of ranks.
    declared
        The share in the rules, with its word.
    heads
        What the upper and the lower panel show.
    ends
        Names of the methods at 0 and at 1.
    stays_label
        Word of the pale stretch.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there is nothing to draw.
    """
    same_length("alpha_path", alphas=alphas, turned=turned)
    same_length("alpha_path", lines=lines)
    top_limits = (0.0, span([line.start for line in lines], [line.end for line in lines])[1])
    low_limits = (0.0, max(*turned, 1.0) * 1.1)
    left = max(y_axis_width(*top_limits), y_axis_width(*low_limits, 3))
    names = [wrap(line.label, width * 0.22) for line in lines]
    right = width - EDGE - max(map(widest, names)) - GAP
    first, second, gap = 28.0, 13.0, UNIT_HEAD + 3
    head = UNIT_HEAD + leading(SMALL)
    sheet = Sheet.of(width, head + first + gap + second + _FOOT)
    upper = sheet.panel(left, head, right, head + first, x=(0, 1), y=top_limits)
    lower = sheet.panel(left, head + first + gap, right, head + first + gap + second, x=(0, 1), y=low_limits)
    for panel, limits, count in ((upper, top_limits, 5), (lower, low_limits, 3)):
        panel.area(stays, [limits[0]] * 2, [limits[1]] * 2, LIGHT.interval_outer, z=-1)
        sheet.y_axis(panel, ticks(*limits, count))
        if declared:
            panel.uprights([declared.value], LIGHT.muted, 0.8, dashed=True)
    for line in lines:
        upper.line([0, 1], [line.start, line.end], LIGHT.data)
    lower.line(alphas, turned, LIGHT.data)
    _names(sheet, upper, names, [line.end for line in lines])
    sheet.write(heads[0], left, UNIT_HEAD / 2, color=LIGHT.muted)
    sheet.write(heads[1], left, lower.top - 3.2, color=LIGHT.muted)
    _words_above(sheet, upper, stays, declared, stays_label, head)
    sheet.x_axis(lower, [0, 0.2, 0.4, 0.6, 0.8, 1])
    base = lower.bottom + GAP + leading(TINY)
    sheet.write(ends[0], left, base, size=TINY, color=LIGHT.muted)
    sheet.write(ends[1], right, base, size=TINY, color=LIGHT.muted, align="right")
    return sheet.figure


def _names(sheet: Sheet, panel: Panel, names: Sequence[Sequence[str]], values: Sequence[float]) -> None:
    sizes = [len(lines) * leading(SMALL) + 0.8 for lines in names]
    places = spread([panel.y(value) for value in values], sizes, low=0, high=panel.bottom + 6)
    for lines, place in zip(names, places, strict=True):
        sheet.write(lines, panel.right + GAP, place)


def _words_above(
    sheet: Sheet,
    panel: Panel,
    stays: tuple[float, float],
    declared: Reference | None,
    label: str,
    head: float,
) -> None:
    """Write the words of the stretch and of the declared share side by side above the panel."""
    words = [(label, (stays[0] + stays[1]) / 2)]
    if declared:
        words.append((declared.label, declared.value))
    sizes = [widest([word]) + GAP for word, _ in words]
    centres = spread([panel.x(at) for _, at in words], sizes, low=panel.left, high=panel.right)
    for (word, _), centre in zip(words, centres, strict=True):
        sheet.write(word, centre, head - leading(SMALL) / 2 - 0.6, color=LIGHT.muted, align="center")
