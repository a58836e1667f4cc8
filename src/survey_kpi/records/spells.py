"""Spells: who was where, and whose customer was whose, from a day up to another, without overlap.

Leave is written into one cell, as spells with a kind, the second day being the first at work again:
"2026-07-01/2026-07-10 sick; 2026-08-03/2026-08-05 annual".
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import pandas as pd

from survey_kpi.errors import Problem, SchemaError
from survey_kpi.frames import Row, rows_of

FAR = pd.Timestamp("9999-01-01").as_unit("us")
"""End of a spell that is open."""

SPELLS: Mapping[str, str] = MappingProxyType({"specialists": "specialist_id", "ownership": "customer_id"})
"""Tables of spells, and whose spells they are."""

PERSONAL = ("name", "hired_on", "left_on", "leave", "last_band", "target_bonus", "currency")
"""Columns about the person, which every spell of the person repeats."""


def spell_problems(table: str, spells: pd.DataFrame, where: str = "") -> list[Problem]:
    """Return every reason why the spells of a table cannot be told apart.

    Parameters
    ----------
    table
        "specialists" or "ownership".
    spells
        Its rows: valid_from, valid_to exclusive and missing when open.
    where
        What messages call the table; its name by default.

    Returns
    -------
    list of Problem
        `spell_conflict`: a spell overlaps the next one or ends before it begins; columns about a person
        differ from spell to spell. `leave_format`: see `leaves_of`.

    Examples
    --------
    >>> day = pd.Timestamp
    >>> twice = pd.DataFrame(
    ...     {
    ...         "customer_id": ["c1", "c1"],
    ...         "valid_from": [day("2026-07-01"), day("2026-08-01")],
    ...         "valid_to": [day("2026-08-02"), pd.NaT],
    ...     }
    ... )
    >>> print(spell_problems("ownership", twice)[0])
    ownership: customer 'c1': a spell overlaps the next one; got from 2026-07-01 to 2026-08-02, expected \
spells that follow one another, valid_to exclusive. [spell_conflict]
    """
    who = SPELLS[table]
    place = f"{where or table}: {who.removesuffix('_id')}"
    return [
        *_conflicts(spells, who, place),
        *_disagreements(spells, who, place),
        *_unreadable_leaves(spells, place),
    ]


def _conflicts(spells: pd.DataFrame, who: str, place: str) -> Iterator[Problem]:
    ordered = spells.sort_values([who, "valid_from"], kind="stable")
    end = ordered["valid_to"].fillna(FAR)
    overlap = ordered.groupby(who)["valid_from"].shift(-1) < end
    backward = end <= ordered["valid_from"]
    for bad, what in (
        (overlap, "a spell overlaps the next one"),
        (backward, "a spell ends before it begins"),
    ):
        for row in rows_of(ordered[bad]):
            yield Problem(
                code="spell_conflict",
                where=f"{place} '{row[who]}'",
                what=what,
                got=_span(row),
                expected="spells that follow one another, valid_to exclusive",
            )


def _span(row: Row) -> str:
    end = "open" if pd.isna(row.valid_to) else f"{row.valid_to:%Y-%m-%d}"
    return f"from {row.valid_from:%Y-%m-%d} to {end}"


def _disagreements(spells: pd.DataFrame, who: str, place: str) -> Iterator[Problem]:
    for column in [name for name in PERSONAL if name in spells.columns and who == "specialist_id"]:
        told = spells[[who, column]].dropna().astype({column: "str"}).drop_duplicates().groupby(who)[column]
        for person, words in told.agg(list)[told.size() > 1].items():
            yield Problem(
                code="spell_conflict",
                where=f"{place} '{person}'",
                what=f"column '{column}' differs from spell to spell, but is about the person",
                got=" and ".join(map(repr, words)),
                hint="repeat one value, or leave the other cells empty",
            )


# --- leave --------------------------------------------------------------------------------------------

_LEAVE = re.compile(r"(\d{4}-\d{2}-\d{2})\s*/\s*(\d{4}-\d{2}-\d{2})(?:\s+(\S.*))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """Days off, `[start, end)`."""

    start: dt.date
    end: dt.date
    kind: str = ""


def leaves_of(text: str) -> tuple[Leave, ...]:
    """Read a cell of leaves.

    Raises
    ------
    SchemaError
        `leave_format`: a part is no span of days, or runs backward.

    Examples
    --------
    >>> [leave.kind for leave in leaves_of("2026-07-01/2026-07-10 sick; 2026-08-03/2026-08-05")]
    ['sick', '']
    """
    return tuple(_leave(part.strip()) for part in re.split("[;；]", text) if part.strip())


def _leave(part: str) -> Leave:
    found = _LEAVE.fullmatch(part)
    try:
        start, end = (
            (dt.date.fromisoformat(day) for day in found.groups()[:2]) if found else (dt.date.max,) * 2
        )
    except ValueError:  # a day that does not exist
        start = end = dt.date.max
    if not found or end <= start:
        raise SchemaError(
            "leave_format",
            where="leave",
            what="this is no span of days",
            got=repr(part),
            expected="<first day>/<first day back> <kind>, several joined by ;",
        )
    return Leave(start=start, end=end, kind=found[3] or "")


def _unreadable_leaves(spells: pd.DataFrame, place: str) -> Iterator[Problem]:
    if "leave" not in spells.columns:
        return
    for row in rows_of(spells[spells["leave"].notna()].drop_duplicates(["specialist_id", "leave"])):
        try:
            leaves_of(row.leave)
        except SchemaError as error:
            for problem in error.problems:
                yield replace(problem, where=f"{place} '{row.specialist_id}', column 'leave'")
