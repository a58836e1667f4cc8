"""The gates that data must pass, each with its limit: those of the answers one by one, then those of tables.

A check on tables is declared once and fits every table that has what it looks at. `study.yaml` declares
other limits under `gates`: of a check for all tables by its code (`unreadable`), or for one table alone
(`complaints_unreadable`), which wins.

Examples
--------
>>> GATES["unparsed"].limit, GATES["unparsed"].blocks
(2.0, ('reporting', 'grading'))
>>> [name for name in GATES if name.startswith("ownership_")]
['ownership_incomplete', 'ownership_unreadable', 'ownership_strangers', 'ownership_unlisted_people', \
'ownership_overlapping', 'ownership_in_period']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from survey_kpi.evaluation.quality.judging import PURPOSES, RESPONSES, Gate, Owner
from survey_kpi.records.checks import STAGES
from survey_kpi.records.spells import SPELLS
from survey_kpi.study.tables import TABLES as SPECS
from survey_kpi.study.tables import TableSpec

BOTH = PURPOSES
TABLES = (RESPONSES, *SPECS)
"""Tables of the matrix: the answers, then every canonical table."""

OWNERS: Mapping[str, Owner] = MappingProxyType(
    {
        "specialists": "staff",
        "usage": "staff",
        "ratings360": "staff",
        "training": "staff",
        "contributions": "staff",
        "invites": "survey",
        "benchmarks": "analyst",
        "labels": "analyst",
        "actions": "analyst",
    }
)
"""Who keeps a table; all others lie with the customer records."""

STEADY = frozenset(
    {"specialists", "customers", "ownership", "invites", "complaints", "interactions", "service_plans"}
    | {"orders", "leads", "usage", "collaboration_requests"}
)
"""Tables without a row of the period only if an export was forgotten; the others may well be silent."""

PEOPLE = ("specialist_id", "ratee_id", "person_id")
"""Columns that name a member of staff."""

_ANSWERS = (
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
        table="invites",
    ),
    Gate(
        code="off_list",
        unit="count",
        limit=0.0,
        blocks=("grading",),
        owner="survey",
        formula="invitations that were not drawn, drawn units not invited, and units invited twice",
        table="invites",
    ),
)

# --- checks of tables ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A gate that fits many tables: the gate, still without its table, and which tables it fits."""

    gate: Gate
    fits: Callable[[TableSpec], bool]


def _names(spec: TableSpec) -> frozenset[str]:
    return frozenset(column.name for column in spec.columns)


def states_owner(spec: TableSpec) -> bool:
    """Whether rows of a table name a customer and a specialist at a time, so that ownership can say no."""
    return bool(spec.key and spec.time) and {"customer_id", "specialist_id"} <= _names(spec)


_CHECKS = (
    Check(
        gate=Gate(
            code="incomplete",
            unit="percent",
            limit=2.0,
            blocks=BOTH,
            owner="crm",
            formula="100 x rows set aside because a required cell is empty or unreadable / rows",
        ),
        fits=lambda _: True,
    ),
    Check(
        gate=Gate(
            code="repeated",
            unit="percent",
            limit=1.0,
            blocks=BOTH,
            owner="crm",
            formula="100 x rows whose key an earlier row has / rows",
        ),
        fits=lambda spec: bool(spec.key),
    ),
    Check(
        gate=Gate(
            code="unreadable",
            unit="percent",
            limit=2.0,
            blocks=BOTH,
            owner="crm",
            formula="100 x cells of a column that hold something unreadable / rows, the worst column",
        ),
        fits=lambda _: True,
    ),
    Check(
        gate=Gate(
            code="disordered",
            unit="percent",
            limit=2.0,
            blocks=("grading",),
            owner="crm",
            formula="100 x rows whose times contradict each other / rows",
        ),
        fits=lambda spec: spec.name in STAGES,
    ),
    Check(
        gate=Gate(
            code="strangers",
            unit="percent",
            limit=2.0,
            blocks=("grading",),
            owner="crm",
            formula="100 x rows whose customer the table of customers lacks / rows that name a customer",
        ),
        fits=lambda spec: spec.name != "customers" and "customer_id" in _names(spec),
    ),
    Check(
        gate=Gate(
            code="unlisted_people",
            unit="percent",
            limit=2.0,
            blocks=("grading",),
            owner="staff",
            formula="100 x rows whose person the table of staff lacks / rows that name a person",
        ),
        fits=lambda spec: spec.name != "specialists" and bool(_names(spec) & set(PEOPLE)),
    ),
    Check(
        gate=Gate(
            code="stated_otherwise",
            unit="percent",
            limit=5.0,
            blocks=("grading",),
            owner="crm",
            formula="100 x rows that name another specialist than the owner of the day / rows that name one",
        ),
        fits=states_owner,
    ),
    Check(
        gate=Gate(
            code="overlapping",
            unit="count",
            limit=0.0,
            blocks=BOTH,
            owner="crm",
            formula="spells that overlap the next one of the same person or customer, or run backward",
        ),
        fits=lambda spec: spec.name in SPELLS,
    ),
    Check(
        gate=Gate(
            code="in_period",
            unit="count",
            limit=1.0,
            blocks=BOTH,
            owner="crm",
            formula="rows of the period; of customers and spells, those that held in it",
            at_least=True,
        ),
        fits=lambda spec: spec.name in STEADY,
    ),
    Check(
        gate=Gate(
            code="stale",
            unit="count",
            limit=31.0,
            blocks=("grading",),
            owner="crm",
            formula="days from the last row before the end of the period to that end",
        ),
        fits=lambda spec: bool(spec.time) and spec.name in STEADY,
    ),
)

CHECKS: Mapping[str, Check] = MappingProxyType({one.gate.code: one for one in _CHECKS})
"""Every check of tables by its code, in the order of printing."""


def _of_tables() -> list[Gate]:
    return [
        replace(check.gate, table=spec.name, name=f"{spec.name}_{code}", owner=_owner(check.gate, spec.name))
        for spec in SPECS.values()
        for code, check in CHECKS.items()
        if check.fits(spec)
    ]


def _owner(gate: Gate, table: str) -> Owner:
    return gate.owner if gate.owner == "staff" else OWNERS.get(table, gate.owner)


GATES: Mapping[str, Gate] = MappingProxyType({gate.name: gate for gate in (*_ANSWERS, *_of_tables())})
"""Every gate by its name, in the order of printing."""

LIMITED = (*GATES, *CHECKS)
"""Names under which a study declares a limit."""
