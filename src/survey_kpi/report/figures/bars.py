"""Figures of bars: how rows went from raw to valid, and how many subjects fell in each band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from matplotlib.figure import Figure

from survey_kpi.report.figures.checks import same_length
from survey_kpi.report.figures.layout import Rows
from survey_kpi.report.figures.shares import Part
from survey_kpi.report.figures.sheet import EDGE, HAIRLINE, Sheet
from survey_kpi.report.figures.text import widest
from survey_kpi.report.style import FULL, HALF, LIGHT, figure_style

_THICK = 3.0  # of a bar in mm
_TEXT_GAP = 1.2
_COLOURS = {"total": LIGHT.muted, "aside": LIGHT.neutral_mark, "kept": LIGHT.data}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way from raw to valid rows.

    Parameters
    ----------
    rows
        Rows that arrive, leave or stay.
    label, text
        The step's word, and its rows as printed.
    kind
        "total": rows received; "aside": rows that leave here; "kept": rows that are left.
    """

    rows: float
    label: str
    text: str
    kind: Literal["total", "aside", "kept"]


@figure_style()
def flow(steps: Sequence[Step], *, width: float = FULL) -> Figure:
    """Draw the way from rows received to rows kept, one step below the other.

    What to see: that every row is accounted for; each grey bar is bitten off the right end of what was there.

    Parameters
    ----------
    steps
        From top to bottom: the total, what was set aside and why, what was kept.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there is nothing to draw.
    """
    same_length("flow", steps=steps)
    stretches, left_over = [], 0.0
    for step in steps:
        start = left_over - step.rows if step.kind == "aside" else 0.0
        left_over = start if step.kind == "aside" else step.rows
        stretches.append((start, start + step.rows))
    bold = [step.kind != "aside" for step in steps]
    colors = [_COLOURS[step.kind] for step in steps]
    parts = [Part(step.rows, step.label, step.text) for step in steps]
    return _bars(parts, stretches, colors, bold, width)


@figure_style()
def band_counts(bands: Sequence[Part], *, width: float = HALF) -> Figure:
    """Draw how many subjects fell in each band, one bar below the other.

    What to see: where most stand. An empty band keeps its word and its 0.

    Parameters
    ----------
    bands
        Counts with their words and texts, best band first.
    width
        In mm.

    Raises
    ------
    ReportError
        `figure_data`: there is nothing to draw.
    """
    same_length("band_counts", bands=bands)
    stretches = [(0.0, band.size) for band in bands]
    return _bars(bands, stretches, [LIGHT.data] * len(bands), [False] * len(bands), width)


def _bars(
    parts: Sequence[Part],
    stretches: Sequence[tuple[float, float]],
    colors: Sequence[str],
    bold: Sequence[bool],
    width: float,
) -> Figure:
    rows = Rows.of([part.label for part in parts], width)
    sheet = Sheet.of(width, rows.height + 2 * EDGE)
    texts = widest((part.text for part in parts), bold=True)
    most = max((end for _, end in stretches), default=0.0) or 1.0
    panel = sheet.panel(
        rows.left, EDGE, width - EDGE - texts - _TEXT_GAP, EDGE + rows.height, x=(0, most), y=(rows.height, 0)
    )
    panel.line([0, 0], [0, rows.height], LIGHT.muted, HAIRLINE, z=4)
    rows.write_labels(sheet, EDGE)
    for index, (part, (start, end), middle) in enumerate(zip(parts, stretches, rows.middles, strict=True)):
        if end > start:
            panel.area([start, end], [middle + _THICK / 2] * 2, [middle - _THICK / 2] * 2, colors[index])
        sheet.write(part.text, panel.x(end) + _TEXT_GAP, EDGE + middle, bold=bold[index])
    return sheet.figure
