"""Colours can be told apart, and styles ask for nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from survey_kpi.report.css import TOKENS, notebook_style, page_style

TEXT = ("ink", "muted", "data", "better", "worse", "neutral_text")
MARKS = ("data", "better", "worse", "neutral_mark", "neutral_text")
STYLE = page_style({"top-left": "study"}, {400: "data:font/woff;base64,AAAA"})


def luminance(colour):
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_is_right():
    # WCAG 2.2: black on white is 21:1; #767676 is the lightest grey with 4.5:1 on white
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") >= 4.5 > contrast("#777777", "#ffffff")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "tile"])
@pytest.mark.parametrize(("names", "least"), [(TEXT, 4.5), (MARKS, 3.0)])
def test_text_and_marks_stand_out(theme, ground, names, least):
    colours = TOKENS[theme]
    found = {name: contrast(colours[name], colours[ground]) for name in names}
    assert {name: ratio for name, ratio in found.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_number_under_the_pointer_stays_readable(theme):
    assert contrast(TOKENS[theme]["ink"], TOKENS[theme]["interval"]) >= 4.5


def test_both_themes_name_the_same_colours():
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()
    assert len(set(TOKENS["light"].values())) == len(TOKENS["light"])  # figures are swapped by their colours


@pytest.mark.parametrize("style", [STYLE, notebook_style()])
def test_every_variable_that_is_used_is_defined(style):
    defined = set(re.findall(r"(--[\w-]+):", style))
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    assert used - defined == set()


@pytest.mark.parametrize("style", [STYLE, notebook_style()])
def test_styles_are_balanced_and_load_nothing(style):
    assert style.count("{") == style.count("}")
    assert "@import" not in style
    assert all(address.startswith("data:") for address in re.findall(r"url\(([^)]*)", style))


@pytest.mark.parametrize("style", [STYLE, notebook_style()])
def test_colours_come_from_the_tokens_alone(style):
    known = {value for theme in ("light", "dark") for value in TOKENS[theme].values()}
    known.add("#fff")  # the ground of other people's pictures, which expect white
    assert set(re.findall(r"#[0-9a-f]{3,6}\b(?![^{}]*\{)", style)) <= known


def test_every_colour_of_a_figure_follows_the_theme():
    for name, value in TOKENS["light"].items():
        variable = name.replace("_", "-")
        assert f'svg [fill="{value}"]{{fill:var(--{variable})}}' in STYLE
        assert f'svg [stroke="{value}"]{{stroke:var(--{variable})}}' in STYLE


@pytest.mark.parametrize(
    "words", ['"}body{display:none}', "</style><script>", "\\\n\f", "研究 “A”", "\ud800"]
)
def test_words_at_the_edge_of_the_paper_stay_words(words):
    style = page_style({"top-left": words}, {})
    content = re.search(r'@top-left\{content:"([^"]*)"\}', style)[1]
    assert "<" not in content
    back = re.sub(r"\\([0-9a-f]+) ", lambda code: chr(int(code[1], 16)), content)
    assert back == words.replace("\ud800", "\ufffd").replace("\f", "\ufffd")
