"""Customers who answer in two periods: what their answers have in common, in one grouped scan.

Two quarters are not independent when the same customers answer in both. Every customer becomes one line of
sums per period, every line one product, and the products are added up where the rows live.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi.designs.comparisons import covariance_of_means
from survey_kpi.engine import collect
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, Score
from survey_kpi.period import Period
from survey_kpi.study.models import Codebook, Design

WHO: Final = ("customer_id", "respondent_id")
"""Response fields that say who answered, the first one declared counts."""
PERSON, ALONE, STRATUM, UNITS, REPEATING = "person", "alone", "stratum", "units", "repeating"
PARTS: Final = ("before:w", "before:wy", "now:w", "now:wy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeating:
    """What two periods share.

    Parameters
    ----------
    people
        Customers with answers in both.
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
        Nobody, without a scan, where the codebook declares none of `WHO` and the periods do not overlap: the
        periods are then taken as independent.

    Notes
    -----
    Units are customers within strata; an answer without a customer is a unit of its own. Clusters of a
    declared design are not matched between periods, as their names may be used again.
    """
    who = next((name for name in WHO if name in codebook.fields), None)
    apart = before.first + before.months <= now.first or now.first + now.months <= before.first
    if not scores or (who is None and apart):
        return NOBODY
    kept = answers.filter(nw.col(EXCLUDED_BY) == "", _inside(now) | _inside(before))
    person = nw.col(who).cast(nw.String()) if who else nw.lit(None).cast(nw.String())
    known = nw.when(person != "").then(person)
    people = (
        kept.with_columns(
            known.alias(PERSON),
            nw.when(known.is_null()).then(nw.col("row_id").cast(nw.String())).alias(ALONE),
            (nw.col(design.stratum) if design.stratum else nw.lit(0)).alias(STRATUM),
            *[
                score.measure.score(score.item, _scale(score, codebook)).cast(nw.Float64()).alias(score.name)
                for score in scores
            ],
        )
        .group_by(STRATUM, PERSON, ALONE)
        .agg(
            _inside(now).any().alias("now"),
            _inside(before).any().alias("before"),
            *[expr for score in scores for expr in _sums(score.name, now, before, design)],
        )
    )
    table = collect(
        people.group_by(STRATUM).agg(
            nw.len().alias(UNITS),
            (nw.col("now") & nw.col("before")).cast(nw.Int64()).sum().alias(REPEATING),
            *[expr for score in scores for expr in _products(score.name)],
        )
    )
    return Repeating(
        people=int(table[REPEATING].sum()),
        covariance={
            score.name: score.measure.scale_by**2 * _covariance(table, score.name) for score in scores
        },
    )


def _inside(period: Period) -> nw.Expr:
    month = nw.col(MONTH)
    return ((month >= period.first) & (month < period.first + period.months)).fill_null(False)


def _scale(score: Score, codebook: Codebook) -> Any:
    return codebook.scale_of(score.item)


def _sums(name: str, now: Period, before: Period, design: Design) -> list[nw.Expr]:
    """Weighted count and sum of one customer's scores in each period."""
    y = nw.col(name)
    w = nw.col(design.weight) if design.weight else nw.lit(1.0)
    sums = []
    for label, period in (("before", before), ("now", now)):
        here = _inside(period) & ~y.is_null()
        for part, value in (("w", w), ("wy", w * y)):
            sums.append(
                nw.when(here).then(value).otherwise(nw.lit(0.0)).sum().alias(f"{name}:{label}:{part}")
            )
    return sums


def _products(name: str) -> list[nw.Expr]:
    """Totals of each period and the products of customers' sums across periods."""
    parts = {part: nw.col(f"{name}:{part}") for part in PARTS}
    totals = [value.sum().alias(f"{name}:{part}") for part, value in parts.items()]
    return totals + [
        (parts[first] * parts[second]).sum().alias(f"{name}:{first}*{second}")
        for first in PARTS[:2]
        for second in PARTS[2:]
    ]


def _covariance(table: pd.DataFrame, name: str) -> float:
    def columns(*parts: str) -> np.ndarray:
        return table[[f"{name}:{part}" for part in parts]].to_numpy(dtype=float)

    products = columns(*[f"{first}*{second}" for first in PARTS[:2] for second in PARTS[2:]])
    return float(
        covariance_of_means(
            table[UNITS].to_numpy(), columns(*PARTS[:2]), columns(*PARTS[2:]), products.reshape(-1, 2, 2)
        )
    )
