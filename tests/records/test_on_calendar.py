"""What the working calendar adds: due times by the promise to the tier, and days without a login."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi.engine import collect, connect, scan
from survey_kpi.records import read_records
from survey_kpi.records.promises import with_due_times
from survey_kpi.study.calendar import ServiceLevel, WorkTime
from survey_kpi.workdays import due_times, work_calendar

LEVELS = {
    "high": ServiceLevel(response=2, resolution=9),
    "mid": ServiceLevel(resolution=24, clock="calendar"),
}
CUSTOMERS = "customer_id,tier,start_at\nc1,high,2026-01-01\nc2,mid,2026-01-01\nc3,low,2026-01-01\n"


def declared(desk, **changes):
    study = desk.study()
    return study.model_copy(update={"study": study.study.model_copy(update=changes)})


def complaints(desk, *rows: str, customers: str = CUSTOMERS, levels=LEVELS):
    desk.put("complaints", "\n".join(["case_id,customer_id,opened_at,due_at", *rows]))
    if customers:
        desk.put("customers", customers)
    return read_records(declared(desk, service_levels=levels))


def told(records) -> dict[str, tuple[str, str]]:
    table = collect(records.frames["complaints"]).set_index("case_id")
    return {
        case: ("" if pd.isna(row["due_at"]) else f"{row['due_at']:%m-%d %H:%M}", row["due_from"])
        for case, row in table.iterrows()
    }


@pytest.mark.row("A10")
def test_a_due_time_follows_the_working_calendar_and_says_so(desk) -> None:
    """2026-02-14 is a Saturday worked for the Spring Festival, which lasts from 2026-02-15 to 2026-02-23."""
    records = complaints(
        desk,
        "k1,c1,2026-02-14 11:00,",
        "k2,c2,2026-02-14 11:00,",
        "k3,c3,2026-02-14 11:00,",
        "k4,c1,2026-02-14 11:00,2026-02-20 08:00",
        "k5,c9,2026-02-14 11:00,",
    )
    assert told(records) == {
        "k1": ("02-24 11:00", "computed"),
        "k2": ("02-15 11:00", "computed"),
        "k3": ("", "no_promise"),
        "k4": ("02-20 08:00", "stated"),
        "k5": ("", "no_promise"),
    }
    assert records.calendar.startswith("holidays ") and records.calendar.endswith(" CN")
    [row] = records.audit[records.audit["rule"] == "due_computed"].to_dict("records")
    assert (row["source"], row["item"], row["value"]) == ("complaints", "due_at", "2")


def test_a_first_response_is_promised_by_tier(desk) -> None:
    records = complaints(desk, "k1,c1,2026-02-14 17:30,2026-03-01 09:00", "k2,c2,2026-02-14 11:00,")
    table = collect(records.frames["complaints"]).set_index("case_id")
    assert table.loc["k1", "response_due_at"] == pd.Timestamp("2026-02-24 10:30")
    assert table["response_due_from"].to_dict() == {"k1": "computed", "k2": "no_promise"}


def test_a_year_that_nobody_announced_is_never_guessed(desk) -> None:
    records = complaints(
        desk, "k1,c1,2031-03-03 10:00,", "k2,c2,2031-03-03 10:00,", "k3,c1,2026-07-01 09:00,"
    )
    assert told(records) == {
        "k1": ("", "no_calendar"),
        "k2": ("03-04 10:00", "computed"),  # day and night: no calendar needed
        "k3": ("07-01 18:00", "computed"),
    }
    [row] = records.audit[records.audit["rule"] == "calendar_unknown"].to_dict("records")
    assert (row["item"], row["value"], row["action"]) == ("due_at", "1", "set_missing")


def test_without_customers_nothing_is_promised(desk) -> None:
    assert told(complaints(desk, "k1,c1,2026-07-01 09:00,", customers="")) == {"k1": ("", "no_promise")}


def test_without_service_levels_complaints_stay_as_they_are(desk) -> None:
    records = complaints(desk, "k1,c1,2026-07-01 09:00,", levels={})
    assert "due_from" not in records.frames["complaints"].collect_schema().names()
    assert records.calendar == ""


def test_complaints_read_alone_have_the_same_due_times(desk) -> None:
    complaints(desk, "k1,c1,2026-07-01 09:00,")
    alone = read_records(declared(desk, service_levels=LEVELS), only=["complaints"])
    assert alone.declared == ("complaints",) and set(alone.intake["table"]) == {"complaints"}
    assert told(alone) == {"k1": ("07-01 18:00", "computed")}


def test_the_company_calendar_moves_due_times_and_is_named(desk) -> None:
    (desk.folder / "days.csv").write_text("date,working,open,close\n2026-07-01,no,,\n", encoding="utf-8")
    desk.put("complaints", "case_id,customer_id,opened_at\nk1,c1,2026-07-01 10:00\n").put(
        "customers", CUSTOMERS
    )
    records = read_records(declared(desk, service_levels=LEVELS, calendar=WorkTime(file="days.csv")))
    assert told(records) == {"k1": ("07-02 18:00", "computed")}
    assert "company calendar sha256" in records.calendar


def test_the_table_of_stretches_agrees_with_the_arithmetic_on_every_row() -> None:
    random = np.random.default_rng(3)
    n = 20_000
    opened = np.datetime64("2025-01-01", "us") + random.integers(0, 730 * 86_400, n).astype("timedelta64[s]")
    cases = pd.DataFrame(
        {
            "case_id": [f"k{place}" for place in range(n)],
            "customer_id": random.choice(["c1", "c2"], n),
            "opened_at": opened,
            "due_at": np.full(n, np.datetime64("NaT", "us")),
        }
    )
    customers = pd.DataFrame({"customer_id": ["c1", "c2"], "tier": ["high", "mid"]})
    levels = {"high": ServiceLevel(resolution=4.5), "mid": ServiceLevel(resolution=30)}
    connection = connect()
    frames = [scan(table, connection=connection) for table in (cases, customers)]
    calendar = work_calendar("CN", [2025, 2026])
    found = collect(with_due_times(*frames, levels, [calendar], connection=connection)).set_index("case_id")
    hours = cases["customer_id"].map({"c1": 4.5, "c2": 30.0}).to_numpy()
    expected = pd.Series(due_times(opened, hours, calendar), index=cases["case_id"], name="due_at")
    pd.testing.assert_series_equal(found.loc[cases["case_id"], "due_at"], expected)
    assert expected.isna().sum() > 0 and expected.notna().sum() > 19_000


# --- days of use ------------------------------------------------------------------------------------------

PEOPLE = (
    "specialist_id,name,valid_from,valid_to,hired_on,left_on,leave\n"
    "s1,A,2026-01-01,,2026-01-01,,2026-06-30/2026-07-01 annual\n"
    "s2,B,2026-01-01,,2026-01-01,2026-06-29,\n"
)


def usage(desk, text: str, people: str = PEOPLE):
    desk.put("usage", text)
    if people:
        desk.put("specialists", people)
    records = desk.read()
    table = collect(records.frames["usage"]).sort_values(["specialist_id", "date"])
    return records, table


@pytest.mark.row("A35")
def test_days_without_a_row_are_working_days_without_use(desk) -> None:
    """From Thursday 2026-06-25 to Wednesday 2026-07-01; one is away on Tuesday, one leaves on Monday."""
    records, table = usage(
        desk, "specialist_id,date,logins\ns1,2026-06-25,3\ns2,2026-06-26,1\ns1,2026-07-01,2\n"
    )
    worked = table[table["working_day"].astype(bool)]
    assert [(row.specialist_id, f"{row.date:%m-%d}", row.logins) for row in worked.itertuples()] == [
        ("s1", "06-25", 3),
        ("s1", "06-26", 0),
        ("s1", "06-29", 0),
        ("s1", "07-01", 2),
        ("s2", "06-25", 0),
        ("s2", "06-26", 1),
    ]
    assert table["entries"].isna().all()  # the source knows nothing of entries
    [row] = records.audit[records.audit["rule"] == "day_added"].to_dict("records")
    assert row["value"] == "3"
    assert records.calendar


def test_a_log_that_says_which_days_were_worked_is_believed(desk) -> None:
    records, table = usage(
        desk, "specialist_id,date,logins,working_day\ns1,2026-07-04,3,true\ns1,2026-07-05,1,no\n"
    )
    assert table["working_day"].tolist() == [True, False] and records.calendar == ""


def test_a_blank_day_is_filled_in_and_none_is_added(desk) -> None:
    _, table = usage(desk, "specialist_id,date,logins,working_day\ns1,2026-07-03,3,true\ns1,2026-07-06,1,\n")
    assert table["working_day"].tolist() == [True, True]


def test_without_specialists_the_log_says_who_was_there(desk) -> None:
    _, table = usage(desk, "specialist_id,date,logins\ns1,2026-07-02,3\ns1,2026-07-06,1\n", people="")
    assert table["date"].dt.day.tolist() == [2, 3, 6]


def test_days_of_a_year_without_a_calendar_are_unknown(desk) -> None:
    records, table = usage(desk, "specialist_id,date,logins\ns1,2031-03-03,3\n")
    assert table["working_day"].isna().all() and len(table) == 1
    assert "calendar_unknown" in set(records.audit["rule"])
