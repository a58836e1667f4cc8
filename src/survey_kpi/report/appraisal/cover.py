"""Page 1: who may see this, that nothing is decided, and what could not be measured."""

from __future__ import annotations

from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.appraisal.rewards import EMPTY
from survey_kpi.report.blocks import Block, Blocks, Column, Columns, Note, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table


def cover_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many bands the evidence moves."""
    words = report.words
    kicker = words["appraisal.cover.kicker"]
    if report.edition.evaluation.decisions.empty:
        return kicker, words["appraisal.cover.title_nobody"]
    counts = {name: report.count(f"decisions_{name}").text for name in ("moved", "cuts")}
    key = "title" if counts["moved"] != "0" else "title_none"
    return kicker, report.plain(f"appraisal.cover.{key}", n=report.standing("people").text, **counts)


def cover(report: AppraisalReport) -> Blocks:
    """The readers, the standing of the drafts, and what there is to decide by."""
    words = report.words
    notes = [
        Note(
            words.say(f"appraisal.cover.{name}"), title=words[f"appraisal.cover.{name}_title"], kind="warning"
        )
        for name in ("readers", "drafts")
    ]
    return Blocks(
        [
            Paragraph(words.say("appraisal.cover.lead"), style="lead"),
            *notes,
            Columns(
                [
                    section(words["appraisal.cover.standing"], *_standing(report)),
                    section(words["appraisal.cover.inputs"], _inputs(report)),
                ]
            ),
        ]
    )


def _warning(report: AppraisalReport, name: str) -> Note:
    title = report.words[f"appraisal.cover.{name}_title"]
    return Note(report.words.say(f"appraisal.cover.{name}"), title=title, kind="warning")


def _standing(report: AppraisalReport) -> list[Block]:
    words = report.words
    if report.edition.evaluation.decisions.empty:
        return [report.absent("decisions" if report.people else "scores")]
    counts = {
        "graded": report.standing("people"),
        "pooled": report.standing("pooled"),
        "held": report.standing("held"),
        "raised": report.count("decisions_raised"),
        "cuts": report.count("decisions_cuts"),
        "unusable": report.standing("unusable"),
    }
    heads = [
        Column(words["appraisal.cover.what"], width=5),
        Column(words["appraisal.cover.people"], align="right", width=1),
    ]
    return [table(heads, [[words[f"appraisal.cover.{name}"], count] for name, count in counts.items()])]


def _inputs(report: AppraisalReport) -> Block:
    words = report.words
    known = "names_known" if report.appraisal.names else "names_unknown"
    names = words["appraisal.cover.names"]
    rows: list[list[Cell]] = [[names[:1].upper() + names[1:], words[f"appraisal.cover.{known}"]]]
    held = {
        "goals": _goals(report),
        "colleagues": _ratings(report),
        "incidents": _incidents(report),
        "rewards": _rewards(report),
    }
    rows += [[words[f"appraisal.cover.sources.{name}"], told] for name, told in held.items()]
    heads = [Column(words["appraisal.cover.input"], width=3), Column(words["appraisal.cover.holds"], width=5)]
    return table(heads, rows)


def _goals(report: AppraisalReport) -> list[Span]:
    if report.appraisal.goals is None:
        return report.words.say("appraisal.absent.goals")
    slots = {"n": report.count("goals"), "k": report.count("goals_amended")}
    return report.words.say("appraisal.cover.goals", **slots)


def _ratings(report: AppraisalReport) -> list[Span]:
    if report.appraisal.colleagues is None:
        return report.words.say(f"appraisal.absent.colleagues_{report.missing('ratings360')}")
    slots = {"n": report.count("rated_ratings"), "k": report.count("rated_raters")}
    return report.words.say("appraisal.cover.ratings", **slots)


def _incidents(report: AppraisalReport) -> list[Span]:
    if report.appraisal.incidents is None:
        return report.words.say(f"appraisal.absent.incidents_{report.missing('incidents')}")
    slots = {"n": report.count("incidents"), "k": report.count("incidents_unproven")}
    return report.words.say("appraisal.cover.incidents", **slots)


def _rewards(report: AppraisalReport) -> list[Span]:
    found = report.appraisal.rewards
    if found.payouts.empty and found.penalties.empty:
        return report.words.say(f"appraisal.absent.rewards_{EMPTY[found.empty['payouts']]}")
    slots = {"n": report.count("payouts"), "k": report.count("penalties")}
    return report.words.say("appraisal.cover.rewards", **slots)
