"""The parts of an assessment; where one does not apply, the reason is kept."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.inputs import judgements_of, ratings_of
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.weighing import content_generator
from survey_kpi.evaluation.weighting.combining import Combining, assess_combining
from survey_kpi.evaluation.weighting.ground import Ground, declared_ends, interval_scales
from survey_kpi.evaluation.weighting.judgements import JudgementAssessment, assess_judgements
from survey_kpi.evaluation.weighting.ratings import RatingAssessment, assess_ratings
from survey_kpi.evaluation.weighting.spread import Spread, assess_spread
from survey_kpi.indicator_weights import (
    WEIGHT_METHODS,
    IndicatorWeights,
    complete_judgements,
    read_judgements,
    read_ratings,
)
from survey_kpi.indicator_weights.result import Matrix
from survey_kpi.study.models import Study

FEWEST = 3
"""Subjects from which ranks, and what they hang on, are worth a word."""
JUDGED = ("ahp", "expert_scores", "fuzzy_ahp")
"""Methods that stand at the judgement end of a combination, the first that is there."""


def judgements(study: Study, rng: np.random.Generator, reasons: dict[str, str]) -> JudgementAssessment | None:
    """Assess the pairwise judgements, completed where the rules say so."""
    rows, rule = judgements_of(study), study.rules.indicator_weights
    if rows is None:
        reasons["judgements"] = "judgement_missing"
        return None
    complete = rule.missing == "refuse"
    matrices = dict(read_judgements(rows, list(study.rules.scored), complete=complete).matrices)
    if not complete:
        matrices = {
            expert: complete_judgements(table, rule.missing, where=f"expert {expert}")[0]
            for expert, table in matrices.items()
        }
    return assess_judgements(
        matrices,
        rng,
        random_index=rule.random_index,
        limit=rule.consistency_limit,
        influence=rule.influence,
    )


def ratings(study: Study, rng: np.random.Generator, reasons: dict[str, str]) -> RatingAssessment | None:
    """Assess the importance scores."""
    rows, rule = ratings_of(study), study.rules.indicator_weights
    if rows is None:
        reasons["ratings"] = "ratings_missing"
        return None
    params = next((part.params for part in rule.parts if part.method == "expert_scores"), {})
    table = read_ratings(rows, list(study.rules.scored))
    return assess_ratings(table, rng, params=params, influence=rule.influence)


def used(evaluation: Evaluation) -> dict[str, IndicatorWeights]:
    """Return the weights of the rule's methods by the name of each use, see `own_names`."""
    named = evaluation.weighting.named
    return {name: part for name, part in named.items() if part.method in WEIGHT_METHODS}


def spread(study: Study, matrix: pd.DataFrame, basis: Ground, reasons: dict[str, str]) -> Spread | None:
    """Assess entropy, where it applies."""
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


def usable(evaluation: Evaluation, basis: Ground, reasons: dict[str, str]) -> bool:
    """Tell whether there are weights, and subjects to rank."""
    if evaluation.weighting.combined is None:
        reasons["ranking"] = reasons["combining"] = "no_weights"
    elif len(basis.values) < FEWEST:
        reasons["ranking"] = reasons["combining"] = "too_few_subjects"
    elif len(basis.scored) < 2:
        reasons["ranking"] = reasons["combining"] = "one_indicator"
    else:
        return True
    return False


def combining(
    evaluation: Evaluation,
    basis: Ground,
    matrix: pd.DataFrame,
    vectors: Mapping[str, IndicatorWeights],
    reasons: dict[str, str],
) -> Combining | None:
    """From judgements (or declared numbers) to entropy."""
    base, rule = evaluation.weighting.combined, evaluation.study.rules.indicator_weights
    names = {part.method for part in rule.parts}
    judged = [name for name in JUDGED if name in vectors]
    first_name = next((name for name in judged if name in names), next(iter(judged), ""))
    first = vectors[first_name] if first_name else base if base and base.method == "declared" else None
    second = vectors.get("entropy")
    if base is None or first is None or second is None:
        reasons["combining"] = "one_method"
        return None
    shares = [part.share for part in rule.parts if part.method == first_name]
    mixture = names <= {first_name, "entropy"} and len(rule.parts) == len(names)
    if first is base:  # the rules declare the numbers of the one end themselves
        shares = [1.0]
    return assess_combining(
        (first, second),
        declared=math.fsum(shares) if mixture else math.nan,
        base=base,
        points=basis.points,
        matrix=matrix,
        direction=basis.direction,
    )


def corners(
    evaluation: Evaluation,
    judged: JudgementAssessment | None,
    rated: RatingAssessment | None,
    entropic: Spread | None,
) -> list[Matrix]:
    """Return the corners of admissible weights, each with the draws of its uncertainty.

    Equal weights; judgements, else scores, else declared numbers; entropy.
    """
    scored, base = list(evaluation.study.rules.scored), evaluation.weighting.combined
    found: list[Matrix] = [np.full((1, len(scored)), 1 / len(scored))]
    experts = judged or rated
    if experts:
        found.append(experts.draws)
    elif base:
        found.append(base.as_array(scored)[None])
    return [*found, entropic.draws] if entropic else found


def same_subjects(raw: Ground | None, basis: Ground) -> Ground | None:
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


def bases(subjects: pd.DataFrame) -> pd.DataFrame:
    """Return answers behind each value, subjects x indicators."""
    table: pd.DataFrame = subjects.set_index(["subject", "indicator"])["n"].unstack()  # noqa: PD010
    return table
