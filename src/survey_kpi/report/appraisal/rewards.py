"""Page 8: what the decisions come to in money; nothing is carried out before a signature."""

from __future__ import annotations

from survey_kpi.evaluation.rewards import NO_DECISIONS, NO_PENALTIES, NO_STREAK, NO_TABLE, NOT_DUE
from survey_kpi.facts import fact_key
from survey_kpi.frames import Row, rows_of
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.scoring.pay import TENURE

EMPTY = {
    NO_DECISIONS: "nobody",
    NO_TABLE: "no_table",
    NO_STREAK: "no_streak",
    NO_PENALTIES: "no_penalties",
    NOT_DUE: "not_due",
}
"""Words for why a table has no rows."""


def rewards_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and how much of the pool is claimed."""
    words, found = report.words, report.appraisal.rewards
    kicker = words["appraisal.rewards.kicker"]
    if found.payouts.empty:
        return kicker, words[f"appraisal.rewards.title_{EMPTY[found.empty['payouts']]}"]
    slots = {
        "paid": _total(report, "paid_total").text,
        "claimed": _total(report, "claimed").text,
        "currency": found.currency,
    }
    key = "title" if found.pool is None or found.claimed <= found.pool else "title_short"
    return kicker, report.plain(f"appraisal.rewards.{key}", **slots)


def rewards(report: AppraisalReport) -> Blocks:
    """Payouts, streaks with the rate of luck, penalties with the state of their signature."""
    words = report.words
    return Blocks(
        [
            Paragraph(words.say("appraisal.rewards.lead"), style="lead"),
            *section(words["appraisal.rewards.payouts"], *_payouts(report)),
            *section(words["appraisal.rewards.penalties"], *_penalties(report)),
            *section(words["appraisal.rewards.streaks"], *_streaks(report)),
        ]
    )


def _total(report: AppraisalReport, name: str) -> Span:
    return report.value(fact_key(report.period, "reward", name, "company"))


def _empty(report: AppraisalReport, name: str) -> list[Block]:
    reason = report.appraisal.rewards.empty.get(name, "")
    return [report.absent(f"rewards_{EMPTY[reason]}")] if reason else []


def _amount(report: AppraisalReport, key: str) -> Span:
    return report.value(key) if report.measured(key) else Span("–", tone="muted")


# --- payouts --------------------------------------------------------------------------------------------


def _payouts(report: AppraisalReport) -> list[Block]:
    words, found = report.words, report.appraisal.rewards
    if found.payouts.empty:
        return _empty(report, "payouts")
    rows = [_payout(report, row) for row in rows_of(found.payouts)]
    rows.append(
        [
            Span(words["appraisal.rewards.total"], tone="strong"),
            "",
            "",
            _total(report, "claimed"),
            _total(report, "paid_total"),
            "",
        ]
    )
    heads = [
        Column(words["appraisal.person"], width=2.2),
        Column(words["appraisal.decisions.paid"], width=1.4),
        Column(words["appraisal.rewards.bonus"], align="right", unit=found.currency, width=1.6),
        Column(words["appraisal.rewards.claim"], align="right", unit=found.currency, width=1.6),
        Column(words["appraisal.rewards.paid"], align="right", unit=found.currency, width=1.6),
        Column(words["appraisal.rewards.earned"], width=2.6),
    ]
    if found.pool is None:
        notes = words.say("appraisal.rewards.no_pool")
    else:
        notes = words.say("appraisal.rewards.pool", pool=_total(report, "pool"), currency=found.currency)
    return [table(heads, rows, notes=notes)]


def _payout(report: AppraisalReport, row: Row) -> list[Cell]:
    labels = {one.id: report.text(one.label) for one in report.study.rules.rewards.table}
    earned = report.listed(labels[name] for name in str(row.rewards).split(",") if name)
    if row.paid is None:
        earned = report.words["appraisal.rewards.no_bonus"]
    return [
        report.person(row.subject),
        report.band(row.band),
        _amount(report, report.key_of("target_bonus", row.subject)),
        _amount(report, fact_key(report.period, "reward", "claim", row.subject)),
        _amount(report, fact_key(report.period, "reward", "paid", row.subject)),
        earned or "–",
    ]


# --- penalties and streaks ------------------------------------------------------------------------------


def _penalties(report: AppraisalReport) -> list[Block]:
    words, found = report.words, report.appraisal.rewards
    if found.penalties.empty:
        return _empty(report, "penalties")
    labels = {one.id: report.text(one.label) for one in report.study.rules.rewards.penalties}
    rows: list[list[Cell]] = []
    for row in rows_of(found.penalties):
        scope = f"{row.penalty}~{row.subject}"
        signed = "waiting" if row.draft else "signed"
        rows.append(
            [
                report.person(row.subject),
                labels[row.penalty],
                report.count("penalty_share", scope),
                _amount(report, fact_key(report.period, "reward", f"penalty_{row.penalty}", row.subject)),
                report.chance(report.key_of("penalty_odds", scope)),
                words[f"appraisal.rewards.{signed}"],
            ]
        )
    heads = [
        Column(words["appraisal.person"], width=2.2),
        Column(words["appraisal.rewards.penalty"], width=2),
        Column(words["appraisal.rewards.share"], align="right", width=1.3),
        Column(words["appraisal.rewards.amount"], align="right", unit=found.currency, width=1.5),
        Column(words["appraisal.rewards.odds"], align="right", width=1.5),
        Column(words["appraisal.rewards.signature"], width=2.2),
    ]
    down = f"{report.study.rules.pay.down:.2f}"
    return [table(heads, rows, notes=words.say("appraisal.rewards.penalties_note", down=down))]


def _streaks(report: AppraisalReport) -> list[Block]:
    words, found = report.words, report.appraisal.rewards
    rule = report.study.rules.rewards.streak
    if found.streaks.empty or rule is None:
        return _empty(report, "streaks")
    rows: list[list[Cell]] = [
        [
            report.person(row.subject),
            _amount(report, fact_key(report.period, "streak", "current", row.subject)),
            _amount(report, fact_key(report.period, "streak", "longest", row.subject)),
            _reached(report, row),
        ]
        for row in rows_of(found.streaks)
    ]
    heads = [
        Column(words["appraisal.person"], width=2.4),
        Column(words["appraisal.rewards.current"], align="right", width=1.6),
        Column(words["appraisal.rewards.longest"], align="right", width=1.6),
        Column(words["appraisal.rewards.reached"], width=2.8),
    ]
    declared = {"k": str(rule.k), "edge": f"{rule.threshold:g}", "p": f"{rule.probability:g}"}
    lead = Paragraph(words.say("appraisal.rewards.streaks_lead", **declared, grade=rule.grade))
    key = fact_key(report.period, "param", "streak_luck", "company")
    luck = words.say("appraisal.rewards.luck", luck=report.chance(key)) if report.measured(key) else ()
    return [lead, table(heads, rows, notes=luck)]


def _reached(report: AppraisalReport, row: Row) -> Span:
    """Return the quarter in which the streak was complete, or why there is nothing to tell one by."""
    if row.reason:
        key = "tenure" if row.reason == TENURE else "no_evidence"
        return Span(report.words[f"appraisal.reasons.{key}"], tone="muted")
    return Span(row.reached or "–")
