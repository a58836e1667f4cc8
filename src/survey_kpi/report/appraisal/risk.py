"""Customers at risk: revenue at stake, what goes along with losses, and and a claim about loyalty."""

from __future__ import annotations

from survey_kpi.evaluation.appraisal.churn import UNSTATED, Churn, Link
from survey_kpi.frames import rows_of
from survey_kpi.report.appraisal.improvement import whole_money
from survey_kpi.report.appraisal.reading import AppraisalReport
from survey_kpi.report.blocks import Block, Blocks, Column, Paragraph, Span
from survey_kpi.report.pieces import Cell, section, table
from survey_kpi.report.tables import range_mark


def risk_title(report: AppraisalReport) -> tuple[str, str]:
    """Return the topic, and the revenue at risk as a range."""
    stakes, words = report.appraisal.risk.churn.stakes, report.words
    kicker = words["risk.kicker"]
    if stakes.missing:
        key = "title_nothing" if "customers" in stakes.missing else "title_none"
        return kicker, words[f"risk.{key}"]
    low, high = (whole_money(report, f"revenue_at_risk_{end}").text for end in ("low", "high"))
    return kicker, report.plain("risk.title", lo=low, hi=high, currency=stakes.currency)


def risk(report: AppraisalReport) -> Blocks:
    """Revenue at risk, reasons, odds ratios, loyalty."""
    words, found = report.words, report.appraisal.risk
    parts: list[Block] = [Paragraph(_lead(report), style="lead")]
    if not found.churn.absent:
        parts += section(words["risk.reasons"], _reasons(report, found.churn))
        parts += section(words["risk.signs"], *_signs(report, found.churn))
    return Blocks([*parts, *section(words["risk.loyalty"], _loyalty(report, found.links))])


def _lead(report: AppraisalReport) -> list[Span]:
    stakes, words = report.appraisal.risk.churn.stakes, report.words
    if stakes.missing:
        names = report.listed(words[f"risk.missing.{name}"] for name in stakes.missing)
        return words.say("risk.lead_none", names=names)
    return words.say(
        "risk.lead",
        n=report.count("stake_customers"),
        revenue=whole_money(report, "stake_revenue"),
        lo=whole_money(report, "revenue_at_risk_low"),
        hi=whole_money(report, "revenue_at_risk_high"),
        currency=stakes.currency,
    )


def ranged(
    report: AppraisalReport, name: str, scope: str = "company", *, digits: int | None = None
) -> list[Span]:
    """Return a number with its interval, whose ends are facts `<name>_low` and `<name>_high`."""
    value = report.value(report.key_of(name, scope), percent=False, digits=digits)
    low, high = (report.key_of(f"{name}_{end}", scope) for end in ("low", "high"))
    if not value.fact or not (report.measured(low) and report.measured(high)):
        return [value]
    ends = [report.value(key, percent=False, digits=digits) for key in (low, high)]
    mark = Span(range_mark(report.appraisal.fact(low).value, report.language), glue=True)
    return [value, Span(" [", tone="muted"), ends[0], mark, ends[1], Span("]", tone="muted")]


def _reasons(report: AppraisalReport, found: Churn) -> Block:
    words = report.words
    if found.reasons.empty:
        return Paragraph(words.say("risk.reasons_none"))
    heads = [
        Column(words["risk.reason"], width=4),
        Column(words["risk.lost"], align="right", width=1.4),
        Column(words["risk.share"], align="right", width=1.4),
    ]
    rows: list[list[Cell]] = [
        [
            words["risk.unstated"] if row.category == UNSTATED else row.category,
            report.count("reason_n", row.category),
            report.count("reason_share", row.category),
        ]
        for row in rows_of(found.reasons)
    ]
    return table(heads, rows)


def _signs(report: AppraisalReport, found: Churn) -> list[Block]:
    words, fitted = report.words, bool(found.signs)
    heads = [
        Column(words["risk.sign"], width=4),
        Column(words["risk.quarters"], align="right", width=1.8),
        Column(words["risk.lost"], align="right", width=1.2),
        Column(words["risk.rate"], align="right", width=1.2),
        *([Column(words["risk.odds"], align="right", width=2.8)] if fitted else []),
    ]
    rows = [_sign(report, row["name"], fitted=fitted) for row in rows_of(found.shares)]
    counts = {name: report.count(f"churn_{name}") for name in ("losses", "rows", "parameters")}
    key = "signs_note" if fitted else "signs_none" if found.reason == "overfitted" else "signs_failed"
    notes = words.say(f"risk.{key}", **counts, code=found.reason)
    return [table(heads, rows, notes=notes)]


def _sign(report: AppraisalReport, name: str, *, fitted: bool) -> list[Cell]:
    odds = [ranged(report, "sign_odds", name)] if fitted else []
    return [
        report.words[f"risk.names.{name}"],
        report.count("sign_n", name),
        report.count("sign_lost", name),
        report.count("sign_rate", name),
        *odds,
    ]


def _loyalty(report: AppraisalReport, links: tuple[Link, ...]) -> Block:
    words = report.words
    if not links:
        return Paragraph(words.say("risk.loyalty_none"))
    heads = [
        Column(words["risk.pair"], width=4.4),
        Column(words["risk.verdict"], width=2.2),
        Column(words["risk.correlation"], align="right", width=3),
        Column(words["risk.n"], align="right", width=1.2),
    ]
    return table(heads, [_link(report, one) for one in links], notes=words.say("risk.loyalty_note"))


def _link(report: AppraisalReport, one: Link) -> list[Cell]:
    words, scope = report.words, f"{one.first}~{one.second}"
    name = words[f"risk.pairs.{one.first}_{one.second}"]
    if one.correlation is None:
        return [name, "–", report.count("loyalty", scope), "–"]
    found = one.correlation.found
    verdict = Span(words[f"risk.{'found' if found else 'not_found'}"], tone="strong" if found else "muted")
    return [name, verdict, ranged(report, "loyalty", scope, digits=2), report.count("loyalty_n", scope)]
