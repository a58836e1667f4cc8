"""Scores of a period from estimates to drafts of decisions: the one composition of the scoring room.

A month has no scores: it is too short for grades, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi.engine import collect
from survey_kpi.errors import SpecError
from survey_kpi.estimate import State
from survey_kpi.evaluation import tables
from survey_kpi.evaluation.breaks import Asked
from survey_kpi.evaluation.circumstances import Circumstances
from survey_kpi.evaluation.comparing import reference_period
from survey_kpi.evaluation.deciding import COLUMNS as DECISION_COLUMNS
from survey_kpi.evaluation.deciding import POOL_QUARTERS, decide_bands, drift_of, pool_of, standing_of
from survey_kpi.evaluation.doubting import alarmed, broken
from survey_kpi.evaluation.exposure import QUARTER, Exposure, exposure_of
from survey_kpi.evaluation.from_records import estimate_from_records
from survey_kpi.evaluation.own_targets import own_goals
from survey_kpi.evaluation.reach import Reach
from survey_kpi.evaluation.result import Weighting
from survey_kpi.evaluation.score_distributions import JudgedScores, judge_scores
from survey_kpi.evaluation.scored_cases import scored_cases
from survey_kpi.indicators import Score, estimate_all
from survey_kpi.indicators.products import answer_products, no_products, products_in
from survey_kpi.inference.tiers import UNTESTED
from survey_kpi.period import Period
from survey_kpi.scoring import Goal, Scores
from survey_kpi.scoring.pay import TENURE
from survey_kpi.scoring.periods import check_graded
from survey_kpi.study.models import Level, Study

if TYPE_CHECKING:
    import duckdb

QUARTER_COLUMNS = ("subject", "period", "evidence", "probability")
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
    exposure: Exposure
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
    level = tables.evaluated_level(study)
    people = inputs.frames.get("specialists")
    scene = _Scene(
        study=study,
        weighting=weighting,
        inputs=inputs,
        people=collect(people) if people is not None else None,
        products=_products(study, level, period, inputs) if level else no_products(),
    )
    exposure = exposure_of(scene.people, study.study.levels, period)
    goals, targets = own_goals(study, period, _names(subjects), exposure)
    scored = tables.scores_of_subjects(subjects, study, weighting, goals)
    try:
        check_graded(period)
    except SpecError as error:
        scored = ungraded(scored, f"{error.problems[0].what} [{error.code}]")
        return _without(scored, targets, exposure)
    if level is None or not weighting.combined:
        return _without(scored, targets, exposure)
    pool = pool_of(period)
    standing = standing_of(scene.people, level, period)
    marks = _marks(scene, level, period, standing)
    now = _judged(scene, level, period, subjects, marks)
    judged = [(period, now)]
    if pool:
        judged.append((pool, _judged(scene, level, pool, estimate_scored(study, level, pool, inputs), marks)))
    drift = drift_of(estimates, study, level, period) if pool else {}
    year = judged[1][1].scores if pool else None
    decisions = decide_bands(now.scores, year, study=study, standing=standing, drift=drift)
    return PeriodScores(
        now=Scores(parts=now.scores.parts, totals=now.scores.totals),
        pool=(year.totals if year else now.scores.totals.iloc[:0]).assign(period=str(pool or "")),
        reaching=_spans(judged, lambda one: one.reaching),
        correlations=_spans(judged, lambda one: one.correlations),
        priors=_spans(judged, lambda one: one.priors),
        decisions=decisions,
        quarters=_quarters(scene, level, period, now.scores),
        targets=pd.concat([one.targets for _, one in judged], ignore_index=True),
        exposure=exposure,
        doubts=tuple(_doubts(now.scores, decisions, study)),
    )


def _spans(
    judged: Sequence[tuple[Period, _Judged]], table: Callable[[JudgedScores], pd.DataFrame]
) -> pd.DataFrame:
    """One table of several periods, with the period of each row."""
    return pd.concat([table(one.scores).assign(period=str(span)) for span, one in judged])


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


# --- one period ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Scene:
    """What the scores of every period have in common."""

    study: Study
    weighting: Weighting
    inputs: ScoreInputs
    people: pd.DataFrame | None
    products: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """Scores of one period, and the targets that are not those of the indicators."""

    scores: JudgedScores
    targets: pd.DataFrame


def _names(subjects: pd.DataFrame) -> list[str]:
    return [str(subject) for subject in subjects["subject"].unique()]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """People whose scores of a quarter are set aside (too few days), or capped (unusual invitations)."""

    short: frozenset[str]
    alarmed: frozenset[str]


def _marks(scene: _Scene, level: Level, period: Period, standing: pd.DataFrame) -> _Marks:
    """Mark those whose days are known and too few, and those whose alarm of the last quarter is open."""
    few = standing["tenure_days"].astype(float) < scene.study.rules.pay.tenure_days
    quarter = Period(period.first + period.months - QUARTER, QUARTER)
    against = reference_period(scene.study.study.primary, quarter)
    frames, answers = scene.inputs.frames, scene.inputs.answers
    return _Marks(
        short=frozenset(standing.loc[few, "subject"]),
        alarmed=alarmed(scene.study, level, quarter, against, frames=frames, answers=answers),
    )


def _judged(
    scene: _Scene,
    level: Level,
    period: Period,
    estimates: pd.DataFrame,
    marks: _Marks,
    *,
    tested: bool = True,
) -> _Judged:
    """Judge the people who may be graded; the others keep their figures, without score, band or tier."""
    study, weighting = scene.study, scene.weighting
    aside = estimates["subject"].isin(marks.short)
    there, absent = estimates[~aside], estimates[aside]
    exposure = exposure_of(scene.people, [level], period)
    goals, targets = own_goals(study, period, _names(there), exposure)
    scored = tables.scores_of_subjects(there, study, weighting, goals)
    if there.empty:
        found = unjudged(scored)
    else:
        around = replace(
            _circumstances(scene, level, period, goals), exposure=exposure, alarmed=marks.alarmed
        )
        products = products_in(scene.products, period)
        found = judge_scores(scored, there, study, products=products, around=around, tested=tested)
    if absent.empty:
        return _Judged(scores=found, targets=targets)
    goals, more = own_goals(study, period, _names(absent), exposure)
    held = unjudged(ungraded(tables.scores_of_subjects(absent, study, weighting, goals), TENURE))
    return _Judged(
        scores=_together(found, held, study), targets=pd.concat([targets, more], ignore_index=True)
    )


def _circumstances(scene: _Scene, level: Level, period: Period, goals: Sequence[Goal]) -> Circumstances:
    study, inputs = scene.study, scene.inputs
    cases = scored_cases(
        study, level, period, frames=inputs.frames, answers=inputs.answers, connection=inputs.connection
    )
    doubts = broken(study, inputs.asked, period)
    return Circumstances(period=str(period), goals=goals, cases=cases, doubts=doubts)


def _together(judged: JudgedScores, held: JudgedScores, study: Study) -> JudgedScores:
    """Put those who are held harmless back among the others, everybody in the order of the names."""
    order = {name: place for place, name in enumerate(study.rules.scored)}
    parts = pd.concat([judged.parts, held.parts])
    parts = parts.sort_values(
        ["indicator", "subject"],
        key=lambda column: column.map(order) if column.name == "indicator" else column,
    )
    totals = pd.concat([judged.totals, held.totals]).sort_values("subject", ignore_index=True)
    return replace(judged, parts=parts.reset_index(drop=True), totals=totals)


def _quarters(scene: _Scene, level: Level, period: Period, now: JudgedScores) -> pd.DataFrame:
    """Grade and probability of an excellent score by person, in every quarter of the trend.

    Earlier quarters are judged as this one is, with the weights of this one; a study without streaks pays
    nothing for them, and rolling years, which overlap, have none.
    """
    study = scene.study
    if study.rules.rewards.streak is None or not period.is_quarter:
        return pd.DataFrame(columns=list(QUARTER_COLUMNS))
    spans = period.last(study.study.trend_quarters)
    found = [(period, now)]
    for quarter in spans[:-1]:
        estimates = estimate_scored(study, level, quarter, scene.inputs)
        marks = _marks(scene, level, quarter, standing_of(scene.people, level, quarter))
        found.append((quarter, _judged(scene, level, quarter, estimates, marks, tested=False).scores))
    tables_of = [
        judged.totals[["subject", "evidence"]]
        .merge(judged.excellent, on="subject", how="left")
        .assign(period=str(quarter))
        for quarter, judged in sorted(found, key=lambda pair: pair[0])
    ]
    return pd.concat(tables_of, ignore_index=True)[list(QUARTER_COLUMNS)]


def _products(study: Study, level: Level, period: Period, inputs: ScoreInputs) -> pd.DataFrame:
    """Products of the answers of the pool, or of all quarters in which streaks are looked for."""
    joined = scored_answers(study, inputs.scores) if study.rules.pay.dependence else []
    span = pool_of(period) or period
    if study.rules.rewards.streak and period.is_quarter:
        first = period.last(max(study.study.trend_quarters, POOL_QUARTERS))[0].first
        span = Period(first, period.first + period.months - first)
    return answer_products(inputs.answers, joined, level, span, study.codebook)


def ungraded(scored: Scores, reason: str) -> Scores:
    """Return scores without weights, score and band, for periods too short to be graded."""
    nothing = dict.fromkeys(("weight", "weight_used", "contribution"), np.nan)
    return Scores(
        parts=scored.parts.assign(**nothing),
        totals=scored.totals.assign(score=np.nan, band="", state=State.NOT_APPLICABLE, reason=reason),
    )


def unjudged(scored: Scores) -> JudgedScores:
    """Return scores of which nothing more is said: no interval, no grade, no tier."""
    words = dict.fromkeys(("evidence", "uncapped", "caps"), "")
    untested = dict.fromkeys(("p_value", "adjusted_p"), np.nan)
    totals = scored.totals.assign(conf_low=np.nan, conf_high=np.nan, tier=UNTESTED, **untested)
    return JudgedScores(
        parts=scored.parts.assign(**words),
        totals=totals.assign(**words, base=np.nan),
        reaching=pd.DataFrame(columns=["subject", "band", "edge", "probability"]),
        excellent=pd.DataFrame(columns=["subject", "probability"], dtype=float),
        correlations=pd.DataFrame(columns=["left", "right", "correlation"]),
        priors=pd.DataFrame(columns=["indicator", "mean", "spread"]),
    )


def _without(scored: Scores, targets: pd.DataFrame, exposure: Exposure) -> PeriodScores:
    """Return scores from which nothing follows."""
    found = unjudged(scored)
    return PeriodScores(
        now=Scores(parts=found.parts, totals=found.totals),
        pool=found.totals.iloc[:0].assign(period=""),
        reaching=found.reaching.assign(period=""),
        correlations=found.correlations.assign(period=""),
        priors=found.priors.assign(period=""),
        decisions=pd.DataFrame(columns=list(DECISION_COLUMNS)),
        quarters=pd.DataFrame(columns=list(QUARTER_COLUMNS)),
        targets=targets,
        exposure=exposure,
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
