"""From a study and a period to an assessment of its data: read and clean once, then small tables."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import narwhals.stable.v2 as nw
import pandas as pd

from survey_kpi.cleaning import Cleaned, audit_rows, clean
from survey_kpi.cleaning.rule import EXCLUDED_BY, FLAG, KEEP
from survey_kpi.engine import collect, connect
from survey_kpi.evaluation.comparing import reference_period
from survey_kpi.evaluation.compose import open_study
from survey_kpi.evaluation.inputs import study_table
from survey_kpi.evaluation.quality import tables
from survey_kpi.evaluation.quality.facts import record
from survey_kpi.evaluation.quality.gates import fitness, judge
from survey_kpi.evaluation.quality.intake import drifts
from survey_kpi.evaluation.quality.invitations import Invited, invited
from survey_kpi.evaluation.quality.result import Quality
from survey_kpi.evaluation.quality.sensitivity import toggles
from survey_kpi.evaluation.tables import evaluated_level
from survey_kpi.indicators.cells import MONTH, with_period
from survey_kpi.indicators.estimation import in_period
from survey_kpi.period import Period
from survey_kpi.readers import read_responses
from survey_kpi.study.models import Level, Study

MIXES = ("channel", "mode", "questionnaire_language", "language")
"""Response fields whose mix is compared with the earlier period, where the data hold them."""
PERSON = "specialist_id"
FIELDS = ("row_id", "source", "file", "period", MONTH, EXCLUDED_BY, KEEP)
STAMPS = (PERSON, "respondent_id", "submitted_at")


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
    responses = read_responses(study, connection=connect())
    dated = with_period(responses.frame, study.study.sources)
    cleaned = clean(dated, study.codebook, study.study.cleaning)
    spells = study_table(study, "specialists")
    rows = _rows(cleaned, study, (period, against))
    mine = rows[in_period(rows[MONTH], period)]
    kept = mine[mine[EXCLUDED_BY] == ""]
    months = collect(dated.group_by("file", MONTH).agg(nw.len().alias("rows")))
    row_rules = {code for code, setting in cleaned.settings.items() if setting.rule.level == "row"}
    audit = pd.concat([responses.audit, audit_rows(cleaned)], ignore_index=True)
    noticed = tables.noticed_rows(audit, mine, row_rules)
    rules = tables.rule_lines(mine, cleaned, noticed)
    level = evaluated_level(study)
    keys = tables.match_keys(rows[rows[EXCLUDED_BY] == ""], level, spells)
    reasons = keys[kept.index]
    asked = invited(study, period, _before(rows.loc[keys[keys == tables.MATCHED].index], study, against))
    weights = _weights(kept, study.study.design.weight, asked)
    careless = tables.careless_rows(mine, cleaned, study.study.cleaning.careless_at_least)
    outcomes = judge(
        {
            "base": (float(len(kept)), ""),
            "unparsed": tables.worst(tables.cell_shares(noticed, tables.UNREADABLE, len(mine))),
            "undated": (_undated(months), ""),
            "excluded": (tables.percent(len(mine) - len(kept), len(mine)), ""),
            "duplicates": (_duplicates(mine), ""),
            "out_of_range": tables.worst(tables.cell_shares(noticed, ["out_of_range"], len(mine))),
            "not_asked": _not_asked(study, responses.intake, mine),
            "missing": tables.worst(tables.item_gaps(kept, study, cleaned.context.asked)),
            "careless": (tables.percent(careless.rows, len(mine)) if careless.measured else math.nan, ""),
            "unattributed": (_unattributed(reasons) if level else math.nan, ""),
            "thin": (_thin(kept, reasons, level, study.rules.evidence.c), ""),
            "unlisted": (math.nan if spells is None else _unlisted(reasons), ""),
            "coverage": _open_alarms(asked),
            "off_list": _departures(asked),
        },
        base=study.rules.evidence.c,
        limits=study.study.gates,
    )
    quality = Quality(
        study=study,
        period=period,
        against=against,
        gates=outcomes,
        fitness=tuple(
            fitness(
                outcomes,
                declared={
                    "responses": True,
                    "specialists": spells is not None,
                    "invitations": asked is not None,
                },
                graded=level is not None,
            )
        ),
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
        moves=() if spells is None else tables.team_moves(spells, period),
        toggles=toggles(dated, study, period, flagged=_acted(rules)),
        facts={},
    )
    effect = math.nan if weights is None else tables.kish_effect(weights)
    return replace(quality, facts=record(quality, weight_effect=effect))


def _rows(cleaned: Cleaned, study: Study, periods: tuple[Period, ...]) -> pd.DataFrame:
    """Collect the rows of the periods once, with what the tables look at."""
    frame = cleaned.frame
    names = frame.collect_schema().names()
    design = study.study.design
    level = evaluated_level(study)
    items = [*tables.scored_items(study), *_overall(study)]
    wanted = [*FIELDS, *STAMPS, *MIXES, *items, *filter(None, [design.weight])]
    wanted += [level.column] if level and not level.via else []
    wanted += [name for name in names if name.startswith(FLAG)]
    spans = [(nw.col(MONTH) >= span.first) & (nw.col(MONTH) < span.first + span.months) for span in periods]
    inside = frame.filter(spans[0] | spans[1])
    return collect(inside.select(*dict.fromkeys(name for name in wanted if name in names)))


def _overall(study: Study) -> list[str]:
    return [item.id for item in study.codebook.items if item.role == "overall"]


def _before(rows: pd.DataFrame, study: Study, against: Period) -> pd.DataFrame:
    """Return the specialist of each customer of the earlier period, and whether they were satisfied."""
    names = [*_overall(study), *tables.scored_items(study)]
    if not {"respondent_id", PERSON} <= set(rows.columns) or not names:
        return pd.DataFrame(columns=["customer_id", PERSON, "satisfied"])
    item = study.codebook.item(names[0])
    scale = study.codebook.scale_of(item)
    kept = rows[in_period(rows[MONTH], against) & rows["respondent_id"].notna()]
    known = kept[kept[item.id].notna()]
    top = scale.top_box if scale and scale.top_box else ()
    return pd.DataFrame(
        {
            "customer_id": known["respondent_id"],
            PERSON: known[PERSON],
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
    return tables.percent(int(months.loc[months[MONTH].isna(), "rows"].sum()), int(months["rows"].sum()))


def _duplicates(rows: pd.DataFrame) -> float:
    flags = [FLAG + code for code in ("duplicate", "whole_answer") if FLAG + code in rows]
    return tables.percent(int(rows[flags].any(axis=1).sum()), len(rows)) if flags else math.nan


def _not_asked(study: Study, intake: pd.DataFrame, rows: pd.DataFrame) -> tuple[float, str]:
    needed = {sheet.item for sheet in study.indicators.indicators}
    files = intake[intake["file"].isin(set(rows["file"]))]
    absent = sorted({item for items in files["absent"] for item in items if item in needed})
    return float(len(absent)), ", ".join(absent)


def _unattributed(reasons: pd.Series) -> float:
    return tables.percent(int((reasons != tables.MATCHED).sum()), len(reasons))


def _unlisted(reasons: pd.Series) -> float:
    """Percent of kept answers whose code is in no spell on their day."""
    return tables.percent(int(reasons.isin([tables.UNKNOWN, tables.OUTSIDE]).sum()), len(reasons))


def _thin(kept: pd.DataFrame, reasons: pd.Series, level: Level | None, base: int) -> float:
    """Percent of the evaluated subjects with fewer attributed answers than the base."""
    if level is None or level.column not in kept:
        return math.nan
    counts = kept.loc[reasons == tables.MATCHED, level.column].value_counts()
    return tables.percent(int((counts < base).sum()), len(counts))


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
    if level and level.column in rows:
        known = rows.assign(**{level.column: rows[level.column].where(reasons == tables.MATCHED)})
        found["subject"] = tables.by_value(tables.mix(known, level.column, *periods))
    for name in MIXES:
        if name in rows and rows[name].notna().any():
            found[name] = tables.folded(tables.mix(rows, name, *periods))
    return found


def _acted(rules: pd.DataFrame) -> set[str]:
    return set(rules.loc[rules["flagged"] > 0, "rule"])
