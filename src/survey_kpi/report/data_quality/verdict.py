"""Page 1: which table is fit for what, which gates failed, and who has something to do."""

from __future__ import annotations

from collections.abc import Sequence

from survey_kpi.evaluation.quality import PURPOSES, RESPONSES, TABLES, Fitness, Gate, Outcome
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Columns, Paragraph, Span, Table, Tone
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.pieces import section, table
from survey_kpi.report.tables import beside_edges
from survey_kpi.report.wording import joined

TONES: dict[str, Tone] = {"fit": "better", "passed": "better", "unfit": "worse", "failed": "worse"}
MARK = "°"
"""Beside gates that bear on grading alone."""


def verdict_title(report: QualityReport) -> tuple[str, str]:
    """Return the topic, and what the answers are fit for."""
    found = _of_table(report, RESPONSES)
    reporting, grading = (found[purpose] for purpose in PURPOSES)
    kicker = report.words["quality.verdict.kicker"]
    if reporting.verdict == "unfit":
        gates = _gates(report, reporting.gates)
        return kicker, report.plain("quality.verdict.title_unfit", gates=gates)
    if grading.verdict == "unfit":
        gates = _gates(report, grading.gates)
        return kicker, report.plain("quality.verdict.title_report", gates=gates)
    key = "title_fit" if grading.verdict == "fit" else "title_nobody"
    return kicker, report.words[f"quality.verdict.{key}"]


def verdict(report: QualityReport) -> Blocks:
    """The sentence, the matrix, the gates of the answers and of invitations, the things to do."""
    words = report.words
    counts = {name: report.count(f"gates_{name}") for name in ("failed", "judged")}
    lead = words.say("quality.verdict.lead", **counts, tables=report.count("tables"))
    return Blocks(
        [
            Paragraph(lead, style="lead"),
            *section(words["quality.verdict.matrix"], *_matrix(report), *_sentences(report)),
            *section(words["quality.verdict.todo"], _todo(report)),
            *_passing(report),
        ]
    )


def _of_table(report: QualityReport, name: str) -> dict[str, Fitness]:
    return {one.purpose: one for one in report.quality.fitness if one.table == name}


def _gates(report: QualityReport, names: Sequence[str]) -> str:
    known = {one.gate.name: one.gate for one in report.quality.gates}
    labels = [report.words[f"quality.gate.{known[name].code}.label"] for name in names]
    return joined(report.words, [report.inside(label) for label in labels])


def _word(report: QualityReport, verdict: str) -> Span:
    return Span(report.words[f"quality.verdict.{verdict}"], tone=TONES.get(verdict, "muted"))


# --- which table is fit for what ----------------------------------------------------------------------


def _matrix(report: QualityReport) -> list[Block]:
    """Return the tables in two halves side by side, and one line about those that are not declared."""
    declared = [name for name in TABLES if _declared(report, name)]
    half = (len(declared) + 1) // 2
    halves = [[_half(report, part)] for part in (declared[:half], declared[half:]) if part]
    absent = [report.table_name(name) for name in TABLES if name not in declared]
    note = Paragraph(_absent(report, absent), style="small")
    return [Columns(halves), *([note] if absent else [])]


def _declared(report: QualityReport, name: str) -> bool:
    return _of_table(report, name)["reporting"].verdict != "not_measured"


def _absent(report: QualityReport, names: Sequence[str]) -> list[Span]:
    comma = report.words["frame.list_comma"]
    listed = comma.join([*names[:1], *[report.inside(name) for name in names[1:]]])
    return report.words.say("quality.verdict.undeclared", tables=listed)


def _half(report: QualityReport, names: Sequence[str]) -> Table:
    words = report.words
    return table(
        [
            Column(words["quality.verdict.table"], width=3),
            *[Column(words[f"quality.purpose.{purpose}"], width=1.3) for purpose in PURPOSES],
            Column(words["quality.verdict.passed_of"], align="right", width=1),
        ],
        [
            [
                report.table_name(name),
                *[_word(report, _of_table(report, name)[purpose].verdict) for purpose in PURPOSES],
                _passed(report, name),
            ]
            for name in names
        ],
    )


def _passed(report: QualityReport, name: str) -> list[Span]:
    passed, judged = (report.count(f"table_gates_{what}", name) for what in ("passed", "judged"))
    return [passed, Span("/"), judged]


def _sentences(report: QualityReport) -> list[Block]:
    """Say of each table that is not fit for everything what it is fit for, and which gate says no."""
    told = []
    for name in TABLES:
        reporting, grading = (_of_table(report, name)[purpose] for purpose in PURPOSES)
        key = "sentence_unfit" if reporting.verdict == "unfit" else "sentence_report"
        failed = reporting.gates or grading.gates
        if failed:
            slots = {"table": report.table_name(name), "gate": _gates(report, failed)}
            told.append(report.words.say(f"quality.verdict.{key}", **slots))
    if report.evaluated is None:
        told.append(report.words.say("quality.verdict.nobody"))
    return [Bullets(told)] if told else []


# --- gates --------------------------------------------------------------------------------------------


def _passing(report: QualityReport) -> list[Block]:
    """Tell the gates of answers, staff and invitations that passed, and those that could not be judged.

    Gates of other tables stand among the things to do where they fail, and as numbers in the matrix.
    """
    words = report.words
    own = [one for one in report.quality.gates if one.gate.name == one.gate.code]
    passed = [_told(report, one) for one in own if one.verdict == "passed"]
    unknown = [[Span(_label(report, one))] for one in own if one.verdict == "not_measured"]
    told = words.say("quality.verdict.passing", gates=_run(passed)) if passed else []
    told += words.say("quality.verdict.unmeasured_gates", gates=_run(unknown)) if unknown else []
    note = words.say("quality.verdict.gates_note", mark=MARK)
    return section(words["quality.verdict.gates"], Paragraph(told), Paragraph(note, style="small"))


def _told(report: QualityReport, one: Outcome) -> list[Span]:
    return report.words.say(
        "quality.verdict.gate_told",
        gate=_label(report, one),
        value=_value(report, one),
        limit=_limit(report, one.gate),
    )


def _run(parts: Sequence[Sequence[Span]]) -> list[Span]:
    return [span for place, part in enumerate(parts) for span in [*([Span(" · ")] if place else []), *part]]


def _label(report: QualityReport, one: Outcome) -> str:
    """Return what a gate looks at, with its mark, as it stands inside a sentence."""
    mark = MARK if one.gate.blocks == ("grading",) else ""
    return report.inside(report.words[f"quality.gate.{one.gate.code}.label"]) + mark


def _value(report: QualityReport, one: Outcome) -> Span:
    """Return a value with as many decimals as keep it on its side of the limit."""
    if one.verdict == "not_measured":
        return Span("–", tone="muted")
    shown = beside_edges(one.value, one.gate.unit, [one.limit])
    digits = len(shown.rstrip("%").partition(".")[2])
    return report.value(report.key_of(f"gate_{one.gate.name}"), digits=digits)


def _limit(report: QualityReport, gate: Gate) -> list[Span]:
    key = "at_least" if gate.at_least else "at_most"
    return report.words.say(f"quality.verdict.{key}", limit=report.exact(f"limit_{gate.name}", "company"))


def _todo(report: QualityReport) -> Block:
    """Return what to do about each failed gate, by owner, with the table, the value and the limit."""
    words = report.words
    failed = [one for one in report.quality.gates if one.verdict == "failed"]
    if not failed:
        return Paragraph(words.say("quality.verdict.todo_none"))
    ordered = sorted(failed, key=lambda one: one.gate.owner)
    return Bullets(
        [
            words.say(
                "quality.verdict.todo_entry",
                owner=Span(words[f"quality.owner.{one.gate.owner}"], tone="strong"),
                task=words[f"quality.gate.{one.gate.code}.task"],
            )
            for one in ordered
        ],
        notes=[
            words.say(
                "quality.verdict.todo_note",
                table=report.table_name(one.gate.table),
                gate=report.inside(words[f"quality.gate.{one.gate.code}.label"]),
                value=_value(report, one),
                limit=_limit(report, one.gate),
                where=f" · {report.item(one.where)}" if one.where else "",
            )
            for one in ordered
        ],
    )
