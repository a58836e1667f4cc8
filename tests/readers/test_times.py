"""Times in the layouts of platforms, spreadsheets and their users."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SchemaError
from survey_kpi.readers.times import TimeColumn, parse_times


def times(*texts: str, zone: str = "Asia/Shanghai", **more: str) -> TimeColumn:
    return parse_times(pa.array(texts, pa.string()), study_zone=zone, where="a.csv, column 2", **more)


def one(text: str, **more: str) -> str | None:
    value = times(text, **more).values[0]
    return None if np.isnat(value) else str(pd.Timestamp(value))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024/9/3 8:03:23", "2024-09-03 08:03:23"),
        ("2024-09-03 12:01:35", "2024-09-03 12:01:35"),
        ("2024-09-03T12:01:35", "2024-09-03 12:01:35"),
        ("2024-09-03T12:01:35.123Z", "2024-09-03 20:01:35"),
        ("2024-09-03 12:01", "2024-09-03 12:01:00"),
        ("2024-09-03", "2024-09-03 00:00:00"),
        ("2024年9月3日 12时01分35秒", "2024-09-03 12:01:35"),
        ("２０２４－０９－０３ １２:０１:３５", "2024-09-03 12:01:35"),
        ("2024/09/03 12:01:35 PM GMT+8", "2024-09-03 12:01:35"),
        ("2024/10/01 12:01:07 AM GMT+8", "2024-10-01 00:01:07"),
        ("2024/09/03 下午1:01:35 GMT+8", "2024-09-03 13:01:35"),
        ("2024/09/03 上午12:01:35", "2024-09-03 00:01:35"),
        ("2024/09/03 12:01:35 PM GMT-5:30", "2024-09-04 01:31:35"),
        ("09/30/2024 11:59:50 PM", "2024-09-30 23:59:50"),
        ("30/09/2024 23:59", "2024-09-30 23:59:00"),
        ("45538.50109953704", "2024-09-03 12:01:35"),
        ("45538", "2024-09-03 00:00:00"),
        ("2024-02-29", "2024-02-29 00:00:00"),
    ],
)
def test_layouts(text: str, expected: str) -> None:
    assert one(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13-01",
        "2024-00-10",
        "2024-04-31",
        "2024-09-03 24:00:00",
        "2024-09-03 12:60:00",
        "2024-09-03 13:00:00 AM",
        "12/31/1899 09:30:00 AM",
        "6:00:00",
        "8:30 AM",
        "1234-01-01",
        "9999-01-01",
        "yesterday",
        "N",
        "20240903",
    ],
)
def test_what_is_no_time(text: str) -> None:
    column = times(text, order="mdy")
    assert np.isnat(column.values[0])
    assert column.unread.tolist() == [True]


def test_blank_is_no_time_and_no_fault() -> None:
    column = times("", "  ")
    assert np.isnat(column.values).all()
    assert not column.unread.any()


def test_the_column_shows_its_order() -> None:
    assert times("09/03/2024", "09/30/2024").layouts == {"mdy": 2}
    assert times("03/09/2024", "30/09/2024").layouts == {"dmy": 2}
    assert str(times("03/09/2024", "30/09/2024").values[0])[:10] == "2024-09-03"


def test_what_the_column_shows_beats_what_the_format_declares() -> None:
    assert times("30/09/2024", "01/02/2024", order="mdy").layouts == {"dmy": 2}


def test_an_order_that_nobody_tells_is_refused() -> None:
    with pytest.raises(SchemaError) as caught:
        times("09/03/2024", "10/01/2024")
    assert caught.value.code == "date_order"
    assert "a.csv, column 2" in str(caught.value)
    assert times("09/03/2024", order="mdy").layouts == {"mdy": 1}


def test_the_order_that_the_study_declares_holds() -> None:
    assert times("09/03/2024", declared="dmy").layouts == {"dmy": 1}
    assert times("09/03/2024", order="mdy", declared="dmy").layouts == {"dmy": 1}
    assert times("30/09/2024", "09/30/2024", declared="dmy").unread.tolist() == [False, True]
    with pytest.raises(SchemaError, match="the study declares mdy, and the dates show dmy") as caught:
        times("2024-09-03", "30/09/2024", "", declared="mdy")
    assert caught.value.code == "date_order" and "got '30' and '09'" in str(caught.value)


def test_an_order_that_changes_within_the_column() -> None:
    with pytest.raises(SchemaError):
        times("30/09/2024", "09/30/2024")
    assert times("30/09/2024", "09/30/2024", order="mdy").unread.tolist() == [True, False]


def test_the_zone_of_the_file_and_of_the_study() -> None:
    assert one("2024-09-03 12:00:00", file_zone="America/Los_Angeles") == "2024-09-04 03:00:00"
    assert one("2024-09-03 12:00:00", file_zone="Asia/Shanghai") == "2024-09-03 12:00:00"
    assert one("2024-11-03 01:30:00", file_zone="America/New_York", zone="UTC") == "2024-11-03 05:30:00"
    assert one("2024-03-10 02:30:00", file_zone="America/New_York", zone="UTC") == "2024-03-10 07:00:00"


def test_times_without_a_zone_among_others_are_told() -> None:
    column = times("2024-09-03 12:00:00 GMT+8", "2024-09-03 12:00:00", "")
    assert column.naive.tolist() == [False, True, False]
    assert not column.unread.any()


@given(st.datetimes(dt.datetime(1990, 1, 1), dt.datetime(2170, 12, 31)))
def test_every_second_comes_back_in_every_layout(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    layouts = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %I:%M:%S %p", "%Y年%m月%d日%H:%M:%S"]
    texts = [moment.strftime(layout) for layout in layouts]
    assert times(*texts).values.tolist() == [moment] * 3
    late = moment.strftime("%m/%d/%Y %I:%M:%S %p")
    assert times(late, order="mdy").values.tolist() == [moment]
    day = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    assert times(repr(day)).values.tolist() == [moment]


@given(st.lists(st.text(alphabet="0123456789/-: APMGT+年月日上午", max_size=24), max_size=5))
def test_any_text_is_a_time_or_unread(texts: list[str]) -> None:
    column = times(*texts, order="mdy")
    filled = np.array([bool(text.strip()) for text in texts], dtype=bool)
    assert (column.unread | ~np.isnat(column.values)).tolist() == filled.tolist()
