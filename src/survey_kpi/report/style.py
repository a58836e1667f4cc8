"""The look of every figure: colours and sizes from `tokens.json`, text in the shipped font alone.

Sizes are millimetres on paper, type sizes are points. Figures take their colours from the light palette;
the dark one belongs to the screen, where the page's style sheet swaps colours by their values.

Examples
--------
>>> LIGHT.ink, FULL, HALF
('#1b2733', 170.0, 81.0)
>>> printable("A\\tB 审核 \\x00")
'A B 审核 [U+0000]'
>>> 3 < text_width("客户", 7.5) < 6
True
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib import font_manager
from matplotlib.ft2font import LoadFlags

from survey_kpi.report.glyphs import visible

_REPORT = resources.files("survey_kpi.report")
_HAN = "\u3400-\u9fff\U00020000-\U0003134f"
_SEAM = re.compile(rf"(?<=[{_HAN}])(?=[A-Za-z0-9])|(?<=[A-Za-z0-9%])(?=[{_HAN}])")
_THIN_SPACE = "\u2009"
_BLANK = re.compile(r"[^\S\u2009\u00a0\u202f]+")  # white space, but for thin and no-break spaces
_INCH = 25.4
_POINTS = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours by what they stand for, as lower-case hex."""

    paper: str
    ink: str
    muted: str
    line: str
    tile: str
    data: str
    interval: str
    interval_outer: str
    better: str
    worse: str
    neutral_mark: str
    neutral_text: str


TOKENS: dict[str, Any] = json.loads(_REPORT.joinpath("tokens.json").read_text("utf-8"))
LIGHT = Palette(**TOKENS["light"])
FAMILY: str = TOKENS["font"]["family"]
TINY: float = TOKENS["font"]["tiny_pt"]
SMALL: float = TOKENS["font"]["small_pt"]
VALUE = 8.0
"""Type size of the one value that a figure is about."""

FULL = float(TOKENS["page"]["width_mm"] - 2 * TOKENS["page"]["side_mm"])
"""Width of the text block."""
HALF = (FULL - TOKENS["space_mm"]["column_gap"]) / 2
"""Width of one of two columns."""


def mm(points: float) -> float:
    """Return points as millimetres."""
    return points * _INCH / _POINTS


def inches(millimetres: float) -> float:
    """Return millimetres as inches, the unit in which matplotlib sizes a figure."""
    return millimetres / _INCH


@cache
def font_path(bold: bool = False) -> str:
    """Return the path of the shipped font file."""
    name = f"NotoSansSC-{'Bold' if bold else 'Regular'}.otf"
    return str(_REPORT.joinpath("fonts", name))


@cache
def register_fonts() -> None:
    """Make the shipped files the only ones that answer to the family's name."""
    manager = font_manager.fontManager
    manager.ttflist[:] = [entry for entry in manager.ttflist if entry.name != FAMILY]
    for bold in (False, True):
        manager.addfont(font_path(bold))


_STYLE: Any = {
    "font.family": [FAMILY],
    "font.size": SMALL,
    "text.color": LIGHT.ink,
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "axes.unicode_minus": True,
    "axes.formatter.useoffset": False,
    "axes.formatter.limits": (-15, 15),
    "axes.facecolor": "none",
    "axes.edgecolor": LIGHT.line,
    "axes.labelcolor": LIGHT.muted,
    "axes.titlesize": SMALL,
    "axes.labelsize": SMALL,
    "axes.linewidth": 0.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.prop_cycle": cycler(color=[LIGHT.data, LIGHT.neutral_mark]),
    "grid.color": LIGHT.line,
    "grid.linewidth": 0.5,
    "xtick.color": LIGHT.line,
    "ytick.color": LIGHT.line,
    "xtick.labelcolor": LIGHT.muted,
    "ytick.labelcolor": LIGHT.muted,
    "xtick.labelsize": TINY,
    "ytick.labelsize": TINY,
    "legend.frameon": False,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "savefig.edgecolor": "none",
    "lines.linewidth": 1.3,
    "lines.solid_capstyle": "butt",
    "lines.solid_joinstyle": "round",
    "path.simplify": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "survey_kpi",
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Draw in the house's look inside this block; serves as a decorator too.

    The style is the same in both languages: one face holds both scripts.
    """
    register_fonts()
    with matplotlib.rc_context(_STYLE):
        yield


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """Return one line as it is set: what the font cannot draw made visible, air between Han and Latin.

    See `survey_kpi.report.glyphs.visible`. Typst and browsers put the thin space into running text; in a
    drawing, where every word has its measured place, it must stand in the text.
    """
    return _SEAM.sub(_THIN_SPACE, visible(_BLANK.sub(" ", text).strip())[0])


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width in mm of one line of text at `size` points."""
    font = font_manager.get_font(font_path(bold))
    font.set_size(size, _POINTS)
    font.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    return mm(font.get_width_height()[0] / 64)
