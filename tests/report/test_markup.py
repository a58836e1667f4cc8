"""Blocks become markup in which nothing from outside is ever more than text."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import ReportError
from survey_kpi.report.blocks import (
    MIME,
    Blocks,
    Bullets,
    Code,
    Column,
    Columns,
    FactAppendix,
    Figure,
    Heading,
    Image,
    Meta,
    Note,
    Paragraph,
    Span,
    Table,
    Tile,
    Tiles,
)
from survey_kpi.report.escaping import fit
from survey_kpi.report.extract import KINDS
from survey_kpi.report.markup import RENDERERS, Frame, body

PAYLOADS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "</style><script>alert(1)</script>",
    "<!--<script>",
    "]]>&lt;b&gt;&#60;i&#62;",
    "<a href=javascript:alert(1)>x</a>",
    "{{ 7*7 }}{% raw %}",
    "\u202egnp.exe",
    "a\x00b\x1b[31m\ud800\ufffe",
    "a\r\nb\rc",
    "e" + "\u0301" * 10_000,
]
hostile = st.one_of(st.sampled_from(PAYLOADS), st.text(), st.text(alphabet="<>&\"'=/ \n\u202eaonscript{}"))


def soup(*blocks, frame=None):
    return BeautifulSoup(body([block.as_json() for block in blocks], frame), "html.parser")


def every(text):
    """One block of each kind with `text` in every place that takes text."""
    span = Span(text, tone="better", fact=text, hash=text, glue=True)
    tile = Tile(text, span, text, [span], [span], [span], text, "<svg><text>x</text></svg>", text or "alt")
    return [
        Heading(text, level=1, anchor=text, kicker=text),
        Paragraph([span, Span(text, tone="code"), Span(text)]),
        Bullets([[span]], notes=[[span]]),
        Note([span], title=text, kind="warning"),
        Tiles([tile]),
        Table([Column(text, unit=text), Column(text, "right")], [[[span], [span]]], [span], [span]),
        Figure("<svg/>", text if text.strip() else "alt", [span], text),
        Columns([[Paragraph([span])], [Note([span])]]),
        Image("aGk=", "image/png", text, [span]),
        Code(text),
        FactAppendix([span]),
    ]


def shape(page):
    """Tags with the names of their attributes, in order; `bdi` and `br` may come with the text."""
    return [(tag.name, sorted(tag.attrs)) for tag in page.find_all(True) if tag.name not in ("bdi", "br")]


def seen(tag):
    """Text of an element as it reads, line ends included."""
    for end in tag.find_all("br"):
        end.replace_with("\n")
    return tag.get_text()


@given(hostile.filter(str.strip))
def test_text_never_becomes_markup(text):
    fact = Span(text, fact=text, hash=text)
    frame = Frame(facts=[Paragraph([fact]).as_json()["content"][0]])
    assert shape(soup(*every(text), frame=frame)) == shape(soup(*every("plain"), frame=frame))


@given(hostile)
def test_text_comes_back_as_it_was(text):
    page = soup(Paragraph([Span(text, fact=text or "k", hash="h")]))
    assert page.data["value"] == fit(text)
    assert page.data["data-fact"] == fit(text or "k")
    assert page.data["title"] == f"{fit(text or 'k')} · h"
    assert seen(page.data) == fit(text)


@given(hostile)
def test_code_keeps_every_character(text):
    assert soup(Code(text)).code.get_text() == fit(text)


def test_what_no_page_can_hold_becomes_the_replacement_character():
    shown = fit("a\x00b\x1bc\ud800d\ufffee\U0001fffff\tg\nh")
    assert shown == "a\ufffdb\ufffdc\ufffdd\ufffde\ufffdf\tg\nh"
    shown.encode("utf-8")


def test_a_direction_override_ends_with_its_own_text():
    assert soup(Paragraph([Span("\u202eabc"), Span("def")])).bdi.get_text() == "\u202eabc"


def test_a_number_names_its_key_and_takes_the_keyboard():
    fact = soup(
        Paragraph([Span("30.0", tone="strong", fact="2026Q3/A07.nps/company", hash="cedb76f9", glue=True)])
    )
    assert fact.strong.data.attrs == {
        "class": ["fact", "glue"],
        "value": "30.0",
        "data-fact": "2026Q3/A07.nps/company",
        "data-hash": "cedb76f9",
        "title": "2026Q3/A07.nps/company · cedb76f9",
        "tabindex": "0",
    }


@pytest.mark.parametrize(
    ("span", "markup"),
    [
        (Span("a"), "a"),
        (Span("a", tone="strong"), "<strong>a</strong>"),
        (Span("a", tone="worse"), '<strong class="worse">a</strong>'),
        (Span("a", tone="same", glue=True), '<span class="same glue">a</span>'),
        (Span("a", tone="code"), "<code>a</code>"),
        (Span("a\nb", tone="muted"), '<span class="muted">a<br>b</span>'),
    ],
)
def test_tones(span, markup):
    assert body([Paragraph([span]).as_json()]) == f"<p>{markup}</p>"


def test_a_table_has_heads_in_both_directions_units_and_a_caption():
    table = soup(
        Table(
            [Column("Channel"), Column("Share", "right", unit="%"), Column("")],
            [[[Span("Phone")], [Span("85.3")], [Span("x")]], [[], [Span("1")], []]],
            caption=[Span("By channel")],
            notes=[Span("note")],
        )
    )
    assert [(head["scope"], head.get_text()) for head in table.thead.find_all("th")] == [
        ("col", "Channel"),
        ("col", "Share %"),
    ]
    assert [head.get_text() for head in table.find_all("th", scope="row")] == ["Phone"]
    assert table.tbody.find_all("td")[0]["class"] == ["right"]
    assert table.caption.get_text() == "By channel"
    group = table.find(class_="scroll")
    assert (group["role"], group["tabindex"], group["aria-label"]) == ("group", "0", "By channel")
    assert table.find(class_="notes").get_text() == "note"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        soup(Table([Column("a"), Column("b")], [[[Span("1")]]]))


def test_headings_sink_below_the_heading_of_the_page():
    blocks = [Heading("a", kicker="topic", anchor="x"), Heading("b", 2), Heading("c", 9)]
    assert [tag.name for tag in soup(*blocks).find_all(re.compile("h[1-6]$"))] == ["h2", "h3", "h6"]
    assert [tag.name for tag in soup(*blocks, frame=Frame(shift=0)).find_all(re.compile("h[1-6]$"))] == [
        *["h1", "h2", "h6"]
    ]
    assert soup(blocks[0]).hgroup.p.get_text() == "topic"
    assert soup(blocks[0]).h2["id"] == "x"


def test_only_the_drawing_is_an_image_so_the_caption_stays_readable():
    figure = soup(
        Figure("<svg viewBox='0 0 1 1'/>", "NPS is flat", [Span("30", fact="k", hash="h")], "NPS", "half")
    )
    image = figure.find(role="img")
    assert image["aria-label"] == "NPS is flat"
    assert image.svg["aria-hidden"] == "true"
    assert not image.find("data")
    assert figure.figcaption.data["data-fact"] == "k"
    assert figure.figure["class"] == ["half"]


@pytest.mark.parametrize(
    "block",
    [
        Figure("<svg/>", "  ", [Span("see")], title="NPS"),
        Tiles([Tile("NPS", Span("30"), "", (), (), (), spark="<svg/>")]),
    ],
)
def test_a_figure_without_alternative_text_is_not_published(block):
    with pytest.raises(ReportError, match="figure 'NPS'") as caught:
        soup(block)
    assert caught.value.code == "alt_text_missing"


def test_a_tile_reads_in_order():
    tile = Tile("NPS", Span("33.0"), "点", [Span("25–41")], [Span("目标 35")], [Span("不变")], "A")
    assert soup(tile).li.get_text(" ", strip=True) == "NPS Evidence grade A 33.0 点 25–41 不变 目标 35"


def test_a_warning_says_so_in_words():
    assert soup(Note([Span("x")], kind="warning")).strong.get_text() == "Caution"
    assert not soup(Note([Span("x")])).strong


def test_notes_follow_their_own_entry():
    items = soup(Bullets([[Span("a")], [Span("b")]], notes=[[Span("due")]], ordered=True)).ol.find_all("li")
    assert [item.get_text("|") for item in items] == ["a|due", "b"]


def test_the_appendix_lists_the_facts_of_the_document():
    fact = Paragraph([Span("30.0", fact="k<", hash="h")]).as_json()["content"][0]
    found = soup(FactAppendix([Span("All.")]), frame=Frame(facts=[fact]))
    assert [cell.get_text() for cell in found.tbody.tr.find_all(["th", "td"])] == ["30.0", "k<", "h"]
    assert found.summary.get_text() == "Numbers in this report (1)"
    assert not found.find("data")
    assert soup(FactAppendix([Span("All.")])).get_text() == "All."


def test_every_kind_of_block_has_a_renderer():
    assert RENDERERS.keys() == KINDS.keys()


def test_jupyter_gets_blocks_markup_and_text():
    shown = Blocks([Heading("结论"), Paragraph([Span("净推荐值 30.0")]), Code("x")])
    bundle = shown._repr_mimebundle_()
    assert bundle[MIME] == {"blocks": [block.as_json() for block in shown]}
    assert bundle["text/plain"] == "结论\n净推荐值 30.0\nx"
    page = BeautifulSoup(bundle["text/html"], "html.parser")
    assert page.div["lang"] == "zh"
    assert page.div.h2.get_text() == "结论"
    assert isinstance(shown[1:], Blocks)
    assert [block.type for block in shown[1:]] == ["paragraph", "code"]


def test_a_notebook_output_styles_nothing_but_itself():
    style = BeautifulSoup(Blocks([Heading("a")])._repr_mimebundle_()["text/html"], "html.parser").style.string
    depth, selectors, start = 0, [], 0
    for at, char in enumerate(style):
        if char == "{":
            selectors += [style[start:at]] if depth == 0 else []
            depth += 1
        elif char == "}":
            depth -= 1
            start = at + 1 if depth == 0 else start
    assert depth == 0
    assert all(".survey-kpi" in part for selector in selectors for part in selector.split(","))


def test_a_meta_block_prints_nothing_by_itself():
    blank = dict.fromkeys(("study", "edition", "period", "run_id", "data_hash", "rule_hash", "evidence"), "x")
    assert not soup(Meta(title="t", language="en", **blank)).find_all(True)
