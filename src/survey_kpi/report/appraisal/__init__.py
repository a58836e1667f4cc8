"""The appraisal edition: working papers for the analyst and the committee, one function per page.

It names people with their figures; no other edition shows them so.

>>> from survey_kpi.report import appraisal as page
>>> next(iter(page.HEADINGS))
'cover'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from survey_kpi.evaluation.appraisal import Appraisal, appraise
from survey_kpi.publishing import publish
from survey_kpi.report import opening
from survey_kpi.report.appraisal.audit import audit, audit_title
from survey_kpi.report.appraisal.care import care, care_title
from survey_kpi.report.appraisal.colleagues import colleagues, colleagues_title
from survey_kpi.report.appraisal.cover import cover, cover_title
from survey_kpi.report.appraisal.decisions import decisions, decisions_title
from survey_kpi.report.appraisal.goals import goals, goals_title
from survey_kpi.report.appraisal.improvement import improvement, improvement_title
from survey_kpi.report.appraisal.incidents import incidents, incidents_title
from survey_kpi.report.appraisal.indicators import indicators, indicators_title
from survey_kpi.report.appraisal.listings import evidence, evidence_title, listings, listings_title
from survey_kpi.report.appraisal.market import market, market_title
from survey_kpi.report.appraisal.plan import plan, plan_title
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.appraisal.rewards import rewards, rewards_title
from survey_kpi.report.appraisal.risk import risk, risk_title
from survey_kpi.report.appraisal.scores import scores, scores_title
from survey_kpi.report.appraisal.staying import staying, staying_title
from survey_kpi.report.appraisal.tiers import tiers, tiers_title
from survey_kpi.report.blocks import Blocks, Meta
from survey_kpi.report.evaluating import evaluated
from survey_kpi.report.once import once_per_run
from survey_kpi.report.revisions import read_revision
from survey_kpi.report.wording import load

EDITION = "appraisal"

HEADINGS: Mapping[str, Callable[[AppraisalReport], tuple[str, str]]] = MappingProxyType(
    {
        "cover": cover_title,
        "scores": scores_title,
        "decisions": decisions_title,
        "indicators": indicators_title,
        "goals": goals_title,
        "colleagues": colleagues_title,
        "incidents": incidents_title,
        "rewards": rewards_title,
        "tiers": tiers_title,
        "plan": plan_title,
        "improvement": improvement_title,
        "audit": audit_title,
        "listings": listings_title,
        "evidence": evidence_title,
        "risk": risk_title,
        "staying": staying_title,
        "care": care_title,
        "market": market_title,
    }
)
"""Topic and finding of each page."""


@once_per_run
def appraised(study: str, period: str, data: str) -> Appraisal:
    """Appraise a period; `data` as in `report.evaluating.evaluated`."""
    return appraise(evaluated(study, period, data))


def begin(
    study: str | Path,
    period: str,
    language: str,
    *,
    data: str | None = None,
    revision: int = 0,
    published: str = "",
) -> AppraisalReport:
    """Evaluate a period, appraise it and open the appraisal edition in one language."""
    report = opened(appraised(str(study), period, data or ""), language)
    return replace(report, revision=read_revision(revision, published))


def opened(appraisal: Appraisal, language: str) -> AppraisalReport:
    """Open the appraisal edition in one language."""
    edition = publish(appraisal.evaluation, EDITION)
    facts = {**edition.facts, **appraisal.facts}
    return AppraisalReport(edition=replace(edition, facts=facts), appraisal=appraisal, words=load(language))


def front(report: AppraisalReport) -> Blocks:
    """What stands on every page: a draft, as long as nobody has signed."""
    told = opening.front(report, title="appraisal.title", edition="appraisal.edition")
    drafts = bool(report.edition.evaluation.decisions["draft"].any())
    mark = report.words["appraisal.draft"] if drafts else ""
    return Blocks([replace(block, draft=mark) if isinstance(block, Meta) else block for block in told])


def heading(report: AppraisalReport, page: str) -> Blocks:
    """Open a page: its topic and its finding."""
    return opening.head(page, *HEADINGS[page](report))


__all__ = [
    "HEADINGS",
    "audit",
    "begin",
    "care",
    "colleagues",
    "cover",
    "decisions",
    "evidence",
    "front",
    "goals",
    "heading",
    "improvement",
    "incidents",
    "indicators",
    "listings",
    "market",
    "opened",
    "plan",
    "rewards",
    "risk",
    "scores",
    "staying",
    "tiers",
]
