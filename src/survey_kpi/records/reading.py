"""Every table that a study declares: canonical frames, an audit, and a record of each source."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi import engine
from survey_kpi.errors import Problem, SchemaError, SpecError, SurveyKpiError, nearest
from survey_kpi.readers.responses import AUDIT_COLUMNS
from survey_kpi.readers.table import WHOLE_FILE, Note
from survey_kpi.records.checks import CheckedRows, Finding, checked_rows, count_incomplete
from survey_kpi.records.database import database_part
from survey_kpi.records.files import file_parts
from survey_kpi.records.model import LISTED, ROW, Part
from survey_kpi.records.on_calendar import LOOKS_IN, on_calendar
from survey_kpi.records.spells import SPELLS, spell_problems
from survey_kpi.study.models import Study
from survey_kpi.study.tables import TABLES, TableSpec

if TYPE_CHECKING:
    import duckdb

INTAKE_COLUMNS = ("table", "file", "rows", "set_aside", "sha256", "encoding", "unused", "absent")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Records:
    """The tables of a study beside its responses.

    Parameters
    ----------
    frames
        Lazy frame on DuckDB by canonical name: every canonical column in its order, also those that the
        source lacks (null throughout). text and choice are String, integer Int64, number Float64, money
        Decimal(18, 2), date and datetime Datetime("us") as the wall clock of the study's zone (a date at
        midnight), flag Boolean. Tables with stages (`checks.STAGES`) carry the flag `disordered` at the end,
        never null: this row's times contradict each other, leave it out of durations. Where the study
        declares service levels, complaints have due times by the working calendar and the columns of
        `with_due_times`; usage says for every day whether it was worked.
    audit
        One row per thing noticed, columns as those of `Responses.audit`; `source` is the table, `row_id` is
        "<table>:<row>" or "<file>:<row>" for a glob, empty for a whole file. Action "excluded" sets the row
        aside. A rule that met more than 10,000 cells of a column says how many in one row.
    intake
        One row per file or query: `INTAKE_COLUMNS`. Rows in = rows of the frame + set_aside. sha256 is that
        of the file, or of the rows of a database whatever their order.
    calendar
        Name and version of the working calendar, hash of the company's file; empty where nothing rests on it.
    """

    frames: Mapping[str, nw.LazyFrame[Any]]
    audit: pd.DataFrame
    intake: pd.DataFrame
    calendar: str = ""

    @property
    def declared(self) -> tuple[str, ...]:
        """Canonical names of the tables that are there, in the order of `TABLES`."""
        return tuple(self.frames)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Table:
    """One table, read and looked through."""

    spec: TableSpec
    parts: Sequence[Part]
    checked: CheckedRows


def read_records(
    study: Study,
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
    only: Collection[str] | None = None,
) -> Records:
    """Read every table that a study declares; Parquet stays where it lies.

    Parameters
    ----------
    study
        The declarations; files lie in `study.data_dir`.
    connection
        DuckDB connection that the frames shall live on, so that they can be joined with others; a new one
        by default.
    only
        Canonical names of the tables wanted; those that the study does not declare are left out.

    Raises
    ------
    SchemaError, SpecError
        All problems of all tables at once: `table_missing`, `column_missing` and `duplicate_column`, each
        with the nearest name; `spell_conflict`, `leave_format` and `not_a_time` in tables of spells; those
        of opening a file or a database. `unknown_table`:
        `only` names none of `TABLES`.
    """
    connection = connection or engine.connect()
    tables: list[_Table] = []
    problems: list[SurveyKpiError] = []
    for spec in _chosen(study, only and [*only, *(LOOKS_IN.get(name, name) for name in only)]):
        try:
            tables.append(_table(spec, study, connection))
        except SurveyKpiError as error:
            problems.append(error)
    _refuse(problems)
    timed = on_calendar(
        {table.spec.name: engine.scan(table.checked.relation) for table in tables},
        {table.spec.name: _absent(table.parts) for table in tables},
        study,
        connection,
    )
    wanted = [table for table in tables if only is None or table.spec.name in only]
    audit = [*(row for table in wanted for row in _audit(table)), *timed.audit]
    return Records(
        frames={table.spec.name: timed.frames[table.spec.name] for table in wanted},
        audit=pd.DataFrame(audit, columns=AUDIT_COLUMNS, dtype="str"),
        intake=pd.DataFrame([row for table in wanted for row in _intake(table)], columns=INTAKE_COLUMNS),
        calendar=timed.source,
    )


def _absent(parts: Sequence[Part]) -> set[str]:
    """Return the canonical columns that none of the sources of a table has."""
    return set.intersection(*(set(part.absent) for part in parts))


def _chosen(study: Study, only: Collection[str] | None) -> Iterator[TableSpec]:
    for name in only or ():
        if name not in TABLES:
            raise SpecError(
                "unknown_table",
                where="only",
                what="no such table",
                got=repr(name),
                hint=nearest(name, TABLES),
            )
    yield from (
        spec for name, spec in TABLES.items() if name in study.study.tables and (only is None or name in only)
    )


def _refuse(errors: Sequence[SurveyKpiError]) -> None:
    """Raise everything at once; the first error decides the class."""
    if errors:
        raise type(errors[0]).collect(problem for error in errors for problem in error.problems)


def _table(spec: TableSpec, study: Study, connection: duckdb.DuckDBPyConnection) -> _Table:
    parts = _parts(spec, study, connection)
    checked = checked_rows(_stacked(parts, connection), spec, connection)
    if spec.name in SPELLS:
        problems = [
            *_unread_days(parts, spec.name),
            *spell_problems(spec.name, engine.collect(engine.scan(checked.relation))),
        ]
        if problems:
            raise SchemaError.collect(problems)
    return _Table(spec=spec, parts=parts, checked=checked)


def _unread_days(parts: Sequence[Part], table: str) -> Iterator[Problem]:
    """Refuse days that cannot be read: a spell without its end would go on for ever."""
    for part in parts:
        for row_id, _, rule, item, value, *_ in (
            row for note in part.notes for row in _noted(note, part, table)
        ):
            if rule == "not_a_time":
                yield Problem(
                    code="not_a_time",
                    where=f"{part.file} (table {table}), {row_id}, column '{item}'",
                    what="the cell is no day",
                    got=repr(value),
                    expected="a date such as 2026-07-01",
                )


def _parts(spec: TableSpec, study: Study, connection: duckdb.DuckDBPyConnection) -> list[Part]:
    source = study.study.tables[spec.name]
    readers: Sequence[Callable[[], Part]]
    if source.file:
        readers = list(file_parts(spec, source, study, connection))
    else:
        readers = [lambda: database_part(spec, source, study, connection)]
    parts, errors = [], []
    for read in readers:
        try:
            parts.append(read())
        except SurveyKpiError as error:
            errors.append(error)
    _refuse(errors)
    return parts


def _stacked(parts: Sequence[Part], connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyRelation:
    """Put the parts on top of each other, rows numbered through."""
    stacked = parts[0].relation
    for part, start in zip(parts[1:], _starts(parts)[1:], strict=True):
        stacked = stacked.union(part.relation.project(f"* REPLACE ({ROW} + {start} AS {ROW})"))
    return stacked


def _starts(parts: Sequence[Part]) -> list[int]:
    return [0, *accumulate(part.rows for part in parts)][:-1]


# --- audit and intake ---------------------------------------------------------------------------------


def _audit(table: _Table) -> Iterator[tuple[str | None, ...]]:
    for part in table.parts:
        for note in part.notes:
            yield from _noted(note, part, table.spec.name)
    starts = _starts(table.parts)
    for finding in table.checked.findings:
        yield _found(finding, table, starts)


def _noted(note: Note, part: Part, table: str) -> Iterator[tuple[str | None, ...]]:
    if len(note.rows) > LISTED:
        yield "", table, note.rule, note.item, str(len(note.rows)), note.action, "rows"
        return
    details = note.details if len(note.details) > 1 else list(note.details or [""]) * len(note.rows)
    for row, value, detail in zip(note.rows.tolist(), note.values, details, strict=True):
        row_id = "" if row == WHOLE_FILE else f"{part.prefix}:{row + 1}"
        yield row_id, table, note.rule, note.item, value, note.action, detail


def _found(finding: Finding, table: _Table, starts: Sequence[int]) -> tuple[str | None, ...]:
    row_id, kept = (_row_id(row, table.parts, starts) for row in (finding.row, finding.kept))
    detail = f"kept: {kept}" if kept else finding.detail
    return row_id, table.spec.name, finding.rule, finding.item, finding.value, finding.action, detail


def _row_id(row: int, parts: Sequence[Part], starts: Sequence[int]) -> str:
    if row == WHOLE_FILE:
        return ""
    which = bisect_right(starts, row) - 1
    return f"{parts[which].prefix}:{row - starts[which] + 1}"


def _intake(table: _Table) -> Iterator[dict[str, object]]:
    starts = _starts(table.parts)
    repeated = Counter(bisect_right(starts, row) - 1 for row in table.checked.repeated)
    for number, part in enumerate(table.parts):
        yield {
            "table": table.spec.name,
            "file": part.file,
            "rows": part.rows,
            "set_aside": count_incomplete(part.relation, table.spec) + repeated[number],
            "sha256": part.sha256,
            "encoding": part.encoding,
            "unused": list(part.unused),
            "absent": list(part.absent),
        }
