"""Working time and promises: `calendar` and `service_levels` of `study.yaml`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from survey_kpi.study.base import Model

Tier = Literal["high", "mid", "low"]


class WorkTime(Model):
    """Which days and hours are worked."""

    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,3}$")] = "CN"
    """Country whose holidays and make-up days count, by its code of ISO 3166."""
    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(18)
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
