"""Indicators of contact with customers (A27, A28, A29, A47, A48): as planned, to effect, how often."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import (
    SPAN,
    dated,
    each,
    filled,
    hours_between,
    known,
    microseconds,
    moment,
    one,
)
from survey_kpi.indicators.measures import count, every, share, total
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]


# --- rows -----------------------------------------------------------------------------------------------


def _contacts(frames: Frames, params: Params) -> Lazy:
    return frames["interactions"].with_columns(nw.col("interaction_id").alias("unit"))


def _plans(frames: Frames, params: Params) -> Lazy:
    """Planned contacts by the time they were due, and when each was first done."""
    plans, touches = frames["service_plans"], frames["interactions"]
    named = plans.select("plan_id", "done_interaction_id").join(
        touches.select("interaction_id", nw.col("at").alias("done_at")),
        left_on="done_interaction_id",
        right_on="interaction_id",
        how="inner",
    )
    linked = touches.filter(filled("plan_id")).select("plan_id", nw.col("at").alias("done_at"))
    done = nw.concat([named.select("plan_id", "done_at"), linked], how="vertical")
    first = done.group_by("plan_id").agg(nw.col("done_at").min())
    return plans.join(first, on="plan_id", how="left").with_columns(
        nw.col("due_at").alias("at"), nw.col("plan_id").alias("unit")
    )


def _extras(frames: Frames, params: Params) -> Lazy:
    """Contacts of ours that belong to no plan."""
    named = frames["service_plans"].filter(filled("done_interaction_id"))
    planned = named.select(nw.col("done_interaction_id").alias("planned_id")).unique()
    ours = nw.col("direction").is_null() | (nw.col("direction") != "in")
    purpose = nw.col("purpose").is_null() | nw.col("purpose").is_in(list(params["kinds"]))
    loose = ~nw.col("planned").fill_null(False) & ~filled("plan_id")
    touches = frames["interactions"].filter(ours, purpose, loose)
    extra = touches.join(planned, left_on="interaction_id", right_on="planned_id", how="anti")
    return extra.with_columns(nw.col("interaction_id").alias("unit"))


def _frequency(frames: Frames, params: Params) -> Lazy:
    """Contacts (`contact` 1) and the months that customers were on the book (`months`), in one table."""
    touches = dated(frames["interactions"], frames["months"]).select(
        "customer_id", "at", "channel", *SPAN,
        nw.col("interaction_id").alias("unit"), moment().alias("until"),
        nw.lit(1.0).alias("contact"), nw.lit(0.0).alias("months"),
    )  # fmt: skip
    start, end, over = nw.col("start_at"), nw.col("end_at"), nw.col("period_end")
    lengths = frames["months"].group_by("period").agg(nw.len().alias("length"))
    spans = frames["periods"].join(lengths, on="period", how="inner")
    book = frames["customers"].join(spans, how="cross")
    present = book.filter(start < over, end.is_null() | (end > nw.col("period_start"))).with_columns(
        nw.when(start > nw.col("period_start")).then(start).otherwise(nw.col("period_start")).alias("at"),
        nw.when(end < over).then(end).otherwise(over).alias("until"),
    )
    there = hours_between(nw.col("at"), nw.col("until")) / hours_between(nw.col("period_start"), over)
    exposure = present.select(
        "customer_id", "at", nw.when(nw.lit(False)).then(nw.lit("")).alias("channel"), *SPAN,
        nw.col("customer_id").alias("unit"), "until",
        nw.lit(0.0).alias("contact"), (there * nw.col("length").cast(nw.Float64())).alias("months"),
    )  # fmt: skip
    return nw.concat([touches, exposure], how="vertical")


def _customer_months(frames: Frames, params: Params) -> Lazy:
    """Customers and months with contacts of ours, and how many; dated by the first of them."""
    ours = nw.col("direction").is_null() | (nw.col("direction") != "in")
    at = nw.col("at")
    touches = (
        frames["interactions"]
        .filter(ours)
        .with_columns(
            (at.dt.year().cast(nw.Int64()) * 12 + at.dt.month().cast(nw.Int64())).alias("calendar_month")
        )
    )
    counted = touches.group_by("customer_id", "calendar_month").agg(at.min(), nw.len().alias("contacts"))
    return counted.with_columns(nw.col("customer_id").alias("unit"))


def _at_start(frames: Frames, params: Params) -> Lazy:
    """Customers on the book when a period starts, with the tier they had then, and whether they have a plan."""
    end, start = nw.col("end_at"), nw.col("period_start")
    always = nw.lit(0)
    since = microseconds(nw.col("tier_as_of")).fill_null(always)
    book = frames["customers"].with_columns(since.alias("since")).join(frames["periods"], how="cross")
    known_then = book.filter(
        nw.col("start_at") <= start, end.is_null() | (end >= start), nw.col("since") <= microseconds(start)
    )
    latest = known_then.with_columns(nw.col("since").max().over("customer_id", "period").alias("last_since"))
    then = latest.filter(nw.col("since") == nw.col("last_since"))
    plans = frames["service_plans"].filter(nw.col("kind") == "dedicated_plan")
    covered = plans.select(nw.col("customer_id").alias("planned_for")).unique()
    marked = covered.with_columns(nw.lit(True).alias("has_plan"))
    return then.join(marked, left_on="customer_id", right_on="planned_for", how="left").with_columns(
        start.alias("at"), nw.col("customer_id").alias("unit"), nw.col("has_plan").fill_null(False)
    )


CONTACTS = View(name="contacts", tables=("interactions",), rows=_contacts)
PLANS = View(name="planned_contacts", tables=("service_plans", "interactions"), rows=_plans)
EXTRAS = View(
    name="unplanned_contacts", tables=("service_plans", "interactions"), rows=_extras, params=("kinds",)
)
FREQUENCY = View(
    name="contacts_and_months",
    tables=("interactions", "customers"),
    rows=_frequency,
    by_period=True,
    until="until",
)
CUSTOMER_MONTHS = View(name="customer_months", tables=("interactions",), rows=_customer_months)
HIGH_AT_START = View(
    name="tiers_at_start", tables=("customers", "service_plans"), rows=_at_start, by_period=True
)


# --- scores ---------------------------------------------------------------------------------------------


def _kind(params: Params) -> nw.Expr:
    return nw.col("kind").is_in(list(params["kinds"]))


def _was_done() -> nw.Expr:
    return (known("done_at") < nw.col("period_end")).fill_null(False)


def _was_on_time() -> nw.Expr:
    return _was_done() & (nw.col("done_at") <= nw.col("due_at"))


def _done(params: Params) -> nw.Expr:
    return one(_was_done(), base=_kind(params))


def _on_time(params: Params) -> nw.Expr:
    return one(_was_on_time(), base=_kind(params))


def _planned(params: Params) -> nw.Expr:
    return each(_kind(params))


def _late(params: Params) -> nw.Expr:
    return each(_kind(params) & _was_done() & ~_was_on_time())


def _missed(params: Params) -> nw.Expr:
    return each(_kind(params) & ~_was_done())


def _is_missed(params: Params) -> nw.Expr:
    return _kind(params) & ~_was_done()


def _is_effective(params: Params) -> nw.Expr:
    effective = list(params["effective"])
    return nw.col("outcome").is_in(effective).fill_null(False)


def _effective(params: Params) -> nw.Expr:
    return one(_is_effective(params), base=nw.lit(True))


def _effective_per_week(params: Params) -> nw.Expr:
    weeks = hours_between(nw.col("period_start"), nw.col("period_end")) / (24 * 7)
    return nw.when(_is_effective(params)).then(1 / weeks).otherwise(nw.lit(0.0))


def _blank(params: Params) -> nw.Expr:
    return each(~filled("outcome"))


def _is_blank(params: Params) -> nw.Expr:
    return ~filled("outcome")


def _contact(params: Params) -> nw.Expr:
    return nw.col("contact")


def _months(params: Params) -> nw.Expr:
    return nw.col("months")


def _above_limit(params: Params) -> nw.Expr:
    limit = float(params["limit"])
    return nw.col("contacts") > limit


def _over_contacted(params: Params) -> nw.Expr:
    return each(_above_limit(params))


def _covered(params: Params) -> nw.Expr:
    return one(nw.col("has_plan"), base=nw.col("tier") == params["tier"])


def _is_uncovered(params: Params) -> nw.Expr:
    tier = str(params["tier"])
    return ~nw.col("has_plan") & (nw.col("tier") == tier)


# --- indicators -----------------------------------------------------------------------------------------

WILSON = "Wilson (1927), JASA 22"

ROWS = (
    Indicator(
        code="A27",
        label=Text(zh="计划性拜访完成率", en="Planned contact completion"),
        definition=Text(
            zh="本期应完成的计划拜访与回访中，期末前完成的占比；按时、逾期与未完成分列。计划外的接触只列数，"
            "不抵减未完成的计划。",
            en="Share of the visits and call-backs due in the period that were done before its end, with those on time, late "
            "and missed apart. Unplanned contacts are shown, never netted against missed ones.",
        ),
        source=WILSON,
        measures=(
            share("completion", "完成占比", "done", _done, "100 x planned contacts done / planned contacts due"),
            share("on_time", "按时占比", "done on time", _on_time, "100 x done by the due time / planned contacts due"),
            count("planned", "应完成数", "planned", _planned, "planned contacts due"),
            count("late", "逾期完成数", "done late", _late, "planned contacts done after the due time"),
            count("missed", "未完成数", "missed", _missed, "planned contacts not done by the end of the period"),
            count("extra", "计划外接触数", "unplanned", every, "contacts of ours without a plan", view=EXTRAS),
        ),
        headline="completion",
        view=PLANS,
        columns=("service_plans.due_at", "interactions.plan_id|service_plans.done_interaction_id"),
        params=MappingProxyType({"kinds": ("visit", "callback")}),
        listings=MappingProxyType({"missed": _is_missed}),
    ),
    Indicator(
        code="A28",
        label=Text(zh="有效沟通率", en="Effective contacts"),
        definition=Text(
            zh="结果为已解决或正面的接触占全部接触的比例；结果未填按无效计，并列出未填数与每周有效接触数。",
            en="Share of all contacts whose outcome is solved or positive; a blank outcome is not effective, and counted. "
            "Effective contacts per week stand beside it.",
        ),
        source=WILSON,
        measures=(
            share("effective", "有效占比", "effective", _effective, "100 x outcome solved or positive / contacts"),
            total(
                "per_week", "每周有效接触数", "effective per week", _effective_per_week,
                "effective contacts / weeks of the period", unit="per_week",
            ),
            count("blank", "结果未填数", "blank outcome", _blank, "contacts with a blank outcome"),
        ),
        headline="effective",
        view=CONTACTS,
        columns=("interactions.outcome",),
        params=MappingProxyType({"effective": ("solved", "positive")}),
        listings=MappingProxyType({"blank_outcome": _is_blank}),
    ),
    Indicator(
        code="A29",
        label=Text(zh="互动频率", en="Contact frequency"),
        definition=Text(
            zh="接触次数除以客户月数（在册不足整期的按天折算）。我方联系某客户某月超过上限（默认 4 次）的计为过度打扰，"
            "逐一列出。",
            en="Contacts per customer-month, customers on the book for part of the period counting by days. A month in which "
            "we contacted a customer more often than the limit (4 unless declared) is over-contact; such customers are listed.",
        ),
        source="Garwood (1936), Biometrika 28; the limit is the company's own",
        measures=(
            RecordMeasure(
                name="frequency", label=Text(zh="每客户月接触次数", en="contacts per customer-month"),
                family="rate", unit="per_month", score=_contact, per=_months,
                formula="contacts / customer-months", view=FREQUENCY,
            ),
            count("contacts", "接触次数", "contacts", every, "contacts in the period", view=CONTACTS),
            count(
                "over_contacted", "过度打扰客户月数", "over-contacted customer-months", _over_contacted,
                "customers and months with more contacts of ours than the limit",
            ),
        ),
        headline="frequency",
        view=CUSTOMER_MONTHS,
        params=MappingProxyType({"limit": 4}),
        listings=MappingProxyType({"over_contacted": _above_limit}),
    ),
    Indicator(
        code="A47",
        label=Text(zh="月度回访率", en="Monthly call-back rate"),
        definition=Text(
            zh="本期应完成的回访中，期末前完成的占比。",
            en="Share of the call-backs due in the period that were done before its end.",
        ),
        source=WILSON,
        measures=(
            share("rate", "回访完成占比", "call-backs done", _done, "100 x call-backs done / call-backs due"),
            count("due", "应回访数", "call-backs due", _planned, "call-backs due in the period"),
        ),
        headline="rate",
        view=PLANS,
        columns=("service_plans.due_at", "interactions.plan_id|service_plans.done_interaction_id"),
        params=MappingProxyType({"kinds": ("callback",)}),
        listings=MappingProxyType({"missed": _is_missed}),
    ),
    Indicator(
        code="A48",
        label=Text(zh="高净值客户专属方案覆盖率", en="Dedicated-plan coverage of high-value customers"),
        definition=Text(
            zh="期初属于高层级的在册客户中，有专属服务方案的占比；层级以期初为准，期中变动不影响分母。",
            en="Share of the customers of the high tier at the start of the period who have a dedicated plan; a change of "
            "tier within the period does not change the base.",
        ),
        source=WILSON,
        measures=(
            share("coverage", "覆盖占比", "covered", _covered, "100 x customers with a plan / customers of the tier at start"),
        ),
        headline="coverage",
        view=HIGH_AT_START,
        columns=("customers.tier",),
        params=MappingProxyType({"tier": "high"}),
        listings=MappingProxyType({"uncovered": _is_uncovered}),
    ),
)  # fmt: skip
