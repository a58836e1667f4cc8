"""Other people's cells as blocks: Markdown, tables inside HTML, pictures.

Nothing here passes markup on. Tags become text, links become text with their address behind it, formulas stay
as they were typed, and pictures stay base64, so both exporters can print any notebook without trusting it.

Examples
--------
>>> [block.type for block in markdown("# Title\\n\\nNPS is **30**.\\n\\n- a\\n- b")]
['heading', 'paragraph', 'bullets']
>>> table, = tables("<table><tr><th></th><th>n</th></tr><tr><th>Q3</th><td>120</td></tr></table>")
>>> [column.align for column in table.columns], table.rows[0][1][0].text
(['left', 'right'], '120')
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any, get_args, get_type_hints

import mistune
from bs4 import BeautifulSoup, Tag

from survey_kpi.report.blocks import (
    Block,
    Bullets,
    Code,
    Column,
    Heading,
    Image,
    Note,
    Paragraph,
    Span,
    Table,
    Tone,
)

IMAGE_TYPES: tuple[str, ...] = get_args(get_type_hints(Image)["mime"])
_DATA_URI = re.compile(r"data:(image/[a-z+]+);base64,(.*)", re.DOTALL)
_NUMBER = re.compile(r"[-+−]?[\d,. ]*\d(e[-+]?\d+)?\s?%?|nan|<na>|none|nat|[-–—…]?|\.\.\.", re.IGNORECASE)
_MAX_SPAN = 1000  # a hostile colspan must not fill the memory

Token = Mapping[str, Any]
Attachments = Mapping[str, Mapping[str, str]]


def markdown(source: str, attachments: Attachments | None = None) -> list[Block]:
    """Return the blocks of a Markdown cell.

    Parameters
    ----------
    source
        CommonMark with tables, task lists and formulas between dollar signs.
    attachments
        The cell's own pictures: name -> media type -> base64.
    """
    return list(_blocks(_parser()(source), attachments or {}))


def tables(html: str) -> list[Table]:
    """Return the outermost tables of an HTML output, as text; an empty list if it has none."""
    soup = BeautifulSoup(html, "html.parser")
    found = [table for table in soup.find_all("table") if not table.find_parent("table")]
    return [table for table in map(_table, found) if table.columns]


def image(mime: str, data: str, *, alt: str, width: object = 0) -> Image | None:
    """Return a picture block, or None if the type is unknown or the data is not base64.

    SVG may come as text, as notebooks store it.
    """
    if mime not in IMAGE_TYPES:
        return None
    if mime == "image/svg+xml" and "<" in data:
        data = base64.b64encode(data.encode("utf-8", "replace")).decode()
    try:
        clean = base64.b64encode(base64.b64decode("".join(data.split()), validate=True)).decode()
    except (binascii.Error, ValueError):
        return None
    return Image(clean, mime, alt, width=int(width) if isinstance(width, int | float) else 0)  # type: ignore[arg-type]


@cache
def _parser() -> Any:
    return mistune.create_markdown(
        renderer="ast", plugins=["table", "strikethrough", "url", "task_lists", "math"]
    )


def _blocks(tokens: Iterable[Token], attachments: Attachments) -> Iterator[Block]:
    for token in tokens:
        match token["type"]:
            case "heading":
                yield Heading(_text(token["children"]), level=token["attrs"]["level"])
            case "paragraph" | "block_text":
                yield from _paragraph(token["children"], attachments)
            case "list":
                items = list(_items(token))
                yield Bullets(items, ordered=bool(token["attrs"]["ordered"]))
                yield from _pictures(token["children"], attachments)
            case "block_quote":
                yield Note(
                    _joined(list(_inline(part.get("children", (part,)))) for part in token["children"])
                )
            case "table":
                yield _markdown_table(token["children"])
            case "block_code":
                info = (token.get("attrs") or {}).get("info") or ""
                yield Code(token["raw"].rstrip("\n"), language=info.split(" ")[0])
            case "block_math":
                yield Code(token["raw"].strip(), language="tex")
            case "block_html":
                yield from _raw_html(token["raw"])


def _paragraph(tokens: Sequence[Token], attachments: Attachments) -> Iterator[Block]:
    spans = list(_inline(tokens))
    if any(span.text.strip() for span in spans):
        yield Paragraph(spans)
    yield from _pictures(tokens, attachments)


def _raw_html(raw: str) -> Iterator[Block]:
    found = tables(raw)
    text = " ".join(BeautifulSoup(raw, "html.parser").get_text(" ").split())
    if found:
        yield from found
    elif text and not raw.lstrip().startswith("<!--"):
        yield Paragraph([Span(text)])


def _items(token: Token) -> Iterator[list[Span]]:
    """Flatten a list: inner entries become lines of their own entry, behind a dash."""
    for item in token["children"]:
        lines: list[list[Span]] = []
        for part in item["children"]:
            if part["type"] == "list":
                lines += ([Span("– "), *inner] for inner in _items(part))
            else:
                lines.append(list(_inline(part.get("children", (part,)))))
        box = {True: [Span("☑ ")], False: [Span("☐ ")], None: []}[item.get("attrs", {}).get("checked")]
        yield box + _joined(lines)


def _joined(lines: Iterable[list[Span]]) -> list[Span]:
    """Put each line that says anything on a line of its own."""
    said = (line for line in lines if line)
    return list(chain.from_iterable([Span("\n"), *line] if at else line for at, line in enumerate(said)))


_TONES: dict[str, Tone] = {"strong": "strong", "emphasis": "strong", "strikethrough": "muted"}


def _inline(tokens: Iterable[Token], tone: Tone = "") -> Iterator[Span]:
    for token in tokens:
        kind = token["type"]
        if kind in ("codespan", "inline_math", "block_code"):
            yield Span(token["raw"].rstrip("\n"), tone="code")
        elif kind == "softbreak":
            yield Span(" ")
        elif kind == "linebreak" or (kind == "inline_html" and token["raw"].lower().startswith("<br")):
            yield Span("\n")
        elif kind == "link":
            yield from _link(token, tone)
        elif kind == "text":
            yield Span(token["raw"], tone=tone)
        elif kind != "image" and "children" in token:
            yield from _inline(token["children"], _TONES.get(kind, tone))


def _link(token: Token, tone: Tone) -> Iterator[Span]:
    yield from _inline(token["children"], tone)
    url = token["attrs"]["url"]
    if not url.startswith("#") and url not in _text(token["children"]):
        yield Span(f" ({url})", tone="muted")


def _text(tokens: Iterable[Token]) -> str:
    return "".join(span.text for span in _inline(tokens)).strip()


def _pictures(tokens: Iterable[Token], attachments: Attachments) -> Iterator[Block]:
    for token in tokens:
        if token["type"] == "image":
            yield _picture(token["attrs"]["url"], _text(token["children"]), attachments)
        yield from _pictures(token.get("children", ()), attachments)


def _picture(url: str, alt: str, attachments: Attachments) -> Block:
    """Return the picture if the notebook itself holds it, else the place where it would be fetched from."""
    inside = _DATA_URI.fullmatch(url)
    bundle = attachments.get(url.removeprefix("attachment:"), {})
    for mime, data in [inside.groups()] if inside else bundle.items():
        found = image(mime, data, alt=alt)
        if found:
            return found
    return Paragraph([Span(alt or "–"), Span(f" ({url[:200]})", tone="muted")], style="small")


def _markdown_table(parts: Sequence[Token]) -> Table:
    head = parts[0]["children"]
    columns = [Column(_text(cell["children"]), align=cell["attrs"]["align"] or "left") for cell in head]
    body = parts[1]["children"] if len(parts) > 1 else ()
    return Table(columns, [[list(_inline(cell["children"])) for cell in row["children"]] for row in body])


def _table(table: Tag) -> Table:
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    heads = sum(1 for row in rows if row.find_parent("thead") or not row.find("td"))
    grid = _grid(rows)
    width = max(map(len, grid), default=0)
    grid = [row + [""] * (width - len(row)) for row in grid]
    head, body = grid[:heads], grid[heads:]
    titles = [" · ".join(dict.fromkeys(row[at] for row in head if row[at])) for at in range(width)]
    columns = [
        Column(title, align="right" if at and _numeric(row[at] for row in body) else "left")
        for at, title in enumerate(titles)
    ]
    caption = table.find("caption")
    return Table(
        columns, [[[Span(cell)] for cell in row] for row in body], [Span(_cell(caption))] if caption else []
    )


def _grid(rows: Sequence[Tag]) -> list[list[str]]:
    """Spread cells over the rows and columns they span."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column -> rows still covered from above, text
    for row in rows:
        line: list[str] = []
        for cell in row.find_all(["td", "th"], recursive=False):
            _fill_from_above(line, below)
            for _ in range(_span(cell, "colspan")):
                below[len(line)] = (_span(cell, "rowspan") - 1, _cell(cell))
                line.append(_cell(cell))
        _fill_from_above(line, below)
        grid.append(line)
    return grid


def _fill_from_above(line: list[str], below: dict[int, tuple[int, str]]) -> None:
    while below.get(len(line), (0, ""))[0] > 0:
        left, text = below[len(line)]
        below[len(line)] = (left - 1, text)
        line.append(text)


def _span(cell: Tag, name: str) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() else 1


def _cell(cell: Tag) -> str:
    return " ".join(cell.get_text(" ").split())


def _numeric(cells: Iterable[str]) -> bool:
    found = list(cells)
    return any(found) and all(_NUMBER.fullmatch(cell) for cell in found)
