"""Figures of rows: subjects or items as dots with their intervals, in the order given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from matplotlib.figure import Figure

from survey_kpi.report.blocks import Tone
from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.layout import Rows
from survey_kpi.report.figures.sheet import EDGE, GAP, MARKS, WORDS, Panel, Reference, Sheet
from survey_kpi.report.figures.text import (
    UNBOUNDED,
    Bounds,
    fitting_ticks,
    leading,
    span,
    spread,
    widest,
    wrap,
)
from survey_kpi.report.style import FULL, LIGHT, SMALL, TINY, figure_style

_TEXT_SHARE = 0.34  # most room for the words at the right end, as a share of the width
_BOLD = ("better", "worse", "strong")
_RING = 4.0  # type points across the ring of an earlier reading
_KEY = 4.6  # height of the key line in mm
_Line = tuple[Reference | None, bool]  # a line that may be there, and whether it is dashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: a reading with its interval, and what is printed beside it.

    Parameters
    ----------
    label
        Name at the left; may be empty.
    value, low, high
        The reading; NaN where there is none.
    before
        The earlier reading of a dumbbell.
    n
        Base as printed.
    text
        What stands at the right end; where `value` is NaN, the reason, printed in the place of the dot.
    tone
        What was found out about the reading: nothing, "same", "better", "worse"; "muted" for a row aside.
    """

    label: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    before: float = math.nan
    n: str = ""
    text: str = ""
    tone: Tone = ""

    @property
    def measured(self) -> bool:
        """Whether there is a reading."""
        return math.isfinite(self.value)

    @property
    def bold(self) -> bool:
        """Whether the words at the right end are set in bold: those of a finding are."""
        return self.tone in _BOLD


@figure_style()
def interval_dots(
    rows: Sequence[Row],
    *,
    n_head: str = "",
    text_head: str = "",
    reference: Reference | None = None,
    target: Reference | None = None,
    unit: str = "",
    bounds: Bounds = UNBOUNDED,
    width: float = FULL,
) -> Figure:
    """Draw one dot with its interval for each row; the height follows from the rows.

    What to see: which intervals lie wholly on one side of the reference, and that most do not. The order is
    the caller's (by name or place, never by value when rows are people).

    Parameters
    ----------
    rows
        From top to bottom. A row without value shows its `text` in muted words where the dot would be.
    n_head, text_head
        Heads of the column of bases and of the column at the right end.
    reference
        Solid line with its word: the whole company, the team.
    target
        Dashed line with its word.
    unit
        Under the axis.
    bounds
        Least and largest possible value; the axis does not go beyond.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there are no rows.
    """
    same_length("interval_dots", rows=rows)
    frame = _Frame.of(rows, n_head, text_head, width)
    lines = [(reference, False), (target, True)]
    limits = span(*_readings(rows), [line.value for line, _ in lines if line], bounds=bounds)
    sheet, panel = frame.draw(limits, unit, lines)
    _draw_readings(panel, rows, frame.rows.middles)
    return sheet.figure


@figure_style()
def dumbbell(
    rows: Sequence[Row],
    *,
    before_label: str,
    now_label: str,
    n_head: str = "",
    text_head: str = "",
    target: Reference | None = None,
    unit: str = "",
    bounds: Bounds = UNBOUNDED,
    width: float = FULL,
) -> Figure:
    """Draw each row's present reading with its interval against its earlier one.

    What to see: whether the ring (before) lies inside the interval of the dot (now). Rows that changed for
    certain carry their tone's shape and colour; the others stay in the colour of data.

    Parameters
    ----------
    rows
        From top to bottom; `before` is the ring.
    before_label, now_label
        Words of ring and dot, in the key above the panel.
    n_head, text_head, target, unit, bounds, width
        As in `interval_dots`.
    """
    same_length("dumbbell", rows=rows)
    frame = _Frame.of(rows, n_head, text_head, width)
    befores = [row.before for row in rows]
    limits = span(*_readings(rows), befores, [target.value] if target else [], bounds=bounds)
    sheet, panel = frame.draw(limits, unit, [(target, True)], key=(before_label, now_label))
    panel.segments(befores, [row.value for row in rows], frame.rows.middles, LIGHT.line, 2.4)
    _draw_readings(panel, rows, frame.rows.middles)
    panel.dots(befores, frame.rows.middles, LIGHT.paper, edge=LIGHT.neutral_mark, size=_RING, z=2.5)
    return sheet.figure


def _readings(rows: Sequence[Row]) -> list[list[float]]:
    return [[row.value for row in rows], [row.low for row in rows], [row.high for row in rows]]


def _draw_readings(panel: Panel, rows: Sequence[Row], middles: Sequence[float]) -> None:
    """Draw intervals and dots, one line and one set of marks for each tone."""
    edges = panel.axes.get_xlim()
    for tone, (marker, color) in MARKS.items():
        chosen = [(row, y) for row, y in zip(rows, middles, strict=True) if row.tone == tone and row.measured]
        if chosen:
            places = [y for _, y in chosen]
            lows = np.clip([row.low for row, _ in chosen], *edges)
            highs = np.clip([row.high for row, _ in chosen], *edges)
            panel.segments(lows, highs, places, color)
            panel.dots([row.value for row, _ in chosen], places, color, marker=marker)


@dataclass(frozen=True, slots=True)
class _Frame:
    """Everything around the dots: columns of words, heads, and where the panel stands between them."""

    rows: Rows
    readings: Sequence[Row]
    words: Sequence[Sequence[str]]
    heads: tuple[str, str]
    width: float
    left: float
    right: float

    @classmethod
    def of(cls, readings: Sequence[Row], n_head: str, text_head: str, width: float) -> _Frame:
        labels = [row.label for row in readings]
        bases = widest([n_head, *(row.n for row in readings)])
        room = width * _TEXT_SHARE
        texts = [wrap(row.text, room, bold=row.bold) if row.measured else [] for row in readings]
        widths = [widest(lines, bold=row.bold) for row, lines in zip(readings, texts, strict=True)]
        beside = max(widest([text_head]), *widths)
        left = Rows.of(labels, width).left + (bases + GAP if bases else 0) + 1
        right = width - EDGE - (beside + GAP if beside else 1)
        words = [lines or wrap(row.text, right - left) for row, lines in zip(readings, texts, strict=True)]
        return cls(Rows.of(labels, width, words), readings, words, (n_head, text_head), width, left, right)

    def draw(
        self, limits: Bounds, unit: str, lines: Sequence[_Line], key: Sequence[str] = ()
    ) -> tuple[Sheet, Panel]:
        """Draw grid, reference lines and all words; leave the readings to the caller."""
        words = _head_words(lines, self.right - self.left)
        head = (_KEY if key else 0) + leading(SMALL) * max(len(words), int(any(self.heads))) + 1
        foot = 4.4 + (leading(TINY) if unit else 0)
        sheet = Sheet.of(self.width, head + self.rows.height + foot)
        edges = (self.left, head, self.right, head + self.rows.height)
        panel = sheet.panel(*edges, x=limits, y=(self.rows.height, 0))
        numbers = fitting_ticks(*limits, panel.width)
        sheet.x_axis(panel, numbers, unit)
        clear = self._clear_stretches()
        panel.uprights(numbers, stretches=clear)
        for line, dashed in lines:
            if line:
                panel.uprights([line.value], LIGHT.muted, 0.8, dashed=dashed, stretches=clear)
        self._write_heads(sheet, panel, words)
        self._write_rows(sheet, panel)
        if key:
            _write_key(sheet, self.left, key)
        return sheet, panel

    def _clear_stretches(self) -> list[Bounds]:
        """Return the heights where upright lines run: they stop for rows that print a reason."""
        tops = [0.0, *self.rows.bottoms]
        edges = [(top, bottom) for top, bottom in pairwise(tops)]
        return [edge for edge, row in zip(edges, self.readings, strict=True) if row.measured]

    def _write_heads(self, sheet: Sheet, panel: Panel, words: Sequence[Sequence[tuple[str, float]]]) -> None:
        base = panel.top - 1 - leading(SMALL) / 2
        for head, right in zip(self.heads, (self.left - 1 - GAP, self.width - EDGE), strict=True):
            sheet.write(head, right, base, color=LIGHT.muted, align="right")
        for above, row in enumerate(reversed(words)):
            places = [panel.x(value) for _, value in row]
            sizes = [widest([word]) + GAP for word, _ in row]
            centres = spread(places, sizes, low=panel.left, high=panel.right)
            for (word, _), centre in zip(row, centres, strict=True):
                sheet.write(word, centre, base - above * leading(SMALL), align="center")

    def _write_rows(self, sheet: Sheet, panel: Panel) -> None:
        self.rows.write_labels(
            sheet,
            panel.top,
            [LIGHT.neutral_text if row.tone == "muted" else LIGHT.ink for row in self.readings],
        )
        for row, words, middle in zip(self.readings, self.words, self.rows.middles, strict=True):
            y = panel.top + middle
            sheet.write(row.n, self.left - 1 - GAP, y, color=LIGHT.muted, align="right")
            if row.measured:
                color = WORDS[row.tone]
                sheet.write(words, self.width - EDGE, y, color=color, align="right", bold=row.bold)
            else:
                sheet.write(words, self.left, y, color=LIGHT.neutral_text)


def _head_words(lines: Sequence[_Line], room: float) -> list[list[tuple[str, float]]]:
    """Return rows of (word, value): one row if all words fit side by side, else one below the other."""
    words = [(part, line.value) for line, _ in lines if line for part in wrap(line.label, room - GAP)]
    together = sum(widest([word]) + GAP for word, _ in words) <= room
    single = len(words) == sum(1 for line, _ in lines if line)
    return [words] if words and together and single else [[word] for word in words]


def _write_key(sheet: Sheet, left: float, key: Sequence[str]) -> None:
    """Write ring and dot with their words above the panel."""
    panel = sheet.overlay()
    x, y = left + 1, _KEY / 2
    panel.dots([x], [y], LIGHT.paper, edge=LIGHT.neutral_mark, size=_RING)
    sheet.write(key[0], x + GAP, y, color=LIGHT.muted)
    x += 3 * GAP + widest(key[:1])
    panel.segments([x - 1.8], [x + 1.8], [y], LIGHT.data)
    panel.dots([x], [y], LIGHT.data)
    sheet.write(key[1], x + GAP + 1, y, color=LIGHT.muted)
