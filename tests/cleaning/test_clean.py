"""What each rule notices, what it leaves alone, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.cleaning import RULES, audit_rows
from survey_kpi.errors import SchemaError
from survey_kpi.study.models import Cleaning

LTR = {"id": "ltr", "role": "ltr", "scale": "nps"}


def flags(
    kit: Any, rows: list[dict[str, Any]], rule: str, policy: Any = None, book: Any = None
) -> list[bool]:
    codebook = book or kit.codebook()
    cleaned = kit.clean(kit.sheets(rows, codebook), codebook, policy)
    return kit.table(cleaned)[f"flag_{rule}"].tolist()


# --- single answers -----------------------------------------------------------------------------------


def test_missing_codes_and_values_out_of_range_become_missing(kit: Any) -> None:
    codebook = kit.codebook({"id": "x", "scale": "five", "missing_codes": [6, "99", "(跳过)", 3]})
    rows = [{"x": value} for value in (5.0, 6.0, 99.0, 3.0, 0.0, 2.5, np.inf, None)]
    cleaned = kit.clean(kit.sheets(rows, codebook), codebook)
    assert kit.table(cleaned)["x"].fillna(-1).tolist() == [5, -1, -1, -1, -1, -1, -1, -1]
    counts = cleaned.counts.set_index(["rule", "item"])["flagged"]
    assert counts["missing_code", "x"] == 3
    assert counts["out_of_range", "x"] == 3
    audit = audit_rows(cleaned)
    assert audit[audit["item"] == "x"]["value"].tolist() == [0.0, 2.5, np.inf]
    assert set(audit["action"]) == {"set_missing"}


def test_a_fractional_scale_keeps_fractions(kit: Any) -> None:
    codebook = kit.codebook({"id": "x", "scale": "slider"})
    slider = {**codebook.scales, "slider": codebook.scales["five"].model_copy(update={"integer": False})}
    codebook = codebook.model_copy(update={"scales": slider})
    cleaned = kit.clean(kit.sheets([{"x": 2.5}, {"x": 5.5}], codebook), codebook)
    assert kit.table(cleaned)["x"].fillna(-1).tolist() == [2.5, -1]


def test_out_of_range_can_stay_when_the_study_says_so(kit: Any) -> None:
    codebook = kit.codebook({"id": "x", "scale": "five", "missing_codes": [99]})
    frame = kit.sheets([{"x": 7.0}, {"x": 99.0}], codebook)
    assert kit.table(kit.clean(frame, codebook, kit.rules(out_of_range="off")))["x"].fillna(-1).tolist() == [
        7,
        -1,
    ]
    flagged = kit.clean(frame, codebook, kit.rules(out_of_range="flag"))
    assert kit.table(flagged)["x"].fillna(-1).tolist() == [7, -1]
    assert audit_rows(flagged)["action"].tolist() == ["flag"]


def test_a_nan_is_no_answer_and_no_value_out_of_range(kit: Any) -> None:
    import duckdb

    codebook = kit.codebook({"id": "x", "scale": "five"})
    frame = kit.sheets([{"x": 4.0}, {}], codebook)
    table = duckdb.connect()
    table.register("t", engine.scan(frame).collect("pyarrow").to_native())
    lazy = engine.scan(
        table.sql("select * replace (case when x = 4 then x else 'nan'::double end as x) from t")
    )
    from survey_kpi.cleaning import clean

    cleaned = clean(lazy, codebook, Cleaning())
    assert kit.table(cleaned)["x"].isna().tolist() == [False, True]
    assert cleaned.counts.query("rule == 'out_of_range'")["flagged"].sum() == 0


def test_reversed_items_are_recoded_but_straight_lines_are_seen_as_answered(kit: Any) -> None:
    codebook = kit.codebook({"id": "bad", "scale": "five", "reversed": True}, n=5)
    frame = kit.sheets([dict.fromkeys(["q1", "q2", "q3", "q4", "q5", "bad"], 2.0)], codebook)
    found = kit.table(kit.clean(frame, codebook))
    assert found["bad"].tolist() == [4.0]
    assert found["q1"].tolist() == [2.0]
    assert found["flag_straight_line"].tolist() == [True]


# --- rows ---------------------------------------------------------------------------------------------


def test_previews_and_unfinished_sheets_are_set_aside(kit: Any) -> None:
    rows = [{"platform_status": status} for status in ("", "preview", "unfinished", None)]
    assert flags(kit, rows, "platform_status") == [False, True, True, False]


@pytest.mark.parametrize(
    ("times", "stays"),
    [
        (["2026-07-01", "2026-07-03", "2026-07-02"], 1),
        (["2026-07-01", None, None], 0),
        ([None, None, None], 2),
        (["2026-07-02", "2026-07-02", "2026-07-01"], 1),
    ],
    ids=["latest", "null time never beats a date", "all undated: largest id", "tie: largest id"],
)
def test_of_duplicates_the_latest_stays(kit: Any, times: list[str | None], stays: int) -> None:
    rows = [{"respondent_id": "c1", "submitted_at": time} for time in times]
    assert flags(kit, rows, "duplicate") == [position != stays for position in range(3)]


def test_nobody_is_never_a_duplicate(kit: Any) -> None:
    rows = [{"respondent_id": who, "submitted_at": "2026-07-01"} for who in (None, None, "", "", "c1")]
    assert flags(kit, rows, "duplicate") == [False] * 5
    assert flags(kit, rows, "id_missing") == [True] * 4 + [False]


def test_duplicates_are_sought_within_a_period_and_across_sources(kit: Any) -> None:
    rows = [
        {"respondent_id": "c1", "period": "2026Q2", "submitted_at": "2026-06-01"},
        {"respondent_id": "c1", "period": "2026Q3", "submitted_at": "2026-07-01"},
        {"respondent_id": "c1", "period": "2026Q3", "submitted_at": "2026-07-02", "source": "phone"},
        {"respondent_id": "c1", "period": None, "submitted_at": None},
        {"respondent_id": "c1", "period": None, "submitted_at": None},
    ]
    assert flags(kit, rows, "duplicate") == [False, True, False, True, False]


def test_a_later_preview_does_not_take_the_finished_sheet_down(kit: Any) -> None:
    rows = [
        {"respondent_id": "c1", "submitted_at": "2026-07-01", "platform_status": ""},
        {"respondent_id": "c1", "submitted_at": "2026-07-02", "platform_status": "preview"},
    ]
    codebook = kit.codebook()
    assert kit.table(kit.clean(kit.sheets(rows, codebook), codebook))["keep"].tolist() == [True, False]
    assert flags(kit, rows, "duplicate", kit.rules(platform_status="flag")) == [True, False]


def test_an_anonymous_source_does_not_miss_its_ids(kit: Any) -> None:
    rows = [
        {"source": "web", "respondent_id": "c1"},
        {"source": "web", "respondent_id": None},
        {"source": "kiosk", "respondent_id": None},
    ]
    assert flags(kit, rows, "id_missing") == [False, True, False]


def test_missing_share_counts_what_the_source_asked(kit: Any) -> None:
    gone = {f"q{number}": None for number in range(1, 7)}
    rows = [
        {**gone, "q1": 3.0, "q2": 2.0, "q3": 3.0},
        {**gone, "q1": 3.0, "q2": 2.0},
        {**gone, "q1": 3.0, "q2": 2.0, "source": "short"},
        {**gone, "q1": 3.0, "source": "short"},
        {},
    ]
    assert flags(kit, rows, "missing_share") == [False, True, False, False, False]


def test_a_source_that_answered_nothing_at_all_misses_everything(kit: Any) -> None:
    rows = [{f"q{number}": None for number in range(1, 7)}]
    codebook = kit.codebook()
    cleaned = kit.clean(kit.sheets(rows, codebook), codebook)
    assert kit.table(cleaned)["excluded_by"].tolist() == ["missing_share"]
    assert audit_rows(cleaned)["value"].tolist() == [1.0]


def test_impossible_times(kit: Any) -> None:
    start = pd.Timestamp("2026-07-01 10:00")
    rows = [
        {"duration_s": 60.0, "started_at": start, "submitted_at": "2026-07-01 10:01"},
        {"duration_s": 60.0, "started_at": start, "submitted_at": "2026-07-01 09:59"},
        {"duration_s": -1.0, "started_at": start, "submitted_at": "2026-07-01 10:01"},
        {"duration_s": 86401.0, "started_at": start, "submitted_at": "2026-07-01 10:01"},
        {"duration_s": None, "started_at": None, "submitted_at": None},
    ]
    assert flags(kit, rows, "time_order") == [False, True, True, True, False]
    assert flags(kit, rows, "too_fast") == [False] * 5


def test_too_fast_is_relative_to_source_and_period(kit: Any) -> None:
    rows = [
        *({"duration_s": seconds} for seconds in (100.0, 100.0, 100.0, 40.0, 39.9)),
        *({"duration_s": seconds, "source": "phone"} for seconds in (30.0, 30.0, 30.0, 12.0, 11.9)),
        {"duration_s": 5.0, "period": "2026Q2"},
    ]
    assert flags(kit, rows, "too_fast") == [False, False, False, False, True] * 2 + [False]


def test_medians_are_parameter_facts_and_can_be_frozen(kit: Any) -> None:
    codebook = kit.codebook()
    frame = kit.sheets([{"duration_s": seconds} for seconds in (100.0, 100.0, 45.0)], codebook)
    cleaned = kit.clean(frame, codebook)
    key = "2026Q3/param.median_duration_s/web"
    assert cleaned.thresholds == {key: 100.0}
    frozen = kit.clean(frame, codebook, thresholds={key: 120.0, "2026Q1/param.median_duration_s/web": 1.0})
    assert frozen.thresholds == {key: 120.0}
    assert kit.table(frozen)["flag_too_fast"].tolist() == [False, False, True]


def test_a_straight_line_needs_enough_answers_on_one_scale(kit: Any) -> None:
    codebook = kit.codebook(LTR)
    line = {f"q{number}": 4.0 for number in range(1, 7)}
    rows = [line, {**line, "q6": 5.0}, {**line, "q5": None, "q6": 9.0}, {**line, "q6": None, "ltr": 4.0}]
    assert flags(kit, rows, "straight_line", book=codebook) == [True, False, False, True]
    strict = kit.rules(straight_line=("exclude", {"min_items": 6}))
    assert flags(kit, rows, "straight_line", strict, codebook) == [True, False, False, False]


def test_a_failed_or_unanswered_check_is_no_pass(kit: Any) -> None:
    codebook = kit.codebook({"id": "check", "role": "attention", "scale": "five", "expected": 4})
    rows = [{"check": answer} for answer in (4.0, 3.0, None, 44.0)] + [{"check": None, "source": "paper"}]
    assert flags(kit, rows, "attention", book=codebook) == [False, True, True, True, False]


def test_long_string_and_variability_are_there_when_wanted(kit: Any) -> None:
    rows = [
        {"q1": 3.0, "q2": 3.0, "q3": 3.0, "q4": 3.0, "q5": 1.0, "q6": 5.0},
        {"q1": 3.0, "q2": 3.0, "q3": None, "q4": 3.0, "q5": 3.0, "q6": 3.0},
        {f"q{number}": 3.0 for number in range(1, 7)},
    ]
    policy = kit.rules(long_string=("flag", {"at_least": 4}), irv=("flag", {"below": 0.1}))
    assert flags(kit, rows, "long_string", policy) == [True, False, True]
    assert flags(kit, rows, "irv", policy) == [False, True, True]


def test_identical_sheets_keep_the_first_unless_they_say_nothing(kit: Any) -> None:
    book = kit.codebook({"id": "note", "role": "comment"}, n=8)
    line = {f"q{number}": 4.0 for number in range(1, 9)}
    same = {**line, "q3": 1.0, "note": "很好"}
    rows = [same, same, {**same, "note": "好"}, line, line, {**same, "q8": None}, {**same, "q8": None}]
    policy = kit.rules(whole_answer="flag")
    assert flags(kit, rows, "whole_answer", policy, book) == [False, True] + [False] * 5


def test_a_burst_is_many_answers_for_one_person_within_minutes(kit: Any) -> None:
    rows = [
        *({"specialist_id": "s1", "submitted_at": f"2026-07-01 10:0{number}:30"} for number in range(3)),
        {"specialist_id": "s1", "submitted_at": "2026-07-01 10:11"},
        *({"specialist_id": None, "submitted_at": "2026-07-01 10:01"} for _ in range(3)),
        *({"specialist_id": "s2", "submitted_at": "2026-07-01"} for _ in range(3)),
    ]
    policy = kit.rules(burst=("flag", {"at_least": 3}))
    assert flags(kit, rows, "burst", policy) == [True] * 3 + [False] * 7


# --- verdict ------------------------------------------------------------------------------------------


def test_one_sign_of_carelessness_is_not_enough(kit: Any) -> None:
    line = {f"q{number}": 4.0 for number in range(1, 7)}
    rows = [{"duration_s": 100.0}] * 3 + [
        {"duration_s": 10.0},
        {"duration_s": 100.0, **line},
        {"duration_s": 10.0, **line},
    ]
    codebook = kit.codebook()
    frame = kit.sheets(rows, codebook)
    cleaned = kit.clean(frame, codebook)
    assert kit.table(cleaned)["excluded_by"].tolist() == ["", "", "", "", "", "too_fast"]
    actions = audit_rows(cleaned).set_index(["row_id", "rule"])["action"]
    assert actions["r0003", "too_fast"] == "flag"
    assert actions["r0005", "too_fast"] == "exclude"
    assert actions["r0005", "straight_line"] == "flag"
    alone = kit.table(kit.clean(frame, codebook, kit.rules(at_least=1)))
    assert alone["excluded_by"].tolist() == ["", "", "", "too_fast", "straight_line", "too_fast"]


def test_rules_of_one_sign_do_not_agree_with_themselves(kit: Any) -> None:
    codebook = kit.codebook()
    frame = kit.sheets([{f"q{number}": 4.0 for number in range(1, 7)}], codebook)
    policy = kit.rules(straight_line="exclude", long_string=("exclude", {"at_least": 5}), irv="exclude")
    found = kit.table(kit.clean(frame, codebook, policy))
    assert found[["flag_straight_line", "flag_long_string", "flag_irv", "keep"]].all(axis=None)


def test_the_first_rule_of_the_table_claims_the_row(kit: Any) -> None:
    codebook = kit.codebook()
    empty = {f"q{number}": None for number in range(1, 7)}
    row = {"respondent_id": "c1", **empty, "platform_status": "preview"}
    cleaned = kit.clean(kit.sheets([row, {"respondent_id": "c2", "platform_status": ""}], codebook), codebook)
    assert kit.table(cleaned)["excluded_by"].tolist() == ["platform_status", ""]
    assert list(RULES).index("platform_status") < list(RULES).index("missing_share")


def test_flags_exist_for_the_rules_that_run_and_unmet_says_why_others_do_not(kit: Any) -> None:
    codebook = kit.codebook(n=2)
    cleaned = kit.clean(kit.sheets([{}], codebook), codebook, kit.rules(even_odd="flag", attention="exclude"))
    assert [name for name in kit.table(cleaned) if name.startswith("flag_")] == [
        "flag_missing_share",
        "flag_time_order",
    ]
    assert cleaned.unmet["duplicate"] == "column 'respondent_id' is missing"
    assert cleaned.unmet["burst"] == "column 'specialist_id', 'submitted_at' is missing"
    assert cleaned.unmet["straight_line"] == "no scale with 5 items"
    assert cleaned.unmet["even_odd"] == "fewer than 3 dimensions with two items"
    assert cleaned.unmet["attention"] == "no attention check with an expected answer"
    assert "long_string" not in cleaned.unmet


def test_a_questionnaire_that_rates_nothing_is_cleaned_too(kit: Any) -> None:
    codebook = kit.codebook({"id": "note", "role": "comment"}, n=0)
    wide = kit.rules(whole_answer="flag", psychsyn="flag", mahalanobis="flag")
    cleaned = kit.clean(kit.sheets([{"note": "好", "platform_status": "preview"}], codebook), codebook, wide)
    assert kit.table(cleaned)["excluded_by"].tolist() == ["platform_status"]
    assert cleaned.unmet["missing_share"] == cleaned.unmet["psychsyn"] == "no rated item"
    assert cleaned.counts["excluded"].sum() == 1


def test_planted_straight_liners_are_found(kit: Any) -> None:
    """Row W14: 5 % straight-liners in under a third of the median time; recall and precision .90 or more."""
    rng = np.random.default_rng(20260701)
    n = 2000
    answers = np.clip(np.rint(rng.normal(4.1, 0.9, (n, 1)) + rng.normal(0, 0.7, (n, 6))), 1, 5)
    seconds = rng.lognormal(np.log(120), 0.35, n)
    planted = np.arange(n) < n // 20
    answers[planted] = rng.integers(1, 6, planted.sum())[:, None]
    seconds[planted] = rng.uniform(0.1, 0.33, planted.sum()) * 120
    codebook = kit.codebook()
    frame = kit.sheets([{} for _ in range(n)], codebook)
    frame[[f"q{number}" for number in range(1, 7)]] = answers
    found = ~kit.table(kit.clean(frame.assign(duration_s=seconds), codebook))["keep"].to_numpy()
    assert (found & planted).sum() / planted.sum() >= 0.9
    assert (found & planted).sum() / found.sum() >= 0.9


# --- rules that score a matrix ------------------------------------------------------------------------


def careless_frame(kit: Any, n: int = 300) -> tuple[pd.DataFrame, Any]:
    """Three dimensions of four items each; the first ten respondents answer at random."""
    rng = np.random.default_rng(7)
    trait = rng.normal(3, 1, (n, 3)).repeat(4, axis=1)
    sign = np.where(np.arange(12) % 4 == 3, -1, 1)
    answers = np.clip(np.rint(3 + sign * (trait - 3 + rng.normal(0, 0.3, (n, 12)))), 1, 5)
    answers[:10] = rng.integers(1, 6, (10, 12))
    items = [
        {"id": f"d{k}", "scale": "five", "dimension": f"dim{k // 4}", "reversed": bool(k % 4 == 3)}
        for k in range(12)
    ]
    codebook = kit.codebook(*items, n=0)
    frame = kit.sheets([{} for _ in range(n)], codebook)
    frame[[f"d{k}" for k in range(12)]] = answers
    return frame, codebook


@pytest.mark.parametrize("rule", ["even_odd", "psychsyn", "psychant", "mahalanobis"])
def test_random_answers_are_noticed_by_the_rules_that_need_correlations(kit: Any, rule: str) -> None:
    frame, codebook = careless_frame(kit)
    params = {"mahalanobis": {"confidence": 0.99}, "even_odd": {}}.get(rule, {"critical": 0.5})
    cleaned = kit.clean(frame, codebook, kit.rules(**{rule: ("flag", params)}))
    flagged = kit.table(cleaned)[f"flag_{rule}"].to_numpy()
    assert flagged[:10].mean() > 2 * flagged[10:].mean()
    audit = audit_rows(cleaned).query("rule == @rule")
    assert len(audit) == flagged.sum() == cleaned.counts.set_index("rule")["flagged"][rule]
    assert audit["value"].notna().all()


def test_a_row_without_a_defined_index_is_not_noticed(kit: Any) -> None:
    frame, codebook = careless_frame(kit)
    frame.loc[0, [f"d{k}" for k in range(12)]] = 3.0
    cleaned = kit.clean(frame, codebook, kit.rules(even_odd="flag"))
    assert not kit.table(cleaned)["flag_even_odd"].iloc[0]


def test_a_rule_that_does_not_apply_to_the_data_says_so(kit: Any) -> None:
    codebook = kit.codebook()
    policy = kit.rules(psychsyn="exclude", mahalanobis="exclude")
    cleaned = kit.clean(kit.sheets([{}, {}], codebook), codebook, policy)
    assert cleaned.unmet["psychsyn"] == "no two items correlate strongly enough"
    assert cleaned.unmet["mahalanobis"] == "the covariances of the items cannot be inverted"
    assert "flag_psychsyn" not in kit.table(cleaned)
    assert kit.table(cleaned)["keep"].all()


# --- refusals -----------------------------------------------------------------------------------------


def refused(kit: Any, answers: list[float | None], policy: Any = None, **item: Any) -> SchemaError:
    codebook = kit.codebook({**LTR, **item}, n=1)
    with pytest.raises(SchemaError) as raised:
        kit.clean(kit.sheets([{"ltr": answer} for answer in answers], codebook), codebook, policy)
    return raised.value


def test_a_recommendation_item_coded_from_1_is_refused(kit: Any) -> None:
    error = refused(kit, [float(score) for score in range(1, 12)])
    assert error.code == "nps_range"
    assert "web: item 'ltr'" in str(error)
    assert "shift: -1" in str(error)
    assert len(error.problems) == 1


def test_a_scale_declared_from_1_to_11_is_refused_for_a_recommendation_item(kit: Any) -> None:
    codebook = kit.codebook(LTR, n=1)
    ones = codebook.scales["nps"].model_copy(update={"low": 1.0, "high": 11.0})
    codebook = codebook.model_copy(update={"scales": {**codebook.scales, "nps": ones}})
    with pytest.raises(SchemaError, match=r"coded 1-11.*\[nps_range\]"):
        kit.clean(kit.sheets([{"ltr": 5.0}], codebook), codebook)


@pytest.mark.parametrize(
    "answers",
    [
        [float(score) for score in range(11)],
        [0.0, *[11.0] * 4, *[9.0] * 20],
        [8.0] * 99 + [11.0],
        [99.0, 9.0],
        [],
    ],
    ids=["0-10", "a blank code beside zeros", "a slip", "another code", "no rows"],
)
def test_ordinary_recommendation_items_pass(kit: Any, answers: list[float]) -> None:
    codebook = kit.codebook(LTR, n=1)
    frame = kit.sheets([{"ltr": answer} for answer in answers] or [{}], codebook)
    cleaned = kit.clean(frame if answers else frame.iloc[:0], codebook)
    assert cleaned.tally.within().totals["raw"].tolist() == [len(answers)]


@pytest.mark.parametrize("item", [{"shift": -1}, {"missing_codes": [11]}], ids=["shift", "missing code"])
def test_a_declared_coding_passes(kit: Any, item: dict[str, Any]) -> None:
    codebook = kit.codebook({**LTR, **item}, n=1)
    frame = kit.sheets([{"ltr": float(score)} for score in range(1, 12)], codebook)
    assert kit.table(kit.clean(frame, codebook))["ltr"].max() == 10


def test_one_source_coded_from_1_does_not_hide_behind_another(kit: Any) -> None:
    codebook = kit.codebook(LTR, n=1)
    rows = [{"ltr": float(score)} for score in range(11)]
    rows += [{"ltr": float(score), "source": "phone"} for score in range(1, 12)]
    with pytest.raises(SchemaError, match=r"phone: item 'ltr'.*nps_range"):
        kit.clean(kit.sheets(rows, codebook), codebook)


def test_a_common_value_outside_the_scale_is_an_undeclared_code(kit: Any) -> None:
    error = refused(kit, [0.0, *[11.0] * 6, *[9.0] * 60, 77.0])
    assert error.code == "undeclared_code"
    assert "the value 11 lies outside the scale" in str(error)
    assert "missing_codes: [11]" in str(error)
    assert len(error.problems) == 1


def test_the_study_may_go_on_with_a_doubt(kit: Any) -> None:
    codebook = kit.codebook(LTR, n=1)
    frame = kit.sheets([{"ltr": 11.0}] * 20 + [{"ltr": 9.0}], codebook)
    cleaned = kit.clean(frame, codebook, kit.rules(nps_range="flag", undeclared_code="flag"))
    assert [doubt.code for doubt in cleaned.doubts] == ["nps_range"]
    assert kit.table(cleaned)["ltr"].notna().sum() == 1
    assert kit.clean(frame, codebook, kit.rules(nps_range="off", undeclared_code="off")).doubts == ()


def test_columns_that_are_missing_or_taken_are_all_named(kit: Any) -> None:
    codebook = kit.codebook(n=2)
    frame = kit.sheets([{}], codebook).drop(columns=["q2", "period"]).assign(keep=True, flag_x=1, Q22=1.0)
    with pytest.raises(SchemaError) as raised:
        kit.clean(frame, codebook)
    assert [problem.code for problem in raised.value.problems] == ["column_missing"] * 2 + [
        "reserved_column"
    ] * 2
    assert "did you mean" in str(raised.value)
