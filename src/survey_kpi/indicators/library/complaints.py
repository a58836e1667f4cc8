"""Indicators of complaints (A09 to A18): solved at once, in time, how long it took."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import each, known, one
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, View
from survey_kpi.study.models import Text


def _cases(frames: Frames, params: Params) -> nw.LazyFrame[Any]:
    return frames["complaints"].with_columns(nw.col("opened_at").alias("at"), nw.col("case_id").alias("unit"))


CASES = View(name="complaints", tables=("complaints",), rows=_cases)


def _due(params: Params) -> nw.Expr:
    return ~nw.col("due_at").is_null() & (
        ~known("resolved_at").is_null() | (nw.col("due_at") < nw.col("cut_off"))
    )


def _in_time(params: Params) -> nw.Expr:
    return one(known("resolved_at") <= nw.col("due_at"), base=_due(params))


def _not_due(params: Params) -> nw.Expr:
    return each(known("resolved_at").is_null() & (nw.col("due_at") >= nw.col("cut_off")))


ROWS = (
    Indicator(
        code="A10",
        label=Text(zh="投诉处理及时率", en="Complaint timeliness"),
        definition=Text(
            zh="按时解决的投诉占（按时解决 + 逾期解决 + 未解决且已逾期）的比例；"
            "未解决但未到期的不计入，另行列数。",
            en="Complaints resolved on time among those resolved on time, resolved late, or open and "
            "overdue; open ones that are not yet due are counted apart.",
        ),
        source="ISO 10002:2018, 8.3 (monitoring of the complaints-handling process)",
        measures=(
            RecordMeasure(
                name="on_time",
                label=Text(zh="按时占比", en="on time"),
                family="proportion",
                unit="percent",
                scale_by=100.0,
                score=_in_time,
                formula="100 x on time / (on time + late + open and overdue)",
            ),
            RecordMeasure(
                name="not_due",
                label=Text(zh="未到期件数", en="open, not yet due"),
                family="count",
                unit="count",
                score=_not_due,
                formula="open complaints that are not yet due",
            ),
        ),
        headline="on_time",
        view=CASES,
    ),
)
