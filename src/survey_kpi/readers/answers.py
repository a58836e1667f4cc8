"""Cells of one column to values: each distinct word is looked at once, then taken to its rows.

An answer is, in this order: a declared label, a declared missing word, a mark that the platform writes for
"skipped", a number, a number in disguise ("９", "9 分"; noted), and otherwise nothing, which is noted with
its row. Numeric missing codes of the codebook stay as they are: cleaning flags them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from survey_kpi.readers.headers import fold
from survey_kpi.readers.table import Action, Cells, Column, Note, RawTable
from survey_kpi.readers.words import loose_number, number, seconds
from survey_kpi.study.models import Item, Scale

_TONED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ"
_DAMAGE = rf"\x{{FFFD}}|[?？][a-z]{{0,4}}[{_TONED}][a-z]{{0,3}}[?？]?[)）]"
"""A character that some program could not read, or what is left of a pinyin gloss after its character."""
_LIST_NUMBER = r"[(（]?[0-9]{1,2}[.、)）]|[一二三四五六七八九十]{1,3}、"
_BREAKS_OFF = rf"(?:[、，：；,:;(（「“]|(?:^|\n)\s*(?:{_LIST_NUMBER}))\s*$"
"""A text that ends inside a sentence, a bracket or a list."""
_DIGITS_LOST = r"^[0-9](\.[0-9]+)?E\+[0-9]{2}$"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Decoded:
    """One decoded column.

    Parameters
    ----------
    values
        Arrow array: float64, timestamp or text, null where there is no answer.
    missing
        Cells that hold a word for "no answer".
    notes
        What was noticed.
    """

    values: Cells
    missing: int = 0
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """What one word means: its value, the reading rule it met, whether it stands for nothing."""

    value: float | None
    rule: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dictionary:
    """Everything that decides what a word in a rated column means.

    Parameters
    ----------
    labels
        Folded words and their values.
    missing
        Folded words that the codebook declares missing.
    marks
        Words of the platform for no answer; one that lies on the item's scale is an answer all the same.
    own
        Codes that the file itself declares missing for this column.
    codes
        Numeric missing codes of the codebook.
    low, high
        Ends of the scale.
    shift
        Added to numeric answers.
    names
        Words of coded values, from the file itself.
    layout
        Layout of decorated answers.
    """

    labels: Mapping[str, float]
    missing: frozenset[str]
    marks: frozenset[str]
    own: frozenset[str]
    codes: frozenset[float]
    low: float
    high: float
    shift: int
    names: Mapping[str, str]
    layout: re.Pattern[str] | None

    @classmethod
    def of(cls, item: Item, scale: Scale | None, column: Column, table: RawTable) -> Dictionary:
        """Gather what codebook, file and platform say about one item."""
        codes = {code: number(str(code)) for code in item.missing_codes}
        return cls(
            labels={key(word): value for word, value in _labels(item, scale)},
            missing=frozenset(key(str(code)) for code, value in codes.items() if value is None),
            marks=frozenset(map(key, table.marks)),
            own=frozenset(map(key, column.missing)),
            codes=frozenset(value for value in codes.values() if value is not None),
            low=scale.low if scale else math.inf,
            high=scale.high if scale else -math.inf,
            shift=item.shift,
            names=column.labels,
            layout=table.answer,
        )

    def look_up(self, text: str) -> Word:
        """Return what a word means."""
        spellings = self._spellings(text)
        if not spellings[0]:
            return Word(None)
        labelled = next((self.labels[word] for word in spellings if word in self.labels), None)
        if labelled is not None:
            return Word(labelled)
        if self._means_nothing(spellings):
            return Word(None, missing=True)
        for spelling in (text, *spellings[1:]):
            if (value := number(spelling)) is not None:
                return Word(self._shifted(value))
        loose = loose_number(text)
        return Word(None, "not_a_number") if loose is None else Word(self._shifted(loose), "parsed_number")

    def _spellings(self, text: str) -> list[str]:
        """Return the word as it stands, its label in the file, and its core where the platform decorates."""
        found = self.layout.fullmatch(text.strip()) if self.layout else None
        others = [self.names.get(text.strip(), ""), found["value"] if found else ""]
        return [key(text), *(key(other) for other in others if other)]

    def _means_nothing(self, spellings: Sequence[str]) -> bool:
        word, value = spellings[0], number(spellings[0])
        if not self.missing.isdisjoint(spellings):
            return True
        if value in self.codes:
            return False
        return word in self.own or (
            word in self.marks and not (value is not None and self.low <= value <= self.high)
        )

    def _shifted(self, value: float) -> float:
        return value if value in self.codes else value + self.shift


def _labels(item: Item, scale: Scale | None) -> Iterator[tuple[str, float]]:
    """Yield every word that stands for a value; the item's own words come last and win."""
    for value, label in (scale.labels if scale else {}).items():
        yield from ((text, float(value)) for text in (label.zh, label.en))
    yield from item.labels.items()


def key(word: str) -> str:
    """Return a word as it is compared: folded, without regard to case."""
    return fold(word).casefold()


def rated(cells: Cells, dictionary: Dictionary, item: str) -> Decoded:
    """Decode a rated item to float64."""
    return _numeric(cells, dictionary.look_up, item)


def measured(cells: Cells, field: str, missing: frozenset[str], *, duration: bool) -> Decoded:
    """Decode a response field that holds numbers or durations in seconds."""
    rule = "not_a_duration" if duration else "not_a_number"

    def look_up(text: str) -> Word:
        if not text.strip() or key(text) in missing:
            return Word(None, missing=bool(text.strip()))
        value = seconds(text) if duration else number(text)
        if value is not None:
            return Word(value)
        loose = None if duration else loose_number(text)
        return Word(loose, rule if loose is None else "parsed_number")

    return _numeric(cells, look_up, field)


def _numeric(cells: Cells, look_up: Callable[[str], Word], name: str) -> Decoded:
    coded = cells.dictionary_encode()
    words = [look_up(text) for text in coded.dictionary.to_pylist()]
    meaning = pa.array([word.value for word in words], pa.float64())
    rules = np.array([word.rule for word in words], dtype=object)
    missing = np.array([word.missing for word in words], dtype=bool)
    places = np.asarray(coded.indices)
    values = meaning.take(coded.indices)
    notes = [
        note
        for rule in dict.fromkeys(word.rule for word in words if word.rule)
        for note in _noted_words(rule, np.flatnonzero(rules[places] == rule), cells, values, name)
    ]
    return Decoded(values=values, missing=int(missing[places].sum()), notes=tuple(notes))


def _noted_words(
    rule: str, rows: npt.NDArray[np.int64], cells: Cells, values: Cells, name: str
) -> Sequence[Note]:
    if rule != "parsed_number":
        return noted(rule, rows, cells, name, "set_missing")
    shown = pa.array([f"{value:g}" for value in values.take(pa.array(rows)).to_pylist()])
    return noted(rule, rows, cells, name, "parsed", shown)


def missing_words(
    codes: Iterable[int | str], marks: Iterable[str], columns: Iterable[Column]
) -> frozenset[str]:
    """Return the folded words that stand for nothing: the codebook's, the platform's, and the file's own."""
    own = [word for column in columns for word in column.missing]
    return frozenset(key(str(word)) for word in (*codes, *marks, *own))


def text_field(cells: Cells, field: str, missing: frozenset[str]) -> Decoded:
    """Decode an identifier or category: trimmed, full-width characters normalised and noted."""
    trimmed = pc.utf8_trim_whitespace(cells)
    plain = pc.utf8_trim_whitespace(pc.utf8_normalize(trimmed, form="NFKC"))
    values, absent = _without(plain, missing)
    changed = np.flatnonzero(np.asarray(pc.not_equal(trimmed, plain)))
    lost = (
        np.flatnonzero(np.asarray(pc.match_substring_regex(plain, _DIGITS_LOST)))
        if field.endswith("_id")
        else changed[:0]
    )
    notes = [
        *noted("normalised_text", changed, trimmed, field, "parsed", plain.take(pa.array(changed))),
        *noted("damaged_text", lost, plain, field, detail="a spreadsheet cut the digits of this number"),
        *damaged(plain, field),
    ]
    return Decoded(values=values, missing=absent, notes=tuple(notes))


def comment(cells: Cells, item: str, missing: frozenset[str]) -> Decoded:
    """Decode free text: kept to the letter, null when it is blank or a word for nothing."""
    trimmed = pc.utf8_trim_whitespace(cells)
    known, absent = _without(pc.utf8_normalize(trimmed, form="NFKC"), missing)
    values = pc.if_else(known.is_valid(), cells, pa.scalar(None, pa.string()))
    return Decoded(values=values, missing=absent, notes=(*damaged(trimmed, item), *truncated(trimmed, item)))


def _without(texts: Cells, missing: frozenset[str]) -> tuple[Cells, int]:
    """Return texts with null for empty ones and words that mean nothing, and how many of the latter."""
    folded = pc.utf8_lower(texts)
    mark = pc.is_in(folded, pa.array(sorted(missing), pa.string()))
    nothing = pc.or_(mark, pc.equal(texts, ""))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), texts), int(pc.sum(mark).as_py() or 0)


def damaged(texts: Cells, name: str) -> tuple[Note, ...]:
    """Note cells with characters that some program could not read; what stood there is never guessed."""
    rows = np.flatnonzero(np.asarray(pc.match_substring_regex(texts, _DAMAGE)))
    detail = "contains U+FFFD or a broken gloss"
    return tuple(noted("damaged_text", rows, texts, name, detail=detail))


def truncated(texts: Cells, name: str) -> tuple[Note, ...]:
    """Note comments that break off inside a sentence, a bracket or a list; they are kept as they are."""
    rows = np.flatnonzero(np.asarray(pc.match_substring_regex(texts, _BREAKS_OFF)))
    return tuple(noted("truncated_text", rows, texts, name, detail="the text breaks off"))


def noted(
    rule: str,
    rows: npt.NDArray[np.int64],
    texts: Cells,
    name: str,
    action: Action = "kept",
    new: Cells = None,
    detail: str = "",
) -> Sequence[Note]:
    """Make one note on many rows, or none; `new` gives the values after repair, one for each row."""
    if not len(rows):
        return ()
    values = texts.take(pa.array(rows)).to_pylist()
    details = new.to_pylist() if new is not None else [detail]
    return (Note(rule=rule, rows=rows, values=values, item=name, action=action, details=details),)
