"""The words of the reports, in Chinese and English, and how facts enter them.

Both files hold the same keys. A template names its slots in braces; text and numbers reach the report as
spans, so nothing that comes from data can be read as markup.

Examples
--------
>>> words = load("en")
>>> "".join(span.text for span in fill("{a} of {b}", a="one", b=[Span("two")]))
'one of two'
>>> words["verdict.rose"]
'rose'
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from survey_kpi.errors import ReportError, nearest
from survey_kpi.report.blocks import Span

LANGUAGES = ("zh", "en")
Slot = str | Span | Sequence[Span]
_SLOT = re.compile(r"\{(\w+)\}")


class Words(Mapping[str, str]):
    """Texts of one language by dotted key; an unknown key names its nearest."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self._texts = texts

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]  # absent words are text too
        """Return a text, or `default` where the wording has none for this key."""
        return self._texts.get(key, default)

    def __getitem__(self, key: str) -> str:
        try:
            return self._texts[key]
        except KeyError:
            raise ReportError(
                "wording_missing",
                where=f"wording/{self.language}.yaml",
                what="there is no such text",
                got=repr(key),
                hint=nearest(key, self._texts),
            ) from None

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def say(self, key: str, **slots: Slot) -> list[Span]:
        """Return the text of `key` with its slots filled."""
        return fill(self[key], **slots)


@cache
def load(language: str) -> Words:
    """Return the words of a language, "zh" or "en"."""
    folder = resources.files("survey_kpi.report") / "wording"
    texts: dict[str, str] = {}
    for source in sorted(folder.iterdir(), key=lambda path: path.name):
        if source.name.endswith(f"{language}.yaml"):  # one file for the frame, one per further edition
            texts |= dict(_flat(yaml.safe_load(source.read_text(encoding="utf-8"))))
    return Words(language, MappingProxyType(texts))


def fill(template: str, **slots: Slot) -> list[Span]:
    """Fill the slots of a template with texts or spans."""
    spans: list[Span] = []
    for place, part in enumerate(_SLOT.split(template)):
        if place % 2 == 0:
            spans += [Span(part)] if part else []
            continue
        value = slots[part]
        spans += [Span(value)] if isinstance(value, str) else [value] if isinstance(value, Span) else value
    return spans


def joined(words: Words, parts: Sequence[str]) -> str:
    """Join names as the language does: 、 and 和 in Chinese, commas and "and" in English."""
    if len(parts) <= 1:
        return "".join(parts)
    comma, last = (words["frame.list_comma"], words["frame.list_last"])
    return comma.join(parts[:-1]) + last + parts[-1]


def _flat(tree: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for key, value in tree.items():
        name = f"{prefix}{key}"
        pairs += _flat(value, f"{name}.") if isinstance(value, Mapping) else [(name, str(value))]
    return pairs
