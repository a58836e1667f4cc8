"""The audit: one row per thing that cleaning noticed, in words and numbers a person can check.

Declared missing codes are ordinary; they are counted (`Cleaned.counts`) and not listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from survey_kpi import engine
from survey_kpi.cleaning import answers
from survey_kpi.cleaning.cleaned import Cleaned
from survey_kpi.cleaning.policy import Setting
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG

COLUMNS = ["row_id", "source", "rule", "item", "value", "action", "detail"]
VALUE, DETAIL, OUTSIDE = "value ", "detail ", "outside "


def audit_rows(cleaned: Cleaned) -> pd.DataFrame:
    """List what was noticed: row_id, source, rule, item, value, action, detail; ordered by row.

    `action` is what it led to: a row rule that noticed a row which another rule claims, or a single sign of
    careless answering, reads `flag`. So the rows with action `exclude` are the excluded rows, each once.
    """
    noticed = cleaned.rows.filter(answers.any_of(_conditions(cleaned)))
    wide = engine.collect(noticed.select("row_id", "source", EXCLUDED_BY, *_columns(cleaned)))
    parts = [part for part in _parts(cleaned, wide) if len(part)]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in COLUMNS})
    long = pd.concat(parts).sort_values("row_id", kind="stable", ignore_index=True)
    return long[COLUMNS].astype({name: _dtype(name) for name in COLUMNS})


def _dtype(column: str) -> str:
    return "float64" if column == "value" else "str"


def _judging(cleaned: Cleaned) -> list[Setting]:
    return [setting for setting in cleaned.settings.values() if setting.rule.level == "row"]


def _outside(cleaned: Cleaned) -> dict[str, nw.Expr]:
    """Return the items whose raw answers may be out of range, and when they are."""
    if "out_of_range" not in cleaned.settings:
        return {}
    codebook = cleaned.context.codebook
    return {item.id: answers.outside(item, answers.scale(codebook, item)) for item in codebook.rated}


def _conditions(cleaned: Cleaned) -> Iterator[nw.Expr]:
    for setting in _judging(cleaned):
        yield nw.col(FLAG + setting.code)
    for outside in _outside(cleaned).values():
        yield nw.coalesce(outside, nw.lit(False))


def _columns(cleaned: Cleaned) -> Iterator[nw.Expr]:
    for setting in _judging(cleaned):
        rule, params = setting.rule, setting.params
        yield nw.col(FLAG + rule.code)
        if rule.value:
            yield rule.value(cleaned.context, params).cast(nw.Float64()).alias(VALUE + rule.code)
        if rule.detail:
            yield rule.detail(cleaned.context, params).cast(nw.String()).alias(DETAIL + rule.code)
    for name, outside in _outside(cleaned).items():
        yield nw.coalesce(outside, nw.lit(False)).alias(OUTSIDE + name)
        yield nw.col(name)


def _parts(cleaned: Cleaned, wide: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """One table per rule, or rule and item, in the order of the rules."""
    for name in _outside(cleaned):
        rows = wide[wide[OUTSIDE + name].astype(bool)]
        yield rows[["row_id", "source"]].assign(
            rule="out_of_range",
            item=name,
            value=rows[name],
            action=cleaned.settings["out_of_range"].action,
            detail="",
        )
    for setting in _judging(cleaned):
        rows = wide[wide[FLAG + setting.code].astype(bool)]
        yield rows[["row_id", "source"]].assign(
            rule=setting.code,
            item="",
            value=_values(cleaned, setting, rows),
            action=np.where(rows[EXCLUDED_BY] == setting.code, "exclude", "flag"),
            detail=rows[DETAIL + setting.code] if setting.rule.detail else "",
        )


def _values(cleaned: Cleaned, setting: Setting, rows: pd.DataFrame) -> list[float]:
    scored = cleaned.context.found.get(setting.code)
    if scored is not None:
        return [scored[row_id] for row_id in rows["row_id"]]
    return rows[VALUE + setting.code].tolist() if setting.rule.value else [math.nan] * len(rows)
