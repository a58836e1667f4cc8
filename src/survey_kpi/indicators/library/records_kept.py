"""Indicators of records and of the system's use (A30 to A35): complete, correct, fresh, used."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import (
    DAY,
    HOUR,
    days_after,
    each,
    filled,
    known,
    known_moment,
    microseconds,
    one,
)
from survey_kpi.indicators.library.cases import in_order
from survey_kpi.indicators.measures import count, mean, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, RowScore, View
from survey_kpi.study.models import Text
from survey_kpi.study.tables import TABLES

Lazy = nw.LazyFrame[Any]
AGES = ((0, 30), (30, 60), (60, 90), (90, 180), (180, 365))
"""Days since a profile was last updated: classes of the histogram, beyond the lower end up to the upper one."""


# --- rows -----------------------------------------------------------------------------------------------


def _entries(frames: Frames, params: Params) -> Lazy:
    entries = in_order(frames["interactions"], (("at", "recorded_at"),))
    return entries.with_columns(nw.col("interaction_id").alias("unit"))


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


def _days(frames: Frames, params: Params) -> Lazy:
    unit = nw.concat_str(nw.col("specialist_id"), nw.lit(" "), nw.col("date").cast(nw.String()))
    return frames["usage"].with_columns(nw.col("date").alias("at"), unit.alias("unit"))


ENTRIES = View(name="entries", tables=("interactions",), rows=_entries)
PROFILES = View(name="profiles", tables=("customers",), rows=_profiles, by_period=True, until="until")
LOST = View(name="customers_lost", tables=("customers",), rows=_lost)
AUDITS = View(name="audited_cells", tables=("audits",), rows=_audits, params=("audited_fields",))
USAGE = View(name="days_of_use", tables=("usage",), rows=_days)


# --- scores ---------------------------------------------------------------------------------------------


def _has(table: str, column: str) -> nw.Expr:
    text = TABLES[table].column(column).kind in ("text", "choice")
    return filled(column).fill_null(False) if text else ~nw.col(column).is_null()


def _full(params: Params) -> nw.Expr:
    return nw.all_horizontal(*[_has("interactions", name) for name in params["fields"]], ignore_nulls=True)


def _complete(params: Params) -> nw.Expr:
    return one(_full(params), base=nw.lit(True))


def _prompt(params: Params) -> nw.Expr:
    limit = microseconds(nw.col("at")) + int(params["within_hours"] * HOUR)
    return (microseconds(nw.col("recorded_at")) <= limit).fill_null(False)


def _on_time(params: Params) -> nw.Expr:
    return one(_prompt(params), base=~nw.col("disordered"))


def _both(params: Params) -> nw.Expr:
    return one(_full(params) & _prompt(params), base=~nw.col("disordered"))


def _disordered(params: Params) -> nw.Expr:
    return each(nw.col("disordered"))


def _incomplete_entry(params: Params) -> nw.Expr:
    return ~_full(params)


def _cells(params: Params) -> list[nw.Expr]:
    return [_has("customers", name) for name in params["fields"]]


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

ISO_8000 = "ISO 8000-8:2015 (data quality: concepts and measuring)"
PROFILE = ("phone", "email", "address", "preference", "industry")

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
            count("disordered", "时间矛盾数", "contradicting times", _disordered, "records made before the contact"),
        ),
        headline="both",
        view=ENTRIES,
        columns=("interactions.recorded_at",),
        params=MappingProxyType({"fields": ("summary", "next_step"), "within_hours": 24}),
        listings=MappingProxyType({"incomplete": _incomplete_entry}),
    ),
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
        columns=("customers.last_updated_at",),
        params=MappingProxyType({"window_days": 90, "mark_days": 30}),
        listings=MappingProxyType({"stale": _is_stale}),
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
        columns=("usage.working_day",),
    ),
)  # fmt: skip
