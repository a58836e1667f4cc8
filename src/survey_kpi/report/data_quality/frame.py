"""Page 5: who answered, and what cannot be said about those who did not."""

from __future__ import annotations

import pandas as pd

from survey_kpi.frames import Row, rows_of
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Figure, Note, Paragraph, Span
from survey_kpi.report.data_quality.invitations import asked_title, invitations
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.figures.bars import band_counts
from survey_kpi.report.figures.shares import Part
from survey_kpi.report.pieces import section, shortened, table
from survey_kpi.report.svg import to_svg

SUBJECT = "subject"


def frame_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and how many answered, or that response rates are not measured."""
    kicker = report.words["quality.frame.kicker"]
    if report.quality.invited:
        return kicker, asked_title(report)
    return kicker, report.words["quality.frame.title_unmeasured"]


def frame(report: QualityReport) -> Blocks:
    """What became of the invitations, or what it would take to know; who answered, and the weights."""
    words = report.words
    if report.quality.invited:
        told = [_mix_told(report, name) for name in report.quality.mixes if name != SUBJECT]
        who = section(words["quality.frame.mix"], *told)
        return Blocks(
            invitations(report, [*who, *section(words["quality.frame.weights"], *_weights(report))])
        )
    mixes = [_mix(report, name) for name in report.quality.mixes if name != SUBJECT]
    missing = [*words.say("quality.frame.missing"), *words.say("quality.frame.needed")]
    return Blocks(
        [
            Note(missing, title=words["quality.frame.missing_title"]),
            *section(
                words["quality.frame.mix"],
                Paragraph(words.say("quality.frame.mix_lead")),
                Columns([_subjects(report), mixes]),
            ),
            *section(words["quality.frame.weights"], *_weights(report)),
        ]
    )


def level_name(report: QualityReport) -> str:
    """Return what the evaluated subjects are called."""
    level = report.evaluated
    return report.text(level.label) if level else ""


def _subjects(report: QualityReport) -> list[Block]:
    words, found = report.words, report.quality.mixes.get(SUBJECT)
    if found is None:
        return []
    parts = [
        Part(row.n, _subject(report, row.value), report.count("mix_n", f"{SUBJECT}:{row.value}").text)
        for row in rows_of(found)
    ]
    name = level_name(report)
    listed = report.listed(f"{part.label} {part.text}" for part in parts)
    return [
        Figure(
            svg=to_svg(band_counts(parts)),
            alt=report.plain("quality.frame.subjects_alt", level=name, values=listed),
            caption=words.say("quality.frame.subjects_caption"),
            title=report.plain("quality.frame.subjects", level=name),
            width="half",
        )
    ]


def _subject(report: QualityReport, value: str) -> str:
    level = report.evaluated
    if not value or level is None:
        return report.words["quality.frame.subject_none"]
    return value if level.people else report.subject_label(level, value)


def _mix(report: QualityReport, name: str) -> Block:
    words, found = report.words, report.quality.mixes[name]
    before = report.plain("quality.frame.before", against=report.period_tick(report.against))
    return table(
        [
            Column(words[f"quality.frame.{name}"], width=2),
            Column(words["quality.frame.count"], align="right", width=1.1),
            Column(words["quality.frame.share"], align="right", width=1),
            Column(before, align="right", width=1.4),
        ],
        [_mix_row(report, name, row) for row in rows_of(found)],
    )


def _mix_told(report: QualityReport, name: str) -> Block:
    """Return a mix as one line of text, where the page has no room for its table."""
    words, comma = report.words, report.words["frame.list_comma"]
    before = report.period_tick(report.against)
    parts: list[Span] = []
    for row in rows_of(report.quality.mixes[name]):
        label, *numbers = _mix_row(report, name, row)
        slots = dict(zip(("n", "share", "was"), numbers, strict=True))
        told = words.say("quality.frame.mix_told", label=label, against=before, **slots)
        parts += [*([Span(comma)] if parts else []), *told]
    head = Span(words[f"quality.frame.{name}"], tone="strong")
    return Paragraph([head, Span(words["quality.frame.mix_colon"]), *parts], style="small")


def _mix_row(report: QualityReport, name: str, row: Row) -> list[Span | str]:
    scope = f"{name}:{row.value}"
    words = report.words
    label = {"": words["quality.blank"], "…": words["quality.others"]}.get(row.value, shortened(row.value))
    if name == "language" and f"method.languages.{row.value}" in words:
        label = words[f"method.languages.{row.value}"]
    return [
        label,
        report.count("mix_n", scope),
        report.count("mix_share", scope),
        report.count("mix_share_before", scope),
    ]


def _weights(report: QualityReport) -> list[Block]:
    words, found = report.words, report.quality.weights
    if found is None:
        return [Paragraph(words.say("quality.frame.weights_none"))]
    sentence = words.say(
        f"quality.frame.weights_{'sentence' if report.study.study.design.weight else 'invited'}",
        deff=report.count("design_effect"),
        n=report.count("weighted"),
        eff=report.count("effective_size"),
    )
    return [Paragraph(sentence), _weight_figure(report, found)]


def _weight_figure(report: QualityReport, found: pd.DataFrame) -> Figure:
    filled = found.loc[found["n"].cumsum() > 0]
    parts = [Part(row.n, row.value, report.count("weights", row.value).text) for row in rows_of(filled)]
    listed = report.listed(f"{part.label}: {part.text}" for part in parts)
    return Figure(
        svg=to_svg(band_counts(parts)),
        alt=report.plain("quality.frame.weights_alt", values=listed),
        caption=report.words.say("quality.frame.weights_caption"),
        width="half",
    )
