"""What the working papers of an appraisal are: results by part, and every number in them as a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from survey_kpi.errors import nearest
from survey_kpi.evaluation.appraisal.colleagues import Colleagues
from survey_kpi.evaluation.appraisal.evidence import Evidence
from survey_kpi.evaluation.appraisal.goals import GoalPapers
from survey_kpi.evaluation.appraisal.improvement import Improvement
from survey_kpi.evaluation.appraisal.incidents import Incidents
from survey_kpi.evaluation.appraisal.indicator_audit import IndicatorAudit
from survey_kpi.evaluation.appraisal.listings import Listings
from survey_kpi.evaluation.appraisal.risk import Risk
from survey_kpi.evaluation.appraisal.standing import Standing
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.rewards import Rewards
from survey_kpi.facts import Fact
from survey_kpi.scoring.balance import Balance


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Appraisal:
    """The appraisal of one study and period; a part that cannot be told is None.

    Parameters
    ----------
    names
        Name of each specialist by code; empty where the study declares no specialists.
    goals
        Contracts, tree and doubts; None without goals.
    colleagues
        360-degree ratings of the period; None where there are none.
    incidents
        Critical incidents of the period; None where there are none.
    rewards
        Payouts, streaks and penalties as they stand.
    standing
        Tiers in place of ranks, reliability by length of period.
    balance
        What the weights in use amount to; None without weights.
    improvement
        Actions and trainings of the quarter before, and the open actions.
    audit
        The study's indicators under audit, and the shortlist.
    listings
        Rows to look at, one by one.
    evidence
        Contributions by person, and figures on people's own word.
    risk
        Customers who may leave, who stay, and what was done for them.
    declared
        Tables that the study declares, so that a page can tell an absent table from a quiet period.
    """

    evaluation: Evaluation
    names: Mapping[str, str]
    goals: GoalPapers | None
    colleagues: Colleagues | None
    incidents: Incidents | None
    rewards: Rewards
    standing: Standing
    balance: Balance | None
    improvement: Improvement
    audit: IndicatorAudit
    listings: Listings
    evidence: Evidence
    risk: Risk
    declared: frozenset[str]
    facts: Mapping[str, Fact]

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
