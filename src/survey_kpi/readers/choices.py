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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from survey_kpi.readers.answers import Decoded, key, noted
from survey_kpi.readers.table import Cells, Column, RawTable
from survey_kpi.study.models import Item

_NOT_CHOSEN = frozenset(
    ["0", "n", "no", "否", "未选", "未选中", "未选择", "false", "not selected", "unchecked"]
)


def chosen(cell: str) -> dict[str, str]:
    """Return the options of a decoded cell, each with the respondent's own words or an empty text."""
    return dict(map(_apart, json.loads(cell)))


def _apart(choice: str) -> tuple[str, str]:
    """Return an option and the own words behind it."""
    option, mark, own = choice.partition("〖")
    return (option.rstrip(), own[:-1]) if mark and own.endswith("〗") else (choice, "")


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
    options = _options(item)
    read = [_choices(text, table, options, missing) for text in coded.dictionary.to_pylist()]
    places = np.asarray(coded.indices)
    doubtful = np.array([choices.doubtful for choices in read], dtype=bool)
    absent = np.array([choices.missing for choices in read], dtype=bool)
    rows = np.flatnonzero(doubtful[places])
    notes = noted("ambiguous_multiselect", rows, cells, item.id, detail=f"separator '{table.separator}'")
    values = pa.array([choices.value for choices in read], pa.string()).take(coded.indices)
    return Decoded(values=values, missing=int(absent[places].sum()), notes=tuple(notes))


@dataclass(frozen=True, slots=True)
class _Choices:
    """What one joined cell means."""

    value: str | None
    missing: bool = False
    doubtful: bool = False


def _choices(text: str, table: RawTable, options: Mapping[str, str], missing: frozenset[str]) -> _Choices:
    if not text.strip() or key(text) in missing:
        return _Choices(None, missing=bool(text.strip()))
    parts, sure = _parts(text, table.separator, options)
    return _Choices(_json([_part(part, options, table) for part in parts]), doubtful=not sure)


def _part(part: str, options: Mapping[str, str], table: RawTable) -> str:
    """Return one choice in canonical form; where options are declared an unknown one is own words."""
    found = table.answer.fullmatch(part.strip()) if table.answer else None
    bare = found["value"] if found and key(part) not in options else part.strip()
    option, own = _apart(bare)
    if own or option != bare:
        return _canonical(option, own, options)
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
    return _covered(pieces, separator, options), True


def _listed(text: str) -> list[str] | None:
    """Return the options of a cell that is canonical already, as exports of ours and lists in Parquet are."""
    try:
        found = json.loads(text) if text.startswith("[") else None
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list) and all(isinstance(option, str) for option in found) else None


def _covered(pieces: Sequence[str], separator: str, options: Mapping[str, str]) -> list[str]:
    """Join neighbouring pieces into declared options, longest first; what is left over is own words."""
    longest = 1 + max(option.count(separator) for option in options)
    parts: list[str] = []
    loose: list[str] = []
    start = 0
    while start < len(pieces):
        ends = range(min(start + longest, len(pieces)), start, -1)
        known = next((end for end in ends if key(separator.join(pieces[start:end])) in options), None)
        end = known or start + 1
        (parts if known else loose).append(separator.join(pieces[start:end]))
        start = end
    return [*parts, *([separator.join(loose)] if loose else [])]


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
