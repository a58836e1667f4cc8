"""From a document to the data that the Typst templates draw.

Here every text becomes printable with the shipped fonts, every marked number gets its row in the fact
appendix, and what paper needs beyond a document is decided: which runs must not break, where a table is too
wide for a sheet, which half figures stand side by side, how deep a heading may be.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from survey_kpi.report.extract import facts, frame_words
from survey_kpi.report.glyphs import visible

Json = dict[str, Any]

CONTENTS_FROM = 4
"""Headings of level 1 that make contents worth their place."""
WIDEST = 12
"""Columns of a table on one sheet."""
GLUED = 60
"""Characters of a run that may be kept on one line; a longer one is no number with its unit."""
SHORT = 12
"""Digits of a hash in the footer."""

_NOT_TEXT = frozenset({"type", "mime", "style", "kind", "align", "width", "tone"})
_DRAWINGS = frozenset({"svg", "spark"})
_BREAKS = re.compile(r"[\s\u2010-\u2015/\u2e80-\uffef-]")  # where a line could end inside a number
_LONG = re.compile(r"[!-,.0-~]{40}(?=[!-,.0-~])")  # ends of lines after - and / come by themselves
_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{2,6})|([0-9]{3,7}));")


@dataclass(slots=True)
class _Walk:
    """What the walk through the blocks has to know and to remember."""

    frame: Json
    facts: Sequence[Json]
    numbers: Mapping[tuple[str, str], int]
    """Row of each fact in the appendix; empty without an appendix, and then nothing links."""
    readable: Callable[[Json], bool]
    level: int = 0
    """Of the last heading; the next may be one deeper, as PDF/UA asks."""


def sheet(document: Sequence[Json], *, readable: Callable[[Json], bool]) -> Json:
    """Return what the template `report.typ` draws.

    Parameters
    ----------
    document
        Blocks as JSON, the `meta` block first.
    readable
        Whether the compiler can set a sheet; asked about each picture that is not ours.
    """
    meta, *body = document
    if not any(block["type"] == "heading" for block in body):
        body = [{"type": "heading", "text": meta["title"], "level": 1, "anchor": "", "kicker": ""}, *body]
    listed = facts(body) if any(block["type"] == "fact_appendix" for block in body) else []
    walk = _Walk(
        frame=_frame(meta),
        facts=[_fact_row(at, span) for at, span in enumerate(listed, 1)],
        numbers={(span["fact"], span["hash"]): at for at, span in enumerate(listed, 1)},
        readable=readable,
    )
    blocks = [made for block in _paired(body) for made in _block(block, walk)]
    return walk.frame | {"blocks": blocks, "contents_before": _contents_before(blocks)}


def figures(node: Any) -> Iterator[tuple[str, str]]:
    """Yield name and alternative text of every figure and sparkline of a document."""
    if isinstance(node, Mapping):
        if node.get("type") == "figure":
            yield node["title"] or "figure", node["alt"]
        if node.get("spark"):
            yield node["label"], node["spark_alt"]
        node = list(node.values())
    if isinstance(node, Sequence) and not isinstance(node, str):
        for part in node:
            yield from figures(part)


def _frame(meta: Json) -> Json:
    words = frame_words(meta)
    marks = [("run", "run_id"), ("data", "data_hash"), ("rules", "rule_hash")]
    footer = [f"{words[word]} {_short(meta[key])}" for word, key in marks if meta[key]]
    footer += [meta["evidence"]] if meta["evidence"] else []
    keywords = [meta[key] for key in ("study", "edition", "period") if meta[key]]
    frame = {"meta": meta, "words": words, "footer": " · ".join(footer), "keywords": keywords}
    return {key: _printable(value) for key, value in frame.items()}


def _short(digest: str) -> str:
    return digest if len(digest) <= SHORT + 4 else digest[:SHORT]


def _fact_row(number: int, span: Json) -> Json:
    return {"number": number} | {key: _printable(span[key]) for key in ("fact", "text", "hash")}


def _contents_before(blocks: Sequence[Json]) -> int:
    """Return the index of the heading whose page the contents precede, -1 for none."""
    first = [at for at, block in enumerate(blocks) if block["type"] == "heading" and block["level"] == 1]
    return first[1] if len(first) >= CONTENTS_FROM else -1


# --- blocks -------------------------------------------------------------------------------------------


def _paired(blocks: Sequence[Json]) -> Iterator[Json]:
    """Put two half figures that follow each other side by side."""
    waiting: Json | None = None
    for block in blocks:
        half = block["type"] == "figure" and block["width"] == "half"
        if waiting and half:
            yield {"type": "columns", "columns": [[waiting], [block]]}
        elif waiting:
            yield waiting
        if not half:
            yield block
        waiting = block if half and not waiting else None
    if waiting:
        yield waiting


def _block(block: Json, walk: _Walk, *, inside: bool = False) -> Iterator[Json]:
    """Yield what is drawn for one block: one, but several for a very wide table."""
    match block["type"]:
        case "heading":
            lowest = 2 if inside and walk.level else 1
            walk.level = max(lowest, min(block["level"], walk.level + 1))
            yield _node(block, walk) | {"level": walk.level}
        case "columns":
            yield {"type": "columns", "columns": [_column(column, walk) for column in block["columns"]]}
        case "table":
            yield from (_node(part, walk) for part in _parts(block))
        case "figure" if inside:
            yield _node(block, walk) | {"width": "full"}
        case "image":
            yield _image(block, walk)
        case "fact_appendix":
            yield _node(block, walk) | {"facts": walk.facts}
        case _:
            yield _node(block, walk)


def _column(blocks: Sequence[Json], walk: _Walk) -> list[Json]:
    return [made for block in blocks for made in _block(block, walk, inside=True)]


def _parts(table: Json) -> Iterator[Json]:
    """Yield a table in parts that fit on a sheet, each with the column that names the rows."""
    columns = table["columns"]
    if len(columns) <= WIDEST:
        yield table
        return
    for start in range(1, len(columns), WIDEST - 1):
        kept = [0, *range(start, min(start + WIDEST - 1, len(columns)))]
        yield table | {
            "columns": [columns[at] for at in kept],
            "rows": [[row[at] for at in kept] for row in table["rows"]],
            "caption": table["caption"] if start == 1 else [],
            "notes": table["notes"] if kept[-1] == len(columns) - 1 else [],
        }


# --- text ---------------------------------------------------------------------------------------------


def _node(node: Any, walk: _Walk) -> Any:
    """Return a block, or a part of one, ready to draw: text printable, numbers linked, drawings checked."""
    if isinstance(node, Mapping):
        if "fact" in node and "glue" in node:
            return _run(node, walk)
        return {key: _entry(key, value, walk) for key, value in node.items()}
    if isinstance(node, Sequence) and not isinstance(node, str):
        return _set_apart([_node(part, walk) for part in node])
    return _printable(node)


def _entry(key: str, value: Any, walk: _Walk) -> Any:
    if key in _NOT_TEXT:
        return value
    return _drawing(value) if key in _DRAWINGS else _node(value, walk)


def _run(span: Mapping[str, Any], walk: _Walk) -> Json:
    text = _printable(span["text"])
    return {
        "text": text,
        "tone": span["tone"],
        "box": bool(span["glue"] and len(text) <= GLUED and _BREAKS.search(text)),
        "fact": walk.numbers.get((span["fact"], span["hash"]), 0),
        "apart": False,
    }


def _set_apart(nodes: list[Any]) -> list[Any]:
    """Mark runs that stand between an ideograph and a letter or digit at the edge of a box.

    The typesetter spaces the two scripts by itself, but not across a box.
    """
    for left, right in pairwise(nodes):
        if isinstance(left, dict) and isinstance(right, dict) and (left.get("box") or right.get("box")):
            right["apart"] = _scripts_meet(left["text"][-1:], right["text"][:1])
    return nodes


def _scripts_meet(left: str, right: str) -> bool:
    before, after = bool(_IDEOGRAPH.match(left)), bool(_IDEOGRAPH.match(right))
    return before != after and (right if before else left).isalnum()


def _printable(node: Any) -> Any:
    """Return text as the fonts can print it; in a very long word a line may end."""
    if isinstance(node, str):
        return _LONG.sub(lambda found: found[0] + "\u200b", visible(node)[0])
    if isinstance(node, Mapping):
        return {key: _printable(value) for key, value in node.items()}
    if isinstance(node, Sequence):
        return [_printable(part) for part in node]
    return node


# --- pictures -----------------------------------------------------------------------------------------


def _drawing(svg: str) -> str:
    """Return SVG whose text the fonts can print, character references included."""
    return visible(_REFERENCE.sub(_referred, svg))[0]


def _referred(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else int(found[2])
    return chr(code) if 0x7F < code <= 0x10FFFF else found[0]


def _image(block: Json, walk: _Walk) -> Json:
    """Return somebody's picture, or its alternative text where the compiler cannot read it."""
    alternative = _printable(block["alt"] or walk.frame["words"]["image"])
    made = {
        "type": "image",
        "svg": "",
        "alt": alternative,
        "caption": _node(block["caption"], walk),
        "width": block["width"],
    }
    trial, picture = _picture(block)
    if walk.readable(walk.frame | {"blocks": [made | {"svg": trial}], "contents_before": -1}):
        return made | {"svg": picture}
    lost = {"text": f"[{alternative}]", "tone": "muted", "box": False, "fact": 0, "apart": False}
    return {"type": "paragraph", "content": [lost], "style": "small"}


def _picture(block: Json) -> tuple[str | list[int], str]:
    """Return what to try a picture with, and the picture as SVG.

    A bitmap is put into an SVG, the shortest way for bytes through JSON; but there a broken one would leave a
    blank without a word, so it is tried as bytes.
    """
    data = block["data"]
    if block["mime"] == "image/svg+xml":
        text = data if "<" in data else base64.b64decode(data).decode("utf-8", "replace")
        drawing = _drawing(text.removeprefix("\ufeff"))
        return drawing, drawing
    href = f"data:{block['mime']};base64,{data}"
    return list(
        base64.b64decode(data)
    ), f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{href}"/></svg>'
