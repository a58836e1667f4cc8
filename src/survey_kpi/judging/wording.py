"""Words of the questionnaires in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from survey_kpi.study.models import Text

Language = Literal["zh", "en", "both"]

WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "sheet_read": Text(zh="填写说明", en="Read first"),
        "sheet_answer": Text(zh="问卷", en="Questions"),
        "title": Text(zh="指标重要性专家问卷", en="How much does each indicator matter?"),
        "expert": Text(zh="专家编号", en="Your id"),
        "expert_hint": Text(zh="由组织者分配；没有则填姓名", en="from the organiser, or else your name"),
        "open": Text(zh="尚未填写", en="Still empty"),
        "done": Text(zh="已全部填写", en="all answered"),
        "consistency": Text(zh="一致性", en="Consistency"),
        "later": Text(zh="全部填写后显示", en="shown when all are answered"),
        "green": Text(zh="一致", en="consistent"),
        "amber": Text(zh="略有矛盾", en="slightly contradictory"),
        "red": Text(zh="矛盾较大，请复核标出的行", en="contradictory: look at the marked row again"),
        "spread": Text(zh="区分度", en="Spread"),
        "alike": Text(zh="各项同分，无法区分轻重", en="all scores alike: they tell nothing apart"),
        "apart": Text(zh="有区分", en="scores differ"),
        "number": Text(zh="序号", en="No."),
        "left": Text(zh="指标 A", en="Indicator A"),
        "right": Text(zh="指标 B", en="Indicator B"),
        "which": Text(zh="哪个更重要？", en="Which matters more?"),
        "strength": Text(zh="重要多少？", en="By how much?"),
        "check": Text(zh="提示", en="Check"),
        "indicator": Text(zh="指标", en="Indicator"),
        "definition": Text(zh="含义", en="What it means"),
        "score": Text(zh="重要性得分", en="Importance"),
        "half": Text(zh="还差一格", en="one cell is empty"),
        "clash": Text(zh="两格不一致", en="the two cells disagree"),
        "again": Text(zh="请再看一看", en="please look again"),
        "fine": Text(zh="✓", en="✓"),
        "pick": Text(zh="请从下拉列表中选择", en="Please choose from the list"),
        "pick_score": Text(zh="请填写量表内的数", en="Please give a number on the scale"),
        "scale": Text(zh="标度", en="The scale"),
        "indicators": Text(zh="指标及其含义", en="The indicators"),
    }
)

STEPS: Mapping[str, tuple[Text, ...]] = MappingProxyType(
    {
        "pairwise": (
            Text(
                zh="在“问卷”页填写专家编号，然后逐行比较两个指标：先选哪个更重要，再选重要多少。",
                en="Give your id on the sheet “Questions”. Then compare two indicators in each row:"
                " first which matters more, then by how much.",
            ),
            Text(
                zh="判断的是对本次评价目的的重要性，而不是目前做得好不好。两者同等重要时，第二格可留空。",
                en="Judge how much they matter for the purpose of the study, not how well things go today. If"
                " both matter equally, the second cell may stay empty.",
            ),
            Text(
                zh="没有把握的行可以留空，不要猜。全部填写后会显示一致性：数值越小，各行之间的矛盾越少。",
                en="Leave a row empty rather than guess. When all rows are answered, the sheet shows how"
                " consistent they are: the smaller the number, the less they contradict each other.",
            ),
            Text(
                zh="一致性不好时，先复核标出的那一行；如果那就是您的看法，请保留，不必为数值而改。",
                en="If they are not consistent, look at the marked row first. If it says what you think, keep"
                " it; do not change an opinion for the sake of a number.",
            ),
            Text(
                zh="保存为 .xlsx 后交回组织者。", en="Save the file as .xlsx and return it to the organiser."
            ),
        ),
        "scores": (
            Text(
                zh="在“问卷”页填写专家编号，然后为每个指标的重要性打分；分数越高越重要。",
                en="Give your id on the sheet “Questions”. Then score how much each indicator matters; the"
                " higher, the more.",
            ),
            Text(
                zh="判断的是对本次评价目的的重要性，而不是目前做得好不好。各项同分等于没有意见。",
                en="Judge how much it matters for the purpose of the study, not how well things go today. To"
                " score all alike is to say nothing.",
            ),
            Text(
                zh="保存为 .xlsx 后交回组织者。", en="Save the file as .xlsx and return it to the organiser."
            ),
        ),
    }
)


def say(text: Text, language: Language, *, joint: str = " · ") -> str:
    """Return words in one language, or in both when they differ.

    Examples
    --------
    >>> say(WORDS["expert"], "both"), say(WORDS["expert"], "zh"), say(WORDS["fine"], "both")
    ('专家编号 · Your id', '专家编号', '✓')
    """
    if language != "both":
        return text.in_language(language)
    return text.zh if text.zh == text.en else f"{text.zh}{joint}{text.en}"


def word(name: str, language: Language, *, joint: str = " · ") -> str:
    """Return one of `WORDS`."""
    return say(WORDS[name], language, joint=joint)
