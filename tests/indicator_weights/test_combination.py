"""Combining weights: worked numbers, laws, refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import (
    IndicatorWeights,
    game_theory,
    least_squares,
    linear,
    minimum_deviation,
    multiplicative,
    variance_maximising,
)


def part(values, method="one"):
    return IndicatorWeights(values=dict(zip("xyzuv", values, strict=False)), method=method)


def values(weights):
    return list(weights.values.values())


A, B = part([0.5, 0.3, 0.2], "ahp"), part([0.2, 0.3, 0.5], "entropy")
TABLE = pd.DataFrame({"x": [1.0, 2, 3, 4], "y": [2.0, 1, 4, 3], "z": [1.0, 4, 2, 2]})
HIGHER = dict.fromkeys("xyz", "higher")


@pytest.mark.row("M09")
def test_worked_numbers_of_the_method_row():
    """Row M09: coefficients .567164 each before they are divided by their sum."""
    assert values(linear([A, B], [0.5, 0.5])) == pytest.approx([0.35, 0.3, 0.35])
    assert values(multiplicative([A, B])) == pytest.approx([0.344828, 0.310345, 0.344828], abs=5e-7)
    found = game_theory([A, B])
    assert values(found) == pytest.approx([0.35, 0.3, 0.35])
    assert found.statistics == pytest.approx({"coefficient.ahp": 0.5, "coefficient.entropy": 0.5})
    vectors = np.array([values(A), values(B)])
    raw = np.linalg.solve(vectors @ vectors.T, np.diag(vectors @ vectors.T))
    assert raw == pytest.approx([0.567164] * 2, abs=5e-7)


@pytest.mark.row("M09")
def test_game_theory_refuses_a_negative_coefficient_until_the_variant_is_named():
    sharp, flat = part([0.9, 0.05, 0.05], "sharp"), part([0.7, 0.2, 0.1], "flat")
    third = part([0.5, 0.3, 0.2], "third")
    with pytest.raises(MethodError, match="-") as refusal:
        game_theory([sharp, flat, third])
    assert refusal.value.code == "negative_combination"
    weights = game_theory([sharp, flat, third], constrained=True)
    assert "constrained" in weights.variant
    assert min(weights.statistics.values()) >= 0
    assert sum(values(weights)) == pytest.approx(1)


def test_least_squares_and_least_entropy_are_optima():
    for combine, distance in [
        (least_squares, lambda w, v: ((w - v) ** 2).sum()),
        (minimum_deviation, lambda w, v: (w * np.log(w / v)).sum()),
    ]:
        best = np.array(values(combine([A, B], [2, 1])))
        total = [2 * distance(best, np.array(values(A))) + distance(best, np.array(values(B)))]
        rng = np.random.default_rng(1)
        for _ in range(50):
            other = best * np.exp(rng.normal(0, 0.05, 3))
            other /= other.sum()
            total.append(2 * distance(other, np.array(values(A))) + distance(other, np.array(values(B))))
        assert total[0] == min(total)


def test_variance_maximising_finds_the_mixture_of_unit_length_that_spreads_most():
    weights = variance_maximising([A, B], TABLE, HIGHER)
    low, high = TABLE.min(), TABLE.max()
    unit = ((TABLE - low) / (high - low)).to_numpy()
    angles = np.linspace(0, np.pi / 2, 20_001)
    mixes = np.outer(np.cos(angles), values(A)) + np.outer(np.sin(angles), values(B))
    best = mixes[np.argmax((unit @ mixes.T).var(axis=0))]
    assert values(weights) == pytest.approx(list(best / best.sum()), abs=1e-4)
    turned = TABLE.assign(x=TABLE["y"], y=10 - TABLE["y"], z=1.0)
    opposed = part([0.9, 0.1, 0.0], "ahp"), part([0.1, 0.9, 0.0], "entropy")
    with pytest.raises(MethodError) as refusal:
        variance_maximising(opposed, turned, HIGHER)
    assert refusal.value.code == "negative_combination"
    assert values(variance_maximising(opposed, turned, HIGHER, constrained=True)) in (
        pytest.approx([0.9, 0.1, 0]),
        pytest.approx([0.1, 0.9, 0]),
    )


simplex = st.lists(st.floats(0.05, 1), min_size=3, max_size=3).map(lambda v: [x / sum(v) for x in v])
RULES = {
    "linear": lambda parts: linear(parts, [1 / len(parts)] * len(parts)),
    "multiplicative": lambda parts: multiplicative(parts, [1 / len(parts)] * len(parts)),
    "game_theory": lambda parts: game_theory(parts, constrained=True),
    "least_squares": least_squares,
    "minimum_deviation": minimum_deviation,
    "variance": lambda parts: variance_maximising(parts, TABLE, HIGHER, constrained=True),
}


@pytest.mark.parametrize("rule", RULES)
@given(vector=simplex, other=simplex)
def test_equal_parts_come_back_and_mixtures_stay_between(rule, vector, other):
    same = RULES[rule]([part(vector), part(vector, "two")])
    assert values(same) == pytest.approx(vector, abs=1e-9)
    mixed = RULES[rule]([part(vector), part(other, "two")])
    assert mixed.labels == tuple("xyz")
    assert sum(values(mixed)) == pytest.approx(1, abs=1e-9)
    assert min(values(mixed)) >= 0
    if rule not in {"multiplicative", "minimum_deviation"}:
        ends = np.sort([vector, other], axis=0)
        assert (np.array(values(mixed)) >= ends[0] - 1e-9).all()
        assert (np.array(values(mixed)) <= ends[1] + 1e-9).all()


def test_doubts_of_the_parts_stay_and_unfit_parts_are_refused():
    for attempt, code in [
        (lambda: multiplicative([part([1, 0, 0]), part([0, 1, 0])]), "no_variation"),
        (lambda: multiplicative([A, B], [1]), "powers_invalid"),
        (lambda: linear([A, B], [1.0]), "weights_sum"),
        (lambda: linear([], []), "weights_sum"),
        (lambda: least_squares([A, part([0.5, 0.5])]), "labels_differ"),
        (lambda: least_squares([A, B], [1, -1]), "influence_invalid"),
        (lambda: variance_maximising([A, B], TABLE[["x", "y"]], HIGHER), "labels_differ"),
    ]:
        with pytest.raises(MethodError) as refusal:
            attempt()
        assert refusal.value.code == code
