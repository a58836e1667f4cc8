"""Attribution and sums: who a row belongs to, and that nothing is lost or counted twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

Measured = Callable[..., pd.DataFrame]


def customers(count: int, *, lost: int = 0, lost_on: str = "2026-08-20") -> list[dict[str, Any]]:
    return [
        {
            "customer_id": f"c{n}",
            "start_at": "2024-01-01",
            "end_at": lost_on if n < lost else None,
            "tier": "high",
        }
        for n in range(count)
    ]


def spells(*people: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"specialist_id": who, "name": who, "valid_from": "2020-01-01", "valid_to": None, "team": team}
        for who, team in people
    ]


@pytest.mark.row("A20")
def test_a_customer_who_moved_counts_by_days_for_each_owner(measured: Measured) -> None:
    tables = {
        "customers": customers(1),
        "ownership": [
            {
                "customer_id": "c0",
                "specialist_id": "s1",
                "valid_from": "2025-01-01",
                "valid_to": "2026-08-16",
            },
            {"customer_id": "c0", "specialist_id": "s2", "valid_from": "2026-08-16"},
        ],
        "specialists": spells(("s1", "East"), ("s2", "West")),
    }
    found = measured(
        "A20", tables, params={"denominator": "period_start"}, levels=["team", "specialist", "tier"]
    ).set_index("subject")
    assert found.loc["s1", "n"] == found.loc["s2", "n"] == pytest.approx(46 / 92)
    assert found.loc[["team:East", "team:West"], "n"].sum() == found.loc["company", "n"] == 1
    assert found.loc["tier:high", "n"] == 1


def test_a_row_belongs_to_the_owner_at_its_time_and_what_belongs_to_nobody_stays_with_the_company(
    measured: Measured,
) -> None:
    case = {"customer_id": "c0", "due_at": "2026-08-02", "resolved_at": "2026-08-02"}
    tables = {
        "complaints": [
            {**case, "case_id": "k1", "opened_at": "2026-07-01", "specialist_id": "s9"},
            {**case, "case_id": "k2", "opened_at": "2026-08-01"},
            {**case, "case_id": "k3", "opened_at": "2026-08-01", "customer_id": "c9"},
            {**case, "case_id": "k4", "opened_at": "2026-10-01"},
        ],
        "ownership": [
            {
                "customer_id": "c0",
                "specialist_id": "s1",
                "valid_from": "2026-01-01",
                "valid_to": "2026-08-01",
            },
            {"customer_id": "c0", "specialist_id": "s2", "valid_from": "2026-08-01"},
        ],
    }
    found = measured("A10", tables, levels=["specialist"])
    bases = found[found["measure"] == "on_time"].set_index("subject")["n"].to_dict()
    assert bases == {"company": 3, "s1": 1, "s2": 1}


@pytest.mark.row("A10")
def test_open_and_overdue_fails_and_not_yet_due_waits(company: Callable[..., dict[str, Any]]) -> None:
    on_time = [("2026-07-10", "2026-07-10")] * 6
    cases = [*on_time, *[("2026-07-10", "2026-07-11")] * 2, ("2026-07-10", None), ("2026-10-10", None)]
    rows = [
        {
            "case_id": f"k{n}",
            "customer_id": "c",
            "opened_at": "2026-07-01",
            "due_at": due,
            "resolved_at": done,
        }
        for n, (due, done) in enumerate(cases)
    ]
    found = company("A10", {"complaints": rows})
    assert found["on_time"]["value"] == pytest.approx(100 * 6 / 9)
    assert found["on_time"]["n"] == 9
    assert found["not_due"]["value"] == 1
