"""Page 6: which answers belong to somebody known, and who changed team."""

from __future__ import annotations

from survey_kpi.frames import rows_of
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Paragraph
from survey_kpi.report.data_quality.frame import level_name
from survey_kpi.report.data_quality.reading import MOST_IDS, QualityReport
from survey_kpi.report.pieces import Cell, section, shortened, table

MATCHED = "matched"


def keys_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and how many answers are attributed."""
    kicker = report.words["quality.keys.kicker"]
    if report.evaluated is None:
        return kicker, report.words["quality.keys.title_nobody"]
    if not report.amount("unmatched"):
        return kicker, report.words["quality.keys.title_all"]
    slots = {"p": report.count("key_match").text, "k": report.count("unmatched").text}
    return kicker, report.plain("quality.keys.title", **slots)


def keys(report: QualityReport) -> Blocks:
    """The match, the rows without one, and the spells."""
    words = report.words
    outcomes = section(words["quality.keys.table"], _outcomes(report))
    matched = [_lead(report), Columns([outcomes, _listed(report)])]
    return Blocks(
        [
            *(matched if report.evaluated else []),
            *section(words["quality.keys.spells"], *_spells(report)),
        ]
    )


def _lead(report: QualityReport) -> Paragraph:
    return Paragraph(
        report.words.say(
            "quality.keys.lead",
            p=report.count("key_match"),
            interval=report.interval(report.key_of("key_match")),
            k=report.count("unmatched"),
            level=level_name(report),
        ),
        style="lead",
    )


def _outcomes(report: QualityReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["quality.keys.outcome"], width=3),
            Column(words["quality.keys.count"], align="right", width=1),
        ],
        [
            [words[f"quality.keys.{row.reason}"], report.count("key", row.reason)]
            for row in rows_of(report.quality.matching)
        ],
    )


def _listed(report: QualityReport) -> list[Block]:
    words, found = report.words, report.quality.unattributed
    if found.empty:
        return section(words["quality.keys.list"], Paragraph(words.say("quality.keys.list_none")))
    heads = [
        Column(words["quality.keys.list_reason"], width=2),
        Column(words["quality.keys.list_ids"], width=3),
    ]
    rows: list[list[Cell]] = [
        [words[f"quality.keys.{reason}"], report.ids(found.loc[found["reason"] == reason, "row_id"].tolist())]
        for reason in dict.fromkeys(found["reason"])
    ]
    return section(words["quality.keys.list"], table(heads, rows))


def _spells(report: QualityReport) -> list[Block]:
    words = report.words
    if "specialists" not in report.study.study.tables:
        return [Paragraph(words.say("quality.keys.no_spells"))]
    told = [
        Paragraph(words.say("quality.keys.overlaps")),
        Paragraph(words.say("quality.keys.moves", n=report.count("moves"))),
    ]
    return [*told, *_moves(report)]


def _moves(report: QualityReport) -> list[Block]:
    words, moves = report.words, report.quality.moves[:MOST_IDS]
    if not moves:
        return []
    heads = [Column(words[f"quality.keys.move_{head}"], width=1) for head in ("code", "date", "from", "to")]
    rows = [[one.specialist_id, one.date, shortened(one.before), shortened(one.after)] for one in moves]
    return [table(heads, rows, notes=words.say("quality.keys.move_note"))]
