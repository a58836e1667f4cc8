"""Blocks as HTML: pure functions from a block's JSON to a string in which all text is escaped.

A number that can be traced becomes `<data class="fact">` with its key and hash; the page's script opens a
card for it, and without a script its title says the same. No function here writes a style or a script.

Examples
--------
>>> from survey_kpi.report.blocks import Heading, Paragraph, Span
>>> body([Heading("NPS < 30?").as_json(), Paragraph([Span("No", tone="better")]).as_json()])
'<h2 class="opening">NPS &lt; 30?</h2>\\n<p><strong class="better">No</strong></p>'
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from survey_kpi.errors import ReportError
from survey_kpi.report.css import notebook_style
from survey_kpi.report.escaping import escape, running
from survey_kpi.report.extract import Json, frame_words, language
from survey_kpi.report.inline_svg import inline

_STRONG = frozenset({"strong", "better", "worse"})
_ENGLISH = frame_words({"language": "en", "labels": {}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a block may say beyond its own text: words of the page, all facts of the document."""

    words: Mapping[str, str] = field(default_factory=lambda: _ENGLISH)
    facts: Sequence[Json] = ()
    shift: int = 1
    """How far headings sink: 1 where the page has a heading of its own above them."""


def body(blocks: Iterable[Json], frame: Frame | None = None) -> str:
    """Return the markup of blocks, one below the other.

    Raises
    ------
    ReportError
        `alt_text_missing`: a figure or a sparkline has no text alternative; `svg_malformed`: its drawing
        cannot be read.
    """
    found = (RENDERERS[block["type"]](block, frame or Frame()) for block in blocks)
    return "\n".join(filter(None, found))


def notebook_html(blocks: Sequence[Json]) -> str:
    """Return one notebook output: the same markup under a style sheet that stays inside it."""
    spoken = language(blocks)
    shown = body(blocks, Frame(words=frame_words({"language": spoken, "labels": {}})))
    return f'<div class="survey-kpi" lang="{spoken}"><style>{notebook_style()}</style>\n{shown}\n</div>'


def text(spans: Iterable[Json]) -> str:
    """Return running text."""
    return "".join(map(_span, spans))


def _span(span: Json) -> str:
    shown = running(span["text"])
    if span["fact"]:
        shown = _fact(span, shown)
        span = {**span, "glue": False}  # the number itself carries it
    if span["tone"] == "code":
        return f"<code>{shown}</code>"
    names = " ".join(filter(None, (span["tone"] if span["tone"] != "strong" else "", "glue" * span["glue"])))
    tag = "strong" if span["tone"] in _STRONG else "span"
    return f"<{tag}{_attribute('class', names)}>{shown}</{tag}>" if names or tag == "strong" else shown


def _fact(span: Json, shown: str) -> str:
    names = "fact glue" if span["glue"] else "fact"
    key, digest = escape(span["fact"]), escape(span["hash"])
    return (
        f'<data class="{names}" value="{escape(span["text"])}" data-fact="{key}" data-hash="{digest}"'
        f' title="{key} · {digest}" tabindex="0">{shown}</data>'
    )


def _attribute(name: str, value: object) -> str:
    return f' {name}="{escape(value)}"' if value else ""


def _plain(spans: Iterable[Json]) -> str:
    return "".join(span["text"] for span in spans)


def _paragraph(block: Json, _: Frame) -> str:
    style = block["style"] if block["style"] != "body" else ""
    return f"<p{_attribute('class', style)}>{text(block['content'])}</p>"


def _heading(block: Json, frame: Frame) -> str:
    level = min(max(block["level"] + frame.shift, 1), 6)
    names = _attribute("class", "opening" if block["level"] == 1 else "") + _attribute("id", block["anchor"])
    heading = f"<h{level}{names}>{running(block['text'])}</h{level}>"
    kicker = block["kicker"]
    return f'<hgroup><p class="kicker">{running(kicker)}</p>{heading}</hgroup>' if kicker else heading


def _bullets(block: Json, _: Frame) -> str:
    tag = "ol" if block["ordered"] else "ul"
    notes = [*block["notes"], *[()] * len(block["items"])]
    items = (
        f"<li>{text(item)}" + (f'<span class="note-line">{text(note)}</span>' if note else "") + "</li>"
        for item, note in zip(block["items"], notes, strict=False)
    )
    return f"<{tag}>{''.join(items)}</{tag}>"


def _note(block: Json, frame: Frame) -> str:
    warning = block["kind"] == "warning"
    title = block["title"] or (frame.words["warning"] if warning else "")
    head = f'<p class="note-title"><strong>{running(title)}</strong></p>' if title else ""
    names = "note warning" if warning else "note"
    return f'<div class="{names}" role="note">{head}<p>{text(block["content"])}</p></div>'


def _tiles(block: Json, frame: Frame) -> str:
    return f'<ul class="tiles" role="list">{"".join(_tile(tile, frame) for tile in block["tiles"])}</ul>'


def _tile(tile: Json, frame: Frame) -> str:
    grade = (
        f'<span class="grade"><span class="unseen">{escape(frame.words["evidence"])} </span>'
        f"{escape(tile['grade'])}</span>"
        if tile["grade"]
        else ""
    )
    spark = _graphic(tile["spark"], tile["spark_alt"], tile["label"], "spark") if tile["spark"] else ""
    return (
        f'<li class="tile"><p class="tile-head"><span>{running(tile["label"])}</span>{grade}</p>'
        f'<p class="tile-value"><strong>{_span(tile["value"])}</strong>{escape(tile["unit"])}</p>'
        f'<p class="tile-interval">{text(tile["interval"])}</p>{spark}'
        f'<p class="tile-foot"><span>{text(tile["verdict"])}</span> <span>{text(tile["target"])}</span></p>'
        "</li>"
    )


def _table(block: Json, frame: Frame) -> str:
    caption = f"<caption><span>{text(block['caption'])}</span></caption>" if block["caption"] else ""
    notes = f'<p class="notes">{text(block["notes"])}</p>' if block["notes"] else ""
    columns = block["columns"]
    head = "".join(_column(column) for column in columns)
    rows = "".join(f"<tr>{_row(row, columns)}</tr>" for row in block["rows"])
    name = _plain(block["caption"]) or frame.words["table"]
    return (
        f'<div class="table"><div class="scroll" role="group" tabindex="0" aria-label="{escape(name)}">'
        f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>{notes}</div>"
    )


def _column(column: Json) -> str:
    unit = f' <span class="unit">{running(column["unit"])}</span>' if column["unit"] else ""
    names = _attribute("class", _align(column))
    if not column["title"]:
        return f"<td{names}>{unit}</td>"
    return f'<th scope="col"{names}>{running(column["title"])}{unit}</th>'


def _row(row: Sequence[Sequence[Json]], columns: Sequence[Json]) -> str:
    cells = [
        (text(cell), _attribute("class", _align(column))) for cell, column in zip(row, columns, strict=True)
    ]
    named = bool(cells) and bool(_plain(row[0]).strip())
    return "".join(
        f'<th scope="row"{names}>{shown}</th>' if named and at == 0 else f"<td{names}>{shown}</td>"
        for at, (shown, names) in enumerate(cells)
    )


def _align(column: Json) -> str:
    return "" if column["align"] == "left" else str(column["align"])


def _figure(block: Json, frame: Frame) -> str:
    title = (
        f'<p class="figure-title"><strong>{running(block["title"])}</strong></p>' if block["title"] else ""
    )
    graphic = _graphic(block["svg"], block["alt"], block["title"] or _plain(block["caption"]), "graphic")
    caption = f"<figcaption>{text(block['caption'])}</figcaption>" if block["caption"] else ""
    return f'<figure class="{escape(block["width"])}">{title}{_scroll(graphic, frame)}{caption}</figure>'


def _scroll(graphic: str, frame: Frame) -> str:
    """Let a wide drawing scroll by itself; it alone is an image, so that the caption's numbers stay open."""
    name = escape(frame.words["figure"])
    return f'<div class="scroll" role="group" tabindex="0" aria-label="{name}">{graphic}</div>'


def _graphic(svg: str, alt: str, where: str, name: str) -> str:
    if not alt.strip():
        raise ReportError(
            "alt_text_missing",
            where=f"figure '{where}'",
            what="there is no alternative text",
            hint="say in `alt` what the figure shows to those who cannot see it",
        )
    return f'<div class="{name}" role="img" aria-label="{escape(alt)}">{inline(svg)}</div>'


def _image(block: Json, frame: Frame) -> str:
    caption = f"<figcaption>{text(block['caption'])}</figcaption>" if block["caption"] else ""
    source = f"data:{block['mime']};base64,{block['data']}"
    alt = block["alt"] or frame.words["image"]
    width = _attribute("width", block["width"])
    return (
        f'<figure class="picture"><img src="{escape(source)}" alt="{escape(alt)}"{width}>{caption}</figure>'
    )


def _code(block: Json, frame: Frame) -> str:
    name = frame.words[block["kind"]]
    return (
        f'<pre class="{escape(block["kind"])}" role="group" tabindex="0" aria-label="{escape(name)}">'
        f"<code>{escape(block['text'])}</code></pre>"
    )


def _columns(block: Json, frame: Frame) -> str:
    columns = (f'<div class="column">{body(column, frame)}</div>' for column in block["columns"])
    return f'<div class="columns">{"".join(columns)}</div>'


def _fact_appendix(block: Json, frame: Frame) -> str:
    intro = f"<p>{text(block['intro'])}</p>"
    if not frame.facts:
        return intro
    words = {name: escape(frame.words[name]) for name in ("facts", "fact", "key", "hash")}
    rows = "".join(_fact_row(fact) for fact in frame.facts)
    head = "".join(f'<th scope="col">{words[name]}</th>' for name in ("fact", "key", "hash"))
    return (
        f'<details class="appendix"><summary>{words["facts"]} ({len(frame.facts)})</summary>'
        f'{intro}<div class="scroll" role="group" tabindex="0" aria-label="{words["facts"]}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _fact_row(fact: Json) -> str:
    key, digest = escape(fact["fact"]), escape(fact["hash"])
    name = running(fact["text"])
    return f'<tr><th scope="row">{name}</th><td><code>{key}</code></td><td><code>{digest}</code></td></tr>'


def _nothing(_: Json, __: Frame) -> str:
    return ""


RENDERERS: dict[str, Callable[[Json, Frame], str]] = {
    "meta": _nothing,
    "heading": _heading,
    "paragraph": _paragraph,
    "bullets": _bullets,
    "note": _note,
    "tile": lambda block, frame: _tiles({"tiles": [block]}, frame),
    "tiles": _tiles,
    "table": _table,
    "figure": _figure,
    "columns": _columns,
    "image": _image,
    "code": _code,
    "fact_appendix": _fact_appendix,
}
