"""Where people stand: tiers in place of ranks, and how far a figure can be trusted, by length of period."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.appraisal.numbers import amount
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.tables import evaluated_subjects
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of
from survey_kpi.inference.reliability import between_variance
from survey_kpi.inference.tiers import ABOVE, BELOW, SAME, UNTESTED
from survey_kpi.scoring.distributions import usable_errors
from survey_kpi.scoring.periods import reliability_by_period

TIERS = (ABOVE, SAME, BELOW, UNTESTED)
FEWEST = 2
PER_QUARTER = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """Tiers and reliabilities of one period.

    Parameters
    ----------
    tiers
        One row per person: subject, tier, p_value, adjusted_p of the score; rate_tier and rate_adjusted_p of
        the exact test on the indicator of `Evaluation.tier_indicator` ("" and NaN without one).
    reliability
        indicator, period (month, quarter, four_quarters), n, reliability; no rows for an indicator without
        sampling error or whose people cannot be compared.
    """

    tiers: pd.DataFrame
    reliability: pd.DataFrame


def standing(evaluation: Evaluation) -> Standing:
    """Lay out tiers by score and by rate, and the reliability of every scored indicator."""
    scores = evaluation.scores[["subject", "tier", "p_value", "adjusted_p"]]
    rates = evaluation.tiers[["subject", "verdict", "adjusted_p"]].set_axis(
        ["subject", "rate_tier", "rate_adjusted_p"], axis=1
    )
    tiers = scores.merge(rates, on="subject", how="left", validate="1:1")
    tiers["rate_tier"] = tiers["rate_tier"].astype(object).fillna("")
    return Standing(tiers=tiers, reliability=_reliability(evaluation))


def _reliability(evaluation: Evaluation) -> pd.DataFrame:
    """Reliability by length of period, where the quarter tells how people differ."""
    columns = ["indicator", "period", "n", "reliability"]
    if not evaluation.period.is_quarter:
        return pd.DataFrame(columns=columns)
    subjects = evaluated_subjects(evaluation.estimates, evaluation.study, evaluation.period)
    tables = [
        _of_indicator(subjects[subjects["indicator"] == name]).assign(indicator=name)
        for name in evaluation.study.rules.scored
        if not evaluation.study.indicator(name).error_free
    ]
    told = [table[columns] for table in tables if len(table)]
    return pd.concat(told, ignore_index=True) if told else pd.DataFrame(columns=columns)


def _of_indicator(rows: pd.DataFrame) -> pd.DataFrame:
    """Reliability from the spread of people and the variance of one answer."""
    there = rows[rows["value"].notna() & rows["n"].gt(0)]
    if len(there) < FEWEST or there["std_error"].isna().all():
        return pd.DataFrame()
    try:
        errors = usable_errors(there["std_error"], there["n"])
        between = between_variance(there["value"], errors)
    except MethodError:
        return pd.DataFrame()
    base = there["n"].to_numpy(dtype=float)
    within = float(np.mean(errors**2 * base))
    return reliability_by_period(between, within, float(base.mean()) / PER_QUARTER)


def standing_facts(evaluation: Evaluation, found: Standing) -> Iterator[Fact]:
    """Yield p values, counts by tier and reliabilities."""
    period = str(evaluation.period)
    formula = "score against the mean of the others, flat priors, 4,096 points"
    for row in rows_of(found.tiers):
        yield amount(period, "tier_p", row.p_value, "share", formula, row.subject)
        yield amount(
            period, "tier_adjusted", row.adjusted_p, "share", f"{formula}; Benjamini-Hochberg", row.subject
        )
        exact = "exact hypergeometric test against the rest; Benjamini-Hochberg"
        yield amount(period, "rate_adjusted", row.rate_adjusted_p, "share", exact, row.subject)
    counts = found.tiers["tier"].value_counts()
    for tier in TIERS:
        yield amount(period, f"tier_{tier}", int(counts.get(tier, 0)), "count", f"people {tier} by score")
    yield amount(period, "tier_people", len(found.tiers), "count", "people with a row of scores")
    for row in rows_of(found.reliability):
        scope = f"{row.indicator}~{row.period}"
        yield amount(period, "base_by_period", row.n, "count", "answers per person", scope)
        formula = "between variance / (between + variance of one answer / n)"
        yield amount(period, "reliability", row.reliability, "share", formula, scope)
