"""Rank correlation: against scipy and pandas, its level where nothing goes together, refusals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.correlation import rank_correlation

PAIRS = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 3)), min_size=4, max_size=40)


@given(PAIRS)
def test_value_is_scipys_and_any_growing_scale_will_do(pairs):
    x, y = np.array(pairs, dtype=float).T
    if min(np.ptp(x), np.ptp(y)) == 0:
        return
    found = rank_correlation(x, y)
    assert found.value == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high
    assert found.found == (found.low > 0 or found.high < 0)
    assert rank_correlation(np.exp(x), y).value == pytest.approx(found.value, abs=1e-12)


@pytest.mark.slow
@pytest.mark.row("A08")
def test_unlinked_facts_are_called_associated_at_the_level_of_the_test():
    """A08: 2,000 planted data sets with no link, share within 3 Monte Carlo errors of .05 (.0354-.0646)."""
    runs, rng = 2000, np.random.default_rng(8)
    claims = {"repeat purchase": 0, "tenure": 0}
    for _ in range(runs):
        recommend = rng.choice(11, 150, p=[0.02] * 6 + [0.06, 0.12, 0.2, 0.25, 0.25])
        claims["repeat purchase"] += rank_correlation(recommend, rng.random(150) < 0.35).found
        claims["tenure"] += rank_correlation(recommend, rng.integers(1, 60, 150)).found
    error = math.sqrt(0.05 * 0.95 / runs)
    for name, count in claims.items():
        print(f"A08 {name}: association found in {count / runs:.4f}, Monte Carlo SE {error:.4f}")
        assert 0.0354 <= count / runs <= 0.0646


@pytest.mark.slow
def test_intervals_cover_a_planted_correlation():
    """Spearman's correlation of normal pairs is 6 / pi asin(rho / 2)."""
    runs, rng, rho = 2000, np.random.default_rng(88), 0.5
    true = 6 / math.pi * math.asin(rho / 2)
    x, rest = rng.standard_normal((2, runs, 100))
    y = rho * x + math.sqrt(1 - rho**2) * rest
    found = [rank_correlation(a, b) for a, b in zip(x, y, strict=True)]
    share = np.mean([one.low < true < one.high for one in found])
    assert share == pytest.approx(0.95, abs=3 * math.sqrt(0.0475 / runs))


def test_missing_halves_are_counted():
    found = rank_correlation([1, 2, 3, 4, np.nan, 6], [1, 3, 2, 4, 5, np.nan])
    assert found.n == 4 and found.incomplete == 2


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        ([1, 2], [1, 2, 3], "rows_differ"),
        ([1, 2, 3, np.nan], [1, 2, 3, 4], "too_few_subjects"),
        ([1, 2, 3, 4], [1, 1, 1, 1], "no_variation"),
    ],
)
def test_refusals(x, y, code):
    with pytest.raises(MethodError) as caught:
        rank_correlation(x, y)
    assert caught.value.code == code
