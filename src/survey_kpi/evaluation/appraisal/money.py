"""Numbers of rewards that the evaluation does not keep as facts: target bonuses and odds behind penalties."""

from __future__ import annotations

import math
from collections.abc import Iterator

from survey_kpi.evaluation.appraisal.numbers import amount
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.rewards import NO_BONUS, Rewards, reward_facts
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of


def money_facts(evaluation: Evaluation, found: Rewards) -> Iterator[Fact]:
    """Yield every number of payouts, streaks and penalties."""
    period = str(evaluation.period)
    yield from reward_facts(evaluation, found)
    for row in rows_of(found.payouts):
        bonus = math.nan if row.target_bonus is None else float(row.target_bonus)
        yield amount(period, "target_bonus", bonus, "money", "declared", row.subject, reason=NO_BONUS)
    for row in rows_of(found.penalties):
        scope = f"{row.penalty}~{row.subject}"
        yield amount(period, "penalty_share", 100 * row.share, "percent", "declared", scope)
        formula = "probability of reaching the band above"
        yield amount(period, "penalty_odds", row.probability, "share", formula, scope)
    counts = {
        "payouts": int(found.payouts["paid"].notna().sum()),
        "payouts_unknown": int(found.payouts["paid"].isna().sum()),
        "penalties": len(found.penalties),
        "streaks": int((found.streaks["reached"] != "").sum()),
    }
    for name, value in counts.items():
        yield amount(period, name, value, "count", f"people: {name}")
