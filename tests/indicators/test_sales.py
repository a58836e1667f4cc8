"""A24 to A26, A36 to A39, A49, A50: the numbers of the definition sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from survey_kpi.segments.values import customer_values

Company = Callable[..., dict[str, Any]]
Lines = list[dict[str, Any]]


def leads(count: int, **cells: Any) -> Lines:
    return [{"lead_id": f"{cells}{n}", "customer_id": f"c{n}", **cells} for n in range(count)]


def order(amount: float, customer: str = "c", **cells: Any) -> dict[str, Any]:
    line = {"customer_id": customer, "ordered_at": "2026-08-01", "amount": amount, "currency": "CNY"}
    return {"order_id": f"{customer}{amount}{cells}", **line, **cells}


def close(found: dict[str, Any], low: float, high: float) -> bool:
    return found["conf_low"] == pytest.approx(low, abs=0.005) and found["conf_high"] == pytest.approx(
        high, abs=0.005
    )


@pytest.mark.row("A24")
def test_new_customers_need_a_contract(company: Company) -> None:
    won = {"created_at": "2026-05-01", "won_at": "2026-08-01", "kind": "new_customer"}
    rows = [
        *leads(8, **won, contract_id="k"),
        *leads(1, **won),
        *leads(1, **{**won, "kind": "upsell"}, contract_id="k"),
    ]
    found = company("A24", {"leads": rows})["contracts"]
    assert found["value"] == 8
    assert close(found, 3.45, 15.76)


@pytest.mark.row("A25")
def test_value_of_a_customer(company: Company) -> None:
    rows = [order(100), order(200), order(300)]
    found = company("A25", {"orders": rows})
    values = {name: found[name]["value"] for name in ("average_order", "frequency", "value")}
    assert values == {"average_order": 200, "frequency": 3, "value": 600}
    worth = customer_values(pd.DataFrame([*rows, order(400, "d")]))
    assert worth["share"].tolist() == [60.0, 40.0]


@pytest.mark.row("A25")
def test_contribution_is_the_difference_from_the_tier() -> None:
    orders = pd.DataFrame({"customer_id": ["a", "b", "c"], "amount": [10.0, 30.0, 5.0]})
    worth = customer_values(orders, pd.Series({"a": "high", "b": "high", "c": "low"}))
    assert worth.set_index("customer_id")["contribution"].to_dict() == {"b": 10.0, "a": -10.0, "c": 0.0}


@pytest.mark.row("A26")
def test_opportunities_handed_over_and_won(company: Company) -> None:
    passed = {"created_at": "2026-04-01", "passed_at": "2026-05-10", "kind": "upsell"}
    rows = [*leads(2, **passed, won_at="2026-06-01"), *leads(4, **{**passed, "kind": "cross_sell"})]
    fresh = leads(5, created_at="2026-07-01", passed_at="2026-08-10", kind="upsell")
    found = company("A26", {"leads": [*rows, *fresh]})
    assert found["win_rate"]["value"] == pytest.approx(100 / 3)
    assert close(found["win_rate"], 9.68, 70.00)
    assert (found["passed"]["value"], found["not_mature"]["value"]) == (5, 5)


@pytest.mark.row("A36")
def test_young_leads_are_not_in_the_base(company: Company) -> None:
    old, young = {"created_at": "2026-05-01"}, {"created_at": "2026-09-01"}
    rows = [*leads(24, **old, won_at="2026-06-01"), *leads(56, **old), *leads(20, **young)]
    found = company("A36", {"leads": rows})
    assert found["conversion"]["value"] == 30.0
    assert close(found["conversion"], 21.06, 40.77)
    assert found["not_mature"]["value"] == 20


@pytest.mark.row("A37")
def test_sales_and_the_time_to_win_with_open_leads(company: Company) -> None:
    won = [("2026-08-01 00:00", f"2026-08-0{day} 00:00") for day in (2, 3, 9)]
    rows = [
        {"lead_id": f"l{n}", "created_at": start, "won_at": end} for n, (start, end) in enumerate(won)
    ] + [{"lead_id": "open", "created_at": "2026-08-01 00:00"}]
    found = company("A37", {"leads": rows, "orders": [order(60, units=2), order(36, units=1)]})
    assert (found["amount"]["value"], found["units"]["value"]) == (96, 3)
    assert found["cycle_time"]["value"] == 48.0
    assert found["cycle_time"]["n"] == 4


@pytest.mark.row("A38")
def test_the_parts_are_the_whole_to_the_cent(company: Company) -> None:
    rows = [
        order(amount, f"c{n}", kind=kind)
        for n, (amount, kind) in enumerate(
            [(0.1, "new"), (0.2, "renewal"), (10.05, "cross_sell"), (7.35, "upsell"), (3.33, None)]
        )
    ]
    found = company("A38", {"orders": rows})
    parts = [found[name]["value"] for name in ("new", "renewal", "cross_sell", "upsell", "unclassified")]
    assert parts[-1] == 3.33
    assert round(sum(parts), 2) == round(found["amount"]["value"], 2) == 21.03


@pytest.mark.row("A39")
def test_return_on_investment_and_its_states(company: Company) -> None:
    campaign = {"campaign_id": "a", "start_at": "2026-08-01", "cost": 100.0, "attributed_revenue": 150.0}
    assert company("A39", {"campaigns": [campaign]})["roi"]["value"] == 50.0
    free = company("A39", {"campaigns": [{**campaign, "cost": 0.0}]})["roi"]
    assert free["state"] == "not_applicable"
    unknown = company("A39", {"campaigns": [{**campaign, "cost": None}]})["roi"]
    assert unknown["state"] == "unavailable"


@pytest.mark.row("A49")
def test_penetration_of_a_product(company: Company) -> None:
    customers = [{"customer_id": f"c{n}", "start_at": "2024-01-01"} for n in range(150)]
    orders = [order(5.0, f"c{n}", product="suite") for n in range(60)] + [order(1.0, "c0", product="extra")]
    found = company("A49", {"customers": customers, "orders": orders}, params={"product": "suite"})
    assert found["penetration"]["value"] == 40.0
    assert close(found["penetration"], 32.50, 48.00)
    assert found["products"]["value"] == pytest.approx(61 / 150)
    assert found["revenue"]["value"] == 300.0


@pytest.mark.row("A50")
def test_growth_without_a_base_is_not_measured(company: Company) -> None:
    told = [(110.0, 100.0), (120.0, 100.0), (90.0, 100.0), (50.0, None), (50.0, 0.0)]
    rows = [
        {"customer_id": f"c{n}", "start_at": "2024-01-01", "own_revenue": now, "own_revenue_before": before}
        for n, (now, before) in enumerate(told)
    ]
    found = company("A50", {"customers": rows})
    assert (found["growth"]["value"], found["growth"]["n"]) == (10.0, 3)
    assert found["coverage"]["value"] == 60.0
    nobody = company("A50", {"customers": rows[3:]})["growth"]
    assert nobody["state"] == "unavailable"
