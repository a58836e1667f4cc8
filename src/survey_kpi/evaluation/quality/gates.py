"""The gates that data must pass, each with its limit, and what follows for the use of each table.

A gate that cannot be judged (no durations, nobody evaluated) is not measured; it neither passes nor fails.

Examples
--------
>>> GATES["unparsed"].limit, GATES["unparsed"].blocks
(2.0, ('reporting', 'grading'))
>>> passed(2.0, GATES["unparsed"], GATES["unparsed"].limit), passed(29, GATES["base"], 30)
(True, False)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Purpose = Literal["reporting", "grading"]
Owner = Literal["analyst", "survey", "staff"]
PURPOSES: tuple[Purpose, ...] = ("reporting", "grading")
BOTH = PURPOSES

TABLES: Mapping[str, bool] = MappingProxyType(
    {
        "responses": True,
        "specialists": True,
        "customers": False,
        "invitations": True,
        "interactions": False,
        "complaints": False,
        "orders": False,
    }
)
"""Tables of the matrix, and whether a study can declare them; the others stay not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One condition on the data.

    Parameters
    ----------
    code
        Stable name; the words stand in the wording of the report.
    unit
        Unit of value and limit: percent or count.
    limit
        Largest value that passes, smallest where `at_least`; None where the study's evidence rule says it.
    blocks
        Uses that a failure rules out.
    table
        Table that it speaks about.
    owner
        Who can mend it: the analyst, whoever runs the survey, whoever keeps the staff table.
    formula
        How the value follows, as its fact carries it.
    """

    code: str
    unit: Literal["percent", "count"]
    limit: float | None
    blocks: tuple[Purpose, ...]
    owner: Owner
    formula: str
    table: str = "responses"
    at_least: bool = False


_TABLE = (
    Gate(
        code="base",
        unit="count",
        limit=None,
        blocks=BOTH,
        owner="survey",
        formula="answers kept by cleaning",
        at_least=True,
    ),
    Gate(
        code="unparsed",
        unit="percent",
        limit=2.0,
        blocks=BOTH,
        owner="survey",
        formula="100 x cells of a column that hold something unreadable / rows, the worst column",
    ),
    Gate(
        code="undated",
        unit="percent",
        limit=1.0,
        blocks=BOTH,
        owner="survey",
        formula="100 x rows without a date / rows, all files",
    ),
    Gate(
        code="excluded",
        unit="percent",
        limit=20.0,
        blocks=BOTH,
        owner="analyst",
        formula="100 x rows set aside / rows received",
    ),
    Gate(
        code="duplicates",
        unit="percent",
        limit=5.0,
        blocks=BOTH,
        owner="survey",
        formula="100 x rows with a later answer of the same respondent / rows received",
    ),
    Gate(
        code="out_of_range",
        unit="percent",
        limit=1.0,
        blocks=BOTH,
        owner="survey",
        formula="100 x answers outside the scale of an item / rows, the worst item",
    ),
    Gate(
        code="not_asked",
        unit="count",
        limit=0.0,
        blocks=BOTH,
        owner="survey",
        formula="items behind indicators that a file of the period did not ask",
    ),
    Gate(
        code="missing",
        unit="percent",
        limit=20.0,
        blocks=("grading",),
        owner="survey",
        formula="100 x kept rows without an answer / kept rows asked, the worst scored item",
    ),
    Gate(
        code="careless",
        unit="percent",
        limit=10.0,
        blocks=("grading",),
        owner="survey",
        formula="100 x rows with enough signs of careless answering / rows received",
    ),
    Gate(
        code="unattributed",
        unit="percent",
        limit=10.0,
        blocks=("grading",),
        owner="staff",
        formula="100 x kept rows of no known subject / kept rows",
    ),
    Gate(
        code="thin",
        unit="percent",
        limit=20.0,
        blocks=("grading",),
        owner="survey",
        formula="100 x evaluated subjects below the base of evidence grade C / evaluated subjects",
    ),
    Gate(
        code="unlisted",
        unit="percent",
        limit=5.0,
        blocks=("grading",),
        owner="staff",
        formula="100 x kept answers whose code the staff table does not hold on their day / kept answers",
        table="specialists",
    ),
    Gate(
        code="coverage",
        unit="count",
        limit=0.0,
        blocks=("grading",),
        owner="survey",
        formula="people whose invitations favour customers who were satisfied before, without an explanation",
        table="invitations",
    ),
    Gate(
        code="off_list",
        unit="count",
        limit=0.0,
        blocks=("grading",),
        owner="survey",
        formula="invitations that were not drawn, drawn units not invited, and units invited twice",
        table="invitations",
    ),
)

GATES: Mapping[str, Gate] = MappingProxyType({gate.code: gate for gate in _TABLE})
"""Every gate by its code, in the order of printing."""


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
    values: Mapping[str, tuple[float, str]],
    *,
    base: int,
    limits: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Outcome, ...]:
    """Hold each gate against its measured (value, where); a gate without a value is not measured.

    Parameters
    ----------
    base
        Limit of gates that have none of their own.
    limits
        Limits that the study declares, by gate; they win.
    """
    return tuple(
        _judged(gate, *values.get(gate.code, (math.nan, "")), limits.get(gate.code, _limit(gate, base)))
        for gate in GATES.values()
    )


def _limit(gate: Gate, base: int) -> float:
    return float(base) if gate.limit is None else gate.limit


def _judged(gate: Gate, value: float, where: str, limit: float) -> Outcome:
    verdict: Literal["passed", "failed", "not_measured"] = "not_measured"
    if not math.isnan(value):
        verdict = "passed" if passed(value, gate, limit) else "failed"
    return Outcome(gate=gate, value=value, limit=limit, where=where, verdict=verdict)


def fitness(outcomes: Sequence[Outcome], *, declared: Mapping[str, bool], graded: bool) -> list[Fitness]:
    """Return table x purpose: fit, unfit with its gates, not measured, or not applicable.

    Parameters
    ----------
    declared
        Whether the study has each table.
    graded
        Whether the study grades anybody.
    """
    return [
        _fitness(table, purpose, outcomes, declared.get(table, False), graded)
        for table in TABLES
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
        one.gate.code
        for one in outcomes
        if one.verdict == "failed" and one.gate.table == table and purpose in one.gate.blocks
    )
    return Fitness(table=table, purpose=purpose, verdict="unfit" if failed else "fit", gates=failed)
