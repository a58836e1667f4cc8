"""Laws of the careless indices, and what they say when they are not defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from survey_kpi.cleaning import careless
from survey_kpi.errors import MethodError

answers = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
sheets = arrays(float, st.tuples(st.integers(1, 8), st.just(9)), elements=answers)


@given(sheets)
def test_undefined_is_missing_with_a_reason_and_defined_has_none(x: np.ndarray) -> None:
    for index in (careless.irv(x), careless.even_odd(x, [3, 3, 3])):
        assert ((index.reasons == "") == ~np.isnan(index.values)).all()


@given(sheets, st.randoms(use_true_random=False))
def test_a_row_is_judged_by_itself(x: np.ndarray, random: object) -> None:
    order = np.random.default_rng(random.randrange(99)).permutation(len(x))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(careless.longstring(x)[order], careless.longstring(x[order]))
    np.testing.assert_array_equal(careless.irv(x).values[order], careless.irv(x[order]).values)
    np.testing.assert_array_equal(
        careless.even_odd(x, [3, 3, 3]).values[order], careless.even_odd(x[order], [3, 3, 3]).values
    )


@given(sheets)
def test_even_odd_stays_between_its_ends(x: np.ndarray) -> None:
    values = careless.even_odd(x, [3, 3, 3]).values
    assert (np.isnan(values) | ((values >= -1 - 1e-12) & (values <= 1 + 1e-12))).all()


@given(sheets)
def test_input_is_never_changed(x: np.ndarray) -> None:
    before = x.copy()
    careless.longstring(x), careless.irv(x), careless.even_odd(x, [3, 3, 3]), careless.item_correlations(x)
    np.testing.assert_array_equal(x, before)


def test_straight_liner_has_no_consistency_index_rather_than_a_perfect_one() -> None:
    sheet = np.array([[3.0] * 9])
    index = careless.even_odd(sheet, [3, 3, 3])
    assert np.isnan(index.values[0])
    assert index.reasons[0] == "no variation within the pairs"


def test_too_few_answers_give_the_reason() -> None:
    rng = np.random.default_rng(1)
    x = np.repeat(rng.integers(1, 6, size=(60, 1)), 4, axis=1) + rng.normal(0, 0.1, size=(60, 4))
    x[0, :3] = np.nan
    found = careless.psychsyn(x, 0.6)
    assert found.pairs[0] == 0
    assert found.pairs[1] == 6
    assert found.index.reasons[0] == "fewer than 3 pairs"


def test_item_correlations_equal_numpy_on_complete_columns() -> None:
    x = np.random.default_rng(2).normal(1e6, 1, size=(200, 5))
    np.testing.assert_allclose(careless.item_correlations(x), np.corrcoef(x, rowvar=False), atol=1e-9)


def test_item_correlation_uses_the_rows_that_answer_both() -> None:
    x = np.random.default_rng(3).normal(size=(50, 3))
    x[:20, 0], x[30:, 1] = np.nan, np.nan
    both = x[20:30]
    assert careless.item_correlations(x)[0, 1] == pytest.approx(np.corrcoef(both[:, 0], both[:, 1])[0, 1])


def test_constant_item_has_no_correlation() -> None:
    x = np.column_stack([np.full(10, 3.0), np.arange(10.0)])
    assert np.isnan(careless.item_correlations(x)[0, 1])


def test_mahalanobis_of_a_gap_is_the_distance_on_the_items_left() -> None:
    x = np.random.default_rng(4).normal(size=(80, 3))
    gap = x.copy()
    gap[0, 2] = np.nan
    found = careless.mahalanobis(gap)
    centred = gap[0, :2] - gap[:, :2].mean(axis=0)
    expected = centred @ np.linalg.inv(np.cov(gap[:, :2], rowvar=False)) @ centred
    assert found.index.values[0] == pytest.approx(expected)
    assert found.df[0] == 2


def test_mahalanobis_of_an_empty_row_is_missing() -> None:
    x = np.random.default_rng(5).normal(size=(30, 2))
    x[3] = np.nan
    found = careless.mahalanobis(x)
    assert np.isnan(found.index.values[3])
    assert found.index.reasons[3] == "no answers"


def test_mahalanobis_squared_averages_to_its_degrees_of_freedom() -> None:
    x = np.random.default_rng(6).normal(size=(500, 4))
    assert careless.mahalanobis(x).index.values.mean() == pytest.approx(4 * 499 / 500)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda x: careless.even_odd(x, [4]), "too_few_subscales"),
        (lambda x: careless.even_odd(x, [3, 1]), "subscale_items"),
        (lambda x: careless.even_odd(x, [2, 3]), "subscale_items"),
        (lambda x: careless.psychsyn(x, 0.99), "no_item_pairs"),
        (lambda x: careless.psychsyn(x, 0.99, antonyms=True), "no_item_pairs"),
        (lambda x: careless.mahalanobis(np.column_stack([x, x[:, 0]])), "singular_covariance"),
        (lambda x: careless.mahalanobis(np.column_stack([x, np.ones(len(x))])), "singular_covariance"),
    ],
)
def test_refusals_are_named(call: object, code: str) -> None:
    x = np.random.default_rng(7).normal(size=(40, 4))
    with pytest.raises(MethodError) as raised:
        call(x)  # type: ignore[operator]
    assert raised.value.code == code
