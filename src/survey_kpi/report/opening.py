"""What every edition opens with, told once: the front that stands on every page, and the head of a page."""

from __future__ import annotations

from survey_kpi.report.blocks import Blocks, Heading, Meta
from survey_kpi.report.planned import banner
from survey_kpi.report.reading import Report


def front(report: Report, *, title: str, edition: str) -> Blocks:
    """Return study, period and hashes as every page carries them, and a warning if the plan was changed.

    `title` and `edition` are keys of words.
    """
    evaluation, bounds = report.edition.evaluation, report.study.rules.evidence
    return Blocks(
        [
            Meta(
                title=report.plain(title, study=report.text(report.study.study.title)),
                language=report.language,
                study=report.text(report.study.study.company),
                edition=report.words[edition],
                period=report.period_shown,
                run_id=evaluation.run_id,
                data_hash=evaluation.data_hash,
                rule_hash=report.study.rule_hash,
                evidence=report.plain(
                    "frame.evidence",
                    a=str(bounds.a),
                    b=str(bounds.b),
                    c=str(bounds.c),
                    d=str(bounds.descriptive),
                ),
                description=report.text(report.study.study.purpose),
            ),
            *banner(report),
        ]
    )


def head(page: str, kicker: str, finding: str) -> Blocks:
    """Open a page with its topic and its finding; a page without a finding has nothing to show."""
    return Blocks([Heading(finding, level=1, anchor=page, kicker=kicker)] if finding else [])
