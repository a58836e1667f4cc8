"""Pinyin glosses in Chinese text: 關(guān)系 → 關系. Damaged places are named, never guessed.

Examples
--------
>>> found = strip_glosses("在客戶關(guān)系管理日益成為企業(yè)核心競(jìng)爭(zhēng)力的今天,客戶主管的角色")
>>> found.text, found.glosses
('在客戶關系管理日益成為企業核心競爭力的今天,客戶主管的角色', ('guān', 'yè', 'jìng', 'zhēng'))
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

HAN: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
TONED: Final = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ"
GLOSS: Final = re.compile(f"(?<=[{HAN}])[(（]([a-z{TONED}]{{1,6}})[)）]")
SYLLABLE: Final = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxzcsryw])?"
    "(?:a[io]?|ang?|ei?|eng?|er|ia[no]?|iang|iong|ie|iu|ing?|i|ong|ou|o|ua[in]?|uang|ue|ui|un|uo|u|v[en]?)"
)
TONE_MARKS: Final = "\u0300\u0301\u0304\u030c"
DAMAGED: Final = re.compile(f"[?？\ufffd][a-z{TONED}]{{1,6}}[)）][?？]?[)）]?|\ufffd")
"""A gloss whose opening bracket and character were lost, and characters that decoding gave up on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripped:
    """Text without glosses, the glosses taken out in order, and the places that stay damaged."""

    text: str
    glosses: tuple[str, ...]
    damaged: tuple[str, ...]


def strip_glosses(text: str) -> Stripped:
    """Take out lower-case pinyin syllables in brackets that follow a Chinese character.

    Parameters
    ----------
    text
        Any text; English in brackets, capitals (KPI) and several words stay.

    Returns
    -------
    Stripped
        `damaged` holds what is left of broken glosses: audit rows `damaged_text`.

    Examples
    --------
    >>> strip_glosses("客户(VIP)很满意(very)，效率(效率高)").glosses
    ()
    """
    glosses = tuple(match.group(1) for match in GLOSS.finditer(text) if is_syllable(match.group(1)))
    clean = GLOSS.sub(lambda match: "" if is_syllable(match.group(1)) else match.group(), text)
    return Stripped(text=clean, glosses=glosses, damaged=tuple(m.group() for m in DAMAGED.finditer(clean)))


def is_syllable(word: str) -> bool:
    """Whether a lower-case word has the form of a pinyin syllable, with or without its tone mark.

    Examples
    --------
    >>> [is_syllable(word) for word in ("zhuāng", "lǜ", "very", "ok")]
    [True, True, False, False]
    """
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if c not in TONE_MARKS)
    return SYLLABLE.fullmatch(bare.replace("u\u0308", "v")) is not None
