"""Personal data in free text, masked before anybody sees it.

A mask says what stood there, never whose it was. Numbers are recognised by their form and, where there is
one, by their check digit; spaces, dashes and full-width digits do not hide them. Other numbers of 13 to 19
digits are masked as well: they may be mistyped, and nobody reads a comment for them.

Examples
--------
>>> mask("请回电 13800138000，或写信给 li.si@example.com").text
'请回电 [手机号]，或写信给 [邮箱]'
>>> mask("Call +44 20 7946 0958, order 20260917 stays", language="en").text
'Call [phone], order 20260917 stays'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["zh", "en"]

GAP: Final = r"[\s\-‐‑–—－.·]?"
"""At most one separator between two digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One kind of personal data: its form, its check, and the words that replace it."""

    kind: str
    form: re.Pattern[str]
    accepts: Callable[[str], bool]
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """Text that may be shown, and how many of each kind were taken out."""

    text: str
    found: Mapping[str, int]


def mask(text: str, *, language: Language = "zh") -> Masked:
    """Replace e-mail addresses, identity numbers, bank cards and phone numbers.

    Parameters
    ----------
    text
        Any text.
    language
        Of the words in brackets.

    Returns
    -------
    Masked
        What is not personal stands unchanged, character by character.

    Examples
    --------
    >>> mask("身份证11010519491231002X，卡号6222 0200 0000 0000 006").found["id_number"]
    1
    """
    found: dict[str, int] = {}
    for pattern in PATTERNS:
        text = _replace(text, pattern, language, found)
    return Masked(text=text, found=MappingProxyType(found))


def contains_personal_data(text: str) -> bool:
    """Whether `mask` would take anything out.

    Examples
    --------
    >>> contains_personal_data("打 021-62345678 没人接"), contains_personal_data("服务很好，打 9 分")
    (True, False)
    """
    return bool(mask(text).found)


def valid_id_number(digits: str) -> bool:
    """Whether 18 characters are an identity number of mainland China: birthday and check digit.

    Notes
    -----
    GB 11643-1999, ISO 7064 MOD 11-2.

    Examples
    --------
    >>> valid_id_number("11010519491231002X"), valid_id_number("110105194912310021")
    (True, False)
    """
    if len(digits) != 18 or not _plausible_day(digits[6:14]):
        return False
    total = sum(int(digit) * pow(2, 17 - i, 11) for i, digit in enumerate(digits[:17]))
    return "10X98765432"[total % 11] == digits[17].upper()


def valid_card_number(digits: str) -> bool:
    """Whether 13 to 19 digits satisfy Luhn's check (ISO/IEC 7812-1).

    Examples
    --------
    >>> valid_card_number("4111111111111111"), valid_card_number("4111111111111112")
    (True, False)
    """
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return 13 <= len(digits) <= 19 and sum(d - 9 * (d > 9) for d in doubled) % 10 == 0


def _plausible_day(digits: str) -> bool:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return 1850 <= year <= 2150 and 1 <= month <= 12 and 1 <= day <= 31


def _old_id_number(digits: str) -> bool:
    """15 digits, in use until 1999: a birthday of the 20th century and no check digit."""
    return _plausible_day("19" + digits[6:12])


def _always(_: str) -> bool:
    return True


def _phone_length(digits: str) -> bool:
    return 8 <= len(digits) <= 15


def _digits(first: str, more: str) -> re.Pattern[str]:
    """Digits with at most one separator between two, not part of a longer number."""
    return re.compile(rf"(?<![\d０-９A-Za-z]){first}{more}(?![\d０-９A-Za-z])")


D: Final = rf"(?:{GAP}\d)"
"""A further digit; in a str pattern \\d also matches full-width ones."""

PATTERNS: Final = (
    Pattern(
        kind="email",
        form=re.compile(
            r"[A-Za-z0-9._%+\-]{1,64}\s?[@＠]\s?[A-Za-z0-9\-]{1,63}(?:[.．][A-Za-z0-9\-]{1,63}){1,5}"
        ),
        accepts=_always,
        zh="[邮箱]",
        en="[e-mail]",
    ),
    Pattern(
        kind="id_number",
        form=_digits(r"[1-9１-９]", rf"{D}{{16}}{GAP}[\dXxＸｘ]"),
        accepts=valid_id_number,
        zh="[证件号]",
        en="[id number]",
    ),
    Pattern(
        kind="bank_card",
        form=_digits(r"[2-69２-６９]", rf"{D}{{12,18}}"),
        accepts=valid_card_number,
        zh="[卡号]",
        en="[card number]",
    ),
    Pattern(
        kind="mobile",
        form=_digits(rf"(?:(?:[+＋]|00)?86{GAP})?[1１][3-9３-９]", rf"{D}{{9}}"),
        accepts=_always,
        zh="[手机号]",
        en="[mobile number]",
    ),
    Pattern(
        kind="id_number",
        form=_digits(r"[1-8１-８]", rf"{D}{{14}}"),
        accepts=_old_id_number,
        zh="[证件号]",
        en="[id number]",
    ),
    Pattern(
        kind="phone",
        form=re.compile(
            rf"(?<![\d０-９A-Za-z])(?:[+＋]|00)(?=[1-9１-９])(?:[(（]?{GAP}\d[)）]?){{8,15}}(?![\d０-９])"
        ),
        accepts=_phone_length,
        zh="[电话]",
        en="[phone]",
    ),
    Pattern(
        kind="phone",
        form=re.compile(
            rf"(?<![\d０-９A-Za-z])[(（]?[0０](?:10|2\d|[3-9]\d{{2}})[)）]?{GAP}[2-8]{D}{{6,7}}(?![\d０-９])"
            rf"|(?<![\d０-９A-Za-z])[48]00{GAP}\d{{3}}{GAP}\d{{4}}(?![\d０-９])"
            rf"|(?<![\d０-９A-Za-z])\(?[2-9]\d{{2}}\)?[ .\-]\d{{3}}[ .\-]\d{{4}}(?![\d０-９])"
        ),
        accepts=_always,
        zh="[电话]",
        en="[phone]",
    ),
    Pattern(
        kind="long_number",
        form=_digits(r"\d", rf"{D}{{12,18}}"),
        accepts=_always,
        zh="[长数字]",
        en="[long number]",
    ),
)
"""Most telling first: what an earlier row takes out, a later one does not see."""


def _replace(text: str, pattern: Pattern, language: Language, found: dict[str, int]) -> str:
    def put(match: re.Match[str]) -> str:
        kept = "".join(_plain(character) for character in match.group() if character.isalnum())
        if not pattern.accepts(kept):
            return match.group()
        found[pattern.kind] = found.get(pattern.kind, 0) + 1
        return pattern.zh if language == "zh" else pattern.en

    return pattern.form.sub(put, text)


def _plain(character: str) -> str:
    """Full-width digits and letters as their plain forms."""
    code = ord(character)
    return chr(code - 0xFEE0) if 0xFF01 <= code <= 0xFF5E else character
