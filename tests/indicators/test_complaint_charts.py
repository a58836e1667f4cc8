"""Alarms, Pareto, chains and categories of complaints."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.indicators.complaint_charts import (
    by_category,
    complaint_chart,
    monthly_complaints,
    pareto,
    repeat_chains,
)
from survey_kpi.inference.charts import poisson_alarms
from survey_kpi.period import Period

MONTHS = [str(Period.parse("2025-07").shift(k)) for k in range(15)]


def months(counts: list[int], exposure: float = 240) -> pd.DataFrame:
    return pd.DataFrame({"period": MONTHS[: len(counts)], "complaints": counts, "exposure": exposure})


@pytest.mark.row("A13")
@pytest.mark.row("G07")
def test_lines_are_drawn_and_the_exact_test_decides() -> None:
    chart = complaint_chart(months([12] * 12 + [12, 36, 23]))
    assert chart["tested"].sum() == 3
    assert chart["alarm"].tolist() == [0] * 13 + [1, 0]
    assert chart.loc[12, ["value", "lower", "upper"]].astype(float).round(2).tolist() == [5.0, 0.67, 9.33]
    assert chart.loc[14, "value"] > chart.loc[14, "upper"]  # beyond the line, yet no alarm


@pytest.mark.row("G07")
def test_more_customers_are_no_alarm() -> None:
    table = months([12] * 12 + [36])
    table.loc[12, "exposure"] = 720
    assert complaint_chart(table)["alarm"].iloc[-1] == 0


@pytest.mark.row("G07")
def test_false_alarms_are_rare_and_planted_months_found() -> None:
    """Worlds W13: false alarms in at most 5 % of stable series; 36 found in 95 %, 30 in 80 %."""
    runs = 4_000
    rng = np.random.default_rng(7)
    stable = rng.poisson(12, (runs, 24))
    false = (poisson_alarms(stable) != 0).any(axis=1).mean()
    assert false <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
    for planted, share in ((36, 0.95), (30, 0.80)):
        series = np.column_stack([stable[:, :12], rng.poisson(planted, runs)])
        found = (poisson_alarms(series) == 1).mean()
        assert found >= share - 3 * math.sqrt(share * (1 - share) / runs)
    counts = [*stable[0, :12].tolist(), 36]
    assert complaint_chart(months(counts))["alarm"].iloc[-1] == poisson_alarms(counts)[0]


@pytest.mark.row("G07")
def test_months_come_from_the_estimates(company: Callable[..., Any], measured: Callable[..., Any]) -> None:
    cases = [
        {"case_id": f"k{n}", "customer_id": "c0", "opened_at": f"2026-0{7 + n % 2}-05"} for n in range(5)
    ]
    book = [{"customer_id": f"c{n}", "start_at": "2025-01-01"} for n in range(50)]
    tables = {"complaints": cases, "customers": book}
    estimates = measured(
        "A13", tables, period=["2026-07", "2026-08", "2026-09"], params={"exposure": "customers"}
    )
    found = monthly_complaints(estimates)
    assert found.to_dict("list") == {
        "period": ["2026-07", "2026-08", "2026-09"],
        "complaints": [3.0, 2.0, 0.0],
        "exposure": [50.0, 50.0, 50.0],
    }
    quarter = company("A13", tables, params={"exposure": "customers"})
    assert quarter["complaints"]["value"] == found["complaints"].sum()


@pytest.mark.parametrize(
    ("table", "code"),
    [
        (months([12] * 14).drop(index=5), "months_apart"),
        (months([12] * 12), "too_few_points"),
        (months([12] * 13, exposure=0), "counts_invalid"),
        (months([12] * 12 + [-1]), "counts_invalid"),
    ],
)
def test_what_cannot_be_charted_is_refused(table: pd.DataFrame, code: str) -> None:
    with pytest.raises(MethodError) as caught:
        complaint_chart(table)
    assert caught.value.code == code


@pytest.mark.row("G07")
def test_the_vital_few() -> None:
    found = pareto({"b": 5, "a": 5, "c": 80, "d": 10})
    assert found["category"].tolist() == ["c", "d", "a", "b"]
    assert found["share"].tolist() == [80.0, 10.0, 5.0, 5.0]
    assert found["cumulative"].iloc[-1] == 100.0
    assert found["vital"].tolist() == [True, False, False, False]
    assert pareto({}).empty and pareto({"a": 0}).empty


@pytest.mark.row("A14")
@pytest.mark.row("G07")
def test_chains_of_repeats() -> None:
    opened = ["2026-07-01", "2026-07-31", "2026-08-30", "2026-09-30", "2026-07-02", "2026-07-02"]
    cases = pd.DataFrame(
        {
            "case_id": ["k1", "k2", "k3", "k4", "k5", "k6"],
            "customer_id": "c",
            "category": ["x"] * 4 + [None, "y"],
            "opened_at": pd.to_datetime(opened),
        }
    )
    found = repeat_chains(cases)
    assert found["case_id"].tolist() == ["k1", "k2", "k3"]
    assert found["days"].tolist()[1:] == [30.0, 30.0]
    assert repeat_chains(cases, window_days=29).empty


@pytest.mark.row("A12")
def test_the_category_next_in_size_hides_the_small_one() -> None:
    sizes = {"a": 40, "b": 25, "c": 8, "d": 27}
    rows = [
        {"indicator": "A12", "measure": "csat", "level": "category", "subject": f"category:{name}", "n": n}
        for name, n in sizes.items()
    ]
    assert by_category(pd.DataFrame(rows))["hidden"].tolist() == [False, True, True, False]
