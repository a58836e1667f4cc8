"""Arithmetic of times on the row plane, against pandas."""

from __future__ import annotations

import datetime as dt

import narwhals.stable.v2 as nw
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.engine import collect, scan
from survey_kpi.indicators.expressions import hours_between, microseconds

TIMES = st.lists(st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31)), min_size=1, max_size=30)


@given(TIMES)
def test_microseconds_are_those_of_the_civil_calendar(times: list[dt.datetime]) -> None:
    table = pd.DataFrame({"at": pd.Series(times, dtype="datetime64[us]")})
    found = collect(scan(table).select(microseconds(nw.col("at")).alias("us")))["us"]
    assert found.tolist() == table["at"].astype("int64").tolist()


def test_hours_between_need_both_ends() -> None:
    stamps = pd.to_datetime(pd.Series(["2026-02-28 23:30", "2026-03-01 01:00", None])).astype(
        "datetime64[us]"
    )
    table = pd.DataFrame({"a": stamps[[0, 0]].tolist(), "b": stamps[[1, 2]].tolist()})
    found = collect(scan(table).select(hours_between(nw.col("a"), nw.col("b")).alias("h")))["h"]
    assert found.fillna(-1).tolist() == [1.5, -1]
