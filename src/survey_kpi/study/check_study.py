"""Cross-checks of `study.yaml`: sources, levels, design, cleaning, the primary comparison."""

from __future__ import annotations

import io
import zoneinfo
from collections import Counter
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from survey_kpi.errors import Problem, SurveyKpiError
from survey_kpi.period import Period
from survey_kpi.study.document import Key
from survey_kpi.study.draft import Draft, Problems, repeated, unknown
from survey_kpi.study.models import Level, Source, TableSource
from survey_kpi.study.tables import TABLES
from survey_kpi.study.wording import shown

FILE = "study"


def sources(draft: Draft) -> Problems:
    """Formats, encodings and periods exist."""
    yield from repeated(draft, FILE, "sources", [(index, s.id) for index, s in draft.sources.items()])
    for index, source in draft.sources.items():
        where = draft.where(FILE, "sources", index, "format")
        yield from unknown(where, "no such export format", source.format, draft.words.formats)
        if source.encoding != "auto" and not _is_encoding(source.encoding):
            where, got = draft.where(FILE, "sources", index, "encoding"), shown(source.encoding)
            hint = "auto tells UTF-8 and GB18030 apart"
            yield Problem(code="unknown_name", where=where, what="no such encoding", got=got, hint=hint)
        if source.period:
            yield from _period(draft.where(FILE, "sources", index, "period"), source.period)


def _period(where: str, text: str) -> Problems:
    try:
        period = Period.parse(text)
    except SurveyKpiError as error:
        yield from (Problem(code=p.code, where=where, what=p.what, got=p.got) for p in error.problems)
        return
    if period.months > 3:
        what = "the answers of a source fall into a month or a quarter"
        yield Problem(code="period_format", where=where, what=what, got=shown(text))


def _is_encoding(name: str) -> bool:
    try:
        io.TextIOWrapper(io.BytesIO(), encoding=name)  # refuses codecs that yield no text
    except (LookupError, ValueError):
        return False
    return True


def source_headers(draft: Draft) -> Problems:
    """Headers that a source renames lead to known items and fields, one header to one of them."""
    columns, items = draft.columns(), draft.names("codebook.items")
    known = None if columns is None or items is None else columns | items
    for index, source in draft.sources.items():
        path: tuple[Key, ...] = ("sources", index, "headers")
        for name in source.headers:
            where = draft.where(FILE, *path, name)
            yield from unknown(where, "no item or field has this name", name, known)
        for header, count in Counter(source.headers.values()).items():
            if count > 1:
                where, got = draft.where(FILE, *path), shown(header)
                what = "one header leads to two columns"
                yield Problem(code="duplicate_header", where=where, what=what, got=got)


def files(draft: Draft) -> Problems:
    """Files stay inside the data directory, and no file belongs to two sources."""
    owner: dict[Path, str] = {}
    for index, source in draft.sources.items():
        where = draft.where(FILE, "sources", index, "file")
        escaped = list(escapes(where, source.file, draft.data_dir))
        yield from escaped
        for path in [] if escaped else _matches(draft.data_dir, source):
            if owner.setdefault(path, source.id) != source.id:
                what = f"the file already belongs to the source '{owner[path]}'"
                yield Problem(code="file_twice", where=where, what=what, got=shown(path.name))


def _matches(data_dir: Path, source: Source) -> list[Path]:
    return sorted(data_dir.glob(source.file)) if data_dir.is_dir() else []


def tables(draft: Draft) -> Problems:
    """Tables are known, stay inside the data directory, and rename columns that exist."""
    for name, source in draft.tables.items():
        where = draft.where(FILE, "tables", name)
        yield from unknown(where, "no such table", name, TABLES)
        if source.file:
            yield from escapes(where, source.file, draft.data_dir)
        for column in source.columns if name in TABLES else ():
            here = draft.where(FILE, "tables", name, "columns", column)
            known = [each.name for each in TABLES[name].columns]
            yield from unknown(here, f"the table {name} has no such column", column, known)
        yield from _choices(draft, name, source)


def _choices(draft: Draft, table: str, source: TableSource) -> Problems:
    """Words of a choice belong to a column that has choices, and stand for one of them."""
    columns = {column.name: column.values for column in TABLES[table].columns} if table in TABLES else {}
    chosen = [name for name, words in columns.items() if words]
    for name, words in source.values.items() if columns else ():
        where = draft.where(FILE, "tables", table, "values", name)
        yield from unknown(where, f"the table {table} has no such choice", name, chosen)
        for word, meaning in words.items() if name in chosen else ():
            here = draft.where(FILE, "tables", table, "values", name, word)
            yield from unknown(here, "the choice has no such word", meaning, columns[name])


def calendar(draft: Draft) -> Problems:
    """The company's calendar stays inside the data directory."""
    file = draft.get("study.calendar").file
    if file:
        yield from escapes(draft.where(FILE, "calendar", "file"), file, draft.data_dir)


def escapes(where: str, pattern: str, folder: Path) -> Problems:
    """Yield a problem when a path, a glob or a link leads out of a folder."""
    posix, windows = PurePosixPath(pattern), PureWindowsPath(pattern)
    parts = {*posix.parts, *windows.parts}
    outside = bool(posix.is_absolute() or windows.drive or windows.root or parts & {"..", "~"})
    try:
        found = [] if outside or not folder.is_dir() else list(folder.glob(pattern))
        outside = outside or not all(path.resolve().is_relative_to(folder.resolve()) for path in found)
    except (ValueError, OSError, NotImplementedError) as error:
        what = f"this is not a file pattern: {error}"
        yield Problem(code="file_pattern", where=where, what=what, got=shown(pattern))
        return
    if outside:
        what = "the path leads out of its folder"
        hint = "give a path relative to the folder, without '..', and no link that points elsewhere"
        yield Problem(code="path_escape", where=where, what=what, got=shown(pattern), hint=hint)


CUSTOMER = frozenset({"customer_id", "respondent_id"})
"""Response fields that say which customer answered."""


def levels(draft: Draft) -> Problems:
    """Levels and members have ids of their own, and columns that exist."""
    yield from repeated(draft, FILE, "levels", [(index, lv.id) for index, lv in draft.levels.items()])
    for index, level in draft.levels.items():
        where = draft.where(FILE, "levels", index, "column")
        looked_up = TABLES[level.via].columns if level.via else ()
        known = [column.name for column in looked_up] if level.via else _of_rows(draft)
        yield from unknown(where, f"no such column in {_table(level)}", level.column, known)
        twice = [name for name, count in Counter(m.id for m in level.members).items() if count > 1]
        for name in twice:
            where = draft.where(FILE, "levels", index, "members")
            what = "a member stands here twice"
            yield Problem(code="duplicate_id", where=where, what=what, got=shown(name))


def _of_rows(draft: Draft) -> list[str] | None:
    """Return the columns of answers and of the study's tables: a level of tables alone has no answers."""
    columns = draft.columns()
    if columns is None:
        return None
    tables = [TABLES[name] for name in draft.names("study.tables") or () if name in TABLES]
    return [*columns, *(column.name for table in tables for column in table.columns)]


def _table(level: Level) -> str:
    return f"the table {level.via}" if level.via else "the codebook's fields or the study's tables"


def looked_up(draft: Draft) -> Problems:
    """A level that is looked up needs its table, and the field that says whose answer it is."""
    declared = draft.names("study.tables") or ()
    for index, level in draft.levels.items():
        where = draft.where(FILE, "levels", index, "via")
        if level.via and level.via not in declared:
            what = f"the level is looked up in a table that 'tables.{level.via}' does not name"
            yield Problem(code="table_missing", where=where, what=what)
        needed = "customer_id" if level.via == "customers" else "specialist_id"
        if level.via:
            what = "the lookup needs this field"
            yield from unknown(where, what, needed, _said(draft))


def _said(draft: Draft) -> frozenset[str] | None:
    """Return the columns of answers, with what the table of owners says about their customers."""
    columns = draft.columns()
    if columns is None or not columns & CUSTOMER:
        return columns
    owners = "ownership" in (draft.names("study.tables") or ())
    return columns | {"customer_id"} | ({"specialist_id"} if owners else set())


def evaluate(draft: Draft) -> Problems:
    """The level that is scored exists."""
    name = draft.get("study.evaluate")
    if name:
        where = draft.where(FILE, "evaluate")
        yield from unknown(where, "no such level", name, draft.names("study.levels"))


def design(draft: Draft) -> Problems:
    """Weight, stratum and cluster are response fields."""
    for part, name in draft.get("study.design").model_dump().items():
        if name:
            where = draft.where(FILE, "design", part)
            yield from unknown(where, "no such response field", name, draft.columns())


def cleaning(draft: Draft) -> Problems:
    """Cleaning rules and their parameters exist."""
    for name, setting in draft.get("study.cleaning").rules.items():
        path: tuple[Key, ...] = ("cleaning", "rules", name)
        yield from unknown(draft.where(FILE, *path), "no such cleaning rule", name, draft.words.rules)
        if name in draft.words.rules:
            yield from parameters(draft, FILE, (*path, "params"), setting.params, draft.words.rules[name])


def parameters(
    draft: Draft, file: str, path: tuple[Key, ...], given: Mapping[str, Any], known: Any
) -> Problems:
    """Yield a problem for every parameter that a rule or method does not have."""
    for name in given:
        where = draft.where(file, *path, name)
        for problem in unknown(where, "no such parameter", name, known):
            hint = problem.hint or "it takes no parameters"
            yield Problem(
                code="unknown_parameter", where=where, what=problem.what, got=problem.got, hint=hint
            )


def invitations(draft: Draft) -> Problems:
    """Drawn lists stay inside the data directory."""
    for place, file in enumerate(draft.get("study.invitations").drawn):
        yield from escapes(draft.where(FILE, "invitations", "drawn", place), file, draft.data_dir)


def gates(draft: Draft) -> Problems:
    """Limits are those of gates that exist."""
    for name in draft.get("study.gates"):
        yield from unknown(draft.where(FILE, "gates", name), "no such gate", name, draft.words.gates)


def primary(draft: Draft) -> Problems:
    """The primary comparison is about a measure that exists."""
    declared = draft.get("study.primary")
    where = draft.where(FILE, "primary", "indicator")
    yield from unknown(where, "no such indicator", declared.indicator, draft.names("indicators.indicators"))
    sheet = draft.sheet(declared.indicator)
    if sheet and sheet.kpi in draft.words.kpis:
        where = draft.where(FILE, "primary", "measure")
        known = draft.words.kpis[sheet.kpi].measures
        yield from unknown(where, f"{sheet.kpi} has no such measure", declared.measure, known)


def plan(draft: Draft) -> Problems:
    """Planned comparisons are about indicators, measures and levels that exist."""
    for index, planned in enumerate(draft.get("study.plan").values()):
        where, known = draft.where(FILE, "plan", index), draft.names("indicators.indicators")
        yield from unknown(where, "no such indicator", planned.indicator, known)
        sheet = draft.sheet(planned.indicator)
        if planned.measure and sheet and sheet.kpi in draft.words.kpis:
            known = frozenset(draft.words.kpis[sheet.kpi].measures)
            yield from unknown(where, f"{sheet.kpi} has no such measure", planned.measure, known)
        if planned.level:
            yield from unknown(where, "no such level", planned.level, draft.names("study.levels"))


def time_zone(draft: Draft) -> Problems:
    """The time zone exists."""
    name = draft.get("study.time_zone")
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        known = zoneinfo.available_timezones()
        yield from unknown(draft.where(FILE, "time_zone"), "no such time zone", name, known)


CHECKS = (
    (sources, ()),
    (source_headers, ()),
    (files, ()),
    (tables, ()),
    (calendar, ("study.calendar",)),
    (levels, ()),
    (looked_up, ("study.tables",)),
    (evaluate, ("study.evaluate",)),
    (design, ("study.design",)),
    (cleaning, ("study.cleaning",)),
    (invitations, ("study.invitations",)),
    (gates, ("study.gates",)),
    (primary, ("study.primary",)),
    (plan, ("study.plan",)),
    (time_zone, ("study.time_zone",)),
)
