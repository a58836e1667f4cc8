"""Page 4: missing answers, careless-looking answers, and every cell that was not an answer."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from survey_kpi.cleaning import RULES
from survey_kpi.errors import Problem
from survey_kpi.evaluation.quality import GATES, quality_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.period import Period
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Paragraph, Span, Spans, Tone
from survey_kpi.report.data_quality.reading import MOST_IDS, QualityReport
from survey_kpi.report.pieces import Cell, section, shortened, table
from survey_kpi.report.tables import number

OF_FILES = ("naive_time", "bom_removed")
"""Rules that speak of a whole file, and set nothing aside."""
MOST_IN_ONE = 6
"""Cells listed in one table over the whole width."""
MISSING = "–"
"""What stands for a cell that was set to missing."""
MOST_PLACES = 3
"""Tables that are named with their columns; of more, the number."""
SHOWN_FIELDS = ("duration_s",)
"""Response fields whose content is shown; the content of others could name a person."""


def problems_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and how much deserves a look."""
    words = report.words
    cells = f"{len(report.quality.noticed):,}"
    if report.quality.careless.measured:
        title = report.plain("quality.problems.title", k=report.count("careless").text, cells=cells)
    else:
        title = report.plain("quality.problems.title_unmeasured", cells=cells)
    return words["quality.problems.kicker"], title


def problems(report: QualityReport) -> Blocks:
    """Careless answers, durations, the map of missing answers, the list of cells."""
    words = report.words
    return Blocks(
        [
            Paragraph(_careless(report), style="lead"),
            Columns(
                [
                    [
                        *section(words["quality.problems.counts"], _kinds(report), *_no_cells(report)),
                        *section(words["quality.problems.speed"], _speed(report)),
                    ],
                    _of_tables(report),
                ]
            ),
            *_doubts(report),
            *section(words["quality.problems.missing"], _missing(report)),
            *_cells(report),
        ]
    )


def _careless(report: QualityReport) -> list[Span]:
    words, careless = report.words, report.quality.careless
    if not careless.measured:
        return words.say("quality.problems.sentence_unmeasured", m=report.count("careless_at_least"))
    if not careless.rows:
        return words.say("quality.problems.sentence_zero", t=_threshold(report))
    key = "some"
    if careless.excluded in {0, careless.rows}:
        key = "aside" if careless.excluded else "kept"
    slots = {"aside": report.count("careless_excluded")} if key == "some" else {}
    sentence = words.say(
        f"quality.problems.sentence_{key}",
        k=report.count("careless"),
        t=_threshold(report),
        **slots,
    )
    return [*sentence, *words.say("quality.problems.sentence_caution")]


def _threshold(report: QualityReport) -> list[Span]:
    """Return what counts as a sign, and how many have to agree."""
    words = report.words
    told: list[list[Span]] = []
    for code in report.quality.careless.signs:
        if code == "too_fast":
            share = report.exact("param_below_median_share", code)
            told.append(words.say("quality.problems.sign_speed", share=share))
        elif code == "straight_line":
            items = report.count("param_min_items", code)
            told.append(words.say("quality.problems.sign_straight", items=items))
        else:
            told.append([Span(report.rule(code))])
    signs = [span for place, part in enumerate(told) for span in [*_comma(report, place), *part]]
    return words.say("quality.problems.threshold", signs=signs, m=report.count("careless_at_least"))


def _comma(report: QualityReport, place: int) -> list[Span]:
    return [Span(report.words["frame.list_comma"])] if place else []


def _kinds(report: QualityReport) -> Block:
    """Return counts of what rules and reading noticed, whatever was done then."""
    words = report.words
    rules = report.quality.rules
    rows: list[list[Span | str]] = [
        [report.rule(row.rule), report.count("rule_flagged", row.rule)]
        for row in rows_of(rules[(rules["level"] == "row") & (rules["flagged"] > 0)])
    ]
    noticed = report.quality.noticed["rule"].value_counts()
    rows += [[report.rule(str(code)), report.count("noticed", str(code))] for code in noticed.index]
    heads = [
        Column(words["quality.problems.kind"], width=4),
        Column(words["quality.problems.count"], align="right", width=1.2),
    ]
    return table(heads, rows)


def _speed(report: QualityReport) -> Block:
    words = report.words
    if not report.quality.medians:
        return Paragraph(words.say("quality.problems.speed_none"))
    return table(
        [
            Column(words["quality.problems.group"], width=2.2),
            Column(words["quality.problems.median"], align="right", width=1.4),
            Column(words["quality.problems.fastest"], align="right", width=1.4),
        ],
        [
            [group, report.exact("median_duration", group), report.exact("fastest_duration", group)]
            for group in report.quality.medians
        ],
        notes=words.say("quality.problems.speed_note"),
    )


def _doubts(report: QualityReport) -> list[Block]:
    """Return the codings that the study lets pass although they look wrong."""
    words = report.words
    if not report.quality.doubts:
        return []
    heads = [
        Column(words["quality.problems.source"], width=1.5),
        Column(words["quality.problems.item"], width=2.5),
        Column(words["quality.problems.kind"], width=2.5),
        Column(words["quality.flow.why"], width=5),
    ]
    rows = [_doubt_row(report, doubt) for doubt in report.quality.doubts]
    listed = table(heads, rows, notes=words.say("quality.problems.doubts_note", n=report.count("doubts")))
    return section(words["quality.problems.doubts"], listed)


def _doubt_row(report: QualityReport, doubt: Problem) -> list[Span | str]:
    source, _, item = doubt.where.rpartition(": item ")
    return [
        shortened(source),
        report.item(item.strip("'")),
        report.rule(doubt.code),
        Span(report.text(RULES[doubt.code].reason), tone="muted"),
    ]


def _missing(report: QualityReport) -> Block:
    words, found = report.words, report.quality.missing
    heads = [Column(words["quality.problems.item"], width=3)]
    heads += [Column(report.period_tick(Period.parse(q)), align="right", width=1) for q in found.columns]
    rows: list[list[Span | str]] = [
        [report.item(str(item)), *(_share(report, q, str(item)) for q in found.columns)]
        for item in found.index
    ]
    limit = report.count("limit_missing")
    return table(heads, rows, notes=words.say("quality.problems.missing_note", limit=limit))


def _share(report: QualityReport, quarter: str, item: str) -> Span:
    """Return one cell of the map; what is beyond the gate's limit stands in bold."""
    key = quality_key(quarter, f"missing_{item}")
    if not report.measured(key):
        return Span("·", tone="muted")
    limit = GATES["missing"].limit or 0.0
    tone: Tone = "strong" if report.quality.fact(key).value > limit else ""
    return report.value(key, percent=False, tone=tone)


def _of_tables(report: QualityReport) -> list[Block]:
    """Return what reading noticed in the tables beside the answers, by rule."""
    words, every = report.words, report.quality.company.rules
    found = every[~every["rule"].isin(OF_FILES)]
    if report.quality.company.held.empty:
        return []
    if found.empty:
        return section(words["quality.problems.tables"], Paragraph(words.say("quality.problems.tables_none")))
    heads = [
        Column(words["quality.problems.kind"], width=3),
        Column(words["quality.problems.where"], width=2.8),
        Column(words["quality.problems.count"], align="right", width=0.9),
    ]
    rows: list[list[Cell]] = [
        [
            report.rule(str(rule)),
            _places(report, lines),
            report.count("table_noticed", f"{rule}:{action}"),
        ]
        for (rule, action), lines in found.groupby(["rule", "action"], sort=False)
    ]
    whole = every[every["rule"].isin(OF_FILES)]
    note = words.say("quality.problems.tables_note")
    if len(whole):
        note += words.say("quality.problems.of_files", n=str(whole["table"].nunique()))
    return section(words["quality.problems.tables"], table(heads, rows, notes=note))


def _places(report: QualityReport, lines: pd.DataFrame) -> str:
    """Return where a rule noticed something: table and column, tables alone where there are many."""
    comma = report.words["frame.list_comma"]
    if len(lines) > MOST_PLACES:
        return report.plain("quality.problems.places", n=str(lines["table"].nunique()))
    return comma.join(
        f"{report.table_name(row.table)} ({shortened(row.item)})"
        if row.item
        else report.table_name(row.table)
        for row in rows_of(lines)
    )


def _no_cells(report: QualityReport) -> list[Block]:
    if len(report.quality.noticed):
        return []
    return [Paragraph(report.words.say("quality.problems.cells_none"))]


def _cells(report: QualityReport) -> list[Block]:
    """List the cells one by one, in two halves side by side where there are many."""
    words, noticed = report.words, report.quality.noticed
    if noticed.empty:
        return []
    note = words.say("quality.problems.cells_note")
    if len(noticed) > MOST_IDS:
        more = report.plain("quality.row_ids_more", shown=f"{MOST_IDS:,}", n=f"{len(noticed):,}")
        note += [Span(more)]
    rows = rows_of(noticed.head(MOST_IDS))
    cut = (len(rows) + 1) // 2 if len(rows) > MOST_IN_ONE else len(rows)
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    halves = [[_cell_table(report, part, note if part is parts[-1] else [])] for part in parts]
    return section(words["quality.problems.cells"], Columns(halves))


def _cell_table(report: QualityReport, rows: Sequence[Row], note: Spans) -> Block:
    heads = (("row", 2.8), ("item", 3.0), ("value", 2.9))
    columns = [Column(report.words[f"quality.problems.{name}"], width=width) for name, width in heads]
    return table(columns, [_cell_row(report, row) for row in rows], notes=note)


def _cell_row(report: QualityReport, row: Row) -> list[Cell]:
    """Return where a cell stands, and its content with what was done about it."""
    rated = {item.id for item in report.study.codebook.rated}
    shown = row.item in rated or row.item in SHOWN_FIELDS
    done = report.words[f"quality.action.{row.action}"]
    if row.action == "set_missing":
        done = MISSING
    elif shown and row.action == "parsed":
        done = shortened(row.detail)
    found = Span(_found(row.value)) if shown else Span(report.words["quality.withheld"], tone="muted")
    return [Span(row.row_id, tone="code"), report.item(row.item), [found, Span(f" → {done}", tone="muted")]]


def _found(value: object) -> str:
    return (
        number(value, "score", digits=int(value != int(value)))
        if isinstance(value, float)
        else shortened(str(value))
    )
