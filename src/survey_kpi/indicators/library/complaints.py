"""Indicators of complaints (A09, A10, A13, A18): how many, solved at once, in time."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.errors import SpecError
from survey_kpi.indicators.expressions import (
    HOUR,
    SPAN,
    dated,
    days_after,
    each,
    known,
    known_moment,
    microseconds,
    moment,
    one,
)
from survey_kpi.indicators.library.cases import ISO, OPENED, RESOLVED, in_order, mature, not_mature
from survey_kpi.indicators.measures import count, every, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, RowScore, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
WINDOWS = (3, 7, 14)
"""Days after the resolution for which first-contact resolution is shown beside its own window."""


# --- rows -----------------------------------------------------------------------------------------------


def _with_exposure(frames: Frames, params: Params) -> Lazy:
    """Complaints (`complaint` 1) and what they are counted over (`exposure` 1), in one table."""
    opened = frames["complaints"].with_columns(nw.col("opened_at").alias("at"))
    exposure = params["exposure"]
    if exposure not in EXPOSURES:
        raise SpecError(
            "unknown_parameter", where="A13: params.exposure", what="complaints are not counted over this",
            got=exposure, expected=" or ".join(EXPOSURES),
        )  # fmt: skip
    parts = [_part(dated(opened, frames["months"]), "case_id", complaint=1.0, until=moment())]
    if exposure in frames:
        parts.append(EXPOSURES[exposure](frames))
    return nw.concat(parts, how="vertical")


def _customers(frames: Frames) -> Lazy:
    """Customers active when a period starts, shared among their owners until they leave or it ends."""
    end, start = nw.col("end_at"), nw.col("period_start")
    book = frames["customers"].join(frames["periods"], how="cross")
    active = book.filter(nw.col("start_at") <= start, end.is_null() | (end >= start))
    left = ~end.is_null() & (end < nw.col("period_end"))
    until = nw.when(left).then(end).otherwise(nw.col("period_end"))
    return _part(active.with_columns(start.alias("at")), "customer_id", complaint=0.0, until=until)


def _interactions(frames: Frames) -> Lazy:
    touches = dated(frames["interactions"], frames["months"])
    return _part(touches, "interaction_id", complaint=0.0, until=moment())


EXPOSURES: dict[str, Callable[[Frames], Lazy]] = {"customers": _customers, "interactions": _interactions}


def _part(rows: Lazy, unit: str, *, complaint: float, until: nw.Expr) -> Lazy:
    return rows.select(
        "customer_id",
        "at",
        *SPAN,
        nw.col(unit).alias("unit"),
        until.alias("until"),
        nw.lit(complaint).alias("complaint"),
        nw.lit(1.0 - complaint).alias("exposure"),
    )


def _incidents(frames: Frames, params: Params) -> Lazy:
    incidents = in_order(frames["incidents"], (("occurred_at", "plan_made_at"),))
    return incidents.with_columns(nw.col("occurred_at").alias("at"), nw.col("incident_id").alias("unit"))


EXPOSED = View(
    name="complaints_and_exposure",
    tables=("complaints",),
    optional=("customers", "interactions"),
    rows=_with_exposure,
    params=("exposure",),
    by_period=True,
    until="until",
)
INCIDENTS = View(name="incidents", tables=("incidents",), rows=_incidents)


# --- scores ---------------------------------------------------------------------------------------------


def _contacts_known() -> nw.Expr:
    return ~nw.col("contacts").is_null()


def _at_once(days: float) -> nw.Expr:
    reopened = known_moment("reopened_at") <= days_after(nw.col("resolved_at"), days)
    solved = (nw.col("contacts") == 1) & ~reopened.fill_null(False)
    return one(solved, base=_contacts_known() & mature(days))


def _at_once_within(days: float) -> RowScore:
    return lambda params: _at_once(days)


def _first_contact(params: Params) -> nw.Expr:
    return _at_once(params["window_days"])


def _contacts_missing(params: Params) -> nw.Expr:
    return each(~_contacts_known())


def _has_due() -> nw.Expr:
    return ~nw.col("due_at").is_null() & ~nw.col("disordered")


def _waits() -> nw.Expr:
    return _has_due() & known("resolved_at").is_null() & (nw.col("due_at") >= nw.col("cut_off"))


def _in_time() -> nw.Expr:
    return _has_due() & (known("resolved_at") <= nw.col("due_at")).fill_null(False)


def _on_time(params: Params) -> nw.Expr:
    return one(_in_time(), base=_has_due() & ~_waits())


def _resolved_on_time(params: Params) -> nw.Expr:
    return each(_in_time())


def _late(params: Params) -> nw.Expr:
    return each(_has_due() & (known("resolved_at") > nw.col("due_at")))


def _overdue(params: Params) -> nw.Expr:
    return each(_has_due() & known("resolved_at").is_null() & (nw.col("due_at") < nw.col("cut_off")))


def _not_due(params: Params) -> nw.Expr:
    return each(_waits())


def _due_computed(params: Params) -> nw.Expr:
    return each(nw.col("due_from") == "computed")


def _outside_calendar(params: Params) -> nw.Expr:
    return each(nw.col("due_from") == "no_calendar")


def _without_due(params: Params) -> nw.Expr:
    return each(~_has_due())


def _complaint(params: Params) -> nw.Expr:
    return nw.col("complaint")


def _exposure(params: Params) -> nw.Expr:
    return nw.col("exposure")


def _fast() -> nw.Expr:
    return (known_moment("plan_made_at") - microseconds(nw.col("at"))).cast(nw.Float64()) / HOUR


def _judged(params: Params) -> nw.Expr:
    passed = microseconds(nw.col("at")) + int(params["within_hours"] * HOUR) < microseconds(nw.col("cut_off"))
    return ~nw.col("disordered") & (passed | ~_fast().is_null())


def _planned(params: Params) -> nw.Expr:
    return one(_fast() <= params["within_hours"], base=_judged(params))


def _coordinated() -> nw.Expr:
    return nw.col("engineering_coordinated").fill_null(False)


def _engineering(params: Params) -> nw.Expr:
    return one(_coordinated(), base=_judged(params))


def _handled(params: Params) -> nw.Expr:
    return one((_fast() <= params["within_hours"]) & _coordinated(), base=_judged(params))


def _incident_left_out(params: Params) -> nw.Expr:
    return each(~_judged(params))


# --- indicators -----------------------------------------------------------------------------------------

ROWS = (
    Indicator(
        code="A09",
        label=Text(zh="投诉一次性解决率", en="First-contact resolution (FCR)"),
        definition=Text(
            zh="本期解决的投诉中，一次接触即解决、且解决后 W 天（默认 7 天）内未重开的比例；恰在第 W×24 小时重开计为"
            "窗口内。解决后尚不足 W 天的不计入，接触次数缺失的不计入，均另行列数；并列出 W 为 3、7、14 天的结果。",
            en="Share of the complaints resolved in the period that took one contact and were not reopened within W days "
            "(7 unless declared) of the resolution; a reopening exactly W x 24 hours later is inside. Complaints resolved "
            "less than W days before the cut-off, and those without a number of contacts, are left out and counted; W of "
            "3, 7 and 14 days stand beside it.",
        ),
        source="ISO 18295-1:2017 (customer contact centres), first contact resolution",
        measures=(
            share(
                "fcr", "一次性解决占比", "solved at first contact", _first_contact,
                "100 x one contact and no reopening within W / resolved at least W before the cut-off",
            ),
            count(
                "not_mature", "未满观察期件数", "not mature", not_mature,
                "complaints resolved less than W before the cut-off",
            ),
            count(
                "contacts_missing", "接触次数缺失件数", "number of contacts missing", _contacts_missing,
                "resolved complaints without a number of contacts",
            ),
            *(
                share(
                    f"fcr_{days}", f"一次性解决占比（{days} 天）", f"solved at first contact ({days} days)",
                    _at_once_within(days), f"as fcr with W = {days} days",
                )
                for days in WINDOWS
            ),
        ),
        headline="fcr",
        view=RESOLVED,
        columns=("complaints.contacts", "complaints.resolved_at", "complaints.reopened_at"),
        params=MappingProxyType({"window_days": 7}),
    ),
    Indicator(
        code="A10",
        label=Text(zh="投诉处理及时率", en="Complaint timeliness"),
        definition=Text(
            zh="按时解决的投诉占（按时解决 + 逾期解决 + 未解决且已逾期）的比例，恰在时限解决算按时；未解决但未到期的、"
            "没有时限或时间自相矛盾的不计入，另行列数。时限由来源给出；未给出的，按客户层级的服务承诺与工作日历推算。",
            en="Complaints resolved on time, at the due time included, among those resolved on time, resolved late, or "
            "open and overdue; open ones that are not yet due, and those without a due time or with times that contradict "
            "each other, are left out and counted. Due times are those of the source, or else follow from the promise to "
            "the customer's tier on the working calendar.",
        ),
        source=ISO,
        measures=(
            share(
                "on_time", "按时占比", "on time", _on_time,
                "100 x on time / (on time + late + open and overdue)",
            ),
            count(
                "resolved_on_time", "按时解决件数", "resolved on time", _resolved_on_time,
                "complaints resolved by their due time",
            ),
            count("late", "逾期解决件数", "resolved late", _late, "complaints resolved after their due time"),
            count("overdue", "未解决且已逾期件数", "open and overdue", _overdue, "open complaints past their due time"),
            count("not_due", "未到期件数", "open, not yet due", _not_due, "open complaints that are not yet due"),
            count(
                "without_due", "无有效时限件数", "without a valid due time", _without_due,
                "complaints without a due time, or with times that contradict each other",
            ),
            count(
                "due_computed", "推算时限件数", "due time computed", _due_computed,
                "complaints whose due time follows from the promise to the tier and the working calendar",
            ),
            count(
                "outside_calendar", "日历未覆盖件数", "outside the calendar", _outside_calendar,
                "complaints with a promise on days that the working calendar does not cover",
            ),
        ),
        headline="on_time",
        view=OPENED,
        columns=("complaints.due_at", "complaints.resolved_at"),
    ),
    Indicator(
        code="A13",
        label=Text(zh="投诉率", en="Complaint rate"),
        definition=Text(
            zh="每 100 个暴露单位的投诉件数。暴露须声明：customers 为期初在册客户，interactions 为互动次数。",
            en="Complaints per 100 units of exposure. The exposure is declared: customers, those active at the start of "
            "the period, or interactions.",
        ),
        source="Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28",
        measures=(
            RecordMeasure(
                name="rate", label=Text(zh="每百单位投诉数", en="complaints per 100"), family="rate",
                unit="per_100", scale_by=100.0, score=_complaint, per=_exposure,
                formula="100 x complaints opened / exposure declared",
            ),
            count("complaints", "投诉件数", "complaints", every, "complaints opened", view=OPENED),
        ),
        headline="rate",
        direction="lower",
        view=EXPOSED,
        params=MappingProxyType({"exposure": None, "categories": {}}),
    ),
    Indicator(
        code="A18",
        label=Text(zh="危机两小时处理率", en="Crisis handling within two hours"),
        definition=Text(
            zh="事件发生后 2 小时（默认）内形成处理方案、且已协调工程部门的比例，并分列两项单独的比例；未填是否协调的"
            "按未协调计。尚不足 2 小时且无方案的、时间自相矛盾的不计入，另行列数。",
            en="Share of incidents with a plan within 2 hours (unless declared otherwise) and engineering coordinated, with "
            "both shares on their own; blank means not coordinated. Incidents without a plan that are younger than that, "
            "and those whose times contradict each other, are left out and counted.",
        ),
        source="Flanagan (1954), The critical incident technique, Psychological Bulletin 51(4)",
        measures=(
            share(
                "handled", "两项均达标占比", "both", _handled,
                "100 x plan in time and engineering coordinated / incidents",
            ),
            share("planned", "方案及时占比", "plan in time", _planned, "100 x plan in time / incidents"),
            share(
                "coordinated", "已协调工程占比", "engineering coordinated", _engineering,
                "100 x engineering coordinated / incidents",
            ),
            count("left_out", "未计入件数", "left out", _incident_left_out, "incidents not yet or not to be judged"),
        ),
        headline="handled",
        view=INCIDENTS,
        columns=("incidents.plan_made_at", "incidents.engineering_coordinated"),
        params=MappingProxyType({"within_hours": 2}),
    ),
)  # fmt: skip
