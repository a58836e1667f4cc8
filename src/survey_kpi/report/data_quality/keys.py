"""Page 6: which answers belong to somebody known, whether keys lead anywhere, and who is named for whom."""

from __future__ import annotations

from survey_kpi.frames import rows_of
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Paragraph
from survey_kpi.report.data_quality.frame import level_name
from survey_kpi.report.data_quality.links import claims, links, owners, stated_answers
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
    """The answers and their owners, the keys of the tables, and what stands against other records."""
    words = report.words
    outcomes = section(words["quality.keys.table"], _outcomes(report))
    astray = [Columns([outcomes, _listed(report)])] if report.amount("unmatched") else []
    matched = [_lead(report), *astray]
    return Blocks(
        [
            *(matched if report.evaluated else []),
            *section(words["quality.keys.links"], *links(report)),
            Columns(
                [
                    section(words["quality.keys.owners"], *owners(report)),
                    [
                        *section(words["quality.keys.spells"], *_spells(report)),
                        *section(words["quality.keys.claims"], *claims(report)),
                    ],
                ]
            ),
            *stated_answers(report),
        ]
    )


def _lead(report: QualityReport) -> Paragraph:
    key = "lead" if report.amount("unmatched") else "lead_all"
    return Paragraph(
        report.words.say(
            f"quality.keys.{key}",
            p=report.count("key_match"),
            interval=report.interval(report.key_of("key_match")),
            **({"k": report.count("unmatched")} if key == "lead" else {}),
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
            if row.n or row.reason == MATCHED
        ],
    )


def _listed(report: QualityReport) -> list[Block]:
    words, found = report.words, report.quality.unattributed
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
    words, declared = report.words, report.study.study.tables
    if "specialists" not in declared:
        return [Paragraph(words.say("quality.keys.no_spells"))]
    owned = "ownership" in declared
    told = [
        Paragraph(words.say(f"quality.keys.overlaps{'_owned' if owned else ''}")),
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
