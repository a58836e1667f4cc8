"""Customers at risk, those who stay, and what was done for them: the parts together, every number a fact."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from survey_kpi.evaluation.appraisal.aftercare import Aftercare, Part, aftercare
from survey_kpi.evaluation.appraisal.churn import Churn, Link, Stakes, churn, loyalty
from survey_kpi.evaluation.appraisal.numbers import amount, appraisal_key, by_key, of_estimate
from survey_kpi.evaluation.appraisal.retention import Retention, retention
from survey_kpi.evaluation.appraisal.sources import Sources
from survey_kpi.facts import Fact
from survey_kpi.frames import rows_of
from survey_kpi.indicators import COMPANY
from survey_kpi.period import Period
from survey_kpi.scoring.channels import MarketingChannel

LAST_QUARTERS = "customers on the book when one of the last four quarters began"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Risk:
    """What is at risk among customers.

    Parameters
    ----------
    churn
        Losses, what goes along with them, revenue at risk (A22).
    links
        The claim that loyal customers buy and recommend more, pair by pair (A08); empty where not measured.
    retention
        Cohorts, curve, moves between tiers, segments (A20, G03, G12).
    aftercare
        Promises, plans, satisfaction after complaints, marketing channels (A11, A12, G02, P12, G06).
    """

    churn: Churn
    links: tuple[Link, ...]
    retention: Retention
    aftercare: Aftercare
    facts: Mapping[str, Fact] = field(default_factory=lambda: MappingProxyType({}))


def assess_risk(sources: Sources) -> Risk:
    """Look at the customers of a period: who may leave, who stays, and what was done for them."""
    found = Risk(
        churn=churn(sources),
        links=loyalty(sources),
        retention=retention(sources),
        aftercare=aftercare(sources),
    )
    return replace(found, facts=by_key(_facts(sources.period, found)))


def _facts(period: Period, found: Risk) -> Iterator[Fact]:
    yield from _churn_facts(period, found.churn)
    yield from _stake_facts(period, found.churn.stakes)
    for link in found.links:
        yield from _link_facts(period, link)
    yield from _retention_facts(period, found.retention)
    care = found.aftercare
    for part in (care.resatisfaction, care.categories, care.promises, care.plans):
        yield from _part_facts(period, part)
    for row in care.plans.rows:
        if row.measure == "on_time" and row.n:
            done = round(row.value * row.n / 100)
            yield amount(period, "plan_on_time", done, "count", "planned contacts done on time", row.subject)
    if care.followed is not None:
        formula = "100 x top box / customers who answered"
        for name, one in {"done": care.followed.done, "others": care.followed.others}.items():
            yield from of_estimate(period, "plan_satisfied", one, formula, name)
        change = care.followed.difference
        if change is not None:
            low, high = change.interval()
            for name, value in {"": change.difference, "_low": float(low), "_high": float(high)}.items():
                yield amount(period, f"plan_difference{name}", value, "pp", "completed minus others")
    for channel in care.channels or ():
        yield from _channel_facts(period, channel)


def _churn_facts(period: Period, found: Churn) -> Iterator[Fact]:
    absent = f"the study lacks {', '.join(found.absent)}" if found.absent else ""
    counts = {"rows": found.rows, "losses": found.losses, "parameters": found.parameters}
    for name, value in counts.items():
        given = None if absent else value
        yield amount(
            period, f"churn_{name}", given, "count", f"{name} of the model", rows=LAST_QUARTERS, reason=absent
        )
    for row in rows_of(found.shares):
        yield amount(period, "sign_n", row.n, "count", "customer-quarters with the sign", row["name"])
        yield amount(period, "sign_lost", row.lost, "count", "losses among them", row["name"])
        rate = 100 * row.lost / row.n if row.n else math.nan
        yield amount(period, "sign_rate", rate, "percent", "100 x losses / customer-quarters", row["name"])
    for sign in found.signs:
        formula = "odds ratio of a loss within a quarter, other signs held fixed (logistic regression)"
        ends = {"": sign.odds_ratio, "_low": sign.low, "_high": sign.high}
        for name, end in ends.items():
            yield amount(period, f"sign_odds{name}", end, "score", formula, sign.name, rows=LAST_QUARTERS)
    for row in rows_of(found.reasons):
        yield amount(period, "reason_n", row.complaints, "count", "losses with this reason", row.category)
        yield amount(period, "reason_share", row["share"], "percent", "100 x losses / losses", row.category)
    lost = int(found.reasons["complaints"].sum()) if len(found.reasons) else 0
    yield amount(
        period, "lost", None if absent else lost, "count", "customers lost in the period", reason=absent
    )


def _stake_facts(period: Period, found: Stakes) -> Iterator[Fact]:
    reason = f"not measured for want of: {', '.join(found.missing)}"
    rows = "customers with an open complaint or a detractor's answer"
    yield amount(period, "stake_customers", found.customers, "count", rows, rows=rows, reason=reason)
    yield amount(
        period, "stake_revenue", found.revenue, "money", "their orders of four quarters", rows=rows,
        reason=reason,
    )  # fmt: skip
    for name, end in zip(("low", "high"), found.at_risk, strict=True):
        formula = f"revenue x probability of a loss, {name} end of the 95 % interval of its odds"
        depends = (appraisal_key(period, "stake_revenue"),)
        yield amount(
            period, f"revenue_at_risk_{name}", end, "money", formula, rows=rows, depends=depends,
            reason=reason,
        )  # fmt: skip


def _link_facts(period: Period, link: Link) -> Iterator[Fact]:
    scope, found = f"{link.first}~{link.second}", link.correlation
    if found is None:
        yield amount(period, "loyalty", None, "share", "Spearman", scope, reason=link.reason)
        return
    ends = {"": found.value, "_low": found.low, "_high": found.high}
    for name, end in ends.items():
        formula = "Spearman's rank correlation" if not name else f"end of its 95 % interval: {name[1:]}"
        yield amount(period, f"loyalty{name}", end, "share", formula, scope)
    yield amount(period, "loyalty_n", found.n, "count", "customers with both facts", scope)


def _retention_facts(period: Period, found: Retention) -> Iterator[Fact]:
    absent = f"the study lacks {', '.join(found.absent)}"
    customers = None if "customers" in found.absent else found.customers
    yield amount(period, "customers", customers, "count", "customers at the end", reason=absent)
    yield amount(period, "newcomers", found.newcomers, "count", "customers who began in the trend's quarters")
    yield amount(period, "newcomers_lost", found.lost, "count", "of them lost")
    for cohort in found.cohorts:
        scope = str(cohort.quarter)
        yield amount(period, "cohort_n", cohort.n, "count", "customers who began", scope)
        for place, stayed in enumerate(cohort.stayed):
            share = 100 * stayed / cohort.n if cohort.n else math.nan
            formula = f"100 x still there at the end of {cohort.quarter.shift(place)} / customers who began"
            yield amount(period, f"cohort_{place}", share, "percent", formula, scope)
    for point in found.curve:
        formula = f"Kaplan-Meier share still there {point.months} months after the beginning"
        for name, end in {"": point.value, "_low": point.low, "_high": point.high}.items():
            yield amount(period, f"staying{name}", end, "percent", formula, str(point.months))
        yield amount(period, "staying_n", point.at_risk, "count", "watched so long", str(point.months))
    yield from _move_facts(period, found)
    for segment in found.segments or ():
        reason = segment.reason
        yield amount(
            period, "segment_n", segment.n, "count", "customers who answered", segment.segment, reason=reason
        )
        ends = {"": segment.value, "_low": segment.interval[0], "_high": segment.interval[1]}
        for name, end in ends.items():
            formula = "100 x top box / customers who answered; Wilson"
            yield amount(
                period, f"segment_satisfied{name}", end, "percent", formula, segment.segment, reason=reason
            )


def _move_facts(period: Period, found: Retention) -> Iterator[Fact]:
    moves = found.moves
    if moves is None:
        return
    shares = moves.percent
    for i, before in enumerate(moves.tiers):
        yield amount(period, "tier_before", moves.before[before], "count", "customers before", before)
        yield amount(period, "tier_after", moves.after[before], "count", "customers now", before)
        yield amount(period, "tier_left", moves.left[before], "count", "who left since", before)
        yield amount(period, "tier_joined", moves.joined[before], "count", "who joined since", before)
        for j, after in enumerate(moves.tiers):
            scope, counted = f"{before}~{after}", int(moves.counts[i, j])
            yield amount(period, "tier_moved", counted, "count", "customers who stayed on the book", scope)
            formula, share = "100 x moved / customers of the tier who stayed", float(shares[i, j])
            yield amount(period, "tier_share", share, "percent", formula, scope)


def part_key(period: object, part: Part, measure: str, subject: str = COMPANY) -> str:
    """Return the key of a number of aftercare."""
    return appraisal_key(period, f"care_{part.indicator}_{measure}", subject)


def _part_facts(period: Period, part: Part) -> Iterator[Fact]:
    for row in part.rows:
        hidden = bool(row.get("hidden", False))
        key = part_key(period, part, row.measure, row.subject)
        state = row.state if not hidden else "suppressed"
        made = amount(
            period, f"care_{part.indicator}_{row.measure}", math.nan if hidden else row.value, row.unit,
            f"{part.indicator}.{row.measure}", row.subject,
            reason=row.reason or str(state), rows=f"{row.level} {row.subject} in {row.period}",
        )  # fmt: skip
        yield made
        if hidden or math.isnan(row.value):
            continue
        yield Fact(key=f"{key}:n", value=float(row.n), unit="count", formula="base")
        if not (math.isnan(row.conf_low) or math.isnan(row.conf_high)):
            for name, end in {"low": row.conf_low, "high": row.conf_high}.items():
                formula = f"{name} end of the 95 % interval: {row.method}"
                yield Fact(key=f"{key}:{name}", value=end, unit=row.unit, formula=formula, depends=(key,))


def _channel_facts(period: Period, one: MarketingChannel) -> Iterator[Fact]:
    scope = one.channel
    yield amount(period, "channel_leads", one.sums.leads, "count", "leads that matured", scope)
    yield amount(period, "channel_won", one.sums.won, "count", "won of them", scope)
    cost = None if one.sums.cost is None else float(one.sums.cost)
    formula = "cost of the campaigns that began"
    yield amount(period, "channel_cost", cost, "money", formula, scope, reason="not stated")
    yield from of_estimate(period, "channel_conversion", one.conversion, "100 x won / leads", scope)
    yield from of_estimate(period, "channel_cost_per_won", one.cost_per_won, "cost / won", scope)
    yield from of_estimate(period, "channel_roi", one.roi, "100 x (revenue - cost) / cost", scope)
