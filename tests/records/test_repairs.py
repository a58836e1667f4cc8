"""Faulty cells get proposals; raw files and tables handed in stay as they are."""

from __future__ import annotations

import hashlib

import pandas as pd
import pytest

from survey_kpi.errors import SchemaError
from survey_kpi.records import applied, originals, repair_proposals

CUSTOMERS = (
    "customer_id,start_at,phone,email,address\n"
    "c1,2026-01-01,１３８ 0013 8000,Wang＠Example。com,上海市２号\n"
    "c2,2026-01-01,13800138001,li@example.com,北京市，海淀区\n"
    "c3,2026-01-01,none,none,\n"
)
ORDERS = (
    "order_id,customer_id,ordered_at,amount,currency,units\n"
    'o1,ｃ１,2026-07-01,"¥1,234.5",CNY,２\n'
    "o2,c2,2026-07-02,200,CNY,many\n"
    "o2,c2,2026-07-02,200,CNY,many\n"
)


@pytest.mark.row("A33")
def test_proposals_change_no_file_and_each_change_has_one_row(desk) -> None:
    desk.put("customers", CUSTOMERS)
    path = desk.folder / "customers.csv"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    [original] = originals(desk.study(), "customers")
    given = original.cells.copy()
    proposals = repair_proposals("customers", original.cells)
    assert proposals[["row_id", "key", "column", "new", "rule"]].to_numpy().tolist() == [
        ["customers:1", "c1", "phone", "13800138000", "phone_format"],
        ["customers:1", "c1", "email", "wang@example.com", "email_format"],
        ["customers:1", "c1", "address", "上海市2号", "full_width"],
    ]
    repaired = applied(original.cells, proposals)
    assert (repaired != original.cells).to_numpy().sum() == len(proposals)
    assert original.cells.equals(given)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before == desk.read().intake.loc[0, "sha256"]
    assert repair_proposals("customers", repaired).empty


@pytest.mark.row("A33")
def test_every_table_is_repaired_by_the_kinds_of_its_columns(desk) -> None:
    """The second o2 says nothing new: without its key, reading sets it aside and no row moves."""
    desk.put("orders", ORDERS)
    [original] = originals(desk.study(), "orders")
    proposals = repair_proposals("orders", original.cells)
    assert proposals[["row_id", "column", "old", "new", "rule"]].to_numpy().tolist() == [
        ["orders:1", "customer_id", "ｃ１", "c1", "full_width"],
        ["orders:1", "amount", "¥1,234.5", "1234.50", "number_format"],
        ["orders:1", "units", "２", "2", "number_format"],
        ["orders:3", "order_id", "o2", "", "duplicate_key"],
    ]
    before = desk.frame("orders")
    copied = original.copied(applied(original.cells, proposals)).decode(original.encoding)
    after = desk.put("orders", copied).frame("orders")
    assert after["order_id"].tolist() == ["o1", "o2"]
    assert after["amount"].tolist() == before["amount"].tolist()
    assert "duplicate_key" not in desk.rules() and "parsed_number" not in desk.rules()


def test_conflicting_rows_and_cells_without_a_rule_are_left_to_people() -> None:
    cells = pd.DataFrame(
        {"order_id": ["o1", "o1", "", ""], "units": ["1", "2", "", ""]},
        index=[f"orders:{row}" for row in range(1, 5)],
        dtype="str",
    )
    assert repair_proposals("orders", cells).empty


def test_a_stale_proposal_is_refused(desk) -> None:
    desk.put("customers", CUSTOMERS)
    [original] = originals(desk.study(), "customers")
    proposals = repair_proposals("customers", original.cells)
    with pytest.raises(SchemaError) as raised:
        applied(applied(original.cells, proposals), proposals)
    assert [problem.code for problem in raised.value.problems] == ["proposal_stale"] * 3
    elsewhere = proposals.assign(row_id="customers:99", column=["phone", "nowhere", "email"])
    with pytest.raises(SchemaError) as raised:
        applied(original.cells, elsewhere)
    assert [problem.got for problem in raised.value.problems] == ["nothing"] * 3


def test_files_of_a_pattern_keep_their_own_row_ids_and_databases_have_no_text(desk) -> None:
    desk.put("customers", CUSTOMERS, name="customers_a.csv")
    desk.put("customers", CUSTOMERS, name="customers_b.csv")
    desk.tables["customers"] = {"file": "customers_*.csv"}
    found = originals(desk.study(), "customers")
    assert [one.cells.index[0] for one in found] == ["customers_a:1", "customers_b:1"]
    desk.tables["customers"] = {"url": "sqlite:///crm.db"}
    assert originals(desk.study(), "customers") == []
