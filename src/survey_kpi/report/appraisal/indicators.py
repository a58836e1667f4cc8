"""Page 4: what each score is made of: contributions side by side, then one table per scored indicator."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.people import contribution_key
from survey_kpi.facts import fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.appraisal.scores import capped
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table

WIDEST = 7
"""Indicators side by side in a table of contributions."""


def indicators_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many of the values rest on too few answers."""
    words = report.words
    kicker = words["appraisal.indicators.kicker"]
    if not report.people:
        return kicker, words["appraisal.scores.title_nobody"]
    slots = {
        "k": str(len(report.study.rules.scored)),
        "n": str(len(report.people)),
        "few": report.count("values_few").text,
    }
    key = "title" if slots["few"] == "0" else "title_few"
    return kicker, report.plain(f"appraisal.indicators.{key}", **slots)


def indicators(report: AppraisalReport) -> Blocks:
    """Value, base, target, attainment and grade of every person, indicator by indicator."""
    if not report.people:
        return Blocks([report.absent("scores")])
    words = report.words
    lead = Paragraph(words.say("appraisal.indicators.lead"), style="lead")
    whole = section(words["appraisal.indicators.parts"], *_contributions(report))
    parts = [block for name in report.study.rules.scored for block in _indicator(report, name)]
    return Blocks([lead, *whole, *parts])


def _indicator(report: AppraisalReport, name: str) -> list[Block]:
    words, parts = report.words, report.edition.evaluation.score_parts
    sheet = report.sheet(name)
    mine = {row.subject: row for row in rows_of(parts[parts["indicator"] == name])}
    told = Paragraph(
        words.say(
            "appraisal.indicators.told",
            weight=report.value(fact_key(report.period, "param", "weight_combined", name)),
            direction=words[f"weights.{sheet.direction}"],
            formula=words[f"appraisal.formulas.{report.study.rules.score.formula}"],
        ),
        style="small",
    )
    heads = [
        Column(words["appraisal.person"], width=2.4),
        Column(words["appraisal.value"], align="right", width=3.2),
        Column(words["frame.n"], align="right", width=0.9),
        Column(words["frame.target"], align="right", width=1.2),
        Column(words["appraisal.attainment"], align="right", width=1.4),
        Column(words["appraisal.grade"], width=2.4),
    ]
    rows = [_row(report, name, mine[subject]) for subject in report.people if subject in mine]
    return section(report.label(name), told, table(heads, rows))


def _row(report: AppraisalReport, name: str, row: Row) -> list[Cell]:
    key = report.key(name, subject=row.subject, measure=report.scored_measure(name))
    if row.reason:
        few = Span(report.words["appraisal.indicators.few"], tone="muted")
        return [report.person(row.subject), few, report.value(f"{key}:n"), _target(report, row), "", ""]
    grade = [Span(row.evidence or "–")]
    if row.caps:
        grade.append(Span(" " + capped(report, row.uncapped, row.caps), tone="muted"))
    return [
        report.person(row.subject),
        report.beside(key),
        report.value(f"{key}:n"),
        _target(report, row),
        report.value(fact_key(report.period, "score", f"attainment_{name}", row.subject)),
        grade,
    ]


def _target(report: AppraisalReport, row: Row) -> Span:
    return report.count("target", f"{row.indicator}~{row.subject}", digits=_digits(row.target))


def _digits(target: float) -> int:
    """Decimals that a declared number has, two at most."""
    return next((places for places in range(2) if round(target, places) == target), 2)


# --- contributions --------------------------------------------------------------------------------------


def _contributions(report: AppraisalReport) -> list[Block]:
    scored = report.study.rules.scored
    parts = [scored[place : place + WIDEST] for place in range(0, len(scored), WIDEST)]
    return [_matrix(report, part, last=part is parts[-1]) for part in parts]


def _matrix(report: AppraisalReport, indicators: tuple[str, ...], *, last: bool) -> Block:
    """Return people x indicators; the weights stand above, the score behind the last part."""
    words = report.words
    weights = [fact_key(report.period, "param", "weight_combined", name) for name in indicators]
    end: list[Cell] = [""] if last else []
    rows: list[list[Cell]] = [
        [Span(words["appraisal.weight"], tone="muted"), *[report.value(key) for key in weights], *end]
    ]
    for subject in report.people:
        total = fact_key(report.period, "score", "total", subject)
        rows.append(
            [
                report.person(subject),
                *[report.value(contribution_key(report.period, name, subject)) for name in indicators],
                *([report.value(total)] if last else []),
            ]
        )
    heads = [Column(words["appraisal.person"], width=2.2)]
    heads += [Column(report.label(name), align="right", width=1.6) for name in indicators]
    heads += [Column(words["appraisal.score"], align="right", width=1.4)] if last else []
    return table(heads, rows, notes=words.say("appraisal.indicators.parts_note") if last else ())
