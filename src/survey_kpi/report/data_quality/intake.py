"""Page 2: which files came, how they were read, and how their layout changed."""

from __future__ import annotations

from survey_kpi.evaluation.quality import Drift
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Columns, Paragraph, Span
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.pieces import Cell, section, shortened, table
from survey_kpi.report.reading import SHORT_HASH

PARTS = ("new", "gone", "renamed")


def intake_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and how the layout changed."""
    kicker = report.words["quality.intake.kicker"]
    if not report.amount("files_compared"):
        return kicker, report.words["quality.intake.title_alone"]
    counts = {part: report.count(f"columns_{part}") for part in PARTS}
    if not any(report.amount(f"columns_{part}") for part in PARTS):
        return kicker, report.words["quality.intake.title_same"]
    texts = {part: span.text for part, span in counts.items()}
    return kicker, report.plain("quality.intake.title_changed", **texts)


def intake(report: QualityReport) -> Blocks:
    """The files, and what is new, gone and renamed."""
    return Blocks(
        [
            Paragraph(_lead(report), style="lead"),
            *section(report.words["quality.intake.files"], _files(report)),
            *_layouts(report),
            *_renamed(report),
            *_tables(report),
        ]
    )


def _drifts(report: QualityReport) -> tuple[Drift, ...]:
    return (*report.quality.drifts, *report.quality.company.drifts)


def _lead(report: QualityReport) -> list[Span]:
    counts = {part: report.count(f"columns_{part}") for part in PARTS}
    slots = {"files": report.count("files"), "tables": report.count("table_files")}
    spans = report.words.say("quality.intake.lead", **slots, **counts)
    if report.amount("files_alone"):
        spans += report.words.say("quality.intake.lead_alone", alone=report.count("files_alone"))
    return spans


def _files(report: QualityReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["quality.intake.file"], width=3.4),
            Column(words["quality.intake.format"], width=1.8),
            Column(words["quality.intake.encoding"], width=1.4),
            Column(words["quality.intake.rows"], align="right", width=1),
            Column(words["quality.intake.columns"], align="right", width=1.1),
            Column(words["quality.intake.sha256"], width=2.2),
        ],
        [
            [
                shortened(row.file),
                row.format,
                row.encoding,
                report.count("file_rows", row.file),
                report.count("file_columns", row.file),
                Span(row.sha256[:SHORT_HASH], tone="code"),
            ]
            for row in rows_of(report.quality.intake)
        ],
    )


def _layouts(report: QualityReport) -> list[Block]:
    """Return what changed, and beside it what was not read."""
    compared = [drift for drift in _drifts(report) if drift.new or drift.gone or drift.absent]
    changes = [Bullets([_drift(report, drift) for drift in compared])] if compared else []
    parts = [section(report.words["quality.intake.drift"], *changes), _unused(report)]
    return [Columns([part for part in parts if part])] if any(parts) else []


def _drift(report: QualityReport, drift: Drift) -> list[Span]:
    """Return one file's changes: its names, then what is new, gone and not asked."""
    words = report.words
    if not drift.before:
        return words.say("quality.intake.alone", file=drift.file)
    parts = [
        report.plain(f"quality.intake.{name}", names=report.names(names))
        for name, names in (("new", drift.new), ("gone", drift.gone), ("absent", drift.absent))
        if names
    ]
    changes = parts or ([] if drift.renamed else [words["quality.intake.unchanged"]])
    opened = Span(report.plain("quality.intake.against", file=drift.file, before=drift.before), tone="strong")
    stop = words["quality.intake.stop"]
    return [opened, *[Span(f"{stop}{part}") for part in changes]]


def _renamed(report: QualityReport) -> list[Block]:
    words = report.words
    found = [entry for drift in report.quality.drifts for entry in drift.renamed]
    if not found:
        return []
    heads = [Column(words[f"quality.intake.{name}"], width=2) for name in ("code", "was", "now")]
    rows = [[report.item(code), shortened(was), shortened(now)] for code, was, now in found]
    note = words.say("quality.intake.renamed_note")
    return section(words["quality.intake.renamed"], table(heads, rows, notes=note))


def _unused(report: QualityReport) -> list[Block]:
    """Name the columns of the period's files that the codebook does not know."""
    words, files = report.words, {drift.file for drift in report.quality.drifts}
    entries = [
        words.say(
            "quality.intake.unused_entry", file=Span(row.file, tone="strong"), names=report.names(row.unused)
        )
        for row in rows_of(report.quality.intake)
        if row.file in files and row.unused
    ]
    if not entries:
        return []
    note = Paragraph(words.say("quality.intake.unused_note"), style="small")
    return section(words["quality.intake.unused"], Bullets(entries), note)


# --- tables beside the answers ------------------------------------------------------------------------


def _tables(report: QualityReport) -> list[Block]:
    """Return the files of the company's tables, with the rows of this period and of the one before."""
    words, company = report.words, report.quality.company
    if company.held.empty:
        return []
    heads = [
        Column(words["quality.intake.table"], width=2.5),
        Column(words["quality.intake.file"], width=2.9),
        Column(words["quality.intake.encoding"], width=1.2),
        Column(words["quality.intake.rows"], align="right", width=1),
        Column(words["quality.intake.set_aside"], align="right", width=1.1),
        Column(report.period_tick(report.period), align="right", width=0.8),
        Column(report.period_tick(report.against), align="right", width=0.8),
        Column(words["quality.intake.sha256"], width=1.7),
    ]
    rows = [_table_row(report, row) for row in rows_of(company.intake)]
    note = words.say("quality.intake.tables_note", now=heads[5].title, before=heads[6].title)
    return section(words["quality.intake.tables"], table(heads, rows, notes=note))


def _table_row(report: QualityReport, row: Row) -> list[Cell]:
    """Return one file; counts are of the table, so that they stand beside its first file alone."""
    files = report.quality.company.intake
    first = row.file == files.loc[files["table"] == row.table, "file"].iloc[0]
    names = ("rows", "set_aside", "period", "before")
    counts: list[Cell] = [_of_table(report, name, row.table) if first else "" for name in names]
    return [
        report.table_name(row.table) if first else "",
        shortened(row.file),
        row.encoding,
        *counts,
        Span(row.sha256[:SHORT_HASH], tone="code"),
    ]


def _of_table(report: QualityReport, name: str, table: str) -> Span:
    if report.key_of(f"table_{name}", table) not in report.quality.facts:
        return Span("–", tone="muted")
    return report.count(f"table_{name}", table)
