"""Critical incidents of the period: what was seen of each behaviour, by incidents with evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from survey_kpi.evaluation.appraisal.numbers import amount, of_estimate
from survey_kpi.evaluation.appraisal.rows import estimate_of
from survey_kpi.evaluation.appraisal.sources import Sources, estimates_of, sheet_of
from survey_kpi.facts import Fact, fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.period import Period
from survey_kpi.scoring.feedback import Checklist, checklist

TABLE, KPI = "incidents", "A18"
RATES = ("planned", "coordinated", "handled")
COLUMNS = ("checklist", "evidence_id", "plan_made_at", "engineering_coordinated")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidents:
    """Incidents of one period.

    Parameters
    ----------
    rows
        One per incident, in order of time: incident_id, specialist_id, occurred_at, hours (to the plan, NaN
        without one), coordinated (None: not known), evidence_id.
    checklist
        Rates by item, ticks without evidence, entries that cannot be read.
    evidence
        By item: evidence ids of its counted ticks.
    rates
        Estimates of the library's row A18 of the company: measure, value, n, conf_low, conf_high, …
    """

    rows: pd.DataFrame
    checklist: Checklist
    evidence: Mapping[str, Sequence[str]]
    rates: pd.DataFrame


def incidents(sources: Sources) -> Incidents | None:
    """Lay out the incidents of the period; None where there are none."""
    if not sources.has(TABLE):
        return None
    table = sources.table(TABLE)
    for name in COLUMNS:
        table[name] = table.get(name)
    at = table["occurred_at"]
    start, end = (pd.Timestamp(day) for day in (sources.period.start, sources.period.end))
    mine = table[(at >= start) & (at < end)].sort_values(["occurred_at", "incident_id"], ignore_index=True)
    if mine.empty:
        return None
    found = estimates_of(sources, [sheet_of(sources, KPI)], [sources.period], levels=())
    return Incidents(
        rows=pd.DataFrame(
            {
                **{name: mine[name] for name in ("incident_id", "specialist_id", "occurred_at")},
                "hours": _hours(mine),
                "coordinated": mine["engineering_coordinated"].astype(object),
                "evidence_id": mine["evidence_id"].astype(object).where(mine["evidence_id"].notna(), ""),
            }
        ),
        checklist=checklist(mine),
        evidence=_evidence(mine),
        rates=found[found["measure"].isin(RATES) & (found["subject"] == COMPANY)],
    )


def _hours(rows: pd.DataFrame) -> pd.Series:
    """Hours from the incident to its plan."""
    waited = pd.to_datetime(rows["plan_made_at"]) - rows["occurred_at"]
    return waited.dt.total_seconds() / 3600


def _evidence(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Evidence ids behind each item: one incident at a time through the same counting."""
    found: dict[str, list[str]] = {}
    for place in range(len(rows)):
        one = rows.iloc[[place]]
        for item, rate in checklist(one).rates.items():
            ids = found.setdefault(item, [])
            if rate.value > 0:
                ids.append(str(one["evidence_id"].iloc[0]))
    return found


def incident_facts(period: Period, found: Incidents | None) -> Iterator[Fact]:
    """Yield every number of the incidents."""
    if found is None:
        return
    text = str(period)
    yield amount(text, "incidents", len(found.rows), "count", "incidents of the period")
    unproven = len(found.checklist.unproven)
    yield amount(text, "incidents_unproven", unproven, "count", "ticks without an evidence id")
    yield amount(text, "incidents_unread", len(found.checklist.unread), "count", "entries not understood")
    for row in rows_of(found.rows):
        formula = "from the incident to its plan"
        yield amount(text, "incident_hours", row.hours, "hours", formula, row.incident_id, reason="no plan")
    for item, rate in found.checklist.rates.items():
        formula = "100 x ticks with evidence / incidents whose list has the item"
        yield from of_estimate(text, "ticked", rate, formula, item)
        counted = len(found.evidence[item])
        yield amount(text, "ticks", counted, "count", "ticks with evidence", item)
    for row in rows_of(found.rates):
        key = fact_key(period, KPI, row.measure, COMPANY)
        yield from of_estimate(text, f"incident_{row.measure}", estimate_of(row), f"as {key} of the library")
