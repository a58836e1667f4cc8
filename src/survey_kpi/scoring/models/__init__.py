"""Scoring models: subjects ranked from a table and indicator weights, so that rankings can be compared.

They rank; the score that pays is `survey_kpi.scoring.score_subjects`, with targets and attainments.
"""

from survey_kpi.scoring.models.ranking import MODELS, ScoringModel, ranks_by
from survey_kpi.scoring.models.rules import Ranking, grey_relational, rank_sum, topsis, vikor, weighted_sum

__all__ = [
    "MODELS",
    "Ranking",
    "ScoringModel",
    "grey_relational",
    "rank_sum",
    "ranks_by",
    "topsis",
    "vikor",
    "weighted_sum",
]
