"""How much of a target is asked of whom: exposure shares of persons, and of the groups they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from survey_kpi.facts import Fact, fact_key
from survey_kpi.indicators.estimation import subject_keys
from survey_kpi.indicators.records import is_personal
from survey_kpi.period import Period
from survey_kpi.records.roster import roster
from survey_kpi.study.models import Level

MULTIPLIED: Final = frozenset({"count", "total"})
"""Families whose targets grow with exposure: counts and money; all others are rates, means or times."""
QUARTER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How much of a quarter's targets is asked of whom.

    Parameters
    ----------
    share
        By subject: days employed, not on leave and in the spell x fte / days of the quarter, summed over the
        quarters of the period, and over the members of a team.
    otherwise
        Share of those whose days are not known: that of somebody who is there throughout.
    """

    share: Mapping[str, float]
    otherwise: float

    def of(self, subject: str) -> float:
        """Exposure share of a subject."""
        return self.share.get(subject, self.otherwise)


def exposure_of(people: pd.DataFrame | None, levels: Sequence[Level], period: Period) -> Exposure:
    """Return the exposure shares of persons, and of groups of persons, in a period.

    Parameters
    ----------
    people
        Person-spells; None where the study has none: nobody's days are known then.
    levels
        Those that are not about persons have no exposure.

    Examples
    --------
    >>> spell = {"specialist_id": "s1", "valid_from": pd.Timestamp("2026-08-16"), "valid_to": pd.NaT}
    >>> people = pd.DataFrame([spell])
    >>> word = {"zh": "专员", "en": "specialist"}
    >>> level = Level(id="specialist", label=word, column="specialist_id", people=True)
    >>> exposure_of(people, [level], Period.parse("2026Q3")).of("s1")
    0.5
    """
    spans = _quarters(period)
    otherwise = sum(part for _, part in spans)
    if people is None:
        return Exposure(share={}, otherwise=otherwise)
    there = roster(people, [span for span, _ in spans])
    there["exposure"] *= there["period"].map({str(span): part for span, part in spans}).astype(float)
    shares: dict[str, float] = {}
    for level in levels:
        if level.people and level.column == "specialist_id":
            shares |= {str(who): 0.0 for who in people["specialist_id"].unique()}
        if is_personal(level) and level.column in there:
            sums = there.groupby(subject_keys(there[level.column], level))["exposure"].sum()
            shares |= {str(subject): float(share) for subject, share in sums.items()}
    return Exposure(share=shares, otherwise=otherwise)


def _quarters(period: Period) -> list[tuple[Period, float]]:
    """Spans whose days are counted, each with the part of a quarter's target that belongs to it."""
    if period.months >= QUARTER:
        return [(Period(first, QUARTER), 1.0) for first in range(period.first, _after(period), QUARTER)]
    quarter = Period(period.first - period.first % QUARTER, QUARTER)
    return [(period, days_of(period) / days_of(quarter))]


def _after(period: Period) -> int:
    return period.first + period.months


def days_of(period: Period) -> int:
    """Return the days of a period."""
    return (period.end - period.start).days


def multiplied(stated: float, share: float) -> float:
    """Return the target of somebody: a share of NaN multiplies nothing, 0 leaves nothing to ask for (NaN).

    Examples
    --------
    >>> multiplied(12.0, 0.25), multiplied(80.0, float("nan")), multiplied(12.0, 0.0)
    (3.0, 80.0, nan)
    """
    if share != share:  # noqa: PLR0124  NaN
        return stated
    return stated * share if share > 0 else float("nan")


def exposure_key(period: str, subject: str) -> str:
    """Return the key of the fact of an exposure share."""
    return fact_key(period, "param", "exposure", subject)


def exposure_fact(period: str, subject: str, share: float) -> Fact:
    """Return an exposure share as a fact."""
    formula = "days employed, not on leave and in the spell x fte / days of the quarter, summed over quarters"
    return Fact(key=exposure_key(period, subject), value=share, unit="share", formula=formula)
