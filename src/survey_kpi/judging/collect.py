"""Files of several experts joined to the one file that a study reads."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from survey_kpi.errors import Problem, SpecError, SurveyKpiError, nearest
from survey_kpi.judging.answers import Answer, Filled
from survey_kpi.judging.exports import read_table_file
from survey_kpi.judging.filled import is_ours, read_filled
from survey_kpi.judging.questions import Kind, Questions
from survey_kpi.judging.scale import CODINGS
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.table import LIMITS

MOST = replace(LIMITS, unpacked=64 << 20, rows=200_000, columns=2_000)
"""Experts are few: a larger file is something else."""

COLUMNS = {"pairwise": ("expert_id", "row", "column", "value"), "scores": ("expert_id", "indicator", "score")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """Answers of all files, sorted by expert.

    Parameters
    ----------
    kind
        Pairs, or importance scores.
    experts
        Everybody, with the place of their answers; those without any usable answer too.
    answers
        Every cell that holds something.
    notes
        What reading noticed about files as a whole.
    """

    kind: Kind
    experts: tuple[tuple[str, str], ...]
    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()

    def frame(self) -> pd.DataFrame:
        """Return the answers that are numbers, as a study reads them."""
        given = [answer for answer in self.answers if not math.isnan(answer.value)]
        rows = [_row(answer, self.kind) for answer in given]
        return pd.DataFrame(rows, columns=list(COLUMNS[self.kind]))

    def to_csv(self) -> str:
        """Return the file that the study declares; ids are safe in spreadsheets, numbers are exact."""
        lines = [",".join(COLUMNS[self.kind])]
        for *names, value in self.frame().itertuples(index=False):
            lines.append(",".join([*map(str, names), _number(value)]))
        return "\n".join([*lines, ""])


def _row(answer: Answer, kind: Kind) -> tuple[str | float, ...]:
    """Judgements below 1 of answers in words or codes are written the other way round, as whole numbers."""
    if kind == "scores":
        return (answer.expert, answer.row, answer.value)
    turned = 1 / answer.value if answer.value > 0 else math.nan
    if answer.value < 1 and math.isclose(turned, round(turned), rel_tol=1e-12) and answer.doubt == "":
        return (answer.expert, answer.column, answer.row, float(round(turned)))
    return (answer.expert, answer.row, answer.column, answer.value)


def _number(value: float) -> str:
    return str(int(value)) if value.is_integer() else repr(value)


def collect(paths: Sequence[Path], questions: Questions, *, coding: str | None = None) -> Collected:
    """Read filled questionnaires, CSV files and exports of experts' judgements.

    Parameters
    ----------
    paths
        Files, each of one or several experts.
    coding
        What bare numbers in columns of pairs say, a key of `CODINGS`.

    Raises
    ------
    SpecError
        All problems of all files at once: those of `read_filled` and `read_table_file`, of opening a file,
        `coding_unknown`, `kinds_mixed`, `expert_repeated`, naming both places.
    """
    if coding is not None and coding not in CODINGS:
        hint = nearest(coding, CODINGS)
        raise SpecError(
            "coding_unknown", where="--coding", what="no such coding", got=repr(coding), hint=hint
        )
    files: list[Filled] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            files.append(_read(path, questions, coding))
        except SurveyKpiError as error:
            problems += error.problems
    problems += [*_mixed(files), *_repeated(files)]
    if problems:
        raise SpecError.collect(problems)
    if not files:
        raise SpecError("file_missing", where="judgements collect", what="no file was named")
    order = sorted((expert for file in files for expert in file.experts), key=lambda one: _natural(one[0]))
    answers = [answer for file in files for answer in file.answers]
    return Collected(
        kind=files[0].kind,
        experts=tuple(order),
        answers=tuple(sorted(answers, key=lambda answer: _natural(answer.expert))),
        notes=tuple(note for file in files for note in file.notes),
    )


def _read(path: Path, questions: Questions, coding: str | None) -> Filled:
    export = open_export(path, where=path.name, options=Options(limits=MOST))
    if export.container == "xlsx" and is_ours(export.data):
        return read_filled(export.data, path.name, questions)
    return read_table_file(export, questions, coding)


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Sort key in which e10 comes after e9."""
    parts = re.findall(r"\d+|\D+", name)
    return tuple((0, int(part), part) if part.isdecimal() else (1, 0, part) for part in parts)


def _mixed(files: Sequence[Filled]) -> list[Problem]:
    kinds = {file.kind: file.file for file in files}
    if len(kinds) < 2:
        return []
    what = "pairwise judgements and importance scores are collected into different files"
    got = f"{kinds['pairwise']} and {kinds['scores']}"
    return [
        Problem(code="kinds_mixed", where="judgements collect", what=what, got=got, hint="collect each kind")
    ]


def _repeated(files: Sequence[Filled]) -> list[Problem]:
    places: dict[str, list[str]] = {}
    for expert, place in (expert for file in files for expert in file.experts):
        places.setdefault(expert, []).append(place)
    return [
        Problem(
            code="expert_repeated",
            where=f"expert '{expert}'",
            what="the same id stands for two sets of answers",
            got=" and ".join(found),
            hint="keep the newer file, or give two people two ids",
        )
        for expert, found in places.items()
        if len(found) > 1
    ]
