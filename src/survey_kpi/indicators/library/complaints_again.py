"""Indicators of customers who come again (A14, G05): with the same complaint, on a second channel."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import DAY, days_after, filled, known, microseconds, one
from survey_kpi.indicators.library.cases import ISO, complaints, mature, not_mature
from survey_kpi.indicators.measures import count, share
from survey_kpi.indicators.model import Frames, Indicator, Params, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]


# --- rows -----------------------------------------------------------------------------------------------


def _with_repeats(frames: Frames, params: Params) -> Lazy:
    """Complaints with `repeat`: whether one of the same customer and category came shortly before.

    The day before last matters only through its last complaint, so that days are compared, not complaints.
    """
    matter, day = ["customer_id", "category"], nw.col("day")
    cases = frames["complaints"].with_columns(
        nw.col("opened_at").alias("at"),
        nw.col("case_id").alias("unit"),
        (microseconds(nw.col("opened_at")) // DAY).alias("day"),
    )
    days = cases.group_by(*matter, "day").agg(nw.col("at").max().alias("last_at"))
    earlier = days.select(*matter, day.alias("earlier_day"), nw.col("last_at").alias("earlier_at"))
    pairs = days.join(earlier, on=matter, how="inner").filter(
        nw.col("earlier_day") < day, nw.col("earlier_day") >= day - int(params["window_days"])
    )
    before = pairs.group_by(*matter, "day").agg(nw.col("earlier_at").max())
    marked = cases.join(before, on=[*matter, "day"], how="left").with_columns(
        nw.col("at").min().over(*matter, "day").alias("first_at"),
        nw.col("case_id").min().over(*matter, "at").alias("first_case"),
    )
    again = (nw.col("at") > nw.col("first_at")) | (nw.col("case_id") > nw.col("first_case"))
    soon = days_after(nw.col("earlier_at"), params["window_days"]) >= microseconds(nw.col("at"))
    return marked.with_columns((filled("category") & (again | soon.fill_null(False))).alias("repeat"))


def _with_other_channel(frames: Frames, params: Params) -> Lazy:
    """Complaints with `moved`: whether the customer came back about it on another channel."""
    cases = complaints(frames).with_columns(nw.col("opened_at").alias("at"))
    contacts = frames["interactions"].filter(
        filled("case_id"), nw.col("direction").is_null() | (nw.col("direction") != "out")
    )
    contacts = contacts.select(
        "case_id", nw.col("channel").alias("other_channel"), nw.col("at").alias("contact_at")
    )
    opened, contact = nw.col("at"), nw.col("contact_at")
    moved = (
        cases.select("case_id", "at", "channel")
        .join(contacts, on="case_id", how="inner")
        .filter(
            nw.col("other_channel") != nw.col("channel"),
            contact >= opened,
            microseconds(contact) <= days_after(opened, params["window_days"]),
        )
        .group_by("case_id")
        .agg(contact.min())
    )
    return cases.join(moved, on="case_id", how="left")


REPEATS = View(
    name="complaints_and_repeats", tables=("complaints",), rows=_with_repeats, params=("window_days",)
)
CHANNELS = View(
    name="complaints_and_channels",
    tables=("complaints", "interactions"),
    rows=_with_other_channel,
    params=("window_days",),
)


# --- scores ---------------------------------------------------------------------------------------------


def _repeat(params: Params) -> nw.Expr:
    return one(nw.col("repeat"), base=nw.lit(True))


def _is_repeat(params: Params) -> nw.Expr:
    return nw.col("repeat")


def _came_back() -> nw.Expr:
    return ~known("contact_at").is_null()


def _moved(params: Params) -> nw.Expr:
    return one(_came_back(), base=mature(params["window_days"]))


# --- indicators -----------------------------------------------------------------------------------------

ROWS = (
    Indicator(
        code="A14",
        label=Text(zh="重复投诉率", en="Repeat complaint rate"),
        definition=Text(
            zh="同一客户、同一类别，在前一次投诉后 W 天（默认 30 天）内再次投诉的件数占全部投诉的比例；一串重复中的"
            "第一件不算重复，没有类别的投诉也不算。",
            en="Complaints of a customer in the same category within W days (30 unless declared) of an earlier one, of all "
            "complaints; the first of a chain is no repeat, nor is a complaint without a category.",
        ),
        source=ISO,
        measures=(
            share(
                "repeats", "重复占比", "repeats", _repeat,
                "100 x complaints within W after one of the same customer and category / complaints",
            ),
        ),
        headline="repeats",
        direction="lower",
        view=REPEATS,
        columns=("complaints.category",),
        params=MappingProxyType({"window_days": 30}),
        listings=MappingProxyType({"repeats": _is_repeat}),
    ),
    Indicator(
        code="G05",
        label=Text(zh="渠道协同：换渠道再联系率", en="Channel coordination: contacts on a second channel"),
        definition=Text(
            zh="立案后 W 天（默认 7 天）内，客户就同一事项改用其他渠道再次联系的投诉占比；立案尚不足 W 天的不计入，"
            "另行列数。",
            en="Share of complaints about which the customer came back on another channel within W days (7 unless "
            "declared); complaints younger than that at the cut-off are left out and counted.",
        ),
        source="ISO 18295-1:2017 (customer contact centres), contact across channels",
        measures=(
            share(
                "moved", "换渠道占比", "came back on another channel", _moved,
                "100 x complaints with a contact on a second channel within W / complaints at least W old",
            ),
            count(
                "not_mature", "未满观察期件数", "not mature", not_mature,
                "complaints opened less than W before the cut-off",
            ),
        ),
        headline="moved",
        direction="lower",
        view=CHANNELS,
        columns=("complaints.channel", "interactions.channel", "interactions.case_id"),
        params=MappingProxyType({"window_days": 7}),
    ),
)  # fmt: skip
