"""From a study and a period to an assessment of its data: read and clean once, then small tables."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import Cleaned, audit_rows, clean
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, KEEP
from survey_kpi.engine import collect, connect, scan
from survey_kpi.evaluation.comparing import reference_period
from survey_kpi.evaluation.compose import open_study
from survey_kpi.evaluation.quality import tables
from survey_kpi.evaluation.quality.company import examine, gate_values
from survey_kpi.evaluation.quality.facts import record
from survey_kpi.evaluation.quality.gates import GATES, TABLES
from survey_kpi.evaluation.quality.intake import drifts
from survey_kpi.evaluation.quality.invitations import Invited, invited
from survey_kpi.evaluation.quality.judging import RESPONSES, fitness, judge, percent, worst
from survey_kpi.evaluation.quality.result import Quality
from survey_kpi.evaluation.quality.sensitivity import toggles
from survey_kpi.evaluation.tables import evaluated_level
from survey_kpi.indicators import attach_levels
from survey_kpi.indicators.cells import MONTH, with_period
from survey_kpi.indicators.estimation import in_period
from survey_kpi.indicators.subjects import customer_column, level_column
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.records import read_records
from survey_kpi.study.models import Level, Study

MIXES = ("channel", "mode", "questionnaire_language", "language")
"""Response fields whose mix is compared with the earlier period, where the data hold them."""
DETRACTOR = 6
"""Largest answer of a detractor on 0-10."""
FIELDS = ("row_id", "source", "file", "period", MONTH, EXCLUDED_BY, KEEP)
STAMPS = (tables.PERSON, "customer_id", "respondent_id", "submitted_at")


def assess(study: Study | str | Path, period: Period | str, *, data: str | Path | None = None) -> Quality:
    """Assess the data of one period of a study.

    Parameters
    ----------
    study, period, data
        As for `survey_kpi.evaluation.evaluate`.

    Returns
    -------
    Quality
        What reading and cleaning found, gates, fitness for use, and every number as a fact.

    Raises
    ------
    SchemaError, SpecError
        As `evaluate`: wrong files are refused, wrong rows are assessed.
    """
    study = study if isinstance(study, Study) else open_study(study, data=data)
    period = period if isinstance(period, Period) else Period.parse(period)
    against = reference_period(study.study.primary, period)
    connection = connect()
    responses = read_responses(study, connection=connection)
    records = read_records(study, connection=connection)
    dated = with_period(responses.frame, study.study.sources)
    cleaned = clean(dated, study.codebook, study.study.cleaning)
    answers = attach_levels(cleaned.frame, study.study.levels, records.frames)
    spells, invites = (
        collect(records.frames[name]) if name in records.frames else None
        for name in ("specialists", "invites")
    )
    level = evaluated_level(study)
    rows = _rows(answers, study, (period, against))
    mine = rows[in_period(rows[MONTH], period)]
    kept = mine[mine[EXCLUDED_BY] == ""]
    months = collect(dated.group_by("file", MONTH).agg(nw.len().alias("rows")))
    row_rules = {code for code, setting in cleaned.settings.items() if setting.rule.level == "row"}
    audit = pd.concat([responses.audit, audit_rows(cleaned)], ignore_index=True)
    noticed = tables.noticed_rows(audit, mine, row_rules)
    rules = tables.rule_lines(mine, cleaned, noticed)
    keys = tables.match_keys(rows[rows[EXCLUDED_BY] == ""], level, spells)
    reasons = keys[kept.index]
    before = _before(rows.loc[keys[keys == tables.MATCHED].index], study, against)
    asked = invited(study, period, before, invites)
    weights = _weights(kept, study.study.design.weight, asked)
    careless = tables.careless_rows(mine, cleaned, study.study.cleaning.careless_at_least)
    bad = bad_answers(study)
    company = examine(records, scan(kept, connection=connection), period, against, bad=bad)
    declared = (RESPONSES, *records.declared)
    outcomes = judge(
        [gate for gate in GATES.values() if gate.table in declared],
        {
            "base": (float(len(kept)), ""),
            "unparsed": worst(tables.cell_shares(noticed, tables.UNREADABLE, len(mine))),
            "undated": (_undated(months), ""),
            "excluded": (percent(len(mine) - len(kept), len(mine)), ""),
            "duplicates": (_duplicates(mine), ""),
            "out_of_range": worst(tables.cell_shares(noticed, ["out_of_range"], len(mine))),
            "not_asked": _not_asked(study, responses.intake, mine),
            "missing": worst(tables.item_gaps(kept, study, cleaned.context.asked)),
            "careless": (percent(careless.rows, len(mine)) if careless.measured else math.nan, ""),
            "unattributed": (_unattributed(reasons) if level else math.nan, ""),
            "thin": (_thin(kept, level, study.rules.evidence.c), ""),
            "unlisted": (_unlisted(kept, spells), ""),
            "coverage": _open_alarms(asked),
            "off_list": _departures(asked),
            **gate_values(company, records, period),
        },
        base=study.rules.evidence.c,
        limits=study.study.gates,
    )
    quality = Quality(
        study=study,
        period=period,
        against=against,
        gates=outcomes,
        fitness=tuple(fitness(TABLES, outcomes, declared=declared, graded=level is not None)),
        intake=responses.intake,
        drifts=drifts(study, responses.intake, months, period),
        rules=rules,
        unmet=cleaned.unmet,
        excluded=tables.excluded_rows(mine),
        missing=_missing(cleaned, study, period),
        noticed=noticed,
        careless=careless,
        medians=tables.median_lines(mine, cleaned),
        thresholds=tables.thresholds_of(mine, cleaned),
        doubts=cleaned.doubts,
        mixes=_mixes(rows, keys.reindex(rows.index), (period, against), level),
        weights=None if weights is None else tables.weight_classes(weights),
        invited=asked,
        matching=tables.matching(reasons),
        unattributed=tables.unattributed_rows(kept, reasons),
        company=company,
        moves=() if spells is None else tables.team_moves(spells, period),
        toggles=toggles(dated, study, period, flagged=_acted(rules)),
        facts={},
    )
    effect = math.nan if weights is None else tables.kish_effect(weights)
    return replace(quality, facts=record(quality, weight_effect=effect))


def bad_answers(study: Study) -> nw.Expr | None:
    """Return which answers are bad: detractors, or else overall answers below the middle of their scale."""
    for name in _ltr(study):
        return nw.col(name) <= DETRACTOR
    for name in _overall(study):
        scale = study.codebook.scale_of(study.codebook.item(name))
        if scale:
            return nw.col(name) < (scale.low + scale.high) / 2
    return None


def _rows(frame: nw.LazyFrame[Any], study: Study, periods: tuple[Period, ...]) -> pd.DataFrame:
    """Collect the rows of the periods once, with what the tables look at."""
    names = frame.collect_schema().names()
    design = study.study.design
    level = evaluated_level(study)
    items = [*tables.scored_items(study), *_overall(study), *_ltr(study)]
    wanted = [*FIELDS, *STAMPS, *MIXES, *items, *filter(None, [design.weight])]
    wanted += [level_column(level)] if level else []
    wanted += [name for name in names if name.startswith(FLAG)]
    spans = [(nw.col(MONTH) >= span.first) & (nw.col(MONTH) < span.first + span.months) for span in periods]
    inside = frame.filter(spans[0] | spans[1])
    return collect(inside.select(*dict.fromkeys(name for name in wanted if name in names)))


def _ltr(study: Study) -> list[str]:
    return [item.id for item in study.codebook.items if item.role == "ltr"]


def _overall(study: Study) -> list[str]:
    return [item.id for item in study.codebook.items if item.role == "overall"]


def _before(rows: pd.DataFrame, study: Study, against: Period) -> pd.DataFrame:
    """Return the specialist of each customer of the earlier period, and whether they were satisfied."""
    names = [*_overall(study), *tables.scored_items(study)]
    level, who = evaluated_level(study), customer_column(list(rows.columns))
    if who is None or not names or level is None or not level.people:
        return pd.DataFrame(columns=["customer_id", tables.PERSON, "satisfied"])
    item = study.codebook.item(names[0])
    scale = study.codebook.scale_of(item)
    kept = rows[in_period(rows[MONTH], against) & rows[who].notna()]
    known = kept[kept[item.id].notna()]
    top = scale.top_box if scale and scale.top_box else ()
    return pd.DataFrame(
        {
            "customer_id": known[who],
            tables.PERSON: known[level_column(level)],
            "satisfied": known[item.id].isin(top),
        }
    )


def _weights(kept: pd.DataFrame, weight: str | None, asked: Invited | None) -> pd.Series | None:
    if weight:
        return kept[weight]
    return asked.weights if asked is not None and len(asked.weights) else None


def _open_alarms(asked: Invited | None) -> tuple[float, str]:
    if asked is None or not asked.coverage:
        return math.nan, ""
    return float(len(asked.open)), ", ".join(asked.open)


def _departures(asked: Invited | None) -> tuple[float, str]:
    if asked is None or asked.deviations is None:
        return math.nan, ""
    return float(len(asked.deviations)), ", ".join(asked.departures)


def _undated(months: pd.DataFrame) -> float:
    return percent(int(months.loc[months[MONTH].isna(), "rows"].sum()), int(months["rows"].sum()))


def _duplicates(rows: pd.DataFrame) -> float:
    flags = [FLAG + code for code in ("duplicate", "whole_answer") if FLAG + code in rows]
    return percent(int(rows[flags].any(axis=1).sum()), len(rows)) if flags else math.nan


def _not_asked(study: Study, intake: pd.DataFrame, rows: pd.DataFrame) -> tuple[float, str]:
    needed = {sheet.item for sheet in study.indicators.indicators}
    files = intake[intake["file"].isin(set(rows["file"]))]
    absent = sorted({item for items in files["absent"] for item in items if item in needed})
    return float(len(absent)), ", ".join(absent)


def _unattributed(reasons: pd.Series) -> float:
    return percent(int((reasons != tables.MATCHED).sum()), len(reasons))


def _unlisted(kept: pd.DataFrame, spells: pd.DataFrame | None) -> float:
    """Percent of kept answers whose code is in no spell on their day."""
    if spells is None or tables.PERSON not in kept:
        return math.nan
    strange = tables.stated_keys(kept, spells).isin([tables.UNKNOWN, tables.OUTSIDE])
    return percent(int(strange.sum()), len(kept))


def _thin(kept: pd.DataFrame, level: Level | None, base: int) -> float:
    """Percent of the evaluated subjects with fewer attributed answers than the base."""
    if level is None:
        return math.nan
    counts = kept[level_column(level)].value_counts()
    return percent(int((counts < base).sum()), len(counts))


def _missing(cleaned: Cleaned, study: Study, period: Period) -> pd.DataFrame:
    last = period.first + period.months - 1
    quarters = Period(last - last % 3, 3).last(study.study.trend_quarters)
    table = tables.missing_map(cleaned, quarters)
    return table.loc[:, table.notna().any()]


def _mixes(
    rows: pd.DataFrame, reasons: pd.Series, periods: tuple[Period, Period], level: Level | None
) -> dict[str, pd.DataFrame]:
    """Count kept answers by subject (in the order of codes: people are never ranked) and by MIXES."""
    found = {}
    if level:
        known = rows.assign(subject=rows[level_column(level)].where(reasons == tables.MATCHED))
        found["subject"] = tables.by_value(tables.mix(known, "subject", *periods))
    for name in MIXES:
        if name in rows and rows[name].notna().any():
            found[name] = tables.folded(tables.mix(rows, name, *periods))
    return found


def _acted(rules: pd.DataFrame) -> set[str]:
    return set(rules.loc[rules["flagged"] > 0, "rule"])
