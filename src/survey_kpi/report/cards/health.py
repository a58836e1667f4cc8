"""The monthly health card of a team: five figures with base and interval, and no verdict."""

from __future__ import annotations

from collections.abc import Mapping

from survey_kpi.estimate import Estimate
from survey_kpi.report.blocks import Blocks, Column, Heading, Paragraph, Span, Table
from survey_kpi.report.cards.parts import frame, value_cells
from survey_kpi.report.wording import Words
from survey_kpi.scoring.health import SMALLEST


def health_card(
    figures: Mapping[str, Estimate], *, words: Words, company: str, team: str, month: str
) -> Blocks:
    """Return the card of one team and month.

    Parameters
    ----------
    figures
        What `survey_kpi.scoring.health.health` returns: names of its `FIGURES`.
    """
    title = "".join(span.text for span in words.say("cards.health.title", team=team))
    rows = [
        [[Span(words[f"cards.health.figures.{name}"])], *value_cells(words, found)]
        for name, found in figures.items()
    ]
    heads = [
        Column(words["cards.figure"], width=4),
        Column(words["cards.value"], align="right", width=2),
        Column(words["frame.interval"], align="right", width=2),
        Column(words["frame.n"], align="right", width=1),
    ]
    return Blocks(
        [
            frame(words, "health", title=title, company=company, period=month),
            Heading(title, level=1, kicker=words["cards.health.edition"]),
            Table(columns=heads, rows=rows, notes=words.say("cards.health.note", smallest=str(SMALLEST))),
            Paragraph(words.say("cards.health.quarter")),
        ]
    )
