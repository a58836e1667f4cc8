"""From a study and a period to an evaluation, one way and no way back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

import survey_kpi
from survey_kpi.cleaning import audit_rows
from survey_kpi.evaluation import tables
from survey_kpi.evaluation.breaks import Asked, reworded, version_breaks, wordings
from survey_kpi.evaluation.comparing import compare_company, of_records, reference_period
from survey_kpi.evaluation.complaint_months import complaint_months
from survey_kpi.evaluation.deciding import pooled_quarters
from survey_kpi.evaluation.from_records import estimate_from_records
from survey_kpi.evaluation.goal_results import goal_results
from survey_kpi.evaluation.goals_met import with_goals_met
from survey_kpi.evaluation.inputs import judgements_of, ratings_of
from survey_kpi.evaluation.judging_scores import ScoreInputs, judge_period
from survey_kpi.evaluation.reach import Reach, reach_doubts, reach_of
from survey_kpi.evaluation.recording import record
from survey_kpi.evaluation.result import Evaluation, Weighting
from survey_kpi.evaluation.study_rows import StudyRows, read_rows
from survey_kpi.evaluation.vocabulary import vocabulary
from survey_kpi.evaluation.weighing import weigh
from survey_kpi.indicators import Score, count_cells, estimate_all, scores_of
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH
from survey_kpi.indicators.designed import lonely_strata
from survey_kpi.indicators.estimation import in_period
from survey_kpi.indicators.repeating import repeating
from survey_kpi.period import Period
from survey_kpi.study import data_directory, find_study, load_study
from survey_kpi.study.models import Study


def open_study(study: str | Path, *, data: str | Path | None = None, judged: bool = True) -> Study:
    """Load and cross-check a study by name or folder.

    Parameters
    ----------
    study
        Folder of the study files, or its name under `studies/` of the current project.
    data
        Folder of its rows; else `$SURVEY_KPI_DATA/<study>`, else `data/raw/<study>` of the project.
    judged
        Read the files of judgements too; those who are about to collect them have none yet.

    Raises
    ------
    SpecError
        All mistakes of all study files at once.
    """
    folder = find_study(str(study), Path.cwd())
    directory = data_directory(folder, Path(data) if data else None, os.environ)
    return load_study(folder, data_dir=directory, vocabulary=vocabulary(), judged=judged)


def evaluate(
    study: Study | str | Path, period: Period | str, *, data: str | Path | None = None
) -> Evaluation:
    """Evaluate one period of a study.

    Parameters
    ----------
    study
        A loaded study, or what `open_study` takes.
    period
        `2026Q3`, `2026-07` or `2026Q3-R4`.

    Returns
    -------
    Evaluation
        Its `to_frame()` is the tidy table of all estimates.

    Raises
    ------
    SchemaError, SpecError
        The data or the study files are wrong. `period_unknown`: the data hold no answer of the period.
    """
    study = study if isinstance(study, Study) else open_study(study, data=data)
    period = period if isinstance(period, Period) else Period.parse(period)
    against = reference_period(study.study.primary, period)
    rows = read_rows(study)
    scores = scores_of(study.indicators.indicators, study.codebook)
    levels, design = study.study.levels, study.study.design
    cells = count_cells(rows.answers, scores, codebook=study.codebook, levels=levels, design=design)
    tables.check_period(cells, period)
    kept = cells[cells[EXCLUDED_BY] == ""]
    reach = reach_of(study, rows.records, cells)

    periods = sorted({*period.last(study.study.trend_quarters), against})
    answered = estimate_all(kept, scores, levels, periods, design=design)
    estimates = _with_records(answered, study, rows, periods, reach, people_in=(against, period))
    asked = wordings(rows.dated, study, periods)
    weighting = _weighed(study, estimates, period)
    judged = judge_period(
        study,
        period,
        weighting,
        estimates=estimates,
        inputs=ScoreInputs(
            kept=kept,
            answers=rows.answers,
            scores=scores,
            frames=rows.records.frames,
            reach=reach,
            asked=asked,
            connection=rows.connection,
        ),
    )
    people = tables.person_tiers(kept, scores, study, period)
    data_hash = _data_hash(rows)
    evaluation = Evaluation(
        study=study,
        period=period,
        against=against,
        run_id=_hash([data_hash, study.rule_hash, survey_kpi.__version__, str(period)]),
        data_hash=data_hash,
        estimates=estimates,
        comparisons=_compared(study, rows, scores, estimates, asked, period, against),
        breaks=version_breaks(asked, period.last(study.study.trend_quarters)),
        weighting=weighting,
        score_parts=judged.now.parts,
        scores=judged.now.totals,
        reaching=judged.reaching,
        pool=judged.pool,
        correlations=judged.correlations,
        priors=judged.priors,
        decisions=judged.decisions,
        quarters=judged.quarters,
        targets=judged.targets,
        goals=goal_results(study, estimates, period, judged.exposure),
        tiers=people,
        tier_indicator=tables.tier_indicator(study, scores),
        funnel=tables.funnel_table(people),
        histogram=tables.histogram(kept, study, period),
        flow=tables.flow(cells, study, period),
        complaints=complaint_months(study, rows.records.frames, period, rows.connection, reach=reach),
        intake=rows.responses.intake,
        audit=pd.concat([rows.responses.audit, audit_rows(rows.cleaned)], ignore_index=True),
        tables=rows.records.intake,
        table_audit=rows.records.audit,
        calendar=rows.records.calendar,
        rule_counts=rows.cleaned.counts,
        diagnostics=tables.diagnostics(
            weighting,
            [
                *lonely_strata(kept[in_period(kept[MONTH], period)], design),
                *judged.doubts,
                *reach_doubts(reach, study, [against, period], pool=pooled_quarters(period)),
                *tables.plan_doubts(study),
            ],
        ),
        facts={},
    )
    return replace(evaluation, facts=record(evaluation, scores))


def _with_records(
    answered: pd.DataFrame,
    study: Study,
    rows: StudyRows,
    periods: Sequence[Period],
    reach: Reach,
    *,
    people_in: Sequence[Period],
) -> pd.DataFrame:
    """Add the indicators of the company's tables, and those that count how many goals were met."""
    asked = (study, rows.records.frames, rows.answers, periods, rows.connection)
    others = estimate_from_records(*asked, reach=reach, people_in=people_in)
    estimates = pd.concat([answered, *others], ignore_index=True)
    return with_goals_met(estimates, *asked, reach=reach, people_in=people_in)


def _compared(
    study: Study,
    rows: StudyRows,
    scores: Sequence[Score],
    estimates: pd.DataFrame,
    asked: Asked,
    period: Period,
    against: Period,
) -> pd.DataFrame:
    """Compare the company's headlines with the period of reference, customers who answered twice counted."""
    headlines, primary = tables.headlines(study), study.study.primary
    repeated = repeating(
        rows.answers,
        [score for score in scores if (score.sheet.id, score.measure.name) in headlines],
        now=period,
        before=against,
        codebook=study.codebook,
        design=study.study.design,
    )
    return compare_company(
        estimates,
        headlines,
        period=period,
        against=against,
        primary=primary,
        covariance=repeated.covariance,
        untested=of_records(study.indicators.indicators, primary) | reworded(asked, period, against),
    )


def _weighed(study: Study, estimates: pd.DataFrame, period: Period) -> Weighting:
    """Weigh the scored indicators by what the rules declare."""
    subjects = tables.evaluated_subjects(estimates, study, period)
    return weigh(
        study.rules.indicator_weights,
        scored=study.rules.scored,
        matrix=tables.score_matrix(subjects, study),
        direction=tables.directions(study),
        judgements=judgements_of(study),
        ratings=ratings_of(study),
    )


def _data_hash(rows: StudyRows) -> str:
    """Hash every file that was read, and the calendar that times rest on."""
    hashes = [f"{row.file}:{row.sha256}" for row in rows.received]
    return _hash([*hashes, rows.records.calendar] if rows.records.calendar else hashes)


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
