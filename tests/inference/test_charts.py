"""Control charts, their rules, and the alarm whose error is bounded."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.inference.charts import RULES, cusum, p_chart, poisson_alarms, u_chart, xmr_chart


def test_complaints_per_hundred_customers():
    """Row A13: 12 complaints, 240 customers: 5.00 per 100, 3-sigma limits [0.67, 9.33]."""
    chart = u_chart([12, 12], [240, 240])
    assert np.round(100 * np.array([chart.lower[0], chart.centre[0], chart.upper[0]]), 2).tolist() == [
        0.67,
        5.0,
        9.33,
    ]


def test_limits_follow_each_base():
    chart = p_chart([8, 80], [10, 100])
    assert chart.upper[0] == 1.0 and chart.lower[0] < chart.lower[1]
    assert chart.centre.tolist() == [0.8, 0.8]


def test_individuals_use_the_moving_range():
    """Montgomery 2013: mean ± 3 MR / 1.128."""
    values = [10.0, 12.0, 11.0, 13.0, 12.0, 9.0]
    chart = xmr_chart(values)
    width = 3 * np.mean([2, 1, 2, 1, 3]) / 1.128
    assert chart.upper[0] - chart.centre[0] == pytest.approx(width)


@pytest.mark.parametrize(
    ("rule", "values", "signals"),
    [
        ("beyond_limits", [0, 0, 3.1, -3.2, 2.9], [2, 3]),
        ("shift_of_8", [1] * 7 + [0] + [1] * 8, [15]),
        ("shift_of_8", [-0.1] * 9, [7, 8]),
        ("trend_of_6", [1, 2, 3, 4, 5, 6, 7, 6], [5, 6]),
        ("trend_of_6", [6, 5, 4, 3, 2, 1], [5]),
        ("two_of_three_beyond_2_sigma", [2.1, 0, 2.2, 0, 0, 2.3, -2.4], [2]),
    ],
)
def test_rules_signal_where_their_pattern_completes(rule, values, signals):
    assert np.flatnonzero(RULES[rule](np.array(values, dtype=float))).tolist() == signals


def test_a_chart_reports_every_rule_or_those_asked_for():
    chart = u_chart([12] * 9 + [40], [240] * 10)
    assert set(chart.signals()) == set(RULES)
    assert chart.signals("beyond_limits")["beyond_limits"].tolist() == [False] * 9 + [True]
    with pytest.raises(SpecError) as caught:
        chart.signals("shift_of_9")
    assert caught.value.code == "unknown_parameter"


def test_alarm_is_the_exact_conditional_test():
    """R: binom.test(28, 28 + 144, 1 / 13, alternative = "greater")$p.value = P(X >= 28)."""
    p = stats.binomtest(28, 28 + 144, 1 / 13, alternative="greater").pvalue
    assert (poisson_alarms([12] * 12 + [28]) == 1).tolist() == [p <= 0.00135]
    more_customers = poisson_alarms([12] * 12 + [36], [240] * 12 + [720])
    assert more_customers.tolist() == [0]


@pytest.mark.slow
def test_complaint_alarms_on_stable_and_planted_series():
    """W13, G07: false alarm in at most 5 % of stable series (measured .019), 36 found (.97), 30 (.81)."""
    runs = 20_000
    rng = np.random.default_rng(13)
    stable = rng.poisson(12, (runs, 24))
    false = (poisson_alarms(stable) != 0).any(axis=1).mean()
    assert false <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
    assert false == pytest.approx(0.019, abs=4 * math.sqrt(0.019 / runs))
    for mean, required, measured in ((36, 0.95, 0.97), (30, 0.80, 0.81), (24, 0.0, 0.42)):
        months = np.column_stack([stable[:, :12], rng.poisson(mean, runs)])
        found = (poisson_alarms(months) == 1).mean()
        print(f"planted {mean}: found {found:.3f} (measured before {measured}), false {false:.4f}")
        assert found >= required - 3 * math.sqrt(0.25 / runs)
        assert found == pytest.approx(measured, abs=0.01)


def test_cusum_finds_a_small_lasting_shift():
    values = np.concatenate([np.zeros(20), np.full(20, 1.0)])
    found = cusum(values, 0.0, 1.0)
    assert not found.signal[:20].any() and found.signal[-1] == 1
    assert int(np.flatnonzero(found.signal)[0]) == 30
    assert cusum(-values, 0.0, 1.0).signal.tolist() == (-found.signal).tolist()


def test_cusum_sums_restart_at_zero():
    values = np.random.default_rng(2).normal(size=50)
    upper = [0.0]
    for z in values:
        upper.append(max(0.0, upper[-1] + z - 0.5))
    assert cusum(values, 0.0, 1.0).upper == pytest.approx(upper[1:], abs=1e-12)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: p_chart([-1], [2]), "counts_invalid"),
        (lambda: u_chart([1], [0]), "counts_invalid"),
        (lambda: xmr_chart([1.0]), "too_few_points"),
        (lambda: poisson_alarms([1] * 12), "too_few_points"),
        (lambda: cusum([1.0], 0.0, 0.0), "sigma_range"),
    ],
)
def test_charts_refuse_what_they_cannot_draw(call, code):
    with pytest.raises((MethodError, SpecError)) as caught:
        call()
    assert caught.value.code == code
