"""How far a table reaches in time, so that what nobody recorded is never taken for what did not happen.

An export that begins in October knows nothing of September: no complaint in it is not no complaint. A study
says how far a table reaches (`covers: [2025-10-01, 2026-10-01]`). Where it is silent, the rows say it:

- A table of events (`TableSpec.time`) reaches from its first row to its last.
- A table of things that last (`TableSpec.lasts`) reaches from the first start on, and does not end while
  something in it goes on. Customers who neither come nor leave any more are a doubt.

Few rows leave long silences by chance. So before its first event and after its last one a table is taken not
to reach only if at least `EXPECTED` rows would have been expected in that silence, at the average number a
day between first and last; were they to come at random (a Poisson process), none at all would then happen in
fewer than one case of a hundred. A shorter silence is a doubt, and what was counted stands. Inside its reach
a table may be silent as long as it likes.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.frames import Row, rows_of
from survey_kpi.period import Period
from survey_kpi.records.spells import SPELLS
from survey_kpi.study.models import TableSource
from survey_kpi.study.tables import TABLES

EXPECTED: Final = math.log(100)
"""Rows expected in a silence that is no accident: exp(-EXPECTED) is .01."""

Reach = Literal["covered", "partly", "unsure", "outside"]
_Frame = nw.LazyFrame[Any]
DAY: Final = pd.Timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """From when until when a table speaks.

    Parameters
    ----------
    table
        Its canonical name.
    begins
        First day; None where the table has no time, or no row.
    ends
        First day after it; None where it goes on.
    per_day
        Rows a day between the two, which say how long a silence is no accident.
    goes_on
        Whether something in the table lasts: then `ends` is the last change, and silence after it a doubt.
    declared
        Whether `study.yaml` says so.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> daily = Coverage(table="orders", begins=day("2025-10-03"), ends=day("2026-08-15"), per_day=4.0)
    >>> for period in ("2025Q3", "2025Q4", "2026Q2", "2026Q3", "2026Q4"):
    ...     print(period, *daily.reach(Period.parse(period)))
    2025Q3 outside table orders begins 2025-10-03
    2025Q4 partly table orders begins 2025-10-03
    2026Q2 covered
    2026Q3 partly table orders ends 2026-08-14
    2026Q4 outside table orders ends 2026-08-14
    """

    table: str
    begins: pd.Timestamp | None = None
    ends: pd.Timestamp | None = None
    per_day: float = math.inf
    goes_on: bool = False
    declared: bool = False

    def reach(self, period: Period) -> tuple[Reach, str]:
        """Return whether a period is covered, and where it is not, what the table has to say about it."""
        start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
        before, after = self._silent(start, self.begins), self._silent(self.ends, end)
        told = self._told(
            self.begins if before is not None else None, self.ends if after is not None else None
        )
        if before is not None and self.begins is not None and end <= self.begins:
            return ("outside" if before else "unsure"), told
        if after is not None and self.ends is not None and start >= self.ends:
            return self._ended(telling=after), told
        return ("partly", told) if before or after else ("covered", "")

    def _silent(self, since: pd.Timestamp | None, until: pd.Timestamp | None) -> bool | None:
        """Return whether a silence is no accident, None where there is none."""
        if since is None or until is None or since >= until:
            return None
        return self.declared or self.per_day * ((until - since) / DAY) >= EXPECTED

    def _ended(self, *, telling: bool) -> Reach:
        if self.goes_on:
            return "unsure" if telling else "covered"
        return "outside" if telling else "unsure"

    def _told(self, begins: pd.Timestamp | None, ends: pd.Timestamp | None) -> str:
        end = "shows no change after" if self.goes_on else "ends"
        words = [f"begins {begins:%Y-%m-%d}"] if begins is not None else []
        words += [f"{end} {ends - DAY:%Y-%m-%d}"] if ends is not None else []
        return f"table {self.table} {' and '.join(words)}{' (declared)' if self.declared else ''}"


def table_coverage(
    frames: Mapping[str, _Frame], sources: Mapping[str, TableSource], *, only: Collection[str] | None = None
) -> dict[str, Coverage]:
    """Return how far tables reach, in one scan of those that do not declare it.

    Parameters
    ----------
    frames
        Tables by canonical name, all on one engine; those without a time of their own have no coverage.
    sources
        The declarations of the same tables.
    only
        Names of the tables wanted; all by default.
    """
    wanted = [name for name in frames if name in TABLES and (only is None or name in only)]
    declared = {name: sources[name].covers for name in wanted if name in sources}
    found = {name: _declared(name, span) for name, span in declared.items() if span}
    asked = {
        name: _span(name, frames[name])
        for name in wanted
        if name not in found and (TABLES[name].time or TABLES[name].lasts)
    }
    if asked:
        rows = collect(nw.concat(list(asked.values()), how="vertical")).dropna(subset="table")
        found |= {name: Coverage(table=name) for name in asked} | {
            row.table: _derived(row) for row in rows_of(rows)
        }
    return {name: found[name] for name in wanted if name in found}


def _declared(name: str, span: Sequence[Any]) -> Coverage:
    begins, ends = (None if day is None else pd.Timestamp(day) for day in span)
    return Coverage(table=name, begins=begins, ends=ends, declared=True)


def _span(name: str, frame: _Frame) -> _Frame:
    """Return one row: first and last times, and how many there are; nothing but nulls for an empty table."""
    spec = TABLES[name]
    start, end = spec.lasts or (spec.time, "")
    at = nw.col(start)
    over = nw.col(end) if end else nw.when(nw.lit(False)).then(at)
    return frame.select(
        nw.when(~at.is_null()).then(nw.lit(name)).max().alias("table"),
        at.min().alias("first"),
        at.max().alias("last"),
        at.count().alias("rows"),
        over.max().alias("over"),
        over.count().alias("ended"),
    )


def _derived(row: Row) -> Coverage:
    """Return the days from the first row to the last, both whole."""
    begins, lasting = row.first.normalize(), bool(TABLES[row.table].lasts)
    over = None if pd.isna(row.over) else row.over.normalize()
    if row.table in SPELLS or (
        lasting and row.ended == row.rows
    ):  # moves come in waves: silence means nothing
        return Coverage(table=row.table, begins=begins, ends=over if row.ended == row.rows else None)
    ends = max(row.last.normalize(), over or begins) + DAY
    per_day = (row.rows + row.ended - 1) / max((ends - begins) / DAY - 1, 1.0)
    return Coverage(table=row.table, begins=begins, ends=ends, per_day=per_day, goes_on=lasting)
