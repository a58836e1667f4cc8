"""Published numbers of the methods from data beyond the shared cases, and where other packages differ."""

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import (
    cilos,
    critic,
    entropy,
    idocriw,
    merec,
    pca,
    standard_deviation,
)

ZAVADSKAS = pd.DataFrame(
    [[3.0, 100, 10, 7], [2.5, 80, 8, 5], [1.8, 50, 20, 11], [2.2, 70, 12, 9]], columns=list("abcd")
)
COSTS = {"a": "lower", "b": "higher", "c": "lower", "d": "higher"}


def values(weights):
    return list(weights.values.values())


def higher(table):
    return dict.fromkeys(map(str, table.columns), "higher")


def test_idocriw_of_the_paper():
    """Zavadskas and Podvezko (2016), as in the tests of JMcDM and crispyn; the paper multiplies rounded."""
    weights = idocriw(ZAVADSKAS, COSTS)
    assert values(weights) == pytest.approx([0.1658, 0.1886, 0.3545, 0.2911], abs=1e-4)
    for name, expected in {
        "entropy_weight": [0.1146, 0.1981, 0.4185, 0.2689],
        "cilos_weight": [0.3343, 0.2199, 0.1957, 0.2501],
    }.items():
        assert [weights.statistics[f"{name}.{label}"] for label in "abcd"] == pytest.approx(
            expected, abs=6e-5
        )
    plain = entropy(ZAVADSKAS, dict.fromkeys("abcd", "ignored"), normalisation="sum")
    assert max(abs(np.array(values(weights)) - values(plain))) > 0.05  # one package returns these instead


def test_cilos_on_the_paper_already_turned_round():
    """The paper's second table: costs replaced by min / x to three digits."""
    table = pd.DataFrame(
        [[0.6, 100, 0.8, 7], [0.72, 80, 1, 5], [1, 50, 0.4, 11], [0.818, 70, 0.667, 9]], columns=list("abcd")
    )
    assert values(cilos(table, higher(table))) == pytest.approx([0.3343, 0.2199, 0.1957, 0.2501], abs=2e-4)


def test_merec_of_the_paper():
    """Keshavarz-Ghorabaee et al. (2021), Symmetry 13(4):525, as in crispyn's tests."""
    rows = [
        [450, 8000, 54, 145],
        [10, 9100, 2, 160],
        [100, 8200, 31, 153],
        [220, 9300, 1, 162],
        [5, 8400, 23, 158],
    ]
    table = pd.DataFrame(rows, columns=list("abcd"))
    weights = merec(table, {"a": "higher", "b": "higher", "c": "lower", "d": "lower"})
    assert values(weights) == pytest.approx([0.5752, 0.0141, 0.4016, 0.0091], abs=6e-5)


def test_critic_turns_costs_round_before_it_correlates():
    """Tus and Aytac Adali (2019): their printed weights ignore that the first column is a cost."""
    rows = [[5000, 3, 3, 4, 3, 2], [680, 5, 3, 2, 2, 1], [2000, 3, 2, 3, 4, 3], [600, 4, 3, 1, 2, 2]]
    table = pd.DataFrame([*rows, [800, 2, 4, 3, 3, 4]], columns=list("abcdef"), dtype=float)
    printed = [0.157, 0.249, 0.168, 0.121, 0.154, 0.151]
    assert values(critic(table, dict.fromkeys(table, "ignored"))) == pytest.approx(printed, abs=6e-4)
    aware = values(critic(table, {**higher(table), "a": "lower"}))
    assert max(abs(np.array(aware) - printed)) > 0.01


def test_critic_has_nothing_to_weigh_by_when_columns_repeat_each_other():
    table = pd.DataFrame({"a": [1.0, 2, 4], "b": [10.0, 20, 40]})
    with pytest.raises(MethodError, match="a, b") as refusal:
        critic(table, higher(table))
    assert refusal.value.code == "no_variation"
    opposite = critic(table, {"a": "higher", "b": "lower"})
    assert values(opposite) == pytest.approx([0.5, 0.5])
    alone = critic(table.assign(b=1.0), higher(table))
    assert values(alone) == [1.0, 0.0]


def test_cilos_says_so_when_it_has_many_solutions():
    table = pd.DataFrame({"a": [1.0, 2], "b": [1.0, 3], "c": [1.0, 4]})
    with pytest.raises(MethodError, match="a, b, c") as refusal:
        cilos(table, higher(table))
    assert refusal.value.code == "no_variation"


def test_cilos_is_the_same_on_every_call_and_for_every_order_of_tied_subjects():
    table = pd.DataFrame({"a": [4.0, 4, 1], "b": [1.0, 3, 5], "c": [2.0, 6, 3]})
    first = values(cilos(table, higher(table)))
    assert first == values(cilos(table, higher(table)))
    assert first == pytest.approx(values(cilos(table.iloc[[1, 0, 2]], higher(table))), abs=1e-12)


def test_pca_of_uncorrelated_columns_is_equal_and_of_a_pair_favours_the_pair():
    rng = np.random.default_rng(4)
    block = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
    square = pd.DataFrame(np.tile(block, (3, 1)), columns=list("abc"))
    assert values(pca(square, higher(square))) == pytest.approx([1 / 3] * 3)
    base = rng.normal(size=400)
    table = pd.DataFrame({"a": base, "b": base + rng.normal(0, 0.1, 400), "c": rng.normal(size=400)})
    weights = pca(table.iloc[:, :2].assign(c=table["c"] * 0.01), higher(table))
    assert weights.statistics["components"] >= 1
    assert weights.values["a"] == pytest.approx(weights.values["b"], abs=0.01)


def test_ends_scale_and_are_checked():
    table = pd.DataFrame({"a": [2.0, 4], "b": [1.0, 5]})
    wide = standard_deviation(table, higher(table), ends={"a": (1, 5), "b": (1, 5)})
    assert values(wide) == pytest.approx([1 / 3, 2 / 3])
    for ends, code in [({"x": (0, 1)}, "ends_unknown"), ({"a": (3, 5)}, "negative_cell")]:
        with pytest.raises(MethodError) as refusal:
            standard_deviation(table, higher(table), ends=ends)
        assert refusal.value.code == code
    with pytest.raises(MethodError) as refusal:
        standard_deviation(table, higher(table), normalisation="minmax")
    assert refusal.value.code == "normalisation_unknown"


def test_raw_shares_depend_on_the_zero_and_min_max_does_not():
    """Shifting NPS by 9 or by 100 moves its raw entropy weight from .68 to .09 (trap T67)."""
    table = pd.DataFrame(
        {
            "csat": [4.2, 4.0, 4.5, 3.8, 4.3, 4.1],
            "nps": [35.0, 12, 51, -8, 28, 0],
            "fcr": [0.82, 0.74, 0.88, 0.7, 0.8, 0.77],
            "churn": [0.05, 0.09, 0.03, 0.12, 0.06, 0.08],
            "hours": [6.0, 9, 4, 12, 7, 8],
        }
    )
    raw = [
        entropy(table.assign(nps=table["nps"] + shift), dict.fromkeys(table, "ignored"), normalisation="sum")
        for shift in (9, 100)
    ]
    assert [weights.values["nps"] for weights in raw] == pytest.approx([0.6817, 0.0930], abs=5e-5)
    shifted = [entropy(table.assign(nps=table["nps"] + s), higher(table)).values["nps"] for s in (0, 9, 100)]
    assert shifted == pytest.approx([shifted[0]] * 3, abs=1e-12)


def test_entropy_of_long_tables_agrees_with_the_formula_written_out():
    table = pd.DataFrame(np.random.default_rng(3).gamma(2, size=(10_000, 3)), columns=list("abc"))
    share = table / table.sum()
    level = -(share * np.log(share)).sum() / np.log(len(table))
    expected = (1 - level) / (1 - level).sum()
    found = entropy(table, dict.fromkeys(table, "ignored"), normalisation="sum")
    assert values(found) == pytest.approx(expected.tolist(), rel=1e-9)
    assert found.statistics["entropy.a"] == pytest.approx(level["a"], abs=1e-12)
