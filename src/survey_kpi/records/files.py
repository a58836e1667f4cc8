"""Tables in files: which columns stand where, and each file as a part of typed rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from survey_kpi.errors import Problem, SchemaError, nearest
from survey_kpi.readers import parquet, plain
from survey_kpi.readers.files import Options, find_files, is_glob, open_export, stem
from survey_kpi.readers.headers import column as header_column
from survey_kpi.readers.headers import fold
from survey_kpi.readers.table import Cells, Column
from survey_kpi.records.cells import Reading, choice_words, empty_column, naive_times, typed
from survey_kpi.records.in_place import arrow_relation, read_in_place
from survey_kpi.records.model import Part
from survey_kpi.study.models import Study, TableSource
from survey_kpi.study.tables import TableSpec

if TYPE_CHECKING:
    import duckdb

    from survey_kpi.readers.table import Note


def file_parts(
    spec: TableSpec, source: TableSource, study: Study, connection: duckdb.DuckDBPyConnection
) -> Iterator[Callable[[], Part]]:
    """Yield one reader for each file of a table, so that the caller may gather the problems of all.

    Raises
    ------
    SchemaError
        `table_missing`: there is no such file.
    """
    folder, pattern = Path(study.data_dir), source.file or ""
    try:
        paths = find_files(pattern, folder, f"table {spec.name}")
    except SchemaError as error:
        raise SchemaError.collect(_as_table(error.problems)) from None
    for path in paths:
        prefix = stem(path) if is_glob(pattern) else spec.name
        yield partial(_file, path, prefix, spec, source, study, connection)


def _as_table(problems: Sequence[Problem]) -> Iterator[Problem]:
    for problem in problems:
        yield Problem(
            code="table_missing",
            where=problem.where,
            what="the table is not in the data folder",
            got=problem.got,
            hint=problem.hint,
        )


def _file(
    path: Path,
    prefix: str,
    spec: TableSpec,
    source: TableSource,
    study: Study,
    connection: duckdb.DuckDBPyConnection,
) -> Part:
    name = path.relative_to(study.data_dir).as_posix()
    where = f"{name} (table {spec.name})"
    export = open_export(path, where=where, options=Options(encoding=source.encoding))
    table = parquet.read(export) if export.container == "parquet" else plain.read(export)
    found = match_columns(table.columns, spec, source, where)
    readings = readings_of(spec, source, study, where)
    notes: tuple[Note, ...]
    if export.container == "parquet":
        relation, notes = read_in_place(export, found, readings, connection)
    else:
        columns, noticed, naive = decoded(found, readings, table.cells, table.rows)
        notes = (*noticed, *naive_times(naive))
        relation = arrow_relation(columns, table.rows, connection)
    return Part(
        file=name,
        prefix=prefix,
        rows=table.rows,
        relation=relation,
        notes=(*table.notes, *notes),
        sha256=export.sha256,
        encoding=export.encoding,
        unused=unused_headers(found, table.columns),
        absent=absent_columns(found, spec),
    )


def readings_of(spec: TableSpec, source: TableSource, study: Study, where: str) -> dict[str, Reading]:
    """Return how each canonical column is read, in their order."""
    return {
        column.name: Reading(
            column=column,
            words=choice_words(column, source.values.get(column.name, {})),
            zone=study.study.time_zone,
            dates=source.dates or "",
            where=f"{where}, column '{column.name}'",
        )
        for column in spec.columns
    }


def decoded(
    found: Mapping[str, Column], readings: Mapping[str, Reading], cells: Callable[[int], Cells], rows: int
) -> tuple[dict[str, Cells], tuple[Note, ...], list[str]]:
    """Read the cells of every canonical column; those that the source lacks are empty.

    Returns
    -------
    Columns, what was noticed, and the names of the columns with times that carry no zone.

    Raises
    ------
    SchemaError
        `date_order`, for all columns at once.
    """
    columns: dict[str, Cells] = {}
    notes: list[Note] = []
    naive: list[str] = []
    problems: list[Problem] = []
    for name, reading in readings.items():
        if name not in found:
            columns[name] = empty_column(reading.column, rows)
            continue
        try:
            column = typed(cells(found[name].position), reading)
        except SchemaError as error:
            problems += error.problems
            continue
        columns[name] = column.values
        notes += column.notes
        naive += [name] if column.naive else []
    if problems:
        raise SchemaError.collect(problems)
    return columns, tuple(notes), naive


def match_columns(
    headers: Sequence[Column], spec: TableSpec, source: TableSource, where: str
) -> dict[str, Column]:
    """Find every canonical column of a source; an optional one may be absent unless the study names it.

    Raises
    ------
    SchemaError
        `column_missing` with the nearest header, `duplicate_column`: all at once.
    """
    found: dict[str, Column] = {}
    problems = []
    for column in spec.columns:
        called = source.columns.get(column.name, column.name)
        bearers = [header for header in headers if _same(header.header, called)]
        if len(bearers) == 1:
            found[column.name] = bearers[0]
        elif bearers:
            what = f"column '{called}' stands there {len(bearers)} times"
            problems.append(Problem(code="duplicate_column", where=where, what=what))
        elif column.required or column.name in source.columns:
            what = f"column '{called}' is missing"
            hint = nearest(called, [header.header for header in headers])
            problems.append(Problem(code="column_missing", where=where, what=what, hint=hint))
    if problems:
        raise SchemaError.collect(problems)
    return found


def _same(header: str, called: str) -> bool:
    return fold(header).casefold() == fold(called).casefold()


def named_columns(names: Sequence[str]) -> list[Column]:
    """Make columns of bare names, as a database gives them."""
    return [header_column(name, position) for position, name in enumerate(names)]


def unused_headers(found: Mapping[str, Column], headers: Sequence[Column]) -> tuple[str, ...]:
    """Return the headers that nothing asked for."""
    used = {column.position for column in found.values()}
    return tuple(column.header for column in headers if column.position not in used)


def absent_columns(found: Mapping[str, Column], spec: TableSpec) -> tuple[str, ...]:
    """Return the canonical columns that a source lacks."""
    return tuple(column.name for column in spec.columns if column.name not in found)
