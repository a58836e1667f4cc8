"""The audit: one row per thing that cleaning noticed, in words and numbers a person can check.

Declared missing codes are ordinary; they are counted (`Cleaned.counts`) and not listed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

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
    conditions = list(_conditions(cleaned))
    if not conditions:  # no rule looks at rows, and no answer lies outside its scale
        return _empty()
    noticed = cleaned.rows.filter(answers.any_of(conditions))
    wide = engine.collect(noticed.select("row_id", "source", EXCLUDED_BY, *_columns(cleaned)))
    parts = [part for part in _parts(cleaned, wide) if len(part)]
    if not parts:
        return _empty()
    long = pd.concat(parts).sort_values("row_id", kind="stable", ignore_index=True)
    return long[COLUMNS].astype({name: _dtype(name) for name in COLUMNS})


def _empty() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in COLUMNS})


def _dtype(column: str) -> str:
    return "float64" if column == "value" else "str"


def _judging(cleaned: Cleaned) -> list[Setting]:
    return [setting for setting in cleaned.settings.values() if setting.rule.level == "row"]


def _outside(cleaned: Cleaned) -> dict[str, nw.Expr]:
    """Return the items that were answered outside their scale, and when an answer is."""
    if "out_of_range" not in cleaned.settings:
        return {}
    codebook = cleaned.context.codebook
    found = [item for item in codebook.rated if cleaned.profile.total("outside", item)]
    return {item.id: answers.outside(item, answers.scale(codebook, item)) for item in found}


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
        rows = wide[wide[OUTSIDE + name]]
        yield _part(rows, "out_of_range", name, rows[name], cleaned.settings["out_of_range"].action, "")
    for setting in _judging(cleaned):
        code = setting.code
        rows = wide[wide[FLAG + code]]
        action = np.where(rows[EXCLUDED_BY] == code, "exclude", "flag")
        detail = rows[DETAIL + code] if setting.rule.detail else ""
        yield _part(rows, code, "", _values(cleaned, setting, rows), action, detail)


def _part(rows: pd.DataFrame, rule: str, item: str, value: Any, action: Any, detail: Any) -> pd.DataFrame:
    part = {"row_id": rows["row_id"], "source": rows["source"], "rule": rule, "item": item}
    return pd.DataFrame({**part, "value": value, "action": action, "detail": detail}, columns=COLUMNS)


def _values(cleaned: Cleaned, setting: Setting, rows: pd.DataFrame) -> pd.Series[float] | list[float] | float:
    scored = cleaned.context.found.get(setting.code)
    if scored is not None:
        return [scored[row_id] for row_id in rows["row_id"]]
    return rows[VALUE + setting.code] if setting.rule.value else math.nan
