"""`assess(study, period)`: are the data fit for reporting, for grading, for nothing, and why."""

from survey_kpi.evaluation.quality.assess import assess
from survey_kpi.evaluation.quality.company import Company
from survey_kpi.evaluation.quality.gates import CHECKS, GATES, TABLES
from survey_kpi.evaluation.quality.intake import Drift
from survey_kpi.evaluation.quality.judging import PURPOSES, RESPONSES, Fitness, Gate, Outcome
from survey_kpi.evaluation.quality.result import Careless, Move, Quality, quality_key
from survey_kpi.evaluation.quality.sensitivity import Toggle

__all__ = [
    "CHECKS",
    "GATES",
    "PURPOSES",
    "RESPONSES",
    "TABLES",
    "Careless",
    "Company",
    "Drift",
    "Fitness",
    "Gate",
    "Move",
    "Outcome",
    "Quality",
    "Toggle",
    "assess",
    "quality_key",
]
