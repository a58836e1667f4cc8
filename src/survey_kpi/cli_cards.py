"""The command `survey-kpi cards`: pages for talks, one for each team, without scores."""

# ruff: noqa: PLC0415  heavy imports wait until a command needs them
from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from survey_kpi.cli_options import DataOption, Format, Language, StudyArgument
from survey_kpi.cli_printing import print_outcomes, progress

EXIT_FAILED = 1


class CardName(StrEnum):
    """Kinds of cards."""

    health = "health"
    coaching = "coaching"
    meeting = "meeting"


def cards(
    study: StudyArgument,
    period: Annotated[
        str,
        typer.Argument(
            help="health: a month 2026-08; coaching: a week 2026-W36 or its day; meeting: 2026Q3."
        ),
    ],
    card: Annotated[CardName, typer.Option(help="Which card.")] = CardName.health,
    team: Annotated[
        list[str] | None,
        typer.Option(help="Id or name of a team, or company; all of them by default. May be repeated."),
    ] = None,
    language: Annotated[
        list[Language] | None, typer.Option("--language", "--lang", help="zh, en; both by default.")
    ] = None,
    format: Annotated[list[Format] | None, typer.Option(help="html, pdf; both by default.")] = None,
    data: DataOption = None,
    output: Annotated[Path | None, typer.Option(help="Folder of the reports; reports/ by default.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Notebooks that run at one time.")] = 2,
) -> None:
    """Render cards of one page: a month's health, a week's talk, a review meeting; no scores, no ranks."""
    from survey_kpi.report.children import pinned

    with pinned():  # before numpy is imported: its thread pools must not live when kernels are forked
        from survey_kpi.report.cards.jobs import card_jobs, run_cards

        batch = card_jobs(
            study,
            period,
            card=str(card),
            teams=team or [],
            languages=[str(each) for each in dict.fromkeys(language or list(Language))],
            formats=[str(each) for each in dict.fromkeys(format or list(Format))],
            data=data,
            output=output,
        )
        with progress() as follow:
            outcomes = run_cards(batch, workers=workers, on_event=follow)
    if not print_outcomes(outcomes):
        raise typer.Exit(EXIT_FAILED)
