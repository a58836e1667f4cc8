"""LimeSurvey: question codes `Q2[SQ001]`, or the same with words; no submission date means unfinished."""

from __future__ import annotations

from dataclasses import replace

from survey_kpi.readers import plain
from survey_kpi.readers.table import Export, Grid, RawTable

ROLES = {
    "id": "response_id",
    "response id": "response_id",
    "submitdate": "submitted_at",
    "date submitted": "submitted_at",
    "startdate": "started_at",
    "date started": "started_at",
    "startlanguage": "language",
    "start language": "language",
    "ipaddr": "ip",
    "ip address": "ip",
    "token": "respondent_id",
}
_SIGNS = frozenset(
    {"submitdate", "lastpage", "startlanguage", "date submitted", "last page", "start language"}
)
_UNDATED = "1980-01-01 00:00:00"
"""What LimeSurvey writes for "submitted" when the survey stores no dates."""


def sniff(grid: Grid) -> int:
    """Count LimeSurvey's own columns."""
    found = plain.seen(grid.rows[0], _SIGNS)
    return found * 2 if found > 1 else 0


def read(export: Export) -> RawTable:
    """Read the columns; `[other]` holds the respondent's own words."""
    grid = plain.cells_of(export)
    columns = [
        replace(found, free_text=found.option.casefold() == "other")
        for found in plain.with_roles(grid, ROLES)
    ]
    ends = [found.position for found in columns if found.role == "submitted_at"]
    status = ["" if row[ends[0]].strip() else "unfinished" for row in grid.rows[1:]] if ends else None
    return plain.table(grid, columns, marks={"N/A", _UNDATED}, status=status)
