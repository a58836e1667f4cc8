"""Customers who answer in two periods: what their answers have in common, in one grouped scan.

Two quarters are not independent when the same customers answer in both. Every customer becomes one line of
sums per period, every line one product, and the products are added up where the rows live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.designs.comparisons import covariance_of_means
from survey_kpi.engine import collect
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, Score, score_column
from survey_kpi.indicators.subjects import customer_column
from survey_kpi.period import Period
from survey_kpi.study.models import Codebook, Design

UNIT, STRATUM, UNITS, REPEATING = "unit of answer", "stratum of unit", "units", "repeating"
PARTS: Final = ("w", "wy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeating:
    """What two periods share.

    Parameters
    ----------
    people
        Customers with answers in both; where periods overlap, also answers without a customer in both.
    covariance
        Of the two means by score (`A01.top_box`), in squared units of the measure.
    """

    people: int
    covariance: Mapping[str, float]


NOBODY: Final = Repeating(people=0, covariance={})


def repeating(
    answers: nw.LazyFrame[Any],
    scores: Sequence[Score],
    *,
    now: Period,
    before: Period,
    codebook: Codebook,
    design: Design,
) -> Repeating:
    """Covariance of every score's mean between two periods, through the customers who answer in both.

    Parameters
    ----------
    answers
        As for `count_cells`.
    now, before
        The two periods. Where they overlap (rolling years), an answer in both repeats by itself.

    Returns
    -------
    Repeating
        Nobody, without a scan, where the codebook does not say who answers and the periods do not overlap:
        they are then taken as independent.

    Notes
    -----
    Units are customers within strata; an answer without a customer is a unit of its own. Clusters of a
    declared design are not matched between periods, as their names may be used again.
    """
    who = customer_column(codebook.fields)
    apart = before.first + before.months <= now.first or now.first + now.months <= before.first
    if not scores or (who is None and apart):
        return NOBODY
    in_a, in_b = _inside(before), _inside(now)
    kept = _keyed(answers.filter(nw.col(EXCLUDED_BY) == "", in_a | in_b), scores, who, codebook, design)
    sums = [*_sums("a", in_a, scores, design), *_sums("b", in_b, scores, design)]
    units = kept.group_by(STRATUM, UNIT).agg(*sums)
    table = collect(
        units.group_by(STRATUM).agg(
            nw.len().alias(UNITS),
            ((nw.col("a:rows") > 0) & (nw.col("b:rows") > 0)).cast(nw.Int64()).sum().alias(REPEATING),
            *[expr for score in scores for expr in _products(score.name)],
        )
    ).drop(columns=STRATUM)
    return Repeating(
        people=int(table[REPEATING].sum()),
        covariance={
            score.name: score.measure.scale_by**2 * _covariance(table, score.name) for score in scores
        },
    )


def _keyed(
    kept: nw.LazyFrame[Any], scores: Sequence[Score], who: str | None, codebook: Codebook, design: Design
) -> nw.LazyFrame[Any]:
    """Add the scores, the stratum and the unit of each answer: its customer, else the answer itself."""
    person = nw.col(who).cast(nw.String()) if who else nw.lit("")
    stratum = nw.col(design.stratum).cast(nw.String()) if design.stratum else nw.lit("")
    alone = nw.concat_str(nw.lit("answer "), nw.col("row_id").cast(nw.String()))
    return kept.with_columns(
        nw.when(person != "").then(nw.concat_str(nw.lit("customer "), person)).otherwise(alone).alias(UNIT),
        stratum.fill_null("").alias(STRATUM),
        *[score_column(score, codebook).cast(nw.Float64()) for score in scores],
    )


def _inside(period: Period) -> nw.Expr:
    month = nw.col(MONTH)
    return (month >= period.first) & (month < period.first + period.months)


def _sums(label: str, inside: nw.Expr, scores: Sequence[Score], design: Design) -> Iterator[nw.Expr]:
    """Rows of a unit in a period, with the weighted count and sum of every score."""
    nothing = nw.lit(0.0)
    weight = nw.when(inside).then(nw.col(design.weight) if design.weight else nw.lit(1.0)).otherwise(nothing)
    yield inside.cast(nw.Int64()).sum().alias(f"{label}:rows")
    for score in scores:
        y = nw.col(score.name)
        counted = nw.when(~y.is_null()).then(weight).otherwise(nothing)
        yield counted.sum().alias(f"{label}:{score.name}:w")
        yield (weight * y.fill_null(0.0)).sum().alias(f"{label}:{score.name}:wy")


def _products(name: str) -> list[nw.Expr]:
    """Totals of each period and the products of customers' sums across periods."""
    columns = [f"{label}:{name}:{part}" for label in "ab" for part in PARTS]
    return [nw.col(column).sum().alias(f"sum {column}") for column in columns] + [
        (nw.col(first) * nw.col(second)).sum().alias(f"{first} x {second}")
        for first in columns[:2]
        for second in columns[2:]
    ]


def _covariance(table: pd.DataFrame, name: str) -> float:
    before, now = ([f"{label}:{name}:{part}" for part in PARTS] for label in "ab")
    products = table[[f"{first} x {second}" for first in before for second in now]].to_numpy(dtype=float)
    first, second = (
        table[[f"sum {column}" for column in part]].to_numpy(dtype=float) for part in (before, now)
    )
    return float(covariance_of_means(table[UNITS].to_numpy(), first, second, products.reshape(-1, 2, 2)))
