"""Which characters the shipped fonts can draw, and what happens to those that they cannot.

Typesetters pass over a missing glyph in silence, or stop without saying where. So the report's own words
are checked before anything is rendered (`check_wording`), and words from outside, names and answers, show the
code point in place of a character that would print as an empty box (`visible`).

Examples
--------
>>> visible("张龢 😀😀 ok")
('张龢 [U+1F600 ×2] ok', [Replacement(character='😀', code='U+1F600', count=2)])
>>> check_wording({"zh.yaml: answer.title": "本季度 ▲ 4.1 个百分点"})
>>> check_wording({"en.yaml: title": "Well done 👍"})
Traceback (most recent call last):
survey_kpi.errors.ReportError: en.yaml: title: no glyph in the shipped fonts; got '👍' (U+1F44D ...
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import groupby

from survey_kpi.errors import Problem, ReportError

SPACING = frozenset("\t\n\r")
"""Set as space or as a line break; they need no glyph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A character that could not be drawn: an audit row `glyph_replaced` says so."""

    character: str
    code: str
    """Code point, `U+1F600`."""
    count: int
    """How often the text has it."""


@cache
def drawable() -> frozenset[str]:
    """Return every character that Regular and Bold both draw, and the white space that needs no glyph.

    Read from the list that the build of the fonts writes beside them: to parse both fonts costs some twenty
    times as much.
    """
    listed = resources.files("survey_kpi.report").joinpath("fonts", "coverage.txt")
    return SPACING.union(listed.read_bytes().decode("utf-8"))


def check_wording(texts: Mapping[str, str]) -> None:
    """Refuse own words, labels and headings that the shipped fonts cannot print.

    Parameters
    ----------
    texts
        Text by place, `"file: key"`.

    Raises
    ------
    ReportError
        `missing_glyph`, one problem for each place and character.
    """
    problems = [
        Problem(
            code="missing_glyph",
            where=place,
            what="no glyph in the shipped fonts",
            got=_described(character),
            hint="choose another character or another word",
        )
        for place, text in texts.items()
        for character in dict.fromkeys(text)
        if character not in drawable()
    ]
    if problems:
        raise ReportError.collect(problems)


def visible(text: str) -> tuple[str, list[Replacement]]:
    """Return text that prints completely, and what had to give way.

    A letter typed as base and accent is put together if the fonts have the letter. Any other character
    without a glyph (emoji, a control character, a direction override, half of a surrogate pair) becomes its
    code point in brackets; a run of the same one is written once, with its length.

    Examples
    --------
    >>> visible("Cafe\\u0301")
    ('Café', [])
    >>> visible("a" + "\\u0336" * 10_000)[0]
    'a[U+0336 ×10000]'
    """
    if drawable().issuperset(text):
        return text, []
    runs = [(character, len(list(run))) for character, run in groupby(_composed(text))]
    missing: Counter[str] = Counter()
    for character, length in runs:
        if character not in drawable():
            missing[character] += length
    shown = "".join(_shown(character, length) for character, length in runs)
    replaced = [
        Replacement(character=character, code=_code(character), count=count)
        for character, count in missing.items()
    ]
    return shown, replaced


def _composed(text: str) -> Iterator[str]:
    """Yield characters, a base and its accent as one where the fonts have it; linear in a flood of marks."""
    last = ""
    for character in text:
        both = unicodedata.normalize("NFC", last + character) if unicodedata.combining(character) else ""
        if last and both in drawable():
            last = both
            continue
        if last:
            yield last
        last = character
    if last:
        yield last


def _shown(character: str, length: int) -> str:
    if character in drawable():
        return character * length
    return f"[{_code(character)}]" if length == 1 else f"[{_code(character)} ×{length}]"


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _described(character: str) -> str:
    shown = f"'{character}' " if character.isprintable() else ""
    return f"{shown}({_code(character)} {unicodedata.name(character, 'without a name')})"
