"""Typed values of workbooks, SPSS and Parquet as the text that a CSV export would carry."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from typing import Any

import pyarrow as pa

from survey_kpi.readers.table import Cells

_EXACT = 1e15
"""Whole numbers up to here print as such; a double holds no more digits anyway."""


def as_text(value: object) -> str:
    """Return one value as text; nothing and NaN are the empty text.

    Examples
    --------
    >>> as_text(5.0), as_text(118400000001.0), as_text(0.1), as_text(None)
    ('5', '118400000001', '0.1', '')
    >>> as_text(dt.datetime(2024, 9, 3, 12, 1, 35)), as_text(dt.timedelta(minutes=62))
    ('2024-09-03 12:01:35', '01:02:00')
    """
    return next((write(value) for kind, write in _WRITERS if isinstance(value, kind)), str(value))


def _number(value: float) -> str:
    if math.isnan(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)


def _clock(value: dt.timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


_WRITERS: tuple[tuple[type, Callable[[Any], str]], ...] = (
    (type(None), lambda _: ""),
    (str, lambda text: text.replace("_x000D_", "\r")),  # how workbooks escape a carriage return
    (float, _number),
    (dt.datetime, lambda moment: moment.isoformat(" ", "microseconds" if moment.microsecond else "seconds")),
    (dt.timedelta, _clock),
    (list, lambda options: json.dumps(options, ensure_ascii=False, default=str)),
    (bytes, lambda data: data.decode("utf-8", "replace")),
)


def text_array(values: Any) -> Cells:
    """Return an Arrow array as text, worked out once for each distinct value; nothing is the empty text."""
    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    if pa.types.is_nested(array.type):
        return pa.array(map(as_text, array.to_pylist()), pa.string())
    coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words = pa.array([*map(as_text, coded.dictionary.to_pylist()), ""], pa.string())
    return words.take(coded.indices.fill_null(len(words) - 1))
