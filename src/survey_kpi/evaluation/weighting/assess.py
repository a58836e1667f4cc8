"""From an evaluation to an assessment of its indicator weights: every draw is seeded by content."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from survey_kpi.cleaning import RULES as CLEANING_RULES
from survey_kpi.evaluation import tables
from survey_kpi.evaluation.compose import evaluate, open_study
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.weighting import parts
from survey_kpi.evaluation.weighting.advice import advise
from survey_kpi.evaluation.weighting.audit import audit
from survey_kpi.evaluation.weighting.candidates import candidates
from survey_kpi.evaluation.weighting.combining import turned_pairs
from survey_kpi.evaluation.weighting.facts import record
from survey_kpi.evaluation.weighting.ground import Ground, ground, interval_scales, seed_of, stream
from survey_kpi.evaluation.weighting.judgements import JudgementAssessment
from survey_kpi.evaluation.weighting.ranking import RankStability, admissible_weights, assess_ranking
from survey_kpi.evaluation.weighting.ratings import RatingAssessment
from survey_kpi.evaluation.weighting.result import WeightingAssessment
from survey_kpi.evaluation.weighting.sensitivity import assess_sensitivity
from survey_kpi.evaluation.weighting.spread import Spread
from survey_kpi.indicator_weights import IndicatorWeights
from survey_kpi.period import Period
from survey_kpi.study.models import RuleSetting, Study


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
    judged = parts.judgements(study, stream(seed, "judgements"), reasons)
    rated = parts.ratings(study, stream(seed, "ratings"), reasons)
    spread = parts.spread(study, matrix, basis, reasons)
    found = candidates(
        rule,
        matrix,
        basis.direction,
        used=parts.used(evaluation),
        group=judged.merged if judged else None,
        ratings=rated.scores if rated else None,
        interval_scales=interval_scales(study),
    )
    vectors = {one.name: one.weights for one in found if one.weights}
    base = evaluation.weighting.combined
    usable = parts.usable(evaluation, basis, reasons)
    combining = parts.combining(evaluation, basis, matrix, vectors, reasons) if usable else None
    corners = parts.corners(evaluation, judged, rated, spread)
    admissible = admissible_weights(corners, stream(seed, "weights"))
    ranking = sensitivity = None
    if usable and base:
        ranking = assess_ranking(basis, base, vectors, admissible, stream(seed, "ranks"))
        raw = ground(uncleaned) if uncleaned else None
        sensitivity = assess_sensitivity(
            basis, base, admissible, stream(seed, "sensitivity"), uncleaned=parts.same_subjects(raw, basis)
        )
    named = {name: weights.values for name, weights in vectors.items()}
    checked = audit(basis, parts.bases(subjects), {**({"base": base.values} if base else {}), **named})
    assessment = WeightingAssessment(
        evaluation=evaluation,
        candidates=found,
        audit=checked,
        judgements=judged,
        ratings=rated,
        spread=spread,
        combining=combining,
        ranking=ranking,
        sensitivity=sensitivity,
        advice=advise(
            {
                **_of_ratings(rated),
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


# --- what the advice looks at -------------------------------------------------------------------------


def _of_ratings(rated: RatingAssessment | None) -> dict[str, float]:
    if rated is None:
        return {}
    return {
        "experts": len(rated.scores),
        "agreement": rated.agreement.w if rated.agreement else math.nan,
        "one_expert": math.nan if rated.without is None else float(rated.without["largest_change"].max()),
    }


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
