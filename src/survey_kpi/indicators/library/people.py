"""Indicators of collaboration, knowledge and development (A40 to A46)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import narwhals.stable.v2 as nw

from survey_kpi.indicators.expressions import each, filled, known, one
from survey_kpi.indicators.measures import count, every, mean, share
from survey_kpi.indicators.model import Frames, Indicator, Params, RecordMeasure, RowScore, View
from survey_kpi.study.models import Text

Lazy = nw.LazyFrame[Any]
SPAN = ("period", "period_start", "period_end", "cut_off")


# --- rows -----------------------------------------------------------------------------------------------


def _insights(frames: Frames, params: Params) -> Lazy:
    """One row for each insight: the mean of its blind ratings, over raters."""
    rated = frames["insights"].with_columns(
        nw.when(nw.col("rated_blind").fill_null(False)).then(nw.col("quality")).alias("blind")
    )
    keys = ("insight_id", "specialist_id")
    found = rated.group_by(*keys).agg(nw.col("logged_at").min().alias("at"), nw.col("blind").mean())
    return found.with_columns(nw.col("insight_id").alias("unit"))


def _requests(frames: Frames, params: Params) -> Lazy:
    """Requests of other departments and of the own one, told apart by the team that the specialist had then."""
    requests = frames["collaboration_requests"].with_columns(
        nw.col("opened_at").alias("at"), nw.col("request_id").alias("unit")
    )
    if "specialists" not in frames:
        return requests.with_columns(nw.lit(False).alias("own_department"))
    spells = frames["specialists"].select(
        nw.col("specialist_id").alias("who"),
        nw.col("team").alias("requested_by"),
        nw.col("valid_from").alias("team_from"),
        nw.col("valid_to").alias("team_to"),
    )
    at, left = nw.col("at"), nw.col("team_to")
    own = (
        requests.select("unit", "at", "specialist_id", "requested_by")
        .join(
            spells, left_on=["specialist_id", "requested_by"], right_on=["who", "requested_by"], how="inner"
        )
        .filter(at >= nw.col("team_from"), left.is_null() | (at < left))
        .select(nw.col("unit").alias("own_unit"))
        .unique()
        .with_columns(nw.lit(True).alias("own_department"))
    )
    marked = requests.join(own, left_on="unit", right_on="own_unit", how="left")
    return marked.with_columns(nw.col("own_department").fill_null(False).alias("own_department"))


def _contributions(frames: Frames, params: Params) -> Lazy:
    return frames["contributions"].with_columns(nw.col("contribution_id").alias("unit"))


def _courses(frames: Frames, params: Params) -> Lazy:
    return frames["training"].with_columns(
        nw.col("completed_at").alias("at"),
        nw.col("person_id").alias("specialist_id"),
        nw.concat_str(nw.col("person_id"), nw.lit(" "), nw.col("course_id")).alias("unit"),
    )


def _goals(frames: Frames, params: Params) -> Lazy:
    return frames["goals_due"].with_columns(nw.col("goal_id").alias("unit"))


INSIGHTS = View(name="insights", tables=("insights",), rows=_insights)
REQUESTS = View(
    name="collaboration_requests",
    tables=("collaboration_requests",),
    optional=("specialists",),
    rows=_requests,
)
CONTRIBUTIONS = View(name="contributions", tables=("contributions",), rows=_contributions)
COURSES = View(name="training", tables=("training",), rows=_courses)
GOALS = View(name="goals_due", tables=("goals_due",), rows=_goals)
"""`goals_due` is made by the evaluation from goals.yaml: specialist_id, goal_id, at (due), met."""


# --- scores ---------------------------------------------------------------------------------------------


def _blind(params: Params) -> nw.Expr:
    return nw.col("blind")


def _due() -> nw.Expr:
    open_and_waiting = known("resolved_at").is_null() & (nw.col("due_at") >= nw.col("cut_off"))
    return ~nw.col("due_at").is_null() & ~open_and_waiting


def _in_time(others_only: bool) -> RowScore:
    def score(params: Params) -> nw.Expr:
        base = _due() & ~nw.col("own_department") if others_only else _due()
        return one(known("resolved_at") <= nw.col("due_at"), base=base)

    return score


def _waiting(others_only: bool) -> RowScore:
    def score(params: Params) -> nw.Expr:
        waits = known("resolved_at").is_null() & (nw.col("due_at") >= nw.col("cut_off"))
        return each(waits & ~nw.col("own_department") if others_only else waits)

    return score


def _rating(params: Params) -> nw.Expr:
    return nw.col("requester_rating")


def _own(params: Params) -> nw.Expr:
    return each(nw.col("own_department"))


def _proven(kind: str) -> nw.Expr:
    return (nw.col("kind") == kind) & filled("evidence_id")


def _unproven(kind: str) -> Callable[[Params], nw.Expr]:
    return lambda params: (nw.col("kind") == kind) & ~filled("evidence_id").fill_null(False)


def _with_evidence(kind: str) -> RowScore:
    return lambda params: each(_proven(kind))


def _accepted() -> nw.Expr:
    return nw.col("accepted").fill_null(False)


def _accepted_of(kind: str) -> RowScore:
    return lambda params: one(_accepted(), base=nw.col("kind") == kind)


def _accepted_count(kind: str) -> RowScore:
    return lambda params: each((nw.col("kind") == kind) & _accepted())


def _lead_rating(params: Params) -> nw.Expr:
    return nw.when(_proven("project")).then(nw.col("lead_rating"))


def _passed(params: Params) -> nw.Expr:
    return each(nw.col("passed").fill_null(False) & filled("evidence_id"))


def _met(params: Params) -> nw.Expr:
    return one(nw.col("met"), base=~nw.col("met").is_null())


# --- measures and indicators ----------------------------------------------------------------------------


def _timeliness(others_only: bool) -> tuple[RecordMeasure, ...]:
    return (
        share(
            "on_time",
            "按时占比",
            "on time",
            _in_time(others_only),
            "100 x on time / (on time + late + open and overdue)",
        ),
        count(
            "not_due", "未到期件数", "open, not yet due", _waiting(others_only), "open requests not yet due"
        ),
    )


LEAST_RATERS = 3
RATING = replace(
    mean("rating", "需求方评分", "rating by requesters", _rating, "mean rating of resolved requests"),
    least=LEAST_RATERS,
)
PROVEN = "only with an evidence id"

ROWS = (
    Indicator(
        code="A40",
        label=Text(zh="客户需求洞察与反馈", en="Customer insight reports"),
        definition=Text(
            zh="洞察条数，以及盲评质量的均值（先对评分人平均，再对洞察平均）。条数不单独计分。",
            en="Number of insights, and their mean blind quality, averaged over raters first and over insights then. "
            "The number alone is never scored.",
        ),
        source="Student (1908), The probable error of a mean, Biometrika 6(1)",
        measures=(
            mean(
                "quality", "盲评质量", "blind quality", _blind, "mean over insights of the mean blind rating"
            ),
            count("insights", "洞察条数", "insights", every, "insights logged in the period"),
        ),
        headline="quality",
        view=INSIGHTS,
    ),
    Indicator(
        code="A41",
        label=Text(zh="内部协作响应", en="Internal support responsiveness"),
        definition=Text(
            zh="协作需求的按时占比（未解决且已逾期者计为逾期），以及需求方评分的均值（不足 3 份评分时隐藏）。",
            en="Collaboration requests done on time, open and overdue ones counting as late, and the mean rating by "
            "those who asked, withheld below 3 ratings.",
        ),
        source="ISO 10002:2018, 8.3, by analogy",
        measures=(*_timeliness(others_only=False), RATING),
        headline="on_time",
        view=REQUESTS,
        columns=("collaboration_requests.resolved_at",),
    ),
    Indicator(
        code="A42",
        label=Text(zh="跨部门需求响应及时率", en="Cross-department response timeliness"),
        definition=Text(
            zh="仅计其他部门提出的协作需求；本部门的需求不计入，另行列数。",
            en="The same over requests of other departments; those of the own department are left out and counted.",
        ),
        source="ISO 10002:2018, 8.3, by analogy",
        measures=(
            *_timeliness(others_only=True),
            count(
                "own_department", "本部门需求数", "requests of the own department", _own, "requests left out"
            ),
        ),
        headline="on_time",
        view=REQUESTS,
        columns=("collaboration_requests.resolved_at",),
    ),
    Indicator(
        code="A43",
        label=Text(zh="内部培训分享次数", en="Internal sharing events"),
        definition=Text(
            zh="有证据编号的分享次数；没有证据的逐条列出，不计数。",
            en="Sharing events with an evidence id; others are listed, not counted.",
        ),
        source="Garwood (1936), Biometrika 28",
        measures=(
            count(
                "events", "分享次数", "sharing events", _with_evidence("sharing"), f"sharing events, {PROVEN}"
            ),
        ),
        headline="events",
        view=CONTRIBUTIONS,
        columns=("contributions.evidence_id",),
        listings={"without_evidence": _unproven("sharing")},
    ),
    Indicator(
        code="A44",
        label=Text(zh="知识库更新贡献", en="Knowledge-base contribution"),
        definition=Text(
            zh="被采纳的知识库贡献条数与采纳率。",
            en="Accepted contributions to the knowledge base, and the share accepted.",
        ),
        source="Garwood (1936); Wilson (1927)",
        measures=(
            count(
                "accepted", "采纳数", "accepted", _accepted_count("knowledge_base"), "accepted contributions"
            ),
            share(
                "acceptance",
                "采纳率",
                "acceptance rate",
                _accepted_of("knowledge_base"),
                "100 x accepted / contributions",
            ),
        ),
        headline="accepted",
        view=CONTRIBUTIONS,
        columns=("contributions.accepted",),
    ),
    Indicator(
        code="A45",
        label=Text(zh="跨部门项目参与", en="Cross-department projects"),
        definition=Text(
            zh="有证据编号的跨部门项目数，以及项目负责人评分的均值。",
            en="Projects with an evidence id, and the mean rating by their leads.",
        ),
        source="Garwood (1936); Student (1908)",
        measures=(
            count("projects", "项目数", "projects", _with_evidence("project"), f"projects, {PROVEN}"),
            mean(
                "rating",
                "负责人评分",
                "rating by leads",
                _lead_rating,
                "mean rating of the projects with evidence",
            ),
        ),
        headline="projects",
        view=CONTRIBUTIONS,
        columns=("contributions.evidence_id",),
        listings={"without_evidence": _unproven("project")},
    ),
    Indicator(
        code="A46",
        label=Text(zh="技能、创新与自我管理", en="Skills, innovation, self-management"),
        definition=Text(
            zh="通过且有证据的课程数、建议采纳率、本人到期目标的达成率，三项分列。",
            en="Courses passed with evidence, suggestions adopted of those submitted, and own goals met of those due: "
            "three figures, never one.",
        ),
        source="Garwood (1936); Wilson (1927)",
        measures=(
            count(
                "courses", "通过课程数", "courses passed", _passed, f"courses passed, {PROVEN}", view=COURSES
            ),
            share(
                "suggestions_adopted",
                "建议采纳率",
                "suggestions adopted",
                _accepted_of("suggestion"),
                "100 x adopted / submitted",
                view=CONTRIBUTIONS,
            ),
            share("goals_met", "目标达成率", "goals met", _met, "100 x goals met / goals due", view=GOALS),
        ),
        headline="courses",
        measure_columns={
            "courses": ("training.passed", "training.evidence_id"),
            "suggestions_adopted": ("contributions.accepted",),
        },
    ),
)
