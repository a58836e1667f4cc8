"""What a plan rewards, how crowded it is, and what measuring costs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_kpi.evaluation import open_study
from survey_kpi.scoring import graded
from survey_kpi.scoring.audit import composite
from survey_kpi.scoring.balance import balance, effective_number, plan_findings
from survey_kpi.study.goals import Goal
from survey_kpi.study.models import EvidenceRule, IndicatorSheet

WORDS = {"zh": "指标", "en": "indicator"}


def sheet(name: str, **more: Any) -> IndicatorSheet:
    return IndicatorSheet.model_validate(
        {"id": name, "kpi": name, "label": WORDS, "definition": WORDS, **more}
    )


def codes(sheets: list[IndicatorSheet], weights: dict[str, float], **more: Any) -> list[str]:
    return [finding.code for finding in balance(sheets, weights, **more).findings]


@pytest.mark.row("M14")
@pytest.mark.row("W07")
def test_results_alone_are_a_warning_and_shares_add_up() -> None:
    sheets = [sheet("A01"), sheet("A10", tag="process"), sheet("A46", tag="ability")]
    found = balance(sheets, {"A01": 0.5, "A10": 0.3, "A46": 0.2})
    assert found.tags == {"result": 0.5, "process": 0.3, "ability": 0.2}
    assert found.findings == ()
    assert codes([sheet("A01"), sheet("A07")], {"A01": 0.5, "A07": 0.5}) == ["no_process_indicator"]


@pytest.mark.row("M14")
def test_a_process_indicator_without_weight_is_none() -> None:
    sheets = [sheet("A01"), sheet("A10", tag="process")]
    assert codes(sheets, {"A01": 1.0, "A10": 0.0}) == ["no_process_indicator"]


@pytest.mark.row("W08")
@pytest.mark.parametrize(("share", "expected"), [(0.5, []), (0.51, ["financial_overweight"])])
def test_money_may_have_half_of_the_weight(share: float, expected: list[str]) -> None:
    sheets = [sheet("A38", financial=True), sheet("A10", tag="process")]
    assert codes(sheets, {"A38": share, "A10": 1 - share}) == expected


@pytest.mark.row("W08")
def test_half_made_of_decimal_thirds_is_still_half() -> None:
    """.1 + .2 + .2 is .5 exactly in words, and .5000000000000001 in binary."""
    sheets = [sheet(name, financial=True) for name in ("A37", "A38", "A39")] + [sheet("A10", tag="process")]
    assert codes(sheets, {"A37": 0.1, "A38": 0.2, "A39": 0.2, "A10": 0.5}) == []


@pytest.mark.row("W09")
def test_five_unequal_weights_are_as_concentrated_as_4_44_equal_ones() -> None:
    weights = {f"K{n}": w for n, w in enumerate((0.30, 0.25, 0.20, 0.15, 0.10))}
    found = balance([sheet(name, tag="process") for name in weights], weights)
    assert found.count == 5
    assert round(found.effective, 2) == 4.44
    assert effective_number([0.2] * 5) == pytest.approx(5)


@pytest.mark.row("W01")
def test_eight_scored_indicators_are_too_many_and_seven_are_not() -> None:
    sheets = [sheet(f"K{n}", tag="process") for n in range(8)]
    assert codes(sheets, {f"K{n}": 1 / 8 for n in range(8)}) == ["too_many_indicators"]
    assert codes(sheets, {f"K{n}": 1 / 7 for n in range(7)}) == []
    assert codes(sheets, {f"K{n}": 1 / 7 for n in range(7)}, most_indicators=5) == ["too_many_indicators"]


@pytest.mark.row("W01")
def test_noise_drowns_the_signal_of_four_informative_indicators() -> None:
    """World W7: 20 people, 4 indicators = truth + normal(0, .5), the rest noise; .94, .69, .33."""
    rng = np.random.default_rng(7)
    worlds = 2000
    for count, expected in ((5, 0.94), (20, 0.69), (133, 0.33)):
        truth = rng.standard_normal((worlds, 20))
        total = rng.standard_normal((worlds, 20)) * np.sqrt(count - 4)  # the sum of the noise columns
        total += (truth[:, :, None] + 0.5 * rng.standard_normal((worlds, 20, 4))).sum(axis=2)
        centred = [x - x.mean(axis=1, keepdims=True) for x in (truth, total)]
        r = (centred[0] * centred[1]).sum(axis=1) / np.sqrt(
            (centred[0] ** 2).sum(axis=1) * (centred[1] ** 2).sum(axis=1)
        )
        error = r.std() / np.sqrt(worlds)
        assert abs(r.mean() - expected) <= 3 * error + 0.005, (count, r.mean(), error)


@pytest.mark.row("A35")
def test_system_usage_alone_stands_for_no_process() -> None:
    usage, others = sheet("A35", tag="process"), [sheet("A01"), sheet("A10", tag="process")]
    weights = {"A01": 0.7, "A35": 0.3}
    assert codes([usage, *others], weights) == ["gameable_alone"]
    assert codes([usage, *others], {"A01": 0.5, "A35": 0.3, "A10": 0.2}) == []


@pytest.mark.row("W11")
def test_the_burden_is_marked_incomplete_where_a_cost_is_not_stated() -> None:
    sheets = [sheet("A01", cost_hours=6), sheet("A10", cost_hours=2.5), sheet("A31")]
    burden = balance(sheets, {"A01": 1.0}).burden
    assert burden.hours == {"A01": 6, "A10": 2.5, "A31": None}
    assert (burden.total, burden.complete) == (8.5, False)
    assert balance(sheets[:2], {"A01": 1.0}).burden.complete


@pytest.mark.row("W04")
def test_what_people_report_of_themselves_is_at_most_c() -> None:
    grade = graded(500, EvidenceRule(), doubts=["self_report"])
    assert (grade.grade, grade.uncapped, grade.reasons) == ("C", "A", ("self_report",))


def test_a_study_tells_its_doubts_before_data_are_opened(root: Path) -> None:
    study = open_study(root / "studies/sample")
    before = {finding.code for finding in plan_findings(study)}
    assert not before & {"too_many_indicators", "financial_overweight"}
    lost = Goal.model_validate({"goal_id": "lost", "text": WORDS, "owner": {"level": "person", "id": "S01"}})
    goals = study.goals.model_copy(update={"goals": (lost,)})
    after = {finding.code for finding in plan_findings(study.model_copy(update={"goals": goals}))}
    assert after - before == {"goal_orphan"}


def test_a_composite_lacks_a_person_with_a_gap() -> None:
    table = pd.DataFrame({"a": [80.0, 90.0], "b": [100.0, np.nan]}, index=["s1", "s2"])
    found = composite(table, {"a": 0.5, "b": 0.5})
    assert found["s1"] == 90 and np.isnan(found["s2"])
