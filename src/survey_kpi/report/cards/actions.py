"""Improvement actions as a card says them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate
from unicodedata import east_asian_width

from survey_kpi.comments.masking import Language
from survey_kpi.frames import Row
from survey_kpi.report.wording import Words
from survey_kpi.scoring.coaching import judging_words, one_line, without_names
from survey_kpi.study.models import Study

LONGEST, OWNER = 110, 36
"""Width of a text that somebody wrote, and of an owner, in Latin letters; a Chinese one is as wide as two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What somebody does until a day."""

    text: str
    owner: str
    due: str


def action_of(row: Row, study: Study, words: Words, names: Collection[str]) -> Action:
    """Return an action of the table in words: what it aims at, who owns it; a person's name is not told."""
    code = str(row.indicator).partition(".")[0]
    sheets = {sheet.id: sheet for sheet in study.indicators.indicators}
    label = sheets[code].label.in_language(words.language) if code in sheets else code
    told = "" if judging_words([label]) else label
    key = "cards.action_on" if told else "cards.action_plain"
    text = "".join(
        span.text for span in words.say(key, action=shown(row.action_id, words, names), label=told)
    )
    return Action(text=text, owner=shown(row.owner, words, names, longest=OWNER), due=f"{row.due:%Y-%m-%d}")


def shown(text: object, words: Words, names: Collection[str], *, longest: int = LONGEST) -> str:
    """Return what somebody wrote on one line, cut, without names of people."""
    language: Language = "zh" if words.language == "zh" else "en"
    line = without_names(one_line(str(text)), names, language=language)
    widths = list(accumulate(1 + (east_asian_width(letter) in "WF") for letter in line))
    return line if not widths or widths[-1] <= longest else f"{line[: bisect_right(widths, longest - 1)]}…"
