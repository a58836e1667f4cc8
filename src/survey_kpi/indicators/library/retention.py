"""Indicators of the customer book (A19 to A23): who stays, who leaves, who buys again."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.errors import SpecError
from survey_kpi.indicators.expressions import each, moment, one
from survey_kpi.indicators.measures import count, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
START = "period_start"
CHOICES = {"denominator": ("period_start", "start_plus_new"), "attribution": ("days", "owner_at_loss")}
"""Values of the parameters of the customer book."""


def _book(frames: Frames, params: Params) -> Lazy:
    """Customers on the book at any time of a period; `until` is the day they were lost, or the period's end.

    Where the last owner answers for a customer, the row is a moment instead: just before that day.
    """
    _check(params)
    begun, end = nw.col("start_at"), nw.col("end_at")
    book = frames["customers"].join(frames["periods"], how="cross")
    present = book.filter(begun < nw.col("period_end"), end.is_null() | (end >= nw.col(START)))
    lost = ~end.is_null() & (end < nw.col("period_end"))
    rows = present.with_columns(
        nw.when(begun > nw.col(START)).then(begun).otherwise(nw.col(START)).alias("at"),
        nw.col("customer_id").alias("unit"),
        (begun <= nw.col(START)).alias("at_start"),
        lost.alias("lost"),
        nw.when(lost).then(end).otherwise(nw.col("period_end")).alias("until"),
    )
    if params["attribution"] == "days":
        return rows
    last = nw.col("until").dt.offset_by("-1us")
    at = nw.when(last > nw.col("at")).then(last).otherwise(nw.col("at"))
    return rows.with_columns(at.alias("at"), moment().alias("until"))


def _check(params: Params) -> None:
    for name, choices in CHOICES.items():
        if params[name] not in choices:
            raise SpecError(
                "unknown_parameter", where=f"A19 to A21: params.{name}", what="there is no such choice",
                got=repr(params[name]), expected=" or ".join(choices),
            )  # fmt: skip


def _buyers(frames: Frames, params: Params) -> Lazy:
    """Customers with an order before a period who are still active at its start, and whether they reordered."""
    orders, periods, start = frames["orders"], frames["periods"], nw.col(START)
    placed = orders.select("customer_id", "ordered_at").join(periods, how="cross")
    before = nw.when(nw.col("ordered_at") < start).then(nw.lit(1)).otherwise(nw.lit(0))
    inside = (nw.col("ordered_at") >= start) & (nw.col("ordered_at") < nw.col("period_end"))
    within = nw.when(inside).then(nw.lit(1)).otherwise(nw.lit(0))
    counted = placed.group_by("customer_id", "period", START, "period_end", "cut_off").agg(
        before.sum().alias("orders_before"), within.sum().alias("orders_within")
    )
    prior = counted.filter(nw.col("orders_before") > 0)
    if "customers" in frames:
        gone = frames["customers"].select("customer_id", "end_at")
        prior = prior.join(gone, on="customer_id", how="left")
        prior = prior.filter(nw.col("end_at").is_null() | (nw.col("end_at") >= start))
    return prior.with_columns(start.alias("at"), nw.col("customer_id").alias("unit"))


BOOK = View(
    name="customer_book",
    tables=("customers",),
    rows=_book,
    params=("denominator", "attribution"),
    by_period=True,
    until="until",
)
BUYERS = View(
    name="earlier_buyers", tables=("orders",), optional=("customers",), rows=_buyers, by_period=True
)


def _base(params: Params) -> nw.Expr:
    with_new = params["denominator"] == "start_plus_new"
    return nw.col("at_start") | nw.lit(with_new)


def _lost(params: Params) -> nw.Expr:
    return one(nw.col("lost"), base=_base(params))


def _lost_of_start(params: Params) -> nw.Expr:
    return one(nw.col("lost"), base=nw.col("at_start"))


def _lost_of_all(params: Params) -> nw.Expr:
    return one(nw.col("lost"), base=nw.lit(True))


def _kept(params: Params) -> nw.Expr:
    return one(~nw.col("lost"), base=_base(params))


def _new_lost(params: Params) -> nw.Expr:
    return each(nw.col("lost") & ~nw.col("at_start"))


def _every_lost(params: Params) -> nw.Expr:
    return nw.when(nw.col("lost")).then(nw.lit(1.0)).otherwise(nw.lit(0.0))


def _half_at_each_end(params: Params) -> nw.Expr:
    there = nw.when(nw.col("at_start")).then(nw.lit(0.5)).otherwise(nw.lit(0.0))
    return there + nw.when(nw.col("lost")).then(nw.lit(0.0)).otherwise(nw.lit(0.5))


def _reordered(params: Params) -> nw.Expr:
    return one(nw.col("orders_within") > 0, base=nw.lit(True))


CHURN = share(
    "churn", "流失率", "churn", _lost, "100 x lost in the period / base of the declared denominator"
)
RETENTION = share("retention", "保留率", "retention", _kept, "100 - churn over the same customers")
KEEPING = share("keeping", "保持率", "keeping", _kept, "100 - churn over the same customers")
AT_START = share(
    "churn_period_start", "流失率（期初基数）", "churn, base at the start", _lost_of_start,
    "100 x lost in the period of those on the book at its start / those",
)  # fmt: skip
WITH_NEW = share(
    "churn_start_plus_new", "流失率（期初加新增基数）", "churn, base at the start and new", _lost_of_all,
    "100 x lost in the period / customers on the book at its start or new in it",
)  # fmt: skip
AVERAGE = RecordMeasure(
    name="churn_average_base",
    label=Text(zh="流失率（平均基数）", en="churn, average base"),
    family="ratio",
    unit="percent",
    scale_by=100.0,
    score=_every_lost,
    per=_half_at_each_end,
    formula="100 x lost in the period / mean of the customers at its start and its end",
)
NEW_LOST = count(
    "new_lost",
    "新客户流失数",
    "new customers lost",
    _new_lost,
    "customers who came and went within the period",
)
DENOMINATOR = {"denominator": None, "attribution": "days"}
SOURCE = "Gupta et al. (2006), Modeling customer lifetime value, Journal of Service Research 9(2)"

ROWS = (
    Indicator(
        code="A19",
        label=Text(zh="客户流失率", en="Customer churn rate"),
        definition=Text(
            zh="期初在册客户中于期末前流失的比例；新客户的流失另行列数。分母须声明：period_start 为期初在册客户，"
            "start_plus_new 为期初在册加本期新增；另两种口径始终并列，各以其名称列示。",
            en="Share of the customers on the book at the start of the period who were lost before its end; new "
            "customers who were lost are counted apart. The denominator is declared: period_start, or "
            "start_plus_new, which adds the new ones; the other definitions stand beside it, each under its name.",
        ),
        source=SOURCE,
        measures=(CHURN, AT_START, WITH_NEW, AVERAGE, NEW_LOST),
        headline="churn",
        direction="lower",
        view=BOOK,
        columns=("customers.end_at",),
        params=DENOMINATOR,
    ),
    Indicator(
        code="A20",
        label=Text(zh="客户保留率", en="Customer retention rate"),
        definition=Text(
            zh="100 减流失率，同一批客户。期内换人的客户按各专员负责天数分摊；声明 attribution: owner_at_loss 时，"
            "整户归流失时（未流失则为期末）的专员。",
            en="100 minus churn over the same customers. A customer who changes hands within the period is "
            "shared among the owners by days, or with attribution: owner_at_loss belongs wholly to the owner at the "
            "loss, at the period's end where there was none.",
        ),
        source=SOURCE,
        measures=(RETENTION,),
        headline="retention",
        view=BOOK,
        columns=("customers.end_at",),
        params=DENOMINATOR,
    ),
    Indicator(
        code="A21",
        label=Text(zh="客户保持率", en="Customer keeping rate"),
        definition=Text(
            zh="客户保留率（A20）的同义指标。", en="Another name of the customer retention rate (A20)."
        ),
        source=SOURCE,
        measures=(KEEPING,),
        headline="keeping",
        view=BOOK,
        columns=("customers.end_at",),
        params=DENOMINATOR,
    ),
    Indicator(
        code="A23",
        label=Text(zh="老客户再购买率", en="Repeat purchase rate"),
        definition=Text(
            zh="本期前下过单、期初仍在册的客户中，本期再次下单的比例。",
            en="Share of the customers with an order before the period, still active at its start, who ordered "
            "again within it.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 5.1",
        measures=(
            share(
                "repeat", "再购买率", "repeat purchases", _reordered,
                "100 x customers who ordered again / customers with an earlier order",
            ),
        ),
        headline="repeat",
        view=BUYERS,
    ),
)  # fmt: skip
