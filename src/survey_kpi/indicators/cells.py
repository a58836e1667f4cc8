"""The one grouped scan behind all indicators: sums per month, subject and design cell.

Sums are additive, so every subject, team, period and rolling year is a roll-up of the same small table.
The cost is one scan, whatever the number of indicators, subjects and reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.errors import SchemaError
from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.model import AnswerMeasure
from survey_kpi.indicators.subjects import level_column
from survey_kpi.period import Period
from survey_kpi.study.models import Codebook, Design, IndicatorSheet, Item, Level, Scale, Source

MONTH = "month"
EXCLUDED_BY = "excluded_by"
ROWS = "rows:n"
WEIGHTED_SUMS = ("w", "wy", "ww", "wwy", "wwyy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One measure of one indicator of the study; `name` is its key part `A01.top_box`."""

    sheet: IndicatorSheet
    measure: AnswerMeasure
    item: Item

    @property
    def name(self) -> str:
        """`<indicator>.<measure>`."""
        return f"{self.sheet.id}.{self.measure.name}"


def scores_of(sheets: Sequence[IndicatorSheet], codebook: Codebook) -> list[Score]:
    """Return every measure of every indicator that is computed from answers."""
    return [
        Score(sheet=sheet, measure=measure, item=codebook.item(sheet.item))
        for sheet in sheets
        if sheet.item
        for measure in INDICATORS[sheet.kpi].measures
        if isinstance(measure, AnswerMeasure)
    ]


def count_cells(
    answers: nw.LazyFrame[Any],
    scores: Sequence[Score],
    *,
    codebook: Codebook,
    levels: Sequence[Level],
    design: Design,
) -> pd.DataFrame:
    """Reduce kept answers to sums per cell in one scan.

    Parameters
    ----------
    answers
        All rows, one per answer and dated by `with_period`, with cleaned item columns, `excluded_by` (empty
        for kept rows) and one
        column per level of subjects.
    levels
        Levels of subjects below the company.

    Returns
    -------
    DataFrame
        One row per (month, excluded_by, levels, stratum, cluster): `rows:n`, and per score `<name>:n`,
        `:y`, `:yy` (count, sum and sum of squares of the score) and, under a design with respondent weights,
        `:w`, `:wy`, `:ww`, `:wwy`, `:wwyy`; per counted item `<item>=<value>:n`. Month: months since year 0,
        missing for undated answers.

    Raises
    ------
    SchemaError
        `weight_invalid`: a kept answer has a missing or negative respondent weight.
    """
    if design.weight:
        _check_weights(answers, design.weight)
    keys = [MONTH, EXCLUDED_BY, *dict.fromkeys([*map(level_column, levels), *_design_keys(design)])]
    scored = answers.with_columns(
        *[score_column(score, codebook) for score in scores],
    )
    sums = [expr for score in scores for expr in _sums(score.name, design.weight)]
    sums += [
        (nw.col(item.id) == value).cast(nw.Int64()).sum().alias(value_column(item.id, value))
        for item in counted_items(codebook)
        for value in values_of(codebook.scales[str(item.scale)])
    ]
    total = [nw.len().alias(ROWS)]
    if design.weight:
        weight = nw.col(design.weight)
        total += [weight.sum().alias("rows:w"), (weight * weight).sum().alias("rows:ww")]
    return collect(scored.group_by(keys).agg(*total, *sums)).sort_values(keys, ignore_index=True)


def with_period(answers: nw.LazyFrame[Any], sources: Sequence[Source]) -> nw.LazyFrame[Any]:
    """Date every answer: its month, and its quarter as `period` where the source declared none.

    The month is the first of the source's declared period, else that of the time stamp, else missing.
    """
    period = nw.when(nw.col("period").is_null()).then(_quarter(answers)).otherwise(nw.col("period"))
    return answers.with_columns(_month(answers, sources).alias(MONTH), period.alias("period"))


def _month(answers: nw.LazyFrame[Any], sources: Sequence[Source]) -> nw.Expr:
    month = nw.lit(None).cast(nw.Int64())
    if "submitted_at" in answers.collect_schema().names():
        stamp = nw.col("submitted_at")
        month = stamp.dt.year().cast(nw.Int64()) * 12 + stamp.dt.month().cast(nw.Int64()) - 1
    for text in sorted({source.period for source in sources if source.period}):
        declared = nw.lit(Period.parse(text).first)
        month = nw.when(nw.col("period") == text).then(declared).otherwise(month)
    return month


def _quarter(answers: nw.LazyFrame[Any]) -> nw.Expr:
    """Name the quarter of the time stamp; without a division, which planners of SQL write out at length."""
    if "submitted_at" not in answers.collect_schema().names():
        return nw.lit(None).cast(nw.String())
    year, month = nw.col("submitted_at").dt.year().cast(nw.String()), nw.col("submitted_at").dt.month()
    quarter = nw.lit("Q4")
    for name, last in (("Q3", 9), ("Q2", 6), ("Q1", 3)):
        quarter = nw.when(month <= last).then(nw.lit(name)).otherwise(quarter)
    return nw.when(~month.is_null()).then(nw.concat_str(year, quarter))


def counted_items(codebook: Codebook) -> list[Item]:
    """Items whose distribution is always shown: overall satisfaction and likelihood to recommend."""
    return [item for item in codebook.rated if item.role in {"overall", "ltr"}]


def values_of(scale: Scale) -> range:
    """Return the whole values of a scale."""
    return range(int(scale.low), int(scale.high) + 1)


def value_column(item: str, value: int) -> str:
    """Name of the column that counts the answers of one value."""
    return f"{item}={value}:n"


def score_column(score: Score, codebook: Codebook) -> nw.Expr:
    """Return the score of every answer, as a column of the score's name."""
    scale: Any = codebook.scale_of(score.item)
    return score.measure.score(score.item, scale).alias(score.name)


def _design_keys(design: Design) -> list[str]:
    return [name for name in (design.stratum, design.cluster) if name]


def _sums(name: str, weight: str | None) -> list[nw.Expr]:
    y = nw.col(name)
    sums = [y.count().alias(f"{name}:n"), y.sum().alias(f"{name}:y"), (y * y).sum().alias(f"{name}:yy")]
    if weight:
        w = nw.when(~y.is_null()).then(nw.col(weight)).otherwise(nw.lit(0.0))
        filled = y.fill_null(0.0)
        products = {"w": w, "wy": w * filled, "ww": w * w, "wwy": w * w * filled, "wwyy": (w * filled) ** 2}
        sums += [products[key].sum().alias(f"{name}:{key}") for key in WEIGHTED_SUMS]
    return sums


def _check_weights(answers: nw.LazyFrame[Any], weight: str) -> None:
    invalid = nw.col(weight).is_null() | (nw.col(weight) < 0)
    kept = nw.col(EXCLUDED_BY) == ""
    bad = collect(answers.filter(invalid & kept).select("row_id", weight).head(5))
    if len(bad):
        listed = ", ".join(f"{row} ({value})" for row, value in zip(bad["row_id"], bad[weight], strict=True))
        raise SchemaError(
            "weight_invalid",
            where=f"responses: column '{weight}'",
            what="respondent weights must be present and not negative",
            got=f"rows {listed}{', …' if len(bad) == 5 else ''}",
        )
