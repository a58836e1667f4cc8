"""Products of the answers that one person received to two questions, in one grouped scan.

Two indicators from the same answers err together. How much so follows from sums over the answers that hold
both, per month and person; the sums are all that leaves the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, Score, score_column
from survey_kpi.indicators.estimation import in_period, subject_keys
from survey_kpi.indicators.subjects import level_column
from survey_kpi.period import Period
from survey_kpi.study.models import Codebook, Level

SUMS: Final = ("n", "sum_left", "sum_right", "square_left", "square_right", "product")
COLUMNS: Final = (MONTH, "subject", "left", "right", *SUMS)


def answer_products(
    answers: nw.LazyFrame[Any],
    scores: Sequence[Score],
    level: Level,
    period: Period,
    codebook: Codebook,
) -> pd.DataFrame:
    """Sum the answers to every pair of questions, by month and subject.

    Parameters
    ----------
    answers
        As for `count_cells`.
    scores
        One per indicator; fewer than two have no pair, and nothing is scanned.
    level
        Whose answers belong together.
    period
        Months wanted.

    Returns
    -------
    DataFrame
        `COLUMNS`: left and right are indicators, in the order of their names; n counts the answers that hold
        both, in units of the scores (0 and 1, not percent).
    """
    pairs = list(combinations(sorted(scores, key=lambda score: score.sheet.id), 2))
    if not pairs:
        return no_products()
    column, month = level_column(level), nw.col(MONTH)
    kept = answers.filter(
        nw.col(EXCLUDED_BY) == "",
        month >= period.first,
        month < period.first + period.months,
        ~nw.col(column).is_null(),
    ).with_columns(*[score_column(score, codebook).cast(nw.Float64()) for score in scores])
    sums = [sum_ for left, right in pairs for sum_ in _sums(left.name, right.name)]
    wide = collect(kept.group_by(MONTH, column).agg(*sums)).sort_values([MONTH, column], ignore_index=True)
    keys = pd.DataFrame({MONTH: wide[MONTH], "subject": subject_keys(wide[column], level)})
    tables = [
        keys.assign(
            left=left.sheet.id,
            right=right.sheet.id,
            **{name: wide[_label(left.name, right.name, name)].astype(float) for name in SUMS},
        )
        for left, right in pairs
    ]
    return pd.concat(tables, ignore_index=True)[list(COLUMNS)]


def no_products() -> pd.DataFrame:
    """Return the table without a row: indicators are then taken as independent."""
    kinds = dict.fromkeys((MONTH, *SUMS), "float64") | dict.fromkeys(("subject", "left", "right"), "object")
    return pd.DataFrame({name: pd.Series(dtype=kinds[name]) for name in COLUMNS})


def products_in(products: pd.DataFrame, period: Period) -> pd.DataFrame:
    """Return the sums of a period, one row per subject and pair."""
    inside = products[in_period(products[MONTH], period)]
    return inside.groupby(["subject", "left", "right"], as_index=False)[list(SUMS)].sum()


def _sums(left: str, right: str) -> list[nw.Expr]:
    both = ~nw.col(left).is_null() & ~nw.col(right).is_null()
    one, other = (nw.when(both).then(nw.col(name)).otherwise(nw.lit(0.0)) for name in (left, right))
    terms = (nw.when(both).then(nw.lit(1.0)).otherwise(nw.lit(0.0)), one, other, one * one, other * other)
    named = zip(SUMS, (*terms, one * other), strict=True)
    return [term.sum().alias(_label(left, right, name)) for name, term in named]


def _label(left: str, right: str, name: str) -> str:
    return f"{left} x {right} {name}"
