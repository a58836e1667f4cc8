"""The live hint of the pairwise questionnaire: a hidden sheet that works out the consistency.

It computes what `ahp(priority="geometric_mean")` computes: weights by row geometric means, lambda as the mean
of (A w)_i / w_i, and the consistency ratio by the named random index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

from survey_kpi.indicator_weights.random_index import random_index
from survey_kpi.judging.questions import Questions

SHEET = "calc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Where the hidden sheet holds what the questionnaire shows."""

    ratio: str
    weight: Mapping[str, str]
    """Cell of each indicator's weight."""


def write_hints(sheet: Any, questions: Questions, values: Mapping[tuple[str, str], str]) -> Hints:
    """Fill the hidden sheet; `values` holds the cell of each pair's judgement as a number."""
    names = questions.ids
    size = len(names)
    first, last = _cell(2, 2), size + 1
    place = {name: at for at, name in enumerate(names, start=2)}
    for at in place.values():
        sheet.cell(1, at, at - 1)
        sheet.cell(at, 1, at - 1)
        sheet[_cell(at, at)] = 1
        row = f"{_cell(at, 2)}:{_cell(at, last)}"
        mean, weight = _cell(at, size + 2), _cell(at, size + 3)
        sheet[mean] = f"=PRODUCT({row})^(1/{size})"
        sheet[weight] = f"={mean}/SUM({_cell(2, size + 2, fixed=True)}:{_cell(last, size + 2, fixed=True)})"
        sheet[_cell(size + 3, at)] = f"={weight}"
        weights = f"{_cell(size + 3, 2, fixed=True)}:{_cell(size + 3, last, fixed=True)}"
        sheet[_cell(at, size + 4)] = f"=SUMPRODUCT({row},{weights})/{weight}"
    for (left, right), cell in values.items():
        upper, lower = _cell(place[left], place[right]), _cell(place[right], place[left])
        sheet[upper] = f'=IF(ISNUMBER({cell}),{cell},"")'
        sheet[lower] = f'=IF(ISNUMBER({upper}),1/{upper},"")'
    lambdas = f"{_cell(2, size + 4)}:{_cell(last, size + 4)}"
    ratio = _cell(size + 5, 2)
    index = random_index(questions.random_index, size)
    excess = f"MAX(0,AVERAGE({lambdas})-{size})/{max(size - 1, 1)}/{index!r}"
    sheet[ratio] = f"={excess}" if size > 2 else "=0"
    sheet[first] = 1
    return Hints(
        ratio=f"{SHEET}!{_dollars(ratio)}",
        weight={name: f"{SHEET}!{_cell(at, size + 3, fixed=True)}" for name, at in place.items()},
    )


def _cell(row: int, column: int, *, fixed: bool = False) -> str:
    letter = get_column_letter(column)
    return f"${letter}${row}" if fixed else f"{letter}{row}"


def _dollars(cell: str) -> str:
    letters = cell.rstrip("0123456789")
    return f"${letters}${cell[len(letters) :]}"
