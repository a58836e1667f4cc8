"""The table of rules, the policy of a study, and the policies for the sensitivity page."""

from __future__ import annotations

from typing import Any

import pytest

from survey_kpi.cleaning import RULES
from survey_kpi.errors import SpecError
from survey_kpi.study.models import Cleaning


def test_every_rule_is_complete() -> None:
    for code, rule in RULES.items():
        assert rule.code == code
        assert rule.label.zh != rule.label.en
        assert rule.action in rule.actions or rule.actions == ("set_missing",)
        assert (rule.level == "row") == (rule.flag is not None or rule.score is not None)
        for param in rule.params.values():
            assert param.meaning.zh


def test_only_signs_of_carelessness_are_careless() -> None:
    assert {code for code, rule in RULES.items() if rule.careless} == {
        *("attention", "too_fast", "straight_line", "long_string", "irv"),
        *("even_odd", "psychsyn", "psychant", "mahalanobis"),
    }


def test_rules_that_act_alone_come_first() -> None:
    """So a row is claimed by what is certain before it is claimed by signs that have to agree."""
    careless = [rule.careless for rule in RULES.values()]
    assert careless == sorted(careless)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"duplicates": {}}, "unknown_rule"),
        ({"duplicate": {"action": "set_missing"}}, "cleaning_action"),
        ({"missing_code": {"action": "off"}}, "cleaning_action"),
        ({"out_of_range": {"action": "exclude"}}, "cleaning_action"),
        ({"too_fast": {"params": {"below": 0.4}}}, "unknown_parameter"),
        ({"duplicate": {"params": {"x": 1}}}, "unknown_parameter"),
        ({"too_fast": {"params": {"below_median_share": 1.4}}}, "parameter_value"),
        ({"too_fast": {"params": {"below_median_share": "0.4"}}}, "parameter_value"),
        ({"too_fast": {"params": {"below_median_share": True}}}, "parameter_value"),
        ({"too_fast": {"params": {"below_median_share": float("nan")}}}, "parameter_value"),
        ({"straight_line": {"params": {"min_items": 5.5}}}, "parameter_value"),
        ({"straight_line": {"params": {"items": ["q1"]}}}, "parameter_value"),
        ({"straight_line": {"params": {"items": ["q1", "q9"]}}}, "unknown_item"),
        ({"burst": {"params": {"minutes": 7}}}, "parameter_value"),
        ({"burst": {"params": {"by": ""}}}, "parameter_value"),
    ],
)
def test_a_wrong_policy_is_named(kit: Any, given: dict[str, Any], code: str) -> None:
    codebook = kit.codebook()
    with pytest.raises(SpecError) as raised:
        kit.clean(kit.sheets([{}], codebook), codebook, Cleaning.model_validate({"rules": given}))
    assert raised.value.code == code
    assert raised.value.problems[0].where.startswith(f"study.yaml: cleaning.rules.{next(iter(given))}")


def test_all_mistakes_of_a_policy_come_at_once(kit: Any) -> None:
    policy = kit.rules(duplicates="off", burst=("flag", {"minutes": 7}), too_fast=("flag", {"below": 1}))
    codebook = kit.codebook()
    with pytest.raises(SpecError) as raised:
        kit.clean(kit.sheets([{}], codebook), codebook, policy)
    assert len(raised.value.problems) == 3
    assert "did you mean 'duplicate'?" in str(raised.value)
