"""`assess(study, period)`: are the data fit for reporting, for grading, for nothing, and why."""

from survey_kpi.evaluation.quality.assess import assess
from survey_kpi.evaluation.quality.gates import GATES, PURPOSES, TABLES, Fitness, Gate, Outcome
from survey_kpi.evaluation.quality.intake import Drift
from survey_kpi.evaluation.quality.result import Careless, Move, Quality, quality_key
from survey_kpi.evaluation.quality.sensitivity import Toggle

__all__ = [
    "GATES",
    "PURPOSES",
    "TABLES",
    "Careless",
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
