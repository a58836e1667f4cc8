"""Goals of the sample study, and of a plan in small, against what was measured."""

import datetime as dt

import pandas as pd
import pytest

from survey_kpi.evaluation.goal_results import goal_facts, goal_results
from survey_kpi.period import Period
from survey_kpi.publishing import publish
from survey_kpi.study.goals import Goal, Goals

WORDS = {"zh": "目标", "en": "goal"}
QUARTER = Period.parse("2026Q3")


def estimates(value, low, high, subject="company"):
    row = {"period": "2026Q3", "indicator": "A01", "measure": "top_box", "subject": subject}
    return pd.DataFrame([{**row, "value": value, "conf_low": low, "conf_high": high}])


def judged(sample, table, *goals):
    study = sample.model_copy(update={"goals": Goals(schema_version=1, goals=goals)})
    return goal_results(study, table, QUARTER)


def goal(**changes):
    base = {"goal_id": "g", "text": WORDS, "indicator": "A01", "unit": "percent", "target": 80.0}
    return Goal(**{**base, "owner": {"level": "company"}, **changes})


@pytest.mark.row("R10")
@pytest.mark.parametrize(
    ("value", "low", "high", "certainty"),
    [
        (80.0, 62.69, 90.49, "not_distinguishable"),
        (85.0, 79.39, 89.29, "not_distinguishable"),
        (90.0, 85.06, 93.43, "clearly_met"),
    ],
)
def test_a_target_inside_the_interval_cannot_be_told(sample, value, low, high, certainty):
    row = judged(sample, estimates(value, low, high), goal()).iloc[0]
    assert (row["verdict"], row["certainty"]) == ("met", certainty)


@pytest.mark.row("M02")
def test_points_count_each_version_by_its_days(sample):
    two = {"agreed_by": ("a", "b")}
    first = goal(agreed_on=dt.date(2026, 6, 20), **two)
    second = goal(target=100.0, agreed_on=dt.date(2026, 8, 16), version=2, amends=1, **two)
    row = judged(sample, estimates(80.0, 70.0, 88.0), first, second).iloc[0]
    assert row["target"] == 100 and row["attainment"] == pytest.approx((100 + 80) / 2)


def test_an_owner_without_a_value_is_not_judged(sample):
    row = judged(sample, estimates(80.0, 70.0, 88.0), goal(owner={"level": "department", "id": "x"})).iloc[0]
    assert row["verdict"] == row["certainty"] == "not_judged"
    facts = list(goal_facts(QUARTER, judged(sample, estimates(80.0, 70.0, 88.0), goal(target=0.0))))
    assert [fact.key for fact in facts] == ["2026Q3/goal.target_g/company"]


def test_goals_of_people_stay_out_of_the_leadership_edition(quarter):
    assert set(quarter.goals["level"]) == {"company", "department", "person"}
    assert any(key.endswith("goal.target_speed-s05/S05") for key in quarter.facts)
    assert not any(key.endswith("/S05") for key in publish(quarter).facts)
