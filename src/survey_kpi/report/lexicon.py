"""Words that a report about people does not use: words that shame, and verbs of cause without a test of one.

An appraisal is not a whip. A score says what was measured and how surely; it does not call anybody names.
And a comparison is an association, so nothing "leads to" anything unless an action was tested.

Examples
--------
>>> [found.words for found in tone({"people.title": "The worst performers drive churn."}, "en")]
['worst performers']
>>> [found.words for found in tone({"people.title": "落后分子导致流失"}, "zh")]
['落后', '导致']
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from survey_kpi.errors import Problem, ReportError

SHAMING: Final[Mapping[str, re.Pattern[str]]] = {
    "zh": re.compile(
        "落后|垫底|最差|末位|倒数第|差生|后进|拖后腿|不称职|无能|懒惰|懒散|混日子|害群之马"
        "|丢人|丢脸|耻|淘汰|黑榜"
    ),
    "en": re.compile(
        r"\b(?:(?:worst|poor(?:est)?|bad|weak(?:est)?|low(?:est)?|bottom|under|failing)[ -]?"
        r"(?:performers?|performing (?:people|persons?|specialists?|staff|teams?|employees?)"
        r"|employees?|specialists?|staff)|laggards?|losers?|slackers?|lazy|incompeten(?:t|ce)"
        r"|useless|deadwood|dead weight|sham(?:e|ed|ing|eful)|disgrace\w*"
        r"|(?:bottom|foot) of the (?:table|league|class|ranking)"
        r"|left behind)\b",
        re.IGNORECASE,
    ),
}
"""Words that shame people, by language."""

CAUSAL: Final[Mapping[str, re.Pattern[str]]] = {
    "zh": re.compile("导致|带来|使得"),
    "en": re.compile(r"\b(?:causes|caused|causing|leads to|led to|drives|drove|driven by)\b", re.IGNORECASE),
}
"""Verbs of cause, by language."""

TESTED: Final = ("actions.",)
"""Beginnings of the keys of texts about tested actions, which may speak of effects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A word that does not belong into a report, and the text that holds it."""

    key: str
    kind: Literal["shaming", "causal"]
    words: str


def tone(texts: Mapping[str, str], language: str) -> Iterator[Found]:
    """Yield the words of a wording file that shame or claim a cause, in the order of the texts.

    Parameters
    ----------
    texts
        Texts by key.
    language
        "zh" or "en".
    """
    for key, text in texts.items():
        for match in SHAMING[language].finditer(text):
            yield Found(key=key, kind="shaming", words=match.group())
        if not key.startswith(TESTED):
            for match in CAUSAL[language].finditer(text):
                yield Found(key=key, kind="causal", words=match.group())


def check_tone(texts: Mapping[str, str], language: str) -> None:
    """Refuse texts that shame people or claim causes.

    Raises
    ------
    ReportError
        `shaming_words`, `causal_words`: every one of them with its key.
    """
    problems = [_problem(found, language) for found in tone(texts, language)]
    if problems:
        raise ReportError.collect(problems)


def _problem(found: Found, language: str) -> Problem:
    shaming = found.kind == "shaming"
    return Problem(
        code=f"{found.kind}_words",
        where=f"wording/{language}.yaml: {found.key}",
        what="the text shames people"
        if shaming
        else "the text claims a cause where only an association is known",
        got=repr(found.words),
        hint="say what was measured, and how surely" if shaming else "say 'associated with', 与……有关联",
    )
