"""The style of pages and notebook outputs, with every colour and size taken from `tokens.json`.

Sizes are written in the points of the printed page: `--pt` is one of them on paper and, on screen, the ninth
of the reader's own text size, because body text has nine points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from survey_kpi.report.escaping import fit

TOKENS: dict[str, Any] = json.loads(
    resources.files("survey_kpi.report").joinpath("tokens.json").read_text("utf-8")
)
_POINTS_PER_MM = 72 / 25.4
_DARK_PAGE = (
    "@media screen{@media(prefers-color-scheme:dark){:root:not([data-theme=light]){%s}}"
    ":root[data-theme=dark]{%s}}"
)
_LAB = ".jp-RenderedHTMLCommon .survey-kpi.survey-kpi,.survey-kpi"  # stronger than Jupyter's own rules
_DARK_LAB = "body[data-jp-theme-light=false] .survey-kpi{%s}"


def page_style(running: Mapping[str, str], faces: Mapping[int, str]) -> str:
    """Return the whole style sheet of a page.

    Parameters
    ----------
    running
        Place on every printed page (`top-left`, `top-right`, `bottom-left`) -> words.
    faces
        Weight (400, 700) -> `data:` address of its font.
    """
    dark = _colours("dark")
    return "".join(
        [
            *(_face(weight, address) for weight, address in faces.items()),
            f":root{{--pt:calc(1rem/9);{_colours('light')}{_sizes()}}}",
            _DARK_PAGE % (dark, dark),
            f"@media print{{:root{{--pt:1pt}}{_paper(running)}}}",
            _file("page.css"),
            f".survey-kpi{{{_file('blocks.css')}{_swaps()}}}",
        ]
    )


@cache
def notebook_style() -> str:
    """Return the style sheet of one notebook output: nothing outside `.survey-kpi` changes."""
    root = f".survey-kpi{{--pt:1.5px;{_colours('light')}{_sizes()}}}{_DARK_LAB % _colours('dark')}"
    return f"{root}{_LAB}{{{_file('blocks.css')}{_swaps()}{_file('notebook.css')}}}"


@cache
def _file(name: str) -> str:
    text = resources.files("survey_kpi.report").joinpath("templates", name).read_text("utf-8")
    return re.sub(r"\s*\n\s*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))


def _colours(theme: str) -> str:
    return f"color-scheme:{theme};" + "".join(
        f"--{name.replace('_', '-')}:{value};" for name, value in TOKENS[theme].items()
    )


def _sizes() -> str:
    """Return type sizes and distances as multiples of the printed point, and the two line heights."""
    font, gaps = TOKENS["font"], TOKENS["space_mm"]
    sizes = {f"size-{key.removesuffix('_pt')}": value for key, value in font.items() if key.endswith("_pt")}
    sizes |= {key.replace("_", "-"): round(value * _POINTS_PER_MM, 2) for key, value in gaps.items()}
    leading = "".join(f"--leading-{to}:{font[f'leading_{to}']};" for to in ("zh", "en"))
    return leading + "".join(f"--{name}:calc({value}*var(--pt));" for name, value in sizes.items())


def _swaps() -> str:
    """Let figures, whose colours are those of the light page, follow the theme."""
    return "".join(
        f'svg [{attribute}="{value}"]{{{attribute}:var(--{name.replace("_", "-")})}}'
        for name, value in TOKENS["light"].items()
        for attribute in ("fill", "stroke")
    )


def _face(weight: int, address: str) -> str:
    family = TOKENS["font"]["family"]
    return f'@font-face{{font-family:"{family}";font-weight:{weight};src:url({address}) format("woff")}}'


def _paper(running: Mapping[str, str]) -> str:
    page, font = TOKENS["page"], TOKENS["font"]
    margins = f"{page['top_mm']}mm {page['side_mm']}mm {page['bottom_mm']}mm"
    boxes = "".join(f"@{place}{{content:{_string(words)}}}" for place, words in running.items())
    number = '@bottom-right{width:12mm;white-space:nowrap;content:counter(page) " / " counter(pages)}'
    look = f'font:{font["tiny_pt"]}pt "{font["family"]}",sans-serif;color:{TOKENS["light"]["muted"]}'
    return f"@page{{size:A4;margin:{margins};{look};{boxes}{number}}}"


def _string(words: str) -> str:
    """Return a CSS string in which only letters and digits stand for themselves."""
    characters: Sequence[str] = fit(words)
    return '"' + "".join(char if char.isalnum() else f"\\{ord(char):x} " for char in characters) + '"'
