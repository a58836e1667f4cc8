"""`appraise(evaluation)`: the working papers of an appraisal, person by person, for those who decide."""

from survey_kpi.evaluation.appraisal.assess import appraise
from survey_kpi.evaluation.appraisal.numbers import appraisal_key
from survey_kpi.evaluation.appraisal.result import Appraisal

__all__ = ["Appraisal", "appraisal_key", "appraise"]
