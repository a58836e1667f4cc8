"""Mistakes of form in the words of an analyst: pydantic's findings as problems with key path and line."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from survey_kpi.errors import Problem, nearest
from survey_kpi.study.document import Document, Key, KeyPath

SHOWN = 60

_FORMS: Mapping[str, tuple[str, str]] = {
    r"^[A-Za-z][A-Za-z0-9_]*$": ("name_form", "letters, digits and _, a letter first"),
    r"^[A-Za-z][A-Za-z0-9_-]*$": ("name_form", "letters, digits, _ and -, a letter first"),
    r"^\d{4}(-(0[1-9]|1[0-2])|Q[1-4](-R4)?)$": ("period_format", "a month 2026-07 or a quarter 2026Q3"),
}
_WHOLE, _NUMBER, _DATE = "a whole number", "a number", "a date such as 2026-07-01"
_KINDS: Mapping[str, str] = {
    "string_type": "text",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping of keys",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
}
_BOUNDS: Mapping[str, str] = {
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "{ge:g} or more",
    "less_than": "less than {lt:g}",
    "less_than_equal": "{le:g} or less",
    "string_too_short": "at least {min_length} character",
    "string_too_long": "at most {max_length} characters",
    "too_short": "at least {min_length} entry",
}
_MISSING: Mapping[str, tuple[str, str, str]] = {
    "formula": (
        "formula_undeclared",
        "the formula is not named, and 'deduct proportionally' has two readings",
        "linear is the usual one; ratio_target_over_actual, step, identity and none are the others",
    ),
    "unit": (
        "unit_missing",
        "the target has no unit, and 10% on top of an NPS of 30 can mean 33 (percent) or 40 (points)",
        "percent and points state a level, pp and pct_rel a change",
    ),
}


def translated(
    document: Document, model: type[BaseModel], details: Sequence[ErrorDetails]
) -> Iterator[Problem]:
    """Yield one problem for each place; a misspelled required key counts once."""
    places: dict[KeyPath, list[ErrorDetails]] = {}
    for detail in details:
        places.setdefault(_path(document.data, detail), []).append(detail)
    unknown = {path for path, found in places.items() if found[0]["type"] == "extra_forbidden"}
    meant = set()
    for path in unknown:
        near = _hint_for_key(model, path)
        meant |= {
            other for other in places if other[:-1] == path[:-1] and near == f"did you mean '{other[-1]}'?"
        }
    for path, found in places.items():
        if path in unknown:
            yield Problem(
                code="unknown_key",
                where=document.where(*path),
                what="there is no such key",
                got=shown(path[-1]),
                hint=_hint_for_key(model, path),
            )
        elif path not in meant or found[0]["type"] != "missing":
            yield _problem(document, model, path, found)


def shown(value: Any) -> str:
    """Return a value as it may stand in a message: short, control characters escaped.

    Examples
    --------
    >>> shown(None), shown(True), shown("a\\nb"), shown([1])
    ('nothing', 'true', "'a\\\\nb'", 'a list')
    """
    if isinstance(value, dict | list):
        kind = "mapping" if isinstance(value, dict) else "list"
        return f"a {kind}" if value else f"an empty {kind}"
    words = {None: "nothing", True: "true", False: "false"}
    text = words[value] if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def _path(data: Any, detail: ErrorDetails) -> KeyPath:
    """Return the part of a pydantic location that is a key path, without tags of unions and key checks."""
    path: list[Key] = []
    for step in detail["loc"]:
        key = str(step) if isinstance(data, dict) else step
        if isinstance(data, dict) and (key in data or detail["type"] == "missing"):
            data = data.get(str(key))
        elif isinstance(data, list) and isinstance(key, int) and key < len(data):
            data = data[key]
        else:
            break
        path.append(key)
    return tuple(path)


def _hint_for_key(model: type[BaseModel], path: KeyPath) -> str:
    here = model_at(model, path[:-1])
    return nearest(path[-1], here.model_fields) if here else ""


def model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """Return the model that describes the mapping at a key path, None where there is none."""
    kind: Any = model
    for key in path:
        if _is_model(kind):
            info = kind.model_fields.get(str(key))
            kind = info.annotation if info else None
        else:
            arguments = typing.get_args(kind) or (None,)
            kind = arguments[0] if typing.get_origin(kind) is tuple else arguments[-1]
        if typing.get_origin(kind) in (typing.Union, types.UnionType):
            kind = typing.get_args(kind)[0]  # optional values name their type first
    return kind if _is_model(kind) else None


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _problem(
    document: Document, model: type[BaseModel], path: KeyPath, details: Sequence[ErrorDetails]
) -> Problem:
    detail, where = details[0], document.where(*path)
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "missing":
        return _missing(where, path)
    got = shown(_at(document.data, path))
    if kind == "string_pattern_mismatch":
        code, expected = _FORMS.get(context["pattern"], ("name_form", f"the form {context['pattern']}"))
        what, got = "this is not of the right form", shown(detail["input"])
        return Problem(code=code, where=where, what=what, got=got, expected=expected)
    if kind == "literal_error":
        return _choice(where, detail, got)
    if kind in _BOUNDS:
        expected = _BOUNDS[kind].format(**context)
        return Problem(
            code="value_range", where=where, what="this is out of range", got=got, expected=expected
        )
    expected = " or ".join(dict.fromkeys(_expected(entry, model, path) for entry in details))
    value = _at(document.data, path)
    bare = expected == "text" and not isinstance(value, dict | list | None)
    return Problem(
        code="value_type",
        where=where,
        what="this is of the wrong kind",
        got=got,
        expected=expected,
        hint="put it between quotes to make it text" if bare else "",
    )


def _missing(where: str, path: KeyPath) -> Problem:
    if path[-1] in ("zh", "en"):
        option = "labels" in path
        what = f"the {'option' if option else 'text'} has no {path[-1]} words"
        code = "options_differ" if option else "language_missing"
        return Problem(code=code, where=where, what=what, expected="words in zh and in en")
    code, what, hint = _MISSING.get(str(path[-1]), ("key_missing", "the key is missing", ""))
    return Problem(code=code, where=where, what=what, hint=hint)


def _choice(where: str, detail: ErrorDetails, got: str) -> Problem:
    expected = str(detail["ctx"]["expected"])
    choices = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    hint = nearest(detail["input"], choices)
    return Problem(
        code="unknown_name",
        where=where,
        what="this is none of the choices",
        got=got,
        expected=expected,
        hint=hint if hint.startswith("did") else "",
    )


def _expected(detail: ErrorDetails, model: type[BaseModel], path: KeyPath) -> str:
    if detail["type"] in ("model_type", "model_attributes_type"):
        here = model_at(model, path)
        keys = [name for name, info in here.model_fields.items() if info.is_required()] if here else []
        return f"a mapping with the keys {', '.join(keys)}" if keys else "a mapping of keys"
    said = detail["msg"]
    return _KINDS.get(detail["type"], said[:1].lower() + said[1:])


def _at(data: Any, path: KeyPath) -> Any:
    for key in path:
        data = data[key]
    return data
