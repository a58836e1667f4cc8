"""Mixtures of three corners: where in the triangle the outcome stays as it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.sheet import EDGE, GAP, Panel, Sheet
from survey_kpi.report.figures.text import leading, widest, wrap
from survey_kpi.report.style import HALF, LIGHT, SMALL, figure_style

_ROOT3 = math.sqrt(3) / 2
_SIZE = 4.4  # type points across a cell at 18 steps a side on half the width

SOLID = 0.55  # of the size of the pale dots: two shapes of dot, not only two colours

Shares = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A marked mixture with its word."""

    shares: Shares
    label: str


@figure_style()
def triangle(
    corners: tuple[str, str, str],
    points: Sequence[Shares],
    stays: Sequence[bool],
    spots: Sequence[Spot],
    *,
    stays_label: str,
    turns_label: str,
    width: float = HALF,
) -> Figure:
    """Draw mixtures of three corners as dots, those that leave the outcome as it is in the colour of data.

    What to see: how much of the triangle is blue. The nearer to a corner, the larger its share.

    Parameters
    ----------
    corners
        Words of the corners: lower left, lower right, top.
    points, stays
        Mixtures, and whether the outcome stays there.
    spots
        Marked mixtures.
    stays_label, turns_label
        What both kinds of dots mean.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there is nothing to draw.
    """
    same_length("triangle", points=points, stays=stays)
    side = min(width * 0.5, 56.0)
    head = leading(SMALL) * 2 + GAP
    lines = [wrap(corner, width / 2 - GAP) for corner in corners[:2]]
    foot = leading(SMALL) * max(map(len, lines)) + GAP
    entries = [(LIGHT.ink, spot.label) for spot in spots]
    entries += [(LIGHT.data, stays_label), (LIGHT.line, turns_label)]
    key = leading(SMALL) * len(entries) + GAP
    sheet = Sheet.of(width, head + side * _ROOT3 + foot + key)
    left = (width - side) / 2
    panel = sheet.panel(left, head, left + side, head + side * _ROOT3, x=(0, 1), y=(0, _ROOT3))
    panel.line([0, 1, 0.5, 0], [0, 0, _ROOT3, 0], LIGHT.muted, 0.7, z=1)
    steps = max(round((math.sqrt(8 * len(points) + 1) - 3) / 2), 1)
    size = _SIZE * (side / 53.5) * 18 / steps  # dots touch whatever the side
    chosen = np.asarray(stays, dtype=bool)
    x, y = _places(points)
    panel.dots(x[~chosen], y[~chosen], LIGHT.line, size=size)
    panel.dots(x[chosen], y[chosen], LIGHT.data, size=size * SOLID, z=2.5)
    _spots(panel, spots)
    top = wrap(corners[2], width - 2 * EDGE)[:2]
    sheet.write(top, width / 2, head / 2, align="center")
    below = panel.bottom + GAP + (foot - GAP) / 2
    sheet.write(lines[0], max(EDGE, left - widest(lines[0]) / 2), below)
    sheet.write(lines[1], min(width - EDGE, left + side + widest(lines[1]) / 2), below, align="right")
    _key(sheet, entries, sheet.height - key + GAP)
    return sheet.figure


def _places(points: Sequence[Shares]) -> tuple[np.ndarray, np.ndarray]:
    shares = np.asarray(points, dtype=float).reshape(-1, 3)
    return shares[:, 1] + shares[:, 2] / 2, shares[:, 2] * _ROOT3


def _spots(panel: Panel, spots: Sequence[Spot]) -> None:
    for spot in spots:
        x, y = _places([spot.shares])
        panel.dots(x, y, LIGHT.ink, size=5.5, edge=LIGHT.paper, z=4)


def _key(sheet: Sheet, entries: Sequence[tuple[str, str]], top: float) -> None:
    page = sheet.overlay()
    for row, (color, label) in enumerate(entries):
        y = top + row * leading(SMALL)
        page.dots([EDGE + 1], [y], color, size=4.4)
        sheet.write(label, EDGE + 1 + GAP, y, color=LIGHT.muted)
