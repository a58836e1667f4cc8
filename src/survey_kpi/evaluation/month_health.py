"""A month in counts, for the company and each team: what came in, whom we asked, what is open or short.

Answers, invitations and complaints belong to the month in which they happened, so that the months of a
quarter add up to it. Profiles and goals are looked at when the month ends: those of a quarter are those of
its last day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import clean
from survey_kpi.engine import collect, connect, scan
from survey_kpi.estimate import Estimate
from survey_kpi.evaluation.teams import people_of, team_level, teams_of
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY, INDICATORS, attach_levels, level_column
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, with_period
from survey_kpi.indicators.estimation import subject_keys
from survey_kpi.indicators.expressions import one
from survey_kpi.indicators.measures import count, every, share
from survey_kpi.indicators.model import Frames, Params, RecordMeasure, View
from survey_kpi.indicators.records import (
    RecordCells,
    RecordScore,
    Scan,
    count_records,
    is_personal,
    period_frames,
)
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.records import read_records
from survey_kpi.scoring.health import Count, health_by_subject
from survey_kpi.study.models import IndicatorSheet, Level, Study

if TYPE_CHECKING:
    import duckdb

Lazy = nw.LazyFrame[Any]
Counts = dict[str, Count]
UNKNOWN: Final = 0.1
"""Share of the profiles that may have been updated after the month. Above it nothing is said of freshness:
those that nobody has touched since are no fair part of all."""
TABLES: Final = ("specialists", "customers", "ownership", "complaints", "invites")
"""Tables that the card asks; a figure without its tables is not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthHealth:
    """Figures of a month.

    Parameters
    ----------
    subjects
        The company, then its teams in declared order.
    counts
        Counts by subject and name of the figure; a figure that the study has no table for is absent, and so
        is freshness where more than `UNKNOWN` of the profiles cannot be judged any more.
    figures
        The same as estimates, each with base and interval; small bases, and what would give them away, are
        withheld.
    later
        By subject, profiles that were updated after the month: nobody knows how fresh they were in it.
    """

    subjects: tuple[str, ...]
    counts: Mapping[str, Mapping[str, Count]]
    figures: Mapping[str, Mapping[str, Estimate]]
    later: Mapping[str, int]


def month_health(study: Study, period: Period, goals: pd.DataFrame) -> MonthHealth:
    """Count what a health card shows of a month; a quarter is counted the same way.

    Parameters
    ----------
    goals
        Those of the month's evaluation, `goal_results.COLUMNS`.

    Raises
    ------
    SchemaError, SpecError
        Those of reading the study's rows.
    """
    subjects = (COMPANY, *teams_of(study, period.start, period.end))
    connection = connect()
    records = read_records(study, connection=connection, only=TABLES).frames
    found = {
        "responses": _responses(study, period, records, connection),
        **_of_tables(study, period, records, connection),
        **_goals(goals, _teams_of_people(study, period, records)),
    }
    later = found.pop("later", {})
    counts = {subject: dict(_of_subject(subject, found, later.get(subject))) for subject in subjects}
    return MonthHealth(
        subjects=subjects,
        counts=counts,
        figures=health_by_subject(counts, whole=COMPANY),
        later={subject: round(each.n) for subject, each in later.items() if each.n},
    )


def _of_subject(
    subject: str, found: Mapping[str, Counts], later: Count | None
) -> Iterator[tuple[str, Count]]:
    """Yield a subject's counts; of a figure that cannot tell teams apart, a team has none."""
    for name, each in found.items():
        count = each.get(subject, Count(0) if name == "responses" else Count(0, 0))
        told = subject in each or len(each) > 1 or not each[COMPANY].n
        lost = later.n if later and name == "freshness" else 0
        if told and lost <= UNKNOWN * (count.n + lost):
            yield name, count


# --- answers ------------------------------------------------------------------------------------------


def _responses(
    study: Study, period: Period, records: Frames, connection: duckdb.DuckDBPyConnection
) -> Counts:
    """Count the valid answers of the company and of each team, as of the day of the answer."""
    dated = with_period(read_responses(study, connection=connection).frame, study.study.sources)
    answers = clean(dated, study.codebook, study.study.cleaning).frame
    level = team_level(study)
    attached = attach_levels(answers, [level] if level else [], records)
    inside = (nw.col(MONTH) >= period.first) & (nw.col(MONTH) < period.first + period.months)
    kept = attached.filter(nw.col(EXCLUDED_BY) == "", inside)
    if level is None:
        return {COMPANY: Count(int(collect(kept.select(nw.len().alias("n")))["n"].iloc[0]))}
    rows = collect(kept.group_by(level_column(level)).agg(nw.len().alias("n")))
    of = rows["n"].groupby(subject_keys(rows[level_column(level)], level)).sum()
    teams = {str(subject): Count(int(n)) for subject, n in of.items()}
    return {COMPANY: Count(int(rows["n"].sum())), **teams}


# --- tables -------------------------------------------------------------------------------------------


def _book(frames: Frames, params: Params) -> Lazy:
    """Customers on the book on some day of a period, with whether they were invited in it while they were.

    `at` is their last moment there: a customer counts for the team that had it last.
    """
    begun, gone = nw.col("start_at"), nw.col("end_at")
    start, end = nw.col("period_start"), nw.col("period_end")
    book = (
        frames["customers"].select("customer_id", "start_at", "end_at").join(frames["periods"], how="cross")
    )
    here = book.filter(begun < end, gone.is_null() | (gone > start))
    sent = here.join(frames["invites"].select("customer_id", "sent_at"), on="customer_id", how="inner")
    when = nw.col("sent_at")
    asked = sent.filter(when >= start, when < end, when >= begun, gone.is_null() | (when < gone))
    once = asked.select("customer_id", "period").unique().with_columns(nw.lit(True).alias("invited"))
    last = nw.when(gone < end).then(gone).otherwise(end).dt.offset_by("-1us")
    rows = here.with_columns(last.alias("at"), nw.col("customer_id").alias("unit"))
    return rows.join(once, on=["customer_id", "period"], how="left")


def _invited(params: Params) -> nw.Expr:
    return one(nw.col("invited").fill_null(False), base=nw.lit(True))


BOOK: Final = View(name="customers_to_invite", tables=("customers", "invites"), rows=_book, by_period=True)
INVITED: Final = share("invited", "已邀请", "invited", _invited, "customers invited / customers on the book")
ALL: Final = count("opened", "立案件数", "opened", every, "complaints opened")


def _of_tables(
    study: Study, period: Period, records: Frames, connection: duckdb.DuckDBPyConnection
) -> dict[str, Counts]:
    """Count by figure what the tables that are there can tell."""
    spans = {name: scan(table, connection=connection) for name, table in period_frames([period]).items()}
    frames = {**records, **spans}
    level = team_level(study)
    complaints = _sheet(study, "A10")
    profiles = _sheet(study, "A34")
    wanted = (
        (_view("A10"), complaints, (ALL, _measure("A10", "overdue"))),
        (_view("A34"), profiles, (_measure("A34", "fresh"), _measure("A34", "updated_later"))),
        (BOOK, profiles, (INVITED,)),
    )
    sums: dict[str, dict[str, tuple[float, float]]] = {}
    for view, sheet, measures in wanted:
        if all(name in records for name in view.tables):
            params = {**INDICATORS[sheet.kpi].params, **sheet.params}
            scores = [RecordScore(sheet=sheet, measure=each, params=params) for each in measures]
            cells = count_records(Scan(view=view, scores=tuple(scores)), frames, [level] if level else [])
            sums |= {score.measure.name: dict(_by_subject(cells, score.name, level)) for score in scores}
    return dict(_figures(sums))


def _figures(sums: Mapping[str, Mapping[str, tuple[float, float]]]) -> Iterator[tuple[str, Counts]]:
    """Yield the counts of each figure from sums by measure: (rows, what they add up to)."""
    for figure, measure in (("coverage", "invited"), ("freshness", "fresh")):
        if measure in sums:
            yield figure, {who: Count(n, having) for who, (n, having) in sums[measure].items()}
    if "opened" in sums:
        late = {who: having for who, (_, having) in sums["overdue"].items()}
        yield "overdue", {who: Count(n, late.get(who, 0)) for who, (n, _) in sums["opened"].items()}
    if "updated_later" in sums:
        yield "later", {who: Count(n) for who, (n, _) in sums["updated_later"].items()}


def _by_subject(
    cells: RecordCells, name: str, level: Level | None
) -> Iterator[tuple[str, tuple[float, float]]]:
    keys = [f"{name}:n", f"{name}:y"]
    yield COMPANY, _pair(cells.outer[keys].sum())
    table = cells.people if level and is_personal(level) else cells.outer
    if level and f"level {level.id}" in table:
        of = table[keys].groupby(subject_keys(table[f"level {level.id}"], level)).sum()
        yield from ((str(subject), _pair(row)) for subject, row in of.iterrows())


def _pair(row: pd.Series) -> tuple[float, float]:
    return float(row.iloc[0]), float(row.iloc[1])


def _sheet(study: Study, code: str) -> IndicatorSheet:
    """Return the study's own sheet of a library row, so that its windows hold; else the row as it is."""
    row = INDICATORS[code]
    own = (sheet for sheet in study.indicators.indicators if sheet.kpi == code)
    plain = IndicatorSheet(id=code, kpi=code, label=row.label, definition=row.definition)
    return next(own, plain)


def _view(code: str) -> View:
    view = INDICATORS[code].view
    if view is None:
        raise TypeError(f"{code} is not computed from tables")
    return view


def _measure(code: str, name: str) -> RecordMeasure:
    found = INDICATORS[code].measure(name)
    if not isinstance(found, RecordMeasure):
        raise TypeError(f"{code}.{name} is not computed from tables")
    return found


# --- goals --------------------------------------------------------------------------------------------


def _goals(goals: pd.DataFrame, teams: Mapping[str, Sequence[str]]) -> dict[str, Counts]:
    """Count the goals that can be judged, and those short of the target in force; a team has its people's."""
    if goals.empty:
        return {}
    counts: Counts = {COMPANY: Count(0, 0)} | {team: Count(0, 0) for of in teams.values() for team in of}
    for row in rows_of(goals[goals["verdict"] != "not_judged"]):
        for subject in dict.fromkeys([COMPANY, row.subject, *teams.get(row.subject, ())]):
            n, off = counts.get(subject, Count(0, 0))
            counts[subject] = Count(n + 1, (off or 0) + (row.verdict == "not_met"))
    return {"off_track": counts}


def _teams_of_people(study: Study, period: Period, records: Frames) -> dict[str, list[str]]:
    """Return the team of each person on the last day of the period."""
    level, end = team_level(study), period.end
    if level is None or level.via != "specialists" or "specialists" not in records:
        return {}
    teams = people_of(collect(records["specialists"]), level, end - dt.timedelta(days=1), end)
    every = sorted(set[str]().union(*teams.values()))
    return {person: [team for team, people in teams.items() if person in people] for person in every}
