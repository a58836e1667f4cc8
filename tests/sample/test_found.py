"""What is truly so in the sample is found, what is dirt is set aside, and what is noise is not reported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from survey_kpi import Evaluation, evaluate
from survey_kpi.sample import scaffold


@pytest.fixture(scope="module")
def truths(root: Path) -> Any:
    return json.loads((root / "data" / "raw" / "sample" / "truths.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def evaluation(evaluated: Callable[..., Evaluation], root: Path) -> Evaluation:
    return evaluated(root / "studies/sample", "2026Q3")


def planted(truths: Any, *kinds: str) -> set[str]:
    return {
        f"{Path(file).stem}:{number}"
        for file, rows in truths["dirt"].items()
        for kind in kinds
        for number in rows[kind]
    }


@pytest.mark.parametrize(
    ("rule", "action", "kinds"),
    [
        ("duplicate", "exclude", ["duplicate"]),
        ("missing_share", "exclude", ["blank"]),
        ("too_fast", "exclude", ["careless"]),
        ("out_of_range", "set_missing", ["out_of_range"]),
        ("not_a_number", "set_missing", ["not_a_number"]),
        ("parsed_number", "parsed", ["odd_digits"]),
    ],
)
@pytest.mark.row("P05")
def test_every_rule_finds_exactly_the_rows_that_were_planted(
    rule: str, action: str, kinds: list[str], evaluation: Evaluation, truths: Any
) -> None:
    audit = evaluation.audit
    found = set(audit.loc[(audit["rule"] == rule) & (audit["action"] == action), "row_id"])
    assert found == planted(truths, *kinds)


def test_sheets_that_are_only_fast_are_flagged_and_kept(evaluation: Evaluation, truths: Any) -> None:
    audit = evaluation.audit
    flagged = set(audit.loc[(audit["rule"] == "too_fast") & (audit["action"] == "flag"), "row_id"])
    assert flagged == planted(truths, "fast")


def test_the_one_real_change_is_reported_and_no_other(evaluation: Evaluation, truths: Any) -> None:
    verdicts = evaluation.comparisons.set_index("indicator")["verdict"]
    real = {
        f"A01-{item}"
        for change in truths["changes"]
        if change["quarter"] == "2026Q3"
        for item in change["items"]
    }
    assert set(verdicts[verdicts == "rose"].index) == real == {"A01-speed"}
    asked = [sheet.id for sheet in evaluation.study.indicators.indicators if sheet.item]
    assert set(verdicts[asked].drop("A01-speed")) == {"no_change"}


def test_the_planted_month_of_complaints_is_found_and_no_other(evaluation: Evaluation, truths: Any) -> None:
    """Eleven quiet months of twelve, and the one of which three times as many were drawn."""
    months = evaluation.complaints.months
    tested = months[months["tested"]]
    assert len(tested) == 12 and months["period"].iloc[-1] == "2026-09"
    [alarm] = tested[tested["alarm"] != 0].to_dict("records")
    assert alarm["alarm"] == 1
    spike = truths["records"]["complaint_spike"]
    assert {"month": alarm["period"], "category": alarm["category"]} == spike
    assert alarm["in_category"] > 0.8 * alarm["complaints"]


def test_the_team_that_solves_fewer_at_once_is_found_and_no_other(
    evaluation: Evaluation, truths: Any
) -> None:
    """Its interval lies wholly below that of the company; those of the other teams hold it."""
    table = evaluation.estimates.query("period == '2026Q3' and indicator == 'A09' and measure == 'fcr'")
    company = table.query("subject == 'company'").iloc[0]
    teams = table[table["level"] == "team"].set_index("subject")
    below = teams[teams["conf_high"] < company["conf_low"]]
    assert list(below.index) == [f"team:{truths['records']['fewer_solved_at_once']['team']}"]
    others = teams.drop(below.index)
    assert (others["conf_low"] > below["conf_high"].iloc[0]).all()


def test_a_plain_test_at_five_percent_would_have_reported_noise(evaluation: Evaluation) -> None:
    """The attitude did not change, yet its p value is below .05: why claims are tested as a family."""
    comparison = evaluation.comparisons.set_index("indicator").loc["A01-attitude"]
    assert comparison["p_value"] < 0.05
    assert comparison["verdict"] == "no_change"


def test_the_better_and_the_worse_person_are_found_and_nobody_else(
    evaluation: Evaluation, truths: Any
) -> None:
    verdicts = evaluation.tiers.set_index("subject")["verdict"]
    assert list(verdicts[verdicts == "above"].index) == truths["people"]["better"]
    assert list(verdicts[verdicts == "below"].index) == truths["people"]["worse"]


def test_a_new_study_runs_as_it_is(tmp_path: Path) -> None:
    scaffold(tmp_path / "ours")
    found = evaluate(tmp_path / "ours", "2026Q3", data=tmp_path / "ours" / "data")
    assert found.study.study.name == "ours"
    assert len(found.scores) == 8
    assert set(found.comparisons["indicator"]) == {"A01", "A01-speed", "A01-problem_solving", "A07"}
