"""A19 to A23: the numbers of the definition sheets."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from survey_kpi.errors import SpecError

Company = Callable[..., dict[str, Any]]
START = {"denominator": "period_start"}


def book(count: int, *, lost: int, start: str = "2024-01-01", name: str = "c") -> list[dict[str, Any]]:
    return [
        {"customer_id": f"{name}{n}", "start_at": start, "end_at": "2026-09-01" if n < lost else None}
        for n in range(count)
    ]


CUSTOMERS = [*book(200, lost=10), *book(40, lost=4, start="2026-07-05", name="n")]


@pytest.mark.row("A19")
def test_churn_is_of_those_who_were_there_at_the_start(company: Company) -> None:
    found = company("A19", {"customers": CUSTOMERS}, params=START)
    assert found["churn"]["value"] == 5.0
    ends = (found["churn"]["conf_low"], found["churn"]["conf_high"])
    assert ends == (pytest.approx(2.74, abs=0.005), pytest.approx(8.96, abs=0.005))
    assert found["new_lost"]["value"] == 4


@pytest.mark.row("A19")
def test_another_denominator_is_another_number(company: Company) -> None:
    found = company("A19", {"customers": CUSTOMERS}, params={"denominator": "start_plus_new"})
    assert found["churn"]["value"] == pytest.approx(5.8333, abs=1e-4)
    assert found["churn_average_base"]["value"] == pytest.approx(100 * 14 / ((200 + 226) / 2))


@pytest.mark.row("A19")
def test_every_definition_stands_beside_the_chosen_one_under_its_name(company: Company) -> None:
    for denominator in ("period_start", "start_plus_new"):
        found = company("A19", {"customers": CUSTOMERS}, params={"denominator": denominator})
        assert found["churn"]["value"] == found[f"churn_{denominator}"]["value"]
        assert found["churn_period_start"]["value"] == 5.0
        assert found["churn_start_plus_new"]["value"] == pytest.approx(100 * 14 / 240)


@pytest.mark.parametrize("wrong", [{"denominator": "average"}, {**START, "attribution": "last"}])
def test_a_choice_that_does_not_exist_is_refused(company: Company, wrong: dict[str, str]) -> None:
    with pytest.raises(SpecError) as raised:
        company("A19", {"customers": CUSTOMERS}, params=wrong)
    assert raised.value.code == "unknown_parameter"


MOVED = {
    "customers": [
        {"customer_id": "stays", "start_at": "2024-01-01"},
        {"customer_id": "goes", "start_at": "2024-01-01", "end_at": "2026-09-15"},
    ],
    "ownership": [
        {"customer_id": name, "specialist_id": who, "valid_from": start, "valid_to": end}
        for name, last in (("stays", None), ("goes", "2026-09-15"))
        for who, start, end in (("s1", "2024-01-01", "2026-08-16"), ("s2", "2026-08-16", last))
    ],
}


@pytest.mark.row("A20")
def test_a_customer_who_moved_is_shared_by_days_or_is_the_last_owners(measured) -> None:
    """46 of 92 days for who stayed; 46 and 30 of 76 days until the loss for who went."""
    by_days = {"s1": 0.5 + 46 / 76, "s2": 0.5 + 30 / 76}
    for attribution, bases in (("days", by_days), ("owner_at_loss", {"s1": 0.0, "s2": 2.0})):
        params = {**START, "attribution": attribution}
        found = measured("A20", MOVED, levels=["specialist"], params=params).set_index("subject")["n"]
        people = {who: found.get(who, 0.0) for who in bases}
        assert people == pytest.approx(bases)
        assert sum(people.values()) == pytest.approx(found["company"])


@pytest.mark.row("A20")
@pytest.mark.row("A21")
def test_retention_and_churn_are_one_hundred(company: Company) -> None:
    chance = random.Random(7)
    for size in (1, 10, 100, 1000):
        customers = book(size, lost=chance.randint(0, size))
        churn = company("A19", {"customers": customers}, params=START)["churn"]["value"]
        retention = company("A20", {"customers": customers}, params=START)["retention"]["value"]
        keeping = company("A21", {"customers": customers}, params=START)["keeping"]["value"]
        assert retention == keeping
        assert churn + retention == pytest.approx(100.0, abs=1e-12)


@pytest.mark.row("A23")
def test_who_bought_before_and_bought_again(company: Company) -> None:
    earlier = [{"order_id": f"a{n}", "customer_id": f"c{n}", "ordered_at": "2026-03-01"} for n in range(50)]
    again = [{"order_id": f"b{n}", "customer_id": f"c{n}", "ordered_at": "2026-08-01"} for n in range(15)]
    first = [{"order_id": "x", "customer_id": "new", "ordered_at": "2026-08-01"}]
    rows = [{**row, "amount": 1.0, "currency": "CNY"} for row in (*earlier, *again, *again, *first)]
    found = company("A23", {"orders": rows})["repeat"]
    assert (found["value"], found["n"]) == (30.0, 50)
    ends = (found["conf_low"], found["conf_high"])
    assert ends == (pytest.approx(19.10, abs=0.005), pytest.approx(43.75, abs=0.005))


@pytest.mark.row("A23")
def test_a_buyer_who_had_left_before_the_start_is_not_in_the_base(company: Company) -> None:
    orders = [
        {"order_id": who, "customer_id": who, "ordered_at": "2026-03-01", "amount": 1.0, "currency": "CNY"}
        for who in ("stays", "left")
    ]
    customers = [
        {"customer_id": "stays", "start_at": "2024-01-01"},
        {"customer_id": "left", "start_at": "2024-01-01", "end_at": "2026-05-01"},
    ]
    assert company("A23", {"orders": orders, "customers": customers})["repeat"]["n"] == 1
