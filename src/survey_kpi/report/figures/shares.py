"""Figures of one whole and its parts: stacked bars of shares and counts, and the histogram of scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, pairwise

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
_RULE = 1.0  # height of the line over the columns of a zone in mm
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
    columns = width - 2 * EDGE
    edges = [EDGE + columns * first / (_LAST + 1) for first in (*_FIRSTS, _LAST + 1)]
    rooms = [right - left - 1 for left, right in pairwise(edges)]
    words = [_Words.of(zone, room) for zone, room in zip(zones, rooms, strict=True)]
    head = max(zone.height for zone in words)
    foot = 4.6 + (leading(TINY) if caption else 0)
    top = head + _RULE + (leading(TINY) + 1.6 if texts else 1)
    panel = sheet.panel(EDGE, top, width - EDGE, height - foot, x=(-0.5, _LAST + 0.5), y=(0, 1))
    _draw_columns(panel, counts)
    rules = sheet.overlay()
    for zone, (_, color), (left, right) in zip(words, _ZONES, pairwise(edges), strict=True):
        zone.write(sheet, left, head)
        rules.line([left, right - 1], [head + _RULE / 2] * 2, color, 2)
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
        edge = _outline(to_hex(patch.get_facecolor()))
        patch.set(edgecolor=edge, linewidth=HAIRLINE, visible=patch.get_height() > 0)
    panel.line(limits, [0, 0], LIGHT.muted, HAIRLINE, z=4)


def _stacked(parts: Sequence[Part], looks: Sequence[_Look], width: float) -> Figure:
    """Draw parts side by side under their words; each word starts at its part, or as near as it can."""
    words = [_Words.of(part, width / len(parts) - _SWATCH - GAP) for part in parts]
    head = max(part.height for part in words) + 1
    sheet = Sheet.of(width, head + _BAR + EDGE)
    scale = (width - 2 * EDGE) / (sum(part.size for part in parts) or 1.0)
    starts = [EDGE + scale * size for size in accumulate((part.size for part in parts[:-1]), initial=0.0)]
    rooms = [_SWATCH + part.width + GAP for part in words]
    wanted = [start + room / 2 for start, room in zip(starts, rooms, strict=True)]
    centres = spread(wanted, rooms, low=EDGE, high=width - EDGE + GAP)
    paper = sheet.overlay()
    for index, (part, (marker, color)) in enumerate(zip(parts, looks, strict=True)):
        left = centres[index] - rooms[index] / 2
        words[index].write(sheet, left + _SWATCH, head - 1)
        first = head - 1 - words[index].height + leading(SMALL) / 2
        paper.dots([left + _SWATCH / 3], [first], color, marker=marker, edge=_outline(color))
        _draw_part(paper, starts[index], part.size * scale, head, color)
    return sheet.figure


def _draw_part(paper: Panel, start: float, size: float, top: float, color: str) -> None:
    if size > 0:
        ends = [start, start + size - min(_CUT, size / 2)]
        paper.area(ends, [top + _BAR] * 2, [top] * 2, color, edge=_outline(color))


def _outline(color: str) -> str:
    """Return the edge of a part: one too pale to be seen on paper gets a grey one."""
    return LIGHT.neutral_mark if color == LIGHT.line else "none"


@dataclass(frozen=True, slots=True)
class _Words:
    """A part's word over its size, broken into lines."""

    label: Sequence[str]
    text: Sequence[str]

    @classmethod
    def of(cls, part: Part, room: float) -> _Words:
        return cls(wrap(part.label, room), wrap(part.text, room, VALUE, bold=True))

    @property
    def width(self) -> float:
        return max(widest(self.label), widest(self.text, VALUE, bold=True))

    @property
    def height(self) -> float:
        return len(self.label) * leading(SMALL) + len(self.text) * leading(VALUE)

    def write(self, sheet: Sheet, left: float, bottom: float) -> None:
        middle = bottom - len(self.text) * leading(VALUE)
        sheet.write(self.label, left, (middle + bottom - self.height) / 2, color=LIGHT.muted)
        sheet.write(self.text, left, (middle + bottom) / 2, size=VALUE, bold=True)
