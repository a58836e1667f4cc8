"""Indicator weights of a period, as `rules.yaml` declares them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError, Problem
from survey_kpi.evaluation.result import Weighting
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
    consensus,
    linear,
    noise_curve,
    read_judgements,
)
from survey_kpi.study.models import IndicatorWeightRule, WeightPart


def weigh(
    rule: IndicatorWeightRule,
    *,
    scored: Sequence[str],
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    judgements: pd.DataFrame | None,
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

    Returns
    -------
    Weighting
        Without combined weights, and with the reason, when a method does not apply to the data of the
        period: no number then comes from that method.

    Raises
    ------
    MethodError
        The judgements themselves are unfit: that is a mistake in a study file.
    """
    if rule.declared:
        fixed = IndicatorWeights(
            values={name: rule.declared[name] for name in scored}, method="declared", variant="rules.yaml"
        )
        return Weighting(parts=(fixed,), combined=fixed)
    parts: list[IndicatorWeights] = []
    intervals: dict[str, WeightIntervals] = {}
    noise: dict[str, NoiseCurve] = {}
    for part in rule.parts:
        method = WEIGHT_METHODS[part.method]
        if method.needs != "data":
            parts.append(_from_experts(rule, part, list(scored), judgements))
            continue
        try:
            weights = method.weigh(matrix, direction, **part.params)
        except MethodError as error:
            return Weighting(parts=tuple(parts), combined=None, problem=str(error))
        if method.constant_weighs_zero:  # made from spread: say how far it wobbles, and what noise would earn
            intervals[part.method], noise[part.method] = _wobble(method, part, matrix, direction)
            weights = _with_doubt(weights, noise[part.method])
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
    return found, noise_curve(weigh, matrix, direction, rng, columns=1)


def _with_doubt(weights: IndicatorWeights, noise: NoiseCurve) -> IndicatorWeights:
    if noise.share[1] <= noise.fair[1]:
        return weights
    return replace(weights, diagnostics=(*weights.diagnostics, noise.doubt()))


def _from_experts(
    rule: IndicatorWeightRule, part: WeightPart, scored: list[str], judgements: pd.DataFrame | None
) -> IndicatorWeights:
    """Weights of the geometric mean of the consistent experts' judgements (AIJ); the others are named."""
    if WEIGHT_METHODS[part.method].needs == "ratings":
        raise MethodError(
            "ratings_missing",
            where=f"rules.yaml: indicator_weights, method '{part.method}'",
            what="a study holds pairwise judgements, no table of scores",
            hint="weigh the scores in a notebook and declare the weights, or ask for pairwise judgements",
        )
    if judgements is None:
        raise MethodError(
            "judgement_missing",
            where="rules.yaml: indicator_weights.judgements",
            what=f"'{part.method}' needs a file of pairwise judgements",
            hint="name a CSV with columns expert_id, row, column, value inside the study folder",
        )
    read = read_judgements(judgements, scored)
    accepted, refused = _consistent(read.matrices, rule)
    group = _group(rule, part, [read.matrices[expert] for expert in accepted])
    own = np.array([weights.as_array(scored) for weights in accepted.values()])
    return replace(
        group,
        statistics={
            **group.statistics,
            "consensus": consensus(own),
            "experts": len(accepted),
            "experts_excluded": len(refused),
        },
        diagnostics=(*refused, *read.notes, *group.diagnostics),
    )


def _group(rule: IndicatorWeightRule, part: WeightPart, matrices: list[pd.DataFrame]) -> IndicatorWeights:
    joined, where = aggregate_judgements(matrices), f"group of {len(matrices)} experts"
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
