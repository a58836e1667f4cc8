"""Who stays: cohorts by quarter, the curve of staying, moves between tiers, segments (A20, G03, G12).

Cohorts and curve speak of customers who began within the quarters of the trend: of older ones a register
often holds only those who stayed, and a curve of those would promise too much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.evaluation.appraisal.churn import customer_answers
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.inference.survival import kaplan_meier
from survey_kpi.period import Period
from survey_kpi.scoring.profiles import Segment, profile
from survey_kpi.segments.migration import Migration, migration
from survey_kpi.segments.tiers import value_tiers

MONTH_DAYS: Final = 365.25 / 12
TIERS: Final = ("high", "middle", "low", "none")
"""Tiers by revenue of four quarters; "none": no order in them."""
NO_SEGMENT: Final = "unstated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Customers who began in a quarter, and how many were still there after each quarter since."""

    quarter: Period
    n: int
    stayed: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staying:
    """Share still there some months after the beginning, in percent, with its 95 % interval."""

    months: int
    at_risk: int
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Retention:
    """Staying and moving.

    Parameters
    ----------
    cohorts
        Oldest first; empty without customers who began in the quarters of the trend.
    curve
        The Kaplan-Meier curve at every third month, as far as anybody was watched.
    newcomers, lost
        Customers that curve and cohorts speak of, and those of them who left.
    moves
        Tiers by revenue of four quarters, at the end of the quarter before and now; None without orders.
    segments
        Segments with the share of top-box customers, small ones hidden; None without segments or answers.
    absent
        Tables that the study lacks.
    """

    cohorts: tuple[Cohort, ...] = ()
    curve: tuple[Staying, ...] = ()
    newcomers: int = 0
    lost: int = 0
    moves: Migration | None = None
    segments: tuple[Segment, ...] | None = None
    customers: int = 0
    absent: tuple[str, ...] = ()


def retention(sources: Sources) -> Retention:
    """Follow the customers of the register up to the end of the period."""
    if not sources.has("customers"):
        return Retention(absent=("customers",))
    book = sources.table("customers")
    end = pd.Timestamp(sources.period.end)
    quarters = _last_quarters(sources.period, sources.evaluation.study.study.trend_quarters)
    began = book["start_at"]
    new = book[(began >= pd.Timestamp(quarters[0].start)) & (began < end)]
    return Retention(
        cohorts=tuple(_cohort(new, quarter, quarters) for quarter in quarters),
        curve=_curve(new, end),
        newcomers=len(new),
        lost=int((new["end_at"] < end).sum()),
        moves=_moves(sources, book),
        segments=_segments(sources, book),
        customers=int(((began < end) & ~(book["end_at"] < end)).sum()),
        absent=() if sources.has("orders") else ("orders",),
    )


def _last_quarters(period: Period, count: int) -> list[Period]:
    last = period.first + period.months - 1
    return Period(last - last % 3, 3).last(count)


def _cohort(new: pd.DataFrame, quarter: Period, quarters: Sequence[Period]) -> Cohort:
    start, end = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
    mine = new[(new["start_at"] >= start) & (new["start_at"] < end)]
    later = [each for each in quarters if each.first >= quarter.first]
    stayed = [int((~(mine["end_at"] < pd.Timestamp(each.end))).sum()) for each in later]
    return Cohort(quarter=quarter, n=len(mine), stayed=tuple(stayed))


def _curve(new: pd.DataFrame, end: pd.Timestamp) -> tuple[Staying, ...]:
    """Return the share still there every third month since the beginning."""
    if new.empty:
        return ()
    gone = new["end_at"] < end
    until = new["end_at"].where(gone, end)
    months = ((until - new["start_at"]).dt.total_seconds() / 86_400 / MONTH_DAYS).clip(lower=0)
    found = kaplan_meier(months, gone)
    low, high = found.interval()
    last = int(months.max() // 3) * 3
    points = []
    for month in range(0, last + 1, 3):
        place = int(np.searchsorted(found.time, month, side="right")) - 1
        ends = (1.0, 1.0, 1.0) if place < 0 else (found.survival[place], low[place], high[place])
        value, from_, to = (100 * float(end) for end in ends)
        watched = int((months >= month).sum())
        points.append(Staying(months=month, at_risk=watched, value=value, low=from_, high=to))
    return tuple(points)


# --- tiers --------------------------------------------------------------------------------------------


def _moves(sources: Sources, book: pd.DataFrame) -> Migration | None:
    """Return moves between tiers by the revenue of four quarters, from the quarter before to this one."""
    if not sources.has("orders"):
        return None
    orders = sources.table("orders", "customer_id", "ordered_at", "amount", "currency")
    if len(orders["currency"].dropna().unique()) > 1:
        return None
    now = _last_quarters(sources.period, 1)[0]
    return migration(_tiers(book, orders, now.shift(-1)), _tiers(book, orders, now), TIERS)


def _tiers(book: pd.DataFrame, orders: pd.DataFrame, quarter: Period) -> dict[str, str]:
    """Return the tier of every customer on the book at the end of a quarter."""
    end = pd.Timestamp(quarter.end)
    there = book[(book["start_at"] < end) & ~(book["end_at"] < end)]["customer_id"]
    since = pd.Timestamp(quarter.shift(-3).start)
    inside = orders[(orders["ordered_at"] >= since) & (orders["ordered_at"] < end)]
    spent = inside.assign(amount=inside["amount"].astype(float)).groupby("customer_id")["amount"].sum()
    value = there.map(spent).fillna(0.0)
    buying = value[value > 0]
    tiers = pd.Series("none", index=there.index)
    if len(buying):
        tiers.loc[buying.index] = value_tiers(buying.to_numpy()).tier
    return dict(zip(there, tiers.astype(str), strict=True))


# --- segments -----------------------------------------------------------------------------------------


def _segments(sources: Sources, book: pd.DataFrame) -> tuple[Segment, ...] | None:
    """Return customers who answered by segment, with the share of those who are satisfied."""
    answers = customer_answers(sources)
    stated = book["segment"].fillna("").str.strip()
    if answers is None or not (stated != "").any():
        return None
    start, end = pd.Timestamp(sources.period.start), pd.Timestamp(sources.period.end)
    inside = answers[(answers["at"] >= start) & (answers["at"] < end)].dropna(subset="satisfied")
    last = inside.drop_duplicates("customer_id", keep="last")
    groups = dict(zip(book["customer_id"], stated.where(stated != "", NO_SEGMENT), strict=True))
    mine = last.assign(segment=last["customer_id"].map(groups)).dropna(subset="segment")
    cells: Mapping[str, tuple[int, int]] = {
        str(name): (len(rows), int(rows["satisfied"].sum()))
        for name, rows in mine.groupby("segment", sort=True)
    }
    smallest = sources.evaluation.study.rules.evidence.descriptive
    return tuple(profile(cells, minimum=smallest)) if cells else None
