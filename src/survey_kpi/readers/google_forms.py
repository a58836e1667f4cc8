"""Google Forms: a time stamp first, grids as "Question [Row]", choices joined by semicolons or commas."""

from __future__ import annotations

import re

from survey_kpi.readers import plain
from survey_kpi.readers.table import Export, Grid, RawTable

_STAMP_HEADERS = frozenset({"timestamp", "时间戳记", "时间戳", "時間戳記"})
_MAIL_HEADERS = frozenset({"email address", "电子邮件地址", "電子郵件地址", "username", "用户名"})
ROLES = dict.fromkeys(_STAMP_HEADERS, "submitted_at") | dict.fromkeys(_MAIL_HEADERS, "respondent_id")
_STAMP = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{1,4} .*\d{1,2}:\d{2}:\d{2}.*")


def sniff(grid: Grid) -> int:
    """Recognise the time stamp: its header first, and a date with seconds below it."""
    first = [row[0] for row in grid.head]
    return 2 * int(
        plain.seen(first[:1], _STAMP_HEADERS) and all(_STAMP.fullmatch(cell) for cell in first[1:])
    )


def read(export: Export) -> RawTable:
    """Read the columns; the file as a whole shows which mark stands between choices."""
    grid = plain.cells_of(export)
    return plain.table(grid, plain.with_roles(grid, ROLES), separator=_separator(grid))


def _separator(grid: Grid) -> str:
    return ";" if any(";" in cell for row in grid.rows[1:] for cell in row) else ","
