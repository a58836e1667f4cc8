"""Rows to look at, listed and never dropped; contributions, and figures on people's own word."""

from __future__ import annotations

import pandas as pd

from survey_kpi.evaluation.appraisal.evidence import Contributor, OwnWord
from survey_kpi.evaluation.appraisal.listings import Listing
from survey_kpi.evaluation.tables import headline_measure
from survey_kpi.facts import fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.study.tables import TABLES

FIRST_IDS = 4
"""Ids printed of each listing."""
FIRST_CHAINS = 6
EXAMPLE = "A14.repeats"
NONE = Span("–", tone="muted")


def listings_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many rows are listed."""
    found = report.appraisal.listings.found.values()
    n = sum(len(one.rows) for one in found)
    return report.words["listing.kicker"], report.plain("listing.title", n=f"{n:,}")


def listings(report: AppraisalReport) -> Blocks:
    """All listings with their first ids, the contacts of customers, the chains of complaints."""
    words, found = report.words, report.appraisal.listings
    return Blocks(
        [
            Paragraph(_lead(report), style="lead"),
            *section(words["listing.table"], _table(report)),
            Columns(
                [
                    section(words["listing.contacts"], *_contacts(report)),
                    section(words["listing.chains"], *_chains(report, found.chains)),
                ]
            ),
        ]
    )


def _lead(report: AppraisalReport) -> list[Span]:
    words = report.words
    if report.appraisal.listings.attributed is None:
        return words.say("listing.lead_plain")
    key = report.key_of("attributed")
    ends = report.interval(key)
    left, right = ("（", "）") if report.language == "zh" else ("(", ")")
    interval = [Span(left), *ends, Span(right)] if ends else []
    return words.say("listing.lead", p=report.value(key), interval=interval)


def _table(report: AppraisalReport) -> Block:
    words = report.words
    heads = [
        Column(words["listing.name"], width=3.9),
        Column(words["listing.code"], width=2.6),
        Column(words["listing.rows"], align="right", width=0.8),
        Column(words["listing.ids"], width=4.6),
    ]
    rows = [_row(report, one) for one in report.appraisal.listings.found.values()]
    return table(heads, rows, notes=words.say("listing.all_note", example=EXAMPLE))


def _row(report: AppraisalReport, one: Listing) -> list[Cell]:
    words = report.words
    key = f"listing.names.{one.name.replace('.', '_')}"
    name = words.get(key, one.name)
    code = Span(one.name, tone="muted")
    if not one.measured:
        names = report.listed(one.absent)
        return [name, code, NONE, Span(report.plain("listing.absent", names=names), tone="muted")]
    ids = one.rows["unit"].astype(str).drop_duplicates().tolist()
    told = report.listed(ids[:FIRST_IDS]) + (words["listing.more"] if len(ids) > FIRST_IDS else "")
    return [name, code, report.count("listing_rows", one.name), _ids(report, one, told)]


def _ids(report: AppraisalReport, one: Listing, ids: str) -> list[Span]:
    if not ids:
        return [NONE]
    table_name = report.text(TABLES[one.table].label) if one.table in TABLES else ""
    mark = "：" if report.language == "zh" else ": "
    where = [Span(f"{table_name}{mark}", tone="muted")] if table_name else []
    return [*where, Span(ids)]


def _contacts(report: AppraisalReport) -> list[Block]:
    words, found = report.words, report.appraisal.listings
    if found.contacts.empty:
        return [Paragraph(words.say("listing.contacts_none"))]
    heads = [
        Column(words["listing.contacts_head"], align="right", width=1.6),
        Column(words["listing.months"], align="right", width=1.3),
        Column(
            report.plain("listing.above", limit=report.count("contact_limit").text), align="right", width=2
        ),
    ]
    rows: list[list[Cell]] = [
        [
            str(row.contacts),
            report.count("contact_months", str(row.contacts)),
            Span("●", tone="strong") if row.contacts > found.limit else NONE,
        ]
        for row in rows_of(found.contacts)
    ]
    return [table(heads, rows)]


def _chains(report: AppraisalReport, chains: pd.DataFrame) -> list[Block]:
    words = report.words
    if chains.empty:
        return [Paragraph(words.say("listing.chains_none"))]
    heads = [
        Column(words["listing.customer"], width=1.2),
        Column(words["listing.category"], width=1.2),
        Column(words["listing.cases"], width=3.4),
    ]
    shown = [rows for _, rows in chains.groupby("chain", sort=True)][:FIRST_CHAINS]
    lines: list[list[Cell]] = [
        [str(rows["customer_id"].iloc[0]), str(rows["category"].iloc[0]), _cases(rows)] for rows in shown
    ]
    notes = words.say(
        "listing.chains_note",
        n=report.count("chains"),
        longest=report.count("chain_longest"),
        shown=str(len(shown)),
    )
    return [table(heads, lines, notes=notes)]


def _cases(rows: pd.DataFrame) -> Span:
    """Return the complaints of a chain, each with the days since the one before."""
    parts = [
        str(row.case_id) if pd.isna(row.days) else f"{row.case_id} +{row.days:.0f}" for row in rows_of(rows)
    ]
    return Span(" → ".join(parts))


# --- contributions and own word -----------------------------------------------------------------------


def evidence_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, how many contributed, and what rests on people's own word."""
    found, words = report.appraisal.evidence, report.words
    counts = {"n": str(len(found.contributors)), "k": report.count("own_word").text}
    key = "evidence.title" if found.contributors else "evidence.title_none"
    return words["evidence.kicker"], report.plain(key, **counts)


def evidence(report: AppraisalReport) -> Blocks:
    """Contributions to the knowledge base by person, and self-reported figures beside those of systems."""
    words = report.words
    return Blocks(
        [
            *section(words["evidence.knowledge"], _knowledge(report)),
            *section(words["evidence.own"], _own(report)),
        ]
    )


def _knowledge(report: AppraisalReport) -> Block:
    words, found = report.words, report.appraisal.evidence
    if found.absent:
        return Paragraph(words.say("evidence.knowledge_none", names=report.listed(found.absent)))
    if not found.contributors:
        return Paragraph(words.say("evidence.knowledge_quiet"))
    heads = [
        Column(words["appraisal.person"], width=2.4),
        Column(words["evidence.team"], width=2),
        Column(words["evidence.accepted"], align="right", width=1.2),
        Column(words["evidence.submitted"], align="right", width=1.2),
        Column(words["evidence.rate"], align="right", width=1.2),
        Column(words["evidence.share"], align="right", width=1.6),
    ]
    rows = [_contributor(report, one) for one in found.contributors]
    return table(heads, rows, notes=words.say("evidence.knowledge_note"))


def _contributor(report: AppraisalReport, one: Contributor) -> list[Cell]:
    scope = one.subject
    return [
        report.person(scope),
        _team(report, one.team),
        report.count("knowledge_accepted", scope),
        report.count("knowledge_submitted", scope),
        report.count("knowledge_rate", scope, digits=0),
        report.count("knowledge_share", scope, digits=0),
    ]


def _team(report: AppraisalReport, team: str) -> str:
    level = next((one for one in report.study.study.levels if one.column == "team"), None)
    return report.subject_label(level, team) if level else team


def _own(report: AppraisalReport) -> Block:
    words, found = report.words, report.appraisal.evidence
    if not found.own_word:
        return Paragraph(words.say("evidence.own_none"))
    heads = [
        Column(words["appraisal.indicator"], width=3),
        Column(words["evidence.value"], align="right", width=1.6),
        Column(words["evidence.system"], align="right", width=2.6),
        Column(words["evidence.difference"], align="right", width=1.4),
        Column(words["appraisal.grade"], align="right", width=1.2),
    ]
    rows = [_own_word(report, one) for one in found.own_word]
    return table(heads, rows, notes=words.say("evidence.own_note"))


def _own_word(report: AppraisalReport, one: OwnWord) -> list[Cell]:
    system = _headline(report, one.system) if one.system else None
    known = report.measured(report.key_of("own_word_difference", one.indicator))
    return [
        report.label(one.indicator),
        _headline(report, one.indicator),
        system or Span(report.words["evidence.no_system"], tone="muted"),
        report.change_of("own_word_difference", one.indicator) if known else NONE,
        report.grade(one.indicator),
    ]


def _headline(report: AppraisalReport, indicator: str) -> Span:
    measure = headline_measure(report.sheet(indicator))
    return report.value(fact_key(report.period, indicator, measure, COMPANY))
