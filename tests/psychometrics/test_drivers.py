"""Drivers: planted shares come back, intervals cover, words stay associative."""

from __future__ import annotations

import re

import numpy as np
import pytest
from statsmodels.discrete.discrete_model import Logit

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.psychometrics.association import binary_logit, ordered_logit
from survey_kpi.psychometrics.drivers import importance, johnson_weights, lmg_shares
from survey_kpi.psychometrics.priorities import importance_performance


def orthogonal(rng, n=5000):
    """Two independent drivers with R² .48 and .16 of overall satisfaction."""
    a, b, rest = rng.standard_normal((3, n))
    return np.sqrt(0.48) * a + np.sqrt(0.16) * b + 0.6 * rest, {"a": a, "b": b}


@pytest.mark.row("A05")
def test_planted_drivers_share_75_to_25():
    rng = np.random.default_rng(2026)
    found = importance(*orthogonal(rng), rng, draws=400)
    np.testing.assert_allclose(found.lmg, [75, 25], atol=4)
    np.testing.assert_allclose(found.johnson, [75, 25], atol=4)
    assert found.r2 == pytest.approx(0.64, abs=0.03)
    assert found.lmg_low[0] < 75 < found.lmg_high[0] and found.lmg_low[1] < 25 < found.lmg_high[1]
    assert found.ranking == ("a", "b") and found.order_probability("a", "b") == 1.0
    # the sampling SD of the share is 1.1 points
    assert (found.lmg_high - found.lmg_low)[0] == pytest.approx(2 * 1.96 * 1.1, rel=0.2)


def test_shares_sum_to_everything_and_repeat_themselves():
    rng = np.random.default_rng(5)
    overall, items = orthogonal(rng, 200)
    items["c"] = items["a"] + rng.standard_normal(200)
    overall = overall + np.where(np.arange(200) < 3, np.nan, 0)
    first, second = (importance(overall, items, np.random.default_rng(1), draws=50) for _ in range(2))
    assert first.n == 197 and first.incomplete == 3
    assert first.lmg.sum() == pytest.approx(100) and first.johnson.sum() == pytest.approx(100)
    np.testing.assert_array_equal(first.replicates, second.replicates)


def test_identical_associations_are_not_ordered():
    rng = np.random.default_rng(9)
    a, b, rest = rng.standard_normal((3, 300))
    found = importance(a + b + rest, {"a": a, "b": b}, rng, draws=300)
    assert found.order_probability("a", "b") < 0.995 and found.lmg_low[0] < 50 < found.lmg_high[0]


def test_independent_items_share_their_squared_correlations():
    r = np.array([0.5, 0.4, 0.3])
    np.testing.assert_allclose(lmg_shares(np.eye(3), r), r**2)
    np.testing.assert_allclose(johnson_weights(np.eye(3), r), r**2)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda x: {"a": x[0]}, "too_few_items"),
        (lambda x: {str(i): x[0] + i for i in range(13)}, "too_many_items"),
        (lambda x: {"a": x[0], "b": np.ones(40)}, "constant_item"),
        (lambda x: {"a": x[0], "b": 2 * x[0] + 1}, "singular"),
        (lambda x: {"a": x[0], "b": np.where(np.arange(40) < 5, x[1], np.nan)}, "too_few_subjects"),
    ],
)
def test_refusals(make, code):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((3, 40))
    with pytest.raises(MethodError) as caught:
        importance(x[2], make(x), rng, draws=10)
    assert caught.value.code == code


def test_logit_finds_the_planted_odds_and_agrees_with_two_categories():
    rng = np.random.default_rng(7)
    a, b = rng.standard_normal((2, 4000))
    latent = 0.8 * a + 0.0 * b + rng.logistic(size=4000)
    ordered = ordered_logit(np.digitize(latent, [-1, 1]), {"a": a, "b": b})
    assert ordered.value == pytest.approx([0.8, 0.0], abs=3 * 0.04)
    assert ordered.p_value[0] < 1e-6 < ordered.p_value[1]
    low, high = ordered.interval()
    assert low[0] < 0.8 < high[0] and ordered.odds_ratio[0] == pytest.approx(np.exp(ordered.value[0]))
    binary = binary_logit(latent > 0, {"a": a, "b": b})
    two = ordered_logit(latent > 0, {"a": a, "b": b})
    np.testing.assert_allclose(binary.value, two.value, atol=1e-4)
    np.testing.assert_allclose(binary.std_error, two.std_error, rtol=1e-3)


@pytest.mark.slow
@pytest.mark.row("A22")
def test_intervals_cover_the_planted_odds_ratio():
    """A22: odds ratio 2, n = 2,000, base loss 20 %, balanced predictor: 92-98 % of 1,000 runs cover."""
    runs, rng = 1000, np.random.default_rng(22)
    x = np.arange(2000) % 2
    chance = np.where(x == 1, 1 / 3, 0.2)  # odds .25 and .50
    intervals = [
        binary_logit(rng.random(2000) < chance, {"complaint": x}).odds_interval() for _ in range(runs)
    ]
    share = float(np.mean([low[0] < 2 < high[0] for low, high in intervals]))
    error = np.sqrt(0.95 * 0.05 / runs)
    print(f"A22: {share:.3f} of {runs} intervals cover, Monte Carlo SE {error:.4f}")
    assert 0.92 - 3 * error <= share <= 0.98 + 3 * error


@pytest.mark.row("A22")
def test_too_few_losses_get_no_model():
    """Ten losses per parameter: 19 losses do not carry an intercept and one predictor, 20 do."""
    x = np.arange(400) % 2
    lost = np.arange(400)
    with pytest.raises(MethodError) as caught:
        binary_logit(lost < 19, {"x": x})
    assert caught.value.code == "overfitted" and "19 cases, 2 coefficients" in str(caught.value)
    assert binary_logit(lost < 20, {"x": x}).n == 400


def test_thresholds_of_two_categories_are_the_intercept():
    rng = np.random.default_rng(4)
    x = rng.normal(3, 2, 400)
    y = rng.random(400) < 1 / (1 + np.exp(1 - 0.5 * x))
    two, many = binary_logit(y, {"x": x}), ordered_logit(y, {"x": x})
    reference = Logit(y.astype(float), np.column_stack([np.ones(400), x])).fit(disp=False)
    for fit in (two, many):
        assert fit.threshold[0] == pytest.approx(-reference.params[0], rel=1e-4)
        assert fit.threshold_error[0] == pytest.approx(reference.bse[0], rel=1e-4)
        assert fit.log_likelihood == pytest.approx(reference.llf)
        low, high = fit.odds_interval()
        np.testing.assert_allclose(np.log([low, high]), np.array(fit.interval()))


def test_logit_counts_what_it_sets_aside():
    rng = np.random.default_rng(7)
    a = rng.standard_normal(100)
    y = (a + rng.logistic(size=100) > 0).astype(float)
    y[:4] = np.nan
    found = binary_logit(y, {"a": a})
    assert (found.n, found.incomplete) == (96, 4)


def test_logit_refuses_separation_and_bad_answers():
    x = np.arange(40.0)
    for call, code in (
        (lambda: binary_logit(x > 20, {"x": x}, events=5), "not_converged"),
        (lambda: binary_logit(x > 20, {"x": x}), "overfitted"),
        (lambda: ordered_logit(x > 20, {"x": x}), "not_converged"),
        (lambda: binary_logit(x, {"x": x}), "not_binary"),
        (lambda: binary_logit(np.ones(40), {"x": x}), "no_variation"),
        (lambda: ordered_logit(x % 3, {"x": x, "y": 2 * x}), "collinear"),
    ):
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.code == code


def test_a_quadrant_is_named_only_clear_of_the_cuts():
    rows = importance_performance(
        ["a", "b", "c", "d", "e"],
        [40, 40, 5, 5, 20],
        [35, 35, 1, 1, 10],
        [45, 45, 9, 9, 30],
        [70, 90, 70, 90, 70],
        [65, 85, 65, 85, 65],
        [75, 95, 75, 95, 75],
        importance_cut=20,
        performance_cut=80,
    )
    assert [row.quadrant for row in rows] == [
        "concentrate",
        "keep_up",
        "low_priority",
        "possible_overkill",
        "undecided",
    ]
    with pytest.raises(SpecError, match="sizes_differ"):
        importance_performance(["a"], [1, 2], [1], [1], [1], [1], [1])


def test_no_sentence_about_drivers_speaks_of_causes(root):
    banned = re.compile(
        r"\b(causes|caused|leads? to|drives\b|results? in|because of the item)", re.IGNORECASE
    )
    pages = [root / "docs/reference/psychometrics.md"]
    pages += [
        root / f"src/survey_kpi/psychometrics/{name}.py" for name in ("drivers", "association", "priorities")
    ]
    assert not [(page.name, banned.findall(page.read_text("utf-8"))) for page in pages
                if banned.search(page.read_text("utf-8"))]  # fmt: skip
