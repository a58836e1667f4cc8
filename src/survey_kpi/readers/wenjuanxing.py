"""Wenjuanxing 问卷星, by text and by code.

Text exports join choices by ┋, put the respondent's own words in 〖〗 and write (跳过) and (空). Code exports
have a column of 0 and 1 for each option, headed 第3题(上门), and write -3 for skipped and -2 for empty.
"""

from __future__ import annotations

import re

from survey_kpi.readers import plain
from survey_kpi.readers.headers import fold
from survey_kpi.readers.table import Export, Grid, RawTable

ROLES = {
    "序号": "response_id",
    "提交答卷时间": "submitted_at",
    "所用时间": "duration_s",
    "来源": "channel",
    "来源详情": "channel_detail",
    "来自ip": "ip",
}
WORDS = frozenset({"(跳过)", "(空)"})
CODES = frozenset({"-3", "-2"})
_CODE_HEADER = re.compile(r"第\d+题\(.+\)")


def sniff(grid: Grid) -> int:
    """Count Wenjuanxing's own columns; two of them could stand in anybody's table."""
    found = plain.seen(grid.rows[0], ROLES)
    return found if found > 2 else 0


def read(export: Export) -> RawTable:
    """Read either kind; codes for "skipped" count as such only where the file is an export by code."""
    grid = plain.cells_of(export)
    marks = WORDS | CODES if _by_code(grid) else WORDS
    return plain.table(grid, plain.with_roles(grid, ROLES), marks=marks, separator="┋")


def _by_code(grid: Grid) -> bool:
    """An export by code says so in a header, or writes a code and never a word for "skipped"."""
    if any(_CODE_HEADER.fullmatch(fold(header)) for header in grid.rows[0]):
        return True
    cells = {cell for row in grid.rows[1:] for cell in row}
    return not CODES.isdisjoint(cells) and WORDS.isdisjoint(map(fold, cells))
