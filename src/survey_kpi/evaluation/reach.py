"""What the tables of a study can speak of: how far they reach in time, and which columns their sources lack.

What a table cannot know is not measured, never 0 and never 100: a quarter before its first row, a complaint's
due time where the export has no such column, persons before anybody owned a customer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.frames import rows_of
from survey_kpi.indicators import INDICATORS
from survey_kpi.indicators.cells import MONTH, ROWS
from survey_kpi.indicators.records import RecordScore, Scan, is_personal, record_scans
from survey_kpi.period import Period
from survey_kpi.records import Records
from survey_kpi.records.coverage import Coverage, table_coverage
from survey_kpi.study.models import Study
from survey_kpi.study.tables import TABLES

ANSWERS, OWNERS = "responses", "ownership"
NUMBERS = ("value", "std_error", "conf_low", "conf_high")
DOUBTS = {"partly": "table_partly_covered", "unsure": "table_silent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What is known about the tables of a study.

    Parameters
    ----------
    coverage
        How far each table reaches, by canonical name; a table without a time reaches everywhere.
    lacking
        Columns that no source of their table has, as `table.column`.
    """

    coverage: Mapping[str, Coverage]
    lacking: frozenset[str] = frozenset()

    def outside(self, tables: Sequence[str], period: Period) -> str:
        """Return why the tables cannot speak of a period, empty where they can."""
        found = [self.coverage[name].reach(period) for name in tables if name in self.coverage]
        return "; ".join(told for reach, told in found if reach == "outside")

    def whole(self, tables: Sequence[str], period: Period) -> bool:
        """Whether the tables speak of a whole period, as far as anybody knows."""
        found = {self.coverage[name].reach(period)[0] for name in tables if name in self.coverage}
        return found.isdisjoint({"outside", "partly"})

    def without(self, columns: Sequence[str]) -> str:
        """Return which of the columns no source has, empty where there are all; of `a|b` one is enough."""
        missing = [name for name in columns if self.lacking.issuperset(name.split("|"))]
        return f"no source has the column {', '.join(missing).replace('|', ' or ')}" if missing else ""

    def doubts(self, periods: Sequence[Period]) -> Iterator[Mapping[str, str]]:
        """Yield what the diagnostics say: tables that reach into a period, or are silent for it by chance."""
        for table, coverage in self.coverage.items():
            for period in periods:
                reach, told = coverage.reach(period)
                if reach in DOUBTS:
                    yield {"code": DOUBTS[reach], "where": table, "message": f"{period}: {told}"}


def reach_of(study: Study, records: Records, cells: pd.DataFrame) -> Reach:
    """Return what the tables that the study's indicators count can speak of.

    Parameters
    ----------
    cells
        Sums of all answers: their months say how far the answers reach.
    """
    counted = {name for each in record_scans(study.indicators.indicators) for name in each.view.tables}
    if not counted:
        return Reach(coverage={})
    coverage = table_coverage(records.frames, study.study.tables, only=counted | {OWNERS})
    if ANSWERS in counted:
        coverage[ANSWERS] = _of_answers(study, cells)
    return Reach(coverage=coverage, lacking=_lacking(records.intake) - _computed(study))


def reach_doubts(
    reach: Reach, study: Study, periods: Sequence[Period], *, pool: Sequence[Period]
) -> list[Mapping[str, str]]:
    """Return the doubts about some periods, and about the quarters pooled behind scores of tables."""
    scored = [sheet for sheet in study.indicators.indicators if sheet.id in study.rules.scored]
    tables = {name for each in record_scans(scored) for name in each.view.tables}
    behind = Reach(coverage={name: found for name, found in reach.coverage.items() if name in tables})
    earlier = [quarter for quarter in pool if quarter not in periods]
    return [*behind.doubts(earlier), *reach.doubts(periods)]


def _of_answers(study: Study, cells: pd.DataFrame) -> Coverage:
    dated = cells[cells[MONTH].notna()]
    if dated.empty:
        return Coverage(table=ANSWERS)
    first, last = Period(int(dated[MONTH].min()), 1), Period(int(dated[MONTH].max()), 1)
    declared = [Period.parse(source.period).end for source in study.study.sources if source.period]
    begins, ends = pd.Timestamp(first.start), pd.Timestamp(max([last.end, *declared]))
    per_day = (float(dated[ROWS].sum()) - 1) / ((ends - begins) / pd.Timedelta(days=1))
    return Coverage(table=ANSWERS, begins=begins, ends=ends, per_day=per_day)


def _lacking(intake: pd.DataFrame) -> frozenset[str]:
    """Return the columns that are absent from all files of their table."""
    absent: dict[str, set[str]] = {}
    for row in rows_of(intake):
        absent[row.table] = absent.get(row.table, set(row.absent)) & set(row.absent)
    return frozenset(f"{table}.{column}" for table, columns in absent.items() for column in columns)


def _computed(study: Study) -> frozenset[str]:
    """Return the columns that the working calendar fills in where a source lacks them."""
    promised = {"complaints.due_at"} if study.study.service_levels else set()
    return frozenset({"usage.working_day", *promised})


def unmeasured(
    estimates: pd.DataFrame, scan: Scan, study: Study, reach: Reach, periods: Sequence[Period]
) -> pd.DataFrame:
    """Take back what the tables of a view cannot know: not measured, with the reason.

    Parameters
    ----------
    estimates
        Rows of one view.
    """
    tables = _told({str(period): reach.outside(scan.view.tables, period) for period in periods})
    owners = _told(
        {str(period): reach.outside([OWNERS], period) for period in periods} if _by_owner(scan) else {}
    )
    columns = _told({score.name: _without(score, reach) for score in scan.scores})
    if not (tables or owners or columns):
        return estimates
    personal = estimates["level"].isin([level.id for level in study.study.levels if is_personal(level)])
    names = estimates["indicator"] + "." + estimates["measure"]
    reasons = _looked_up(names, columns)
    reasons = reasons.where(reasons.notna(), _looked_up(estimates["period"], tables))
    reasons = reasons.where(reasons.notna() | ~personal, _looked_up(estimates["period"], owners))
    return _taken_back(estimates, reasons)


def _told(reasons: Mapping[str, str]) -> dict[str, str]:
    return {name: reason for name, reason in reasons.items() if reason}


def _looked_up(names: pd.Series, reasons: Mapping[str, str]) -> pd.Series:
    return names.map(reasons).astype(object)


def _without(score: RecordScore, reach: Reach) -> str:
    return reach.without(INDICATORS[score.sheet.kpi].columns_of(score.measure.name, score.params))


def _by_owner(scan: Scan) -> bool:
    """Whether the rows of a view belong to whoever owned the customer."""
    spec = TABLES.get(scan.view.tables[0])
    return spec is None or any(column.name == "customer_id" for column in spec.columns)


def _taken_back(estimates: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    silent = reasons.notna()
    found = estimates.copy()
    found.loc[silent, [*NUMBERS]] = np.nan
    found.loc[silent, ["n", "n_effective"]] = 0.0
    found.loc[silent, "state"] = State.UNAVAILABLE
    found.loc[silent, "reason"] = reasons[silent]
    return found
