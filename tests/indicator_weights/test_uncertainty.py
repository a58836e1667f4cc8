"""Bootstrap, noise, rank acceptability, stability, reversal, shares of rank variance."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import (
    bootstrap_intervals,
    bounded_weights,
    entropy,
    equal,
    judgement_draws,
    nearby_weights,
    noise_curve,
    ordered_weights,
    rank_acceptability,
    rank_grid,
    rank_reversals,
    simplex_weights,
    stability_intervals,
    standard_deviation,
    tornado,
    variance_shares,
)

ABC = pd.DataFrame({"x": [90.0, 60, 76], "y": [60.0, 90, 76]}, index=["A", "B", "C"])
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


# --- rank acceptability -------------------------------------------------------------------------------


def test_the_fixture_and_nobody_is_best():
    """Shares 7/15, 7/15, 1/15 by hand: C is first only while x weighs between 7/15 and 8/15."""
    found = rank_acceptability(ABC, np.random.default_rng(1), draws=40_000)
    for subject, share in {"A": 7 / 15, "B": 7 / 15, "C": 1 / 15}.items():
        assert found.first[subject] == pytest.approx(share, abs=0.01)
        assert found.std_error.loc[subject, 1] == pytest.approx(
            np.sqrt(share * (1 - share) / 40_000), rel=0.1
        )
    assert (ABC.mean(axis=1)).idxmax() == "C"  # at equal weights
    assert found.best is None
    assert found.central.loc["A"].tolist() == pytest.approx([(8 / 15 + 1) / 2, (7 / 15) / 2], abs=0.005)
    assert found.central.loc["C"].tolist() == pytest.approx([0.5, 0.5], abs=0.005)


@pytest.mark.parametrize(("error", "top"), [(2, 0.456), (5, 0.416), (10, 0.366), (20, 0.340)])
def test_sampling_error_lowers_the_top_acceptability(error, top):
    found = rank_acceptability(ABC, np.random.default_rng(error), std_error=error, draws=200_000)
    assert found.first["A"] == pytest.approx(top, abs=0.005)


@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 10**6))
def test_shares_sum_to_one_both_ways_and_follow_their_labels(subjects, indicators, seed):
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame(rng.integers(0, 4, (subjects, indicators)).astype(float))
    scores.index = [f"s{place}" for place in range(subjects)]
    weights = simplex_weights(rng, 300, indicators)
    found = rank_acceptability(scores, rng, weights=weights)
    assert found.ranks.sum(axis=0).to_numpy() == pytest.approx(np.ones(subjects))
    assert found.ranks.sum(axis=1).to_numpy() == pytest.approx(np.ones(subjects))
    twin = scores.rename(index={"s0": "twin"}).loc[["twin"]]
    both = rank_acceptability(pd.concat([scores, twin]), rng, weights=weights)
    assert both.ranks.loc["twin"].tolist() == both.ranks.loc["s0"].tolist()


def test_dominance_is_certain_and_may_be_said():
    found = rank_acceptability(ABC.add(np.array([[20, 40], [0, 0], [0, 0]])), np.random.default_rng(1))
    assert found.best == "A" and found.first["A"] == 1
    assert found.central.loc["B"].isna().all()


def test_errors_may_differ_by_subject_and_indicator():
    error = pd.DataFrame({"y": [0.0, 0, 30], "x": [0.0, 0, 30]}, index=["A", "B", "C"])
    found = rank_acceptability(ABC, np.random.default_rng(1), std_error=error, draws=20_000)
    assert found.first["C"] > 0.3


def test_weights_may_come_from_judgements():
    table = pd.DataFrame([[1, 3], [1 / 3, 1]], index=["x", "y"], columns=["x", "y"])
    drawn = judgement_draws(table, np.random.default_rng(1), draws=2000, log_error=0.2)
    found = rank_acceptability(ABC, np.random.default_rng(2), weights=drawn)
    assert found.best == "A" and found.draws == 2000


def test_ways_to_draw_weights():
    rng = np.random.default_rng(1)
    uniform = simplex_weights(rng, 50_000, 3)
    assert uniform.mean(axis=0) == pytest.approx([1 / 3] * 3, abs=0.005)
    assert (uniform[:, 0] < 0.5).mean() == pytest.approx(0.75, abs=0.01)  # 1 - (1 - .5)**2
    ordered = ordered_weights(rng, 50_000, 3)
    assert ordered.mean(axis=0) == pytest.approx([11 / 18, 5 / 18, 2 / 18], abs=0.005)  # rank order centroid
    near = nearby_weights(rng, 50_000, np.array([0.6, 0.4, 0.0]), concentration=23)
    assert near.std(axis=0) == pytest.approx([0.1, 0.1, 0], abs=0.003)
    within = bounded_weights(rng, 1000, {"a": (0.1, 0.3), "b": (0.2, 0.9), "c": (0.0, 0.4)})
    assert (within >= [0.1, 0.2, 0]).all() and (within <= np.array([0.3, 0.9, 0.4]) + 1e-9).all()
    assert within.sum(axis=1) == pytest.approx(np.ones(1000))
    for bounds in ({"a": (0.6, 1), "b": (0.6, 1)}, {"a": (0, 0.4), "b": (0, 0.4)}):
        with pytest.raises(MethodError) as refusal:
            bounded_weights(rng, 10, bounds)
        assert refusal.value.code == "bounds_empty"


def test_unfit_draws_and_cells_are_refused():
    with pytest.raises(MethodError) as refusal:
        rank_acceptability(ABC, np.random.default_rng(1), weights=np.ones((5, 3)))
    assert refusal.value.code == "draws_invalid"
    with pytest.raises(MethodError, match="'B'") as refusal:
        rank_acceptability(ABC.replace(60.0, np.nan), np.random.default_rng(1))
    assert refusal.value.code == "missing_cell"


# --- weights from data --------------------------------------------------------------------------------


def test_six_subjects_tell_little_and_six_hundred_tell_more():
    """Trap T72: a 95 % interval of .04 to .84 with 6 subjects, a tenth wide with 600."""
    rng = np.random.default_rng(3)
    for subjects, widest in ((6, 1.0), (600, 0.12)):
        table = pd.DataFrame({"a": rng.gamma(1, size=subjects), "b": rng.gamma(2, size=subjects)})
        plain = partial(entropy, normalisation="sum")
        found = bootstrap_intervals(plain, table, dict.fromkeys("ab", "ignored"), rng, draws=300)
        width = found.high["a"] - found.low["a"]
        assert width < widest
        assert width > (0.3 if subjects == 6 else 0)
        assert found.low["a"] <= found.weights.values["a"] <= found.high["a"]


def test_bootstrap_repeats_itself_and_counts_refused_resamples():
    table = pd.DataFrame({"a": [1.0, 1, 1, 2], "b": [3.0, 3, 3, 3]})
    direction = dict.fromkeys("ab", "higher")
    first = bootstrap_intervals(standard_deviation, table, direction, np.random.default_rng(1), draws=200)
    again = bootstrap_intervals(standard_deviation, table, direction, np.random.default_rng(1), draws=200)
    assert first == again
    assert first.refused > 0 and first.draws + first.refused == 200
    assert first.low["a"] == 1.0


def test_noise_earns_weight_and_the_diagnostic_says_so():
    found = noise_curve(entropy, MANAGERS, DIRECTION, np.random.default_rng(1), draws=100)
    assert len(found.share) == 4 and found.share[0] == 0
    assert list(found.share) == sorted(found.share)
    assert found.share[1] == pytest.approx(1 / 6, abs=0.06)  # as much as an indicator of its own
    assert all(
        low <= share <= high
        for low, share, high in zip(found.conf_low, found.share, found.conf_high, strict=True)
    )
    doubt = found.doubt()
    assert doubt.code == "noise_earns_weight" and doubt.value == found.share[1]
    fair = noise_curve(equal, MANAGERS, DIRECTION, np.random.default_rng(1), draws=3)
    assert fair.share == pytest.approx(fair.fair)


# --- stability ----------------------------------------------------------------------------------------


def test_stability_intervals_are_where_the_order_turns():
    weights = {"x": 0.7, "y": 0.3}
    room = stability_intervals(ABC, weights)
    assert room.loc["x", ["first_low", "first_high"]].tolist() == pytest.approx([8 / 15, 1])
    assert room.loc["x", ["rank_low", "rank_high"]].tolist() == pytest.approx([8 / 15, 1])
    assert room.loc["y", ["first_low", "first_high"]].tolist() == pytest.approx([0, 7 / 15])


@given(st.integers(0, 10**6))
def test_the_ranking_holds_inside_the_interval_and_turns_outside(seed):
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame(rng.normal(size=(5, 4)), columns=list("abcd"))
    vector = simplex_weights(rng, 1, 4)[0]
    room = stability_intervals(scores, dict(zip("abcd", vector, strict=True)))
    order = np.argsort(scores.to_numpy() @ vector)
    for place, label in enumerate("abcd"):
        low, high = room.loc[label, ["rank_low", "rank_high"]]
        for target, same in [
            (low + 1e-6, True),
            (high - 1e-6, True),
            (low - 1e-6, False),
            (high + 1e-6, False),
        ]:
            if not 0 <= target <= 1 or high - low < 1e-5:
                continue
            moved = vector * (1 - target) / (1 - vector[place])
            moved[place] = target
            assert (np.argsort(scores.to_numpy() @ moved) == order).all() == same


def test_tornado_puts_the_deciding_weight_first():
    scores = pd.DataFrame({"x": [9.0, 1], "y": [1.0, 9], "z": [5.0, 5]}, index=["A", "B"])
    table = tornado(scores, {"x": 0.42, "y": 0.38, "z": 0.2})
    assert table.index[-1] == "z"
    assert table["swing"].is_monotonic_decreasing
    assert table.loc["x", ["first_low", "first_high"]].tolist() == ["B", "A"]
    with pytest.raises(MethodError) as refusal:
        tornado(scores, {"x": 1.0})
    assert refusal.value.code == "labels_differ"


def test_reversals_of_a_rule_that_depends_on_the_others():
    """Weighted sums on sample ends: leaving out the extreme subject stretches one indicator."""
    table = pd.DataFrame({"x": [10.0, 4, 4.8], "y": [1.0, 9, 7]}, index=["A", "B", "C"])

    def fixed(rows):
        return (-(rows["x"] + rows["y"])).rank()

    def relative(rows):
        unit = (rows - rows.min()) / (rows.max() - rows.min())
        return (-(0.6 * unit["x"] + 0.4 * unit["y"])).rank()

    assert rank_reversals(table, fixed).empty
    found = rank_reversals(table, relative)
    assert {tuple(row) for row in found[["change", "subject", "better", "worse"]].to_numpy()} == {
        ("without", "A", "B", "C")
    }


# --- shares of rank variance --------------------------------------------------------------------------


def test_shares_of_a_known_function():
    """y = a + 2 b + a b over {-1, 1}: variances 1, 4 and 1 by hand."""
    a, b = np.meshgrid([-1.0, 1], [-1.0, 1], indexing="ij")
    grid = (a + 2 * b + a * b)[..., None]
    table = variance_shares(grid, ["a", "b"], ["s"]).set_index(["subject", "factor"])
    assert table.loc["s", "first"].to_dict() == pytest.approx({"a": 1 / 6, "b": 4 / 6})
    assert table.loc["s", "total"].to_dict() == pytest.approx({"a": 2 / 6, "b": 5 / 6})
    assert table.loc["", "first"].to_dict() == pytest.approx({"a": 1 / 6, "b": 4 / 6})


def test_ranks_over_a_grid_of_choices():
    def scores(normalisation, weights):
        unit = MANAGERS if normalisation == "raw" else (MANAGERS - MANAGERS.min()) / np.ptp(MANAGERS, axis=0)
        return (unit * weights).sum(axis=1)

    factors = {"normalisation": ["raw", "min_max"], "weights": [1.0, [1, 0, 0, 0, 0], [0, 0, 1, 0, 0]]}
    grid, subjects = rank_grid(factors, scores)
    assert grid.shape == (2, 3, 6) and subjects == ("0", "1", "2", "3", "4", "5")
    assert grid.sum(axis=-1) == pytest.approx(np.full((2, 3), 21))
    table = variance_shares(grid, list(factors), subjects)
    known = table[table["total"].notna()]
    assert (known["first"] <= known["total"] + 1e-12).all()
    assert known["first"].between(0, 1).all()
    still = variance_shares(np.ones((2, 2, 1)), ["a", "b"], ["s"])
    assert still["first"].isna().all()
    with pytest.raises(MethodError):
        variance_shares(np.ones((2, 2)), ["a", "b"], ["s"])
