"""Reports do not shame anybody and do not claim causes; the lexicon says so of every text we ship."""

from __future__ import annotations

import pytest

from survey_kpi.errors import ReportError
from survey_kpi.report.lexicon import check_tone, tone
from survey_kpi.report.wording import LANGUAGES, load


@pytest.mark.row("W16")
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_reports_passes(language: str) -> None:
    check_tone(load(language), language)


@pytest.mark.row("W16")
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "本季度落后分子名单"),
        ("zh", "得分垫底的三人"),
        ("zh", "末位淘汰建议"),
        ("en", "The worst performer of the quarter"),
        ("en", "Worst performers by team"),
        ("en", "Three under-performers were found"),
        ("en", "A list of laggards"),
        ("en", "Low-performing staff"),
        ("en", "SHAMEFUL results"),
    ],
)
def test_planted_shaming_words_fail(language: str, text: str) -> None:
    with pytest.raises(ReportError) as caught:
        check_tone({"people.title": text}, language)
    problem = caught.value.problems[0]
    assert problem.code == "shaming_words"
    assert problem.where == f"wording/{language}.yaml: people.title"


@pytest.mark.row("W16")
@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "响应慢导致流失"),
        ("zh", "培训带来提升"),
        ("en", "Speed drives satisfaction"),
        ("en", "It led to churn"),
    ],
)
def test_verbs_of_cause_fail_outside_tested_actions(language: str, text: str) -> None:
    with pytest.raises(ReportError) as caught:
        check_tone({"drivers.title": text}, language)
    assert caught.value.code == "causal_words"
    check_tone({"actions.effect": text}, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Association is not cause; drivers of satisfaction; the largest change; ashore"),
        ("en", "The lowest answer, the worst case of the interval, staff, teams"),
        ("zh", "两者有关联；最小可辨变化；差值；后续改进"),
    ],
)
def test_plain_words_pass(language: str, text: str) -> None:
    assert list(tone({"a": text}, language)) == []


def test_all_words_are_told_at_once() -> None:
    with pytest.raises(ReportError) as caught:
        check_tone({"a": "laggards and losers", "b": "speed drives churn"}, "en")
    assert [problem.code for problem in caught.value.problems] == ["shaming_words"] * 2 + ["causal_words"]
