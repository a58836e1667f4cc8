"""Sample sizes: fixtures of the specification, agreement with the interval that follows, refusals."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.sampling import (
    NPS_WORST,
    SHARE_WORST,
    invitations_needed,
    nps_variance,
    sample_size,
    share_variance,
    units_of_share,
)


@pytest.mark.parametrize(("half_width", "n", "worst"), [(10, 235, 385), (5, 938, 1537), (20, 59, 97)])
@pytest.mark.row("P03")
def test_nps_fixtures(half_width, n, worst):
    """Fixture P03: variance .61 at 50/30/20, worst case 1."""
    assert sample_size(nps_variance(50, 20), half_width).n == n
    assert sample_size(NPS_WORST, half_width).n == worst


def test_worst_cases_are_the_worst():
    assert nps_variance(50, 50) == NPS_WORST
    assert share_variance(50) == SHARE_WORST


@given(st.floats(0, 100), st.floats(0, 100))
def test_no_mix_of_answers_needs_more_than_the_worst(promoters, detractors):
    if promoters + detractors <= 100:
        assert -1e-9 <= nps_variance(promoters, detractors) <= NPS_WORST
    assert 0 <= share_variance(promoters) <= SHARE_WORST


def test_small_populations_need_less_and_say_so():
    """Cochran (1977): 384.16 of 1,000 need 278."""
    plan = sample_size(SHARE_WORST, 5, population=1000)
    assert plan.n == 278
    assert "Cochran" in plan.correction
    assert sample_size(SHARE_WORST, 5).correction == ""


sizes = st.integers(1, 100_000)
variances, widths = st.floats(1e-3, 1e4), st.floats(0.05, 50)


@given(variances, widths)
def test_the_interval_that_follows_is_narrow_enough_and_one_answer_less_is_not(variance, half_width):
    plan = sample_size(variance, half_width)
    reached = 1.959963984540054 * math.sqrt(variance / plan.n)
    assert reached <= half_width * (1 + 1e-9)
    if plan.n > 1:
        assert 1.959963984540054 * math.sqrt(variance / (plan.n - 1)) > half_width * (1 - 1e-6)


@given(variances, widths, sizes)
def test_a_census_is_always_enough(variance, half_width, population):
    plan = sample_size(variance, half_width, population=population)
    assert 1 <= plan.n <= min(population, max(sample_size(variance, half_width).n, 1))


def test_no_variance_needs_one_answer():
    assert sample_size(0, 1).n == sample_size(0, 1, population=50).n == 1


@pytest.mark.parametrize(
    ("variance", "half_width", "population"),
    [(-1, 5, None), (1, 0, None), (1, -1, None), (math.nan, 5, None), (1, math.inf, None), (1, 5, 0)],
)
def test_impossible_plans_are_refused(variance, half_width, population):
    with pytest.raises(MethodError) as caught:
        sample_size(variance, half_width, population=population)
    assert caught.value.code == "sample_size"


def test_impossible_shares_are_refused():
    for wrong in (lambda: nps_variance(60, 50), lambda: share_variance(-1), lambda: share_variance(math.nan)):
        with pytest.raises(MethodError) as caught:
            wrong()
        assert caught.value.code == "share_range"
    for wrong in (
        lambda: units_of_share(0, 10),
        lambda: units_of_share(1.1, 10),
        lambda: invitations_needed(5, 0),
    ):
        with pytest.raises(SpecError) as caught:
            wrong()
        assert caught.value.code == "share_range"
    with pytest.raises(SpecError, match="level"):
        sample_size(1, 1, conf_level=95)


@given(st.integers(1, 100), st.integers(1, 10**6))
def test_shares_of_a_population_are_exact(percent, population):
    assert units_of_share(percent / 100, population) == -(-percent * population // 100)


@given(sizes, st.integers(1, 100))
def test_invitations_bring_the_answers(answers, percent):
    sent = invitations_needed(answers, percent / 100)
    assert sent * percent >= 100 * answers > (sent - 1) * percent
