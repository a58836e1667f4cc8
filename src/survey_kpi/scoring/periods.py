"""How long one has to look: reliability by period, and the shortest period that may be graded."""

from __future__ import annotations

import pandas as pd

from survey_kpi.errors import SpecError
from survey_kpi.inference.reliability import reliability
from survey_kpi.period import Period

SPANS = (("month", 1), ("quarter", 3), ("four_quarters", 12))


def reliability_by_period(between: float, within: float, per_month: float) -> pd.DataFrame:
    """Reliability of a person's figure by the length of the period, from the answers of a month.

    Parameters
    ----------
    between
        Variance of the true values between people.
    within
        Variance of one answer, p (1 - p) for a share.
    per_month
        Answers per person and month.

    Returns
    -------
    pandas.DataFrame
        period (month, quarter, four_quarters), n, reliability τ² ÷ (τ² + σ²/n).

    Examples
    --------
    >>> reliability_by_period(0.04**2, 0.16, 20).round(3).values.tolist()
    [['month', 20, 0.167], ['quarter', 60, 0.375], ['four_quarters', 240, 0.706]]
    """
    bases = [per_month * months for _, months in SPANS]
    return pd.DataFrame(
        {
            "period": [name for name, _ in SPANS],
            "n": bases,
            "reliability": [reliability(between, within, n) for n in bases],
        }
    )


def check_graded(period: Period) -> Period:
    """Return a period that may be graded: a quarter, or four rolling quarters; never a month.

    Raises
    ------
    SpecError
        `period_too_short_for_grade`.

    Examples
    --------
    >>> str(check_graded(Period.parse("2026Q3-R4")))
    '2026Q3-R4'
    """
    if period.months < 3:
        raise SpecError(
            "period_too_short_for_grade",
            where=f"period {period}",
            what="a month is too short for grades, bands and streaks",
            expected="a quarter such as 2026Q3, or four rolling quarters 2026Q3-R4",
            hint="months give health cards without grades",
        )
    return period
