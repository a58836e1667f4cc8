"""Every declared table as canonical frames, with an account of every row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from survey_kpi.engine import collect
from survey_kpi.errors import SchemaError, SpecError
from survey_kpi.study.tables import TABLES

COMPLAINTS = """case_id,customer_id,opened_at,resolved_at,contacts,product_fault
k1,c1,2026-07-01T10:00:00+08:00,2026-07-02T10:00:00+08:00,2,是
k2,c2,2026-07-01T02:00:00Z,,１,no
"""


def test_kinds_have_their_types(desk) -> None:
    desk.put("complaints", COMPLAINTS)
    records = desk.read()
    schema = records.frames["complaints"].collect_schema()
    kinds = {"text": nw.String, "datetime": nw.Datetime("us"), "integer": nw.Int64, "flag": nw.Boolean}
    for column in TABLES["complaints"].columns:
        assert schema[column.name] == kinds[column.kind]
    assert [*schema][:-1] == [column.name for column in TABLES["complaints"].columns]
    rows = desk.frame("complaints")
    assert rows["opened_at"].tolist() == [pd.Timestamp("2026-07-01 10:00")] * 2
    assert rows["contacts"].tolist() == [2, 1]
    assert rows["product_fault"].tolist() == [True, False]
    assert rows["channel"].isna().all()
    assert desk.rules() == ["parsed_number"]


def test_money_sums_to_the_cent(desk) -> None:
    lines = [f"o{i},c1,2026-07-01T00:00:00Z,0.1,CNY" for i in range(30)]
    desk.put("orders", "\n".join(["order_id,customer_id,ordered_at,amount,currency", *lines]))
    total = collect(desk.read().frames["orders"].select(nw.col("amount").sum()))
    assert total["amount"].tolist() == [Decimal("3.00")]


def test_a_row_without_its_key_is_set_aside(desk) -> None:
    desk.put("complaints", COMPLAINTS + ",c3,2026-07-01T10:00:00Z,,,\nk4,c4,soon,,,\n")
    records = desk.read()
    assert len(collect(records.frames["complaints"])) == 2
    assert records.intake["set_aside"].tolist() == [2]
    aside = records.audit[records.audit["action"] == "excluded"]
    assert sorted(zip(aside["row_id"], aside["rule"], aside["item"], strict=True)) == [
        ("complaints:3", "id_missing", "case_id"),
        ("complaints:4", "not_a_time", "opened_at"),
    ]


def test_the_same_key_twice(desk) -> None:
    later = "k1,c9,2026-07-05T10:00:00+08:00,,,\n"
    same = COMPLAINTS.splitlines()[2] + "\n"
    desk.put("complaints", COMPLAINTS + later + same)
    records = desk.read()
    kept = collect(records.frames["complaints"])
    assert sorted(zip(kept["case_id"], kept["customer_id"], strict=True)) == [("k1", "c1"), ("k2", "c2")]
    found = records.audit[records.audit["action"] == "excluded"]
    assert sorted(zip(found["row_id"], found["rule"], found["detail"], strict=True)) == [
        ("complaints:3", "conflicting_key", "kept: complaints:1"),
        ("complaints:4", "duplicate_key", "kept: complaints:2"),
    ]


def test_which_of_two_rows_stays_does_not_depend_on_their_order(desk) -> None:
    head, *rows = (COMPLAINTS + "k1,c9,2026-07-01T10:00:00+08:00,,,\n").splitlines()
    kept = []
    for order in (rows, rows[::-1]):
        desk.put("complaints", "\n".join([head, *order]))
        kept.append(sorted(desk.frame("complaints")["customer_id"]))
    assert kept[0] == kept[1] == ["c1", "c2"]


def test_times_that_contradict_each_other_are_taken_out(desk) -> None:
    """T24: resolved before opened, reopened before resolved."""
    text = (
        "case_id,customer_id,opened_at,first_response_at,resolved_at,reopened_at\n"
        "k1,c1,2026-07-02T00:00:00Z,2026-07-01T00:00:00Z,2026-07-03T00:00:00Z,\n"
        "k2,c1,2026-07-02T00:00:00Z,,2026-07-05T00:00:00Z,2026-07-04T00:00:00Z\n"
        "k3,c1,2026-07-02T00:00:00Z,,2026-07-05T00:00:00Z,\n"
    )
    desk.put("complaints", text)
    rows = desk.frame("complaints").set_index("case_id")
    assert rows["disordered"].tolist() == [True, True, False]
    assert pd.isna(rows.loc["k1", "first_response_at"])
    assert not pd.isna(rows.loc["k1", "resolved_at"])
    assert rows.loc["k2", ["resolved_at", "reopened_at"]].isna().all()
    found = desk.read().audit
    assert found["rule"].tolist() == ["time_order"] * 2
    assert found["row_id"].tolist() == ["complaints:1", "complaints:2"]


def test_words_of_a_choice(desk) -> None:
    text = "customer_id,start_at,tier,end_at\nc1,2026-01-01,VIP,\nc2,2026-01-02,LOW,\nc3,2026/1/3,gold,\n"
    desk.put("customers", text, values={"tier": {"vip": "high"}})
    rows = desk.frame("customers")
    assert rows["tier"].tolist()[:2] == ["high", "low"]
    assert pd.isna(rows["tier"][2])
    assert rows["start_at"][2] == dt.datetime(2026, 1, 3)
    assert desk.rules() == ["not_a_choice"]


def test_times_without_a_zone_are_said_once(desk) -> None:
    desk.put(
        "complaints", "case_id,customer_id,opened_at,resolved_at\nk1,c1,2026-07-01 10:00,2026-07-02 10:00\n"
    )
    [row] = desk.read().audit.to_dict("records")
    assert (row["rule"], row["row_id"], row["item"]) == ("naive_time", "", "opened_at, resolved_at")


def test_problems_of_all_tables_come_at_once(desk) -> None:
    desk.put("complaints", "caseid,customer_id,opened_at\nk1,c1,2026-07-01\n")
    desk.put("orders", "order_id,customer_id,ordered_at,amount\no1,c1,2026-07-01,1\n")
    desk.tables["leads"] = "leeds.csv"
    with pytest.raises(SchemaError) as raised:
        desk.read()
    codes = [problem.code for problem in raised.value.problems]
    assert codes == ["column_missing", "column_missing", "table_missing"]
    assert "caseid" in raised.value.problems[0].hint


def test_only_some_tables(desk) -> None:
    desk.put("complaints", COMPLAINTS)
    desk.tables["leads"] = "absent.csv"
    assert desk.read(only=["complaints", "orders"]).declared == ("complaints",)
    with pytest.raises(SpecError, match="did you mean 'complaints'"):
        desk.read(only=["complaint"])


def test_several_files_of_one_table(desk) -> None:
    desk.put("complaints", COMPLAINTS, name="c_2026Q3.csv")
    desk.put("complaints", COMPLAINTS.replace("k1", "k3"), name="c_2026Q4.csv")
    desk.tables["complaints"] = "c_*.csv"
    records = desk.read()
    assert sorted(collect(records.frames["complaints"])["case_id"]) == ["k1", "k2", "k3"]
    assert records.intake["set_aside"].tolist() == [0, 1]
    assert records.audit.query("rule == 'duplicate_key'")["row_id"].tolist() == ["c_2026Q4:2"]
