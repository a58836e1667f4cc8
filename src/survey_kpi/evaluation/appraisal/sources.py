"""The rows behind an evaluation, opened once more for what only this edition looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import clean
from survey_kpi.engine import collect, connect, scan
from survey_kpi.evaluation.from_records import estimate_from_records
from survey_kpi.evaluation.reach import reach_of
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.indicators import INDICATORS, attach_levels
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, ROWS, with_period
from survey_kpi.indicators.records import period_frames
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.records import Records, read_records
from survey_kpi.study.models import Indicators, IndicatorSheet, Level

if TYPE_CHECKING:
    import duckdb

Lazy = nw.LazyFrame[Any]
NO_PARAMS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sources:
    """An evaluation with the rows that it was made from.

    Parameters
    ----------
    answers
        Answers kept by cleaning, with one column per level of subjects.
    records
        The tables that the study declares, on the same engine.
    """

    evaluation: Evaluation
    answers: Lazy
    records: Records
    connection: duckdb.DuckDBPyConnection

    @property
    def period(self) -> Period:
        """The period evaluated."""
        return self.evaluation.period

    @property
    def frames(self) -> Mapping[str, Lazy]:
        """The tables that the study declares, by canonical name."""
        return self.records.frames

    def has(self, *tables: str) -> bool:
        """Whether the study declares all these tables."""
        return set(tables) <= set(self.frames)

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """Return a declared table, or some of its columns, as a frame."""
        frame = self.frames[name]
        return collect(frame.select(*columns) if columns else frame)

    def with_spans(self, periods: Sequence[Period]) -> dict[str, Lazy]:
        """Return the tables, the answers and the spans of these periods, as views of indicators read them."""
        spans = period_frames(periods)
        made = {name: scan(table, connection=self.connection) for name, table in spans.items()}
        return {**self.frames, **made, "responses": self.answers}


def open_sources(evaluation: Evaluation) -> Sources:
    """Read answers and tables of an evaluated study again.

    Raises
    ------
    SchemaError, SpecError
        As `evaluate`: the data or the study files are wrong.
    """
    study, connection = evaluation.study, connect()
    dated = with_period(read_responses(study, connection=connection).frame, study.study.sources)
    cleaned = clean(dated, study.codebook, study.study.cleaning)
    records = read_records(study, connection=connection)
    answers = attach_levels(cleaned.frame, study.study.levels, records.frames)
    kept = answers.filter(nw.col(EXCLUDED_BY) == "")
    return Sources(evaluation=evaluation, answers=kept, records=records, connection=connection)


def sheet_of(
    sources: Sources, kpi: str, *, item: str | None = None, params: Mapping[str, Any] = NO_PARAMS
) -> IndicatorSheet:
    """Return the study's sheet of a row of the library, else one made of the row itself.

    What the study declares wins; `params` are those that the row needs and the study says elsewhere.
    """
    for sheet in sources.evaluation.study.indicators.indicators:
        if sheet.kpi == kpi:
            return sheet.model_copy(update={"params": {**params, **sheet.params}})
    row = INDICATORS[kpi]
    return IndicatorSheet(
        id=kpi, kpi=kpi, item=item, label=row.label, definition=row.definition, params=dict(params)
    )


def estimates_of(
    sources: Sources,
    sheets: Sequence[IndicatorSheet],
    periods: Sequence[Period],
    *,
    levels: Sequence[Level] | None = None,
) -> pd.DataFrame:
    """Estimate rows of the library that are computed from tables, for other periods or levels.

    Parameters
    ----------
    levels
        Levels of subjects; those of the study by default.

    Returns
    -------
    DataFrame
        Tidy rows, columns `indicators.estimation.COLUMNS`; without its tables an indicator is not measured.
    """
    study = sources.evaluation.study
    file = study.study if levels is None else study.study.model_copy(update={"levels": tuple(levels)})
    declared = Indicators(schema_version=1, indicators=tuple(sheets))
    asked = study.model_copy(update={"study": file, "indicators": declared})
    months = collect(sources.answers.group_by(MONTH).agg(nw.len().alias(ROWS)))
    found = estimate_from_records(
        asked,
        sources.frames,
        sources.answers,
        periods,
        sources.connection,
        reach=reach_of(asked, sources.records, months),
    )
    return pd.concat(found, ignore_index=True) if found else sources.evaluation.estimates.iloc[:0]
