"""Indicators of how long things take (A15, A16, A17, G02, G08): with open cases censored, never dropped."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import (
    HOUR,
    each,
    hours_between,
    known,
    known_moment,
    microseconds,
    one,
)
from survey_kpi.indicators.library.cases import OPENED, STAGES, complaints
from survey_kpi.indicators.library.contacts import CONTACTS
from survey_kpi.indicators.measures import count, disordered, duration, mean, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, RowScore, View
from survey_kpi.study.interval import Interval, parse_interval
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
STAGE_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "confirm": ("受理确认", "confirmation"),
        "respond": ("首次响应", "first response"),
        "resolve": ("解决", "resolution"),
        "feedback": ("反馈", "feedback"),
    }
)
"""What ends each stage of a complaint; it begins where the one before it ended."""


# --- rows -----------------------------------------------------------------------------------------------


def _promised(frames: Frames, params: Params) -> Lazy:
    """Complaints with `until`, the moment promised to the customer's tier, and why there is none.

    Hours that the sheet sets run day and night; without them the study's service levels hold, on their clock.
    """
    cases = complaints(frames).with_columns(nw.col("opened_at").alias("at"))
    if not params["promise_hours"]:
        return _as_declared(cases)
    tiers = frames["customers"].select(
        nw.col("customer_id").alias("customer"), nw.col("tier").alias("promised_tier")
    )
    promise: nw.Expr = nw.when(nw.lit(False)).then(nw.lit(0))
    for tier, hours in params["promise_hours"].items():
        promise = nw.when(nw.col("promised_tier") == tier).then(nw.lit(int(hours * HOUR))).otherwise(promise)
    joined = cases.join(tiers, left_on="customer_id", right_on="customer", how="left")
    return joined.with_columns(
        (microseconds(nw.col("at")) + promise).alias("until"), promise.is_null().alias("unpromised")
    )


def _as_declared(cases: Lazy) -> Lazy:
    """Take the times that the reader of tables has computed, where the study declares service levels."""
    if "response_due_at" not in cases.collect_schema().names():
        never = nw.when(nw.lit(False)).then(nw.lit(0))
        return cases.with_columns(never.alias("until"), nw.lit(True).alias("unpromised"))
    return cases.with_columns(
        microseconds(nw.col("response_due_at")).alias("until"),
        (nw.col("response_due_from") == "no_promise").alias("unpromised"),
    )


PROMISED = View(
    name="complaints_promised",
    tables=("complaints", "customers"),
    rows=_promised,
    params=("promise_hours",),
)


# --- scores ---------------------------------------------------------------------------------------------


def _hours(span: nw.Expr) -> nw.Expr:
    return span.cast(nw.Float64()) / HOUR


def _closed(end: str) -> nw.Expr:
    """Whether a case has ended; a resolution does not end a case that was reopened."""
    closed = ~known(end).is_null()
    return closed & known("reopened_at").is_null() if end == "resolved_at" else closed


def _taken(start: str, end: str) -> RowScore:
    """Hours of a stage until its end or the cut-off, of cases that reached it and do not contradict themselves."""

    def score(params: Params) -> nw.Expr:
        now = microseconds(nw.col("cut_off"))
        until = nw.when(_closed(end)).then(microseconds(nw.col(end))).otherwise(now)
        return nw.when(~nw.col("disordered")).then(_hours(until - known_moment(start)))

    return score


def _ended(end: str) -> RowScore:
    return lambda params: _closed(end)


def _open(end: str) -> RowScore:
    return lambda params: each(~nw.col("disordered") & ~_closed(end))


def _complete() -> nw.Expr:
    missing = [known(stage).is_null() for stage in STAGES[1:]]
    return ~nw.col("disordered") & ~nw.any_horizontal(*missing, ignore_nulls=True)


def _stage(start: str, end: str) -> RowScore:
    return lambda params: nw.when(_complete()).then(hours_between(nw.col(start), nw.col(end)))


def _incomplete(params: Params) -> nw.Expr:
    return each(~_complete())


def _seconds(column: str) -> RowScore:
    return lambda params: nw.col(column).cast(nw.Float64())


def _inside(column: str, band: str) -> RowScore:
    def score(params: Params) -> nw.Expr:
        seconds = nw.col(column)
        held = _holds(parse_interval(str(params[band]), where=f"params.{band}"), seconds)
        return one(held, base=~seconds.is_null())

    return score


def _holds(band: Interval, value: nw.Expr) -> nw.Expr:
    above = value >= band.low if band.holds_low else value > band.low
    return above & (value <= band.high if band.holds_high else value < band.high)


def _answered() -> nw.Expr:
    return known_moment("first_response_at")


def _promise_due() -> nw.Expr:
    elapsed = nw.col("until") < microseconds(nw.col("cut_off"))
    return ~nw.col("disordered") & ~nw.col("until").is_null() & (elapsed | ~_answered().is_null())


def _kept(params: Params) -> nw.Expr:
    return one(_answered() <= nw.col("until"), base=_promise_due())


def _without_promise(params: Params) -> nw.Expr:
    return each(nw.col("unpromised"))


def _promise_waits(params: Params) -> nw.Expr:
    return each(~nw.col("until").is_null() & ~_promise_due())


def _outside_calendar(params: Params) -> nw.Expr:
    return each(~nw.col("unpromised") & nw.col("until").is_null())


# --- measures -------------------------------------------------------------------------------------------


def _times(start: str, end: str, zh: str, en: str) -> tuple[RecordMeasure, ...]:
    curve = "of the Kaplan-Meier curve, open cases censored at the cut-off"
    return (
        duration(
            "median", f"{zh}中位数", f"median {en}", _taken(start, end), _ended(end), f"median {curve}"
        ),
        duration(
            "p90", f"{zh} 90 分位数", f"{en}, 90th percentile", _taken(start, end), _ended(end),
            f"90th percentile {curve}", quantile=0.9,
        ),
        count("open", "未完成件数", "still open", _open(end), "complaints open at the cut-off"),
        count(
            "disordered", "时间矛盾件数", "contradicting times", disordered,
            "complaints whose times contradict each other, which have no duration",
        ),
    )  # fmt: skip


def _band(prefix: str, column: str, band: str, zh: str, en: str) -> tuple[RecordMeasure, ...]:
    return (
        mean(f"{prefix}_mean", f"{zh}均值", f"mean {en}", _seconds(column), f"mean of {column}", unit="seconds"),
        RecordMeasure(
            name=f"{prefix}_median", label=Text(zh=f"{zh}中位数", en=f"median {en}"), family="median",
            unit="seconds", score=_seconds(column), formula=f"median of {column}",
        ),
        share(
            f"{prefix}_in_band", f"{zh}区间内占比", f"{en} inside the band", _inside(column, band),
            f"100 x {column} inside params.{band} / contacts with {column}",
        ),
    )  # fmt: skip


def _stage_measures() -> tuple[RecordMeasure, ...]:
    stages = list(zip(STAGE_NAMES.items(), STAGES[:-1], STAGES[1:], strict=True))
    means = [
        mean(
            name, f"{zh}阶段平均时长", f"mean time to {en}", _stage(start, end),
            f"mean of {end} - {start} over complaints with all stages", unit="hours",
        )
        for (name, (zh, en)), start, end in stages
    ]  # fmt: skip
    medians = [
        duration(
            f"{name}_median", f"{zh}阶段中位时长", f"median time to {en}", _taken(start, end), _ended(end),
            f"median of {end} - {start}, complaints still in the stage censored at the cut-off",
        )
        for (name, (zh, en)), start, end in stages
    ]  # fmt: skip
    whole = mean(
        "total", "全流程平均时长", "mean time from receipt to feedback", _stage(STAGES[0], STAGES[-1]),
        "mean of feedback_at - opened_at over complaints with all stages: the sum of the stages", unit="hours",
    )  # fmt: skip
    return (
        *means,
        whole,
        *medians,
        count(
            "incomplete", "阶段不全件数", "without all stages", _incomplete,
            "complaints without all stages, or with times that contradict each other",
        ),
    )  # fmt: skip


# --- indicators -----------------------------------------------------------------------------------------

KAPLAN_MEIER = "Kaplan and Meier (1958), JASA 53; interval: Brookmeyer and Crowley (1982), Biometrics 38"

ROWS = (
    Indicator(
        code="A15",
        label=Text(zh="首次响应时长", en="First response time"),
        definition=Text(
            zh="从立案到首次响应的小时数；截止时仍未响应的按删失处理，不剔除。",
            en="Hours from opening to the first response; complaints without one at the cut-off are censored, not dropped.",
        ),
        source=KAPLAN_MEIER,
        measures=_times("opened_at", "first_response_at", "首次响应时长", "first response time"),
        headline="median",
        direction="lower",
        view=OPENED,
        columns=("complaints.first_response_at",),
    ),
    Indicator(
        code="A16",
        label=Text(zh="投诉解决时效", en="Complaint resolution time"),
        definition=Text(
            zh="从立案到解决的小时数；截止时未解决的、解决后又重开的按删失处理，不剔除。",
            en="Hours from opening to the resolution; complaints that are open at the cut-off, those reopened after a "
            "resolution included, are censored, not dropped.",
        ),
        source=KAPLAN_MEIER,
        measures=_times("opened_at", "resolved_at", "解决时长", "resolution time"),
        headline="median",
        direction="lower",
        view=OPENED,
        columns=("complaints.resolved_at",),
    ),
    Indicator(
        code="A17",
        label=Text(zh="事后处理时间与平均放弃时间", en="After-call work time and time to abandon"),
        definition=Text(
            zh="事后处理秒数与放弃前等待秒数的均值、中位数和落在区间内的占比；默认区间 [30, 60] 与 [20, 60]"
            "（两端均含）。默认区间来源：未经核实的原始资料。",
            en="Seconds of work after a call, and of waiting before a caller gives up: mean, median and share inside a band, "
            "[30, 60] and [20, 60] unless declared, both ends inside. Source of these bands: unverified seed.",
        ),
        source="unverified seed (bands); Hollander, Wolfe and Chicken (2014), 3.6 (interval of the median)",
        measures=(
            *_band("work", "after_call_work_s", "band", "事后处理时间", "after-call work"),
            *_band("abandon", "abandoned_after_s", "abandon_band", "放弃前等待时间", "time to abandon"),
        ),
        headline="work_in_band",
        view=CONTACTS,
        measure_columns={
            "work_mean": ("interactions.after_call_work_s",),
            "work_median": ("interactions.after_call_work_s",),
            "work_in_band": ("interactions.after_call_work_s",),
            "abandon_mean": ("interactions.abandoned_after_s",),
            "abandon_median": ("interactions.abandoned_after_s",),
            "abandon_in_band": ("interactions.abandoned_after_s",),
        },
        params=MappingProxyType({"band": "[30, 60]", "abandon_band": "[20, 60]"}),
    ),
    Indicator(
        code="G02",
        label=Text(zh="差异化服务：承诺时限兑现率", en="Service level by tier"),
        definition=Text(
            zh="在向客户所属层级承诺的时限内首次响应的投诉占比：时限取自指标参数 promise_hours（昼夜连续计时），未设时取自"
            "研究的 service_levels（按其计时方式）。层级没有承诺时不适用；尚未到承诺时限且未响应的、工作日历未覆盖的不计入，"
            "均另行列数。",
            en="Share of complaints answered within the time promised to the customer's tier: params.promise_hours, day and "
            "night, or else the study's service levels on their own clock. A tier without a promise is not applicable; "
            "complaints without an answer whose promise has not run out, and those on days that the working calendar does "
            "not cover, are left out; all are counted.",
        ),
        source="Wilson (1927), JASA 22; the promise is the company's own",
        measures=(
            RecordMeasure(
                name="kept", label=Text(zh="承诺兑现占比", en="promise kept"), family="proportion",
                unit="percent", scale_by=100.0, score=_kept, per=_without_promise,
                formula="100 x first response within the tier's promise / complaints with a promise that was due",
            ),
            count("without_promise", "无承诺件数", "without a promise", _without_promise, "complaints without a promise"),
            count(
                "not_due", "未到承诺时限件数", "promise not due", _promise_waits,
                "unanswered complaints whose promise has not run out",
            ),
            count(
                "outside_calendar", "日历未覆盖件数", "outside the calendar", _outside_calendar,
                "complaints with a promise on days that the working calendar does not cover",
            ),
        ),
        headline="kept",
        view=PROMISED,
        columns=("complaints.first_response_at", "customers.tier"),
        params=MappingProxyType({"promise_hours": {}}),
    ),
    Indicator(
        code="G08",
        label=Text(zh="投诉流程时长", en="Complaint stages"),
        definition=Text(
            zh="受理、确认、响应、解决、反馈各阶段的时长。均值只取阶段齐全的投诉，各阶段之和等于全流程；中位数含仍处于该"
            "阶段的投诉（按删失处理）。时间自相矛盾的记入审核表，不计入。",
            en="Times from receipt to confirmation, response, resolution and feedback. Means are those of complaints with all "
            "stages and sum to the whole; medians include complaints still in the stage, censored. Complaints whose times "
            "contradict each other stand in the audit and are left out.",
        ),
        source=f"ISO 10002:2018, 7 (operation of the process); {KAPLAN_MEIER}",
        measures=_stage_measures(),
        headline="total",
        direction="lower",
        view=OPENED,
        columns=tuple(f"complaints.{stage}" for stage in STAGES[1:]),
    ),
)  # fmt: skip
