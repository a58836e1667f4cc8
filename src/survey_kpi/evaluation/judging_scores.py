"""Scores of a period from estimates to drafts of decisions: the one composition of the scoring room.

A month has no scores: it is too short for grades, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.errors import SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation import tables
from survey_kpi.evaluation.breaks import Asked
from survey_kpi.evaluation.deciding import COLUMNS as DECISION_COLUMNS
from survey_kpi.evaluation.deciding import decide_bands, drift_of, pool_of, standing_of
from survey_kpi.evaluation.from_records import estimate_from_records
from survey_kpi.evaluation.reach import Reach
from survey_kpi.evaluation.result import Weighting
from survey_kpi.evaluation.score_distributions import JudgedScores, judge_scores
from survey_kpi.indicators import Score, estimate_all
from survey_kpi.indicators.products import answer_products, products_in
from survey_kpi.inference.tiers import UNTESTED
from survey_kpi.period import Period
from survey_kpi.scoring import Scores
from survey_kpi.scoring.periods import check_graded
from survey_kpi.study.models import Level, Study

if TYPE_CHECKING:
    import duckdb

DRIFT = "the answers of {n} people differ between the pooled quarters (level {level:g})"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreInputs:
    """What the scores of several periods are computed from.

    Parameters
    ----------
    kept
        Cells of the rows kept by cleaning.
    answers
        All answers, cleaned, with a column per level.
    scores
        Every measure of answers of the study.
    frames
        Tables of the company.
    reach
        What they can speak of.
    asked
        Words of reworded questions by period.
    """

    kept: pd.DataFrame
    answers: nw.LazyFrame[Any]
    scores: Sequence[Score]
    frames: Mapping[str, nw.LazyFrame[Any]]
    reach: Reach
    asked: Asked
    connection: duckdb.DuckDBPyConnection


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeriodScores:
    """Scores of a period as an evaluation keeps them; see `Evaluation` for the tables."""

    now: Scores
    pool: pd.DataFrame
    reaching: pd.DataFrame
    correlations: pd.DataFrame
    priors: pd.DataFrame
    decisions: pd.DataFrame
    quarters: pd.DataFrame
    targets: pd.DataFrame
    doubts: tuple[Mapping[str, str], ...] = ()


def judge_period(
    study: Study, period: Period, weighting: Weighting, *, estimates: pd.DataFrame, inputs: ScoreInputs
) -> PeriodScores:
    """Score the evaluated subjects of a period and draft what follows for pay.

    Parameters
    ----------
    estimates
        Of the period and of the quarters before it.
    """
    subjects = tables.evaluated_subjects(estimates, study, period)
    scored = tables.scores_of_subjects(subjects, study, weighting)
    level = tables.evaluated_level(study)
    try:
        check_graded(period)
    except SpecError as error:
        return _without(ungraded(scored, f"{error.problems[0].what} [{error.code}]"))
    if level is None or not weighting.combined:
        return _without(scored)
    pool = pool_of(period)
    products = _products(study, level, pool or period, inputs)
    now = _judged(scored, subjects, study, period, products, inputs.asked)
    year = None
    if pool:
        pooled = estimate_scored(study, level, pool, inputs)
        year = _judged(
            tables.scores_of_subjects(pooled, study, weighting), pooled, study, pool, products, inputs.asked
        )
    people = inputs.frames.get("specialists")
    drift = drift_of(estimates, study, level, period) if pool else {}
    standing = standing_of(collect(people) if people is not None else None, level, period)
    decisions = decide_bands(now, year, study=study, standing=standing, drift=drift)
    judged = [(period, now), *([(pool, year)] if pool and year else [])]
    return PeriodScores(
        now=Scores(parts=now.parts, totals=now.totals),
        pool=year.totals.assign(period=str(pool)) if year else now.totals.iloc[:0].assign(period=""),
        reaching=pd.concat([one.reaching.assign(period=str(span)) for span, one in judged]),
        correlations=pd.concat([one.correlations.assign(period=str(span)) for span, one in judged]),
        priors=pd.concat([one.priors.assign(period=str(span)) for span, one in judged]),
        decisions=decisions,
        quarters=pd.DataFrame(columns=["subject", "period", "evidence", "probability"]),
        targets=pd.DataFrame(columns=["period", "subject", "indicator", "target"]),
        doubts=tuple(_doubts(now, decisions, study)),
    )


def estimate_scored(study: Study, level: Level, period: Period, inputs: ScoreInputs) -> pd.DataFrame:
    """Estimate the scored measures of the evaluated subjects in one further period."""
    sheets = tuple(study.indicator(name) for name in study.rules.scored)
    narrow = study.model_copy(
        update={
            "indicators": study.indicators.model_copy(update={"indicators": sheets}),
            "study": study.study.model_copy(update={"levels": (level,)}),
        }
    )
    own = scored_answers(study, inputs.scores)
    found = estimate_from_records(
        narrow, inputs.frames, inputs.answers, [period], inputs.connection, reach=inputs.reach
    )
    if own:
        found = [estimate_all(inputs.kept, own, [level], [period], design=study.study.design), *found]
    return tables.evaluated_subjects(pd.concat(found, ignore_index=True), study, period)


def scored_answers(study: Study, scores: Sequence[Score]) -> list[Score]:
    """Return the scored measures that are computed from answers."""
    wanted = {(name, tables.scored_measure(study.indicator(name))) for name in study.rules.scored}
    return [score for score in scores if (score.sheet.id, score.measure.name) in wanted]


def _products(study: Study, level: Level, period: Period, inputs: ScoreInputs) -> pd.DataFrame:
    joined = scored_answers(study, inputs.scores) if study.rules.pay.dependence else []
    return answer_products(inputs.answers, joined, level, period, study.codebook)


def _judged(
    scored: Scores,
    subjects: pd.DataFrame,
    study: Study,
    period: Period,
    products: pd.DataFrame,
    asked: Asked,
) -> JudgedScores:
    broken = {name: ["definition_break"] for (name, span), words in asked.items()
              if span == period and len(words) > 1}  # fmt: skip
    return judge_scores(scored, subjects, study, products=products_in(products, period), doubts=broken)


def ungraded(scored: Scores, reason: str) -> Scores:
    """Return scores without weights, score and band, for periods too short to be graded."""
    nothing = dict.fromkeys(("weight", "weight_used", "contribution"), np.nan)
    return Scores(
        parts=scored.parts.assign(**nothing),
        totals=scored.totals.assign(score=np.nan, band="", state=State.NOT_APPLICABLE, reason=reason),
    )


def _without(scored: Scores) -> PeriodScores:
    """Return scores of which nothing more is said."""
    words = dict.fromkeys(("evidence", "uncapped", "caps"), "")
    untested = dict.fromkeys(("p_value", "adjusted_p"), np.nan)
    totals = scored.totals.assign(conf_low=np.nan, conf_high=np.nan, tier=UNTESTED, **untested)
    totals = totals.assign(**words, base=np.nan)
    return PeriodScores(
        now=Scores(parts=scored.parts.assign(**words), totals=totals),
        pool=totals.iloc[:0].assign(period=""),
        reaching=pd.DataFrame(columns=["subject", "band", "edge", "probability", "period"]),
        correlations=pd.DataFrame(columns=["left", "right", "correlation", "period"]),
        priors=pd.DataFrame(columns=["indicator", "mean", "spread", "period"]),
        decisions=pd.DataFrame(columns=list(DECISION_COLUMNS)),
        quarters=pd.DataFrame(columns=["subject", "period", "evidence", "probability"]),
        targets=pd.DataFrame(columns=["period", "subject", "indicator", "target"]),
    )


def _doubts(now: JudgedScores, decisions: pd.DataFrame, study: Study) -> list[Mapping[str, str]]:
    found: list[Mapping[str, str]] = []
    if now.problem:
        found.append({"code": "score_without_distribution", "where": "scores", "message": now.problem})
    level = study.rules.pay.drift_level
    moved = int((decisions["pooled"].astype(bool) & (decisions["drift"] < level)).sum())
    if moved:
        found.append(
            {"code": "drift_within_pool", "where": "scores", "message": DRIFT.format(n=moved, level=level)}
        )
    return found
