"""Indicators of value and growth (A25, A37 to A39, A49, A50): orders, campaigns, the customers' own growth."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import hours_between, known, one
from survey_kpi.indicators.library.leads import CREATED
from survey_kpi.indicators.measures import duration, mean, share, total
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, RowScore, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
ORDER_KINDS = {
    "new": ("新签", "new"),
    "renewal": ("续费", "renewal"),
    "cross_sell": ("交叉销售", "cross-sell"),
    "upsell": ("增购", "upsell"),
}


def _orders(frames: Frames, params: Params) -> Lazy:
    return frames["orders"].with_columns(
        nw.col("ordered_at").alias("at"),
        nw.col("order_id").alias("unit"),
        nw.col("amount").cast(nw.Float64()).alias("amount"),
    )


def _customers_with_orders(frames: Frames, params: Params) -> Lazy:
    """One row for each customer and period with an order: how many, and how much."""
    placed = _orders(frames, params).with_columns(
        (nw.col("at").dt.year().cast(nw.Int64()) * 12 + nw.col("at").dt.month().cast(nw.Int64()) - 1).alias(
            "month"
        )
    )
    inside = placed.join(frames["months"], on="month", how="inner")
    keys = ("customer_id", "period", "period_start", "period_end", "cut_off")
    made = inside.group_by(*keys).agg(nw.col("amount").sum().alias("spent"), nw.len().alias("orders"))
    return made.with_columns(nw.col("period_start").alias("at"), nw.col("customer_id").alias("unit"))


def _campaigns(frames: Frames, params: Params) -> Lazy:
    return frames["campaigns"].with_columns(
        nw.col("start_at").alias("at"),
        nw.col("campaign_id").alias("unit"),
        *[nw.col(name).cast(nw.Float64()).alias(name) for name in ("cost", "attributed_revenue")],
    )


def _eligible(frames: Frames, params: Params) -> Lazy:
    """Customers active at the end of a period, with the number of products that they hold."""
    periods, end = frames["periods"], nw.col("period_end")
    book = frames["customers"].select("customer_id", "start_at", "end_at", "tier").join(periods, how="cross")
    active = book.filter(nw.col("start_at") < end, nw.col("end_at").is_null() | (nw.col("end_at") >= end))
    bought = (
        frames["orders"].filter(~nw.col("product").is_null()).select("customer_id", "product", "ordered_at")
    )
    held = bought.join(periods.select("period", "period_end"), how="cross").filter(nw.col("ordered_at") < end)
    kinds = held.group_by("customer_id", "period", "product").agg(nw.len().alias("times"))
    wanted = nw.when(nw.col("product") == nw.lit(params["product"])).then(nw.lit(1)).otherwise(nw.lit(0))
    products = kinds.group_by("customer_id", "period").agg(
        nw.len().alias("products"), wanted.sum().alias("holds")
    )
    rows = active.join(products, on=["customer_id", "period"], how="left")
    return rows.with_columns(
        nw.col("period_start").alias("at"),
        nw.col("customer_id").alias("unit"),
        nw.col("products").fill_null(0).alias("products"),
        nw.col("holds").fill_null(0).alias("holds"),
    )


def _revenues(frames: Frames, params: Params) -> Lazy:
    """Customers with what they told of their own business; the figures belong to every period asked about."""
    now, before = (nw.col(name).cast(nw.Float64()) for name in ("own_revenue", "own_revenue_before"))
    book = frames["customers"].join(frames["periods"], how="cross")
    active = book.filter(
        nw.col("start_at") < nw.col("period_end"),
        nw.col("end_at").is_null() | (nw.col("end_at") >= nw.col("period_start")),
    )
    return active.with_columns(
        nw.col("period_start").alias("at"),
        nw.col("customer_id").alias("unit"),
        nw.when(before > 0).then(100 * (now - before) / before).alias("growth"),
    )


ORDERS = View(name="orders", tables=("orders",), rows=_orders)
BY_CUSTOMER = View(
    name="customers_with_orders", tables=("orders",), rows=_customers_with_orders, by_period=True
)
CAMPAIGNS = View(name="campaigns", tables=("campaigns",), rows=_campaigns)
ELIGIBLE = View(
    name="eligible_customers",
    tables=("customers", "orders"),
    rows=_eligible,
    params=("product",),
    by_period=True,
)
REVENUES = View(name="customers_revenues", tables=("customers",), rows=_revenues, by_period=True)


def _column(name: str) -> RowScore:
    return lambda params: nw.col(name).cast(nw.Float64())


def _cycle(params: Params) -> nw.Expr:
    won = known("won_at")
    gone = nw.when(won.is_null()).then(known("lost_at")).otherwise(won)
    until = nw.when(gone.is_null()).then(nw.col("cut_off")).otherwise(gone)
    return hours_between(nw.col("at"), until)


def _cycle_closed(params: Params) -> nw.Expr:
    return ~known("won_at").is_null()


def _of_kind(kind: str) -> RowScore:
    return lambda params: nw.when(nw.col("kind") == kind).then(nw.col("amount"))


def _unclassified(params: Params) -> nw.Expr:
    return nw.when(nw.col("kind").is_null()).then(nw.col("amount"))


def _return(params: Params) -> nw.Expr:
    return nw.col("attributed_revenue") - nw.col("cost")


def _known_cost(params: Params) -> nw.Expr:
    return nw.when(~nw.col("attributed_revenue").is_null()).then(nw.col("cost"))


def _holds(params: Params) -> nw.Expr:
    return one(nw.col("holds") > 0, base=nw.lit(True))


def _solution(params: Params) -> nw.Expr:
    return nw.when(nw.col("product") == nw.lit(params["product"])).then(nw.col("amount"))


def _supplied(params: Params) -> nw.Expr:
    return one(~nw.col("growth").is_null(), base=nw.lit(True))


def _ratio(
    name: str,
    zh: str,
    en: str,
    score: RowScore,
    per: RowScore,
    formula: str,
    unit: str,
    scale_by: float = 1.0,
) -> RecordMeasure:
    return RecordMeasure(
        name=name, label=Text(zh=zh, en=en), family="ratio", unit=unit, scale_by=scale_by,
        score=score, per=per, formula=formula,
    )  # fmt: skip


ROWS = (
    Indicator(
        code="A25",
        label=Text(zh="客户生命周期价值贡献", en="Customer lifetime value: contribution"),
        definition=Text(
            zh="平均客单价、人均订单数与人均金额（本期有订单的客户）。集中度与同层级差额见客户价值表。",
            en="Average order value, orders per customer and amount per customer, over the customers with an order "
            "in the period. Concentration and the difference from the tier stand in the table of customer values.",
        ),
        source="Gupta and Lehmann (2003), Customers as assets, Journal of Interactive Marketing 17(1)",
        measures=(
            _ratio(
                "average_order", "平均客单价", "average order value", _column("spent"), _column("orders"),
                "amount / orders", "money",
            ),
            mean(
                "frequency", "人均订单数", "orders per customer", _column("orders"),
                "orders / customers with an order", unit="count",
            ),
            mean(
                "value", "人均金额", "amount per customer", _column("spent"), "amount / customers with an order",
                unit="money",
            ),
        ),
        headline="value",
        view=BY_CUSTOMER,
        home="survey_kpi.segments.values.customer_values",
    ),
    Indicator(
        code="A37",
        label=Text(zh="销售业绩", en="Sales performance"),
        definition=Text(
            zh="本期订单金额、件数，以及线索从创建到赢单的时长（未赢单者按删失处理）；达成率按目标计。",
            en="Amount and units of the orders of the period, and the time from a lead to its contract with open "
            "leads censored; attainment follows from the target.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 6.2; Kaplan and Meier (1958)",
        measures=(
            total("amount", "销售额", "amount", _column("amount"), "sum of order amounts"),
            total("units", "件数", "units", _column("units"), "sum of ordered units", unit="count"),
            duration(
                "cycle_time", "成交周期中位数", "median time to win", _cycle, _cycle_closed,
                "Kaplan-Meier median of won_at - created_at", view=CREATED,
            ),
        ),
        headline="amount",
        view=ORDERS,
        measure_columns={
            "units": ("orders.units",),
            "cycle_time": ("leads.won_at",),
        },
    ),
    Indicator(
        code="A38",
        label=Text(zh="销售额达成", en="Revenue by kind"),
        definition=Text(
            zh="本期订单金额按新签、续费、交叉销售、增购拆分；未注明类别者列为“未分类”，不剔除。",
            en="Order amounts of the period as new, renewal, cross-sell and upsell; an order without a kind is "
            "unclassified, never dropped.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 3.4",
        measures=(
            total("amount", "合计", "total", _column("amount"), "sum of order amounts"),
            *[
                total(kind, zh, en, _of_kind(kind), f"sum of the amounts of {en} orders")
                for kind, (zh, en) in ORDER_KINDS.items()
            ],
            total("unclassified", "未分类", "unclassified", _unclassified, "sum of the amounts without a kind"),
        ),
        headline="amount",
        view=ORDERS,
        measure_columns={
            "new": ("orders.kind",),
            "renewal": ("orders.kind",),
            "cross_sell": ("orders.kind",),
            "upsell": ("orders.kind",),
        },
    ),
    Indicator(
        code="A39",
        label=Text(zh="营销活动投资回报", en="Campaign return on investment"),
        definition=Text(
            zh="（归因收入 − 成本）÷ 成本；成本或收入缺失的活动不计入，归因规则随数字列出。",
            en="(Attributed revenue - cost) / cost of the campaigns whose cost and revenue are known; the rule of "
            "attribution is printed beside it.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 10.5",
        measures=(
            _ratio(
                "roi", "投资回报率", "return on investment", _return, _known_cost,
                "100 x (attributed revenue - cost) / cost", "percent", 100.0,
            ),
            total("reached", "触达人数", "people reached", _column("reached"), "sum of reached", unit="count"),
        ),
        headline="roi",
        view=CAMPAIGNS,
        columns=("campaigns.start_at",),
        measure_columns={
            "reached": ("campaigns.reached",),
        },
    ),
    Indicator(
        code="A49",
        label=Text(zh="客户渗透率与方案销售额", en="Customer penetration and solution revenue"),
        definition=Text(
            zh="期末在册客户中持有所声明产品的比例、人均持有产品数，以及该产品的本期销售额。",
            en="Share of the customers at the end of the period who hold the declared product, products per customer, "
            "and the product's revenue in the period.",
        ),
        source="Farris et al. (2010), Marketing Metrics, 2nd ed., 2.4",
        measures=(
            share("penetration", "渗透率", "penetration", _holds, "100 x customers who hold it / eligible customers"),
            mean(
                "products", "人均产品数", "products per customer", _column("products"), "products held / customers",
                unit="count",
            ),
            total(
                "revenue", "方案销售额", "solution revenue", _solution, "sum of the amounts of the product",
                view=ORDERS,
            ),
        ),
        headline="penetration",
        view=ELIGIBLE,
        columns=("orders.product",),
        params={"product": None},
    ),
    Indicator(
        code="A50",
        label=Text(zh="客户营收增长率", en="Growth of the customers' own revenue"),
        definition=Text(
            zh="客户自报营收的增长率中位数，以及提供数据的客户占比。专员难以左右，默认不计分。",
            en="Median growth of the revenue that customers report of themselves, and the share who supplied it. "
            "Specialists hardly control it: it is not scored unless a reason is given.",
        ),
        source="DescTools::MedianCI (R); Hollander, Wolfe and Chicken (2014), 3.6",
        measures=(
            RecordMeasure(
                name="growth",
                label=Text(zh="增长率中位数", en="median growth"),
                family="median",
                unit="percent",
                score=_column("growth"),
                formula="median of 100 x (now - before) / before",
            ),
            share("coverage", "提供数据占比", "coverage", _supplied, "100 x customers who supplied both figures / all"),
        ),
        headline="growth",
        default_anchor=None,
        controllable=False,
        view=REVENUES,
        columns=("customers.own_revenue", "customers.own_revenue_before"),
    ),
)  # fmt: skip
