"""Faulty cells get proposals; raw files and tables handed in stay as they are."""

from __future__ import annotations

import hashlib

import pytest

from survey_kpi.engine import collect
from survey_kpi.errors import SchemaError
from survey_kpi.records.repairs import applied, repair_proposals

CUSTOMERS = (
    "customer_id,start_at,phone,email,address\n"
    "c1,2026-01-01,１３８ 0013 8000,Wang＠Example。com,上海市２号\n"
    "c2,2026-01-01,13800138001,li@example.com,北京市，海淀区\n"
    "c3,2026-01-01,none,none,\n"
)


@pytest.mark.row("A33")
def test_proposals_change_no_file_and_each_change_has_one_row(desk) -> None:
    desk.put("customers", CUSTOMERS)
    path = desk.folder / "customers.csv"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    records = desk.read()
    customers = collect(records.frames["customers"]).sort_values("customer_id", ignore_index=True)
    given = customers.copy()
    proposals = repair_proposals(customers)
    assert proposals[["key", "column", "new", "rule"]].to_numpy().tolist() == [
        ["c1", "phone", "13800138000", "phone_format"],
        ["c1", "email", "wang@example.com", "email_format"],
        ["c1", "address", "上海市2号", "full_width"],
    ]
    repaired = applied(customers, proposals)
    text = customers.select_dtypes("str").columns
    changed = repaired[text].fillna("") != customers[text].fillna("")
    assert changed.to_numpy().sum() == len(proposals)
    assert repaired.drop(columns=text).equals(customers.drop(columns=text))
    assert customers.equals(given)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before == records.intake.loc[0, "sha256"]
    assert repair_proposals(repaired).empty


def test_a_stale_proposal_is_refused(desk) -> None:
    desk.put("customers", CUSTOMERS)
    customers = collect(desk.read().frames["customers"])
    proposals = repair_proposals(customers)
    with pytest.raises(SchemaError) as raised:
        applied(applied(customers, proposals), proposals)
    assert [problem.code for problem in raised.value.problems] == ["proposal_stale"] * 3
