"""From a study and a period to an evaluation, one way and no way back."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

import survey_kpi
from survey_kpi.cleaning import audit_rows, clean
from survey_kpi.engine import connect, held, in_order
from survey_kpi.evaluation import tables
from survey_kpi.evaluation.breaks import reworded, version_breaks, wordings
from survey_kpi.evaluation.comparing import compare_company, of_records, reference_period
from survey_kpi.evaluation.complaint_months import complaint_months
from survey_kpi.evaluation.deciding import pooled_quarters
from survey_kpi.evaluation.from_records import estimate_from_records
from survey_kpi.evaluation.goal_results import goal_results
from survey_kpi.evaluation.goals_met import with_goals_met
from survey_kpi.evaluation.inputs import check_registers, judgements_of, ratings_of
from survey_kpi.evaluation.judging_scores import ScoreInputs, judge_period
from survey_kpi.evaluation.reach import reach_doubts, reach_of
from survey_kpi.evaluation.recording import record
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.vocabulary import vocabulary
from survey_kpi.evaluation.weighing import weigh
from survey_kpi.frames import rows_of
from survey_kpi.indicators import attach_levels, count_cells, estimate_all, scores_of
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, with_period
from survey_kpi.indicators.designed import lonely_strata
from survey_kpi.indicators.estimation import in_period
from survey_kpi.indicators.repeating import repeating
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.records import read_records
from survey_kpi.study import data_directory, find_study, load_study
from survey_kpi.study.models import Study

FEW = 250_000
"""Answers that are cleaned once and kept: planning the expressions of cleaning for every scan would cost more
than running them. More answers stay where they lie."""


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
    levels, design = study.study.levels, study.study.design

    connection = connect()
    responses = read_responses(study, connection=connection)
    dated = with_period(responses.frame, study.study.sources)
    if design.weight:
        in_order(connection)
    cleaned = clean(dated, study.codebook, study.study.cleaning)
    records = read_records(study, connection=connection)
    check_registers(study, records)
    answers = attach_levels(cleaned.frame, levels, records.frames)
    if responses.intake["rows"].sum() <= FEW:
        answers = held(answers)
    scores = scores_of(study.indicators.indicators, study.codebook)
    cells = count_cells(answers, scores, codebook=study.codebook, levels=levels, design=design)
    tables.check_period(cells, period)
    kept = cells[cells[EXCLUDED_BY] == ""]

    periods = sorted({*period.last(study.study.trend_quarters), against})
    estimates = estimate_all(kept, scores, levels, periods, design=design)
    reach = reach_of(study, records, cells)
    others = estimate_from_records(
        study, records.frames, answers, periods, connection, reach=reach, people_in=(against, period)
    )
    estimates = with_goals_met(
        pd.concat([estimates, *others], ignore_index=True),
        study,
        records.frames,
        answers,
        periods,
        connection,
        reach=reach,
        people_in=(against, period),
    )
    headlines = tables.headlines(study)
    repeated = repeating(
        answers,
        [score for score in scores if (score.sheet.id, score.measure.name) in headlines],
        now=period,
        before=against,
        codebook=study.codebook,
        design=design,
    )
    asked = wordings(dated, study, periods)
    comparisons = compare_company(
        estimates,
        headlines,
        period=period,
        against=against,
        primary=study.study.primary,
        covariance=repeated.covariance,
        untested=of_records(study.indicators.indicators, study.study.primary)
        | reworded(asked, period, against),
    )
    subjects = tables.evaluated_subjects(estimates, study, period)
    weighting = weigh(
        study.rules.indicator_weights,
        scored=study.rules.scored,
        matrix=tables.score_matrix(subjects, study),
        direction=tables.directions(study),
        judgements=judgements_of(study),
        ratings=ratings_of(study),
    )
    judged = judge_period(
        study,
        period,
        weighting,
        estimates=estimates,
        inputs=ScoreInputs(
            kept=kept,
            answers=answers,
            scores=scores,
            frames=records.frames,
            reach=reach,
            asked=asked,
            connection=connection,
        ),
    )
    people = tables.person_tiers(kept, scores, study, period)
    received = [*rows_of(responses.intake), *rows_of(records.intake)]
    hashes = [f"{row.file}:{row.sha256}" for row in received]
    data_hash = _hash([*hashes, records.calendar] if records.calendar else hashes)
    evaluation = Evaluation(
        study=study,
        period=period,
        against=against,
        run_id=_hash([data_hash, study.rule_hash, survey_kpi.__version__, str(period)]),
        data_hash=data_hash,
        estimates=estimates,
        comparisons=comparisons,
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
        complaints=complaint_months(study, records.frames, period, connection, reach=reach),
        intake=responses.intake,
        audit=pd.concat([responses.audit, audit_rows(cleaned)], ignore_index=True),
        tables=records.intake,
        table_audit=records.audit,
        calendar=records.calendar,
        rule_counts=cleaned.counts,
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


def _hash(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()
