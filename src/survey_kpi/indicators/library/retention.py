"""Indicators of the customer book (A19 to A23): who stays, who leaves, who buys again."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import one
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, View
from survey_kpi.study.models import Text


def _at_start(frames: Frames, params: Params) -> nw.LazyFrame[Any]:
    """Customers active when a period starts; `until` is the day they were lost, or the period's end."""
    end, start = nw.col("end_at"), nw.col("period_start")
    book = frames["customers"].join(frames["periods"], how="cross")
    active = book.filter(nw.col("start_at") < start, end.is_null() | (end >= start))
    lost = ~end.is_null() & (end < nw.col("period_end"))
    return active.with_columns(
        start.alias("at"),
        nw.col("customer_id").alias("unit"),
        lost.alias("lost"),
        nw.when(lost).then(end).otherwise(nw.col("period_end")).alias("until"),
    )


AT_START = View(
    name="customers_at_start", tables=("customers",), rows=_at_start, by_period=True, until="until"
)


def _lost(params: Params) -> nw.Expr:
    return one(nw.col("lost"), base=nw.lit(True))


ROWS = (
    Indicator(
        code="A19",
        label=Text(zh="客户流失率", en="Customer churn rate"),
        definition=Text(
            zh="期初在册客户中期末前流失的比例。",
            en="Share of the customers active at the start of the period who were lost before its end.",
        ),
        source="Gupta et al. (2006), Modeling customer lifetime value, J. Service Research 9(2)",
        measures=(
            RecordMeasure(
                name="churn",
                label=Text(zh="流失率", en="churn"),
                family="proportion",
                unit="percent",
                scale_by=100.0,
                score=_lost,
                formula="100 x lost in the period / active at its start",
            ),
        ),
        headline="churn",
        direction="lower",
        view=AT_START,
    ),
)
