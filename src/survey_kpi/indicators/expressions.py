"""Small expressions that scores of records are made of."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

SPAN = ("period", "period_start", "period_end", "cut_off")
"""Columns of a row's period."""
SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
"""Microseconds, in which times are compared and subtracted."""
EPOCH = 719_468
"""Days from the first of March of the year 0 to 1970-01-01."""


def microseconds(time: nw.Expr) -> nw.Expr:
    """Return a time as microseconds since 1970, null where there is none.

    From year, month, day and clock, on which all engines agree; the days are those of the civil calendar.
    """
    clock, whole = time.dt, nw.Int64()
    month = clock.month().cast(whole)
    early = nw.when(month <= 2).then(nw.lit(1)).otherwise(nw.lit(0)).cast(whole)
    year = clock.year().cast(whole) - early  # a year begins in March, so that the leap day is its last
    day_of_year = (153 * (month - 3 + 12 * early) + 2) // 5 + clock.day().cast(whole) - 1
    days = 365 * year + year // 4 - year // 100 + year // 400 + day_of_year - EPOCH
    seconds = clock.hour().cast(whole) * 3600 + clock.minute().cast(whole) * 60 + clock.second().cast(whole)
    return days * DAY + seconds * SECOND + clock.microsecond().cast(whole)


def known(column: str) -> nw.Expr:
    """Return a time as it is known at the cut-off: null where it lies in the future of the evaluation."""
    time = nw.col(column)
    return nw.when(time < nw.col("cut_off")).then(time)


def hours_between(start: nw.Expr, end: nw.Expr) -> nw.Expr:
    """Return the hours from one time to another, null where one is missing."""
    return (microseconds(end) - microseconds(start)).cast(nw.Float64()) / HOUR


def days_after(time: nw.Expr, days: float) -> nw.Expr:
    """Return the moment some days after a time, in microseconds; compare it with `microseconds`."""
    return microseconds(time) + int(days * DAY)


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
