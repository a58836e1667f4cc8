"""`evaluate(study, period)`: the one composition of reading, cleaning, estimating, weighing and scoring."""

from survey_kpi.evaluation.compose import evaluate, open_study
from survey_kpi.evaluation.result import Evaluation, Weighting

__all__ = ["Evaluation", "Weighting", "evaluate", "open_study"]
