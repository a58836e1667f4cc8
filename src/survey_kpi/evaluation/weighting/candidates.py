"""Every weighting method on this study: the weights it gives, or why it does not apply."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.result import own_names
from survey_kpi.indicator_weights import WEIGHT_METHODS, IndicatorWeights
from survey_kpi.study.models import IndicatorWeightRule, WeightPart

ABSENT = {"data": "too_few_subjects", "judgements": "judgement_missing", "ratings": "ratings_missing"}
"""Why a method has nothing to work on, by what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A method, and what becomes of it here.

    Parameters
    ----------
    name
        The method; with a number from its second use in the rule on, see `own_names`.
    method
        Of the table `WEIGHT_METHODS`.
    share
        Share of this use in the declared rule; 0 where the rule does not use it.
    weights
        None when it refuses.
    code, reason
        Why it refuses.
    """

    name: str
    method: str
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
    """Try every method: each use in the rule as the evaluation has it, the others with their defaults.

    Parameters
    ----------
    matrix
        Subjects x indicators.
    used
        Weights of the rule's methods by the name of each use.
    group
        The experts' merged judgements, None without any.
    ratings
        Importance scores, experts x indicators, None without any.
    interval_scales
        Indicators whose ratios mean nothing.
    """
    tables = {"data": matrix if len(matrix) > 1 else None, "judgements": group, "ratings": ratings}
    found = []
    for name, part in _uses(rule):
        method = WEIGHT_METHODS[part.method]
        one = Candidate(name=name, method=part.method, share=part.share, weights=used.get(name))
        table = tables[method.needs]
        if one.weights:
            found.append(one)
        elif table is None:
            found.append(replace(one, code=ABSENT[method.needs]))
        else:
            arguments = (table, direction) if method.needs == "data" else (table,)
            params = {**_defaults(part.method, rule, interval_scales), **part.params}
            found.append(_tried(one, arguments, params))
    return tuple(found)


def _uses(rule: IndicatorWeightRule) -> Iterator[tuple[str, WeightPart]]:
    """Each use of a method in the rule by a name of its own; a method that it does not use, once."""
    named = list(zip(own_names([part.method for part in rule.parts]), rule.parts, strict=True))
    for method in WEIGHT_METHODS:
        mine = [(name, part) for name, part in named if part.method == method]
        yield from mine or [(method, WeightPart(method=method, share=0.0))]


def _defaults(name: str, rule: IndicatorWeightRule, interval_scales: Collection[str]) -> dict[str, Any]:
    if name == "ahp":  # the merged matrix is judged on its page; here it is only weighed
        return {"random_index": rule.random_index, "consistency_limit": None}
    params = WEIGHT_METHODS[name].params
    on_ratios = "interval_scales" in params and "normalisation" not in params
    return {"interval_scales": interval_scales} if on_ratios else {}


def _tried(one: Candidate, arguments: tuple[Any, ...], params: Mapping[str, Any]) -> Candidate:
    try:
        return replace(one, weights=WEIGHT_METHODS[one.method].weigh(*arguments, **params))
    except MethodError as error:
        return replace(one, code=error.code, reason=str(error))
