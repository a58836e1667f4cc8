"""Spells follow one another, and shares of exposure are exact by days."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.engine import collect
from survey_kpi.errors import SchemaError
from survey_kpi.period import Period
from survey_kpi.records import leaves_of, roster

Q3 = Period.parse("2026Q3")
HEAD = "specialist_id,name,valid_from,valid_to,team,fte,hired_on,left_on,leave\n"


def test_all_conflicts_of_all_tables_come_at_once(desk) -> None:
    desk.put(
        "specialists",
        HEAD + "s1,Wang,2026-01-01,2026-08-02,a,,,,\n"
        "s1,Wong,2026-08-01,,b,,,,2026-07-10/2026-07-01\n"
        "s2,Li,2026-02-01,2026-01-01,a,,,,\n",
    )
    desk.put(
        "ownership", "customer_id,specialist_id,valid_from,valid_to\nc1,s1,2026-01-01,\nc1,s2,2026-03-01,\n"
    )
    with pytest.raises(SchemaError) as raised:
        desk.read()
    codes = [problem.code for problem in raised.value.problems]
    assert codes == ["spell_conflict"] * 3 + ["leave_format", "spell_conflict"]
    assert "'Wang' and 'Wong'" in str(raised.value)


def test_a_spell_whose_end_cannot_be_read_does_not_go_on_for_ever(desk) -> None:
    desk.put("ownership", "customer_id,specialist_id,valid_from,valid_to\nc1,s1,2026-01-01,sometime\n")
    with pytest.raises(SchemaError, match=r"ownership:1, column 'valid_to': the cell is no day"):
        desk.read()


def test_joiners_leavers_moves_and_leave(desk) -> None:
    desk.put(
        "specialists",
        HEAD + "s1,Wang,2026-01-01,2026-08-16,east,1,2020-01-01,,\n"
        "s1,Wang,2026-08-16,,west,1,2020-01-01,,\n"
        "s2,Li,2026-01-01,,east,0.5,2026-09-01,,\n"
        "s3,Zhou,2026-01-01,,east,,,2026-07-11,\n"
        "s4,Wu,2026-01-01,,east,1,,,2026-06-20/2026-07-11 sick; 2026-07-05/2026-08-01 care\n"
        "s5,Xu,2026-01-01,,east,1,,2026-07-01,\n",
    )
    found = roster(collect(desk.read().frames["specialists"]), [Q3]).set_index(["specialist_id", "team"])
    assert found["days"].to_dict() == {
        ("s1", "east"): 46,
        ("s1", "west"): 46,
        ("s2", "east"): 30,
        ("s3", "east"): 10,
        ("s4", "east"): 61,
    }
    assert found["exposure"].tolist() == pytest.approx([0.5, 0.5, 15 / 92, 10 / 92, 61 / 92])
    assert found["tenured"].tolist() == [True, True, False, False, True]


@given(cuts=st.lists(st.integers(1, 91), max_size=6, unique=True), fte=st.sampled_from([0.25, 0.5, 1.0]))
def test_moves_only_divide_a_person(cuts, fte) -> None:
    """However often somebody moves, the shares add up to the whole."""
    start = pd.Timestamp("2026-07-01")
    days = [start + pd.Timedelta(days=cut) for cut in sorted(cuts)]
    spells = pd.DataFrame(
        {
            "specialist_id": "s1",
            "valid_from": [start, *days],
            "valid_to": [*days, pd.NaT],
            "fte": fte,
            "leave": "2026-08-01/2026-08-11 annual",
        }
    )
    found = roster(spells, [Q3])
    assert found["exposure"].sum() == pytest.approx(82 * fte / 92)
    assert set(found["tenure_days"]) == {82}


@pytest.mark.parametrize("text", ["soon", "2026-07-10/2026-07-01", "2026-02-30/2026-03-01", "2026-07-01"])
def test_leaves_that_cannot_be_read(text) -> None:
    with pytest.raises(SchemaError) as raised:
        leaves_of(text)
    assert raised.value.code == "leave_format"
