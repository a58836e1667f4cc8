"""Assessing the weights: do the numbers follow from the methods and from published cases, and repeat?"""

import dataclasses
import json
import math
import re

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.evaluation import evaluate
from survey_kpi.evaluation.weighting import (
    RULES,
    advise,
    assess_judgements,
    assess_weights,
    uncleaned_study,
)
from survey_kpi.evaluation.weighting.audit import effective_number, pairs_of
from survey_kpi.evaluation.weighting.candidates import candidates
from survey_kpi.evaluation.weighting.combining import turned_pairs
from survey_kpi.evaluation.weighting.facts import MOST_EXPERTS
from survey_kpi.evaluation.weighting.ground import ground, subject_codes
from survey_kpi.evaluation.weighting.ranking import admissible_weights, rank_ends, thirds
from survey_kpi.indicator_weights import WEIGHT_METHODS, entropy, linear
from survey_kpi.report.weighting import opened, question, ranks
from survey_kpi.study.models import IndicatorWeightRule

CITY = ["cult", "fam", "house", "jobs", "trans"]


@pytest.fixture(scope="module")
def raw(sample):
    return evaluate(uncleaned_study(sample), "2026Q3")


@pytest.fixture(scope="module")
def found(quarter, raw):
    return assess_weights(quarter, uncleaned=raw)


@pytest.fixture(scope="module")
def city(shared):
    """200 experts in the coding of ahpsurvey: -3 says that the left is three times as important."""
    coded = pd.read_csv(shared / "data/ahp/city200.csv")
    return {f"x{place + 1:03d}": square(row) for place, row in coded.iterrows()}


def square(row):
    table = pd.DataFrame(np.eye(len(CITY)), index=CITY, columns=CITY)
    for pair, value in row.items():
        left, right = pair.split("_")
        ratio = abs(float(value)) if value < 0 else 1 / float(value)
        table.loc[left, right], table.loc[right, left] = ratio, 1 / ratio
    return table


def test_every_fact_has_a_value_or_a_reason(found):
    for fact in found.facts.values():
        assert (fact.value == fact.value) == (fact.state == "measured"), fact
        assert fact.formula
    assert len(found.facts) > 900


def test_weights_in_use_are_those_of_the_evaluation(found, quarter):
    combined = quarter.weighting.combined
    for name, value in combined.values.items():
        assert found.fact(f"2026Q3/weighting.weight_base/{name}").value == value
    mixed = linear(found.combining.ends, (found.combining.declared, 1 - found.combining.declared))
    assert mixed.as_array() == pytest.approx(combined.as_array(), abs=1e-12)


def test_the_edition_and_the_evaluation_print_one_interval(found, quarter):
    """Leadership prints the interval too: equal content, equal draws."""
    theirs, ours = quarter.weighting.intervals["entropy"], found.spread.default
    for name in theirs.weights.labels:
        assert ours.low[name] == pytest.approx(theirs.low[name], abs=1e-12)
        assert ours.high[name] == pytest.approx(theirs.high[name], abs=1e-12)


def test_a_method_used_twice_stands_twice_with_its_own_share_and_weights(sample):
    """Else the second would be hidden behind the first, whose weights would seem to have both shares."""
    ends = dict.fromkeys(sample.rules.scored, (-100.0, 100.0))
    parts = [
        {"method": "ahp", "share": 0.5},
        {"method": "entropy", "share": 0.3},
        {"method": "entropy", "share": 0.2, "params": {"ends": ends}},
    ]
    rule = IndicatorWeightRule.model_validate({**sample.rules.indicator_weights.model_dump(), "parts": parts})
    study = sample.model_copy(update={"rules": sample.rules.model_copy(update={"indicator_weights": rule})})
    again = assess_weights(evaluate(study, "2026Q3"))
    used = {one.name: one for one in again.candidates if one.share}
    assert {name: one.share for name, one in used.items()} == {"entropy": 0.3, "entropy_2": 0.2, "ahp": 0.5}
    assert {one.method for one in used.values()} == {"ahp", "entropy"}
    assert used["entropy"].weights.values != used["entropy_2"].weights.values
    for label, value in again.evaluation.weighting.combined.values.items():
        assert value == pytest.approx(sum(one.share * one.weights.values[label] for one in used.values()))
        own = [again.fact(f"2026Q3/weighting.weight_{name}/{label}").value for name in used]
        assert own == [one.weights.values[label] for one in used.values()]
    assert again.fact("2026Q3/weighting.methods/company").value == len(WEIGHT_METHODS)
    assert "entropy_2" in again.audit.effective
    assert math.isnan(again.combining.declared)  # the rule is no mixture of two vectors
    report = opened(again, "en")
    assert "Entropy 2" in "".join(block.plain() for block in [*question(report), *ranks(report)])


def test_a_second_use_that_refuses_says_why_and_gets_no_other_weights(quarter):
    parts = [
        {"method": "entropy", "share": 0.5},
        {"method": "entropy", "share": 0.5, "params": {"normalisation": "sum"}},
    ]
    rule = IndicatorWeightRule.model_validate({"parts": parts})
    first = quarter.weighting.named["entropy"]
    matrix = pd.DataFrame({"A01": [80.0, 90.0, 85.0], "A07": [-10.0, 20.0, 30.0]})
    found = candidates(
        rule,
        matrix,
        dict.fromkeys(matrix, "higher"),
        used={"entropy": first},
        group=None,
        ratings=None,
        interval_scales=("A07",),
    )
    one, second = (one for one in found if one.share)
    assert one.weights is first
    assert second.name == "entropy_2" and second.weights is None and second.reason


def test_noise_in_the_data_raises_a_doubt(quarter):
    assert "noise_earns_weight" in set(quarter.diagnostics["code"])
    assert quarter.fact("2026Q3/param.entropy_noise_weight/company").value > 0.2


def test_equal_input_gives_equal_facts(found, quarter, raw):
    again = assess_weights(quarter, uncleaned=raw)
    assert {key: fact.hash for key, fact in again.facts.items()} == {
        key: fact.hash for key, fact in found.facts.items()
    }


def test_people_have_codes_that_tell_nothing(found, quarter, sample):
    people = set(quarter.tiers["subject"])
    keys = " ".join(found.facts)
    assert not any(re.search(rf"\b{person}\b", keys) for person in people)
    assert sorted(found.codes) == [f"P{place:02d}" for place in range(1, len(people) + 1)]
    order = found.codes.sort_index()
    assert list(order) != sorted(order)  # neither the order of staff numbers
    scores = quarter.scores.set_index("subject")["score"].sort_values(ascending=False)
    assert list(found.codes[scores.index]) != sorted(found.codes)  # nor that of the scores
    assert subject_codes(sample, sorted(people)).equals(subject_codes(sample, sorted(people)))


def test_ranks_agree_with_the_scores_that_are_paid(found, quarter):
    scores = quarter.scores.dropna(subset=["score"]).set_index("subject")["score"]
    ranks = scores.rank(ascending=False)
    for subject, rank in ranks.items():
        assert found.ranking.ranks.loc[found.codes[subject], "base"] == rank


def test_a_stretch_of_alpha_is_exact(found):
    """Just inside nothing turns, just outside something does."""
    combining, basis = found.combining, ground(found.evaluation)
    labels = list(basis.scored)

    def totals(alpha):
        return (basis.points @ linear(combining.ends, (alpha, 1 - alpha)).as_array(labels)).to_numpy()

    start = totals(combining.start)
    low, high = combining.order
    assert turned_pairs(start, totals(low + 1e-6)) == turned_pairs(start, totals(high - 1e-6)) == 0
    assert turned_pairs(start, totals(low - 1e-6)) > 0 and turned_pairs(start, totals(high + 1e-6)) > 0


def test_acceptabilities_are_shares(found):
    for scenario in ("weights", "sampling", "both"):
        ranks = found.ranking.acceptability[scenario].ranks
        assert ranks.sum(axis=1).to_numpy() == pytest.approx(1) == ranks.sum(axis=0).to_numpy()
        assert found.ranking.thirds[scenario].sum(axis=1).to_numpy() == pytest.approx(1)
        ends = found.ranking.rank_ends[scenario]
        assert (ends["low"] <= ends["high"]).all()
    wide = [
        (found.ranking.rank_ends[name]["high"] - found.ranking.rank_ends[name]["low"]).mean()
        for name in ("weights", "both")
    ]
    assert wide[0] < wide[1]


def test_variance_shares_are_shares(found):
    shares = found.sensitivity.shares
    assert list(shares.index) == ["weights", "sampling", "normalisation", "cleaning"]
    assert shares["first"].between(0, 1).all() and (shares["total"] >= shares["first"] - 1e-9).all()
    assert shares["first"].sum() <= 1 + 1e-9 <= shares["total"].sum() + 1e-6


def test_methods_that_do_not_apply_say_why(found):
    refused = {one.name: one.code for one in found.candidates if one.weights is None}
    assert refused == {
        "coefficient_of_variation": "no_true_zero",
        "merec": "no_true_zero",
        "cilos": "no_true_zero",
        "idocriw": "no_true_zero",
        "expert_scores": "ratings_missing",
    }


def test_cleaning_is_varied_only_where_it_can_be(quarter):
    assert list(assess_weights(quarter).sensitivity.factors) == ["weights", "sampling", "normalisation"]


def test_without_subjects_the_judgements_still_speak(quarter):
    nobody = dataclasses.replace(
        quarter,
        estimates=quarter.estimates[quarter.estimates["level"] == "company"].reset_index(drop=True),
    )
    found = assess_weights(nobody)
    assert found.judgements is not None
    assert found.spread is found.combining is found.ranking is found.sensitivity is None
    few = dict.fromkeys(("spread", "combining", "ranking"), "too_few_subjects")
    assert found.reasons == {**few, "ratings": "ratings_missing"}
    assert found.advice.recommended == "judgement_alone"


# --- judgements against the README of R's ahpsurvey ---------------------------------------------------


def test_city200_individual_weights_and_ratios(city, shared):
    """200 experts, R package ahpsurvey 0.4.1, commit 70be66d: eigenvector, CR with RI(5) = 1.11."""
    published = json.loads((shared / "references/published/ahpsurvey.json").read_text(encoding="utf-8"))
    found = assess_judgements(city, np.random.default_rng(1), random_index=1.11)
    tolerance = published["tolerance"]
    for expert, one in zip(found.matrices, published["individual_rows_1_to_6"], strict=False):
        mine = found.priorities.loc[expert, published["items"]].to_numpy()
        assert mine == pytest.approx(one["weights"], abs=tolerance["weights"])
        assert found.ratios[expert] == pytest.approx(one["CR"], abs=tolerance["CR"])
    spread = found.priorities[published["items"]].std(ddof=1).to_numpy()
    assert spread == pytest.approx(published["sd_of_weights"], abs=tolerance["sd"])


def test_city200_group_is_normalised(city, shared):
    """The README prints geometric means that sum to .98685; ours are the same divided by their sum."""
    published = json.loads((shared / "references/published/ahpsurvey.json").read_text(encoding="utf-8"))
    found = assess_judgements(city, np.random.default_rng(1), random_index=1.11, limit=None)
    printed = np.array(published["printed_aggpref"]["values"])
    mine = found.groups["aip_eigenvector"].as_array(published["items"])
    assert mine == pytest.approx(printed / printed.sum(), abs=1e-6)
    assert mine.sum() == pytest.approx(1, abs=1e-12)


def test_city200_nobody_is_dropped_in_silence(city):
    found = assess_judgements(city, np.random.default_rng(1))
    assert len(found.accepted) + len(found.excluded) == 200
    assert all(found.ratios[expert] > 0.10 for expert in found.excluded)
    assert all(found.ratios[expert] <= 0.10 for expert in found.accepted)
    assert set(found.excluded) <= set(found.repairs)
    assert set(found.other_verdicts) == {"saaty", "saaty_2005", "golden_wang", "donegan_dodd"}
    assert found.without["largest_change"].max() < 0.01
    assert len(city) > MOST_EXPERTS


def test_no_expert_is_an_error_not_an_empty_page():
    with pytest.raises(MethodError, match="judgement_missing"):
        assess_judgements({}, np.random.default_rng(1))


def test_aij_equals_aip_for_geometric_means(found):
    groups = found.judgements.groups
    assert groups["aij_geometric_mean"].as_array() == pytest.approx(
        groups["aip_geometric_mean"].as_array(), abs=1e-12
    )


# --- small laws -----------------------------------------------------------------------------------------


def test_a_repeated_indicator_is_redundant():
    table = pd.DataFrame({"a": [1.0, 2, 3, 5, 4], "b": [2.0, 4, 6, 10, 8.1], "c": [3.0, 1, 2, 1, 3]})
    pairs = {(pair.first, pair.second): pair for pair in pairs_of(table)}
    assert pairs["a", "b"].redundant and not pairs["a", "c"].redundant
    assert pairs["a", "b"].low < pairs["a", "b"].r < pairs["a", "b"].high


def test_effective_number_is_largest_at_equal_weights():
    assert effective_number(dict.fromkeys("abcd", 0.25)) == 4
    assert 1 < effective_number({"a": 0.7, "b": 0.3}) < 2


def test_admissible_weights_stay_between_their_corners():
    corners = [np.array([[0.7, 0.3]]), np.array([[0.4, 0.6]]), np.array([[0.5, 0.5]])]
    drawn = admissible_weights(corners, np.random.default_rng(1))
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert drawn[:, 0].min() >= 0.4 - 1e-12 and drawn[:, 0].max() <= 0.7 + 1e-12


def test_thirds_and_ends_of_ranks():
    ranks = pd.DataFrame(np.eye(3), columns=[1, 2, 3])
    assert thirds(ranks).to_numpy().tolist() == np.eye(3).tolist()
    assert rank_ends(ranks).to_numpy().tolist() == [[1, 1], [2, 2], [3, 3]]


@pytest.mark.parametrize(
    ("changed", "recommended"),
    [
        ({}, "as_declared"),
        ({"noise_gain": 0.1}, "judgement_alone"),
        ({"subjects": 9}, "judgement_alone"),
        ({"agreement": 0.4}, "equal"),
        ({"merged_ratio": 0.11}, "equal"),
        ({"experts": float("nan")}, "equal"),
        ({"redundant": 2, "first_place": 10, "turned_by_data": 50}, "as_declared"),
    ],
)
def test_advice_follows_from_the_checks(changed, recommended):
    sound = {code: rule.limit for code, rule in RULES.items()}
    assert advise({**sound, **changed}, numbers_declared=False).recommended == recommended
    assert advise({**sound, **changed}, numbers_declared=True).recommended == "declared_numbers"


def test_the_noise_moves_what_the_sentence_says(found, quarter):
    """The weight beside noise is what entropy gives on a wider table: between 0 and the weight without."""
    point = found.spread.default.weights.values
    for name, value in found.spread.noisy.items():
        assert 0 < value < point[name]
    basis = ground(quarter)
    noise = np.random.default_rng(7).random(len(basis.values))
    wider = entropy(basis.values.assign(noise=noise), {**basis.direction, "noise": "higher"})
    for name in point:
        low, high = found.spread.noisy_low[name], found.spread.noisy_high[name]
        assert low * 0.8 < wider.values[name] < high * 1.2
