"""Headline figures with each cleaning rule toggled: what would be printed had it been decided otherwise.

Flags do not depend on what a rule does about them, so all rules are flagged together and each policy is
a verdict over the same flags: one scan, whatever the number of rules. Two rules are the exception: whether
values out of range are dropped changes the answers, and whether unfinished sheets are set aside changes who
is a duplicate. They are cleaned again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import Cleaned, Variant, clean, variants
from survey_kpi.cleaning.policy import Setting, resolve
from survey_kpi.cleaning.rule import EXCLUDED_BY
from survey_kpi.cleaning.verdict import TOGETHER, keep, together
from survey_kpi.estimate import State
from survey_kpi.evaluation.tables import headline_measure
from survey_kpi.frames import rows_of
from survey_kpi.indicators import Score, count_cells, estimate_all, scores_of
from survey_kpi.indicators.cells import MONTH, ROWS
from survey_kpi.period import Period
from survey_kpi.study.models import Cleaning, RuleSetting, Study

CHANGES_ROWS = frozenset({"out_of_range", "platform_status"})
"""Rules whose action changes answers or other flags, not the verdict alone."""

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
    dated: nw.LazyFrame[Any], study: Study, period: Period, *, noticed: Collection[str]
) -> tuple[Toggle, ...]:
    """Return the published figures (rule "") and those of every policy with one rule toggled.

    Parameters
    ----------
    dated
        All responses with their month.
    noticed
        Rules that noticed a row or an answer of the period under the study's policy: only then can the rules
        that change rows make a difference.
    """
    policy, scores = study.study.cleaning, headlines(study)
    every = variants(policy)
    shared = clean(dated, study.codebook, _all_flagged(policy))
    simple = [one for one in every if one.rule not in CHANGES_ROWS or one.rule not in noticed]
    cells = _cells(_coded(shared, study, [None, *simple]), study, scores, period)
    published = _toggle("", "", _kept(cells, 0), study, scores, period)
    found = {
        one.rule: _toggle(one.rule, one.action, _kept(cells, place), study, scores, period)
        if one.rule not in CHANGES_ROWS
        else replace(published, rule=one.rule, action=one.action)
        for place, one in enumerate(simple, start=1)
    }
    for one in every:
        if one.rule not in found:
            again = clean(dated, study.codebook, one.policy).frame
            kept = _cells(again, study, scores, period)
            found[one.rule] = _toggle(
                one.rule, one.action, kept[kept[EXCLUDED_BY] == ""], study, scores, period
            )
    unmet = {code: replace(found[code], reason=why) for code, why in shared.unmet.items() if code in found}
    return (published, *({**found, **unmet}[one.rule] for one in every))


def _all_flagged(policy: Cleaning) -> Cleaning:
    """Let the rules that are off flag, so that their flags are there; nothing else changes."""
    quiet = {
        one.rule: policy.rules.get(one.rule, RuleSetting()).model_copy(update={"action": "flag"})
        for one in variants(policy)
        if one.rule not in CHANGES_ROWS and one.action == "exclude"
    }
    return policy.model_copy(update={"rules": {**policy.rules, **quiet}})


def _coded(cleaned: Cleaned, study: Study, cases: Sequence[Variant | None]) -> nw.LazyFrame[Any]:
    """Put into `excluded_by` one letter per policy: k where it keeps the row."""
    policy = study.study.cleaning
    frame = cleaned.rows
    for place, case in enumerate(cases):
        settings = _settings(cleaned, study, case)
        frame = frame.with_columns(together(settings, policy.careless_at_least).alias(TOGETHER))
        letter = nw.when(keep(settings)).then(nw.lit("k")).otherwise(nw.lit("x"))
        frame = frame.with_columns(letter.alias(f"case {place}"))
    cases_columns = [nw.col(f"case {place}") for place in range(len(cases))]
    coded = replace(cleaned, rows=frame.with_columns(nw.concat_str(*cases_columns).alias(EXCLUDED_BY)))
    return coded.frame


def _settings(cleaned: Cleaned, study: Study, case: Variant | None) -> list[Setting]:
    policy = case.policy if case else study.study.cleaning
    actions = {code: setting.action for code, setting in resolve(policy, study.codebook).items()}
    judging = [setting for setting in cleaned.settings.values() if setting.rule.level == "row"]
    return [replace(setting, action=actions[setting.code]) for setting in judging]


def _cells(frame: nw.LazyFrame[Any], study: Study, scores: Sequence[Score], period: Period) -> pd.DataFrame:
    inside = frame.filter(nw.col(MONTH) >= period.first, nw.col(MONTH) < period.first + period.months)
    return count_cells(inside, scores, codebook=study.codebook, levels=(), design=study.study.design)


def _kept(cells: pd.DataFrame, place: int) -> pd.DataFrame:
    return cells[cells[EXCLUDED_BY].str[place] == "k"]


def _toggle(
    rule: str, action: str, cells: pd.DataFrame, study: Study, scores: Sequence[Score], period: Period
) -> Toggle:
    values: dict[str, tuple[float, float, float]] = dict.fromkeys(
        (score.name for score in scores), (math.nan, math.nan, math.nan)
    )
    if len(cells):
        table = estimate_all(cells, scores, (), [period], design=study.study.design)
        for row in rows_of(table[table["state"] == State.MEASURED]):
            values[f"{row.indicator}.{row.measure}"] = (row.value, row.conf_low, row.conf_high)
    return Toggle(rule=rule, action=action, kept=int(cells[ROWS].sum()), values=values)
