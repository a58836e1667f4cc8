"""Confirmatory factor analysis and polychoric correlation: lavaan's fit, planted truths, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from survey_kpi.errors import MethodError
from survey_kpi.psychometrics.confirmatory import confirm
from survey_kpi.psychometrics.moments import moments_of_correlation
from survey_kpi.psychometrics.polychoric import bivariate_normal, polychoric


def test_a_planted_model_comes_back():
    L = np.kron(np.eye(2), np.array([[0.8], [0.7], [0.6]]))
    R = L @ np.array([[1, -0.4], [-0.4, 1]]) @ L.T
    np.fill_diagonal(R, 1)
    found = confirm(moments_of_correlation("abcdef", R, 10**6), {"one": "abc", "two": "def"})
    np.testing.assert_allclose(found.loadings, [0.8, 0.7, 0.6] * 2, atol=1e-4)
    assert found.correlation[0, 1] == pytest.approx(-0.4, abs=1e-4) and found.chi2 < 1e-3
    np.testing.assert_allclose(found.standardised, found.loadings, atol=1e-4)
    assert found.fit["cfi"] == 1 and found.fit["rmsea"] == 0 and found.fit["srmr"] < 1e-4


@pytest.mark.parametrize(
    "scales", [{}, {"one": "ab"}, {"one": "abc", "two": "cd"}, {"one": "abc", "two": "d"}]
)
def test_models_without_an_answer_are_refused(scales):
    with pytest.raises(MethodError, match="model_unidentified"):
        confirm(moments_of_correlation("abcd", np.full((4, 4), 0.5) + np.eye(4) / 2, 100), scales)


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.95, 0.95))
def test_the_bivariate_normal_is_scipys(h, k, r):
    reference = multivariate_normal.cdf([h, k], cov=[[1, r], [r, 1]])
    assert float(bivariate_normal(h, k, r)) == pytest.approx(reference, abs=1e-6)


def test_the_correlation_behind_the_answers_comes_back_whatever_the_cuts():
    rng = np.random.default_rng(4)
    x, y = rng.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], size=20_000).T
    table = pd.crosstab(np.digitize(x, [-1.5, 0.2, 1]), np.digitize(y, [0.5, 1.2]))
    assert polychoric(table) == pytest.approx(0.6, abs=3 * 0.008)
    assert polychoric(table.to_numpy()[::-1]) == pytest.approx(-polychoric(table), abs=1e-5)


@pytest.mark.parametrize(
    ("table", "code"),
    [([[3, 4]], "no_variation"), ([[3, 0], [4, 0]], "no_variation"), ([[-1, 2], [3, 4]], "negative_cell")],
)
def test_refusals_of_polychoric(table, code):
    with pytest.raises(MethodError) as caught:
        polychoric(table)
    assert caught.value.code == code
