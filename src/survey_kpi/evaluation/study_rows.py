"""What an evaluation starts from: every row of a study, read and cleaned, on one engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from survey_kpi.cleaning.clean import clean
from survey_kpi.cleaning.cleaned import Cleaned
from survey_kpi.engine import connect, held, in_order
from survey_kpi.evaluation.inputs import check_registers
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import attach_levels
from survey_kpi.indicators.cells import with_period
from survey_kpi.readers import Responses, read_responses
from survey_kpi.records import Records, read_records
from survey_kpi.study.models import Study

if TYPE_CHECKING:
    import duckdb

FEW = 250_000
"""Answers that are cleaned once and kept: planning the expressions of cleaning for every scan would cost more
than running them. More answers stay where they lie."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StudyRows:
    """The rows of a study.

    Parameters
    ----------
    connection
        Where all frames live.
    responses
        Answers as they were read, with intake and audit.
    dated
        Every answer as it came, with its month and period.
    cleaned
        The same after cleaning.
    records
        The company's tables.
    answers
        Every answer, cleaned, with the subject of every level that it belongs to.
    """

    connection: duckdb.DuckDBPyConnection
    responses: Responses
    dated: nw.LazyFrame[Any]
    cleaned: Cleaned
    records: Records
    answers: nw.LazyFrame[Any]

    @property
    def received(self) -> list[Row]:
        """Every file of answers and of tables, with its hash."""
        return [*rows_of(self.responses.intake), *rows_of(self.records.intake)]


def read_rows(study: Study) -> StudyRows:
    """Read and clean the rows of a study.

    Raises
    ------
    SchemaError, SpecError
        Those of `read_responses`, `clean`, `read_records` and `check_registers`.
    """
    connection = connect()
    responses = read_responses(study, connection=connection)
    dated = with_period(responses.frame, study.study.sources)
    if study.study.design.weight:
        in_order(connection)
    cleaned = clean(dated, study.codebook, study.study.cleaning)
    records = read_records(study, connection=connection)
    check_registers(study, records)
    answers = attach_levels(cleaned.frame, study.study.levels, records.frames)
    if responses.intake["rows"].sum() <= FEW:
        answers = held(answers)
    return StudyRows(
        connection=connection,
        responses=responses,
        dated=dated,
        cleaned=cleaned,
        records=records,
        answers=answers,
    )
