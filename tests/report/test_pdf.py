"""Documents on paper: what a reader, an archive and a screen reader find in the file."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import re
import runpy
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pikepdf
import pytest
from nbconvert.exporters import get_exporter

from survey_kpi.errors import ReportError
from survey_kpi.report import pdf as pdf_module
from survey_kpi.report.blocks import (
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
from survey_kpi.report.pdf import render_pdf

SVG = "http://www.w3.org/2000/svg"
HELPER = Path(__file__).with_name("sample_document.py")
sample = runpy.run_path(str(HELPER))["sample"]
Document = list[dict[str, Any]]


def document(*blocks: Any, language: str = "en", **meta: str) -> Document:
    frame = dict.fromkeys(("study", "edition", "period", "run_id", "data_hash", "rule_hash", "evidence"), "")
    first = Meta(**({"title": "T", "language": language} | frame | meta))  # type: ignore[arg-type]
    return [block.as_json() for block in (first, *blocks)]


def words(content: bytes, *options: str) -> str:
    """Return the text of a PDF as poppler reads it."""
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext (poppler-utils) is absent")
    found = subprocess.run(["pdftotext", *options, "-", "-"], input=content, capture_output=True, check=True)
    return found.stdout.decode()


def flat(content: bytes) -> str:
    return re.sub(r"\s+", "", words(content))


@cache  # an object of a PDF lives as long as its file
def opened(content: bytes) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(content))


def structure(node: Any) -> Iterator[pikepdf.Dictionary]:
    """Yield the structure elements of a tagged PDF."""
    if isinstance(node, pikepdf.Array):
        for part in node:
            yield from structure(part)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        yield from structure(node.get("/K"))


def tags(content: bytes) -> list[pikepdf.Dictionary]:
    return list(structure(opened(content).Root.StructTreeRoot.K))


def links(content: bytes) -> list[pikepdf.Dictionary]:
    return [note for page in opened(content).pages for note in page.get("/Annots", [])]


@pytest.fixture(scope="module", params=["zh", "en"])
def report(request: pytest.FixtureRequest) -> tuple[str, Document, bytes]:
    made = sample(request.param)
    return request.param, made, render_pdf(made)


# --- the file -----------------------------------------------------------------------------------------


def test_it_is_an_archive_and_an_accessible_file(report: tuple[str, Document, bytes]) -> None:
    language, made, content = report
    root = opened(content).Root
    xmp = root.Metadata.read_bytes().decode()
    assert "<pdfaid:part>2</pdfaid:part>" in xmp and "<pdfaid:conformance>A</pdfaid:conformance>" in xmp
    assert "<pdfuaid:part>1</pdfuaid:part>" in xmp
    assert root.MarkInfo.Marked is True
    assert root.ViewerPreferences.DisplayDocTitle is True
    assert str(root.Lang) == {"zh": "zh-CN", "en": "en"}[language]
    information = opened(content).docinfo
    assert str(information.Title) == made[0]["title"]
    assert made[0]["edition"] in str(information.Keywords)


def test_only_the_shipped_fonts_are_embedded(report: tuple[str, Document, bytes]) -> None:
    fonts = [thing for thing in opened(report[2]).objects if isinstance(thing, pikepdf.Dictionary)]
    described = [thing for thing in fonts if thing.get("/Type") == "/FontDescriptor"]
    names = {str(font.FontName).partition("+")[2].removesuffix("-Identity-H") for font in described}
    assert names == {"NotoSansSC-Regular", "NotoSansSC-Bold"}
    assert all("/FontFile3" in font for font in described)


def test_figures_say_what_they_show(report: tuple[str, Document, bytes]) -> None:
    _, made, content = report
    figures = [b for b in made if b["type"] == "figure"]
    figures += [
        b
        for c in made
        if c["type"] == "columns"
        for part in c["columns"]
        for b in part
        if b["type"] == "figure"
    ]
    sparks = [tile["spark_alt"] for block in made if block["type"] == "tiles" for tile in block["tiles"]]
    expected = Counter([figure["alt"] for figure in figures] + sparks)
    found = Counter(str(tag.Alt) for tag in tags(content) if tag.S == "/Figure")
    assert found == expected and expected.total() > 5


def test_tags_name_headings_tables_lists_and_contents(report: tuple[str, Document, bytes]) -> None:
    _, made, content = report
    count = Counter(str(tag.S) for tag in tags(content))
    headings = [block for block in made if block["type"] == "heading" and block["level"] == 1]
    assert count["/H1"] == len(headings) == count["/TOCI"]
    assert count["/TH"] >= count["/Table"] > 5 and count["/LI"] >= 5


def test_bookmarks_are_the_headings(report: tuple[str, Document, bytes]) -> None:
    _, made, content = report
    with opened(content).open_outline() as outline:
        titles = [entry.title for entry in outline.root]
        below = [entry.title for entry in outline.root[0].children]
    assert titles == [block["text"] for block in made if block["type"] == "heading" and block["level"] == 1]
    assert len(below) == 2


def test_every_page_has_its_header_its_footer_and_its_number(report: tuple[str, Document, bytes]) -> None:
    _, made, content = report
    meta, total = made[0], len(opened(content).pages)
    for page in range(1, total + 1):
        text = re.sub(r"\s+", "", words(content, "-f", str(page), "-l", str(page)))
        for part in (meta["study"], meta["period"], meta["edition"], meta["evidence"], f"{page} / {total}"):
            assert part.replace(" ", "") in text
        assert all(meta[key][:12] in text for key in ("run_id", "data_hash", "rule_hash"))


def test_each_section_opens_a_page(report: tuple[str, Document, bytes]) -> None:
    _, made, content = report
    sections = [block["text"] for block in made if block["type"] == "heading" and block["level"] == 1]
    for number, title in enumerate(sections[1:], 2):
        assert title.replace(" ", "") in re.sub(
            r"\s+", "", words(content, "-f", str(number), "-l", str(number))
        )


def test_sheets_are_a4(report: tuple[str, Document, bytes]) -> None:
    boxes = {
        tuple(round(float(side) / 72 * 25.4) for side in page.MediaBox[2:])
        for page in opened(report[2]).pages
    }
    assert boxes == {(210, 297)}


def test_bytes_depend_on_the_document_alone(tmp_path: Path) -> None:
    code = """
import hashlib, runpy, sys
from survey_kpi.report.pdf import render_pdf
sample = runpy.run_path(sys.argv[1])["sample"]
print(*[hashlib.sha256(render_pdf(sample(language))).hexdigest() for language in ("en", "zh")])
"""
    elsewhere = {"TZ": "Pacific/Auckland", "SOURCE_DATE_EPOCH": "1", "LC_ALL": "C", "RAYON_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, str(HELPER)]
    run = subprocess.run(command, capture_output=True, check=True, cwd=tmp_path, env=os.environ | elsewhere)
    here = [hashlib.sha256(render_pdf(sample(language))).hexdigest() for language in ("en", "zh")]
    assert run.stdout.decode().split() == here
    assert not list(tmp_path.iterdir())


# --- numbers ------------------------------------------------------------------------------------------


def test_every_marked_number_links_to_its_row(report: tuple[str, Document, bytes]) -> None:
    _, made, content = report
    marked = [span for span in _spans(made) if span["fact"]]
    last = len(opened(content).pages)
    contents = 7  # entries of the contents link too
    assert len(links(content)) == len(marked) + contents
    appendix = re.sub(r"\s+", "", words(content, "-f", str(last), "-l", str(last)))
    for key, digest in {(span["fact"], span["hash"]) for span in marked}:
        assert key in appendix and digest in appendix


def _spans(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "fact" in node:
            yield node
        for part in node.values():
            yield from _spans(part)
    elif isinstance(node, list):
        for part in node:
            yield from _spans(part)


def test_without_an_appendix_nothing_links() -> None:
    number = Span("30.0", fact="2026Q3/A07.nps/company", hash="cedb76f9")
    assert links(render_pdf(document(Heading("H"), Paragraph([number])))) == []


def test_a_number_and_its_unit_stay_on_one_line() -> None:
    number = Span("82.7–85.5 points", glue=True)
    text = [part for _ in range(60) for part in (number, Span(" and "))]
    lines = words(render_pdf(document(Heading("H"), Paragraph(text))), "-layout").splitlines()
    assert sum(line.count("82.7–85.5 points") for line in lines) == 60
    chinese = [part for _ in range(60) for part in (Span("4.1 个百分点", glue=True), Span("，另有"))]
    lines = words(
        render_pdf(document(Heading("题"), Paragraph(chinese), language="zh")), "-layout"
    ).splitlines()
    assert sum(re.sub(r" ", "", line).count("4.1个百分点") for line in lines) == 60


# --- text from outside --------------------------------------------------------------------------------

MARKUP = '*b* _i_ #import "x": y #panic() $x^2$ \\ @ref <label> `code` = h // c /* d */ [e] {f} ~ -- --- "q" https://a.b'


def everywhere(text: str) -> Document:
    spans = [Span(text)]
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    return document(
        Heading(text, kicker=text),
        Paragraph(spans, style="lead"),
        Bullets([spans], notes=[spans]),
        Note(spans, title=text),
        Tiles([Tile(text, Span(text), text, spans, spans, spans, text, svg, text)]),
        Table([Column(text, unit=text), Column(text)], [[spans, spans]], caption=spans, notes=spans),
        Figure(svg, text, spans, title=text),
        Columns([[Heading(text, level=2)], [Paragraph(spans)]]),
        Code(text),
        Paragraph([Span(text, fact=text, hash=text)]),
        FactAppendix(spans),
        title=text, study=text, edition=text, period=text, evidence=text, description=text, draft="D",
    )  # fmt: skip


def test_markup_is_text() -> None:
    content = render_pdf(everywhere(MARKUP))
    assert flat(content).count(MARKUP.replace(" ", "")) >= 12
    assert all("/A" not in link for link in links(content))  # no address became a link
    assert str(opened(content).docinfo.Title) == MARKUP


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("name 😀", "name[U+1F600]"),
        ("half \ud83d pair", "half[U+D83D]pair"),
        ("nul\x00bell\x07", "nul[U+0000]bell[U+0007]"),
        ("\x1b[31mred\x1b[0m", "[U+001B][31mred"),
        ("back\u202eward", "back[U+202E]ward"),
        ("a" + "\u0336" * 10_000, "a[U+0336×10000]"),
        ("tab\tline\r\nend\u2028", "tablineend[U+2028]"),
        ("w" * 500, "w" * 40),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("=cmd|' /C calc'!A0", "=cmd|'/Ccalc'!A0"),
    ],
)
def test_hostile_text_is_set_and_seen(hostile: str, shown: str) -> None:
    assert shown in flat(render_pdf(everywhere(hostile)))


def test_long_words_stay_on_the_sheet() -> None:
    wide = Table([Column("a"), Column("b")], [[[Span("x" * 400)], [Span("y" * 400)]]])
    content = render_pdf(document(Heading("H"), Paragraph([Span("z" * 900)]), wide))
    boxes = words(content, "-bbox")
    right = [float(edge) for edge in re.findall(r'<word xMin="[\d.]+" yMin="[\d.]+" xMax="([\d.]+)"', boxes)]
    assert max(right) <= (210 - 20) / 25.4 * 72 + 1


# --- layout -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", range(28, 44))
def test_a_heading_never_ends_a_page(lines: int) -> None:
    filler = [Paragraph([Span(f"line {at}")]) for at in range(lines)]
    content = render_pdf(
        document(Heading("First"), *filler, Heading("Alone?", level=2), Paragraph([Span("Never.")]))
    )
    pages = words(content).split("\f")
    assert next(at for at, page in enumerate(pages) if "Alone?" in page) == next(
        at for at, page in enumerate(pages) if "Never." in page
    )


@pytest.mark.parametrize("words_before", range(4, 12))
def test_no_word_stands_alone_on_the_last_line_of_a_heading(words_before: int) -> None:
    text = " ".join(["satisfaction"] * words_before) + " 34.6%"
    lines = words(render_pdf(document(Heading(text))), "-layout").split("\n\n")[0].strip().splitlines()
    assert len(lines) == 1 or len(lines[-1].split()) > 1


def test_contents_stand_on_the_first_page_when_there_is_something_to_find() -> None:
    def first_page(sections: int) -> str:
        headings = [Heading(f"Finding {at}", kicker=f"Topic {at}") for at in range(sections)]
        return words(render_pdf(document(*headings)), "-l", "1")

    assert "Contents" not in first_page(3)
    assert "Contents" in first_page(4) and "Finding 3" in first_page(4) and "Topic 3" in first_page(4)


def test_contents_never_push_the_answer_off_its_page() -> None:
    placed = set()
    for lines in range(30, 50, 2):
        filler = [Paragraph([Span(f"line {at}")]) for at in range(lines)]
        content = render_pdf(
            document(Heading("Answer"), *filler, *[Heading(f"Finding {at}") for at in range(4)])
        )
        pages = words(content).split("\f")[:-1]
        assert len(pages) == 4 + sum("line" in page for page in pages)
        placed |= {"line" in page for page in pages if "Contents" in page} or {None}
    assert placed == {True, None}  # at the foot of the answer where there is room, else not at all


def test_two_half_figures_stand_side_by_side() -> None:
    svg = f'<svg xmlns="{SVG}" width="200" height="400"><text x="9" y="99">in the figure</text></svg>'
    halves = [Figure(svg, f"alt {at}", [], title=f"figure {at}", width="half") for at in range(2)]
    content = render_pdf(document(Heading("H"), *halves))
    assert re.search(r"figure 0 +figure 1", words(content, "-layout"))
    assert words(content).count("in the figure") == 2  # text in figures stays text, in our font


def test_a_table_wider_than_a_sheet_continues_below_with_its_row_names() -> None:
    columns = [Column("row")] + [Column(f"c{at}", "right") for at in range(30)]
    rows = [[[Span(f"name{row}")], *([Span(f"{row}.{at}")] for at in range(30))] for row in range(3)]
    text = words(render_pdf(document(Heading("H"), Table(columns, rows))))
    assert text.count("name1") == 3 and all(f"2.{at}" in text for at in range(30))


def test_a_long_table_repeats_its_head() -> None:
    rows = [[[Span(f"r{at}")], [Span(str(at))]] for at in range(120)]
    text = words(
        render_pdf(document(Heading("H"), Table([Column("Indicator"), Column("Value", "right")], rows)))
    )
    assert text.count("Indicator") == len(text.split("\f")) - 1 > 1


def test_headings_of_any_depth_make_an_outline_without_gaps() -> None:
    content = render_pdf(
        document(Heading("Deep", level=4), Heading("Deeper", level=6), Heading("Back", level=2))
    )
    levels = [str(tag.S) for tag in tags(content) if str(tag.S).startswith("/H")]
    assert levels == ["/H1", "/H2", "/H2"]


def test_a_draft_says_so() -> None:
    assert "草" in words(render_pdf(document(Heading("H"), draft="草")))


def test_the_templates_take_every_colour_from_the_tokens() -> None:
    for template in (Path(pdf_module.__file__).parent / "templates").glob("*.typ"):
        assert not re.search(r'rgb\("|#[0-9a-f]{6}\b', template.read_text(encoding="utf-8"))


# --- refusals -----------------------------------------------------------------------------------------


def test_figures_without_alternative_text_are_refused_together() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    tile = Tile("Speed", Span("1"), "", [], [], [], "A", svg, "")
    with pytest.raises(ReportError) as raised:
        render_pdf(document(Heading("H"), Figure(svg, " ", [], title="Trend"), Columns([[Tiles([tile])]])))
    assert [(p.code, p.where) for p in raised.value.problems] == [
        ("alt_text_missing", "pdf: Trend"),
        ("alt_text_missing", "pdf: Speed"),
    ]


def test_a_figure_of_ours_that_cannot_be_set_is_an_error() -> None:
    with pytest.raises(ReportError, match="parse SVG") as raised:
        render_pdf(document(Heading("H"), Figure("<svg broken", "alt", [])))
    assert raised.value.code == "typesetting"


def test_a_warning_of_the_compiler_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = pdf_module._compiler.__wrapped__()
    source = b"""#import "/templates/tokens.typ": family
#set document(title: "T", date: datetime(year: 2000, month: 1, day: 1))
#set text(font: (family, "Nowhere Sans"))
Text"""

    class Warned:
        def compile_with_warnings(self, **options: Any) -> Any:
            return compiler.compile_with_warnings(source, **options)

    monkeypatch.setattr(pdf_module, "_compiler", Warned)
    with pytest.raises(ReportError, match="unknown font family: nowhere sans"):
        render_pdf(document(Heading("H")))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_process_forked_after_printing_is_refused_and_does_not_hang() -> None:
    code = """
import os, runpy, sys
from survey_kpi.errors import RunError
from survey_kpi.report.pdf import render_pdf
sample = runpy.run_path(sys.argv[1])["sample"]
render_pdf(sample("zh"))
if not os.fork():
    try:
        render_pdf(sample("en"))
    except RunError as error:
        os._exit(7 if error.code == "forked" else 1)
print(os.waitstatus_to_exitcode(os.wait()[1]))
"""
    command = [sys.executable, "-c", code, str(HELPER)]
    assert subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.split() == [b"7"]


# --- other people's notebooks -------------------------------------------------------------------------


def png() -> str:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Drawing

    target = io.BytesIO()
    FigureCanvasAgg(Drawing(figsize=(2, 1))).print_png(target)
    return base64.b64encode(target.getvalue()).decode()


def drawn(inside: str) -> dict[str, str]:
    return {"image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' width='90' height='20'>{inside}</svg>"}


def notebook() -> nbformat.NotebookNode:
    v4 = nbformat.v4
    shown = v4.new_code_cell("plot()\n你好 = 'x'  # $ #panic()")
    pictures = [{"image/png": png()}, drawn("<text y='9' font-family='Comic'>drawn &#128512;</text>")]
    lost = [{"image/png": "aGVsbG8="}, drawn("<image href='/etc/hostname'/><text>no</text>")]
    table = {"text/html": "<table><tr><th>q</th></tr><tr><td>1.5</td></tr></table>"}
    shown.outputs = [
        v4.new_output("stream", name="stdout", text="column  one\n" + "x" * 500),
        *[v4.new_output("display_data", data, metadata={"alt": "a plot"}) for data in pictures],
        *[v4.new_output("display_data", data, metadata={"alt": "lost one"}) for data in lost],
        v4.new_output("execute_result", table),
        v4.new_output("error", ename="E", evalue="v", traceback=["\x1b[31mE: v"]),
    ]
    return v4.new_notebook(cells=[v4.new_markdown_cell("### Any notebook\n\nText with *stress* 😀."), shown])


def test_nbconvert_prints_any_notebook() -> None:
    exporter = get_exporter("survey_kpi_pdf")()
    content, resources = exporter.from_notebook_node(notebook())
    text = flat(content)
    assert exporter.output_mimetype == "application/pdf" and resources["output_extension"] == ".pdf"
    for part in ("Anynotebook", "[U+1F600]", "你好", "#panic()", "columnone", "drawn[U+1F600]", "1.5", "E:v"):
        assert part in text
    streams = [thing for thing in opened(content).objects if isinstance(thing, pikepdf.Stream)]
    assert any(thing.get("/Subtype") == "/Image" for thing in streams)


def test_pictures_that_cannot_be_read_leave_their_words() -> None:
    content, _ = get_exporter("survey_kpi_pdf")().from_notebook_node(notebook())
    assert flat(content).count("[lostone]") == 2  # a broken bitmap, and a drawing that asks for a file


def test_pictures_keep_their_size_up_to_the_width_of_the_text() -> None:
    small = Image(png(), "image/png", "small", width=96)
    huge = Image(png(), "image/png", "huge", width=9_600)
    content = render_pdf(document(Heading("H"), small, huge))
    figures = [tag for tag in tags(content) if tag.S == "/Figure"]
    boxes = [entry.BBox for tag in figures for entry in tag.A if "/BBox" in entry]
    assert [str(tag.Alt) for tag in figures] == ["small", "huge"]
    assert [round(float(box[2] - box[0])) for box in boxes] == [72, round(170 / 25.4 * 72)]


def test_a_notebook_without_headings_gets_its_name_as_title() -> None:
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("Only text.")])
    content, _ = get_exporter("survey_kpi_pdf")().from_notebook_node(
        bare, {"metadata": {"name": "my_analysis"}}
    )
    assert "my_analysis" in words(content)
