"""Payouts, streaks and penalties of an evaluation whose decisions are laid down by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from survey_kpi.estimate import State
from survey_kpi.evaluation.rewards import reward_facts, rewards_of
from survey_kpi.study.rewards import Rewards as RewardRule

WORD = {"zh": "奖", "en": "reward"}
RULE = RewardRule.model_validate(
    {
        "pool": "10000.00",
        "table": [
            {"id": "full", "label": WORD, "band": "excellent", "share": 1.0},
            {"id": "half", "label": WORD, "band": "solid", "share": 0.5},
            {"id": "run", "label": WORD, "streak": True, "amount": "1000.00"},
            {"id": "thanks", "label": WORD, "kind": "honour", "band": "improve"},
        ],
        "penalties": [{"id": "reduced", "label": WORD, "band": "improve", "share": 0.4}],
        "streak": {"k": 2, "threshold": 100, "grade": "B"},
    }
)


def decision(subject, *, paid, bonus="5000.00", reasons="", pooled=False, draft=True, currency="CNY"):
    row = {"subject": subject, "paid": paid, "proposed": paid, "reasons": reasons, "pooled": pooled}
    bonus = None if bonus is None else Decimal(bonus)
    usable = "tenure" not in reasons
    return row | {"target_bonus": bonus, "usable": usable, "draft": draft, "currency": currency}


def reach(subject, period, *probabilities):
    bands = ("improve", "solid", "excellent")
    rows = zip(bands, (0.0, 90.0, 100.0), (1.0, *probabilities), strict=True)
    return [
        {"subject": subject, "period": period, "band": band, "edge": edge, "probability": p}
        for band, edge, p in rows
    ]


def quarters(subject, *told):
    names = ("2026Q1", "2026Q2", "2026Q3")[-len(told) :]
    return [
        {"subject": subject, "period": name, "evidence": grade, "probability": p}
        for name, (grade, p) in zip(names, told, strict=True)
    ]


@pytest.fixture
def decided(quarter):
    """The sample's quarter under a reward table, with decisions, probabilities and quarters of its own."""

    def make(decisions, reaching=(), told=(), rule=RULE):
        rules = quarter.study.rules.model_copy(update={"rewards": rule})
        return replace(
            quarter,
            study=quarter.study.model_copy(update={"rules": rules}),
            decisions=pd.DataFrame(decisions),
            reaching=pd.DataFrame(
                list(reaching), columns=["subject", "period", "band", "edge", "probability"]
            ),
            quarters=pd.DataFrame(list(told), columns=["subject", "period", "evidence", "probability"]),
        )

    return make


@pytest.mark.row("R06")
def test_claims_of_the_reward_table_share_the_pool_pro_rata(decided):
    claims = {"s1": "5000.00", "s2": "4000.00", "s3": "3000.00"}
    found = rewards_of(decided([decision(who, paid="excellent", bonus=own) for who, own in claims.items()]))
    assert [str(amount) for amount in found.payouts["paid"]] == ["4166.67", "3333.33", "2500.00"]
    assert (found.pool, found.claimed) == (Decimal("10000.00"), Decimal("12000.00"))
    assert set(found.payouts["rewards"]) == {"full"} and found.empty == {
        "penalties": "the evidence supports none"
    }


def test_an_unknown_bonus_is_no_bonus_of_0(decided):
    rows = [
        decision("s1", paid="excellent", bonus=None),
        decision("s2", paid="improve", bonus=None),
        decision("s3", paid="solid"),
        decision("s4", paid="solid", currency="EUR"),
    ]
    found = rewards_of(decided(rows))
    paid = found.payouts.set_index("subject")
    assert paid.loc["s1", ["state", "reason"]].tolist() == [State.UNAVAILABLE, "no target bonus"]
    assert (paid.loc["s2", "paid"], paid.loc["s2", "rewards"]) == (Decimal("0.00"), "thanks")
    assert paid.loc["s3", "paid"] == Decimal("2500.00")
    assert paid.loc["s4", "reason"] == "the target bonus is in another currency"
    facts = {fact.key: fact for fact in reward_facts(decided(rows), found)}
    assert np.isnan(facts["2026Q3/reward.paid/s1"].value)
    assert facts["2026Q3/reward.paid/s3"].value == 2500.0


@pytest.mark.row("R04")
def test_a_streak_runs_over_quarters_without_evidence_and_pays_in_an_excellent_one(decided):
    rows = [decision(who, paid="improve") for who in ("s1", "s2", "s3", "s4")]
    rows.append(decision("s5", paid="improve", reasons="tenure"))
    told = [
        *quarters("s1", ("B", 0.9), ("D", 0.1), ("A", 0.85)),
        *quarters("s2", ("A", 0.9), ("A", 0.9), ("D", 0.99)),
        *quarters("s3", ("A", 0.9), ("A", 0.79), ("A", 0.9)),
        *quarters("s4", ("C", 0.9), ("C", 0.9), ("C", 0.9)),
        *quarters("s5", ("A", 0.9), ("A", 0.9), ("", np.nan)),
    ]
    found = rewards_of(decided(rows, told=told))
    runs = found.streaks.set_index("subject")
    assert runs["current"].to_dict() == {"s1": 2, "s2": 2, "s3": 1, "s4": 0, "s5": 2}
    assert runs.loc["s1", "reached"] == "2026Q3" and runs.loc["s2", "reached"] == "2026Q2"
    assert runs.loc["s4", ["state", "reason"]].tolist() == [
        State.UNAVAILABLE,
        "no quarter with enough evidence",
    ]
    assert runs.loc["s5", "state"] == State.NOT_APPLICABLE
    paid = found.payouts.set_index("subject")["rewards"]
    assert paid["s1"] == "run,thanks" and "run" not in paid["s2"]  # this quarter tells nothing of s2
    assert 0 < found.luck < 1


@pytest.mark.row("R05")
def test_a_penalty_needs_the_probability_of_the_period_that_decided_and_waits_for_a_signature(decided):
    rows = [
        decision("s1", paid="improve"),
        decision("s2", paid="improve", pooled=True),
        decision("s3", paid="improve"),
        decision("s4", paid="improve", bonus=None),
    ]
    reaching = [
        *reach("s1", "2026Q3", 0.10, 0.0),
        *reach("s1", "2026Q3-R4", 0.90, 0.5),
        *reach("s2", "2026Q3", 0.01, 0.0),
        *reach("s2", "2026Q3-R4", 0.11, 0.0),
        *reach("s3", "2026Q3", 0.1001, 0.0),
        *reach("s4", "2026Q3", 0.05, 0.0),
    ]
    found = rewards_of(decided(rows, reaching))
    due = found.penalties.set_index("subject")
    assert list(due.index) == ["s1", "s4"]
    assert due.loc["s1", ["amount", "probability", "reason"]].tolist() == [
        Decimal("2000.00"),
        0.10,
        "unsigned",
    ]
    assert due.loc["s1", "draft"] and due.loc["s4", "state"] == State.UNAVAILABLE
    assert (found.payouts["claim"].dropna() == Decimal("0.00")).all()
    facts = {fact.key: fact for fact in reward_facts(decided(rows, reaching), found)}
    assert facts["2026Q3/reward.penalty_reduced/s1"].value == 2000.0
    assert "2026Q3/score.reach_solid/s1" in facts["2026Q3/reward.penalty_reduced/s1"].depends


def test_what_is_not_declared_is_empty_with_its_reason(quarter, decided):
    rules = quarter.study.rules.model_copy(update={"rewards": RewardRule()})
    study = quarter.study.model_copy(update={"rules": rules})
    found = rewards_of(replace(quarter, study=study))
    assert found.payouts.empty and found.streaks.empty and found.penalties.empty and np.isnan(found.luck)
    assert found.empty == {
        "payouts": "rules.yaml declares no rewards",
        "streaks": "rules.yaml declares no streak",
        "penalties": "rules.yaml declares no penalties",
    }
    nobody = replace(decided([decision("s1", paid="solid")]), decisions=quarter.decisions.iloc[:0])
    assert rewards_of(nobody).empty["payouts"] == "nobody was graded in this period"
