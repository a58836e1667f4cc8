"""The data quality edition: one function per page, in the order of the notebook's cells.

>>> from survey_kpi.report import data_quality as page
>>> list(page.HEADINGS)
['verdict', 'intake', 'flow', 'problems', 'frame', 'keys', 'sensitivity']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from survey_kpi.evaluation import open_study
from survey_kpi.evaluation.quality import Quality, assess
from survey_kpi.publishing import publish
from survey_kpi.report import opening
from survey_kpi.report.blocks import Blocks
from survey_kpi.report.data_quality.flow import flow, flow_title
from survey_kpi.report.data_quality.frame import frame, frame_title
from survey_kpi.report.data_quality.intake import intake, intake_title
from survey_kpi.report.data_quality.keys import keys, keys_title
from survey_kpi.report.data_quality.problems import problems, problems_title
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.data_quality.sensitivity import sensitivity, sensitivity_title
from survey_kpi.report.data_quality.verdict import verdict, verdict_title
from survey_kpi.report.evaluating import evaluated
from survey_kpi.report.once import once_per_run
from survey_kpi.report.revisions import read_revision
from survey_kpi.report.wording import load

EDITION = "data-quality"

HEADINGS: Mapping[str, Callable[[QualityReport], tuple[str, str]]] = MappingProxyType(
    {
        "verdict": verdict_title,
        "intake": intake_title,
        "flow": flow_title,
        "problems": problems_title,
        "frame": frame_title,
        "keys": keys_title,
        "sensitivity": sensitivity_title,
    }
)
"""Topic and finding of each page."""


@once_per_run
def assessed(study: str, period: str, data: str) -> Quality:
    """Assess the data of a period; `data` as in `report.evaluating.evaluated`."""
    return assess(open_study(study, data=data or None), period)


def begin(
    study: str | Path,
    period: str,
    language: str,
    *,
    data: str | None = None,
    revision: int = 0,
    published: str = "",
) -> QualityReport:
    """Evaluate a period, assess its data and open the data quality edition in one language."""
    asked = (str(study), period, data or "")
    edition, quality = publish(evaluated(*asked), EDITION), assessed(*asked)
    facts = {**edition.facts, **quality.facts}
    return QualityReport(
        edition=replace(edition, facts=facts),
        quality=quality,
        words=load(language),
        revision=read_revision(revision, published),
    )


def front(report: QualityReport) -> Blocks:
    """What stands on every page."""
    return opening.front(report, title="quality.title", edition="quality.edition")


def heading(report: QualityReport, page: str) -> Blocks:
    """Open a page: its topic and its finding."""
    return opening.head(page, *HEADINGS[page](report))


__all__ = [
    "HEADINGS",
    "begin",
    "flow",
    "frame",
    "front",
    "heading",
    "intake",
    "keys",
    "problems",
    "sensitivity",
    "verdict",
]
