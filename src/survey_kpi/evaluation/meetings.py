"""Review meetings: agenda and minutes by period, and what a team's page needs beside its figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from survey_kpi.engine import collect
from survey_kpi.errors import Problem, SpecError, nearest
from survey_kpi.evaluation.open_actions import open_actions
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.teams import people_of, team_level, teams_of
from survey_kpi.evaluation.week_talk import people_names
from survey_kpi.frames import Row
from survey_kpi.period import Period
from survey_kpi.records import read_records
from survey_kpi.scoring.meetings import decision_problems
from survey_kpi.scoring.periods import check_graded
from survey_kpi.study.document import Document, read
from survey_kpi.study.meetings import Decision, Item, Meeting
from survey_kpi.study.models import Study
from survey_kpi.study.shape import Parts, read_parts

FOLDER = "meetings"
NOTHING = Meeting(schema_version=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReview:
    """What a team's page holds beside the figures of the report.

    Parameters
    ----------
    people
        Different people of the team in the period; None where no table says who they are.
    actions
        Open actions, see `open_actions`.
    earlier
        Decisions of the meeting of the period before.
    wanted, questions, appeals
        From the agenda; `appeals` is None where the agenda does not say.
    """

    people: int | None
    actions: Sequence[Row]
    earlier: Sequence[Decision]
    wanted: Sequence[Item]
    questions: Sequence[Item]
    appeals: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The meeting of every team; `names` are codes and names of people, which no page prints."""

    teams: Mapping[str, TeamReview]
    names: frozenset[str]


def review(evaluation: Evaluation) -> Review:
    """Gather what the teams' pages of a period need.

    Raises
    ------
    SchemaError, SpecError
        Those of reading the study's tables and of `read_meetings`; `period_too_short_for_grade`: a month.
    """
    study, period = evaluation.study, check_graded(evaluation.period)
    meetings = read_meetings(study)
    now = meetings.get(str(period), NOTHING)
    before = meetings.get(str(period.shift(-1)), NOTHING)
    records = read_records(study, only=("specialists", "actions")).frames
    level = team_level(study)
    known = "specialists" in records and level is not None and level.via == "specialists"
    people = (
        people_of(collect(records["specialists"]), level, period.start, period.end) if known and level else {}
    )
    actions = collect(records["actions"]) if "actions" in records else None
    last = period.end - dt.timedelta(days=1)
    return Review(
        teams={
            team: TeamReview(
                people=len(people.get(team, ())) if known else None,
                actions=open_actions(actions, team, last) if actions is not None else (),
                earlier=[one for one in before.decisions if _about(one.team, team)],
                wanted=[one for one in now.wanted if _about(one.team, team)],
                questions=[one for one in now.questions if _about(one.team, team)],
                appeals=next((n for name, n in now.appeals.items() if _about(name, team)), None),
            )
            for team in teams_of(study, period.start, period.end)
        },
        names=people_names(records),
    )


def _about(name: str | None, team: str) -> bool:
    return name is None or name in (team, team.partition(":")[2])


def read_meetings(study: Study) -> dict[str, Meeting]:
    """Return agenda and minutes by period, as `meetings/<period>.yaml` of the study folder holds them.

    Raises
    ------
    SpecError
        All mistakes of all files at once: those of a study file; `period_format`,
        `period_too_short_for_grade`: the file is named after no quarter; `unknown_team`; those of
        `decision_problems`.
    """
    found: dict[str, Meeting] = {}
    problems: list[Problem] = []
    for path in sorted((Path(study.root) / FOLDER).glob("*.yaml")):
        try:
            found[str(check_graded(Period.parse(path.stem)))] = _meeting(path, study)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError.collect(problems)
    return found


def _meeting(path: Path, study: Study) -> Meeting:
    document, parts = read(path), Parts()
    read_parts(FOLDER, Meeting, document, parts)
    if parts.problems:
        raise SpecError.collect(parts.problems)
    meeting = parts.assembled(FOLDER, Meeting)
    said = [one.model_dump() for one in meeting.decisions]
    places = [document.where("decisions", place) for place in range(len(said))]
    problems = [*decision_problems(said, places), *_strangers(meeting, document, study)]
    if problems:
        raise SpecError.collect(problems)
    return meeting


def _strangers(meeting: Meeting, document: Document, study: Study) -> Iterator[Problem]:
    """Yield a problem for each team that nobody knows, where the study says which teams there are."""
    level = team_level(study)
    members = [member.id for member in level.members] if level else []
    if level and members:
        valid = {*members, *(f"{level.id}:{member}" for member in members)}
        for path, name in _named(meeting):
            if name not in valid:
                yield Problem(
                    code="unknown_team",
                    where=document.where(*path),
                    what="there is no such team",
                    got=repr(name),
                    hint=nearest(name, members),
                )


def _named(meeting: Meeting) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for key in ("wanted", "questions", "decisions"):
        for place, one in enumerate(getattr(meeting, key)):
            if one.team is not None:
                yield (key, place, "team"), one.team
    yield from ((("appeals", name), name) for name in meeting.appeals)
