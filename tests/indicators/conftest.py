"""Small tables of a company, as the indicators see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from survey_kpi.engine import connect
from survey_kpi.engine import scan as scan_table
from survey_kpi.indicators.record_estimates import estimate_records
from survey_kpi.indicators.records import count_records, period_frames, record_scans
from survey_kpi.period import Period
from survey_kpi.study.models import IndicatorSheet, Level, Text
from survey_kpi.study.tables import TABLES

DTYPES = {
    "text": "str",
    "choice": "str",
    "integer": "Int64",
    "number": "float64",
    "money": "float64",
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
    "flag": "boolean",
}
ADDED = {"response_due_at": "datetime64[us]", "response_due_from": "str", "due_from": "str"}
"""Columns that the working calendar adds."""
LEVELS = {
    "specialist": Level(
        id="specialist", label=Text(zh="专员", en="specialist"), column="specialist_id", people=True
    ),
    "team": Level(id="team", label=Text(zh="团队", en="team"), column="team", via="specialists"),
    "tier": Level(id="tier", label=Text(zh="层级", en="tier"), column="tier", via="customers"),
    "channel": Level(id="channel", label=Text(zh="渠道", en="channel"), column="channel"),
    "category": Level(id="category", label=Text(zh="类别", en="category"), column="category"),
}


def canonical(name: str, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A table with all its canonical columns and those that the calendar adds, typed as the readers do."""
    given = pd.DataFrame(list(rows))
    kinds = {column.name: DTYPES[column.kind] for column in TABLES[name].columns}
    added = {column: ADDED[column] for column in given.columns if column in ADDED}
    table = given.reindex(columns=[*kinds, *added])
    return table.astype(kinds | added)


@pytest.fixture
def measured() -> Callable[..., pd.DataFrame]:
    """Estimate one indicator over tables given as lists of rows.

    `measured("A10", {"complaints": [...]}, period="2026Q3")` gives the tidy rows of all subjects; levels are
    named: specialist, team, tier, channel.
    """

    def run(
        code: str,
        tables: Mapping[str, Sequence[Mapping[str, Any]]],
        *,
        period: str | Sequence[str] = "2026Q3",
        levels: Sequence[str] = (),
        params: Mapping[str, Any] | None = None,
        cut_off: str | None = None,
        roster: pd.DataFrame | None = None,
        extra: Mapping[str, pd.DataFrame] | None = None,
    ) -> pd.DataFrame:
        spans = [Period.parse(text) for text in ([period] if isinstance(period, str) else period)]
        subjects = [LEVELS[name] for name in levels]
        connection = connect()
        known = period_frames(spans)
        if cut_off:
            known = {
                name: table.assign(cut_off=pd.Timestamp(cut_off).as_unit("us"))
                for name, table in known.items()
            }
        plain = {**{name: canonical(name, rows) for name, rows in tables.items()}, **known}
        plain |= dict(extra or {})
        frames = {name: scan_table(table, connection=connection) for name, table in plain.items()}
        words = Text(zh=code, en=code)
        sheet = IndicatorSheet(id=code, kpi=code, label=words, definition=words, params=dict(params or {}))
        scans = record_scans([sheet])
        assert scans, f"{code} has no view"
        found = [
            estimate_records(
                count_records(scan, frames, subjects),
                scan.scores,
                subjects,
                [str(span) for span in spans],
                roster=roster,
            )
            for scan in scans
        ]
        return pd.concat(found, ignore_index=True)

    return run


@pytest.fixture
def company(measured: Callable[..., pd.DataFrame]) -> Callable[..., dict[str, Any]]:
    """The company's row of each measure, by the name of the measure."""

    def run(code: str, tables: Mapping[str, Any], **options: Any) -> dict[str, Any]:
        found = measured(code, tables, **options)
        rows = found[found["subject"] == "company"]
        return {row["measure"]: row for row in rows.to_dict("records")}

    return run
