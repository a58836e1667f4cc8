"""The KPI library: one table `INDICATORS`, one grouped scan, one tidy table of estimates."""

from survey_kpi.indicators.cells import Score, count_cells, scores_of
from survey_kpi.indicators.estimation import COMPANY, estimate_all, subject_key
from survey_kpi.indicators.library import INDICATORS
from survey_kpi.indicators.model import Indicator, Measure
from survey_kpi.indicators.subjects import attach_levels, level_column

__all__ = [
    "COMPANY",
    "INDICATORS",
    "Indicator",
    "Measure",
    "Score",
    "attach_levels",
    "count_cells",
    "estimate_all",
    "level_column",
    "scores_of",
    "subject_key",
]
