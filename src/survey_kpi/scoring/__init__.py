"""Attainment, scores and their distribution, bands, the pay guard, streaks and rewards."""

from survey_kpi.scoring.attainment import FORMULAS, attainment
from survey_kpi.scoring.bands import band_of
from survey_kpi.scoring.composite import ScoreDistribution, composite
from survey_kpi.scoring.distributions import Marginal
from survey_kpi.scoring.evidence import evidence_grade, graded, score_evidence
from survey_kpi.scoring.guard import decide, guarded_bands, guarded_rates
from survey_kpi.scoring.pay import pay_decisions, penalties_due
from survey_kpi.scoring.payout import payouts, share_pool
from survey_kpi.scoring.score_tiers import score_tiers
from survey_kpi.scoring.scores import Scores, score_subjects
from survey_kpi.scoring.streaks import streaks
from survey_kpi.scoring.totals import Goal, OwnTargets, printed_scores
from survey_kpi.scoring.verdicts import certainty, verdicts

__all__ = [
    "FORMULAS",
    "Goal",
    "Marginal",
    "OwnTargets",
    "ScoreDistribution",
    "Scores",
    "attainment",
    "band_of",
    "certainty",
    "composite",
    "decide",
    "evidence_grade",
    "graded",
    "guarded_bands",
    "guarded_rates",
    "pay_decisions",
    "payouts",
    "penalties_due",
    "printed_scores",
    "score_evidence",
    "score_subjects",
    "score_tiers",
    "share_pool",
    "streaks",
    "verdicts",
]
