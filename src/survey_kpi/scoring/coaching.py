"""What a weekly talk needs: what customers raised, how long it took, and one thing to do. Nothing is judged.

Examples
--------
>>> week = {"c1": "等了很久才回复，电话13800138000", "c2": "态度很好", "c3": "处理得太慢，一直没人管"}
>>> found = coaching(week, language="zh")
>>> found.topics[0].topic, found.topics[0].n
('speed', 2)
>>> found.comments[0]
'等了很久才回复，电话[手机号]'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from survey_kpi.comments.masking import Language, mask
from survey_kpi.comments.topics import TopicCount, count_topics

TOPICS: Final = 3
COMMENTS: Final = 3
QUOTED: Final = 160
"""Characters of a comment that a card has room for."""
JUDGING: Final = re.compile(
    r"得分|分数|评分|打分|总分|排名|名次|排行|等级|档次|评级|绩效档"
    r"|\b(?:scor(?:e|es|ed|ing)|rank\w*|grad(?:e|es|ed|ing)|ratings?|league table)\b",
    re.IGNORECASE,
)
"""Words of appraisal, which have no place in a talk about the week or in a month's health card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coaching:
    """Hot topics with their comments' ids, and up to three comments with personal data masked."""

    topics: tuple[TopicCount, ...]
    comments: tuple[str, ...]


def judging_words(texts: Iterable[str]) -> list[str]:
    """Return the words of appraisal in texts.

    Examples
    --------
    >>> judging_words(["Ranked third", "本周得分", "a graduate upgraded"])
    ['Ranked', '得分']
    """
    return [found.group() for text in texts for found in JUDGING.finditer(text)]


def coaching(comments: Mapping[str, str], *, language: Language) -> Coaching:
    """Choose topics and comments for a weekly card.

    Parameters
    ----------
    comments
        Comments of the week by id.
    language
        Of the words that replace personal data.

    Returns
    -------
    Coaching
        Comments of the most frequent topics first, long ones cut; one that speaks of scores or ranks is left
        out.
    """
    topics = count_topics(comments)
    order = dict.fromkeys(row for topic in topics for row in topic.ids)
    quoted = [row for row in order if not judging_words([comments[row]])][:COMMENTS]
    texts = [mask(comments[row], language=language).text for row in quoted]
    return Coaching(topics=topics[:TOPICS], comments=tuple(_short(text) for text in texts))


def _short(text: str) -> str:
    """Return a text on one line, cut where a card has no room for more."""
    flat = " ".join(text.split())
    return flat if len(flat) <= QUOTED else f"{flat[: QUOTED - 1]}…"
