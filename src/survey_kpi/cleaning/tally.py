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
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, KEEP, Frame
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
    sums = [nw.len().alias("raw"), count(nw.col(KEEP)).alias("kept")]
    for setting in judging:
        sums.append(count(nw.col(FLAG + setting.code)).alias(f"flagged {setting.code}"))
        if setting.action == "exclude":
            sums.append(count(nw.col(EXCLUDED_BY) == setting.code).alias(f"excluded {setting.code}"))
    found = records(rows.group_by(*GROUP).agg(*sums))
    found.sort(key=lambda group: (str(group["source"]), str(group["period"])))
    totals = [[*_group(row), row["raw"], row["kept"], row["raw"] - row["kept"]] for row in found]
    noticed = [line for setting in settings for line in _lines(setting, found, profile)]
    return Tally(
        totals=pd.DataFrame(totals, columns=[*GROUP, *TOTALS]),
        rules=pd.DataFrame(noticed, columns=[*GROUP, *RULES]),
    )


def _group(row: Mapping[str, Any]) -> list[Any]:
    return [row[name] for name in GROUP]


def _lines(setting: Setting, found: Sequence[Mapping[str, Any]], profile: Profile) -> Iterator[list[Any]]:
    code = setting.code
    if setting.rule.level == "row":
        for row in found:
            yield [
                *_group(row),
                code,
                "",
                row[f"flagged {code}"],
                row.get(f"excluded {code}", 0),
                setting.action,
            ]
        return
    part = PARTS.get(code, "")
    items = [name.removeprefix(f"{part} ") for name in _names(profile) if name.startswith(f"{part} ")]
    for item in items:
        for row in profile.rows:
            yield [*_group(row), code, item, row[f"{part} {item}"], 0, setting.action]


def _names(profile: Profile) -> list[str]:
    return list(profile.rows[0]) if profile.rows else []
