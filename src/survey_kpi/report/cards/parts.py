"""What the cards share: the frame of a page, estimates as printed, lists that say when they are empty."""

from __future__ import annotations

from collections.abc import Sequence

from survey_kpi.estimate import Estimate
from survey_kpi.report.blocks import Block, Bullets, Heading, Meta, Paragraph, Span
from survey_kpi.report.tables import number, range_mark
from survey_kpi.report.wording import Words


def frame(words: Words, card: str, *, title: str, company: str, period: str) -> Meta:
    """Return what stands around a card."""
    return Meta(
        title=title,
        language=words.language,
        study=company,
        edition=words[f"cards.{card}.edition"],
        period=period,
        run_id="",
        data_hash="",
        rule_hash="",
        evidence="",
    )


def section(title: str, *blocks: Block) -> list[Block]:
    """Return blocks under a heading."""
    return [Heading(title, level=2), *blocks]


def bullets(words: Words, entries: Sequence[Sequence[Span]], *, empty: str) -> Block:
    """Return a list, or the sentence that there is nothing to list."""
    return Bullets(entries) if entries else Paragraph(words.say(empty))


def value_cells(words: Words, found: Estimate) -> list[list[Span]]:
    """Return value, interval and base of an estimate; without a value its state stands there."""
    base = [Span(number(found.n, "count"))]
    if not found.measured:
        return [[Span(words[f"state.{found.state}"], tone="muted")], [], base]
    value = Span(number(found.value, found.unit), glue=True)
    if found.conf_low != found.conf_low:
        return [[value], [], base]
    low, high = (number(end, found.unit, sign=False) for end in (found.conf_low, found.conf_high))
    return [[value], [Span(f"{low}{range_mark(found.conf_low, words.language)}{high}", glue=True)], base]
