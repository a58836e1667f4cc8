"""Indicators of answers: what customers say about their satisfaction (A01, A07)."""

from __future__ import annotations

import narwhals.stable.v2 as nw

from survey_kpi.indicators.model import AnswerMeasure, Indicator
from survey_kpi.study.models import Item, Scale, Text


def answer(item: Item, scale: Scale) -> nw.Expr:
    """Score of an answer: the answer itself."""
    return nw.col(item.id).cast(nw.Float64())


def in_top_box(item: Item, scale: Scale) -> nw.Expr:
    """Score of an answer: 1 in the scale's declared top box, 0 elsewhere, null without an answer."""
    answered = nw.col(item.id)
    return (
        nw.when(answered.is_null())
        .then(nw.lit(None))
        .otherwise(answered.is_in(list(scale.top_box)).cast(nw.Float64()))
        .cast(nw.Float64())
    )


def recommendation(item: Item, scale: Scale) -> nw.Expr:
    """Score of an answer: 1 promoter (9-10), -1 detractor (0-6), 0 passive; Reichheld (2003), HBR 81(12)."""
    answered = nw.col(item.id)
    return (answered >= 9).cast(nw.Float64()) - (answered <= 6).cast(nw.Float64())


MEAN = AnswerMeasure(
    name="mean",
    label=Text(zh="平均分", en="mean"),
    family="mean",
    unit="score",
    scale_by=1.0,
    score=answer,
    formula="sum of answers / valid answers",
)
TOP_BOX = AnswerMeasure(
    name="top_box",
    label=Text(zh="满意占比", en="top-box share"),
    family="proportion",
    unit="percent",
    scale_by=100.0,
    score=in_top_box,
    formula="100 x answers in the top box / valid answers",
)
NPS = AnswerMeasure(
    name="nps",
    label=Text(zh="净推荐值", en="NPS"),
    family="nps",
    unit="points",
    scale_by=100.0,
    score=recommendation,
    formula="100 x (promoters 9-10 - detractors 0-6) / valid answers 0-10",
)


def _share(name: str, zh: str, en: str, low: float, high: float) -> AnswerMeasure:
    def score(item: Item, scale: Scale) -> nw.Expr:
        answered = nw.col(item.id)
        return ((answered >= low) & (answered <= high)).cast(nw.Float64())

    return AnswerMeasure(
        name=name,
        label=Text(zh=zh, en=en),
        family="proportion",
        unit="percent",
        scale_by=100.0,
        score=score,
        formula=f"100 x answers {low:g}-{high:g} / valid answers 0-10",
    )


ROWS = (
    Indicator(
        code="A01",
        label=Text(zh="客户满意度得分", en="Customer satisfaction score (CSAT)"),
        definition=Text(
            zh="有效回答的平均分，以及落在量表最高档（按量表声明）的占比；缺失代码不进入分母。",
            en="Mean of the valid answers, and their share in the scale's declared top box; "
            "missing codes never enter the denominator.",
        ),
        source="ISO 10004:2018, annex on measurement; Wilson (1927), JASA 22",
        roles=("overall", "item"),
        measures=(MEAN, TOP_BOX),
        headline="top_box",
    ),
    Indicator(
        code="A07",
        label=Text(zh="净推荐值", en="Net promoter score (NPS)"),
        definition=Text(
            zh="0–10 分推荐意愿：9–10 分为推荐者，0–6 分为贬损者；推荐者占比减去贬损者占比。",
            en="Likelihood to recommend, 0-10: share of promoters (9-10) minus detractors (0-6).",
        ),
        source="Reichheld (2003), Harvard Business Review 81(12); interval: Rocks (2016), adjusted Wald",
        roles=("ltr",),
        measures=(
            NPS,
            _share("promoters", "推荐者占比", "promoters", 9, 10),
            _share("passives", "中立者占比", "passives", 7, 8),
            _share("detractors", "贬损者占比", "detractors", 0, 6),
        ),
        headline="nps",
        default_anchor=None,
    ),
)
