"""SVG strings: same bytes, no styles, no strangers' fonts, ids of their own."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
from collections import Counter
from importlib import resources
from xml.etree import ElementTree as ET

import matplotlib
import pikepdf
import pytest
import typst
from matplotlib import font_manager
from matplotlib.figure import Figure

from survey_kpi.report import inline_svg
from survey_kpi.report.style import (
    FAMILY,
    LIGHT,
    figure_style,
    font_path,
    printable,
    register_fonts,
    text_width,
)
from survey_kpi.report.svg import clean_svg, to_svg

FOREIGN = """<?xml version="1.0" encoding="utf-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"
 version="1.1">
 <metadata>made today</metadata>
 <defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
 <!-- a remark -->
 <g id="figure_1">
  <g id="patch_1"><path d="M 0 9 L 9 9 z" style="fill: none"/></g>
  <defs><path id="m1" d="M 0 0.333333
L 1e0 -0.001" style="stroke: #ABCDEF; stroke-width: 0.8"/></defs>
  <g clip-path="url(#p1)"><use xlink:href="#m1" x="1.23456" y="2"/></g>
  <text style="font-size: 7.5px; font-family: 'Noto Sans SC'; text-anchor: end" x="1" y="2"
   transform="rotate(-0 1 2)">a  b</text>
  <text style="font-size: 7.5px; font-family: 'Noto Sans SC'" transform="rotate(-90 1 2)">c</text>
 </g>
 <defs><clipPath id="p1"><rect x="0" y="0" width="9" height="9"/></clipPath></defs>
</svg>"""


ALLOWED = {LIGHT.data, LIGHT.interval, LIGHT.ink, LIGHT.muted, LIGHT.line}


def drawing(label: str = "满意度 CSAT", *, value: float = 1.0) -> Figure:
    """A figure with lines, marks, an area, a clip path, ticks and text."""
    with figure_style():
        figure = Figure(figsize=(3, 2))
        axes = figure.add_axes((0.2, 0.2, 0.7, 0.7))
        axes.plot([0, 1, 2], [0, value, 2], marker="o", color=LIGHT.data)
        axes.fill_between([0, 1, 2], [0, 0, 1], [1, 2, 3], color=LIGHT.interval)
        axes.set_title(label, fontweight="bold")
    return figure


def elements(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(svg).iter())


def test_a_figure_gives_the_same_bytes_each_time() -> None:
    figure = drawing()
    assert to_svg(figure) == to_svg(figure) == to_svg(drawing())


@pytest.mark.slow
def test_bytes_do_not_depend_on_the_process() -> None:
    script = (
        "from survey_kpi.report.figures import sparkline\n"
        "from survey_kpi.report.svg import to_svg\n"
        "print(to_svg(sparkline([1, 2, 3], [0, 1, 2], [2, 3, 4])), end='')"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1] != b""


def test_cleaning_leaves_only_the_drawing() -> None:
    svg = clean_svg(FOREIGN)
    assert svg.startswith("<svg xmlns=")
    assert not re.search(r"style|metadata|remark|xlink|DOCTYPE|\?xml|figure_1|patch_1|\n|px", svg)
    root = ET.fromstring(svg)
    assert root.get("stroke-linejoin") == "round"
    assert root.get("font-family") == "Noto Sans SC"
    path = root.find(".//{*}path")
    assert path is not None
    assert (path.get("stroke"), path.get("stroke-width")) == ("#abcdef", "0.8")
    assert path.get("d") == "M0 0.33L1e0 0"
    texts = root.findall(".//{*}text")
    assert [text.text for text in texts] == ["a  b", "c"]
    assert [text.get("transform") for text in texts] == [None, "rotate(-90 1 2)"]
    assert texts[0].get("text-anchor") == "end"
    use = root.find(".//{*}use")
    assert use is not None
    assert use.get("x") == "1.23"


def test_every_reference_finds_its_id() -> None:
    found = elements(to_svg(drawing()))
    ids = Counter(element.get("id") for element in found if element.get("id"))
    assert ids
    assert set(ids.values()) == {1}
    references = {
        name
        for element in found
        for key in ("href", "clip-path")
        for name in re.findall(r"#([\w-]+)", element.get(key, ""))
    }
    assert references == set(ids)


def test_two_drawings_share_no_id() -> None:
    first, second = (set(re.findall(r'\bid="([^"]+)"', to_svg(drawing(value=v)))) for v in (1.0, 1.5))
    assert first
    assert first.isdisjoint(second)


def test_nothing_that_a_strict_policy_forbids() -> None:
    svg = to_svg(drawing("<script>alert(1)</script> onload=\"x\" & 'y' ]]> $\\frac{1}{0}$"))
    names = {element.tag.rpartition("}")[2] for element in elements(svg)}
    assert names <= inline_svg.ELEMENTS
    keys = {key for element in elements(svg) for key in element.attrib}
    assert keys - inline_svg.ATTRIBUTES == {"font-family"}
    assert "<script" not in svg
    title = [element.text for element in elements(svg) if element.get("font-weight") == "700"]
    assert title == ["<script>alert(1)</script> onload=\"x\" & 'y' ]]> $\\frac{1}{0}$"]


def test_the_page_inlines_every_part() -> None:
    svg = to_svg(drawing())
    inlined = ET.fromstring(inline_svg.inline(svg))
    assert Counter(part.tag for part in inlined.iter()) == Counter(
        part.tag.rpartition("}")[2] for part in elements(svg)
    )


def test_there_is_no_background_and_no_opacity() -> None:
    svg = to_svg(drawing())
    assert "opacity" not in svg
    assert "0 144L216 144" not in svg
    assert {part.get("fill") for part in elements(svg)} <= {None, "none", *ALLOWED}


def test_coordinates_have_two_decimals_at_most() -> None:
    assert not re.search(r"\d\.\d{3}", to_svg(drawing()))


def test_a_drawing_leaves_the_settings_as_they_were() -> None:
    before = dict(matplotlib.rcParams)
    to_svg(drawing())
    assert dict(matplotlib.rcParams) == before


def test_the_size_is_kept_in_points() -> None:
    root = ET.fromstring(to_svg(drawing()))
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("216pt", "144pt", "0 0 216 144")


def test_only_the_shipped_files_answer_to_the_family(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = font_manager.fontManager
    stranger = font_manager.FontEntry(
        fname="/nowhere/NotoSansSC.ttf", name=FAMILY, weight=400, stretch="normal"
    )
    monkeypatch.setattr(manager, "ttflist", [stranger, *manager.ttflist])
    register_fonts.cache_clear()
    with figure_style():
        for weight, bold in (("normal", False), ("bold", True)):
            found = font_manager.findfont(
                font_manager.FontProperties(weight=weight), fallback_to_default=False
            )
            assert found == font_path(bold)


def test_text_width_is_what_the_renderer_sets() -> None:
    for text, bold in (("客户满意度（2026 年）", False), ("Customer satisfaction, AVATo", True)):
        with figure_style():
            figure = Figure(dpi=720)
            drawn = figure.text(0, 0, text, fontsize=7.5, fontweight="bold" if bold else "normal")
            points = drawn.get_window_extent().width
        assert text_width(text, 7.5, bold) == pytest.approx(points / 720 * 25.4, rel=0.01)


def test_labels_from_outside_become_one_printable_line() -> None:
    assert printable(" a\n\tb ") == "a b"
    assert printable("目标85%以上 NPS") == "目标\u200985%\u2009以上 NPS"
    assert printable(printable("目标85%以上\u00a0NPS")) == "目标\u200985%\u2009以上\u00a0NPS"
    assert printable("x\x00\u202e\ud800") == "x[U+0000][U+202E][U+D800]"


def test_typst_sets_the_text_in_the_shipped_face() -> None:
    fonts = str(resources.files("survey_kpi.report") / "fonts")
    page = b'#set page(width: 90mm, height: 70mm)\n#image(bytes(sys.inputs.svg), format: "svg")'
    pdf = typst.compile(
        page, sys_inputs={"svg": to_svg(drawing())}, font_paths=[fonts], ignore_system_fonts=True
    )
    with pikepdf.open(io.BytesIO(pdf)) as document:
        fonts_used = [item for item in document.objects if isinstance(item, pikepdf.Dictionary)]
        faces = {str(item["/BaseFont"]) for item in fonts_used if item.get("/Type") == "/Font"}
    plain = {face.rpartition("+")[2].removesuffix("-Identity-H") for face in faces}
    assert plain == {"NotoSansSC-Regular", "NotoSansSC-Bold"}
