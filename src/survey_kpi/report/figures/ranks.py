"""Ranks of subjects by code: by every method, and how often they fall into which third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, Panel, Sheet
from survey_kpi.report.figures.text import leading, widest, wrap
from survey_kpi.report.style import FULL, LIGHT, SMALL, TINY, figure_style, mm

_PITCH = 4.1
_BARS = 0.29  # share of the width for the bars
_THICK = 2.7
_COLUMN_GAP = 2.4
_THIRDS = (LIGHT.data, LIGHT.interval, LIGHT.neutral_mark)
_SHADES = (LIGHT.data, LIGHT.interval, LIGHT.interval_outer, LIGHT.tile)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """Ranks by one method: head, ranks, ranks as printed; `base` marks the method that scores use."""

    head: str
    values: Sequence[float]
    texts: Sequence[str]
    base: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Shares in percent of the upper, middle and lower third, one bar for each subject."""

    head: str
    upper: Sequence[float]
    middle: Sequence[float]
    lower: Sequence[float]


@figure_style()
def rank_map(
    codes: Sequence[str],
    columns: Sequence[Column],
    bars: Sequence[Bars],
    *,
    key: tuple[str, str, str],
    width: float = FULL,
) -> Figure:
    """Draw ranks as a heat table, and beside it how often each subject falls into which third of the ranks.

    What to see: a row of one shade is a rank that no method moves; a bar of several colours is a rank that
    the data leave open. Rows stand in the order of codes, never by rank.

    Parameters
    ----------
    codes
        Of the subjects.
    columns
        Methods; the darker the cell, the higher the rank.
    bars
        Scenarios.
    key
        Words of upper, middle and lower third.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: the columns are not equally long.
    """
    for column in columns:
        same_length("rank_map", codes=codes, values=column.values, texts=column.texts)
    for bar in bars:
        same_length("rank_map", codes=codes, upper=bar.upper, middle=bar.middle, lower=bar.lower)
    left = EDGE + widest(codes) + GAP
    split = width * (1 - _BARS) if bars else width - EDGE
    cell = (split - left - _COLUMN_GAP) / max(len(columns), 1)
    wide = (width - EDGE - split + _COLUMN_GAP) / max(len(bars), 1) - _COLUMN_GAP
    heads = [wrap(column.head, cell - 0.1, TINY, bold=column.base) for column in columns]
    tops = [wrap(bar.head, wide, TINY) for bar in bars]
    top = leading(TINY) * max(map(len, [*heads, *tops, [""]])) + 1.6
    foot = leading(SMALL) + GAP
    sheet = Sheet.of(width, top + _PITCH * len(codes) + foot)
    for row, code in enumerate(codes):
        sheet.write(code, EDGE, top + _PITCH * (row + 0.5), size=TINY)
    page = sheet.overlay()
    for place, (column, head) in enumerate(zip(columns, heads, strict=True)):
        x = left + place * cell
        sheet.write(head, x + cell / 2, top - 0.8 - leading(TINY) * len(head) / 2, size=TINY,
                    bold=column.base, align="center")  # fmt: skip
        _cells(sheet, page, column, (x + 0.15, x + cell - 0.15), top)
    for place, (bar, head) in enumerate(zip(bars, tops, strict=True)):
        x = split + place * (wide + _COLUMN_GAP)
        sheet.write(head, x, top - 0.8 - leading(TINY) * len(head) / 2, size=TINY)
        _bars(page, bar, (x, x + wide), top)
    if bars:
        _key(sheet, page, key, sheet.height - foot / 2)
    return sheet.figure


def _cells(sheet: Sheet, page: Panel, column: Column, ends: tuple[float, float], top: float) -> None:
    """Fill the cells in four steps of one hue; words stay dark on pale and pale on dark."""
    count = max(len(column.values), 1)
    steps = [min(int(4 * (rank - 0.5) / count), 3) for rank in column.values]
    middles = [top + _PITCH * (row + 0.5) for row in range(len(steps))]
    for step, shade in enumerate(_SHADES):
        rows = [y for y, own in zip(middles, steps, strict=True) if own == step]
        page.segments([ends[0]] * len(rows), [ends[1]] * len(rows), rows, shade, (_PITCH - 0.3) / mm(1))
    for y, text, step in zip(middles, column.texts, steps, strict=True):
        color = LIGHT.paper if step == 0 else LIGHT.ink
        sheet.write(text, sum(ends) / 2, y, size=TINY, color=color, bold=column.base, align="center")


def _bars(page: Panel, bar: Bars, ends: tuple[float, float], top: float) -> None:
    """Draw each third of all subjects as one line of thick stretches, side by side."""
    parts = np.array([bar.upper, bar.middle, bar.lower])
    stops = ends[0] + (ends[1] - ends[0]) / 100 * np.vstack([np.zeros(parts.shape[1]), parts.cumsum(axis=0)])
    middles = top + _PITCH * (np.arange(parts.shape[1]) + 0.5)
    for third, color in enumerate(_THIRDS):
        there = parts[third] > 0
        page.segments(stops[third][there], stops[third + 1][there], middles[there], color, _THICK / mm(1))


def _key(sheet: Sheet, page: Panel, words: Sequence[str], y: float) -> None:
    """Write what the colours of the bars mean, flush right."""
    x = sheet.width - EDGE - sum(5 + GAP + widest([word], TINY) for word in words) + 1 + GAP
    for word, color in zip(words, _THIRDS, strict=True):
        page.area([x, x + 3], [y + 1.2] * 2, [y - 1.2] * 2, color)
        sheet.write(word, x + 3 + 1, y, size=TINY, color=LIGHT.muted)
        x += 4 + widest([word], TINY) + GAP + 1
