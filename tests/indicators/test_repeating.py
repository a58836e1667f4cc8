"""Covariance of two periods from one scan: that of the design on rows, whatever repeats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from survey_kpi.designs.comparisons import mean_difference
from survey_kpi.designs.design import declare_design
from survey_kpi.engine import connect, scan
from survey_kpi.indicators import scores_of
from survey_kpi.indicators.designed import lonely_strata
from survey_kpi.indicators.repeating import NOBODY, repeating
from survey_kpi.period import Period
from survey_kpi.study.models import Codebook, Design, IndicatorSheet

NOW, BEFORE = Period.parse("2026Q3"), Period.parse("2026Q2")
WORD = {"zh": "满意", "en": "satisfied"}
PLAIN = Design()
WEIGHTED = Design(weight="weight", stratum="stratum")


def codebook(*fields):
    return Codebook.model_validate(
        {
            "schema_version": 1,
            "scales": {"five": {"low": 1, "high": 5, "top_box": [4, 5]}},
            "fields": {name: {} for name in fields},
            "items": [{"id": "overall", "role": "overall", "scale": "five", "label": WORD, "question": WORD}],
        }
    )


def scores(book):
    sheet = IndicatorSheet.model_validate(
        {"id": "A01", "kpi": "A01", "item": "overall", "label": WORD, "definition": WORD}
    )
    return scores_of([sheet], book)


@pytest.fixture(scope="module")
def rows():
    """600 answers of 200 customers over five quarters; some customers are unknown, some answers missing."""
    rng = np.random.default_rng(21)
    customer = rng.integers(0, 200, 600)
    mood = rng.normal(0, 1.2, 200)[customer]
    frame = pd.DataFrame(
        {
            "row_id": [f"r{i}" for i in range(600)],
            "respondent_id": [f"c{i}" for i in customer],
            "month": NOW.first - 12 + rng.integers(0, 15, 600),
            "overall": np.clip(np.round(3.4 + mood + rng.normal(0, 0.6, 600)), 1, 5),
            "weight": rng.uniform(0.5, 2, 600),
            "stratum": np.where(customer % 3 == 0, "big", "small"),
            "excluded_by": "",
        }
    )
    frame.loc[customer % 7 == 0, "stratum"] = None
    frame.loc[::17, "overall"] = np.nan
    frame.loc[5::29, "respondent_id"] = None
    frame.loc[7::31, "respondent_id"] = ""
    frame.loc[11::37, "excluded_by"] = "speeder"
    return frame


def on_rows(frame, design, now, before, *, known=True):
    """Covariances of mean and share, by the design on rows with customers as clusters."""
    inside = {
        period: (frame.month >= period.first) & (frame.month < period.first + period.months)
        for period in (now, before)
    }
    kept = frame[(frame.excluded_by == "") & (inside[now] | inside[before])]
    known = kept.respondent_id.fillna("") != "" if known else pd.Series(False, index=kept.index)
    declared = declare_design(
        len(kept),
        weight=kept.weight if design.weight else None,
        stratum=kept.stratum if design.stratum else None,
        cluster=kept.respondent_id.where(known, kept.row_id),
    )
    first, second = (inside[period][kept.index] for period in (before, now))
    top = (kept.overall >= 4).astype(float).where(kept.overall.notna())
    mean, share = (mean_difference(declared, y, first, second).covariance for y in (kept.overall, top))
    return {"A01.mean": mean, "A01.top_box": 1e4 * share}


def found(frame, design=PLAIN, now=NOW, before=BEFORE, fields=("respondent_id",)):
    book = codebook(*fields)
    return repeating(
        scan(frame, connection=connect()),
        scores(book),
        now=now,
        before=before,
        codebook=book,
        design=design,
    )


@pytest.mark.parametrize("design", [PLAIN, WEIGHTED], ids=["plain", "weights and strata"])
def test_one_scan_gives_what_the_rows_give(rows, design):
    result = found(rows, design)
    expected = on_rows(rows, design, NOW, BEFORE)
    assert {name: result.covariance[name] for name in expected} == pytest.approx(expected, rel=1e-9)
    assert expected["A01.mean"] > 0, "customers keep their mood, or the test proves nothing"
    kept = rows[(rows.excluded_by == "") & (rows.respondent_id.fillna("") != "")]
    quarters = kept.assign(quarter=(kept.month - BEFORE.first) // 3).query("quarter in (0, 1)")
    assert result.people == (quarters.groupby("respondent_id").quarter.nunique() == 2).sum() > 0


def test_overlapping_years_share_their_answers_even_of_unknown_customers(rows):
    now, before = Period.parse("2026Q3-R4"), Period.parse("2026Q2-R4")
    for fields in ((), ("respondent_id",)):
        expected = on_rows(rows, PLAIN, now, before, known=bool(fields))
        covariance = found(rows, now=now, before=before, fields=fields).covariance
        assert {name: covariance[name] for name in expected} == pytest.approx(expected, rel=1e-9)
        assert expected["A01.mean"] > 0


def test_without_a_customer_field_periods_are_independent_and_nothing_is_scanned():
    book = codebook()
    assert (
        repeating(None, scores(book), now=NOW, before=BEFORE, codebook=book, design=PLAIN) is NOBODY  # type: ignore[arg-type]
    )


def test_nobody_who_repeats_is_no_covariance(rows):
    fresh = rows.assign(respondent_id=rows.row_id)
    result = found(fresh)
    assert result.people == 0
    assert result.covariance["A01.mean"] == pytest.approx(on_rows(fresh, PLAIN, NOW, BEFORE)["A01.mean"])
    assert abs(result.covariance["A01.mean"]) < 1e-12


def test_a_period_without_answers_has_no_covariance(rows):
    result = found(rows, before=Period.parse("2020Q1"))
    assert result.people == 0 and set(result.covariance.values()) == {0.0}


def test_single_clusters_of_a_stratum_are_named():
    cells = pd.DataFrame({"area": ["A", "A", "B", None], "run": [1, 2, 1, 7], "rows:n": [5, 5, 5, 5]})
    (doubt,) = lonely_strata(cells, Design(stratum="area", cluster="run"))
    assert doubt["code"] == "lonely_unit" and doubt["where"] == "sampling design"
    assert "one cluster only in stratum (empty), B" in doubt["message"]
    assert lonely_strata(cells, Design(stratum="area")) == []
    (answer,) = lonely_strata(cells.assign(**{"rows:n": [5, 5, 1, 5]}), Design(stratum="area"))
    assert "one answer only in stratum B" in answer["message"]
    assert lonely_strata(cells, Design(cluster="run")) == lonely_strata(cells[:0], WEIGHTED) == []
