"""One grouped scan for each view of the company's tables: sums by period and subject.

Totals of the company, of tiers and of channels are sums over all rows. Sums of persons and teams are those of
the rows that belong to somebody: the owner of the row's customer at the time, else the person whom the row
itself names; with the team of the spell at that time. What belongs to nobody counts for the company only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.engine import collect, held
from survey_kpi.indicators.expressions import dated, microseconds
from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.model import Frames, Indicator, Measure, Params, RecordMeasure, View
from survey_kpi.period import Period
from survey_kpi.study.models import IndicatorSheet, Level

Lazy = nw.LazyFrame[Any]
PERSON, FROM, TO, SHARE = "belongs to", "belongs from", "belongs to before", "share of unit"
SUMS = ("n", "y", "yy", "x")
COLLECTED = frozenset({"duration", "median"})
"""Families whose cases are needed one by one: medians do not follow from sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordScore:
    """One record measure of one indicator of the study, with the parameters that its sheet sets."""

    sheet: IndicatorSheet
    measure: RecordMeasure
    params: Params

    @property
    def name(self) -> str:
        """`<indicator>.<measure>`."""
        return f"{self.sheet.id}.{self.measure.name}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordCells:
    """Sums of one view.

    Parameters
    ----------
    outer
        By period and by levels that all rows have (tier, channel): the company is their sum.
    people
        By period, person and levels of the person's spell: rows that belong to somebody.
    cases
        For each measure of a `COLLECTED` family the two tables of its cases instead of sums: the same keys,
        `time` (hours, or the values) and `closed`.
    """

    outer: pd.DataFrame
    people: pd.DataFrame
    cases: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The measures that are summed over the same rows."""

    view: View
    scores: tuple[RecordScore, ...]


def record_scans(sheets: Sequence[IndicatorSheet]) -> list[Scan]:
    """Return every record measure of the study's indicators, together with those of the same rows."""
    found: dict[tuple[Any, ...], list[RecordScore]] = {}
    for sheet in sheets:
        row = INDICATORS[sheet.kpi]
        params = {**row.params, **sheet.params}
        for measure in row.measures:
            view = view_of(row, measure)
            if view and isinstance(measure, RecordMeasure):
                key = (view, *(repr(params.get(name)) for name in view.params))
                found.setdefault(key, []).append(RecordScore(sheet=sheet, measure=measure, params=params))
    return [Scan(view=key[0], scores=tuple(scores)) for key, scores in found.items()]


def view_of(row: Indicator, measure: Measure) -> View | None:
    """Return the view that a measure is summed over: its own, else that of its indicator."""
    own = measure.view if isinstance(measure, RecordMeasure) else None
    return own or row.view


def period_frames(periods: Sequence[Period], *, cut_off_days: int = 0) -> dict[str, pd.DataFrame]:
    """Return the spans to evaluate as tables: `periods`, and `months` with the months of each.

    `cut_off` is the moment up to which things are known: the period's end, or some days later.
    """
    stamps = {
        "period": [str(period) for period in periods],
        "period_start": pd.to_datetime([period.start for period in periods]).as_unit("us"),
        "period_end": pd.to_datetime([period.end for period in periods]).as_unit("us"),
    }
    spans = pd.DataFrame(stamps)
    spans["cut_off"] = spans["period_end"] + pd.Timedelta(days=cut_off_days)
    months = [(place, period.first + k) for place, period in enumerate(periods) for k in range(period.months)]
    by_month = spans.iloc[[place for place, _ in months]].assign(month=[month for _, month in months])
    return {"periods": spans, "months": by_month.reset_index(drop=True)}


def rows_of_view(view: View, frames: Frames, params: Params) -> Lazy:
    """Return the rows of a view, one for each period that they belong to."""
    rows = view.rows(frames, params)
    return rows if view.by_period else dated(rows, frames["months"])


def count_records(
    scan: Scan, frames: Frames, levels: Sequence[Level], *, people_in: Collection[str] | None = None
) -> RecordCells:
    """Reduce the rows of a view to sums per subject, in one scan for all rows and one for those of somebody.

    Parameters
    ----------
    frames
        Canonical tables by name, all on one engine, with the two of `period_frames`.
    levels
        Levels of subjects below the company; those of which the view's rows know nothing have no subjects.
    people_in
        Periods in which persons and what their spells say are wanted; all by default.
    """
    sums = [score for score in scan.scores if score.measure.family not in COLLECTED]
    cases = [score for score in scan.scores if score.measure.family in COLLECTED]
    nobody = pd.DataFrame(columns=["period"])
    scored = held(_scored(scan, frames, levels))
    outer, outer_cases = _reduced(*_with_customers(scored, frames, levels), sums, cases)
    wanted = scored if people_in is None else scored.filter(nw.col("period").is_in(list(people_in)))
    owned, of_people = _with_people(wanted, scan.view, frames, levels)
    people, people_cases = (nobody, {}) if owned is None else _reduced(owned, of_people, sums, cases)
    return RecordCells(
        outer=outer,
        people=people,
        cases={name: (table, people_cases.get(name, nobody)) for name, table in outer_cases.items()},
    )


def _scored(scan: Scan, frames: Frames, levels: Sequence[Level]) -> Lazy:
    """Score the rows of a view, with no more columns than attribution and levels ask for."""
    view, scores = scan.view, scan.scores
    rows = rows_of_view(view, frames, scores[0].params)
    asked = ["period", "at", "customer_id", "specialist_id", view.until, *[level.column for level in levels]]
    names = rows.collect_schema().names()
    made = {score.name: _score(score) for score in scores}
    made |= {f"{score.name}/": score.measure.per(score.params) for score in scores if score.measure.per}
    made |= {f"{score.name}|": score.measure.closed(score.params) for score in scores if score.measure.closed}
    return rows.select(
        *[name for name in dict.fromkeys(asked) if name in names],
        *[score.alias(name) for name, score in made.items()],
        nw.lit(1.0).alias(SHARE),
    )


def _reduced(
    rows: Lazy, columns: Mapping[str, str], sums: Sequence[RecordScore], cases: Sequence[RecordScore]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Sum what can be summed, and collect the cases of what cannot, by period and subject."""
    keys = {"period": "period", **{f"level {level}": column for level, column in columns.items()}}
    keyed = rows.with_columns(*[nw.col(column).alias(name) for name, column in keys.items()])
    summed = pd.DataFrame(columns=["period"])
    if sums:
        added = keyed.group_by(list(keys)).agg(*[expr for score in sums for expr in _sums(score)])
        summed = collect(added).sort_values(list(keys), ignore_index=True)
    return summed, _cases(keyed, list(keys), cases)


def is_personal(level: Level) -> bool:
    """Whether a level's subjects are persons, or what their spells say about them."""
    return level.via == "specialists" or level.column == "specialist_id"


def _score(score: RecordScore) -> nw.Expr:
    return score.measure.score(score.params).cast(nw.Float64())


def _with_customers(rows: Lazy, frames: Frames, levels: Sequence[Level]) -> tuple[Lazy, dict[str, str]]:
    """Add what levels look up by customer; return the rows and the column of each level that they know."""
    names = rows.collect_schema().names()
    own = {
        level.id: level.column
        for level in levels
        if not is_personal(level) and level.via is None and level.column in names
    }
    looked_up = [level for level in levels if level.via == "customers"]
    if not looked_up or "customers" not in frames or "customer_id" not in names:
        return rows, own
    columns = {level.id: f"customer {level.column}" for level in looked_up}
    wanted = [nw.col(level.column).alias(columns[level.id]) for level in looked_up]
    customers = frames["customers"].select(nw.col("customer_id").alias("customer"), *wanted)
    return rows.join(customers, left_on="customer_id", right_on="customer", how="left"), own | columns


def _with_people(
    rows: Lazy, view: View, frames: Frames, levels: Sequence[Level]
) -> tuple[Lazy | None, dict[str, str]]:
    """Keep the rows that belong to somebody, with that person and the levels of the spell at that time."""
    personal = [level for level in levels if is_personal(level)]
    owned = _owned(rows, view, frames) if personal else None
    if owned is None:
        return None, {}
    columns = {level.id: PERSON for level in personal if level.via is None}
    if "specialists" not in frames:
        return owned, columns
    columns |= {level.id: f"spell {level.column}" for level in personal if level.via}
    wanted = {f"spell {level.column}": nw.col(level.column) for level in personal if level.via}
    spells = frames["specialists"].select(
        nw.col("specialist_id").alias("who"),
        nw.col("valid_from").alias("spell from"),
        nw.col("valid_to").alias("spell to before"),
        *[column.alias(name) for name, column in wanted.items()],
    )
    inside = _within("at", "spell from", "spell to before")
    return owned.join(spells, left_on=PERSON, right_on="who", how="inner").filter(inside), columns


def _owned(rows: Lazy, view: View, frames: Frames) -> Lazy | None:
    """Attribute rows: by the customer's owner at the time, else by the person whom the row names."""
    names = rows.collect_schema().names()
    by_owner = "ownership" in frames and "customer_id" in names
    if not by_owner and "specialist_id" not in names:
        return None
    if not by_owner:
        return rows.with_columns(nw.col("specialist_id").alias(PERSON)).filter(~nw.col(PERSON).is_null())
    ownership = frames["ownership"].select(
        nw.col("customer_id").alias("owned"),
        nw.col("specialist_id").alias(PERSON),
        nw.col("valid_from").alias(FROM),
        nw.col("valid_to").alias(TO),
    )
    joined = rows.join(ownership, left_on="customer_id", right_on="owned", how="inner")
    found = _shared(joined, view.until) if view.until else joined.filter(_within("at", FROM, TO))
    columns = [*names, PERSON]
    if "specialist_id" not in names:
        return found.select(columns)
    named = rows.filter(nw.col("customer_id").is_null(), ~nw.col("specialist_id").is_null())
    named = named.with_columns(nw.col("specialist_id").alias(PERSON))
    return nw.concat([found.select(columns), named.select(columns)], how="vertical")


def _shared(joined: Lazy, until: str) -> Lazy:
    """Split the one unit of each row among the owners by the time that each had the customer.

    A row without an end is a moment: its owner then has all of it.
    """
    moment = nw.col(until).is_null()
    start = nw.when(nw.col(FROM) > nw.col("at")).then(nw.col(FROM)).otherwise(nw.col("at"))
    left = ~nw.col(TO).is_null() & (nw.col(TO) < nw.col(until))
    end = nw.when(left).then(nw.col(TO)).otherwise(nw.col(until))
    parts = joined.with_columns(start.alias("part from"), end.alias("part to"))
    whole = _at(until) - _at("at")
    part = (_at("part to") - _at("part from")).cast(nw.Float64()) / whole.cast(nw.Float64())
    parts = parts.filter(
        (moment & _within("at", FROM, TO)) | (~moment & (nw.col("part to") > nw.col("part from")))
    ).with_columns(nw.when(moment).then(nw.lit(1.0)).otherwise(part).alias(SHARE))
    return parts.with_columns(nw.col("part from").alias("at"))


def _at(column: str) -> nw.Expr:
    return microseconds(nw.col(column))


def _within(column: str, start: str, end: str) -> nw.Expr:
    at = nw.col(column)
    return (at >= nw.col(start)) & (nw.col(end).is_null() | (at < nw.col(end)))


def _sums(score: RecordScore) -> list[nw.Expr]:
    y, share = nw.col(score.name), nw.col(SHARE)
    counted = nw.when(~y.is_null()).then(share).otherwise(nw.lit(0.0))
    per = nw.col(f"{score.name}/").cast(nw.Float64()) if score.measure.per else nw.lit(0.0)
    made = {"n": counted, "y": share * y, "yy": share * y * y, "x": share * per}
    return [made[key].fill_null(0.0).sum().alias(f"{score.name}:{key}") for key in SUMS]


def _cases(keyed: Lazy, keys: list[str], scores: Sequence[RecordScore]) -> dict[str, pd.DataFrame]:
    if not scores:
        return {}
    closing = [f"{score.name}|" for score in scores if score.measure.closed]
    table = collect(keyed.select(*keys, *[score.name for score in scores], *closing))
    return {score.name: _of_measure(table, keys, score) for score in scores}


def _of_measure(table: pd.DataFrame, keys: list[str], score: RecordScore) -> pd.DataFrame:
    inside = table[table[score.name].notna()]
    closed = inside[f"{score.name}|"] if score.measure.closed else True
    cases = inside[keys].assign(time=inside[score.name], closed=closed)
    return cases.sort_values([*keys, "time"], ignore_index=True)
