"""Straight-liners who also hurry are found among honest answers, and hardly anybody else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi import engine
from survey_kpi.cleaning import clean
from survey_kpi.study.models import Cleaning, Codebook

ITEMS = [f"q{number}" for number in range(1, 9)]


@pytest.mark.row("W14")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_five_percent_planted_straight_liners(seed):
    rng = np.random.default_rng(seed)
    n, planted = 1_000, 50
    answers = np.clip(np.rint(4 + rng.normal(0, 0.6, (n, 1)) + rng.normal(0, 0.7, (n, 8))), 1, 5)
    seconds = rng.lognormal(np.log(120), 0.3, n)
    answers[:planted] = rng.integers(3, 6, (planted, 1))
    seconds[:planted] = rng.uniform(12, 38, planted)  # under a third of the median
    order = rng.permutation(n)
    rows = pd.DataFrame(answers[order], columns=ITEMS).assign(
        row_id=[f"r{row}" for row in order], source="web", period="2026Q3", duration_s=seconds[order]
    )
    words = {"zh": "题", "en": "item"}
    codebook = Codebook(
        schema_version=1,
        scales={"five": {"low": 1, "high": 5}},
        fields={"duration_s": {}},
        items=[{"id": name, "question": words, "label": words, "scale": "five"} for name in ITEMS],
    )
    act = {"action": "exclude"}
    policy = Cleaning(rules={"straight_line": act, "too_fast": act})
    found = engine.collect(clean(engine.scan(rows), codebook, policy).excluded)
    hits = sum(int(row_id[1:]) < planted for row_id in found["row_id"])
    assert hits / planted >= 0.90 and hits / len(found) >= 0.90
