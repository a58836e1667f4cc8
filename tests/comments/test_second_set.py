"""What the rules are worth on comments that they were not written from, and sentiment only with its check."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from survey_kpi.comments.agreement import label_agreement
from survey_kpi.comments.checked import checked_sentiment
from survey_kpi.comments.sentiment import sentiment
from survey_kpi.comments.topics import main_topic
from survey_kpi.errors import MethodError
from survey_kpi.estimate import State

SPEC = importlib.util.spec_from_file_location("second_set", Path(__file__).with_name("second_set.py"))
SECOND = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(SECOND)


def agreements(half):
    found = SECOND.comments(half)
    return (
        label_agreement([row.topic for row in found], [main_topic(row.text) for row in found]),
        label_agreement([row.sentiment for row in found], [sentiment(row.text).label for row in found]),
    )


def test_the_halves_share_no_stem_and_hold_everything():
    halves = [SECOND.comments(half) for half in ("training", "test")]
    for rows in halves:
        assert len(rows) == 80 and sum(row.language == "zh" for row in rows) == 40
        assert len({(row.topic, row.sentiment) for row in rows}) == 16
    texts = [{row.text for row in rows} for rows in halves]
    assert not texts[0] & texts[1]
    assert SECOND.comments("test") == SECOND.comments("test")


def test_rules_hold_what_they_were_extended_by():
    topics, moods = agreements("training")
    print(f"training half: topics macro-F1 {topics.macro_f1:.3f}, sentiment {moods.macro_f1:.3f}")
    assert topics.macro_f1 >= 0.85 and moods.macro_f1 >= 0.80


def test_unseen_wording_is_mostly_left_open_and_seldom_misread():
    """The test half avoids the words of the rules: an honest floor, .26 and .30, far from the planted .99."""
    topics, moods = agreements("test")
    print(f"test half: topics macro-F1 {topics.macro_f1:.3f}, sentiment {moods.macro_f1:.3f}")
    assert 0.15 <= topics.macro_f1 <= 0.5, "docs/reference/comments.md states this figure"
    assert 0.2 <= moods.macro_f1 <= 0.5
    rows = SECOND.comments("test")
    found = [main_topic(row.text) for row in rows]
    named = [row.topic == topic for row, topic in zip(rows, found, strict=True) if topic != "other"]
    print(f"named {len(named)} of 80, right {sum(named)}")
    assert sum(named) >= 0.6 * len(named)


COMMENTS = {"r1": "服务很好，谢谢", "r2": "Rude and slow", "r3": "周一来电", "r4": " "}


@pytest.mark.row("M16")
def test_without_labels_by_hand_there_is_no_section():
    found = checked_sentiment(COMMENTS, {})
    assert found.state == State.UNAVAILABLE and found.reason == "no labels by hand"
    assert found.ids == {} and found.agreement is None
    assert checked_sentiment(COMMENTS, {"r1": "positive"}).state == State.UNAVAILABLE


@pytest.mark.row("M16")
def test_with_labels_the_agreement_stands_beside_the_counts():
    found = checked_sentiment(COMMENTS, {"r1": "positive", "r2": "negative", "r3": "negative"})
    assert found.state == State.MEASURED and found.agreement.n == 3
    assert found.ids == {"positive": ("r1",), "negative": ("r2",), "neutral": ("r3",)}
    assert 0 < found.agreement.macro_f1 < 1


@pytest.mark.parametrize(
    ("labels", "code"), [({"r1": "postive"}, "undeclared_label"), ({"r9": "positive"}, "unknown_comment")]
)
def test_labels_must_fit(labels, code):
    with pytest.raises(MethodError) as caught:
        checked_sentiment(COMMENTS, labels)
    assert caught.value.code == code
