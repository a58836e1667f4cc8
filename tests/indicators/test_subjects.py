"""Subject columns by level."""

from __future__ import annotations

import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.indicators.subjects import attach_levels

ROWS = pd.DataFrame(
    {"row_id": ["a", "b"], "specialist_id": ["s1", "s9"], "submitted_at": pd.to_datetime(["2026-07-01"] * 2)}
)
SPELLS = pd.DataFrame(
    {
        "specialist_id": ["s1"],
        "valid_from": pd.to_datetime(["2026-01-01"]),
        "valid_to": pd.to_datetime([None]),
    }
)


@pytest.mark.parametrize("listed", [False, True])
def test_a_study_without_levels_keeps_its_rows(listed: bool) -> None:
    connection = engine.connect()
    spells = engine.scan(SPELLS, connection=connection) if listed else None
    found = engine.collect(attach_levels(engine.scan(ROWS, connection=connection), (), spells))
    assert sorted(found["row_id"]) == ["a", "b"]
