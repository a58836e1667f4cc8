"""The study files as far as they are sound, as the cross-checks see them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from survey_kpi.errors import Problem, nearest
from survey_kpi.study.document import Document, Key
from survey_kpi.study.goals import Goal
from survey_kpi.study.models import (
    Band,
    IndicatorSheet,
    Item,
    Level,
    ResponseField,
    Scale,
    Source,
    TableSource,
)
from survey_kpi.study.shape import Parts
from survey_kpi.study.vocabulary import Vocabulary
from survey_kpi.study.wording import shown

Problems = Iterator[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """Sound entries of the files, with the way back to their lines."""

    documents: Mapping[str, Document]
    parts: Parts
    words: Vocabulary
    folder: Path
    data_dir: Path

    def get(self, part: str) -> Any:
        """Return a key that the check asked for as a whole, `file.key`."""
        return self.parts.values[part]

    @property
    def items(self) -> Mapping[int, Item]:
        """Sound items by their place in the file."""
        return self._entries("codebook.items")

    @property
    def scales(self) -> Mapping[str, Scale]:
        """Sound scales by name."""
        return self._entries("codebook.scales")

    @property
    def fields(self) -> Mapping[str, ResponseField]:
        """Sound response fields by name."""
        return self._entries("codebook.fields")

    @property
    def sheets(self) -> Mapping[int, IndicatorSheet]:
        """Sound indicators by their place in the file."""
        return self._entries("indicators.indicators")

    @property
    def sources(self) -> Mapping[int, Source]:
        """Sound sources by their place in the file."""
        return self._entries("study.sources")

    @property
    def tables(self) -> Mapping[str, TableSource]:
        """Sound tables by name."""
        return self._entries("study.tables")

    @property
    def levels(self) -> Mapping[int, Level]:
        """Sound levels by their place in the file."""
        return self._entries("study.levels")

    @property
    def bands(self) -> Mapping[int, Band]:
        """Sound bands by their place in the file."""
        return self._entries("rules.bands")

    @property
    def goals(self) -> Mapping[int, Goal]:
        """Sound goal versions by their place in the file."""
        return self._entries("goals.goals")

    def _entries(self, part: str) -> dict[Any, Any]:
        return self.parts.values.get(part) or {}

    def item(self, item_id: str) -> Item | None:
        """Return the sound item with this code."""
        return next((item for item in self.items.values() if item.id == item_id), None)

    def sheet(self, indicator_id: str) -> IndicatorSheet | None:
        """Return the sound definition sheet with this id."""
        return next((sheet for sheet in self.sheets.values() if sheet.id == indicator_id), None)

    def scale_of(self, item: Item) -> Scale | None:
        """Return the sound scale of an item."""
        return self.scales.get(item.scale) if item.scale else None

    def names(self, part: str) -> frozenset[str] | None:
        """Return the names that a list or mapping declares, in sound entries or not; None if it is unread."""
        file, key = part.split(".")
        raw = (self.documents[file].data or {}).get(key)
        if isinstance(raw, dict):
            return frozenset(raw)
        if isinstance(raw, list):
            return frozenset(str(entry["id"]) for entry in raw if isinstance(entry, dict) and "id" in entry)
        return None if part in self.parts.broken else frozenset()

    def columns(self) -> frozenset[str] | None:
        """Return the names of response columns that are no questions; None if the codebook is unread."""
        declared = self.names("codebook.fields")
        return None if declared is None else declared | frozenset(self.words.fields)

    def where(self, file: str, *path: Key) -> str:
        """Return file, key path and line."""
        return self.documents[file].where(*path)


def unknown(where: str, what: str, name: object, known: Collection[str] | None) -> Problems:
    """Yield a problem when a name refers to nothing; no verdict when the names could not be read."""
    if known is not None and name not in known:
        hint = nearest(name, [choice for choice in known if choice.isprintable()])
        yield Problem(code="unknown_name", where=where, what=what, got=shown(name), hint=hint)


def repeated(draft: Draft, file: str, key: str, ids: Iterable[tuple[int, str]]) -> Problems:
    """Yield a problem for every id of a list that stood there before."""
    first: dict[str, int] = {}
    for index, name in ids:
        if name in first:
            yield Problem(
                code="duplicate_id",
                where=draft.where(file, key, index, "id"),
                what="the id stands here twice",
                got=shown(name),
                hint=f"it stands first at {key}[{first[name]}]",
            )
        first.setdefault(name, index)
