"""Indicators of contact with customers at the exact numbers of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pytest

from survey_kpi.engine import collect, scan
from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.library.contacts import CUSTOMER_MONTHS

Company = Callable[..., dict[str, Any]]
Measured = Callable[..., pd.DataFrame]
Rows = list[dict[str, Any]]


def ends(row: Mapping[str, Any]) -> list[float]:
    return [round(float(row["conf_low"]), 2), round(float(row["conf_high"]), 2)]


def plans(count: int, *, kind: str = "visit", due: str = "2026-08-01") -> Rows:
    return [
        {"plan_id": f"p{n}", "customer_id": f"c{n}", "kind": kind, "due_at": due, "done_interaction_id": None}
        for n in range(count)
    ]


def touch(number: int, at: str, **columns: Any) -> dict[str, Any]:
    return {"interaction_id": f"i{number}", "customer_id": f"c{number}", "at": at, **columns}


def planned_and_done() -> dict[str, Rows]:
    """Twenty due: 15 done on time, 2 late, 3 missed; 5 contacts beside the plan."""
    due = plans(20)
    for n in range(8):
        due[n]["done_interaction_id"] = f"i{n}"
    touches = [touch(n, "2026-08-01" if n < 15 else "2026-09-01") for n in range(17)]
    for n in range(8, 17):
        touches[n]["plan_id"] = f"p{n}"
    after = [touch(18, "2026-10-02", plan_id="p18")]
    extra = [touch(n, "2026-08-20", planned=False, purpose="visit", direction="out") for n in range(30, 35)]
    inbound = [touch(40, "2026-08-20", direction="in"), touch(41, "2026-08-20", purpose="marketing")]
    other = plans(1, kind="dedicated_plan")[0] | {"plan_id": "d1"}
    return {"service_plans": [*due, other], "interactions": [*touches, *after, *extra, *inbound]}


@pytest.mark.row("A27")
def test_seventeen_of_twenty_planned_contacts(company: Company) -> None:
    found = company("A27", planned_and_done())
    assert (found["completion"]["value"], found["completion"]["n"]) == (85.0, 20)
    assert ends(found["completion"]) == [63.96, 94.76]
    assert found["extra"]["value"] == 5


@pytest.mark.row("P12")
def test_planned_is_on_time_and_late_and_missed(company: Company) -> None:
    found = company("A27", planned_and_done())
    counts = {name: found[name]["value"] for name in ("planned", "late", "missed")}
    assert counts == {"planned": 20, "late": 2, "missed": 3}
    assert found["on_time"]["value"] == 75.0
    on_time = found["on_time"]["value"] / 100 * found["on_time"]["n"]
    assert on_time + counts["late"] + counts["missed"] == counts["planned"]


@pytest.mark.row("A27")
def test_completion_by_tier(measured: Measured) -> None:
    tables = planned_and_done()
    tables["customers"] = [
        {"customer_id": f"c{n}", "start_at": "2025-01-01", "tier": "high" if n < 10 else "low"}
        for n in range(20)
    ]
    found = measured("A27", tables, levels=["tier"])
    shares = found[found["measure"] == "completion"].set_index("subject")["value"]
    assert shares.to_dict() == {"company": 85.0, "tier:high": 100.0, "tier:low": 70.0}


@pytest.mark.row("A28")
def test_nine_of_twelve_contacts_to_effect(company: Company) -> None:
    outcomes = ["solved"] * 5 + ["positive"] * 4 + ["neutral", None, " "]
    found = company(
        "A28", {"interactions": [touch(n, "2026-08-01", outcome=o) for n, o in enumerate(outcomes)]}
    )
    assert (found["effective"]["value"], found["effective"]["n"]) == (75.0, 12)
    assert found["blank"]["value"] == 2
    assert found["per_week"]["value"] == pytest.approx(9 / (92 / 7))


def customers(count: int, **columns: Any) -> Rows:
    return [{"customer_id": f"c{n}", "start_at": "2025-01-01", **columns} for n in range(count)]


@pytest.mark.row("A29")
def test_sixty_contacts_of_twenty_customers_in_three_months(company: Company) -> None:
    touches = [touch(n, f"2026-0{7 + n % 3}-10") | {"customer_id": f"c{n % 20}"} for n in range(60)]
    found = company("A29", {"interactions": touches, "customers": customers(20)})
    assert found["frequency"]["value"] == 1.0
    assert (found["frequency"]["n"], found["contacts"]["value"]) == (60.0, 60)
    assert found["over_contacted"]["value"] == 0


@pytest.mark.row("A29")
def test_customer_months_go_by_days_and_owner_and_sum_to_the_whole(measured: Measured) -> None:
    tables = {
        "interactions": [touch(n, "2026-09-01") | {"customer_id": "c0"} for n in range(3)],
        "customers": [*customers(1), {"customer_id": "c1", "start_at": "2026-08-16", "end_at": "2026-09-08"}],
        "ownership": [
            {
                "customer_id": "c0",
                "specialist_id": "s1",
                "valid_from": "2025-01-01",
                "valid_to": "2026-08-16",
            },
            {"customer_id": "c0", "specialist_id": "s2", "valid_from": "2026-08-16"},
            {"customer_id": "c1", "specialist_id": "s2", "valid_from": "2026-08-16"},
        ],
    }
    found = measured("A29", tables, levels=["specialist"])
    months = found[found["measure"] == "frequency"].set_index("subject")["n"]
    assert months.to_dict() == pytest.approx({"company": 3 + 3 * 23 / 92, "s1": 1.5, "s2": 1.5 + 0.75})
    rates = found[found["measure"] == "frequency"].set_index("subject")["value"]
    assert (rates["s1"], rates["s2"]) == (0.0, pytest.approx(3 / 2.25))


@pytest.mark.row("A29")
def test_over_contacted_customers_are_counted_and_listed(company: Company) -> None:
    touches = [touch(n, f"2026-08-{n + 1:02}") | {"customer_id": "c0" if n < 5 else "c1"} for n in range(9)]
    touches += [touch(20 + n, "2026-08-20", direction="in") | {"customer_id": "c1"} for n in range(5)]
    tables = {"interactions": touches, "customers": customers(2)}
    assert company("A29", tables)["over_contacted"]["value"] == 1
    assert company("A29", tables, params={"limit": 3})["over_contacted"]["value"] == 2
    row = INDICATORS["A29"]
    table = pd.DataFrame(touches).reindex(columns=["interaction_id", "customer_id", "at", "direction"])
    table["at"] = pd.to_datetime(table["at"]).astype("datetime64[us]")
    rows = CUSTOMER_MONTHS.rows({"interactions": scan(table)}, row.params)
    listed = collect(rows.filter(row.listings["over_contacted"](row.params)))
    assert listed["unit"].tolist() == ["c0"]


@pytest.mark.row("A47")
def test_call_backs_of_a_month(company: Company) -> None:
    due = plans(30, kind="callback")
    for n in range(24):
        due[n]["done_interaction_id"] = f"i{n}"
    touches = [touch(n, "2026-08-15") for n in range(24)] + [touch(25, "2026-09-01", plan_id="p25")]
    tables = {
        "service_plans": [*due, *[row | {"plan_id": f"v{n}"} for n, row in enumerate(plans(3))]],
        "interactions": touches,
    }
    found = company("A47", tables, period="2026-08")
    assert (found["rate"]["value"], found["due"]["value"]) == (80.0, 30)
    assert ends(found["rate"]) == [62.69, 90.49]


@pytest.mark.row("A47")
def test_what_is_just_below_the_target_is_no_80(company: Company) -> None:
    due = plans(2500, kind="callback")
    touches = [touch(n, "2026-08-15", plan_id=f"p{n}") for n in range(1999)]
    value = company("A47", {"service_plans": due, "interactions": touches}, period="2026-08")["rate"]["value"]
    assert value == pytest.approx(79.96)
    assert value < 80.0


@pytest.mark.row("A48")
def test_coverage_keeps_the_tier_of_the_start(company: Company) -> None:
    high = customers(40, tier="high", tier_as_of="2026-07-01")
    moved = [
        {**high[0], "tier": "low", "tier_as_of": "2026-08-15"},
        {"customer_id": "n1", "start_at": "2025-01-01", "tier": "high", "tier_as_of": "2026-08-15"},
        {"customer_id": "n2", "start_at": "2026-08-01", "tier": "high"},
        {"customer_id": "n3", "start_at": "2025-01-01", "tier": "low", "tier_as_of": None},
    ]
    earlier = [{**high[1], "tier": "mid", "tier_as_of": "2026-01-01"}]
    covered = [
        {"plan_id": f"d{n}", "customer_id": f"c{n}", "kind": "dedicated_plan", "due_at": "2026-08-01"}
        for n in [*range(38), 0]
    ]
    tables = {"customers": [*high, *moved, *earlier], "service_plans": [*covered, *plans(40)]}
    found = company("A48", tables)["coverage"]
    assert (found["value"], found["n"]) == (95.0, 40)
