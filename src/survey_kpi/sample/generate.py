"""A world to the files of its study: exports, the table of specialists, and the truths beside them."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from survey_kpi.sample import dirt, exports
from survey_kpi.sample.answers import Sheets, draw
from survey_kpi.sample.company import company_files, planted_records
from survey_kpi.sample.contact import Comment
from survey_kpi.sample.dirt import EMPTY
from survey_kpi.sample.draws import generator
from survey_kpi.sample.invitations import CHOOSER, invitation_files
from survey_kpi.sample.truths import truths
from survey_kpi.sample.world import World

ENCODINGS = ("gb18030", "utf-8-sig")
OVERSEAS = "google_forms_overseas.csv"
ANSWERED_QUARTERS = 4
"""In so many of the last quarters somebody replies to comments."""


def generate(world: World) -> dict[str, bytes]:
    """Return the files of a world by name; the same world gives the same bytes everywhere.

    Examples
    --------
    >>> from survey_kpi.sample.world import STARTER
    >>> files = generate(STARTER)
    >>> sorted(files)
    ['specialists.csv', 'truths.json', 'wjx_2026q2.csv', 'wjx_2026q3.csv']
    >>> files == generate(STARTER)
    True
    """
    files: dict[str, bytes] = {"specialists.csv": exports.specialists(world)}
    planted: dict[str, dict[str, list[int]]] = {}
    counts: dict[str, dict[str, int]] = {}
    drawn: dict[str, Sheets] = {}
    comments: list[Comment] = []
    overseas = [list(exports.GOOGLE_FORMS.values())]
    for place, quarter in enumerate(world.quarters):
        rng = generator(world.seed, place)
        sheets = drawn[quarter] = draw(world, quarter, rng)
        people = Counter(world.people[one].id for one in sheets.person)
        counts[quarter] = dict(sorted(people.items()))
        at_home, rows = _chinese(world, quarter, sheets, rng)
        name = f"wjx_{quarter.lower()}.csv"
        files[name] = exports.written(at_home, ENCODINGS[place % len(ENCODINGS)], "\r\n")
        planted[name] = rows
        if world.records and quarter in world.quarters[-ANSWERED_QUARTERS:]:
            comments += _comments(name, at_home)
        overseas += _english(world, quarter, _only(sheets, sheets.abroad), rng)
    if len(overseas) > 1:
        files[OVERSEAS] = exports.written(overseas, "utf-8", "\n")
    known: dict[str, Any] = {**truths(world, counts), "sheets": counts, "dirt": planted}
    if world.records:
        files |= company_files(world, drawn, comments)
        files |= invitation_files(world, drawn, files)
        known["records"] = planted_records() | {"invites_whom_they_like": CHOOSER}
    files["truths.json"] = (json.dumps(known, ensure_ascii=False, indent=1) + "\n").encode()
    return files


def _chinese(
    world: World, quarter: str, sheets: Sheets, rng: np.random.Generator
) -> tuple[list[list[str]], dict[str, list[int]]]:
    """Return the rows of the Chinese export in order of time, and the numbers of the dirty ones."""
    cells = exports.wenjuanxing_cells(world, quarter, sheets, rng)
    rows = dirt.pick(sheets, world.dirt, rng)
    dirt.plant(cells, rows)
    order = [int(row) for row in np.argsort(sheets.at, kind="stable") if not sheets.abroad[row]]
    number = {row: place for place, row in enumerate(order, start=1)}
    planted = {kind: sorted(number[int(row)] for row in found) for kind, found in rows.items()}
    return exports.table(exports.WENJUANXING, cells, order), planted


def _english(world: World, quarter: str, sheets: Sheets, rng: np.random.Generator) -> list[list[str]]:
    cells = exports.google_forms_cells(world, quarter, sheets, rng)
    order = [int(row) for row in np.argsort(sheets.at, kind="stable")]
    return exports.table(exports.GOOGLE_FORMS, cells, order)[1:]


def _comments(file: str, rows: list[list[str]]) -> Iterator[Comment]:
    """Yield what customers wrote, by the number that the row has when it is read."""
    sheets = [dict(zip(exports.WENJUANXING, row, strict=True)) for row in rows[1:]]
    for number, sheet in enumerate(sheets, start=1):
        if sheet["comment"] != EMPTY:
            at = dt.datetime.strptime(sheet["at"], "%Y/%m/%d %H:%M:%S")
            yield Comment(row_id=f"{file.removesuffix('.csv')}:{number}", customer=sheet["customer"], at=at)


def _only(sheets: Sheets, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Sheets:
    return Sheets(**{column.name: getattr(sheets, column.name)[rows] for column in fields(sheets)})
