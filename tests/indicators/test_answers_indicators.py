"""Satisfaction and recommendation from answers to estimates: the numbers of their requirements."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi.engine import connect, scan
from survey_kpi.indicators import count_cells, estimate_all, scores_of
from survey_kpi.period import Period
from survey_kpi.study.models import Codebook, Design, IndicatorSheet

QUARTER = Period.parse("2026Q3")
WORD = {"zh": "问题", "en": "question"}


def estimates(answers: list[float], *, kpi: str, scale: dict[str, object]) -> pd.DataFrame:
    """Estimates of one item, by measure; NaN is an answer that reading found to be missing."""
    item = {
        "id": "q",
        "role": "ltr" if kpi == "A07" else "overall",
        "scale": "s",
        "label": WORD,
        "question": WORD,
    }
    book = Codebook.model_validate({"schema_version": 1, "scales": {"s": scale}, "items": [item]})
    sheet = IndicatorSheet.model_validate(
        {"id": kpi, "kpi": kpi, "item": "q", "label": WORD, "definition": WORD}
    )
    scores = scores_of([sheet], book)
    frame = pd.DataFrame(
        {
            "row_id": [f"r{place}" for place in range(len(answers))],
            "respondent_id": [f"c{place}" for place in range(len(answers))],
            "month": QUARTER.first,
            "q": np.array(answers, dtype=float),
            "excluded_by": "",
        }
    )
    rows = scan(frame, connection=connect())
    cells = count_cells(rows, scores, codebook=book, levels=(), design=Design())
    found = estimate_all(cells, scores, (), [QUARTER], design=Design())
    return found.set_index("measure")


FIVE = {"low": 1, "high": 5, "top_box": [4, 5]}
TEN = {"low": 0, "high": 10, "top_box": [9, 10]}


@pytest.mark.row("A01")
def test_41_of_50_are_satisfied_and_missing_answers_are_no_base():
    answers = [5.0] * 30 + [4.0] * 11 + [3.0] * 9 + [np.nan] * 7
    found = estimates(answers, kpi="A01", scale=FIVE)
    top = found.loc["top_box"]
    assert (top["n"], top["value"]) == (50, pytest.approx(82.0))
    assert (round(top["conf_low"], 2), round(top["conf_high"], 2)) == (69.20, 90.23)
    assert found.loc["mean", "value"] == pytest.approx((150 + 44 + 27) / 50) and found.loc["mean", "n"] == 50


@pytest.mark.row("A01")
def test_the_box_is_that_of_the_declared_scale():
    answers = [10.0] * 3 + [9.0] * 2 + [8.0] * 5
    assert estimates(answers, kpi="A01", scale=TEN).loc["top_box", "value"] == pytest.approx(50.0)


@pytest.mark.row("A07")
def test_50_promoters_and_20_detractors_of_100():
    answers = [10.0] * 25 + [9.0] * 25 + [8.0] * 15 + [7.0] * 15 + [6.0] * 10 + [0.0] * 10 + [np.nan] * 4
    found = estimates(answers, kpi="A07", scale=TEN)
    nps = found.loc["nps"]
    assert (nps["n"], nps["value"]) == (100, pytest.approx(30.0))
    assert (round(nps["conf_low"], 2), round(nps["conf_high"], 2)) == (14.05, 44.20)
    shares = found.loc[["promoters", "passives", "detractors"], "value"]
    assert shares.tolist() == pytest.approx([50.0, 30.0, 20.0])


@pytest.mark.row("A07")
def test_eight_answers_are_computed_though_no_report_shows_them():
    nps = estimates([10.0] * 5 + [7.0] * 2 + [0.0], kpi="A07", scale=TEN).loc["nps"]
    assert nps["value"] == pytest.approx(50.0)
    assert (round(nps["conf_low"], 1), round(nps["conf_high"], 1)) == (-7.4, 80.2)
