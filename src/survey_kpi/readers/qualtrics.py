"""Qualtrics: three header rows (codes, words, import ids), or two in exports of the legacy kind.

Previews and unfinished answers stay in the table with their status; cleaning sets them aside.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from survey_kpi.errors import SchemaError
from survey_kpi.readers import plain
from survey_kpi.readers.headers import column, fold, split
from survey_kpi.readers.table import Column, Export, Grid, RawTable
from survey_kpi.readers.times import zone_exists

ROLES = {
    "startdate": "started_at",
    "enddate": "submitted_at",
    "duration(inseconds)": "duration_s",
    "responseid": "response_id",
    "userlanguage": "language",
    "distributionchannel": "channel",
    "ipaddress": "ip",
}
_LEGACY = frozenset({"responseid", "responseset", "ipaddress", "status", "startdate", "enddate", "finished"})
_CODE = re.compile(r"(?P<group>.+?)_\d+(?P<text>_TEXT)?")
_SELECTED = " - Selected Choice"
_PREVIEW_CODES = frozenset({"1", "2", "9", "17"})
"""Survey preview, survey test, and their spam and offline kinds, in exports by code."""
_NO = frozenset({"false", "0", "否"})


def sniff(grid: Grid) -> int:
    """Recognise the import ids of the third row, or the legacy words of the second."""
    return 10 if _header_rows(grid) else 0


def read(export: Export) -> RawTable:
    """Read either kind.

    Raises
    ------
    SchemaError
        `header_rows`: neither import ids in row 3 nor legacy words in row 2; `time_zone_unknown`.
    """
    grid = plain.cells_of(export)
    header_rows = _header_rows(grid)
    if not header_rows:
        raise SchemaError(
            "header_rows",
            where=export.where,
            what="the header rows of Qualtrics are not complete",
            got=f"row 3 begins with {grid.head[-1][0]!r}",
            expected='import ids such as {"ImportId":"startDate"} in row 3',
            hint="export again and leave the first rows alone, or set `format: csv` if one of them is left",
        )
    codes, words = grid.rows[0], grid.rows[1]
    ids = [_json(cell) for cell in grid.rows[2]] if header_rows > 2 else [{} for _ in codes]
    named = zip(codes, words, ids, strict=True)
    columns = [
        _column(code, text, place.get("ImportId", ""), at) for at, (code, text, place) in enumerate(named)
    ]
    return plain.table(
        grid,
        columns,
        header_rows=header_rows,
        separator=",",
        time_zone=_zone(ids, export.where),
        status=_status(grid.rows[header_rows:], columns),
    )


def _header_rows(grid: Grid) -> int:
    if len(grid.rows) > 2 and sum("ImportId" in _json(cell) for cell in grid.rows[2][:5]):
        return 3
    second = {_name(cell) for cell in grid.rows[1]} if len(grid.rows) > 1 else set()
    return 2 if len(second & _LEGACY) > 3 else 0


def _json(cell: str) -> dict[str, str]:
    try:
        found = json.loads(cell) if cell.startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in found.items()}


def _name(text: str) -> str:
    return fold(text).casefold().replace(" ", "")


def _column(code: str, words: str, import_id: str, position: int) -> Column:
    role = ROLES.get(_name(code)) or ROLES.get(_name(words), "")
    plain_words = words.replace(_SELECTED, "")
    part = _CODE.fullmatch(code)
    if not part:
        return column(code, position, role=role, also=[words, plain_words, import_id])
    free_text = bool(part["text"])
    question, option = split(fold(plain_words.removesuffix(" - Text")))
    return column(
        code,
        position,
        role=role,
        groups=[part["group"], question],
        option=option or code,
        also=[words, plain_words, import_id],
        free_text=free_text,
    )


def _zone(ids: Sequence[dict[str, str]], where: str) -> str:
    zones = [found["timeZone"] for found in ids if "timeZone" in found]
    if zones and not zone_exists(zones[0]):
        raise SchemaError(
            "time_zone_unknown", where=f"{where}, row 3", what="no such time zone", got=repr(zones[0])
        )
    return zones[0] if zones else ""


def _status(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> list[str]:
    """Say of each row whether it is a preview or unfinished; a preview comes first."""
    places = {_name(name): at for at, found in enumerate(columns) for name in reversed(found.names)}
    status, finished = places.get("status"), places.get("finished")
    return [
        "preview"
        if status is not None and _is_preview(row[status])
        else "unfinished"
        if finished is not None and row[finished].strip().casefold() in _NO
        else ""
        for row in rows
    ]


def _is_preview(cell: str) -> bool:
    word = cell.strip().casefold()
    return word in _PREVIEW_CODES or "preview" in word or "test" in word
