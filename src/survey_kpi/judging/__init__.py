"""Collecting experts' judgements: questionnaires out, filled files back, findings about each expert."""

from survey_kpi.judging.collect import Collected, collect
from survey_kpi.judging.findings import Finding, findings, lines
from survey_kpi.judging.questionnaire import questionnaire
from survey_kpi.judging.questions import Questions, expert_id, questions_of
from survey_kpi.judging.scale import CODINGS

__all__ = [
    "CODINGS",
    "Collected",
    "Finding",
    "Questions",
    "collect",
    "expert_id",
    "findings",
    "lines",
    "questionnaire",
    "questions_of",
]
