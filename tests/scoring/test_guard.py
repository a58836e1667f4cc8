"""The pay guard: three bands, quarter and pool, drift, evidence of a score."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import MethodError
from survey_kpi.scoring.bands import band_of
from survey_kpi.scoring.composite import composite
from survey_kpi.scoring.distributions import rates
from survey_kpi.scoring.evidence import CAPS, graded, score_evidence
from survey_kpi.scoring.guard import (
    answers_to_decide,
    decide,
    drift_of_rates,
    drift_of_values,
    guarded_bands,
    guarded_rates,
)
from survey_kpi.scoring.totals import Goal, printed_scores
from survey_kpi.study.models import Band, EvidenceRule, ScoreRule, Text
from survey_kpi.study.rewards import PayGuard

GUARD = PayGuard()
IDENTITY = ScoreRule(formula="identity")
GOALS = [Goal(indicator=name, target=80.0, direction="higher", anchor=0.0) for name in ("A01", "A12")]
WORD = Text(zh="档", en="band")
BANDS = [
    Band(id="low", label=WORD, low=0, high=60),
    Band(id="middle", label=WORD, low=60, high=80),
    Band(id="top", label=WORD, low=80, high=120),
]
LOW, MIDDLE, TOP = 0, 1, 2


@pytest.mark.row("R02")
@pytest.mark.parametrize(
    ("first", "second", "score", "raw", "p60", "p80", "decisions"),
    [  # fixture "Three bands": decisions by last band top, middle, low
        (28, 57, 94.00, TOP, 1.0000, 0.9971, (TOP, TOP, TOP)),
        (24, 52, 82.67, TOP, 0.9998, 0.6123, (TOP, MIDDLE, MIDDLE)),
        (20, 40, 66.67, MIDDLE, 0.8513, 0.0020, (MIDDLE, MIDDLE, MIDDLE)),
        (16, 36, 56.00, LOW, 0.2344, 0.0000, (MIDDLE, MIDDLE, LOW)),
        (15, 29, 49.33, LOW, 0.0332, 0.0000, (LOW, LOW, LOW)),
    ],
)
def test_three_bands(first, second, score, raw, p60, p80, decisions):
    values = [100 * first / 30, 100 * second / 60]
    marginals = [
        rates([value], [n], target=80, shrunk=False) for value, n in zip(values, (30, 60), strict=True)
    ]
    found = composite(marginals, GOALS, [0.6, 0.4], IDENTITY)
    reach = found.reaching(BANDS)
    assert reach[0].round(4).tolist() == [1.0, p60, p80]
    printed = float(printed_scores([values], GOALS, [0.6, 0.4], IDENTITY)[0])
    assert printed == pytest.approx(score, abs=5e-3)
    band = band_of(printed, BANDS)
    assert band is not None and BANDS.index(band) == raw
    bands = guarded_bands(np.repeat(reach, 3, axis=0), [raw] * 3, [TOP, MIDDLE, LOW], GUARD)
    assert tuple(bands) == decisions
    assert guarded_bands(reach, [raw], [-1], GUARD)[0] == decisions[0]


edges = st.lists(st.floats(0, 1), min_size=2, max_size=2).map(lambda p: [1.0, *sorted(p, reverse=True)])


@given(edges, st.integers(0, 2), st.integers(0, 2))
def test_a_move_never_passes_the_raw_band(reach, raw, last):
    band = guarded_bands([reach], [raw], [last], GUARD)[0]
    assert min(last, raw) <= band <= max(last, raw)
    if band < last:
        assert reach[band + 1] <= GUARD.down
    if band > last:
        assert reach[band] >= GUARD.up


def test_two_bands_are_the_rule_of_one_rate():
    p = np.array([0.02, 0.10, 0.1001, 0.5, 0.7999, 0.80, 0.99])
    bands = guarded_bands(np.stack([np.ones(7), p], axis=1), (p > 0.5).astype(int), np.ones(7), GUARD)
    assert bands.tolist() == guarded_rates(p, np.ones(7, bool), GUARD).tolist() == [0, 0, 1, 1, 1, 1, 1]


def test_24_of_30_is_held_harmless():
    """Fixture "Posterior": P = .4289 decides nothing."""
    assert guarded_rates([0.4289, 0.4289], [True, False], GUARD).tolist() == [1, 0]


@pytest.mark.parametrize(("x", "n", "more"), [(25, 30, 92), (27, 30, 0), (21, 30, 0), (24, 30, None)])
def test_how_many_more_answers_would_decide(x, n, more):
    """Flat prior, threshold .80: 25/30 needs 92 more, 27/30 (P = .8930) and 21/30 (P = .0746) none."""
    assert answers_to_decide(x, n, 0.8, GUARD) == more


def test_one_look_decides_on_quarter_or_pool_and_two_looks_on_both():
    quarter, pool, n, last = [2, 1, 2, 1], [1, 0, 1, 2], [30, 30, 100, 120], [2, 2, 2, 2]
    single = decide(quarter, pool, n, last, GUARD)
    assert single.band.tolist() == [1, 0, 2, 1] and single.pooled.tolist() == [True, True, False, False]
    double = decide(quarter, pool, n, last, PayGuard(looks="two"))
    assert double.band.tolist() == [1, 1, 2, 1] and double.pooled.tolist() == [True, False, False, False]
    assert double.held.tolist() == [False, False, True, False]


@given(st.lists(st.tuples(st.integers(1, 29), st.just(30)), min_size=2, max_size=6))
def test_drift_is_pearsons_chi_square(quarters):
    x, n = np.array(quarters).T
    expected = stats.chi2_contingency([x, n - x], correction=False).pvalue
    assert drift_of_rates([x], [n])[0] == pytest.approx(expected, abs=1e-9)


def test_drift_needs_two_quarters_with_answers():
    found = drift_of_rates([[24, 0, 0], [30, 30, 0]], [[30, 0, 0], [30, 30, 0]])
    assert np.isnan(found[0]) and found[1] == 1.0
    values = drift_of_values([[30.0, math.nan], [30.0, 60.0]], [[8.0, 8.0], [8.0, 8.0]])
    assert np.isnan(values[0])
    assert values[1] == pytest.approx(stats.chi2.sf(2 * 15**2 / 64, 1))


# --- evidence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "options", "expected"),
    [
        (250, {}, ("A", "A", ())),
        (250, {"reliability": 0.69}, ("C", "A", ("reliability",))),
        (250, {"reliability": 0.70}, ("A", "A", ())),
        (250, {"doubts": ["self_report", "coverage_alarm"]}, ("D", "A", ("self_report", "coverage_alarm"))),
        (150, {"doubts": ["definition_break"]}, ("D", "B", ("definition_break",))),
        (20, {"doubts": ["self_report"]}, ("D", "D", ())),
        (9, {"doubts": ["coverage_alarm"]}, ("", "", ())),
        (0, {"error_free": True}, ("A", "A", ())),
        (0, {"error_free": True, "doubts": ["self_report"]}, ("C", "A", ("self_report",))),
    ],
)
def test_caps_keep_the_uncapped_grade_and_say_why(n, options, expected):
    found = graded(n, EvidenceRule(), **options)
    assert (found.grade, found.uncapped, found.reasons) == expected


def test_an_unknown_doubt_is_refused():
    with pytest.raises(MethodError, match="coverage_alarm"):
        graded(10, EvidenceRule(), doubts=["coverage_alarms"])
    assert set(CAPS.values()) == {"C", "D"}


@pytest.mark.parametrize(
    ("weights", "grades", "expected"),
    [
        ((0.5, 0.3, 0.2), "ABD", "B"),
        ((0.5, 0.3, 0.2), "ADB", "D"),
        ((0.4, 0.3, 0.3), "ACD", "D"),  # a tie: the worse one first, and .7 is not enough
        ((0.8, 0.1, 0.1), "BDD", "B"),
        ((0.6, 0.2, 0.2), "AAD", "D"),  # at the tie the worse one carries the sum to .8
        ((1.0,), "C", "C"),
    ],
)
def test_a_score_is_graded_by_what_carries_its_weight(weights, grades, expected):
    parts = pd.DataFrame({"subject": "s1", "weight": weights, "evidence": list(grades), "n": 50.0})
    assert score_evidence(parts)["evidence"].tolist() == [expected]


def test_the_base_of_a_score_is_the_smallest_that_carries_it():
    parts = pd.DataFrame(
        {
            "subject": ["s2", "s2", "s2", "s1", "s1", "s1"],
            "weight": [0.5, 0.3, 0.2] * 2,
            "evidence": ["A", "B", "D", "A", "A", "A"],
            "n": [250, 120, 12, math.nan, math.nan, math.nan],
        }
    )
    found = score_evidence(parts)
    assert found["subject"].tolist() == ["s2", "s1"]
    assert found["n"][0] == 120 and math.isnan(found["n"][1])
