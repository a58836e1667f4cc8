"""The weighting edition: one function per page, in the order of the notebook's cells.

>>> from survey_kpi.report import weighting as page
>>> list(page.HEADINGS)[:4], list(page.HEADINGS)[4:]
(['question', 'audit', 'experts', 'ahp'], ['entropy', 'combination', 'ranks', 'sensitivity', 'advice'])
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from survey_kpi.evaluation import evaluate, open_study
from survey_kpi.evaluation.weighting import WeightingAssessment, assess_weights, uncleaned_study
from survey_kpi.publishing import publish
from survey_kpi.report import opening
from survey_kpi.report.blocks import Blocks
from survey_kpi.report.evaluating import evaluated
from survey_kpi.report.once import once_per_run
from survey_kpi.report.revisions import read_revision
from survey_kpi.report.weighting.advice import advice, advice_title
from survey_kpi.report.weighting.ahp import ahp, ahp_title
from survey_kpi.report.weighting.audit import audit, audit_title
from survey_kpi.report.weighting.combination import combination, combination_title
from survey_kpi.report.weighting.entropy import entropy, entropy_title
from survey_kpi.report.weighting.experts import experts, experts_title
from survey_kpi.report.weighting.question import question, question_title
from survey_kpi.report.weighting.ranks import ranks, ranks_title
from survey_kpi.report.weighting.reading import WeightingReport
from survey_kpi.report.weighting.sensitivity import sensitivity, sensitivity_title
from survey_kpi.report.wording import load

EDITION = "weighting"

HEADINGS: Mapping[str, Callable[[WeightingReport], tuple[str, str]]] = MappingProxyType(
    {
        "question": question_title,
        "audit": audit_title,
        "experts": experts_title,
        "ahp": ahp_title,
        "entropy": entropy_title,
        "combination": combination_title,
        "ranks": ranks_title,
        "sensitivity": sensitivity_title,
        "advice": advice_title,
    }
)
"""Topic and finding of each page."""


@once_per_run
def assessed(study: str, period: str, data: str) -> WeightingAssessment:
    """Assess the weights of a period, once as cleaned and once without setting rows aside."""
    declared = uncleaned_study(open_study(study, data=data or None))
    return assess_weights(evaluated(study, period, data), uncleaned=evaluate(declared, period))


def begin(
    study: str | Path,
    period: str,
    language: str,
    *,
    data: str | None = None,
    revision: int = 0,
    published: str = "",
) -> WeightingReport:
    """Evaluate a period, assess its weights and open the weighting edition in one language."""
    report = opened(assessed(str(study), period, data or ""), language)
    return replace(report, revision=read_revision(revision, published))


def opened(assessment: WeightingAssessment, language: str) -> WeightingReport:
    """Open the weighting edition of an assessment in one language."""
    edition = publish(assessment.evaluation, EDITION)
    facts = {**edition.facts, **assessment.facts}
    return WeightingReport(edition=replace(edition, facts=facts), assessment=assessment, words=load(language))


def front(report: WeightingReport) -> Blocks:
    """What stands on every page."""
    return opening.front(report, title="weighting.title", edition="weighting.edition")


def heading(report: WeightingReport, page: str) -> Blocks:
    """Open a page: its topic and its finding."""
    return opening.head(page, *HEADINGS[page](report))


__all__ = [
    "HEADINGS",
    "advice",
    "ahp",
    "audit",
    "begin",
    "combination",
    "entropy",
    "experts",
    "front",
    "heading",
    "opened",
    "question",
    "ranks",
    "sensitivity",
]
