"""Indicator weights of a period, as `rules.yaml` declares them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem
from survey_kpi.evaluation.result import Weighting, own_names
from survey_kpi.indicator_weights import (
    WEIGHT_METHODS,
    Diagnostic,
    IndicatorWeights,
    NoiseCurve,
    WeightIntervals,
    WeightMethod,
    aggregate_judgements,
    ahp,
    bootstrap_intervals,
    complete_judgements,
    consensus,
    linear,
    noise_curve,
    read_judgements,
    read_ratings,
)
from survey_kpi.study.models import IndicatorWeightRule, WeightPart


def weigh(
    rule: IndicatorWeightRule,
    *,
    scored: Sequence[str],
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    judgements: pd.DataFrame | None,
    ratings: pd.DataFrame | None = None,
) -> Weighting:
    """Weigh the scored indicators.

    Parameters
    ----------
    scored
        Indicators in the order of the rules.
    matrix
        Subjects x scored indicators, subjects measured on all of them only.
    direction
        "higher" or "lower" per indicator.
    judgements
        Rows (expert_id, row, column, value), needed by judgement methods only.
    ratings
        Rows (expert_id, indicator, score), needed by methods from importance scores only.

    Returns
    -------
    Weighting
        Without combined weights, and with the reason, when a method does not apply to the data of the
        period: no number then comes from that method.

    Raises
    ------
    MethodError
        The judgements or scores themselves are unfit: that is a mistake in a study file.
    """
    if rule.declared:
        fixed = IndicatorWeights(
            values={name: rule.declared[name] for name in scored}, method="declared", variant="rules.yaml"
        )
        return Weighting(parts=(fixed,), combined=fixed)
    parts: list[IndicatorWeights] = []
    intervals: dict[str, WeightIntervals] = {}
    noise: dict[str, NoiseCurve] = {}
    for name, part in zip(own_names([part.method for part in rule.parts]), rule.parts, strict=True):
        method = WEIGHT_METHODS[part.method]
        if method.needs == "judgements":
            parts.append(_from_judgements(rule, part, list(scored), judgements))
            continue
        if method.needs == "ratings":
            parts.append(_from_ratings(rule, part, list(scored), ratings))
            continue
        try:
            weights = method.weigh(matrix, direction, **part.params)
        except MethodError as error:
            return Weighting(parts=tuple(parts), combined=None, problem=str(error))
        if method.constant_weighs_zero:  # made from spread: say how far it wobbles, and what noise would earn
            intervals[name], noise[name] = _wobble(method, part, matrix, direction)
            weights = _with_doubt(weights, noise[name])
        parts.append(weights)
    return Weighting(
        parts=tuple(parts),
        combined=linear(parts, [part.share for part in rule.parts]),
        intervals=intervals,
        noise=noise,
    )


def content_generator(matrix: pd.DataFrame) -> np.random.Generator:
    """Return a generator seeded by the cells and columns of a table: equal data draw equal numbers.

    Examples
    --------
    >>> table = pd.DataFrame({"a": [1.0, 2.0]})
    >>> content_generator(table).random() == content_generator(table.copy()).random()
    True
    """
    content = "\n".join(map(str, matrix.columns)).encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(content + matrix.to_numpy(dtype="float64").tobytes())
    return np.random.default_rng(int.from_bytes(digest.digest()[:8], "big"))


def _wobble(
    method: WeightMethod, part: WeightPart, matrix: pd.DataFrame, direction: Mapping[str, str]
) -> tuple[WeightIntervals, NoiseCurve]:
    """Intervals over resampled subjects, and the weight that one column of noise would earn."""
    rng, weigh = content_generator(matrix), partial(method.weigh, **part.params)
    found = bootstrap_intervals(weigh, matrix, direction, rng)
    return found, noise_curve(weigh, matrix, direction, rng, columns=1, draws=100)


def _with_doubt(weights: IndicatorWeights, noise: NoiseCurve) -> IndicatorWeights:
    if noise.share[1] <= noise.fair[1]:
        return weights
    return replace(weights, diagnostics=(*weights.diagnostics, noise.doubt()))


def _from_judgements(
    rule: IndicatorWeightRule, part: WeightPart, scored: list[str], judgements: pd.DataFrame | None
) -> IndicatorWeights:
    """Weights of the geometric mean of the consistent experts' judgements (AIJ); the others are named."""
    if judgements is None:
        raise _absent(part, "judgements", "pairwise judgements", "expert_id, row, column, value")
    read = read_judgements(judgements, scored, complete=rule.missing == "refuse")
    matrices, filled = _completed(rule, read.matrices)
    accepted, refused = _consistent(matrices, rule)
    group = _group(rule, part, {expert: matrices[expert] for expert in accepted})
    own = np.array([weights.as_array(scored) for weights in accepted.values()])
    told = [f"missing pairs of {len(filled)} experts by {rule.missing}"] if filled else []
    return replace(
        group,
        variant=", ".join([group.variant, *_influenced(rule), *told]),
        statistics={
            **group.statistics,
            "consensus": consensus(own),
            "experts": len(accepted),
            "experts_excluded": len(refused),
        },
        diagnostics=(*refused, *read.notes, *filled, *group.diagnostics),
    )


def _from_ratings(
    rule: IndicatorWeightRule, part: WeightPart, scored: list[str], ratings: pd.DataFrame | None
) -> IndicatorWeights:
    """Weights of all experts' importance scores."""
    if ratings is None:
        raise _absent(part, "ratings", "importance scores", "expert_id, indicator, score")
    table = read_ratings(ratings, scored)
    voices = _voices(rule, table.index)
    weights: IndicatorWeights = WEIGHT_METHODS[part.method].weigh(table, influence=voices, **part.params)
    return replace(weights, variant=", ".join([weights.variant, *_influenced(rule)]))


def _absent(part: WeightPart, key: str, words: str, columns: str) -> MethodError:
    return MethodError(
        f"{key}_missing",
        where=f"rules.yaml: indicator_weights.{key}",
        what=f"'{part.method}' needs a file of {words}",
        hint=f"name a CSV with columns {columns} inside the study folder",
    )


def _voices(rule: IndicatorWeightRule, experts: Iterable[str]) -> list[float] | None:
    """Influence of each expert; equal when none is declared."""
    return [rule.influence[expert] for expert in experts] if rule.influence else None


def _influenced(rule: IndicatorWeightRule) -> list[str]:
    return ["declared influence of experts"] if rule.influence else []


def _completed(
    rule: IndicatorWeightRule, matrices: Mapping[str, pd.DataFrame]
) -> tuple[dict[str, pd.DataFrame], tuple[Diagnostic, ...]]:
    """Complete each expert's matrix from that expert's own judgements, where the rules say so."""
    if rule.missing == "refuse":
        return dict(matrices), ()
    filled = {
        expert: complete_judgements(table, rule.missing, where=f"expert {expert}")
        for expert, table in matrices.items()
    }
    notes = tuple(note for _, told in filled.values() for note in told)
    return {expert: table for expert, (table, _) in filled.items()}, notes


def _group(
    rule: IndicatorWeightRule, part: WeightPart, matrices: dict[str, pd.DataFrame]
) -> IndicatorWeights:
    joined = aggregate_judgements(list(matrices.values()), _voices(rule, matrices))
    where = f"group of {len(matrices)} experts"
    if part.method == "ahp":
        return _ahp(joined, rule, where, **part.params)
    weights: IndicatorWeights = WEIGHT_METHODS[part.method].weigh(joined, where=where, **part.params)
    return weights


def _ahp(
    table: pd.DataFrame, rule: IndicatorWeightRule, where: str, priority: str = "eigenvector"
) -> IndicatorWeights:
    return ahp(
        table,
        priority=priority,
        random_index=rule.random_index,
        consistency_limit=rule.consistency_limit,
        where=where,
    )


def _consistent(
    matrices: Mapping[str, pd.DataFrame], rule: IndicatorWeightRule
) -> tuple[dict[str, IndicatorWeights], tuple[Diagnostic, ...]]:
    """Weights of every consistent expert, and the refusal of each other one."""
    accepted: dict[str, IndicatorWeights] = {}
    refusals: list[Problem] = []
    for expert, table in matrices.items():
        try:
            accepted[expert] = _ahp(table, rule, f"expert {expert}")
        except MethodError as error:
            if error.code != "inconsistent_judgements":
                raise
            refusals += error.problems
    if not accepted:
        raise MethodError.collect(refusals)
    return accepted, tuple(Diagnostic(code=p.code, message=str(p)) for p in refusals)
