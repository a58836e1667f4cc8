"""Periods."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SpecError
from survey_kpi.period import Period

texts = st.one_of(
    st.builds("{}Q{}".format, st.integers(1000, 9998), st.integers(1, 4)),
    st.builds("{}Q{}-R4".format, st.integers(1001, 9998), st.integers(1, 4)),
    st.builds("{}-{:02d}".format, st.integers(1000, 9998), st.integers(1, 12)),
)


@given(texts, st.integers(-20, 20))
def test_reading_writing_and_shifting(text, steps):
    period = Period.parse(text)
    assert str(period) == text
    assert period.shift(steps).shift(-steps) == period
    assert period.start < period.end
    if period.months < 12:
        assert period.shift(1).start == period.end


def test_the_quarter_of_the_house():
    quarter = Period.parse("2026Q3")
    assert (quarter.end - quarter.start).days == 92
    year = Period.parse("2026Q3-R4")
    assert (year.start, year.end) == (dt.date(2025, 10, 1), dt.date(2026, 10, 1))
    assert [str(p) for p in quarter.last(3)] == ["2026Q1", "2026Q2", "2026Q3"]
    assert quarter.is_quarter and not year.is_quarter


@pytest.mark.parametrize("text", ["2026Q5", "2026-13", "Q3 2026", "", "2026Q3-R5", "0000Q1", "２０２６Q3-x"])
def test_anything_else_is_refused(text):
    with pytest.raises(SpecError) as refusal:
        Period.parse(text)
    assert refusal.value.code == "period_format"
