"""A small company scored by its own tables: counts, times and money of people who were not all there alike.

Five people in 2026Q3 (92 days): s1 throughout, s2 half-time, s3 from 16 August (46 days), s4 who changed the
team on that day, s5 with ten days of leave.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from survey_kpi.errors import SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation import evaluate, open_study
from survey_kpi.evaluation.rewards import rewards_of
from survey_kpi.facts import split_key
from survey_kpi.publishing import publish
from survey_kpi.scoring import Goal, composite
from survey_kpi.scoring.distributions import counts, durations, fixed, times
from survey_kpi.scoring.totals import OwnTargets
from survey_kpi.study.models import ScoreRule

WINS = {"s1": 24, "s2": 12, "s3": 11, "s4": 20, "s5": 15}
HOURS = {"s1": 20, "s2": 30, "s3": 22, "s4": 18, "s5": 26}
MONEY = {"s1": 12_000, "s2": 4_000, "s3": 6_000, "s4": 10_000, "s5": 9_000}
SHARE = {"s1": 1.0, "s2": 0.5, "s3": 0.5, "s4": 1.0, "s5": 82 / 92}
CASES = 14
WEIGHTS = {"A24": 0.4, "A16": 0.4, "A37": 0.2}
LINEAR = ScoreRule(formula="linear")


def words(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def sheet(kpi: str, **more: Any) -> dict[str, Any]:
    return {"id": kpi, "kpi": kpi, "label": words(kpi), "definition": words(kpi), **more}


STUDY: dict[str, Any] = {
    "schema_version": 1,
    "name": "tables",
    "title": words("t"),
    "company": words("c"),
    "modes": [words("web")],
    "primary": {"indicator": "A01", "measure": "top_box"},
    "trend_quarters": 2,
    "sources": [{"id": "survey", "file": "answers.csv", "format": "csv"}],
    "tables": {name: f"{name}.csv" for name in ("specialists", "ownership", "leads", "orders", "complaints")},
    "levels": [
        {"id": "team", "label": words("team"), "column": "team", "via": "specialists"},
        {"id": "specialist", "label": words("s"), "column": "specialist_id", "people": True},
    ],
    "evaluate": "specialist",
}
CODEBOOK: dict[str, Any] = {
    "schema_version": 1,
    "scales": {"five": {"low": 1, "high": 5, "top_box": [4, 5]}},
    "fields": {name: {"headers": [name]} for name in ("submitted_at", "specialist_id")},
    "items": [
        {"id": "overall", "role": "overall", "scale": "five", "label": words("o"), "question": words("o?")}
    ],
}
INDICATORS: dict[str, Any] = {
    "schema_version": 1,
    "indicators": [
        sheet("A01", item="overall"),
        sheet("A24", target={"value": 20, "unit": "count"}),
        sheet("A16", direction="lower", target={"value": 24, "unit": "hours"}),
        sheet("A37", error_free=True, target={"value": 10_000, "unit": "money", "measure": "amount"}),
    ],
}
RULES: dict[str, Any] = {
    "schema_version": 1,
    "scored": ["A24", "A16", "A37"],
    "indicator_weights": {"declared": WEIGHTS},
    "score": {"formula": "linear"},
    "bands": [
        {"id": "low", "label": words("low"), "low": 0, "high": 80},
        {"id": "full", "label": words("full"), "low": 80, "high": 120},
    ],
    "pay": {"pool_below": 0},
    "rewards": {
        "pool": "2500.00",
        "table": [
            {"id": "bonus", "label": words("b"), "band": "full", "share": 1.0},
            {"id": "run", "label": words("r"), "streak": True, "amount": "100.00"},
        ],
        "penalties": [{"id": "reduced", "label": words("p"), "band": "low", "share": 0.5}],
        "streak": {"k": 2, "threshold": 90},
    },
}
TWO = {"agreed_by": ["s1", "m"], "owner": {"level": "person", "id": "s1"}, "due": dt.date(2026, 12, 31)}
GOAL = {"goal_id": "wins", "text": words("wins"), "indicator": "A24", "unit": "count", **TWO}
GOALS: dict[str, Any] = {
    "schema_version": 1,
    "goals": [
        {**GOAL, "target": 20, "agreed_on": dt.date(2026, 6, 20)},
        {**GOAL, "target": 30, "agreed_on": dt.date(2026, 8, 16), "version": 2, "amends": 1},
    ],
}


def tables() -> dict[str, pd.DataFrame]:
    start = pd.Timestamp("2026-07-02 09:00")
    spell = {"name": "x", "valid_from": "2020-01-01", "valid_to": "", "team": "west", "fte": 1}
    spell |= {"leave": "", "hired_on": "2020-01-01", "last_band": "full", "target_bonus": "1000.00"}
    spell |= {"currency": "CNY"}
    people = [
        {**spell, "specialist_id": "s1", "team": "east"},
        {**spell, "specialist_id": "s2", "fte": 0.5},
        {
            **spell,
            "specialist_id": "s3",
            "valid_from": "2026-08-16",
            "hired_on": "2026-08-16",
            "last_band": "",
        },
        {**spell, "specialist_id": "s4", "team": "east", "valid_to": "2026-08-16"},
        {**spell, "specialist_id": "s4", "valid_from": "2026-08-16"},
        {**spell, "specialist_id": "s5", "leave": "2026-07-01/2026-07-11 sick", "target_bonus": ""},
    ]
    later = {who: start + pd.Timedelta(days=50) for who in WINS}
    leads = [
        {"lead_id": f"l{who}{k}", "customer_id": f"c-{who}", "created_at": later[who], "won_at": later[who],
         "kind": "new_customer", "contract_id": f"k{who}{k}"}
        for who, wins in WINS.items() for k in range(wins)
    ]  # fmt: skip
    complaints = [
        {"case_id": f"p{who}{k}", "customer_id": f"c-{who}", "opened_at": later[who] + pd.Timedelta(hours=k),
         "resolved_at": "" if k == 0 else later[who] + pd.Timedelta(hours=HOURS[who] + 2 * k)}
        for who in WINS for k in range(CASES)
    ]  # fmt: skip
    orders = [
        {"order_id": f"o{who}{k}", "customer_id": f"c-{who}", "ordered_at": later[who], "amount": amount / 2,
         "currency": "CNY"}
        for who, amount in MONEY.items() for k in range(2)
    ]  # fmt: skip
    return {
        "answers": pd.DataFrame(
            {"submitted_at": [start, start], "specialist_id": ["s1", "s2"], "overall": [5, 3]}
        ),
        "specialists": pd.DataFrame(people),
        "ownership": pd.DataFrame(
            [{"customer_id": f"c-{who}", "specialist_id": who, "valid_from": "2020-01-01"} for who in WINS]
        ),
        "leads": pd.DataFrame(leads),
        "complaints": pd.DataFrame(complaints),
        "orders": pd.DataFrame(orders),
    }


def write(folder: Path, changes: Mapping[str, Any]) -> Path:
    files = {"study": STUDY, "codebook": CODEBOOK, "indicators": INDICATORS, "rules": RULES, "goals": GOALS}
    for name, content in {**files, **changes}.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content, default=str), encoding="utf-8")
    (folder / "data").mkdir()
    for name, table in tables().items():
        table.to_csv(folder / "data" / f"{name}.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def quarter(tmp_path_factory):
    return evaluate(write(tmp_path_factory.mktemp("tables"), {}), "2026Q3")


@pytest.fixture(scope="module")
def parts(quarter):
    return quarter.score_parts.set_index(["indicator", "subject"])


def test_targets_of_counts_and_money_are_multiplied_by_the_exposure_share(quarter, parts):
    for who, share in SHARE.items():
        wins = 30.0 if who == "s1" else 20.0
        assert parts.loc[("A24", who), "target"] == pytest.approx(wins * share)
        assert parts.loc[("A37", who), "target"] == pytest.approx(10_000 * share)
        assert parts.loc[("A16", who), "target"] == 24
        assert quarter.facts[f"2026Q3/param.exposure/{who}"].value == pytest.approx(share)
    half = quarter.facts["2026Q3/score.target_A24/s2"]
    assert (half.value, half.unit) == (10.0, "count")
    assert half.formula == "target of the indicator: 20 x exposure share 0.5, on 92 of 92 days"
    assert half.depends == ("2026Q3/param.exposure/s2",)
    assert parts.loc[("A24", "s2"), "attainment"] == pytest.approx(100 * (1 + 0.5 * 0.2))
    assert parts.loc[("A37", "s2"), "attainment"] == pytest.approx(80)


@pytest.mark.row("M02")
def test_a_goal_that_changed_counts_for_each_part_by_days(quarter, parts):
    assert parts.loc[("A24", "s1"), "attainment"] == pytest.approx((110 + 80) / 2)
    fact = quarter.facts["2026Q3/score.attainment_A24/s1"]
    for version, target in ((1, 20), (2, 30)):
        assert f"goal wins, version {version}: {target} x exposure share 1, on 46 of 92 days" in fact.formula
        assert quarter.facts[f"2026Q3/score.target_A24_{version}/s1"].value == target
        assert f"2026Q3/score.target_A24_{version}/s1" in fact.depends
    goal = quarter.goals.iloc[0]
    assert goal["attainment"] == pytest.approx(95) and goal["exposure_share"] == 1


def test_who_was_there_too_short_is_held_harmless_throughout(quarter):
    row = quarter.scores.set_index("subject").loc["s3"]
    assert (row["state"], row["reason"], row["band"]) == (State.NOT_APPLICABLE, "tenure", "")
    assert np.isnan([row["score"], row["conf_low"], row["p_value"]]).all() and row["tier"] == "untested"
    assert "s3" not in set(quarter.reaching["subject"]) and "s3" not in set(quarter.pool.dropna()["subject"])
    decision = quarter.decisions.set_index("subject").loc["s3"]
    assert (decision["usable"], decision["proposed"], decision["reasons"]) == (False, "full", "tenure")
    assert quarter.facts["2026Q3/score.total/s3"].state is State.NOT_APPLICABLE
    streak = rewards_of(quarter).streaks.set_index("subject").loc["s3"]
    assert (streak["state"], streak["reason"]) == (State.NOT_APPLICABLE, "tenure")
    assert np.isnan(quarter.facts["2026Q3/streak.current/s3"].value)


def times_of(who: str) -> tuple[list[float], list[bool]]:
    """Hours and whether resolved; the open case is censored at the end of September."""
    rows = tables()["complaints"]
    mine = rows[rows["customer_id"] == f"c-{who}"]
    closed = mine["resolved_at"] != ""
    end = pd.to_datetime(mine["resolved_at"].where(closed, pd.Timestamp("2026-10-01")))
    return ((end - mine["opened_at"]).dt.total_seconds() / 3600).tolist(), closed.tolist()


def test_the_distribution_is_that_of_gamma_counts_resampled_times_and_points_of_money(quarter):
    people = ["s1", "s2", "s4", "s5"]
    share = np.array([SHARE[who] for who in people])
    wins, money = (np.array([float(table[who]) for who in people]) for table in (WINS, MONEY))
    keys = [f"2026Q3/A16.median/{who}" for who in people]
    found = [
        durations([times_of(who) for who in people], 0.5, keys),
        times(counts(wins / share, share, target=20.0), share),
        fixed(money),
    ]
    versions = np.array([[20.0, 30.0], *([20 * one, np.nan] for one in share[1:])])
    halves = np.array([[0.5, 0.5], *([[1.0, 0.0]] * 3)])
    whole = np.ones((4, 1))
    goals = [
        Goal(indicator="A16", target=24.0, direction="lower", anchor=0.0),
        Goal(indicator="A24", target=20.0, direction="higher", anchor=0.0,
             own=OwnTargets(target=versions, share=halves)),
        Goal(indicator="A37", target=10_000.0, direction="higher", anchor=0.0,
             own=OwnTargets(target=10_000 * share[:, None], share=whole)),
    ]  # fmt: skip
    score = composite(found, goals, [WEIGHTS[goal.indicator] for goal in goals], LINEAR)
    low, high = score.interval()
    told = quarter.scores.set_index("subject").loc[people]
    assert told["conf_low"].to_numpy() == pytest.approx(low)
    assert told["conf_high"].to_numpy() == pytest.approx(high)
    reach = quarter.reaching[(quarter.reaching["period"] == "2026Q3") & (quarter.reaching["band"] == "full")]
    assert reach["probability"].to_numpy() == pytest.approx(score.at_least(80.0))
    assert quarter.diagnostics.loc[quarter.diagnostics["code"] == "score_without_distribution"].empty


def test_money_without_sampling_error_counts_on_two_orders_and_grades_a(parts):
    assert parts.loc[("A37", "s1"), "n"] == 2 and parts.loc[("A37", "s1"), "evidence"] == "A"


def test_scores_rest_on_weights_values_and_parameters(quarter):
    total = quarter.facts["2026Q3/score.total/s2"]
    assert {f"2026Q3/param.weight_combined/{name}" for name in WEIGHTS} <= set(total.depends)
    attained = quarter.facts["2026Q3/score.attainment_A16/s2"]
    assert attained.depends == ("2026Q3/A16.median/s2",)
    reach = quarter.facts["2026Q3/score.reach_full/s2"]
    assert "2026Q3/param.prior_mean/A24" in reach.depends
    prior = quarter.facts["2026Q3/param.prior_mean/A24"]
    assert "2026Q3/A24.contracts/s4" in prior.depends and "2026Q3/A24.contracts/s3" in prior.depends
    assert all(key in quarter.facts for fact in (total, attained, reach, prior) for key in fact.depends)


@pytest.mark.row("R06")
def test_payouts_share_the_pool_among_those_whose_bonus_is_known(quarter):
    found = rewards_of(quarter)
    paid = found.payouts.set_index("subject")
    assert (paid["band"] == "full").all() and paid["draft"].all()
    assert paid.loc["s5", ["state", "reason"]].tolist() == [State.UNAVAILABLE, "no target bonus"]
    assert paid.loc["s5", "paid"] is None
    known = paid.drop("s5")
    assert (known["claim"] == Decimal("1000.00")).all() and found.claimed == Decimal("4000.00")
    assert known["paid"].tolist() == [Decimal("625.00")] * 4
    assert quarter.facts["2026Q3/reward.paid_total/company"].value == 2500.0
    assert quarter.facts["2026Q3/reward.paid/s5"].state is State.UNAVAILABLE


@pytest.mark.row("R04")
def test_a_quarter_without_evidence_is_no_streak(quarter):
    table = quarter.quarters
    assert set(table["period"]) == {"2026Q2", "2026Q3"}
    found = rewards_of(quarter).streaks.set_index("subject")
    assert (found.drop("s3")["state"] == State.UNAVAILABLE).all()  # 14 cases are grade D
    assert (found["current"] == 0).all()


def test_nobodys_target_exposure_or_reward_stands_in_the_leadership_edition(quarter):
    subjects = {split_key(key).subject for key in publish(quarter).facts}
    assert not subjects & set(WINS)


def test_the_teams_targets_add_up_those_of_their_members(tmp_path):
    study = {**STUDY, "evaluate": "team"}
    found = evaluate(write(tmp_path, {"study": study}), "2026Q3")
    mine = found.targets[(found.targets["period"] == "2026Q3") & (found.targets["indicator"] == "A24")]
    shares = mine.set_index("subject")["exposure_share"]
    assert shares["team:east"] == pytest.approx(1 + 46 / 92)
    assert shares["team:west"] == pytest.approx(0.5 + 0.5 + 46 / 92 + 82 / 92)


@pytest.mark.parametrize(
    ("change", "code", "words"),
    [
        ({"kpi": "A37", "error_free": False}, "error_undeclared", "error_free: true"),
        ({"kpi": "A25", "target": {"value": 900, "unit": "money", "measure": "average_order"}},
         "error_undeclared", "the ratio 'average_order' carries none"),
        ({"kpi": "A25", "target": {"value": 900, "unit": "money", "measure": "value"}},
         "scale_undeclared", "target.scale"),
    ],
)  # fmt: skip
def test_what_has_no_sampling_error_is_refused_before_anything_is_read(tmp_path, change, code, words):
    money = {key: value for key, value in INDICATORS["indicators"][3].items() if key != "error_free"}
    sheets = [*INDICATORS["indicators"][:3], {**money, **change}]
    folder = write(tmp_path, {"indicators": {**INDICATORS, "indicators": sheets}})
    with pytest.raises(SpecError, match=words) as refused:
        open_study(folder)
    assert [problem.code for problem in refused.value.problems] == [code]


def test_two_goals_of_one_person_for_one_indicator_are_refused(tmp_path):
    second = {**GOAL, "goal_id": "more", "target": 25, "agreed_on": dt.date(2026, 9, 1)}
    folder = write(tmp_path, {"goals": {**GOALS, "goals": [*GOALS["goals"], second]}})
    with pytest.raises(SpecError, match="hold on 2026-09-01") as refused:
        evaluate(folder, "2026Q3")
    assert refused.value.code == "goal_overlap"


def test_yaml_of_the_fixture_is_what_an_analyst_writes(tmp_path):
    folder = write(tmp_path, {})
    assert yaml.safe_load((folder / "rules.yaml").read_text(encoding="utf-8"))["rewards"]["pool"] == "2500.00"
