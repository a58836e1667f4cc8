"""The leadership edition: one function per page, in the order of the notebook's cells.

>>> from survey_kpi.report import leadership as page
>>> sorted(name for name in page.HEADINGS)
['answer', 'customers', 'data', 'groups', 'method', 'people', 'service', 'weights']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from survey_kpi import __version__
from survey_kpi.publishing import publish
from survey_kpi.report import opening
from survey_kpi.report.blocks import Blocks
from survey_kpi.report.evaluating import evaluated
from survey_kpi.report.leadership.answer import answer, answer_title
from survey_kpi.report.leadership.customers import customers, customers_title
from survey_kpi.report.leadership.data import data, data_title
from survey_kpi.report.leadership.groups import groups, groups_title
from survey_kpi.report.leadership.method import method, method_title
from survey_kpi.report.leadership.people import people, people_title
from survey_kpi.report.leadership.service import service, service_title
from survey_kpi.report.leadership.weights import weights, weights_title
from survey_kpi.report.reading import Report
from survey_kpi.report.revisions import read_revision
from survey_kpi.report.wording import load
from survey_kpi.study.disclosure import check_sections

HEADINGS: Mapping[str, Callable[[Report], tuple[str, str]]] = MappingProxyType(
    {
        "answer": answer_title,
        "customers": customers_title,
        "service": service_title,
        "weights": weights_title,
        "groups": groups_title,
        "people": people_title,
        "data": data_title,
        "method": method_title,
    }
)
"""Topic and finding of each page; a page without a finding (nothing to show) has an empty one."""


SECTIONS: Mapping[str, str] = MappingProxyType(
    {"purpose": "method", "methods": "method", "results": "answer", "advice": "answer"}
)
"""Page on which each section that an evaluation report must have stands."""


def begin(
    study: str | Path,
    period: str,
    language: str,
    *,
    data: str | None = None,
    revision: int = 0,
    published: str = "",
) -> Report:
    """Evaluate a period and open its leadership edition in one language."""
    return Report(
        edition=publish(evaluated(str(study), period, data or "")),
        words=load(language),
        revision=read_revision(revision, published),
    )


def front(report: Report) -> Blocks:
    """What stands on every page.

    Raises
    ------
    ReportError
        `disclosure_missing`: the report lacks the page of a section that it must have.
    """
    check_sections(
        [name for name, page in SECTIONS.items() if page in HEADINGS and HEADINGS[page](report)[1]]
    )
    return opening.front(report, title="frame.title", edition=f"frame.edition_{report.edition.name}")


def heading(report: Report, page: str) -> Blocks:
    """Open a page: its topic and its finding."""
    return opening.head(page, *HEADINGS[page](report))


__all__ = [
    "HEADINGS",
    "__version__",
    "answer",
    "begin",
    "customers",
    "data",
    "front",
    "groups",
    "heading",
    "method",
    "people",
    "service",
    "weights",
]
