"""Working time of China in 2026 as the State Council announced it, and what nobody has announced."""

from __future__ import annotations

import datetime as dt
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SpecError
from survey_kpi.workdays import due_times, work_calendar, working_hours

# 国务院办公厅关于2026年部分节假日安排的通知 (notice of 2025-11-04), as in chinesecalendar 1.11.0
MAKE_UP = ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]
OFF = [
    "2026-01-02",
    "2026-02-16",
    "2026-02-23",
    "2026-04-06",
    "2026-05-05",
    "2026-06-19",
    "2026-09-25",
    "2026-10-07",
]


def days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[us]")


@pytest.fixture(scope="module")
def china():
    return work_calendar("CN", [2026])


def test_make_up_days_are_worked(china) -> None:
    assert china.is_working(days(*MAKE_UP)).all()
    assert not china.is_working(days(*OFF, "2026-07-04")).any()
    year = np.arange("2026-01-01", "2027-01-01", dtype="datetime64[D]")
    assert china.is_working(year).sum() == 248


def test_promises_run_in_working_time(china) -> None:
    opened = days("2026-09-30T17:00", "2026-10-03T12:00", "2026-07-03T09:00", "2026-07-03T20:00")
    due = due_times(opened, np.array([2.0, 1.0, 9.0, 9.0]), china)
    assert due.astype(str).tolist() == [
        "2026-10-08T10:00:00.000000",
        "2026-10-08T10:00:00.000000",
        "2026-07-03T18:00:00.000000",
        "2026-07-06T18:00:00.000000",
    ]
    assert working_hours(opened, due, china).tolist() == [2.0, 1.0, 9.0, 9.0]


def test_a_year_that_nobody_has_announced_is_unknown(china) -> None:
    later = work_calendar("CN", [2026, 2031])
    assert later.covers(days("2026-12-31", "2031-03-03", "NaT")).tolist() == [True, False, False]
    assert np.isnat(due_times(days("2026-12-31T17:00", "2031-03-03T10:00"), 2.0, later)).all()
    assert np.isnan(working_hours(days("2026-12-31T10:00"), days("2031-01-04T10:00"), later)).all()
    assert np.isnat(due_times(days("2026-12-31T17:00"), 2.0, china)).all()
    assert np.isnat(due_times(days("2026-07-01T10:00"), np.nan, china)).all()


def test_countries_without_swapped_days_are_always_known() -> None:
    assert work_calendar("US", [2031]).covers(days("2031-03-03")).all()


def test_the_table_of_the_company_wins() -> None:
    company = pd.DataFrame(
        {
            "date": pd.to_datetime(["2026-07-04", "2026-07-06"]),
            "working": [True, False],
            "open": [dt.time(10), None],
            "close": [dt.time(12), None],
        }
    )
    calendar = work_calendar("CN", [2026], company=company, company_hash="abcdef0123456789")
    start, end = days("2026-07-03T18:00"), days("2026-07-07T09:00")
    assert working_hours(start, end, calendar).tolist() == [2.0]
    assert (
        calendar.source.startswith("holidays ")
        and "CN, company calendar sha256 abcdef012345" in calendar.source
    )


def test_what_is_refused() -> None:
    with pytest.raises(SpecError, match="no such country"):
        work_calendar("XQ", [2026])
    with pytest.raises(SpecError, match="closes before it opens"):
        work_calendar("CN", [2026], opens=dt.time(18), closes=dt.time(9))
    with pytest.raises(SpecError, match="at least one year"):
        work_calendar("CN", [])


@given(minute=st.integers(0, 200 * 24 * 60), hours=st.floats(0.01, 200))
def test_hours_until_due_are_the_promised_ones(china, minute, hours) -> None:
    opened = days("2026-01-01") + np.timedelta64(minute, "m")
    due = due_times(opened, hours, china)
    assert due[0] > opened[0]
    assert working_hours(opened, due, china)[0] == pytest.approx(hours, abs=1e-9)


def test_a_million_rows(china) -> None:
    opened = days("2026-01-01") + np.random.default_rng(1).integers(
        0, 300 * 86_400, 1_000_000
    ) * np.timedelta64(1, "s")
    start = time.process_time()
    due = due_times(opened, 24.0, china)
    assert np.allclose(working_hours(opened, due, china), 24.0)
    assert time.process_time() - start < 5
