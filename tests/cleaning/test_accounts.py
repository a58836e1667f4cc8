"""Every row is accounted for: laws over generated dirty responses, and recovery of what was set aside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from survey_kpi import engine
from survey_kpi.cleaning import RULES, audit_rows, clean
from survey_kpi.cleaning.audit import COLUMNS
from survey_kpi.errors import RunError
from survey_kpi.study.models import Cleaning

ANSWERS = st.sampled_from([None, 1.0, 2.0, 3.0, 4.0, 5.0, 9.0, 99.0])
SHEETS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["web", "phone"]),
        "period": st.sampled_from(["2026Q2", "2026Q3", None]),
        "respondent_id": st.sampled_from([None, "", "c1", "c2", "c3"]),
        "specialist_id": st.sampled_from([None, "s1"]),
        "submitted_at": st.sampled_from([None, "2026-07-01", "2026-07-01 10:00:01", "2026-07-01 10:05"]),
        "duration_s": st.sampled_from([None, -5.0, 0.0, 10.0, 100.0, 1e6]),
        "platform_status": st.sampled_from([None, "", "", "preview"]),
        **{f"q{number}": ANSWERS for number in range(1, 7)},
    }
)
DIRTY = st.lists(SHEETS, max_size=30)
POLICY = {
    "undeclared_code": "off",
    "whole_answer": ("exclude", {"min_items": 2}),
    "burst": ("exclude", {"at_least": 2}),
    "long_string": "exclude",
    "irv": "exclude",
}
PLAIN = {"undeclared_code": "off", "burst": ("exclude", {"at_least": 2})}
quick = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def frame_of(kit: Any, rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, Any]:
    codebook = kit.codebook()
    codebook = codebook.model_copy(
        update={"items": tuple(item.model_copy(update={"missing_codes": (99,)}) for item in codebook.items)}
    )
    blank = {"respondent_id": "c0", "specialist_id": "s1", "submitted_at": "2026-07-01", "duration_s": 1.0}
    frame = kit.sheets(rows or [{**blank, "platform_status": ""}], codebook)
    numbers = [name for name in frame if name == "duration_s" or name.startswith("q")]
    return frame.astype(dict.fromkeys(numbers, float)).iloc[: len(rows)], codebook


@quick
@given(rows=DIRTY, at_least=st.integers(1, 3))
@pytest.mark.row("P05")
def test_raw_is_kept_plus_excluded_and_flags_are_never_null(
    kit: Any, rows: list[dict[str, Any]], at_least: int
) -> None:
    frame, codebook = frame_of(kit, rows)
    cleaned = kit.clean(frame, codebook, kit.rules(at_least=at_least, **POLICY))
    found = kit.table(cleaned)
    verdicts = [name for name in found if name.startswith("flag_")] + ["keep", "excluded_by"]
    assert not found[verdicts].isna().any(axis=None)
    assert ((found["excluded_by"] == "") == found["keep"]).all()
    totals = cleaned.tally.within().totals.iloc[0]
    assert totals["raw"] == len(rows) == totals["kept"] + totals["excluded"]
    assert totals["kept"] == found["keep"].sum()
    by_rule = cleaned.counts.query("item == ''").set_index("rule")
    assert by_rule["excluded"].to_dict() == {
        rule: int((found["excluded_by"] == rule).sum()) for rule in by_rule.index
    }
    assert by_rule["flagged"].to_dict() == {rule: int(found[f"flag_{rule}"].sum()) for rule in by_rule.index}


@quick
@given(rows=DIRTY)
def test_the_audit_tells_each_exclusion_once_and_each_value_out_of_range(
    kit: Any, rows: list[dict[str, Any]]
) -> None:
    frame, codebook = frame_of(kit, rows)
    cleaned = kit.clean(frame, codebook, kit.rules(at_least=1, **PLAIN))
    audit, found = audit_rows(cleaned), kit.table(cleaned)
    assert list(audit) == ["row_id", "source", "rule", "item", "value", "action", "detail"]
    excluded = audit[audit["action"] == "exclude"].set_index("row_id")["rule"]
    assert excluded.to_dict() == found[~found["keep"]]["excluded_by"].to_dict()
    assert excluded.index.is_unique
    for row in audit[audit["rule"] == "out_of_range"].itertuples():
        assert frame.set_index("row_id").loc[row.row_id, row.item] == row.value == 9.0
    counted = cleaned.counts.query("rule != 'missing_code'").set_index(["rule", "item"])["flagged"]
    assert audit.groupby(["rule", "item"]).size().to_dict() == counted[counted > 0].to_dict()


@quick
@given(rows=DIRTY, seed=st.integers(0, 99))
def test_neither_the_order_of_rows_nor_where_they_come_from_matters(
    kit: Any, tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], seed: int
) -> None:
    frame, codebook = frame_of(kit, rows)
    texts = [name for name in ("period", "respondent_id", "specialist_id") if name in frame]
    frame = frame.astype(dict.fromkeys(texts, "str"))
    path: Path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    frame.sample(frac=1, random_state=seed).to_parquet(path, index=False)
    policy = kit.rules(at_least=1, **PLAIN)
    here, there = kit.clean(frame, codebook, policy), clean(engine.scan(path), codebook, policy)
    pd.testing.assert_frame_equal(kit.table(here), kit.table(there), check_dtype=False)
    pd.testing.assert_frame_equal(audit_rows(here), audit_rows(there))
    pd.testing.assert_frame_equal(here.counts, there.counts)


@quick
@given(rows=DIRTY)
def test_exactly_one_sheet_stays_per_respondent_and_period(kit: Any, rows: list[dict[str, Any]]) -> None:
    frame, codebook = frame_of(kit, rows)
    found = kit.table(kit.clean(frame, codebook, kit.rules(undeclared_code="off", platform_status="flag")))
    known = found[found["respondent_id"].fillna("") != ""]
    stays = known[~known["flag_duplicate"]].groupby(["respondent_id", "period"], dropna=False).size()
    assert (stays == 1).all()
    assert len(stays) == len(known.groupby(["respondent_id", "period"], dropna=False))
    assert not found[found["respondent_id"].fillna("") == ""]["flag_duplicate"].any()


@quick
@given(rows=DIRTY)
@pytest.mark.row("P05")
def test_rows_set_aside_come_back_exactly_as_they_were(kit: Any, rows: list[dict[str, Any]]) -> None:
    frame, codebook = frame_of(kit, rows)
    cleaned = kit.clean(frame, codebook, kit.rules(at_least=1, **PLAIN))
    excluded = engine.collect(cleaned.excluded)
    kept = engine.collect(cleaned.rows.filter("keep").select(*cleaned.columns))
    again = pd.concat([kept, excluded.drop(columns="excluded_by")])
    original = engine.collect(engine.scan(frame))
    pd.testing.assert_frame_equal(
        again.sort_values("row_id", ignore_index=True).astype(original.dtypes.to_dict()),
        original.sort_values("row_id", ignore_index=True),
    )


def test_a_variant_keeps_every_row_too(kit: Any) -> None:
    frame, codebook = frame_of(kit, [{"q1": 9.0, "respondent_id": "c1"}] * 3)
    cleaned = kit.clean(frame, codebook, kit.rules(undeclared_code="off", duplicate="off"))
    assert cleaned.tally.within().totals["excluded"].tolist() == [0]


def test_counts_sum_up_to_source_and_period(kit: Any) -> None:
    rows = [
        {"period": period, "source": source, "platform_status": status}
        for period, source, status in [
            ("2026Q2", "web", ""),
            ("2026Q3", "web", "preview"),
            ("2026Q3", "phone", "preview"),
            (None, "phone", ""),
        ]
    ]
    codebook = kit.codebook()
    tally = kit.clean(kit.sheets(rows, codebook), codebook).tally
    by_period = tally.within("period")
    assert by_period.totals.fillna("").set_index("period")["excluded"].to_dict() == {
        "": 0,
        "2026Q2": 0,
        "2026Q3": 2,
    }
    status = by_period.rules.query("rule == 'platform_status'")
    assert status.fillna("").set_index("period")["excluded"].to_dict() == {"": 0, "2026Q2": 0, "2026Q3": 2}
    assert tally.within().totals.iloc[0].to_dict() == {"raw": 4, "kept": 2, "excluded": 2}


def test_a_tally_that_does_not_add_up_is_refused() -> None:
    from survey_kpi.cleaning import Tally

    totals = pd.DataFrame({"raw": [3], "kept": [1], "excluded": [2]})
    rules = pd.DataFrame(
        {"rule": ["x"], "item": [""], "flagged": [2], "excluded": [1], "action": ["exclude"]}
    )
    with pytest.raises(RunError, match="rows_unaccounted"):
        Tally(totals=totals, rules=rules)


def test_cleaning_nothing_yields_nothing(kit: Any) -> None:
    frame, codebook = frame_of(kit, [])
    cleaned = kit.clean(frame, codebook)
    assert kit.table(cleaned).empty
    assert audit_rows(cleaned).empty
    assert cleaned.tally.within().totals.iloc[0].to_dict() == {"raw": 0, "kept": 0, "excluded": 0}
    assert cleaned.thresholds == {}


def test_hostile_text_stays_text(kit: Any) -> None:
    nasty = "'); DROP TABLE r; -- \x1f\" 数据"
    codebook = kit.codebook()
    rows = [
        {"source": nasty, "period": nasty, "respondent_id": nasty, "duration_s": seconds}
        for seconds in (90, 9)
    ]
    cleaned = kit.clean(kit.sheets(rows, codebook), codebook)
    assert kit.table(cleaned)["excluded_by"].tolist() == ["duplicate", ""]
    assert audit_rows(cleaned)["source"].tolist()[0] == nasty


def test_a_default_policy_and_a_written_out_one_are_the_same(kit: Any) -> None:
    frame, codebook = frame_of(kit, [{"q1": 9.0, "respondent_id": "c1", "duration_s": 5.0}] * 2)
    written = kit.rules(
        duplicate="exclude", out_of_range="set_missing", too_fast=("exclude", {"below_median_share": 0.4})
    )
    here, there = (kit.table(kit.clean(frame, codebook, policy)) for policy in (Cleaning(), written))
    pd.testing.assert_frame_equal(here, there)
    assert np.isnan(here["q1"]).all()


def test_with_every_rule_off_nothing_is_listed_and_all_is_kept(kit: Any) -> None:
    policy = kit.rules(**{code: "off" for code, rule in RULES.items() if "off" in rule.actions})
    cleaned = kit.clean(kit.sheets([{"q1": 9.0}, {"q1": None}], kit.codebook()), kit.codebook(), policy)
    assert set(cleaned.settings) == {code for code, rule in RULES.items() if "off" not in rule.actions}
    listed = audit_rows(cleaned)
    assert listed.empty and list(listed.columns) == COLUMNS
    assert kit.table(cleaned)["keep"].tolist() == [True, True]
