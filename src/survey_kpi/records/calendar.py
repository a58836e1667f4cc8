"""The working calendar of a study: its country's days, and the company's own table where it declares one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from survey_kpi.errors import SchemaError
from survey_kpi.frames import Row, rows_of
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.tables import read_table
from survey_kpi.records.model import FLAGS
from survey_kpi.study.models import Study
from survey_kpi.workdays import WorkCalendar, work_calendar

_COLUMNS = {"date": "date", "working": "text", "open": "text", "close": "text"}


def study_calendar(study: Study, years: Iterable[int]) -> WorkCalendar:
    """Return the working calendar that a study declares.

    Raises
    ------
    SchemaError
        Those of `read_table`; `cell_missing`, `not_a_flag`, `not_a_time`: cells of the company's table.
    SpecError
        Those of `work_calendar`.
    """
    declared = study.study.calendar
    company, digest = _company(Path(study.data_dir) / declared.file) if declared.file else (None, "")
    return work_calendar(
        declared.country,
        years,
        opens=dt.time.fromisoformat(declared.opens),
        closes=dt.time.fromisoformat(declared.closes),
        company=company,
        company_hash=digest,
    )


def _company(path: Path) -> tuple[pd.DataFrame, str]:
    table = read_table(path, _COLUMNS)
    days, problems = [], []
    for number, row in enumerate(rows_of(table), start=1):
        try:
            days.append(_day(row))
        except SchemaError as error:
            problems += [replace(each, where=f"{path.name}, row {number}") for each in error.problems]
    if problems:
        raise SchemaError.collect(problems)
    export = open_export(path, where=path.name, options=Options())
    return pd.DataFrame(days, columns=[*_COLUMNS]), export.sha256


def _day(row: Row) -> dict[str, object]:
    working = FLAGS.get(str(row["working"]).casefold())
    if pd.isna(row["date"]):
        raise SchemaError("cell_missing", where="", what="the day is missing")
    if working is None:
        raise SchemaError(
            "not_a_flag", where="", what="working is neither yes nor no", got=repr(row["working"])
        )
    return {
        "date": row["date"],
        "working": working,
        "open": _clock(row["open"]),
        "close": _clock(row["close"]),
    }


def _clock(text: object) -> dt.time | None:
    if not isinstance(text, str):
        return None
    try:
        return dt.time.fromisoformat(text.zfill(5))
    except ValueError:
        raise SchemaError(
            "not_a_time", where="", what="this is no time of day", got=repr(text), expected="such as 09:00"
        ) from None
