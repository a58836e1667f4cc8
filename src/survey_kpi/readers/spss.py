"""SPSS .sav through pyreadstat: value labels, user-missing values, and encodings that files do not state."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyreadstat

from survey_kpi.errors import SchemaError
from survey_kpi.readers.encodings import is_everyday_chinese
from survey_kpi.readers.headers import column, fold, split
from survey_kpi.readers.table import Cells, Column, Export, RawTable
from survey_kpi.readers.texts import as_text, text_array

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
        `file_damaged`; `encoding`; `limit_exceeded`.
    """
    frame, meta = _load(export)
    columns = tuple(_column(frame, meta, position) for position in range(frame.shape[1]))

    def cells(position: int) -> Cells:
        return _texts(frame.iloc[:, position], meta.original_variable_types[meta.column_names[position]])

    return RawTable(columns=columns, cells=cells, rows=len(frame), header_rows=0, encoding=meta.file_encoding)


def _load(export: Export) -> tuple[pd.DataFrame, Any]:
    """Load in the encoding that is declared, or that the file states, or in GB18030 when it states none."""
    if export.declared_encoding != "auto":
        return _parsed(export, export.declared_encoding)
    try:
        frame, meta = _parsed(export, None)
    except SchemaError:
        return _parsed(export, "GB18030")
    misread = meta.file_encoding.upper() in _WESTERN and _is_chinese(frame, meta)
    return _parsed(export, "GB18030") if misread else (frame, meta)


def _is_chinese(frame: pd.DataFrame, meta: Any) -> bool:
    """Whether text that a file passes off as Western turns into Chinese when its bytes are read as such."""
    texts = [label for label in meta.column_labels if label]
    texts += [label for labels in meta.variable_value_labels.values() for label in labels.values()]
    texts += [str(word) for name in frame.select_dtypes(exclude="number") for word in frame[name].unique()]
    western = "".join(texts)
    try:
        chinese = western.encode("cp1252").decode("gb18030")
    except UnicodeError:
        return False
    return not western.isascii() and is_everyday_chinese(chinese)


def _parsed(export: Export, encoding: str | None) -> tuple[pd.DataFrame, Any]:
    try:
        frame, meta = pyreadstat.read_sav(
            io.BytesIO(export.data), encoding=encoding, user_missing=True, disable_datetime_conversion=True
        )
    except (pyreadstat.ReadstatError, UnicodeError, ValueError, OverflowError, MemoryError) as error:
        raise SchemaError(
            "file_damaged",
            where=export.where,
            what="the SPSS file is damaged, or its text is not in the encoding it states",
            got=str(error)[:200],
            hint="name its encoding under `encoding` of this source, or save it again",
        ) from None
    if frame.shape[1] > export.limits.columns or len(frame) > export.limits.rows:
        raise SchemaError(
            "limit_exceeded",
            where=export.where,
            what="the file has too many rows or columns",
            got=f"{len(frame):,} rows, {frame.shape[1]:,} columns",
            expected=f"at most {export.limits.rows:,} rows and {export.limits.columns:,} columns",
        )
    return frame, meta


def _column(frame: pd.DataFrame, meta: Any, position: int) -> Column:
    name = meta.column_names[position]
    label = meta.column_labels[position] or ""
    stem = _STEM.fullmatch(name)
    question, option = split(fold(label))
    own = _OWN_WORDS.fullmatch(option)
    option = own["option"] if own else option
    groups = [text for text in ((stem["group"] if stem else ""), question) if text]
    found = column(name, position, groups=groups if option else (), option=option, also=[label])
    labels = meta.variable_value_labels.get(name, {})
    return replace(
        found,
        free_text=bool(own),
        labels=MappingProxyType({as_text(code): str(words) for code, words in labels.items()}),
        missing=_missing(frame.iloc[:, position], meta.missing_ranges.get(name, [])),
    )


def _missing(values: pd.Series, ranges: list[dict[str, Any]]) -> frozenset[str]:
    """Return the values of a column that lie in the ranges which the file declares missing."""
    found = set(values.dropna().unique()) if ranges else set()
    return frozenset(
        as_text(value) for value in found for ends in ranges if ends["lo"] <= value <= ends["hi"]
    )


def _texts(values: pd.Series, spss_format: str) -> Cells:
    """Return a column as text; dates count seconds from the first day of the Gregorian calendar."""
    if not _DATES.fullmatch(spss_format):
        return text_array(pa.array(values, from_pandas=True))
    seconds = values.to_numpy(dtype=float)
    right = np.isfinite(seconds) & (np.abs(seconds) < _LAST_SECOND)
    times = _ORIGIN + np.where(right, np.rint(seconds), 0).astype("timedelta64[s]")
    text = np.where(right, np.datetime_as_string(times), "")
    return pc.replace_substring(pa.array(text.tolist(), pa.string()), "T", " ")
