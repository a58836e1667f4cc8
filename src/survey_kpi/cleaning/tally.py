"""Counting what cleaning noticed: one scan, every row accounted for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi import engine
from survey_kpi.cleaning import answers
from survey_kpi.cleaning.policy import Setting
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, KEEP, Frame
from survey_kpi.errors import RunError
from survey_kpi.study.models import Codebook, Item


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tally:
    """Counts of rows.

    Parameters
    ----------
    totals
        Columns of the grouping, then raw, kept, excluded; one row per group.
    rules
        Columns of the grouping, then rule, item, flagged, excluded, action; one row per rule, or per rule
        and item. `excluded` counts each row under its first reason, so that it sums to the rows excluded.
    """

    totals: pd.DataFrame
    rules: pd.DataFrame

    def __post_init__(self) -> None:
        excluded = int(self.totals["excluded"].sum())
        if excluded != int(self.rules["excluded"].sum()):
            raise RunError(
                "rows_unaccounted",
                where="cleaning",
                what="the rules do not account for every excluded row",
                got=int(self.rules["excluded"].sum()),
                expected=excluded,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    rule: str
    item: str
    action: str
    flagged: nw.Expr
    excluded: nw.Expr | None = None


def count(frame: Frame, codebook: Codebook, settings: Mapping[str, Setting], by: Sequence[str] = ()) -> Tally:
    """Count rows in, kept, excluded and noticed, in all or within the groups of the columns `by`."""
    wanted = list(_counts(codebook, settings))
    sums = [nw.len().alias("raw"), number(nw.col(KEEP)).alias("kept")]
    for position, one in enumerate(wanted):
        sums.append(one.flagged.alias(f"flagged {position}"))
        sums += [one.excluded.alias(f"excluded {position}")] if one.excluded is not None else []
    found = engine.collect(frame.group_by(*by).agg(*sums) if by else frame.select(*sums))
    found = found.sort_values(list(by), ignore_index=True) if by else found
    totals = found[[*by, "raw", "kept"]].astype({"raw": int, "kept": int})
    totals["excluded"] = totals["raw"] - totals["kept"]
    parts = [_long(found, list(by), one, position) for position, one in enumerate(wanted)]
    return Tally(totals=totals, rules=pd.concat(parts, ignore_index=True))


def _long(found: pd.DataFrame, by: list[str], one: _Count, position: int) -> pd.DataFrame:
    flagged = found[f"flagged {position}"].astype(int)
    excluded = found[f"excluded {position}"].astype(int) if one.excluded is not None else 0
    long = found[by].assign(rule=one.rule, item=one.item, flagged=flagged, excluded=excluded)
    return long.assign(action=one.action)


def _counts(codebook: Codebook, settings: Mapping[str, Setting]) -> Iterator[_Count]:
    for code, setting in settings.items():
        if setting.rule.level == "row":
            yield _Count(
                rule=code,
                item="",
                action=setting.action,
                flagged=number(nw.col(FLAG + code)),
                excluded=number(nw.col(EXCLUDED_BY) == code),
            )
        else:
            for item in codebook.rated:
                noticed = noticed_answer(code, item, codebook)
                if noticed is not None:
                    yield _Count(rule=code, item=item.id, action=setting.action, flagged=number(noticed))


def noticed_answer(code: str, item: Item, codebook: Codebook) -> nw.Expr | None:
    """Whether an item rule notices the raw answer; None where the rule has nothing to look for."""
    if code == "out_of_range":
        return answers.outside(item, answers.scale(codebook, item))
    return answers.coded(item) if code == "missing_code" and answers.codes(item) else None


def number(condition: nw.Expr) -> nw.Expr:
    """Count the rows for which the condition holds."""
    return nw.when(condition).then(1).count()
