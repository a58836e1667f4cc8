"""Page 5: people, fairly: a funnel without names, tiers instead of ranks, bands by counts."""

from __future__ import annotations

import pandas as pd

from survey_kpi.evaluation.score_facts import NONE, bands_measure
from survey_kpi.facts import fact_key
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.report.blocks import (
    Block,
    Blocks,
    Column,
    Columns,
    Figure,
    Heading,
    Note,
    Paragraph,
    Span,
    Table,
)
from survey_kpi.report.figures.funnels import Limits, funnel
from survey_kpi.report.figures.shares import Part, tier_counts
from survey_kpi.report.figures.sheet import Reference
from survey_kpi.report.leadership.charts import MILLIMETRES, Width
from survey_kpi.report.reading import Report
from survey_kpi.report.svg import to_svg
from survey_kpi.report.tables import beside_edges
from survey_kpi.scoring.verdicts import INDISTINCT
from survey_kpi.study.models import Band

TIERS = ("above", "same", "below", "too_few")
LOOKS = {"above": "better", "same": "same", "below": "worse"}


def _fact(report: Report, indicator: str, measure: str) -> Span:
    return report.value(fact_key(report.period, indicator, measure, COMPANY))


def people_title(report: Report) -> tuple[str, str]:
    """Return the topic, and how many people can be told apart."""
    if report.edition.people.empty:
        level = report.evaluated
        name = report.text(level.label) if level else ""
        finding = report.plain("scores.title", level=name) if len(report.edition.scores) else ""
        return report.words["scores.kicker"], finding
    counts = {name: _fact(report, "tier", name).text for name in (*TIERS, "people")}
    kicker = report.words["people.kicker"]
    if counts["above"] == counts["below"] == "0":
        return kicker, report.plain("people.title_none", n=counts["people"])
    return kicker, report.plain(
        "people.title", n=counts["people"], a=counts["above"], b=counts["below"], c=counts["same"]
    )


def people(report: Report) -> Blocks:
    """People without names, or the scores of subjects that are no people."""
    if report.edition.people.empty:
        return Blocks(_scores(report))
    return Blocks(
        [
            Paragraph(report.words.say("people.lead"), style="lead"),
            funnel_figure(report, width="full"),
            tier_figure(report),
            *_standing(report),
            *_goals(report),
        ]
    )


def funnel_figure(report: Report, *, width: Width = "full") -> Figure:
    """Return the funnel plot of the evaluated people."""
    people = report.edition.people
    shown = people[people["verdict"] != "too_few"]
    indicator, limits = report.edition.evaluation.tier_indicator, report.edition.evaluation.funnel
    centre_key = fact_key(report.period, "tier", "centre", COMPANY)
    centre, whole = report.edition.facts[centre_key].value, report.value(centre_key).text
    drawn = funnel(
        shown["n"].to_list(),
        shown["value"].to_list(),
        [LOOKS[verdict] for verdict in shown["verdict"]],  # type: ignore[misc]
        centre=Reference(centre, report.plain("frame.whole_word", value=whole)),
        inner=_limits(limits, "inner", "95%"),
        outer=_limits(limits, "outer", "99.8%"),
        unit=report.words["unit.percent"],
        caption=report.words["people.x"],
        bounds=(0.0, 100.0),
        width=MILLIMETRES[width],
        height=58.0,
    )
    label = report.label(indicator)
    counts = {name: _fact(report, "tier", name).text for name in (*TIERS, "people")}
    named = {
        "n": counts["people"],
        "above": counts["above"],
        "below": counts["below"],
        "same": counts["same"],
    }
    return Figure(
        svg=to_svg(drawn),
        alt=report.plain("people.figure_alt", label=label, centre=whole, few=counts["too_few"], **named),
        caption=report.words.say("people.figure_caption"),
        title=report.plain("answer.people_figure", **named)
        if width == "half"
        else report.plain("people.figure", label=label),
        width=width,
    )


def _limits(table: pd.DataFrame, name: str, word: str) -> Limits:
    low, high = (table[f"{name}_{end}"].to_list() for end in ("low", "high"))
    return Limits(n=table["n"].to_list(), low=low, high=high, label=word)


def tier_figure(report: Report) -> Figure:
    """Return how many people stand in each tier."""
    counts = {name: _fact(report, "tier", name).text for name in TIERS}
    words = {"above": "above", "same": "same", "below": "below", "too_few": "few"}
    parts = {
        name: Part(
            size=float(counts[name].replace(",", "")), label=report.words[f"people.{word}"], text=counts[name]
        )
        for name, word in words.items()
    }
    return Figure(
        svg=to_svg(tier_counts(*(parts[name] for name in TIERS), width=MILLIMETRES["full"])),
        alt=report.plain(
            "people.tiers_alt",
            above=counts["above"],
            same=counts["same"],
            below=counts["below"],
            few=counts["too_few"],
        ),
        caption=report.words.say("people.tiers_caption"),
        title=report.words["people.tiers"],
    )


def _bands(report: Report) -> list[Block]:
    words = report.words
    rows = [
        [
            [Span(report.text(band.label))],
            [Span(_range(band, last=place == 0))],
            [_band_count(report, band.id)],
        ]
        for place, band in enumerate(reversed(report.study.rules.bands))
    ]
    rows.append([[Span(words["people.band_none"], tone="muted")], [], [_band_count(report, "none")]])
    return [
        Heading(words["people.bands"], level=2),
        Table(
            columns=[
                Column(words["people.band"], width=3),
                Column(words["people.band_range"], width=2),
                Column(words["people.band_count"], align="right", width=1.4),
            ],
            rows=rows,
            notes=words.say("people.band_note"),
        ),
    ]


def _standing(report: Report) -> list[Block]:
    """Bands by counts: what the score says against what the evidence supports, if there is evidence."""
    words, decisions = report.words, report.edition.decisions
    if decisions.empty:
        limit = Note(words.say("people.limit"), title=words["people.limit_title"], kind="warning")
        return [Columns([_bands(report), [limit]])]
    return [Columns([_judged(report), [_drafts(report)]])]


def _judged(report: Report) -> list[Block]:
    words, counts = report.words, report.edition.decisions
    bands = {band.id: report.text(band.label) for band in reversed(report.study.rules.bands)}
    bands[NONE] = words["scores.none"]
    grades = sorted(counts["evidence"].unique(), key=lambda grade: (grade == NONE, grade))
    found = set(zip(counts["raw"], counts["proposed"], counts["evidence"], strict=True))
    pairs = [(a, b) for a in bands for b in bands if any((a, b, grade) in found for grade in grades)]
    rows = [
        [
            [Span(bands[raw])],
            [Span(bands[proposed])],
            *[
                [_fact(report, "score", bands_measure(raw, proposed, grade))]
                if (raw, proposed, grade) in found
                else []
                for grade in grades
            ],
        ]
        for raw, proposed in pairs
    ]
    heads = [
        words["people.judged_hidden"] if grade == NONE else report.plain("people.judged_grade", grade=grade)
        for grade in grades
    ]
    return [
        Heading(words["people.judged"], level=2),
        Table(
            columns=[
                Column(words["people.judged_raw"], width=2.2),
                Column(words["people.judged_proposed"], width=2.4),
                *[Column(head, align="right", width=1.2) for head in heads],
            ],
            rows=rows,
            notes=words.say("people.judged_note"),
        ),
    ]


def _goals(report: Report) -> list[Block]:
    """Goals of the company and of departments against what was measured; nothing where there are none."""
    words, table = report.words, report.edition.evaluation.goals
    shown = rows_of(table[table["level"] != "person"])
    if not shown:
        return []
    texts = {goal.goal_id: report.text(goal.text) for goal in report.study.goals.goals}
    rows = []
    for row in shown:
        key = report.key(row.indicator, subject=row.subject, measure=row.measure)
        interval = [Span(" ["), *report.interval(key), Span("]")] if report.measured(key) else []
        told = row.certainty if row.certainty != INDISTINCT else row.verdict
        rows.append(
            [
                [Span(texts[row.goal_id])],
                [report.value(fact_key(report.period, "goal", f"target_{row.goal_id}", row.subject))],
                [report.value(key), *interval],
                [Span(words[f"people.goal_verdicts.{told}"])],
            ]
        )
    return [
        Heading(words["people.goals"], level=2),
        Table(
            columns=[
                Column(words["people.goal"], width=4),
                Column(words["people.goal_target"], align="right", width=1.2),
                Column(words["people.goal_value"], align="right", width=2.4),
                Column(words["people.goal_verdict"], width=2.4),
            ],
            rows=rows,
        ),
    ]


def _drafts(report: Report) -> Block:
    """Say how many are held harmless, on how many quarters, at what price, and what waits for a signature."""
    counts = {
        name: _fact(report, "score", f"decisions_{name}") for name in ("held", "people", "pooled", "unsigned")
    }
    said = [report.words.say("people.pay_held", k=counts["held"], n=counts["people"])]
    power = fact_key(report.period, "param", "guard_deserved", COMPANY)
    if report.measured(power):
        said.append(report.words.say("people.pay_power", p=report.value(power, percent=False, digits=0)))
    if counts["pooled"].text != "0":
        said.append(report.words.say("people.pay_pooled", m=counts["pooled"]))
    if counts["unsigned"].text != "0":
        said.append(report.words.say("people.pay_unsigned", u=counts["unsigned"]))
    gap = [] if report.language == "zh" else [Span(" ")]
    text = [span for place, spans in enumerate(said) for span in ([*gap, *spans] if place else spans)]
    return Note(text, title=report.words["people.pay_title"], kind="warning")


def _band_count(report: Report, band: str) -> Span:
    return _fact(report, "score", f"band_{band}")


def _range(band: Band, *, last: bool) -> str:
    return f"[{band.low:g}, {band.high:g}{']' if last else ')'}"


def _scores(report: Report) -> list[Block]:
    level = report.evaluated
    if level is None or report.edition.scores.empty:
        return []
    words = report.words
    bands = {band.id: report.text(band.label) for band in report.study.rules.bands}
    edges = [band.low for band in report.study.rules.bands]
    found = {row["subject"]: row for row in report.edition.scores.to_dict("records")}
    rows = []
    for subject in report.ordered(level, list(found)):
        key = fact_key(report.period, "score", "total", subject)
        value = report.value(key)
        if report.measured(key):
            text = beside_edges(report.edition.facts[key].value, "points", edges)
            value = Span(text, fact=value.fact, hash=value.hash, glue=True)
        band = bands.get(found[subject]["band"], words["scores.none"])
        rows.append([[Span(report.subject_label(level, subject))], [value], [Span(band)]])
    return [
        Paragraph(words.say("scores.lead"), style="lead"),
        Table(
            columns=[
                Column(words["scores.subject"], width=3),
                Column(words["scores.score"], align="right", width=2),
                Column(words["scores.band"], width=3),
            ],
            rows=rows,
            caption=[Span(words["scores.table"])],
            notes=words.say("scores.note"),
        ),
    ]
