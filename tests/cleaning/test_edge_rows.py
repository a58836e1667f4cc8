"""Eleven answer sheets with nulls, ties and codes out of range give the same flags on every engine.

Rows and expectations: references/engine (made for this project; its README states the rules). The policy
there is "exclude on any flag", and straight lines are no reason.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.cleaning import answers, audit_rows, clean, noticed
from survey_kpi.cleaning.rule import VALID

ENGINES = ["duckdb", "spark"]


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest) -> Callable[[pd.DataFrame], Any]:
    """Put a pandas frame where an engine keeps its rows."""
    return request.getfixturevalue("spark") if request.param == "spark" else engine.scan


@pytest.fixture
def edge(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    folder = shared / "references/engine"
    text = {"row_id": str, "respondent_id": str, "specialist_id": str}
    rows = pd.read_csv(folder / "edge_rows.csv", dtype=text, parse_dates=["submitted_at"])
    rows["submitted_at"] = rows["submitted_at"].astype("datetime64[us]")
    return rows.assign(source="edge", period="2024Q1"), pd.read_csv(folder / "edge_expected.csv")


def test_flags_and_numbers(place: Callable[[pd.DataFrame], Any], edge: tuple[Any, Any], kit: Any) -> None:
    rows, expected = edge
    codebook = kit.codebook(
        {"id": "nps", "role": "ltr", "scale": "nps"},
        {"id": "attention", "role": "attention", "scale": "five", "expected": 4},
        n=12,
    )
    q = [codebook.item(f"q{number}") for number in range(1, 13)]
    shares = {"above": 0.5, "items": [item.id for item in q]}
    policy = kit.rules(at_least=1, straight_line="flag", missing_share=("exclude", shares))
    cleaned = clean(engine.scan(place(rows)), codebook, policy)

    outside = [answers.outside(item, codebook.scales["five"]) for item in q]
    numbers = cleaned.rows.select(
        "row_id",
        "keep",
        "flag_duplicate",
        "flag_too_fast",
        answers.total(nw.when(one).then(1).otherwise(0) for one in outside).alias("n_out_of_range"),
        answers.n_valid(q).alias("n_valid"),
        answers.share_missing(q, cleaned.context.asked).alias("share_missing"),
        answers.longest_run(q).alias("longstring"),
        answers.variability(q).alias("irv"),
        nw.col(VALID + "nps").alias("nps_clean"),
    )
    found = engine.collect(numbers).sort_values("row_id", key=lambda ids: ids.astype(int), ignore_index=True)
    found = found.rename(columns={"flag_duplicate": "duplicate", "flag_too_fast": "speeder"})
    assert found["row_id"].astype(int).tolist() == expected["row_id"].tolist()
    for column in ["n_out_of_range", "n_valid", "longstring", "duplicate", "speeder", "keep"]:
        assert found[column].astype(int).tolist() == expected[column].tolist(), column
    for column in ["share_missing", "irv", "nps_clean"]:
        wanted = expected[column].to_numpy(float)
        np.testing.assert_allclose(found[column].to_numpy(float), wanted, rtol=0, atol=1e-9, err_msg=column)


def test_every_rule_gives_the_same_on_every_engine(edge: tuple[Any, Any], spark: Any, kit: Any) -> None:
    rows, _ = edge
    rows = rows.assign(platform_status=["", "preview", *[""] * 9], started_at=rows["submitted_at"])
    codebook = kit.codebook({"id": "nps", "role": "ltr", "scale": "nps", "missing_codes": [99]}, n=12)
    policy = kit.rules(
        at_least=1, whole_answer="exclude", id_missing="exclude", burst=("exclude", {"at_least": 2})
    )
    here, there = (clean(engine.scan(data), codebook, policy) for data in (rows, spark(rows)))
    columns = [name for name in here.frame.collect_schema().names() if name != "submitted_at"]
    tables = [kit.table(cleaned)[columns[1:]].drop(columns="started_at") for cleaned in (here, there)]
    pd.testing.assert_frame_equal(*tables, check_dtype=False)
    pd.testing.assert_frame_equal(here.counts, there.counts)
    pd.testing.assert_frame_equal(audit_rows(here), audit_rows(there))
    assert here.thresholds == there.thresholds
    patterns = [engine.collect(one.frame.select("row_id", noticed(one).alias("by"))) for one in (here, there)]
    pd.testing.assert_frame_equal(*(one.sort_values("row_id", ignore_index=True) for one in patterns))
