"""What the plan of indicators rewards: shares of the weight, how many indicators count, what they cost."""

from __future__ import annotations

import math
from collections.abc import Iterator

from survey_kpi.evaluation.appraisal.numbers import amount
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.facts import Fact, fact_key
from survey_kpi.scoring.balance import TAGS, Balance, balance


def plan_balance(evaluation: Evaluation) -> Balance | None:
    """Return the balance of the weights in use; None where the period has no weights."""
    combined = evaluation.weighting.combined
    if combined is None:
        return None
    return balance(evaluation.study.indicators.indicators, combined.values)


def plan_facts(evaluation: Evaluation, found: Balance | None) -> Iterator[Fact]:
    """Yield shares, numbers of indicators and hours."""
    if found is None:
        return
    period = str(evaluation.period)
    weights = tuple(
        fact_key(period, "param", "weight_combined", name) for name in evaluation.study.rules.scored
    )
    for tag in TAGS:
        formula = f"100 x sum of the weights of {tag} indicators"
        yield amount(period, f"share_{tag}", 100 * found.tags[tag], "percent", formula, depends=weights)
    formula = "100 x sum of the weights of financial indicators"
    yield amount(period, "share_financial", 100 * found.financial, "percent", formula, depends=weights)
    yield amount(period, "scored_count", found.count, "count", "scored indicators")
    yield amount(period, "scored_effective", found.effective, "score", "1 / sum of w²", depends=weights)
    for name, hours in found.burden.hours.items():
        value = math.nan if hours is None else hours
        yield amount(period, "burden", value, "hours", "declared", name, reason="not stated")
    told = [hours for hours in found.burden.hours.values() if hours is not None]
    total = found.burden.total if told else math.nan
    yield amount(period, "burden_total", total, "hours", "sum of the stated hours", reason="not stated")
    missing = len(found.burden.hours) - len(told)
    yield amount(period, "burden_missing", missing, "count", "indicators whose hours are not stated")
