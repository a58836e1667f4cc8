"""Agreement of raters and their leniency."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as reference_fleiss

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.psychometrics.agreement import cohen_kappa, fleiss_kappa, icc
from survey_kpi.psychometrics.leniency import rater_leniency

M04 = [
    ("R1", "T1", 4), ("R1", "T2", 3), ("R2", "T2", 4), ("R2", "T3", 6),
    ("R3", "T3", 4), ("R3", "T4", 1), ("R1", "T4", 2), ("R2", "T1", 5),
]  # fmt: skip


def ratings(rows):
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.row("M04")
def test_the_published_fixture_is_recovered_exactly():
    found = rater_leniency(*ratings(M04))
    assert found.raw.tolist() == [4.5, 3.5, 5.0, 1.5]
    np.testing.assert_allclose(found.adjusted, [4, 3, 5, 2], atol=1e-12)
    np.testing.assert_allclose(found.leniency, [0, 1, -1], atol=1e-12)
    assert found.noise == pytest.approx(0, abs=1e-12)
    assert found.n.tolist() == [2, 2, 2, 2] and found.n_given.tolist() == [3, 3, 2]


@pytest.mark.row("M04")
def test_raters_without_a_common_ratee_are_named():
    with pytest.raises(MethodError, match=r"R1, R2 \| R3|R3 \| R1, R2") as caught:
        rater_leniency(["R1", "R2", "R3", "R3"], ["A", "A", "B", "C"], [1, 2, 3, 4])
    assert caught.value.code == "raters_disconnected"


@pytest.mark.parametrize(
    ("rows", "error", "code"),
    [
        ([("R1", "A", np.nan), ("R2", "A", 1)], MethodError, "missing_cell"),
        ([("R1", "A", 1), ("R1", "B", 2)], MethodError, "too_few_subjects"),
    ],
)
def test_refusals_of_the_leniency_model(rows, error, code):
    with pytest.raises(error) as caught:
        rater_leniency(*ratings(rows))
    assert caught.value.code == code


def test_every_rating_needs_its_rater():
    with pytest.raises(SpecError, match="sizes_differ"):
        rater_leniency(["R1"], ["A", "B"], [1, 2])


def test_without_spare_ratings_the_noise_is_unknown():
    found = rater_leniency(["R1", "R1", "R2"], ["A", "B", "B"], [4, 3, 4])
    assert np.isnan(found.noise) and np.isnan(found.adjusted_error).all()
    assert found.leniency.sum() == pytest.approx(0)


def test_standard_errors_are_those_of_the_linear_model():
    """Against the contrasts of statsmodels' least squares with sum-to-zero raters."""
    import statsmodels.formula.api as smf

    rng = np.random.default_rng(6)
    rater, ratee = rng.integers(0, 4, 60), rng.integers(0, 5, 60)
    score = 3 + 0.3 * rater - 0.4 * ratee + rng.normal(size=60)
    table = {"score": score, "rater": [f"r{i}" for i in rater], "ratee": [f"t{i}" for i in ratee]}
    fit = smf.ols("score ~ 0 + C(ratee) + C(rater, Sum)", pd.DataFrame(table)).fit()
    found = rater_leniency(table["rater"], table["ratee"], score)
    np.testing.assert_allclose(found.adjusted, fit.params[:5])
    np.testing.assert_allclose(found.adjusted_error, fit.bse[:5])
    np.testing.assert_allclose(found.leniency[:3], fit.params[5:])
    np.testing.assert_allclose(found.leniency_error[:3], fit.bse[5:])
    assert found.noise == pytest.approx(np.sqrt(fit.scale))


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(-3, 3))
def test_a_milder_rater_moves_leniency_and_nobodys_adjusted_mean(seed, milder):
    rng = np.random.default_rng(seed)
    rater, ratee = np.repeat(np.arange(4), 5), np.tile(np.arange(5), 4)
    score = rng.normal(3, 1, 20)
    names = [[f"{kind}{i}" for i in ids] for kind, ids in (("r", rater), ("t", ratee))]
    plain = rater_leniency(*names, score)
    moved = rater_leniency(*names, score + milder * (rater == 2))
    np.testing.assert_allclose(moved.adjusted - plain.adjusted, milder / 4, atol=1e-9)
    np.testing.assert_allclose(
        moved.leniency - plain.leniency, milder * (np.array([0, 0, 1, 0]) - 0.25), atol=1e-9
    )


def test_balanced_ratings_have_the_one_way_icc_of_shrout_and_fleiss():
    table = np.random.default_rng(2).normal(size=(6, 4)) + np.arange(6)[:, None]
    rater, ratee = np.tile(np.arange(4), 6), np.repeat(np.arange(6), 4)
    found = rater_leniency([str(r) for r in rater], [str(t) for t in ratee], table.ravel())
    forms = {form.name: form.value for form in icc(table)}
    assert (found.icc_1, found.icc_k) == (
        pytest.approx(forms["ICC1"]),
        pytest.approx(forms["ICC1k"]),
    )


def test_icc_refuses_gaps_small_tables_and_constants():
    for table, code in (
        ([[1, 2], [np.nan, 3]], "missing_cell"),
        ([[1, 2, 3]], "too_few_subjects"),
        ([[2, 2], [2, 2]], "no_variation"),
    ):
        with pytest.raises(MethodError) as caught:
            icc(table)
        assert caught.value.code == code


def test_perfect_agreement_is_one_in_every_form():
    forms = icc([[1, 1, 1], [2, 2, 2], [4, 4, 4]])
    assert [form.value for form in forms] == pytest.approx([1.0] * 6)
    assert all(form.conf_low <= 1 for form in forms)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=4, max_size=30))
def test_cohen_kappa_agrees_with_scikit_learn(pairs):
    a, b = zip(*pairs, strict=True)
    if len({*a, *b}) < 2 or (len(set(a)) == 1 and len(set(b)) == 1):
        return
    for weights in ("none", "linear", "quadratic"):
        expected = cohen_kappa_score(a, b, weights=None if weights == "none" else weights)
        assert cohen_kappa(a, b, weights=weights).value == pytest.approx(expected, abs=1e-9)


def test_fleiss_kappa_agrees_with_statsmodels():
    rng = np.random.default_rng(1)
    counts = rng.multinomial(5, [0.2, 0.3, 0.5], size=20)
    assert fleiss_kappa(counts).value == pytest.approx(reference_fleiss(counts))


def test_kappa_refuses_what_chance_explains_and_unequal_sizes():
    for call, code in (
        (lambda: cohen_kappa([1, 1], [1, 1]), "no_variation"),
        (lambda: cohen_kappa([1, 1], [1]), "sizes_differ"),
        (lambda: fleiss_kappa([[3, 0], [2, 0]]), "sizes_differ"),
        (lambda: fleiss_kappa([[3, 0], [3, 0]]), "no_variation"),
    ):
        with pytest.raises(MethodError) as caught:
            call()
        assert caught.value.code == code
