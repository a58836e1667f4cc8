"""The working calendar of a study: its country's days, and the company's own table where it declares one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi import engine
from survey_kpi.errors import SchemaError
from survey_kpi.frames import Row, rows_of
from survey_kpi.readers.files import Options, open_export
from survey_kpi.readers.tables import read_table
from survey_kpi.records.model import FLAGS
from survey_kpi.study.models import Study
from survey_kpi.workdays import WorkCalendar, work_calendar, years_of

_COLUMNS = {"date": "date", "working": "text", "open": "text", "close": "text"}
LAST_YEAR = 2100
"""No library of holidays goes further."""


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


def calendars_of(study: Study, rows: nw.LazyFrame[Any], column: str) -> list[WorkCalendar]:
    """Return the study's calendar for every run of years in which rows have a time.

    Parameters
    ----------
    column
        Time of the rows; a year after the last is covered too, in which a promise may fall due.
    """
    years = engine.collect(rows.select(nw.col(column).dt.year().alias("year")).unique())["year"].dropna()
    found = [dt.date(int(year), 1, 1) for year in years if year < LAST_YEAR]
    wanted = sorted({year for day in found for year in years_of([day])})
    return [study_calendar(study, run) for run in _runs(wanted)]


def _runs(years: Iterable[int]) -> Iterator[list[int]]:
    for _, run in groupby(enumerate(years), key=lambda pair: pair[1] - pair[0]):
        yield [year for _, year in run]


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
