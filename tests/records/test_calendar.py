"""The calendar of a study: its country, its hours, and the company's own days."""

from __future__ import annotations

import numpy as np
import pytest

from survey_kpi.errors import SchemaError
from survey_kpi.records import study_calendar
from survey_kpi.study.calendar import WorkTime


def with_calendar(desk, text: str):
    (desk.folder / "days.csv").write_text(text, encoding="utf-8")
    study = desk.study()
    calendar = WorkTime(opens="08:00", file="days.csv")
    return study.model_copy(update={"study": study.study.model_copy(update={"calendar": calendar})})


def test_the_company_file_wins_and_is_named(desk) -> None:
    study = with_calendar(desk, "date,working,open,close\n2026-07-04,是,9:30,12:00\n2026-07-06,no,,\n")
    calendar = study_calendar(study, [2026])
    days = np.array(["2026-07-04", "2026-07-05", "2026-07-06", "2026-07-07"], "datetime64[D]")
    assert calendar.is_working(days).tolist() == [True, False, False, True]
    assert "company calendar sha256" in calendar.source


def test_cells_that_cannot_be_read_come_at_once(desk) -> None:
    study = with_calendar(desk, "date,working,open,close\n2026-07-04,maybe,,\n2026-07-05,yes,noon,\n")
    with pytest.raises(SchemaError) as raised:
        study_calendar(study, [2026])
    assert [problem.code for problem in raised.value.problems] == ["not_a_flag", "not_a_time"]


def test_without_a_file_the_country_decides(desk) -> None:
    assert study_calendar(desk.study(), [2026]).source.endswith("CN")
