"""What an assessment of the indicator weights is: tables, and every number in them as a fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from survey_kpi.errors import nearest
from survey_kpi.evaluation.result import Evaluation
from survey_kpi.evaluation.weighting.advice import Advice
from survey_kpi.evaluation.weighting.audit import Audit
from survey_kpi.evaluation.weighting.candidates import Candidate
from survey_kpi.evaluation.weighting.combining import Combining
from survey_kpi.evaluation.weighting.judgements import JudgementAssessment
from survey_kpi.evaluation.weighting.ranking import RankStability
from survey_kpi.evaluation.weighting.ratings import RatingAssessment
from survey_kpi.evaluation.weighting.sensitivity import Sensitivity
from survey_kpi.evaluation.weighting.spread import Spread
from survey_kpi.facts import Fact, fact_key


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeightingAssessment:
    """How defensible the indicator weights of one study and period are.

    A part that does not apply is None, and `reasons` says why under its name.

    Parameters
    ----------
    candidates
        Every method of the table: its weights here, or why it refuses.
    audit
        The indicators themselves: base, reliability, redundancy, effective number.
    judgements
        Experts: matrices, consistency, agreement, aggregation.
    ratings
        Experts: importance scores, agreement, what follows.
    spread
        Entropy: variants side by side, intervals, noise.
    combining
        From judgement to data: the path, other combinations, the triangle.
    ranking
        Ranks of the subjects by method, and how often they take each rank.
    sensitivity
        Shares of rank variance, and the points where ranks switch.
    advice
        What is recommended by rule, with the checks behind it.
    codes
        Code of every subject; people have no other name here.
    seed
        Of all generators, from the content of the data.
    """

    evaluation: Evaluation
    candidates: tuple[Candidate, ...]
    audit: Audit
    judgements: JudgementAssessment | None
    ratings: RatingAssessment | None
    spread: Spread | None
    combining: Combining | None
    ranking: RankStability | None
    sensitivity: Sensitivity | None
    advice: Advice
    reasons: Mapping[str, str]
    codes: pd.Series
    seed: int
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


def weighting_key(period: object, name: str, scope: str = "company", part: str = "") -> str:
    """Compose the key of a fact of this assessment.

    Examples
    --------
    >>> weighting_key("2026Q3", "consistency_ratio", "group")
    '2026Q3/weighting.consistency_ratio/group'
    """
    return fact_key(period, "weighting", name, scope, part)
