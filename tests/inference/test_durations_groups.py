"""Durations, equivalence, and tests between groups, against statsmodels and scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.estimate import State
from survey_kpi.inference.equivalence import equivalence, equivalence_n
from survey_kpi.inference.groups import chi_square, kruskal_wallis, tukey, two_proportions, welch_anova
from survey_kpi.inference.survival import kaplan_meier, quantile_time, survival_at


@pytest.fixture(scope="module")
def durations():
    rng = np.random.default_rng(7)
    time = np.ceil(rng.exponential(20, 80))
    return time, rng.uniform(size=80) < 0.7


@pytest.mark.filterwarnings("ignore")
def test_curve_agrees_with_statsmodels(durations):
    survfunc = pytest.importorskip("statsmodels.api").SurvfuncRight
    time, closed = durations
    ours, theirs = kaplan_meier(time, closed), survfunc(time, closed.astype(int))
    assert ours.time.tolist() == theirs.surv_times.tolist()
    assert ours.survival == pytest.approx(theirs.surv_prob, abs=1e-12)
    inside = ours.survival > 0
    assert ours.std_error[inside] == pytest.approx(theirs.surv_prob_se[inside], abs=1e-12)
    for share in (0.25, 0.5):
        found = quantile_time(ours, share)
        low, high = theirs.quantile_ci(share, method="cloglog")
        assert found.value == theirs.quantile(share)
        assert (found.conf_low, found.conf_high) == (low, high)


def test_counted_pairs_give_the_same_curve(durations):
    time, closed = durations
    pairs, counts = np.unique(np.column_stack([time, closed]), axis=0, return_counts=True)
    counted = kaplan_meier(pairs[:, 0], pairs[:, 1], counts)
    assert counted.survival == pytest.approx(kaplan_meier(time, closed).survival)
    assert counted.n == 80


def test_open_cases_are_never_dropped():
    """T52: the median of finished cases alone would be 2."""
    curve = kaplan_meier([1, 2, 3, 10, 10, 10, 10], [1, 1, 1, 0, 0, 0, 0])
    found = quantile_time(curve, 0.5)
    assert found.state is State.NOT_REACHED and found.reason == "not reached (> 10)"
    assert found.n == 7 and math.isnan(found.value)


def test_share_still_open():
    curve = kaplan_meier([1, 2, 4], [1, 0, 1])
    assert survival_at(curve, 0.5) == 1.0
    assert survival_at(curve, 9) == 0.0
    assert math.isnan(survival_at(kaplan_meier([1, 2], [1, 0]), 5))


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: kaplan_meier([-1.0], [1]), "duration_invalid"),
        (lambda: kaplan_meier([math.nan], [1]), "duration_invalid"),
        (lambda: kaplan_meier([1.0, 2.0], [1]), "rows_differ"),
        (lambda: kaplan_meier([], []), "no_cases"),
        (lambda: welch_anova([5], [1.0], [1.0]), "too_few_groups"),
        (lambda: welch_anova([5, 1], [1.0, 2.0], [1.0, 1.0]), "too_few_answers"),
        (lambda: welch_anova([5, 5], [1.0, 2.0], [1.0, 0.0]), "no_variation"),
        (lambda: tukey([5, 5], [1.0, 2.0], [0.0, 0.0]), "no_variation"),
        (lambda: kruskal_wallis([[3, 2]]), "too_few_groups"),
        (lambda: kruskal_wallis([[3, 0], [2, 0]]), "no_variation"),
        (lambda: chi_square([[1, 2]]), "too_few_groups"),
        (lambda: chi_square([[1, 0], [2, 0]]), "empty_cell"),
        (lambda: two_proportions(3, 2, 1, 2), "counts_invalid"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == code


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_group_tests_from_sums_agree_with_rows(seed):
    rng = np.random.default_rng(seed)
    groups = [rng.integers(1, 6, rng.integers(4, 20)).astype(float) for _ in range(3)]
    if min(group.var() for group in groups) == 0:
        return
    n, mean, variance = np.array([(g.size, g.mean(), g.var(ddof=1)) for g in groups]).T
    assert welch_anova(n, mean, variance).p_value == pytest.approx(
        stats.f_oneway(*groups, equal_var=False).pvalue, rel=1e-9
    )
    assert tukey(n, mean, variance) == pytest.approx(stats.tukey_hsd(*groups).pvalue, rel=1e-6)
    counts = np.array([[np.sum(group == score) for score in range(1, 6)] for group in groups])
    assert kruskal_wallis(counts).p_value == pytest.approx(stats.kruskal(*groups).pvalue, rel=1e-9)


def test_equal_extremes_of_two_shares_are_no_difference():
    assert two_proportions(12, 12, 9, 9).p_value == 1.0


def test_equivalence_is_the_interval_inside_the_margin():
    grid = np.linspace(-3, 3, 61)
    found = equivalence(grid, 0.7, margin=2.0)
    inside = (found.low > -2) & (found.high < 2)
    assert ((found.verdict == "equivalent") == inside).all()
    assert {"equivalent", "different", "undecided"} >= set(found.verdict)
    assert equivalence(5.0, 0.7, margin=2.0).verdict == "different"


def test_equivalence_agrees_with_two_t_tests():
    rng = np.random.default_rng(4)
    a, b = rng.normal(0, 1, 40), rng.normal(0.1, 1, 40)
    pooled = stats.ttest_ind(b, a)
    error = (b.mean() - a.mean()) / pooled.statistic
    lower = stats.ttest_ind(b + 0.8, a, alternative="greater").pvalue
    upper = stats.ttest_ind(b - 0.8, a, alternative="less").pvalue
    found = equivalence(b.mean() - a.mean(), error, margin=0.8, df=78)
    assert found.p_value == pytest.approx(max(lower, upper), rel=1e-9)


@pytest.mark.slow
def test_equivalence_n_reaches_its_power():
    runs, sd, margin = 4000, 1.0, 0.3
    n = equivalence_n(sd, margin)
    differences = np.random.default_rng(9).normal(0, sd * math.sqrt(2 / n), runs)
    power = (equivalence(differences, sd * math.sqrt(2 / n), margin=margin).verdict == "equivalent").mean()
    assert power == pytest.approx(0.8, abs=3 * math.sqrt(0.16 / runs))


def test_margins_are_positive():
    with pytest.raises(SpecError) as caught:
        equivalence(0.0, 1.0, margin=0.0)
    assert caught.value.code == "margin_range"
