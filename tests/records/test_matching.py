"""Keys that lead nowhere are counted and named; ownership wins over what is stated."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import pandas as pd
import pytest

from survey_kpi.engine import connect, scan
from survey_kpi.records import match_rates, read_records, reassigned_after_answer, stated_differences

OWNED = (
    "customer_id,specialist_id,valid_from,valid_to\n"
    "c1,s1,2026-01-01,2026-07-10\nc1,s2,2026-07-10,\nc2,s2,2026-01-01,\n"
)


@pytest.mark.row("W03")
def test_seven_of_a_hundred_lead_nowhere(desk) -> None:
    desk.put("specialists", "specialist_id,name,valid_from\ns1,Wang,2026-01-01\n")
    connection = connect()
    records = read_records(desk.study(), connection=connection)
    answers = pd.DataFrame({"specialist_id": ["s1"] * 93 + [f"x{i}" for i in range(7)]})
    [found] = match_rates(records, scan(answers, connection=connection)).to_dict("records")
    assert (found["table"], found["column"], found["target"]) == ("responses", "specialist_id", "specialists")
    assert (found["rows"], found["matched"], found["unmatched"]) == (100, 93, 7)
    assert [round(found[name], 2) for name in ("rate", "conf_low", "conf_high")] == [93.0, 86.25, 96.57]
    assert found["examples"] == ["x0", "x1", "x2", "x3", "x4"]


def test_blank_keys_are_unmatched_and_spells_count_once(desk) -> None:
    desk.put(
        "specialists",
        "specialist_id,name,valid_from,valid_to\ns1,A,2026-01-01,2026-02-01\ns1,A,2026-02-01,\n",
    )
    desk.put("incidents", "incident_id,specialist_id,occurred_at\ni1,s1,2026-07-01\ni2,s1,2026-07-01\n")
    desk.put("leads", "lead_id,specialist_id,created_at\nl1,,2026-07-01\n")
    found = match_rates(desk.read()).set_index("table")
    assert found.loc["incidents", ["rows", "matched"]].tolist() == [2, 2]
    assert found.loc["leads", ["blank", "unmatched"]].tolist() == [1, 1]


def test_a_table_without_rows_has_no_rate(desk) -> None:
    desk.put("specialists", "specialist_id,name,valid_from\ns1,Wang,2026-01-01\n")
    desk.put("leads", "lead_id,specialist_id,created_at\n")
    [found] = match_rates(desk.read()).to_dict("records")
    assert found["rows"] == 0 and found["rate"] != found["rate"]


def test_stated_against_owner(desk) -> None:
    desk.put("ownership", OWNED)
    desk.put(
        "complaints",
        "case_id,customer_id,specialist_id,opened_at\n"
        "k1,c1,s1,2026-07-01T00:00:00Z\nk2,c1,s1,2026-07-20T00:00:00Z\nk3,c2,,2026-07-20T00:00:00Z\n",
    )
    frames = desk.read().frames
    found = stated_differences(
        frames["complaints"], frames["ownership"], table="complaints", key="case_id", time="opened_at"
    )
    assert found[["row_id", "rule", "value", "detail"]].to_numpy().tolist() == [
        ["k2", "stated_specialist", "s1", "owner: s2"]
    ]


def test_moved_away_after_a_bad_answer(desk) -> None:
    """T89."""
    desk.put("ownership", OWNED)
    connection = connect()
    owned = read_records(desk.study(), connection=connection).frames["ownership"]
    answers = pd.DataFrame(
        {
            "row_id": ["a1", "a2", "a3", "a4"],
            "customer_id": ["c1", "c1", "c1", "c2"],
            "submitted_at": pd.to_datetime(["2026-07-01", "2026-07-02", "2026-05-01", "2026-07-01"]),
            "ltr": [2, 9, 2, 2],
        }
    )
    found = reassigned_after_answer(scan(answers, connection=connection), owned, bad=nw.col("ltr") <= 6)
    assert found[["row_id", "rule", "value", "detail"]].to_numpy().tolist() == [
        ["a1", "reassigned_after_answer", "s1", "moved to s2 on 2026-07-10"]
    ]
