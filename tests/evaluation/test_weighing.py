"""Weights as rules declare them: every method of the table, experts who contradict themselves, refusals."""

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.evaluation import evaluate
from survey_kpi.evaluation.weighing import weigh
from survey_kpi.indicator_weights import WEIGHT_METHODS, expert_scores
from survey_kpi.indicator_weights.incomplete import COMPLETIONS
from survey_kpi.study.models import IndicatorWeightRule

SCORED = ["speed", "tone", "help"]
MATRIX = pd.DataFrame(np.random.default_rng(1).gamma(5, size=(12, 3)), columns=SCORED)
HIGHER = dict.fromkeys(SCORED, "higher")


def judgements(*experts):
    """Each expert's judgements of speed:tone, speed:help, tone:help."""
    pairs = [("speed", "tone"), ("speed", "help"), ("tone", "help")]
    rows = [
        (f"e{place}", *pair, value)
        for place, values in enumerate(experts, start=1)
        for pair, value in zip(pairs, values, strict=True)
    ]
    return pd.DataFrame(rows, columns=["expert_id", "row", "column", "value"])


def weighed(parts, *, matrix=MATRIX, rows=None, scores=None, **rule):
    declared = IndicatorWeightRule.model_validate({"parts": parts, **rule})
    return weigh(declared, scored=SCORED, matrix=matrix, direction=HIGHER, judgements=rows, ratings=scores)


def ratings(*experts):
    """Each expert's scores of speed, tone, help; None where there is none."""
    rows = [
        (f"e{place}", name, value)
        for place, values in enumerate(experts, start=1)
        for name, value in zip(SCORED, values, strict=True)
        if value is not None
    ]
    return pd.DataFrame(rows, columns=["expert_id", "indicator", "score"])


def test_declared_weights_are_taken_as_they_are():
    declared = {"help": 0.2, "tone": 0.3, "speed": 0.5}
    rule = IndicatorWeightRule(declared=declared)
    found = weigh(rule, scored=SCORED, matrix=MATRIX, direction=HIGHER, judgements=None)
    assert found.combined is not None
    assert list(found.combined.values.items()) == [("speed", 0.5), ("tone", 0.3), ("help", 0.2)]


@pytest.mark.parametrize("name", [n for n, m in WEIGHT_METHODS.items() if m.needs == "data"])
def test_every_method_from_data_can_be_named(name):
    found = weighed([{"method": name}])
    assert found.combined is not None
    assert dict(found.combined.values) == dict(WEIGHT_METHODS[name].weigh(MATRIX, HIGHER).values)
    assert found.parts[0].method == name


def test_parameters_of_a_method_reach_it():
    found = weighed([{"method": "entropy", "params": {"ends": {"speed": [0, 100]}}}])
    assert found.parts[0].variant == "min_max, declared ends"
    assert found.parts[0].values["speed"] != weighed([{"method": "entropy"}]).parts[0].values["speed"]


@pytest.mark.parametrize("name", [n for n, m in WEIGHT_METHODS.items() if m.needs == "judgements"])
def test_experts_are_joined_by_geometric_means_and_inconsistent_ones_left_out_by_name(name):
    rows = judgements((2, 4, 2), (2, 8, 4), (9, 1 / 9, 9))
    found = weighed([{"method": name}], rows=rows)
    (part,) = found.parts
    assert part.statistics["experts"] == 2 and part.statistics["experts_excluded"] == 1
    assert 0.9 < part.statistics["consensus"] <= 1
    assert [doubt.code for doubt in part.diagnostics] == ["inconsistent_judgements"]
    assert "expert e3" in part.diagnostics[0].message
    if name == "ahp":
        joint = np.array([2 * np.sqrt(8), np.sqrt(8), 1])
        assert list(part.values.values()) == pytest.approx(list(joint / joint.sum()))


def test_rounded_reciprocals_are_told_and_priorities_can_be_chosen():
    rows = judgements((3.0, 6.0, 2.0))
    rows.loc[len(rows)] = ("e1", "tone", "speed", 0.33)
    found = weighed([{"method": "ahp", "params": {"priority": "geometric_mean"}}], rows=rows)
    assert [doubt.code for doubt in found.parts[0].diagnostics] == ["reciprocal_rounded"]
    assert found.parts[0].variant.startswith("row geometric mean")


def test_methods_are_mixed_by_their_shares():
    parts = [{"method": "ahp", "share": 0.6}, {"method": "critic", "share": 0.4}]
    found = weighed(parts, rows=judgements((2, 4, 2)))
    assert found.combined is not None
    for label in SCORED:
        mixed = 0.6 * found.parts[0].values[label] + 0.4 * found.parts[1].values[label]
        assert found.combined.values[label] == pytest.approx(mixed)


def test_a_method_that_does_not_fit_the_period_gives_no_weights_and_the_reason():
    found = weighed([{"method": "equal", "share": 0.5}, {"method": "cilos", "share": 0.5}], matrix=MATRIX * 0)
    assert found.combined is None
    assert "no_variation" in found.problem or "zero_cell" in found.problem
    assert [part.method for part in found.parts] == ["equal"]


def test_judgements_that_cannot_be_used_are_mistakes_of_the_study():
    for rows, method, code in [
        (None, "ahp", "judgements_missing"),
        (judgements((9, 1 / 9, 9)), "ahp", "inconsistent_judgements"),
        (judgements((2, 4, -2)), "ahp", "judgement_not_positive"),
        (None, "expert_scores", "ratings_missing"),
    ]:
        with pytest.raises(MethodError) as refusal:
            weighed([{"method": method}], rows=rows)
        assert refusal.value.code == code


def test_every_ratio_is_accepted_when_the_rules_say_so():
    rows = judgements((9, 1 / 9, 9))
    found = weighed(
        [{"method": "ahp"}], rows=rows, consistency_limit=None, consistency_reason="published data"
    )
    assert found.parts[0].statistics["consistency_ratio"] == pytest.approx(6.776, abs=1e-3)


def test_importance_scores_are_weighed_as_the_method_does():
    scores = ratings((8, 6, 2), (9, 5, 1), (6, 3, 3))
    (part,) = weighed([{"method": "expert_scores"}], scores=scores).parts
    wide = pd.DataFrame([(8, 6, 2), (9, 5, 1), (6, 3, 3)], columns=SCORED)
    assert dict(part.values) == dict(expert_scores(wide).values)
    assert part.statistics["kendall_w"] == expert_scores(wide).statistics["kendall_w"]


def test_importance_scores_that_are_not_complete_name_expert_and_indicator():
    with pytest.raises(MethodError, match="expert 'e2', indicator 'tone'") as refusal:
        weighed([{"method": "expert_scores"}], scores=ratings((8, 6, 2), (9, None, 1)))
    assert refusal.value.code == "rating_missing"


def test_louder_voices_count_more_and_the_variant_says_so():
    first, second = (2, 4, 2), (1 / 2, 1 / 4, 1 / 2)
    rows = judgements(first, second)
    equal = weighed([{"method": "ahp"}], rows=rows).parts[0]
    assert list(equal.values.values()) == pytest.approx([1 / 3] * 3)
    alone = weighed([{"method": "ahp"}], rows=rows, influence={"e1": 5, "e2": 0}).parts[0]
    assert list(alone.values.values()) == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert "influence" in alone.variant and "influence" not in equal.variant
    scores = weighed(
        [{"method": "expert_scores", "params": {"agreement_limit": 0}}],
        scores=ratings((6, 3, 1), (1, 3, 6)),
        influence={"e1": 3, "e2": 1},
    ).parts[0]
    assert scores.values["speed"] == pytest.approx(0.75 * 0.6 + 0.25 * 0.1)


@pytest.mark.parametrize("how", ["harker", "least_eigenvalue"])
def test_pairs_left_out_are_refused_or_completed_as_declared(how):
    rows = judgements((2, 4, 2), (2, 4, 2)).drop(index=1)  # e1 says nothing of speed against help
    with pytest.raises(MethodError, match="speed against help") as refusal:
        weighed([{"method": "ahp"}], rows=rows)
    assert refusal.value.code == "judgement_missing"
    (part,) = weighed([{"method": "ahp"}], rows=rows, missing=how).parts
    assert list(part.values.values()) == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert [doubt.code for doubt in part.diagnostics] == ["judgements_completed"]
    assert "expert e1: 1 of 3 pairs" in part.diagnostics[0].message and how in part.variant


def test_judgements_that_connect_nothing_are_not_completed():
    rows = judgements((2, 4, 2)).drop(index=[1, 2])
    with pytest.raises(MethodError, match="expert e1") as refusal:
        weighed([{"method": "ahp"}], rows=rows, missing="harker")
    assert refusal.value.code == "comparisons_disconnected"


def test_the_rules_offer_every_completion_there_is():
    choices = IndicatorWeightRule.model_json_schema()["properties"]["missing"]["enum"]
    assert choices == ["refuse", *COMPLETIONS]


def test_a_method_named_twice_keeps_both_of_its_results():
    parts = [
        {"method": "ahp", "share": 0.5},
        {"method": "equal", "share": 0.1},
        {"method": "ahp", "share": 0.4, "params": {"priority": "geometric_mean"}},
    ]
    found = weighed(parts, rows=judgements((2, 5, 4)))
    assert list(found.named) == ["ahp", "equal", "ahp_2"]
    assert found.named["ahp_2"].variant.startswith("row geometric mean")
    assert list(found.named.values()) == list(found.parts)


def test_facts_of_a_method_named_twice_do_not_collide(sample):
    parts = [
        {"method": "ahp", "share": 0.5},
        {"method": "ahp", "share": 0.5, "params": {"priority": "column_mean"}},
    ]
    rule = sample.rules.indicator_weights
    rule = IndicatorWeightRule.model_validate({**rule.model_dump(), "parts": parts})
    study = sample.model_copy(update={"rules": sample.rules.model_copy(update={"indicator_weights": rule})})
    facts = evaluate(study, "2026Q3").facts
    first, second, mixed = (facts[f"2026Q3/param.weight_{name}/A01"] for name in ("ahp", "ahp_2", "combined"))
    assert "principal eigenvector" in first.formula and "mean of normalised columns" in second.formula
    assert first.value != second.value
    assert mixed.value == pytest.approx((first.value + second.value) / 2)
    assert facts["2026Q3/param.ahp_2_consistency_ratio/company"].value > 0


def test_intervals_of_a_method_named_twice_are_both_kept():
    parts = [
        {"method": "entropy", "share": 0.5},
        {"method": "entropy", "share": 0.5, "params": {"normalisation": "sum"}},
    ]
    found = weighed(parts)
    assert list(found.intervals) == list(found.noise) == list(found.named) == ["entropy", "entropy_2"]
