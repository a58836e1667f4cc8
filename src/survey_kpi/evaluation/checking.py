"""Looking at a study without evaluating it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import clean
from survey_kpi.engine import collect
from survey_kpi.evaluation.compose import open_study
from survey_kpi.evaluation.inputs import judgements_of, ratings_of, study_table
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicator_weights import read_judgements, read_ratings
from survey_kpi.indicators.cells import MONTH, with_period
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.study.models import Study
from survey_kpi.sampling import Finding, lint


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A study without mistakes: its files, what reading them noticed, signs of faulty questions."""

    name: str
    rows: int
    files: Sequence[Row]
    notes: Sequence[str]
    findings: Sequence[Finding]


def check_study(study: str | Path, *, data: str | Path | None = None) -> Checked:
    """Read every study file and every source, and refuse what an evaluation would refuse.

    Raises
    ------
    SpecError, SchemaError, MethodError
        All mistakes of the study files at once; else all mistakes of the data files at once; else those of
        the judgements.
    """
    declared = open_study(study, data=data)
    responses = read_responses(declared)
    clean(with_period(responses.frame, declared.study.sources), declared.codebook, declared.study.cleaning)
    study_table(declared, "specialists")
    _check_judgements(declared)
    noticed = responses.audit.groupby("rule", sort=True).size()
    return Checked(
        name=declared.study.name,
        rows=int(responses.intake["rows"].sum()),
        files=rows_of(responses.intake),
        notes=[f"noticed while reading: {rule}, {count:,} times" for rule, count in noticed.items()],
        findings=lint(declared.codebook),
    )


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
