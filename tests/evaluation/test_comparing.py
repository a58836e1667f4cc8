"""Changes of the company: the same customers' answers in both periods are not independent."""

from __future__ import annotations

import math

import pytest

from survey_kpi.evaluation.tables import diagnostics
from survey_kpi.frames import rows_of


def company(evaluation, period):
    found = evaluation.estimates
    rows = found[(found["period"] == str(period)) & (found["subject"] == "company")]
    return {(row.indicator, row.measure): row for row in rows_of(rows)}


def compared(evaluation):
    return evaluation.comparisons[evaluation.comparisons["reason"] == ""]


def check(evaluation):
    now, before = (company(evaluation, period) for period in (evaluation.period, evaluation.against))
    for row in rows_of(compared(evaluation)):
        a, b = (side[row.indicator, row.measure].std_error for side in (now, before))
        expected = math.sqrt(a**2 + b**2 - 2 * row.correlation * a * b)
        assert row.std_error == pytest.approx(expected, rel=1e-9)
        fact = evaluation.fact(f"{evaluation.period}/{row.indicator}.{row.measure}/company:correlation")
        assert fact.value == row.correlation and fact.unit == "share"


def test_customers_who_answer_again_are_in_the_standard_error(quarter):
    """Some four in ten customers of the sample study answer in both quarters, nearly at random."""
    check(quarter)
    assert compared(quarter)["correlation"].abs().between(1e-9, 0.1).all()


def test_rolling_years_share_three_quarters_of_their_answers(year):
    check(year)
    assert compared(year)["correlation"].between(0.7, 0.85).all()


def test_waves_without_a_customer_field_stay_independent(sfo):
    assert (sfo.comparisons["correlation"] == 0).all()
    assert not any(key.endswith(":correlation") for key in sfo.facts)


def test_doubts_about_the_design_stand_with_those_about_the_weights(quarter):
    doubt = {"code": "lonely_unit", "where": "sampling design", "message": "one answer only in stratum B"}
    table = diagnostics(quarter.weighting, [doubt])
    assert len(table) == len(diagnostics(quarter.weighting)) + 1
    assert table.iloc[-1].to_dict() == doubt
