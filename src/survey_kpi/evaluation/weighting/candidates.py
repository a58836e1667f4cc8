"""Every weighting method on this study: the weights it gives, or why it does not apply."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import WEIGHT_METHODS, IndicatorWeights, WeightMethod
from survey_kpi.study.models import IndicatorWeightRule

ABSENT = {"data": "too_few_subjects", "judgements": "judgement_missing", "ratings": "ratings_missing"}
"""Why a method has nothing to work on, by what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A method, and what becomes of it here.

    Parameters
    ----------
    name
        Of the table `WEIGHT_METHODS`.
    share
        Its share in the declared rule; 0 where the rule does not use it.
    weights
        None when it refuses.
    code, reason
        Why it refuses.
    """

    name: str
    share: float
    weights: IndicatorWeights | None
    code: str = ""
    reason: str = ""


def candidates(
    rule: IndicatorWeightRule,
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    *,
    used: Mapping[str, IndicatorWeights],
    group: pd.DataFrame | None,
    ratings: pd.DataFrame | None,
    interval_scales: Collection[str],
) -> tuple[Candidate, ...]:
    """Try every method: those of the rule as the evaluation has them, the others with their defaults.

    Parameters
    ----------
    matrix
        Subjects x indicators.
    used
        Weights of the rule's methods.
    group
        The experts' merged judgements, None without any.
    ratings
        Importance scores, experts x indicators, None without any.
    interval_scales
        Indicators whose ratios mean nothing.
    """
    found = []
    for name, method in WEIGHT_METHODS.items():
        share = sum(part.share for part in rule.parts if part.method == name)
        if name in used:
            found.append(Candidate(name=name, share=share, weights=used[name]))
            continue
        tables = {"data": matrix if len(matrix) > 1 else None, "judgements": group, "ratings": ratings}
        table = tables[method.needs]
        if table is None:
            found.append(Candidate(name=name, share=share, weights=None, code=ABSENT[method.needs]))
            continue
        given = _defaults(name, method, rule, interval_scales)
        arguments = (table, direction) if method.needs == "data" else (table,)
        found.append(_tried(name, share, method, arguments, given))
    return tuple(found)


def _defaults(
    name: str, method: WeightMethod, rule: IndicatorWeightRule, interval_scales: Collection[str]
) -> dict[str, Any]:
    if name == "ahp":  # the merged matrix is judged on its page; here it is only weighed
        return {"random_index": rule.random_index, "consistency_limit": None}
    on_ratios = "interval_scales" in method.params and "normalisation" not in method.params
    return {"interval_scales": interval_scales} if on_ratios else {}


def _tried(
    name: str,
    share: float,
    method: WeightMethod,
    arguments: tuple[Any, ...],
    params: Mapping[str, Any],
) -> Candidate:
    try:
        weights = method.weigh(*arguments, **params)
    except MethodError as error:
        return Candidate(name=name, share=share, weights=None, code=error.code, reason=str(error))
    return Candidate(name=name, share=share, weights=weights)
