"""Goal against result, and the period behind it."""

import math

import pytest

from survey_kpi.errors import SpecError
from survey_kpi.inference.intervals import wilson
from survey_kpi.period import Period
from survey_kpi.report.tables import beside_edges
from survey_kpi.scoring.attainment import attainment
from survey_kpi.scoring.periods import check_graded, reliability_by_period
from survey_kpi.scoring.verdicts import certainty, verdicts
from survey_kpi.study.models import ScoreRule


@pytest.mark.row("R10")
@pytest.mark.parametrize(
    ("x", "n", "value", "interval", "said"),
    [
        (24, 30, 80.0, (62.69, 90.49), "not_distinguishable"),
        (170, 200, 85.0, (79.39, 89.29), "not_distinguishable"),
        (180, 200, 90.0, (85.06, 93.43), "clearly_met"),
    ],
)
def test_goals_against_80_percent(x, n, value, interval, said):
    low, high = (100 * end for end in wilson(x, n))
    assert (round(low, 2), round(high, 2)) == interval
    actual = 100 * x / n
    assert actual == value and verdicts(actual, 80.0) == "met"
    assert certainty(actual, low, high, 80.0) == said


@pytest.mark.row("R10")
def test_attainment_of_a_goal_that_is_just_met_is_100():
    assert attainment(80.0, 80.0, rule=ScoreRule(formula="linear")) == 100.0


def test_lower_is_better_and_the_unmeasured():
    assert verdicts([5.0, 5.01, math.nan], 5.0, "lower").tolist() == ["met", "not_met", "not_judged"]
    said = certainty([9.0, math.nan, 3.0], [8.0, math.nan, 2.0], [10.0, math.nan, 4.0], 5.0, "lower")
    assert said.tolist() == ["clearly_not_met", "not_judged", "clearly_met"]
    assert certainty(90.0, math.nan, math.nan, 80.0) == "clearly_met"  # no sampling error


@pytest.mark.row("A47")
@pytest.mark.row("T60")
def test_79_96_is_not_met_and_never_printed_as_80():
    assert verdicts([80.0, 79.96], 80.0).tolist() == ["met", "not_met"]
    assert beside_edges(79.96, "percent", [80.0]) == "79.96%"
    assert beside_edges(79.5, "points", [60.0, 80.0]) == "79.5"


@pytest.mark.row("W12")
def test_reliability_grows_with_the_period():
    """p = .80, tau = 4 pp: 15 -> .130, 30 -> .231, 60 -> .375, 200 -> .667."""
    for per_month, expected in ((15, 0.130), (30, 0.231), (60, 0.375), (200, 0.667)):
        found = reliability_by_period(0.04**2, 0.16, per_month)
        assert found["reliability"][0] == pytest.approx(expected, abs=5e-4)
    assert reliability_by_period(0.04**2, 0.16, 20)["n"].tolist() == [20, 60, 240]


@pytest.mark.row("T12")
def test_a_month_is_not_graded():
    with pytest.raises(SpecError) as refusal:
        check_graded(Period.parse("2026-07"))
    assert refusal.value.code == "period_too_short_for_grade"
    assert check_graded(Period.parse("2026Q3")).is_quarter
