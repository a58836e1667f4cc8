"""The KPI library: one table `INDICATORS`, one grouped scan, one tidy table of estimates."""

from survey_kpi.indicators.cells import Score, count_cells, scores_of
from survey_kpi.indicators.estimation import COMPANY, estimate_all, subject_key
from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.model import Indicator, Measure

__all__ = [
    "COMPANY",
    "INDICATORS",
    "Indicator",
    "Measure",
    "Score",
    "count_cells",
    "estimate_all",
    "scores_of",
    "subject_key",
]
