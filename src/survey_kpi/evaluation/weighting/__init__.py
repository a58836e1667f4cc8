"""`assess_weights(evaluation)`: how defensible the weights are, and whether the ranking hangs on them."""

from survey_kpi.evaluation.weighting.advice import RULES, Advice, Check, advise
from survey_kpi.evaluation.weighting.assess import assess_study, assess_weights, uncleaned_study
from survey_kpi.evaluation.weighting.candidates import Candidate
from survey_kpi.evaluation.weighting.combining import Combining, Mix
from survey_kpi.evaluation.weighting.judgements import JudgementAssessment, assess_judgements
from survey_kpi.evaluation.weighting.ranking import RankStability
from survey_kpi.evaluation.weighting.ratings import RatingAssessment, assess_ratings
from survey_kpi.evaluation.weighting.result import WeightingAssessment, weighting_key
from survey_kpi.evaluation.weighting.sensitivity import Sensitivity
from survey_kpi.evaluation.weighting.spread import Spread, Variant

__all__ = [
    "RULES",
    "Advice",
    "Candidate",
    "Check",
    "Combining",
    "JudgementAssessment",
    "Mix",
    "RankStability",
    "RatingAssessment",
    "Sensitivity",
    "Spread",
    "Variant",
    "WeightingAssessment",
    "advise",
    "assess_judgements",
    "assess_ratings",
    "assess_study",
    "assess_weights",
    "uncleaned_study",
    "weighting_key",
]
