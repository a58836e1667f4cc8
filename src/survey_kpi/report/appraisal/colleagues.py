"""Page 6: what others say of a person, raw beside adjusted, and what the raters are like."""

from __future__ import annotations

from collections.abc import Sequence

from survey_kpi.evaluation.appraisal.colleagues import OBSERVED, TABLE, Colleagues
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Columns, Note, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.scoring.feedback import FEWEST_ITEMS

GROUPS = ("superior", "peer", "subordinate", "customer", "self")
"""Groups of raters in the order in which they are shown."""
NONE = "–"


def colleagues_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and what an administrator should look at."""
    words, found = report.words, report.appraisal.colleagues
    kicker = words["appraisal.colleagues.kicker"]
    if found is None:
        return kicker, words[f"appraisal.colleagues.title_{report.missing(TABLE)}"]
    names = ("ratees", "raters", "favours", "lines")
    key = "title_unadjusted" if found.feedback.adjusted is None else "title"
    slots = {name: report.count(f"rated_{name}").text for name in names}
    return kicker, report.plain(f"appraisal.colleagues.{key}", **slots)


def colleagues(report: AppraisalReport) -> Blocks:
    """Means by person, the model, and the raters; for the administrator alone."""
    words, found = report.words, report.appraisal.colleagues
    if found is None:
        return Blocks([report.absent(f"colleagues_{report.missing(TABLE)}")])
    return Blocks(
        [
            Paragraph(words.say("appraisal.colleagues.lead", n=report.count("rated_ratings")), style="lead"),
            *section(words["appraisal.colleagues.people"], _people(report, found)),
            *section(words["appraisal.colleagues.model"], *_model(report, found)),
            *section(words["appraisal.colleagues.raters"], *_raters(report, found)),
            *section(words["appraisal.colleagues.look"], *_looks(report, found)),
        ]
    )


# --- the rated ------------------------------------------------------------------------------------------


def _people(report: AppraisalReport, found: Colleagues) -> Block:
    words = report.words
    given = {one.group for one in found.feedback.groups}
    groups = [group for group in GROUPS if group in given]
    heads = [
        Column(words["appraisal.person"], width=2.2),
        Column(words["appraisal.colleagues.count"], align="right", width=1.1),
        Column(words["appraisal.colleagues.raw"], align="right", width=1.1),
        Column(words["appraisal.colleagues.adjusted"], align="right", width=1.9),
        *[
            Column(words[f"appraisal.colleagues.groups.{group}"], align="right", width=1.5)
            for group in groups
        ],
    ]
    ratees = sorted({one.ratee for one in found.feedback.groups})
    rows = [_ratee(report, ratee, groups) for ratee in ratees]
    return table(heads, rows, notes=words.say("appraisal.colleagues.people_note"))


def _ratee(report: AppraisalReport, ratee: str, groups: Sequence[str]) -> list[Cell]:
    adjusted = [
        report.count("rated_adjusted", ratee),
        *_error(report, "rated_error", ratee),
    ]
    return [
        report.person(ratee),
        _known(report, "rated_n", ratee),
        _known(report, "rated_raw", ratee),
        adjusted if report.measured(report.key_of("rated_adjusted", ratee)) else NONE,
        *[_group(report, ratee, group) for group in groups],
    ]


def _known(report: AppraisalReport, name: str, scope: str) -> Span:
    """Return a number, or a dash where there is none."""
    return (
        report.count(name, scope) if report.measured(report.key_of(name, scope)) else Span(NONE, tone="muted")
    )


def _error(report: AppraisalReport, name: str, scope: str) -> list[Span]:
    if not report.measured(report.key_of(name, scope)):
        return []
    return [Span(" ± ", tone="muted"), report.count(name, scope)]


def _group(report: AppraisalReport, ratee: str, group: str) -> list[Span]:
    """Return the mean of a group with the number of its raters; the state where it is suppressed."""
    key = report.key_of(f"rated_{group}", ratee)
    if report.fact(key) is None:
        return [Span(NONE, tone="muted")]
    return [report.value(key), Span(" (", tone="muted"), report.value(f"{key}:n"), Span(")", tone="muted")]


# --- the raters -----------------------------------------------------------------------------------------


def _model(report: AppraisalReport, found: Colleagues) -> list[Block]:
    words = report.words
    top = "observed" if found.scale == OBSERVED else "declared"
    scale = words.say(f"appraisal.colleagues.scale_{top}", top=report.count("rated_highest", digits=0))
    if found.feedback.adjusted is None:
        code = next((code for code in PROBLEMS if f"[{code}]" in found.feedback.problem), "other")
        return [Note(words.say(f"appraisal.colleagues.problems.{code}")), Paragraph(scale)]
    told = words.say(
        "appraisal.colleagues.icc",
        single=_known(report, "rated_icc_1", "company"),
        mean=_known(report, "rated_icc_k", "company"),
        noise=_known(report, "rated_noise", "company"),
        shift=report.count("rated_largest_shift"),
    )
    return [Paragraph(told), Paragraph(scale)]


PROBLEMS = ("raters_disconnected", "too_few_subjects")
"""Reasons why leniency cannot be told."""


def _raters(report: AppraisalReport, found: Colleagues) -> list[Block]:
    """Return the raters who rated more than one person; of the others leniency and person are one."""
    words, model = report.words, found.feedback.adjusted
    if model is None:
        return []
    busy = [rater for rater, n in zip(model.raters, model.n_given, strict=True) if n > found.items]
    heads = [
        Column(words["appraisal.colleagues.rater"], width=2.4),
        Column(words["appraisal.colleagues.given"], align="right", width=1),
        Column(words["appraisal.colleagues.leniency"], align="right", width=2),
    ]
    rows: list[list[Cell]] = [
        [
            report.person(rater),
            report.count("leniency_n", rater),
            [report.change_of("leniency", rater), *_error(report, "leniency_error", rater)],
        ]
        for rater in busy
    ]
    half = (len(rows) + 1) // 2
    sides: list[list[Block]] = [[table(heads, part)] for part in (rows[:half], rows[half:]) if part]
    note = words.say("appraisal.colleagues.raters_note", others=report.count("rated_single"))
    return [Columns(sides), Paragraph(note, style="small")]


def _looks(report: AppraisalReport, found: Colleagues) -> list[Block]:
    """Favour pairs and straight lines: reasons to look, never to delete."""
    words, told = report.words, found.feedback
    pairs = [
        words.say(
            "appraisal.colleagues.favour",
            a=report.person(pair.first),
            b=report.person(pair.second),
            x=report.count("favour_first", str(place + 1)),
            y=report.count("favour_second", str(place + 1)),
        )
        for place, pair in enumerate(told.favours)
    ]
    lines = [
        words.say(
            "appraisal.colleagues.line",
            a=report.person(line.rater),
            b=report.person(line.ratee),
            x=report.count("line_mark", str(place + 1)),
            k=report.count("line_items", str(place + 1)),
        )
        for place, line in enumerate(told.straight_lines)
    ]
    shown: list[Block] = [Bullets([*pairs, *lines])] if pairs or lines else []
    absent = [] if pairs else [words.say("appraisal.colleagues.favours_none")]
    if not lines:
        absent.append(_no_lines(report, found))
    said = [Paragraph(words.say("appraisal.colleagues.look_lead"))]
    return [*said, *shown, *(Paragraph(text) for text in absent)]


def _no_lines(report: AppraisalReport, found: Colleagues) -> list[Span]:
    """Return that nobody drew a straight line, or that the form is too short to tell."""
    if found.lines_told:
        return report.words.say("appraisal.colleagues.lines_none")
    items = report.count("rated_items")
    return report.words.say("appraisal.colleagues.lines_short", least=str(FEWEST_ITEMS), k=items)
