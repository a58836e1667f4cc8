"""What `survey-kpi cards` renders: study, period, kind of card and teams become jobs with their paths."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from survey_kpi.evaluation import open_study
from survey_kpi.evaluation.meetings import read_meetings
from survey_kpi.evaluation.teams import chosen_teams, teams_of
from survey_kpi.evaluation.week_talk import Week
from survey_kpi.indicators import COMPANY
from survey_kpi.period import Period
from survey_kpi.report import children
from survey_kpi.report.batch import Batch, find_notebook, input_hashes
from survey_kpi.report.cards.health import check_month
from survey_kpi.report.cards.names import team_codes
from survey_kpi.report.labels import check_labels
from survey_kpi.report.revisions import RECORD
from survey_kpi.report.runs import Event, Outcome, RenderJob, render
from survey_kpi.scoring.periods import check_graded
from survey_kpi.study.folders import STUDIES
from survey_kpi.study.models import Study

FOLDER = "cards"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A kind of card: its notebook, how its period is read, and whether the company has one too."""

    notebook: str
    read: Callable[[str], Period | Week]
    company: bool = True


CARDS: Mapping[str, Card] = MappingProxyType(
    {
        "health": Card(notebook="health_card", read=lambda text: check_month(Period.parse(text))),
        "coaching": Card(notebook="coaching_card", read=Week.parse),
        "meeting": Card(
            notebook="review_meeting", read=lambda text: check_graded(Period.parse(text)), company=False
        ),
    }
)
"""Every kind of card by its name at the command line."""


def card_jobs(
    study: str,
    period: str,
    *,
    card: str,
    teams: Sequence[str],
    languages: Sequence[str],
    formats: Sequence[str],
    data: Path | None = None,
    output: Path | None = None,
) -> Batch:
    """Check a study, a period and the choices, and lay out one job for each team and language.

    Parameters
    ----------
    card
        Name in `CARDS`.
    teams
        Ids or names; every team, and the company where it has such a card, when none is named.

    Raises
    ------
    SpecError
        The study files or its meetings are wrong, `period_format`, `week_format`, `period_not_a_month`,
        `period_too_short_for_grade`, `unknown_team`.
    ReportError
        `missing_glyph`.
    """
    declared, kind = open_study(study, data=data), CARDS[card]
    span = kind.read(period)
    check_labels(declared)
    read_meetings(declared)
    found = _teams(declared, span.start, span.end)
    subjects = [*([COMPANY] if kind.company else []), *found]
    wanted = chosen_teams(teams, declared, subjects) if teams else subjects
    codes = team_codes([COMPANY, *found])
    folder = Path(declared.root)
    project = folder.parent.parent if folder.parent.name == STUDIES else folder
    root = (output or project / "reports").absolute()
    place = root / declared.study.name / str(span) / FOLDER
    told = {"study": study, "period": str(span), "data": os.fspath(data) if data else ""}
    jobs = [
        _job(
            place,
            f"{card}-{codes[subject]}.{language}",
            kind,
            formats,
            told | {"team": subject, "language": language},
        )
        for subject in wanted
        for language in languages
    ]
    return Batch(
        study=study,
        period=str(span),
        data=data,
        jobs=jobs,
        root=root,
        record=place / RECORD,
        inputs=input_hashes(declared),
    )


def _teams(study: Study, start: dt.date, end: dt.date) -> list[str]:
    """Look up the teams in a process of its own: this one must not hold a database when it forks."""
    message = children.ask(_told, study, start, end)
    if message[0] != "done":
        raise children.fault(message, where="teams")
    found: list[str] = message[1]
    return found


def _told(send: children.Send, study: Study, start: dt.date, end: dt.date) -> list[str]:
    return teams_of(study, start, end)


def _job(
    place: Path, name: str, kind: Card, formats: Sequence[str], parameters: Mapping[str, str]
) -> RenderJob:
    return RenderJob(
        notebook=find_notebook(kind.notebook),
        parameters=parameters,
        out_ipynb=place / "notebooks" / f"{name}.ipynb",
        out_html=place / f"{name}.html" if "html" in formats else None,
        out_pdf=place / f"{name}.pdf" if "pdf" in formats else None,
    )


def run_cards(
    batch: Batch, *, workers: int, on_event: Callable[[Event], None] | None = None
) -> list[Outcome]:
    """Render cards; a failing one does not stop the others, and all speak of one evaluation."""
    with tempfile.TemporaryDirectory(prefix="survey_kpi-") as shared:
        return render(
            batch.jobs,
            root=batch.root,
            workers=workers,
            inputs=batch.inputs,
            record=batch.record,
            shared=Path(shared),
            on_event=on_event,
        )
