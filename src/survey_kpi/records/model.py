"""What the modules of this room hand to each other, and what may be noticed about a row.

A table passes through three hands. A source (text, workbook, Parquet, database) becomes typed canonical
columns, part by part. The parts are stacked. Then rows are looked at together: empty keys, the same key
twice, times that contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from survey_kpi.readers.table import READING_RULES, Note
from survey_kpi.study.models import Text

if TYPE_CHECKING:
    import duckdb

ROW = "row"
"""Column that numbers the rows of a part from 0 while it is read; no canonical column has this name."""

DISORDERED = "disordered"
"""Flag of tables with stages: times of this row contradicted each other, so it has no duration."""

YEARS = (1900, 9999)
"""Spells may begin before computers did, and 9999-12-31 is a usual word for "still"."""

CENTS = "DECIMAL(18,2)"

SQL_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "text": "VARCHAR",
        "choice": "VARCHAR",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "money": CENTS,
        "date": "TIMESTAMP",
        "datetime": "TIMESTAMP",
        "flag": "BOOLEAN",
    }
)
"""Type of each kind of column on DuckDB."""

UNREAD: Mapping[str, str] = MappingProxyType(
    {
        "integer": "not_a_number",
        "number": "not_a_number",
        "money": "not_a_number",
        "date": "not_a_time",
        "datetime": "not_a_time",
        "flag": "not_a_flag",
        "choice": "not_a_choice",
    }
)
"""Rule of a cell that holds something which is none of its kind."""

FLAGS: Mapping[str, bool] = MappingProxyType(
    dict.fromkeys(("true", "t", "yes", "y", "1", "是"), True)
    | dict.fromkeys(("false", "f", "no", "n", "0", "否"), False)
)
"""Words of a flag, in small letters."""

RECORD_RULES: Mapping[str, Text] = MappingProxyType(
    {
        **READING_RULES,
        "cell_missing": Text(zh="必填单元格为空", en="empty required cell"),
        "not_a_flag": Text(zh="无法识别为是或否", en="neither yes nor no"),
        "not_a_choice": Text(zh="不在选项之内", en="not one of the declared words"),
        "rounded_money": Text(zh="金额按分取整", en="amount rounded to the cent"),
        "naive_time": Text(
            zh="时间未带时区，按公司时区读取", en="times without a zone, read as the company's own"
        ),
        "duplicate_key": Text(zh="重复行", en="the same row again"),
        "conflicting_key": Text(zh="编号相同而内容不同", en="the same key with other contents"),
        "time_order": Text(zh="时间先后矛盾", en="times that contradict each other"),
        "due_computed": Text(
            zh="按服务承诺与工作日历推算时限",
            en="due times computed from the promise and the working calendar",
        ),
        "calendar_unknown": Text(
            zh="工作日历未覆盖，不作推算", en="days that the working calendar does not cover"
        ),
        "day_added": Text(
            zh="工作日无使用记录，按未使用计",
            en="working days without a row in the log, counted as days without use",
        ),
        "reassigned_after_answer": Text(
            zh="差评之后客户改派他人", en="customer moved to somebody else after a bad answer"
        ),
        "stated_specialist": Text(
            zh="所填专员与客户归属不一致", en="specialist stated differs from the owner of the customer"
        ),
    }
)
"""What may be noticed about the rows of these tables."""

LISTED = 10_000
"""Rows that a note lists one by one; beyond that it says how many."""


def quoted(column: str) -> str:
    """Return a canonical name as SQL takes it: `at` and `date` are words of the language."""
    return f'"{column}"'


def blank_rule(column: str) -> str:
    """Return the rule of an empty required cell."""
    return "id_missing" if column.endswith("_id") else "cell_missing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Part:
    """What one file, or one query, yields.

    Parameters
    ----------
    file
        Its path inside the data folder, or "database".
    prefix
        What its row ids start with.
    rows
        Number of rows.
    relation
        `ROW` from 0, then every canonical column with its type.
    notes
        What was noticed about cells; rows count from 0.
    sha256, encoding
        As in `Records.intake`.
    unused, absent
        Headers that nothing asked for; canonical columns that the source lacks.
    """

    file: str
    prefix: str
    rows: int
    relation: duckdb.DuckDBPyRelation
    notes: tuple[Note, ...]
    sha256: str
    encoding: str = ""
    unused: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
