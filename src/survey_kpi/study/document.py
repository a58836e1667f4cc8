"""YAML text to plain data that remembers where every value stands.

Study files use the part of YAML that people expect: mappings, lists, text, numbers, `true`, `false` and
`null`. A date, a time and `yes` or `no` stay the text that was typed; anchors, aliases, tags and repeated
keys are refused, so that a file means what it looks like and cannot grow when it is read.

Examples
--------
>>> document = parse("rules.yaml", "bands:\\n  - {id: full, low: 80}\\n")
>>> document.data
{'bands': [{'id': 'full', 'low': 80}]}
>>> document.where("bands", 0, "low")
'rules.yaml: bands[0].low, line 2'
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from survey_kpi.errors import Problem

MAX_BYTES = 2_000_000
MAX_DEPTH = 24
LONGEST_KEY = 60

Key = str | int
KeyPath = tuple[Key, ...]

_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,14})")
_NUMBER = re.compile(r"[-+]?(?:(?:0|[1-9][0-9]{0,14})(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?")
_WORDS: Mapping[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
_SYNTAX_HINTS = {
    "mapping values are not allowed here": "put text that holds a colon between quotes",
    "cannot start any token": "indent with spaces, and put text that begins with a sign between quotes",
    "expected <block end>": "the indentation of this line does not fit the lines above it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One study file: its data, the line of every key path, and what was wrong with its text."""

    name: str
    data: Any = None
    lines: Mapping[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def where(self, *path: Key) -> str:
        """Return file, key path and line; the line of the nearest key above where a key is missing."""
        known = next((path[:n] for n in range(len(path), -1, -1) if path[:n] in self.lines), None)
        line = f", line {self.lines[known]}" if known is not None else ""
        return f"{self.name}: {key_path(path)}{line}" if path else f"{self.name}{line}"


def key_path(path: KeyPath) -> str:
    """Return a path as it is written: `bands[1].low`.

    Examples
    --------
    >>> key_path(("bands", 1, "low")), key_path(("labels", "a: b"))
    ('bands[1].low', "labels['a: b']")
    """
    return "".join(map(_step, path)).removeprefix(".")


def _step(key: Key) -> str:
    if isinstance(key, int):
        return f"[{key}]"
    plain = key.isprintable() and len(key) <= LONGEST_KEY and not set(key) & set(".[]:, ")
    return f".{key}" if plain else f"[{key[:LONGEST_KEY]!a}]"


def read(path: Path) -> Document:
    """Read one study file; whatever is wrong with it is in the document's problems."""
    if not path.is_file():
        return _refused(path.name, "file_missing", "the file is missing", hint=f"looked for {path}")
    if path.stat().st_size > MAX_BYTES:
        what = "the file is larger than a study file can be"
        return _refused(path.name, "limit_exceeded", what, expected=f"at most {MAX_BYTES} bytes")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"byte {error.start + 1} is not UTF-8"
        return _refused(path.name, "encoding", what, hint="save the file as UTF-8")
    return parse(path.name, text)


def parse(name: str, text: str) -> Document:
    """Parse the text of a study file."""
    reading = _Reading(name)
    try:
        reading.whole(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        reading.syntax(error)
    except yaml.YAMLError as error:  # a character that YAML does not allow
        reading.note("yaml_syntax", name, f"this is not YAML text: {str(error).splitlines()[0]}")
    except _StopReading:
        pass
    data = reading.data if isinstance(reading.data, dict) else None
    if data is None and not reading.problems:
        got = "an empty file" if reading.data is None else type(reading.data).__name__
        reading.note("value_type", name, "a study file is a mapping of keys", got=got)
    return Document(name=name, data=data, lines=reading.lines, problems=tuple(reading.problems))


def _refused(name: str, code: str, what: str, **more: str) -> Document:
    return Document(name=name, problems=(Problem(code=code, where=name, what=what, **more),))


class _StopReading(Exception):  # noqa: N818  not an error: it ends the loop
    """The rest of the text is not worth reading."""


class _Reading:
    """State while one text is read: events in, data and lines and problems out."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: Any = None
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []

    def note(self, code: str, where: str, what: str, **more: Any) -> None:
        self.problems.append(Problem(code=code, where=where, what=what, **more))

    def syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        at = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        said = " ".join(filter(None, (error.problem, error.context)))
        hint = next((hint for words, hint in _SYNTAX_HINTS.items() if words in said), "")
        self.data = None
        self.note("yaml_syntax", f"{self.name}{at}", f"this is not valid YAML: {said}", hint=hint)

    def whole(self, events: Iterator[yaml.Event]) -> None:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if self.lines:
                    at = f"{self.name}, line {_line(event)}"
                    self.note("yaml_feature", at, "a study file holds one document", got="a second '---'")
                    return
                self.data = self.value(next(events), events, ())

    def value(self, event: yaml.Event, events: Iterator[yaml.Event], path: KeyPath) -> Any:
        self.lines.setdefault(path, _line(event))
        self.refuse_features(event, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self.mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(events, path)
        if isinstance(event, yaml.ScalarEvent):
            return self.scalar(event, path)
        return None  # an alias, noted above

    def mapping(self, events: Iterator[yaml.Event], path: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                self.note("yaml_feature", self.at(event, path), "a key is a word, not a list or mapping")
                raise _StopReading
            key = self.scalar(event, path, as_key=True)
            if key in found:
                self.repeated(event, (*path, key))
            self.lines[*path, key] = _line(event)
            found[key] = self.value(next(events), events, (*path, key))
        return found

    def sequence(self, events: Iterator[yaml.Event], path: KeyPath) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            found.append(self.value(event, events, (*path, len(found))))
        return found

    def scalar(self, event: yaml.ScalarEvent, path: KeyPath, *, as_key: bool = False) -> Any:
        text: str = event.value
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.note("encoding", self.at(event, path), "half of a surrogate pair is not a character")
            text = ""
        if as_key:
            return text
        return _resolved(text) if event.style is None else text

    def repeated(self, event: yaml.Event, path: KeyPath) -> None:
        option = "labels" in path[:-1]
        self.note(
            "duplicate_option" if option else "duplicate_key",
            self.at(event, path),
            f"the {'option' if option else 'key'} stands here twice",
            got=repr(path[-1]),
            hint=f"it stands first in line {self.lines[path]}",
        )

    def refuse_features(self, event: yaml.Event, path: KeyPath) -> None:
        if len(path) > MAX_DEPTH:
            self.note("limit_exceeded", f"{self.name}, line {_line(event)}", "nested too deeply")
            raise _StopReading
        feature = ""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            feature = f"an alias (*{anchor})"
        elif anchor or tag:
            feature = f"an anchor (&{anchor})" if anchor else f"a tag ({tag})"
        if feature:
            hint = "write the value out; text that begins with &, * or ! goes between quotes"
            self.note("yaml_feature", self.at(event, path), "study files are plain", got=feature, hint=hint)

    def at(self, event: yaml.Event, path: KeyPath) -> str:
        return f"{self.name}: {key_path(path)}, line {_line(event)}"


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _resolved(text: str) -> Any:
    """Return what a bare word means; codes such as 007 and dates stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
