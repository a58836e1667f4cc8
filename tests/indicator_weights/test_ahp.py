"""AHP: published vectors, consistency, and every refusal."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import aggregate_judgements, ahp, judgement_matrices


def frame(rows, labels=None):
    labels = labels or [f"i{place}" for place in range(len(rows))]
    return pd.DataFrame(rows, index=labels, columns=labels, dtype=float)


THREE = frame([[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]])
CYCLE = frame([[1, 9, 1 / 9], [1 / 9, 1, 9], [9, 1 / 9, 1]])


@pytest.mark.row("M07")
def test_textbook_matrix():
    """Saaty's 3 x 3 example; weights also by R ahpsurvey 0.4 and AHPy."""
    weights = ahp(THREE, random_index="golden_wang")
    assert list(weights.values.values()) == pytest.approx([0.63698557, 0.25828499, 0.10472943], abs=5e-9)
    assert weights.statistics["lambda_max"] == pytest.approx(3.038511, abs=5e-7)
    assert weights.statistics["consistency_ratio"] == pytest.approx(0.0332, abs=5e-5)
    assert ahp(THREE).statistics["consistency_ratio"] == pytest.approx(0.0367, abs=5e-5)


def test_eigenvector_cases_of_the_literature(shared):
    cases = json.loads((shared / "references/weights/cases.json").read_text(encoding="utf-8"))["cases"]
    chosen = [c for c in cases if c["method"] == "AHP eigenvector" and c["reproduces"]]
    assert len(chosen) >= 5
    for case in chosen:
        weights = ahp(frame(case["input"]["matrix"]), consistency_limit=None)
        tolerance = case["tolerance"]
        assert list(weights.values.values()) == pytest.approx(
            case["expected"]["weights"], abs=tolerance["weights"]
        ), case["id"]
        for name, key in (("lambda_max", "lambda_max"), ("CI", "consistency_index")):
            if name in case["expected"]:
                assert weights.statistics[key] == pytest.approx(case["expected"][name], abs=tolerance[name])


def test_ahpsurvey_rows(shared):
    """Rows 1-6 of city200 as the README of R ahpsurvey prints them."""
    published = json.loads((shared / "references/published/ahpsurvey.json").read_text(encoding="utf-8"))
    table = pd.read_csv(shared / "data/ahp/city200.csv")
    for (_, row), expected in zip(table.iterrows(), published["individual_rows_1_to_6"], strict=False):
        weights = ahp(_city(row, published["items"]), consistency_limit=None)
        assert list(weights.values.values()) == pytest.approx(expected["weights"], abs=1e-6)
        ratio = weights.statistics["consistency_index"] / 1.11  # the README divides by 1.11
        assert ratio == pytest.approx(expected["CR"], abs=1e-6)


def _city(row, items):
    matrix = frame(np.eye(len(items)), items)
    for pair, code in row.items():
        left, right = pair.split("_")
        value = abs(code) if code < 0 else 1 / code
        matrix.loc[left, right], matrix.loc[right, left] = value, 1 / value
    return matrix


@pytest.mark.row("M07")
def test_a_cycle_is_refused_with_the_pair_to_revise():
    with pytest.raises(MethodError) as refusal:
        ahp(CYCLE, where="expert e3")
    assert refusal.value.code == "inconsistent_judgements"
    assert (
        "expert e3" in str(refusal.value) and "6.776" in str(refusal.value) and "revise" in str(refusal.value)
    )
    assert ahp(CYCLE, consistency_limit=None).statistics["lambda_max"] == pytest.approx(10.1111, abs=5e-5)


@pytest.mark.row("M07")
def test_one_and_two_indicators_are_always_consistent():
    assert ahp(frame([[1]])).values == {"i0": 1.0}
    two = ahp(frame([[1, 4], [0.25, 1]]))
    assert list(two.values.values()) == pytest.approx([0.8, 0.2])
    assert two.statistics["consistency_ratio"] == 0


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[1, 3], [0.5, 1]], "not_reciprocal"),
        ([[2, 3], [1 / 3, 1]], "not_reciprocal"),
        ([[1, 0], [0, 1]], "judgement_not_positive"),
        ([[1, -3], [-1 / 3, 1]], "judgement_not_positive"),
        ([[1, float("nan")], [1, 1]], "judgement_not_positive"),
    ],
)
def test_unfit_cells_are_named(rows, code):
    with pytest.raises(MethodError) as refusal:
        ahp(frame(rows))
    assert refusal.value.code == code
    assert "i0" in str(refusal.value)


def test_random_index_must_be_known_and_long_enough():
    with pytest.raises(MethodError, match="alonso_lamata"):
        ahp(THREE, random_index="alonso")
    with pytest.raises(MethodError) as refusal:
        ahp(frame(np.ones((40, 40))), random_index="saaty")
    assert refusal.value.code == "random_index_missing"


positive = st.floats(0.2, 9)


@given(st.lists(positive, min_size=3, max_size=6))
def test_a_consistent_matrix_gives_back_its_weights(priorities):
    vector = np.array(priorities)
    weights = ahp(frame(vector[:, None] / vector[None, :]))
    assert list(weights.values.values()) == pytest.approx(list(vector / vector.sum()), rel=1e-6)
    assert weights.statistics["consistency_ratio"] == pytest.approx(0, abs=1e-6)


@given(st.lists(st.tuples(positive, positive, positive), min_size=2, max_size=4), st.permutations(range(3)))
def test_order_of_labels_and_of_experts_does_not_matter(experts, order):
    matrices = [frame([[1, a, b], [1 / a, 1, c], [1 / b, 1 / c, 1]], list("xyz")) for a, b, c in experts]
    group = aggregate_judgements(matrices)
    assert (group * group.T).to_numpy() == pytest.approx(np.ones((3, 3)))
    labels = [list("xyz")[place] for place in order]
    there = ahp(group, consistency_limit=None).values
    back = ahp(aggregate_judgements(matrices[::-1]).loc[labels, labels], consistency_limit=None).values
    assert {k: back[k] for k in there} == pytest.approx(there, rel=1e-6)


def test_judgement_rows_become_matrices_and_every_mistake_is_named():
    rows = pd.DataFrame(
        [
            ("e1", "a", "b", 3.0),
            ("e1", "c", "b", 0.5),
            ("e1", "a", "c", 4.0),
            ("e2", "a", "b", -1.0),
            ("e2", "a", "x", 2.0),
            ("e2", "b", "c", 2.0),
            ("e2", "c", "b", 2.0),
        ],
        columns=["expert_id", "row", "column", "value"],
    )
    good = judgement_matrices(rows[rows["expert_id"] == "e1"], ["a", "b", "c"])
    assert good["e1"].loc["b", "c"] == 2
    with pytest.raises(MethodError) as refusal:
        judgement_matrices(rows, ["a", "b", "c"])
    codes = {problem.code for problem in refusal.value.problems}
    assert codes == {
        "judgement_not_positive",
        "judgement_unknown",
        "contradictory_judgement",
        "judgement_missing",
    }
