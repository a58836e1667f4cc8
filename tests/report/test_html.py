"""The page is one file, closed to the network, equal on every run, and works in a real browser."""

from __future__ import annotations

import base64
import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from unittest import mock

import nbformat
import nbformat.v4 as nbf
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

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
    Meta,
    Note,
    Paragraph,
    Span,
    Table,
    Tile,
    Tiles,
)
from survey_kpi.report.extract import document
from survey_kpi.report.html import SurveyKpiHTMLExporter, render_html

SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="482pt" height="60pt" viewBox="0 0 482 60">
<path d="M0 30 L482 10" fill="none" stroke="#1f5fa8"/>
<text x="9" y="50" font-size="7.5" font-weight="bold" fill="#5d6874">目标 35</text></svg>"""
WORDS = {
    "zh": ("投诉及时率上升，其余指标无可辨识变化", "结论", "4.1 个百分点", "渠道", "净推荐值"),
    "en": (
        "Complaint timeliness rose; nothing else can be told apart",
        "Answer",
        "4.1 points",
        "Channel",
        "NPS",
    ),
}


def report(language="zh", **changes):
    finding, kicker, change, channel, score = WORDS[language]
    meta = {
        "title": f"{score} 2026Q3",
        "language": language,
        "study": "Yunling · 客户经理",
        "edition": "leadership",
        "period": "2026Q3",
        "run_id": "5b1fa2d07c04e9",
        "data_hash": "8f3c0a7721a9",
        "rule_hash": "41de88f090b2",
        "evidence": "A ≥ 200",
        "draft": "",
    }
    fact = Span(change, fact="2026Q3/A08.rate/company:change", hash="0a1b2c3d", glue=True)
    tile = Tile(
        score,
        Span("33.0", fact="k", hash="1"),
        "%",
        [Span("25–41")],
        [Span("35")],
        [Span("=")],
        "A",
        SVG,
        "flat",
    )
    columns = [Column(channel), *[Column(f"{channel} {at}", "right", "%") for at in range(12)]]
    return [
        Meta(**{**meta, **changes}),
        Heading(finding, kicker=kicker, anchor="answer"),
        Paragraph([Span("→ "), fact], style="lead"),
        Tiles([tile] * 5),
        Columns(
            [[Heading(score, 2), Bullets([[Span("a")]] * 3)], [Figure(SVG, "rising", [fact], score, "half")]]
        ),
        Heading(kicker),
        Figure(SVG, "rising", [fact], score),
        Table(columns, [[[Span("x")], *[[Span("−12.3–45.6", glue=True)]] * 12]], [Span("by channel")]),
        Note([Span("n")], kind="warning"),
        Code("x = 1  # " + "long " * 60),
        Paragraph([Span("W" * 300)]),
        FactAppendix([Span("all")]),
    ]


def as_json(blocks):
    return json.loads(json.dumps([block.as_json() for block in blocks]))


@cache
def untouched(language):
    return render_html(as_json(report(language)))


def page(language="zh", **changes):
    return render_html(as_json(report(language, **changes))) if changes else untouched(language)


def parsed(source):
    return BeautifulSoup(source, "html.parser")


def sha256(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_the_policy_names_the_very_bytes_of_style_and_script():
    source = page()
    (style,) = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", source, re.DOTALL)
    policy = parsed(source).find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]
    assert policy.split("; ") == [
        "default-src 'none'",
        f"style-src {sha256(style)}",
        f"script-src {sha256(script)}",
        "img-src data:",
        "font-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert source.index("Content-Security-Policy") < source.index("<style>")


def test_the_page_asks_for_nothing():
    found = parsed(page())
    loading = ("src", "srcset", "action", "poster", "background", "data", "formaction", "ping")
    targets = [tag[name] for tag in found.find_all(True) for name in loading if tag.has_attr(name)]
    targets += [tag["href"] for tag in found.find_all(True) if tag.has_attr("href")]
    assert all(target.startswith(("data:", "#")) for target in targets)
    assert not found.find_all(["link", "iframe", "object", "embed", "base", "form"])


def test_no_style_and_no_handler_stands_inside_a_tag():
    found = parsed(page())
    names = {name for tag in found.find_all(True) for name in tag.attrs}
    assert "style" not in names
    assert not [name for name in names if name.startswith("on")]


def test_equal_documents_give_equal_bytes():
    code = (
        "import json,sys,hashlib; from survey_kpi.report.html import render_html; "
        "print(hashlib.sha256(render_html(json.load(sys.stdin)).encode()).hexdigest())"
    )
    found = as_json(report())
    env = {"PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(found),
        capture_output=True,
        text=True,
        check=True,
        env=env,
    )
    assert other.stdout.strip() == hashlib.sha256(render_html(found).encode()).hexdigest()


def test_the_document_is_not_changed():
    found = as_json(report())
    before = json.dumps(found)
    render_html(found)
    assert json.dumps(found) == before


@pytest.mark.parametrize(("language", "lang"), [("zh", "zh-Hans"), ("en", "en")])
def test_the_frame_says_where_we_are(language, lang):
    found = parsed(page(language))
    assert found.html["lang"] == lang
    assert found.title.get_text() == f"{WORDS[language][4]} 2026Q3"
    assert found.h1.get_text() == "Yunling · 客户经理"
    assert [entry["href"] for entry in found.nav.find_all("a")] == ["#answer", "#part-4"]
    assert all(found.find(id=entry["href"][1:]) for entry in found.nav.find_all("a"))
    assert found.find("a", class_="skip")["href"] == "#" + found.main["id"]
    assert found.find("meta", attrs={"name": "robots"})["content"] == "noindex, nofollow"
    footer = found.footer.get_text()
    assert all(part in footer for part in ("5b1fa2d07c04e9", "8f3c0a7721a9", "41de88f090b2", "A ≥ 200"))


def test_headings_descend_without_a_gap():
    levels = [int(tag.name[1]) for tag in parsed(page()).find_all(re.compile("h[1-6]$"))]
    assert levels == [1, 2, 3, 2, 2]  # the last one heads the card of a number


def test_every_number_is_marked_and_listed_once():
    found = parsed(page())
    assert len(found.find_all("data")) == 3 + 5
    rows = found.find(class_="appendix").tbody.find_all("tr")
    assert [row.td.get_text() for row in rows] == ["2026Q3/A08.rate/company:change", "k"]


def test_a_draft_says_so():
    assert parsed(page(draft="DRAFT")).find(class_="draft").get_text() == "DRAFT"
    assert not parsed(page()).find(class_="draft")


def test_anchors_are_unique_whatever_the_notebook_says():
    meta, *_ = report()
    headings = [
        Heading("a", anchor="x y"),
        Heading("b", anchor="x y"),
        Heading("c"),
        Heading("d", 2, anchor="x-y"),
    ]
    anchors = [tag["id"] for tag in parsed(render_html(as_json([meta, *headings]))).main.find_all(id=True)]
    assert anchors[0] == "x-y"
    assert len(set(anchors)) == len(anchors) == 4


def test_labels_of_the_report_win():
    assert parsed(page(labels={"contents": "本期"})).nav["aria-label"] == "本期"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_fonts_hold_every_glyph_in_its_weight(language):
    source = page(language)
    fonts = {
        int(weight): TTFont(io.BytesIO(base64.b64decode(data))).getBestCmap()
        for weight, data in re.findall(r"font-weight:(\d+);src:url\(data:font/woff;base64,([^)]*)\)", source)
    }
    found = parsed(source)
    bold = found.main.find_all(["h1", "h2", "h3", "strong", "summary"])
    bold += found.main.find_all("th", scope="col") + found.main.find_all(
        "text", attrs={"font-weight": "bold"}
    )
    assert {ord(char) for tag in bold for char in tag.get_text()} - {10} <= fonts[700].keys()
    found.style.extract()
    found.script.extract()
    assert {ord(char) for char in found.body.get_text()} - {10} <= fonts[400].keys()


def test_bold_is_asked_for_only_where_bold_glyphs_are_embedded():
    (style,) = re.findall(r"<style>(.*?)</style>", page(), re.DOTALL)
    style = re.sub(r"@font-face\{[^}]*\}", "", style)
    assert {rule.strip() for rule in re.findall(r"([^{};]+)\{[^{}]*font-weight: (?:700|bold)", style)} == {
        "h1, h2, h3, h4, h5, h6",
        "strong",
        "thead th",
        ".appendix summary",
    }


@given(st.text(alphabet=st.sampled_from("<>/\"'&={}%;\\!-scriptyle\n\x00\u202e"), min_size=1))
def test_the_frame_escapes_everything_it_is_given(text):
    hostile = dict.fromkeys(
        [
            "title",
            "study",
            "edition",
            "period",
            "run_id",
            "data_hash",
            "rule_hash",
            "evidence",
            "draft",
            "description",
        ],
        text,
    )

    def shape(source):
        return [(tag.name, sorted(tag.attrs)) for tag in parsed(source).find_all(True)]

    labels = {"labels": {"contents": text, "copy": text, "theme": text}}
    plain = dict.fromkeys(hostile, "plain")
    with mock.patch("survey_kpi.report.html.data_uri", return_value="data:,"):
        assert shape(page(**hostile, **labels)) == shape(page(**plain, labels={}))


# --- other people's notebooks --------------------------------------------------------------------------


@pytest.fixture
def foreign():
    outputs = [
        nbf.new_output("stream", text="<script>alert(1)</script>"),
        nbf.new_output("display_data", data={"image/png": base64.b64encode(b"\x89PNG").decode()}),
    ]
    cells = [
        nbf.new_markdown_cell("## A study\n\n<script>alert(2)</script> text **bold**"),
        nbf.new_code_cell("print('hello')", outputs=outputs),
        nbf.new_markdown_cell("### Detail"),
    ]
    return nbf.new_notebook(cells=cells)


def test_any_notebook_becomes_a_page(foreign):
    source, resources = SurveyKpiHTMLExporter().from_notebook_node(foreign)
    found = parsed(source)
    assert resources["output_extension"] == ".html"
    assert found.h1.get_text() == found.title.get_text() == "A study"
    assert [tag.name for tag in found.main.find_all(re.compile("h[1-6]$"))] == ["h2", "h3"]
    assert found.find("pre", class_="source").get_text() == "print('hello')"
    assert found.find("pre", class_="output").get_text() == "<script>alert(1)</script>"
    assert found.img["src"] == "data:image/png;base64,iVBORw=="
    assert found.img["alt"] == "Image"
    assert not found.footer
    assert not found.find(id="fact-card")


def test_a_notebook_with_one_title_is_headed_by_it():
    cells = [nbf.new_markdown_cell("# Title\n\n## Part\n\n# Second")]
    source, _ = SurveyKpiHTMLExporter().from_notebook_node(nbf.new_notebook(cells=cells))
    assert [tag.get_text() for tag in parsed(source).find_all("h1")] == ["Title", "Second"]
    assert parsed(source).h2.get_text() == "Part"


def test_a_report_renders_the_same_through_nbconvert(tmp_path):
    outputs = [nbf.new_output("display_data", data=Blocks([block])._repr_mimebundle_()) for block in report()]
    notebook = nbf.new_notebook(cells=[nbf.new_code_cell("show()", outputs=[output]) for output in outputs])
    path = tmp_path / "report.ipynb"
    nbformat.write(notebook, path)
    source, _ = SurveyKpiHTMLExporter().from_filename(str(path))
    assert source == page() == render_html(document(nbformat.read(path, 4)))
    assert MIME in notebook.cells[0].outputs[0].data


def test_the_exporter_is_registered():
    from nbconvert.exporters import get_exporter

    assert get_exporter("survey_kpi_html") is SurveyKpiHTMLExporter


# --- in a browser --------------------------------------------------------------------------------------

HARNESS = """<!doctype html><meta charset="utf-8"><body><pre id="found"></pre>%s<script>
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const find = async () => {
  const found = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, view = frame.contentWindow;
    const facts = [...page.querySelectorAll(".fact")], card = page.getElementById("fact-card");
    const one = { name: frame.name, inner: view.innerWidth, wide: page.documentElement.scrollWidth };
    await page.fonts.ready;
    one.fonts = [...page.fonts].map((face) => face.status);
    one.light = view.getComputedStyle(page.body).backgroundColor;
    page.getElementById("theme").click();
    one.dark = view.getComputedStyle(page.body).backgroundColor;
    one.line = view.getComputedStyle(page.querySelector("figure path")).stroke;
    one.role = facts[0].getAttribute("role");
    facts[0].focus();
    facts[0].dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    const box = card.getBoundingClientRect();
    one.open = card.matches(":popover-open");
    one.inside = box.left >= 0 && box.right <= view.innerWidth;
    one.command = page.getElementById("fact-command").textContent;
    one.focus = page.activeElement.id;
    page.getElementById("fact-close").click();
    await wait(50);
    one.closed = !card.matches(":popover-open");
    one.back = page.activeElement === facts[0];
    facts[1].click();
    one.again = page.getElementById("fact-value").textContent;
    one.stops = [...page.querySelectorAll(".scroll")].map((region) => region.tabIndex === 0);
    found.push(one);
  }
  document.getElementById("found").textContent = JSON.stringify(found);
};
addEventListener("load", () => setTimeout(find, 300));
</script></body>"""
SWITCHED_OFF = ("gpu", "quic", "background-networking", "component-update", "sync")
FLAGS = ["--headless", "--no-sandbox", "--no-first-run", *(f"--disable-{name}" for name in SWITCHED_OFF)]
FLAGS += [
    "--window-size=1600,900",
    "--enable-logging=stderr",
    "--v=0",
    "--virtual-time-budget=5000",
    "--dump-dom",
]
FRAME = '<iframe name="{language}-{width}" width="{width}" height="800" srcdoc="{page}"></iframe>'


@pytest.fixture(scope="module")
def browsed(tmp_path_factory):
    """What a browser finds in both languages at three widths, and what it complains about."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        pytest.skip("no Chromium here: the page is not tried in a browser")
    folder = tmp_path_factory.mktemp("browser")
    frames = "".join(
        FRAME.format(language=language, width=width, page=html.escape(page(language)))
        for language in ("zh", "en")
        for width in (360, 768, 1440)
    )
    (folder / "harness.html").write_text(HARNESS % frames, "utf-8")
    command = [chromium, *FLAGS, f"--user-data-dir={folder / 'profile'}", (folder / "harness.html").as_uri()]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    found = parsed(ran.stdout).find(id="found")
    assert found and found.get_text(), ran.stderr[-2000:]
    return json.loads(found.get_text()), [line for line in ran.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.slow
def test_the_browser_has_no_complaint(browsed):
    assert browsed[1] == []


@pytest.mark.slow
def test_nothing_overflows_at_any_width(browsed):
    assert len(browsed[0]) == 6
    assert [one["name"] for one in browsed[0] if one["wide"] > one["inner"]] == []
    stops = {one["name"]: one["stops"] for one in browsed[0]}
    assert any(stops["zh-360"]) and not all(stops["zh-1440"])


@pytest.mark.slow
def test_fonts_and_themes_work_under_the_policy(browsed):
    for one in browsed[0]:
        assert one["fonts"] == ["loaded", "loaded"]
        assert (one["light"], one["dark"]) == ("rgb(255, 255, 255)", "rgb(18, 24, 31)")
        assert one["line"] == "rgb(125, 177, 234)"


@pytest.mark.slow
def test_a_number_opens_its_card_from_the_keyboard_and_gives_the_focus_back(browsed):
    for one in browsed[0]:
        assert one["role"] == "button"
        assert one["open"] and one["inside"] and one["closed"] and one["back"]
        assert one["command"] == "survey-kpi trace 2026Q3/A08.rate/company:change"
        assert one["focus"] == "fact-copy"
        assert one["again"] == "33.0"
