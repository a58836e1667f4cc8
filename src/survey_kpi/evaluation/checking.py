"""Looking at a study without evaluating it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import clean
from survey_kpi.engine import collect, connect
from survey_kpi.evaluation.compose import open_study
from survey_kpi.evaluation.inputs import check_registers, judgements_of, ratings_of
from survey_kpi.evaluation.meetings import read_meetings
from survey_kpi.evaluation.own_targets import check_own_goals
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicator_weights import read_judgements, read_ratings
from survey_kpi.indicators.cells import MONTH, with_period
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.records import Records, match_rates, read_records
from survey_kpi.sampling import Finding, lint
from survey_kpi.scoring.balance import plan_findings
from survey_kpi.study.findings import Finding as PlanFinding
from survey_kpi.study.models import Study
from survey_kpi.study.plan import plan_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A study without mistakes: files, tables, what reading them noticed, signs of faulty questions."""

    name: str
    rows: int
    files: Sequence[Row]
    notes: Sequence[str]
    findings: Sequence[Finding]
    tables: Sequence[Row]
    """Rows and rows set aside of each table beside the responses, by file."""
    matches: Sequence[Row]
    """How many rows of each table lead to the table that they refer to."""
    plan: Sequence[PlanFinding]
    """What is legal and perhaps unwise in indicators and goals."""
    plan_hash: str
    """Hash of the plan as it stands, to be kept under `opened_with` when data are opened."""


def check_study(study: str | Path, *, data: str | Path | None = None) -> Checked:
    """Read every study file and every source, and refuse what an evaluation would refuse.

    Raises
    ------
    SpecError, SchemaError, MethodError
        All mistakes of the study files at once; else all mistakes of the data files at once; else those of
        the judgements; else those of the meetings.
    """
    declared = open_study(study, data=data)
    check_own_goals(declared)
    connection = connect()
    responses = read_responses(declared, connection=connection)
    clean(with_period(responses.frame, declared.study.sources), declared.codebook, declared.study.cleaning)
    records = read_records(declared, connection=connection)
    check_registers(declared, records)
    _check_judgements(declared)
    read_meetings(declared)
    return Checked(
        name=declared.study.name,
        rows=int(responses.intake["rows"].sum()),
        files=rows_of(responses.intake),
        notes=[*_noticed(responses.audit, "noticed while reading"), *_table_notes(records)],
        findings=lint(declared.codebook),
        tables=rows_of(records.intake),
        matches=rows_of(match_rates(records, responses.frame)),
        plan=plan_findings(declared),
        plan_hash=plan_hash(declared),
    )


def _noticed(audit: pd.DataFrame, where: str) -> list[str]:
    counts = audit.groupby("rule", sort=True).size()
    return [f"{where}: {rule}, {count:,} times" for rule, count in counts.items()]


def _table_notes(records: Records) -> list[str]:
    audit = records.audit
    return [
        note
        for name in records.declared
        for note in _noticed(audit[audit["source"] == name], f"table {name}")
    ]


def _check_judgements(study: Study) -> None:
    rule, scored = study.rules.indicator_weights, study.rules.scored
    judgements, ratings = judgements_of(study), ratings_of(study)
    if judgements is not None:
        read_judgements(judgements, scored, complete=rule.missing == "refuse")
    if ratings is not None:
        read_ratings(ratings, scored)


def periods_of(study: str | Path, *, data: str | Path | None = None) -> list[Period]:
    """Return the quarters that hold answers, oldest first."""
    declared = open_study(study, data=data)
    dated = with_period(read_responses(declared).frame, declared.study.sources)
    months = collect(dated.select(MONTH).filter(~nw.col(MONTH).is_null()).unique())[MONTH]
    return sorted({Period(int(month) - int(month) % 3, 3) for month in months})
