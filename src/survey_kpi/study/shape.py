"""From plain data to models, entry by entry, so that one wrong entry does not hide its neighbours' mistakes.

Each top-level key, and each entry of a list or mapping of models, is read on its own; what is sound goes on
to the cross-checks, what is not becomes a problem in plain words.
"""

from __future__ import annotations

import functools
import json
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from survey_kpi.errors import Problem
from survey_kpi.study.document import Document, Key, KeyPath
from survey_kpi.study.wording import translated

M = TypeVar("M", bound=BaseModel)


@dataclass(slots=True)
class Parts:
    """What is sound in the study files.

    `values` holds each top-level key under `file.key`; lists and mappings of models are held as a mapping
    of index or name to the sound entries. `broken` names the keys of which some part is not sound.
    """

    values: dict[str, Any] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def assembled(self, file: str, model: type[M]) -> M:
        """Put one file together; for a file without problems."""
        values = {name: self.values[f"{file}.{name}"] for name in model.model_fields}
        lists = {
            name: tuple(value.values())
            for name, value in values.items()
            if _entry_model(model, name) and typing.get_origin(model.model_fields[name].annotation) is tuple
        }
        return model.model_validate(values | lists)


def read_parts(file: str, model: type[BaseModel], document: Document, parts: Parts) -> None:
    """Add the sound parts of one file, and the problems of the others, to `parts`."""
    parts.problems += document.problems
    data = document.data
    if data is None:
        parts.broken |= {f"{file}.{name}" for name in model.model_fields}
        return
    details = [
        _detail("extra_forbidden", name, data[name]) for name in data if name not in model.model_fields
    ]
    for name, info in model.model_fields.items():
        if name in data:
            details += _read_key(f"{file}.{name}", name, model, data[name], parts)
        elif info.is_required():
            details.append(_detail("missing", name, data))
            parts.broken.add(f"{file}.{name}")
        else:
            default = info.get_default(call_default_factory=True)
            parts.values[f"{file}.{name}"] = _entries(default) if _entry_model(model, name) else default
    parts.problems += translated(document, model, details)


def _read_key(part: str, name: str, model: type[BaseModel], raw: Any, parts: Parts) -> list[ErrorDetails]:
    info = model.model_fields[name]
    entries = _entries(raw) if _entry_model(model, name) and _fits(info, raw) else {}
    if not entries:
        value, details = _validated(_adapter(info), raw, (name,))
        parts.values[part] = value
        if details:
            parts.broken.add(part)
            parts.values[part] = {}
        return details
    adapter = _adapter_of(model, name)
    details, sound = [], {}
    for key, entry in entries.items():
        one = [entry] if isinstance(key, int) else {key: entry}
        value, wrong = _validated(adapter, one, (name,))
        if wrong:
            parts.broken.add(part)
            details += [{**detail, "loc": (name, key, *detail["loc"][2:])} for detail in wrong]
        else:
            sound[key] = value[0] if isinstance(key, int) else value[key]
    parts.values[part] = sound
    return details


def _fits(info: FieldInfo, raw: Any) -> bool:
    return isinstance(raw, list if typing.get_origin(info.annotation) is tuple else dict)


def _entries(raw: Any) -> Mapping[Key, Any]:
    if isinstance(raw, list | tuple):
        return dict(enumerate(raw))
    return raw if isinstance(raw, dict) else {}


def _entry_model(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    """Return M for a key declared as `tuple[M, ...]` or `dict[Name, M]`, None for every other key."""
    annotation = model.model_fields[name].annotation
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) not in (tuple, dict):
        return None
    inner = arguments[0] if typing.get_origin(annotation) is tuple else arguments[1]
    return inner if isinstance(inner, type) and issubclass(inner, BaseModel) else None


@functools.cache
def _adapter_of(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    """Return the validator of a list or mapping of models, without the bound on its length."""
    annotation: Any = model.model_fields[name].annotation
    return TypeAdapter(annotation)


def _adapter(info: FieldInfo) -> TypeAdapter[Any]:
    annotation: Any = info.annotation
    return TypeAdapter(Annotated[annotation, *info.metadata] if info.metadata else annotation)


def _validated(adapter: TypeAdapter[Any], raw: Any, prefix: KeyPath) -> tuple[Any, list[ErrorDetails]]:
    """Validate strictly (no text for numbers, no 1 for true) by way of JSON, which has lists and dates."""
    try:
        return adapter.validate_json(json.dumps(raw), strict=True), []
    except ValidationError as error:
        found = error.errors(include_url=False)
    return None, [{**detail, "loc": (*prefix, *detail["loc"])} for detail in found]


def _detail(kind: str, name: str, value: Any) -> ErrorDetails:
    return {"type": kind, "loc": (name,), "msg": "", "input": value}
