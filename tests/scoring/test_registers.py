"""Actions and benchmarks say who, when and from where, or are not quoted."""

from __future__ import annotations

import pandas as pd
import pytest

from survey_kpi.errors import SpecError
from survey_kpi.scoring.registers import check_actions, check_benchmarks

ACTION = {"action_id": "t1", "owner": "客户服务部", "due": "2026-12-15", "indicator": "A09"}
BENCHMARK = {
    "indicator": "A07",
    "value": 31,
    "source": "industry survey",
    "date": "2026-03-31",
    "n": 1200,
    "wording": "How likely are you to recommend us?",
    "scale": "0-10",
}


@pytest.mark.row("P08")
@pytest.mark.parametrize("missing", ["owner", "due", "indicator"])
@pytest.mark.parametrize("empty", [None, "", "  ", float("nan")])
def test_an_action_has_an_owner_a_day_and_an_indicator(missing: str, empty: object) -> None:
    check_actions(pd.DataFrame([ACTION]), {"A09"})
    with pytest.raises(SpecError) as caught:
        check_actions(pd.DataFrame([ACTION, {**ACTION, "action_id": "t2", missing: empty}]), {"A09"})
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("action_incomplete", "actions: action t2")
    assert missing in problem.what


@pytest.mark.row("P08")
def test_all_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        check_actions(pd.DataFrame([{"action_id": "t1"}, {**ACTION, "indicator": "A90"}]), {"A09"})
    assert [problem.code for problem in caught.value.problems] == ["action_incomplete"] * 3 + ["unknown_name"]
    assert "did you mean 'A09'?" in str(caught.value)


@pytest.mark.row("A51")
@pytest.mark.parametrize("missing", ["source", "date", "n", "wording", "scale"])
def test_a_benchmark_names_where_it_comes_from(missing: str) -> None:
    check_benchmarks(pd.DataFrame([BENCHMARK]))
    with pytest.raises(SpecError) as caught:
        check_benchmarks(pd.DataFrame([{**BENCHMARK, missing: None}]))
    (problem,) = caught.value.problems
    assert problem.code == "benchmark_provenance" and problem.what.endswith(f"its {missing}")


def test_empty_registers_are_fine() -> None:
    check_actions(pd.DataFrame(columns=list(ACTION)))
    check_benchmarks(pd.DataFrame(columns=list(BENCHMARK)))
