"""Cross-checks of `codebook.yaml`: scales, options, missing codes, headers."""

from __future__ import annotations

from collections.abc import Iterator

from survey_kpi.errors import Problem
from survey_kpi.study.document import Key
from survey_kpi.study.draft import Draft, Problems, repeated, unknown
from survey_kpi.study.models import Item, Scale
from survey_kpi.study.wording import shown

FILE = "codebook"
RATED = ("overall", "item", "ltr", "attention")
ONCE = ("overall", "ltr")


def ids(draft: Draft) -> Problems:
    """Codes of items and names of columns are all different."""
    yield from repeated(draft, FILE, "items", [(index, item.id) for index, item in draft.items.items()])
    taken = draft.columns() or frozenset()
    for index, item in draft.items.items():
        if item.id in taken:
            where = draft.where(FILE, "items", index, "id")
            what = "the code is also the name of a response field"
            yield Problem(code="duplicate_id", where=where, what=what, got=shown(item.id))


def reserved(draft: Draft) -> Problems:
    """No item or field is called like a column that the toolkit adds, nor like another but for its case.

    To a database, upper and lower case are one name.
    """
    words = draft.words
    declared: list[tuple[tuple[Key, ...], str]] = [
        (("fields", name), name) for name in draft.fields if name not in words.overridable
    ]
    declared += [(("items", index, "id"), item.id) for index, item in draft.items.items()]
    own = {name.casefold() for name in (*words.fields, *words.reserved)}
    exact = frozenset(draft.fields) | set(words.fields)
    first: dict[str, str] = {}
    for path, name in declared:
        folded = name.casefold()
        other = first.setdefault(folded, name)
        clash = f"differs only in letter case from '{other}'" if other != name else ""
        if folded in own and not (path[0] == "items" and name in exact):  # that is a duplicate_id already
            clash = "is the name of a column that the toolkit adds"
        if folded.startswith(words.reserved_prefixes):
            clash = f"begins like columns that the toolkit adds ({', '.join(words.reserved_prefixes)})"
        if clash:
            where, hint = draft.where(FILE, *path), "give it another name"
            yield Problem(
                code="reserved_name", where=where, what=f"the name {clash}", got=shown(name), hint=hint
            )


def roles(draft: Draft) -> Problems:
    """One overall question and one likelihood to recommend at most."""
    for role in ONCE:
        holders = [(index, item.id) for index, item in draft.items.items() if item.role == role]
        for index, _ in holders[1:]:
            where = draft.where(FILE, "items", index, "role")
            what = f"a second item has the role '{role}'"
            yield Problem(code="role_twice", where=where, what=what, hint=f"the first is '{holders[0][1]}'")


def headers(draft: Draft) -> Problems:
    """No header leads to two columns."""
    first: dict[str, str] = {}
    for column, path, names in _headers(draft):
        for name in dict.fromkeys(names):
            if first.setdefault(name, column) != column:
                where = draft.where(FILE, *path)
                what = f"the header already belongs to '{first[name]}'"
                yield Problem(code="duplicate_header", where=where, what=what, got=shown(name))


def _headers(draft: Draft) -> Iterator[tuple[str, tuple[Key, ...], tuple[str, ...]]]:
    for name, entry in draft.fields.items():
        yield name, ("fields", name), (name, *entry.headers)
    for index, item in draft.items.items():
        asked = (item.question, *item.wordings.values())
        words = (item.id, *(word for text in asked for word in (text.zh, text.en)), *item.headers)
        yield item.id, ("items", index), words


def scales(draft: Draft) -> Problems:
    """Ends in order, top box and labels inside, whole numbers where the scale is whole."""
    for name, scale in draft.scales.items():
        if scale.low >= scale.high:
            where = draft.where(FILE, "scales", name, "low")
            got = f"{scale.low:g} to {scale.high:g}"
            yield Problem(code="scale_empty", where=where, what="the scale has no room", got=got)
            continue
        yield from _inside(draft, ("scales", name, "top_box"), scale, list(scale.top_box), "top_box_outside")
        yield from _inside(draft, ("scales", name, "labels"), scale, list(scale.labels), "label_outside")
        if scale.integer and not (scale.low.is_integer() and scale.high.is_integer()):
            where = draft.where(FILE, "scales", name)
            what = "a scale of whole numbers has whole ends"
            hint = "set integer: false for a continuous scale"
            yield Problem(code="scale_ends", where=where, what=what, got=_ends(scale), hint=hint)


def options(draft: Draft) -> Problems:
    """Within one language and one item, every word stands for one value."""
    for name, scale in draft.scales.items():
        spelled = draft.documents[FILE].data["scales"][name].get("labels", {})
        if len(spelled) != len(scale.labels):  # 5 and 05 are one code
            where = draft.where(FILE, "scales", name, "labels")
            what = "one option stands here in several spellings of its code"
            yield Problem(code="duplicate_option", where=where, what=what, got=", ".join(map(shown, spelled)))
        for language in ("zh", "en"):
            words: list[tuple[str, float]] = [
                (label.in_language(language), code) for code, label in scale.labels.items()
            ]
            yield from _ambiguous(draft, ("scales", name, "labels"), words)
    for index, item in draft.items.items():
        scale_labels = (draft.scale_of(item) or Scale(low=0, high=1)).labels
        spoken = [(word, float(code)) for code, text in scale_labels.items() for word in (text.zh, text.en)]
        words = [*spoken, *item.labels.items()]
        yield from _ambiguous(draft, ("items", index, "labels"), words if item.labels else [])


def _ambiguous(draft: Draft, path: tuple[Key, ...], words: list[tuple[str, float]]) -> Problems:
    meaning: dict[str, float] = {}
    for word, code in words:
        if meaning.setdefault(word, code) != code:
            where = draft.where(FILE, *path)
            what = f"the option {shown(word)} stands for {meaning[word]:g} and for {code:g}"
            yield Problem(code="duplicate_option", where=where, what=what)


def item_scales(draft: Draft) -> Problems:
    """Rated items have a scale, the others have none."""
    for index, item in draft.items.items():
        where = draft.where(FILE, "items", index, "scale")
        if item.scale:
            yield from unknown(where, "no such scale", item.scale, draft.names("codebook.scales"))
        if item.role in RATED and not item.scale:
            what = f"an item with the role '{item.role}' needs a scale"
            yield Problem(code="scale_missing", where=where, what=what)
        if item.role not in RATED and item.scale:
            what = f"an item with the role '{item.role}' has no scale"
            yield Problem(code="scale_unneeded", where=where, what=what, got=shown(item.scale))


def recommendation(draft: Draft) -> Problems:
    """Likelihood to recommend is a whole number from 0 to 10."""
    for index, item in draft.items.items():
        scale = draft.scale_of(item)
        if item.role == "ltr" and scale and (scale.low, scale.high, scale.integer) != (0, 10, True):
            yield Problem(
                code="nps_range",
                where=draft.where(FILE, "items", index, "scale"),
                what="likelihood to recommend is a whole number from 0 to 10",
                got=_ends(scale),
                hint="for answers coded 1-11 keep the scale 0-10 and set shift: -1",
            )


def answers(draft: Draft) -> Problems:
    """Missing codes lie outside the scale, further labels and the expected answer inside."""
    for index, item in draft.items.items():
        path: tuple[Key, ...] = ("items", index)
        scale = draft.scale_of(item)
        if scale:
            yield from _missing_codes(draft, (*path, "missing_codes"), item, scale)
            words = list(item.labels.values())
            yield from _inside(draft, (*path, "labels"), scale, words, "label_outside")
            expected = [] if item.expected is None else [item.expected]
            yield from _inside(draft, (*path, "expected"), scale, expected, "expected_outside")
        if (item.role == "attention") != (item.expected is not None):
            where = draft.where(FILE, *path, "expected")
            what = "an attention check, and nothing else, says which answer it expects"
            yield Problem(code="expected_missing", where=where, what=what, got=f"role '{item.role}'")


def _missing_codes(draft: Draft, path: tuple[Key, ...], item: Item, scale: Scale) -> Problems:
    words = {word for text in scale.labels.values() for word in (text.zh, text.en)} | set(item.labels)
    for place, code in enumerate(item.missing_codes):
        valid = code in words if isinstance(code, str) else _fits(scale, code + item.shift)
        if valid:
            what = "the missing code is also a valid answer"
            where = draft.where(FILE, *path, place)
            yield Problem(
                code="missing_code_valid", where=where, what=what, got=shown(code), expected=_outside(scale)
            )


def versions(draft: Draft) -> Problems:
    """Questionnaire versions of an item are versions of some source."""
    known = {source.version for source in draft.sources.values()}
    for index, item in draft.items.items():
        for place, version in enumerate(item.versions):
            where = draft.where(FILE, "items", index, "versions", place)
            yield from unknown(where, "no source has this version", version, known)
        for version in item.wordings:
            where = draft.where(FILE, "items", index, "wordings", version)
            yield from unknown(where, "no source has this version", version, known)
            if item.versions and version not in item.versions:
                what = "this version does not ask the item"
                expected = f"one of its versions: {', '.join(item.versions)}"
                yield Problem(
                    code="version_unasked", where=where, what=what, got=shown(version), expected=expected
                )


def accepted(draft: Draft) -> Problems:
    """Accepted findings name a check and an item that exist."""
    for place, one in draft.get("codebook.accepted").items():
        where = draft.where(FILE, "accepted", place)
        yield from unknown(where, "there is no such finding", one.finding, draft.words.findings)
        yield from unknown(where, "no such item", one.item, draft.names("codebook.items"))


def _inside(draft: Draft, path: tuple[Key, ...], scale: Scale, values: list[float], code: str) -> Problems:
    for value in values:
        if not _fits(scale, value):
            where, got, expected = draft.where(FILE, *path), f"{value:g}", _ends(scale)
            what = "the value is not on the scale"
            yield Problem(code=code, where=where, what=what, got=got, expected=expected)


def _fits(scale: Scale, value: float) -> bool:
    whole = not scale.integer or float(value).is_integer()
    return scale.low <= value <= scale.high and whole


def _ends(scale: Scale) -> str:
    return f"{'whole numbers ' if scale.integer else ''}{scale.low:g} to {scale.high:g}"


def _outside(scale: Scale) -> str:
    return f"a code outside {scale.low:g} to {scale.high:g}"


CHECKS = (
    (ids, ()),
    (reserved, ()),
    (roles, ()),
    (headers, ()),
    (scales, ()),
    (options, ()),
    (item_scales, ()),
    (recommendation, ()),
    (answers, ()),
    (versions, ("study.sources",)),
    (accepted, ("codebook.accepted",)),
)
