"""Total scores: weights, unmeasured indicators, bands."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.scoring import Goal, band_of, evidence_grade, score_subjects
from survey_kpi.study.models import Band, EvidenceRule, Rules, Text

GOALS = [Goal(indicator=name, target=100.0, direction="higher", anchor=0.0) for name in "abc"]
WEIGHTS = {"a": 0.5, "b": 0.3, "c": 0.2}


def rules(policy="hold_harmless"):
    label = Text(zh="档", en="band")
    return Rules(
        schema_version=1,
        scored=("a", "b", "c"),
        indicator_weights={"declared": WEIGHTS},
        score={"formula": "linear", "when_unmeasured": policy},
        bands=[
            Band(id="low", label=label, low=0, high=60),
            Band(id="middle", label=label, low=60, high=80),
            Band(id="full", label=label, low=80, high=120),
        ],
    )


def estimates(**values):
    return pd.DataFrame(
        [
            {"subject": "s01", "indicator": name, "value": value, "n": n, "state": state, "reason": ""}
            for name, (value, n, state) in values.items()
        ]
    )


def measured(a=90.0, b=80.0, c=70.0, n=50):
    return estimates(a=(a, n, "measured"), b=(b, n, "measured"), c=(c, n, "measured"))


def total(table, policy="hold_harmless"):
    return score_subjects(table, GOALS, WEIGHTS, rules(policy)).totals.iloc[0]


def test_score_is_the_weighted_sum():
    row = total(measured())
    assert row["score"] == pytest.approx(0.5 * 90 + 0.3 * 80 + 0.2 * 70)
    assert row["band"] == "full"


@pytest.mark.row("M10")
@pytest.mark.parametrize(
    ("policy", "score"), [("hold_harmless", None), ("reweight_printed", 86.25), ("zero_with_reason", 69.0)]
)
def test_an_unmeasured_indicator_follows_the_declared_rule(policy, score):
    """Row M10: weights .5/.3/.2, attainments 90 and 80, the third not measured."""
    row = total(
        estimates(a=(90, 50, "measured"), b=(80, 50, "measured"), c=(math.nan, 0, "unavailable")), policy
    )
    assert "c" in row["reason"]
    if score is None:
        assert math.isnan(row["score"]) and row["band"] == "" and row["state"] == "unavailable"
    else:
        assert row["score"] == pytest.approx(score)


def test_a_small_base_is_not_measured():
    row = total(measured(n=9))
    assert math.isnan(row["score"]) and "fewer than 10 answers" in row["reason"]


def test_nobody_measured_never_scores_zero_by_accident():
    table = estimates(**dict.fromkeys("abc", (math.nan, 0, "unavailable")))
    for policy in ("hold_harmless", "reweight_printed", "zero_with_reason"):
        assert math.isnan(total(table, policy)["score"])


@given(st.floats(0, 120))
def test_bands_tile_the_scale(score):
    bands = rules().bands
    found = band_of(score, bands)
    assert found is not None
    assert found.low <= score and (score < found.high or score == 120)


@pytest.mark.row("R02")
def test_band_edges():
    bands = rules().bands
    assert [band_of(score, bands).id for score in (59.9999, 60, 79.96, 80, 120)] == [
        "low",
        "middle",
        "middle",
        "full",
        "full",
    ]
    assert band_of(math.nan, bands) is None


@pytest.mark.parametrize(("n", "grade"), [(200, "A"), (199.9, "B"), (99, "C"), (29, "D"), (9, "")])
def test_evidence_grades(n, grade):
    assert evidence_grade(n, EvidenceRule()) == grade


def test_a_cap_only_lowers():
    assert evidence_grade(500, EvidenceRule(), cap="C") == "C"
    assert evidence_grade(12, EvidenceRule(), cap="C") == "D"
