"""What a gate is, and what follows from the gates for the use of each table.

A gate that cannot be judged (no durations, nobody evaluated) is not measured; it neither passes nor fails.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Purpose = Literal["reporting", "grading"]
Owner = Literal["analyst", "survey", "staff", "crm"]
PURPOSES: tuple[Purpose, ...] = ("reporting", "grading")
RESPONSES = "responses"
"""The table of answers, which every study has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition on the data.

    Parameters
    ----------
    code
        What is looked at; the words stand in the wording of the report.
    unit
        Unit of value and limit: percent or count.
    limit
        Largest value that passes, smallest where `at_least`; None where the study's evidence rule says it.
    blocks
        Uses that a failure rules out.
    table
        Table that it speaks about.
    owner
        Who can mend it: the analyst, whoever runs the survey, whoever keeps staff or customer records.
    formula
        How the value follows, as its fact carries it.
    name
        Stable name, under which a study declares another limit; the code where only one table has it.
    """

    code: str
    unit: Literal["percent", "count"]
    limit: float | None
    blocks: tuple[Purpose, ...]
    owner: Owner
    formula: str
    table: str = RESPONSES
    at_least: bool = False
    name: str = ""

    def __post_init__(self) -> None:
        """Name a gate that stands for itself after its code."""
        if not self.name:
            object.__setattr__(self, "name", self.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a gate found: its value, the limit that held, where the worst stands, and its verdict."""

    gate: Gate
    value: float
    limit: float
    where: str
    verdict: Literal["passed", "failed", "not_measured"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitness:
    """Whether a table is fit for a use, and the gates that say no."""

    table: str
    purpose: Purpose
    verdict: Literal["fit", "unfit", "not_measured", "not_applicable"]
    gates: tuple[str, ...] = ()


def passed(value: float, gate: Gate, limit: float) -> bool:
    """Whether a value passes; the limit itself does."""
    return value >= limit if gate.at_least else value <= limit


def judge(
    gates: Iterable[Gate],
    values: Mapping[str, tuple[float, str]],
    *,
    base: int,
    limits: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Outcome, ...]:
    """Hold gates against their measured (value, where) by name; one without a value is not measured.

    Parameters
    ----------
    base
        Limit of gates that have none of their own.
    limits
        Limits that the study declares, by name or by code; they win, and the name before the code.
    """
    return tuple(
        _judged(gate, *values.get(gate.name, (math.nan, "")), _limit(gate, base, limits)) for gate in gates
    )


def _limit(gate: Gate, base: int, limits: Mapping[str, float]) -> float:
    own = float(base) if gate.limit is None else gate.limit
    return limits.get(gate.name, limits.get(gate.code, own))


def _judged(gate: Gate, value: float, where: str, limit: float) -> Outcome:
    verdict: Literal["passed", "failed", "not_measured"] = "not_measured"
    if not math.isnan(value):
        verdict = "passed" if passed(value, gate, limit) else "failed"
    return Outcome(gate=gate, value=value, limit=limit, where=where, verdict=verdict)


def fitness(
    tables: Iterable[str], outcomes: Sequence[Outcome], *, declared: Collection[str], graded: bool
) -> list[Fitness]:
    """Return table x purpose: fit, unfit with its gates, not measured, or not applicable.

    Parameters
    ----------
    declared
        Tables that the study has.
    graded
        Whether the study grades anybody.
    """
    return [
        _fitness(table, purpose, outcomes, table in declared, graded)
        for table in tables
        for purpose in PURPOSES
    ]


def _fitness(
    table: str, purpose: Purpose, outcomes: Sequence[Outcome], declared: bool, graded: bool
) -> Fitness:
    if not declared:
        return Fitness(table=table, purpose=purpose, verdict="not_measured")
    if purpose == "grading" and not graded:
        return Fitness(table=table, purpose=purpose, verdict="not_applicable")
    failed = tuple(
        one.gate.name
        for one in outcomes
        if one.verdict == "failed" and one.gate.table == table and purpose in one.gate.blocks
    )
    return Fitness(table=table, purpose=purpose, verdict="unfit" if failed else "fit", gates=failed)


def worst(shares: Mapping[str, float]) -> tuple[float, str]:
    """Return the largest share and where it is; 0 and nowhere for none, NaN values aside."""
    measured = {name: value for name, value in shares.items() if not math.isnan(value)}
    if not measured:
        return math.nan, ""
    name = max(measured, key=lambda one: measured[one])
    return measured[name], name if measured[name] > 0 else ""


def percent(part: float, whole: float) -> float:
    """Return a share in percent, NaN of nothing."""
    return 100 * part / whole if whole else math.nan
