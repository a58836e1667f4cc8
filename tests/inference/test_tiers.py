"""Tiers in place of ranks, and the funnel they are drawn in."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.inference.funnel import funnel_grid, funnel_limits
from survey_kpi.inference.tiers import one_against_rest, tiers


@pytest.mark.slow
@pytest.mark.parametrize(("n", "measured"), [(30, 0.978), (60, 0.968), (200, 0.948)])
def test_identical_people_share_one_tier(n, measured):
    """R08, W11: 20 people at 80 %, single tier in at least 93 % of the worlds."""
    runs = 500
    x = np.random.default_rng(n).binomial(n, 0.8, size=(runs, 20))
    single = (tiers(x, n).verdict == "same").all(axis=1).mean()
    slack = 3 * math.sqrt(0.93 * 0.07 / runs)
    print(f"n = {n}: single tier {single:.3f} (measured before: {measured}), slack {slack:.3f}")
    assert single >= 0.93 - slack
    assert single == pytest.approx(measured, abs=4 * math.sqrt(measured * (1 - measured) / runs))


@pytest.mark.slow
@pytest.mark.parametrize(("n", "flagged"), [(60, 0.6), (200, 4.3)])
def test_power_that_is_printed(n, flagged):
    """W11: a true spread of 5 points flags this many of 20 people."""
    rng = np.random.default_rng(n)
    rates = np.clip(rng.normal(0.8, 0.05, (500, 20)), 0, 1)
    verdict = tiers(rng.binomial(n, rates), n).verdict
    assert (verdict != "same").sum(axis=1).mean() == pytest.approx(flagged, abs=0.35)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=6))
def test_p_values_are_fisher_with_doubling(counts):
    x = np.array([a for a, _ in counts])
    n = x + np.array([b for _, b in counts])
    found = one_against_rest(x, n)
    for i, p in enumerate(found):
        rest, hits = n.sum() - n[i], x.sum() - x[i]
        if n[i] == 0 or rest == 0:
            assert np.isnan(p)
            continue
        table = [[x[i], n[i] - x[i]], [hits, rest - hits]]
        tails = [stats.fisher_exact(table, side).pvalue for side in ("less", "greater")]
        assert p == pytest.approx(min(1, 2 * min(tails)), rel=1e-6)


def test_verdicts_do_not_depend_on_the_order_of_people():
    x, n = np.array([28, 24, 23, 8]), np.array([30, 30, 30, 30])
    order = np.array([2, 0, 3, 1])
    assert tiers(x[order], n).verdict.tolist() == tiers(x, n).verdict[order].tolist()


def test_people_without_answers_are_untested_and_not_counted():
    with_empty = tiers([28, 24, 23, 8, 0], [30, 30, 30, 30, 0])
    assert with_empty.verdict.tolist() == ["above", "same", "same", "below", "untested"]
    assert with_empty.adjusted[:4].tolist() == tiers([28, 24, 23, 8], 30).adjusted.tolist()
    assert with_empty.count("untested") == 1
    assert tiers([5], [9]).verdict.tolist() == ["untested"]


@pytest.mark.parametrize(("x", "n"), [([3], [2]), ([-1], [2]), ([1.5], [2]), ([1], [2.5])])
def test_weighted_sums_are_refused(x, n):
    with pytest.raises(MethodError) as caught:
        tiers(x, n)
    assert caught.value.code == "counts_invalid"


@given(st.integers(1, 300), st.floats(0.05, 0.95), st.sampled_from([0.95, 0.998]))
def test_funnel_limits_interpolate_the_exact_quantiles(n, centre, level):
    """Spiegelhalter 2005, A.1: r - (F(r) - p) / (F(r) - F(r - 1)) with r the binomial quantile."""
    found = funnel_limits(n, centre, level)
    for p, end in (((1 - level) / 2, found.low), ((1 + level) / 2, found.high)):
        r = stats.binom.ppf(p, n, centre)
        above, below = stats.binom.cdf(r, n, centre), stats.binom.cdf(r - 1, n, centre)
        expected = np.clip((r - (above - p) / (above - below)) / n, 0, 1)
        assert end[0] == pytest.approx(expected, abs=1e-6)


def test_funnel_narrows_and_holds_the_centre():
    limits = funnel_limits(funnel_grid(10, 2000), 0.8)
    assert (limits.low < 0.8).all() and (limits.high > 0.8).all()
    assert limits.high[-1] - limits.low[-1] < limits.high[0] - limits.low[0]


def test_funnel_refuses_what_it_cannot_draw():
    with pytest.raises(MethodError) as caught:
        funnel_limits([0], 0.8)
    assert caught.value.code == "counts_invalid"
    with pytest.raises(SpecError) as refused:
        funnel_limits([10], 1.0)
    assert refused.value.code == "level_range"
