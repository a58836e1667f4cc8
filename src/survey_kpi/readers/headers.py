"""Headers: folding, taking apart what platforms write into them, and finding the column of an item.

Headers are compared after Unicode NFKC, with runs of blanks folded to one. Platforms number questions
("3、", "Q3. ") and join a sub-question to its question in a dozen ways ("请评价—速度", "Please rate [Speed]",
"第4题(速度)"); every such column also answers to `question [sub-question]`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from survey_kpi.errors import Problem, nearest
from survey_kpi.readers.table import Column
from survey_kpi.study.models import Item, Source, Study

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060"))
_NUMBER = re.compile(r"(?:Q\s?)?\d{1,3}\s?[、.):]\s*(?=[^\d\s])")
_JOINTS = (
    re.compile(r"(?P<group>第\d+题)\s*\((?P<option>.+)\)"),
    re.compile(r"(?P<group>.+?)\s*\[(?P<option>.+)\]"),
    re.compile(r"(?P<group>.+?)\s*(?:—+|––|:)\s*(?P<option>.+)"),
    re.compile(r"(?P<group>.+) - (?P<option>.+)"),
    re.compile(r"(?P<group>.+?)\s*\((?P<option>[^()]+)\)"),
)
_MANY = 3
_LONGEST = 500
"""Letters of a header that is taken apart; no question is longer, and the patterns are not linear."""


def fold(text: str) -> str:
    """Return text as it is compared: NFKC, invisible characters gone, runs of blanks as one.

    Examples
    --------
    >>> fold("  总体满意度（１－５）\\n") == fold("总体满意度(1-5)")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", text).translate(_INVISIBLE).split())


def bare(folded: str) -> str:
    """Return a folded header without the platform's question number.

    Examples
    --------
    >>> bare("3、总体满意度"), bare("Q12. Speed"), bare("3.5 stars")
    ('总体满意度', 'Speed', '3.5 stars')
    """
    return folded[found.end() :] if (found := _NUMBER.match(folded)) else folded


def split(folded: str) -> tuple[str, str]:
    """Return question and sub-question of a folded header; the second is empty when there is none.

    Examples
    --------
    >>> split("4、请评价以下方面—响应速度"), split("Please rate [Speed]"), split("第3题(上门)")
    (('4、请评价以下方面', '响应速度'), ('Please rate', 'Speed'), ('第3题', '上门'))
    """
    for joint in _JOINTS if len(folded) <= _LONGEST else ():
        if found := joint.fullmatch(folded):
            return found["group"], found["option"]
    return folded, ""


def column(
    header: str,
    position: int,
    *,
    role: str = "",
    groups: Iterable[str] = (),
    option: str = "",
    also: Iterable[str] = (),
    free_text: bool = False,
) -> Column:
    """Make a column with every name that its header answers to.

    Parameters
    ----------
    header
        As it stands in the file.
    position
        Index in the file.
    role
        Response field that the platform writes here.
    groups, option
        Names of the question, and the sub-question, where the format knows them; taken from the header
        otherwise.
    also
        Further names: the words below a code, an import id.
    free_text
        See `Column.free_text`.
    """
    texts = [fold(text) for text in (header, *also)]
    question, part = ("", fold(option)) if option else split(texts[0])
    questions = [fold(group) for group in groups] or [question]
    questions = [*questions, *map(bare, questions)] if part else []
    joined = [f"{group} [{part}]" for group in questions]
    return Column(
        position=position,
        header=header,
        names=_unique([*texts, *map(bare, texts), *joined]),
        parts=_unique([part]),
        groups=_unique(questions),
        option=part,
        free_text=free_text,
        role=role,
    )


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where everything stands in one file.

    Parameters
    ----------
    items
        Columns of each item: one, or several for a multiple choice with a column for each option.
    fields
        Column of each response field that the file carries.
    absent
        Items that this version of the questionnaire did not ask.
    unused
        Headers that nothing asked for.
    """

    items: Mapping[str, tuple[Column, ...]]
    fields: Mapping[str, Column]
    absent: tuple[str, ...]
    unused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Index:
    """Columns by whole header, by the question whose option they are, and by sub-question."""

    names: Mapping[str, Sequence[Column]]
    groups: Mapping[str, Sequence[Column]]
    parts: Mapping[str, Sequence[Column]]

    @classmethod
    def of(cls, columns: Sequence[Column]) -> _Index:
        names: dict[str, list[Column]] = defaultdict(list)
        groups: dict[str, list[Column]] = defaultdict(list)
        parts: dict[str, list[Column]] = defaultdict(list)
        for column in columns:
            for called, index in ((column.names, names), (column.groups, groups), (column.parts, parts)):
                for name in called:
                    index[name].append(column)
        return cls(names, groups, parts)


@dataclass(frozen=True, slots=True)
class _Names:
    """Names to look for, strongest first: a level decides as soon as one column answers to it."""

    levels: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, *levels: Iterable[str]) -> _Names:
        exact = [tuple(fold(name) for name in level) for level in levels]
        return cls(tuple(names for level in exact for names in (level, tuple(map(bare, level)))))

    def look_up(self, index: Mapping[str, Sequence[Column]]) -> tuple[Column, ...]:
        for level in self.levels:
            found = {column.position: column for name in level for column in index.get(name, ())}
            if found:
                return tuple(found[position] for position in sorted(found))
        return ()


def match(columns: Sequence[Column], study: Study, source: Source, where: str) -> tuple[Match, list[Problem]]:
    """Find the columns of every item and response field, and all problems that this meets.

    Problems carry the codes `column_missing` (with the nearest header) and `duplicate_column`.
    """
    problems: list[Problem] = []
    items: dict[str, tuple[Column, ...]] = {}
    absent: list[str] = []
    index = _Index.of(columns)
    for item in study.codebook.items:
        names, header = _item_names(item, source)
        found = _item_columns(names, index, item)
        if not found and item.versions and source.version not in item.versions:
            absent.append(item.id)
        elif not found or _too_many(found, item):
            problems.append(_problem(item.id, header, found, columns, where))
        else:
            items[item.id] = found
    fields, unfound = _fields(columns, index, study, source, where)
    problems += [*unfound, *_claimed_twice(items, where)]
    used = {column.position for found in items.values() for column in found}
    used |= {column.position for column in fields.values()}
    unused = tuple(column.header for column in columns if column.position not in used)
    return Match(items=items, fields=fields, absent=tuple(absent), unused=unused), problems


def _item_names(item: Item, source: Source) -> tuple[_Names, str]:
    if item.id in source.headers:
        return _Names.of([source.headers[item.id]]), source.headers[item.id]
    question = item.wordings.get(source.version, item.question)
    words = [question.zh, question.en]
    return _Names.of(item.headers, [item.id], words), (*item.headers, *words)[0]


def _item_columns(names: _Names, index: _Index, item: Item) -> tuple[Column, ...]:
    """Return the columns that answer to the strongest name: whole headers, then options, then sub-questions.

    A multiple choice in one cell takes along the columns of its free texts. A header such as "Services
    (choose all that apply)" looks like an option of "Services": an option that stands alone is none.
    """
    found = names.look_up(index.names)
    if item.role == "multi":
        options = names.look_up(index.groups)
        free = tuple(column for column in options if column.free_text and column not in found)
        found = found or tuple(column for column in options if not column.free_text)
        whole = found if len(found) != 1 else (replace(found[0], option=""),)
        found = (*whole, *free)
    return found or names.look_up(index.parts)


def _too_many(found: tuple[Column, ...], item: Item) -> bool:
    """Whether more columns answer than an item has; several options of a multiple choice are one item."""
    whole = [column for column in found if not column.option]
    several = len(found) > 1 and (item.role != "multi" or len(whole) > 1)
    return several or len({(column.option, column.free_text) for column in found}) < len(found)


def _fields(
    columns: Sequence[Column], index: _Index, study: Study, source: Source, where: str
) -> tuple[dict[str, Column], list[Problem]]:
    """Find the response fields; one that the file lacks is no problem unless this source names its header."""
    fields: dict[str, Column] = {}
    problems: list[Problem] = []
    for name, declared in study.codebook.fields.items():
        if name in source.headers:
            found = _Names.of([source.headers[name]]).look_up(index.names)
        else:
            found = _Names.of(declared.headers, [name]).look_up(index.names)
            found = found or tuple(column for column in columns if column.role == name)
        if len(found) == 1:
            fields[name] = found[0]
        elif found or name in source.headers:
            problems.append(_problem(name, source.headers.get(name, name), found, columns, where))
    return fields, problems


def _problem(
    name: str, header: str, found: tuple[Column, ...], columns: Sequence[Column], where: str
) -> Problem:
    if found:
        places = ", ".join(f"{column.position + 1} '{column.header}'" for column in found[:_MANY])
        return Problem(
            code="duplicate_column",
            where=where,
            what=f"{len(found)} columns claim to be '{name}'",
            got=f"columns {places}{', …' if len(found) > _MANY else ''}",
            expected="one",
            hint=f"name the right header under `headers: {{{name}: …}}` of this source",
        )
    return Problem(
        code="column_missing",
        where=where,
        what=f"the column of '{name}' is missing; the codebook asks for it",
        expected=f"'{header}'",
        hint=nearest(header, [column.header for column in columns if column.header.strip()]),
    )


def _claimed_twice(items: Mapping[str, tuple[Column, ...]], where: str) -> list[Problem]:
    owner: dict[int, str] = {}
    problems = []
    for item, found in items.items():
        for column in found:
            other = owner.setdefault(column.position, item)
            if other != item:
                problems.append(
                    Problem(
                        code="duplicate_column",
                        where=where,
                        what=f"one column would be both '{other}' and '{item}'",
                        got=f"column {column.position + 1} '{column.header}'",
                        hint="give the two items different headers in the codebook",
                    )
                )
    return problems
