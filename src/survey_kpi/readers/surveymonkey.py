"""SurveyMonkey: the question over its first column and blanks beside it, the sub-question below."""

from __future__ import annotations

import re
from itertools import accumulate

from survey_kpi.errors import SchemaError
from survey_kpi.readers import plain
from survey_kpi.readers.headers import column, fold
from survey_kpi.readers.table import Column, Export, Grid, RawTable

ROLES = {
    "respondent id": "response_id",
    "start date": "started_at",
    "end date": "submitted_at",
    "collector id": "channel",
    "ip address": "ip",
}
_SIGNS = frozenset({*ROLES, "email address", "first name", "last name", "custom data 1"})
_WHOLE = frozenset({"", "response", "open-ended response", "回复", "开放式回答", "开放式回复"})
_OWN_WORDS = re.compile(r"other \(please specify.*\)|其他\s*\(请.*\)", re.IGNORECASE)
_RATING = re.compile(r"(?P<value>\d{1,2}) ?- ?\D.*", re.DOTALL)


def sniff(grid: Grid) -> int:
    """Recognise its own columns over a second header row that is blank below them."""
    first = plain.seen(grid.rows[0], _SIGNS)
    return first * 2 if first > 2 and _has_second_row(grid) else 0


def read(export: Export) -> RawTable:
    """Read both header rows.

    Raises
    ------
    SchemaError
        `header_rows`: the second row is missing.
    """
    grid = plain.cells_of(export)
    if not _has_second_row(grid):
        raise SchemaError(
            "header_rows",
            where=export.where,
            what="the second header row of SurveyMonkey is missing",
            got=f"row 2 begins with {grid.head[-1][0]!r}",
            expected="blank below the first columns, and Response or a sub-question below each question",
        )
    questions = accumulate(grid.rows[0], _filled)
    named = zip(questions, grid.rows[1], strict=True)
    columns = [_column(question, part, position) for position, (question, part) in enumerate(named)]
    return plain.table(grid, columns, header_rows=2, answer=_RATING, date_order="mdy")


def _filled(before: str, cell: str) -> str:
    return cell if cell.strip() else before


def _has_second_row(grid: Grid) -> bool:
    if len(grid.rows) < 2:
        return False
    own = [below for above, below in zip(*grid.rows[:2], strict=True) if fold(above).casefold() in _SIGNS]
    return bool(own) and not any(own) and any(grid.rows[1])


def _column(question: str, part: str, position: int) -> Column:
    folded = fold(part)
    if folded.casefold() in _WHOLE:
        return column(question, position, role=ROLES.get(fold(question).casefold(), ""))
    return column(
        f"{question} [{part}]",
        position,
        groups=[question],
        option=part,
        free_text=bool(_OWN_WORDS.fullmatch(folded)),
    )
