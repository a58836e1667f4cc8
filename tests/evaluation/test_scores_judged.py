"""Scores of the sample study as distributions, grades and drafts: what was planted is found, no more."""

import json

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation import evaluate
from survey_kpi.evaluation.deciding import decide_bands, standing_of
from survey_kpi.evaluation.inputs import check_registers
from survey_kpi.evaluation.score_distributions import JudgedScores, judge_scores, reliability_of
from survey_kpi.evaluation.score_facts import band_counts, price_of
from survey_kpi.evaluation.tables import evaluated_subjects, plan_doubts, scores_of_subjects
from survey_kpi.indicators.products import no_products
from survey_kpi.period import Period
from survey_kpi.publishing import publish
from survey_kpi.records import read_records
from survey_kpi.study.models import Target, Text
from survey_kpi.study.rewards import PayGuard, Rewards, ThresholdBonus


@pytest.fixture(scope="module")
def truths(root):
    return json.loads((root / "data/raw/sample/truths.json").read_text(encoding="utf-8"))


def rejudged(study, quarter):
    """Judge the quarter again under changed rules, without reading anything."""
    subjects = evaluated_subjects(quarter.estimates, study, quarter.period)
    scored = scores_of_subjects(subjects, study, quarter.weighting)
    return judge_scores(scored, subjects, study, products=no_products())


def with_rules(sample, **changes):
    return sample.model_copy(update={"rules": sample.rules.model_copy(update=changes)})


@pytest.fixture(scope="module")
def explained(sample):
    """The quarter, with an explanation for the one person whose invitations are unusual."""
    words = Text(zh="联合回访", en="joint call-backs")
    return evaluate(with_invitations(sample, explained={"S17": words}), "2026Q3")


def with_invitations(sample, **changes):
    invitations = sample.study.invitations.model_copy(update=changes)
    file = sample.study.model_copy(update={"invitations": invitations})
    return sample.model_copy(update={"study": file})


@pytest.mark.row("W06")
def test_an_open_alarm_on_invitations_caps_the_score_until_it_is_explained(quarter, explained):
    row = quarter.scores.set_index("subject").loc["S17"]
    assert (row["evidence"], row["uncapped"]) == ("D", "B") and "coverage_alarm" in row["caps"]
    parts = quarter.score_parts
    assert set(parts.loc[parts["caps"].str.contains("coverage_alarm"), "subject"]) == {"S17"}
    decision = quarter.decisions.set_index("subject").loc["S17"]
    assert (decision["usable"], decision["reasons"], decision["cut"]) == (False, "grade_d", False)
    assert "evidence D, B before the cap" in quarter.facts["2026Q3/score.total/S17"].formula
    row = explained.scores.set_index("subject").loc["S17"]
    assert (row["evidence"], row["caps"]) == ("C", "reliability")
    assert explained.decisions.set_index("subject").loc["S17", "cut"]


@pytest.mark.row("R02")
def test_the_planted_people_end_where_the_truth_says(explained, truths):
    quarter = explained
    decisions = quarter.decisions.set_index("subject")
    bands = [band.id for band in quarter.study.rules.bands]
    for person in truths["people"]["better"]:
        assert decisions.loc[person, "proposed"] == bands[-1] == decisions.loc[person, "raw"]
    for person in truths["people"]["worse"]:
        assert decisions.loc[person, "proposed"] == bands[0] == decisions.loc[person, "raw"]
    assert (decisions["proposed"] == bands[0]).sum() == len(truths["people"]["worse"])


def test_the_interval_holds_what_the_score_is_drawn_from(quarter):
    table = quarter.scores
    assert (table["conf_low"] < table["conf_high"]).all()
    wide, narrow = (
        table[cut]["conf_high"] - table[cut]["conf_low"] for cut in (table["n"] < 30, table["n"] > 100)
    )
    assert wide.mean() > narrow.mean()
    pool = quarter.pool.set_index("subject").reindex(table["subject"])
    shorter = (pool["conf_high"] - pool["conf_low"]).to_numpy() < (
        table["conf_high"] - table["conf_low"]
    ).to_numpy()
    assert shorter.mean() > 0.8


@pytest.mark.row("R05")
def test_probabilities_fall_from_edge_to_edge_and_are_facts(quarter):
    mine = quarter.reaching[quarter.reaching["period"] == "2026Q3"]
    wide = mine.pivot_table(index="subject", columns="edge", values="probability").to_numpy()
    assert (np.diff(wide, axis=1) <= 0).all() and (wide[:, 0] == 1).all()
    for row in mine.itertuples():
        fact = quarter.facts[f"2026Q3/score.reach_{row.band}/{row.subject}"]
        assert fact.value == row.probability and fact.unit == "share"
        assert all(key in quarter.facts for key in fact.depends)
    low, high = (quarter.facts[f"2026Q3/score.total/S05:{end}"].value for end in ("low", "high"))
    assert low < quarter.facts["2026Q3/score.total/S05"].value < high


def test_parameters_from_data_are_facts(quarter):
    first = quarter.facts["2026Q3/param.correlation/A01~A07"]
    assert 0.2 < first.value < 0.6
    assert 70 < quarter.facts["2026Q3/param.prior_mean/A01"].value < 95
    assert quarter.facts["2026Q3-R4/param.prior_spread/A01"].value > 0


def test_weights_from_data_rest_on_everybodys_values(quarter):
    combined = quarter.facts["2026Q3/param.weight_combined/A07"]
    assert combined.depends == ("2026Q3/param.weight_ahp/A07", "2026Q3/param.weight_entropy/A07")
    ahp, entropy = (quarter.facts[key] for key in combined.depends)
    assert not ahp.depends and "2026Q3/A07.nps/S05" in entropy.depends
    assert all(key in quarter.facts for key in entropy.depends)


@pytest.mark.row("P14")
def test_nobody_is_cut_without_a_signature(explained):
    decisions = explained.decisions
    assert decisions["draft"].all() and (decisions["decision"] == "").all()
    cuts = decisions[decisions["cut"]]
    assert len(cuts) and (cuts["paid"] == cuts["last"]).all()
    assert cuts["reasons"].str.contains("unsigned").all()
    assert cuts["evidence"].isin(["A", "B", "C"]).all()


@pytest.mark.row("P10")
def test_small_bases_are_decided_on_four_quarters(quarter):
    decisions = quarter.decisions.set_index("subject")
    bases = quarter.scores.set_index("subject")["base"]
    assert (decisions["pooled"] == (bases < quarter.study.rules.pay.pool_below)).all()
    assert (decisions.loc[decisions["pooled"], "base"] > bases[decisions["pooled"]]).all()
    assert set(quarter.pool["period"]) == {"2026Q3-R4"}


def test_a_move_within_the_pool_is_said(quarter):
    pooled = quarter.decisions[quarter.decisions["pooled"]]
    said = quarter.diagnostics[quarter.diagnostics["code"] == "drift_within_pool"]
    assert len(said) == int((pooled["drift"] < 0.05).any())
    assert quarter.decisions["drift"].between(0, 1).all()


def test_grades_are_capped_with_their_reason(quarter):
    table = quarter.scores.set_index("subject")
    assert table.loc["S05", "uncapped"] == "B"
    assert table.loc["S05", ["evidence", "caps"]].tolist() == ["C", "reliability"]
    assert (table.loc[table["base"] < 30, "evidence"] == "D").all()


def test_reliability_needs_two_people_with_errors():
    rows = pd.DataFrame({"value": [80.0, 84.0, 70.0, 90.0], "std_error": [4.0] * 4, "n": [100] * 4})
    assert reliability_of(rows) == pytest.approx(54.67 / (54.67 + 16), abs=1e-3)
    assert reliability_of(rows.iloc[:1]) is None
    assert reliability_of(rows.assign(std_error=np.nan)) is None


@pytest.mark.row("T12")
def test_a_month_has_estimates_but_no_scores(month):
    assert set(month.scores["state"]) == {State.NOT_APPLICABLE}
    assert month.scores["score"].isna().all() and (month.scores["band"] == "").all()
    assert month.scores["reason"].str.contains("period_too_short_for_grade").all()
    assert month.decisions.empty and month.reaching.empty
    assert not any(key.endswith(("score.total/S05:low", "reach_excellent/S05")) for key in month.facts)
    fact = month.facts["2026-08/score.total/S05"]
    assert fact.state is State.NOT_APPLICABLE and np.isnan(fact.value)


def test_four_rolling_quarters_are_judged_once(year):
    assert not year.decisions["pooled"].any() and year.pool.empty
    assert year.scores["conf_low"].notna().all()


def test_the_leadership_edition_holds_no_score_of_a_person(quarter):
    facts = publish(quarter).facts
    people = set(quarter.scores["subject"]) | set(quarter.pool["subject"])
    assert not any(key.split("/")[2].split(":")[0] in people for key in facts)
    assert not any("score.reach_" in key or "score.total/" in key for key in facts)
    assert facts["2026Q3/score.decisions_people/company"].value == len(quarter.decisions)


def test_counts_of_bands_add_up(quarter):
    table = band_counts(quarter.decisions)
    assert table["n"].sum() == len(quarter.decisions)
    for row in table.itertuples():
        key = f"2026Q3/score.bands_{row.raw}_{row.proposed}_{row.evidence}/company"
        assert quarter.facts[key].value == row.n


def test_the_price_is_that_of_the_default_guard(quarter):
    assert price_of(quarter.decisions, PayGuard()).n == 120
    assert price_of(quarter.decisions, PayGuard(down=0.2)) is None
    assert price_of(quarter.decisions.iloc[:0], PayGuard()) is None
    assert price_of(quarter.decisions.assign(base=12), PayGuard()).n == 30


@pytest.mark.row("R03")
def test_threshold_bonuses_reach_score_and_parts(sample, quarter):
    bonus = ThresholdBonus(indicator="A07", threshold=40.0, points=3.0)
    richer = with_rules(sample, rewards=Rewards(threshold_bonuses=(bonus,)))
    before, after = (rejudged(study, quarter) for study in (sample, richer))
    parts = after.parts[after.parts["indicator"] == "A07"].set_index("subject")
    assert ((parts["bonus"] == 3) == (parts["value"] >= 40)).all()
    gain = (after.totals["score"] - before.totals["score"]).to_numpy()
    assert gain == pytest.approx(parts.loc[after.totals["subject"], "bonus"].to_numpy())


def test_a_mean_is_judged_on_the_scale_of_its_question(sample, quarter):
    first = sample.indicators.indicators[0]
    sheet = first.model_copy(update={"target": Target(value=4.2, unit="score", measure="mean")})
    changed = with_sheet(sample, sheet)
    found = rejudged(changed, quarter)
    assert not found.problem and found.priors.set_index("indicator").loc["A01", "mean"] < 5


def with_sheet(sample, sheet):
    sheets = tuple(sheet if each.id == sheet.id else each for each in sample.indicators.indicators)
    return sample.model_copy(
        update={"indicators": sample.indicators.model_copy(update={"indicators": sheets})}
    )


def test_an_error_free_figure_takes_no_coordinate_and_grades_a(sample, quarter):
    sheet = sample.indicator("A07").model_copy(update={"error_free": True})
    found = rejudged(with_sheet(sample, sheet), quarter)
    assert (found.parts.loc[found.parts["indicator"] == "A07", "evidence"] == "A").all()
    assert "A07" not in set(found.priors["indicator"])


def test_self_report_is_worth_c_at_most(sample, quarter):
    sheet = sample.indicator("A01").model_copy(update={"source": "self_report"})
    parts = rejudged(with_sheet(sample, sheet), quarter).parts
    mine = parts[parts["indicator"] == "A01"]
    assert not mine["evidence"].isin(["A", "B"]).any()
    assert mine.loc[mine["uncapped"] == "B", "caps"].str.contains("self_report").all()


def two_bands(subject, probability, *, raw="low", base=200.0, evidence="B"):
    totals = pd.DataFrame(
        {"subject": [subject], "score": 70.0, "band": raw, "evidence": evidence, "base": base}
    )
    reaching = pd.DataFrame(
        {"subject": subject, "band": ["improve", "solid", "excellent"], "probability": [1.0, *probability]}
    )
    nothing = pd.DataFrame()
    return JudgedScores(
        parts=nothing,
        totals=totals,
        reaching=reaching,
        excellent=nothing,
        correlations=nothing,
        priors=nothing,
    )


def standing_row(last, days):
    return pd.DataFrame(
        {"subject": ["S1"], "last": last, "tenure_days": days, "target_bonus": None, "currency": ""}
    )


@pytest.mark.parametrize(
    ("probability", "last", "proposed", "held"),
    [
        ((0.6, 0.02), "excellent", "solid", False),
        ((0.6, 0.30), "excellent", "excellent", True),
        ((0.02, 0.0), "", "improve", False),
        ((0.5, 0.1), "solid", "solid", True),
    ],
)
def test_the_last_band_is_where_moves_begin(sample, probability, last, proposed, held):
    standing = standing_row(last, 92)
    now = two_bands("S1", probability, raw="improve")
    row = decide_bands(now, None, study=sample, standing=standing, drift={}).iloc[0]
    assert (row["proposed"], row["held"]) == (proposed, held)


def test_newcomers_are_held_harmless(sample):
    standing = standing_row("solid", 59)
    now = two_bands("S1", (0.0, 0.0), raw="improve")
    row = decide_bands(now, None, study=sample, standing=standing, drift={}).iloc[0]
    assert not row["usable"] and row["proposed"] == "solid" and row["reasons"] == "tenure"


def test_the_last_band_comes_from_the_table_of_people(sample):
    level = sample.level("specialist")
    spells = pd.DataFrame(
        {
            "specialist_id": ["S1", "S2"],
            "valid_from": pd.to_datetime(["2020-01-01", "2026-09-01"]),
            "valid_to": pd.NaT,
            "last_band": ["solid", None],
        }
    )
    found = standing_of(spells, level, Period.parse("2026Q3"))
    assert found.iloc[:, :3].to_numpy().tolist() == [["S1", "solid", 92], ["S2", "", 30]]
    assert found["target_bonus"].tolist() == [None, None]
    assert standing_of(None, level, Period.parse("2026Q3")).empty
    assert standing_of(spells, sample.level("team"), Period.parse("2026Q3")).empty


@pytest.mark.row("P08")
def test_an_action_without_an_owner_is_refused_before_it_is_evaluated(sample, tmp_path):
    head = "action_id,decided_on,owner,due,indicator,scope,started_at,cost,benefit_low,currency,status"
    row = "T1,2026-04-01,,2026-07-01,A99,company,2026-04-01,,,,open"
    (tmp_path / "actions.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    study = sample.model_copy(update={"data_dir": str(tmp_path)})
    with pytest.raises(SpecError) as refusal:
        check_registers(study, read_records(study, only=["actions"]))
    assert {problem.code for problem in refusal.value.problems} == {"action_incomplete", "unknown_name"}


def test_a_benchmark_without_its_source_is_refused(sample, tmp_path):
    head, row = "indicator,value,source,date,n,wording,scale", "A07,31,,2026-03-31,1200,words,0-10"
    (tmp_path / "benchmarks.csv").write_text(f"{head}\n{row}\n", encoding="utf-8")
    study = sample.model_copy(update={"data_dir": str(tmp_path)})
    with pytest.raises(SpecError, match="source") as refusal:
        check_registers(study, read_records(study, only=["benchmarks"]))
    assert refusal.value.code == "benchmark_provenance"


@pytest.mark.row("M14")
@pytest.mark.row("W08")
def test_doubts_about_the_plan_are_diagnostics_without_a_person(sample):
    money = sample.indicator("A07").model_copy(update={"financial": True, "tag": "result"})
    plain = with_sheet(
        with_sheet(sample, money), sample.indicator("A01-speed").model_copy(update={"tag": "result"})
    )
    scored = ("A07", "A01", "A01-speed")
    weights = {"declared": {"A07": 0.6, "A01": 0.2, "A01-speed": 0.2}}
    rule = type(sample.rules.indicator_weights).model_validate(weights)
    found = plan_doubts(with_rules(plain, scored=scored, indicator_weights=rule))
    assert {row["code"] for row in found} == {"financial_overweight", "no_process_indicator"}
    assert {row["where"] for row in found} == {"plan"}


@pytest.mark.row("R08")
def test_scores_of_people_fall_into_tiers_instead_of_ranks(quarter, truths):
    """Nobody but the planted people leaves the middle, whatever the raw bands say."""
    table = quarter.scores.set_index("subject")
    planted = {"above": truths["people"]["better"], "below": truths["people"]["worse"]}
    for tier, people in planted.items():
        assert sorted(table.index[table["tier"] == tier]) == sorted(people)
    assert table["band"].nunique() == 3
    assert (table["p_value"] <= table["adjusted_p"]).all()


def test_people_without_scores_are_in_no_tier(month):
    assert len(month.scores) and set(month.scores["tier"]) == {"untested"}
    assert month.scores[["p_value", "adjusted_p"]].isna().all(axis=None)
