"""Topics of comments by rules, with the evidence behind every count.

Examples
--------
>>> found = topics_of("电话打不通，回复也很慢")
>>> [(hit.topic, hit.evidence) for hit in found]
[('speed', ('回复', '很慢')), ('communication', ('电话',))]
>>> counts = count_topics({"r1": "Too expensive", "r2": "Fine", "r3": "价格偏贵"})
>>> [(row.topic, row.n, row.ids) for row in counts]
[('price', 2, ('r1', 'r3')), ('other', 1, ('r2',))]
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from survey_kpi.comments.topic_rules import OTHER, TOPICS, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A topic found in a comment.

    Parameters
    ----------
    topic
        Code of the topic.
    confidence
        1 − ½ ^ forms found, times the topic's share of all forms found: a strength of evidence, no
        probability.
    evidence
        Words found, in the order of the rules.
    """

    topic: str
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCount:
    """How many comments speak of a topic, and which."""

    topic: str
    n: int
    ids: tuple[str, ...]


def topics_of(comment: str, rules: Sequence[Topic] = TOPICS) -> tuple[Hit, ...]:
    """Topics of a comment, the best supported first; empty where no form is found.

    Parameters
    ----------
    comment
        Text in Chinese, English or both.
    rules
        Table of topics.
    """
    text = unicodedata.normalize("NFKC", comment)
    found = {rule.code: _evidence(text, rule) for rule in rules}
    total = sum(map(len, found.values()))
    hits = [
        Hit(topic=code, confidence=(1 - 0.5 ** len(words)) * len(words) / total, evidence=words)
        for code, words in found.items()
        if words
    ]
    return tuple(sorted(hits, key=lambda hit: -hit.confidence))


def main_topic(comment: str, rules: Sequence[Topic] = TOPICS) -> str:
    """Code of the best supported topic, `other` where there is none.

    Examples
    --------
    >>> main_topic("The invoice charged us twice"), main_topic("无")
    ('price', 'other')
    """
    hits = topics_of(comment, rules)
    return hits[0].topic if hits else OTHER


def count_topics(comments: Mapping[str, str], rules: Sequence[Topic] = TOPICS) -> tuple[TopicCount, ...]:
    """How many comments speak of each topic, with their ids; a comment counts in each of its topics.

    Parameters
    ----------
    comments
        Text by comment id; empty texts are no comments and count nowhere.
    rules
        Table of topics.

    Returns
    -------
    tuple
        Topics that occur, most frequent first, then comments without a topic as `other`.
    """
    ids: dict[str, list[str]] = {code: [] for code in (*(rule.code for rule in rules), OTHER)}
    for comment_id, text in comments.items():
        for code in [hit.topic for hit in topics_of(text, rules)] or [OTHER] * bool(text.strip()):
            ids[code].append(comment_id)
    rest = ids.pop(OTHER)
    ordered = [*sorted(ids.items(), key=lambda item: -len(item[1])), (OTHER, rest)]
    return tuple(TopicCount(topic=code, n=len(rows), ids=tuple(rows)) for code, rows in ordered if rows)


def _evidence(text: str, rule: Topic) -> tuple[str, ...]:
    """First words of each form that is found."""
    found = (pattern.search(text) for pattern in rule.patterns)
    return tuple(match.group() for match in found if match)
