"""From cells to estimates: one tidy row per period, measure and subject, vectorised over subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.indicators.cells import MONTH, Score
from survey_kpi.indicators.designed import design_numbers
from survey_kpi.indicators.subjects import level_column
from survey_kpi.inference.intervals import adjusted_wald_nps, sample_moments, t_mean, wilson
from survey_kpi.period import Period
from survey_kpi.study.models import Design, Level

COMPANY = "company"
COLUMNS = (
    "period",
    "indicator",
    "measure",
    "level",
    "subject",
    "value",
    "std_error",
    "conf_low",
    "conf_high",
    "n",
    "n_effective",
    "unit",
    "method",
    "state",
    "reason",
)

Sums = Mapping[str, np.ndarray]
Numbers = dict[str, np.ndarray]


def _proportion(sums: Sums) -> Numbers:
    n, hits = sums["n"], sums["y"]
    share = hits / n
    low, high = wilson(hits, n)
    return {
        "value": share,
        "std_error": np.sqrt(share * (1 - share) / n),
        "conf_low": low,
        "conf_high": high,
    }


def _mean(sums: Sums) -> Numbers:
    n = sums["n"]
    mean, variance = sample_moments(n, sums["y"], sums["yy"])
    low, high = t_mean(n, mean, variance)
    return {"value": mean, "std_error": np.sqrt(variance / n), "conf_low": low, "conf_high": high}


def _nps(sums: Sums) -> Numbers:
    promoters = (sums["yy"] + sums["y"]) / 2
    detractors = (sums["yy"] - sums["y"]) / 2
    points = adjusted_wald_nps(promoters, sums["n"] - promoters - detractors, detractors)
    keys = ("value", "std_error", "conf_low", "conf_high")
    return {key: np.asarray(number) / 100 for key, number in zip(keys, points, strict=True)}


FAMILIES: Mapping[str, tuple[str, Callable[[Sums], Numbers]]] = MappingProxyType(
    {"proportion": ("Wilson", _proportion), "mean": ("t, n - 1", _mean), "nps": ("adjusted Wald", _nps)}
)
"""Interval and pure function from sums (count, sum, sum of squares of the score) to numbers, by family."""


def subject_key(level: Level, member: object) -> str:
    """Return the subject part of a fact key: bare for people, `<level>:<member>` for groups."""
    return str(member) if level.people else f"{level.id}:{member}"


def estimate_all(
    cells: pd.DataFrame,
    scores: Sequence[Score],
    levels: Sequence[Level],
    periods: Sequence[Period],
    *,
    design: Design,
) -> pd.DataFrame:
    """Estimate every measure for the company and every subject in every period.

    Parameters
    ----------
    cells
        Result of `count_cells`, kept rows only.
    periods
        Half-open spans; a period without answers yields rows in state unavailable.
    design
        Where one is declared, standard errors are linearised and intervals use its degrees of freedom.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, full precision, NaN only with a state other than measured (or as std_error and
        interval at n = 1 of a mean).
    """
    if design.declared:
        tables = [
            _tidy(*design_numbers(inside, subjects, score, design), score, str(period), level_id)
            for period in periods
            for inside in [cells[in_period(cells[MONTH], period)]]
            for level_id, subjects in _subjects(inside, levels)
            for score in scores
            if len(inside)
        ]
    else:
        groups = roll_up(cells, levels, periods)
        tables = [
            _tidy(groups["subject"], _plain_numbers(groups, score), score, groups["period"], groups["level"])
            for score in scores
        ]
    found = pd.concat([table for table in tables if len(table)], ignore_index=True)
    return found.sort_values(["period", "level"], kind="stable", ignore_index=True)


def roll_up(cells: pd.DataFrame, levels: Sequence[Level], periods: Sequence[Period]) -> pd.DataFrame:
    """Sum cells to one row per period, level and subject; every period has a row of the company."""
    spans = [cells[in_period(cells[MONTH], period)].assign(period=str(period)) for period in periods]
    dated = pd.concat(spans, ignore_index=True)
    sums = [name for name in dated.columns if ":" in name]
    tables = [
        dated.groupby(["period", subjects.rename("subject")])[sums].sum().reset_index().assign(level=level_id)
        for level_id, subjects in _subjects(dated, levels)
    ]
    absent = [str(period) for period, span in zip(periods, spans, strict=True) if span.empty]
    if absent:
        empty = pd.DataFrame({"period": absent, "level": COMPANY, "subject": COMPANY})
        tables.append(empty.assign(**dict.fromkeys(sums, 0)))
    return pd.concat(tables, ignore_index=True)


def _subjects(cells: pd.DataFrame, levels: Sequence[Level]) -> list[tuple[str, pd.Series]]:
    company = pd.Series(COMPANY, index=cells.index, dtype=object)
    return [(COMPANY, company)] + [
        (level.id, subject_keys(cells[level_column(level)], level)) for level in levels
    ]


def subject_keys(members: pd.Series, level: Level) -> pd.Series:
    """Subject keys of a column of members; a missing member (nobody's answer) stays missing."""
    codes, found = pd.factorize(members)
    keys = np.array([*(subject_key(level, member) for member in found), None], dtype=object)
    return pd.Series(keys[codes], index=members.index, dtype=object)  # code -1, nobody, takes the last


def in_period(months: pd.Series, period: Period) -> pd.Series:
    """Whether months (since year 0) lie inside a period; undated rows lie in none."""
    return (months >= period.first) & (months < period.first + period.months)


def _plain_numbers(groups: pd.DataFrame, score: Score) -> dict[str, np.ndarray]:
    """Estimate one measure of independent, equally weighted answers."""
    method, estimate = FAMILIES[score.measure.family]
    sums = {key: groups[f"{score.name}:{key}"].to_numpy(dtype=np.float64) for key in ("n", "y", "yy")}
    with np.errstate(invalid="ignore", divide="ignore"):
        numbers = estimate(sums)
    return {
        **numbers,
        "n": sums["n"],
        "n_effective": sums["n"],
        "method": np.full(len(groups), method, dtype=object),
    }


def _tidy(
    subjects: pd.Series,
    numbers: Mapping[str, np.ndarray],
    score: Score,
    period: str | pd.Series,
    level: str | pd.Series,
) -> pd.DataFrame:
    answered = numbers["n"] > 0
    factor = score.measure.scale_by
    scaled = {
        key: np.where(answered, numbers[key] * factor, np.nan)
        for key in ("value", "std_error", "conf_low", "conf_high")
    }
    return pd.DataFrame(
        {
            "period": period,
            "indicator": score.sheet.id,
            "measure": score.measure.name,
            "level": level,
            "subject": subjects,
            **scaled,
            "n": numbers["n"].astype(np.int64),
            "n_effective": numbers["n_effective"],
            "unit": score.measure.unit,
            "method": numbers["method"],
            "state": np.where(answered, State.MEASURED, State.UNAVAILABLE),
            "reason": np.where(answered, "", "no valid answer"),
        },
        columns=list(COLUMNS),
    )
