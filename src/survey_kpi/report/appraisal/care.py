"""What was promised, planned and done for customers, and what they said afterwards."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.aftercare import Aftercare, Part
from survey_kpi.evaluation.appraisal.risk import part_key
from survey_kpi.indicators import COMPANY
from survey_kpi.report.appraisal.improvement import NONE
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Figure, Paragraph, Span
from survey_kpi.report.figures.rows import Row as DotRow
from survey_kpi.report.figures.rows import interval_dots
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.style import FULL
from survey_kpi.report.svg import to_svg

PLANS = ("planned", "on_time", "late", "missed", "completion")


def care_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many planned contacts were done."""
    words, plans = report.words, report.appraisal.risk.aftercare.plans
    kicker = words["care.kicker"]
    done, on_time = (report.value(part_key(report.period, plans, name)) for name in ("completion", "on_time"))
    if plans.absent or not done.fact:
        return kicker, words["care.title_plain"]
    return kicker, report.plain("care.title", done=done.text, ontime=on_time.text)


def care(report: AppraisalReport) -> Blocks:
    """Satisfaction after complaints, promises and plans."""
    words, found = report.words, report.appraisal.risk.aftercare
    return Blocks(
        [
            *section(words["care.resatisfaction"], _resatisfaction(report, found.resatisfaction)),
            *section(words["care.categories"], _categories(report, found.categories)),
            *section(words["care.promises"], _promises(report, found.promises)),
            *section(words["care.plans"], *_plans(report, found)),
        ]
    )


def lacking(report: AppraisalReport, absent: tuple[str, ...]) -> Paragraph:
    """Return what stands in place of a table whose sources the study lacks."""
    return Paragraph(report.words.say("care.absent", names=report.listed(absent)))


def _beside(report: AppraisalReport, part: Part, measure: str, subject: str = COMPANY) -> list[Span]:
    return report.beside(part_key(report.period, part, measure, subject))


# --- after complaints ---------------------------------------------------------------------------------


def _resatisfaction(report: AppraisalReport, part: Part) -> Block:
    """Draw satisfaction and response rate in one figure, never one without the other."""
    words = report.words
    found = {name: part.of(COMPANY, name) for name in ("csat", "response_rate")}
    if part.absent:
        return lacking(report, part.absent)
    rows = []
    for name, row in found.items():
        key = part_key(report.period, part, name)
        text = "".join(span.text for span in _beside(report, part, name))
        label = words[f"care.{name}"]
        if row is None or not report.measured(key):
            rows.append(DotRow(label=label, text=text, tone="muted"))
            continue
        ends = {"low": row.conf_low, "high": row.conf_high}
        n = report.value(f"{key}:n").text
        rows.append(DotRow(label=label, value=row.value, n=n, text=text, **ends))
    drawn = interval_dots(
        rows,
        n_head=words["frame.n"],
        text_head=words["frame.interval"],
        unit=words["unit.percent"],
        bounds=(0.0, 100.0),
        width=FULL,
    )
    alt = report.plain("care.figure_alt", csat=rows[0].text, rate=rows[1].text)
    return Figure(svg=to_svg(drawn), alt=alt, caption=words.say("care.figure_caption"))


def _categories(report: AppraisalReport, part: Part) -> Block:
    words = report.words
    if part.absent:
        return lacking(report, part.absent)
    heads = [
        Column(words["care.category"], width=3),
        Column(words["care.answered"], align="right", width=1.2),
        Column(words["appraisal.value"], align="right", width=3),
    ]
    rows: list[list[Cell]] = []
    for row in part.rows:
        hidden = Span(words["state.suppressed"], tone="muted")
        key = part_key(report.period, part, row.measure, row.subject)
        shown: list[Cell] = [report.value(f"{key}:n"), report.beside(key)]
        rows.append([row.subject.partition(":")[2], *([hidden, hidden] if row.hidden else shown)])
    return table(heads, rows, notes=words.say("care.categories_note"))


# --- promises and plans -------------------------------------------------------------------------------


def _tier(report: AppraisalReport, subject: str) -> str:
    name = subject.partition(":")[2] or subject
    return report.words.get(f"care.tiers.{name}", name)


def _in_order(part: Part) -> list[str]:
    """Return the tiers as a company names them, the best first, and everybody last."""
    places = {f"tier:{name}": place for place, name in enumerate(("high", "mid", "low"))}
    return [*sorted(part.subjects, key=lambda subject: (places.get(subject, len(places)), subject)), COMPANY]


def _promises(report: AppraisalReport, part: Part) -> Block:
    words = report.words
    if part.absent:
        return lacking(report, part.absent)
    if not report.study.study.service_levels and not report.measured(part_key(report.period, part, "kept")):
        return Paragraph(words.say("care.promises_none"))
    heads = [
        Column(words["care.tier"], width=2),
        Column(words["frame.n"], align="right", width=1),
        Column(words["care.kept"], align="right", width=3),
        Column(words["care.unpromised"], align="right", width=1.6),
        Column(words["care.waiting"], align="right", width=1.4),
    ]
    rows = [_promise(report, part, subject) for subject in _in_order(part)]
    return table(heads, rows)


def _promise(report: AppraisalReport, part: Part, subject: str) -> list[Cell]:
    key = part_key(report.period, part, "kept", subject)
    known = report.measured(key)
    return [
        _tier(report, subject),
        report.value(f"{key}:n") if known else NONE,
        _beside(report, part, "kept", subject),
        report.value(part_key(report.period, part, "without_promise", subject)),
        report.value(part_key(report.period, part, "not_due", subject)),
    ]


def _plans(report: AppraisalReport, found: Aftercare) -> list[Block]:
    words, part = report.words, found.plans
    if part.absent:
        return [lacking(report, part.absent)]
    names = {"on_time": "ontime"}
    heads = [
        Column(words["care.tier"], width=2),
        *[Column(words[f"care.{names.get(name, name)}"], align="right", width=1.3) for name in PLANS],
    ]
    rows = [_plan(report, part, subject) for subject in _in_order(part)]
    followed = found.followed
    told = words.say("care.followed_none")
    if followed is not None and followed.difference is not None:
        ends = {
            name: report.change_of(f"plan_difference{part}", COMPANY)
            for name, part in {"d": "", "lo": "_low", "hi": "_high"}.items()
        }
        groups = {name: report.value(report.key_of("plan_satisfied", name)) for name in ("done", "others")}
        told = words.say("care.followed", **groups, **ends)
    return [table(heads, rows, notes=words.say("care.plans_note")), Paragraph(told)]


def _plan(report: AppraisalReport, part: Part, subject: str) -> list[Cell]:
    """Return a row whose parts add up: planned and on time are counts, done a share."""
    counts: list[Cell] = []
    for name in PLANS:
        if name == "on_time":
            counts.append(report.count("plan_on_time", subject))
            continue
        counts.append(report.value(part_key(report.period, part, name, subject)))
    return [_tier(report, subject), *counts]
