"""Page 1: which table is fit for what, which gates failed, and who has something to do."""

from __future__ import annotations

from survey_kpi.evaluation.quality import PURPOSES, TABLES, Fitness, Outcome
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Paragraph, Span, Tone
from survey_kpi.report.data_quality.reading import QualityReport
from survey_kpi.report.pieces import section, table
from survey_kpi.report.wording import joined

TONES: dict[str, Tone] = {"fit": "better", "passed": "better", "unfit": "worse", "failed": "worse"}
RESPONSES = "responses"


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
    """The sentence, the matrix, the gates, the things to do."""
    words = report.words
    counts = {name: report.count(f"gates_{name}") for name in ("failed", "judged")}
    return Blocks(
        [
            Paragraph(words.say("quality.verdict.lead", **counts), style="lead"),
            *section(words["quality.verdict.matrix"], _matrix(report)),
            *section(words["quality.verdict.gates"], _gate_table(report)),
            *section(words["quality.verdict.todo"], _todo(report)),
        ]
    )


def _of_table(report: QualityReport, name: str) -> dict[str, Fitness]:
    return {one.purpose: one for one in report.quality.fitness if one.table == name}


def _gates(report: QualityReport, codes: tuple[str, ...]) -> str:
    return joined(report.words, [report.inside(report.words[f"quality.gate.{code}.label"]) for code in codes])


def _word(report: QualityReport, verdict: str) -> Span:
    return Span(report.words[f"quality.verdict.{verdict}"], tone=TONES.get(verdict, "muted"))


def _matrix(report: QualityReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["quality.verdict.table"], width=1.6),
            *[Column(words[f"quality.purpose.{purpose}"], width=1.3) for purpose in PURPOSES],
            Column(words["quality.verdict.reason"], width=5),
        ],
        [
            [
                words[f"quality.tables.{name}"],
                *[_word(report, found[purpose].verdict) for purpose in PURPOSES],
                _reason(report, name, found),
            ]
            for name in TABLES
            for found in [_of_table(report, name)]
        ],
    )


def _reason(report: QualityReport, name: str, found: dict[str, Fitness]) -> Span:
    """Say why: the gates that failed, or that there is nothing to judge."""
    words, label = report.words, report.words[f"quality.tables.{name}"]
    reporting, grading = (found[purpose] for purpose in PURPOSES)
    if reporting.verdict == "not_measured":
        known = "ungated" if name in report.study.study.tables else "undeclared"
        return Span(words[f"quality.verdict.{known}"], tone="muted")
    if reporting.verdict == "unfit":
        gate = _gates(report, reporting.gates)
        return Span(report.plain("quality.verdict.sentence_unfit", table=label, gate=gate))
    if grading.verdict == "unfit":
        gate = _gates(report, grading.gates)
        return Span(report.plain("quality.verdict.sentence_report", table=label, gate=gate))
    return Span(words["quality.verdict.nobody"] if grading.verdict == "not_applicable" else "", tone="muted")


def _gate_table(report: QualityReport) -> Block:
    words = report.words
    return table(
        [
            Column(words["quality.verdict.gate"], width=4),
            Column(words["quality.verdict.value"], align="right", width=1.2),
            Column(words["quality.verdict.limit"], align="right", width=1.2),
            Column(words["quality.verdict.outcome"], width=1.5),
            Column(words["quality.verdict.where"], width=1.9),
            Column(words["quality.verdict.blocks"], width=1.9),
        ],
        [
            [
                words[f"quality.gate.{one.gate.code}.label"],
                _value(report, one),
                _limit(report, one),
                _word(report, "unmeasured" if one.verdict == "not_measured" else one.verdict),
                report.item(one.where),
                words[f"quality.blocks.{'both' if one.gate.blocks == PURPOSES else one.gate.blocks[0]}"],
            ]
            for one in report.quality.gates
        ],
        notes=words.say("quality.verdict.gates_note"),
    )


def _value(report: QualityReport, one: Outcome) -> Span:
    if one.verdict == "not_measured":
        return Span("–", tone="muted")
    return report.count(f"gate_{one.gate.code}")


def _limit(report: QualityReport, one: Outcome) -> list[Span]:
    key = "at_least" if one.gate.at_least else "at_most"
    return report.words.say(f"quality.verdict.{key}", limit=report.count(f"limit_{one.gate.code}"))


def _todo(report: QualityReport) -> Block:
    words = report.words
    failed = sorted(
        (one.gate for one in report.quality.gates if one.verdict == "failed"), key=lambda gate: gate.owner
    )
    if not failed:
        return Paragraph(words.say("quality.verdict.todo_none"))
    return Bullets(
        [
            words.say(
                "quality.verdict.todo_entry",
                owner=Span(words[f"quality.owner.{gate.owner}"], tone="strong"),
                task=words[f"quality.gate.{gate.code}.task"],
            )
            for gate in failed
        ],
        notes=[words.say(f"quality.gate.{gate.code}.label") for gate in failed],
    )
