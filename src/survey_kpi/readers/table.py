"""What readers hand to each other: the opened file, its grid of text, and the raw table that decoding takes.

A file passes through three hands. A container (text, workbook, SPSS, Parquet) becomes cells. A format says
which rows are headers, what each column is called and what the platform writes for "skipped". Decoding
compares that with the codebook. Only the last one knows the study.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from survey_kpi.study.models import Text

Container: TypeAlias = Literal["text", "xlsx", "sav", "parquet"]
Action: TypeAlias = Literal["kept", "set_missing", "parsed", "excluded"]
DateOrder: TypeAlias = Literal["", "mdy", "dmy"]
Rows: TypeAlias = npt.NDArray[np.int64]
Cells: TypeAlias = Any
"""A pyarrow array of text; pyarrow ships no types."""

WHOLE_FILE = -1
"""Row of a note that is about the file, not about one of its rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a file may hold before it is refused.

    Parameters
    ----------
    unpacked
        Bytes after unpacking; a zip or gzip bomb stops here.
    line
        Bytes of one line of a text file.
    rows, columns
        Of a table that passes through Python; typed Parquet stays in place and may have any number of rows.
    """

    unpacked: int = 1 << 30
    line: int = 8 << 20
    rows: int = 2_000_000
    columns: int = 16_384


LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Note:
    """Something that reading noticed about cells: becomes one audit row for each of `rows`.

    Parameters
    ----------
    rule
        Code of `READING_RULES`.
    rows
        Data rows counted from 0; `WHOLE_FILE` for the file itself.
    values
        Text as it stands in the file, one for each row.
    item
        Item, field or header it stands under; empty for a whole row.
    action
        What was done.
    details
        More words, one for each row, or one for all.
    """

    rule: str
    rows: Rows
    values: Sequence[str | None]
    item: str = ""
    action: Action = "kept"
    details: Sequence[str] = ()


def note(
    rule: str, row: int, value: str, *, item: str = "", action: Action = "kept", detail: str = ""
) -> Note:
    """Make a note on one row."""
    return Note(
        rule=rule,
        rows=np.array([row], dtype=np.int64),
        values=[value],
        item=item,
        action=action,
        details=[detail],
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """Cells of a file as text, before anyone says which rows are headers; every row is equally long.

    Parameters
    ----------
    rows
        Rows of cells, header rows included, empty lines left out.
    notes
        What was repaired; their rows count from the first row of the grid.
    """

    rows: list[list[str]]
    notes: tuple[Note, ...] = ()

    @property
    def head(self) -> list[list[str]]:
        """The first rows, by which formats know each other."""
        return self.rows[:4]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Export:
    """One opened file: what it is, and its cells unless they stay where they lie.

    Parameters
    ----------
    where
        Name for messages.
    path
        The file; it is only ever read.
    container
        What the first bytes say it is.
    sha256, size
        Of the bytes on disk.
    data
        Unpacked bytes; empty for Parquet, which is read in place.
    encoding
        Encoding that was chosen; empty where the container knows its own.
    declared_encoding
        What the study says, "auto" when it says nothing.
    grid
        Cells of text files and workbooks.
    limits
        How much it may hold.
    """

    where: str
    path: Path
    container: Container
    sha256: str
    size: int
    data: bytes = b""
    encoding: str = ""
    declared_encoding: str = "auto"
    grid: Grid | None = None
    limits: Limits = LIMITS


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column and every name it answers to; all names are folded (`headers.fold`).

    Parameters
    ----------
    position
        Index in the file.
    header
        Header as it stands in the file, for messages.
    names
        Header, header without the platform's number, code, import id.
    parts
        Words of the sub-question alone: a weaker name.
    groups
        Names of the question whose option this column is.
    option
        Words of that option.
    free_text
        The cell is the respondent's own text for the option, which it also marks as chosen.
    role
        Response field that the platform writes here, such as `submitted_at`.
    labels
        Words of coded values, from the file itself.
    missing
        Values that the file itself declares missing.
    """

    position: int
    header: str
    names: tuple[str, ...]
    parts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    option: str = ""
    free_text: bool = False
    role: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    missing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RawTable:
    """A file after its format was understood, cells still as text.

    Parameters
    ----------
    columns
        Columns in the order of the file.
    cells
        Gives the text of a column by its position; empty text is an empty cell.
    rows
        Number of data rows.
    header_rows
        Rows above the first data row.
    marks
        Words that the platform writes where there is no answer.
    separator
        Between choices in one cell; empty when the platform has none.
    answer
        Layout of a decorated answer ("A.满意", "10 - Extremely likely"); its group `value` is the answer.
    date_order
        Whether the platform writes month or day first; empty when it does neither.
    declared_order
        What the study declares about that; a column that shows the contrary is refused.
    time_zone
        Zone in which the platform writes times; empty for the study's own.
    status
        What the platform says of each row: "", "preview" or "unfinished"; None for nothing.
    notes
        What was noticed; their rows count from the first data row.
    encoding
        Encoding of files that know their own.
    """

    columns: tuple[Column, ...]
    cells: Callable[[int], Cells]
    rows: int
    header_rows: int
    marks: frozenset[str] = frozenset()
    separator: str = ""
    answer: re.Pattern[str] | None = None
    date_order: DateOrder = ""
    declared_order: DateOrder = ""
    time_zone: str = ""
    status: Sequence[str] | None = None
    notes: tuple[Note, ...] = ()
    encoding: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One export format: a row of `READERS`.

    Parameters
    ----------
    name
        As written under `format` in the study.
    label
        Words for reports.
    containers
        Kinds of file that it comes in.
    sniff
        How many marks of this format the first rows carry; 0 for none.
    read
        Opened file in, raw table out.
    header_rows
        How many rows its headers take at most.
    """

    name: str
    label: Text
    containers: frozenset[Container]
    sniff: Callable[[Grid], int]
    read: Callable[[Export], RawTable]
    header_rows: int = 1


READING_RULES: Mapping[str, Text] = MappingProxyType(
    {
        "bom_removed": Text(zh="去除了字节顺序标记", en="byte-order mark removed"),
        "ragged_row": Text(zh="该行单元格数与表头不符", en="row with more or fewer cells than the header"),
        "damaged_text": Text(zh="文本有损坏", en="damaged text"),
        "truncated_text": Text(zh="文本中途截断", en="text that breaks off"),
        "formula_without_value": Text(zh="公式单元格没有值", en="formula without a stored value"),
        "sheet_skipped": Text(zh="未读取的工作表", en="sheet not read"),
        "parsed_number": Text(zh="按规则解析为数字", en="read as a number by rule"),
        "not_a_number": Text(zh="无法解析为数字", en="not a number"),
        "not_a_time": Text(zh="无法解析为时间", en="not a time"),
        "time_layout": Text(zh="日期写法", en="order of day and month, or day numbers"),
        "not_a_duration": Text(zh="无法解析为时长", en="not a duration"),
        "time_order": Text(zh="带时区与不带时区的时间混用", en="times with and without a zone mixed"),
        "normalised_text": Text(zh="全角字符转为半角", en="full-width characters normalised"),
        "ambiguous_multiselect": Text(zh="多选答案无法确定地拆分", en="choices that cannot be told apart"),
        "id_missing": Text(zh="缺少编号", en="empty identifier"),
        "preview_row": Text(zh="平台标记为预览", en="marked as a preview by the platform"),
        "unfinished_row": Text(zh="平台标记为未完成", en="marked as unfinished by the platform"),
    }
)
"""What reading may notice; the codes of audit rows that come from readers."""
