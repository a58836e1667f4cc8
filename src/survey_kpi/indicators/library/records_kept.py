"""Indicators of records and of the system's use (A30, A35): complete, in time, used."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import HOUR, each, filled, microseconds, one
from survey_kpi.indicators.library.cases import in_order
from survey_kpi.indicators.measures import count, disordered, mean, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, View
from survey_kpi.study.models import Text
from survey_kpi.study.tables import TABLES

Lazy = nw.LazyFrame[Any]


# --- rows -----------------------------------------------------------------------------------------------


def _entries(frames: Frames, params: Params) -> Lazy:
    entries = in_order(frames["interactions"], (("at", "recorded_at"),))
    return entries.with_columns(nw.col("interaction_id").alias("unit"))


def _days(frames: Frames, params: Params) -> Lazy:
    unit = nw.concat_str(nw.col("specialist_id"), nw.lit(" "), nw.col("date").cast(nw.String()))
    return frames["usage"].with_columns(nw.col("date").alias("at"), unit.alias("unit"))


ENTRIES = View(name="entries", tables=("interactions",), rows=_entries)
USAGE = View(name="days_of_use", tables=("usage",), rows=_days)


# --- scores ---------------------------------------------------------------------------------------------


def has(table: str, column: str) -> nw.Expr:
    """Whether a cell of a canonical table holds anything; blank text is nothing."""
    text = TABLES[table].column(column).kind in ("text", "choice")
    return filled(column).fill_null(False) if text else ~nw.col(column).is_null()


def _full(params: Params) -> nw.Expr:
    return nw.all_horizontal(*[has("interactions", name) for name in params["fields"]], ignore_nulls=True)


def _complete(params: Params) -> nw.Expr:
    return one(_full(params), base=nw.lit(True))


def _prompt(params: Params) -> nw.Expr:
    limit = microseconds(nw.col("at")) + int(params["within_hours"] * HOUR)
    return (microseconds(nw.col("recorded_at")) <= limit).fill_null(False)


def _on_time(params: Params) -> nw.Expr:
    return one(_prompt(params), base=~nw.col("disordered"))


def _both(params: Params) -> nw.Expr:
    return one(_full(params) & _prompt(params), base=~nw.col("disordered"))


def _incomplete_entry(params: Params) -> nw.Expr:
    return ~_full(params)


def _working() -> nw.Expr:
    return nw.col("working_day").fill_null(False)


def _active(params: Params) -> nw.Expr:
    signs = [(nw.col(name) > 0).fill_null(False) for name in ("logins", "active_minutes", "entries")]
    return one(nw.any_horizontal(*signs, ignore_nulls=True), base=_working())


def _minutes(params: Params) -> nw.Expr:
    return nw.when(_working()).then(nw.col("active_minutes").cast(nw.Float64()))


def _entered_on_time(params: Params) -> nw.Expr:
    return nw.when(~nw.col("entries").is_null()).then(nw.col("entries_on_time").cast(nw.Float64()))


def _entered(params: Params) -> nw.Expr:
    return nw.when(~nw.col("entries_on_time").is_null()).then(nw.col("entries").cast(nw.Float64()))


def _day_unknown(params: Params) -> nw.Expr:
    return each(nw.col("working_day").is_null())


# --- indicators -----------------------------------------------------------------------------------------

ISO_8000 = "ISO 8000-8:2015 (data quality: concepts and measuring)"

ROWS = (
    Indicator(
        code="A30",
        label=Text(zh="互动记录完整性与及时性", en="Record completeness and timeliness"),
        definition=Text(
            zh="必填项齐全的记录占比、接触后 24 小时（默认）内录入的占比，以及两者兼具的占比；未录入时间的算不及时，"
            "时间自相矛盾的不计入及时性，另行列数。",
            en="Share of records with all required fields, share recorded within 24 hours (unless declared) of the contact, "
            "and share with both. Without a time of recording a record is late; records whose times contradict each other "
            "are left out of timeliness and counted.",
        ),
        source=ISO_8000,
        measures=(
            share("complete", "完整占比", "complete", _complete, "100 x records with all required fields / records"),
            share(
                "on_time", "及时占比", "on time", _on_time,
                "100 x recorded_at - at within the limit / records with times in order",
            ),
            share("both", "完整且及时占比", "complete and on time", _both, "100 x complete and on time / records with times in order"),
            count("disordered", "时间矛盾数", "contradicting times", disordered, "records made before the contact"),
        ),
        headline="both",
        view=ENTRIES,
        columns=("interactions.recorded_at", "interactions.{fields}"),
        params=MappingProxyType({"fields": ("summary", "next_step"), "within_hours": 24}),
        listings=MappingProxyType({"incomplete": _incomplete_entry}),
    ),
    Indicator(
        code="A35",
        label=Text(zh="系统使用率", en="System usage rate"),
        definition=Text(
            zh="工作日中有使用（登录、使用时长或录入）的天数占比，并列工作日平均使用分钟数和及时录入占比；没有是否工作日标记的"
            "人天不计入，另行列数。容易被人为做高，不宜单独计分。",
            en="Share of working days with a login, minutes of use or an entry, beside the mean minutes of a working day and the "
            "share of entries made in time; days that are not marked as working or not are left out and counted. Easily "
            "gamed: not to be scored alone.",
        ),
        source="ISO/IEC 25022:2016 (quality in use), usage",
        measures=(
            share("active", "活跃天数占比", "active days", _active, "100 x working days with use / working days"),
            mean("minutes", "日均使用分钟", "minutes a day", _minutes, "mean active minutes of a working day", unit="minutes"),
            RecordMeasure(
                name="entries_on_time", label=Text(zh="及时录入占比", en="entries in time"), family="ratio",
                unit="percent", scale_by=100.0, score=_entered_on_time, per=_entered,
                formula="100 x entries in time / entries",
            ),
            count("day_unknown", "未标记人天", "unmarked days", _day_unknown, "days without a mark of working or not"),
        ),
        headline="active",
        view=USAGE,
        measure_columns={
            "active": ("usage.logins|usage.active_minutes|usage.entries",),
        },
        columns=("usage.working_day",),
    ),
)  # fmt: skip
