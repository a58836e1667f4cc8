"""How far tables reach: what nobody recorded is not what did not happen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from survey_kpi.period import Period
from survey_kpi.records.coverage import Coverage, table_coverage
from survey_kpi.study.models import TableSource
from survey_kpi.study.tables import TABLES

COUNTED_BY_NO_TIME = {"ratings360", "benchmarks", "labels", "actions"}


def covered(desk: Any, table: str) -> Coverage:
    records = desk.read()
    return table_coverage(records.frames, desk.study().study.tables)[table]


def reaches(coverage: Coverage, *periods: str) -> list[str]:
    return [coverage.reach(Period.parse(period))[0] for period in periods]


def complaints(days: list[str]) -> str:
    rows = (f"k{place},c1,{day}T10:00:00+08:00" for place, day in enumerate(days))
    return "\n".join(["case_id,customer_id,opened_at", *rows, ""])


def daily(start: str, end: str) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(start, end)]


def test_a_period_before_the_first_row_is_not_covered(desk: Any) -> None:
    desk.put("complaints", complaints(daily("2025-10-03", "2026-09-30")))
    found = covered(desk, "complaints")
    assert found.reach(Period.parse("2025Q3")) == ("outside", "table complaints begins 2025-10-03")
    assert reaches(found, "2025Q2", "2025Q4", "2026Q1", "2026Q3") == [
        "outside",
        "covered",
        "covered",
        "covered",
    ]


def test_an_export_that_stops_does_not_cover_what_follows(desk: Any) -> None:
    """Sixteen days in which sixteen rows would be expected are missing from the quarter."""
    desk.put("complaints", complaints(daily("2026-01-01", "2026-08-14")))
    found = covered(desk, "complaints")
    assert found.reach(Period.parse("2026Q3")) == ("partly", "table complaints ends 2026-08-14")
    assert reaches(found, "2026-08", "2026-09", "2026Q4") == ["partly", "outside", "outside"]


def test_a_table_with_few_rows_may_be_silent_for_long(desk: Any) -> None:
    """Four complaints in a year: a quarter without one is no sign that the export lacks it."""
    desk.put("complaints", complaints(["2025-01-15", "2025-05-02", "2025-08-20", "2025-12-30"]))
    found = covered(desk, "complaints")
    assert reaches(found, "2025Q1", "2025-06", "2025Q4") == ["covered"] * 3
    assert found.reach(Period.parse("2026Q1")) == ("unsure", "table complaints ends 2025-12-30")
    assert reaches(found, "2027Q4") == ["outside"]


def test_a_month_without_rows_inside_the_span_is_covered(desk: Any) -> None:
    desk.put(
        "complaints", complaints([*daily("2026-01-01", "2026-03-31"), *daily("2026-07-01", "2026-09-30")])
    )
    assert reaches(covered(desk, "complaints"), "2026Q2") == ["covered"]


def test_customers_go_on_and_their_silence_is_a_doubt(desk: Any) -> None:
    """Nobody who came or left: either a quiet quarter or an old export, and retention would be 100."""
    rows = "\n".join(f"c{place},{day}," for place, day in enumerate(daily("2026-01-01", "2026-06-30")))
    desk.put("customers", f"customer_id,start_at,end_at\n{rows}\n")
    found = covered(desk, "customers")
    told = "table customers shows no change after 2026-06-30"
    assert found.reach(Period.parse("2026Q3")) == ("unsure", told)
    assert reaches(found, "2025Q4", "2026Q1") == ["outside", "covered"]


def test_a_stable_book_is_covered(desk: Any) -> None:
    desk.put("customers", "customer_id,start_at,end_at\nc1,2024-01-01,\nc2,2024-09-01,\n")
    assert reaches(covered(desk, "customers"), "2026Q3", "2023Q4") == ["covered", "unsure"]


@pytest.mark.parametrize(
    ("last", "expected"),
    [("", ["outside", "partly", "covered"]), ("2026-05-01", ["outside", "partly", "outside"])],
)
def test_spells_begin_and_end_exactly(desk: Any, last: str, expected: list[str]) -> None:
    desk.put("ownership", f"customer_id,specialist_id,valid_from,valid_to\nc1,s1,2025-10-03,{last}\n")
    assert reaches(covered(desk, "ownership"), "2025Q3", "2025Q4", "2026Q3") == expected


def test_what_the_study_declares_wins_over_the_rows(desk: Any) -> None:
    span = [dt.date(2025, 1, 1), dt.date(2026, 8, 1)]
    desk.put("complaints", complaints(["2026-02-01"]), covers=span)
    found = covered(desk, "complaints")
    assert reaches(found, "2024Q4", "2025Q1", "2026Q2", "2026Q3", "2026-08") == [
        "outside", "covered", "covered", "partly", "outside",
    ]  # fmt: skip
    assert found.reach(Period.parse("2024Q4"))[1] == "table complaints begins 2025-01-01 (declared)"


def test_a_declared_span_may_be_open() -> None:
    source = TableSource.model_validate({"file": "x.csv", "covers": [dt.date(2025, 1, 1), None]})
    found = table_coverage({"complaints": None}, {"complaints": source})["complaints"]  # type: ignore[dict-item]
    assert reaches(found, "2024Q4", "2099Q4") == ["outside", "covered"]


def test_a_span_that_runs_backward_is_refused() -> None:
    with pytest.raises(ValidationError, match="ends before it begins"):
        TableSource.model_validate({"file": "x.csv", "covers": [dt.date(2025, 1, 1), dt.date(2025, 1, 1)]})


def test_a_table_without_rows_or_without_a_time_reaches_everywhere(desk: Any) -> None:
    desk.put("complaints", complaints([]))
    desk.put("labels", "response_id,coder\nr1,a\n")
    found = table_coverage(desk.read().frames, desk.study().study.tables)
    assert reaches(found["complaints"], "2026Q3") == ["covered"] and "labels" not in found


def test_every_table_says_how_it_reaches() -> None:
    silent = {name for name, spec in TABLES.items() if not (spec.time or spec.lasts)}
    assert silent == COUNTED_BY_NO_TIME
    for spec in TABLES.values():
        named = [*(spec.lasts or ()), *([spec.time] if spec.time else [])]
        assert all(spec.column(name).kind in ("date", "datetime") for name in named)


days = st.dates(dt.date(2024, 1, 1), dt.date(2026, 12, 31))


@given(days, days, st.floats(0, 50), st.integers(2023 * 12, 2027 * 12), st.sampled_from([1, 3, 12]))
def test_the_further_from_the_rows_the_less_is_covered(
    one: dt.date, other: dt.date, per_day: float, first: int, months: int
) -> None:
    """What is outside stays outside one period further away; with the rows inside it never is."""
    begins, ends = pd.Timestamp(min(one, other)), pd.Timestamp(max(one, other)) + pd.Timedelta(days=1)
    coverage = Coverage(table="orders", begins=begins, ends=ends, per_day=per_day)
    period = Period(first, months)
    reach, told = coverage.reach(period)
    assert (reach == "covered") == (told == "")
    away = period.shift(-1 if pd.Timestamp(period.start) < begins else 1)
    if reach == "outside":
        assert coverage.reach(away)[0] == "outside"
    if pd.Timestamp(period.start) <= begins and pd.Timestamp(period.end) >= ends:
        assert reach in ("covered", "partly")
