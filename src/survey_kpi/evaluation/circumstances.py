"""What scores depend on beside the estimates of a period: targets, exposure, cases, doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy.typing as npt

from survey_kpi.evaluation.exposure import Exposure
from survey_kpi.evaluation.tables import goal_of
from survey_kpi.scoring import Goal
from survey_kpi.study.models import Study

Cases = tuple[npt.ArrayLike, npt.ArrayLike]
"""Times of one person's cases, and which of them are closed; values of a median are all closed."""
EVERYBODY = Exposure(share={}, otherwise=1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Circumstances:
    """Circumstances of the people who are scored in one period.

    Parameters
    ----------
    period
        Of the keys of facts, which seed the resampling of durations.
    goals
        One per scored indicator, with the targets of each person in the order of the scores.
    exposure
        Shares that multiply the targets of counts and money.
    cases
        Cases of durations and medians, by indicator and subject.
    doubts
        Keys of `scoring.evidence.CAPS` by indicator.
    alarmed
        People with an open alarm on invitation coverage: what customers answered about them is not graded.
    """

    period: str
    goals: Sequence[Goal]
    exposure: Exposure = EVERYBODY
    cases: Mapping[tuple[str, str], Cases] = field(default_factory=dict)
    doubts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alarmed: frozenset[str] = frozenset()

    def goal(self, indicator: str) -> Goal:
        """Return the goal of an indicator."""
        return next(goal for goal in self.goals if goal.indicator == indicator)


def plain(study: Study, period: object) -> Circumstances:
    """Return the circumstances of people who are there throughout and have no goals of their own."""
    return Circumstances(
        period=str(period), goals=[goal_of(study.indicator(name)) for name in study.rules.scored]
    )
