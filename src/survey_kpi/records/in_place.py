"""Parquet stays where it lies: casts as expressions on DuckDB, and a scan that counts what they lose.

Millions of rows must not pass through Python, so text is read more plainly here than in `cells`: ISO times,
plain numbers, identifiers as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
from duckdb import ColumnExpression

from survey_kpi.readers.parquet import damaged
from survey_kpi.readers.table import WHOLE_FILE, Action, Column, Export, Note, note
from survey_kpi.records.cells import Reading, naive_times
from survey_kpi.records.model import CENTS, FLAGS, LISTED, ROW, SQL_TYPES, UNREAD, YEARS, blank_rule, quoted

if TYPE_CHECKING:
    from survey_kpi.study.tables import TableColumn

_GLOB = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})
_BLANKS = "' ' || chr(9) || chr(10) || chr(12) || chr(13) || chr(160) || chr(12288)"
_BLANK = r"\s\x{00A0}\x{3000}"
_EDGE, _SOLID = f"'^[{_BLANK}]|[{_BLANK}]$|^$'", f"'[^{_BLANK}]'"
_ZONE = r"':\d{2}(\.\d+)?\s*(Z|[+-]\d{2}(:?\d{2})?)$'"
_WHOLE = 2**53
_FLOATS = frozenset({"FLOAT", "DOUBLE"})
_ZONED = "TIMESTAMP WITH TIME ZONE"


@dataclass(frozen=True, slots=True)
class _Cell:
    """SQL of one column: its value, whether the file holds anything there, what to note beside `unread`."""

    value: str
    filled: str
    inexact: str = ""


def read_in_place(
    export: Export,
    found: Mapping[str, Column],
    readings: Mapping[str, Reading],
    connection: duckdb.DuckDBPyConnection,
) -> tuple[duckdb.DuckDBPyRelation, tuple[Note, ...]]:
    """Return a typed relation over a Parquet file, and what its casts lose.

    Parameters
    ----------
    found
        Where each canonical column stands; those that the file lacks are missing here.
    readings
        How each canonical column is read, in their order.

    Raises
    ------
    SchemaError
        `file_damaged`.
    """
    path = str(export.path).translate(_GLOB)
    try:
        raw, types = _renamed(
            connection.read_parquet(path, file_row_number=True, hive_partitioning=False), found
        )
        cells = {
            name: _cell(reading, types[name]) if name in types else _Cell("NULL", "false")
            for name, reading in readings.items()
        }
        notes = tuple(_notes(raw, cells, readings))
        naive = [name for name, reading in readings.items() if _is_naive(reading.column, types.get(name, ""))]
        columns = [
            f"({cell.value})::{SQL_TYPES[readings[name].column.kind]} AS {quoted(name)}"
            for name, cell in cells.items()
        ]
        return raw.project(", ".join([ROW, *columns])), (*notes, *naive_times(naive))
    except duckdb.Error as error:
        raise damaged(export, error) from None


def _renamed(
    rows: duckdb.DuckDBPyRelation, found: Mapping[str, Column]
) -> tuple[duckdb.DuckDBPyRelation, dict[str, str]]:
    """Give the columns their canonical names, so that no header of a file enters SQL."""
    headers, types = rows.columns, [str(kind) for kind in rows.types]
    chosen = [ColumnExpression(headers[column.position]).alias(name) for name, column in found.items()]
    number = ColumnExpression("file_row_number").alias(ROW)
    return rows.select(number, *chosen), {name: types[column.position] for name, column in found.items()}


def _is_naive(column: TableColumn, kind: str) -> bool:
    return column.kind == "datetime" and kind.startswith("TIMESTAMP") and kind != _ZONED


def _cell(reading: Reading, kind: str) -> _Cell:
    name, wanted = quoted(reading.column.name), reading.column.kind
    whole_text = f"{name}::VARCHAR"  # trimmed only where a blank stands at an end: a third of the time
    text = (
        f"CASE WHEN regexp_matches({whole_text}, {_EDGE}) "
        f"THEN nullif(trim({whole_text}, {_BLANKS}), '') ELSE {whole_text} END"
    )
    text, filled = f"({text})", f"coalesce(regexp_matches({whole_text}, {_SOLID}), false)"
    if wanted == "text":
        whole = f"{name} = floor({name}) AND abs({name}) < {_WHOLE}"
        plain = f"CASE WHEN {whole} THEN {name}::BIGINT::VARCHAR ELSE {text} END"
        return _Cell(plain if kind in _FLOATS else text, filled)
    if wanted == "choice":
        return _Cell(
            _lookup(text, {word: _quoted(value) for word, value in reading.words.items()}),
            filled,
        )
    if wanted == "flag":
        words = {word: str(value) for word, value in FLAGS.items()}
        return _Cell(name if kind == "BOOLEAN" else _lookup(text, words), filled)
    if wanted in {"date", "datetime"}:
        return _Cell(_moment(name, text, kind, reading), filled)
    return _numeric(name, text, filled, kind, wanted)


def _numeric(name: str, text: str, filled: str, kind: str, wanted: str) -> _Cell:
    source = text if kind == "VARCHAR" else name
    double = f"TRY_CAST({source} AS DOUBLE)"
    if kind in _FLOATS:  # by its word: DuckDB 2.0 lets NaN pass a filter NOT isnan(...) over Parquet
        filled = f"coalesce({text} <> 'nan', false)"
    if wanted == "number":
        return _Cell(f"CASE WHEN isfinite({double}) THEN {double} END", filled)
    if wanted == "integer":
        whole = f"{double} = floor({double}) AND abs({double}) <= {_WHOLE}"
        return _Cell(f"CASE WHEN {whole} THEN TRY_CAST({double} AS BIGINT) END", filled)
    exact = double if kind in _FLOATS else f"TRY_CAST({source} AS DECIMAL(38, 12))"
    cents = f"TRY_CAST({source} AS {CENTS})"
    return _Cell(
        cents, filled, f"abs({exact} - {cents}::{'DOUBLE' if kind in _FLOATS else 'DECIMAL(38, 12)'}) > 1e-6"
    )


def _moment(name: str, text: str, kind: str, reading: Reading) -> str:
    """Return SQL for a wall clock in the study's zone, its day alone for a date."""
    zone = _quoted(reading.zone)
    if kind == _ZONED:
        moment = f"timezone({zone}, {name})"
    elif kind.startswith("TIMESTAMP") or kind == "DATE":
        moment = f"TRY_CAST({name} AS TIMESTAMP)"
    else:
        moment = (
            f"CASE WHEN regexp_matches({text}, {_ZONE}) "
            f"THEN timezone({zone}, TRY_CAST({text} AS TIMESTAMPTZ)) ELSE TRY_CAST({text} AS TIMESTAMP) END"
        )
    sensible = f"isfinite({moment}) AND year({moment}) BETWEEN {YEARS[0]} AND {YEARS[1]}"
    day = f"date_trunc('day', {moment})" if reading.column.kind == "date" else moment
    return f"CASE WHEN {sensible} THEN {day} END"


def _lookup(text: str, words: Mapping[str, str]) -> str:
    cases = " ".join(f"WHEN {_quoted(word)} THEN {value}" for word, value in words.items())
    return f"CASE lower({text}) {cases} END"


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


# --- what the casts lose ------------------------------------------------------------------------------


def _notes(
    raw: duckdb.DuckDBPyRelation, cells: Mapping[str, _Cell], readings: Mapping[str, Reading]
) -> Iterator[Note]:
    """Count in one scan, then list the rows where there is anything to list."""
    tests = list(_tests(cells, readings))
    if not tests:
        return
    [counts] = raw.aggregate(", ".join(f"count(*) FILTER ({test.where})" for test in tests)).fetchall()
    for test, count in zip(tests, counts, strict=True):
        if count:
            yield test.note(raw, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """A condition on a row that is worth a note."""

    rule: str
    item: str
    where: str
    action: Action
    value: str = ""

    def note(self, raw: duckdb.DuckDBPyRelation, count: int) -> Note:
        """List the rows, or say how many there are."""
        if count > LISTED:
            return note(self.rule, WHOLE_FILE, str(count), item=self.item, action=self.action, detail="rows")
        rows = raw.filter(self.where).project(
            f"{ROW}, {quoted(self.item)}::VARCHAR, ({self.value or 'NULL'})::VARCHAR"
        )
        numbers, values, new = zip(*sorted(rows.fetchall()), strict=True)
        return Note(
            rule=self.rule,
            rows=np.array(numbers, dtype=np.int64),
            values=["" if value is None else value for value in values],
            item=self.item,
            action=self.action,
            details=["" if value is None else value for value in new],
        )


def _tests(cells: Mapping[str, _Cell], readings: Mapping[str, Reading]) -> Iterator[_Test]:
    for name, cell in cells.items():
        column = readings[name].column
        lost: Action = "excluded" if column.required else "set_missing"
        if column.kind in UNREAD and cell.value != "NULL":
            where = f"{cell.filled} AND ({cell.value}) IS NULL"
            yield _Test(rule=UNREAD[column.kind], item=name, where=where, action=lost)
        if column.required:
            yield _Test(rule=blank_rule(name), item=name, where=f"NOT ({cell.filled})", action="excluded")
        if cell.inexact:
            yield _Test(
                rule="rounded_money", item=name, where=cell.inexact, action="parsed", value=cell.value
            )


def arrow_relation(
    columns: Mapping[str, pa.Array], rows: int, connection: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    """Return typed columns in memory as a relation, rows numbered from 0."""
    return connection.from_arrow(pa.table({ROW: pa.array(np.arange(rows)), **columns}))
