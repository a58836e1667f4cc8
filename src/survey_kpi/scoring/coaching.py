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
import unicodedata
from collections.abc import Collection, Iterable, Mapping
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
SOMEBODY: Final[Mapping[Language, str]] = {"zh": "[专员]", "en": "[specialist]"}
"""What stands for a person's name."""
INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Characters that steer a screen or turn the direction of writing."""


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


def without_names(text: str, names: Collection[str], *, language: Language) -> str:
    """Replace the names and codes of people; a code inside a longer word is none.

    Examples
    --------
    >>> without_names("王芳很好, S01 too, CS01 not", {"王芳", "S01"}, language="en")
    '[specialist]很好, [specialist] too, CS01 not'
    """
    known = sorted((name for name in names if len(name) > 1), key=lambda name: (-len(name), name))
    if not known:
        return text
    return re.sub("|".join(map(_bounded, known)), SOMEBODY[language], text)


def _bounded(name: str) -> str:
    before = r"(?<![A-Za-z0-9])" if name[0].isascii() else ""
    after = r"(?![A-Za-z0-9])" if name[-1].isascii() else ""
    return f"{before}{re.escape(name)}{after}"


def coaching(
    comments: Mapping[str, str], *, language: Language, names: Collection[str] = (), quote: bool = True
) -> Coaching:
    """Choose topics and comments for a weekly card.

    Parameters
    ----------
    comments
        Comments of the week by id.
    language
        Of the words that replace personal data.
    names
        Names and codes of people, which are replaced too.
    quote
        Whether comments may be quoted; not where few have answered.

    Returns
    -------
    Coaching
        Comments of the most frequent topics first, no two alike, long ones cut; one that speaks of scores or
        ranks is left out.
    """
    topics = count_topics(comments)
    order = dict.fromkeys(row for topic in topics for row in topic.ids)
    fit = [one_line(comments[row]) for row in order if not judging_words([comments[row]])]
    quoted = list(dict.fromkeys(fit))[: COMMENTS if quote else 0]
    texts = [mask(text, language=language).text for text in quoted]
    shown = tuple(_short(without_names(text, names, language=language)) for text in texts)
    return Coaching(topics=topics[:TOPICS], comments=shown)


def one_line(text: str) -> str:
    """Return a text on one line, without characters that nobody sees.

    Examples
    --------
    >>> one_line(" slow\\n\\u202e reply\\x1b[31m ")
    'slow reply[31m'
    """
    flat = " ".join(text.split())
    return " ".join("".join(c for c in flat if unicodedata.category(c) not in INVISIBLE).split())


def _short(text: str) -> str:
    """Cut a text where a card has no room for more."""
    return text if len(text) <= QUOTED else f"{text[: QUOTED - 1]}…"
