"""When promises to customers fall due: complaints get the due times that the service levels imply.

A complaint whose source states no due time gets one from the promise to its customer's tier, and every
complaint the time until which a first response was promised. Where the calendar does not reach, nothing is
guessed: the cell stays empty and the row says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi import engine
from survey_kpi.study.calendar import ServiceLevel, Tier
from survey_kpi.workdays import PIECES, WorkCalendar, due_pieces

if TYPE_CHECKING:
    import duckdb

Lazy = nw.LazyFrame[Any]

STATED, COMPUTED, NO_PROMISE, NO_CALENDAR = "stated", "computed", "no_promise", "no_calendar"
"""Where a due time is from, or why there is none."""
RESOLUTION, RESPONSE = "due_at", "response_due_at"
_TIER = "promised tier"
_DAY = 86_400_000_000


def source_of(due: str) -> str:
    """Return the column that says where a due time is from.

    Examples
    --------
    >>> source_of("due_at"), source_of("response_due_at")
    ('due_from', 'response_due_from')
    """
    return due.removesuffix("_at") + "_from"


def with_due_times(
    complaints: Lazy,
    customers: Lazy | None,
    levels: Mapping[Tier, ServiceLevel],
    calendars: Sequence[WorkCalendar],
    *,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> Lazy:
    """Fill `due_at` in, and add `due_from`, `response_due_at` and `response_due_from`.

    Parameters
    ----------
    complaints, customers
        Canonical tables of one engine; without customers nobody has a tier, and nothing is promised.
    levels
        Promise of each tier.
    calendars
        Working time of the years in which complaints were opened.
    connection
        DuckDB connection on which the frames live.

    Returns
    -------
    LazyFrame
        The complaints; both columns `…_from` are `STATED`, `COMPUTED`, `NO_PROMISE` or `NO_CALENDAR`, never
        null.

    Notes
    -----
    A promise becomes a table of stretches within days (`workdays.due_pieces`), which complaints join by tier
    and day: no row passes through Python.
    """
    hours = {
        RESOLUTION: {tier: level.resolution for tier, level in levels.items() if level.resolution},
        RESPONSE: {tier: level.response for tier, level in levels.items() if level.response},
    }
    cases = _with_tiers(complaints, customers).with_columns(_missing().alias(RESPONSE))
    for due, promised in hours.items():
        if promised:
            pieces = engine.scan(_pieces(promised, levels, calendars), connection=connection)
            open_ones = cases.filter(nw.col(due).is_null()).select("case_id", "opened_at", _TIER)
            found = _looked_up(open_ones, pieces, connection)
            cases = cases.join(found, left_on="case_id", right_on="of case", how="left")
        else:
            cases = cases.with_columns(_missing().alias("computed"))
        cases = _filled(cases, due, list(promised))
    return cases.drop(_TIER)


def _missing() -> nw.Expr:
    return nw.when(nw.lit(False)).then(nw.col("opened_at"))


def _with_tiers(complaints: Lazy, customers: Lazy | None) -> Lazy:
    if customers is None:
        return complaints.with_columns(nw.when(nw.lit(False)).then(nw.lit("")).alias(_TIER))
    book = customers.select(nw.col("customer_id").alias("promised to"), nw.col("tier").alias(_TIER))
    return complaints.join(book, left_on="customer_id", right_on="promised to", how="left")


def _pieces(
    promised: Mapping[Tier, float], levels: Mapping[Tier, ServiceLevel], calendars: Sequence[WorkCalendar]
) -> pd.DataFrame:
    nobody = pd.DataFrame(
        {
            "day": pd.Series(dtype=object),
            "after": pd.Series(dtype=np.int64),
            "upto": pd.Series(dtype=np.int64),
            "shift": pd.Series(dtype="timedelta64[us]"),
            "fixed": pd.Series(dtype="datetime64[us]"),
        }
    )
    pieces = {"working": due_pieces, "calendar": _around_the_clock}
    tables = [
        pieces[levels[tier].clock](hours, calendar).assign(tier=tier)
        for tier, hours in promised.items()
        for calendar in calendars
    ]
    return pd.concat(tables) if tables else nobody.assign(tier=pd.Series(dtype=object))


def _around_the_clock(hours: float, calendar: WorkCalendar) -> pd.DataFrame:
    """Return pieces of a promise that runs day and night: known whatever the calendar knows."""
    days = calendar.first + np.arange(len(calendar.known))
    return pd.DataFrame(
        {
            "day": pd.Series(days.tolist(), dtype=object),
            "after": -1,
            "upto": _DAY,
            "shift": np.full(len(days), np.timedelta64(round(hours * 3_600_000_000), "us")),
            "fixed": np.full(len(days), np.datetime64("NaT", "us")),
        },
        columns=list(PIECES),
    )


def _looked_up(cases: Lazy, pieces: Lazy, connection: duckdb.DuckDBPyConnection | None) -> Lazy:
    """Return `computed`, the due time of each case that has one, run once and kept."""
    opened = nw.col("opened_at")
    whole = (opened.dt.hour().cast(nw.Int64()) * 60 + opened.dt.minute()) * 60 + opened.dt.second()
    timed = cases.with_columns(
        opened.dt.date().alias("opened on"),
        (whole * 1_000_000 + opened.dt.microsecond()).alias("clock"),
    )
    joined = timed.join(pieces, left_on=[_TIER, "opened on"], right_on=["tier", "day"], how="inner")
    inside = joined.filter(nw.col("clock") > nw.col("after"), nw.col("clock") <= nw.col("upto"))
    moving = nw.col("opened_at") + nw.col("shift")
    due = nw.when(nw.col("fixed").is_null()).then(moving).otherwise(nw.col("fixed"))
    found = inside.select(nw.col("case_id").alias("of case"), due.alias("computed"))
    return engine.scan(found.collect("pyarrow").to_native(), connection=connection)


def _filled(cases: Lazy, due: str, promised: Sequence[str]) -> Lazy:
    stated, computed = ~nw.col(due).is_null(), ~nw.col("computed").is_null()
    expected = nw.col(_TIER).is_in(promised).fill_null(False) if promised else nw.lit(False)
    why = nw.when(expected).then(nw.lit(NO_CALENDAR)).otherwise(nw.lit(NO_PROMISE))
    source = nw.when(computed).then(nw.lit(COMPUTED)).otherwise(why)
    return cases.with_columns(
        nw.when(stated).then(nw.lit(STATED)).otherwise(source).alias(source_of(due)),
        nw.when(stated).then(nw.col(due)).otherwise(nw.col("computed")).alias(due),
    ).drop("computed")
