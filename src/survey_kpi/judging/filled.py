"""Filled questionnaires back into answers: whose they are, of which study, and what each cell says."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping
from typing import Any

import openpyxl

from survey_kpi.errors import SpecError, nearest
from survey_kpi.judging.answers import Answer, Filled
from survey_kpi.judging.questionnaire import EXPERT_CELL, FIRST_ROW, LAYOUT, META
from survey_kpi.judging.questions import Kind, Questions, expert_id
from survey_kpi.judging.scale import side_of, strength_of
from survey_kpi.readers.texts import as_text
from survey_kpi.readers.words import number

MOST_ROWS = 5_000
"""Rows of a sheet that are looked at; 100 indicators make 4,950 pairs."""


def is_ours(data: bytes) -> bool:
    """Whether a workbook is one of our questionnaires: it carries the hidden sheet."""
    return META in openpyxl.load_workbook(io.BytesIO(data), read_only=True).sheetnames


def read_filled(data: bytes, where: str, questions: Questions) -> Filled:
    """Read a filled questionnaire of this study.

    Raises
    ------
    SpecError
        `questionnaire_foreign`: it was written for another study. `questionnaire_outdated`: for other
        indicators. `questionnaire_damaged`: its hidden parts were changed. `expert_missing`,
        `expert_id_invalid`.
    """
    book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    facts, asked = _metadata(book, where)
    _same_questions(facts, asked, where, questions)
    sheet = book[facts["sheet"]]
    expert = expert_id(as_text(sheet[EXPERT_CELL].value) or facts.get("expert", ""), where)
    kind: Kind = "scores" if facts["kind"] == "scores" else "pairwise"
    rows = sheet.iter_rows(min_row=FIRST_ROW, max_row=FIRST_ROW + MOST_ROWS, max_col=9, values_only=True)
    cells = [
        (f"{where}: sheet '{sheet.title}', row {at}", [as_text(value).strip() for value in row])
        for at, row in enumerate(rows, start=FIRST_ROW)
    ]
    read = _pairs if kind == "pairwise" else _scores
    notes = []
    if facts.get("rule_hash") != questions.rule_hash:
        notes.append(f"{where}: the study files have changed since this questionnaire was written")
    return Filled(
        file=where,
        kind=kind,
        experts=((expert, where),),
        answers=tuple(read(cells, expert, where, questions)),
        notes=tuple(notes),
    )


def _metadata(book: Any, where: str) -> tuple[dict[str, str], list[str]]:
    rows = book[META].iter_rows(max_row=MOST_ROWS, max_col=2, values_only=True)
    entries = [
        (as_text(key), as_text(value)) for key, value in (tuple(row[:2]) for row in rows if len(row) > 1)
    ]
    facts = dict(entry for entry in entries if entry[0] != "indicator")
    asked = [value for key, value in entries if key == "indicator"]
    if facts.get("layout") != str(LAYOUT) or facts.get("sheet") not in book.sheetnames or not asked:
        raise _damaged(where, "the hidden sheet does not say what was asked")
    return facts, asked


def _damaged(where: str, what: str) -> SpecError:
    hint = "write a new questionnaire with survey-kpi judgements template, and copy the answers over"
    return SpecError("questionnaire_damaged", where=where, what=what, hint=hint)


def _same_questions(facts: Mapping[str, str], asked: list[str], where: str, questions: Questions) -> None:
    if facts.get("study") != questions.study:
        raise SpecError(
            "questionnaire_foreign",
            where=where,
            what="the questionnaire was written for another study",
            got=repr(facts.get("study", "")),
            expected=repr(questions.study),
            hint="collect it into the study that it names",
        )
    if set(asked) != set(questions.ids) or facts.get("schema_version") != str(questions.schema_version):
        raise SpecError(
            "questionnaire_outdated",
            where=where,
            what="the questionnaire asks about other indicators than the study scores now",
            got=", ".join(asked),
            expected=", ".join(questions.ids),
            hint="ask again with a new questionnaire, or restore `scored` in rules.yaml",
        )


Cells = list[tuple[str, list[str]]]
"""Place and texts of each row."""


def _pairs(cells: Cells, expert: str, where: str, questions: Questions) -> Iterator[Answer]:
    known = {frozenset(pair) for pair in questions.pairs}
    for place, row in cells:
        _, _, which, _, strength, _, _, left, right = (row + [""] * 9)[:9]
        if not left and not right:
            continue
        if frozenset((left, right)) not in known:
            raise _damaged(place, f"the hidden columns name no pair of the study; got '{left}' and '{right}'")
        if which or strength:
            value, doubt = _judged(which, strength)
            typed = " | ".join(filter(None, (which, strength)))
            yield Answer(
                expert=expert, row=left, column=right, value=value, typed=typed, where=place, doubt=doubt
            )


def _judged(which: str, strength: str) -> tuple[float, str]:
    """Return the judgement and what is wrong with it."""
    side, much = side_of(which), strength_of(strength)
    if (which and not side) or (strength and not much):
        return math.nan, "not_understood"
    if not which or (side != "equal" and not strength):
        return math.nan, "half_answered"
    if (side == "equal") != (much in (0, 1)):
        return math.nan, "contradictory"
    return {"left": float(much), "equal": 1.0, "right": 1 / (much or 1)}[side], ""


def _scores(cells: Cells, expert: str, where: str, questions: Questions) -> Iterator[Answer]:
    for place, row in cells:
        text, name = (row + [""] * 9)[3], (row + [""] * 9)[7]
        if not name:
            continue
        if name not in questions.ids:
            hint = nearest(name, questions.ids)
            raise _damaged(place, f"the hidden column names no indicator of the study; got '{name}', {hint}")
        if text:
            yield scored(expert, name, text, place, questions)


def scored(expert: str, name: str, text: str, where: str, questions: Questions) -> Answer:
    """Return an importance score as an answer, with what is wrong with it."""
    value, (low, high) = number(text), questions.rating_scale
    if value is None:
        return Answer(expert=expert, row=name, typed=text, where=where, doubt="not_understood")
    doubt = "" if low <= value <= high else "out_of_scale"
    return Answer(expert=expert, row=name, value=value, typed=text, where=where, doubt=doubt)
