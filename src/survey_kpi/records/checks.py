"""Rows of one table looked at together: empty keys, the same key twice, times that contradict each other.

Rows are set aside, never lost: rows in = rows out + rows set aside, and each of the latter has its audit row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow as pa

from survey_kpi.records.model import DISORDERED, LISTED, ROW, quoted
from survey_kpi.study.tables import TableSpec

if TYPE_CHECKING:
    import duckdb

STAGES: Mapping[str, tuple[tuple[str, ...], ...]] = MappingProxyType(
    {
        "complaints": (
            ("opened_at", "confirmed_at", "first_response_at", "resolved_at", "feedback_at"),
            ("resolved_at", "reopened_at"),
            ("opened_at", "due_at"),
        ),
        "customers": (("start_at", "end_at"),),
        "interactions": (("at", "recorded_at"),),
        "leads": (("created_at", "passed_at", "won_at"), ("created_at", "lost_at")),
        "incidents": (("occurred_at", "plan_made_at"),),
        "collaboration_requests": (("opened_at", "resolved_at"), ("opened_at", "due_at")),
        "campaigns": (("start_at", "end_at"),),
        "actions": (("decided_on", "started_at"), ("decided_on", "due")),
    }
)
"""Chains of times in the order in which they can only happen; equal times are in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something noticed about a row of the stacked table.

    Parameters
    ----------
    row
        Number of the row over all parts; -1 for the table as a whole.
    rule, item, value, action, detail
        As in the audit.
    kept
        Row that stays in place of this one; -1 when there is none.
    """

    row: int
    rule: str
    item: str
    value: str
    action: str
    detail: str = ""
    kept: int = -1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedRows:
    """A table after its rows were looked at.

    Parameters
    ----------
    relation
        Canonical columns of the rows that stay, and `DISORDERED` where the table has stages.
    repeated
        Rows that another one of the same key stands for.
    findings
        What was noticed.
    """

    relation: duckdb.DuckDBPyRelation
    repeated: tuple[int, ...]
    findings: tuple[Finding, ...]


def checked_rows(
    rows: duckdb.DuckDBPyRelation, spec: TableSpec, connection: duckdb.DuckDBPyConnection
) -> CheckedRows:
    """Set rows without their key and repeated rows aside, and take contradicting times out.

    Parameters
    ----------
    rows
        `ROW` and the canonical columns.
    """
    complete = rows.filter(_whole(spec))
    repeated = tuple(_repeated(complete, spec, connection))
    numbers = tuple(finding.row for finding in repeated)
    kept = _without(complete, numbers, connection)
    pairs = stage_pairs(spec.name)
    disordered = tuple(_disordered(kept, pairs))
    columns = [_in_order(column.name, pairs, spec) for column in spec.columns]
    if pairs:
        columns.append(f"({_any_wrong(pairs)}) AS {DISORDERED}")
    return CheckedRows(
        relation=kept.project(", ".join(columns)),
        repeated=numbers,
        findings=(*repeated, *disordered),
    )


def count_incomplete(rows: duckdb.DuckDBPyRelation, spec: TableSpec) -> int:
    """Return how many rows lack a required cell."""
    [(count,)] = rows.aggregate(f"count(*) FILTER (NOT ({_whole(spec)}))").fetchall()
    return int(count)


def _whole(spec: TableSpec) -> str:
    return " AND ".join(f"{quoted(column.name)} IS NOT NULL" for column in spec.columns if column.required)


def _without(
    rows: duckdb.DuckDBPyRelation, numbers: Sequence[int], connection: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyRelation:
    if not numbers:
        return rows
    gone = connection.from_arrow(pa.table({"gone": pa.array(numbers, pa.int64())}))
    return rows.join(gone, f"{ROW} = gone", how="anti")


# --- the same key twice -------------------------------------------------------------------------------


def _repeated(
    rows: duckdb.DuckDBPyRelation, spec: TableSpec, connection: duckdb.DuckDBPyConnection
) -> Iterator[Finding]:
    """Keep one row of each key: the earliest, whatever the order of the file; among equals the fullest.

    Keys are compared by their hash first, so that the scan of a long table stays small.
    """
    hashes = _repeated_hashes(rows, spec.key) if spec.key else None
    if not hashes:
        return
    twice = connection.from_arrow(hashes)
    names = [quoted(column.name) for column in spec.columns]
    ranked = rows.join(twice, f"hash({spec.key}) = twice", how="semi").project(
        f"{ROW}, {spec.key} AS id, row({', '.join(names)}) AS content, "
        f"{quoted(spec.time) if spec.time else 'NULL'} AS happened, {_filled(names)} AS filled"
    )
    window = "(PARTITION BY id ORDER BY happened NULLS LAST, filled DESC, content, row)"
    compared = ranked.project(
        f"row, id, first(row) OVER {window} AS kept, "
        f"content IS NOT DISTINCT FROM first(content) OVER {window} AS same"
    )
    numbers = compared.filter("row <> kept").order("row").fetchall()
    for row, key, kept, same in numbers:
        rule = "duplicate_key" if same else "conflicting_key"
        yield Finding(row=row, rule=rule, item=spec.key, value=key, action="excluded", kept=kept)


def _repeated_hashes(rows: duckdb.DuckDBPyRelation, key: str) -> pa.Table:
    counted = rows.project(f"hash({key}) AS twice").aggregate("twice, count(*) AS n", "twice")
    return counted.filter("n > 1").project("twice").to_arrow_table()


def _filled(names: Sequence[str]) -> str:
    return " + ".join(f"({name} IS NOT NULL)::INTEGER" for name in names)


# --- times that contradict each other -----------------------------------------------------------------


def stage_pairs(table: str) -> tuple[tuple[str, str], ...]:
    """Return every pair of times of which the second cannot come before the first.

    Examples
    --------
    >>> stage_pairs("collaboration_requests")
    (('opened_at', 'resolved_at'), ('opened_at', 'due_at'))
    """
    return tuple(
        (chain[first], later)
        for chain in STAGES.get(table, ())
        for first in range(len(chain))
        for later in chain[first + 1 :]
    )


def _wrong(pair: tuple[str, str]) -> str:
    return f"coalesce({quoted(pair[1])} < {quoted(pair[0])}, false)"


def _any_wrong(pairs: Sequence[tuple[str, str]]) -> str:
    return " OR ".join(map(_wrong, pairs))


def _in_order(name: str, pairs: Sequence[tuple[str, str]], spec: TableSpec) -> str:
    """Return SQL that leaves a time out where it contradicts another; a required time stands."""
    bad = [pair for pair in pairs if name in pair]
    if not bad or spec.column(name).required:
        return quoted(name)
    return f"CASE WHEN {_any_wrong(bad)} THEN NULL ELSE {quoted(name)} END AS {quoted(name)}"


def _disordered(rows: duckdb.DuckDBPyRelation, pairs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
    if not pairs:
        return
    counts = rows.aggregate(", ".join(f"count(*) FILTER ({_wrong(pair)})" for pair in pairs)).fetchall()[0]
    for pair, count in zip(pairs, counts, strict=True):
        if count > LISTED:
            yield _out_of_order(-1, pair, str(count), "rows")
        elif count:
            found = rows.filter(_wrong(pair)).project(
                f"{ROW}, {quoted(pair[0])}::VARCHAR, {quoted(pair[1])}::VARCHAR"
            )
            for row, first, later in found.order(ROW).fetchall():
                yield _out_of_order(row, pair, later, f"before {pair[0]} {first}")


def _out_of_order(row: int, pair: tuple[str, str], value: str, detail: str) -> Finding:
    return Finding(row=row, rule="time_order", item=pair[1], value=value, action="set_missing", detail=detail)
