"""Judgements in tables: our own CSV, one column per pair (R's ahpsurvey), Wenjuanxing's matrix questions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from itertools import permutations, product
from pathlib import Path

from survey_kpi.errors import Problem, SpecError, nearest
from survey_kpi.judging.answers import Answer, Filled
from survey_kpi.judging.filled import scored
from survey_kpi.judging.questions import Questions, expert_id
from survey_kpi.judging.scale import CODINGS, on_scale, ratio, spoken
from survey_kpi.readers import plain, wenjuanxing
from survey_kpi.readers.headers import bare, fold
from survey_kpi.readers.table import Column, Export, RawTable

LONG = {
    ("expert_id", "row", "column", "value"): "pairwise",
    ("expert_id", "indicator", "score"): "scores",
}
"""Columns of our own files."""

JOINTS = ("_", ":", "/", "|", "vs", "vs.", "与", "和", "比", "对", "-", "~")
"""What may stand between the two names of a pair in a header; blanks do not count."""

_EXPERT_HEADERS = frozenset({"expert_id", "expert", "专家编号", "专家", "专家id", "编号"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}月\d{1,2}日|\d{1,2}-[A-Za-z]{3}")


def read_table_file(export: Export, questions: Questions, coding: str | None) -> Filled:
    """Read an opened CSV or workbook that is none of our questionnaires.

    Parameters
    ----------
    coding
        Key of `CODINGS`: what a bare number in a column of a pair says. None where cells are words.

    Raises
    ------
    SpecError
        `judgements_unreadable`: no column names a pair or an indicator. `coding_undeclared`: there are bare
        numbers and nobody said how they are coded. `unknown_name`, `column_ambiguous`, `expert_missing`,
        `expert_id_invalid`.
    """
    where = export.where
    ours = wenjuanxing.sniff(plain.cells_of(export)) > 0
    table = wenjuanxing.read(export) if ours else plain.read(export)
    headers = {fold(column.header).casefold(): column.position for column in table.columns}
    for columns, kind in LONG.items():
        if set(columns) <= set(headers):
            rows = zip(*(_texts(table, headers[name]) for name in columns), strict=True)
            read = _long_pairs if kind == "pairwise" else _long_scores
            return read(list(rows), where, questions)
    pairs = _columns(table, _pair_names(questions), where)
    singles = {} if pairs else _columns(table, _single_names(questions), where)
    if not pairs and not singles:
        raise _unreadable(where, questions)
    experts = _experts(table, headers, where)
    if singles:
        return _wide_scores(table, singles, experts, where, questions)
    return _wide_pairs(table, pairs, experts, where, coding)


def _unreadable(where: str, questions: Questions) -> SpecError:
    left, right = questions.pairs[0]
    return SpecError(
        "judgements_unreadable",
        where=where,
        what="no column names a pair of indicators, or an indicator, of the study",
        expected=f"our questionnaire, columns {', '.join(next(iter(LONG)))}, or headers such as"
        f" '{left}_{right}'",
        hint="the names may be ids or labels of the scored indicators",
    )


def _texts(table: RawTable, position: int) -> list[str]:
    marks = {fold(mark) for mark in table.marks}
    cells = [(cell or "").strip() for cell in table.cells(position).to_pylist()]
    return ["" if fold(cell) in marks else cell for cell in cells]


# --- our own layout -----------------------------------------------------------------------------------


def _long_pairs(rows: list[tuple[str, ...]], where: str, questions: Questions) -> Filled:
    _known([(at, name) for at, row in enumerate(rows, 1) for name in row[1:3]], where, questions)
    answers = []
    for at, (expert, left, right, text) in enumerate(rows, start=1):
        place, value = f"{where}, row {at}", ratio(text)
        answers.append(
            Answer(
                expert=expert_id(expert, place),
                row=left,
                column=right,
                value=value,
                typed=text,
                where=place,
                doubt="not_understood" if math.isnan(value) else "" if on_scale(value) else "out_of_scale",
            )
        )
    return _long(answers, where, "pairwise")


def _long_scores(rows: list[tuple[str, ...]], where: str, questions: Questions) -> Filled:
    _known([(at, row[1]) for at, row in enumerate(rows, 1)], where, questions)
    answers = [
        scored(expert_id(expert, f"{where}, row {at}"), name, text, f"{where}, row {at}", questions)
        for at, (expert, name, text) in enumerate(rows, start=1)
    ]
    return _long(answers, where, "scores")


def _long(answers: list[Answer], where: str, kind: str) -> Filled:
    experts = dict.fromkeys(answer.expert for answer in answers)
    given = tuple(answer for answer in answers if answer.typed)
    return Filled(
        file=where,
        kind="scores" if kind == "scores" else "pairwise",
        experts=tuple((name, where) for name in experts),
        answers=given,
    )


def _known(named: list[tuple[int, str]], where: str, questions: Questions) -> None:
    first = {name: at for at, name in reversed(named)}
    problems = [
        Problem(
            code="unknown_name",
            where=f"{where}, row {at}",
            what="the judgement names what is not scored",
            got=repr(name[:60]),
            hint=nearest(name, questions.ids),
        )
        for name, at in sorted(first.items(), key=lambda entry: entry[1])
        if name not in questions.ids
    ]
    if problems:
        raise SpecError.collect(problems)


# --- one column per pair ------------------------------------------------------------------------------


def _key(text: str) -> str:
    return "".join(fold(text).casefold().split())


def _names(questions: Questions, name: str) -> set[str]:
    label = questions.labels[name]
    return {_key(name), _key(label.zh), _key(label.en)}


def _single_names(questions: Questions) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for name in questions.ids:
        for words in _names(questions, name):
            found.setdefault(words, set()).add((name,))
    return found


def _pair_names(questions: Questions) -> dict[str, set[tuple[str, ...]]]:
    """Every way to write a pair into a header, with the pairs that it may mean."""
    words = {name: _names(questions, name) for name in questions.ids}
    found: dict[str, set[tuple[str, ...]]] = {}
    for left, right in permutations(questions.ids, 2):
        for first, joint, second in product(words[left], JOINTS, words[right]):
            found.setdefault(f"{first}{joint}{second}", set()).add((left, right))
    return found


def _columns(
    table: RawTable, names: Mapping[str, set[tuple[str, ...]]], where: str
) -> dict[int, tuple[str, ...]]:
    """Columns whose header, or sub-question, is one of the names."""
    found: dict[int, tuple[str, ...]] = {}
    problems: list[Problem] = []
    for column in table.columns:
        meant = next((names[key] for key in _candidates(column) if key in names), set())
        if len(meant) == 1:
            found[column.position] = next(iter(meant))
        elif meant:
            got, listed = repr(column.header[:60]), "; ".join(" / ".join(one) for one in sorted(meant))
            what = f"the header can be read in {len(meant)} ways: {listed}"
            problems.append(Problem(code="column_ambiguous", where=where, what=what, got=got))
    twice = [pair for pair in found.values() if list(found.values()).count(pair) > 1]
    for pair in dict.fromkeys(twice):
        what = f"several columns are about {' / '.join(pair)}"
        problems.append(Problem(code="column_ambiguous", where=where, what=what))
    if problems:
        raise SpecError.collect(problems)
    return found


def _candidates(column: Column) -> Iterator[str]:
    folded = fold(column.header)
    yield from map(_key, (folded, bare(folded), column.option))
    yield from (_key(folded[at + 1 :].rstrip(")]")) for at, char in enumerate(folded) if char in "—([-")


def _experts(table: RawTable, headers: Mapping[str, int], where: str) -> list[tuple[str, str]]:
    """Id and place of each row's expert; rows without an id are counted, under the name of the file."""
    named = next((headers[name] for name in headers if name in _EXPERT_HEADERS), None)
    places = [f"{where}, row {at}" for at in range(1, table.rows + 1)]
    if named is not None:
        return [
            (expert_id(text, place), place) for text, place in zip(_texts(table, named), places, strict=True)
        ]
    numbers = next((column.position for column in table.columns if column.role == "response_id"), None)
    marks = [str(at) for at in range(1, table.rows + 1)] if numbers is None else _texts(table, numbers)
    stem = re.sub(r"[^\w.-]+", "-", Path(where).stem).strip("-.") or "expert"
    return [(expert_id(f"{stem}-{mark}", place), place) for mark, place in zip(marks, places, strict=True)]


def _wide_pairs(
    table: RawTable,
    pairs: Mapping[int, tuple[str, ...]],
    experts: list[tuple[str, str]],
    where: str,
    coding: str | None,
) -> Filled:
    decode = CODINGS[coding] if coding else None
    answers, bare_numbers = [], 0
    for position, (left, right) in pairs.items():
        header = next(column.header for column in table.columns if column.position == position)
        for (expert, place), text in zip(experts, _texts(table, position), strict=True):
            if not text:
                continue
            value = spoken(text)
            if math.isnan(value) and not math.isnan(ratio(text)):
                bare_numbers += decode is None
                value = decode(ratio(text)) if decode else math.nan
            answers.append(_wide_answer(expert, left, right, value, text, f"{place}, '{header}'"))
    if bare_numbers:
        raise _undeclared(where, bare_numbers)
    return Filled(file=where, kind="pairwise", experts=tuple(experts), answers=tuple(answers))


def _wide_answer(expert: str, left: str, right: str, value: float, text: str, where: str) -> Answer:
    doubt = ""
    if not value > 0:
        value, doubt = math.nan, "out_of_scale" if not math.isnan(ratio(text)) else "not_understood"
    elif not on_scale(value):
        doubt = "out_of_scale"
    return Answer(expert=expert, row=left, column=right, value=value, typed=text, where=where, doubt=doubt)


def _undeclared(where: str, count: int) -> SpecError:
    return SpecError(
        "coding_undeclared",
        where=where,
        what="bare numbers can be read in several ways, and nobody said in which",
        got=f"{count:,} cells",
        expected=f"--coding {', '.join(CODINGS)}",
        hint="negative-left is that of R's ahpsurvey: -3 says that the left item is 3 times as important",
    )


def _wide_scores(
    table: RawTable,
    singles: Mapping[int, tuple[str, ...]],
    experts: list[tuple[str, str]],
    where: str,
    questions: Questions,
) -> Filled:
    answers = [
        scored(expert, name, text, f"{place}, '{name}'", questions)
        for position, (name,) in singles.items()
        for (expert, place), text in zip(experts, _texts(table, position), strict=True)
        if text
    ]
    return Filled(file=where, kind="scores", experts=tuple(experts), answers=tuple(answers))


def advice(answer: Answer) -> str:
    """Return what may have happened to a cell that cannot be understood, or nothing."""
    if answer.doubt == "not_understood" and _DATE.fullmatch(answer.typed):
        return "a spreadsheet turns a typed 1/3 into a date; write 0.333 or the words of the scale"
    return ""
