"""What `codebook.yaml` declares: answer scales, response fields, questions."""

# ruff: noqa: RUF012 (pydantic copies a default for every instance)

from __future__ import annotations

from typing import Literal

from pydantic import Field

from survey_kpi.study.base import Model, Name, Text


class Scale(Model):
    """An answer scale: its ends, its top box and its labels, best answer at `high`."""

    low: float
    high: float
    top_box: tuple[float, ...] = ()
    integer: bool = True
    labels: dict[int, Text] = {}


class Item(Model):
    """One question: its code, its words, its scale, and every code that is not an answer."""

    id: Name
    question: Text
    label: Text
    role: Literal["overall", "item", "ltr", "attention", "comment", "multi"] = "item"
    scale: Name | None = None
    headers: tuple[str, ...] = ()
    """Headers under which exports carry the item; its id and its words in both languages always count."""
    missing_codes: tuple[int | str, ...] = ()
    labels: dict[str, float] = {}
    """Further words that stand for a value (an old label, a spelling), beside the scale's labels."""
    reversed: bool = False
    shift: int = 0
    """Added to a numeric answer when it is read, for a scale coded 1-11 in place of 0-10: -1."""
    expected: float | None = None
    """The answer that an attention check asks for."""
    dimension: Name | None = None
    versions: tuple[str, ...] = ()
    """Questionnaire versions that ask it; empty means all."""
    wordings: dict[str, Text] = {}
    """Other words under which a questionnaire version asked it: trends break there, nothing is compared."""


class ResponseField(Model):
    """A column that is no question: who, when, how long, which design cell."""

    headers: tuple[str, ...] = ()
    missing_codes: tuple[int | str, ...] = ()


class AcceptedFinding(Model):
    """A sign of a faulty question that `survey-kpi check` finds and the author knows to be right."""

    finding: Name
    item: Name
    reason: str = Field(min_length=1)


class Codebook(Model):
    """`codebook.yaml`: scales, response fields, items."""

    schema_version: Literal[1]
    scales: dict[Name, Scale]
    fields: dict[Name, ResponseField] = {}
    items: tuple[Item, ...] = Field(min_length=1)
    accepted: tuple[AcceptedFinding, ...] = ()
    """Findings about the questionnaire that are accepted, each with the reason."""

    def item(self, item_id: str) -> Item:
        """Return the item with this code; KeyError when there is none."""
        return next(iter([item for item in self.items if item.id == item_id]))

    def scale_of(self, item: Item) -> Scale | None:
        """Return the item's scale, None for comments and choices."""
        return self.scales[item.scale] if item.scale else None

    @property
    def rated(self) -> tuple[Item, ...]:
        """Items with a numeric scale, in the order of the questionnaire."""
        return tuple(item for item in self.items if item.scale)
