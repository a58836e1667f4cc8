"""Reading a questionnaire before anybody answers it: signs of faulty items, never errors.

The checks look at words, so they can be wrong. Who knows better accepts a finding in the codebook, with a
reason; it stays in the list, with the reason beside it.

Examples
--------
>>> from survey_kpi.study.models import Codebook
>>> words = {"zh": "服务态度和速度如何？", "en": "How are attitude and speed?"}
>>> scale = {"low": 1, "high": 5, "labels": {1: {"zh": "差", "en": "Poor"}, 5: {"zh": "好", "en": "Good"}}}
>>> item = {"id": "q1", "scale": "s", "label": words, "question": words}
>>> codebook = Codebook(schema_version=1, scales={"s": scale}, items=[item])
>>> [(one.code, one.item, one.reason) for one in lint(codebook)]
[('double_barrelled', 'q1', '')]
>>> known = {"finding": "double_barrelled", "item": "q1", "reason": "asked so since 2019"}
>>> lint(Codebook(schema_version=1, scales={"s": scale}, items=[item], accepted=[known]))[0].reason
'asked so since 2019'
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from survey_kpi.errors import Problem, SpecError, nearest
from survey_kpi.study.models import Codebook, Item, Scale, Text

ELEVEN: Final = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One sign of a faulty item; `reason` says why the author accepts it, empty while nobody does."""

    code: str
    item: str
    message: str
    reason: str = ""


# --- words --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words that are a sign of something, and the phrases in which they are none."""

    sign: re.Pattern[str]
    innocent: re.Pattern[str]

    def found(self, text: str) -> list[str]:
        """Return the signs in a text, each once, in order."""
        return list(dict.fromkeys(self.sign.findall(self.innocent.sub(" ", text))))


JOINED: Final = {
    "zh": Words(
        sign=re.compile("以及|并且|或者|[和及与或、]"),
        # words that hold the letter, and the two kinds of people of the recommendation question
        innocent=re.compile(
            "参与|与会|与否|赠与|给与|授与|和气|和谐|温和|饱和|总和|平和|缓和|和平|及时|及格|涉及|普及"
            "|提及|顾及|触及|或许|或多或少|抑或|朋友或同事|亲友或同事|亲戚或朋友|同事或朋友"
        ),
    ),
    "en": Words(
        sign=re.compile(r"\b(?:and|or)\b|(?<=\s)&(?=\s)", re.IGNORECASE),
        innocent=re.compile(
            r"\b(?:friends? or (?:a )?(?:colleagues?|family)|colleagues? or (?:a )?friends?"
            r"|famil(?:y|ies) or (?:a )?friends?|more or less|whether or not)\b",
            re.IGNORECASE,
        ),
    ),
}
"""Signs that one question asks two things."""

DENIED: Final = {
    "zh": Words(
        sign=re.compile("[不没无未难]"),
        # X不X asks without denying; in the others the letter is part of a neutral word
        innocent=re.compile(
            r"(.)[不没]\1|有没有|不仅|不但|不断|不错|不同|不限|不论|不管|差不多|无论|无线|无障碍|未来|难忘"
        ),
    ),
    "en": Words(
        sign=re.compile(
            r"\b(?:not|never|no|nor|cannot|without|hardly|unable|difficult|dissatisfied|unhappy|\w+n['’]t)\b",
            re.IGNORECASE,
        ),
        innocent=re.compile(r"\b(?:whether or not|not only|no\.(?=\s*\d))", re.IGNORECASE),
    ),
}
"""Signs that agreement with a question speaks against the service."""


def _signs(words: Mapping[str, Words], text: Text) -> str:
    found = [sign for language, one in words.items() for sign in one.found(text.in_language(language))]
    return ", ".join(f"'{sign}'" for sign in found)


# --- checks -------------------------------------------------------------------------------------------


def _judged(codebook: Codebook) -> Iterator[tuple[Item, Scale]]:
    """Items that rate something, with their scale: attention checks read oddly on purpose."""
    for item in codebook.rated:
        scale = codebook.scale_of(item)
        if scale and item.role != "attention":
            yield item, scale


def double_barrelled(codebook: Codebook) -> Iterator[Finding]:
    """One question joins two things, so nobody knows which one was rated."""
    for item, _ in _judged(codebook):
        if found := _signs(JOINED, item.question):
            message = f"the question may ask two things at once: {found}"
            yield Finding(code="double_barrelled", item=item.id, message=message)


def negative_wording(codebook: Codebook) -> Iterator[Finding]:
    """A question denies something, yet its answers are read as if more were better."""
    for item, _ in _judged(codebook):
        found = "" if item.reversed else _signs(DENIED, item.question)
        if found:
            message = f"the question may be worded negatively: {found}; if so, declare reversed: true"
            yield Finding(code="negative_wording", item=item.id, message=message)


def mixed_scales(codebook: Codebook) -> Iterator[Finding]:
    """Items of one dimension are answered on different scales; the one used most often sets the rule."""
    batteries: dict[str, list[tuple[Item, Scale]]] = defaultdict(list)
    for item, scale in _judged(codebook):
        if item.dimension:
            batteries[item.dimension].append((item, scale))
    for name, members in batteries.items():
        shapes = [(_shape(scale), item) for item, scale in members]
        usual = Counter(shape for shape, _ in shapes).most_common(1)[0][0]
        first = next(item for shape, item in shapes if shape == usual)
        for shape, item in shapes:
            if shape != usual:
                message = f"the scale '{item.scale}' is not that of '{first.id}' in the dimension '{name}'"
                yield Finding(code="mixed_scales", item=item.id, message=message)


def _shape(scale: Scale) -> tuple[object, ...]:
    labels = tuple((code, text.zh, text.en) for code, text in sorted(scale.labels.items()))
    return scale.low, scale.high, scale.integer, labels


def unequal_labels(codebook: Codebook) -> Iterator[Finding]:
    """More answers have words in one language than in the other."""
    for item, scale in _judged(codebook):
        zh, en = (_worded(item, scale, language) for language in ("zh", "en"))
        if zh != en:
            codes = ", ".join(f"{code:g}" for code in sorted(zh ^ en))
            message = f"{len(zh)} answers have Chinese words and {len(en)} English ones; compare {codes}"
            yield Finding(code="unequal_labels", item=item.id, message=message)


def _worded(item: Item, scale: Scale, language: str) -> set[float]:
    """Answers that have a word in a language; figures count in both."""
    words = [(text.in_language(language), float(code)) for code, text in scale.labels.items()]
    return {code for word, code in (*words, *item.labels.items()) if _speaks(word, language)}


def _speaks(word: str, language: str) -> bool:
    han = any("\u3400" <= letter <= "\u9fff" for letter in word)
    latin = any(letter.isalpha() for letter in word) and not han
    return not latin if language == "zh" else not han


def item_without_anchor(codebook: Codebook) -> Iterator[Finding]:
    """An end of the scale has no words, so everybody imagines their own."""
    for item, scale in _judged(codebook):
        worded = {*scale.labels, *item.labels.values()}
        bare = [f"{end:g}" for end in (scale.low, scale.high) if end not in worded]
        if bare:
            message = f"no words say what {' and '.join(bare)} stands for"
            yield Finding(code="item_without_anchor", item=item.id, message=message)


def eleven_answers(codebook: Codebook) -> Iterator[Finding]:
    """An item with eleven answers may be the likelihood to recommend, which only its role makes an NPS."""
    for item, scale in _judged(codebook):
        if scale.integer and scale.high - scale.low + 1 == ELEVEN and item.role != "ltr":
            message = f"eleven answers from {scale.low:g}: the likelihood to recommend needs role: ltr"
            yield Finding(code="eleven_answers", item=item.id, message=message)


Check = Callable[[Codebook], Iterator[Finding]]

CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        check.__name__: check
        for check in (
            double_barrelled,
            negative_wording,
            mixed_scales,
            unequal_labels,
            item_without_anchor,
            eleven_answers,
        )
    }
)
"""Checks by the code of their findings."""


def lint(codebook: Codebook) -> tuple[Finding, ...]:
    """List signs of faulty items in a questionnaire.

    Parameters
    ----------
    codebook
        The questionnaire. A finding that its `accepted` names stays in the list, with its reason.

    Returns
    -------
    tuple of Finding
        In the order of the questionnaire, then of `CHECKS`.

    Raises
    ------
    SpecError
        `unknown_name`: an accepted finding names a check or an item that is not there.

    Notes
    -----
    The faults are those of the textbooks (Krosnick, Presser 2010, Question and Questionnaire Design).
    """
    _check_accepted(codebook)
    reasons = {(one.finding, one.item): one.reason for one in codebook.accepted}
    place = {item.id: number for number, item in enumerate(codebook.items)}
    found = [finding for check in CHECKS.values() for finding in check(codebook)]
    return tuple(
        replace(finding, reason=reasons.get((finding.code, finding.item), ""))
        for finding in sorted(found, key=lambda finding: place[finding.item])
    )


def _check_accepted(codebook: Codebook) -> None:
    """Loading a study checks the same; this is for codebooks made by hand."""
    items = [item.id for item in codebook.items]
    names = [
        pair
        for one in codebook.accepted
        for pair in ((one.finding, "finding", CHECKS), (one.item, "item", items))
    ]
    problems = [
        Problem(
            code="unknown_name",
            where="codebook.yaml: accepted",
            what=f"there is no such {kind}",
            got=repr(name),
            hint=nearest(name, known),
        )
        for name, kind, known in names
        if name not in known
    ]
    if problems:
        raise SpecError.collect(problems)
