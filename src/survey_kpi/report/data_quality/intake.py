"""Page 2: which files came, how they were read, and how their layout changed."""

from __future__ import annotations

from survey_kpi.evaluation.quality import Drift
from survey_kpi.frames import rows_of
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Paragraph, Span
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.pieces import section, shortened, table
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
            *section(
                report.words["quality.intake.drift"], Bullets([_drift(report, d) for d in _drifts(report)])
            ),
            *_renamed(report),
            *_unused(report),
        ]
    )


def _drifts(report: QualityReport) -> tuple[Drift, ...]:
    return report.quality.drifts


def _lead(report: QualityReport) -> list[Span]:
    counts = {part: report.count(f"columns_{part}") for part in PARTS}
    spans = report.words.say("quality.intake.lead", files=report.count("files"), **counts)
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
                row.file,
                row.format,
                row.encoding,
                report.count("file_rows", row.file),
                report.count("file_columns", row.file),
                Span(row.sha256[:SHORT_HASH], tone="code"),
            ]
            for row in rows_of(report.quality.intake)
        ],
    )


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
