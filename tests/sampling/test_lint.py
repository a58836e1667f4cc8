"""Signs of faulty items: each is found, its innocent twin is not, and accepted ones keep their reason."""

from __future__ import annotations

import pytest
import yaml

from survey_kpi.errors import SpecError
from survey_kpi.sampling import lint
from survey_kpi.sampling.lint import CHECKS
from survey_kpi.study.models import Codebook

ENDS = {1: {"zh": "差", "en": "Poor"}, 5: {"zh": "好", "en": "Good"}}
SCALE = {"low": 1, "high": 5, "labels": ENDS}


def item(item_id="q1", zh="速度如何？", en="How is the speed?", **fields):
    words = {"zh": zh, "en": en}
    return {"id": item_id, "scale": "s", "label": words, "question": words, **fields}


def codes(*items, **scales):
    codebook = Codebook.model_validate({"schema_version": 1, "scales": {"s": SCALE} | scales, "items": items})
    return [(finding.code, finding.item) for finding in lint(codebook)]


def test_a_sound_item_passes():
    assert codes(item()) == []


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "服务态度和速度如何？"},
        {"zh": "服务态度及速度如何？"},
        {"zh": "服务与产品如何？"},
        {"zh": "态度、速度如何？"},
        {"zh": "服务以及产品如何？"},
        {"en": "How are attitude and speed?"},
        {"en": "How is the price OR the quality?"},
        {"en": "How is food & service?"},
    ],
)
def test_two_questions_in_one(words):
    assert codes(item(**words)) == [("double_barrelled", "q1")]


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "回复是否及时？"},
        {"zh": "是否参与决定？"},
        {"zh": "气氛是否和谐？"},
        {"zh": "您向朋友或同事推荐我们的可能性有多大？"},
        {"en": "How likely are you to recommend us to a friend or colleague?"},
        {"en": "How is our brand in your region?"},
        {"en": "How is R&D?"},
    ],
)
def test_joining_words_that_join_nothing(words):
    assert codes(item(**words)) == []


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "客服没有解决我的问题"},
        {"zh": "流程难以理解"},
        {"zh": "我不满意"},
        {"en": "The agent did not solve it"},
        {"en": "The agent didn’t solve it"},
        {"en": "It was difficult to reach us"},
    ],
)
def test_negative_words(words):
    assert codes(item(**words)) == [("negative_wording", "q1")]
    assert codes(item(**words, reversed=True)) == []


@pytest.mark.parametrize(
    "words",
    [
        {"zh": "评价：免费无线网"},
        {"zh": "您满不满意？"},
        {"zh": "有没有帮助？"},
        {"zh": "服务不错"},
        {"en": "How well is the knot tied?"},
        {"en": "Whether or not you called: how was it?"},
    ],
)
def test_negative_words_that_deny_nothing(words):
    assert ("negative_wording", "q1") not in codes(item(**words))


def test_mixed_scales_in_a_battery():
    seven = {"low": 1, "high": 7, "labels": {1: ENDS[1], 7: ENDS[5]}}
    battery = [item(name, dimension="service") for name in ("a", "b")]
    other = [item("c", dimension="service", scale="seven"), item("d", scale="seven")]
    assert codes(*battery, *other, seven=seven) == [("mixed_scales", "c")]
    assert codes(*battery, item("c", dimension="service", scale="again"), again=SCALE) == []


def test_answers_worded_in_one_language_only():
    bare = {"low": 1, "high": 5}
    only = item(scale="bare", labels={"满意": 5, "不满意": 1, "Satisfied": 5})
    assert codes(only, bare=bare) == [("unequal_labels", "q1")]
    both = item(scale="bare", labels={"满意": 5, "不满意": 1, "Satisfied": 5, "Unhappy": 1})
    assert codes(both, bare=bare) == []
    assert codes(item(labels={"特别好": 5, "十分好": 5})) == []  # older words for an answer that has both


def test_untranslated_labels_do_not_count_as_chinese():
    scale = {"low": 1, "high": 5, "labels": {1: {"zh": "Poor", "en": "Poor"}, 5: ENDS[5]}}
    assert codes(item(scale="x"), x=scale) == [("unequal_labels", "q1")]
    figures = {"low": 1, "high": 5, "labels": {1: {"zh": "1", "en": "1"}, 5: ENDS[5]}}
    assert codes(item(scale="x"), x=figures) == []


@pytest.mark.row("W06")
def test_an_end_without_words():
    """Fixture W06 of the seed rows: item without anchors."""
    assert codes(item(scale="x"), x={"low": 1, "high": 5}) == [("item_without_anchor", "q1")]
    half = {"low": 1, "high": 5, "labels": {5: ENDS[5]}}
    assert codes(item(scale="x"), x=half) == [("item_without_anchor", "q1")]
    spoken = {"非常好": 5, "很差": 1, "Great": 5, "Awful": 1}
    assert codes(item(scale="x", labels=spoken), x={"low": 1, "high": 5}) == []


def test_eleven_answers():
    for low in (0, 1):
        eleven = {"low": low, "high": low + 10, "labels": {low: ENDS[1], low + 10: ENDS[5]}}
        assert codes(item(scale="x"), x=eleven) == [("eleven_answers", "q1")]
    labels = {0: ENDS[1], 10: ENDS[5]}
    assert codes(item(scale="x", role="ltr"), x={"low": 0, "high": 10, "labels": labels}) == []
    assert codes(item(scale="x"), x={"low": 0, "high": 10, "integer": False, "labels": labels}) == []


def test_attention_checks_and_comments_are_not_judged():
    check = item("a", en="Please choose neither this nor that", role="attention", expected=1)
    comment = item("b", en="What was good and what was not?", role="comment") | {"scale": None}
    assert codes(check, comment) == []


def questionnaire(*accepted):
    named = [{"finding": finding, "item": name, "reason": reason} for finding, name, reason in accepted]
    items = [item("q2", zh="不满意和不快"), item("q1", zh="甲和乙")]
    return Codebook.model_validate(
        {"schema_version": 1, "scales": {"s": SCALE}, "items": items, "accepted": named}
    )


def test_accepted_findings_stay_with_their_reason():
    found = lint(questionnaire(("double_barrelled", "q1", "a title")))
    assert [(one.code, one.item, one.reason) for one in found] == [
        ("double_barrelled", "q2", ""),
        ("negative_wording", "q2", ""),
        ("double_barrelled", "q1", "a title"),
    ]
    with pytest.raises(SpecError, match="double_barrelled") as caught:
        lint(questionnaire(("double_barreled", "q9", "?")))
    assert [problem.code for problem in caught.value.problems] == ["unknown_name", "unknown_name"]


@pytest.mark.row("P02")
def test_every_finding_carries_its_code():
    assert all(check.__doc__ for check in CHECKS.values())
    bad = item(zh="不好和坏", en="not good and bad", scale="x", labels={"满意": 3}, dimension="d")
    other = item("q2", dimension="d")
    third = item("q3", dimension="d")
    assert {code for code, _ in codes(bad, other, third, x={"low": 0, "high": 10})} == set(CHECKS)


def test_our_own_questionnaires(root):
    def found(study):
        text = (root / "studies" / study / "codebook.yaml").read_text("utf-8")
        return {(one.code, one.item) for one in lint(Codebook.model_validate(yaml.safe_load(text)))}

    assert found("sample") == set()
    joined = {("double_barrelled", name) for name in ("Q7ART", "Q7STORE", "Q7SIGN", "Q7WALKWAYS")}
    assert found("sfo") == joined | {("item_without_anchor", "NETPRO")}
