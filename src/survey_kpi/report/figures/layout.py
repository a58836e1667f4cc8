"""Rows of a figure: labels at the left, something to the right of each, one row below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.report.figures.sheet import EDGE, GAP, Sheet
from survey_kpi.report.figures.text import leading, widest, wrap
from survey_kpi.report.style import LIGHT, SMALL

LABEL_SHARE = 0.36
"""Most room for labels, as a share of the width."""

_PITCH = (3.9, 5.4)  # least and largest height in mm of a row of one line
_COMFORTABLE = 215.0  # height in mm that the rows should not exceed
_MOST_LINES = 4  # a label from outside must not fill the page
_AIR = 1.3  # between the words of two rows


@dataclass(frozen=True, slots=True)
class Rows:
    """Where rows stand: labels broken into lines, and the middle of each in mm below the top of the first."""

    labels: Sequence[Sequence[str]]
    label_width: float
    middles: Sequence[float]
    bottoms: Sequence[float]

    @classmethod
    def of(cls, labels: Sequence[str], width: float, others: Sequence[Sequence[str]] = ()) -> Rows:
        """Lay out one row for each label on a figure of `width` mm.

        Parameters
        ----------
        labels
            Names of the rows, from top to bottom.
        width
            Of the whole figure.
        others
            Further lines that a row must have room for.
        """
        lines = [_cut(wrap(label, width * LABEL_SHARE)) for label in labels]
        most = [
            max(map(len, column), default=1)
            for column in zip(lines, *([others] if others else []), strict=True)
        ]
        pitch = float(np.clip(_COMFORTABLE / max(len(labels), 1), *_PITCH))
        heights = [max(pitch, count * leading(SMALL) + _AIR) for count in most]
        bottoms = np.cumsum(heights)
        middles = bottoms - np.asarray(heights) / 2
        return cls(lines, max(map(widest, lines), default=0.0), middles.tolist(), bottoms.tolist())

    @property
    def height(self) -> float:
        """Height of all rows in mm."""
        return self.bottoms[-1] if self.bottoms else 0.0

    def write_labels(self, sheet: Sheet, top: float, colors: Sequence[str] = ()) -> None:
        """Write the labels at the left edge."""
        for index, (lines, middle) in enumerate(zip(self.labels, self.middles, strict=True)):
            color = colors[index] if colors else LIGHT.ink
            sheet.write(lines, EDGE, top + middle, color=color)

    @property
    def left(self) -> float:
        """First free place right of the labels."""
        return EDGE + self.label_width + (GAP if self.label_width else 0)


def _cut(lines: list[str]) -> list[str]:
    kept = lines[:_MOST_LINES]
    return kept if len(kept) == len(lines) else [*kept[:-1], f"{kept[-1][:-1]}…"]
