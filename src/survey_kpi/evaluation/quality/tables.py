"""The small tables of an assessment; each a pure function of the period's rows and the declarations.

`rows` below are the answers of the period (or of the period and the one before it), one per row: row_id,
source, file, month, the response fields, the scored items as cleaned, one `flag_<rule>` per rule on rows,
and `excluded_by`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from survey_kpi.cleaning import Cleaned
from survey_kpi.cleaning.profile import median_key
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG
from survey_kpi.cleaning.verdict import signs
from survey_kpi.evaluation.quality.judging import percent
from survey_kpi.evaluation.quality.result import Careless, Move
from survey_kpi.frames import Row, rows_of
from survey_kpi.indicators.cells import MONTH
from survey_kpi.indicators.estimation import in_period
from survey_kpi.indicators.subjects import level_column
from survey_kpi.period import Period
from survey_kpi.study.models import Level, Study

LONGEST = 40
"""Characters of a value from the data that a report shows."""
MOST_VALUES = 12
"""Values of a characteristic that are shown one by one; the rest are summed up."""
OTHERS = "…"
WEIGHT_CLASSES = 10
MATCHED, NO_KEY, UNKNOWN, OUTSIDE, UNOWNED = (
    "matched",
    "no_key",
    "unknown_key",
    "outside_spell",
    "unowned",
)
PERSON = "specialist_id"
UNREADABLE = frozenset({"not_a_number", "not_a_time", "not_a_duration", "formula_without_value"})
"""Reading rules by which a cell lost its content."""


def rule_lines(rows: pd.DataFrame, cleaned: Cleaned, noticed: pd.DataFrame) -> pd.DataFrame:
    """Return rule, level, action, flagged, excluded for every rule that ran, over rows of the period.

    Values out of range are counted by answer and set no row aside. Refusals leave no rows to count, and
    declared missing codes are in the map of missing answers.
    """
    excluded = rows[EXCLUDED_BY].value_counts()
    answers = noticed["rule"].value_counts()
    lines = []
    for code, setting in cleaned.settings.items():
        judging = setting.rule.level == "row"
        if not judging and code != "out_of_range":
            continue
        flagged = int(rows[FLAG + code].sum()) if judging else int(answers.get(code, 0))
        lines.append(
            {
                "rule": code,
                "level": setting.rule.level,
                "action": setting.action,
                "flagged": flagged,
                "excluded": int(excluded.get(code, 0)),
            }
        )
    return pd.DataFrame(lines, columns=["rule", "level", "action", "flagged", "excluded"])


def excluded_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return row_id, source and the rule that claims each row set aside, ordered by source and row."""
    aside = rows[rows[EXCLUDED_BY] != ""]
    table = aside[["row_id", "source", EXCLUDED_BY]].rename(columns={EXCLUDED_BY: "rule"})
    return _in_order(table)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """Order by row id, numbers inside it by size: q:9 before q:10."""
    parts = [row_id.rpartition(":") for row_id in table["row_id"]]
    places = sorted(range(len(parts)), key=lambda place: (parts[place][0], int(parts[place][2] or 0)))
    return table.iloc[places].reset_index(drop=True)


def noticed_rows(audit: pd.DataFrame, rows: pd.DataFrame, row_rules: Collection[str]) -> pd.DataFrame:
    """Return the audit of single answers in the period; rules on rows are counted and listed elsewhere."""
    mine = audit[audit["row_id"].isin(set(rows["row_id"])) & ~audit["rule"].isin(set(row_rules))]
    return _in_order(mine.reset_index(drop=True))


def missing_map(cleaned: Cleaned, quarters: Sequence[Period]) -> pd.DataFrame:
    """Return items x quarters: percent of rows asked that hold no answer; NaN where nobody was asked."""
    asked = cleaned.context.asked
    items = cleaned.context.codebook.rated
    table = {}
    for quarter in quarters:
        groups = [row for row in cleaned.profile.rows if row["period"] == str(quarter)]
        table[str(quarter)] = [
            _missing([row for row in groups if item.id in asked[row["source"]]], item.id) for item in items
        ]
    return pd.DataFrame(table, index=[item.id for item in items])


def _missing(groups: Sequence[Mapping[str, int]], item: str) -> float:
    rows = sum(row["rows"] for row in groups)
    answered = sum(row[f"answered {item}"] for row in groups)
    return 100 * (rows - answered) / rows if rows else math.nan


def careless_rows(rows: pd.DataFrame, cleaned: Cleaned, at_least: int) -> Careless:
    """Count the rows on which enough different signs of careless answering agree, whatever is done then."""
    kinds: dict[str, list[str]] = {}
    for code, setting in cleaned.settings.items():
        if setting.rule.careless:
            kinds.setdefault(setting.rule.sign, []).append(code)
    shown = [rows[[FLAG + code for code in codes]].any(axis=1) for codes in kinds.values()]
    agreed = sum((sign.astype(int) for sign in shown), start=pd.Series(0, index=rows.index)) >= at_least
    acting = {s.code for rules in signs(cleaned.settings.values()).values() for s in rules}
    aside = agreed & rows[EXCLUDED_BY].isin(acting)
    return Careless(
        signs=tuple(code for codes in kinds.values() for code in codes),
        at_least=at_least,
        kinds=len(kinds),
        rows=int(agreed.sum()),
        excluded=int(aside.sum()),
    )


def median_lines(rows: pd.DataFrame, cleaned: Cleaned) -> dict[str, tuple[float, float]]:
    """Return median duration and threshold in seconds by "source, quarter" of the period's rows."""
    if "too_fast" not in cleaned.settings:
        return {}
    share = cleaned.settings["too_fast"].params["below_median_share"]
    taken = {group: cleaned.thresholds.get(median_key(group)) for group in _groups(rows)}
    return {f"{source}, {period}": (m, share * m) for (source, period), m in taken.items() if m is not None}


def thresholds_of(rows: pd.DataFrame, cleaned: Cleaned) -> dict[str, float]:
    """Return by fact key the scalars that cleaning took from the period's sources and quarters."""
    keys = map(median_key, _groups(rows))
    return {key: cleaned.thresholds[key] for key in keys if key in cleaned.thresholds}


def _groups(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return sorted({(row["source"], row["period"]) for row in rows_of(rows[["source", "period"]])})


def mix(rows: pd.DataFrame, column: str, period: Period, against: Period) -> pd.DataFrame:
    """Count kept rows of the period by the values of a column, with those of an earlier period beside.

    Returns
    -------
    DataFrame
        value, n (the period), n_before; most frequent first, rare ones summed up, missing ones last as "".
    """
    kept = rows[rows[EXCLUDED_BY] == ""]
    values = kept[column].fillna("").astype(str).str.slice(0, LONGEST)
    now, before = (in_period(kept[MONTH], span) for span in (period, against))
    table = pd.DataFrame({"n": values[now].value_counts(), "n_before": values[before].value_counts()}).fillna(
        0
    )
    table = table.astype(np.int64).rename_axis("value").reset_index()
    named = table[table["value"] != ""].sort_values(["n", "value"], ascending=[False, True])
    return pd.concat([named, table[table["value"] == ""]], ignore_index=True)


def by_value(table: pd.DataFrame) -> pd.DataFrame:
    """Order a mix by its values, the missing one last."""
    return pd.concat(
        [table[table["value"] != ""].sort_values("value"), table[table["value"] == ""]], ignore_index=True
    )


def folded(table: pd.DataFrame, most: int = MOST_VALUES) -> pd.DataFrame:
    """Sum up all values after the first few."""
    if len(table) <= most:
        return table
    rest = table.iloc[most - 1 :]
    other = pd.DataFrame({"value": [OTHERS], "n": [rest["n"].sum()], "n_before": [rest["n_before"].sum()]})
    return pd.concat([table.iloc[: most - 1], other], ignore_index=True)


def weight_classes(weights: pd.Series) -> pd.DataFrame:
    """Count respondent weights in equal classes from 0 to the largest."""
    top = float(weights.max()) or 1.0
    counts, edges = np.histogram(weights.to_numpy(dtype=float), bins=WEIGHT_CLASSES, range=(0.0, top))
    labels = [f"{low:.2f}–{high:.2f}" for low, high in pairwise(edges)]
    return pd.DataFrame({"value": labels, "n": counts.astype(np.int64)})


def kish_effect(weights: pd.Series) -> float:
    """Design effect of unequal weighting: n Σw² / (Σw)²; Kish (1965), Survey Sampling, 11.2C.

    Examples
    --------
    >>> kish_effect(pd.Series([1.0, 1.0, 2.0, 2.0]))
    1.1111111111111112
    """
    return float(len(weights) * (weights**2).sum() / weights.sum() ** 2)


# --- reconciliation -----------------------------------------------------------------------------------


def match_keys(kept: pd.DataFrame, level: Level | None, spells: pd.DataFrame | None) -> pd.Series:
    """Return for every kept row whether it belongs to a subject, or why not.

    Parameters
    ----------
    kept
        Rows with the level's subject as the evaluation attributes them, see `indicators.attach_levels`.
    """
    if level is None:
        return pd.Series(MATCHED, index=kept.index, dtype=object)
    found = kept[level_column(level)].notna()
    if spells is None or PERSON not in kept:
        return found.map({True: MATCHED, False: NO_KEY})
    stated = stated_keys(kept, spells)
    return stated.where(stated != MATCHED, UNOWNED).where(~found, MATCHED)


def stated_keys(kept: pd.DataFrame, spells: pd.DataFrame) -> pd.Series:
    """Return for every kept row whether the person it names was in service on that day, or why not."""
    key = kept[PERSON]
    starts = spells[[PERSON, "valid_from", "valid_to"]]
    stamped = kept[["row_id", "submitted_at"]].assign(**{PERSON: key})
    pairs = stamped.merge(starts, on=PERSON, how="inner")
    inside = (pairs["submitted_at"] >= pairs["valid_from"]) & (
        pairs["valid_to"].isna() | (pairs["submitted_at"] < pairs["valid_to"])
    )
    found = kept["row_id"].isin(set(pairs.loc[inside, "row_id"]))
    known = key.isin(set(spells[PERSON]))
    reasons = np.select([found, key.isna(), ~known], [MATCHED, NO_KEY, UNKNOWN], default=OUTSIDE)
    return pd.Series(reasons, index=kept.index, dtype=object)


def matching(reasons: pd.Series) -> pd.DataFrame:
    """Count kept rows by what became of their key."""
    counts = reasons.value_counts()
    known = (MATCHED, NO_KEY, UNKNOWN, OUTSIDE, UNOWNED)
    return pd.DataFrame({"reason": list(known), "n": [int(counts.get(name, 0)) for name in known]})


def unattributed_rows(kept: pd.DataFrame, reasons: pd.Series) -> pd.DataFrame:
    """Return row_id and reason of kept rows of nobody known, ordered by row."""
    table = kept[["row_id"]].assign(reason=reasons)
    return _in_order(table[table["reason"] != MATCHED].reset_index(drop=True))


def team_moves(spells: pd.DataFrame, period: Period) -> tuple[Move, ...]:
    """Return changes of team that fall into the period."""
    start, end = pd.Timestamp(period.start), pd.Timestamp(period.end)
    return tuple(
        Move(
            specialist_id=str(now.specialist_id),
            date=_day(now.valid_from),
            before=str(before.team),
            after=str(now.team),
        )
        for before, now in _neighbours(spells)
        if before.team != now.team and start <= now.valid_from < end
    )


def _neighbours(spells: pd.DataFrame) -> list[tuple[Row, Row]]:
    ordered = rows_of(spells.sort_values(["specialist_id", "valid_from"], kind="stable"))
    return [(before, now) for before, now in pairwise(ordered) if before.specialist_id == now.specialist_id]


def _day(stamp: pd.Timestamp) -> str:
    return "" if pd.isna(stamp) else f"{stamp:%Y-%m-%d}"


# --- gates --------------------------------------------------------------------------------------------


def cell_shares(noticed: pd.DataFrame, rules: Collection[str], raw: int) -> dict[str, float]:
    """Return percent of the period's rows whose cell of an item was noticed by one of the rules, by item."""
    counts = noticed[noticed["rule"].isin(set(rules))].groupby("item")["row_id"].nunique()
    return {"": 0.0} | {str(item): percent(int(n), raw) for item, n in counts.items()}


def scored_items(study: Study) -> list[str]:
    """Return the items behind the scored indicators."""
    return list(dict.fromkeys(item for name in study.rules.scored if (item := study.indicator(name).item)))


def item_gaps(
    kept: pd.DataFrame, study: Study, asked: Mapping[str | None, frozenset[str]]
) -> dict[str, float]:
    """Return percent of kept rows without an answer, of the sources that asked, by scored item."""
    gaps = {}
    for item in scored_items(study):
        knowing = {source for source, items in asked.items() if item in items}
        mine = kept[kept["source"].isin(knowing)]
        gaps[item] = percent(int(mine[item].isna().sum()), len(mine))
    return gaps
