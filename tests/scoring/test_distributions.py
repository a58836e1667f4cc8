"""What true values may be, indicator by indicator: references, laws, what is not measured."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.posterior import flat_rates, rate_posterior
from survey_kpi.inference.survival import kaplan_meier, quantile_time
from survey_kpi.scoring.composite import sequence
from survey_kpi.scoring.distributions import (
    RESAMPLES,
    counts,
    durations,
    effective_counts,
    fixed,
    means,
    rates,
    seed_of,
    usable_errors,
)

SHARES = sequence(1)[:, 0]


@pytest.mark.parametrize(("x", "n"), [(24, 30), (52, 60), (0, 12), (30, 30), (1900, 2000)])
def test_flat_rates_are_beta_quantiles(x, n):
    found = rates([100 * x / n], [n], target=80, shrunk=False).quantile(SHARES)[0]
    assert np.abs(found - 100 * stats.beta.ppf(SHARES, x + 1, n - x + 1)).max() < 0.02


def test_flat_means_and_counts_are_normal_and_gamma_quantiles():
    found = means([30.0], [8.0], target=40, scale=(-100, 100), shrunk=False).quantile(SHARES)[0]
    assert np.abs(found - stats.norm.ppf(SHARES, 30, 8)).max() < 1e-3
    found = counts([0.6], [10.0], target=1, shrunk=False).quantile(SHARES)[0]
    assert np.abs(found - stats.gamma.ppf(SHARES, 7, scale=1 / 10)).max() < 1e-4


def test_mixtures_give_back_their_shares():
    x, n = np.array([24, 27, 21, 25, 23]), np.full(5, 30)
    values = rates(100 * x / n, n, target=80).quantile(SHARES[::32])
    below = rate_posterior(x, n, target=0.8)
    for person, row in enumerate(values):
        assert below.cdf(row / 100)[person] == pytest.approx(SHARES[::32], abs=5e-5)


def test_the_unmeasured_stay_so_and_leave_the_others_alone():
    with_gap = rates([80.0, math.nan, 90.0], [30, 0, 30], target=80)
    without = rates([80.0, 90.0], [30, 30], target=80)
    found = with_gap.quantile([0.1, 0.9])
    assert np.isnan(found[1]).all() and with_gap.measured.tolist() == [True, False, True]
    assert found[[0, 2]].tolist() == without.quantile([0.1, 0.9]).tolist()
    nobody = means([math.nan], [math.nan], target=4, scale=(1, 5))
    assert np.isnan(nobody.quantile([0.5])).all()


def test_values_outside_the_scale_are_set_to_its_end():
    found = means([4.9, 4.8], [0.3, 0.3], target=4.5, scale=(1, 5)).quantile(SHARES)
    assert found.max() == 5.0 and np.mean(found == 5.0) > 0.1


@given(st.integers(1, 400), st.floats(0.05, 0.95))
def test_a_plain_sample_is_its_own_effective_sample(n, share):
    x = round(n * share)
    p = x / n
    error = 100 * math.sqrt(p * (1 - p) / n)
    hits, cases = effective_counts([100 * p], [error], [n])
    assert hits[0] == pytest.approx(x, abs=1e-6) and cases[0] == pytest.approx(n, rel=1e-9)


def test_a_clustered_share_counts_for_less():
    hits, cases = effective_counts([80.0], [10.0], [30.0])
    assert cases[0] == pytest.approx(16.0) and hits[0] == pytest.approx(12.8)


def test_errors_are_pooled_where_a_person_has_none():
    found = usable_errors([0.4, 0.0, math.nan], [25, 9, 1])
    pooled = math.sqrt((24 * 0.4**2 * 25 + 8 * 0) / 32)
    assert found.tolist() == pytest.approx([0.4, pooled / 3, pooled])
    with pytest.raises(MethodError, match="no_standard_error"):
        usable_errors([0.0, 0.0], [5, 5])
    assert usable_errors([0.5], [4]).tolist() == [0.5]


TIMES = [2, 3, 3, 5, 8, 9, 12, 20, 30, 30]
CLOSED = [1, 1, 1, 1, 1, 1, 1, 0, 0, 0]


def test_durations_are_the_resampled_kaplan_meier_statistic():
    key = "2026Q3/A15.median/s07"
    drawn = np.random.Generator(np.random.PCG64(seed_of(key))).integers(0, 10, size=(RESAMPLES, 10))
    t, closed = np.array(TIMES, float), np.array(CLOSED, bool)
    expected = []
    for row in drawn[:, :]:
        found = quantile_time(kaplan_meier(t[row], closed[row]), 0.5)
        expected.append(found.value if found.measured else math.inf)
    marginal = durations([(TIMES, CLOSED), None], 0.5, [key, "other"])
    places = (np.arange(RESAMPLES) + 0.5) / RESAMPLES
    found = marginal.quantile(places)
    assert found[0].tolist() == sorted(expected)
    assert math.isinf(found[0, -1]) and np.isnan(found[1]).all()


def test_durations_are_the_same_every_time_and_differ_by_key():
    one, same, other = (
        durations([(TIMES, CLOSED)], 0.5, [key]).quantile(SHARES)[0].tolist() for key in ("a", "a", "b")
    )
    assert one == same and one != other


def test_what_is_no_duration_is_refused():
    with pytest.raises(MethodError, match="duration_invalid"):
        durations([([1, -2], [1, 1])], 0.5, ["a"])


def test_points_have_no_distribution():
    marginal = fixed([120.0, math.nan])
    assert marginal.error_free and marginal.quantile([0.1, 0.9])[0].tolist() == [120.0, 120.0]
    assert np.isnan(marginal.quantile([0.5])[1]).all()


def test_flat_rates_refuse_what_no_sample_gives():
    with pytest.raises(MethodError, match="counts_invalid"):
        flat_rates([31], [30])
