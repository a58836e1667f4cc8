"""Page 7: critical incidents of the period, one by one and by behaviour, each tick with its evidence."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.incidents import RATES, TABLE, Incidents
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, shortened, table

MOST = 60
"""Incidents, or evidence ids, listed one by one."""


def incidents_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many ticks have no evidence."""
    words, found = report.words, report.appraisal.incidents
    kicker = words["appraisal.incidents.kicker"]
    if found is None:
        return kicker, words[f"appraisal.incidents.title_{report.missing(TABLE)}"]
    slots = {"n": report.count("incidents").text, "k": report.count("incidents_unproven").text}
    return kicker, report.plain("appraisal.incidents.title", **slots)


def incidents(report: AppraisalReport) -> Blocks:
    """Rates, checklist, ticks without evidence, and the list."""
    words, found = report.words, report.appraisal.incidents
    if found is None:
        return Blocks([report.absent(f"incidents_{report.missing(TABLE)}")])
    return Blocks(
        [
            Paragraph(words.say("appraisal.incidents.lead"), style="lead"),
            *section(words["appraisal.incidents.rates"], _rates(report)),
            *section(words["appraisal.incidents.checklist"], *_checklist(report, found)),
            *section(words["appraisal.incidents.unproven"], *_doubtful(report, found)),
            *section(words["appraisal.incidents.list"], _list(report, found)),
        ]
    )


def _rates(report: AppraisalReport) -> Block:
    words = report.words
    heads = [
        Column(words["appraisal.incidents.what"], width=4),
        Column(words["appraisal.incidents.share"], align="right", width=3),
        Column(words["appraisal.incidents.count"], align="right", width=1),
    ]
    rows: list[list[Cell]] = [
        [
            words[f"appraisal.incidents.measures.{name}"],
            report.beside(report.key_of(f"incident_{name}")),
            report.count(f"incident_{name}", part="n"),
        ]
        for name in RATES
    ]
    return table(heads, rows)


def _checklist(report: AppraisalReport, found: Incidents) -> list[Block]:
    words = report.words
    if not found.checklist.rates:
        return [Paragraph(words.say("appraisal.incidents.checklist_none"))]
    heads = [
        Column(words["appraisal.incidents.item"], width=1.8),
        Column(words["appraisal.incidents.ticks"], align="right", width=1),
        Column(words["appraisal.incidents.count"], align="right", width=1),
        Column(words["appraisal.incidents.share"], align="right", width=2.4),
        Column(words["appraisal.incidents.evidence"], width=4.6),
    ]
    rows: list[list[Cell]] = [
        [
            shortened(item),
            report.count("ticks", item),
            report.count("ticked", item, part="n"),
            report.beside(report.key_of("ticked", item)),
            Span(", ".join(found.evidence[item][:MOST]), tone="code"),
        ]
        for item in found.checklist.rates
    ]
    return [table(heads, rows, notes=words.say("appraisal.incidents.checklist_note"))]


def _doubtful(report: AppraisalReport, found: Incidents) -> list[Block]:
    """Ticks that are not counted, and entries that cannot be read, each with its incident."""
    words = report.words
    entries = [("unproven_entry", *one) for one in found.checklist.unproven]
    entries += [("unread_entry", *one) for one in found.checklist.unread]
    if not entries:
        return [Paragraph(words.say("appraisal.incidents.unproven_none"))]
    return [
        Bullets(
            [
                words.say(
                    f"appraisal.incidents.{kind}", incident=Span(incident, tone="code"), item=shortened(item)
                )
                for kind, incident, item in entries[:MOST]
            ]
        )
    ]


def _list(report: AppraisalReport, found: Incidents) -> Block:
    words = report.words
    heads = [
        Column(words["appraisal.incidents.id"], width=1.4),
        Column(words["appraisal.person"], width=2.2),
        Column(words["appraisal.incidents.at"], width=2.2),
        Column(words["appraisal.incidents.hours"], align="right", width=1.4),
        Column(words["appraisal.incidents.coordinated"], width=1.6),
        Column(words["appraisal.incidents.proof"], width=1.4),
    ]
    rows = [_incident(report, row) for row in rows_of(found.rows)[:MOST]]
    more = len(found.rows) - MOST
    notes = words.say("appraisal.incidents.more", most=str(MOST)) if more > 0 else ()
    return table(heads, rows, notes=notes)


def _incident(report: AppraisalReport, row: Row) -> list[Cell]:
    words = report.words
    known = row.coordinated is not None and row.coordinated == row.coordinated
    told = words[f"appraisal.incidents.coordinations.{'yes' if row.coordinated else 'no'}"] if known else "–"
    key = report.key_of("incident_hours", row.incident_id)
    return [
        Span(shortened(row.incident_id), tone="code"),
        report.person(row.specialist_id),
        f"{row.occurred_at:%Y-%m-%d %H:%M}",
        report.value(key, digits=2) if report.measured(key) else Span("–", tone="muted"),
        told,
        Span(shortened(row.evidence_id) or "–", tone="code"),
    ]
