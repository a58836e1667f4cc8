"""Did what was decided help: actions and trainings of the quarter before, and what is open."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.improvement import APART, Action, Improvement, Judged
from survey_kpi.evaluation.appraisal.trainings import ALL, Training
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Bullets, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.tables import range_mark

NONE = Span("–", tone="muted")


def improvement_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how many effects can be told from chance."""
    found, words = report.appraisal.improvement, report.words
    kicker = words["improvement.kicker"]
    if not found.judged:
        return kicker, words["improvement.title_quiet" if found.declared else "improvement.title_none"]
    counts = {"n": report.count("actions_judged").text, "k": report.count("actions_tested").text}
    seen = sum(one.detectable for one in found.judged)
    return kicker, report.plain("improvement.title", **counts, d=str(seen))


def improvement(report: AppraisalReport) -> Blocks:
    """Verdicts, trainings, and the open actions with cost and benefit."""
    words, found = report.words, report.appraisal.improvement
    return Blocks(
        [
            Paragraph(words.say("improvement.lead"), style="lead"),
            *section(words["improvement.judged"], *_judged(report, found)),
            *section(words["improvement.trainings"], *_trainings(report, found)),
            *section(words["improvement.open"], *_open(report, found)),
        ]
    )


def effect(report: AppraisalReport, name: str, scope: str) -> list[Span]:
    """Return an effect with its sign and its interval."""
    if not report.measured(report.key_of(name, scope)):
        return [NONE]
    ends = [report.change_of(f"{name}_{part}", scope) for part in ("low", "high")]
    mark = Span(range_mark(-1.0, report.language), glue=True)
    brackets = Span(" [", tone="muted"), Span("]", tone="muted")
    return [report.change_of(name, scope), brackets[0], ends[0], mark, ends[1], brackets[1]]


def _signed(report: AppraisalReport, name: str, scope: str) -> Span:
    measured = report.measured(report.key_of(name, scope))
    return report.change_of(name, scope) if measured else NONE


def _verdict(report: AppraisalReport, detectable: bool) -> Span:
    key = "detectable" if detectable else "cannot"
    return Span(report.words[f"improvement.{key}"], tone="strong" if detectable else "muted")


# --- actions ------------------------------------------------------------------------------------------


def _judged(report: AppraisalReport, found: Improvement) -> list[Block]:
    words = report.words
    if not found.judged:
        return [Paragraph(words.say(f"improvement.title_{'quiet' if found.declared else 'none'}"))]
    heads = [
        Column(words["improvement.action"], width=0.9),
        Column(words["improvement.indicator"], width=2.2),
        Column(words["improvement.scope"], width=2.2),
        Column(words["improvement.verdict"], width=1.9),
        Column(words["improvement.net"], align="right", width=2.4),
        Column(words["improvement.raw"], align="right", width=1.2),
        Column(words["improvement.shrunken"], align="right", width=1.4),
    ]
    rows: list[list[Cell]] = [_line(report, one) for one in found.judged]
    quarters = found.judged[0].quarters
    slots = {
        name: report.period_name(quarter)
        for name, quarter in zip(("before", "chosen", "after"), quarters.all, strict=True)
    }
    numbers = {"budget": report.count("actions_budget"), "level": report.count("actions_level")}
    notes = words.say("improvement.judged_note", **slots, **numbers)
    return [table(heads, rows, notes=notes), Bullets([_sentence(report, one) for one in found.judged])]


def _line(report: AppraisalReport, one: Judged) -> list[Cell]:
    scope = one.action.action_id
    return [
        scope,
        indicator_name(report, one.action),
        scope_name(report, one.action.scope),
        _verdict(report, one.detectable),
        effect(report, "action_effect", scope),
        _signed(report, "action_raw", scope),
        _signed(report, "action_shrunken", scope),
    ]


def indicator_name(report: AppraisalReport, action: Action) -> str:
    """Return the name of the indicator that an action aims at."""
    return report.label(action.indicator.partition(".")[0])


def scope_name(report: AppraisalReport, scope: str) -> str:
    """Return whom an action is for: the company, groups and people by their names."""
    if scope == "company":
        return report.text(report.study.study.company)
    return report.listed(_member(report, name) for name in APART.split(scope) if name)


def _member(report: AppraisalReport, name: str) -> str:
    level, _, member = name.partition(":")
    levels = {each.id: each for each in report.study.study.levels}
    return report.subject_label(levels[level], name) if member and level in levels else report.named(name)


def _sentence(report: AppraisalReport, one: Judged) -> list[Span]:
    words, scope = report.words, one.action.action_id
    if one.effect is None:
        reason = words[f"improvement.reasons.{one.reason}"]
        return words.say("improvement.sentence_none", x=scope, reason=reason)
    return words.say(
        "improvement.sentence",
        x=scope,
        verdict=_verdict(report, one.detectable),
        d=report.change_of("action_effect", scope),
        lo=report.change_of("action_effect_low", scope),
        hi=report.change_of("action_effect_high", scope),
        unit=report.unit_word(report.key_of("action_effect", scope)),
    )


# --- trainings ----------------------------------------------------------------------------------------


def _trainings(report: AppraisalReport, found: Improvement) -> list[Block]:
    words = report.words
    if found.trainings is None:
        return [Paragraph(words.say("improvement.training_none"))]
    first = found.trainings[0]
    if not first.indicator:
        return [Paragraph(words.say(f"improvement.reasons.{first.reason}"))]
    heads = [
        Column(words["improvement.course"], width=2),
        Column(words["improvement.verdict"], width=1.9),
        Column(words["improvement.people"], align="right", width=1.8),
        Column(words["improvement.hours"], align="right", width=0.9),
        Column(words["improvement.cost"], align="right", width=1.6),
        Column(words["improvement.net"], align="right", width=2.6),
        Column(words["improvement.raw"], align="right", width=1.2),
    ]
    slots = {
        "indicator": report.label(first.indicator),
        "before": report.period_name(first.quarters.before),
        "after": report.period_name(first.quarters.after),
    }
    rows = [_training(report, one) for one in found.trainings]
    notes = words.say("improvement.training_note", **slots)
    told = [Bullets([_why(report, one) for one in found.trainings if one.reason])]
    return [table(heads, rows, notes=notes), *(told if any(one.reason for one in found.trainings) else [])]


def _course(report: AppraisalReport, one: Training) -> str:
    return report.words["improvement.all"] if one.course == ALL else one.course


def _training(report: AppraisalReport, one: Training) -> list[Cell]:
    scope = one.course
    people = [report.count("training_trained", scope), Span(" / "), report.count("training_others", scope)]
    detectable = one.effect is not None and one.effect.verdict != "cannot_be_judged"
    return [
        _course(report, one),
        _verdict(report, detectable),
        people,
        report.count("training_hours", scope),
        report.count("training_cost", scope),
        effect(report, "training_net", scope),
        _signed(report, "training_raw", scope),
    ]


def _why(report: AppraisalReport, one: Training) -> list[Span]:
    reason = report.words[f"improvement.reasons.{one.reason}"]
    mark = "：" if report.language == "zh" else ": "
    return [Span(f"{_course(report, one)}{mark}{reason}")]


# --- open actions -------------------------------------------------------------------------------------


def _open(report: AppraisalReport, found: Improvement) -> list[Block]:
    words = report.words
    if not found.open:
        return [Paragraph(words.say("improvement.open_none" if found.declared else "improvement.title_none"))]
    heads = [
        Column(words["improvement.action"], width=0.9),
        Column(words["improvement.owner"], width=2),
        Column(words["improvement.due"], width=1.5),
        Column(words["improvement.indicator"], width=2.4),
        Column(words["improvement.scope"], width=2.1),
        Column(words["improvement.cost"], align="right", width=1.6),
        Column(words["improvement.benefit"], align="right", width=3.1),
    ]
    rows = [_action(report, one) for one in found.open]
    return [table(heads, rows, notes=words.say("improvement.open_note"))]


def _action(report: AppraisalReport, one: Action) -> list[Cell]:
    scope = one.action_id
    benefit: Cell = report.count("action_benefit_low", scope)
    if one.benefit is not None:
        to = Span(report.words["improvement.to"])
        benefit = [whole_money(report, "action_benefit_low", scope), to]
        benefit += [whole_money(report, "action_benefit_high", scope, one.currency)]
    return [
        scope,
        one.owner,
        one.due.isoformat() if one.due else "–",
        indicator_name(report, one),
        scope_name(report, one.scope),
        whole_money(report, "action_cost", scope, one.currency),
        benefit,
    ]


def whole_money(report: AppraisalReport, name: str, scope: str = "company", currency: str = "") -> Span:
    """Return an amount in whole units of its currency, or the word for its state."""
    span = report.count(name, scope, digits=0)
    if not span.fact or not currency:
        return span
    return Span(f"{span.text} {currency}", fact=span.fact, hash=span.hash, glue=True)
