"""Intervals: published fixtures, exact coverage, agreement with R, and laws."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.inference.intervals import (
    SHARE_INTERVALS,
    adjusted_wald_nps,
    clopper_pearson,
    garwood,
    jeffreys,
    nps_score_interval,
    sample_moments,
    t_mean,
    wilson,
)


@pytest.mark.parametrize(
    ("x", "n", "low", "high"),
    [  # acceptance fixtures of the rows A01, R10, A11, G05, W03
        (41, 50, 69.20, 90.23),
        (24, 30, 62.69, 90.49),
        (170, 200, 79.39, 89.29),
        (180, 200, 85.06, 93.43),
        (9, 12, 46.77, 91.11),
        (3, 10, 10.78, 60.32),
        (93, 100, 86.25, 96.57),
    ],
)
def test_wilson_fixtures(x, n, low, high):
    assert np.round(100 * np.array(wilson(x, n)), 2).tolist() == [low, high]


@pytest.mark.parametrize(
    ("counts", "value", "std_error", "interval", "digits"),
    [  # fixtures "NPS intervals"
        ((50, 30, 20), 30.0, 7.810, (14.05, 44.20), 2),
        ((5, 2, 1), 50.0, 25.0, (-7.4, 80.2), 1),
        ((3, 0, 0), 100.0, 0.0, (-6.6, 100.0), 1),
        ((5, 3, 2), 30.0, None, (-19.1, 65.2), 1),
        ((10, 6, 4), 30.0, None, (-5.7, 57.9), 1),
        ((15, 9, 6), 30.0, None, (0.7, 53.9), 1),
        ((25, 15, 10), 30.0, None, (7.3, 49.3), 1),
        ((100, 60, 40), 30.0, None, (18.8, 40.3), 1),
        ((500, 300, 200), 30.0, None, (25.1, 34.7), 1),
    ],
)
def test_nps_fixtures(counts, value, std_error, interval, digits):
    found = adjusted_wald_nps(*counts)
    assert found.value == pytest.approx(value)
    assert (round(found.low, digits), round(found.high, digits)) == interval
    if std_error is not None:
        assert round(found.std_error, 3) == std_error


def test_nps_without_clipping_and_plain_wald():
    assert round(adjusted_wald_nps(3, 0, 0, clip=False).high, 1) == 106.6
    wald = adjusted_wald_nps(50, 30, 20, adjustment="wald")
    assert (round(wald.low, 2), round(wald.high, 2)) == (14.69, 45.31)


def test_nps_is_vectorised_over_subjects_and_indicators():
    grid = np.arange(24).reshape(4, 6)
    found = adjusted_wald_nps(grid, 10, 5)
    assert found.value.shape == (4, 6)
    assert found.low[2, 3] == adjusted_wald_nps(15, 10, 5).low


def test_without_answers_there_is_no_value():
    found = adjusted_wald_nps(0, 0, 0)
    assert np.isnan(found.value) and np.isnan(found.std_error)
    assert wilson(0, 0) == (0.0, 1.0)
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert all(np.isnan(sample_moments(0, 0, 0)))
    assert np.isnan(sample_moments(1, 4, 16)[1])
    assert all(np.isnan(t_mean(1, 4.0, np.nan)))
    assert np.isnan(garwood(0, 0).high)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "mean_range", "minimum"),
    [(10, (0.94, 0.957), 0.93), (30, (0.94, 0.96), 0.93), (100, (0.94, 0.96), 0.93)],
)
def test_nps_coverage_grid(n, mean_range, minimum):
    """Exact enumeration; measured mean .9547 / .9504 / .9501, minimum .9304 / .9399 / .9465."""
    p, d = np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij")
    p, d = p[p + d <= n], d[p + d <= n]
    found = adjusted_wald_nps(p, n - p - d, d)
    outcomes = np.stack([p, n - p - d, d], axis=-1)
    worlds = [
        (i / 20, (20 - i - j) / 20, j / 20) for i in range(1, 19) for j in range(1, 20 - i) if 20 - i - j >= 1
    ]
    assert len(worlds) == 171
    coverage = [
        stats.multinomial(n, world)
        .pmf(outcomes)[
            (found.low <= 100 * (world[0] - world[2]) + 1e-9)
            & (100 * (world[0] - world[2]) - 1e-9 <= found.high)
        ]
        .sum()
        for world in worlds
    ]
    print(f"n = {n}: mean {np.mean(coverage):.4f}, minimum {np.min(coverage):.4f}")
    assert mean_range[0] <= np.mean(coverage) <= mean_range[1]
    assert min(coverage) >= minimum


def test_nps_grid_of_r(shared):
    """The formulas of shared/references/r/setup.R `npsci` on every NPS case."""
    cases = [
        case
        for case in json.loads((shared / "references/r/cases.json").read_text("utf-8"))["cases"]
        if case["id"].startswith("nps.ci.")
    ]
    assert len(cases) == 6
    for case in cases:
        counts = [case["params"][name] for name in ("promoters", "passives", "detractors")]
        score = np.array(nps_score_interval(*counts)) / 100
        assert score == pytest.approx(case["expected"]["score"], rel=1e-6, abs=1e-7)


@given(st.integers(0, 400), st.integers(0, 400))
def test_share_intervals_hold_the_share_and_mirror(x, more):
    n = x + more
    for name, rule in SHARE_INTERVALS.items():
        low, high = rule(x, n)
        if n:
            assert low <= x / n + 1e-12 and x / n - 1e-12 <= high, name
        mirrored = rule(n - x, n)
        assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((low, high), abs=1e-10), name


@given(st.integers(0, 200), st.integers(1, 200))
def test_clopper_pearson_and_jeffreys_agree_with_the_beta_law(x, more):
    n = x + more
    assert clopper_pearson(x, n).high == pytest.approx(stats.beta.ppf(0.975, x + 1, n - x), rel=1e-9)
    assert jeffreys(x, n).high == pytest.approx(stats.beta.ppf(0.975, x + 0.5, n - x + 0.5), rel=1e-9)


@given(st.integers(0, 500))
def test_garwood_agrees_with_the_chi_square_form(count):
    low, high = garwood(count)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2, rel=1e-9)
    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0, rel=1e-9)


@given(st.lists(st.integers(0, 10), min_size=2, max_size=50))
def test_moments_come_from_sums(values):
    array = np.array(values, dtype=float)
    mean, variance = sample_moments(array.size, array.sum(), (array**2).sum())
    assert mean == pytest.approx(array.mean(), abs=1e-12)
    assert variance == pytest.approx(array.var(ddof=1), abs=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(5, 4),
        lambda: wilson(-1, 4),
        lambda: wilson(np.array([1, np.nan]), 4),
        lambda: adjusted_wald_nps(-1, 0, 0),
        lambda: garwood(-1),
    ],
)
def test_impossible_counts_are_refused(call):
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == "counts_invalid"


def test_unknown_adjustments_are_refused():
    with pytest.raises(SpecError) as caught:
        adjusted_wald_nps(5, 3, 2, adjustment="adjusted_wald_3")
    assert caught.value.code == "unknown_parameter"


def test_levels_are_shares():
    with pytest.raises(SpecError) as caught:
        wilson(4, 5, conf_level=95)
    assert caught.value.code == "level_range"
