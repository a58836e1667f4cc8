"""Outcome rates against the specification and R's outcomerate; the table of invitations."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError, SchemaError, SpecError
from survey_kpi.estimate import State
from survey_kpi.sampling import (
    OUTCOME_RATES,
    Dispositions,
    check_invites,
    count_dispositions,
    outcome_rates,
    proportional_share,
)

FIELD = Dispositions(I=650, P=50, R=150, NC=100, O=30, UO=20)
counts = st.builds(
    Dispositions, **{code: st.integers(0, 500) for code in ["I", "P", "R", "NC", "O", "UH", "UO", "NE"]}
)


def values(asked, e):
    return {code: rate.value for code, rate in outcome_rates(asked, eligible_share=e).items()}


@pytest.mark.row("P04")
def test_fixture():
    """Fixture P04, e = .5."""
    found = {code: round(value, 2) for code, value in values(FIELD, 0.5).items()}
    assert (
        found
        | {
            "RR1": 65.00,
            "RR2": 70.00,
            "RR3": 65.66,
            "RR4": 70.71,
            "RR5": 66.33,
            "RR6": 71.43,
            "COOP1": 73.86,
            "REF1": 15.00,
            "CON1": 88.00,
        }
        == found
    )


def test_every_rate_as_in_outcomerate():
    """README of the R package outcomerate: outcomerate(freq, e = eligibility_rate(freq)) with
    freq <- c(I = 4, P = 2, R = 1, NC = 1, O = 1, UH = 1, UO = 1, NE = 1).
    """
    asked = Dispositions(I=4, P=2, R=1, NC=1, O=1, UH=1, UO=1, NE=1)
    assert proportional_share(asked) == 0.9
    assert {code: round(value / 100, 3) for code, value in values(asked, 0.9).items()} == {
        "RR1": 0.364,
        "RR2": 0.545,
        "RR3": 0.370,
        "RR4": 0.556,
        "RR5": 0.444,
        "RR6": 0.667,
        "COOP1": 0.500,
        "COOP2": 0.750,
        "COOP3": 0.571,
        "COOP4": 0.857,
        "REF1": 0.091,
        "REF2": 0.093,
        "REF3": 0.111,
        "CON1": 0.727,
        "CON2": 0.741,
        "CON3": 0.889,
    }


def test_formulas_read_as_in_the_standard():
    """AAPOR (2016), Standard Definitions, as the documentation of R's outcomerate quotes them."""
    assert OUTCOME_RATES["RR3"].formula == "I / ((I + P) + (R + NC + O) + e(UH + UO))"
    assert OUTCOME_RATES["COOP1"].formula == "I / ((I + P) + R + O)"
    assert OUTCOME_RATES["COOP4"].formula == "(I + P) / ((I + P) + R)"
    assert OUTCOME_RATES["REF3"].formula == "R / ((I + P) + (R + NC + O))"
    assert OUTCOME_RATES["CON1"].formula == "((I + P) + R + O) / ((I + P) + (R + NC + O) + (UH + UO))"


@given(counts, st.floats(0, 1))
def test_formulas_are_what_is_computed(asked, e):
    letters = {code: getattr(asked, code) for code in ["I", "P", "R", "NC", "O", "UH", "UO"]}
    for code, rate in OUTCOME_RATES.items():
        above, below = rate.formula.replace("e(", "e * (").split(" / ", 1)
        base = eval(below, {}, letters | {"e": e})
        if base:
            expected = 100 * eval(above, {}, letters) / base
            assert values(asked, e)[code] == pytest.approx(expected)


@given(counts, st.floats(0, 1))
def test_laws_of_the_rates(asked, e):
    found = values(asked, e)
    assert all(math.isnan(value) or 0 <= value <= 100 + 1e-9 for value in found.values())
    if asked.eligible:
        for least, middle, most in (("RR1", "RR3", "RR5"), ("RR2", "RR4", "RR6"), ("REF1", "REF2", "REF3")):
            assert found[least] <= found[middle] + 1e-9 <= found[most] + 2e-9
        assert found["RR1"] <= found["RR2"] <= found["CON1"]
        assert values(asked, 1)["RR3"] == pytest.approx(found["RR1"])
        assert values(asked, 0)["RR3"] == pytest.approx(found["RR5"])


def test_intervals_belong_to_shares_of_cases():
    rates = outcome_rates(FIELD, eligible_share=0.5)
    for code, rate in rates.items():
        with_e = OUTCOME_RATES[code].unknown == "e"
        assert math.isnan(rate.conf_low) == with_e
        assert with_e or rate.conf_low < rate.value < rate.conf_high
    assert rates["RR1"].n == rates["RR3"].n == 1000
    assert (rates["RR3"].n_effective, rates["RR3"].method) == (990.0, "e = 0.5")
    assert rates["COOP3"].n == 850


def test_without_cases_there_is_no_rate():
    nobody = outcome_rates(Dispositions(NE=5), eligible_share=0.5)
    assert all(rate.state is State.UNAVAILABLE and rate.reason for rate in nobody.values())
    unknown = outcome_rates(Dispositions(UO=5), eligible_share=0)
    assert unknown["RR1"].value == 0
    assert unknown["RR3"].state is unknown["COOP1"].state is State.UNAVAILABLE


@pytest.mark.parametrize("e", [-0.1, 1.1, math.nan])
def test_an_impossible_share_is_refused(e):
    with pytest.raises(SpecError) as caught:
        outcome_rates(FIELD, eligible_share=e)
    assert caught.value.code == "share_range"


def test_the_share_of_nobody_cannot_be_estimated():
    with pytest.raises(MethodError, match="declare e") as caught:
        proportional_share(Dispositions(UH=9))
    assert caught.value.code == "eligibility_unknown"


def test_negative_counts_are_refused():
    with pytest.raises(MethodError) as caught:
        Dispositions(I=-1)
    assert caught.value.code == "counts_invalid"


def test_every_invitation_is_counted_once():
    codes = ["I", " I ", "P", "R", "NC", "O", "UH", "UO", "NE", "complete", "", None, float("nan"), 3]
    asked = count_dispositions(codes)
    assert asked == Dispositions(I=2, P=1, R=1, NC=1, O=1, UH=1, UO=6, NE=1)


# --- the table of invitations -------------------------------------------------------------------------


def invitations(**columns):
    good = {
        "invite_id": ["i1", "i2"],
        "customer_id": ["c1", "c2"],
        "specialist_id": ["s07", None],
        "sent_at": ["2026-08-14T10:22:05+08:00", None],
        "disposition": ["I", "UH"],
        "stratum": ["s07×VIP", ""],
        "inclusion_probability": [0.10, 1],
        "design_weight": ["10.0", None],
        "drawn_by": ["program", "manual"],
        "draw_id": ["d2026Q3", None],
    }
    return pd.DataFrame(good | columns)


def test_good_invitations_have_no_audit_row():
    found = check_invites(invitations(note="further columns are let through"))
    assert list(found) == ["row_id", "rule", "item", "action", "detail"]
    assert found.empty


@pytest.mark.parametrize(
    ("item", "cells", "rule", "action"),
    [
        ("invite_id", ["i1", "i1"], "duplicate_id", "flag"),
        ("invite_id", ["i1", " "], "id_missing", "flag"),
        ("customer_id", ["c1", None], "id_missing", "flag"),
        ("disposition", ["I", "complete"], "undeclared_code", "set_missing"),
        ("disposition", ["I", None], "id_missing", "flag"),
        ("sent_at", ["2026-08-14", "14/08/2026"], "time_unread", "set_missing"),
        ("inclusion_probability", [0.1, 0], "out_of_range", "set_missing"),
        ("inclusion_probability", [0.1, "1.01"], "out_of_range", "set_missing"),
        ("design_weight", [10, -1], "out_of_range", "set_missing"),
        ("design_weight", [10, "inf"], "out_of_range", "set_missing"),
        ("design_weight", [10, "ten"], "out_of_range", "set_missing"),
        ("drawn_by", ["program", "me"], "undeclared_code", "set_missing"),
    ],
)
def test_unusable_cells_are_audit_rows(item, cells, rule, action):
    found = check_invites(invitations(**{item: cells}))
    assert found[["row_id", "rule", "item", "action"]].values.tolist() == [["2", rule, item, action]]
    assert found["detail"].str.len().min() > 0


def test_audit_rows_stand_in_the_order_of_the_table():
    table = invitations(disposition=["x", "y"], invite_id=["", ""])
    assert check_invites(table)["row_id"].tolist() == ["1", "1", "2", "2"]


def test_hostile_cells_are_cut_and_escaped():
    detail = check_invites(invitations(disposition=["I", "\x1b[2J\n" + "x" * 10_000]))["detail"][0]
    assert "\x1b" not in detail and "\n" not in detail and len(detail) < 300


def test_missing_columns_are_told_at_once():
    with pytest.raises(SchemaError, match="did you mean 'invite id'") as caught:
        check_invites(pd.DataFrame({"invite id": ["i1"], "customer_id": ["c1"]}))
    assert [problem.code for problem in caught.value.problems] == ["column_missing"] * 2
