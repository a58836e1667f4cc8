"""What `indicators.yaml` declares: a definition sheet for each indicator of the study."""

# ruff: noqa: RUF012 (pydantic copies a default for every instance)

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import Field

from survey_kpi.study.base import IndicatorId, Model, Name, Text, Unit


class Target(Model):
    """What is aimed at, with its unit: a target without unit is an error."""

    value: float
    unit: Unit
    measure: Name | None = None
    scale: tuple[float, float] | None = None
    """Ends of the scale that the target is stated on, where it is not the item's own."""


class IndicatorSheet(Model):
    """Definition sheet of one indicator of this study: a row of the library applied to an item."""

    id: IndicatorId
    kpi: Name
    """Code of the library row (A01, A07, …)."""
    item: Name | None = None
    label: Text
    definition: Text
    measure: Name | None = None
    """The headline measure; the library's headline by default."""
    direction: Literal["higher", "lower"] = "higher"
    target: Target | None = None
    anchor: float | None = None
    params: dict[str, Any] = {}
    """Parameters of the library row, such as a window in days; its defaults otherwise."""
    error_free: bool = False
    """Whether the value carries no sampling error (money, completed of planned)."""
    tag: Literal["result", "process", "ability"] = "result"
    financial: bool = False
    """Whether it counts as financial in the balance of the plan."""
    source: Literal["survey", "system", "self_report", "audit"] = "survey"
    owner: Text | None = None
    gaming: Text | None = None
    cost_hours: float | None = Field(default=None, ge=0)
    rescale: Literal["linear"] | None = None
    """How answers on another scale than the target's come onto it; refused unless it is said here."""
    weight_reason: Text | None = None
    """Why an indicator that a specialist does not control has a weight all the same."""
    defined_on: dt.date | None = None
    """Day on which the definition was last agreed."""
    tile: bool = False
    """Whether the answer page shows it as a tile."""


class Indicators(Model):
    """`indicators.yaml`."""

    schema_version: Literal[1]
    indicators: tuple[IndicatorSheet, ...] = Field(min_length=1)
