"""Figures of one whole and its parts: stacked bars of shares and counts, and the histogram of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

import numpy as np
import seaborn as sns
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, HAIRLINE, MARKS, Panel, Sheet
from survey_kpi.report.figures.text import leading, spread, widest, wrap
from survey_kpi.report.style import FULL, HALF, LIGHT, SMALL, TINY, VALUE, figure_style

_BAR = 6.0  # height of a stacked bar in mm
_CUT = 0.35  # paper between two parts in mm
_SWATCH = 2.8  # room in mm for the mark before a word
_FIRSTS, _LAST = (0, 7, 9), 10  # first answer of each zone, last answer of all


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a whole: its size, its word, and its size as printed."""

    size: float
    label: str
    text: str


_Look = tuple[str, str]  # marker before the word, colour
_ZONES: tuple[_Look, ...] = (("s", LIGHT.muted), ("s", LIGHT.line), ("s", LIGHT.data))
_TIERS: tuple[_Look, ...] = (MARKS["better"], MARKS["same"], MARKS["worse"], ("s", LIGHT.line))


@figure_style()
def nps_bar(detractors: Part, passives: Part, promoters: Part, *, width: float = FULL) -> Figure:
    """Draw the three groups of a net promoter score as one bar.

    What to see: the score is the right part less the left part; the pale middle does not count.

    Parameters
    ----------
    detractors, passives, promoters
        Shares or counts, with their words and texts.
    width
        In mm.
    """
    return _stacked((detractors, passives, promoters), _ZONES, width)


@figure_style()
def tier_counts(above: Part, same: Part, below: Part, too_few: Part, *, width: float = FULL) -> Figure:
    """Draw how many subjects are told apart from the whole, and how many are not, as one bar.

    What to see: the grey middle, usually nearly everybody. Nobody is named or ranked.

    Parameters
    ----------
    above, same, below, too_few
        Counts, with their words and texts; a count of 0 keeps its word.
    width
        In mm.
    """
    return _stacked((above, same, below, too_few), _TIERS, width)


@figure_style()
def score_histogram(
    counts: Sequence[float],
    zones: Sequence[Part],
    *,
    texts: Sequence[str] = (),
    caption: str = "",
    width: float = HALF,
    height: float = 46.0,
) -> Figure:
    """Draw the answers 0 to 10 as columns under their three zones.

    What to see: where the answers heap up, and how many stand just below a zone's edge.

    Parameters
    ----------
    counts
        Answers of 0, 1, …, 10.
    zones
        Detractors, passives, promoters with their words and texts; their size is not drawn.
    texts
        Counts as printed above the columns; none for no labels.
    caption
        Under the axis: what the numbers are.
    width, height
        Size in mm.

    Raises
    ------
    ReportError
        `figure_data`: not 11 counts or not 3 zones.
    """
    same_length("score_histogram", scores=range(_LAST + 1), counts=counts, texts=texts or counts)
    same_length("score_histogram", firsts=_FIRSTS, zones=zones)
    sheet = Sheet.of(width, height)
    room = width - 2 * EDGE
    edges = [EDGE + room * first / (_LAST + 1) for first in (*_FIRSTS, _LAST + 1)]
    words = [wrap(zone.label, edges[i + 1] - edges[i] - 1) for i, zone in enumerate(zones)]
    head = leading(SMALL) * max(map(len, words)) + leading(VALUE) + 1.6
    foot = 4.6 + (leading(TINY) if caption else 0)
    top = head + (leading(TINY) + 1.6 if texts else 1)
    panel = sheet.panel(EDGE, top, width - EDGE, height - foot, x=(-0.5, _LAST + 0.5), y=(0, 1))
    _draw_columns(panel, counts)
    for zone, lines, look, left, right in zip(zones, words, _ZONES, edges, edges[1:], strict=False):
        _write_zone(sheet, lines, zone.text, look[1], left, right - 1, head)
    for score, count in enumerate(counts):
        x = panel.x(score)
        sheet.write(str(score), x, panel.bottom + GAP, size=TINY, color=LIGHT.muted, align="center")
        if texts:
            sheet.write(texts[score], x, panel.y(count) - 1.6, size=TINY, align="center")
    sheet.write(caption, width - EDGE, height - 1.6, size=TINY, color=LIGHT.muted, align="right")
    return sheet.figure


def _draw_columns(panel: Panel, counts: Sequence[float]) -> None:
    scores = list(range(_LAST + 1))
    limits = panel.axes.get_xlim()
    sns.barplot(
        x=scores,
        y=list(counts),
        hue=np.digitize(scores, _FIRSTS[1:]),
        palette=[color for _, color in _ZONES],
        native_scale=True,
        dodge=False,
        saturation=1,
        width=0.76,
        errorbar=None,
        legend=False,
        clip_on=False,
        ax=panel.axes,
    )
    panel.axes.set(xlim=limits, ylim=(0, max([*counts, 1])))
    for patch in chain.from_iterable(panel.axes.containers):
        patch.set(edgecolor=_outline(to_hex(patch.get_facecolor())), linewidth=HAIRLINE)
    panel.line(limits, [0, 0], LIGHT.muted, HAIRLINE, z=4)


def _write_zone(
    sheet: Sheet, lines: Sequence[str], text: str, color: str, left: float, right: float, head: float
) -> None:
    """Write a zone's words over a rule of the zone's colour that spans its columns."""
    block = leading(SMALL) * len(lines)
    bottom = head - 1.6 - leading(VALUE)
    sheet.write(lines, left, bottom - block / 2, color=LIGHT.muted)
    sheet.write(text, left, bottom + leading(VALUE) / 2, size=VALUE, bold=True)
    rule = sheet.panel(left, head - 1, right, head, x=(0, 1), y=(0, 1))
    rule.line([0, 1], [0.5, 0.5], color, 2)


def _stacked(parts: Sequence[Part], looks: Sequence[_Look], width: float) -> Figure:
    """Draw parts side by side under their words; each word starts at its part, or as near as it can."""
    words = [wrap(part.label, width / len(parts) - _SWATCH - GAP) for part in parts]
    head = leading(SMALL) * max(map(len, words)) + leading(VALUE) + 1
    sheet = Sheet.of(width, head + _BAR + EDGE)
    total = sum(part.size for part in parts) or 1.0
    panel = sheet.panel(EDGE, 0, width - EDGE, sheet.height, x=(0, total), y=(sheet.height, 0))
    starts = [0.0, *accumulate(part.size for part in parts)]
    sizes = [_SWATCH + _width(part, lines) + GAP for part, lines in zip(parts, words, strict=True)]
    wanted = [panel.x(start) + size / 2 for start, size in zip(starts, sizes, strict=False)]
    centres = spread(wanted, sizes, low=EDGE, high=width + GAP - EDGE)
    for index, part in enumerate(parts):
        left = centres[index] - sizes[index] / 2
        _draw_part(panel, starts[index], part.size, looks[index][1], head)
        _write_part(sheet, panel, part, words[index], looks[index], left, head)
    return sheet.figure


def _width(part: Part, lines: Sequence[str]) -> float:
    return max(widest(lines), widest([part.text], VALUE, bold=True))


def _outline(color: str) -> str:
    return LIGHT.neutral_mark if color == LIGHT.line else "none"


def _draw_part(panel: Panel, start: float, size: float, color: str, top: float) -> None:
    cut = min(_CUT / panel.width * np.ptp(panel.axes.get_xlim()), size / 2)
    if size > 0:
        panel.area([start, start + size - cut], [top + _BAR] * 2, [top] * 2, color, edge=_outline(color))


def _write_part(
    sheet: Sheet, panel: Panel, part: Part, lines: Sequence[str], look: _Look, left: float, head: float
) -> None:
    bottom = head - 1 - leading(VALUE)
    first = bottom - leading(SMALL) * (len(lines) - 0.5)
    low, high = panel.axes.get_xlim()
    panel.dots(
        [low + (left + 0.9 - panel.left) / panel.width * (high - low)],
        [first],
        look[1],
        marker=look[0],
        edge=_outline(look[1]),
    )
    sheet.write(lines, left + _SWATCH, bottom - leading(SMALL) * len(lines) / 2, color=LIGHT.muted)
    sheet.write(part.text, left + _SWATCH, bottom + leading(VALUE) / 2, size=VALUE, bold=True)
