"""Whatever stands in a file: rows in = rows out + rows set aside, and nothing but named errors."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_kpi.engine import collect
from survey_kpi.errors import SurveyKpiError
from survey_kpi.records import read_records

COLUMNS = ("case_id", "customer_id", "opened_at", "resolved_at", "contacts", "product_fault", "category")
DIRT = (
    "",
    "k1",
    "k2",
    "２",
    "2026-07-01",
    "2026-07-02T10:00:00+08:00",
    "2026/13/1",
    "1e400",
    "nan",
    "inf",
    "是",
)
CELL = st.one_of(
    st.sampled_from(DIRT),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), max_size=6),
)
TABLE = st.lists(st.tuples(*[CELL] * len(COLUMNS)), min_size=1, max_size=12)


@pytest.mark.row("W03")
@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)  # a function, no state
@given(rows=TABLE, parquet=st.booleans())
def test_every_row_is_accounted_for(declared, rows, parquet) -> None:
    with tempfile.TemporaryDirectory() as folder:
        name = "c.parquet" if parquet else "c.csv"
        path = Path(folder) / name
        if parquet:
            pq.write_table(pa.table(dict(zip(COLUMNS, zip(*rows, strict=True), strict=True))), path)
        else:
            text = io.StringIO()
            csv.writer(text).writerows([COLUMNS, *rows])
            path.write_text(text.getvalue(), encoding="utf-8", newline="")
        try:
            records = read_records(declared(Path(folder), {"complaints": name}))
        except SurveyKpiError:
            return
        kept = collect(records.frames["complaints"])
        [file] = records.intake.to_dict("records")
        aside = records.audit.query("action == 'excluded'")["row_id"].nunique()
        assert file["rows"] == len(kept) + file["set_aside"]
        assert file["set_aside"] == aside
        assert kept["case_id"].is_unique
        assert kept[["case_id", "customer_id", "opened_at"]].notna().all(axis=None)
        assert kept["disordered"].notna().all()
