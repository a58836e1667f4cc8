"""Tiers, clusters and migration between tiers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.segments.clusters import cluster_tiers
from survey_kpi.segments.migration import migration
from survey_kpi.segments.tiers import rfm_scores, value_tiers


@pytest.mark.row("G01")
def test_ties_at_a_cut_go_to_the_higher_tier():
    found = value_tiers([100, 90, 90, 50, 40, 30, 20, 10, 5, 1])
    assert found.sizes == {"high": 3, "middle": 2, "low": 5}
    assert found.tier[:3].tolist() == ["high"] * 3


@given(st.lists(st.integers(0, 8), min_size=1, max_size=60))
def test_tiers_follow_value_whatever_the_order(values):
    found = value_tiers(values)
    by_value = {value: set(found.tier[np.array(values) == value].tolist()) for value in set(values)}
    assert all(len(tiers) == 1 for tiers in by_value.values())
    rank = {"high": 0, "middle": 1, "low": 2}
    ordered = [rank[by_value[value].pop()] for value in sorted(by_value, reverse=True)]
    assert ordered == sorted(ordered) and sum(found.sizes.values()) == len(values)
    again = value_tiers(values[::-1])
    assert again.tier[::-1].tolist() == found.tier.tolist()
    assert all(value >= found.cuts[tier] for value, tier in zip(values, found.tier, strict=True))


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        (lambda: value_tiers([1, 2], {"a": 0.6, "b": 0.4}), SpecError, "shares_sum"),
        (lambda: value_tiers([1, 2], {"a": 0.0}), SpecError, "shares_sum"),
        (lambda: value_tiers([]), MethodError, "too_few_subjects"),
        (lambda: value_tiers([1, np.nan]), MethodError, "missing_cell"),
        (lambda: rfm_scores([1], [1], [1], groups=1), SpecError, "groups_range"),
        (lambda: rfm_scores([1, 2], [1], [1]), SpecError, "sizes_differ"),
    ],
)
def test_refusals_of_tiers(call, error, code):
    with pytest.raises(error) as caught:
        call()
    assert caught.value.code == code


def test_rfm_scores_split_customers_evenly_and_reward_recent_orders():
    days = np.arange(100)
    found = rfm_scores(days, days, days)
    assert np.bincount(found.recency)[1:].tolist() == [20] * 5
    assert found.recency[0] == 5 and found.frequency[0] == 1 and (found.total == 7).sum() > 0
    assert rfm_scores([1, 1, 9], [2, 2, 2], [0, 5, 5], groups=3).recency.tolist() == [3, 3, 1]


def customers(rng):
    centres = np.repeat([[2, 50], [10, 500], [40, 9000]], 60, axis=0)
    return np.exp(np.log(centres) + 0.15 * rng.standard_normal(centres.shape))


def test_clusters_find_planted_groups_and_order_them_by_value():
    rng = np.random.default_rng(4)
    orders, amount = customers(rng).T
    first, second = (
        cluster_tiers({"orders": orders, "amount": amount}, value="amount", rng=np.random.default_rng(1))
        for _ in range(2)
    )
    assert first.sizes == {"high": 60, "middle": 60, "low": 60}
    assert first.tier[-1] == "high" and first.tier[0] == "low" and first.silhouette > 0.7
    assert first.centres["high"]["amount"] > first.centres["middle"]["amount"]
    assert first.tier.tolist() == second.tier.tolist()


def test_refusals_of_clusters():
    rng = np.random.default_rng(1)
    for columns, value, error, code in (
        ({"amount": [1, 2, 3, 4]}, "amuont", SpecError, "unknown_column"),
        ({"amount": [1, 2, np.nan, 4]}, "amount", MethodError, "missing_cell"),
        ({"amount": [1, 2, -3, 4]}, "amount", MethodError, "negative_cell"),
        ({"amount": [1, 2, 3, 3]}, "amount", MethodError, "no_variation"),
    ):
        with pytest.raises(error) as caught:
            cluster_tiers(columns, value=value, rng=rng)
        assert caught.value.code == code


TIERS = ["high", "middle", "low"]
LISTS = st.dictionaries(st.integers(0, 30).map(str), st.sampled_from(TIERS))


@pytest.mark.row("G03")
@given(LISTS, LISTS)
def test_migration_reconciles_with_both_customer_lists(before, after):
    found = migration(before, after, TIERS)
    assert found.before == {tier: list(before.values()).count(tier) for tier in TIERS}
    assert found.after == {tier: list(after.values()).count(tier) for tier in TIERS}
    stayed = found.counts.sum(axis=1) > 0
    np.testing.assert_allclose(found.percent[stayed].sum(axis=1), 100)
    assert np.isnan(found.percent[~stayed]).all()


def test_unlisted_tiers_are_named():
    with pytest.raises(SpecError, match="did you mean 'high'"):
        migration({"ann": "hihg"}, {}, TIERS)
