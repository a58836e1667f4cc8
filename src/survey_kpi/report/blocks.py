"""What a notebook cell returns: semantic blocks, not markup.

A report is a list of blocks. Both exporters render the same blocks, so HTML and PDF cannot disagree, and
all text reaches the templates as data. A cell's output carries the blocks as JSON beside plain HTML, so
that JupyterLab shows them without our exporters.

Examples
--------
>>> block = Paragraph([Span("NPS "), Span("30.0", fact="2026Q3/A07.nps/company", hash="cedb76f9")])
>>> block.as_json()["type"]
'paragraph'
>>> block.plain()
'NPS 30.0'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, overload

MIME = "application/vnd.survey-kpi.blocks.v1+json"

Tone = Literal["", "strong", "muted", "better", "worse", "same", "code"]
Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text; `fact` and `hash` mark it as a number that can be traced.

    `glue` keeps the whole run on one line (a number with its sign and its unit).
    """

    text: str
    tone: Tone = ""
    fact: str = ""
    hash: str = ""
    glue: bool = False


Spans = Sequence[Span]


class Block:
    """Base of the blocks below."""

    __slots__ = ()
    type: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the block as plain JSON types; the shape is the fields of the class plus `type`."""
        return {"type": self.type, **asdict(self)}  # type: ignore[call-overload]

    def spans(self) -> Iterator[Span]:
        """Yield every run of text in reading order."""
        yield from _spans(self)

    def plain(self) -> str:
        """Return the text alone."""
        return "".join(span.text for span in self.spans())


@dataclass(frozen=True, slots=True)
class Meta(Block):
    """What stands on every page: title, language, header, footer. The first block of a report."""

    title: str
    language: str
    study: str
    edition: str
    period: str
    run_id: str
    data_hash: str
    rule_hash: str
    evidence: str
    """Legend of the evidence grades."""
    labels: dict[str, str] = field(default_factory=dict)
    """Words of the frame itself (page, contents, run, data, rules, fact appendix, theme …)."""
    description: str = ""
    draft: str = ""
    """Watermark, or empty."""
    type: str = field(default="meta", init=False)


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """Level 1 opens a page of the report and enters the contents; `kicker` is the topic above the finding."""

    text: str
    level: int = 1
    anchor: str = ""
    kicker: str = ""
    type: str = field(default="heading", init=False)


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """Running text."""

    content: Spans
    style: Literal["body", "lead", "small"] = "body"
    type: str = field(default="paragraph", init=False)


@dataclass(frozen=True, slots=True)
class Bullets(Block):
    """A list; each entry is a paragraph of its own, with an optional muted second line."""

    items: Sequence[Spans]
    ordered: bool = False
    notes: Sequence[Spans] = ()
    type: str = field(default="bullets", init=False)


@dataclass(frozen=True, slots=True)
class Note(Block):
    """A boxed remark: a warning, a limit, a draft banner."""

    content: Spans
    title: str = ""
    kind: Literal["info", "warning"] = "info"
    type: str = field(default="note", init=False)


@dataclass(frozen=True, slots=True)
class Tile(Block):
    """One figure on the answer page."""

    label: str
    value: Span
    unit: str
    interval: Spans
    target: Spans
    verdict: Spans
    grade: str = ""
    spark: str = ""
    """SVG of the eight-quarter sparkline."""
    spark_alt: str = ""
    type: str = field(default="tile", init=False)


@dataclass(frozen=True, slots=True)
class Tiles(Block):
    """Tiles side by side."""

    tiles: Sequence[Tile]
    type: str = field(default="tiles", init=False)


@dataclass(frozen=True, slots=True)
class Column:
    """Head of a table column; `width` is a relative weight, 0 means as wide as its content."""

    title: str
    align: Align = "left"
    unit: str = ""
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A table; the first column names the row."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Spans]]
    caption: Spans = ()
    notes: Spans = ()
    type: str = field(default="table", init=False)


@dataclass(frozen=True, slots=True)
class Figure(Block):
    """A vector figure with its alternative text and the sentence that says what to see."""

    svg: str
    alt: str
    caption: Spans
    title: str = ""
    width: Literal["full", "half"] = "full"
    type: str = field(default="figure", init=False)


@dataclass(frozen=True, slots=True)
class Columns(Block):
    """Blocks side by side on paper and on wide screens, one below the other on narrow ones."""

    columns: Sequence[Sequence[Block]]
    type: str = field(default="columns", init=False)

    def as_json(self) -> dict[str, Any]:
        """Return nested blocks with their own types."""
        return {"type": self.type, "columns": [[b.as_json() for b in column] for column in self.columns]}


@dataclass(frozen=True, slots=True)
class FactAppendix(Block):
    """Place of the list of all facts printed above; the exporters fill it from the marked spans."""

    intro: Spans
    type: str = field(default="fact_appendix", init=False)


@dataclass(frozen=True, slots=True)
class Image(Block):
    """A picture from somebody else's cell; `data` is base64, `width` is in CSS pixels, 0 if unknown."""

    data: str
    mime: Literal["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]
    alt: str
    caption: Spans = ()
    width: int = 0
    type: str = field(default="image", init=False)


@dataclass(frozen=True, slots=True)
class Code(Block):
    """Text that keeps its lines: a cell's source, what it printed, or its traceback."""

    text: str
    kind: Literal["source", "output", "error"] = "source"
    language: str = ""
    type: str = field(default="code", init=False)


@dataclass(frozen=True, slots=True)
class Blocks(Sequence[Block]):
    """What a notebook cell returns: blocks that Jupyter shows and that both exporters find again.

    Examples
    --------
    >>> shown = Blocks([Heading("Answer"), Paragraph([Span("NPS 30.0")])])
    >>> len(shown), shown[0].plain(), sorted(shown._repr_mimebundle_())
    (2, '', ['application/vnd.survey-kpi.blocks.v1+json', 'text/html', 'text/plain'])
    """

    items: Sequence[Block]

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> Blocks: ...
    def __getitem__(self, index: int | slice) -> Block | Blocks:
        return Blocks(self.items[index]) if isinstance(index, slice) else self.items[index]

    def __len__(self) -> int:
        return len(self.items)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the blocks as plain JSON types, in order."""
        return [block.as_json() for block in self.items]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from survey_kpi.report.markup import notebook_html  # noqa: PLC0415  only Jupyter needs markup here

        found = self.as_json()
        plain = "\n".join(
            text for block in self.items if (text := block.plain() or getattr(block, "text", ""))
        )
        return {MIME: {"blocks": found}, "text/html": notebook_html(found), "text/plain": plain}


def _spans(node: Any) -> Iterator[Span]:
    if isinstance(node, Span):
        yield node
    elif isinstance(node, str):
        return
    elif isinstance(node, Sequence):
        for part in node:
            yield from _spans(part)
    elif isinstance(node, Block):
        for entry in fields(node):  # type: ignore[arg-type]  # every block below is a dataclass
            yield from _spans(getattr(node, entry.name))
