"""Only drawing passes into the page."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import ReportError
from survey_kpi.report.escaping import escape, fit
from survey_kpi.report.inline_svg import ATTRIBUTES, ELEMENTS, inline

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'


def drawn(inside):
    return BeautifulSoup(inline(f"{HEAD}{inside}</svg>"), "html.parser").svg


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject><body onload='alert(1)'/></foreignObject>",
        "<style>path{fill:url(https://a.example)}</style>",
        "<image href='https://a.example/x.png'/>",
        "<animate attributeName='href' values='javascript:alert(1)'/>",
        "<set attributeName='onmouseover' to='alert(1)'/>",
        "<a href='javascript:alert(1)'><text>x</text></a>",
        "<!-- <script> --><?xml-stylesheet href='https://a.example'?>",
        "<iframe xmlns='http://www.w3.org/1999/xhtml' src='https://a.example'/>",
        "<metadata>made with x</metadata>",
    ],
)
def test_what_runs_or_loads_is_left_out_with_all_it_holds(inside):
    assert drawn(inside).decode_contents() == ""


@pytest.mark.parametrize(
    "attribute",
    [
        'onclick="alert(1)"',
        'href="https://a.example/x.svg#a"',
        'xlink:href="javascript:alert(1)"',
        'href="data:image/svg+xml,x"',
        'fill="url(https://a.example)"',
        'fill="url(x)"',
        'clip-path="inset(1px)"',
        'style="fill: url(https://a.example)"',
        'style="behavior: url(#x); background: red"',
        'class="fact"',
        'data-fact="k"',
        'd="M0 0&#10;&quot;&gt;&lt;script&gt;"',
        'id="a b"',
        'tabindex="0"',
    ],
)
def test_attributes_that_do_not_draw_are_left_out(attribute):
    assert drawn(f"<use {attribute}/>").use.attrs == {}


def test_styles_become_attributes_and_colours_lower_case():
    text = drawn("<text style='font: bold 7.5px X; fill: #1F5FA8; stroke-width: 2px'>a</text>").find("text")
    assert text.attrs == {"font-weight": "bold", "font-size": "7.5", "fill": "#1f5fa8", "stroke-width": "2"}


def test_references_stay_inside_their_own_drawing():
    shape = "<defs><path id='m' d='M0 0'/><clipPath id='c'><rect/></clipPath></defs>"
    found = drawn(shape + "<use xlink:href='#m' clip-path='url(#c)' fill='url(#g)'/>")
    path, clip, use = found.path, found.find(re.compile("clippath", re.IGNORECASE)), found.use
    assert use["href"] == "#" + path["id"]
    assert use["clip-path"] == f"url(#{clip['id']})"
    other = drawn(shape + "<use href='#m'/><path/>")
    assert other.path["id"] != path["id"]


def test_the_style_sheet_sizes_a_drawing_that_has_a_view_box():
    assert 'width="' not in inline('<svg width="9pt" height="9pt" viewBox="0 0 9 9"/>')
    assert 'width="9"' in inline('<svg width="9" height="9"/>')


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<svg>",
        "<html/>",
        "text",
        "<svg>\x00</svg>",
        '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><svg>&b;</svg>',
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
    ],
)
def test_what_is_no_drawing_is_refused(source):
    with pytest.raises(ReportError) as caught:
        inline(source)
    assert caught.value.code == "svg_malformed"


def test_the_document_type_that_matplotlib_writes_is_accepted():
    assert inline('<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg/>')


xml_text = st.text().filter(lambda text: fit(text) == text and "\r" not in text)


@given(xml_text)
def test_labels_stay_labels(label):
    found = drawn(f"<text>{escape(label)}<tspan>b</tspan>{escape(label)}</text>")
    assert found.find("text").get_text().split() == f"{label}b{label}".split()


@given(
    st.sampled_from(sorted({"svg", "g", "path", "use", "script", "a", "image", "style", "foreignObject"})),
    st.sampled_from(sorted({"d", "href", "fill", "onload", "style", "src", "id"})),
    st.one_of(xml_text, st.text(alphabet="url(#javascript:/).%'\";&<> 1")),
)
def test_nothing_passes_that_is_not_on_the_lists(name, attribute, value):
    found = drawn(f'<{name} {attribute}="{escape(value)}"/>')
    allowed = {each.lower() for each in ATTRIBUTES}
    for tag in found.find_all(True):
        assert tag.name in {each.lower() for each in ELEMENTS}
        assert tag.attrs.keys() <= allowed
        assert not any(re.search(r"[:/<>\"']|url\((?!#)", text) for text in tag.attrs.values())
