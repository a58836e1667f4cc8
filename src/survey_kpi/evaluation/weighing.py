"""Indicator weights of a period, as `rules.yaml` declares them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from survey_kpi.errors import MethodError, Problem
from survey_kpi.evaluation.result import Weighting
from survey_kpi.indicator_weights import (
    Diagnostic,
    IndicatorWeights,
    aggregate_judgements,
    ahp,
    entropy,
    equal,
    judgement_matrices,
    linear,
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
    for part in rule.parts:
        if part.method == "ahp":
            parts.append(_group_ahp(rule, part, list(scored), judgements))
            continue
        try:
            parts.append(_from_data(part, matrix, direction))
        except MethodError as error:
            return Weighting(parts=tuple(parts), combined=None, problem=str(error))
    return Weighting(parts=tuple(parts), combined=linear(parts, [part.share for part in rule.parts]))


def _from_data(part: WeightPart, matrix: pd.DataFrame, direction: Mapping[str, str]) -> IndicatorWeights:
    if part.method == "equal":
        return equal(matrix)
    return entropy(matrix, direction, **part.params)


def _group_ahp(
    rule: IndicatorWeightRule, part: WeightPart, scored: list[str], judgements: pd.DataFrame | None
) -> IndicatorWeights:
    """Weights of the geometric mean of the consistent experts' judgements (AIJ); the others are named."""
    if judgements is None:
        raise MethodError(
            "judgement_missing",
            where="rules.yaml: indicator_weights.judgements",
            what="AHP needs a file of pairwise judgements",
            hint="name a CSV with columns expert_id, row, column, value inside the study folder",
        )
    matrices = judgement_matrices(judgements, scored)
    consistent, doubts = _consistent(matrices, rule)
    group = ahp(
        aggregate_judgements(consistent),
        random_index=rule.random_index,
        consistency_limit=rule.consistency_limit,
        where=f"group of {len(consistent)} experts",
        **part.params,
    )
    statistics = {**group.statistics, "experts": len(consistent), "experts_excluded": len(doubts)}
    return replace(group, statistics=statistics, diagnostics=doubts)


def _consistent(
    matrices: Mapping[str, pd.DataFrame], rule: IndicatorWeightRule
) -> tuple[list[pd.DataFrame], tuple[Diagnostic, ...]]:
    consistent: list[pd.DataFrame] = []
    refusals: list[Problem] = []
    for expert, table in matrices.items():
        try:
            ahp(
                table,
                random_index=rule.random_index,
                consistency_limit=rule.consistency_limit,
                where=f"expert {expert}",
            )
            consistent.append(table)
        except MethodError as error:
            if error.code != "inconsistent_judgements":
                raise
            refusals += error.problems
    if not consistent:
        raise MethodError.collect(refusals)
    return consistent, tuple(Diagnostic(code=p.code, message=str(p)) for p in refusals)
