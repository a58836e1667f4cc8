"""Tables in a database: one SELECT, read only, in chunks; a password never enters a file or a message."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from survey_kpi.errors import SchemaError, SpecError, nearest
from survey_kpi.readers.table import WHOLE_FILE, Note
from survey_kpi.readers.texts import as_text
from survey_kpi.records.cells import Reading, naive_times
from survey_kpi.records.files import (
    absent_columns,
    decoded,
    match_columns,
    named_columns,
    readings_of,
    unused_headers,
)
from survey_kpi.records.in_place import arrow_relation
from survey_kpi.records.model import Part
from survey_kpi.study.models import Study, TableSource
from survey_kpi.study.tables import TableSpec

if TYPE_CHECKING:
    import duckdb

    from survey_kpi.readers.table import Column

CHUNK = 50_000
"""Rows that are fetched, and read, at a time."""

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)

_DRIVERS = {"postgresql": "postgresql+psycopg"}
"""Driver that this package installs, where SQLAlchemy's own choice depends on its version."""


def database_part(
    spec: TableSpec, source: TableSource, study: Study, connection: duckdb.DuckDBPyConnection
) -> Part:
    """Read one table from a database.

    Raises
    ------
    SpecError
        `database_url`: the address cannot be read, holds a password, or is not in the environment;
        `driver_missing`; `not_a_select`; `path_escape`.
    SchemaError
        `table_missing`: the database does not yield the table; `column_missing` and those of cells.
    """
    where = f"database (table {spec.name})"
    url = _url(source, study, where)
    query = select_of(spec, source, where)
    readings = readings_of(spec, source, study, where)
    with _opened(url, where) as database:
        result = database.execute(query)
        headers = named_columns(list(result.keys()))
        found = match_columns(headers, spec, source, where)
        chunks = _Chunks(found, readings)
        for rows in result.partitions(CHUNK):
            chunks.add([tuple(row) for row in rows])
    return Part(
        file="database",
        prefix=spec.name,
        rows=chunks.rows,
        relation=arrow_relation(chunks.columns(), chunks.rows, connection),
        notes=(*chunks.notes, *naive_times(list(chunks.naive))),
        sha256=chunks.digest,
        unused=unused_headers(found, headers),
        absent=absent_columns(found, spec),
    )


class _Chunks:
    """Typed columns as they grow, chunk by chunk."""

    def __init__(self, found: dict[str, Column], readings: dict[str, Reading]) -> None:
        self.found, self.readings = found, readings
        self.rows = 0
        self.notes: list[Note] = []
        self.naive: dict[str, None] = {}
        self._typed = [decoded({}, readings, lambda _: [], 0)[0]]
        self._sum = 0

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Read one more chunk."""
        texts = [[as_text(value) for value in row] for row in rows]
        cells = [pa.array(column, pa.string()) for column in zip(*texts, strict=True)]
        columns, notes, naive = decoded(self.found, self.readings, cells.__getitem__, len(rows))
        self.naive |= dict.fromkeys(naive)
        self._typed.append(columns)
        self.notes += [_moved(each, self.rows) for each in notes]
        self.rows += len(rows)
        for row in texts:  # a sum does not depend on the order, which a database does not promise
            digest = hashlib.sha256("\x1f".join(row).encode()).digest()
            self._sum = (self._sum + int.from_bytes(digest)) % 2**256

    def columns(self) -> dict[str, Any]:
        """Return the columns of all chunks."""
        return {name: pa.chunked_array([part[name] for part in self._typed]) for name in self.readings}

    @property
    def digest(self) -> str:
        """Hash over the rows, whatever their order."""
        return f"{self._sum:064x}"


def _moved(each: Note, start: int) -> Note:
    """Count the rows of a note from the first chunk."""
    rows = each.rows.copy()
    rows[rows != WHOLE_FILE] += start
    return replace(each, rows=rows)


# --- what may be asked of a database ------------------------------------------------------------------


def select_of(spec: TableSpec, source: TableSource, where: str) -> sa.TextClause | sa.Select[Any]:
    """Return the query of a table: the declared one, or every row of the table of the same name by its key.

    Raises
    ------
    SpecError
        `not_a_select`: the query is something else, or several.
    """
    if source.query is None:
        rows = sa.select(sa.text("*")).select_from(sa.table(spec.name))
        return rows.order_by(sa.column(spec.key)) if spec.key and spec.key not in source.columns else rows
    query = source.query.strip().removesuffix(";")
    bare = _QUOTED.sub(" ", query)
    if ";" in bare or not _SELECT.match(bare):
        raise SpecError(
            "not_a_select",
            where=where,
            what="the query must be one SELECT",
            got=repr(source.query[:80]),
            hint="tables are only ever read: write SELECT, or WITH and SELECT, without a semicolon between",
        )
    return sa.text(query.replace(":", r"\:"))  # a colon marks a parameter, and there are none


def _url(source: TableSource, study: Study, where: str) -> URL:
    """Return the address of the database.

    Messages never repeat it: it may hold a password.
    """
    text = source.url or os.environ.get(source.url_from or "", "")
    if not text:
        raise SpecError(
            "database_url",
            where=where,
            what=f"the environment variable {source.url_from} is not set",
            hint="it holds the address of the database, with user and password",
        )
    try:
        url = make_url(text)
    except ArgumentError:
        raise SpecError(
            "database_url",
            where=where,
            what="the address of the database cannot be read",
            expected="dialect://user@host/database, such as sqlite:///crm.db",
        ) from None
    if source.url and url.password:
        raise SpecError(
            "database_url",
            where=where,
            what="the address holds a password",
            hint="put the address into an environment variable and name that under `url_from`",
        )
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, Path(study.data_dir), where)
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _sqlite(url: URL, folder: Path, where: str) -> URL:
    """Return the address of a file inside the data folder, opened read only."""
    path = (folder / (url.database or "")).resolve()
    if not url.database or url.query or not path.is_relative_to(folder.resolve()):
        raise SpecError(
            "path_escape",
            where=where,
            what="the database lies outside the study's data folder",
            got=repr(url.database),
            expected="sqlite:///<file inside the data folder>",
        )
    if not path.is_file():
        present = [each.name for each in folder.iterdir() if each.is_file()] if folder.is_dir() else []
        raise SchemaError(
            "table_missing",
            where=where,
            what="the database is not in the data folder",
            got=repr(url.database),
            hint=nearest(url.database, present),
        )
    return URL.create("sqlite", database=path.as_uri(), query={"mode": "ro", "uri": "true"})


@contextmanager
def _opened(url: URL, where: str) -> Iterator[Connection]:
    """Connect so that nothing can be written, and name what goes wrong without the address."""
    try:
        engine = sa.create_engine(url, poolclass=sa.NullPool)
    except NoSuchModuleError:
        raise SpecError(
            "database_url", where=where, what="no such kind of database", got=repr(url.drivername)
        ) from None
    except ImportError as error:
        raise SpecError(
            "driver_missing",
            where=where,
            what=f"the driver of {url.drivername} is not installed",
            got=error.name,
            hint="for PostgreSQL: pip install 'survey-kpi[postgres]'",
        ) from None
    options = {"stream_results": True, "yield_per": CHUNK}
    if engine.dialect.name == "postgresql":
        options["postgresql_readonly"] = True
    try:
        with engine.connect().execution_options(**options) as connection:
            yield connection
    except SQLAlchemyError as error:
        raise SchemaError(
            "table_missing",
            where=where,
            what="the database does not yield the table",
            got=_without_password(error, url),
        ) from None


def _without_password(error: SQLAlchemyError, url: URL) -> str:
    told = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
    return told.replace(str(url.password), "***") if url.password else told
