"""Tencent 腾讯问卷, by text or with option letters ("A.满意"); choices have a column each."""

from __future__ import annotations

import re

from survey_kpi.readers import plain
from survey_kpi.readers.headers import bare, column, fold, split
from survey_kpi.readers.table import Column, Export, Grid, RawTable

ROLES = {
    "编号": "response_id",
    "开始答题时间": "started_at",
    "结束答题时间": "submitted_at",
    "答题时长": "duration_s",
    "用户标识": "respondent_id",
    "用户类型": "channel",
    "ip": "ip",
}
_SIGNS = frozenset({"编号", "开始答题时间", "结束答题时间", "答题时长", "自定义字段", "用户类型"})
_LETTER = re.compile(r"[A-Z]{1,2}[.、]\s*(?P<value>.+)", re.DOTALL)
_OWN_WORDS = "[补充内容]"


def sniff(grid: Grid) -> int:
    """Count Tencent's own columns."""
    found = plain.seen(grid.rows[0], _SIGNS)
    return found if found > 2 else 0


def read(export: Export) -> RawTable:
    """Read the columns; the one for an option's own text belongs to its option."""
    grid = plain.cells_of(export)
    columns = [_column(header, position) for position, header in enumerate(grid.rows[0])]
    return plain.table(grid, columns, answer=_LETTER)


def _column(header: str, position: int) -> Column:
    folded = fold(header)
    if not folded.endswith(_OWN_WORDS):
        return column(header, position, role=ROLES.get(folded.casefold(), ""))
    question, option = split(folded.removesuffix(_OWN_WORDS))
    return column(
        header, position, groups=[question, bare(question)], option=option or question, free_text=True
    )
