"""Use for pay: who may be cut, who must sign, what is explained."""

import itertools
import math

import pandas as pd
import pytest

from survey_kpi.scoring.pay import explanation, pay_decisions, penalties_due
from survey_kpi.study.models import Band, Text
from survey_kpi.study.rewards import PayGuard, Penalty

WORD = Text(zh="档", en="band")
BANDS = [
    Band(id="low", label=WORD, low=0, high=60),
    Band(id="middle", label=WORD, low=60, high=80),
    Band(id="top", label=WORD, low=80, high=120),
]


def person(**changes):
    plain = {
        "subject": "s1",
        "score": 56.0,
        "evidence": "B",
        "tenure_days": 92,
        "last": "top",
        "guarded": "middle",
        "signed": True,
        "appeal_open": True,
    }
    return pd.DataFrame([plain | changes])


def decided(**changes):
    return pay_decisions(person(**changes), BANDS, PayGuard()).iloc[0]


@pytest.mark.row("P14")
@pytest.mark.row("R05")
@pytest.mark.parametrize(
    ("changes", "usable", "proposed", "paid", "decision", "reasons"),
    [
        ({}, True, "middle", "middle", "middle", ""),
        ({"signed": False}, True, "middle", "top", "", "unsigned"),
        ({"appeal_open": False}, True, "middle", "top", "top", "appeal_closed"),
        ({"signed": False, "appeal_open": False}, True, "middle", "top", "", "unsigned,appeal_closed"),
        ({"evidence": "C"}, True, "middle", "middle", "middle", ""),
        ({"evidence": "D"}, False, "top", "top", "top", "grade_d"),
        ({"evidence": ""}, False, "top", "top", "top", "suppressed"),
        ({"tenure_days": 59}, False, "top", "top", "top", "tenure"),
        ({"tenure_days": 60}, True, "middle", "middle", "middle", ""),
        ({"score": math.nan}, False, "top", "top", "top", "unmeasured"),
        ({"last": ""}, True, "middle", "middle", "middle", ""),
        # a higher band does not wait for a signature, but no decision is filled in without one
        ({"last": "low", "guarded": "middle", "signed": False}, True, "middle", "middle", "", ""),
        (
            {"last": "middle", "guarded": "middle", "appeal_open": False},
            True,
            "middle",
            "middle",
            "middle",
            "",
        ),
    ],
)
def test_decision_table(changes, usable, proposed, paid, decision, reasons):
    found = decided(**changes)
    assert (found["usable"], found["proposed"], found["paid"]) == (usable, proposed, paid)
    assert (found["decision"], found["reasons"]) == (decision, reasons)
    assert found["draft"] == (not changes.get("signed", True))


@pytest.mark.row("P14")
def test_nobody_is_cut_without_grade_signature_and_appeal():
    for evidence, signed, appeal in itertools.product("ABCD", (True, False), (True, False)):
        found = decided(evidence=evidence, signed=signed, appeal_open=appeal, last="top", guarded="low")
        assert (found["paid"] == "low") == (evidence != "D" and signed and appeal)
        assert signed or found["decision"] == ""


def test_a_stricter_grade_for_cuts_holds_the_band():
    found = pay_decisions(person(evidence="C"), BANDS, PayGuard(down_grade="B")).iloc[0]
    assert (found["usable"], found["proposed"], found["reasons"]) == (True, "top", "cut_grade")
    up = pay_decisions(person(evidence="C", last="low"), BANDS, PayGuard(down_grade="B")).iloc[0]
    assert up["proposed"] == "middle"


PENALTY = [Penalty(id="reduced", label=WORD, band="low", share=0.5)]


@pytest.mark.row("R05")
@pytest.mark.parametrize(
    ("probability", "proposed", "signed", "due"),
    [
        (0.10, "low", True, [False]),
        (0.10, "low", False, [True]),
        (0.11, "low", True, []),
        (0.05, "middle", True, []),
    ],
)
def test_a_penalty_needs_evidence_and_is_a_draft_until_signed(probability, proposed, signed, due):
    decisions = pay_decisions(person(last="low", guarded=proposed, signed=signed), BANDS, PayGuard())
    reach = pd.DataFrame(
        {"subject": "s1", "band": ["low", "middle", "top"], "probability": [1.0, probability, 0]}
    )
    found = penalties_due(decisions, reach, PENALTY, BANDS, PayGuard())
    assert found["draft"].tolist() == due


@pytest.mark.row("R05")
def test_an_explanation_lists_every_input_and_rule():
    """PIPL article 24: the person learns what the decision rests on."""
    parts = pd.DataFrame(
        {"subject": ["s1", "s1", "s2"], "indicator": ["A01", "A07", "A01"], "value": [80.0, 30.0, 1.0],
         "n": [30, 30, 30], "weight": [0.6, 0.4, 0.6]}
    )  # fmt: skip
    reach = pd.DataFrame({"subject": "s1", "band": ["top"], "edge": [80.0], "probability": [0.05]})
    found = explanation("s1", parts, reach, pay_decisions(person(), BANDS, PayGuard()), PayGuard())
    names = dict(zip(found["name"], found["value"], strict=True))
    assert names["A01.value"] == 80.0 and names["A07.weight"] == 0.4 and names["score >= 80 (top)"] == 0.05
    assert set(PayGuard.model_fields) <= set(found.loc[found["source"] == "rule", "name"])
    assert {"proposed", "paid", "decision", "reasons"} <= set(names)
    assert set(found["source"]) == {"input", "probability", "rule", "decision"}
