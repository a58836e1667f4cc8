"""Typed Parquet stays where it lies: decoding as expressions on a DuckDB relation.

Ten million answers must not pass through Python. This way is taken where every column that the codebook
asks for has the right type: numbers for rated items, durations and weights, times for times, and text for
the rest. It decodes as `decode` does, but leaves full-width characters in identifiers as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import CaseExpression, CoalesceOperator, ColumnExpression, ConstantExpression, FunctionExpression

from survey_kpi.readers.answers import key
from survey_kpi.readers.decode import (
    IDENTIFIERS,
    column_types,
    derived_fields,
    field_type,
    is_measure,
    is_number,
    is_time,
)
from survey_kpi.readers.headers import Match
from survey_kpi.readers.parquet import damaged, open_file
from survey_kpi.readers.table import WHOLE_FILE, Export, Note, note
from survey_kpi.readers.words import number
from survey_kpi.study.models import Codebook, Item, ResponseField, Study

Expression: TypeAlias = Any
"""A DuckDB expression: names and words travel as values, never as SQL text."""

ROW = "file_row_number"
_BLANKS = " \t\r\n\u00a0\u3000"
_NULL = ConstantExpression(None)
_GLOB = str.maketrans({"*": "[*]", "?": "[?]", "[": "[[]"})
_SQL_TYPES = {pa.string(): "VARCHAR", pa.float64(): "DOUBLE", pa.timestamp("us"): "TIMESTAMP"}


def possible(export: Export, found: Match, codebook: Codebook) -> bool:
    """Whether a file is Parquet, and every column that the codebook asks for has the type it needs."""
    if export.container != "parquet":
        return False
    schema = open_file(export).schema_arrow
    kinds = [(field_type(name), schema.field(column.position).type) for name, column in found.fields.items()]
    for item in codebook.items:
        if item.role == "multi" and item.id in found.items:
            return False
        needed = pa.float64() if is_number(item) else pa.string()
        kinds += [(needed, schema.field(column.position).type) for column in found.items.get(item.id, ())]
    return all(_fits(needed, kind) for needed, kind in kinds)


def _fits(needed: pa.DataType, kind: pa.DataType) -> bool:
    if pa.types.is_timestamp(needed):
        return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))
    if pa.types.is_floating(needed):
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class InPlace:
    """The answers of a typed file.

    Parameters
    ----------
    relation
        Base columns, then fields and items in the order of the codebook.
    missing_words
        Cells with a word or code for "no answer", by field and item.
    notes
        Empty identifiers, counted for the file as a whole.
    derived
        Fields computed from others.
    """

    relation: duckdb.DuckDBPyRelation
    missing_words: Mapping[str, int]
    notes: tuple[Note, ...]
    derived: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Cell:
    """Value of a column, and whether it holds a declared word for "no answer", if there are any."""

    value: Expression
    word: Expression = None


def answers(
    export: Export,
    found: Match,
    study: Study,
    base: Mapping[str, str | None],
    connection: duckdb.DuckDBPyConnection,
) -> InPlace:
    """Decode a typed file.

    Parameters
    ----------
    export, found, study
        The file, where everything stands in it, and the declarations.
    base
        Constant columns by name; `row_id` holds what its ids start with.
    connection
        Where the relation lives.

    Raises
    ------
    SchemaError
        `file_damaged`.
    """
    path = str(export.path).translate(_GLOB)
    try:
        rows = connection.read_parquet(path, file_row_number=True, hive_partitioning=False)
        cells = _cells(rows, found, study)
        missing = _missing_words(rows, cells)
        derived = derived_fields(study.codebook, cells)
        if derived:
            cells["duration_s"] = _Cell(_seconds(cells["started_at"].value, cells["submitted_at"].value))
        relation = rows.select(*_columns(cells, study.codebook, base))
    except duckdb.Error as error:
        raise damaged(export, error) from None
    notes = tuple(_without_id(export, found))
    return InPlace(relation=relation, missing_words=missing, notes=notes, derived=derived)


def _columns(
    cells: Mapping[str, _Cell], codebook: Codebook, base: Mapping[str, str | None]
) -> Iterator[Expression]:
    for name, value in base.items():
        yield _base(name, value, cells).alias(name)
    for name, kind in column_types(codebook).items():
        if name not in base:
            column = cells[name].value if name in cells else _NULL
            yield column.cast(_SQL_TYPES[kind]).alias(name)


def _cells(rows: duckdb.DuckDBPyRelation, found: Match, study: Study) -> dict[str, _Cell]:
    codebook = study.codebook
    cells = {}
    for name, column in found.fields.items():
        cell = ColumnExpression(rows.columns[column.position])
        zoned = str(rows.types[column.position]) == "TIMESTAMP WITH TIME ZONE"
        cells[name] = _field(cell, name, codebook.fields[name], study.study.time_zone if zoned else "")
    for item in codebook.items:
        for column in found.items.get(item.id, ()):
            cells[item.id] = _item(ColumnExpression(rows.columns[column.position]), item)
    return cells


def _field(cell: Expression, name: str, field: ResponseField, zone: str) -> _Cell:
    if is_time(name):
        return _Cell(FunctionExpression("timezone", ConstantExpression(zone), cell) if zone else cell)
    if not is_measure(name):
        return _text(cell, field.missing_codes, keep=False)
    value = _finite(cell)
    codes = [code for code in (number(str(word)) for word in field.missing_codes) if code is not None]
    if not codes:
        return _Cell(value)
    word = value.isin(*map(ConstantExpression, codes))
    return _Cell(CaseExpression(word, _NULL).otherwise(value), word)


def _item(cell: Expression, item: Item) -> _Cell:
    if not is_number(item):
        return _text(cell, item.missing_codes, keep=True)
    value = _finite(cell)
    labelled = {code: value for word, value in item.labels.items() if (code := number(word)) is not None}
    codes = [code for code in (number(str(word)) for word in item.missing_codes) if code is not None]
    result = value + ConstantExpression(item.shift) if item.shift else value
    for code in codes if item.shift else ():
        result = CaseExpression(value == ConstantExpression(code), value).otherwise(result)
    for code, meaning in labelled.items():
        result = CaseExpression(value == ConstantExpression(code), ConstantExpression(meaning)).otherwise(
            result
        )
    return _Cell(result)


def _finite(cell: Expression) -> Expression:
    """Return a number, null for NaN; infinity stays for cleaning to find out of range."""
    value = cell.cast("DOUBLE")
    return CaseExpression(FunctionExpression("isnan", value), _NULL).otherwise(value)


def _text(cell: Expression, codes: Sequence[int | str], *, keep: bool) -> _Cell:
    """Return text, null where it is blank or a word for nothing; `keep` leaves a comment untrimmed."""
    text = cell.cast("VARCHAR")
    trimmed = FunctionExpression("trim", text, ConstantExpression(_BLANKS))
    words = sorted({key(str(code)) for code in codes})
    word = FunctionExpression("lower", trimmed).isin(*map(ConstantExpression, words)) if words else None
    blank = trimmed == ConstantExpression("")
    nothing = blank if word is None else blank | word
    return _Cell(CaseExpression(nothing, _NULL).otherwise(text if keep else trimmed), word)


def _missing_words(rows: duckdb.DuckDBPyRelation, cells: Mapping[str, _Cell]) -> dict[str, int]:
    """Count words for nothing, in one scan of the columns that have any declared."""
    words = {name: cell.word for name, cell in cells.items() if cell.word is not None}
    if not words:
        return {}
    [counts] = rows.aggregate([_count(word) for word in words.values()]).fetchall()
    return {name: int(count) for name, count in zip(words, counts, strict=True) if count}


def _without_id(export: Export, found: Match) -> Iterator[Note]:
    """Note how many rows have no identifier, as the file itself states it."""
    file = open_file(export)
    for name in IDENTIFIERS:
        if name in found.fields:
            empty = _nulls(file, file.schema_arrow.names[found.fields[name].position])
            if empty:
                yield note("id_missing", WHOLE_FILE, str(empty), item=name, detail="rows")


def _nulls(file: pq.ParquetFile, name: str) -> int:
    groups = (file.metadata.row_group(index) for index in range(file.metadata.num_row_groups))
    chunks = (group.column(leaf) for group in groups for leaf in range(group.num_columns))
    told = [chunk.statistics for chunk in chunks if chunk.path_in_schema == name]
    return sum(statistics.null_count or 0 for statistics in told if statistics is not None)


def _count(test: Expression) -> Expression:
    return FunctionExpression(
        "sum", CaseExpression(test, ConstantExpression(1)).otherwise(ConstantExpression(0))
    )


def _seconds(start: Expression, end: Expression) -> Expression:
    micros = [FunctionExpression("epoch_us", moment.cast("TIMESTAMP")) for moment in (start, end)]
    return (micros[1] - micros[0]).cast("DOUBLE") / ConstantExpression(1_000_000)


def _base(name: str, value: str | None, cells: Mapping[str, _Cell]) -> Expression:
    constant = ConstantExpression(value).cast("VARCHAR")
    if name == "row_id":
        count = (ColumnExpression(ROW) + ConstantExpression(1)).cast("VARCHAR")
        return FunctionExpression("concat", constant, ConstantExpression(":"), count)
    return CoalesceOperator(cells[name].value.cast("VARCHAR"), constant) if name in cells else constant
