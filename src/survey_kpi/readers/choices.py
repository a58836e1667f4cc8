"""Multiple choices, from one cell or from a column for each option, to one canonical text.

A set of choices is a JSON list of option words in the order of the file; the respondent's own words follow
the option in corner brackets, as Wenjuanxing writes them, or stand alone in brackets where the platform
drops the option:

>>> chosen('["电话", "其他〖邮件〗"]')
{'电话': '', '其他': '邮件'}

Null means not asked or not known; an empty list means asked, and none chosen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from survey_kpi.readers.answers import Decoded, key, noted
from survey_kpi.readers.table import Cells, Column, RawTable
from survey_kpi.study.models import Item

_OWN_WORDS = re.compile(r"(?P<option>.*?)\s*〖(?P<text>.*)〗", re.DOTALL)
_NOT_CHOSEN = frozenset(
    ["0", "n", "no", "否", "未选", "未选中", "未选择", "false", "not selected", "unchecked"]
)
_NO_ROWS = np.empty(0, dtype=np.int64)


def chosen(cell: str) -> dict[str, str]:
    """Return the options of a decoded cell, each with the respondent's own words or an empty text."""
    found = {}
    for option in json.loads(cell):
        own = _OWN_WORDS.fullmatch(option)
        found[own["option"] if own else option] = own["text"] if own else ""
    return found


def multiple(table: RawTable, columns: Sequence[Column], item: Item, missing: frozenset[str]) -> Decoded:
    """Decode a multiple choice from one joined cell, from a column for each option, or from both."""
    options = _options(item)
    joined = [column for column in columns if not column.option]
    if not joined:
        return _from_columns(table, columns, options, missing)
    decoded = _from_cells(table, joined[0], item, missing)
    return _with_own_words(decoded, table, [column for column in columns if column.free_text], options)


def _options(item: Item) -> dict[str, str]:
    """Return canonical words by folded word: words with one value are one option, the first stands for it."""
    first: dict[float, str] = {}
    return {key(word): first.setdefault(value, word) for word, value in item.labels.items()}


def _json(options: Sequence[str]) -> str:
    return json.dumps(options, ensure_ascii=False)


def _canonical(option: str, own: str, options: Mapping[str, str]) -> str:
    word = options.get(key(option), option.strip())
    return f"{word}〖{own}〗" if own else word


def _from_cells(table: RawTable, column: Column, item: Item, missing: frozenset[str]) -> Decoded:
    """Split joined cells, each distinct cell once; a comma that may belong to an option is noted."""
    cells = table.cells(column.position)
    coded = cells.dictionary_encode()
    texts = coded.dictionary.to_pylist()
    indices = np.asarray(coded.indices)
    options = _options(item)
    values: list[str | None] = []
    doubtful: list[int] = []
    absent = 0
    for index, text in enumerate(texts):
        nothing = not text.strip() or key(text) in missing
        absent += int((indices == index).sum()) if nothing and text.strip() else 0
        parts, sure = ([], True) if nothing else _parts(text, table.separator, options)
        values.append(None if nothing else _json([_part(part, options, table) for part in parts]))
        doubtful += [] if sure else [index]
    rows = np.flatnonzero(np.isin(indices, doubtful)) if doubtful else _NO_ROWS
    notes = noted("ambiguous_multiselect", rows, cells, item.id, detail=f"separator '{table.separator}'")
    return Decoded(
        values=pa.array(values, pa.string()).take(coded.indices), missing=absent, notes=tuple(notes)
    )


def _part(part: str, options: Mapping[str, str], table: RawTable) -> str:
    """Return one choice in canonical form; where options are declared an unknown one is own words."""
    found = table.answer.fullmatch(part.strip()) if table.answer else None
    bare = found["value"] if found and key(part) not in options else part.strip()
    own = _OWN_WORDS.fullmatch(bare)
    if own:
        return _canonical(own["option"], own["text"], options)
    return _canonical("", bare, {}) if options and key(bare) not in options else _canonical(bare, "", options)


def _parts(text: str, separator: str, options: Mapping[str, str]) -> tuple[list[str], bool]:
    """Split a cell; returns the parts and whether there was only one way to do it.

    A comma or semicolon also occurs inside options and own words, so with these separators the declared
    options decide; without them a cell with a comma stays doubtful.
    """
    listed = _listed(text)
    if listed is not None or not separator:
        return [text] if listed is None else listed, True
    pieces = [piece for piece in text.split(separator) if piece.strip()]
    if separator == "┋" or len(pieces) < 2:
        return pieces, True
    if not options:
        return pieces, separator != ","
    return _covered(pieces, separator, options)


def _listed(text: str) -> list[str] | None:
    """Return the options of a cell that is canonical already, as exports of ours and lists in Parquet are."""
    try:
        found = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(option, str) for option in found) else None


def _covered(pieces: Sequence[str], separator: str, options: Mapping[str, str]) -> tuple[list[str], bool]:
    """Join neighbouring pieces into declared options, longest first; what is left over is own words."""
    parts: list[str] = []
    loose: list[str] = []
    start = 0
    while start < len(pieces):
        ends = [
            end for end in range(len(pieces), start, -1) if key(separator.join(pieces[start:end])) in options
        ]
        end = ends[0] if ends else start + 1
        (parts if ends else loose).append(separator.join(pieces[start:end]))
        start = end
    return [*parts, *([separator.join(loose)] if loose else [])], True


def _from_columns(
    table: RawTable, columns: Sequence[Column], options: Mapping[str, str], missing: frozenset[str]
) -> Decoded:
    """Put the columns of the options together; each pattern of choices is written once."""
    words = list(dict.fromkeys(column.option for column in columns))
    state = np.zeros((table.rows, len(words)), dtype=np.int8)  # 0 nothing, 1 not chosen, 2 chosen
    own: dict[int, dict[int, str]] = {}
    marked = np.zeros(table.rows, dtype=bool)
    for column in columns:
        cells = table.cells(column.position)
        place = words.index(column.option)
        states, marks = _states(cells, column, missing)
        state[:, place] = np.maximum(state[:, place], states)
        marked |= marks
        if column.free_text:
            for row in np.flatnonzero(states == 2):
                own.setdefault(int(row), {})[place] = cells[int(row)].as_py().strip()
    patterns, indices = np.unique(state, axis=0, return_inverse=True)
    written = [_written(pattern, words, {}, options) for pattern in patterns]
    values = np.array(written, dtype=object)[indices.reshape(-1)]
    for chooser, texts in own.items():
        values[chooser] = _written(state[chooser], words, texts, options)
    absent = int((marked & (state.max(axis=1, initial=0) == 0)).sum())
    return Decoded(values=pa.array(values, pa.string()), missing=absent)


def _states(cells: Cells, column: Column, missing: frozenset[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return 0, 1, 2 for each row (nothing, not chosen, chosen) and which rows hold a word for nothing."""
    coded = cells.dictionary_encode()
    words = [key(word) for word in coded.dictionary.to_pylist()]
    named = [key(column.labels.get(text.strip(), text)) for text in coded.dictionary.to_pylist()]
    never = _NOT_CHOSEN - {key(column.option)}  # an option may itself be called "No"
    states = [
        0 if not word or word in missing else 1 if name in never else 2
        for word, name in zip(words, named, strict=True)
    ]
    marks = [bool(word) and word in missing for word in words]
    indices = np.asarray(coded.indices)
    return np.array(states, dtype=np.int8)[indices], np.array(marks, dtype=bool)[indices]


def _written(
    pattern: np.ndarray, words: Sequence[str], own: Mapping[int, str], options: Mapping[str, str]
) -> str | None:
    if not pattern.any():
        return None
    picked = [place for place, state in enumerate(pattern.tolist()) if state == 2]
    return _json([_canonical(words[place], own.get(place, ""), options) for place in picked])


def _with_own_words(
    decoded: Decoded, table: RawTable, columns: Sequence[Column], options: Mapping[str, str]
) -> Decoded:
    """Add the own words that stand in columns of their own to the joined choices."""
    values = decoded.values.to_pylist() if columns else []
    for column in columns:
        option = options.get(key(column.option), column.option)
        cells = table.cells(column.position).to_pylist()
        for row, text in enumerate(cells):
            if text.strip():
                picked = [word for word in json.loads(values[row] or "[]") if key(word) != key(option)]
                values[row] = _json([*picked, f"{option}〖{text.strip()}〗"])
    return (
        Decoded(values=pa.array(values, pa.string()), missing=decoded.missing, notes=decoded.notes)
        if columns
        else decoded
    )
