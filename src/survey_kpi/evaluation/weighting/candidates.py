"""Every weighting method on this study: the weights it gives, or why it does not apply."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import WEIGHT_METHODS, IndicatorWeights, WeightMethod
from survey_kpi.study.models import IndicatorWeightRule


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
    group: pd.DataFrame | None,
    interval_scales: Collection[str],
) -> tuple[Candidate, ...]:
    """Try every method, with the parameters of the rule where it names them.

    Parameters
    ----------
    matrix
        Subjects x indicators.
    group
        The experts' merged judgements, None without any.
    interval_scales
        Indicators whose ratios mean nothing.
    """
    shares = {part.method: part.share for part in rule.parts}
    params = {part.method: part.params for part in rule.parts}
    found = []
    for name, method in WEIGHT_METHODS.items():
        given: dict[str, Any] = dict(params.get(name, {}))
        if "interval_scales" in method.params and "normalisation" not in method.params:
            given.setdefault("interval_scales", interval_scales)
        found.append(_tried(name, method, shares.get(name, 0.0), matrix, direction, group, given))
    return tuple(found)


def _tried(
    name: str,
    method: WeightMethod,
    share: float,
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    group: pd.DataFrame | None,
    params: Mapping[str, Any],
) -> Candidate:
    if method.needs == "ratings":
        return Candidate(name=name, share=share, weights=None, code="ratings_missing")
    if method.needs == "judgements" and group is None:
        return Candidate(name=name, share=share, weights=None, code="judgement_missing")
    if method.needs == "data" and len(matrix) < 2:
        return Candidate(name=name, share=share, weights=None, code="too_few_subjects")
    try:
        if method.needs == "judgements":
            weights = method.weigh(group, **params)
        else:
            weights = method.weigh(matrix, direction, **params)
    except MethodError as error:
        return Candidate(name=name, share=share, weights=None, code=error.code, reason=str(error))
    return Candidate(name=name, share=share, weights=weights)
