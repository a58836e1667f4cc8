"""A vocabulary as the rooms above the declarations hand it down."""

from __future__ import annotations

import pytest

from survey_kpi.evaluation.vocabulary import vocabulary as every_name
from survey_kpi.study.vocabulary import KpiWords, Vocabulary


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """Names of formats, rules, KPIs and methods."""
    return Vocabulary(
        formats={"auto", "csv", "google_forms", "wenjuanxing"},
        rules={
            "duplicate": (),
            "missing_code": (),
            "missing_share": ("above", "items"),
            "out_of_range": (),
            "straight_line": ("items", "min_items"),
            "too_fast": ("below_median_share",),
        },
        kpis={
            **every_name().kpis,
            "A01": KpiWords(
                measures={"mean": "score", "top_box": "percent"},
                headline="top_box",
                roles=("overall", "item"),
            ),
            "A07": KpiWords(measures={"nps": "points"}, headline="nps", roles=("ltr",), default_anchor=None),
            "A36": KpiWords(measures={"rate": "percent"}, headline="rate"),
        },
        weight_methods={"ahp": (), "expert_scores": (), "entropy": ("normalisation",), "equal": ()},
        judgement_methods={"ahp"},
        rating_methods={"expert_scores"},
        random_indices={"alonso_lamata", "saaty"},
        fields={"row_id", "source", "period", "version", "submitted_at"},
        overridable={"period", "version", "submitted_at"},
        reserved={"keep", "month"},
        reserved_prefixes=("flag_",),
        findings={"double_barrelled"},
        gates={"unparsed"},
    )
