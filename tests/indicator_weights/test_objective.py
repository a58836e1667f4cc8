"""Entropy weights: reference numbers, variants, laws and refusals."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import entropy, equal, linear
from survey_kpi.indicator_weights.result import IndicatorWeights

MANAGERS = pd.DataFrame(
    [
        [4.2, 35, 0.82, 0.05, 6],
        [4.0, 12, 0.74, 0.09, 9],
        [4.5, 51, 0.88, 0.03, 4],
        [3.8, -8, 0.70, 0.12, 12],
        [4.3, 28, 0.80, 0.06, 7],
        [4.1, 0, 0.77, 0.08, 8],
    ],
    columns=["csat", "nps", "fcr", "churn", "hours"],
)
DIRECTION = {"csat": "higher", "nps": "higher", "fcr": "higher", "churn": "lower", "hours": "lower"}


def higher(table):
    return dict.fromkeys(map(str, table.columns), "higher")


def values(weights):
    return list(weights.values.values())


@pytest.mark.row("M08")
def test_min_max_on_six_managers():
    """Row M08: five indicators, two of them lower is better."""
    weights = entropy(MANAGERS, DIRECTION)
    assert values(weights) == pytest.approx([0.191721, 0.246127, 0.210428, 0.181307, 0.170417], abs=5e-7)
    assert "min_max" in weights.variant


@pytest.mark.row("M08")
def test_a_column_of_noise_takes_the_largest_weight_and_the_result_says_so():
    table = MANAGERS.assign(noise=[5, 1, 4, 2, 9, 3])
    weights = entropy(table, {**DIRECTION, "noise": "higher"})
    assert weights.values["noise"] == pytest.approx(0.221012, abs=5e-7)
    assert max(weights.values, key=weights.values.get) == "noise"
    assert [doubt.code for doubt in weights.diagnostics] == ["spread_is_not_importance", "weights_unstable"]


@pytest.mark.row("M08")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[5, 200, 30], [6, 210, 31], [7, 190, 55], [5.5, 205, 20]], [0.102410, 0.008899, 0.888692]),
        ([[5, 4, 30], [6, 4, 31], [7, 4, 55], [5.5, 4, 20]], [0.103329, 0, 0.896671]),
        ([[3, 0, 80], [4, 5.1, 90], [5, 4.9, 85]], [0.049211, 0.948092, 0.002697]),
    ],
)
def test_sum_normalisation(rows, expected):
    table = pd.DataFrame(rows, columns=list("abc"), dtype=float)
    weights = entropy(table, higher(table), normalisation="sum")
    assert values(weights) == pytest.approx(expected, abs=5e-7)


def test_published_cases(shared):
    cases = json.loads((shared / "references/weights/cases.json").read_text(encoding="utf-8"))["cases"]
    plain = {"entropy, sum normalisation, direction ignored", "entropy with a zero: 0*ln0=0"}
    turned = "entropy after min-max (cost reversed), 0 ln 0 = 0"
    checked = 0
    for case in cases:
        if case["method"] not in plain | {turned}:
            continue
        table = pd.DataFrame(case["input"]["matrix"], dtype=float)
        table.columns = [f"c{place}" for place in range(table.shape[1])]
        cost = case["input"].get("cost") or [False] * table.shape[1]
        if case["method"] == turned:
            direction = {c: "lower" if bad else "higher" for c, bad in zip(table, cost, strict=True)}
            weights = entropy(table, direction)
        else:
            weights = entropy(table, dict.fromkeys(table, "ignored"), normalisation="sum")
        assert values(weights) == pytest.approx(case["expected"]["weights"], abs=case["tolerance"]["weights"])
        checked += 1
    assert checked >= 4


def test_refusals_name_subject_and_indicator():
    broken = MANAGERS.copy()
    broken.index = [f"s{place}" for place in range(6)]
    broken.loc["s2", "fcr"] = np.nan
    with pytest.raises(MethodError, match="subject 's2', indicator 'fcr'") as refusal:
        entropy(broken, DIRECTION)
    assert refusal.value.code == "missing_cell"
    for table, direction, options, code in [
        (MANAGERS.iloc[:1], DIRECTION, {}, "too_few_subjects"),
        (MANAGERS * 0 + 3, DIRECTION, {}, "no_variation"),
        (MANAGERS[["nps"]], {"nps": "higher"}, {"normalisation": "sum"}, "negative_cell"),
        (MANAGERS[["churn"]], {"churn": "lower"}, {"normalisation": "sum"}, "direction_missing"),
        (MANAGERS, {}, {}, "direction_missing"),
        (MANAGERS, DIRECTION, {"normalisation": "minmax"}, "normalisation_unknown"),
        (MANAGERS, DIRECTION, {"ends": {"nps": (0, 100)}}, "negative_cell"),
    ]:
        with pytest.raises(MethodError) as refusal:
            entropy(table, direction, **options)
        assert refusal.value.code == code


tables = st.integers(2, 12).flatmap(
    lambda rows: st.lists(st.lists(st.floats(0, 100), min_size=3, max_size=3), min_size=rows, max_size=rows)
)


@given(tables, st.floats(-50, 50), st.floats(0.1, 10), st.randoms())
def test_laws(rows, shift, stretch, random):
    table = pd.DataFrame(rows, columns=list("abc")).round(3)
    assume(np.all((np.ptp(table.to_numpy(), axis=0) == 0) | (np.ptp(table.to_numpy(), axis=0) > 0.01)))
    table["constant"] = 7.0
    assume(np.any(np.ptp(table.to_numpy(), axis=0) > 0))
    kept = table.copy()
    weights = entropy(table, higher(table))
    pd.testing.assert_frame_equal(table, kept)  # inputs are never changed
    assert weights.values["constant"] == 0
    order = list(table.columns)
    random.shuffle(order)
    shuffled = entropy(table[order].sample(frac=1, random_state=1), higher(table))
    assert {k: shuffled.values[k] for k in order} == pytest.approx(dict(weights.values), abs=1e-9)
    moved = entropy(table * stretch + shift, higher(table))
    assert dict(moved.values) == pytest.approx(dict(weights.values), abs=1e-6)


def test_linear_combination():
    a = IndicatorWeights(values={"x": 0.5, "y": 0.3, "z": 0.2}, method="ahp")
    b = IndicatorWeights(values={"x": 0.2, "y": 0.3, "z": 0.5}, method="entropy")
    mixed = linear([a, b], [0.5, 0.5])
    assert values(mixed) == pytest.approx([0.35, 0.3, 0.35], abs=1e-12)
    assert mixed.variant == "0.5 ahp + 0.5 entropy"
    for shares in ([0.3, 0.2], [1.5, -0.5]):
        with pytest.raises(MethodError) as refusal:
            linear([a, b], shares)
        assert refusal.value.code == "weights_sum"
    with pytest.raises(MethodError) as refusal:
        linear([a, equal(pd.DataFrame({"x": [1.0]}))], [0.5, 0.5])
    assert refusal.value.code == "labels_differ"


def test_weights_that_do_not_sum_cannot_be_made():
    with pytest.raises(ValueError, match="sum to 1"):
        IndicatorWeights(values={"x": 0.5}, method="declared")
