"""Which teams a study has, who is in them, and how somebody at the command line may call them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.errors import Problem, SpecError, nearest
from survey_kpi.evaluation.inputs import study_table
from survey_kpi.indicators import COMPANY, subject_key
from survey_kpi.readers import read_responses
from survey_kpi.study.models import Level, Study


def team_level(study: Study) -> Level | None:
    """Return the first level of groups, of people's spells if there is one: what cards are made for."""
    groups = [level for level in study.study.levels if not level.people]
    of_people = [level for level in groups if level.via == "specialists"]
    return next(iter([*of_people, *groups]), None)


def teams_of(study: Study, start: dt.date, end: dt.date) -> list[str]:
    """Return the subjects that have a card of their own: declared teams in their order, then others by name.

    Parameters
    ----------
    start, end
        Half-open span; teams of spells that do not reach into it are left out unless they are declared.
    """
    level = team_level(study)
    if level is None:
        return []
    declared = [member.id for member in level.members]
    found = sorted({str(one) for one in _found(study, level, start, end)} - set(declared))
    return [subject_key(level, member) for member in [*declared, *found]]


def _found(study: Study, level: Level, start: dt.date, end: dt.date) -> Iterable[object]:
    if level.via is None:
        answers = read_responses(study).frame
        known = level.column in answers.collect_schema().names()
        return collect(answers.select(level.column).unique())[level.column].dropna() if known else ()
    table = study_table(study, level.via)
    if table is None:
        return ()
    inside = table[within(table, start, end)] if level.via == "specialists" else table
    found: Iterable[object] = inside[level.column].dropna().unique()
    return found


def within(spells: pd.DataFrame, start: dt.date, end: dt.date) -> pd.Series:
    """Return which spells share a day with a half-open span."""
    inside: pd.Series = (spells["valid_from"] < pd.Timestamp(end)) & ~(
        spells["valid_to"] <= pd.Timestamp(start)
    )
    return inside


def people_of(spells: pd.DataFrame, level: Level, start: dt.date, end: dt.date) -> dict[str, set[str]]:
    """Return the different people with a spell in the span, by subject of the level."""
    inside = spells[within(spells, start, end)]
    return {
        subject_key(level, member): set(of.astype(str))
        for member, of in inside.groupby(level.column)["specialist_id"]
    }


def chosen_teams(names: Iterable[str], study: Study, subjects: Iterable[str]) -> list[str]:
    """Return the subjects that somebody asked for by id, by name in either language, or as `team:east`.

    Raises
    ------
    SpecError
        `unknown_team`, one problem for each name that no team has, with the nearest one.
    """
    subjects = list(subjects)
    called = {subject: subject for subject in subjects} | _names(study, subjects)
    if problems := [_unknown(name, called) for name in names if name not in called]:
        raise SpecError.collect(problems)
    return list(dict.fromkeys(called[name] for name in names))


def _names(study: Study, subjects: Iterable[str]) -> dict[str, str]:
    level = team_level(study)
    known = {COMPANY: COMPANY} if COMPANY in subjects else {}
    if level is None:
        return known
    prefix = f"{level.id}:"
    words = {
        word: f"{prefix}{member.id}"
        for member in level.members
        for word in (member.label.zh, member.label.en)
    }
    ids = {subject.removeprefix(prefix): subject for subject in subjects if subject.startswith(prefix)}
    return words | known | ids


def _unknown(name: str, called: Iterable[str]) -> Problem:
    short = [one for one in called if ":" not in one]
    return Problem(
        code="unknown_team",
        where="--team",
        what="there is no such team in this period",
        got=repr(name),
        hint=nearest(name, short),
    )
