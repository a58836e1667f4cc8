"""Weights as rules declare them: every method of the table, experts who contradict themselves, refusals."""

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.weighing import weigh
from survey_kpi.indicator_weights import WEIGHT_METHODS
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


def weighed(parts, *, matrix=MATRIX, rows=None, **rule):
    declared = IndicatorWeightRule.model_validate({"parts": parts, **rule})
    return weigh(declared, scored=SCORED, matrix=matrix, direction=HIGHER, judgements=rows)


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
        (None, "ahp", "judgement_missing"),
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
