"""Changes, detectable changes, families of claims, and the two worlds that bound false direction words."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.estimate import Estimate, State
from survey_kpi.inference.comparisons import (
    change,
    compare,
    detectable_with_power,
    direction_claims,
    minimum_detectable,
    order_probability,
)
from survey_kpi.inference.intervals import adjusted_wald_nps
from survey_kpi.inference.multiplicity import ADJUSTMENTS, adjust_p
from survey_kpi.numeric import two_sided_p


@pytest.mark.row("A06")
@pytest.mark.parametrize(("n", "error", "z"), [(100, 10.89, 0.73), (2000, 2.435, 3.29)])
def test_nps_from_30_to_38(n, error, z):
    """50/30/20 -> 55/28/17 (row A06)."""
    old, new = (
        adjusted_wald_nps(*(share * n / 100 for share in shares)) for shares in ((50, 30, 20), (55, 28, 17))
    )
    found = change(new.value, new.std_error, old.value, old.std_error)
    assert found.difference == pytest.approx(8)
    assert found.std_error == pytest.approx(error, abs=5e-3)
    assert found.statistic == pytest.approx(z, abs=5e-3)
    assert (found.p_value < 0.025) == (n == 2000)


@pytest.mark.row("A06")
def test_detectable_changes_of_the_fixture():
    errors = np.array([10.8903, 2.4351])
    assert minimum_detectable(errors).round(1).tolist() == [21.3, 4.8]
    assert minimum_detectable(errors, 0.025).round(1).tolist() == [24.4, 5.5]
    assert detectable_with_power(1.0) == pytest.approx(1.959964 + 0.841621, abs=1e-5)


def test_interval_of_a_change_agrees_with_its_test():
    found = change(38.0, 1.697, 30.0, 1.746)
    low, _ = found.interval(found.p_value)
    assert low == pytest.approx(0, abs=1e-9)


def test_covariance_narrows_a_change_between_the_same_customers():
    apart, same = (change(5.0, 2.0, 3.0, 2.0, covariance=c) for c in (0.0, 3.0))
    assert same.std_error == pytest.approx(math.sqrt(2)) and same.std_error < apart.std_error


def test_order_needs_evidence():
    """Guardrail 2: "better than" only at .90."""
    assert order_probability(82.0, 1.0, 79.0, 1.0) > 0.90 > order_probability(82.0, 2.0, 79.0, 2.0)
    forth, back = order_probability(82.0, 1.0, 79.0, 1.0), order_probability(79.0, 1.0, 82.0, 1.0)
    assert forth + back == pytest.approx(1)
    assert math.isnan(order_probability(100.0, 0.0, 80.0, 0.0))


@pytest.mark.parametrize("errors", [(0.0, 0.0), (math.nan, 1.0)])
def test_without_standard_error_there_is_no_test_and_no_claim(errors):
    found = change(100.0, errors[0], 0.0, errors[1])
    assert math.isnan(found.p_value)
    assert not direction_claims(found.p_value, [found.p_value]).others.any()


def test_estimates_that_cannot_be_compared():
    points = Estimate(value=30.0, n=100, std_error=7.81, unit="points")
    with pytest.raises(MethodError) as caught:
        compare(points, Estimate(value=30.0, n=100, std_error=4.0, unit="percent"))
    assert caught.value.code == "units_differ"
    with pytest.raises(MethodError) as caught:
        compare(points, Estimate.missing(State.UNAVAILABLE, "no answers", unit="points"))
    assert caught.value.code == "not_measured"


NAMES = {
    "bonferroni": "bonferroni",
    "holm": "holm",
    "hochberg": "simes-hochberg",
    "hommel": "hommel",
    "bh": "fdr_bh",
    "by": "fdr_by",
}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_adjustments_agree_with_statsmodels(p):
    for ours, theirs in NAMES.items():
        assert adjust_p(p, ours) == pytest.approx(multipletests(p, method=theirs)[1], abs=1e-12), ours


def test_every_adjustment_is_checked():
    assert set(NAMES) == set(ADJUSTMENTS)


def test_missing_tests_are_not_counted():
    assert adjust_p([0.01, math.nan, 0.03])[[0, 2]].tolist() == adjust_p([0.01, 0.03]).tolist()
    assert np.isnan(adjust_p([math.nan, math.nan])).all()


def test_families_lie_along_the_last_axis():
    p = np.random.default_rng(1).uniform(size=(5, 8))
    assert adjust_p(p)[3].tolist() == adjust_p(p[3]).tolist()


def test_wrong_adjustments_are_refused():
    with pytest.raises(SpecError) as caught:
        adjust_p([0.1], "bhh")
    assert caught.value.code == "unknown_parameter" and "'bh'" in str(caught.value)
    with pytest.raises(MethodError) as caught:
        adjust_p([1.2])
    assert caught.value.code == "p_value_range"


def test_levels_follow_the_claims_made():
    verdict = direction_claims(0.03, [0.0005, 0.001, *[0.5] * 27])
    assert not verdict.primary
    assert verdict.claims == 2 and verdict.tested == 29
    assert verdict.others_level == pytest.approx(0.025 * 2 / 29)
    alone = direction_claims(0.024, [])
    assert alone.primary and alone.others_level == 0.025


def within(share, bound, runs):
    """Whether a simulated share keeps a bound within three Monte Carlo standard errors."""
    error = math.sqrt(bound * (1 - bound) / runs)
    print(f"simulated {share:.4f}, bound {bound}, Monte Carlo SE {error:.4f}")
    return share - bound, 3 * error


@pytest.mark.slow
def test_null_quarters_make_false_direction_claims_in_at_most_one_of_twenty():
    """W9: 30 statements, nothing changes; unadjusted .785."""
    runs = 20_000
    p = two_sided_p(np.random.default_rng(20260701).standard_normal((runs, 30)))
    unadjusted = (p < 0.05).any(axis=1).mean()
    claims = (p[:, 0] <= 0.025) | (adjust_p(p[:, 1:]) <= 0.025).any(axis=1)
    beyond, slack = within(claims.mean(), 0.05, runs)
    assert beyond <= slack
    assert unadjusted == pytest.approx(1 - 0.95**30, abs=0.01)
    sample = [direction_claims(row[0], row[1:]) for row in p[:200]]
    assert [one.primary or bool(one.others.any()) for one in sample] == claims[:200].tolist()


@pytest.mark.slow
def test_planted_change_is_found_as_primary_comparison():
    """W10: NPS +8 at n = 2,000 each; required .80, measured .85; only .57 inside one family of 30."""
    runs, n = 20_000, 2000
    rng = np.random.default_rng(20260702)
    old, new = (
        adjusted_wald_nps(*rng.multinomial(n, shares, runs).T)
        for shares in ((0.5, 0.3, 0.2), (0.55, 0.28, 0.17))
    )
    p = change(new.value, new.std_error, old.value, old.std_error).p_value
    beyond, slack = within((p <= 0.025).mean(), 0.80, runs)
    assert beyond >= -slack
    others = two_sided_p(rng.standard_normal((runs, 29)))
    family = adjust_p(np.column_stack([p, others]))[:, 0]
    assert (family <= 0.05).mean() == pytest.approx(0.57, abs=0.04)


@pytest.mark.slow
def test_many_null_flags():
    """W8: 100 independent tests at 5 % give 5.0 false flags; at least one in .994 of the worlds."""
    runs = 4000
    flags = (two_sided_p(np.random.default_rng(8).standard_normal((runs, 100))) < 0.05).sum(axis=1)
    assert flags.mean() == pytest.approx(5.0, abs=3 * math.sqrt(4.75 / runs))
    assert (flags > 0).mean() == pytest.approx(0.994, abs=3 * math.sqrt(0.994 * 0.006 / runs))
