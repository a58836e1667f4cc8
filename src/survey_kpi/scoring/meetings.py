"""Decisions of a review meeting: each has an owner and a date, or it is none.

Examples
--------
>>> check_decisions([{"decision": "call back within a day", "owner": "support", "date": ""}])
Traceback (most recent call last):
survey_kpi.errors.SpecError: decisions: row 1: the decision has no date; ... [decision_incomplete] ...
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from survey_kpi.errors import Problem, SpecError

NEEDED: Final = ("decision", "owner", "date")


def check_decisions(decisions: Sequence[Mapping[str, str]]) -> None:
    """Refuse decisions without words, owner or date.

    Raises
    ------
    SpecError
        `decision_incomplete`, one problem for each field that is missing.
    """
    if problems := [problem for row in enumerate(decisions, 1) for problem in _missing(*row)]:
        raise SpecError.collect(problems)


def _missing(place: int, decision: Mapping[str, str]) -> Iterator[Problem]:
    for name in NEEDED:
        if not str(decision.get(name) or "").strip():
            yield Problem(
                code="decision_incomplete",
                where=f"decisions: row {place}",
                what=f"the decision has no {name}",
                expected=name,
                hint="a decision is kept with what is done, by whom, and until when",
            )
