"""Parquet is read where it lies, to the same types and with the same account of rows as text."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from survey_kpi.engine import collect
from survey_kpi.records import model


def put(desk, table: str, columns: dict, name: str = "") -> None:
    name = name or f"{table}.parquet"
    pq.write_table(pa.table(columns), desk.folder / name)
    desk.tables[table] = name


def test_typed_columns(desk) -> None:
    zoned = pa.array([dt.datetime(2026, 7, 1, 2), dt.datetime(2026, 7, 1, 3)], pa.timestamp("us", tz="UTC"))
    put(
        desk,
        "complaints",
        {
            "case_id": [1.0, 2.0],
            "customer_id": ["c1", "c 2 "],
            "opened_at": zoned,
            "resolved_at": ["2026-07-01T12:00:00+08:00", "2026-07-01 12:00"],
            "contacts": [1.0, None],
            "product_fault": [True, False],
        },
    )
    rows = desk.frame("complaints")
    assert rows["case_id"].tolist() == ["1", "2"]
    assert rows["customer_id"].tolist() == ["c1", "c 2"]
    assert rows["opened_at"].tolist() == [pd.Timestamp("2026-07-01 10:00"), pd.Timestamp("2026-07-01 11:00")]
    assert rows["resolved_at"].tolist() == [pd.Timestamp("2026-07-01 12:00")] * 2
    assert rows["contacts"].tolist()[0] == 1
    assert rows["product_fault"].tolist() == [True, False]


def test_what_a_cast_loses_is_listed(desk) -> None:
    put(
        desk,
        "orders",
        {
            "order_id": ["o1", "o2", None, "o4", "o5"],
            "customer_id": ["c"] * 5,
            "ordered_at": [
                "2026-07-01T00:00:00Z",
                "2026-07-01T00:00:00Z",
                "2026-07-01T00:00:00Z",
                "soon",
                "",
            ],
            "amount": ["1.10", "2.005", "1", "1", "1"],
            "currency": ["CNY"] * 5,
            "units": [1.5, float("nan"), 1, 1, 1],
            "kind": ["NEW", "old", None, "", "new"],
        },
    )
    records = desk.read()
    kept = collect(records.frames["orders"])
    assert kept["amount"].tolist() == [Decimal("1.10"), Decimal("2.01")]
    assert kept["kind"].tolist()[0] == "new"
    assert records.intake["set_aside"].tolist() == [3]
    found = records.audit
    assert sorted(zip(found["row_id"], found["rule"], found["item"], found["action"], strict=True)) == [
        ("orders:1", "not_a_number", "units", "set_missing"),
        ("orders:2", "not_a_choice", "kind", "set_missing"),
        ("orders:2", "rounded_money", "amount", "parsed"),
        ("orders:3", "id_missing", "order_id", "excluded"),
        ("orders:4", "not_a_time", "ordered_at", "excluded"),
        ("orders:5", "cell_missing", "ordered_at", "excluded"),
    ]


def test_many_findings_are_counted(desk) -> None:
    rows = model.LISTED + 1
    put(
        desk,
        "usage",
        {"specialist_id": ["s1"] * rows, "date": [dt.date(2026, 7, 1)] * rows, "logins": ["many"] * rows},
    )
    records = desk.read()
    [found] = records.audit.to_dict("records")
    assert (found["row_id"], found["rule"], found["value"]) == ("", "not_a_number", str(rows))
    assert len(collect(records.frames["usage"])) == rows


def test_hostile_names_and_words_stay_data(desk) -> None:
    put(
        desk,
        "labels",
        {
            "response_id": ["r'; DROP TABLE x; --"],
            "coder": ['"); SELECT 1'],
            'topic"; DROP TABLE x; --': ["a"],
        },
        name="a';--.parquet",
    )
    rows = desk.frame("labels")
    assert rows["response_id"].tolist() == ["r'; DROP TABLE x; --"]
    assert rows["coder"].tolist() == ['"); SELECT 1']


def test_text_and_parquet_agree(desk) -> None:
    cells = {
        "lead_id": ["l1", "l2", "l2", ""],
        "created_at": ["2026-07-01T10:00:00+08:00"] * 4,
        "kind": ["upsell", "UPSELL", "other", ""],
        "won_at": ["2026-06-01 10:00", "", "never", ""],
    }
    put(desk, "leads", cells)
    in_place, account = desk.frame("leads"), desk.read()
    desk.put("leads", pd.DataFrame(cells).to_csv(index=False))
    assert desk.frame("leads").to_csv() == in_place.to_csv()
    other = desk.read()
    assert other.intake["set_aside"].tolist() == account.intake["set_aside"].tolist() == [2]
    rules = [sorted(each.audit.query("rule != 'naive_time'")["rule"]) for each in (other, account)]
    assert rules[0] == rules[1]


def test_nan_and_infinity_in_numbers(desk) -> None:
    odd = [float("nan"), float("inf"), -float("inf"), 1.0, None]
    put(
        desk,
        "ratings360",
        {
            "rater_id": list("abcde"),
            "ratee_id": ["s"] * 5,
            "rater_group": ["peer"] * 5,
            "item": ["b"] * 5,
            "score": odd,
        },
    )
    records = desk.read()
    assert collect(records.frames["ratings360"])["score"].tolist() == [1.0]
    assert sorted(zip(records.audit["row_id"], records.audit["rule"], strict=True)) == [
        ("ratings360:1", "cell_missing"),
        ("ratings360:2", "not_a_number"),
        ("ratings360:3", "not_a_number"),
        ("ratings360:5", "cell_missing"),
    ]
