"""A40 to A46: the numbers of the definition sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from survey_kpi.indicators.least import withheld
from survey_kpi.indicators.records import record_scans
from survey_kpi.study.models import IndicatorSheet, Text

Company = Callable[..., dict[str, Any]]
DAY = "2026-08-01"


@pytest.mark.row("A40")
def test_quality_is_a_mean_over_raters_and_then_over_insights(company: Company) -> None:
    means = [3, 4, 3, 4, 3.5, 3.5, 3, 4]
    line = {"specialist_id": "s1", "logged_at": DAY, "rated_blind": True}
    rows = [
        {**line, "insight_id": f"i{n}", "rater_id": rater, "quality": mean + change}
        for n, mean in enumerate(means)
        for rater, change in (("r1", -0.5), ("r2", 0.5))
    ]
    found = company("A40", {"insights": rows})
    assert found["insights"]["value"] == 8
    assert found["quality"]["value"] == 3.5
    ends = (found["quality"]["conf_low"], found["quality"]["conf_high"])
    assert ends == (pytest.approx(3.11, abs=0.005), pytest.approx(3.89, abs=0.005))


@pytest.mark.row("A41")
@pytest.mark.row("A42")
def test_requests_of_the_own_department_count_for_one_and_not_for_the_other(company: Company) -> None:
    done = [*[("2026-07-10", "2026-07-10")] * 6, *[("2026-07-10", "2026-07-11")] * 2]
    done += [("2026-07-10", None), ("2026-10-10", None)]
    line = {"specialist_id": "s1", "opened_at": "2026-07-01", "requested_by": "North", "requester_rating": 4}
    rows = [
        {**line, "request_id": f"q{n}", "due_at": due, "resolved_at": end}
        for n, (due, end) in enumerate(done)
    ]
    people = [{"specialist_id": "s1", "name": "A", "valid_from": "2020-01-01", "team": "East"}]
    tables = {"collaboration_requests": rows, "specialists": people}
    assert company("A41", tables)["on_time"]["value"] == pytest.approx(200 / 3)
    own = [{**row, "request_id": f"own{n}", "requested_by": "East"} for n, row in enumerate(rows[:3])]
    found = company("A42", {**tables, "collaboration_requests": [*rows, *own]})
    assert found["on_time"]["value"] == pytest.approx(200 / 3)
    assert (found["own_department"]["value"], found["not_due"]["value"]) == (3, 1)
    assert company("A41", {**tables, "collaboration_requests": [*rows, *own]})["on_time"]["n"] == 12


def contributions(kind: str, *cells: dict[str, Any]) -> dict[str, Any]:
    line = {"specialist_id": "s1", "kind": kind, "at": DAY}
    return {
        "contributions": [{**line, "contribution_id": f"{kind}{n}", **one} for n, one in enumerate(cells)]
    }


@pytest.mark.row("A43")
def test_sharing_counts_with_evidence(company: Company) -> None:
    tables = contributions("sharing", *[{"evidence_id": "e"}] * 4, {"evidence_id": " "})
    assert company("A43", tables)["events"]["value"] == 4


@pytest.mark.row("A44")
def test_accepted_contributions(company: Company) -> None:
    found = company(
        "A44", contributions("knowledge_base", *[{"accepted": True}] * 3, {"accepted": False}, {})
    )
    assert (found["accepted"]["value"], found["acceptance"]["value"]) == (3, 60.0)


@pytest.mark.row("A45")
def test_projects_with_evidence_and_their_rating(company: Company) -> None:
    rated = [{"evidence_id": "e", "lead_rating": rating} for rating in (4, 5, 3)]
    found = company("A45", contributions("project", *rated, {"lead_rating": 1}))
    assert (found["projects"]["value"], found["rating"]["value"]) == (3, 4.0)


@pytest.mark.row("A46")
def test_three_figures_of_development(company: Company) -> None:
    tables = contributions("suggestion", *[{"accepted": True}] * 2, *[{"accepted": False}] * 3)
    courses = [
        {"person_id": "s1", "course_id": f"k{n}", "completed_at": DAY, "passed": passed, "evidence_id": "e"}
        for n, passed in enumerate((True, True, False))
    ]
    goals = pd.DataFrame({"specialist_id": ["s1", "s1"], "goal_id": ["g1", "g2"], "met": [True, False]})
    goals["at"] = pd.Timestamp(DAY)
    found = company("A46", {**tables, "training": courses}, extra={"goals_due": goals})
    values = {name: row["value"] for name, row in found.items()}
    assert values == {"courses": 2, "suggestions_adopted": 40.0, "goals_met": 50.0}


@pytest.mark.row("A41")
def test_a_rating_by_fewer_than_three_is_withheld(measured) -> None:
    def rated(who: str, *ratings: int) -> list[dict[str, object]]:
        asked = {"requested_by": "finance", "specialist_id": who}
        times = {"opened_at": "2026-08-01", "due_at": "2026-08-03", "resolved_at": "2026-08-02"}
        return [
            {"request_id": f"{who}{n}", "requester_rating": rating} | asked | times
            for n, rating in enumerate(ratings)
        ]

    words = Text(zh="A41", en="A41")
    [scan] = record_scans([IndicatorSheet(id="A41", kpi="A41", label=words, definition=words)])
    tables = {"collaboration_requests": [*rated("s1", 4, 5, 3), *rated("s2", 5, 1)]}
    found = withheld(measured("A41", tables, levels=["specialist"]), scan.scores)
    ratings = found[found["measure"] == "rating"].set_index("subject")
    assert (ratings.loc["s1", "value"], ratings.loc["s1", "state"]) == (4.0, "measured")
    assert np.isnan(ratings.loc["s2", ["value", "conf_low", "conf_high"]].astype(float)).all()
    assert ratings.loc["s2", ["state", "reason"]].tolist() == ["suppressed", "fewer than 3 opinions"]
    assert (found[found["measure"] == "on_time"]["state"] == "measured").all()
