"""Streaks: what counts, what breaks, how far luck goes."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from survey_kpi.errors import SpecError
from survey_kpi.inference.posterior import rate_posterior
from survey_kpi.scoring.streaks import luck_of_anybody, luck_of_run, streaks
from survey_kpi.study.rewards import Streak

TWO = Streak(k=2, threshold=100)


def quarters(*told):
    periods = [f"{2025 + place // 4}Q{place % 4 + 1}" for place in range(len(told))]
    grades, chances = zip(*told, strict=True)
    return pd.DataFrame({"subject": "s1", "period": periods, "evidence": grades, "probability": chances})


@pytest.mark.row("R04")
@pytest.mark.parametrize(
    ("told", "current", "longest", "reached"),
    [
        ([("A", 0.9), ("B", 0.8)], 2, 2, "2025Q2"),
        ([("A", 0.9), ("C", 0.1), ("B", 0.9)], 2, 2, "2025Q3"),  # without evidence: neither counts nor breaks
        ([("A", 0.9), ("C", 0.99)], 1, 1, ""),
        ([("A", 0.9), ("A", 0.79), ("A", 0.9)], 1, 1, ""),  # with evidence: breaks
        ([("A", 0.9), ("", math.nan), ("A", 0.9), ("A", 0.1)], 0, 2, "2025Q3"),
        ([("A", 0.9), ("A", math.nan), ("A", 0.9)], 2, 2, "2025Q3"),
        ([("D", 0.9)], 0, 0, ""),
    ],
)
def test_only_quarters_with_evidence_count_or_break(told, current, longest, reached):
    found = streaks(quarters(*told), TWO).iloc[0]
    assert (found["current"], found["longest"], found["reached"]) == (current, longest, reached)


def test_quarters_may_come_in_any_order():
    table = quarters(("A", 0.9), ("A", 0.9), ("A", 0.1), ("B", 0.95))
    assert streaks(table.sample(frac=1, random_state=3), TWO).equals(streaks(table, TWO))


@pytest.mark.row("R04")
@pytest.mark.row("T07")
@pytest.mark.parametrize(
    ("period", "rule", "code"),
    [
        ("2026-07", TWO, "period_too_short_for_grade"),
        ("2026Q3-R4", TWO, "period_unknown"),
        ("2026Q3", Streak(threshold=100), "streak_undefined"),
    ],
)
def test_months_rolling_years_and_several_are_refused(period, rule, code):
    with pytest.raises(SpecError) as refusal:
        streaks(
            pd.DataFrame({"subject": ["s1"], "period": period, "evidence": "A", "probability": 0.9}), rule
        )
    assert refusal.value.code == code


@pytest.mark.parametrize(("chance", "k", "periods"), [(0.2, 2, 6), (0.5, 3, 7), (0.8, 1, 3)])
def test_luck_is_the_sum_over_all_histories(chance, k, periods):
    total = 0.0
    for history in itertools.product([0, 1], repeat=periods):
        runs = [len(list(run)) for good, run in itertools.groupby(history) if good]
        if max(runs, default=0) >= k:
            total += chance ** sum(history) * (1 - chance) ** (periods - sum(history))
    assert luck_of_run(chance, k, periods) == pytest.approx(total)


@pytest.mark.row("R04")
def test_luck_of_the_variant_of_w2():
    """Month excellent if share >= .90 with n = 15, true .80: .039 per person, .55 for any of 20."""
    chance = float(stats.binom.sf(13, 15, 0.8))
    assert luck_of_run(chance, 3, 12) == pytest.approx(0.039, abs=5e-4)
    assert luck_of_anybody(chance, 3, 12, 20) == pytest.approx(0.55, abs=5e-3)
    assert luck_of_anybody(1.0, 1, 1, 3) == 1.0


@pytest.mark.row("R04")
def test_the_guarded_rule_rewards_no_luck():
    """20 identical people at .80, excellence at .90, rolling three months with n = 45: 0 of 60 worlds."""
    rng = np.random.default_rng(60)
    lucky = 0
    for _ in range(60):
        x = rng.binomial(15, 0.8, (12, 20))
        rolling = np.stack([x[m : m + 3].sum(axis=0) for m in range(10)])
        sure = np.stack([rate_posterior(row, [45] * 20, target=0.9).tail(0.9) >= 0.8 for row in rolling])
        lucky += bool((sure[:-2] & sure[1:-1] & sure[2:]).any())
    assert lucky == 0
