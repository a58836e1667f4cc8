"""Moments, reliability, splits and scale scores: refusals, laws, warnings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_kpi.errors import MethodError, SchemaError, SpecError
from survey_kpi.psychometrics.moments import item_moments, moments_of_correlation
from survey_kpi.psychometrics.reliability import (
    cronbach_alpha,
    duhachek_interval,
    feldt_interval,
    multiple_r2,
    reversal_doubts,
)
from survey_kpi.psychometrics.scales import reverse, scale_scores
from survey_kpi.psychometrics.split_half import guttman_lambdas, spearman_brown, split_half

NAN = float("nan")


def items(rng, k=6, n=200, share=0.5):
    common = rng.standard_normal(n)
    return {
        f"q{i}": np.round(3 + np.sqrt(share) * common + np.sqrt(1 - share) * rng.standard_normal(n))
        for i in range(k)
    }


@pytest.mark.row("A04")
def test_an_unreversed_item_is_named_and_the_printed_alpha_stays_what_it_is():
    x = [1, 2, 3, 4, 5]
    assert cronbach_alpha(item_moments({"a": x, "b": x, "c": x})).raw == pytest.approx(1.0, abs=1e-12)
    found = cronbach_alpha(item_moments({"a": x, "b": x, "c": [6 - v for v in x]}))
    assert found.raw == pytest.approx(-3.0)
    assert found.item_rest[2] == pytest.approx(-1.0)
    assert [d.where for d in found.doubts if d.code == "probably_reversed"] == ["c"]
    assert any(d.code == "item_determined" for d in found.doubts) and np.isnan(found.lambda_6)


def test_reversing_the_named_items_silences_the_warning(shared):
    table = np.genfromtxt(shared / "references/r/data/bfi.csv", delimiter=",", names=True)
    moments = item_moments({f"E{i}": table[f"E{i}"] for i in range(1, 6)})
    named = {doubt.where for doubt in reversal_doubts(moments)}
    assert named == {"E1", "E2"}
    assert not reversal_doubts(moments.reverse(named, 1, 6))


def test_unrelated_items_are_not_called_reversed():
    rng = np.random.default_rng(5)
    columns = items(rng)
    columns["weak"] = np.round(rng.normal(3, 1, 200))
    assert not reversal_doubts(item_moments(columns))


def test_constant_items_are_all_named():
    with pytest.raises(MethodError, match=r"(?s)'b'.*'c'") as caught:
        item_moments({"a": [1, 2, 3], "b": [4, 4, 4], "c": [0.1, 0.1, 0.1]})
    assert [problem.code for problem in caught.value.problems] == ["constant_item", "constant_item"]


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"a": [1, 2, 3]}, "too_few_items"),
        ({"a": [1, 2, NAN, NAN], "b": [NAN, NAN, 1, 2]}, "no_common_answers"),
        ({"a": [NAN, NAN, NAN], "b": [3, 1, 2]}, "no_common_answers"),
        ({"a": [1, np.inf, 3], "b": [3, 1, 2]}, "not_finite"),
        ({"a": [1, 1, 2, 3], "b": [1, 2, NAN, NAN]}, "constant_item"),
    ],
)
def test_refusals_of_moments(columns, code):
    with pytest.raises(MethodError) as caught:
        item_moments(columns)
    assert caught.value.code == code


def test_rows_may_stand_for_several_people():
    columns = {"a": [1, 2, 3, NAN], "b": [2, 1, 3, 4], "c": [1, 1, 2, 3]}
    weight = [3, 1, 2, 5]
    spread = {name: np.repeat(values, weight) for name, values in columns.items()}
    grouped, single = item_moments(columns, weight=weight), item_moments(spread)
    assert grouped.rows == single.rows == 11
    for field in ("pairs", "mean", "covariance", "correlation"):
        np.testing.assert_allclose(getattr(grouped, field), getattr(single, field))
    with pytest.raises(MethodError, match="counts_invalid"):
        item_moments(columns, weight=[1, 2, 0.5, 1])


def test_moments_keep_their_digits_far_from_zero():
    rng = np.random.default_rng(2)
    columns = items(rng)
    far = item_moments({name: values + 1e8 for name, values in columns.items()})
    np.testing.assert_allclose(far.correlation, item_moments(columns).correlation, atol=1e-9)


def test_reversed_moments_are_those_of_reversed_answers():
    columns = {name: np.clip(v, 1, 5) for name, v in items(np.random.default_rng(4)).items()}
    turned = {**columns, "q2": reverse(columns["q2"], low=1, high=5)}
    by_moments, by_answers = item_moments(columns).reverse(["q2"], 1, 5), item_moments(turned)
    np.testing.assert_allclose(by_moments.mean, by_answers.mean)
    np.testing.assert_allclose(by_moments.covariance, by_answers.covariance)
    np.testing.assert_allclose(by_moments.correlation, by_answers.correlation)
    with pytest.raises(SpecError, match="did you mean 'q2'"):
        item_moments(columns).reverse(["Q2"], 1, 5)


def test_selecting_items_is_leaving_the_others_out():
    columns = items(np.random.default_rng(4))
    part = item_moments(columns).select(["q3", "q1"])
    np.testing.assert_allclose(
        part.covariance, item_moments({k: columns[k] for k in ("q3", "q1")}).covariance
    )
    assert part.names == ("q3", "q1")


def test_opposite_items_leave_no_variance_to_be_reliable():
    with pytest.raises(MethodError) as caught:
        cronbach_alpha(item_moments({"a": [1, 2, 3], "b": [3, 2, 1]}))
    assert caught.value.code == "no_variation"


def test_copies_of_an_item_have_no_multiple_correlation():
    with pytest.raises(MethodError, match="singular"):
        multiple_r2(np.ones((3, 3)))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.5, 20), st.floats(-50, 50))
def test_alpha_ignores_unit_and_origin(seed, unit, origin):
    columns = items(np.random.default_rng(seed), k=4, n=40)
    plain = cronbach_alpha(item_moments(columns))
    moved = cronbach_alpha(item_moments({name: unit * v + origin for name, v in columns.items()}))
    assert moved.raw == pytest.approx(plain.raw, abs=1e-9)
    assert moved.standardised == pytest.approx(plain.standardised, abs=1e-9)
    assert plain.raw <= 1


def test_the_feldt_interval_covers():
    """1,000 worlds of parallel items, where the F distribution is exact: 95 % within 3 Monte Carlo errors."""
    rng = np.random.default_rng(11)
    true = 4 * 0.5 / (1 + 3 * 0.5)
    hits = []
    for _ in range(1000):
        x = np.sqrt(0.5) * (rng.standard_normal((60, 1)) + rng.standard_normal((60, 4)))
        raw = cronbach_alpha(item_moments(dict(zip("abcd", x.T, strict=True)))).raw
        low, high = feldt_interval(raw, 60, 4)
        hits.append(low <= true <= high)
    assert abs(np.mean(hits) - 0.95) < 3 * np.sqrt(0.95 * 0.05 / 1000)


def test_intervals_hold_alpha_and_refuse_small_bases():
    found = cronbach_alpha(item_moments(items(np.random.default_rng(1))))
    for low, high in (duhachek_interval(found), feldt_interval(found.raw, found.n, 6)):
        assert low < found.raw < high
    with pytest.raises(SpecError, match="base_too_small"):
        feldt_interval(0.5, 1, 5)


def test_the_mean_split_of_an_even_scale_is_alpha():
    moments = item_moments(items(np.random.default_rng(3)))
    found = split_half(moments)
    assert found.coefficients.size == 10 and not found.sampled
    assert found.mean == pytest.approx(cronbach_alpha(moments).standardised)
    assert found.lowest <= found.mean <= found.highest


def test_long_scales_are_split_at_random_and_say_so():
    moments = item_moments(items(np.random.default_rng(3), k=18))
    with pytest.raises(SpecError, match="generator_missing"):
        split_half(moments)
    found, again = (split_half(moments, rng=np.random.default_rng(1), draws=3000) for _ in range(2))
    assert found.sampled and found.mean == pytest.approx(cronbach_alpha(moments).standardised, abs=0.002)
    np.testing.assert_array_equal(found.coefficients, again.coefficients)


def test_lambdas_are_in_guttmans_order():
    found = guttman_lambdas(item_moments(items(np.random.default_rng(3))))
    assert found.lambda_1 < found.lambda_3 <= found.lambda_2
    assert found.lambda_3 <= found.lambda_4 <= 1 and found.lambda_1 <= found.lambda_5
    assert 0 < found.lambda_6 < 1


def test_spearman_brown_halves_what_it_doubled():
    assert spearman_brown(spearman_brown(0.6, 2), 0.5) == pytest.approx(0.6)


def test_parallel_items_have_one_alpha_by_every_road():
    R = np.full((5, 5), 0.4) + 0.6 * np.eye(5)
    found = cronbach_alpha(moments_of_correlation("abcde", R, rows=100))
    assert found.raw == pytest.approx(found.standardised) == pytest.approx(spearman_brown(0.4, 5))


def test_reversal_refuses_answers_off_the_scale():
    assert np.isnan(reverse([NAN], low=1, high=5)[0])
    with pytest.raises(SchemaError, match="scale_mixed"):
        reverse([1, 7], low=1, high=5)


def test_scores_need_the_declared_number_of_answers():
    columns = {"a": [1, 2, NAN], "b": [3, NAN, NAN]}
    assert scale_scores(columns, low=1, high=5)[:2].tolist() == [2.0, 2.0]
    found = scale_scores(columns, low=1, high=5, at_least=2)
    assert found[0] == 2.0 and np.isnan(found[1:]).all()
    with pytest.raises(SpecError, match="item_unknown"):
        scale_scores(columns, reversed_items=["z"], low=1, high=5)
