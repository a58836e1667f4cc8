"""What a KPI is: a row that declares its measures, their per-answer score and how a mean is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import narwhals.stable.v2 as nw

from survey_kpi.study.models import Item, Scale, Text

Family = Literal["proportion", "mean", "nps"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of an indicator: the mean of a score per answer.

    Parameters
    ----------
    name
        Name in keys: `A01.top_box`.
    family
        Which interval belongs to it: a proportion (score 0 or 1), a mean, or NPS (score 1, 0, -1).
    unit, scale_by
        Unit of the value, and the factor from the mean score to it (100 for percent and NPS points).
    score
        Expression of the score of one answer, null where there is no valid answer.
    formula
        How the value follows, in a line, as facts carry it.
    """

    name: str
    label: Text
    family: Family
    unit: str
    scale_by: float
    score: Callable[[Item, Scale], nw.Expr]
    formula: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A row of the KPI library.

    Parameters
    ----------
    code
        A01, A07, …
    roles
        Roles of the items it may be applied to; empty when it needs no item.
    measures
        In the order of printing.
    headline
        Name of the measure that tiles, targets and scores use unless a sheet says otherwise.
    default_anchor
        Zero point of attainment; None when the study must declare it.
    """

    code: str
    label: Text
    definition: Text
    source: str
    roles: tuple[str, ...]
    measures: tuple[Measure, ...]
    headline: str
    direction: Literal["higher", "lower"] = "higher"
    default_anchor: float | None = 0.0

    def measure(self, name: str) -> Measure:
        """Return the measure of this name; KeyError when there is none."""
        for measure in self.measures:
            if measure.name == name:
                return measure
        raise KeyError(name)
