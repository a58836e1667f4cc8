"""Ranks of subjects by code: by every method, and how often they fall into which third."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, Panel, Sheet
from survey_kpi.report.figures.text import leading, widest, wrap
from survey_kpi.report.style import FULL, LIGHT, SMALL, TINY, figure_style

_PITCH = 4.1
_BARS = 0.29  # share of the width for the bars
_THICK = 2.7
_COLUMN_GAP = 2.4
_THIRDS = (LIGHT.data, LIGHT.interval, LIGHT.neutral_mark)


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
    for place, (column, head) in enumerate(zip(columns, heads, strict=True)):
        x = left + place * cell
        sheet.write(head, x + cell / 2, top - 0.8 - leading(TINY) * len(head) / 2, size=TINY,
                    bold=column.base, align="center")  # fmt: skip
        _cells(sheet, column, x, x + cell, top)
    for place, (bar, head) in enumerate(zip(bars, tops, strict=True)):
        x = split + place * (wide + _COLUMN_GAP)
        sheet.write(head, x, top - 0.8 - leading(TINY) * len(head) / 2, size=TINY)
        _bars(sheet.panel(x, top, x + wide, top + _PITCH * len(codes), x=(0, 100), y=(len(codes), 0)), bar)
    if bars:
        _key(sheet, key, split, sheet.height - foot / 2)
    return sheet.figure


def _cells(sheet: Sheet, column: Column, left: float, right: float, top: float) -> None:
    """Fill the cells in four steps of one hue; words stay dark on pale and pale on dark."""
    page, count = sheet.overlay(), max(len(column.values), 1)
    shades = (LIGHT.data, LIGHT.interval, LIGHT.interval_outer, LIGHT.tile)
    for row, (rank, text) in enumerate(zip(column.values, column.texts, strict=True)):
        step = min(int(4 * (rank - 0.5) / count), 3)
        low, high = top + row * _PITCH + 0.15, top + (row + 1) * _PITCH - 0.15
        page.area([left + 0.15, right - 0.15], [low] * 2, [high] * 2, shades[step])
        color = LIGHT.paper if step == 0 else LIGHT.ink
        sheet.write(text, (left + right) / 2, (low + high) / 2, size=TINY, color=color,
                    bold=column.base, align="center")  # fmt: skip


def _bars(panel: Panel, bar: Bars) -> None:
    half = _THICK / _PITCH / 2
    for row, parts in enumerate(zip(bar.upper, bar.middle, bar.lower, strict=True)):
        start = 0.0
        for part, color in zip(parts, _THIRDS, strict=True):
            if part > 0:
                panel.area([start, start + part], [row + 0.5 + half] * 2, [row + 0.5 - half] * 2, color)
            start += part


def _key(sheet: Sheet, words: Sequence[str], left: float, y: float) -> None:
    page, x = sheet.overlay(), left
    for word, color in zip(words, _THIRDS, strict=True):
        page.area([x, x + 3], [y + 1.2] * 2, [y - 1.2] * 2, color)
        sheet.write(word, x + 3 + 1, y, size=TINY, color=LIGHT.muted)
        x += 4 + widest([word], TINY) + GAP + 1
