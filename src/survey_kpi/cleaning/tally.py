"""Counting what cleaning noticed: every row accounted for, per source and period.

Flags are counted in one scan; single answers were counted when the thresholds were taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning.policy import Setting
from survey_kpi.cleaning.profile import Profile, count, records
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, Frame
from survey_kpi.errors import RunError

GROUP = ["source", "period"]
TOTALS, RULES = ["raw", "kept", "excluded"], ["rule", "item", "flagged", "excluded", "action"]
PARTS = {"missing_code": "coded", "out_of_range": "outside"}
"""Which count of the first scan belongs to which rule on single answers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Counts of rows, first within each source and period.

    Parameters
    ----------
    totals
        Columns of the grouping, then raw, kept, excluded.
    rules
        Columns of the grouping, then rule, item ("" for rules on rows), flagged, excluded, action. `excluded`
        counts each row under its first reason only, so that it sums to the rows excluded.
    """

    totals: pd.DataFrame
    rules: pd.DataFrame

    def __post_init__(self) -> None:
        excluded, explained = int(self.totals["excluded"].sum()), int(self.rules["excluded"].sum())
        if excluded != explained:
            raise RunError(
                "rows_unaccounted",
                where="cleaning",
                what="the rules do not account for every excluded row",
                got=explained,
                expected=excluded,
            )

    def within(self, *columns: str) -> Tally:
        """Sum up to `source`, to `period`, or to all rows."""
        names = ["rule", "item", "action"]
        return Tally(
            totals=_summed(self.totals, list(columns), TOTALS),
            rules=_summed(self.rules, [*columns, *names], ["flagged", "excluded"])[[*columns, *RULES]],
        )


def _summed(table: pd.DataFrame, by: list[str], numbers: list[str]) -> pd.DataFrame:
    if by:
        return table.groupby(by, sort=False, dropna=False, as_index=False)[numbers].sum()
    return table[numbers].sum().to_frame().T


def tally(rows: Frame, settings: Sequence[Setting], profile: Profile) -> Tally:
    """Count rows in, kept, excluded and noticed, per source and period; one scan."""
    judging = [setting for setting in settings if setting.rule.level == "row"]
    flagged = [count(nw.col(FLAG + setting.code)).alias(setting.code) for setting in judging]
    found = records(rows.group_by(*GROUP, EXCLUDED_BY).agg(nw.len().alias("rows"), *flagged))
    noticed = [line for setting in settings for line in _lines(setting, found, profile)]
    kept = {_group(row): row["rows"] for row in found if not row[EXCLUDED_BY]}
    totals = [
        [*_group(row), row["rows"], kept.get(_group(row), 0), row["rows"] - kept.get(_group(row), 0)]
        for row in profile.rows
    ]
    return Tally(
        totals=pd.DataFrame(totals, columns=[*GROUP, *TOTALS]),
        rules=pd.DataFrame(noticed, columns=[*GROUP, *RULES]),
    )


def _group(row: Mapping[str, Any]) -> tuple[Any, Any]:
    return row["source"], row["period"]


def _lines(setting: Setting, found: Sequence[Mapping[str, Any]], profile: Profile) -> Iterator[list[Any]]:
    code, action = setting.code, setting.action
    if setting.rule.level == "row":
        for group in map(_group, profile.rows):
            rows = [row for row in found if _group(row) == group]
            excluded = sum(row["rows"] for row in rows if row[EXCLUDED_BY] == code)
            yield [*group, code, "", sum(row[code] for row in rows), excluded, action]
        return
    parts = [name for name in _names(profile) if name.split(" ", 1)[0] == PARTS.get(code)]
    for part in parts:
        for row in profile.rows:
            yield [*_group(row), code, part.split(" ", 1)[1], row[part], 0, action]


def _names(profile: Profile) -> list[str]:
    return list(profile.rows[0]) if profile.rows else []
