"""One glossary of column names: every public table uses these words, with unit and both languages.

Examples
--------
>>> COLUMNS["conf_low"].en
'interval from'
>>> unknown_columns(["value", "n", "valeu"])
['valeu']
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Word:
    """A column: its unit (empty: text, or the unit of the row) and its words."""

    unit: str
    zh: str
    en: str


COLUMNS: Mapping[str, Word] = MappingProxyType(
    {
        # what and when
        "period": Word("", "周期", "period"),
        "indicator": Word("", "指标", "indicator"),
        "measure": Word("", "度量", "measure"),
        "subject": Word("", "对象", "subject"),
        "level": Word("", "层级", "level"),
        # an estimate
        "value": Word("", "数值", "value"),
        "std_error": Word("", "标准误", "standard error"),
        "conf_low": Word("", "区间下限", "interval from"),
        "conf_high": Word("", "区间上限", "interval to"),
        "n": Word("count", "样本量", "answers"),
        "n_effective": Word("count", "有效样本量", "effective sample size"),
        "unit": Word("", "单位", "unit"),
        "state": Word("", "状态", "state"),
        "reason": Word("", "原因", "reason"),
        "method": Word("", "方法", "method"),
        # a comparison
        "against": Word("", "比较对象", "compared with"),
        "family": Word("", "检验族", "family of tests"),
        "difference": Word("", "差值", "difference"),
        "correlation": Word("share", "两期相关系数", "correlation of the two periods"),
        "p_value": Word("share", "p 值", "p value"),
        "level_of_claim": Word("share", "结论水平", "level of the claim"),
        "minimum_detectable": Word("", "最小可辨变化", "minimum detectable change"),
        "verdict": Word("", "结论", "verdict"),
        # indicator weights and scores
        "weight": Word("share", "指标权重", "indicator weight"),
        "variant": Word("", "方法变体", "variant"),
        "attainment": Word("score", "达成得分", "attainment"),
        "contribution": Word("score", "得分贡献", "contribution"),
        "target": Word("", "目标", "target"),
        "score": Word("score", "综合得分", "score"),
        "band": Word("", "等级档", "band"),
        "evidence": Word("", "证据等级", "evidence grade"),
        # the distribution of scores, and pay
        "weight_used": Word("share", "实际采用的权重", "weight used"),
        "bonus": Word("score", "加分", "bonus points"),
        "uncapped": Word("", "封顶前证据等级", "evidence grade before caps"),
        "caps": Word("", "证据等级封顶原因", "reasons of the cap"),
        "mean": Word("", "均值", "mean"),
        "spread": Word("", "人员间标准差", "spread between people"),
        "goal_id": Word("", "目标编号", "goal"),
        "certainty": Word("", "把握", "certainty"),
        "raw": Word("", "得分所在等级档", "band of the printed score"),
        "pooled": Word("", "是否合并四个季度", "four quarters pooled"),
        "held": Word("", "是否按不受损规则处理", "held harmless"),
        "base": Word("count", "依据的答卷数", "answers behind the decision"),
        "drift": Word("share", "四季度漂移检验 p 值", "p value of drift within the pool"),
        "edge": Word("score", "等级档下限", "edge of the band"),
        "probability": Word("share", "概率", "probability"),
        "usable": Word("", "可否用于奖金", "may be used for pay"),
        "last": Word("", "上一档", "last band"),
        "proposed": Word("", "建议等级档", "proposed band"),
        "paid": Word("", "发放结果", "paid"),
        "decision": Word("", "决定", "decision"),
        "cut": Word("", "是否下调", "lower band"),
        "draft": Word("", "草稿", "draft"),
        "reasons": Word("", "原因", "reasons"),
        "target_bonus": Word("money", "目标奖金", "target bonus"),
        "currency": Word("", "币种", "currency"),
        "version": Word("", "版本", "version"),
        "stated": Word("", "约定目标", "target as stated"),
        "exposure_share": Word("share", "在岗份额", "exposure share"),
        "days": Word("count", "天数", "days"),
        "penalty": Word("", "扣减", "penalty"),
        "share": Word("share", "份额", "share"),
        "claim": Word("money", "应发金额", "claim"),
        "rewards": Word("", "奖励", "rewards"),
        "current": Word("count", "当前连续季度数", "quarters in a row"),
        "longest": Word("count", "最长连续季度数", "longest run of quarters"),
        "reached": Word("", "达成周期", "completed in"),
        "reliability": Word("share", "信度", "reliability"),
        "left": Word("", "指标一", "one indicator"),
        "right": Word("", "指标二", "other indicator"),
        # tiers
        "successes": Word("count", "达标份数", "successes"),
        "tier": Word("", "分层结果", "tier"),
        "adjusted_p": Word("share", "校正后 p 值", "adjusted p value"),
        "inner_low": Word("percent", "95%控制限下限", "95 % limit from"),
        "inner_high": Word("percent", "95%控制限上限", "95 % limit to"),
        "outer_low": Word("percent", "99.8%控制限下限", "99.8 % limit from"),
        "outer_high": Word("percent", "99.8%控制限上限", "99.8 % limit to"),
        "answer": Word("", "回答", "answer"),
        # complaints by month and category
        "complaints": Word("count", "投诉件数", "complaints"),
        "exposure": Word("count", "暴露量", "exposure"),
        "centre": Word("per_100", "中心线", "centre line"),
        "lower": Word("per_100", "控制限下限", "lower limit"),
        "upper": Word("per_100", "控制限上限", "upper limit"),
        "alarm": Word("", "警报", "alarm"),
        "tested": Word("", "是否检验", "tested"),
        "category": Word("", "类别", "category"),
        "in_category": Word("count", "该类别件数", "complaints of the category"),
        "cumulative": Word("share", "累计占比", "cumulative share"),
        # rows
        "row_id": Word("", "行号", "row id"),
        "source": Word("", "来源", "source"),
        "file": Word("", "文件", "file"),
        "format": Word("", "格式", "format"),
        "encoding": Word("", "编码", "encoding"),
        "sha256": Word("", "SHA-256", "sha256"),
        "bytes": Word("count", "字节数", "bytes"),
        "rows": Word("count", "行数", "rows"),
        "columns": Word("count", "列数", "columns"),
        "rule": Word("", "规则", "rule"),
        "item": Word("", "题目", "item"),
        "action": Word("", "处理", "action"),
        "detail": Word("", "说明", "detail"),
        "flagged": Word("count", "标记数", "flagged"),
        "unattributed": Word("count", "无法归属数", "unattributed"),
        "header_rows": Word("count", "表头行数", "header rows"),
        "unused": Word("", "未用列", "unused columns"),
        "absent": Word("", "未问题目", "items not asked"),
        "missing_words": Word("", "缺失用语", "words for no answer"),
        "derived": Word("", "推算列", "derived columns"),
        "excluded": Word("count", "剔除数", "set aside"),
        "set_aside": Word("count", "剔除行数", "rows set aside"),
        # a sample and its invitations
        "customer_id": Word("", "客户编号", "customer"),
        "specialist_id": Word("", "专员工号", "specialist"),
        "invite_id": Word("", "邀请编号", "invitation"),
        "sent_at": Word("", "发出时间", "sent at"),
        "disposition": Word("", "处置码", "disposition"),
        "stratum": Word("", "层", "stratum"),
        "frame": Word("count", "抽样框数", "units of the frame"),
        "population": Word("count", "可抽单位数", "units that could be drawn"),
        "sample": Word("count", "样本数", "units drawn"),
        "inclusion_probability": Word("share", "入样概率", "inclusion probability"),
        "design_weight": Word("", "设计权数", "design weight"),
        "drawn_by": Word("", "抽取方式", "drawn by"),
        "draw_id": Word("", "抽样批次", "draw"),
        "list_hash": Word("", "名单哈希", "hash of the list"),
        "kind": Word("", "类别", "kind"),
        "name": Word("", "名称", "name"),
        "customers": Word("count", "客户数", "customers"),
        "satisfied": Word("count", "此前满意数", "satisfied before"),
        "invited": Word("count", "受邀数", "invited"),
        "invited_satisfied": Word("count", "受邀且此前满意数", "invited and satisfied before"),
        "without_history": Word("count", "此前无记录数", "without a record before"),
        "power": Word("share", "发现概率", "power"),
        "matched": Word("count", "匹配数", "matched"),
        "unmatched": Word("", "未匹配", "unmatched"),
        "rate": Word("percent", "匹配率", "rate"),
        "row": Word("", "行", "row"),
        "key": Word("", "键", "key"),
        "near": Word("", "相近的键", "near key"),
        "table": Word("", "表", "table"),
        "column": Word("", "列", "column"),
        "target_column": Word("", "所指列", "column referred to"),
        "half_width": Word("", "区间半宽", "half-width"),
        "variance": Word("", "方差", "variance"),
        "conf_level": Word("share", "置信水平", "level of the interval"),
        "correction": Word("", "有限总体校正", "correction"),
        "before": Word("", "此前", "before"),
        "after": Word("", "此后", "after"),
        # breaks of a trend
        "wording_before": Word("", "原题文", "former words"),
        "wording_now": Word("", "现题文", "present words"),
        # diagnostics
        "code": Word("", "代码", "code"),
        "where": Word("", "位置", "where"),
        "message": Word("", "说明", "message"),
    }
)


def unknown_columns(columns: Iterable[str]) -> list[str]:
    """Return the names that the glossary does not know."""
    return [name for name in columns if name not in COLUMNS]
