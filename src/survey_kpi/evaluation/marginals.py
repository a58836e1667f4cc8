"""Distribution of everybody's true values on each scored indicator, by the kind of its measure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.circumstances import Cases, Circumstances
from survey_kpi.evaluation.tables import scored_measure
from survey_kpi.facts import fact_key
from survey_kpi.indicators import INDICATORS
from survey_kpi.indicators.model import Measure, RecordMeasure
from survey_kpi.numeric import FloatArray
from survey_kpi.scoring import Goal, Marginal
from survey_kpi.scoring.distributions import (
    counts,
    durations,
    effective_counts,
    fixed,
    means,
    medians,
    rates,
    times,
    usable_errors,
)
from survey_kpi.study.models import IndicatorSheet, Study

NPS_ENDS: Final = (-100.0, 100.0)
PERCENT_ENDS: Final = (0.0, 100.0)
NO_ERROR: Final = "its sampling error is not known; declare error_free if it has none"
NO_ENDS: Final = "the scale of its values has no declared ends; declare target.scale, or error_free"
NO_CASES: Final = "the cases behind its values are not at hand"

Ends = tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """What the distribution of one indicator is made from.

    Parameters
    ----------
    rows
        Estimates by person, in order, NaN where they do not count.
    ends
        Of the scale of a mean, None where it has none.
    exposure
        (people,) exposure shares.
    shrunk
        Whether people are drawn toward each other; not for tiers.
    """

    rows: pd.DataFrame
    goal: Goal
    measure: Measure
    ends: Ends
    exposure: FloatArray
    cases: Mapping[tuple[str, str], Cases]
    period: str
    shrunk: bool

    def own_cases(self) -> list[Cases | None]:
        """Cases of each person, None where the value does not count."""
        found: list[Cases | None] = []
        for subject, value in self.rows["value"].items():
            key = (self.goal.indicator, str(subject))
            if np.isnan(value):
                found.append(None)
            elif key in self.cases:
                found.append(self.cases[key])
            else:
                raise MethodError("missing_cell", where=self.goal.indicator, what=NO_CASES)
        return found

    def keys(self) -> list[str]:
        """Fact key of each person's value, which seeds the resampling."""
        return [
            fact_key(self.period, self.goal.indicator, self.measure.name, str(subject))
            for subject in self.rows.index
        ]


def _rate(known: Known) -> Marginal:
    rows = known.rows
    _, base = effective_counts(rows["value"], rows["std_error"], rows["n_effective"])
    return rates(rows["value"], base, target=known.goal.target, shrunk=known.shrunk)


def _mean(known: Known) -> Marginal:
    if known.ends is None:
        raise MethodError("scale_unknown", where=known.goal.indicator, what=NO_ENDS)
    rows = known.rows
    errors = usable_errors(rows["std_error"], rows["n"].fillna(0))
    return means(rows["value"], errors, target=known.goal.target, scale=known.ends, shrunk=known.shrunk)


def _count(known: Known) -> Marginal:
    """Counts are events per unit of exposure, times the exposure of each person."""
    share = np.where(known.exposure > 0, known.exposure, np.nan)
    per_unit = counts(known.rows["value"] / share, share, target=known.goal.target, shrunk=known.shrunk)
    return times(per_unit, share)


def _events(known: Known) -> Marginal:
    exposure = known.rows["n"] / known.measure.scale_by
    return counts(known.rows["value"], exposure, target=known.goal.target, shrunk=known.shrunk)


def _duration(known: Known) -> Marginal:
    share = known.measure.quantile if isinstance(known.measure, RecordMeasure) else 0.5
    return durations(known.own_cases(), share, known.keys())


def _median(known: Known) -> Marginal:
    return medians([cases and cases[0] for cases in known.own_cases()], known.keys())


KINDS: Mapping[str, Callable[[Known], Marginal]] = MappingProxyType(
    {
        "proportion": _rate,
        "mean": _mean,
        "nps": _mean,
        "count": _count,
        "rate": _events,
        "duration": _duration,
        "median": _median,
    }
)
"""Distribution of true values by family of the scored measure; what is missing here needs `error_free`."""


def marginals(
    rows: Mapping[str, pd.DataFrame], study: Study, around: Circumstances, *, shrunk: bool = True
) -> tuple[list[Marginal], str]:
    """Return the distribution of each indicator, and why the first of them has none.

    Parameters
    ----------
    rows
        By indicator, estimates of the people in order, without values where they do not count.
    shrunk
        False: flat priors, nobody drawn toward the others.
    """
    found: list[Marginal] = []
    for name, table in rows.items():
        try:
            found.append(_marginal(table, study.indicator(name), study, around, shrunk=shrunk))
        except MethodError as error:
            return found, f"{name}: {error.problems[0].what}"
    return found, ""


def _marginal(
    rows: pd.DataFrame, sheet: IndicatorSheet, study: Study, around: Circumstances, *, shrunk: bool
) -> Marginal:
    measure = INDICATORS[sheet.kpi].measure(scored_measure(sheet))
    if sheet.error_free:
        return fixed(rows["value"])
    if measure.family not in KINDS:
        raise MethodError("no_standard_error", where=sheet.id, what=NO_ERROR)
    known = Known(
        rows=rows,
        goal=around.goal(sheet.id),
        measure=measure,
        ends=ends_of(sheet, measure, study),
        exposure=np.array([around.exposure.of(str(subject)) for subject in rows.index], dtype=float),
        cases=around.cases,
        period=around.period,
        shrunk=shrunk,
    )
    return KINDS[measure.family](known)


def ends_of(sheet: IndicatorSheet, measure: Measure, study: Study) -> Ends:
    """Return the ends of the scale of a mean: of the item, the NPS, the target, or percent."""
    if measure.family == "nps":
        return NPS_ENDS
    scale = study.codebook.scale_of(study.codebook.item(sheet.item)) if sheet.item else None
    if scale:
        return scale.low, scale.high
    declared = sheet.target.scale if sheet.target else None
    return declared or (PERCENT_ENDS if measure.unit == "percent" else None)


def priors_of(names: Sequence[str], found: Sequence[Marginal]) -> pd.DataFrame:
    """Return indicator, mean and spread of the true values between people, where they are drawn together."""
    rows = [(name, *one.prior) for name, one in zip(names, found, strict=False) if one.prior is not None]
    return pd.DataFrame(rows, columns=["indicator", "mean", "spread"])
