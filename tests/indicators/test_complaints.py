"""Indicators of complaints at the exact numbers of their rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_kpi.engine import collect, connect, scan
from survey_kpi.errors import SpecError
from survey_kpi.indicators.library.cases import OPENED, UNCLASSIFIED
from survey_kpi.indicators.panels import panel
from survey_kpi.indicators.records import period_frames, rows_of_view
from survey_kpi.inference.suppression import suppress
from survey_kpi.period import Period
from survey_kpi.study.models import IndicatorSheet, Text

Company = Callable[..., dict[str, Any]]
Measured = Callable[..., pd.DataFrame]
Rows = list[dict[str, Any]]


def case(number: int, **columns: Any) -> dict[str, Any]:
    return {"case_id": f"k{number:03}", "customer_id": f"c{number}", "opened_at": "2026-07-05", **columns}


def ends(row: Mapping[str, Any]) -> list[float]:
    return [round(float(row["conf_low"]), 2), round(float(row["conf_high"]), 2)]


def answers(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Answers as cleaning keeps them."""
    table = pd.DataFrame(list(rows)).reindex(
        columns=[
            "row_id",
            "response_id",
            "customer_id",
            "submitted_at",
            "type",
            "case_id",
            "overall",
            "comment",
        ]
    )
    stamps = pd.to_datetime(table["submitted_at"]).astype("datetime64[us]")
    text = ["row_id", "response_id", "customer_id", "type", "case_id", "comment"]
    return table.assign(submitted_at=stamps, overall=table["overall"].astype("float64")).astype(
        dict.fromkeys(text, "str")
    )


def follow_up(number: int, mark: float | None, **columns: Any) -> dict[str, Any]:
    return {
        "row_id": f"r{number}", "response_id": f"a{number}", "customer_id": f"c{number}",
        "submitted_at": "2026-08-20", "type": "complaint_followup", "case_id": f"k{number:03}",
        "overall": mark, **columns,
    }  # fmt: skip


CSAT = {"item": "overall", "top_box": [4, 5]}


# --- A09 ------------------------------------------------------------------------------------------------


def resolved(number: int, **columns: Any) -> dict[str, Any]:
    return case(number, resolved_at="2026-08-01 12:00", contacts=1, **columns)


@pytest.mark.row("A09")
def test_six_of_nine_solved_at_once(company: Company) -> None:
    rows = [resolved(n) for n in range(6)] + [{**resolved(n), "contacts": 2} for n in range(6, 9)]
    young = [{**resolved(n), "resolved_at": "2026-09-27"} for n in range(9, 13)]
    blank = [{**resolved(20), "contacts": None}]
    found = company("A09", {"complaints": [*rows, *young, *blank, case(30)]})
    assert found["fcr"]["value"] == pytest.approx(66.67, abs=0.005)
    assert ends(found["fcr"]) == [35.42, 87.94]
    assert found["fcr"]["n"] == 9
    assert found["not_mature"]["value"] == 4
    assert found["contacts_missing"]["value"] == 1


@pytest.mark.row("A09")
@pytest.mark.parametrize(
    ("reopened", "solved"),
    [
        ("2026-08-08 12:00", 0),
        ("2026-08-08 12:00:01", 100),
        ("2026-08-09 12:00", 100),
        ("2026-08-01 13:00", 0),
    ],
)
def test_a_reopening_at_the_end_of_the_window_is_inside(
    company: Company, reopened: str, solved: float
) -> None:
    found = company("A09", {"complaints": [resolved(1, reopened_at=reopened)]})
    assert found["fcr"]["value"] == solved


@pytest.mark.row("A09")
def test_other_windows_stand_beside_it(company: Company) -> None:
    rows = [resolved(n) for n in range(4)] + [
        resolved(4, reopened_at="2026-08-03"),
        resolved(5, reopened_at="2026-08-06"),
        resolved(6, reopened_at="2026-08-13"),
        resolved(7, reopened_at="2026-08-30"),
    ]
    found = company("A09", {"complaints": rows})
    shares = {name: found[name]["value"] for name in ("fcr", "fcr_3", "fcr_7", "fcr_14")}
    assert shares == {"fcr": 75.0, "fcr_3": 87.5, "fcr_7": 75.0, "fcr_14": 62.5}
    wide = company("A09", {"complaints": rows}, params={"window_days": 14})
    assert wide["fcr"]["value"] == 62.5


@pytest.mark.row("A09")
def test_a_resolution_exactly_one_window_before_the_cut_off_is_mature(company: Company) -> None:
    rows = [
        resolved(1),
        {**resolved(2), "resolved_at": "2026-09-24"},
        {**resolved(3), "resolved_at": "2026-09-24 00:01"},
    ]
    found = company("A09", {"complaints": rows})
    assert (found["fcr"]["n"], found["not_mature"]["value"]) == (2, 1)


# --- A10 ------------------------------------------------------------------------------------------------


@pytest.mark.row("A10")
def test_the_four_counts_of_timeliness(company: Company) -> None:
    due = "2026-07-10"
    rows = [case(n, due_at=due, resolved_at=due) for n in range(6)]
    rows += [case(n, due_at=due, resolved_at="2026-07-10 00:00:01") for n in range(6, 8)]
    rows += [case(8, due_at=due), case(9, due_at="2026-10-02"), case(10, resolved_at=due)]
    rows += [case(11, due_at=due, resolved_at="2026-07-01")]
    found = company("A10", {"complaints": rows})
    assert found["on_time"]["value"] == pytest.approx(100 * 6 / 9)
    names = ("resolved_on_time", "late", "overdue", "not_due", "without_due")
    assert [found[name]["value"] for name in names] == [6, 2, 1, 1, 2]
    assert sum(found[name]["value"] for name in names) == len(rows)


# --- A11, A12, M13, M17 ---------------------------------------------------------------------------------


def followed(count: int) -> Rows:
    categories = ["delivery", "price", None]
    return [
        case(n, resolved_at="2026-08-01", due_at="2026-08-02", category=categories[n % 3])
        for n in range(count)
    ]


@pytest.mark.row("A11")
def test_re_satisfaction_stands_beside_its_response_rate(company: Company) -> None:
    given = [follow_up(n, 5 if n < 9 else 2) for n in range(12)]
    late = [follow_up(20, 5, submitted_at="2026-10-05")]
    other = [follow_up(21, 5, type="transaction"), follow_up(22, None)]
    again = [follow_up(0, 1, row_id="r99", submitted_at="2026-08-25")]
    found = company(
        "A11",
        {"complaints": followed(30)},
        params=CSAT,
        extra={"responses": answers([*given, *late, *other, *again])},
    )
    assert found["csat"]["value"] == 75.0
    assert ends(found["csat"]) == [46.77, 91.11]
    assert found["response_rate"]["value"] == 40.0
    assert found["silent"]["value"] == 18


@pytest.mark.row("A11")
def test_without_types_of_answers_nothing_is_known_of_the_response_rate(company: Company) -> None:
    plain = answers([follow_up(1, 5)]).drop(columns=["type"])
    found = company("A11", {"complaints": followed(3)}, params=CSAT, extra={"responses": plain})
    assert {found[name]["state"] for name in ("csat", "response_rate")} == {"unavailable"}
    assert found["silent"]["value"] == 0


@pytest.mark.row("A12")
def test_categories_sum_to_the_whole_and_small_ones_hide_together(measured: Measured) -> None:
    given = [follow_up(n, 5 if n % 4 else 3) for n in range(50)]
    found = measured(
        "A12",
        {"complaints": followed(60)},
        levels=["category"],
        params=CSAT,
        extra={"responses": answers(given)},
    )
    csat = found[found["measure"] == "csat"].set_index("subject")
    parts = csat.drop("company")
    assert set(parts.index) == {"category:delivery", "category:price", f"category:{UNCLASSIFIED}"}
    assert parts["n"].sum() == csat.loc["company", "n"] == 50
    hits = csat["n"] * csat["value"] / 100
    assert hits.drop("company").sum() == pytest.approx(hits["company"])
    assert suppress([40, 25, 8, 27]).tolist() == [False, True, True, False]


@pytest.mark.row("M13")
def test_in_time_and_satisfied(company: Company) -> None:
    timely, late = "2026-08-01", "2026-08-05"
    kinds = [(timely, 5)] * 12 + [(timely, 2)] * 3 + [(late, 5)] * 2 + [(late, 1)] * 3
    rows = [case(n, resolved_at=done, due_at="2026-08-02") for n, (done, _) in enumerate(kinds)]
    given = [follow_up(n, mark) for n, (_, mark) in enumerate(kinds)]
    silent = [case(50, resolved_at=timely, due_at=late), case(51, resolved_at=timely)]
    found = company("M13", {"complaints": [*rows, *silent]}, params=CSAT, extra={"responses": answers(given)})
    assert found["joint"]["value"] == 60.0
    assert ends(found["joint"]) == [38.66, 78.12]
    assert (found["timely"]["value"], found["satisfied"]["value"]) == (75.0, 70.0)
    assert found["left_out"]["value"] == 2


@pytest.mark.row("M17")
def test_five_mystery_visits(company: Company) -> None:
    visits = [follow_up(n, 5 if n < 4 else 1, type="mystery", case_id=None) for n in range(5)]
    others = [follow_up(9, 1), follow_up(10, None, type="mystery")]
    found = company("M17", {}, params=CSAT, extra={"responses": answers([*visits, *others])})
    assert (found["passed"]["value"], found["passed"]["n"]) == (80.0, 5)
    assert ends(found["passed"]) == [37.55, 96.38]
    assert found["without_mark"]["value"] == 1


# --- A13, A14 -------------------------------------------------------------------------------------------


def book(count: int) -> Rows:
    return [{"customer_id": f"c{n}", "start_at": "2025-01-01"} for n in range(count)]


@pytest.mark.row("A13")
def test_twelve_complaints_of_240_customers(company: Company) -> None:
    tables = {"complaints": [case(n) for n in range(12)], "customers": book(240)}
    found = company("A13", tables, params={"exposure": "customers"})
    assert (found["rate"]["value"], found["rate"]["n"]) == (5.0, 240)
    assert ends(found["rate"]) == [2.58, 8.73]  # R: poisson.test(12, 240)
    assert found["complaints"]["value"] == 12


@pytest.mark.row("A13")
def test_the_exposure_is_the_declared_one(company: Company) -> None:
    touches = [{"interaction_id": f"i{n}", "customer_id": "c1", "at": "2026-08-01"} for n in range(48)]
    outside = [{"interaction_id": "i99", "customer_id": "c1", "at": "2026-10-01"}]
    tables = {"complaints": [case(n) for n in range(12)], "interactions": [*touches, *outside]}
    assert company("A13", tables, params={"exposure": "interactions"})["rate"]["value"] == 25.0
    missing = company("A13", tables, params={"exposure": "customers"})["rate"]
    assert (missing["state"], missing["n"]) == ("unavailable", 0)
    with pytest.raises(SpecError, match="counted over"):
        company("A13", tables, params={"exposure": "employees"})


@pytest.mark.row("A13")
def test_exposure_follows_the_owner_by_days_and_a_complaint_its_moment(measured: Measured) -> None:
    tables = {
        "complaints": [case(1, customer_id="c0"), case(2, customer_id="c0", opened_at="2026-08-16")],
        "customers": book(1),
        "ownership": [
            {
                "customer_id": "c0",
                "specialist_id": "s1",
                "valid_from": "2025-01-01",
                "valid_to": "2026-08-16",
            },
            {"customer_id": "c0", "specialist_id": "s2", "valid_from": "2026-08-16"},
        ],
    }
    found = measured("A13", tables, levels=["specialist"], params={"exposure": "customers"})
    rate = found[found["measure"] == "rate"].set_index("subject")
    assert rate["n"].to_dict() == {"company": 1.0, "s1": 0.5, "s2": 0.5}
    assert rate["value"].to_dict() == {"company": 200.0, "s1": 200.0, "s2": 200.0}


def same(
    number: int, opened: str, *, category: str | None = "delivery", customer: str = "c0"
) -> dict[str, Any]:
    return case(number, opened_at=opened, category=category, customer_id=customer)


@pytest.mark.row("A14")
def test_two_repeats_among_ten(company: Company) -> None:
    rows = [
        same(1, "2026-07-01"),
        same(2, "2026-07-20"),
        same(3, "2026-08-19"),
        same(4, "2026-08-19", category="price"),
    ]
    rows += [same(5, "2026-09-18 00:01"), same(6, "2026-07-21", customer="c9")]
    rows += [same(n, "2026-08-19", category=None) for n in (7, 8)]
    rows += [same(9, "2026-07-01", customer="c7"), same(10, "2026-08-01", customer="c7")]
    found = company("A14", {"complaints": rows})["repeats"]
    assert (found["value"], found["n"]) == (20.0, 10)
    assert ends(found) == [5.67, 50.98]


@pytest.mark.row("A14")
def test_a_chain_begins_before_the_period_and_one_of_two_at_once_is_first(company: Company) -> None:
    rows = [same(1, "2026-06-20"), same(2, "2026-07-10"), same(3, "2026-07-10")]
    assert company("A14", {"complaints": rows})["repeats"]["value"] == 100.0
    twins = [same(1, "2026-07-10"), same(2, "2026-07-10")]
    assert company("A14", {"complaints": twins})["repeats"]["value"] == 50.0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 90 * 24), st.sampled_from("ab"), st.sampled_from("xy")),
        min_size=1,
        max_size=25,
    ),
    st.integers(1, 40),
)
def test_repeats_are_those_of_the_definition(cases: list[tuple[int, str, str]], window: int) -> None:
    """Against comparing every pair of complaints."""
    from survey_kpi.indicators.library.complaints_again import REPEATS

    start = pd.Timestamp("2026-07-01")
    table = pd.DataFrame(
        [
            (f"k{n:02}", who, kind, start + pd.Timedelta(hours=hours))
            for n, (hours, who, kind) in enumerate(cases)
        ],
        columns=["case_id", "customer_id", "category", "opened_at"],
    )
    table["opened_at"] = table["opened_at"].astype("datetime64[us]")
    found = collect(REPEATS.rows({"complaints": scan(table)}, {"window_days": window}))
    repeats = set(found.loc[found["repeat"], "case_id"])
    pairs = table.merge(table, on=["customer_id", "category"], suffixes=("", "_before"))
    gap = pairs["opened_at"] - pairs["opened_at_before"]
    earlier = (gap > pd.Timedelta(0)) | (
        (gap == pd.Timedelta(0)) & (pairs["case_id"] > pairs["case_id_before"])
    )
    assert repeats == set(pairs.loc[earlier & (gap <= pd.Timedelta(days=window)), "case_id"])


# --- A15, A16, A17, A18 ---------------------------------------------------------------------------------


def opened_hours_ago(hours: float, *, taken: float | None, end: str) -> dict[str, Any]:
    opened = pd.Timestamp("2026-10-01") - pd.Timedelta(hours=hours)
    return {"opened_at": opened, end: None if taken is None else opened + pd.Timedelta(hours=taken)}


def timed(pairs: Sequence[tuple[float, float | None]], end: str) -> Rows:
    return [
        {**case(n), **opened_hours_ago(ago, taken=taken, end=end)} for n, (ago, taken) in enumerate(pairs)
    ]


RESPONSES = timed([(12, 1), (12, 2), (12, 9), (12, None), (12, None)], "first_response_at")
RESOLUTIONS = timed([(50, 4), (50, 10), (50, 30), (50, 40), (20, None)], "resolved_at")


@pytest.mark.row("A15")
def test_unanswered_complaints_are_censored(company: Company) -> None:
    found = company("A15", {"complaints": RESPONSES})
    assert (found["median"]["value"], found["median"]["n"], found["median"]["unit"]) == (9.0, 5, "hours")
    assert found["p90"]["state"] == "not_reached"
    assert found["p90"]["reason"] == "not reached (> 12)"
    assert found["open"]["value"] == 2


@pytest.mark.row("A16")
def test_open_complaints_are_censored(company: Company) -> None:
    found = company("A16", {"complaints": RESOLUTIONS})
    assert found["median"]["value"] == 30.0
    assert found["p90"]["value"] == 40.0
    assert found["open"]["value"] == 1


@pytest.mark.row("A16")
def test_a_reopened_complaint_is_open_and_a_contradiction_has_no_duration(company: Company) -> None:
    rows = timed([(50, 4), (50, 10)], "resolved_at")
    rows[1]["reopened_at"] = "2026-09-30"
    rows.append(case(9, resolved_at="2026-07-01"))
    found = company("A16", {"complaints": rows})
    assert (found["median"]["n"], found["open"]["value"], found["disordered"]["value"]) == (2, 1, 1)
    assert found["median"]["value"] == 4.0


@pytest.mark.row("A17")
def test_bands_hold_both_ends(company: Company) -> None:
    touches = [
        {
            "interaction_id": f"i{n}",
            "customer_id": "c",
            "at": "2026-08-01",
            "after_call_work_s": s,
            "abandoned_after_s": a,
        }
        for n, (s, a) in enumerate([(45, None), (60, 20), (30, 61), (61, None), (29, None)])
    ]
    found = company("A17", {"interactions": touches})
    assert (found["work_in_band"]["value"], found["work_in_band"]["n"]) == (60.0, 5)
    assert (found["work_mean"]["value"], found["work_median"]["value"]) == (45.0, 45.0)
    assert (found["abandon_in_band"]["value"], found["abandon_in_band"]["n"]) == (50.0, 2)
    half = company("A17", {"interactions": touches}, params={"band": "(30, 60]"})
    assert half["work_in_band"]["value"] == 40.0
    with pytest.raises(SpecError, match="ends are inside"):
        company("A17", {"interactions": touches}, params={"band": "30-60"})


@pytest.mark.row("A18")
def test_two_hours_and_engineering(company: Company) -> None:
    start = pd.Timestamp("2026-08-01 10:00")
    rows = [
        {"incident_id": f"n{n}", "specialist_id": "s1", "occurred_at": start,
         "plan_made_at": start + pd.Timedelta(hours=hours), "engineering_coordinated": together}
        for n, (hours, together) in enumerate([(1.5, True), (2.0, True), (2.5, True), (1.0, False)])
    ]  # fmt: skip
    young = {"incident_id": "n8", "specialist_id": "s1", "occurred_at": "2026-09-30 23:00"}
    wrong = {"incident_id": "n9", "specialist_id": "s1", "occurred_at": start, "plan_made_at": "2026-07-31"}
    found = company("A18", {"incidents": [*rows, young, wrong]})
    shares = [found[name]["value"] for name in ("handled", "planned", "coordinated")]
    assert shares == [50.0, 75.0, 75.0]
    assert found["left_out"]["value"] == 2
    never = {"incident_id": "n7", "specialist_id": "s1", "occurred_at": start}
    assert company("A18", {"incidents": [never]})["handled"]["value"] == 0.0


# --- A52, A53, G09 --------------------------------------------------------------------------------------


def comments(count: int) -> Rows:
    return [
        {"row_id": f"r{n}", "response_id": f"a{n}", "submitted_at": "2026-07-10", "comment": "回复很快"}
        for n in range(count)
    ]


def replies(numbers: Sequence[int], at: str = "2026-08-01") -> Rows:
    return [
        {"interaction_id": f"i{n}", "customer_id": "c", "at": at, "response_id": f"a{n}", "direction": "out"}
        for n in numbers
    ]


@pytest.mark.row("A52")
def test_seventeen_of_twenty_comments_answered(company: Company) -> None:
    given = [*comments(20), {**comments(1)[0], "row_id": "r90", "response_id": "a90", "comment": "  "}]
    late = replies([17], at="2026-08-09 00:01")
    found = company(
        "A52", {"interactions": [*replies(range(17)), *late]}, extra={"responses": answers(given)}
    )
    assert (found["closed"]["value"], found["closed"]["n"]) == (85.0, 20)


@pytest.mark.row("A52")
def test_young_comments_wait_and_those_without_a_request_are_apart(company: Company) -> None:
    young = {**comments(1)[0], "row_id": "r90", "response_id": "a90", "submitted_at": "2026-09-20"}
    labels = [{"response_id": "a0", "coder": who, "topic": "no request"} for who in ("x", "y")]
    found = company(
        "A52",
        {"interactions": replies([1]), "labels": labels},
        extra={"responses": answers([*comments(3), young])},
    )
    assert (found["closed"]["value"], found["closed"]["n"]) == (50.0, 2)
    assert (found["waiting"]["value"], found["no_request"]["value"]) == (1, 1)


def sheet(code: str) -> IndicatorSheet:
    words = Text(zh=code, en=code)
    return IndicatorSheet(id=code, kpi=code, label=words, definition=words)


@pytest.mark.row("A53")
def test_service_efficiency_shows_the_numbers_of_its_parents(measured: Measured) -> None:
    due = "2026-07-10"
    timely = [case(n, due_at=due, resolved_at=due) for n in range(6)]
    timely += [case(n, due_at=due, resolved_at="2026-07-11") for n in (6, 7)] + [case(8, due_at=due)]
    tables = {"A15": RESPONSES, "A16": RESOLUTIONS, "A10": timely}
    estimates = pd.concat([measured(code, {"complaints": rows}) for code, rows in tables.items()])
    shown = panel("A53", estimates, [sheet(code) for code in tables])
    assert shown["indicator"].tolist() == ["A15", "A16", "A10"]
    assert shown["value"].round(2).tolist() == [9.0, 30.0, 66.67]
    assert list(shown.columns) == list(estimates.columns)
    with pytest.raises(SpecError, match="A53"):
        panel("A54", estimates, [])


@pytest.mark.row("G09")
def test_follow_up_shows_the_numbers_of_its_parents(measured: Measured) -> None:
    given = answers([*comments(20), *[follow_up(n, 5 if n < 9 else 2) for n in range(12)]])
    tables = {"complaints": followed(30), "interactions": replies(range(17))}
    parents = {"A52": {}, "A11": CSAT}
    estimates = pd.concat(
        [
            measured(code, tables, params=params, extra={"responses": given})
            for code, params in parents.items()
        ]
    )
    shown = panel("G09", estimates, [sheet(code) for code in parents])
    assert shown[["indicator", "measure", "value"]].to_records(index=False).tolist() == [
        ("A52", "closed", 85.0), ("A11", "csat", 75.0), ("A11", "response_rate", 40.0),
    ]  # fmt: skip


# --- G02, G05, G08 --------------------------------------------------------------------------------------


@pytest.mark.row("G02")
def test_a_promise_is_kept_by_tier(measured: Measured) -> None:
    opened = pd.Timestamp("2026-08-01 09:00")
    hours = [2.0] * 9 + [2.5] * 2 + [None]
    rows = [
        case(n, opened_at=opened, first_response_at=None if h is None else opened + pd.Timedelta(hours=h))
        for n, h in enumerate(hours)
    ]
    rows += [case(20, opened_at=opened), case(1, case_id="k900", opened_at="2026-09-30 23:00")]
    customers = [{"customer_id": f"c{n}", "start_at": "2025-01-01", "tier": "high"} for n in range(12)]
    customers += [{"customer_id": "c20", "start_at": "2025-01-01", "tier": "low"}]
    tables = {"complaints": rows, "customers": customers}
    found = measured("G02", tables, levels=["tier"], params={"promise_hours": {"high": 2}})
    kept = found[found["measure"] == "kept"].set_index("subject")
    assert (kept.loc["tier:high", "value"], kept.loc["tier:high", "n"]) == (75.0, 12)
    assert ends(kept.loc["tier:high"]) == [46.77, 91.11]
    assert (kept.loc["tier:low", "state"], kept.loc["tier:low", "n"]) == ("not_applicable", 0)
    counts = found[found["subject"] == "company"].set_index("measure")["value"]
    assert (counts["without_promise"], counts["not_due"]) == (1, 1)


@pytest.mark.row("G02")
def test_promises_of_the_study_hold_on_their_own_clock(company: Company) -> None:
    """Times that the reader of tables has computed by the service levels; none of them means no promise."""
    opened = pd.Timestamp("2026-08-01 09:00")
    bare = [
        case(n, opened_at=opened, first_response_at=opened + pd.Timedelta(hours=h))
        for n, h in enumerate([2, 3, 2, 2], start=1)
    ]
    until = opened + pd.Timedelta(hours=2)
    told = [(until, "computed"), (until, "computed"), (None, "no_promise"), (None, "no_calendar")]
    rows = [
        {**row, "response_due_at": due, "response_due_from": why}
        for row, (due, why) in zip(bare, told, strict=True)
    ]
    customers = [{"customer_id": f"c{n}", "start_at": "2025-01-01", "tier": "high"} for n in range(5)]
    found = company("G02", {"customers": customers, "complaints": rows})
    assert (found["kept"]["value"], found["kept"]["n"]) == (50.0, 2)
    counts = {name: found[name]["value"] for name in ("without_promise", "not_due", "outside_calendar")}
    assert counts == {"without_promise": 1, "not_due": 0, "outside_calendar": 1}

    found = company("G02", {"customers": customers, "complaints": bare})
    assert found["kept"]["state"] == "not_applicable" and found["without_promise"]["value"] == 4


@pytest.mark.row("G05")
def test_contacts_on_a_second_channel(company: Company) -> None:
    rows = [case(n, channel="phone") for n in range(10)] + [case(11, channel="phone", opened_at="2026-09-29")]
    touch = {"customer_id": "c", "channel": "email", "direction": "in"}
    contacts = [
        {**touch, "interaction_id": f"i{n}", "case_id": f"k{n:03}", "at": at}
        for n, at in [
            (0, "2026-07-06"),
            (1, "2026-07-12"),
            (2, "2026-07-05"),
            (3, "2026-07-12 00:01"),
            (2, "2026-07-07"),
        ]
    ]
    contacts += [
        {**touch, "interaction_id": "i20", "case_id": "k004", "at": "2026-07-06", "channel": "phone"},
        {**touch, "interaction_id": "i21", "case_id": "k005", "at": "2026-07-06", "direction": "out"},
    ]
    found = company("G05", {"complaints": rows, "interactions": contacts})
    assert (found["moved"]["value"], found["moved"]["n"]) == (30.0, 10)
    assert ends(found["moved"]) == [10.78, 60.32]
    assert found["not_mature"]["value"] == 1


@pytest.mark.row("G08")
def test_stages_sum_to_the_whole(company: Company) -> None:
    def staged(number: int, *hours: float | None) -> dict[str, Any]:
        opened = pd.Timestamp("2026-08-03 08:00")
        names = ("confirmed_at", "first_response_at", "resolved_at", "feedback_at")
        times = {
            name: None if h is None else opened + pd.Timedelta(hours=h)
            for name, h in zip(names, hours, strict=True)
        }
        return case(number, opened_at=opened, **times)

    rows = [staged(1, 1, 2, 10, 34), staged(2, 2, 5, 21, 30), staged(3, 4, 4, 4, 5)]
    open_case, wrong = staged(4, 1, 3, None, None), staged(5, 5, 2, 9, 10)
    found = company("G08", {"complaints": [*rows, open_case, wrong]})
    stages = ("confirm", "respond", "resolve", "feedback")
    means = [found[name]["value"] for name in stages]
    assert means == pytest.approx([7 / 3, 4 / 3, 8, 34 / 3])
    assert sum(means) == pytest.approx(found["total"]["value"])
    assert {found[name]["n"] for name in (*stages, "total")} == {3}
    assert found["incomplete"]["value"] == 2
    assert (found["resolve_median"]["n"], found["resolve_median"]["value"]) == (4, 8.0)


@pytest.mark.row("G08")
def test_a_negative_stage_is_marked_unless_the_reader_has_done_so() -> None:
    table = pd.DataFrame(
        {name: pd.to_datetime(["2026-08-02", "2026-08-02"]).astype("datetime64[us]") for name in
         ("opened_at", "confirmed_at", "first_response_at", "feedback_at", "reopened_at")}
    ).assign(case_id=["a", "b"], customer_id="c", category="x",
             resolved_at=pd.to_datetime(["2026-08-02", "2026-08-01"]).astype("datetime64[us]"))  # fmt: skip
    connection = connect()
    spans = {
        name: scan(span, connection=connection)
        for name, span in period_frames([Period.parse("2026Q3")]).items()
    }
    for rows, marks in ((table, [False, True]), (table.assign(disordered=False), [False, False])):
        frames = {"complaints": scan(rows, connection=connection), **spans}
        found = collect(rows_of_view(OPENED, frames, {})).sort_values("case_id")
        assert found["disordered"].tolist() == marks
