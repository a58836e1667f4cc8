"""Customers at risk, staying and aftercare: planted truths of the sample, and small books counted by hand."""

import dataclasses
import json
from decimal import Decimal
from types import SimpleNamespace

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import pytest

from survey_kpi.engine import connect, scan
from survey_kpi.evaluation.appraisal import aftercare as care
from survey_kpi.evaluation.appraisal import churn as losses
from survey_kpi.evaluation.appraisal.retention import retention
from survey_kpi.evaluation.appraisal.risk import assess_risk
from survey_kpi.evaluation.appraisal.sources import Sources, open_sources
from survey_kpi.period import Period


@pytest.fixture(scope="module")
def sources(quarter):
    return open_sources(quarter)


@pytest.fixture(scope="module")
def risk(sources):
    return assess_risk(sources)


def without(sources, *names):
    """Return the same sources of a study that does not declare some tables."""
    frames = {name: frame for name, frame in sources.frames.items() if name not in names}
    return dataclasses.replace(sources, records=dataclasses.replace(sources.records, frames=frames))


def tables(sources, **frames):
    """Return sources of these tables alone, without answers that name a customer."""
    connection = connect()
    made = {name: scan(table, connection=connection) for name, table in frames.items()}
    nobody = scan(pd.DataFrame({"row_id": ["r"]}), connection=connection)
    records = SimpleNamespace(frames=made)
    return Sources(evaluation=sources.evaluation, answers=nobody, records=records, connection=connection)


def book(rows):
    names = ["customer_id", "start_at", "end_at", "tier", "segment", "loss_reason"]
    table = pd.DataFrame(rows, columns=names)
    for name in ("start_at", "end_at"):
        table[name] = pd.to_datetime(table[name]).astype("datetime64[us]")
    return table.astype({"tier": "str", "segment": "str", "loss_reason": "str"}).replace("nan", None)


def fact(risk, name, scope="company"):
    return risk.facts[f"2026Q3/appraisal.{name}/{scope}"]


# --- losses (A22) ---------------------------------------------------------------------------------------


@pytest.mark.row("A22")
def test_the_planted_odds_of_a_complaint_are_covered(risk, root):
    """Losses were doubled in the quarter after a complaint: odds ratio 2.0 and a little."""
    truths = json.loads((root / "data/raw/sample/truths.json").read_text(encoding="utf-8"))
    assert truths["records"]["loss_doubled_after_complaint"]
    signs = {one.name: one for one in risk.churn.signs}
    assert signs["complaint"].low < 2.05 < signs["complaint"].high
    assert signs["low"].low > 1, "low tiers were planted to leave more often than high ones"
    assert risk.churn.losses >= 10 * risk.churn.parameters


@pytest.mark.row("A22")
def test_losses_are_those_of_the_book(risk, sources):
    customers = sources.table("customers")
    start, end = pd.Timestamp("2025-10-01"), pd.Timestamp("2026-10-01")
    ended = customers[(customers["end_at"] >= start) & (customers["end_at"] < end)]
    quarter_began = ended["end_at"].dt.to_period("Q").dt.start_time
    assert risk.churn.losses == (ended["start_at"] <= quarter_began).sum()
    lost = customers[(customers["end_at"] >= "2026-07-01") & (customers["end_at"] < "2026-10-01")]
    assert risk.churn.reasons["complaints"].sum() == len(lost) == fact(risk, "lost").value
    assert risk.churn.reasons["share"].sum() == pytest.approx(100)


@pytest.mark.row("A22")
def test_too_few_losses_are_only_described(sources):
    rows = [[f"c{i}", "2020-01-01", "2026-08-01" if i < 12 else None, "low" if i % 2 else "high", None, None]
            for i in range(200)]  # fmt: skip
    found = losses.churn(tables(sources, customers=book(rows)))
    assert (found.losses, found.parameters, found.reason, found.signs) == (12, 2, "overfitted", ())
    assert found.shares["lost"].sum() == 6
    assert found.stakes.missing == ("orders", "complaints", "responses", "model")
    assert found.reasons["category"].tolist() == ["not stated"]


def test_a_sign_is_known_before_the_quarter_begins():
    customers = book(
        [["a", "2020-01-01", None, "low", None, None], ["b", "2020-01-01", None, "mid", None, None]]
    )
    cases = pd.DataFrame(
        {"customer_id": ["a", "b"], "opened_at": pd.to_datetime(["2026-06-30", "2026-07-01"])}
    )
    answers = pd.DataFrame(
        {
            "customer_id": ["a", "a", "b"],
            "at": pd.to_datetime(["2026-01-01", "2026-06-01", "2026-07-02"]),
            "satisfied": [1.0, 0.0, 0.0],
            "ltr": [9.0, 3.0, 2.0],
        }
    )
    known = losses._Events(complaints=cases, answers=answers)
    found = losses.signs_at(customers, known, pd.Timestamp("2026-07-01")).set_index("customer_id")
    assert found.loc["a"].tolist() == [1, 1, 0, 0, 1]
    assert found.loc["b"].tolist() == [0, 0, 1, 1, 0], "what July brings is not known on its first day"


# --- revenue at risk ------------------------------------------------------------------------------------


def test_revenue_at_risk_is_revenue_times_both_ends_of_the_probability(risk, sources):
    """Each end by the odds of the combinations of signs; a probability lies between its ends."""
    stakes = risk.churn.stakes
    low, high = stakes.at_risk
    assert 0 < low < high < stakes.revenue
    assert stakes.missing == () and stakes.currency == "CNY"
    rate = risk.churn.losses / risk.churn.rows
    assert low < 3 * rate * stakes.revenue and high > rate * stakes.revenue / 3
    assert fact(risk, "revenue_at_risk_low").value == low
    orders = sources.table("orders")
    year = orders[(orders["ordered_at"] >= "2025-10-01") & (orders["ordered_at"] < "2026-10-01")]
    assert stakes.revenue < float(year["amount"].astype(float).sum())


def test_the_intercept_around_a_combination_is_its_log_odds():
    """One sign: both groups' shares are fitted exactly, and the interval is that of the group alone."""
    rows = pd.DataFrame(
        {"x": [1.0] * 200 + [0.0] * 200, "lost": [1.0] * 60 + [0.0] * 140 + [1.0] * 20 + [0.0] * 180}
    )
    found = losses._probabilities(rows, ["x"], pd.DataFrame({"x": [1.0, 0.0]}))
    for combination, (hits, n) in {(1.0,): (60, 200), (0.0,): (20, 200)}.items():
        log_odds, error = np.log(hits / (n - hits)), np.sqrt(1 / hits + 1 / (n - hits))
        ends = 1 / (1 + np.exp(-(log_odds + np.array([-1, 1]) * 1.959964 * error)))
        assert found[combination] == pytest.approx(tuple(ends), rel=1e-3)


@pytest.mark.parametrize("table", ["orders", "complaints"])
def test_revenue_at_risk_is_not_measured_without_its_tables(sources, table):
    stakes = losses.churn(without(sources, table)).stakes
    assert stakes.missing == (table,) and np.isnan(stakes.at_risk[0])


def test_orders_in_two_currencies_are_never_added(sources):
    frames = dict(sources.frames)
    orders = sources.table("orders")
    orders.loc[orders.index[-1], ["currency", "ordered_at"]] = ["USD", pd.Timestamp("2026-08-01")]
    frames["orders"] = scan(orders, connection=sources.connection)
    mixed = dataclasses.replace(sources, records=dataclasses.replace(sources.records, frames=frames))
    stakes = losses.churn(mixed).stakes
    assert stakes.missing == ("currency",) and np.isnan(stakes.revenue)
    assert retention(mixed).moves is None


def test_an_open_or_reopened_complaint_is_open():
    end = pd.Timestamp("2026-10-01")
    cases = pd.DataFrame(
        {
            "customer_id": ["never", "later", "done", "again", "future"],
            "opened_at": pd.to_datetime(["2026-08-01"] * 4 + ["2026-10-02"]),
            "resolved_at": pd.to_datetime([None, "2026-10-01", "2026-08-02", "2026-08-02", None]),
            "reopened_at": pd.to_datetime([None, None, None, "2026-08-05", None]),
        }
    )
    assert losses._open(cases, end) == {"never", "later", "again"}


# --- loyalty (A08) --------------------------------------------------------------------------------------


@pytest.mark.row("A08")
def test_the_claim_about_loyalty_is_tested_pair_by_pair(risk, sources):
    assert [(one.first, one.second) for one in risk.links] == list(losses.PAIRS)
    for one in risk.links:
        low, high = one.correlation.low, one.correlation.high
        assert one.correlation.found == (low > 0 or high < 0)
        assert fact(risk, "loyalty", f"{one.first}~{one.second}").value == one.correlation.value
    assert losses.loyalty(without(sources, "orders")) == ()


# --- staying (A20, G03, G12) ----------------------------------------------------------------------------


@pytest.mark.row("A20")
def test_cohorts_and_curve_of_a_small_book(sources):
    """Four begin in 2026Q1: one is lost in its quarter, one in the next; the oldest customer is left out."""
    rows = [
        ["a", "2026-01-10", "2026-03-01", "low", None, None],
        ["b", "2026-01-10", "2026-05-01", "low", None, None],
        ["c", "2026-01-10", None, "low", None, None],
        ["d", "2026-03-31", None, "low", None, None],
        ["old", "2019-01-01", "2026-09-01", "low", None, None],
    ]
    found = retention(tables(sources, customers=book(rows)))
    (cohort,) = [one for one in found.cohorts if one.n]
    assert (str(cohort.quarter), cohort.n, cohort.stayed) == ("2026Q1", 4, (3, 2, 2))
    assert (found.newcomers, found.lost, found.customers) == (4, 2, 2)
    curve = {point.months: point.value for point in found.curve}
    assert curve == {0: 100.0, 3: 75.0, 6: 50.0}
    assert found.absent == ("orders",) and found.moves is None and found.segments is None


@pytest.mark.row("A20")
def test_last_cells_of_the_cohorts_are_the_customers_who_are_there(risk, sources):
    customers = sources.table("customers")
    new = customers[customers["start_at"] >= "2024-10-01"]
    there = new[(new["start_at"] < "2026-10-01") & ~(new["end_at"] < "2026-10-01")]
    assert sum(one.stayed[-1] for one in risk.retention.cohorts) == len(there)
    assert sum(one.n for one in risk.retention.cohorts) == risk.retention.newcomers


@pytest.mark.row("G03")
def test_moves_reconcile_with_the_customer_list(risk, sources):
    moves = risk.retention.moves
    customers = sources.table("customers")
    for totals, day in ((moves.before, "2026-07-01"), (moves.after, "2026-10-01")):
        there = customers[(customers["start_at"] < day) & ~(customers["end_at"] < day)]
        assert sum(totals.values()) == len(there)
    assert moves.percent.sum(axis=1) == pytest.approx(np.full(4, 100.0))
    assert sum(moves.after.values()) == fact(risk, "customers").value


@pytest.mark.row("G12")
def test_segments_are_those_of_the_last_answers(risk, sources):
    answers = losses.customer_answers(sources)
    inside = answers[(answers["at"] >= "2026-07-01") & (answers["at"] < "2026-10-01")].dropna(
        subset="satisfied"
    )
    known = set(sources.table("customers")["customer_id"])
    shown = sum(one.n for one in risk.retention.segments)
    assert shown == inside[inside["customer_id"].isin(known)]["customer_id"].nunique()
    assert all(one.shown for one in risk.retention.segments)


# --- aftercare (A11, A12, G02, P12, G06) ----------------------------------------------------------------


@pytest.mark.row("P12")
def test_planned_is_on_time_and_late_and_missed_in_every_tier(risk):
    part = risk.aftercare.plans
    assert {"tier:high", "tier:mid", "tier:low"} <= set(part.subjects)
    for subject in [*part.subjects, "company"]:
        planned, late, missed = (part.of(subject, name).value for name in ("planned", "late", "missed"))
        on_time = fact(risk, "plan_on_time", subject).value
        assert planned == on_time + late + missed
        assert part.of(subject, "completion").value == pytest.approx(100 * (on_time + late) / planned)
    both = risk.aftercare.followed
    assert both.difference.difference == pytest.approx(both.done.value - both.others.value)


@pytest.mark.row("G02")
def test_promises_are_counted_by_tier(risk):
    part = risk.aftercare.promises
    tiers = [part.of(f"tier:{name}", "kept") for name in ("high", "mid", "low")]
    assert sum(row.n for row in tiers) == part.of("company", "kept").n
    kept = sum(row.value * row.n / 100 for row in tiers)
    assert kept == pytest.approx(part.of("company", "kept").value * part.of("company", "kept").n / 100)


@pytest.mark.row("G06")
def test_channels_sum_to_the_total(risk, quarter):
    *parts, total = risk.aftercare.channels
    assert total.channel == "company"
    assert sum(one.sums.leads for one in parts) == total.sums.leads
    assert sum(one.sums.won for one in parts) == total.sums.won
    assert total.conversion.value == pytest.approx(quarter.fact("2026Q3/A36.conversion/company").value)
    for one in parts:
        if not one.sums.won:
            assert one.cost_per_won.state != "measured"


def test_a_lead_of_a_campaign_counts_for_the_channel_of_the_campaign(sources):
    campaigns = pd.DataFrame(
        {
            "campaign_id": ["m1", "m2"],
            "channel": ["online", None],
            "start_at": pd.to_datetime(["2026-07-01", "2026-08-01"]),
            "cost": [Decimal("1200.00"), None],
            "attributed_revenue": [Decimal("1800.00"), Decimal("1.00")],
        }
    )
    leads = pd.DataFrame(
        {
            "lead_id": ["a", "b", "c", "d"],
            "campaign_id": ["m1", "m1", None, None],
            "source_channel": ["phone", "phone", "phone", None],
            "created_at": pd.to_datetime(["2026-05-01"] * 4),
            "won_at": pd.to_datetime(["2026-05-02", None, "2026-06-01", None]),
            "customer_id": ["k", "l", "m", "n"],
            "specialist_id": "S01",
            "kind": "new_customer",
            "contract_id": "x",
            "lost_at": pd.to_datetime([None] * 4),
            "passed_at": pd.to_datetime([None] * 4),
        }
    )
    frames = {"campaigns": campaigns, "leads": leads}
    made = {name: scan(frame, connection=sources.connection) for name, frame in frames.items()}
    made["leads"] = made["leads"].with_columns(nw.col("source_channel").cast(nw.String()))
    given = dataclasses.replace(
        sources, records=dataclasses.replace(sources.records, frames={**sources.frames, **made})
    )
    found, absent = care._channels(given)
    by_name = {one.channel: one for one in found}
    assert not absent and set(by_name) == {"online", "phone", care.NO_CHANNEL, "company"}
    online = by_name["online"]
    assert (online.sums.leads, online.sums.won, online.cost_per_won.value, online.roi.value) == (
        2,
        1,
        1200,
        50,
    )
    assert (by_name["phone"].sums.leads, by_name[care.NO_CHANNEL].sums.leads) == (1, 1)
    assert by_name["company"].cost_per_won.state == "unavailable", "one campaign states no cost"


@pytest.mark.row("A11")
def test_answers_that_name_no_complaint_are_not_measured(risk, sources):
    names = set(sources.answers.collect_schema().names())
    if {"type", "case_id"} <= names:
        pytest.skip("the sample has follow-up answers")
    assert risk.aftercare.resatisfaction.absent == care.FOLLOW_UP
    assert risk.aftercare.categories.absent == care.FOLLOW_UP


def followed_up(sources, sizes):
    """Return sources with resolved complaints by category, and the first answers to some of them."""
    cases = [
        (f"k{name}{i}", name, answered, satisfied)
        for name, (n, said, pleased) in sizes.items()
        for i, (answered, satisfied) in enumerate((j < said, j < pleased) for j in range(n))
    ]
    complaints = pd.DataFrame(
        {
            "case_id": [case[0] for case in cases],
            "customer_id": "C1",
            "category": [case[1] for case in cases],
            "opened_at": pd.Timestamp("2026-07-10"),
            "resolved_at": pd.Timestamp("2026-07-20"),
        }
    )
    empty = pd.to_datetime([None] * len(cases)).astype("datetime64[us]")
    for name in ("confirmed_at", "first_response_at", "due_at", "feedback_at", "reopened_at"):
        complaints[name] = empty
    said = [case for case in cases if case[2]]
    answers = pd.DataFrame(
        {
            "row_id": [f"r{place}" for place in range(len(said))],
            "excluded_by": "",
            "type": "complaint_followup",
            "case_id": [case[0] for case in said],
            "submitted_at": pd.Timestamp("2026-07-25"),
            "month": Period.parse("2026-07").first,
            "overall": [5.0 if case[3] else 2.0 for case in said],
        }
    )
    connection = connect()
    records = dataclasses.replace(
        sources.records,
        frames={"complaints": scan(complaints, connection=connection)},
    )
    return Sources(
        evaluation=sources.evaluation,
        answers=scan(answers, connection=connection),
        records=records,
        connection=connection,
    )


@pytest.mark.row("A11")
def test_re_satisfaction_stands_beside_its_response_rate(sources):
    """30 resolved, 12 answered, 9 satisfied: 75.0 % [46.77, 91.11], response rate 40.0 %."""
    found = care._part(
        followed := followed_up(sources, {"x": (30, 12, 9)}), "A11", [], care._follow_up(followed)
    )
    csat, rate = found.of("company", "csat"), found.of("company", "response_rate")
    assert (csat.value, rate.value) == (75.0, 40.0)
    assert (csat.conf_low, csat.conf_high) == pytest.approx((46.77, 91.11), abs=0.005)


@pytest.mark.row("A12")
def test_categories_sum_to_all_and_small_ones_are_hidden_with_one_more(sources):
    given = followed_up(sources, {"a": (50, 40, 30), "b": (30, 25, 20), "c": (10, 8, 1), "d": (30, 27, 9)})
    found = care._categories(given)
    assert {row.subject: bool(row.hidden) for row in found.rows} == {
        "category:a": False, "category:b": True, "category:c": True, "category:d": False,
    }  # fmt: skip
    whole = care._part(given, "A11", [], ()).of("company", "csat")
    assert sum(row.n for row in found.rows) == whole.n == 100
    assert sum(row.value * row.n for row in found.rows) == pytest.approx(whole.value * whole.n)


# --- a study without tables -----------------------------------------------------------------------------


def test_a_study_without_tables_measures_nothing_and_says_so(sources):
    nothing = without(sources, *sources.frames)
    found = assess_risk(nothing)
    assert found.churn.absent == ("customers",) and found.churn.stakes.missing == ("customers",)
    assert found.links == () and found.retention.absent == ("customers",)
    assert found.aftercare.channels is None and found.aftercare.channels_absent == ("leads", "campaigns")
    assert found.aftercare.promises.absent and found.aftercare.plans.absent
    assert found.aftercare.followed is None
    values = [one.value for key, one in found.facts.items() if "newcomers" not in key]
    assert values and np.isnan(values).all()
