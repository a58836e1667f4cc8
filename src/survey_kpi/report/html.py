"""One HTML file per report: self-contained, closed to the network by its own policy, equal bytes each time.

`render_html` turns a document into a page. `SurveyKpiHTMLExporter` does so for any notebook, from
`jupyter nbconvert --to survey_kpi_html NOTEBOOK`.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources as files
from typing import Any

import jinja2
from nbconvert.exporters import Exporter

from survey_kpi.report.css import page_style
from survey_kpi.report.escaping import fit
from survey_kpi.report.extract import Json, document, facts, frame_words
from survey_kpi.report.markup import Frame, body
from survey_kpi.report.webfont import data_uri

_BOLD = re.compile(
    r'<(?:h[1-6]|strong|summary|th scope="col")[ >].*?</'
    r'|<t(?:ext|span)[^>]*font-weight="(?:bold|[6-9]00)".*?</',
    re.DOTALL,
)
_TAG = re.compile(r"<[^>]*>")
_TEMPLATES = files.files("survey_kpi.report") / "templates"
_PRINTED_DIGITS = 12  # of a hash at the foot of a printed page


def render_html(document: Sequence[Json]) -> str:
    """Return the page of a document.

    Parameters
    ----------
    document
        Blocks as JSON, `meta` first, as `survey_kpi.report.extract.document` returns them.

    Raises
    ------
    ReportError
        `alt_text_missing`, `svg_malformed` or `font_missing`.
    """
    meta, blocks = document[0], _anchored(document[1:])
    words, printed = frame_words(meta), facts(document)
    openings = [block for block in blocks if _opens(block)]
    headed = any(block["text"] == meta["title"] for block in openings)
    frame = Frame(words=words, facts=printed, shift=_shift(blocks, headed))
    content = "\n".join(_sheet(sheet, frame) for sheet in _sheets(blocks))
    style = page_style(_running(meta, words), _faces(content, meta, words, printed))
    script = _script()
    return _template().render(
        meta=meta,
        words=words,
        lang="zh-Hans" if meta["language"] == "zh" else meta["language"],
        policy=_policy(style, script),
        style=style,
        script=script,
        body=content,
        headed=headed,
        issue=_issue(meta),
        entries=openings,
        prints=_prints(meta, words),
        traceable=bool(printed),
    )


class SurveyKpiHTMLExporter(Exporter):
    """nbconvert exporter: any notebook as one self-contained HTML page."""

    export_from_notebook = "Report as HTML (survey_kpi)"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(self, nb: Any, resources: Mapping[str, Any] | None = None, **kw: Any) -> Any:
        """Return the page and nbconvert's resources."""
        nb, found = super().from_notebook_node(nb, resources, **kw)
        return render_html(document(nb, name=found["metadata"].get("name", ""))), found


def _opens(block: Json) -> bool:
    return bool(block["type"] == "heading" and block["level"] == 1)


def _shift(blocks: Sequence[Json], headed: bool) -> int:
    """Return how far headings sink: nothing if one of them heads the page, else to the second level."""
    highest = min((block["level"] for block in blocks if block["type"] == "heading"), default=1)
    return (1 if headed else 2) - int(highest)


def _anchored(blocks: Sequence[Json]) -> list[Json]:
    """Give each heading that opens a sheet an address, and none the address of another."""
    taken: set[str] = set()
    found = []
    for at, block in enumerate(blocks):
        if block["type"] == "heading" and (_opens(block) or block["anchor"]):
            anchor = "-".join(block["anchor"].split())
            anchor = anchor if anchor and anchor not in taken else f"part-{at}"
            taken.add(anchor)
            found.append({**block, "anchor": anchor})
        else:
            found.append(block)
    return found


def _sheets(blocks: Sequence[Json]) -> list[list[Json]]:
    """Split before each heading of level 1."""
    sheets: list[list[Json]] = [[]]
    for block in blocks:
        if _opens(block) and sheets[-1]:
            sheets.append([])
        sheets[-1].append(block)
    return sheets


def _sheet(blocks: Sequence[Json], frame: Frame) -> str:
    anchor = blocks[0]["anchor"] if blocks and _opens(blocks[0]) else ""
    return _SHEET.format(
        name=f' data-anchor="{html.escape(fit(anchor))}"' if anchor else "", body=body(blocks, frame)
    )


_SHEET = '<section class="sheet"{name}>\n{body}\n</section>'


def _issue(meta: Json) -> str:
    return " · ".join(filter(None, (meta["period"], meta["edition"])))


def _prints(meta: Json, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what identifies the run, as name and value."""
    named = [(words["run"], "run_id"), (words["data"], "data_hash"), (words["rules"], "rule_hash")]
    return [(name, meta[key]) for name, key in named if meta[key]]


def _running(meta: Json, words: Mapping[str, str]) -> dict[str, str]:
    prints = [f"{name} {value[:_PRINTED_DIGITS]}" for name, value in _prints(meta, words)]
    return {
        "top-left": meta["study"] or meta["title"],
        "top-right": _issue(meta),
        "bottom-left": " · ".join(filter(None, [*prints, meta["evidence"]])),
    }


def _faces(content: str, meta: Json, words: Mapping[str, str], printed: Sequence[Json]) -> dict[int, str]:
    """Return the fonts with the glyphs of this page; bold only for what is set in bold."""
    framed = [value for value in meta.values() if isinstance(value, str)]
    regular = "".join([_said(content), *framed, *words.values(), " ·×()/0123456789"])
    bold = "".join(
        [_said(" ".join(_BOLD.findall(content))), meta["draft"], *(fact["text"] for fact in printed)]
    )
    chinese = meta["language"] == "zh"
    return {
        400: data_uri(regular, chinese=chinese),
        700: data_uri(bold + " ", "Bold", chinese=chinese),
    }


def _said(markup: str) -> str:
    return html.unescape(_TAG.sub("", markup.removesuffix("</")))


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


@cache
def _script() -> str:
    return (_TEMPLATES / "page.js").read_text("utf-8")


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    environment.filters["fit"] = fit
    return environment.from_string((_TEMPLATES / "page.html.j2").read_text("utf-8"))
