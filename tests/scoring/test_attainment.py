"""Attainment: the numbers of row R01 and the laws around them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SpecError
from survey_kpi.scoring import FORMULAS, attainment
from survey_kpi.study.models import ScoreRule

LINEAR = ScoreRule(formula="linear")


@pytest.mark.row("R01")
@pytest.mark.row("R03")
@pytest.mark.parametrize(
    ("actual", "target", "options", "points"),
    [  # worked examples of the appraisal rules this package implements (row R01, R03)
        (8.74, 9.2, {}, 95.0),
        (9.66, 9.2, {}, 102.5),
        (6, 5, {"direction": "lower"}, 80.0),
        (4, 5, {"direction": "lower"}, 110.0),
        (-5, 10, {"anchor": -100}, 100 * 95 / 110),
    ],
)
def test_worked_examples(actual, target, options, points):
    assert attainment(actual, target, rule=LINEAR, **options) == pytest.approx(points, abs=1e-9)


@pytest.mark.row("R01")
@pytest.mark.row("T08")
def test_the_other_reading_of_proportional_is_a_formula_of_its_own():
    rule = ScoreRule(formula="ratio_target_over_actual")
    assert attainment(6, 5, rule=rule, direction="lower") == pytest.approx(83.3333333, abs=1e-6)


@pytest.mark.row("R03")
def test_cap_and_threshold():
    assert attainment(4, 5, rule=ScoreRule(formula="linear", cap=105), direction="lower") == 105
    step = ScoreRule(formula="step")
    assert attainment([79.96, 80.0], 80, rule=step).tolist() == [0, 100]
    assert attainment([0, 1], 0, rule=step, direction="lower").tolist() == [100, 0]


def test_identity_is_the_percentage_itself():
    assert attainment(82.4, 85, rule=ScoreRule(formula="identity")) == pytest.approx(82.4)


@pytest.mark.row("R01")
@pytest.mark.row("T04")
@pytest.mark.parametrize(
    ("target", "options", "code"),
    [
        (10, {"anchor": None}, "anchor_missing"),
        (-100, {"anchor": -100}, "target_degenerate"),
        (0, {"direction": "lower"}, "target_degenerate"),
    ],
)
def test_targets_without_meaning_are_refused(target, options, code):
    with pytest.raises(SpecError) as refusal:
        attainment(1.0, target, rule=LINEAR, **options)
    assert refusal.value.code == code


def test_formula_none_cannot_be_scored():
    with pytest.raises(SpecError) as refusal:
        attainment(1.0, 2.0, rule=ScoreRule(formula="none"))
    assert refusal.value.code == "formula_undeclared"


@given(
    actual=st.lists(st.floats(-1e4, 1e4), min_size=2, max_size=6),
    target=st.floats(1, 1e3),
    formula=st.sampled_from(sorted(FORMULAS)),
)
def test_more_is_never_worth_less_and_stays_in_bounds(actual, target, formula):
    points = attainment(sorted(actual), target, rule=ScoreRule(formula=formula))
    assert np.all(np.diff(points) >= -1e-9)
    assert points.min() >= 0 and points.max() <= 120


def test_not_measured_stays_not_measured():
    for formula in FORMULAS:
        assert np.isnan(attainment(np.nan, 5.0, rule=ScoreRule(formula=formula)))
