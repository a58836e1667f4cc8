"""The sample study, cleaned by its own rules, gives the same flags and verdicts on DuckDB and on PySpark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.cleaning import clean
from survey_kpi.cleaning.rule import FLAG
from survey_kpi.evaluation import open_study
from survey_kpi.indicators.cells import with_period
from survey_kpi.readers import read_responses


@pytest.mark.slow
def test_the_sample_study_on_both_engines(root: Path, spark: Any) -> None:
    study = open_study(root / "studies/sample")
    rows = engine.collect(with_period(read_responses(study).frame, study.study.sources))
    here, there = (
        clean(engine.scan(data), study.codebook, study.study.cleaning) for data in (rows, spark(rows))
    )
    flags = [name for name in here.frame.collect_schema().names() if name.startswith(FLAG)]
    wanted = ["row_id", *(item.id for item in study.codebook.rated), *flags, "keep", "excluded_by"]
    found = [
        engine.collect(one.frame.select(*wanted)).sort_values("row_id", ignore_index=True)
        for one in (here, there)
    ]
    pd.testing.assert_frame_equal(*found, check_dtype=False)
    assert len(found[0]) == len(rows)
    assert found[0]["keep"].sum() not in {0, len(rows)}
    assert here.thresholds == there.thresholds
    pd.testing.assert_frame_equal(here.tally.totals, there.tally.totals, check_dtype=False)
