"""360-degree feedback and critical incidents."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.estimate import State
from survey_kpi.psychometrics.leniency import rater_leniency
from survey_kpi.scoring.feedback import checklist, feedback

COLUMNS = ["rater_id", "ratee_id", "rater_group", "item", "score"]
M04 = [
    ("R1", "T1", 4),
    ("R1", "T2", 3),
    ("R2", "T2", 4),
    ("R2", "T3", 6),
    ("R3", "T3", 4),
    ("R3", "T4", 1),
    ("R1", "T4", 2),
    ("R2", "T1", 5),
]


def ratings(*rows: tuple[str, str, str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


@pytest.mark.row("M04")
def test_raw_and_adjusted_means_stand_side_by_side() -> None:
    found = feedback(
        ratings(*((rater, ratee, "peer", "b01", score) for rater, ratee, score in M04)), highest=7
    )
    assert found.adjusted is not None and found.problem == ""
    assert found.adjusted.raw.tolist() == [4.5, 3.5, 5.0, 1.5]
    np.testing.assert_allclose(found.adjusted.adjusted, [4, 3, 5, 2], atol=1e-12)
    np.testing.assert_allclose(found.adjusted.leniency, [0, 1, -1], atol=1e-12)


@pytest.mark.row("M04")
def test_groups_below_three_raters_are_suppressed_and_a_superior_may_be_alone() -> None:
    rows = [(f"p{n}", "T1", "peer", "b01", 5) for n in range(3)]
    rows += [(f"c{n}", "T1", "customer", "b01", 4) for n in range(2)]
    rows += [("boss", "T1", "superior", "b01", 6), ("T1", "T1", "self", "b01", 7)]
    found = feedback(ratings(*rows), highest=7)
    groups = {group.group: group for group in found.groups}
    assert groups["peer"].estimate.value == 5 and not groups["peer"].identifiable
    assert groups["customer"].estimate.state is State.SUPPRESSED
    assert groups["superior"].identifiable and groups["superior"].estimate.n == 1
    assert groups["self"].estimate.value == 7


@pytest.mark.row("M04")
def test_unconnected_raters_leave_raw_means_and_say_why() -> None:
    rows = [("R1", "T1", 4), ("R2", "T1", 5), ("R3", "T2", 3), ("R4", "T2", 2)]
    table = ratings(*((rater, ratee, "peer", "b01", score) for rater, ratee, score in rows))
    found = feedback(table, highest=5)
    assert found.adjusted is None and "[raters_disconnected]" in found.problem
    assert len(found.groups) == 2
    with pytest.raises(MethodError) as caught:
        rater_leniency(table["rater_id"].tolist(), table["ratee_id"].tolist(), table["score"].to_numpy())
    assert caught.value.code == "raters_disconnected"


@pytest.mark.row("M04")
def test_what_people_say_of_themselves_moves_nobody_s_adjusted_mean() -> None:
    rows = [(rater, ratee, "peer", "b01", float(score)) for rater, ratee, score in M04]
    before, after = (
        feedback(ratings(*table), highest=7).adjusted
        for table in (rows, [*rows, ("T4", "T4", "self", "b01", 7.0)])
    )
    assert before is not None and after is not None
    np.testing.assert_allclose(before.adjusted, after.adjusted)


@pytest.mark.row("W05")
def test_straight_lines_and_favour_pairs_are_listed_and_nothing_is_deleted() -> None:
    rows = [("R1", "T1", "peer", f"b{n:02}", 5.0) for n in range(6)]
    rows += [("R2", "T1", "peer", f"b{n:02}", 3.0 + n % 2) for n in range(6)]
    rows += [("R1", "T2", "peer", f"b{n:02}", 4.0) for n in range(4)]  # too few items for a straight line
    found = feedback(ratings(*rows), highest=7)
    (line,) = found.straight_lines
    assert (line.rater, line.ratee, line.items, line.mark) == ("R1", "T1", 6, 5.0)
    assert found.adjusted is not None and found.adjusted.n.sum() == len(rows)


def test_the_pair_that_favours_each_other_is_named() -> None:
    rows = [("ann", "bo", 5), ("bo", "ann", 5), ("cy", "ann", 3), ("di", "ann", 3), ("ed", "ann", 4)]
    rows += [("cy", "bo", 2), ("di", "bo", 3), ("ed", "bo", 3)]
    found = feedback(
        ratings(*((rater, ratee, "peer", "b01", score) for rater, ratee, score in rows)), highest=5
    )
    assert [(pair.first, pair.second) for pair in found.favours] == [("ann", "bo")]


# --- incidents ----------------------------------------------------------------------------------------


@pytest.mark.row("M05")
def test_a_tick_without_evidence_is_listed_and_not_counted() -> None:
    table = pd.DataFrame(
        [
            ("k1", "calmed=true;informed=true", "e1"),
            ("k2", "calmed=true;informed=false", None),
            ("k3", "calmed=false;informed=true", "  "),
            ("k4", "calmed=true", "e4"),
            ("k5", None, "e5"),
        ],
        columns=["incident_id", "checklist", "evidence_id"],
    )
    found = checklist(table)
    assert found.unproven == (("k2", "calmed"), ("k3", "informed"))
    calmed, informed = found.rates["calmed"], found.rates["informed"]
    assert (calmed.value, calmed.n) == (50.0, 4)
    assert (informed.value, informed.n) == (pytest.approx(100 / 3), 3)
    assert (round(calmed.conf_low, 1), round(calmed.conf_high, 1)) == (15.0, 85.0)  # Wilson, 2 of 4


@pytest.mark.row("M05")
def test_entries_that_are_no_tick_are_listed() -> None:
    rows = [("k1", "calmed=yes;=true;informed=true; ", "e1")]
    found = checklist(pd.DataFrame(rows, columns=["incident_id", "checklist", "evidence_id"]))
    assert found.unread == (("k1", "calmed=yes"), ("k1", "=true"))
    assert list(found.rates) == ["informed"]


@pytest.mark.row("M05")
def test_the_crisis_fixture_as_a_checklist() -> None:
    """Row A18: plan in 2 h and engineering coordinated, (1.5 h, yes), (2.0, yes), (2.5, yes), (1.0, no)."""
    hours, coordinated = [1.5, 2.0, 2.5, 1.0], [True, True, True, False]
    rows = [
        (
            f"k{n}",
            f"in_time={str(h <= 2).lower()};coordinated={str(c).lower()};both={str(h <= 2 and c).lower()}",
            "e",
        )
        for n, (h, c) in enumerate(zip(hours, coordinated, strict=True))
    ]
    found = checklist(pd.DataFrame(rows, columns=["incident_id", "checklist", "evidence_id"]))
    assert {item: rate.value for item, rate in found.rates.items()} == {
        "in_time": 75.0,
        "coordinated": 75.0,
        "both": 50.0,
    }
