"""The table of invitations, checked cell by cell before anything is counted from it.

Examples
--------
>>> sent = pd.DataFrame({"invite_id": ["i1", "i2"], "customer_id": ["c1", "c2"], "disposition": ["I", "yes"]})
>>> check_invites(sent)[["row_id", "rule", "item"]].values.tolist()
[['2', 'undeclared_code', 'disposition']]
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from survey_kpi.sampling.contacts import day_of
from survey_kpi.sampling.dispositions import CODES
from survey_kpi.sampling.tables import require_columns, texts
from survey_kpi.study.wording import shown

Test = Callable[[str], bool]
AUDIT: Final = ("row_id", "rule", "item", "action", "detail")


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return math.nan


def _any(cell: str) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column of the invitations: what a filled cell must be, and the audit rule when it is not."""

    fits: Test = _any
    rule: str = ""
    expected: str = ""
    required: bool = False
    unique: bool = False


FIELDS: Final[dict[str, Field]] = {
    "invite_id": Field(required=True, unique=True),
    "customer_id": Field(required=True),
    "specialist_id": Field(),
    "sent_at": Field(
        fits=lambda cell: day_of(cell) is not None, rule="time_unread", expected="an ISO 8601 time"
    ),
    "disposition": Field(
        fits=CODES.__contains__, rule="undeclared_code", expected=f"one of {', '.join(CODES)}", required=True
    ),
    "stratum": Field(),
    "inclusion_probability": Field(
        fits=lambda cell: 0 < _number(cell) <= 1, rule="out_of_range", expected="above 0, at most 1"
    ),
    "design_weight": Field(
        fits=lambda cell: 0 < _number(cell) < math.inf, rule="out_of_range", expected="above 0"
    ),
    "drawn_by": Field(
        fits=("program", "manual").__contains__, rule="undeclared_code", expected="program or manual"
    ),
    "draw_id": Field(),
}
"""Columns of the invitations; further columns are let through."""


def check_invites(invites: pd.DataFrame) -> pd.DataFrame:
    """List the cells of the invitations that cannot be used as they are.

    Parameters
    ----------
    invites
        One row per invitation.

    Returns
    -------
    pandas.DataFrame
        Audit rows: row_id (number of the row, from 1), rule, item (the column), action, detail; by row.
        Rules: `id_missing`, `duplicate_id`, `undeclared_code`, `out_of_range`, `time_unread`. No row is
        dropped: an unusable cell reads as blank, and a blank disposition counts as unknown (UO).

    Raises
    ------
    SchemaError
        `column_missing`: a required column is absent.
    """
    required = [name for name, field in FIELDS.items() if field.required]
    require_columns(invites, required, "invites")
    found = [
        (row, *problem)
        for name, field in FIELDS.items()
        if name in invites.columns
        for row, problem in _problems(texts(invites[name]), name, field)
    ]
    rows = [(str(row), rule, name, action, detail) for row, rule, name, action, detail in sorted(found)]
    return pd.DataFrame(rows, columns=list(AUDIT), dtype="str")


def _problems(cells: pd.Series, name: str, field: Field) -> list[tuple[int, tuple[str, str, str, str]]]:
    repeated = cells.duplicated() if field.unique else pd.Series(False, index=cells.index)
    found = []
    for row, (cell, again) in enumerate(zip(cells, repeated, strict=True), start=1):
        if not cell and field.required:
            found.append((row, ("id_missing", name, "flag", "blank")))
        elif cell and again:
            found.append((row, ("duplicate_id", name, "flag", f"{shown(cell)} stands further up")))
        elif cell and not field.fits(cell):
            detail = f"{shown(cell)}; expected {field.expected}"
            found.append((row, (field.rule, name, "set_missing", detail)))
    return found
