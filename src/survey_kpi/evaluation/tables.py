"""The small tables between estimates and facts; each a pure function of tables and declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from survey_kpi.errors import SpecError, nearest
from survey_kpi.estimate import State
from survey_kpi.evaluation.result import Weighting
from survey_kpi.indicators import INDICATORS, Score, level_column
from survey_kpi.indicators.cells import EXCLUDED_BY, MONTH, ROWS, counted_items, value_column, values_of
from survey_kpi.indicators.estimation import in_period, subject_keys
from survey_kpi.inference.funnel import LEVELS as FUNNEL_LEVELS
from survey_kpi.inference.funnel import funnel_grid, funnel_limits
from survey_kpi.inference.tiers import tiers
from survey_kpi.period import Period
from survey_kpi.scoring import Goal, Scores, score_subjects
from survey_kpi.scoring.balance import plan_findings
from survey_kpi.study.models import IndicatorSheet, Level, Study

PERSON_COLUMNS = ("subject", "n", "successes", "value", "p_value", "adjusted_p", "verdict")


def headline_measure(sheet: IndicatorSheet) -> str:
    """Return the measure that tiles and comparisons of this indicator use."""
    return sheet.measure or INDICATORS[sheet.kpi].headline


def scored_measure(sheet: IndicatorSheet) -> str:
    """Return the measure that the target and the score are about: the headline unless it names another."""
    return (sheet.target.measure if sheet.target else None) or headline_measure(sheet)


def headlines(study: Study) -> list[tuple[str, str]]:
    """Return (indicator, headline measure) of every indicator that has one, in the order of the study."""
    named = [(sheet.id, headline_measure(sheet)) for sheet in study.indicators.indicators]
    return [(indicator, measure) for indicator, measure in named if measure]


def check_period(cells: pd.DataFrame, period: Period) -> None:
    """Refuse a period of which no row was received.

    Raises
    ------
    SpecError
        `period_unknown`, naming the quarters that hold answers.
    """
    months = cells.loc[cells[MONTH].notna(), MONTH].astype(int)
    if in_period(months, period).any():
        return
    quarters = sorted({str(Period(int(month) - int(month) % 3, 3)) for month in months})
    raise SpecError(
        "period_unknown",
        where="period",
        what="the data hold no answer of this period",
        got=str(period),
        expected=f"one of {', '.join(quarters[-12:])}" if quarters else "dated answers",
        hint=nearest(str(period), quarters),
    )


def evaluated_level(study: Study) -> Level | None:
    """Return the level whose subjects are scored, None when the study scores nobody."""
    return study.level(study.study.evaluate) if study.study.evaluate else None


def evaluated_subjects(estimates: pd.DataFrame, study: Study, period: Period) -> pd.DataFrame:
    """Return the headline estimates of the period's scored subjects on the scored indicators."""
    level = evaluated_level(study)
    wanted = {(name, scored_measure(study.indicator(name))) for name in study.rules.scored}
    pairs = pd.Series(list(zip(estimates["indicator"], estimates["measure"], strict=True)), dtype=object)
    mine = (estimates["level"] == (level.id if level else "")) & (estimates["period"] == str(period))
    return estimates[mine & pairs.isin(wanted).to_numpy()].sort_values(
        ["subject", "indicator"], ignore_index=True
    )


def score_matrix(subjects: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Return subjects x scored indicators, only subjects with enough answers on every indicator."""
    enough = subjects[
        (subjects["state"] == State.MEASURED) & (subjects["n"] >= study.rules.evidence.descriptive)
    ]
    table = enough.set_index(["subject", "indicator"])["value"].unstack()  # noqa: PD010  one value per cell
    return table.reindex(columns=list(study.rules.scored)).dropna()


def scores_of_subjects(
    subjects: pd.DataFrame, study: Study, weighting: Weighting, goals: Sequence[Goal] | None = None
) -> Scores:
    """Score the evaluated subjects; without indicator weights nobody gets a score, and the reason is kept.

    Parameters
    ----------
    goals
        One per scored indicator, see `own_targets.own_goals`; by default the targets of the indicators.
    """
    goals = goals or [goal_of(study.indicator(name)) for name in study.rules.scored]
    if weighting.combined:
        return score_subjects(subjects, goals, weighting.combined.values, study.rules)
    nobody = score_subjects(subjects, goals, {goal.indicator: 0.0 for goal in goals}, study.rules)
    reason = f"no indicator weights: {weighting.problem}"
    return Scores(
        parts=nobody.parts.assign(weight=np.nan, weight_used=np.nan, contribution=np.nan),
        totals=nobody.totals.assign(score=np.nan, band="", state=State.UNAVAILABLE, reason=reason),
    )


def goal_of(sheet: IndicatorSheet) -> Goal:
    """Return target, direction and anchor of a scored indicator."""
    if sheet.target is None:
        raise SpecError(
            "target_missing",
            where=f"indicators.yaml: {sheet.id}.target",
            what="a scored indicator needs a target with its unit",
        )
    anchor = sheet.anchor if sheet.anchor is not None else INDICATORS[sheet.kpi].default_anchor
    return Goal(
        indicator=sheet.id,
        target=sheet.target.value,
        direction=sheet.direction,
        anchor=anchor,
        error_free=sheet.error_free,
    )


def tier_score(study: Study, scores: Sequence[Score]) -> Score | None:
    """Return the rate that tiers of people are built on: the first scored headline that is a proportion."""
    by_name = {score.name: score for score in scores}
    for name in study.rules.scored:
        score = by_name.get(f"{name}.{headline_measure(study.indicator(name))}")
        if score and score.measure.family == "proportion":
            return score
    return None


def tier_indicator(study: Study, scores: Sequence[Score]) -> str:
    """Return the indicator behind the tiers, empty when there is none."""
    score = tier_score(study, scores)
    return score.sheet.id if score else ""


def person_tiers(kept: pd.DataFrame, scores: Sequence[Score], study: Study, period: Period) -> pd.DataFrame:
    """Sort the evaluated subjects by the exact test of each against the rest.

    Returns
    -------
    DataFrame
        One row per subject with answers: n, successes, value (percent), p values, verdict above, same,
        below or too_few (a base below the smallest of the evidence rule, not tested).
    """
    level, score = evaluated_level(study), tier_score(study, scores)
    if level is None or score is None:
        return pd.DataFrame(columns=list(PERSON_COLUMNS))
    inside = kept[in_period(kept[MONTH], period)]
    counts = [f"{score.name}:n", f"{score.name}:y"]
    sums = inside.groupby(subject_keys(inside[level_column(level)], level))[counts].sum().astype(np.int64)
    table = sums.set_axis(["n", "successes"], axis=1)
    table = table[table["n"] > 0]
    enough = table[table["n"] >= study.rules.evidence.descriptive]
    verdicts = tiers(enough["successes"].to_numpy(), enough["n"].to_numpy())
    judged = enough.assign(p_value=verdicts.p_value, adjusted_p=verdicts.adjusted, verdict=verdicts.verdict)
    judged["verdict"] = judged["verdict"].replace("untested", "same")
    small = table.drop(enough.index).assign(p_value=np.nan, adjusted_p=np.nan, verdict="too_few")
    people = pd.concat([judged, small]) if len(small) else judged
    people["value"] = 100 * people["successes"] / people["n"]
    return (
        people.rename_axis("subject")
        .reset_index()[list(PERSON_COLUMNS)]
        .sort_values("subject", ignore_index=True)
    )


def funnel_table(people: pd.DataFrame) -> pd.DataFrame:
    """Exact binomial limits around the people's pooled rate, in percent, over the bases that occur.

    Returns
    -------
    DataFrame
        n, inner_low, inner_high (95 %), outer_low, outer_high (99.8 %); empty where limits do not exist
        (nobody judged, or everybody at 0 or 100 %).
    """
    columns = ["n", "inner_low", "inner_high", "outer_low", "outer_high"]
    judged = people[people["verdict"] != "too_few"]
    centre = pooled_rate(people)
    if judged.empty or not 0 < centre < 1:
        return pd.DataFrame(columns=columns)
    grid = funnel_grid(int(judged["n"].min()), int(judged["n"].max()))
    ends = [100 * end for level in FUNNEL_LEVELS for end in funnel_limits(grid, centre, level)]
    return pd.DataFrame(dict(zip(columns, [grid, *ends], strict=True)))


def pooled_rate(people: pd.DataFrame) -> float:
    """Rate of all people together, a share; NaN without answers."""
    total = int(people["n"].sum())
    return float(people["successes"].sum()) / total if total else float("nan")


def histogram(kept: pd.DataFrame, study: Study, period: Period) -> pd.DataFrame:
    """Count the company's answers by value, for every indicator whose item is always shown."""
    inside = kept[in_period(kept[MONTH], period)]
    items = {item.id: item for item in counted_items(study.codebook)}
    rows = [
        {"indicator": sheet.id, "answer": value, "n": int(inside[value_column(sheet.item, value)].sum())}
        for sheet in study.indicators.indicators
        if sheet.item in items
        for value in values_of(study.codebook.scales[str(items[sheet.item].scale)])
    ]
    return pd.DataFrame(rows, columns=["indicator", "answer", "n"])


def flow(cells: pd.DataFrame, study: Study, period: Period) -> pd.DataFrame:
    """Count the period's rows by the rule that set them aside first; "" are the rows kept."""
    inside = cells[in_period(cells[MONTH], period)]
    level = evaluated_level(study)
    nobody = inside[level_column(level)].isna() if level else pd.Series(False, index=inside.index)
    unattributed = inside[ROWS].where(nobody & (inside[EXCLUDED_BY] == ""), 0)
    table = inside.assign(unattributed=unattributed).groupby(EXCLUDED_BY)[[ROWS, "unattributed"]].sum()
    return (
        table.reset_index()
        .set_axis(["rule", "rows", "unattributed"], axis=1)
        .astype({"rows": np.int64, "unattributed": np.int64})
    )


def directions(study: Study) -> Mapping[str, str]:
    """Return "higher" or "lower" for every scored indicator."""
    return {name: study.indicator(name).direction for name in study.rules.scored}


def plan_doubts(study: Study) -> list[Mapping[str, str]]:
    """Return what is legal in the plan and perhaps unwise, each code once and without the person it names."""
    found = {one.code: one.message for one in plan_findings(study)}
    return [{"code": code, "where": "plan", "message": message} for code, message in found.items()]


def diagnostics(weighting: Weighting, others: Sequence[Mapping[str, str]] = ()) -> pd.DataFrame:
    """Return the doubts that the report prints: those of the indicator weights, then `others`."""
    rows = [
        {"code": doubt.code, "where": name, "message": doubt.message}
        for name, part in weighting.named.items()
        for doubt in part.diagnostics
    ]
    if weighting.problem:
        rows.append({"code": "no_weights", "where": "indicator weights", "message": weighting.problem})
    return pd.DataFrame([*rows, *others], columns=["code", "where", "message"])
