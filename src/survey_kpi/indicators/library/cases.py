"""Rows of complaints, and of the answers about them, that several modules of the library count."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import days_after, each, filled, microseconds
from survey_kpi.indicators.model import Frames, Params, View

Lazy = nw.LazyFrame[Any]
ISO = "ISO 10002:2018, 8.3 (monitoring of the complaints-handling process)"
STAGES = ("opened_at", "confirmed_at", "first_response_at", "resolved_at", "feedback_at")
"""Times of a complaint in the order in which they can only happen."""
ORDER = (
    *((first, later) for place, first in enumerate(STAGES) for later in STAGES[place + 1 :]),
    ("resolved_at", "reopened_at"),
)
UNCLASSIFIED = "unclassified"
"""Category of complaints without one, so that categories add up to all complaints."""


def in_order(rows: Lazy, order: tuple[tuple[str, str], ...]) -> Lazy:
    """Add `disordered` where the reader has not: whether the times of a row contradict each other."""
    if "disordered" in rows.collect_schema().names():
        return rows
    wrong = [(nw.col(later) < nw.col(first)).fill_null(False) for first, later in order]
    return rows.with_columns(nw.any_horizontal(*wrong, ignore_nulls=True).alias("disordered"))


def complaints(frames: Frames) -> Lazy:
    """Complaints with their `unit`, `disordered`, `due_from`, and a category that is never blank."""
    category = nw.when(filled("category")).then(nw.col("category")).otherwise(nw.lit(UNCLASSIFIED))
    cases = in_order(frames["complaints"], ORDER)
    if "due_from" not in cases.collect_schema().names():  # no service levels: all due times are the source's
        cases = cases.with_columns(nw.lit("stated").alias("due_from"))
    return cases.with_columns(nw.col("case_id").alias("unit"), category.alias("category"))


def _opened(frames: Frames, params: Params) -> Lazy:
    return complaints(frames).with_columns(nw.col("opened_at").alias("at"))


def _resolved(frames: Frames, params: Params) -> Lazy:
    return complaints(frames).with_columns(nw.col("resolved_at").alias("at"))


def _followed_up(frames: Frames, params: Params) -> Lazy:
    """Resolved complaints with the first valid answer to their follow-up: `answered_at` and `answer`."""
    cases, answers = _resolved(frames, params), frames["responses"]
    if not {"type", "case_id"} <= set(answers.collect_schema().names()):
        never = nw.when(nw.lit(False))
        return cases.with_columns(
            never.then(nw.col("at")).alias("answered_at"),
            never.then(nw.lit(0.0)).alias("answer"),
            nw.lit(False).alias("asked"),
        )
    item = nw.col(params["item"]).cast(nw.Float64())
    valid = answers.filter(nw.col("type") == "complaint_followup", ~item.is_null(), filled("case_id"))
    given = valid.select("case_id", nw.col("submitted_at").alias("answered_at"), item.alias("answer"))
    first = given.group_by("case_id").agg(nw.col("answered_at").min())
    kept = given.join(first, on=["case_id", "answered_at"], how="inner")
    single = kept.group_by("case_id", "answered_at").agg(nw.col("answer").min())
    return cases.join(single, on="case_id", how="left").with_columns(nw.lit(True).alias("asked"))


OPENED = View(name="complaints_opened", tables=("complaints",), rows=_opened)
RESOLVED = View(name="complaints_resolved", tables=("complaints",), rows=_resolved)
FOLLOWED_UP = View(
    name="complaints_followed_up",
    tables=("complaints", "responses"),
    rows=_followed_up,
    params=("item",),
)
"""Where the codebook has no fields `type` and `case_id`, `asked` is false: nothing is known of answers."""


def mature(days: float) -> nw.Expr:
    """Whether some days have passed since `at` when the evaluation is cut off."""
    return days_after(nw.col("at"), days) <= microseconds(nw.col("cut_off"))


def not_mature(params: Params) -> nw.Expr:
    """Count the rows whose window is still open."""
    return each(~mature(params["window_days"]))
