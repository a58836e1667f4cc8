"""Factors, omega, how many factors: planted structures come back."""

from __future__ import annotations

import numpy as np
import pytest

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.psychometrics.factorability import bartlett_sphericity, kmo, parallel_analysis
from survey_kpi.psychometrics.factors import factor_analysis, oblimin
from survey_kpi.psychometrics.moments import item_moments, moments_of_correlation
from survey_kpi.psychometrics.omega import omega, omega_of_one_factor

LOADINGS = np.kron(np.eye(3), np.array([[0.8], [0.7], [0.6], [0.5]]))
PHI = np.array([[1, 0.3, 0.2], [0.3, 1, 0.4], [0.2, 0.4, 1]])
NAMES = tuple("abcdefghijkl")


def correlations(loadings, phi):
    R = loadings @ phi @ loadings.T
    np.fill_diagonal(R, 1.0)
    return R


@pytest.mark.parametrize("method", ["minres", "ml"])
def test_oblimin_recovers_simple_structure(method):
    moments = moments_of_correlation(NAMES, correlations(LOADINGS, PHI), rows=500)
    found = factor_analysis(moments, 3, method=method)
    order = [int(np.argmax(found.loadings[4 * i])) for i in range(3)]
    np.testing.assert_allclose(found.loadings[:, order], LOADINGS, atol=2e-3)
    np.testing.assert_allclose(found.correlation[np.ix_(order, order)], PHI, atol=2e-3)
    assert found.fit.rms < 1e-4 and found.fit.chi2 < 0.1 and found.fit.rmsea == 0.0
    assert not found.doubts


def test_varimax_keeps_communality_and_orders_factors():
    moments = moments_of_correlation(NAMES, correlations(LOADINGS, np.eye(3)), rows=500)
    plain, turned = (factor_analysis(moments, 3, rotation=name) for name in ("none", "varimax"))
    np.testing.assert_allclose((turned.loadings**2).sum(axis=1), plain.communality, atol=1e-6)
    np.testing.assert_allclose(turned.explained, np.sort(turned.explained)[::-1])
    assert (turned.loadings.sum(axis=0) > 0).all()


def test_symmetric_clusters_do_not_trap_the_rotation():
    """From the identity alone the search rests on a saddle of .193; simple structure has 0."""
    R = np.full((9, 9), 0.36) + np.kron(np.eye(3), np.full((3, 3), 0.16))
    np.fill_diagonal(R, 1.0)
    found = factor_analysis(moments_of_correlation("abcdefghi", R, rows=500), 3)
    np.testing.assert_allclose(np.sort(found.loadings, axis=1)[:, :2], 0, atol=1e-4)
    omegas = omega(moments_of_correlation("abcdefghi", R, rows=500))
    assert omegas.hierarchical == pytest.approx(9 * 9 * 0.36 / R.sum(), abs=1e-4)
    assert omegas.total == pytest.approx(1 - 9 * 0.48 / R.sum(), abs=1e-4)
    np.testing.assert_allclose(omegas.general, 0.6, atol=1e-4)
    assert omegas.limit == pytest.approx(omegas.hierarchical / omegas.total)


def test_rotation_reproduces_the_same_correlations():
    rng = np.random.default_rng(3)
    loadings = rng.uniform(0, 0.6, (10, 3))
    rotated, phi = oblimin(loadings)
    np.testing.assert_allclose(rotated @ phi @ rotated.T, loadings @ loadings.T, atol=1e-10)


def test_a_heywood_case_is_named():
    R = np.array([[1, 0.9, 0.9], [0.9, 1, 0.6], [0.9, 0.6, 1]])
    found = factor_analysis(moments_of_correlation("abc", R, rows=100), 1)
    assert [(d.code, d.where) for d in found.doubts] == [("heywood_case", "a")]
    assert np.isnan(found.fit.rmsea) and np.isnan(found.fit.tli)


@pytest.mark.parametrize("factors", [0, 3])
def test_models_with_more_parameters_than_data_are_refused(factors):
    with pytest.raises(MethodError, match="too_many_factors"):
        factor_analysis(moments_of_correlation("abcd", np.full((4, 4), 0.5) + np.eye(4) / 2, 90), factors)


def test_omega_needs_three_group_factors_and_one_factor_has_its_own():
    loading = np.array([0.8, 0.7, 0.6, 0.5])
    R = np.outer(loading, loading)
    np.fill_diagonal(R, 1.0)
    moments = moments_of_correlation("abcd", R, rows=200)
    assert omega_of_one_factor(moments) == pytest.approx(loading.sum() ** 2 / R.sum(), abs=1e-6)
    with pytest.raises(MethodError, match="too_few_factors"):
        omega(moments, factors=2)


def test_parallel_analysis_finds_planted_factors_and_none_in_noise():
    rng = np.random.default_rng(8)
    moments = moments_of_correlation(NAMES, correlations(LOADINGS, PHI), rows=500)
    assert parallel_analysis(moments, rng).factors == 3
    noise = [item_moments(dict(zip(NAMES, rng.standard_normal((12, 200)), strict=True))) for _ in range(40)]
    wrong = sum(parallel_analysis(one, rng, draws=200).factors > 0 for one in noise)
    assert wrong <= 40 * 0.05 + 3 * np.sqrt(40 * 0.05 * 0.95)


def test_parallel_analysis_repeats_itself_and_refuses_more_items_than_people():
    moments = moments_of_correlation(NAMES, correlations(LOADINGS, PHI), rows=500)
    first, second = (parallel_analysis(moments, np.random.default_rng(1), draws=50) for _ in range(2))
    np.testing.assert_array_equal(first.chance, second.chance)
    with pytest.raises(SpecError, match="base_too_small"):
        parallel_analysis(moments_of_correlation(NAMES, np.eye(12), rows=12), np.random.default_rng(1))


def test_independent_items_have_nothing_to_factor():
    moments = moments_of_correlation("abcd", np.eye(4), rows=100)
    assert bartlett_sphericity(moments).p_value == pytest.approx(1.0)
    R = np.ones((3, 3))
    with pytest.raises(MethodError, match="singular"):
        kmo(moments_of_correlation("abc", R, rows=100))
