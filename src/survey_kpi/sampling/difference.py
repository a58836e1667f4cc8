"""What changed in a questionnaire since the last one: where a trend line must break, and where not.

Examples
--------
>>> from survey_kpi.study.models import Codebook
>>> words = {"zh": "您满意吗？", "en": "Are you satisfied?"}
>>> def asked(item_id, high):
...     item = {"id": item_id, "scale": "s", "label": words, "question": words}
...     return Codebook(schema_version=1, scales={"s": {"low": 1, "high": high}}, items=[item])
>>> for change in difference(asked("q1", 5), asked("overall", 7)):
...     print(change.kind, change.name, "|", change.before, "|", change.after)
renamed overall | q1 | overall
scale overall | whole 1 to 5 | whole 1 to 7
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from survey_kpi.study.models import Codebook, Item, Scale

Kind = Literal["new", "removed", "renamed", "wording", "scale", "missing_codes", "role"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of an item, or of a response field.

    Parameters
    ----------
    kind
        "new", "removed", "renamed" (the same words under another id), or the aspect that differs: "wording",
        "scale" (ends, labels, top box, and how answers are read), "missing_codes", "role".
    name
        Id in the new codebook; in the old one for what was removed.
    before, after
        What stood there; empty on the side where there is nothing.
    """

    kind: Kind
    name: str
    before: str = ""
    after: str = ""


def difference(old: Codebook, new: Codebook) -> tuple[Change, ...]:
    """Compare two codebooks.

    Parameters
    ----------
    old, new
        Codebooks of two periods.

    Returns
    -------
    tuple of Change
        In the order of the new codebook, each entry's own changes together; removed ones at the end. An
        item counts as renamed when its words in both languages, blanks aside, are those of one item that
        is gone; what else changed about it is listed too. Empty when nothing that an answer means changed:
        labels, headers and dimensions do not count.
    """
    before, after = _entries(old), _entries(new)
    renamed = _renamed(before, after)
    changes = [
        change
        for name, aspects in after.items()
        for change in _changes(name, renamed.get(name, name), before, aspects)
    ]
    gone = [name for name in before if name not in after and name not in renamed.values()]
    return (*changes, *(Change(kind="removed", name=name, before=_words(before[name])) for name in gone))


Aspects = Mapping[Kind, str]


def _entries(codebook: Codebook) -> dict[str, Aspects]:
    """Return what can change about each item and each response field, as text that a person compares."""
    found: dict[str, Aspects] = {item.id: _aspects(item, codebook.scale_of(item)) for item in codebook.items}
    for name, entry in codebook.fields.items():
        found.setdefault(name, {"missing_codes": _codes(entry.missing_codes)})
    return found


def _aspects(item: Item, scale: Scale | None) -> Aspects:
    return {
        "wording": " / ".join(" ".join(text.split()) for text in (item.question.zh, item.question.en)),
        "scale": _read(item, scale),
        "missing_codes": _codes(item.missing_codes),
        "role": item.role,
    }


def _read(item: Item, scale: Scale | None) -> str:
    """Describe how an answer becomes a number, "" for comments and choices."""
    if scale is None:
        return ""
    words = [f"{code}={text.zh}/{text.en}" for code, text in sorted(scale.labels.items())]
    words += [f"{word}={code:g}" for word, code in sorted(item.labels.items())]
    parts = [
        f"{'whole ' if scale.integer else ''}{scale.low:g} to {scale.high:g}",
        f"top box {' '.join(f'{code:g}' for code in sorted(scale.top_box))}" if scale.top_box else "",
        ", ".join(words),
        f"shift {item.shift:+d}" if item.shift else "",
        "reversed" if item.reversed else "",
        "" if item.expected is None else f"expects {item.expected:g}",
    ]
    return "; ".join(part for part in parts if part)


def _codes(codes: tuple[int | str, ...]) -> str:
    return ", ".join(sorted(str(code) for code in codes))


def _words(aspects: Aspects) -> str:
    return aspects.get("wording", "")


def _renamed(before: Mapping[str, Aspects], after: Mapping[str, Aspects]) -> dict[str, str]:
    """Return the old id by new id where exactly one item is gone and one has come with the same words."""
    gone = [name for name in before if name not in after and _words(before[name])]
    come = [name for name in after if name not in before and _words(after[name])]
    here, there = (
        Counter(_words(side[name]) for name in names) for side, names in ((before, gone), (after, come))
    )
    old = {_words(before[name]): name for name in gone}
    return {
        name: old[words] for name in come if here[words := _words(after[name])] == 1 and there[words] == 1
    }


def _changes(name: str, old_name: str, before: Mapping[str, Aspects], aspects: Aspects) -> Iterator[Change]:
    if old_name not in before:
        yield Change(kind="new", name=name, after=_words(aspects))
        return
    if old_name != name:
        yield Change(kind="renamed", name=name, before=old_name, after=name)
    old = before[old_name]
    for kind in dict.fromkeys((*old, *aspects)):
        if old.get(kind, "") != aspects.get(kind, ""):
            yield Change(kind=kind, name=name, before=old.get(kind, ""), after=aspects.get(kind, ""))
