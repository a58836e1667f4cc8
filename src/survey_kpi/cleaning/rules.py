"""The table of cleaning rules: one row each, in the order in which they claim a row.

Examples
--------
>>> rule = RULES["too_fast"]
>>> rule.label.zh, rule.action, rule.careless
('作答过快', 'exclude', True)
>>> {name: param.default for name, param in rule.params.items()}
{'below_median_share': 0.4}
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import narwhals.stable.v2 as nw

from survey_kpi.cleaning import flags, grouping, scores
from survey_kpi.cleaning.rule import Action, Param, Rule
from survey_kpi.cleaning.selection import no_battery, no_check, no_content
from survey_kpi.study.models import Text


def _text(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


_REFUSE: tuple[Action, ...] = ("refuse", "flag", "off")
_ROW: tuple[Action, ...] = ("exclude", "flag", "off")
_ITEMS = Param(default=(), meaning=_text("题目编号；空为自动选取", "item codes; empty chooses by scale"))
_CRITICAL = Param(default=0.6, low=0, high=1, meaning=_text("题目对的相关", "correlation that makes a pair"))
_MIN_ITEMS = Param(default=5, low=2, meaning=_text("至少答题数", "fewest answers"))

_TABLE = (
    Rule(
        code="nps_range",
        label=_text("推荐题编码为 1–11", "Recommendation item coded 1–11"),
        reason=_text(
            "没有 0 却有 11：很可能以 1–11 编码，按 0–10 计算会得出看似合理的错误净推荐值",
            "it has 11 but no 0: most likely coded 1–11, which yields a plausible but wrong NPS",
        ),
        level="item",
        actions=_REFUSE,
        action="refuse",
        params={
            "max_share": Param(
                default=0.02, low=0, high=1, meaning=_text("11 的最大占比", "largest share of 11")
            )
        },
    ),
    Rule(
        code="undeclared_code",
        label=_text("未声明的编码", "Undeclared code"),
        reason=_text(
            "量表外的同一个值反复出现，像是没有声明的缺失码",
            "one value outside the scale keeps coming back, like a missing code that nobody declared",
        ),
        level="item",
        actions=_REFUSE,
        action="refuse",
        params={
            "max_share": Param(
                default=0.02, low=0, high=1, meaning=_text("该值的最大占比", "largest share of the value")
            ),
            "min_rows": Param(default=5, low=1, meaning=_text("至少出现次数", "fewest occurrences")),
        },
    ),
    Rule(
        code="missing_code",
        label=_text("缺失码", "Missing code"),
        reason=_text("代码表声明此值不是回答", "the codebook declares that this value is no answer"),
        level="item",
        actions=("set_missing",),
        action="set_missing",
    ),
    Rule(
        code="out_of_range",
        label=_text("超出量表", "Out of range"),
        reason=_text("数值不在量表之内", "the number is no answer of the scale"),
        level="item",
        actions=("set_missing", "flag", "off"),
        action="set_missing",
    ),
    Rule(
        code="platform_status",
        label=_text("预览或未完成", "Preview or unfinished"),
        reason=_text(
            "平台将此答卷标为预览、测试或未提交",
            "the platform marks it as a preview, a test or not submitted",
        ),
        level="row",
        actions=_ROW,
        action="exclude",
        columns=lambda params: ("platform_status",),
        flag=flags.platform_status,
        detail=lambda context, params: nw.col("platform_status"),
    ),
    Rule(
        code="duplicate",
        label=_text("同一受访者重复", "Duplicate respondent"),
        reason=_text(
            "同一受访者在同一期间另有更晚的答卷", "the respondent has a later answer sheet in the same period"
        ),
        level="row",
        actions=_ROW,
        action="exclude",
        columns=lambda params: ("respondent_id",),
        lookup=grouping.latest,
        flag=flags.superseded,
        detail=lambda context, params: nw.col(grouping.TWIN),
    ),
    Rule(
        code="whole_answer",
        label=_text("整份答案相同", "Identical answer sheet"),
        reason=_text(
            "全部回答与另一份答卷完全相同",
            "every answer equals another sheet's of the same source and period",
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={"min_items": Param(default=8, low=2, meaning=_text("至少答题数", "fewest answers"))},
        unmet=no_content,
        lookup=grouping.first_of_same,
        flag=lambda context, params: grouping.is_superseded(grouping.SAME),
        detail=lambda context, params: nw.col(grouping.SAME),
    ),
    Rule(
        code="id_missing",
        label=_text("缺少受访者编号", "Respondent not named"),
        reason=_text(
            "没有受访者编号，无法查重", "without a respondent id it cannot be checked for duplicates"
        ),
        level="row",
        actions=_ROW,
        action="flag",
        columns=lambda params: ("respondent_id",),
        flag=flags.nameless,
    ),
    Rule(
        code="missing_share",
        label=_text("缺答过多", "Too few answers"),
        reason=_text("缺答比例超过上限", "the share of items left empty is above the limit"),
        level="row",
        actions=_ROW,
        action="exclude",
        params={
            "above": Param(
                default=0.5, low=0, high=1, meaning=_text("缺答比例上限", "largest share left empty")
            ),
            "items": _ITEMS,
        },
        unmet=no_content,
        flag=flags.gaps,
        value=flags.gap_share,
    ),
    Rule(
        code="time_order",
        label=_text("时间不合理", "Impossible times"),
        reason=_text(
            "提交早于开始，或用时为负、过长", "submitted before started, or a negative or absurd duration"
        ),
        level="row",
        actions=_ROW,
        action="flag",
        params={
            "max_s": Param(
                default=86400.0, low=1, meaning=_text("最长用时（秒）", "longest duration in seconds")
            )
        },
        flag=flags.impossible_times,
        value=flags.duration,
    ),
    Rule(
        code="burst",
        label=_text("短时集中", "Burst of answers"),
        reason=_text(
            "同一对象在同一时段内收到过多答卷",
            "unusually many answers of one person or device within minutes",
        ),
        level="row",
        actions=_ROW,
        action="flag",
        params={
            "by": Param(default="specialist_id", meaning=_text("按哪一列", "column that the answers share")),
            "minutes": Param(
                default=10,
                choices=(1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60),
                meaning=_text("时段长度（分钟）", "length of the stretch in minutes"),
            ),
            "at_least": Param(default=10, low=2, meaning=_text("答卷数", "answers in the stretch")),
        },
        columns=lambda params: (params["by"], "submitted_at"),
        lookup=grouping.crowd,
        flag=flags.crowd,
        value=lambda context, params: nw.col(grouping.CROWD),
    ),
    Rule(
        code="attention",
        label=_text("注意力检测未通过", "Attention check failed"),
        reason=_text(
            "未选指定答案；未答也不算通过", "the answer asked for was not given; no answer is no pass"
        ),
        level="row",
        actions=_ROW,
        action="exclude",
        sign="attention",
        unmet=no_check,
        flag=flags.failed_check,
    ),
    Rule(
        code="too_fast",
        label=_text("作答过快", "Too fast"),
        reason=_text(
            "用时低于同来源同期间中位数的规定比例",
            "the duration is below the stated share of the median of its source and period",
        ),
        level="row",
        actions=_ROW,
        action="exclude",
        params={
            "below_median_share": Param(
                default=0.4, low=0, high=1, meaning=_text("中位数的比例", "share of the median")
            )
        },
        sign="speed",
        columns=lambda params: ("duration_s",),
        flag=flags.too_fast,
        value=flags.duration,
    ),
    Rule(
        code="straight_line",
        label=_text("直线作答", "Straight-lining"),
        reason=_text("同一量表的全部回答相同", "all answers on one scale are equal"),
        level="row",
        actions=_ROW,
        action="exclude",
        params={"min_items": _MIN_ITEMS, "items": _ITEMS},
        sign="pattern",
        unmet=no_battery,
        flag=flags.straight,
        value=flags.straight_answer,
    ),
    Rule(
        code="long_string",
        label=_text("连续相同回答", "Long string"),
        reason=_text(
            "连续相同回答过长；缺答即断开", "a long run of equal answers; a missing one ends the run"
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={
            "at_least": Param(default=8, low=2, meaning=_text("连续个数", "length of the run")),
            "min_items": _MIN_ITEMS,
            "items": _ITEMS,
        },
        sign="pattern",
        unmet=no_battery,
        flag=flags.long_string,
        value=flags.longest_run,
    ),
    Rule(
        code="irv",
        label=_text("个体内变异过小", "Little variation within the sheet"),
        reason=_text(
            "同一量表各回答的标准差（n−1）低于下限",
            "the standard deviation (n−1) of the answers on one scale is low",
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={
            "below": Param(default=0.25, low=0, meaning=_text("标准差下限", "smallest standard deviation")),
            "min_items": _MIN_ITEMS,
            "items": _ITEMS,
        },
        sign="pattern",
        unmet=no_battery,
        flag=flags.flat,
        value=flags.variability,
    ),
    Rule(
        code="even_odd",
        label=_text("奇偶不一致", "Even-odd inconsistency"),
        reason=_text(
            "各维度奇数题与偶数题的个体内相关过低",
            "the halves of the dimensions hardly correlate within the sheet",
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={"above": Param(default=-0.3, low=-1, high=1, meaning=_text("指数上限", "largest index"))},
        sign="consistency",
        unmet=scores.few_dimensions,
        score=scores.even_odd,
    ),
    Rule(
        code="psychsyn",
        label=_text("同义题不一致", "Psychometric synonyms"),
        reason=_text(
            "高度相关的题目对在个体内相关过低",
            "item pairs that go together hardly correlate within the sheet",
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={
            "below": Param(default=0.22, low=-1, high=1, meaning=_text("相关下限", "smallest correlation")),
            "critical": _CRITICAL,
            "items": _ITEMS,
        },
        sign="consistency",
        unmet=no_content,
        score=scores.synonyms,
    ),
    Rule(
        code="psychant",
        label=_text("反义题不一致", "Psychometric antonyms"),
        reason=_text(
            "高度负相关的题目对在个体内不呈负相关",
            "item pairs that oppose each other do not within the sheet",
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={
            "above": Param(default=-0.03, low=-1, high=1, meaning=_text("相关上限", "largest correlation")),
            "critical": _CRITICAL,
            "items": _ITEMS,
        },
        sign="consistency",
        unmet=no_content,
        score=scores.antonyms,
    ),
    Rule(
        code="mahalanobis",
        label=_text("多元离群", "Multivariate outlier"),
        reason=_text(
            "马氏距离平方超过卡方分位数", "the squared Mahalanobis distance exceeds its chi-squared quantile"
        ),
        level="row",
        actions=_ROW,
        action="off",
        params={
            "confidence": Param(default=0.999, low=0.5, high=1, meaning=_text("置信度", "confidence")),
            "items": _ITEMS,
        },
        sign="outlier",
        unmet=no_content,
        score=scores.distance,
    ),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _TABLE})
"""Every cleaning rule by its code; the order decides which rule a row counts under."""
