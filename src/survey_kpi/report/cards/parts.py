"""What the cards share: the frame of a page, names, estimates as printed, lists that may be empty."""

from __future__ import annotations

from collections.abc import Sequence

from survey_kpi.estimate import Estimate, State
from survey_kpi.evaluation.teams import team_level
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import Block, Bullets, Meta, Paragraph, Span
from survey_kpi.report.pieces import shortened
from survey_kpi.report.tables import number, range_mark
from survey_kpi.report.wording import Words
from survey_kpi.scoring.coaching import one_line
from survey_kpi.study.models import Study

LISTED = 3
"""Entries of a list that a card has room for."""


def frame(
    words: Words,
    card: str,
    *,
    title: str,
    company: str,
    period: str,
    run_id: str = "",
    data_hash: str = "",
    rule_hash: str = "",
) -> Meta:
    """Return what stands around a card."""
    return Meta(
        title=title,
        language=words.language,
        study=company,
        edition=words[f"cards.{card}.edition"],
        period=period,
        run_id=run_id,
        data_hash=data_hash,
        rule_hash=rule_hash,
        evidence="",
    )


def team_name(study: Study, subject: str, words: Words) -> str:
    """Return the name of a team, of an undeclared one as the data have it, or the word for the company."""
    if subject == COMPANY:
        return words["cards.company"]
    level = team_level(study)
    member = subject.removeprefix(f"{level.id}:") if level else subject
    labels = {one.id: one.label.in_language(words.language) for one in level.members} if level else {}
    return labels.get(member) or shortened(one_line(member))


def bullets(words: Words, entries: Sequence[Sequence[Span]], *, empty: str) -> Block:
    """Return a list of what there is room for, with the number of the others; or that there is nothing."""
    if not entries:
        return Paragraph(words.say(empty))
    more = len(entries) - LISTED
    told = [words.say("cards.more", n=str(more))] if more > 0 else []
    return Bullets([*entries[:LISTED], *told])


def value_cells(words: Words, found: Estimate) -> list[list[Span]]:
    """Return value, interval and base of an estimate; without a value its state stands there."""
    base = [Span(number(found.n, "count"))] if found.state is not State.UNAVAILABLE else []
    if not found.measured:
        return [[Span(words[f"state.{found.state}"], tone="muted")], [], base]
    return [[Span(number(found.value, found.unit), glue=True)], interval(found, words), base]


def interval(found: Estimate, words: Words) -> list[Span]:
    """Return the ends of an interval, nothing where one of them is not known."""
    ends = (found.conf_low, found.conf_high)
    if not all(abs(end) < float("inf") for end in ends):  # NaN is not less than anything
        return []
    low, high = (number(end, found.unit, sign=False) for end in ends)
    return [Span(f"{low}{range_mark(found.conf_low, words.language)}{high}", glue=True)]
