"""From cells to estimates: one tidy row per period, measure and subject, vectorised over subjects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_kpi.estimate import State
from survey_kpi.indicators.cells import MONTH, Score
from survey_kpi.inference.intervals import adjusted_wald_nps, sample_moments, t_mean, wilson
from survey_kpi.period import Period
from survey_kpi.study.models import Level

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
    cells: pd.DataFrame, scores: Sequence[Score], levels: Sequence[Level], periods: Sequence[Period]
) -> pd.DataFrame:
    """Estimate every measure for the company and every subject in every period.

    Parameters
    ----------
    cells
        Result of `count_cells`; one grouping column per level id.
    periods
        Half-open spans; a period without answers yields rows in state unavailable.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, full precision, NaN only with a state other than measured (or as std_error and
        interval at n = 1 of a mean).
    """
    tables = [
        _one_measure(groups, score, period, level_id)
        for period in periods
        for level_id, groups in _groups(cells, levels, period)
        for score in scores
    ]
    return pd.concat(tables, ignore_index=True)


def _groups(cells: pd.DataFrame, levels: Sequence[Level], period: Period) -> list[tuple[str, pd.DataFrame]]:
    inside = cells[in_period(cells[MONTH], period)]
    numeric = inside.drop(columns=[MONTH, *(level.id for level in levels)]).select_dtypes("number")
    company = numeric.sum().to_frame().T.set_axis([COMPANY])
    below = [
        (level.id, numeric.groupby(inside[level.id].map(lambda m, at=level: subject_key(at, m))).sum())
        for level in levels
    ]
    return [(COMPANY, company), *below]


def in_period(months: pd.Series, period: Period) -> pd.Series:
    """Whether months (since year 0) lie inside a period; undated rows lie in none."""
    return (months >= period.first) & (months < period.first + period.months)


def _one_measure(groups: pd.DataFrame, score: Score, period: Period, level_id: str) -> pd.DataFrame:
    method, estimate = FAMILIES[score.measure.family]
    sums = {key: groups[f"{score.name}:{key}"].to_numpy(dtype=np.float64) for key in ("n", "y", "yy")}
    with np.errstate(invalid="ignore", divide="ignore"):
        numbers = estimate(sums)
    answered = sums["n"] > 0
    factor = score.measure.scale_by
    return pd.DataFrame(
        {
            "period": str(period),
            "indicator": score.sheet.id,
            "measure": score.measure.name,
            "level": level_id,
            "subject": groups.index.astype(str),
            **{key: np.where(answered, numbers[key] * factor, np.nan) for key in numbers},
            "n": sums["n"].astype(np.int64),
            "n_effective": sums["n"],
            "unit": score.measure.unit,
            "method": method,
            "state": np.where(answered, State.MEASURED, State.UNAVAILABLE),
            "reason": np.where(answered, "", "no valid answer"),
        },
        columns=list(COLUMNS),
    )
