"""A year that nobody has announced: complaints without a due time are not measured, and it says why."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi.engine import connect, scan
from survey_kpi.evaluation.from_records import UNCOVERED, estimate_from_records
from survey_kpi.evaluation.reach import Reach
from survey_kpi.indicators.cells import EXCLUDED_BY
from survey_kpi.period import Period
from survey_kpi.study.tables import TABLES

DTYPES = {"text": "str", "choice": "str", "integer": "Int64", "datetime": "datetime64[us]", "flag": "boolean"}


def complaints(*rows: dict[str, object]) -> pd.DataFrame:
    kinds = {column.name: DTYPES[column.kind] for column in TABLES["complaints"].columns}
    table = pd.DataFrame(list(rows)).reindex(columns=[*kinds, "due_from"])
    return table.astype(kinds | {"due_from": "str"})


def estimated(sample, table: pd.DataFrame, *periods: str) -> pd.DataFrame:
    sheets = (sample.indicator("A10"), sample.indicator("A09"))
    alone = sample.model_copy(
        update={"indicators": sample.indicators.model_copy(update={"indicators": sheets})}
    )
    connection = connect()
    answers = scan(pd.DataFrame({EXCLUDED_BY: [""], "row_id": ["a"]}), connection=connection)
    frames = {"complaints": scan(table, connection=connection)}
    spans = [Period.parse(period) for period in periods]
    found = estimate_from_records(alone, frames, answers, spans, connection, reach=Reach(coverage={}))
    every = pd.concat(found)
    return every[every["level"] == "company"].set_index(["period", "indicator", "measure"])


@pytest.mark.row("A10")
def test_a_period_outside_the_calendar_is_unavailable_and_says_so(sample):
    told = complaints(
        {"case_id": "k1", "customer_id": "c", "opened_at": "2031-03-03", "due_from": "no_calendar"},
        {"case_id": "k2", "customer_id": "c", "opened_at": "2026-08-03", "due_at": "2026-08-04",
         "resolved_at": "2026-08-04", "due_from": "computed"},
        {"case_id": "k3", "customer_id": "c", "opened_at": "2026-08-05", "due_from": "no_calendar"},
    )  # fmt: skip
    found = estimated(sample, told, "2031Q1", "2026Q3", "2026Q2")
    gap = found.loc[("2031Q1", "A10", "on_time")]
    assert (gap["state"], gap["reason"]) == ("unavailable", UNCOVERED) and np.isnan(gap["value"])
    assert found.loc[("2031Q1", "A09", "fcr"), "reason"] != UNCOVERED  # it needs no due time
    assert found.loc[("2026Q2", "A10", "on_time"), "reason"] == "no case"
    known = found.loc[("2026Q3", "A10", "on_time")]
    assert (known["value"], known["n"]) == (100.0, 1.0)
    for measure in ("due_computed", "outside_calendar", "without_due"):
        assert found.loc[("2026Q3", "A10", measure), "value"] == 1
