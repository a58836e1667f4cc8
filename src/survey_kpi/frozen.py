"""Facts as they were published: one file for a study and a period, and what differs between two of them.

Equal facts give equal bytes. A number counts as changed when its value, unit or state differs; a reason or a
formula in other words changes no number.

Examples
--------
>>> before = Fact(key="2026Q3/A07.nps/company", value=30.0, unit="points")
>>> after = Fact(key="2026Q3/A07.nps/company", value=31.5, unit="points")
>>> content = to_parquet({before.key: before})
>>> found = difference(from_parquet(content), {after.key: after})
>>> found.equal, [(change.key, change.kind) for change in found.changes]
(0, [('2026Q3/A07.nps/company', 'changed')])
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from survey_kpi.errors import IntegrityError
from survey_kpi.estimate import State
from survey_kpi.facts import Fact

COLUMNS = ("key", "value", "unit", "state", "reason", "formula", "filter", "depends", "hash")

Kind = Literal["changed", "appeared", "vanished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact that differs; `before` is None where it appeared, `after` where it vanished."""

    key: str
    before: Fact | None
    after: Fact | None

    @property
    def kind(self) -> Kind:
        """What happened to the fact."""
        if self.before is None:
            return "appeared"
        return "changed" if self.after else "vanished"

    @property
    def unit(self) -> str:
        """Unit of the fact as it stands last."""
        found = self.after or self.before
        return found.unit if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Every fact that differs, by key, and the number of those that do not."""

    changes: tuple[Change, ...]
    equal: int

    def count(self, kind: Kind) -> int:
        """Return how many facts changed, appeared or vanished."""
        return sum(change.kind == kind for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A later word on a published period: its number, from 1, and the facts as they were published first."""

    number: int
    published: Mapping[str, Fact]


def difference(before: Mapping[str, Fact], after: Mapping[str, Fact]) -> Difference:
    """Compare two sets of facts key by key."""
    keys = sorted(before.keys() | after.keys())
    found = [Change(key=key, before=before.get(key), after=after.get(key)) for key in keys]
    changes = tuple(change for change in found if _said(change.before) != _said(change.after))
    return Difference(changes=changes, equal=len(keys) - len(changes))


def _said(fact: Fact | None) -> tuple[str, ...] | None:
    """Return what a fact says, to the last bit; two values that are not measured are the same."""
    return (float(fact.value).hex(), fact.unit, str(fact.state)) if fact else None


def to_parquet(facts: Mapping[str, Fact]) -> bytes:
    """Return facts as a Parquet file, in the order of their keys."""
    import pyarrow as pa  # noqa: PLC0415  takes its time, and starts threads
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = [facts[key] for key in sorted(facts)]
    columns: dict[str, Any] = {name: [getattr(fact, name) for fact in rows] for name in COLUMNS}
    columns["state"] = [str(fact.state) for fact in rows]
    columns["value"] = [float(fact.value) for fact in rows]
    kinds = {"value": pa.float64(), "depends": pa.list_(pa.string())}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, schema=schema), sink, compression="zstd")
    return sink.getvalue()


def from_parquet(content: bytes, *, where: str = "facts") -> dict[str, Fact]:
    """Read facts back and verify each by its hash.

    Parameters
    ----------
    where
        Name of the file, for messages.

    Raises
    ------
    IntegrityError
        `facts_unreadable`: this is no file of facts; `fact_changed`: a fact does not match its hash.
    """
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        rows = pq.read_table(io.BytesIO(content), columns=list(COLUMNS)).to_pylist()
        facts = [(_fact(row), row["hash"]) for row in rows]
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        what, expected = "this is no file of facts", "a facts.parquet that a report run wrote"
        raise IntegrityError("facts_unreadable", where=where, what=what, expected=expected) from error
    if changed := [fact.key for fact, digest in facts if fact.hash != digest]:
        what = f"{len(changed)} facts do not match their hash: the file was changed after it was written"
        raise IntegrityError("fact_changed", where=where, what=what, got=", ".join(changed[:3]))
    return {fact.key: fact for fact, _ in facts}


def _fact(row: Mapping[str, Any]) -> Fact:
    given = {name: row[name] for name in COLUMNS[:-1]}
    return Fact(**given | {"state": State(row["state"]), "depends": tuple(row["depends"])})
