"""From an evaluation to an assessment of its indicator weights: every draw is seeded by content."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from survey_kpi.cleaning import RULES as CLEANING_RULES
from survey_kpi.errors import MethodError
from survey_kpi.evaluation import tables
from survey_kpi.evaluation.compose import evaluate, open_study
from survey_kpi.evaluation.inputs import judgements_of
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.weighing import content_generator
from survey_kpi.evaluation.weighting.advice import advise
from survey_kpi.evaluation.weighting.audit import audit
from survey_kpi.evaluation.weighting.candidates import candidates
from survey_kpi.evaluation.weighting.combining import Combining, assess_combining, turned_pairs
from survey_kpi.evaluation.weighting.facts import record
from survey_kpi.evaluation.weighting.ground import (
    Ground,
    declared_ends,
    ground,
    interval_scales,
    seed_of,
    stream,
)
from survey_kpi.evaluation.weighting.judgements import JudgementAssessment, assess_judgements
from survey_kpi.evaluation.weighting.ranking import RankStability, admissible_weights, assess_ranking
from survey_kpi.evaluation.weighting.result import WeightingAssessment
from survey_kpi.evaluation.weighting.sensitivity import assess_sensitivity
from survey_kpi.evaluation.weighting.spread import Spread, assess_spread
from survey_kpi.indicator_weights import IndicatorWeights, read_judgements
from survey_kpi.period import Period
from survey_kpi.study.models import RuleSetting, Study

FEWEST = 3
"""Subjects from which ranks, and what they hang on, are worth a word."""


def assess_study(
    study: Study | str | Path, period: Period | str, *, data: str | Path | None = None
) -> WeightingAssessment:
    """Evaluate one period of a study, once as declared and once without setting rows aside, and assess it.

    Raises
    ------
    SchemaError, SpecError, MethodError
        As `survey_kpi.evaluation.evaluate`.
    """
    study = study if isinstance(study, Study) else open_study(study, data=data)
    return assess_weights(evaluate(study, period), uncleaned=evaluate(uncleaned_study(study), period))


def uncleaned_study(study: Study) -> Study:
    """Return the study with every cleaning rule on flag that may be: no answer is set aside."""
    idle = {
        code: RuleSetting(action="flag") for code, rule in CLEANING_RULES.items() if "flag" in rule.actions
    }
    policy = study.study.cleaning.model_copy(update={"rules": {**study.study.cleaning.rules, **idle}})
    return study.model_copy(update={"study": study.study.model_copy(update={"cleaning": policy})})


def assess_weights(evaluation: Evaluation, *, uncleaned: Evaluation | None = None) -> WeightingAssessment:
    """Assess the indicator weights of an evaluation.

    Parameters
    ----------
    evaluation
        Of one study and period.
    uncleaned
        The same without any answer set aside; None leaves cleaning out of the sensitivity.

    Returns
    -------
    WeightingAssessment
        Parts that do not apply are None, with the reason. Draws come from generators seeded with the hash
        of the data, so equal inputs give equal numbers, and other rules meet the same draws.

    Raises
    ------
    MethodError
        The judgements of the study are unfit: a mistake in a study file.
    """
    study, reasons = evaluation.study, dict[str, str]()
    rule, basis = study.rules.indicator_weights, ground(evaluation)
    seed = seed_of(evaluation.data_hash, str(evaluation.period))
    subjects = tables.evaluated_subjects(evaluation.estimates, study, evaluation.period)
    matrix = tables.score_matrix(subjects, study)
    judged = _judgements(study, stream(seed, "judgements"), reasons)
    spread = _spread(study, matrix, basis, reasons)
    group = judged.merged if judged else None
    found = candidates(rule, matrix, basis.direction, group, interval_scales(study))
    vectors = {one.name: one.weights for one in found if one.weights}
    base = evaluation.weighting.combined
    usable = _usable(evaluation, basis, reasons)
    combining = _combining(evaluation, basis, matrix, vectors, reasons) if usable else None
    corners = _corners(evaluation, judged, spread, len(basis.scored))
    admissible = admissible_weights(corners, stream(seed, "weights"))
    ranking = sensitivity = None
    if usable and base:
        ranking = assess_ranking(basis, base, vectors, admissible, stream(seed, "ranks"))
        raw = ground(uncleaned) if uncleaned else None
        sensitivity = assess_sensitivity(
            basis, base, admissible, stream(seed, "sensitivity"), uncleaned=_same(raw, basis)
        )
    named = {name: weights.values for name, weights in vectors.items()}
    checked = audit(basis, _bases(subjects), {**({"base": base.values} if base else {}), **named})
    assessment = WeightingAssessment(
        evaluation=evaluation,
        candidates=found,
        audit=checked,
        judgements=judged,
        spread=spread,
        combining=combining,
        ranking=ranking,
        sensitivity=sensitivity,
        advice=advise(
            {
                **_of_judgements(judged),
                **_of_data(spread, len(matrix)),
                **_of_ranks(basis, base, vectors, ranking),
                "redundant": sum(pair.redundant for pair in checked.pairs) if len(matrix) else math.nan,
            },
            numbers_declared=bool(rule.declared),
        ),
        reasons=reasons,
        codes=basis.codes,
        seed=seed,
        facts={},
    )
    return replace(assessment, facts=record(assessment, basis))


# --- parts, or why there is none ----------------------------------------------------------------------


def _judgements(
    study: Study, rng: np.random.Generator, reasons: dict[str, str]
) -> JudgementAssessment | None:
    rows, rule = judgements_of(study), study.rules.indicator_weights
    if rows is None:
        reasons["judgements"] = "judgement_missing"
        return None
    read = read_judgements(rows, list(study.rules.scored))
    return assess_judgements(read.matrices, rng, random_index=rule.random_index, limit=rule.consistency_limit)


def _spread(study: Study, matrix: pd.DataFrame, basis: Ground, reasons: dict[str, str]) -> Spread | None:
    try:
        if len(matrix) < FEWEST:
            raise MethodError("too_few_subjects", where="entropy", what="nobody to differ", got=len(matrix))
        return assess_spread(
            matrix,
            basis.direction,
            content_generator(matrix),
            ends=declared_ends(study),
            interval_scales=interval_scales(study),
        )
    except MethodError as error:
        reasons["spread"] = error.code
        return None


def _usable(evaluation: Evaluation, basis: Ground, reasons: dict[str, str]) -> bool:
    if evaluation.weighting.combined is None:
        reasons["ranking"] = reasons["combining"] = "no_weights"
    elif len(basis.values) < FEWEST:
        reasons["ranking"] = reasons["combining"] = "too_few_subjects"
    elif len(basis.scored) < 2:
        reasons["ranking"] = reasons["combining"] = "one_indicator"
    else:
        return True
    return False


def _combining(
    evaluation: Evaluation,
    basis: Ground,
    matrix: pd.DataFrame,
    vectors: Mapping[str, IndicatorWeights],
    reasons: dict[str, str],
) -> Combining | None:
    """From judgements (or declared numbers) to entropy."""
    base, shares = evaluation.weighting.combined, evaluation.study.rules.indicator_weights.parts
    declared_numbers = base if base and base.method == "declared" else None
    first, second = vectors.get("ahp", declared_numbers), vectors.get("entropy")
    if base is None or first is None or second is None:
        reasons["combining"] = "one_method"
        return None
    of = {part.method: part.share for part in shares}
    two = set(of) <= {"ahp", "entropy"} and bool(of)
    return assess_combining(
        (first, second),
        declared=of.get("ahp", 0.0) if two else math.nan,
        base=base,
        points=basis.points,
        matrix=matrix,
        direction=basis.direction,
    )


def _corners(
    evaluation: Evaluation, judged: JudgementAssessment | None, spread: Spread | None, size: int
) -> list[np.ndarray]:
    """Judgements or declared numbers, entropy, equal weights: each with the draws of its uncertainty."""
    base = evaluation.weighting.combined
    corners = [np.full((1, size), 1 / size)]
    if judged:
        corners.append(judged.draws)
    elif base:
        corners.append(base.as_array(list(evaluation.study.rules.scored))[None])
    if spread:
        corners.append(spread.draws)
    return corners


def _same(raw: Ground | None, basis: Ground) -> Ground | None:
    """The ground without cleaning, under the same codes, where it covers enough of the same subjects."""
    if raw is None:
        return None
    subject_of = {code: subject for subject, code in raw.codes.items()}
    names = [basis.codes.get(subject_of[code], "") for code in raw.values.index]
    renamed = {
        name: getattr(raw, name).set_axis(names, axis=0)
        for name in ("values", "errors", "points", "point_errors")
    }
    shared = set(names) & set(basis.values.index)
    return replace(raw, **renamed, codes=basis.codes) if len(shared) >= FEWEST else None


def _bases(subjects: pd.DataFrame) -> pd.DataFrame:
    table: pd.DataFrame = subjects.set_index(["subject", "indicator"])["n"].unstack()  # noqa: PD010
    return table


# --- what the advice looks at -------------------------------------------------------------------------


def _of_judgements(judged: JudgementAssessment | None) -> dict[str, float]:
    if judged is None:
        return {}
    return {
        "experts": len(judged.accepted),
        "merged_ratio": judged.merged_ratio,
        "agreement": judged.agreement.w if judged.agreement else math.nan,
        "one_expert": math.nan if judged.without is None else float(judged.without["largest_change"].max()),
    }


def _of_data(spread: Spread | None, subjects: int) -> dict[str, float]:
    if spread is None:
        return {"subjects": subjects}
    found = spread.default
    return {
        "subjects": subjects,
        "entropy_width": max(found.high[name] - found.low[name] for name in found.weights.labels),
        "noise_gain": spread.curve.share[1] - spread.curve.fair[1],
    }


def _of_ranks(
    basis: Ground,
    base: IndicatorWeights | None,
    vectors: Mapping[str, IndicatorWeights],
    ranking: RankStability | None,
) -> dict[str, float]:
    if ranking is None or base is None:
        return {}
    found = {"first_place": 100 * ranking.leader[1]}
    if "ahp" in vectors:
        totals = [
            (basis.points @ weights.as_array(list(basis.scored))).to_numpy()
            for weights in (vectors["ahp"], base)
        ]
        found["turned_by_data"] = 100 * turned_pairs(*totals)
    return found
