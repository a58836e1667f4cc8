"""Indicators of customers' profiles (A31 to A34): complete, correct, fresh."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import (
    DAY,
    days_after,
    each,
    filled,
    known,
    known_moment,
    microseconds,
    one,
)
from survey_kpi.indicators.library.records_kept import ISO_8000, has
from survey_kpi.indicators.measures import count, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, RowScore, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
AGES = ((0, 30), (30, 60), (60, 90), (90, 180), (180, 365))
"""Days since a profile was last updated: classes of the histogram, beyond the lower end up to the upper one."""


# --- rows -----------------------------------------------------------------------------------------------


def _profiles(frames: Frames, params: Params) -> Lazy:
    """Customers on the book when a period ends, shared among those who had them during it."""
    begun, end, start = nw.col("start_at"), nw.col("end_at"), nw.col("period_start")
    book = frames["customers"].join(frames["periods"], how="cross")
    there = book.filter(begun < nw.col("period_end"), end.is_null() | (end >= nw.col("period_end")))
    return there.with_columns(
        nw.when(begun > start).then(begun).otherwise(start).alias("at"),
        nw.col("period_end").alias("until"),
        nw.col("customer_id").alias("unit"),
    )


def _lost(frames: Frames, params: Params) -> Lazy:
    return frames["customers"].with_columns(nw.col("end_at").alias("at"), nw.col("customer_id").alias("unit"))


def _audits(frames: Frames, params: Params) -> Lazy:
    """Audited cells; the unit names customer and field."""
    fields = list(params.get("audited_fields", ()))
    audits = frames["audits"].filter(nw.col("field").is_in(fields)) if fields else frames["audits"]
    unit = nw.concat_str(nw.col("customer_id"), nw.lit(" "), nw.col("field"))
    return audits.with_columns(nw.col("audited_at").alias("at"), unit.alias("unit"))


PROFILES = View(name="profiles", tables=("customers",), rows=_profiles, by_period=True, until="until")
LOST = View(name="customers_lost", tables=("customers",), rows=_lost)
AUDITS = View(name="audited_cells", tables=("audits",), rows=_audits, params=("audited_fields",))


# --- scores ---------------------------------------------------------------------------------------------


def _cells(params: Params) -> list[nw.Expr]:
    return [has("customers", name) for name in params["fields"]]


def _filled_cells(params: Params) -> nw.Expr:
    return nw.sum_horizontal(*[cell.cast(nw.Float64()) for cell in _cells(params)])


def _required_cells(params: Params) -> nw.Expr:
    return nw.lit(float(len(params["fields"])))


def _complete_profile(params: Params) -> nw.Expr:
    return one(nw.all_horizontal(*_cells(params), ignore_nulls=True), base=nw.lit(True))


def _incomplete_profile(params: Params) -> nw.Expr:
    return ~nw.all_horizontal(*_cells(params), ignore_nulls=True)


def _verified() -> nw.Expr:
    return filled("true_value").fill_null(False)


def _accurate(params: Params) -> nw.Expr:
    same = nw.col("crm_value").str.strip_chars() == nw.col("true_value").str.strip_chars()
    return one(same, base=_verified())


def _unverified(params: Params) -> nw.Expr:
    return each(~_verified())


def _age_known() -> nw.Expr:
    updated = nw.col("last_updated_at")
    return updated.is_null() | (updated < nw.col("period_end"))


def _age() -> nw.Expr:
    """Microseconds from the last update to the end of the period."""
    return microseconds(nw.col("period_end")) - microseconds(nw.col("last_updated_at"))


def _fresh(params: Params) -> nw.Expr:
    return one(_age() <= int(params["window_days"] * DAY), base=_age_known())


def _updated_later(params: Params) -> nw.Expr:
    return each(~_age_known())


def _aged(low: int, high: int) -> RowScore:
    return lambda params: each(_age_known() & (_age() > low * DAY) & (_age() <= high * DAY))


def _oldest(params: Params) -> nw.Expr:
    return each(_age_known() & (_age() > AGES[-1][1] * DAY))


def _never_updated(params: Params) -> nw.Expr:
    return each(nw.col("last_updated_at").is_null())


def _is_stale(params: Params) -> nw.Expr:
    fresh = _age() <= int(params["window_days"] * DAY)
    return _age_known() & ~fresh.fill_null(False)


def _marked() -> nw.Expr:
    return ~known("marked_lost_at").is_null()


def _marking_over(params: Params) -> nw.Expr:
    return days_after(nw.col("end_at"), params["mark_days"]) < microseconds(nw.col("cut_off"))


def _marked_in_time(params: Params) -> nw.Expr:
    in_time = known_moment("marked_lost_at") <= days_after(nw.col("end_at"), params["mark_days"])
    return one(in_time, base=_marked() | _marking_over(params))


def _marking_waits(params: Params) -> nw.Expr:
    return each(~_marked() & ~_marking_over(params))


# --- measures -------------------------------------------------------------------------------------------


def _ages() -> tuple[RecordMeasure, ...]:
    classes = [
        count(
            f"age_{high}", f"{low}–{high} 天前更新" if low else f"{high} 天内更新",
            f"updated {low}-{high} days ago" if low else f"updated within {high} days", _aged(low, high),
            f"profiles whose age is above {low} and at most {high} days",
        )
        for low, high in AGES
    ]  # fmt: skip
    oldest = AGES[-1][1]
    return (
        *classes,
        count(
            "age_older",
            f"{oldest} 天以前更新",
            f"updated over {oldest} days ago",
            _oldest,
            f"profiles above {oldest} days",
        ),
        count("never_updated", "从未更新", "never updated", _never_updated, "profiles without an update"),
    )


ACCURACY = share(
    "accuracy",
    "准确率",
    "accuracy",
    _accurate,
    "100 x audited cells that match / audited cells",
    view=AUDITS,
)
UNVERIFIED = count(
    "unverified",
    "未能核实数",
    "not verified",
    _unverified,
    "audited cells without a true value",
    view=AUDITS,
)


# --- indicators -----------------------------------------------------------------------------------------

PROFILE = ("phone", "email", "address", "preference", "industry")

ROWS = (
    Indicator(
        code="A31",
        label=Text(zh="客户档案完整率与准确率", en="Profile completeness and accuracy"),
        definition=Text(
            zh="期末在册客户档案：必填单元格填写率、必填项齐全的档案占比，以及抽样核查中与实际相符的单元格占比。完整与准确"
            "分别列示，不合为一个数。",
            en="Profiles of the customers on the book when the period ends: required cells filled, profiles with all of them, "
            "and audited cells that match the truth. Completeness and accuracy are never one number.",
        ),
        source=f"{ISO_8000}; interval of the audit: Wilson (1927), JASA 22",
        measures=(
            RecordMeasure(
                name="completeness", label=Text(zh="单元格完整率", en="cells filled"), family="ratio",
                unit="percent", scale_by=100.0, score=_filled_cells, per=_required_cells,
                formula="100 x required cells filled / required cells",
            ),
            share(
                "completeness_records", "档案完整率", "complete profiles", _complete_profile,
                "100 x profiles with all required cells / profiles",
            ),
            ACCURACY,
            UNVERIFIED,
        ),
        headline="completeness",
        view=PROFILES,
        measure_columns={
            "completeness": ("customers.{fields}",),
            "completeness_records": ("customers.{fields}",),
            "accuracy": ("audits.crm_value", "audits.true_value"),
            "unverified": ("audits.true_value",),
        },
        params=MappingProxyType({"fields": PROFILE}),
        listings=MappingProxyType({"incomplete": _incomplete_profile}),
    ),
    Indicator(
        code="A32",
        label=Text(zh="客户基本信息准确率", en="Accuracy of basic data"),
        definition=Text(
            zh="抽样核查中与实际相符的单元格占比；没有核查即为未测量，绝不视为 100%。",
            en="Audited cells that match the truth; without an audit it is not measured, never 100 %.",
        ),
        source=f"{ISO_8000}; Wilson (1927), JASA 22",
        measures=(ACCURACY, UNVERIFIED),
        headline="accuracy",
        view=AUDITS,
        columns=("audits.crm_value", "audits.true_value"),
        params=MappingProxyType({"audited_fields": ()}),
    ),
    Indicator(
        code="A33",
        label=Text(zh="数据修正建议", en="Data repair proposals"),
        definition=Text(
            zh="重复与格式错误形成修正建议（原值、新值、规则），只在副本上执行并逐条留痕，原始文件永不改动。",
            en="Duplicates and format faults become proposals (old value, new value, rule), applied to a working copy alone "
            "with a log row for each; raw files are never overwritten.",
        ),
        source=ISO_8000,
        measures=(),
        headline="",
        home="survey_kpi.records.repairs",
    ),
    Indicator(
        code="A34",
        label=Text(zh="数据更新及时性", en="Data freshness"),
        definition=Text(
            zh="期末在册客户中，档案在 90 天（默认）内更新过的占比，恰 90 天算及时，从未更新的算不及时；并列流失客户在流失后"
            " 30 天内被标记的占比。期末之后才更新的档案无法判断，另行列数。",
            en="Share of the profiles on the book when the period ends that were updated within 90 days (unless declared), 90 "
            "days exactly being fresh and no update being stale, beside the share of lost customers marked as lost within 30 "
            "days. Profiles updated after the period cannot be judged and are counted.",
        ),
        source=ISO_8000,
        measures=(
            share("fresh", "及时更新占比", "fresh", _fresh, "100 x profiles updated within the window / profiles"),
            share(
                "marked", "流失及时标记占比", "lost customers marked in time", _marked_in_time,
                "100 x marked as lost within the limit / lost customers marked or past the limit", view=LOST,
            ),
            count(
                "marking_waits", "流失待标记数", "marking not due", _marking_waits,
                "unmarked lost customers within the limit", view=LOST,
            ),
            *_ages(),
            count("updated_later", "期后更新数", "updated later", _updated_later, "profiles updated after the period"),
        ),
        headline="fresh",
        view=PROFILES,
        measure_columns={
            "marked": ("customers.end_at", "customers.marked_lost_at"),
            "marking_waits": ("customers.end_at", "customers.marked_lost_at"),
            "fresh": ("customers.last_updated_at",),
            "age_30": ("customers.last_updated_at",),
            "age_60": ("customers.last_updated_at",),
            "age_90": ("customers.last_updated_at",),
            "age_180": ("customers.last_updated_at",),
            "age_365": ("customers.last_updated_at",),
            "age_older": ("customers.last_updated_at",),
            "never_updated": ("customers.last_updated_at",),
            "updated_later": ("customers.last_updated_at",),
        },
        params=MappingProxyType({"window_days": 90, "mark_days": 30}),
        listings=MappingProxyType({"stale": _is_stale}),
    ),
)  # fmt: skip
