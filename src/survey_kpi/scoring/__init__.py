"""Attainment, composite score, bands."""

from survey_kpi.scoring.attainment import FORMULAS, attainment
from survey_kpi.scoring.bands import band_of
from survey_kpi.scoring.evidence import evidence_grade
from survey_kpi.scoring.scores import Goal, Scores, score_subjects

__all__ = ["FORMULAS", "Goal", "Scores", "attainment", "band_of", "evidence_grade", "score_subjects"]
