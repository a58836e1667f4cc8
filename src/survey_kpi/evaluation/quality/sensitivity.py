"""Headline figures with each cleaning rule toggled: what would be printed had it been decided otherwise.

Cells are counted once by what was noticed about their rows; the verdict of a policy is a function of that
pattern. The few rules whose toggling changes flags or answers themselves are cleaned again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import clean, excluded_under, noticed, observing, variants
from survey_kpi.cleaning.rule import EXCLUDED_BY
from survey_kpi.estimate import State
from survey_kpi.evaluation.tables import headline_measure
from survey_kpi.frames import rows_of
from survey_kpi.indicators import Score, count_cells, estimate_all, scores_of
from survey_kpi.indicators.cells import MONTH, ROWS
from survey_kpi.period import Period
from survey_kpi.study.models import Cleaning, Study

Values = Mapping[str, tuple[float, float, float]]
"""Value and interval ends of each headline figure, by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toggle:
    """One rule decided otherwise.

    Parameters
    ----------
    rule, action
        The rule, and what it does here: `off` where the study lets it act, else it acts.
    kept
        Rows of the period that are kept.
    values
        Headline figures over them.
    reason
        Why the rule cannot run on these data, or empty.
    """

    rule: str
    action: str
    kept: int
    values: Values
    reason: str = ""


def headlines(study: Study) -> list[Score]:
    """Return the figures that are watched: the primary one, satisfaction and recommendation, each once."""
    roles = {item.id: item.role for item in study.codebook.items}
    primary = study.study.primary
    wanted = [f"{primary.indicator}.{primary.measure}"]
    for role in ("overall", "ltr"):
        sheets = [sheet for sheet in study.indicators.indicators if roles.get(sheet.item or "") == role]
        wanted += [f"{sheet.id}.{headline_measure(sheet)}" for sheet in sheets[:1]]
    scores = {score.name: score for score in scores_of(study.indicators.indicators, study.codebook)}
    return [scores[name] for name in dict.fromkeys(wanted) if name in scores]


def toggles(
    dated: nw.LazyFrame[Any], study: Study, period: Period, *, flagged: Collection[str]
) -> tuple[Toggle, ...]:
    """Return the published figures (rule "") and those of every policy with one rule toggled.

    Parameters
    ----------
    dated
        All responses with their month.
    flagged
        Rules that noticed a row or an answer of the period under the study's policy: only then can a rule
        that changes flags or answers make a difference.
    """
    policy, scores = study.study.cleaning, headlines(study)
    observed = clean(dated, study.codebook, observing(policy))
    frame = observed.frame.with_columns(noticed(observed).alias(EXCLUDED_BY))
    cells = _cells(frame, study, scores, period)
    base = _kept(cells, policy)
    published = _toggle(base, study, scores, period)
    found = [published]
    for one in variants(policy):
        toggled = published
        if one.flags_hold:
            kept = _kept(cells, one.policy)
            toggled = published if kept.index.equals(base.index) else _toggle(kept, study, scores, period)
        elif one.rule in flagged:
            again = _cells(clean(dated, study.codebook, one.policy).frame, study, scores, period)
            toggled = _toggle(again[again[EXCLUDED_BY] == ""], study, scores, period)
        reason = observed.unmet.get(one.rule, "")
        found.append(replace(toggled, rule=one.rule, action=one.action, reason=reason))
    return tuple(found)


def _kept(cells: pd.DataFrame, policy: Cleaning) -> pd.DataFrame:
    return cells[[excluded_under(pattern, policy) == "" for pattern in cells[EXCLUDED_BY]]]


def _cells(frame: nw.LazyFrame[Any], study: Study, scores: Sequence[Score], period: Period) -> pd.DataFrame:
    inside = frame.filter(nw.col(MONTH) >= period.first, nw.col(MONTH) < period.first + period.months)
    return count_cells(inside, scores, codebook=study.codebook, levels=(), design=study.study.design)


def _toggle(cells: pd.DataFrame, study: Study, scores: Sequence[Score], period: Period) -> Toggle:
    """Return the figures over kept cells, not yet named after a rule."""
    values: dict[str, tuple[float, float, float]] = dict.fromkeys(
        (score.name for score in scores), (math.nan, math.nan, math.nan)
    )
    if len(cells):
        table = estimate_all(cells, scores, (), [period], design=study.study.design)
        for row in rows_of(table[table["state"] == State.MEASURED]):
            values[f"{row.indicator}.{row.measure}"] = (row.value, row.conf_low, row.conf_high)
    return Toggle(rule="", action="", kept=int(cells[ROWS].sum()), values=values)
