"""Pieces that the pages of every edition are made of: sections, tables, texts from the data on one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from survey_kpi.report.blocks import Block, Column, Heading, Span, Spans, Table

Cell: TypeAlias = Span | Spans | str
"""What a cell of a table is given as."""
LONGEST = 40
"""Characters of a text from the data that are shown."""


def shortened(text: str) -> str:
    """Return a text from the data on one line, cut where it is long.

    Examples
    --------
    >>> shortened("a\\nb"), shortened("x" * 50)[-2:]
    ('a b', 'x…')
    """
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def section(title: str, *blocks: Block) -> list[Block]:
    """Return blocks under a heading; nothing without blocks."""
    return [Heading(title, level=2), *blocks] if blocks else []


def table(heads: Iterable[Column], rows: Iterable[Sequence[Cell]], *, notes: Spans = ()) -> Table:
    """Return a table; a cell may be a text, a span or spans."""
    return Table(columns=list(heads), rows=[[_cell(cell) for cell in row] for row in rows], notes=notes)


def _cell(cell: Cell) -> list[Span]:
    if isinstance(cell, str):
        return [Span(cell)]
    return [cell] if isinstance(cell, Span) else list(cell)
