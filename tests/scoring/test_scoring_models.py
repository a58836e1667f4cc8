"""Scoring models: published rankings, laws, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import rank_reversals
from survey_kpi.scoring.models import MODELS, grey_relational, ranks_by, topsis, vikor, weighted_sum


def higher(table):
    return dict.fromkeys(map(str, table.columns), "higher")


def test_vikor_of_the_book():
    """Papathanasiou and Ploskas (2018), Multiple Criteria Decision Aid, ch. 2; also crispyn's test."""
    rows = [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]]
    table = pd.DataFrame(rows, columns=list("abcd"))
    weights = {"a": 0.4, "b": 0.3, "c": 0.1, "d": 0.2}
    found = vikor(table, weights, higher(table), majority=0.625)
    assert found.scores.tolist() == pytest.approx([0.640, 1.0, 0.693, 0.271, 0.0, 0.694], abs=6e-4)
    assert found.ranks.tolist() == [3, 6, 4, 2, 1, 5]
    assert not found.higher_is_better


def test_grey_relational_grades_of_another_suite():
    """JMcDM's test of grey relational analysis, costs in columns 1, 3 and 6."""
    table = pd.DataFrame(
        {
            "a": [105000.0, 120000, 150000, 115000, 135000],
            "b": [105.0, 110, 120, 105, 115],
            "c": [10.0, 15, 12, 20, 15],
            "d": [4.0, 4, 3, 4, 5],
            "e": [300.0, 500, 550, 600, 400],
            "f": [10.0, 8, 12, 9, 9],
        }
    )
    weights = dict(zip("abcdef", [0.05, 0.20, 0.10, 0.15, 0.10, 0.40], strict=True))
    direction = {**higher(table), "a": "lower", "c": "lower", "f": "lower"}
    found = grey_relational(table, weights, direction)
    expected = [0.525, 0.7007142857, 0.5464285714, 0.5762820513, 0.6509523810]
    assert found.scores.tolist() == pytest.approx(expected, abs=1e-9)


tables = st.integers(3, 8).flatmap(
    lambda rows: arrays.arrays(np.int64, (rows, 3), elements=st.integers(1, 30)).map(
        lambda cells: pd.DataFrame(
            cells.astype(float), columns=list("abc"), index=[f"s{k}" for k in range(len(cells))]
        )
    )
)
WEIGHTS = {"a": 0.5, "b": 0.3, "c": 0.2}


@pytest.mark.parametrize("name", MODELS)
@given(table=tables, order=st.permutations(list("abc")), costs=st.tuples(*[st.booleans()] * 3))
def test_ranks_follow_their_labels_and_inputs_stay(name, table, order, costs):
    assume((table.max() > table.min()).any())
    direction = {k: "lower" if cost else "higher" for k, cost in zip("abc", costs, strict=True)}
    kept = table.copy()
    found = MODELS[name].rank(table, WEIGHTS, direction)
    pd.testing.assert_frame_equal(table, kept)
    assert found.scores.notna().all()
    assert found.ranks.sum() == pytest.approx(len(table) * (len(table) + 1) / 2)
    shuffled = table[order].sample(frac=1, random_state=1)
    turned = MODELS[name].rank(shuffled, WEIGHTS, direction)
    assert turned.ranks.reindex(table.index).tolist() == found.ranks.tolist()


@pytest.mark.parametrize("name", MODELS)
@given(table=tables)
def test_a_subject_that_is_best_everywhere_is_first(name, table):
    top = pd.DataFrame([table.max() + 1], index=["top"])
    found = MODELS[name].rank(pd.concat([table, top]), WEIGHTS, higher(table))
    assert found.ranks["top"] == 1


@pytest.mark.parametrize("name", MODELS)
def test_unfit_weights_and_tables_are_refused(name):
    table = pd.DataFrame({"a": [1.0, 2], "b": [2.0, 1], "c": [1.0, 5]})
    rank = MODELS[name].rank
    for data, weights, direction, code in [
        (table, {"a": 0.5, "b": 0.5}, higher(table), "labels_differ"),
        (table, {"a": 0.5, "b": 0.3, "c": 0.3}, higher(table), "weights_sum"),
        (table, {"a": 1.2, "b": -0.4, "c": 0.2}, higher(table), "weights_sum"),
        (table, WEIGHTS, {"a": "higher"}, "direction_missing"),
        (table.replace(5.0, np.nan), WEIGHTS, higher(table), "missing_cell"),
        (table * 0, WEIGHTS, higher(table), "no_variation"),
    ]:
        with pytest.raises(MethodError) as refusal:
            rank(data, weights, direction)
        assert refusal.value.code == code


def test_parameters_out_of_range_are_refused():
    table = pd.DataFrame({"a": [1.0, 2], "b": [2.0, 1], "c": [1.0, 5]})
    for attempt, code in [
        (lambda: vikor(table, WEIGHTS, higher(table), majority=1.5), "majority_range"),
        (lambda: grey_relational(table, WEIGHTS, higher(table), zeta=0), "zeta_range"),
    ]:
        with pytest.raises(MethodError) as refusal:
            attempt()
        assert refusal.value.code == code


def test_subjects_that_differ_in_no_weighted_indicator_tie():
    table = pd.DataFrame({"a": [1.0, 1], "b": [2.0, 1]})
    for name in MODELS:
        found = MODELS[name].rank(table, {"a": 1.0, "b": 0.0}, higher(table))
        assert found.ranks.tolist() == [1.5, 1.5], name


def test_rankings_stand_side_by_side():
    table = pd.DataFrame({"a": [9.0, 5, 1], "b": [1.0, 6, 9]}, index=["s1", "s2", "s3"])
    ranks = ranks_by(table, {"even": {"a": 0.5, "b": 0.5}, "steep": {"a": 0.9, "b": 0.1}}, higher(table))
    assert ranks.shape == (3, 2 * len(MODELS))
    assert (ranks.loc["s1"].xs("steep", level="weights") == 1).all()
    assert all(model.zh and model.en and model.source for model in MODELS.values())


def test_a_model_that_looks_at_the_others_can_turn_a_pair_round():
    """Belton and Gear's effect: min-max and vector normalisation depend on who else is there."""
    table = pd.DataFrame({"a": [10.0, 4, 4.8], "b": [1.0, 9, 7]}, index=["A", "B", "C"])
    weights = {"a": 0.6, "b": 0.4}

    def rank(model):
        return lambda rows: model(rows, weights, higher(table)).ranks

    assert not rank_reversals(table, rank(weighted_sum)).empty
    assert set(rank_reversals(table, rank(topsis)).columns) == {"change", "subject", "better", "worse"}
