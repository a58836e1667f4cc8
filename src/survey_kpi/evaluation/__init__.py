"""`evaluate(study, period)`: the one composition of reading, cleaning, estimating, weighing and scoring."""

from survey_kpi.evaluation.checking import check_study, periods_of
from survey_kpi.evaluation.compose import evaluate, open_study
from survey_kpi.evaluation.result import Evaluation, Weighting

__all__ = ["Evaluation", "Weighting", "check_study", "evaluate", "open_study", "periods_of"]
