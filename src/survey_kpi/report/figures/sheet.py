"""The paper that figures are drawn on: a sheet measured in mm from its upper left corner, and panels on it.

matplotlib draws lines and areas; every word is placed by its measured width, so that no label runs into
another or out of the sheet, and no automatic layout is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from survey_kpi.report.blocks import Tone
from survey_kpi.report.figures.text import Bounds, leading, tick_labels, ticks, widest
from survey_kpi.report.style import LIGHT, SMALL, TINY, inches, mm, printable

HAIRLINE = 0.5
LINE = 1.3
WHISKER = 1.1
DOT = 4.6
OUTLINE = 0.9
DASHES = (0, (3.2, 1.8))
EDGE = 0.4
"""Smallest distance of ink from the edge of the sheet."""
UNIT_HEAD = 5.2
"""Room above a panel for the unit over its y axis."""
GAP = 2.0
"""Distance between a label and what it labels."""

MARKS: dict[Tone, tuple[str, str]] = {
    "": ("o", LIGHT.data),
    "strong": ("o", LIGHT.data),
    "muted": ("o", LIGHT.neutral_mark),
    "same": ("o", LIGHT.neutral_mark),
    "better": ("^", LIGHT.better),
    "worse": ("v", LIGHT.worse),
}
"""Shape and colour of a reading; shape alone is enough to tell them apart."""

WORDS: dict[Tone, str] = {
    "": LIGHT.ink,
    "strong": LIGHT.ink,
    "muted": LIGHT.neutral_text,
    "same": LIGHT.neutral_text,
    "better": LIGHT.better,
    "worse": LIGHT.worse,
}
"""Colour of the words beside a reading."""

_MIDDLE = 0.37  # of the type size: from the base line to the middle of a capital or a Han character
_MARK_SCALE = {"^": 1.25, "v": 1.25}  # triangles look smaller than circles of one size


@dataclass(frozen=True, slots=True)
class Reference:
    """A value that the readings are held against, with its word ("target 85")."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """Axes of a known place on the sheet; `left`, `top`, `width` and `height` in mm."""

    axes: Axes
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge in mm."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Lower edge in mm."""
        return self.top + self.height

    def x(self, value: float) -> float:
        """Return the place of a value on the sheet, in mm from the left."""
        low, high = self.axes.get_xlim()
        return self.left + self.width * (value - low) / (high - low)

    def y(self, value: float) -> float:
        """Return the place of a value on the sheet, in mm from the top."""
        low, high = self.axes.get_ylim()
        return self.bottom - self.height * (value - low) / (high - low)

    def line(
        self,
        x: ArrayLike,
        y: ArrayLike,
        color: str,
        width: float = LINE,
        *,
        dashed: bool = False,
        z: float = 2,
    ) -> None:
        """Draw a line; NaN lifts the pen."""
        style = DASHES if dashed else "-"
        self.axes.plot(x, y, color=color, linewidth=width, linestyle=style, zorder=z, clip_on=False)

    def area(
        self, x: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, *, edge: str = "none", z: float = 1
    ) -> None:
        """Fill the area between two lines; `edge` outlines one whose colour is too pale to stand alone."""
        along = np.concatenate([np.asarray(x, dtype=float), np.asarray(x, dtype=float)[::-1]])
        around = np.concatenate([np.asarray(low, dtype=float), np.asarray(high, dtype=float)[::-1]])
        self.axes.fill(
            along, around, facecolor=color, edgecolor=edge, linewidth=HAIRLINE, zorder=z, clip_on=False
        )

    def dots(
        self, x: ArrayLike, y: ArrayLike, color: str, *, marker: str = "o", size: float = DOT,
        edge: str = "none", z: float = 3,
    ) -> None:  # fmt: skip
        """Draw marks of one kind; `edge` outlines them."""
        self.axes.plot(
            x, y, linestyle="none", marker=marker, markersize=size * _MARK_SCALE.get(marker, 1.0),
            markerfacecolor=color, markeredgecolor=edge, markeredgewidth=0.0 if edge == "none" else OUTLINE,
            zorder=z, clip_on=False,
        )  # fmt: skip

    def segments(
        self, start: ArrayLike, end: ArrayLike, at: ArrayLike, color: str, width: float = WHISKER
    ) -> None:
        """Draw horizontal stretches, one for each triple of numbers, as one line."""
        pairs = np.column_stack([start, end, np.full(np.size(start), np.nan)])
        self.line(pairs.ravel(), np.repeat(np.asarray(at, dtype=float), 3), color, width)

    def bars(self, at: ArrayLike, low: ArrayLike, high: ArrayLike, color: str, width: float) -> None:
        """Draw vertical stretches, `width` points wide, as one line."""
        pairs = np.column_stack([low, high, np.full(np.size(low), np.nan)])
        self.line(np.repeat(np.asarray(at, dtype=float), 3), pairs.ravel(), color, width, z=1)

    def grid_y(self, values: Sequence[float]) -> None:
        """Rule level hairlines behind the data."""
        across = np.tile([*self.axes.get_xlim(), np.nan], len(values))
        self.line(across, np.repeat(np.asarray(values, dtype=float), 3), LIGHT.line, HAIRLINE, z=0)

    def uprights(
        self,
        values: Sequence[float],
        color: str = LIGHT.line,
        width: float = HAIRLINE,
        *,
        dashed: bool = False,
        stretches: Sequence[Bounds] = (),
    ) -> None:
        """Rule upright lines behind the data, over the whole height or over the given stretches of it."""
        up = [end for low, high in stretches or [self.axes.get_ylim()] for end in (low, high, np.nan)]
        for value in values:
            self.line([value] * len(up), up, color, width, dashed=dashed, z=0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A figure of fixed size in mm."""

    figure: Figure
    width: float
    height: float

    @classmethod
    def of(cls, width: float, height: float) -> Sheet:
        """Take a blank sheet."""
        return cls(Figure(figsize=(inches(width), inches(height))), width, height)

    def panel(self, left: float, top: float, right: float, bottom: float, *, x: Bounds, y: Bounds) -> Panel:
        """Open axes between four edges, all in mm from the upper left corner of the sheet."""
        box = (
            left / self.width,
            1 - bottom / self.height,
            (right - left) / self.width,
            (bottom - top) / self.height,
        )
        axes = self.figure.add_axes(box)
        axes.set(xlim=x, ylim=y)
        axes.set_axis_off()
        return Panel(axes, left, top, right - left, bottom - top)

    def overlay(self) -> Panel:
        """Open axes over the whole sheet, in its own mm."""
        return self.panel(0, 0, self.width, self.height, x=(0, self.width), y=(self.height, 0))

    def write(
        self,
        lines: str | Sequence[str],
        x: float,
        y: float,
        *,
        size: float = SMALL,
        color: str = LIGHT.ink,
        bold: bool = False,
        align: Literal["left", "center", "right"] = "left",
    ) -> None:
        """Write lines whose block is centred on the height `y`."""
        rows = [lines] if isinstance(lines, str) else lines
        first = y - leading(size) * (len(rows) - 1) / 2 + _MIDDLE * mm(size)
        for index, row in enumerate(rows):
            base = first + index * leading(size)
            self.figure.text(
                x / self.width, 1 - base / self.height, printable(row),
                fontsize=size, color=color, fontweight="bold" if bold else "normal",
                horizontalalignment=align, verticalalignment="baseline",
            )  # fmt: skip

    def y_axis(self, panel: Panel, values: Sequence[float]) -> None:
        """Rule and number the y axis, numbers left of the panel."""
        panel.grid_y(values)
        for value, label in zip(values, tick_labels(values), strict=True):
            self.write(label, panel.left - GAP, panel.y(value), size=TINY, color=LIGHT.muted, align="right")

    def x_axis(self, panel: Panel, values: Sequence[float], caption: str = "") -> None:
        """Number the x axis under the panel, with the caption under the numbers."""
        for value, label in zip(values, tick_labels(values), strict=True):
            self.write(
                label, panel.x(value), panel.bottom + GAP, size=TINY, color=LIGHT.muted, align="center"
            )
        self.write(
            caption,
            panel.right,
            panel.bottom + GAP + leading(TINY),
            size=TINY,
            color=LIGHT.muted,
            align="right",
        )


def y_axis_width(low: float, high: float, count: int = 6) -> float:
    """Return the room that the numbers of a y axis need."""
    return EDGE + widest(tick_labels(ticks(low, high, count)), TINY) + GAP
