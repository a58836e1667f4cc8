"""What an evaluation is: every table of one study and period, and every number in them as a fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from survey_kpi.errors import nearest
from survey_kpi.evaluation.complaint_months import ComplaintMonths
from survey_kpi.facts import Fact
from survey_kpi.indicator_weights import IndicatorWeights, NoiseCurve, WeightIntervals
from survey_kpi.period import Period
from survey_kpi.study.models import Study


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighting:
    """Indicator weights of the period: each ingredient, and their combination.

    `combined` is None when a method does not apply to the period's data; `problem` then says why. Methods
    from spread come with intervals over resampled subjects, and with what a column of noise would earn.
    """

    parts: tuple[IndicatorWeights, ...]
    combined: IndicatorWeights | None
    problem: str = ""
    intervals: Mapping[str, WeightIntervals] = field(default_factory=dict)
    noise: Mapping[str, NoiseCurve] = field(default_factory=dict)

    @property
    def named(self) -> dict[str, IndicatorWeights]:
        """Ingredients by a name of their own, see `own_names`."""
        return dict(zip(own_names([part.method for part in self.parts]), self.parts, strict=True))


def own_names(methods: Sequence[str]) -> list[str]:
    """Name each use of a method: the method itself, with a number from its second use on.

    Examples
    --------
    >>> own_names(["ahp", "entropy", "ahp"])
    ['ahp', 'entropy', 'ahp_2']
    """
    uses = [methods[: place + 1].count(method) for place, method in enumerate(methods)]
    return [f"{method}_{use}" if use > 1 else method for method, use in zip(methods, uses, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evaluation:
    """Every fact of one study and period.

    Parameters
    ----------
    run_id
        Content hash of data, rules and package version: equal inputs have equal run ids.
    estimates
        One row per period of the trend, indicator, measure and subject.
    comparisons
        One row per indicator: the company's change against the declared earlier period.
    breaks
        Periods before which an indicator's trend breaks: its question was asked in other words.
    weighting
        Indicator weights by method and combined.
    score_parts, scores
        Attainment per subject and indicator; score and band per subject.
    reaching
        Probability that the true score reaches each band, by period: this one, and the pooled four quarters.
    pool
        Scores of the last four quarters, where the period is a quarter; empty otherwise.
    correlations
        Correlation of answers within people by pair of scored indicators and period.
    priors
        Mean and spread of true values between people, by scored indicator and period.
    decisions
        One row per subject: the band that the evidence supports, `deciding.COLUMNS`; drafts, nobody signed.
    quarters
        Grade and probability of an excellent score by subject and quarter, as streaks count them; empty
        where the rules declare no streak.
    targets
        What each subject's score was held against, where that is not simply the indicator's target,
        `own_targets.COLUMNS`.
    goals
        One row per goal in force: target, value, points by days, verdict, `goal_results.COLUMNS`.
    tiers
        One row per person: verdict of the exact test against the rest, on `tier_indicator`.
    funnel
        Control limits of the people's rates over their bases.
    histogram
        The company's answers by value.
    flow
        Rows of the period by reason of exclusion; "" are the rows kept.
    complaints
        Complaints by month with their alarms, and by category.
    intake, audit, rule_counts
        What reading and cleaning noticed, over all files of responses.
    tables, table_audit
        The same of the tables beside the responses.
    calendar
        Name, version and hash of the working calendar; empty where no number rests on it.
    diagnostics
        Doubts that the report prints: code, where, message.
    """

    study: Study
    period: Period
    against: Period
    run_id: str
    data_hash: str
    estimates: pd.DataFrame
    comparisons: pd.DataFrame
    breaks: pd.DataFrame
    weighting: Weighting
    score_parts: pd.DataFrame
    scores: pd.DataFrame
    reaching: pd.DataFrame
    pool: pd.DataFrame
    correlations: pd.DataFrame
    priors: pd.DataFrame
    decisions: pd.DataFrame
    quarters: pd.DataFrame
    targets: pd.DataFrame
    goals: pd.DataFrame
    tiers: pd.DataFrame
    tier_indicator: str
    funnel: pd.DataFrame
    histogram: pd.DataFrame
    flow: pd.DataFrame
    complaints: ComplaintMonths
    intake: pd.DataFrame
    tables: pd.DataFrame
    table_audit: pd.DataFrame
    calendar: str
    audit: pd.DataFrame
    rule_counts: pd.DataFrame
    diagnostics: pd.DataFrame
    facts: Mapping[str, Fact]

    def to_frame(self) -> pd.DataFrame:
        """Return the estimates as a tidy frame, one row per period, indicator, measure and subject."""
        return self.estimates.copy()

    def fact(self, key: str) -> Fact:
        """Return the fact with this key.

        Raises
        ------
        KeyError
            There is none; the message names the nearest.
        """
        if key not in self.facts:
            raise KeyError(f"no fact '{key}'; {nearest(key, self.facts)}")
        return self.facts[key]
