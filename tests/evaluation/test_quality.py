"""Assessing the data: are planted faults found, does every number follow, and do toggles match cleaning?"""

import dataclasses
import json

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from survey_kpi.cleaning import RULES, clean, variants
from survey_kpi.engine import connect, scan
from survey_kpi.evaluation.quality import GATES, TABLES, assess
from survey_kpi.evaluation.quality import tables as quality_tables
from survey_kpi.evaluation.quality.company import examine, gate_values
from survey_kpi.evaluation.quality.gates import CHECKS
from survey_kpi.evaluation.quality.intake import Layout, compare
from survey_kpi.evaluation.quality.judging import fitness, judge
from survey_kpi.evaluation.quality.sensitivity import _cells, _toggle, headlines, toggles
from survey_kpi.glossary import unknown_columns
from survey_kpi.indicators.cells import EXCLUDED_BY, with_period
from survey_kpi.indicators.subjects import level_column
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.readers.responses import AUDIT_COLUMNS
from survey_kpi.records import Records, read_records
from survey_kpi.records.reading import INTAKE_COLUMNS
from survey_kpi.sample import scaffold
from survey_kpi.study.models import Level


@pytest.fixture(scope="module")
def quality(sample):
    return assess(sample, "2026Q3")


@pytest.fixture(scope="module")
def planted(root):
    truths = json.loads((root / "data/raw/sample/truths.json").read_text(encoding="utf-8"))
    return truths["dirt"]["wjx_2026q3.csv"]


def test_planted_dirt_is_found_row_by_row(quality, planted):
    by_rule = quality.excluded.groupby("rule")["row_id"].apply(set).to_dict()
    assert by_rule["duplicate"] == {f"wjx_2026q3:{row}" for row in planted["duplicate"]}
    assert by_rule["missing_share"] == {f"wjx_2026q3:{row}" for row in planted["blank"]}
    assert by_rule["too_fast"] == {f"wjx_2026q3:{row}" for row in planted["careless"]}


def test_rows_and_headlines_agree_with_the_evaluation(quality, quarter):
    for name in ("raw", "kept", "excluded"):
        key = f"2026Q3/quality.{name}/company"
        assert quality.fact(key).value == quarter.facts[f"2026Q3/rows.{name}/company"].value
    unmatched = quality.fact("2026Q3/quality.unmatched/company").value
    assert unmatched == quarter.facts["2026Q3/rows.unattributed/company"].value
    for name in ("A01.top_box", "A07.nps"):
        for part in ("", ":low", ":high"):
            mine = quality.fact(f"2026Q3/quality.published_{name}/company{part}").value
            assert mine == pytest.approx(quarter.facts[f"2026Q3/{name}/company{part}"].value, rel=1e-12)


def test_toggles_equal_cleaning_again_with_the_toggled_policy(sample):
    """The one scan over shared flags against a full cleaning for each variant."""
    period = Period.parse("2026Q3")
    dated = with_period(read_responses(sample).frame, sample.study.sources)
    fast = {one.rule: one for one in toggles(dated, sample, period, flagged=set(RULES))}
    scores = headlines(sample)
    cases = variants(sample.study.cleaning)
    assert [one.rule for one in cases] == list(fast)[1:]
    told = {"out_of_range", "duplicate", "straight_line", "irv", "mahalanobis"}
    for variant in (one for one in cases if one.rule in told):
        frame = clean(dated, sample.codebook, variant.policy).frame
        cells = _cells(frame, sample, scores, period)
        kept = cells[cells[EXCLUDED_BY] == ""]
        slow = _toggle(kept, sample, scores, period)
        assert fast[variant.rule].kept == slow.kept, variant.rule
        for name, numbers in slow.values.items():
            assert fast[variant.rule].values[name] == pytest.approx(numbers), variant.rule


def test_a_rule_that_cannot_run_says_why_and_has_no_number(quality):
    attention = next(one for one in quality.toggles if one.rule == "attention")
    assert "no attention check" in attention.reason
    assert not any(key.endswith("/attention") and "toggled" in key for key in quality.facts)


def test_the_sample_is_fit_for_reports_but_thin_for_grading(quality):
    verdicts = {(one.table, one.purpose): one for one in quality.fitness}
    assert verdicts["responses", "reporting"].verdict == "fit"
    assert verdicts["responses", "grading"].verdict == "unfit"
    assert verdicts["responses", "grading"].gates == ("thin",)
    assert verdicts["orders", "reporting"].verdict == verdicts["orders", "grading"].verdict == "fit"
    assert verdicts["labels", "reporting"].verdict == "not_measured"
    assert {one.table for one in quality.fitness} == set(TABLES) and len(TABLES) == 22


def test_every_declared_table_has_gates_that_fit_it(quality, sample):
    by_table = {}
    for one in quality.gates:
        by_table.setdefault(one.gate.table, set()).add(one.gate.code)
    assert set(by_table) == {"responses", *sample.study.tables}
    assert all(
        {"incomplete", "unreadable"} <= codes for table, codes in by_table.items() if table != "responses"
    )
    assert by_table["complaints"] == {
        *("incomplete", "repeated", "unreadable", "disordered", "strangers", "unlisted_people"),
        *("stated_otherwise", "in_period", "stale"),
    }
    assert "overlapping" in by_table["ownership"] and "repeated" not in by_table["ownership"]


def test_planted_faults_of_the_complaints_are_measured(quality):
    """One repeated row, one unreadable cell, times out of order and one customer whom nobody knows."""
    found = {one.gate.name: one for one in quality.gates}
    rows = quality.fact("2026Q3/quality.table_rows/complaints").value
    assert found["complaints_repeated"].value == pytest.approx(100 / rows)
    assert (found["complaints_unreadable"].value, found["complaints_unreadable"].where) == (
        pytest.approx(100 / rows),
        "contacts",
    )
    assert found["complaints_disordered"].value > 0
    assert found["complaints_strangers"].where == "C99999"
    assert found["complaints_stated_otherwise"].verdict == "not_measured"  # the export names nobody
    links = quality.company.links.set_index(["table", "column"])
    assert links.loc[("complaints", "customer_id"), "unmatched"] == 1


def test_a_study_limits_a_check_for_all_tables_or_for_one():
    gates = [GATES["complaints_unreadable"], GATES["orders_unreadable"], GATES["complaints_repeated"]]
    values = {gate.name: (1.5, "") for gate in gates}
    limits = {"unreadable": 1.0, "complaints_unreadable": 5.0}
    found = {one.gate.name: (one.limit, one.verdict) for one in judge(gates, values, base=30, limits=limits)}
    assert found == {
        "complaints_unreadable": (5.0, "passed"),
        "orders_unreadable": (1.0, "failed"),
        "complaints_repeated": (1.0, "failed"),
    }
    assert set(CHECKS) & set(GATES) == set()  # a limit means one thing


def test_answers_that_name_another_specialist_are_listed_with_the_owner(quality):
    stated = quality.company.stated
    mine = stated[stated["source"] == "responses"]
    assert quality.fact("2026Q3/quality.stated/responses").value == len(mine) > 0
    assert mine["detail"].str.fullmatch(r"owner: S\d\d").all()
    assert quality.fact("2026Q3/quality.stated/company").value == len(stated)


def test_a_customer_moved_after_a_bad_answer_is_shown():
    """A detractor of July 3rd is with somebody else from July 10th; who was pleased may move unnoticed."""
    day, connection = pd.Timestamp, connect()
    answers = pd.DataFrame(
        {
            "row_id": ["q:1", "q:2"],
            "respondent_id": ["c1", "c2"],
            "specialist_id": ["s1", "s1"],
            "submitted_at": [day("2026-07-03"), day("2026-07-03")],
            "ltr": [2.0, 10.0],
        }
    )
    spells = pd.DataFrame(
        {
            "customer_id": ["c1", "c1", "c2", "c2"],
            "specialist_id": ["s1", "s2", "s1", "s2"],
            "valid_from": [day("2026-01-01"), day("2026-07-10")] * 2,
            "valid_to": [day("2026-07-10"), pd.NaT] * 2,
        }
    )
    records = Records(
        frames={"ownership": scan(spells, connection=connection)},
        audit=pd.DataFrame(columns=list(AUDIT_COLUMNS), dtype="str"),
        intake=pd.DataFrame(
            [{**dict.fromkeys(INTAKE_COLUMNS, ""), "table": "ownership", "rows": 4, "set_aside": 0}]
        ),
    )
    found = examine(
        records,
        scan(answers, connection=connection),
        Period.parse("2026Q3"),
        Period.parse("2026Q2"),
        bad=nw.col("ltr") <= 6,
    )
    assert found.moved[["row_id", "value", "detail"]].to_numpy().tolist() == [
        ["q:1", "s1", "moved to s2 on 2026-07-10"]
    ]
    assert found.held.loc[0, ["period", "before"]].tolist() == [4.0, 2.0]


def test_a_late_export_fails_for_want_of_rows(sample):
    """The orders of the sample end with September: nothing of the next quarter is there."""
    connection = connect()
    records = read_records(sample, connection=connection, only=["orders"])
    answers = scan(pd.DataFrame({"row_id": ["q:1"]}), connection=connection)
    period = Period.parse("2027Q1")
    found = examine(records, answers, period, Period.parse("2026Q4"), bad=None)
    values = gate_values(found, records, period)
    outcomes = judge([GATES["orders_in_period"], GATES["orders_stale"]], values, base=30)
    assert [one.verdict for one in outcomes] == ["failed", "failed"]
    assert values["orders_in_period"][0] == 0 and values["orders_stale"][0] > 100


def test_gates_fail_beyond_the_limit_and_not_at_it():
    gates = GATES.values()
    values = {code: (30.0 if gate.limit is None else gate.limit, "") for code, gate in GATES.items()}
    at_limit = judge(gates, values, base=30)
    assert {one.verdict for one in at_limit} == {"passed"}
    beyond = judge(
        gates, {c: (v - 1 if GATES[c].at_least else v + 0.1, "") for c, (v, _) in values.items()}, base=30
    )
    assert {one.verdict for one in beyond} == {"failed"}
    both = fitness(TABLES, beyond, declared={"responses", "specialists"}, graded=True)
    unfit = {(one.table, one.purpose) for one in both if one.verdict == "unfit"}
    assert unfit == {
        (table, use) for table in ("responses", "specialists") for use in ("reporting", "grading")
    }


def test_what_cannot_be_judged_neither_passes_nor_fails():
    nothing = judge(GATES.values(), {}, base=30)
    assert {one.verdict for one in nothing} == {"not_measured"}
    found = fitness(TABLES, nothing, declared={"responses"}, graded=False)
    by = {(one.table, one.purpose): one.verdict for one in found}
    assert by["responses", "reporting"] == "fit"
    assert by["responses", "grading"] == "not_applicable"


def test_layouts_are_compared_by_what_the_codebook_knows():
    earlier = Layout(known={"ltr": "NPS", "mode": "METHOD", "old": "Q9"}, unused=("Hi", "Q8 "), absent=())
    now = Layout(known={"ltr": "NPS ", "mode": "METH", "fresh": "Q10"}, unused=("Q8", "Q11"), absent=("old",))
    drift = compare("b.csv", "a.csv", now, earlier)
    assert drift.new == ("Q10", "Q11") and drift.gone == ("Q9", "Hi")
    assert drift.renamed == (("mode", "METHOD", "METH"),)  # blanks around a header are no other name
    assert drift.absent == ("old",)


def test_a_file_of_many_quarters_has_nothing_to_compare_with(quality):
    drifts = {drift.file: drift for drift in quality.drifts}
    assert drifts["wjx_2026q3.csv"].before == "wjx_2026q2.csv"
    assert drifts["google_forms_overseas.csv"].before == ""


def test_keys_are_matched_by_the_spell_of_the_day():
    day = pd.Timestamp
    kept = pd.DataFrame(
        {
            "row_id": ["q:1", "q:2", "q:3", "q:4", "q:10"],
            "specialist_id": ["s1", "s1", None, "typo", "s2"],
            "submitted_at": [day("2026-07-01"), day("2026-08-01"), *[day("2026-07-05")] * 3],
        }
    )
    spells = pd.DataFrame(
        {
            "specialist_id": ["s1", "s2", "s2"],
            "valid_from": [day("2026-01-01"), day("2026-01-01"), day("2026-07-03")],
            "valid_to": [day("2026-08-01"), day("2026-07-03"), pd.NaT],
            "team": ["east", "east", "west"],
        }
    )
    stated = quality_tables.stated_keys(kept, spells)
    assert stated.tolist() == ["matched", "outside_spell", "no_key", "unknown_key", "matched"]
    level = Level(id="person", label={"zh": "专员", "en": "specialist"}, column="specialist_id", people=True)
    owned = kept.assign(**{level_column(level): ["s1", None, None, None, None]})
    reasons = quality_tables.match_keys(owned, level, spells)
    assert reasons.tolist() == ["matched", "outside_spell", "no_key", "unknown_key", "unowned"]
    listed = quality_tables.unattributed_rows(kept, reasons)
    assert listed["row_id"].tolist() == ["q:2", "q:3", "q:4", "q:10"]
    moves = quality_tables.team_moves(spells, Period.parse("2026Q3"))
    assert [(one.before, one.after) for one in moves] == [("east", "west")]
    assert quality_tables.team_moves(spells, Period.parse("2026Q2")) == ()


def test_people_stand_in_the_order_of_their_codes(quality):
    codes = [value for value in quality.mixes["subject"]["value"] if value]
    assert codes == sorted(codes)
    assert not {"S99", "不记得了"} & set(codes)  # what is in no staff table is nobody's code


def test_every_fact_is_full(quality):
    for key, fact in quality.facts.items():
        assert fact.key == key and fact.formula
        assert (fact.value == fact.value) == (fact.state == "measured")
        assert fact.state == "measured" or fact.reason
    for depends in {name for fact in quality.facts.values() for name in fact.depends}:
        assert depends in quality.facts
    with pytest.raises(KeyError, match="did you mean"):
        quality.fact("2026Q3/quality.rwa/company")


def test_tables_use_the_glossary(quality):
    for field in dataclasses.fields(quality):
        value = getattr(quality, field.name)
        if isinstance(value, pd.DataFrame) and field.name != "missing":  # its columns are quarters
            assert unknown_columns(value.columns) == [], field.name


def test_the_same_data_make_the_same_facts(sample, quality):
    again = assess(sample, "2026Q3")
    assert {key: fact.hash for key, fact in again.facts.items()} == {
        key: fact.hash for key, fact in quality.facts.items()
    }


def test_rare_values_are_summed_up_not_lost():
    table = pd.DataFrame({"value": list("abcdef"), "n": [6, 5, 4, 3, 2, 1], "n_before": [1] * 6})
    folded = quality_tables.folded(table, most=3)
    assert folded["value"].tolist() == ["a", "b", "…"]
    assert folded["n"].sum() == 21 and folded["n_before"].sum() == 6


@pytest.fixture(scope="module")
def airport(root, shared):
    return assess(root / "studies/sfo", "2018Q2", data=shared / "data/sfo")


def test_a_wave_is_compared_with_the_wave_before(airport, sfo):
    found = airport
    (drift,) = found.drifts
    assert drift.before == "sfo_2017.csv.gz"
    assert ("mode", "METHOD", "METH") in drift.renamed and len(drift.renamed) == 9
    assert found.toggles[0].values["A07.nps"][0] == sfo.facts["2018Q2/A07.nps/company"].value
    assert {one.gate.code for one in found.gates if one.verdict == "not_measured"} >= {
        "duplicates",
        "careless",
    }


def test_kish_effect_of_the_airport_weights(airport, shared):
    """n Σw²/(Σw)² recomputed from the file itself."""
    found = airport
    weights = pd.read_csv(shared / "data/sfo/sfo_2018.csv.gz", encoding="latin-1")["WEIGHT"]
    expected = len(weights) * (weights**2).sum() / weights.sum() ** 2
    assert found.fact("2018Q2/quality.design_effect/company").value == pytest.approx(expected)
    assert int(found.weights["n"].sum()) == len(weights)


def test_a_new_study_can_be_assessed(tmp_path):
    folder = tmp_path / "ours"
    scaffold(folder)
    found = assess(folder, "2026Q3")
    assert found.fact("2026Q3/quality.raw/company").value > 0


def test_rolling_years_overlap_and_each_counts_whole(sample):
    """The year to 2026Q3 against the year to 2026Q2: three quarters stand in both."""
    year = assess(sample, "2026Q3-R4")
    before = assess(sample, "2026Q2-R4")
    now_sum, before_sum = (int(year.mixes["language"][name].sum()) for name in ("n", "n_before"))
    assert now_sum == year.fact("2026Q3-R4/quality.kept/company").value
    assert before_sum == before.fact("2026Q2-R4/quality.kept/company").value


def test_scalars_taken_from_the_data_are_parameter_facts(quality, sample):
    """Handed back to cleaning they freeze the limits: the published median is the one that cleaning used."""
    dated = with_period(read_responses(sample).frame, sample.study.sources)
    taken = clean(dated, sample.codebook, sample.study.cleaning).thresholds
    assert quality.thresholds
    assert {key.split("/")[1] for key in quality.thresholds} == {"param.median_duration_s"}
    for key, value in quality.thresholds.items():
        assert key.startswith("2026Q3/")
        assert quality.fact(key).value == value == taken[key]
    assert quality.fact("2026Q3/quality.doubts/company").value == len(quality.doubts) == 0
