"""Small expressions that scores of records are made of."""

from __future__ import annotations

import datetime as dt
from typing import Any

import narwhals.stable.v2 as nw

SPAN = ("period", "period_start", "period_end", "cut_off")
"""Columns of a row's period."""
HOUR, DAY = 3_600_000_000, 86_400_000_000
"""Microseconds, in which times are compared and subtracted."""
EPOCH = dt.datetime(1970, 1, 1)


def microseconds(time: nw.Expr) -> nw.Expr:
    """Return a time as microseconds since 1970, null where there is none.

    On DuckDB: narwhals cannot take the length of a duration on PySpark yet, and the same written out as
    calendar arithmetic costs the planner a second for every indicator.
    """
    return (time - nw.lit(EPOCH)).dt.total_microseconds()


def known(column: str) -> nw.Expr:
    """Return a time as it is known at the cut-off: null where it lies in the future of the evaluation."""
    time = nw.col(column)
    return nw.when(time < nw.col("cut_off")).then(time)


def known_moment(column: str) -> nw.Expr:
    """Return a time that is known at the cut-off in microseconds, null where it is not."""
    return nw.when(nw.col(column) < nw.col("cut_off")).then(microseconds(nw.col(column)))


def hours_between(start: nw.Expr, end: nw.Expr) -> nw.Expr:
    """Return the hours from one time to another, null where one is missing."""
    return (microseconds(end) - microseconds(start)).cast(nw.Float64()) / HOUR


def days_after(time: nw.Expr, days: float) -> nw.Expr:
    """Return the moment some days after a time, in microseconds; compare it with `microseconds`."""
    return microseconds(time) + int(days * DAY)


def moment() -> nw.Expr:
    """Return the end of a row that has none: it happened at one moment."""
    return nw.when(nw.lit(False)).then(nw.col("at"))


def one(condition: nw.Expr, *, base: nw.Expr) -> nw.Expr:
    """Score a row of the base 1 where a condition holds, 0 where not or unknown; null outside the base."""
    met = nw.when(condition).then(nw.lit(1.0)).otherwise(nw.lit(0.0))
    return nw.when(base).then(met)


def each(base: nw.Expr) -> nw.Expr:
    """Score a row of the base 1; null outside the base: a count."""
    return nw.when(base).then(nw.lit(1.0))


def filled(column: str) -> nw.Expr:
    """Whether a text cell holds anything."""
    return ~nw.col(column).is_null() & (nw.col(column).str.strip_chars() != "")


def dated(rows: nw.LazyFrame[Any], months: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give every row its period, with the columns `SPAN`, by the month of `at`; other rows are left out."""
    at = nw.col("at")
    month = at.dt.year().cast(nw.Int64()) * 12 + at.dt.month().cast(nw.Int64()) - 1
    return rows.with_columns(month.alias("month")).join(
        months.select("month", *SPAN), on="month", how="inner"
    )
