"""From sums of records to estimates: the same tidy rows as those of answers, vectorised over subjects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

import numpy as np
import pandas as pd
from scipy.stats import binom

from survey_kpi.estimate import Estimate, State
from survey_kpi.indicators.estimation import COLUMNS, COMPANY, FAMILIES, Numbers, Sums, subject_keys
from survey_kpi.indicators.model import RecordMeasure
from survey_kpi.indicators.records import COLLECTED, SUMS, RecordCells, RecordScore, is_personal
from survey_kpi.inference.intervals import garwood
from survey_kpi.inference.survival import kaplan_meier, quantile_time
from survey_kpi.study.models import Level

Key = tuple[str, str, str]
GROUP = ("period", "level", "subject")
NOBODY = "no case"
NO_DENOMINATOR = "the denominator is 0"
NOT_MEANT = "the measure does not apply to these cases"


def _count(sums: Sums) -> Numbers:
    low, high = garwood(sums["y"])
    return {"value": sums["y"], "std_error": np.sqrt(sums["y"]), "conf_low": low, "conf_high": high}


def _rate(sums: Sums) -> Numbers:
    low, high = garwood(sums["y"], sums["x"])
    return {
        "value": sums["y"] / sums["x"],
        "std_error": np.sqrt(sums["y"]) / sums["x"],
        "conf_low": low,
        "conf_high": high,
    }


def _exact(value: np.ndarray) -> Numbers:
    nothing = np.full(len(value), np.nan)
    return {"value": value, "std_error": nothing, "conf_low": nothing, "conf_high": nothing}


RECORD_FAMILIES: Mapping[str, tuple[str, Callable[[Sums], Numbers]]] = MappingProxyType(
    {
        "proportion": FAMILIES["proportion"],
        "mean": FAMILIES["mean"],
        "count": ("exact Poisson (Garwood)", _count),
        "rate": ("exact Poisson (Garwood)", _rate),
        "total": ("complete count", lambda sums: _exact(sums["y"])),
        "ratio": ("complete count", lambda sums: _exact(sums["y"] / sums["x"])),
        "duration": ("Kaplan-Meier, log-log", _count),
        "median": ("order statistics", _count),
    }
)
"""Interval and function from sums by family; those of `COLLECTED` follow from their cases."""


def estimate_records(
    cells: RecordCells,
    scores: Sequence[RecordScore],
    levels: Sequence[Level],
    periods: Sequence[str],
    *,
    roster: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Estimate every measure of one view for the company and every subject.

    Parameters
    ----------
    periods
        The company has a row in each.
    roster
        period, level, subject of those who were there: they have a row even where nothing happened, a count
        of 0 or a share without a base.

    Returns
    -------
    DataFrame
        Columns `COLUMNS` of `indicators.estimation`, full precision.
    """
    universe = _universe(periods, roster)
    summed = [score for score in scores if score.measure.family not in COLLECTED]
    groups = _rolled_up(cells.outer, cells.people, levels, universe) if summed else pd.DataFrame()
    tables = [_tidy(groups[list(GROUP)], _numbers(groups, score), score) for score in summed]
    tables += [
        _collected(*cells.cases[score.name], score, levels, universe)
        for score in scores
        if score.measure.family in COLLECTED
    ]
    return pd.concat(tables, ignore_index=True)


def missing_records(
    scores: Sequence[RecordScore], periods: Sequence[str], *, reason: str, roster: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the rows of measures whose tables are absent: not measured, with the reason, never 0 or 100."""
    groups = pd.DataFrame(_universe(periods, roster), columns=list(GROUP))
    nothing = np.full(len(groups), np.nan)
    numbers = {"n": np.zeros(len(groups)), **_exact(nothing)}
    tables = [_tidy(groups, numbers, score).assign(reason=reason) for score in scores]
    return pd.concat(tables, ignore_index=True)


def _universe(periods: Sequence[str], roster: pd.DataFrame | None) -> list[Key]:
    """Period, level and subject of those who have a row even where nothing happened."""
    there = [(period, COMPANY, COMPANY) for period in periods]
    if roster is not None:
        wanted = roster[roster["period"].isin(periods)]
        there += zip(*(wanted[name].tolist() for name in GROUP), strict=True)
    return list(dict.fromkeys(there))


def _missing(found: pd.DataFrame, universe: Sequence[Key]) -> pd.DataFrame:
    """Return the members of the universe that have no row yet."""
    known = set(zip(*(found[name].tolist() for name in GROUP), strict=True))
    return pd.DataFrame([key for key in universe if key not in known], columns=list(GROUP))


def _by_subject(
    outer: pd.DataFrame, people: pd.DataFrame, levels: Sequence[Level]
) -> list[tuple[pd.DataFrame, str, pd.Series]]:
    """Return rows, level and subject of each row for the company and for every level that the rows know."""
    found = [(outer, COMPANY, pd.Series(COMPANY, index=outer.index, dtype=object))]
    for level in levels:
        table = people if is_personal(level) else outer
        if f"level {level.id}" in table:
            found.append((table, level.id, subject_keys(table[f"level {level.id}"], level)))
    return found


def _rolled_up(
    outer: pd.DataFrame, people: pd.DataFrame, levels: Sequence[Level], universe: Sequence[Key]
) -> pd.DataFrame:
    names = [name for name in outer.columns if ":" in name]
    tables = [
        _summed(table, names, level, subjects)
        for table, level, subjects in _by_subject(outer, people, levels)
    ]
    found = pd.concat(tables, ignore_index=True)
    return pd.concat([found, _missing(found, universe)], ignore_index=True).fillna(dict.fromkeys(names, 0.0))


def _summed(table: pd.DataFrame, names: Sequence[str], level: str, subjects: pd.Series) -> pd.DataFrame:
    """Add up the rows of every period and subject of a level, in their order; nobody's rows are left out."""
    inside = subjects.notna().to_numpy()
    period, periods = pd.factorize(table["period"].to_numpy(dtype=object)[inside], sort=True)
    subject, members = pd.factorize(subjects.to_numpy(dtype=object)[inside], sort=True)
    groups, group = np.unique(period * max(1, len(members)) + subject, return_inverse=True)
    sums = np.zeros((len(groups), len(names)))
    np.add.at(sums, group, table[list(names)].to_numpy(dtype=np.float64)[inside])
    when, who = np.divmod(groups, max(1, len(members)))
    summed = pd.DataFrame(sums, columns=list(names))
    return summed.assign(period=periods[when], level=level, subject=members[who])


def _numbers(groups: pd.DataFrame, score: RecordScore) -> Numbers:
    sums = {key: groups[f"{score.name}:{key}"].to_numpy(dtype=np.float64) for key in SUMS}
    _, estimate = RECORD_FAMILIES[score.measure.family]
    with np.errstate(invalid="ignore", divide="ignore"):
        numbers = estimate(sums)
    base = sums["x"] if score.measure.family == "rate" else sums["n"]
    return {**numbers, "n": base, "x": sums["x"]}


def _collected(
    outer: pd.DataFrame,
    people: pd.DataFrame,
    score: RecordScore,
    levels: Sequence[Level],
    universe: Sequence[Key],
) -> pd.DataFrame:
    """Take the quantile of every subject's cases."""
    rows = [
        {"period": period, "level": level, "subject": subject, **_found(_quantile(cases, score.measure))}
        for table, level, subjects in _by_subject(outer, people, levels)
        for (period, subject), cases in _counted(table, subjects)
    ]
    columns = [*GROUP, "n", "value", "std_error", "conf_low", "conf_high", "state", "reason"]
    found = pd.DataFrame(rows, columns=columns)
    groups = pd.concat([found, _missing(found, universe)], ignore_index=True).fillna({"n": 0.0})
    keys = ("value", "std_error", "conf_low", "conf_high", "n")
    numbers = {key: groups[key].to_numpy(dtype=np.float64) for key in keys}
    tidy = _tidy(groups[list(GROUP)], numbers, score)
    known = groups["state"].notna().to_numpy()
    tidy["state"] = np.where(known, groups["state"], tidy["state"])
    tidy["reason"] = np.where(known, groups["reason"], tidy["reason"])
    return tidy


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cases:
    """Times of one subject in a period, the shortest first, and how many cases had each."""

    time: np.ndarray
    closed: np.ndarray
    number: np.ndarray


def _counted(table: pd.DataFrame, subjects: pd.Series) -> Iterator[tuple[tuple[str, str], _Cases]]:
    """Yield the cases of every period and subject, equal ones counted."""
    whose = ["period", "subject"]
    cases = table.assign(subject=subjects)[[*whose, "time", "closed"]][subjects.notna()]
    counted = cases.groupby([*whose, "time", "closed"], sort=True).size()
    period, subject, time, closed = (
        counted.index.get_level_values(level).to_numpy(dtype=kind)
        for level, kind in enumerate((object, object, np.float64, bool))
    )
    number = counted.to_numpy()
    new = (period[1:] != period[:-1]) | (subject[1:] != subject[:-1])
    ends = [*np.flatnonzero(new).tolist(), len(number) - 1] if len(number) else []
    for start, end in pairwise([-1, *ends]):
        part = slice(start + 1, end + 1)
        yield (period[end], subject[end]), _Cases(time=time[part], closed=closed[part], number=number[part])


def _found(estimate: Estimate) -> dict[str, object]:
    return {
        "n": float(estimate.n),
        "value": estimate.value,
        "std_error": np.nan,
        "conf_low": estimate.conf_low,
        "conf_high": estimate.conf_high,
        "state": str(estimate.state),
        "reason": estimate.reason,
    }


def _quantile(cases: _Cases, measure: RecordMeasure) -> Estimate:
    if measure.family == "median":
        return median_estimate(np.repeat(cases.time, cases.number), unit=measure.unit)
    curve = kaplan_meier(cases.time, cases.closed, cases.number)
    return quantile_time(curve, measure.quantile, unit=measure.unit)


def median_estimate(values: np.ndarray, *, unit: str) -> Estimate:
    """Median with the interval between order statistics that covers it in at least 95 %; none below 6 values.

    Notes
    -----
    Hollander, Wolfe and Chicken (2014), Nonparametric Statistical Methods, 3.6; R: `DescTools::MedianCI`.

    Examples
    --------
    >>> found = median_estimate(np.array([1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10]), unit="percent")
    >>> found.value, found.conf_low, found.conf_high
    (5.5, 2.0, 9.0)
    """
    ordered, n = np.sort(values), len(values)
    below = int(binom.ppf(0.025, n, 0.5))
    known = n >= 6
    return Estimate(
        value=float(np.median(ordered)),
        n=n,
        unit=unit,
        conf_low=float(ordered[below - 1]) if known else np.nan,
        conf_high=float(ordered[n - below]) if known else np.nan,
        method="order statistics",
    )


def _tidy(groups: pd.DataFrame, numbers: Mapping[str, np.ndarray], score: RecordScore) -> pd.DataFrame:
    measure = score.measure
    nothing = np.zeros(len(groups))
    complete = measure.family in ("count", "total")
    measured = np.isfinite(numbers["value"]) & (complete | (numbers["n"] > 0))
    undefined = (measure.family == "ratio") & (numbers["n"] > 0)
    not_meant = (measure.family in ("proportion", "mean")) & (numbers.get("x", nothing) > 0)
    empty = np.select([undefined, not_meant], [NO_DENOMINATOR, NOT_MEANT], NOBODY)
    absent = np.where(undefined | not_meant, State.NOT_APPLICABLE, State.UNAVAILABLE)
    scaled = {
        key: np.where(measured, numbers[key] * measure.scale_by, np.nan)
        for key in ("value", "std_error", "conf_low", "conf_high")
    }
    return pd.DataFrame(
        {
            "period": groups["period"].to_numpy(),
            "indicator": score.sheet.id,
            "measure": measure.name,
            "level": groups["level"].to_numpy(),
            "subject": groups["subject"].to_numpy(),
            **scaled,
            "n": numbers["n"],
            "n_effective": numbers["n"],
            "unit": measure.unit,
            "method": RECORD_FAMILIES[measure.family][0],
            "state": np.where(measured, State.MEASURED, absent),
            "reason": np.where(measured, "", empty),
        },
        columns=list(COLUMNS),
    )
