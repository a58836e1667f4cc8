"""Working time and promises: `calendar` and `service_levels` of `study.yaml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from survey_kpi.study.base import Model

Tier = Literal["high", "mid", "low"]
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"


class WorkTime(Model):
    """Which days and hours are worked."""

    country: str = Field(default="CN", pattern=r"^[A-Z]{2,3}$")
    """Country whose holidays and make-up days count, by its code of ISO 3166."""
    opens: str = Field(default="09:00", pattern=CLOCK)
    """Start of a working day."""
    closes: str = Field(default="18:00", pattern=CLOCK)
    """End of a working day."""
    file: str | None = None
    """Days that are otherwise, in the data directory: date, working, open, close; they win over the rest."""


class ServiceLevel(Model):
    """What customers of a tier are promised, in hours."""

    response: float | None = Field(default=None, gt=0)
    """Until the first response."""
    resolution: float | None = Field(default=None, gt=0)
    """Until the matter is resolved."""
    clock: Literal["working", "calendar"] = "working"
    """Whether hours count in working time only, or day and night."""
