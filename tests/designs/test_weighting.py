"""Raking, calibration, trimming and replicate weights: fixtures, laws and every named refusal."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_kpi.designs.calibration import calibrate
from survey_kpi.designs.design import declare_design
from survey_kpi.designs.estimates import kish, kish_design_effect, means
from survey_kpi.designs.raking import poststratify, rake, rake_table, trim
from survey_kpi.designs.replicates import (
    balanced_repeated,
    bootstrap,
    jackknife_1,
    jackknife_n,
    replicate_means,
    replicate_statistic,
)
from survey_kpi.errors import MethodError, SpecError

CELLS = np.repeat([0, 1, 2, 3], [40, 10, 20, 30])
VARIABLES = {"row": CELLS // 2, "column": CELLS % 2}
TARGETS = {"row": {0: 0.6, 1: 0.4}, "column": {0: 0.5, 1: 0.5}}


def refusal(call):
    with pytest.raises(MethodError) as caught:
        call()
    return caught.value


def test_kish_fixture():
    w = np.array([1, 1, 1, 1, 2, 2])
    assert round(float(kish(w @ w, w.sum())), 3) == 5.333
    assert kish_design_effect(w) == 1.125


def test_raking_fixture():
    raked = rake(declare_design(100), VARIABLES, TARGETS)
    table = np.bincount(CELLS, raked.weight).reshape(2, 2) / 100
    assert table == pytest.approx(np.array([[0.4, 0.2], [0.1, 0.3]]), abs=1e-6)
    assert raked.weight[[0, 40, 50, 70]] == pytest.approx([1, 2, 0.5, 1], abs=1e-6)
    assert float(kish(raked.weight @ raked.weight, 100)) == pytest.approx(86.957, abs=1e-3)
    assert kish_design_effect(raked.weight) == pytest.approx(1.15, abs=1e-6)
    assert rake_table([[40, 10], [20, 30]], [[0.6, 0.4], [0.5, 0.5]]) == pytest.approx(table, abs=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_margins_are_met_and_base_weights_enter(seed):
    rng = np.random.default_rng(seed)
    rows = 300
    variables = {"a": rng.integers(0, 3, rows), "b": rng.integers(0, 4, rows), "c": rng.integers(0, 2, rows)}
    targets = {
        name: dict(zip(range(levels), rng.dirichlet(np.full(levels, 20.0)), strict=True))
        for name, levels in (("a", 3), ("b", 4), ("c", 2))
    }
    base = rng.uniform(0.5, 2, rows)
    raked = rake(declare_design(rows, weight=base), variables, targets)
    for name, target in targets.items():
        achieved = np.bincount(variables[name], raked.weight) / raked.weight.sum()
        assert achieved == pytest.approx(list(target.values()), abs=1e-6)
    assert raked.weight.sum() == pytest.approx(base.sum())
    ratio = raked.weight / base
    key = variables["a"] * 8 + variables["b"] * 2 + variables["c"]
    for cell in np.unique(key):
        assert np.ptp(ratio[key == cell]) < 1e-9


def test_raking_again_changes_nothing():
    once = rake(declare_design(100), VARIABLES, TARGETS)
    assert rake(once, VARIABLES, TARGETS).weight == pytest.approx(once.weight)


def test_error_of_a_raked_mean_is_not_that_of_fixed_weights():
    """T46: a variable that the margins explain has no error left; weights taken as fixed would keep it."""
    raked = rake(declare_design(100), VARIABLES, TARGETS)
    fixed = declare_design(100, weight=raked.weight)
    explained = VARIABLES["row"].astype(float)
    assert float(means(raked.mean_sums(explained)).std_error) == pytest.approx(0.0, abs=1e-12)
    assert float(means(fixed.mean_sums(explained)).std_error) > 0.04
    noise = np.random.default_rng(1).normal(size=100)
    aware, ignorant = (float(means(d.mean_sums(noise)).std_error) for d in (raked, fixed))
    assert aware != pytest.approx(ignorant, rel=1e-3)


@pytest.mark.slow
def test_standard_errors_of_raked_means_tell_the_truth():
    """Repeated samples: the linearised standard error is the standard deviation over samples."""
    rng = np.random.default_rng(46)
    a, b = rng.integers(0, 2, 20_000), rng.integers(0, 3, 20_000)
    y = 2.0 * a + b + rng.normal(0, 1, 20_000)
    targets = {"a": dict(enumerate(np.bincount(a) / 20_000)), "b": dict(enumerate(np.bincount(b) / 20_000))}
    found = []
    for _ in range(600):
        drawn = rng.choice(20_000, 200)
        raked = rake(declare_design(200), {"a": a[drawn], "b": b[drawn]}, targets)
        one = means(raked.mean_sums(y[drawn]))
        found.append((float(one.value), float(one.std_error)))
    values, errors = np.array(found).T
    true = values.std(ddof=1)
    print(f"spread of raked means {true:.4f}, mean linearised standard error {errors.mean():.4f}")
    assert errors.mean() == pytest.approx(true, rel=3 / math.sqrt(2 * 600))


# --- refusals (traps 41-45) ---------------------------------------------------------------------------


def test_null_categories_are_counted_and_named():
    found = refusal(
        lambda: rake(declare_design(4), {"sex": ["m", None, "f", None]}, {"sex": {"m": 0.5, "f": 0.5}})
    )
    assert found.code == "margin_missing" and "'sex'" in str(found) and "2 of 4 rows" in str(found)


@pytest.mark.parametrize(
    ("target", "listed"),
    [({"m": 0.5, "f": 0.4, "x": 0.1}, "'x'"), ({"m": 1.0}, "'f'"), ({"m": 1.0, "f": 0.0}, "'f'")],
)
def test_levels_must_agree(target, listed):
    found = refusal(lambda: rake(declare_design(3), {"sex": ["m", "f", "f"]}, {"sex": target}))
    assert found.code == "margin_levels" and listed in str(found)


def test_a_margin_needs_variable_and_target():
    found = refusal(lambda: rake(declare_design(2), {"sex": ["m", "f"]}, {"sxe": {"m": 0.5, "f": 0.5}}))
    assert {problem.code for problem in found.problems} == {"margin_levels"} and "'sex'" in str(found)


@pytest.mark.parametrize(
    ("targets", "total", "shown"),
    [
        ({"row": {0: 0.7, 1: 0.4}, "column": {0: 0.5, 1: 0.5}}, None, "1.1"),
        ({"row": {0: 60, 1: 40}, "column": {0: 50, 1: 60}}, 100, "column 110"),
        ({"row": {0: 1.2, 1: -0.2}, "column": {0: 0.5, 1: 0.5}}, None, "row"),
        ({"row": {0: math.nan, 1: 0.5}, "column": {0: 0.5, 1: 0.5}}, None, "nan"),
    ],
)
def test_targets_must_have_one_sum(targets, total, shown):
    found = refusal(lambda: rake(declare_design(100), VARIABLES, targets, total=total))
    assert "margins_disagree" in {problem.code for problem in found.problems} and shown in str(found)


def test_all_problems_are_told_at_once():
    found = refusal(lambda: rake(declare_design(3), {"a": ["x", None, "y"]}, {"a": {"x": 0.9, "z": 0.9}}))
    assert {problem.code for problem in found.problems} == {
        "margin_missing",
        "margin_levels",
        "margins_disagree",
    }


def test_raking_that_fails_says_why():
    """Two levels that occur only together cannot have different shares."""
    variables = {"team": [0, 0, 1, 1], "tier": ["low", "low", "high", "high"]}
    targets = {"team": {0: 0.5, 1: 0.5}, "tier": {"low": 0.7, "high": 0.3}}
    found = refusal(lambda: rake(declare_design(4), variables, targets))
    message = str(found)
    assert found.code == "not_converged"
    assert (
        "margin 'team'" in message and "team=0 with tier=high" in message and "after 2000 rounds" in message
    )


def test_wrong_lengths_are_refused():
    assert refusal(lambda: rake(declare_design(3), {"a": ["x"]}, {"a": {"x": 1.0}})).code == "rows_differ"
    assert refusal(lambda: rake_table([[1, 2]], [[1.0], [1.0, 2.0]])).code == "margins_disagree"


# --- calibration and trimming -------------------------------------------------------------------------


@pytest.fixture
def sample():
    rng = np.random.default_rng(8)
    return declare_design(50, weight=rng.uniform(1, 3, 50)), np.ones(50), rng.normal(10, 2, 50)


@pytest.mark.parametrize("distance", ["linear", "raking"])
def test_totals_are_met(sample, distance):
    design, ones, x = sample
    known = {"n": 110.0, "x": 1130.0}
    found = calibrate(design, {"n": ones, "x": x}, known, distance=distance)
    assert [found.weight @ ones, found.weight @ x] == pytest.approx(list(known.values()))
    assert float(means(found.mean_sums(x)).std_error) == pytest.approx(0.0, abs=1e-9)


def test_bounded_factors_stay_inside(sample):
    design, ones, x = sample
    found = calibrate(design, {"n": ones, "x": x}, {"n": 100.0, "x": 1050.0}, bounds=(0.95, 1.2))
    factor = found.weight / design.weight
    assert factor.min() >= 0.95 - 1e-12 and factor.max() <= 1.2 + 1e-12
    assert np.isclose(factor, 0.95).any() or np.isclose(factor, 1.2).any()
    assert found.weight @ x == pytest.approx(1050.0)


def test_bounds_that_are_too_narrow_are_refused(sample):
    design, ones, x = sample
    found = refusal(
        lambda: calibrate(design, {"n": ones, "x": x}, {"n": 100.0, "x": 1500.0}, bounds=(0.9, 1.1))
    )
    assert found.code == "not_converged" and "total of 'x'" in str(found) and "widen" in str(found)


def test_calibration_inputs(sample):
    design, ones, x = sample
    gap = np.where(np.arange(50) < 3, np.nan, x)
    assert refusal(lambda: calibrate(design, {"x": gap}, {"x": 1.0})).code == "margin_missing"
    assert refusal(lambda: calibrate(design, {"x": x[1:]}, {"x": 1.0})).code == "rows_differ"
    assert refusal(lambda: calibrate(design, {"x": x}, {"y": 1.0})).code == "margin_levels"
    with pytest.raises(SpecError) as caught:
        calibrate(design, {"n": ones}, {"n": 100.0}, distance="rakng")
    assert caught.value.code == "unknown_parameter"


def test_negative_weights_of_linear_calibration_still_count():
    x = np.array([0.0, 1.0, 2.0, 10.0])
    found = calibrate(declare_design(4), {"n": np.ones(4), "x": x}, {"n": 4.0, "x": -6.0})
    assert found.weight.min() < 0
    one = means(found.mean_sums(x))
    assert float(one.value) == pytest.approx(-1.5) and float(one.n) == 4


def test_poststratification_is_raking_with_one_margin():
    found = poststratify(declare_design(100), CELLS, {0: 25, 1: 25, 2: 25, 3: 25}, total=100)
    assert np.bincount(CELLS, found.weight) == pytest.approx([25] * 4)


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=30), st.booleans())
def test_trimming_keeps_the_sum(weights, strict):
    design = declare_design(len(weights), weight=weights)
    mean = float(design.weight.mean())
    if not strict and not ((design.weight >= 0.5 * mean) & (design.weight <= 1.5 * mean)).any():
        assert refusal(lambda: trim(design, lower=0.5 * mean, upper=1.5 * mean)).code == "not_converged"
        return
    found = trim(design, lower=0.5 * mean, upper=1.5 * mean, strict=strict)
    assert found.weight.sum() == pytest.approx(design.weight.sum())
    if strict:
        assert found.weight.min() >= 0.5 * mean - 1e-9 and found.weight.max() <= 1.5 * mean + 1e-9


def test_trimming_without_room_is_refused():
    assert refusal(lambda: trim(declare_design(2, weight=[1, 9]), upper=4)).code == "not_converged"


# --- replicate weights --------------------------------------------------------------------------------


@pytest.fixture
def clustered():
    rng = np.random.default_rng(3)
    stratum, cluster = np.repeat([0, 1, 2], 8), np.tile(np.repeat([0, 1], 4), 3)
    y = rng.normal(size=24) + cluster + stratum
    return declare_design(24, weight=rng.uniform(1, 2, 24), stratum=stratum, cluster=cluster), y


def test_replicates_agree_with_linearised_totals(clustered):
    """For a total JKn and BRR reproduce the linearised variance exactly."""
    design, y = clustered
    linear = float(np.sqrt(design.sums(y).covariance()[0, 0]))
    for make in (jackknife_n, balanced_repeated):
        replicates = make(design)
        found = replicates.covariance(replicates.totals(y), estimate=[design.weight @ y])
        assert float(np.sqrt(found[0, 0])) == pytest.approx(linear), make.__name__


def test_replicates_are_near_linearised_means(clustered):
    design, y = clustered
    linear = float(means(design.mean_sums(y)).std_error)
    for replicates in (jackknife_n(design), balanced_repeated(design)):
        _, covariance = replicate_means(replicates, y)
        assert float(np.sqrt(covariance[0, 0])) == pytest.approx(linear, rel=0.1)


def test_bootstrap_is_reproducible_and_near(clustered):
    rng = np.random.default_rng(5)
    design = declare_design(60, cluster=np.repeat(np.arange(20), 3))
    y = rng.normal(size=60) + np.repeat(rng.normal(size=20), 3)
    one, again = (bootstrap(design, 2000, np.random.default_rng(1)) for _ in range(2))
    assert (one.factors == again.factors).all()
    _, covariance = replicate_means(one, y)
    assert float(np.sqrt(covariance[0, 0])) == pytest.approx(
        float(means(design.mean_sums(y)).std_error), rel=0.08
    )


def test_replicates_that_rake_again_know_the_calibration():
    design = declare_design(100)
    replicates = jackknife_1(design)

    def raked_mean(weight):
        raked = rake(declare_design(100, weight=weight), VARIABLES, TARGETS)
        return raked.weight @ VARIABLES["row"] / raked.weight.sum()

    value, covariance = replicate_statistic(replicates, raked_mean)
    assert value[0] == pytest.approx(0.4) and covariance[0, 0] == pytest.approx(0.0, abs=1e-12)


def test_replicates_refuse_designs_they_do_not_fit(clustered):
    design, _ = clustered
    alone = declare_design(3, stratum=["a", "a", "b"])
    assert refusal(lambda: jackknife_1(design)).code == "strata_ignored"
    assert refusal(lambda: jackknife_n(alone)).code == "lonely_unit"
    assert refusal(lambda: bootstrap(alone, 10, np.random.default_rng(1))).code == "lonely_unit"
    assert refusal(lambda: balanced_repeated(declare_design(3))).code == "two_units_needed"
