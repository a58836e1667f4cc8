"""Indicators of records and of the system's use at the exact numbers of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.record_estimates import missing_records
from survey_kpi.indicators.records import record_scans
from survey_kpi.study.models import IndicatorSheet, Text

Company = Callable[..., dict[str, Any]]
Measured = Callable[..., pd.DataFrame]


def ends(row: Mapping[str, Any]) -> list[float]:
    return [round(float(row["conf_low"]), 2), round(float(row["conf_high"]), 2)]


def entry(number: int, *, complete: bool, on_time: bool) -> dict[str, Any]:
    return {
        "interaction_id": f"i{number}", "customer_id": "c", "at": "2026-08-01 09:00",
        "recorded_at": "2026-08-02 09:00" if on_time else "2026-08-02 09:00:01",
        "summary": "回访", "next_step": "寄样" if complete else "  ",
    }  # fmt: skip


@pytest.mark.row("A30")
def test_three_rates_of_entries(company: Company) -> None:
    kinds = [(True, True)] * 14 + [(True, False)] * 3 + [(False, True)] + [(False, False)] * 2
    rows = [entry(n, complete=full, on_time=soon) for n, (full, soon) in enumerate(kinds)]
    found = company("A30", {"interactions": rows})
    assert [found[name]["value"] for name in ("complete", "on_time", "both")] == [85.0, 75.0, 70.0]


@pytest.mark.row("A30")
def test_fields_are_declared_and_a_record_before_its_contact_is_no_timeliness(company: Company) -> None:
    rows = [entry(1, complete=True, on_time=True), entry(2, complete=True, on_time=True)]
    rows[1]["recorded_at"] = "2026-07-31"
    late = {**entry(3, complete=True, on_time=True), "recorded_at": None}
    found = company("A30", {"interactions": [*rows, late]}, params={"fields": ["summary", "case_id"]})
    assert found["complete"]["value"] == 0.0
    assert (found["on_time"]["value"], found["on_time"]["n"]) == (50.0, 2)
    assert found["disordered"]["value"] == 1


def profiles(count: int, **columns: Any) -> list[dict[str, Any]]:
    full = dict.fromkeys(("phone", "email", "address", "preference"), "x")
    return [{"customer_id": f"c{n}", "start_at": "2025-01-01", **full, **columns} for n in range(count)]


def audits(matching: int, count: int) -> list[dict[str, Any]]:
    return [
        {"customer_id": f"c{n}", "field": "phone", "crm_value": " 138 " if n < matching else "139",
         "true_value": "138", "audited_at": "2026-08-01"}
        for n in range(count)
    ]  # fmt: skip


FOUR = {"fields": ["phone", "email", "address", "preference"]}


@pytest.mark.row("A31")
def test_completeness_by_cell_and_by_record_and_accuracy_apart(company: Company) -> None:
    rows = profiles(5)
    rows[0] |= {"phone": "", "email": None}
    rows[1] |= {"address": " "}
    gone = profiles(1, customer_id="c9", end_at="2026-08-01", phone=None)
    unclear = [{**audits(1, 1)[0], "true_value": None}]
    found = company("A31", {"customers": [*rows, *gone], "audits": [*audits(18, 20), *unclear]}, params=FOUR)
    assert (found["completeness"]["value"], found["completeness_records"]["value"]) == (85.0, 60.0)
    assert (found["accuracy"]["value"], found["accuracy"]["n"]) == (90.0, 20)
    assert ends(found["accuracy"]) == [69.90, 97.21]
    assert found["unverified"]["value"] == 1


@pytest.mark.row("A32")
def test_without_an_audit_accuracy_is_unavailable_and_never_100(company: Company) -> None:
    found = company("A32", {"audits": audits(18, 20)})
    assert ends(found["accuracy"]) == [69.90, 97.21]
    none = company("A32", {"audits": []})
    assert (none["accuracy"]["state"], pd.isna(none["accuracy"]["value"])) == ("unavailable", True)
    words = Text(zh="A32", en="A32")
    [scan] = record_scans([IndicatorSheet(id="A32", kpi="A32", label=words, definition=words)])
    missing = missing_records(scan.scores, ["2026Q3"], reason="the table audits is not declared")
    assert set(missing["state"]) == {"unavailable"} and missing["value"].isna().all()


@pytest.mark.row("A32")
def test_only_the_declared_fields_of_an_audit(company: Company) -> None:
    other = [{**row, "field": "industry"} for row in audits(0, 5)]
    tables = {"audits": [*audits(18, 20), *other]}
    assert company("A32", tables, params={"audited_fields": ["phone"]})["accuracy"]["value"] == 90.0
    assert company("A32", tables)["accuracy"]["value"] == pytest.approx(100 * 18 / 25)


def test_repairs_have_a_home_and_no_number() -> None:
    assert INDICATORS["A33"].home and not INDICATORS["A33"].measures


@pytest.mark.row("A34")
def test_ninety_days_exactly_are_fresh(company: Company) -> None:
    edge, stale = "2026-07-03", "2026-07-02 23:59:59"
    rows = profiles(88, last_updated_at=edge) + profiles(11, last_updated_at=stale) + profiles(1)
    rows = [{**row, "customer_id": f"c{n}"} for n, row in enumerate(rows)]
    found = company(
        "A34", {"customers": [*rows, {**rows[0], "customer_id": "x", "last_updated_at": "2026-10-03"}]}
    )
    assert (found["fresh"]["value"], found["fresh"]["n"]) == (88.0, 100)
    assert ends(found["fresh"]) == [80.19, 93.00]
    assert found["updated_later"]["value"] == 1
    ages = {name: row["value"] for name, row in found.items() if name.startswith("age_")}
    assert ages == {"age_30": 0, "age_60": 0, "age_90": 88, "age_180": 11, "age_365": 0, "age_older": 0}
    assert sum(ages.values()) + found["never_updated"]["value"] == 100


@pytest.mark.row("A34")
def test_lost_customers_are_marked_within_thirty_days(company: Company) -> None:
    def lost(number: int, end: str, marked: str | None) -> dict[str, Any]:
        return {
            "customer_id": f"l{number}",
            "start_at": "2025-01-01",
            "end_at": end,
            "marked_lost_at": marked,
        }

    rows = [
        lost(1, "2026-07-01", "2026-07-31"),
        lost(2, "2026-07-01", "2026-08-01"),
        lost(3, "2026-07-01", None),
    ]
    rows += [lost(4, "2026-09-20", None), lost(5, "2026-06-20", None)]
    found = company("A34", {"customers": rows})
    assert (found["marked"]["value"], found["marked"]["n"]) == (pytest.approx(100 / 3), 3)
    assert found["marking_waits"]["value"] == 1


@pytest.mark.row("A35")
def test_forty_of_sixty_working_days(company: Company) -> None:
    def day(number: int, **columns: Any) -> dict[str, Any]:
        date = pd.Timestamp("2026-07-01") + pd.Timedelta(days=number)
        return {"specialist_id": "s1", "date": date, "working_day": True, **columns}

    rows = [day(n, logins=1, active_minutes=90, entries=4, entries_on_time=3) for n in range(40)]
    rows += [day(n, logins=0, active_minutes=0) for n in range(40, 60)]
    rows += [day(n, logins=5, working_day=False) for n in range(60, 70)] + [day(80, working_day=None)]
    found = company("A35", {"usage": rows})
    assert (round(found["active"]["value"], 1), found["active"]["n"]) == (66.7, 60)
    assert found["minutes"]["value"] == 60.0
    assert found["entries_on_time"]["value"] == 75.0
    assert found["day_unknown"]["value"] == 1


@pytest.mark.row("A35")
def test_use_belongs_to_the_person_and_team_of_the_day(measured: Measured) -> None:
    rows = [
        {"specialist_id": who, "date": "2026-08-03", "logins": logins, "working_day": True}
        for who, logins in (("s1", 1), ("s2", 0))
    ]
    spells = [
        {"specialist_id": who, "name": who, "valid_from": "2020-01-01", "team": team}
        for who, team in (("s1", "East"), ("s2", "East"))
    ]
    found = measured("A35", {"usage": rows, "specialists": spells}, levels=["team", "specialist"])
    active = found[found["measure"] == "active"].set_index("subject")["value"]
    assert active.to_dict() == {"company": 50.0, "team:East": 50.0, "s1": 100.0, "s2": 0.0}
