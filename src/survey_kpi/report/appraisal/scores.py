"""Page 2: every person's score with its interval, the odds of every band and its evidence."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.people import deciding_periods
from survey_kpi.facts import fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table


def scores_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many keep their band although the score lies in another."""
    words, kicker = report.words, report.words["appraisal.scores.kicker"]
    if report.edition.evaluation.decisions.empty:
        return kicker, words["appraisal.scores.title_nobody"]
    counts = {name: report.standing(name).text for name in ("people", "held", "pooled")}
    return kicker, report.plain("appraisal.scores.title", **counts)


def scores(report: AppraisalReport) -> Blocks:
    """One row per person, in the order of codes."""
    words = report.words
    if not report.people:
        return Blocks([report.absent("scores")])
    return Blocks(
        [
            Paragraph(words.say("appraisal.scores.lead"), style="lead"),
            *section(words["appraisal.scores.table"], _scores(report)),
        ]
    )


def _edges(report: AppraisalReport) -> list[float]:
    return [band.low for band in report.study.rules.bands]


def _score(report: AppraisalReport, period: object, subject: str) -> list[Span]:
    """Return a score on its side of every edge, with its interval."""
    key = fact_key(period, "score", "total", subject)
    if not report.measured(key):
        return [report.value(key)]
    return [report.kept(key, _edges(report)), *report.beside(key, digits=1)[1:]]


def _scores(report: AppraisalReport) -> Block:
    words, evaluation = report.words, report.edition.evaluation
    pool = "".join(evaluation.pool["period"].unique()[:1])
    upper, deciding = report.study.rules.bands[1:], deciding_periods(evaluation)
    found = {row.subject: row for row in rows_of(evaluation.decisions)}
    rows: list[list[Cell]] = []
    for subject in report.people:
        period = deciding.get(subject, str(report.period))
        reach = [fact_key(period, "score", f"reach_{band.id}", subject) for band in upper]
        rows.append(
            [
                report.person(subject),
                _score(report, report.period, subject),
                *([_score(report, pool, subject)] if pool else []),
                report.count("base", subject) if subject in found else "",
                *[report.chance(key, _levels(report)) for key in reach],
                _grade(report, found.get(subject)),
            ]
        )
    heads = [
        Column(words["appraisal.person"], width=2.3),
        Column(words["appraisal.scores.quarter"], align="right", width=3.2),
        *([Column(words["appraisal.scores.pool"], align="right", width=3.2)] if pool else []),
        Column(words["frame.n"], align="right", width=0.9),
        *[
            Column(report.plain("appraisal.scores.reach", edge=f"{band.low:g}"), align="right", width=1.4)
            for band in upper
        ],
        Column(words["appraisal.grade"], width=1.4),
    ]
    return table(heads, rows, notes=words.say("appraisal.scores.note", **_declared(report)))


def _levels(report: AppraisalReport) -> list[float]:
    """Probabilities at which a band moves, so that a printed one lies on its side of them."""
    return [report.study.rules.pay.down, report.study.rules.pay.up]


def _declared(report: AppraisalReport) -> dict[str, str]:
    rule = report.study.rules.pay
    return {"down": f"{rule.down:.2f}", "up": f"{rule.up:.2f}", "pool": str(rule.pool_below)}


def _grade(report: AppraisalReport, row: Row | None) -> list[Span]:
    """Return the grade, and in brackets what it would be without doubts; the page on drafts names them."""
    if row is None:
        return [Span("–", tone="muted")]
    cap = cap_of(report, row)
    plain = [Span(f" ({cap[0] or '–'})", tone="muted")] if cap else []
    return [Span(row.evidence or "–"), *plain]


def cap_of(report: AppraisalReport, row: Row) -> tuple[str, str] | None:
    """Return the uncapped grade of the score that decides and the doubts that cap it; None without any."""
    table = report.edition.evaluation.pool if row.pooled else report.edition.evaluation.scores
    mine = rows_of(table[table["subject"] == row.subject])
    return (mine[0].uncapped, mine[0].caps) if mine and mine[0].caps else None


def capped(report: AppraisalReport, uncapped: str, caps: str) -> str:
    """Return in brackets what a grade would be without its caps, and their reasons."""
    reasons = report.listed(report.words[f"appraisal.caps.{cap}"] for cap in caps.split(", "))
    return report.plain("appraisal.capped", grade=uncapped or "–", reasons=reasons)
