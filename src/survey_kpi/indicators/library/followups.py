"""Indicators of what customers say afterwards (A11, A12, A52, M13, M17), and views of several (A53, G09)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import (
    SPAN,
    days_after,
    each,
    filled,
    known,
    known_moment,
    microseconds,
    one,
)
from survey_kpi.indicators.library.cases import FOLLOWED_UP
from survey_kpi.indicators.measures import count, share
from survey_kpi.indicators.model import Frames, Indicator, Params, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]


# --- rows -----------------------------------------------------------------------------------------------


def _responses(frames: Frames) -> Lazy:
    """Answers with `at`, and the id that other tables name as `unit`.

    The period that their source declares is not the one that is evaluated: it goes.
    """
    answers = frames["responses"]
    names = answers.collect_schema().names()
    own = "response_id" if "response_id" in names else "row_id"
    return answers.drop([name for name in SPAN if name in names]).with_columns(
        nw.col("submitted_at").alias("at"), nw.col(own).alias("unit")
    )


def _comments(frames: Frames, params: Params) -> Lazy:
    """Answers with a comment, the first recorded answer to it, and whether it asks for one."""
    answers = _responses(frames)
    if params["comment"] not in answers.collect_schema().names():
        answers = answers.with_columns(nw.when(nw.lit(False)).then(nw.lit("")).alias(params["comment"]))
    comments = answers.filter(filled(params["comment"]))
    touches = frames["interactions"].filter(
        filled("response_id"), nw.col("direction").is_null() | (nw.col("direction") != "in")
    )
    replies = (
        comments.select("unit", "at")
        .join(
            touches.select("response_id", nw.col("at").alias("answered_at")),
            left_on="unit",
            right_on="response_id",
            how="inner",
        )
        .filter(nw.col("answered_at") >= nw.col("at"))
        .group_by(nw.col("unit").alias("answered"))
        .agg(nw.col("answered_at").min())
    )
    found = comments.join(replies, left_on="unit", right_on="answered", how="left")
    if "labels" not in frames:
        return found.with_columns(nw.lit(True).alias("asks"))
    without = frames["labels"].filter(nw.col("topic") == params["no_request"])
    without = without.select(nw.col("response_id").alias("labelled"), nw.lit(False).alias("asks")).unique()
    marked = found.join(without, left_on="unit", right_on="labelled", how="left")
    return marked.with_columns(nw.col("asks").fill_null(True).alias("asks"))


def _mystery(frames: Frames, params: Params) -> Lazy:
    answers = _responses(frames)
    typed = "type" in answers.collect_schema().names()
    visits = answers.filter(nw.col("type") == "mystery") if typed else answers.head(0)
    return visits.with_columns(nw.col(params["item"]).cast(nw.Float64()).alias("answer"))


COMMENTS = View(
    name="comments",
    tables=("responses", "interactions"),
    optional=("labels",),
    rows=_comments,
    params=("comment", "no_request"),
)
MYSTERY = View(name="mystery_visits", tables=("responses",), rows=_mystery, params=("item",))


# --- scores ---------------------------------------------------------------------------------------------


def _answered() -> nw.Expr:
    return ~known("answered_at").is_null()


def _satisfied(params: Params) -> nw.Expr:
    return nw.col("answer").is_in([float(value) for value in params["top_box"]])


def _csat(params: Params) -> nw.Expr:
    return one(_satisfied(params), base=_answered())


def _response_rate(params: Params) -> nw.Expr:
    return one(_answered(), base=nw.col("asked"))


def _silent(params: Params) -> nw.Expr:
    return each(nw.col("asked") & ~_answered())


def _handled() -> nw.Expr:
    return _answered() & ~nw.col("due_at").is_null() & ~nw.col("disordered")


def _timely() -> nw.Expr:
    return nw.col("resolved_at") <= nw.col("due_at")


def _joint(params: Params) -> nw.Expr:
    return one(_timely() & _satisfied(params), base=_handled())


def _timely_share(params: Params) -> nw.Expr:
    return one(_timely(), base=_handled())


def _satisfied_share(params: Params) -> nw.Expr:
    return one(_satisfied(params), base=_handled())


def _not_handled(params: Params) -> nw.Expr:
    return each(nw.col("asked") & ~_handled())


def _passed(params: Params) -> nw.Expr:
    return one(_satisfied(params), base=~nw.col("answer").is_null())


def _without_answer(params: Params) -> nw.Expr:
    return each(nw.col("answer").is_null())


def _in_window(params: Params) -> nw.Expr:
    return known_moment("answered_at") <= days_after(nw.col("at"), params["window_days"])


def _window_over(params: Params) -> nw.Expr:
    return days_after(nw.col("at"), params["window_days"]) < microseconds(nw.col("cut_off"))


def _closed(params: Params) -> nw.Expr:
    return one(_in_window(params), base=nw.col("asks") & (_answered() | _window_over(params)))


def _waiting(params: Params) -> nw.Expr:
    return each(nw.col("asks") & ~_answered() & ~_window_over(params))


def _no_request(params: Params) -> nw.Expr:
    return each(~nw.col("asks"))


def _unanswered(params: Params) -> nw.Expr:
    return nw.col("asks") & ~_answered() & _window_over(params)


# --- indicators -----------------------------------------------------------------------------------------

RE_SATISFACTION = (
    share("csat", "二次满意占比", "re-satisfaction", _csat, "100 x answers in the top box / valid answers"),
    share(
        "response_rate", "回答率", "response rate", _response_rate,
        "100 x resolved complaints with a valid answer / resolved complaints",
    ),
    count("silent", "未回答件数", "without an answer", _silent, "resolved complaints without a valid answer"),
)  # fmt: skip
ITEM = MappingProxyType({"item": None, "top_box": None})
ISO = "ISO 10002:2018, 8.3; interval: Wilson (1927), JASA 22"

ROWS = (
    Indicator(
        code="A11",
        label=Text(zh="投诉解决客户二次满意度", en="Re-satisfaction after a complaint"),
        definition=Text(
            zh="投诉回访答卷中总体满意度落在最高档的占比，始终与回答率（已回答÷已解决）并列；未回答者可能不同于回答者。"
            "每件投诉只计首份有效答卷。",
            en="Top-box share of overall satisfaction in follow-up answers, always beside the response rate (answered of "
            "resolved): those who did not answer may differ. The first valid answer of a complaint counts.",
        ),
        source=ISO,
        measures=RE_SATISFACTION,
        headline="csat",
        view=FOLLOWED_UP,
        columns=("complaints.resolved_at",),
        params=ITEM,
    ),
    Indicator(
        code="A12",
        label=Text(zh="客户投诉处理满意度（按类别）", en="Satisfaction with complaint handling, by category"),
        definition=Text(
            zh="按投诉类别列示的二次满意度；各类别的分子与分母之和等于 A11，没有类别的单列一类。",
            en="Re-satisfaction by complaint category: numerators and denominators sum to those of A11, complaints without a "
            "category being one of their own.",
        ),
        source=f"{ISO}; suppression: Willenborg and de Waal (2001), chapter 4",
        measures=RE_SATISFACTION,
        headline="csat",
        view=FOLLOWED_UP,
        columns=("complaints.resolved_at", "complaints.category"),
        params=ITEM,
    ),
    Indicator(
        code="A52",
        label=Text(zh="客户反馈与建议闭环率", en="Closed-loop rate"),
        definition=Text(
            zh="有处理诉求的评论中，30 天（默认）内有答复记录的占比；标注为无诉求的不计入，未满 30 天且未答复的不计入，"
            "均另行列数；未答复的逐条列出。",
            en="Share of the comments asking for an answer that have one on record within 30 days (unless declared). "
            "Comments labelled as asking for none, and unanswered ones younger than that, are left out and counted; "
            "unanswered ones are listed.",
        ),
        source="ISO 10004:2018, 7 (monitoring of customer satisfaction)",
        measures=(
            share(
                "closed", "闭环占比", "answered in time", _closed,
                "100 x comments answered within the window / comments answered or past the window",
            ),
            count("waiting", "待答复条数", "not due", _waiting, "unanswered comments within the window"),
            count("no_request", "无诉求条数", "asking for nothing", _no_request, "comments labelled as no request"),
        ),
        headline="closed",
        view=COMMENTS,
        columns=("interactions.response_id",),
        params=MappingProxyType({"comment": "comment", "window_days": 30, "no_request": "no request"}),
        listings=MappingProxyType({"unanswered": _unanswered}),
    ),
    Indicator(
        code="A53",
        label=Text(zh="客户服务效率", en="Service efficiency"),
        definition=Text(
            zh="首次响应中位时长（A15）、解决中位时长（A16）与时限内占比（A10）并列展示，不合成单一得分。",
            en="Median first response (A15), median resolution (A16) and share in time (A10) side by side; no composite.",
        ),
        source="a view of A15, A16 and A10",
        measures=(),
        headline="",
        home="survey_kpi.indicators.panels.panel",
    ),
    Indicator(
        code="G09",
        label=Text(zh="跟踪反馈与改进", en="Follow-up and improvement"),
        definition=Text(
            zh="反馈闭环率（A52）与投诉后二次满意度及回答率（A11）并列展示。",
            en="Closed-loop rate (A52) beside re-satisfaction and its response rate (A11).",
        ),
        source="a view of A52 and A11",
        measures=(),
        headline="",
        home="survey_kpi.indicators.panels.panel",
    ),
    Indicator(
        code="M13",
        label=Text(zh="及时且满意处理率", en="Feedback handled in time and well"),
        definition=Text(
            zh="已处理并收到回访答卷的投诉中，按时解决且客户满意的占比，两项单独的比例并列；没有时限、没有答卷或时间自相"
            "矛盾的不计入，另行列数。",
            en="Share of resolved complaints with a follow-up answer that were resolved in time and satisfied the customer, "
            "with both shares on their own; complaints without a due time or an answer, or whose times contradict each "
            "other, are left out and counted.",
        ),
        source="Wilson (1927), JASA 22",
        measures=(
            share("joint", "及时且满意占比", "in time and satisfied", _joint, "100 x in time and satisfied / handled"),
            share("timely", "及时占比", "in time", _timely_share, "100 x in time / handled"),
            share("satisfied", "满意占比", "satisfied", _satisfied_share, "100 x satisfied / handled"),
            count("left_out", "未计入件数", "left out", _not_handled, "resolved complaints that cannot be judged"),
        ),
        headline="joint",
        view=FOLLOWED_UP,
        columns=("complaints.resolved_at", "complaints.due_at"),
        params=ITEM,
    ),
    Indicator(
        code="M17",
        label=Text(zh="神秘顾客合格率", en="Mystery shopping"),
        definition=Text(
            zh="神秘顾客检查中合格（落在最高档）的占比；样本小，按证据等级规则展示。",
            en="Share of mystery visits that passed (top box); a small sample, to which the evidence grades apply.",
        ),
        source="ISO 20252:2019, annex on mystery shopping; interval: Wilson (1927), JASA 22",
        measures=(
            share("passed", "合格占比", "passed", _passed, "100 x visits in the top box / visits with a mark"),
            count("without_mark", "无评分次数", "without a mark", _without_answer, "visits without a valid mark"),
        ),
        headline="passed",
        view=MYSTERY,
        params=ITEM,
    ),
)  # fmt: skip
