"""Shorthands for the kinds of record measures, so that a row of the library says only what is its own."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import each
from survey_kpi.indicators.model import Params, RecordMeasure, RowScore, View
from survey_kpi.study.models import Text


def every(params: Params) -> nw.Expr:
    """Score of a count of all rows."""
    return each(nw.lit(True))


def disordered(params: Params) -> nw.Expr:
    """Score of a count of the rows whose times contradict each other."""
    return each(nw.col("disordered"))


def share(
    name: str, zh: str, en: str, score: RowScore, formula: str, *, view: View | None = None
) -> RecordMeasure:
    """Share of the base in percent: the score is 1 or 0."""
    return RecordMeasure(
        name=name, label=Text(zh=zh, en=en), family="proportion", unit="percent", scale_by=100.0,
        score=score, formula=formula, view=view,
    )  # fmt: skip


def count(
    name: str, zh: str, en: str, score: RowScore, formula: str, *, view: View | None = None
) -> RecordMeasure:
    """How many: the score is what a row adds."""
    return RecordMeasure(
        name=name, label=Text(zh=zh, en=en), family="count", unit="count",
        score=score, formula=formula, view=view,
    )  # fmt: skip


def mean(
    name: str,
    zh: str,
    en: str,
    score: RowScore,
    formula: str,
    *,
    unit: str = "score",
    view: View | None = None,
) -> RecordMeasure:
    """Mean of the score over the base."""
    return RecordMeasure(
        name=name, label=Text(zh=zh, en=en), family="mean", unit=unit,
        score=score, formula=formula, view=view,
    )  # fmt: skip


def total(
    name: str,
    zh: str,
    en: str,
    score: RowScore,
    formula: str,
    *,
    unit: str = "money",
    view: View | None = None,
) -> RecordMeasure:
    """Sum of what is completely recorded, without sampling error."""
    return RecordMeasure(
        name=name, label=Text(zh=zh, en=en), family="total", unit=unit,
        score=score, formula=formula, view=view,
    )  # fmt: skip


def duration(
    name: str,
    zh: str,
    en: str,
    score: RowScore,
    closed: RowScore,
    formula: str,
    *,
    quantile: float = 0.5,
    view: View | None = None,
) -> RecordMeasure:
    """Hours by which a share of the cases is closed, open ones censored."""
    return RecordMeasure(
        name=name, label=Text(zh=zh, en=en), family="duration", unit="hours",
        score=score, closed=closed, quantile=quantile, formula=formula, view=view,
    )  # fmt: skip
