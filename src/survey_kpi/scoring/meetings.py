"""Decisions of a review meeting: each has an owner and a date, or it is none.

Examples
--------
>>> check_decisions([{"decision": "call back within a day", "owner": "support", "date": ""}])
Traceback (most recent call last):
survey_kpi.errors.SpecError: decisions: row 1: the decision has no date; ... [decision_incomplete] ...
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from survey_kpi.errors import Problem, SpecError

NEEDED: Final = ("decision", "owner", "date")


def check_decisions(decisions: Sequence[Mapping[str, str]]) -> None:
    """Refuse decisions without words, owner or date.

    Raises
    ------
    SpecError
        Those of `decision_problems`, all at once.
    """
    places = [f"decisions: row {place}" for place in range(1, len(decisions) + 1)]
    if problems := list(decision_problems(decisions, places)):
        raise SpecError.collect(problems)


def decision_problems(decisions: Sequence[Mapping[str, str]], places: Sequence[str]) -> Iterator[Problem]:
    """Yield `decision_incomplete` for each field that is missing, `decision_date` for a date that is none.

    Parameters
    ----------
    places
        Where each decision stands, for the messages.

    Examples
    --------
    >>> said = {"decision": "call back", "owner": "support", "date": "next week"}
    >>> [(problem.code, problem.got) for problem in decision_problems([said], ["2026Q3.yaml"])]
    [('decision_date', "'next week'")]
    """
    for decision, place in zip(decisions, places, strict=True):
        yield from _missing(decision, place)
        date = str(decision.get("date") or "").strip()
        if date and not _is_day(date):
            yield Problem(
                code="decision_date",
                where=place,
                what="the date of the decision is no day",
                got=repr(date),
                expected="a date such as 2026-11-30",
            )


def _missing(decision: Mapping[str, str], place: str) -> Iterator[Problem]:
    for name in NEEDED:
        if not str(decision.get(name) or "").strip():
            yield Problem(
                code="decision_incomplete",
                where=place,
                what=f"the decision has no {name}",
                expected=name,
                hint="a decision is kept with what is done, by whom, and until when",
            )


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
