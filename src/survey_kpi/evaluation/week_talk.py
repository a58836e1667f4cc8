"""A week as a team talks about it: what customers complained of, how long it took, what is to be done."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning.clean import clean
from survey_kpi.engine import collect, connect, scan
from survey_kpi.errors import SpecError
from survey_kpi.estimate import Estimate, State
from survey_kpi.evaluation.inputs import check_registers
from survey_kpi.evaluation.open_actions import open_actions
from survey_kpi.evaluation.teams import team_level, teams_of
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators import COMPANY, INDICATORS, attach_levels, level_column
from survey_kpi.indicators.cells import EXCLUDED_BY, with_period
from survey_kpi.indicators.estimation import subject_keys
from survey_kpi.indicators.library.cases import complaints
from survey_kpi.indicators.measures import count, every
from survey_kpi.indicators.model import Frames, Params, RecordMeasure, RowScore, View
from survey_kpi.indicators.record_estimates import estimate_records
from survey_kpi.indicators.records import RecordScore, Scan, count_records
from survey_kpi.readers import read_responses
from survey_kpi.records import read_records
from survey_kpi.study.models import IndicatorSheet, Level, Study

if TYPE_CHECKING:
    import duckdb

Lazy = nw.LazyFrame[Any]
CATEGORIES: Final = 12
"""Complaint categories of a week that are counted by name; the rest is one."""
ALL: Final = count("opened", "立案件数", "opened", every, "complaints opened")
TIME: Final = ("A16", "median")
TABLES: Final = ("specialists", "customers", "ownership", "complaints", "actions")
_FORM = re.compile(r"(?P<year>\d{4})-?W(?P<week>\d{2})")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A week of the ISO calendar, `[start, end)`.

    Examples
    --------
    >>> str(Week.parse("2026-09-02")), Week.parse("2026-W36").end
    ('2026-W36', datetime.date(2026, 9, 7))
    """

    start: dt.date

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-W36`, or any day of the week.

        Raises
        ------
        SpecError
            `week_format`: the text is neither, or there is no such week or day.
        """
        found = _FORM.fullmatch(text.strip())
        try:
            if found:
                return cls(dt.date.fromisocalendar(int(found["year"]), int(found["week"]), 1))
            day = dt.date.fromisoformat(text.strip())
            return cls(day - dt.timedelta(days=day.weekday()))
        except (ValueError, OverflowError):
            raise SpecError(
                "week_format",
                where="period",
                what="this is not a week",
                got=repr(text),
                expected="a week 2026-W36, or one of its days 2026-09-02",
            ) from None

    @property
    def end(self) -> dt.date:
        """First day after the week."""
        return self.start + dt.timedelta(days=7)

    @property
    def before(self) -> Week:
        """The week before."""
        return Week(self.start - dt.timedelta(days=7))

    def __str__(self) -> str:
        year, week, _ = self.start.isocalendar()
        return f"{year}-W{week:02d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWeek:
    """What one team talks about.

    Parameters
    ----------
    answers
        Valid answers of the week.
    comments
        Text by row id, as it was written; nobody has masked it yet.
    opened
        Complaints opened; None where the study has no table of them.
    categories
        Complaints by category as entered, the most frequent first.
    before, now
        Hours by which half of the complaints opened in the week were resolved, each as known at the end of
        its own week.
    actions
        Open actions, see `open_actions`.
    """

    answers: int
    comments: Mapping[str, str]
    opened: int | None
    categories: Sequence[tuple[str, int]]
    before: Estimate
    now: Estimate
    actions: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekTalk:
    """The week of the company and of each team; `names` are those of people, which no card prints."""

    study: Study
    week: Week
    teams: Mapping[str, TeamWeek]
    names: frozenset[str]


def week_talk(study: Study, week: Week) -> WeekTalk:
    """Gather the week of every team.

    Raises
    ------
    SchemaError, SpecError
        Those of reading the study's rows, and of `check_registers`.
    """
    connection = connect()
    every = read_records(study, connection=connection, only=TABLES)
    check_registers(study, every)
    records = every.frames
    level = team_level(study)
    answers = _answers(study, week, records, level, connection)
    cases = _cases(study, week, records, level, connection)
    actions = collect(records["actions"]) if "actions" in records else None
    last = week.end - dt.timedelta(days=1)
    return WeekTalk(
        study=study,
        week=week,
        teams={
            subject: TeamWeek(
                answers=len(
                    mine := answers if subject == COMPANY else answers[answers["subject"] == subject]
                ),
                comments=_comments(mine),
                opened=cases.opened(subject) if "complaints" in records else None,
                categories=cases.categories(subject),
                before=cases.time(subject, week.before),
                now=cases.time(subject, week),
                actions=open_actions(actions, subject, last) if actions is not None else (),
            )
            for subject in (COMPANY, *teams_of(study, week.start, week.end))
        },
        names=people_names(records),
    )


def people_names(records: Frames) -> frozenset[str]:
    """Return the codes and names of all specialists, of whatever day."""
    if "specialists" not in records:
        return frozenset()
    table = collect(records["specialists"])
    return frozenset(table["specialist_id"].dropna()) | frozenset(table["name"].dropna())


# --- answers ------------------------------------------------------------------------------------------


def _answers(
    study: Study, week: Week, records: Frames, level: Level | None, connection: duckdb.DuckDBPyConnection
) -> pd.DataFrame:
    """Return row_id, subject and comment of the week's valid answers."""
    dated = with_period(read_responses(study, connection=connection).frame, study.study.sources)
    answers = clean(dated, study.codebook, study.study.cleaning).frame
    names = answers.collect_schema().names()
    columns = [item.id for item in study.codebook.items if item.role == "comment" and item.id in names]
    if "submitted_at" not in names:
        return pd.DataFrame(columns=["row_id", "subject", *columns])
    sent = nw.col("submitted_at")
    kept = answers.filter(
        nw.col(EXCLUDED_BY) == "", sent >= nw.lit(_moment(week.start)), sent < nw.lit(_moment(week.end))
    )
    levels = [level] if level else []
    attached = attach_levels(kept, levels, records)
    asked = ["row_id", *map(level_column, levels), *columns]
    found = collect(attached.select(*asked)).sort_values("row_id", ignore_index=True)
    if level is None:
        return found.assign(subject=None)
    return found.assign(subject=subject_keys(found.pop(level_column(level)), level))


def _moment(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)


def _comments(answers: pd.DataFrame) -> dict[str, str]:
    texts = answers.drop(columns=["row_id", "subject"])
    found = {
        str(row): " ".join(str(text).strip() for text in said if isinstance(text, str) and text.strip())
        for row, said in zip(answers["row_id"], texts.to_numpy(), strict=True)
    }
    return {row: text for row, text in found.items() if text}


# --- complaints ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cases:
    """Estimates of the two weeks by period, measure and subject, and the category that a measure counts."""

    week: Week
    table: pd.DataFrame
    names: Mapping[str, str]

    def _of(self, subject: str, week: Week) -> pd.DataFrame:
        return self.table[(self.table["subject"] == subject) & (self.table["period"] == str(week))]

    def opened(self, subject: str) -> int:
        mine = self._of(subject, self.week)
        return round(mine.loc[mine["measure"] == ALL.name, "value"].sum())

    def categories(self, subject: str) -> list[tuple[str, int]]:
        mine = self._of(subject, self.week)
        counts: Counter[str] = Counter()
        for row in rows_of(mine[mine["measure"].isin(list(self.names)) & (mine["value"] > 0)]):
            counts[self.names[row.measure]] += round(row.value)
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def time(self, subject: str, week: Week) -> Estimate:
        mine = self._of(subject, week)
        for row in rows_of(mine[mine["measure"] == TIME[1]]):
            state = State(row.state)
            if state is not State.MEASURED:
                return Estimate.missing(state, row.reason, unit=row.unit, n=round(row.n))
            return Estimate(
                value=row.value, n=round(row.n), unit=row.unit, conf_low=row.conf_low, conf_high=row.conf_high
            )
        return Estimate.missing(State.UNAVAILABLE, "no complaint", unit="hours")


def _opened(frames: Frames, params: Params) -> Lazy:
    """Complaints of the two weeks, each as known when its week ends."""
    rows = complaints(frames).with_columns(nw.col("opened_at").alias("at"))
    at = nw.col("at")
    spans = rows.join(frames["periods"], how="cross")
    return spans.filter(at >= nw.col("period_start"), at < nw.col("period_end"))


OPENED: Final = View(name="complaints_of_weeks", tables=("complaints",), rows=_opened, by_period=True)


def _cases(
    study: Study, week: Week, records: Frames, level: Level | None, connection: duckdb.DuckDBPyConnection
) -> _Cases:
    """Estimate the time to resolve, and count the categories, of two weeks."""
    empty = pd.DataFrame(columns=["period", "measure", "subject", "value"])
    if "complaints" not in records:
        return _Cases(week=week, table=empty, names={})
    frames = {**records, "periods": scan(_spans([week.before, week]), connection=connection)}
    names = _frequent(collect(_opened(frames, {}).select("category"))["category"])
    row = INDICATORS[TIME[0]]
    sheet = IndicatorSheet(id=row.code, kpi=row.code, label=row.label, definition=row.definition)
    time = row.measure(TIME[1])
    measures = [*([time] if isinstance(time, RecordMeasure) else []), ALL, *_counts(names)]
    scores = [RecordScore(sheet=sheet, measure=each, params=row.params) for each in measures]
    levels = [level] if level else []
    cells = count_records(Scan(view=OPENED, scores=tuple(scores)), frames, levels)
    table = estimate_records(cells, scores, levels, [str(week.before), str(week)])
    return _Cases(week=week, table=table, names=names)


def _spans(weeks: Sequence[Week]) -> pd.DataFrame:
    ends = pd.to_datetime([week.end for week in weeks]).as_unit("us")
    starts = pd.to_datetime([week.start for week in weeks]).as_unit("us")
    names = [str(week) for week in weeks]
    return pd.DataFrame({"period": names, "period_start": starts, "period_end": ends, "cut_off": ends})


def _frequent(found: pd.Series) -> dict[str, str]:
    """Return the most frequent categories by the name of the measure that counts them."""
    common = sorted(Counter(found).items(), key=lambda pair: (-pair[1], pair[0]))[:CATEGORIES]
    return {f"category_{place}": category for place, (category, _) in enumerate(common, 1)}


def _counts(names: Mapping[str, str]) -> list[RecordMeasure]:
    return [count(name, name, name, _is(category), "complaints opened") for name, category in names.items()]


def _is(category: str) -> RowScore:
    return lambda params: nw.when(nw.col("category") == category).then(nw.lit(1.0))
