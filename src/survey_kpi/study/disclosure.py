"""What a published survey discloses: the items of the AAPOR list, each filled, not applicable, or missing.

A report with a missing item is a draft: its cover says "undisclosed", and the gate keeps it from being
published.

Source: AAPOR Code of Professional Ethics and Practices (2021), section III, disclosure standards.

Examples
--------
>>> [(item.name, item.fields) for item in ITEMS][:3]
[('purpose', ('purpose', 'decision')), ('strategy', ('sources',)), ('sponsor', ('sponsor', 'conducted_by'))]
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from survey_kpi.errors import Problem, ReportError
from survey_kpi.study.models import UNDISCLOSED, StudyFile, Text

Disclosed = Literal["filled", "not_applicable", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the list.

    Parameters
    ----------
    name
        Its name in the wording files, and under `not_applicable` of the study.
    fields
        Keys of `study.yaml` that fill it; an item without any is filled by the evaluation.
    """

    name: str
    fields: tuple[str, ...] = ()


ITEMS: Final = (
    Item(name="purpose", fields=("purpose", "decision")),
    Item(name="strategy", fields=("sources",)),
    Item(name="sponsor", fields=("sponsor", "conducted_by")),
    Item(name="instruments"),
    Item(name="population", fields=("population",)),
    Item(name="sampling", fields=("sampling",)),
    Item(name="modes", fields=("modes", "languages")),
    Item(name="dates", fields=("collection",)),
    Item(name="precision"),
    Item(name="weighting"),
    Item(name="processing"),
    Item(name="limitations", fields=("limitations",)),
)
"""The purpose, which every study states first, and the eleven items of the list in its order."""

EVALUATED: Final = tuple(item.name for item in ITEMS if not item.fields)
"""Items that codebook, evaluation and cleaning fill."""
SECTIONS: Final = ("purpose", "methods", "results", "advice")
"""Sections without which an evaluation report is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One item as far as a study discloses it.

    Parameters
    ----------
    missing
        Keys of `study.yaml` that are silent, or the item itself where the evaluation does not fill it.
    reason
        Why it does not apply.
    """

    item: Item
    state: Disclosed
    missing: tuple[str, ...] = ()
    reason: Text | None = None


def disclosure(study: StudyFile, *, evaluated: Collection[str] = EVALUATED) -> tuple[Disclosure, ...]:
    """Tell what a study discloses, item by item.

    Parameters
    ----------
    evaluated
        Items that the evaluation at hand fills: `instruments`, `precision`, `weighting`, `processing`.
    """
    return tuple(_disclosed(study, item, evaluated) for item in ITEMS)


def _disclosed(study: StudyFile, item: Item, evaluated: Collection[str]) -> Disclosure:
    reason = {str(name): text for name, text in study.not_applicable.items()}.get(item.name)
    if reason is not None and not _silent(reason):
        return Disclosure(item=item, state="not_applicable", reason=reason)
    missing = tuple(name for name in item.fields if _silent(getattr(study, name)))
    if not item.fields and item.name not in evaluated:
        missing = (item.name,)
    return Disclosure(item=item, state="missing" if missing else "filled", missing=missing)


def _silent(value: object) -> bool:
    """Tell whether a text says nothing in one of the languages, or says that it does."""
    if not isinstance(value, Text):
        return not value
    return value.zh == UNDISCLOSED.zh or value.en.casefold() == UNDISCLOSED.en


def check_disclosure(study: StudyFile, *, evaluated: Collection[str] = EVALUATED) -> tuple[Disclosure, ...]:
    """Return what a study discloses, when that is enough to publish a report.

    Raises
    ------
    ReportError
        `disclosure_missing`, one problem for each key that is silent.
    """
    found = disclosure(study, evaluated=evaluated)
    problems = [_problem(entry, name) for entry in found for name in entry.missing]
    if problems:
        raise ReportError.collect(problems)
    return found


def _problem(entry: Disclosure, name: str) -> Problem:
    return Problem(
        code="disclosure_missing",
        where=f"study.yaml: {name}" if entry.item.fields else f"report: {name}",
        what="a published report states this",
        got=UNDISCLOSED.en,
        hint=f"write it in both languages, or give the reason under not_applicable.{entry.item.name}",
    )


def check_sections(present: Sequence[str]) -> None:
    """Refuse an evaluation report that lacks purpose, methods, results or advice.

    Raises
    ------
    ReportError
        `disclosure_missing`, naming each section that is not there.
    """
    problems = [
        Problem(
            code="disclosure_missing",
            where=f"report: {name}",
            what="an evaluation report has this section",
            got=", ".join(present) or "no section",
        )
        for name in SECTIONS
        if name not in present
    ]
    if problems:
        raise ReportError.collect(problems)
