"""Case mix: the Simpson fixture, the guard against overfitting, and the world of different customers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.inference.casemix import direct, indirect, regression

X = [[72, 10], [19, 48]]
"""Simpson fixture: two people, VIP and complaint-origin customers."""
N = [[80, 20], [20, 80]]


def test_simpson_direct():
    found = direct(X, N, [0.5, 0.5])
    assert (100 * found.raw).tolist() == pytest.approx([82.0, 67.0])
    assert (100 * found.adjusted).tolist() == pytest.approx([70.0, 77.5])
    assert found.order_flips


def test_simpson_indirect():
    found = indirect(X, N)
    assert found.expected.tolist() == pytest.approx([84.4, 64.6])
    assert found.ratio.round(4).tolist() == [0.9716, 1.0372]
    assert (100 * found.adjusted).round(2).tolist() == [72.38, 77.27]
    assert found.order_flips


def test_difference_form_adds_what_was_over_to_the_overall_share():
    found = indirect(X, N, difference=True)
    assert (100 * found.adjusted).tolist() == pytest.approx([74.5 + (82 - 84.4), 74.5 + (67 - 64.6)])


def test_same_customers_need_no_adjustment():
    found = indirect([[40, 20], [30, 10]], [[50, 30], [50, 30]])
    assert found.adjusted == pytest.approx(found.raw)
    assert not found.order_flips


def test_regression_with_an_indicator_per_kind_is_indirect_standardisation():
    model = regression(X, N, {"complaint": [0, 1]})
    assert model.result.adjusted == pytest.approx(indirect(X, N).adjusted, rel=1e-9)
    odds = math.log(0.58 / 0.42) - math.log(0.91 / 0.09)
    assert model.coefficients[1] == pytest.approx(odds)
    assert model.events_per_coefficient == pytest.approx(51 / 2)


@pytest.mark.filterwarnings("ignore")
def test_regression_agrees_with_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    x = np.array([[30, 20, 10], [25, 28, 12]])
    n = np.array([[40, 30, 30], [30, 40, 30]])
    columns = {"mid": [0, 1, 0], "low": [0, 0, 1]}
    model = regression(x, n, columns)
    design = np.column_stack([np.ones(3), columns["mid"], columns["low"]])
    fit = sm.GLM(np.column_stack([x.sum(0), (n - x).sum(0)]), design, family=sm.families.Binomial()).fit()
    assert model.coefficients == pytest.approx(fit.params, rel=1e-6)
    assert model.std_errors == pytest.approx(fit.bse, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: regression([[9, 5]], [[10, 6]], {"a": [0, 1]}), "overfitted"),
        (lambda: regression([[50, 50]], [[100, 100]], {"a": [1, 1]}), "collinear"),
        (lambda: regression([[50, 0]], [[100, 100]], {"a": [0, 1]}), "not_converged"),
        (lambda: direct(X, [[80, 20], [20, 0]], [0.5, 0.5]), "counts_invalid"),
        (lambda: direct([[72, 10], [19, 0]], [[80, 20], [20, 0]], [0.5, 0.5]), "empty_cell"),
        (lambda: direct(X, N, [0.5, 0.6]), "mix_sum"),
        (lambda: indirect([1, 2], [3, 4]), "counts_invalid"),
    ],
)
def test_refusals(call, code):
    with pytest.raises(MethodError) as caught:
        call()
    assert caught.value.code == code


def world(rng, runs, effect_sd):
    """W5: 20 people, 60 answers each, three kinds of customers with base rates .92, .80, .60."""
    mix = rng.dirichlet([2, 4, 2], (runs, 20))
    effect = rng.normal(0, effect_sd, (runs, 20)) if effect_sd else np.zeros((runs, 20))
    n = rng.multinomial(60, mix)
    rates = np.clip(np.array([0.92, 0.80, 0.60]) + effect[..., None], 0.01, 0.99)
    return rng.binomial(n, rates), n, effect


@pytest.mark.slow
def test_adjustment_beats_raw_where_customers_differ():
    """W5: Spearman with the true effect .39 raw, .47 adjusted; top-5 overlap .44 and .48."""
    runs = 2000
    x, n, effect = world(np.random.default_rng(5), runs, 0.03)
    found = indirect(x, n, difference=True)
    ranks = [stats.rankdata(values, axis=1) for values in (found.raw, found.adjusted, effect)]
    raw, adjusted = (
        np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(one, ranks[2], strict=True)]) for one in ranks[:2]
    )
    gain = adjusted - raw
    print(f"Spearman raw {raw.mean():.3f}, adjusted {adjusted.mean():.3f}, gain {gain.mean():.3f}")
    assert gain.mean() - 3 * gain.std() / math.sqrt(runs) > 0
    assert raw.mean() == pytest.approx(0.39, abs=0.02) and adjusted.mean() == pytest.approx(0.47, abs=0.02)
    top = [np.argsort(-values, axis=1)[:, :5] for values in (found.raw, found.adjusted, effect)]
    overlap = [
        np.mean([len(set(a) & set(b)) / 5 for a, b in zip(one, top[2], strict=True)]) for one in top[:2]
    ]
    assert overlap == pytest.approx([0.44, 0.48], abs=0.02)


@pytest.mark.slow
def test_equal_people_are_not_flagged_because_of_their_customers():
    """W5 with zero person effects: nobody flagged beyond the 5 % of the false discovery rate."""
    runs = 2000
    x, n, _ = world(np.random.default_rng(55), runs, 0.0)
    flagged = indirect(x, n, difference=True).flagged().any(axis=1).mean()
    print(f"worlds with a false flag: {flagged:.4f}")
    assert flagged <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs)
