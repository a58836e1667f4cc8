"""Dirt as real exports have it, planted in known rows.

Every kind takes rows of its own, so that a rule can be tested on exactly the rows that it ought to find.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from survey_kpi.sample.answers import SKIPPED, Sheets
from survey_kpi.sample.comments import HOSTILE
from survey_kpi.sample.draws import Ints, shuffled
from survey_kpi.sample.world import DIRT, ITEMS, LTR, QUESTIONS

Cells = Mapping[str, np.ndarray[tuple[int], np.dtype[Any]]]

NO_ANSWER, EMPTY = "(跳过)", "(空)"
UNKNOWN_PEOPLE = ("S99", "不记得了", NO_ANSWER)
OUT_OF_RANGE = (("speed", "6"), (LTR, "11"), ("expertise", "99"), (LTR, "-1"))
NOT_NUMBERS = ((LTR, "非常愿意"), ("attitude", "挺好的"))
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def pick(sheets: Sheets, wanted: Mapping[str, int], rng: np.random.Generator) -> dict[str, Ints]:
    """Choose different rows for every kind of dirt among complete sheets that nobody answered again.

    Sheets that are only fast are no straight lines, or they would look careless by chance.
    """
    complete = (sheets.answers != SKIPPED).all(axis=1) & ~sheets.abroad
    again = np.isin(np.arange(len(sheets.person)), sheets.first_of)
    free = shuffled(rng, np.flatnonzero(complete & (sheets.first_of < 0) & ~again))
    rows: dict[str, Ints] = {"duplicate": np.flatnonzero(sheets.first_of >= 0)}
    varied = np.ptp(sheets.answers[:, : len(ITEMS)], axis=1) > 0
    for kind in [kind for kind in DIRT if kind != "duplicate"]:
        fit = free[varied[free]] if kind == "fast" else free
        rows[kind] = fit[: wanted.get(kind, 0)]
        free = free[~np.isin(free, rows[kind])]
    return rows


def plant(cells: Cells, rows: Mapping[str, Ints]) -> None:
    """Write the dirt into the cells of a Wenjuanxing export, in place."""
    for row in rows["blank"]:
        for column in (*QUESTIONS, "services"):
            cells[column][row] = NO_ANSWER
        cells["comment"][row] = EMPTY
    for place, row in enumerate(rows["careless"]):
        for column in QUESTIONS:
            cells[column][row] = _same(column, best=place % 5 < 3)
    for place, row in enumerate([*rows["careless"], *rows["fast"]]):
        cells["duration"][row] = f"{9 + place % 9}秒"
    for row, (column, text) in (
        *_in_turn(rows["out_of_range"], OUT_OF_RANGE),
        *_in_turn(rows["not_a_number"], NOT_NUMBERS),
    ):
        cells[column][row] = text
    for place, row in enumerate(rows["odd_digits"]):
        column = (LTR, *ITEMS[1:])[place // 2 % len(ITEMS)]
        text = str(cells[column][row])
        cells[column][row] = f"{text} 分" if place % 2 else text.translate(FULL_WIDTH)
    for row, text in _in_turn(rows["unattributed"], UNKNOWN_PEOPLE):
        cells["manager"][row] = text
    for row, text in _in_turn(rows["hostile"], HOSTILE):
        cells["comment"][row] = text


def _same(column: str, *, best: bool) -> str:
    if column == LTR:
        return "10" if best else "5"
    if column == "overall":
        return "非常满意" if best else "一般"
    return "5" if best else "3"


def _in_turn(rows: Ints, texts: tuple[Any, ...]) -> Iterator[tuple[Any, Any]]:
    return ((row, texts[place % len(texts)]) for place, row in enumerate(rows))
