"""Shrinkage, posteriors, reliability and suppression: fixtures, laws, refusals."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.posterior import (
    SPREADS,
    count_posterior,
    flat_tail,
    mean_posterior,
    rate_posterior,
)
from survey_kpi.inference.reliability import answers_needed, between_variance, reliability
from survey_kpi.inference.shrinkage import (
    pooled_variance,
    random_intercept,
    shrink_counts,
    shrink_means,
    shrink_rates,
)
from survey_kpi.inference.suppression import exposed, suppress


def test_a_small_perfect_score_ranks_below():
    """Fixture Shrinkage: prior Beta(80, 20)."""
    found = shrink_rates([10, 27, 90], [10, 30, 100], 80, 20)
    assert (100 * found.value).round(2).tolist() == [81.82, 82.31, 85.0]
    assert found.low[0] == pytest.approx(stats.beta.ppf(0.025, 90, 20))


def test_posterior_fixture():
    """Fixture Posterior: flat prior, P(true >= .80)."""
    assert flat_tail([23, 24, 25, 170], [30, 30, 30, 200], 0.8).round(4).tolist() == [
        0.27,
        0.4289,
        0.6069,
        0.9599,
    ]


def test_full_grid_fixture():
    """Fixture "Score of two rates, full grid": the exact values of the first rate, and P of the second."""
    first = rate_posterior([24, 27, 21, 25, 23], [30] * 5, target=0.8)
    assert first.tail(0.8).round(4).tolist() == [0.4685, 0.6381, 0.3060, 0.5292, 0.4089]
    second = rate_posterior([52, 50, 45, 54, 47], [60] * 5, target=0.8)
    assert round(float(second.tail(0.8)[0]), 4) == 0.8730


def test_quantiles_invert_the_distribution():
    posterior = rate_posterior([24, 27, 21], [30, 30, 30], target=0.8)
    shares = np.linspace(0.01, 0.99, 9)
    for person, row in enumerate(posterior.quantile(shares)):
        assert posterior.cdf(row)[person] == pytest.approx(shares, abs=2e-4)


def test_a_team_far_from_the_target_widens_the_grid():
    posterior = rate_posterior([9, 12, 10, 8], [30] * 4, target=0.8)
    assert posterior.mean.min() < 0.4
    assert posterior.weight[posterior.mean == posterior.mean.min()].sum() <= 0.05
    assert posterior.weight.sum() == pytest.approx(1)


def test_normal_mixture_agrees_with_integration():
    """One grid point at a time: N(m, s) prior times N(y, se) likelihood, by brute force."""
    y, error, target, length = np.array([30.0, 45.0, 10.0]), np.array([10.0, 8.0, 12.0]), 30.0, 200.0
    posterior = mean_posterior(y, error, target=target, scale=(-100, 100))
    means = target + length * np.arange(-0.14, 0.1201, 0.01)
    weights, tails = [], []
    for m, s in itertools.product(means, length * np.array(SPREADS)):
        densities = [
            lambda t, y_=y_, e=e, m=m, s=s: stats.norm.pdf(t, m, s) * stats.norm.pdf(y_, t, e)
            for y_, e in zip(y, error, strict=True)
        ]
        grid = np.linspace(-250, 250, 4001)
        evidence = [integrate.trapezoid(f(grid), grid) for f in densities]
        weights.append(np.prod(evidence))
        above = grid >= 30
        tails.append(integrate.trapezoid(densities[0](grid[above]), grid[above]) / evidence[0])
    expected = np.average(tails, weights=weights)
    assert posterior.tail(30.0)[0] == pytest.approx(expected, abs=1e-3)


def test_values_outside_the_scale_are_set_to_its_end():
    posterior = mean_posterior([4.9, 4.8], [0.3, 0.3], target=4.5, scale=(1, 5))
    assert posterior.tail(5.0)[0] > 0 and posterior.cdf([5.0])[0, 0] == 1.0
    assert posterior.quantile([0.999])[0, 0] == 5.0
    assert posterior.tail(1.0).tolist() == [1.0, 1.0]


def test_count_mixture_agrees_with_negative_binomials():
    counts, base, target = np.array([2.0, 12.0, 6.0]), np.array([10.0, 10.0, 10.0]), 0.6
    posterior = count_posterior(counts, base, target=target)
    variations = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0, 1.4)
    weights, tails = [], []
    for power, c in itertools.product(np.arange(-20, 21) / 10, variations):
        shape = 1 / c**2
        rate = shape / (target * 2**power)
        weights.append(np.prod(stats.nbinom.pmf(counts, shape, rate / (rate + base))))
        tails.append(stats.gamma.sf(0.6, shape + counts[0], scale=1 / (rate + base[0])))
    assert posterior.tail(0.6)[0] == pytest.approx(np.average(tails, weights=weights), rel=1e-6)


def test_nobody_with_events_still_ends():
    assert count_posterior([0, 0], [10.0, 10.0], target=1.0).tail(1.0).max() < 0.05


@pytest.mark.row("W12")
@pytest.mark.parametrize(("n", "expected"), [(15, 0.130), (30, 0.231), (60, 0.375), (200, 0.667)])
def test_reliability_by_period(n, expected):
    assert round(reliability(0.04**2, 0.8 * 0.2, n), 3) == expected


@pytest.mark.slow
@pytest.mark.row("W12")
@pytest.mark.parametrize(
    ("n", "share", "top", "spearman", "wrong"),
    [
        (15, 0.13, 0.29, 0.33, 0.39),
        (30, 0.23, 0.36, 0.45, 0.34),
        (60, 0.38, 0.45, 0.57, 0.29),
        (200, 0.66, 0.62, 0.77, 0.20),
    ],
)
def test_scores_of_people_are_as_reliable_as_the_formula_says(n, share, top, spearman, wrong):
    """W3: 20 true rates normal(.80, .04); true over observed variance, top three, rank order, side of .80."""
    worlds, rng = 4000, np.random.default_rng(3)
    true = np.clip(rng.normal(0.80, 0.04, (worlds, 20)), 0.50, 0.98)
    seen = rng.binomial(n, true) / n
    untied = seen + rng.uniform(-1e-9, 1e-9, seen.shape)  # equal scores in random order
    ranks = [stats.rankdata(values, axis=1) for values in (true, seen)]
    best = [np.argsort(-values, axis=1)[:, :3] for values in (true, untied)]
    each = {
        "top three": [len(set(a) & set(b)) / 3 for a, b in zip(*best, strict=True)],
        "Spearman": [np.corrcoef(a, b)[0, 1] for a, b in zip(*ranks, strict=True)],
        "wrong side": ((true >= 0.80) != (seen >= 0.80)).mean(axis=1),
    }
    found = float(true.var(axis=1, ddof=1).mean() / seen.var(axis=1, ddof=1).mean())
    assert found == pytest.approx(share, abs=0.01)
    assert found == pytest.approx(reliability(0.04**2, 0.8 * 0.2, n), abs=0.015)
    for (name, values), expected in zip(each.items(), (top, spearman, wrong), strict=True):
        error = np.std(values) / math.sqrt(worlds)
        print(f"W3 n = {n}: {name} {np.mean(values):.3f} (measured {expected}), SE {error:.4f}")
        assert np.mean(values) == pytest.approx(expected, abs=0.005 + 3 * error)


@given(st.floats(1e-4, 0.05), st.floats(0.01, 0.25), st.floats(0.1, 0.95))
def test_answers_needed_reach_the_reliability(between, within, target):
    n = answers_needed(between, within, target)
    assert reliability(between, within, n) >= target - 1e-6
    assert n == 1 or reliability(between, within, n - 1) < target + 1e-6


def test_people_who_do_not_differ_never_get_reliable():
    assert answers_needed(0.0, 0.16) == math.inf
    assert between_variance([80.0, 80.1, 79.9], [4.0, 4.0, 4.0]) == 0.0


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.5, 20)), min_size=2, max_size=12))
def test_shrunken_means_lie_between_person_and_team(people):
    y, error = np.array(people).T
    found = shrink_means(y, error)
    low, high = np.minimum(y, found.centre), np.maximum(y, found.centre)
    assert np.all((low - 1e-9 <= found.value) & (found.value <= high + 1e-9))


def test_reml_agrees_with_statsmodels():
    smf = pytest.importorskip("statsmodels.formula.api")
    import pandas as pd

    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(12), rng.integers(1, 15, 12))
    rows = pd.DataFrame(
        {"person": person, "y": rng.normal(0, 1, 12)[person] + rng.normal(0, 1.5, person.size)}
    )
    fit = smf.mixedlm("y ~ 1", rows, groups=rows.person).fit(reml=True)
    groups = rows.groupby("person").y.agg(["size", "mean", "var"])
    ours = random_intercept(*groups.to_numpy().T)
    assert ours.within == pytest.approx(fit.scale, rel=1e-3)
    assert ours.shrunken.between == pytest.approx(float(fit.cov_re.iloc[0, 0]), rel=1e-3)
    assert ours.shrunken.centre == pytest.approx(fit.params["Intercept"], rel=1e-3)


def test_reml_without_differences_between_people():
    fit = random_intercept([5, 5, 5], [4.0, 4.0, 4.0], [1.0, 1.0, 1.0])
    assert fit.shrunken.between == 0.0 and fit.shrunken.value.tolist() == [4.0, 4.0, 4.0]


def test_complementary_suppression_fixture():
    """Row G12: cells 40, 25, 8, 27: the 8 and the next smallest are hidden."""
    assert suppress([40, 25, 8, 27]).tolist() == [False, True, True, False]


def test_a_cell_between_two_blocks_is_not_given_away():
    """Every row and column has two hidden cells, yet the middle one follows from the totals."""
    hidden = np.zeros((4, 4), dtype=bool)
    hidden[:2, :2] = hidden[2:, 2:] = True
    hidden[1, 2] = True
    assert exposed(hidden).tolist() == [[1, 2]]


@settings(deadline=None, max_examples=60)
@given(st.integers(2, 5), st.integers(2, 5), st.data())
def test_no_hidden_cell_can_be_recomputed(rows, columns, data):
    cells = data.draw(st.lists(st.integers(0, 60), min_size=rows * columns, max_size=rows * columns))
    table = np.array(cells).reshape(rows, columns)
    hidden = suppress(table)
    assert hidden[table < 10].all()
    assert not exposed(hidden).size
    if (table >= 10).all():
        assert not hidden.any()


@given(st.lists(st.integers(0, 60), min_size=2, max_size=8))
def test_one_axis_never_hides_a_single_cell(counts):
    assert suppress(counts).sum() != 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: shrink_rates([5], [4], 1, 1), "counts_invalid"),
        (lambda: shrink_rates([3], [4], 0, 1), "prior_range"),
        (lambda: shrink_counts([-1], [4], 1, 1), "counts_invalid"),
        (lambda: shrink_means([1.0], [1.0]), "too_few_subjects"),
        (lambda: shrink_means([1.0, 2.0], [1.0, 0.0]), "no_standard_error"),
        (lambda: pooled_variance([1, 1], [math.nan, math.nan]), "too_few_subjects"),
        (lambda: rate_posterior([5.0], [4.0], target=0.8), "counts_invalid"),
        (lambda: rate_posterior([math.nan], [4.0], target=0.8), "missing_cell"),
        (lambda: mean_posterior([], [], target=3, scale=(1, 5)), "too_few_subjects"),
        (lambda: count_posterior([1.0], [0.0], target=1.0), "missing_cell"),
        (lambda: suppress([[[1]]]), "table_shape"),
        (lambda: suppress([-1, 2]), "counts_invalid"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == code
