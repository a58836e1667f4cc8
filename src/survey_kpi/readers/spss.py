"""SPSS .sav through pyreadstat: value labels, user-missing values, and encodings that files do not state."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from survey_kpi.errors import SchemaError
from survey_kpi.readers.encodings import is_everyday_chinese
from survey_kpi.readers.headers import column, fold, split
from survey_kpi.readers.table import Cells, Column, Export, RawTable
from survey_kpi.readers.texts import as_text, text_array

Meta: TypeAlias = Mapping[str, Any]

_CHILD = Path(__file__).with_name("spss_child.py")
_PATIENCE_S = 600
_ORIGIN = np.datetime64("1582-10-14", "s")
_DATES = re.compile(r"(?:[AEJS]?DATE|DATETIME|YMDHMS)\d*")
_LAST_SECOND = 30_000_000_000.0
"""Past the year 2500; later values are not dates and would overflow."""
_WESTERN = frozenset({"WINDOWS-1252", "ISO-8859-1"})
"""What readstat reports for files that state no encoding, or the one of a Western Windows."""
_OWN_WORDS = re.compile(r"(?P<option>.+?)\s*\((?:文字|文本|text|please specify|请注明)\)", re.IGNORECASE)
_STEM = re.compile(r"(?P<group>.+?)_?\d+[a-z]?", re.IGNORECASE)


def read(export: Export) -> RawTable:
    """Read a .sav file; every value becomes the text of its code.

    Raises
    ------
    SchemaError
        `file_damaged`: damaged, or not in the encoding it states; `limit_exceeded`.
    """
    table, meta = _load(export)
    columns = tuple(_column(table, meta, position) for position in range(table.num_columns))

    def cells(position: int) -> Cells:
        return _texts(table.column(position), meta["formats"][position])

    return RawTable(
        columns=columns, cells=cells, rows=table.num_rows, header_rows=0, encoding=meta["encoding"]
    )


def _load(export: Export) -> tuple[pa.Table, Meta]:
    """Load in the encoding that is declared, or that the file states, or in GB18030 when it states none."""
    if export.declared_encoding != "auto":
        return _parsed(export, export.declared_encoding)
    try:
        table, meta = _parsed(export, "")
    except SchemaError as first:
        try:
            return _parsed(export, "GB18030")
        except SchemaError:
            raise first from None
    misread = meta["encoding"].upper() in _WESTERN and _is_chinese(table, meta)
    return _parsed(export, "GB18030") if misread else (table, meta)


def _is_chinese(table: pa.Table, meta: Meta) -> bool:
    """Whether text that a file passes off as Western turns into Chinese when its bytes are read as such."""
    texts = [*meta["labels"], *(str(label) for labels in meta["values"].values() for _, label in labels)]
    for words in table.columns:
        if pa.types.is_string(words.type):
            texts += words.unique().drop_null().to_pylist()
    western = "".join(texts)
    try:
        chinese = western.encode("cp1252").decode("gb18030")
    except UnicodeError:
        return False
    return not western.isascii() and is_everyday_chinese(chinese)


def _parsed(export: Export, encoding: str) -> tuple[pa.Table, Meta]:
    table = _from_child(export, encoding)
    meta = json.loads(table.schema.metadata[b"sav"])
    if table.num_columns > export.limits.columns or table.num_rows > export.limits.rows:
        raise SchemaError(
            "limit_exceeded",
            where=export.where,
            what="the file has too many rows or columns",
            got=f"{meta['rows']:,} rows, {table.num_columns:,} columns",
            expected=f"at most {export.limits.rows:,} rows and {export.limits.columns:,} columns",
        )
    return table, meta


def _from_child(export: Export, encoding: str) -> pa.Table:
    command = [sys.executable, "-P", str(_CHILD), encoding, str(export.limits.rows + 1)]
    try:
        done = subprocess.run(  # noqa: S603  a script of ours, and no shell
            command, input=export.data, capture_output=True, timeout=_PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise _damaged(export, f"no end after {_PATIENCE_S} seconds") from None
    if done.returncode:
        raise _damaged(export, done.stderr.decode("utf-8", "replace") or "the SPSS library broke down")
    return pa.ipc.open_stream(done.stdout).read_all()


def _damaged(export: Export, got: str) -> SchemaError:
    return SchemaError(
        "file_damaged",
        where=export.where,
        what="the SPSS file is damaged, or its text is not in the encoding it states",
        got=got[-200:],
        hint="name its encoding under `encoding` of this source, or save it again",
    )


def _column(table: pa.Table, meta: Meta, position: int) -> Column:
    name = table.column_names[position]
    label = meta["labels"][position]
    stem = _STEM.fullmatch(name)
    question, option = split(fold(label))
    own = _OWN_WORDS.fullmatch(option)
    option = own["option"] if own else option
    groups = [text for text in ((stem["group"] if stem else ""), question) if text]
    found = column(name, position, groups=groups if option else (), option=option, also=[label])
    return replace(
        found,
        free_text=bool(own),
        labels=MappingProxyType({as_text(code): str(words) for code, words in meta["values"].get(name, [])}),
        missing=_missing(table.column(position), meta["missing"].get(name, [])),
    )


def _missing(values: Cells, ranges: Sequence[Sequence[Any]]) -> frozenset[str]:
    """Return the values of a column that lie in the ranges which the file declares missing."""
    found = values.unique().drop_null().to_pylist() if ranges else []
    return frozenset(as_text(value) for value in found for low, high in ranges if low <= value <= high)


def _texts(values: Cells, spss_format: str) -> Cells:
    """Return a column as text; dates count seconds from the first day of the Gregorian calendar."""
    if not _DATES.fullmatch(spss_format) or not pa.types.is_floating(values.type):
        return text_array(values)
    seconds = values.combine_chunks().fill_null(np.nan).to_numpy(zero_copy_only=False)
    right = np.isfinite(seconds) & (np.abs(seconds) < _LAST_SECOND)
    times = _ORIGIN + np.where(right, np.rint(seconds), 0).astype("timedelta64[s]")
    text = np.where(right, np.datetime_as_string(times), "")
    return pc.replace_substring(pa.array(text.tolist(), pa.string()), "T", " ")
