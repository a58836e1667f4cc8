"""Every export of a study to one table of answers, an audit of what was noticed, a record of each file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from survey_kpi import engine
from survey_kpi.errors import Problem, SchemaError, SpecError, nearest
from survey_kpi.readers import in_place
from survey_kpi.readers.decode import Answers, decode
from survey_kpi.readers.files import Options, find_files, is_glob, open_export, stem
from survey_kpi.readers.formats import choose
from survey_kpi.readers.headers import match
from survey_kpi.readers.in_place import InPlace
from survey_kpi.readers.one_scale import mixed_scales
from survey_kpi.readers.table import WHOLE_FILE, Note, RawTable
from survey_kpi.study.models import Source, Study

if TYPE_CHECKING:
    import duckdb

AUDIT_COLUMNS = ("row_id", "source", "rule", "item", "value", "action", "detail")
BASE_COLUMNS = ("row_id", "source", "file", "period", "version", "language", "platform_status")
"""Columns of every table of answers, before the response fields and the items of the codebook."""
OVERRIDABLE = frozenset({"period", "version", "language"})
"""Those of them that a column of the export fills where the codebook declares a field of this name."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Responses:
    """All answers of a study.

    Parameters
    ----------
    frame
        Lazy frame on DuckDB, one row per answer: `BASE_COLUMNS`, then every response field of the codebook
        (text; `*_at` naive wall clock of the study's zone; `*_s` and `*weight` float), then every item (rated
        items float, comments text, multiple choices a JSON list, see `choices`). Null is an empty cell or a
        word for "no answer"; numeric missing codes of the codebook stay as they are.
    audit
        One row per thing noticed: row_id (empty for a whole file), source, rule, item, value (as in the
        file), action (kept, set_missing, parsed), detail.
    intake
        One row per file: source, file, format, encoding, sha256, bytes, rows, columns, header_rows, unused
        (headers nobody asked for), absent (items this version did not ask), missing_words (item to count),
        derived (fields computed from others).
    """

    frame: nw.LazyFrame[Any]
    audit: pd.DataFrame
    intake: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file of a source; `prefix` starts its row ids, `name` is its path inside the data folder."""

    source: Source
    path: Path
    name: str
    prefix: str

    @property
    def where(self) -> str:
        return f"{self.name} (source {self.source.id})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """What one file yields."""

    rows: pa.Table | duckdb.DuckDBPyRelation
    audit: Sequence[tuple[str | None, ...]]
    intake: Mapping[str, object]


def read_responses(
    study: Study,
    *,
    only: Collection[str] | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Responses:
    """Read every source of a study.

    Parameters
    ----------
    study
        The declarations; sources lie in `study.data_dir`.
    only
        Ids of the sources to read; all by default.
    connection
        DuckDB connection that the frame shall live on, so that other tables can be joined; a new one by
        default.

    Raises
    ------
    SchemaError
        All problems of all files at once: `column_missing`, `duplicate_column`, `encoding`, `header_rows`,
        `file_missing`, `limit_exceeded` and the others of this room; once all can be read, `scale_mixed`:
        files answer one item on different scales.
    SpecError
        `unknown_parameter`: `only` names a source that the study lacks; `reserved_name`; `path_escape`;
        `unknown_format`.
    """
    _refuse_reserved(study)
    connection = connection or engine.connect()
    files, problems = _files(study, _chosen(study.study.sources, only))
    parts: list[_Part] = []
    for file in files:
        try:
            parts.append(_read(file, study, connection))
        except SchemaError as error:
            problems += error.problems
    if problems:
        raise SchemaError.collect(problems)
    noticed = [row for part in parts for row in part.audit]
    frame = _stacked([part.rows for part in parts], connection)
    if mixed := _mixed(frame, study, files):
        raise SchemaError.collect(mixed)
    return Responses(
        frame=frame,
        audit=pd.DataFrame(noticed, columns=AUDIT_COLUMNS, dtype="str"),
        intake=pd.DataFrame([part.intake for part in parts]),
    )


def _mixed(frame: nw.LazyFrame[Any], study: Study, files: Sequence[_File]) -> list[Problem]:
    """Return what `mixed_scales` finds; files that stay in place are read to their end here first."""
    import duckdb  # noqa: PLC0415  its import costs CPU that other commands need not pay

    try:
        return list(mixed_scales(frame, study.codebook))
    except duckdb.Error as error:
        raise SchemaError(
            "file_damaged",
            where=", ".join(file.name for file in files),
            what="the file cannot be read to its end",
            got=str(error).splitlines()[0],
            hint="export it again",
        ) from None


def _refuse_reserved(study: Study) -> None:
    """Refuse names that are one name to a database; loading does so first, unless a study is made by hand."""
    fields = [name for name in study.codebook.fields if name not in OVERRIDABLE]
    names = [*fields, *(item.id for item in study.codebook.items)]
    taken = Counter(name.casefold() for name in (*names, *BASE_COLUMNS))
    clashes = [name for name in names if taken[name.casefold()] > 1]
    if clashes:
        raise SpecError(
            "reserved_name",
            where="codebook.yaml",
            what="fields and items may not bear the name of another column, even in other letter case",
            got=", ".join(clashes),
            hint="rename them",
        )


def _chosen(sources: Sequence[Source], only: Collection[str] | None) -> list[Source]:
    known = [source.id for source in sources]
    wrong = [name for name in only or () if name not in known]
    if wrong or (only is not None and not only):
        raise SpecError(
            "unknown_parameter",
            where="sources",
            what="the study has no such source",
            got=", ".join(map(repr, wrong)) or "none at all",
            hint=nearest(wrong[0] if wrong else "", known),
        )
    return [source for source in sources if only is None or source.id in only]


def _files(study: Study, sources: Iterable[Source]) -> tuple[list[_File], list[Problem]]:
    """List the files of the sources; row ids start with the source, or with the file for a glob."""
    folder = Path(study.data_dir)
    files: list[_File] = []
    problems: list[Problem] = []
    for source in sources:
        try:
            paths = find_files(source.file, folder, f"source {source.id}")
        except SchemaError as error:
            problems += error.problems
            continue
        for path in paths:
            prefix = stem(path) if is_glob(source.file) else source.id
            name = path.relative_to(folder).as_posix()
            files.append(_File(source=source, path=path, name=name, prefix=prefix))
    return files, [*problems, *_clashes(files)]


def _clashes(files: Sequence[_File]) -> list[Problem]:
    owner: dict[str, _File] = {}
    return [
        Problem(
            code="row_id_clash",
            where=file.where,
            what="two files would give their rows the same ids",
            got=f"'{file.prefix}' for {owner[file.prefix].name} too",
            hint="rename one of the files",
        )
        for file in files
        if owner.setdefault(file.prefix, file) is not file
    ]


def _stacked(
    parts: Sequence[pa.Table | duckdb.DuckDBPyRelation], connection: duckdb.DuckDBPyConnection
) -> nw.LazyFrame[Any]:
    """Put what was read into memory and what stays in files on top of each other."""
    tables = [part for part in parts if isinstance(part, pa.Table)]
    frames = [engine.scan(pa.concat_tables(tables), connection=connection)] if tables else []
    frames += [engine.scan(part) for part in parts if not isinstance(part, pa.Table)]
    return nw.concat(frames, how="vertical") if len(frames) > 1 else frames[0]


def _read(file: _File, study: Study, connection: duckdb.DuckDBPyConnection) -> _Part:
    export = open_export(file.path, where=file.where, options=Options(encoding=file.source.encoding))
    reader = choose(export, file.source.format)
    table = replace(reader.read(export), declared_order=file.source.dates or "")
    found, problems = match(table.columns, study, file.source, file.where)
    if problems:
        raise SchemaError.collect(problems)
    base = {
        "row_id": file.prefix,
        "source": file.source.id,
        "file": file.name,
        "period": file.source.period,
        "version": file.source.version,
        "language": file.source.language,
        "platform_status": "",
    }
    rows: pa.Table | duckdb.DuckDBPyRelation
    answers: Answers | InPlace
    if in_place.possible(export, found, study.codebook):
        answers = in_place.answers(export, found, study, base, connection)
        rows = answers.relation
    else:
        answers = decode(table, found, study, file.where)
        rows = _assembled(table, answers, base)
    return _Part(
        rows=rows,
        audit=[row for note in (*table.notes, *answers.notes) for row in _audit(file, note)],
        intake={
            "source": file.source.id,
            "file": file.name,
            "format": reader.name,
            "encoding": table.encoding or export.encoding,
            "sha256": export.sha256,
            "bytes": export.size,
            "rows": table.rows,
            "columns": len(table.columns),
            "header_rows": table.header_rows,
            "unused": list(found.unused),
            "absent": list(found.absent),
            "missing_words": dict(answers.missing_words),
            "derived": list(answers.derived),
        },
    )


def _assembled(table: RawTable, answers: Answers, base: Mapping[str, str | None]) -> pa.Table:
    rows = table.rows
    numbers = pc.cast(pa.array(np.arange(1, rows + 1)), pa.string())
    columns = {name: _constant(value, rows) for name, value in base.items()}
    columns["row_id"] = pc.binary_join_element_wise(columns["row_id"], numbers, ":")
    if table.status is not None:
        columns["platform_status"] = pa.array(table.status, pa.string())
    for name in OVERRIDABLE & answers.columns.keys():
        columns[name] = pc.coalesce(answers.columns[name], columns[name])
    return pa.table(columns | {name: cells for name, cells in answers.columns.items() if name not in base})


def _constant(value: str | None, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, pa.string()), rows)


def _audit(file: _File, note: Note) -> Iterator[tuple[str | None, ...]]:
    """Write one note as audit rows; a note on the whole file has no row id."""
    details = note.details if len(note.details) > 1 else list(note.details or [""]) * len(note.rows)
    for row, value, detail in zip(note.rows.tolist(), note.values, details, strict=True):
        row_id = "" if row == WHOLE_FILE else f"{file.prefix}:{row + 1}"
        yield row_id, file.source.id, note.rule, note.item, value, note.action, detail
