"""A raw table and the codebook to canonical columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from survey_kpi.errors import Problem, SchemaError
from survey_kpi.readers.answers import (
    Decoded,
    Dictionary,
    comment,
    measured,
    missing_words,
    noted,
    rated,
    text_field,
)
from survey_kpi.readers.choices import multiple
from survey_kpi.readers.headers import Match
from survey_kpi.readers.table import WHOLE_FILE, Column, Note, RawTable, note
from survey_kpi.readers.times import parse_times
from survey_kpi.study.models import Codebook, Item, Study

IDENTIFIERS = ("response_id", "respondent_id")
"""Fields of which an empty cell is worth a note: without them an answer cannot be told from its copy."""
PLATFORM_RULES = {"preview": "preview_row", "unfinished": "unfinished_row"}
_SECOND_US = 1_000_000


def is_number(item: Item) -> bool:
    """Whether an item is decoded to numbers: it has a scale, or its role asks for one."""
    return item.role not in {"comment", "multi"} and (
        bool(item.scale) or bool(item.labels) or item.role != "item"
    )


def is_time(field: str) -> bool:
    """Whether a response field holds times: its name ends in `_at`."""
    return field.endswith("_at")


def is_duration(field: str) -> bool:
    """Whether a response field holds seconds: its name ends in `_s`."""
    return field.endswith("_s")


def is_measure(field: str) -> bool:
    """Whether a response field holds numbers: durations, and `weight` or names that end in `_weight`."""
    return is_duration(field) or field == "weight" or field.endswith("_weight")


def field_type(field: str) -> pa.DataType:
    """Return the Arrow type of a response field."""
    if is_time(field):
        return pa.timestamp("us")
    return pa.float64() if is_measure(field) else pa.string()


def column_types(codebook: Codebook) -> dict[str, pa.DataType]:
    """Return the Arrow type of every field and item, in the order of the codebook."""
    items = {item.id: pa.float64() if is_number(item) else pa.string() for item in codebook.items}
    return {name: field_type(name) for name in codebook.fields} | items


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """The decoded columns of one file.

    Parameters
    ----------
    columns
        Arrow arrays by field and item, in the order of the codebook; null columns for what is absent.
    missing_words
        Cells with a word for "no answer", by field and item.
    notes
        What reading noticed.
    derived
        Fields that were computed from others.
    """

    columns: Mapping[str, pa.Array]
    missing_words: Mapping[str, int]
    notes: tuple[Note, ...]
    derived: tuple[str, ...]


def decode(table: RawTable, found: Match, study: Study, where: str) -> Answers:
    """Decode every field and item of a file.

    Raises
    ------
    SchemaError
        `date_order`, for every column of times whose layout cannot be told.
    """
    codebook = study.codebook
    decoded = _fields(table, found, study, where)
    for item in codebook.items:
        if item.id in found.items:
            decoded[item.id] = _item(table, found.items[item.id], item, codebook)
    derived = derived_fields(codebook, decoded)
    if derived:
        decoded["duration_s"] = _seconds_between(decoded["started_at"], decoded["submitted_at"])
    return Answers(
        columns={
            name: decoded[name].values if name in decoded else pa.nulls(table.rows, kind)
            for name, kind in column_types(codebook).items()
        },
        missing_words={name: column.missing for name, column in decoded.items() if column.missing},
        notes=(*_status_notes(table), *(note for column in decoded.values() for note in column.notes)),
        derived=derived,
    )


def _fields(table: RawTable, found: Match, study: Study, where: str) -> dict[str, Decoded]:
    """Decode the response fields; problems of all columns are raised together."""
    decoded: dict[str, Decoded] = {}
    problems: list[Problem] = []
    for name, column in found.fields.items():
        try:
            decoded[name] = _field(table, column, name, study, where)
        except SchemaError as error:
            problems += error.problems
    if problems:
        raise SchemaError.collect(problems)
    return decoded


def _item(table: RawTable, columns: tuple[Column, ...], item: Item, codebook: Codebook) -> Decoded:
    words = missing_words(item.missing_codes, table.marks, columns)
    if item.role == "multi":
        return multiple(table, columns, item, words)
    cells = table.cells(columns[0].position)
    if not is_number(item):
        return comment(cells, item.id, words)
    return rated(cells, Dictionary.of(item, codebook.scale_of(item), columns[0], table), item.id)


def _field(table: RawTable, column: Column, name: str, study: Study, where: str) -> Decoded:
    cells = table.cells(column.position)
    words = missing_words(study.codebook.fields[name].missing_codes, table.marks, [column])
    if is_time(name):
        return _time(
            table, cells, name, words, study, f"{where}, column {column.position + 1} '{column.header}'"
        )
    if is_measure(name):
        return measured(cells, name, words, duration=is_duration(name))
    decoded = text_field(cells, name, words)
    if name not in IDENTIFIERS:
        return decoded
    empty = np.flatnonzero(np.asarray(decoded.values.is_null()))
    notes = (*decoded.notes, *noted("id_missing", empty, cells, name))
    return Decoded(values=decoded.values, missing=decoded.missing, notes=notes)


def _time(
    table: RawTable, cells: pa.Array, name: str, words: frozenset[str], study: Study, where: str
) -> Decoded:
    mark = pc.is_in(pc.utf8_lower(pc.utf8_trim_whitespace(cells)), pa.array(sorted(words), pa.string()))
    times = parse_times(
        pc.if_else(mark, "", cells),
        study_zone=study.study.time_zone,
        file_zone=table.time_zone,
        order=table.date_order,
        declared=table.declared_order,
        where=where,
    )
    notes = [
        *(
            note("time_layout", WHOLE_FILE, layout, item=name, detail=f"{count} cells")
            for layout, count in times.layouts.items()
            if layout != "year_first"
        ),
        *noted("not_a_time", np.flatnonzero(times.unread), cells, name, "set_missing"),
        *noted(
            "time_order",
            np.flatnonzero(times.naive),
            cells,
            name,
            detail="no zone; read as the study's own time",
        ),
    ]
    return Decoded(values=pa.array(times.values), missing=int(pc.sum(mark).as_py() or 0), notes=tuple(notes))


def derived_fields(codebook: Codebook, present: Collection[str]) -> tuple[str, ...]:
    """Name the fields that follow from others: the duration of platforms that only write start and end."""
    wanted = "duration_s" in codebook.fields and "duration_s" not in present
    return ("duration_s",) if wanted and {"started_at", "submitted_at"} <= set(present) else ()


def _seconds_between(start: Decoded, end: Decoded) -> Decoded:
    micros = pc.subtract(pc.cast(end.values, pa.int64()), pc.cast(start.values, pa.int64()))
    return Decoded(values=pc.divide(pc.cast(micros, pa.float64()), _SECOND_US))


def _status_notes(table: RawTable) -> Iterator[Note]:
    if table.status is None:
        return
    said = np.array(table.status, dtype=object)
    for status, rule in PLATFORM_RULES.items():
        rows = np.flatnonzero(said == status)
        yield from noted(rule, rows, pa.array(said, pa.string()), "")
