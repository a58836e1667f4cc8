"""Run charts: the published limits, what counts as a run, and how often chance looks like a shift."""

from __future__ import annotations

import numpy as np
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.inference.run_charts import run_chart


@pytest.mark.parametrize(
    ("n", "longest", "crossings"),
    [(10, 6, 2), (12, 7, 3), (16, 7, 4), (20, 7, 6), (24, 8, 8), (30, 8, 10)],
)
def test_limits_follow_the_formulas(n, longest, crossings):
    """R: `round(log2(n) + 3)`, `qbinom(.05, n - 1, .5)`."""
    found = run_chart(np.arange(n))
    assert (found.points, found.longest_expected, found.crossings_expected) == (n, longest, crossings)
    assert found.longest == n // 2 and found.crossings == 1 and found.shifted


def test_values_on_the_median_break_no_run():
    found = run_chart([1, 1, 2, 1, 2, 3, 3, 2, 3])
    assert found.median == 2 and found.points == 6 and found.longest == 3 and found.crossings == 1


def test_short_and_constant_series_say_nothing():
    assert not run_chart([1, 2, 3, 4]).shifted
    assert run_chart([5, 5, 5]).points == 0 and not run_chart([5] * 20).shifted


@pytest.mark.slow
def test_random_series_rarely_look_shifted():
    rng = np.random.default_rng(24)
    for n in (12, 24):
        share = np.mean([run_chart(row).shifted for row in rng.standard_normal((4000, n))])
        print(f"run chart of {n} random points: shifted in {share:.3f}")
        assert share <= 0.05
    shifted = rng.standard_normal((500, 24)) + 2.0 * (np.arange(24) >= 12)
    assert np.mean([run_chart(row).shifted for row in shifted]) == pytest.approx(0.60, abs=3 * 0.022)


@pytest.mark.parametrize("values", [[], [1.0, np.nan]])
def test_gaps_are_refused(values):
    with pytest.raises(MethodError) as caught:
        run_chart(values)
    assert caught.value.code == "too_few_points"
