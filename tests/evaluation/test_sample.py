"""The shipped sample study: does the pipeline find what was planted, and nothing else?"""

import dataclasses
import hashlib
import json
from pathlib import Path

import pandas as pd
import pytest

from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation import evaluate
from survey_kpi.evaluation.comparing import of_records
from survey_kpi.evaluation.inputs import study_table
from survey_kpi.glossary import unknown_columns
from survey_kpi.indicators import COMPANY
from survey_kpi.period import Period
from survey_kpi.study.models import Target


@pytest.fixture(scope="module")
def truths(root):
    return json.loads((root / "data/raw/sample/truths.json").read_text(encoding="utf-8"))


def test_the_planted_change_is_found_and_no_other(quarter):
    verdicts = of_answers(quarter)["verdict"]
    assert verdicts["A01-speed"] == "rose"
    assert set(verdicts.drop("A01-speed")) == {"no_change"}


def of_answers(quarter):
    asked = [sheet.id for sheet in quarter.study.indicators.indicators if sheet.item]
    return quarter.comparisons.set_index("indicator").loc[asked]


def test_records_are_not_tested_for_change_and_leave_the_family_of_claims_as_it_is(quarter):
    records = quarter.comparisons.set_index("indicator").drop(of_answers(quarter).index)
    assert len(records) == 14
    assert set(records["verdict"]) == {"not_compared"}
    assert records["reason"].str.contains("complete counts").all()
    assert records["difference"].isna().all()
    others = of_answers(quarter).query("family == 'others'")
    assert set(others["level_of_claim"]) == {0.025 / len(others)}  # one claim among six


def test_a_study_may_declare_a_record_as_its_one_comparison(sample):
    primary = sample.study.primary.model_copy(update={"indicator": "A10", "measure": "on_time"})
    sheets = sample.indicators.indicators
    assert "A10" not in of_records(sheets, primary) and len(of_records(sheets, primary)) == 13


def test_the_planted_rise_of_everything_is_found(sample):
    comparisons = evaluate(sample, "2025Q2").comparisons
    assert "fell" not in set(comparisons["verdict"])
    assert (comparisons["verdict"] == "rose").sum() >= 4


def test_the_two_planted_people_leave_the_middle_and_nobody_else(quarter, truths):
    tiers = quarter.tiers.set_index("subject")["verdict"]
    assert set(tiers[tiers == "above"].index) == set(truths["people"]["better"])
    assert set(tiers[tiers == "below"].index) == set(truths["people"]["worse"])


def test_estimates_lie_near_the_truth(quarter, truths):
    table = quarter.estimates[quarter.estimates["subject"] == COMPANY].set_index(["period", "indicator"])
    items = {"A01": "overall", "A01-speed": "speed", "A01-expertise": "expertise"}
    misses = 0
    for period, truth in truths["company"].items():
        for indicator, item in items.items():
            row = table.loc[(period, indicator)]
            headline = row[row["measure"] == "top_box"].iloc[0]
            assert abs(headline["value"] - truth[item]) < 4 * headline["std_error"]
            misses += not headline["conf_low"] <= truth[item] <= headline["conf_high"]
    assert misses <= 4  # of 24 intervals of 95 %; more than 4 has probability .006


def test_every_row_is_accounted_for(quarter, truths):
    flow = quarter.flow.set_index("rule")["rows"]
    assert flow.sum() == quarter.facts["2026Q3/rows.raw/company"].value
    assert flow[""] == quarter.facts["2026Q3/rows.kept/company"].value
    assert flow.drop("").sum() == quarter.facts["2026Q3/rows.excluded/company"].value
    planted = truths["dirt"]["wjx_2026q3.csv"]
    assert flow["duplicate"] == len(planted["duplicate"])
    assert flow["missing_share"] == len(planted["blank"])
    assert flow["too_fast"] == len(planted["careless"])


def test_a_person_who_moves_counts_for_the_team_of_the_day(quarter, root):
    spells = pd.read_csv(root / "data/raw/sample/specialists.csv", dtype=str)
    moved = spells["specialist_id"].value_counts()
    assert (moved > 1).any()
    company = quarter.facts["2026Q3/A01.top_box/company:n"].value
    teams = sum(
        fact.value
        for key, fact in quarter.facts.items()
        if key.startswith("2026Q3/A01.top_box/team:") and key.endswith(":n")
    )
    nobody = quarter.facts["2026Q3/rows.unattributed/company"].value
    assert 0 <= company - teams <= nobody


def test_same_inputs_same_facts_and_raw_files_untouched(sample, quarter):
    before = {path: path.read_bytes() for path in Path(sample.data_dir).iterdir()}
    again = evaluate(sample, "2026Q3")
    assert {key: fact.hash for key, fact in again.facts.items()} == {
        key: fact.hash for key, fact in quarter.facts.items()
    }
    assert again.run_id == quarter.run_id
    assert {path: path.read_bytes() for path in Path(sample.data_dir).iterdir()} == before
    recorded = dict(zip(quarter.intake["file"], quarter.intake["sha256"], strict=True))
    for path, content in before.items():
        if path.name in recorded:
            assert recorded[path.name] == hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def retargeted(sample):
    """The quarter under rules of another hash, the first indicator's target on its mean."""
    first = sample.indicators.indicators[0]
    target = Target(value=4.2, unit="score", measure="mean")
    sheets = (first.model_copy(update={"target": target}), *sample.indicators.indicators[1:])
    declared = sample.indicators.model_copy(update={"indicators": sheets})
    return evaluate(sample.model_copy(update={"indicators": declared, "rule_hash": "0" * 64}), "2026Q3")


def test_rules_enter_the_run_id(retargeted, quarter):
    assert retargeted.data_hash == quarter.data_hash
    assert retargeted.run_id != quarter.run_id


def test_every_public_table_uses_the_glossary(quarter):
    for field in dataclasses.fields(quarter):
        value = getattr(quarter, field.name)
        if isinstance(value, pd.DataFrame):
            assert unknown_columns(value.columns) == [], field.name


def test_scores_follow_from_facts(quarter):
    weights = quarter.weighting.combined.values
    table = quarter.scores
    short = table["state"] == State.NOT_APPLICABLE
    assert (table.loc[short, "reason"] == "tenure").all() and table.loc[short, "score"].isna().all()
    for row in table[~short].itertuples():
        parts = {
            name: quarter.facts[f"2026Q3/score.attainment_{name}/{row.subject}"].value for name in weights
        }
        assert row.score == pytest.approx(sum(weights[name] * parts[name] for name in weights))
    assert table.loc[~short, "band"].isin(["improve", "solid", "excellent"]).all()


def test_four_rolling_quarters_and_a_month(year, month, quarter):
    assert year.facts["2026Q3-R4/A01.top_box/company:n"].value == sum(
        quarter.facts[f"{period}/A01.top_box/company:n"].value for period in Period.parse("2026Q3").last(4)
    )
    assert (
        month.facts["2026-08/A01.top_box/company:n"].value
        < quarter.facts["2026Q3/A01.top_box/company:n"].value
    )


def test_a_period_without_answers_is_refused_by_name(sample):
    with pytest.raises(SpecError, match="2026Q3") as refusal:
        evaluate(sample, "2027Q1")
    assert refusal.value.code == "period_unknown"
    with pytest.raises(SpecError) as refusal:
        evaluate(sample, "2026Q5")
    assert refusal.value.code == "period_format"


def test_the_first_quarter_has_nothing_to_compare_with(first):
    assert set(first.comparisons["verdict"]) == {"not_compared"}
    assert of_answers(first)["reason"].str.contains("2024Q3").all()


def test_to_frame_is_a_copy(quarter):
    frame = quarter.to_frame()
    frame.loc[:, "value"] = 0.0
    assert (quarter.estimates["value"] != 0).any()
    with pytest.raises(KeyError, match="did you mean"):
        quarter.fact("2026Q3/A01.top_bx/company")


def spells(*rows):
    return "\n".join(["specialist_id,name,valid_from,valid_to,team,role", *rows]) + "\n"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["S1,A,2026-01-01,,x,", "S1,A,2026-07-01,,y,"], "overlaps the next one"),
        (["S1,A,2026-01-01,2026-08-01,x,", "S1,A,2026-07-01,,y,"], "overlaps the next one"),
        (["S1,A,2026-07-01,2026-07-01,x,"], "ends before it begins"),
    ],
)
def test_a_person_in_two_places_at_once_is_refused(sample, tmp_path, rows, said):
    """Overlapping spells would count one answer twice."""
    (tmp_path / "specialists.csv").write_text(spells(*rows), encoding="utf-8")
    with pytest.raises(SchemaError, match="specialist 'S1'") as refusal:
        study_table(sample.model_copy(update={"data_dir": str(tmp_path)}), "specialists")
    assert refusal.value.code == "spell_conflict" and said in str(refusal.value)


def test_spells_that_follow_one_another_are_kept(sample, tmp_path):
    rows = ["S1,A,2026-01-01,2026-07-01,x,", "S1,A,2026-07-01,,y,", "S2,B,2026-01-01,,x,"]
    (tmp_path / "specialists.csv").write_text(spells(*rows), encoding="utf-8")
    assert len(study_table(sample.model_copy(update={"data_dir": str(tmp_path)}), "specialists")) == 3


def test_a_target_on_another_measure_scores_that_measure(retargeted):
    parts = retargeted.score_parts
    first = retargeted.study.indicators.indicators[0]
    values = parts.loc[parts["indicator"] == first.id, "value"]
    assert values.between(1, 5).all()
