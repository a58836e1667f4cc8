"""Listings, the audit of indicators, contributions: every row that is declared is found, none is dropped."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from survey_kpi.engine import scan
from survey_kpi.evaluation.appraisal.evidence import evidence
from survey_kpi.evaluation.appraisal.indicator_audit import audit_indicators
from survey_kpi.evaluation.appraisal.listings import (
    STATED,
    UNATTRIBUTED,
    _contacts,
    _library,
    list_rows,
)
from survey_kpi.evaluation.appraisal.sources import open_sources
from survey_kpi.indicators import INDICATORS
from survey_kpi.inference.intervals import wilson


@pytest.fixture(scope="module")
def sources(quarter):
    return open_sources(quarter)


@pytest.fixture(scope="module")
def listings(sources):
    return list_rows(sources)


def changed(sources, **frames):
    """Return sources with some tables replaced, None taking one away."""
    made = {
        name: scan(table, connection=sources.connection)
        for name, table in frames.items()
        if table is not None
    }
    kept = {name: frame for name, frame in sources.frames.items() if name not in frames}
    return dataclasses.replace(sources, records=dataclasses.replace(sources.records, frames={**kept, **made}))


def alone(sources, code, name):
    """Return one listing by itself."""
    return _library(sources, sources.with_spans([sources.period]), INDICATORS[code], name)


def of_period(table, column):
    inside = (table[column] >= "2026-07-01") & (table[column] < "2026-10-01")
    return table[inside]


# --- listings -------------------------------------------------------------------------------------------


def test_every_listing_of_the_library_is_evaluated(listings):
    declared = {f"{row.code}.{name}" for row in INDICATORS.values() if row.view for name in row.listings}
    assert declared | {UNATTRIBUTED, STATED} == set(listings.found)
    for name, one in listings.found.items():
        fact = listings.facts[f"2026Q3/appraisal.listing_rows/{name}"]
        assert (fact.value == len(one.rows)) if one.measured else np.isnan(fact.value)
        assert listings.table(name).equals(one.rows)


@pytest.mark.row("A14")
def test_repeats_are_all_of_their_chains_but_the_first(listings, sources):
    """The ids that the indicator's numerator counts, and the chains that they stand in."""
    cases = sources.table("complaints").sort_values(["customer_id", "category", "opened_at", "case_id"])
    cases = cases.dropna(subset=["customer_id", "category"])
    gap = cases.groupby(["customer_id", "category"])["opened_at"].diff()
    repeats = of_period(cases[gap <= pd.Timedelta(days=30)], "opened_at")
    assert set(listings.found["A14.repeats"].rows["unit"]) == set(repeats["case_id"])
    followers = listings.chains.dropna(subset="days")
    mine = of_period(followers, "opened_at")
    assert set(repeats["case_id"]) == set(mine["case_id"])
    assert listings.facts["2026Q3/appraisal.chains/company"].value == listings.chains["chain"].max()


@pytest.mark.row("A29")
def test_over_contacted_customers_are_those_above_the_limit(listings, sources):
    touches = of_period(sources.table("interactions"), "at")
    ours = touches[touches["direction"] != "in"]
    counts = ours.groupby(["customer_id", ours["at"].dt.month]).size()
    assert listings.limit == 4
    found = listings.found["A29.over_contacted"].rows
    assert sorted(found["unit"]) == sorted(counts[counts > 4].index.get_level_values(0))
    table = dict(zip(listings.contacts["contacts"], listings.contacts["n"], strict=True))
    assert table == counts.value_counts().to_dict()


@pytest.mark.row("A29")
def test_five_contacts_in_a_month_are_listed_and_four_are_not(sources):
    """Two customers: five contacts in July, and four in July with one in August."""
    days = [f"2026-07-0{day}" for day in range(1, 10)] + ["2026-08-01"]
    touches = pd.DataFrame(
        {
            "interaction_id": [f"i{place}" for place in range(10)],
            "customer_id": ["five"] * 5 + ["four"] * 5,
            "at": pd.to_datetime(days),
            "direction": "out",
        }
    )
    for name, column in sources.table("interactions").items():
        if name not in touches:
            touches[name] = pd.Series([None] * 10, dtype=column.dtype)
    given = changed(sources, interactions=touches)
    assert alone(given, "A29", "over_contacted").rows["unit"].tolist() == ["five"]
    contacts, limit = _contacts(given, given.with_spans([given.period]))
    assert (contacts.to_numpy().tolist(), limit) == ([[1, 1], [4, 1], [5, 1]], 4)


@pytest.mark.row("A43")
def test_sharing_without_evidence_is_listed(sources):
    rows = pd.DataFrame(
        {
            "contribution_id": ["a", "b", "c"],
            "specialist_id": "S01",
            "kind": ["sharing", "sharing", "project"],
            "at": pd.Timestamp("2026-08-01"),
            "accepted": True,
            "lead_rating": 4.0,
            "evidence_id": ["v1", " ", None],
        }
    )
    given = changed(sources, contributions=rows)
    sharing, projects = (alone(given, code, "without_evidence") for code in ("A43", "A45"))
    assert sharing.rows["unit"].tolist() == ["b"] and projects.rows["unit"].tolist() == ["c"]
    assert (sharing.name, sharing.table) == ("A43.without_evidence", "contributions")


@pytest.mark.row("W03")
def test_unattributed_answers_are_listed_and_the_rest_is_a_share(listings, sources):
    share, listed = listings.attributed, listings.found[UNATTRIBUTED].rows
    assert round(share.value * share.n / 100) == share.n - len(listed)
    low, high = wilson(share.n - len(listed), share.n)
    assert (share.conf_low, share.conf_high) == pytest.approx((100 * low, 100 * high))


@pytest.mark.row("W03")
def test_rows_that_name_another_than_the_owner_are_listed(listings, sources):
    """By hand over the interactions: the owner at the time against the specialist that the row names."""
    touches = of_period(sources.table("interactions"), "at").dropna(subset="specialist_id")
    owned = touches.merge(sources.table("ownership"), on="customer_id", suffixes=("", "_owner"))
    inside = (owned["at"] >= owned["valid_from"]) & ~(owned["valid_to"] <= owned["at"])
    wrong = owned[inside & (owned["specialist_id"] != owned["specialist_id_owner"])]
    listed = set(listings.found[STATED].rows["unit"])
    assert set(wrong["interaction_id"]) <= listed
    assert not (set(touches["interaction_id"]) - set(wrong["interaction_id"])) & listed


def test_what_a_study_lacks_is_not_measured_and_named(sources):
    found = list_rows(changed(sources, complaints=None, interactions=None, ownership=None)).found
    assert found["A14.repeats"].absent == ("complaints",)
    assert found[STATED].absent == ("ownership",)
    assert "interactions" in found["A29.over_contacted"].absent
    assert not found["A29.over_contacted"].measured and found["A43.without_evidence"].measured


# --- indicators under audit -----------------------------------------------------------------------------


@pytest.mark.row("M18")
def test_every_indicator_with_figures_of_people_is_audited(sources, quarter):
    found = audit_indicators(sources)
    names = [sheet.id for sheet in quarter.study.indicators.indicators]
    assert [row.indicator for row in found.rows] + list(found.unseen) == names
    assert found.people == len(quarter.scores)
    rows = {row.indicator: row for row in found.rows}
    assert (rows["A19"].twin, rows["A20"].twin) == ("A20", "A19"), "churn and retention say the same"
    assert rows["A20"].twin_r == pytest.approx(1.0), "both are turned so that more is better"
    assert set(found.influence) == set(quarter.study.rules.scored)
    assert all(row.code == "covers" for row in found.shortlist) and found.shortlist
    assert sum(row.weight for row in found.shortlist) == pytest.approx(1)


@pytest.mark.row("M18")
def test_a_copied_column_is_flagged_with_its_twin(sources, quarter):
    table = quarter.estimates
    speed = table[(table["indicator"] == "A01-speed")]
    copied = speed.assign(indicator="A01-attitude")
    rest = table[table["indicator"] != "A01-attitude"]
    estimates = pd.concat([rest, copied], ignore_index=True)
    found = audit_indicators(
        dataclasses.replace(sources, evaluation=dataclasses.replace(quarter, estimates=estimates))
    )
    rows = {row.indicator: row for row in found.rows}
    assert (rows["A01-speed"].twin, rows["A01-attitude"].twin) == ("A01-attitude", "A01-speed")


@pytest.mark.row("W11")
def test_hours_that_are_not_stated_leave_the_burden_incomplete(sources, quarter):
    found = audit_indicators(sources)
    stated = [
        sheet.cost_hours for sheet in quarter.study.indicators.indicators if sheet.cost_hours is not None
    ]
    assert found.burden.complete == (len(stated) == len(quarter.study.indicators.indicators))
    missing = found.facts["2026Q3/appraisal.audit_hours_missing/company"].value
    assert missing == len(quarter.study.indicators.indicators) - len(stated)
    total = found.facts["2026Q3/appraisal.audit_hours/company"]
    assert (total.value == sum(stated)) if stated else np.isnan(total.value)


@pytest.mark.row("W01")
def test_scored_indicators_and_their_effective_number(sources, quarter):
    found = audit_indicators(sources)
    weights = np.array(list(quarter.weighting.combined.values.values()))
    assert found.scored == len(quarter.study.rules.scored)
    assert found.effective == pytest.approx(1 / (weights**2).sum())


def test_nobody_evaluated_nothing_audited(sources, quarter):
    estimates = quarter.estimates[quarter.estimates["level"] != "specialist"]
    found = audit_indicators(
        dataclasses.replace(sources, evaluation=dataclasses.replace(quarter, estimates=estimates))
    )
    assert (found.rows, found.reason) == ((), "no_people")


# --- contributions and own word -------------------------------------------------------------------------


@pytest.mark.row("A44")
def test_contributions_stand_with_the_share_of_the_team(sources):
    """Three accepted of five of one person, one of two of a colleague: three quarters of the team's."""
    rows = pd.DataFrame(
        {
            "contribution_id": [f"k{place}" for place in range(7)],
            "specialist_id": ["S01"] * 5 + ["S02"] * 2,
            "kind": "knowledge_base",
            "at": pd.Timestamp("2026-08-01"),
            "accepted": [True, True, True, False, False, True, False],
            "lead_rating": np.nan,
            "evidence_id": "v",
        }
    )
    first, second = evidence(changed(sources, contributions=rows)).contributors
    assert (first.subject, first.accepted, first.submitted) == ("S01", 3, 5)
    assert (first.team, first.share, second.share) == (second.team, 75.0, 25.0)
    assert evidence(changed(sources, contributions=None)).absent == ("contributions",)


@pytest.mark.row("W04")
def test_own_word_is_named_with_the_system_figure_of_its_kind(sources, quarter):
    found = evidence(sources)
    declared = [one.id for one in quarter.study.indicators.indicators if one.source == "self_report"]
    assert [one.indicator for one in found.own_word] == declared
