"""Expert scores, their agreement, Delphi rounds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import delphi, expert_scores, kendall_w, leave_one_expert_out

RATINGS = pd.DataFrame(
    [[9, 7, 4, 2], [8, 8, 5, 1], [40, 20, 30, 10]], columns=list("abcd"), index=["e1", "e2", "e3"]
)


@pytest.mark.row("M06")
def test_generous_experts_do_not_count_more():
    weights = expert_scores(RATINGS, agreement_limit=0)
    share = RATINGS.div(RATINGS.sum(axis=1), axis=0)
    assert dict(weights.values) == pytest.approx(share.mean().to_dict())
    summed = expert_scores(RATINGS, normalise="sum", agreement_limit=0)
    assert dict(summed.values) == pytest.approx((RATINGS.mean() / RATINGS.mean().sum()).to_dict())
    assert summed.variant != weights.variant
    heard = expert_scores(RATINGS, agreement_limit=0, influence=[0, 0, 1])
    assert list(heard.values.values()) == pytest.approx([0.4, 0.2, 0.3, 0.1])


@pytest.mark.row("M06")
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([[1, 2, 3, 4]] * 3, 1.0),
        ([[1, 2, 3, 4], [4, 3, 2, 1]], 0.0),
        ([[1, 2, 3, 4], [4, 3, 2, 1], [2, 4, 1, 3]], 1 / 9),
    ],
)
def test_kendall_w_of_the_method_row(rows, expected):
    assert kendall_w(pd.DataFrame(rows)).w == pytest.approx(expected, abs=1e-12)


def test_kendall_w_with_ties_and_its_test():
    """Legendre (2005) writes W = (12 S' - 3 m^2 n (n+1)^2) / (m^2 (n^3 - n) - m T), S' of raw rank sums."""
    table = pd.DataFrame([[5, 5, 3, 1], [4, 5, 3, 2], [5, 4, 4, 1]])
    ranks = table.rank(axis=1)
    raw = float((ranks.sum() ** 2).sum())
    expected = (12 * raw - 3 * 9 * 4 * 25) / (9 * 60 - 3 * (6 + 0 + 6))
    found = kendall_w(table)
    assert found.w == pytest.approx(expected, abs=1e-12)
    assert found.chi_square == pytest.approx(3 * 3 * expected)
    test = stats.friedmanchisquare(*table.to_numpy().T)
    assert (found.df, found.p_value) == (3, pytest.approx(test.pvalue, rel=1e-9))


@pytest.mark.row("M06")
def test_experts_who_disagree_are_refused_without_a_reason():
    split = pd.DataFrame([[9, 5, 1], [1, 5, 9]], columns=list("abc"))
    with pytest.raises(MethodError, match=r"Kendall W 0\.000") as refusal:
        expert_scores(split)
    assert refusal.value.code == "agreement_too_low"
    weights = expert_scores(split, override_reason="the board wants both views")
    assert [doubt.code for doubt in weights.diagnostics] == ["agreement_too_low"]
    assert "the board wants both views" in weights.diagnostics[0].message
    assert weights.statistics["kendall_w"] == 0


def test_trimmed_means_cut_each_end():
    ratings = pd.DataFrame({"a": [5, 5, 5, 5, 10], "b": [5, 5, 5, 5, 0]})
    assert expert_scores(ratings, agreement_limit=0, trim=0.2).values["a"] == pytest.approx(0.5)
    assert expert_scores(ratings, agreement_limit=0).values["a"] == pytest.approx(0.6)


def test_unfit_scores_are_named():
    for change, code, named in [
        ({"b": [7, np.nan, 20]}, "rating_missing", "expert 'e2', indicator 'b'"),
        ({"b": [7, "x", 20]}, "rating_missing", "expert 'e2', indicator 'b'"),
        ({"b": [7, -8, 20]}, "rating_negative", "expert 'e2', indicator 'b'"),
        ({name: [9, 0, 4] for name in "abcd"}, "no_variation", "expert 'e2'"),
    ]:
        with pytest.raises(MethodError, match=named) as refusal:
            expert_scores(RATINGS.assign(**change), agreement_limit=0)
        assert refusal.value.code == code
    for options, code in [
        ({"normalise": "experts"}, "normalisation_unknown"),
        ({"trim": 0.5}, "trim_invalid"),
        ({"trim": 0.1, "influence": [1, 1, 1]}, "trim_invalid"),
        ({"influence": [1]}, "influence_invalid"),
    ]:
        with pytest.raises(MethodError) as refusal:
            expert_scores(RATINGS, agreement_limit=0, **options)
        assert refusal.value.code == code
    with pytest.raises(MethodError) as refusal:
        kendall_w(RATINGS.iloc[:1])
    assert refusal.value.code == "too_few_experts"
    with pytest.raises(MethodError) as refusal:
        kendall_w(RATINGS * 0 + 3)
    assert refusal.value.code == "no_variation"


@pytest.mark.row("M06")
def test_the_expert_who_moves_the_weights_is_found():
    def weigh(scores):
        return expert_scores(scores, agreement_limit=0)

    table = leave_one_expert_out(RATINGS, weigh)
    assert table["largest_change"].idxmax() == "e3"
    without = weigh(RATINGS.drop(index="e3"))
    assert table.loc["e3", list("abcd")].to_dict() == pytest.approx(dict(without.values))


def test_delphi_rounds_tell_shift_spread_and_agreement():
    second = RATINGS.assign(c=[3, 3, 15])
    table = delphi([RATINGS, second[list("dcba")]])
    assert table["round"].tolist() == [1] * 4 + [2] * 4
    assert table["item"].tolist() == list("abcd") * 2
    assert table.loc[:3, "shift"].isna().all()
    moved = table.set_index(["round", "item"])["shift"]
    assert moved[2, "c"] == pytest.approx(7 - 13) and moved[2, "a"] == 0
    assert table["kendall_w"].iloc[-1] >= table["kendall_w"].iloc[0]
    with pytest.raises(MethodError) as refusal:
        delphi([RATINGS, RATINGS.drop(columns="a")])
    assert refusal.value.code == "labels_differ"
