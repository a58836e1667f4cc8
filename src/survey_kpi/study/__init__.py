"""The declarations of a study: models, loading, cross-checks."""

from survey_kpi.study.folders import data_directory, find_study, list_studies
from survey_kpi.study.load import load_codebook, load_study
from survey_kpi.study.vocabulary import KpiWords, Vocabulary

__all__ = [
    "KpiWords",
    "Vocabulary",
    "data_directory",
    "find_study",
    "list_studies",
    "load_codebook",
    "load_study",
]
