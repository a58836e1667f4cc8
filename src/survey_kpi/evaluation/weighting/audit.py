"""Before anything is weighed: what each indicator rests on, and which of them say the same."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.evaluation.weighting.ground import Ground
from survey_kpi.inference.reliability import between_variance
from survey_kpi.numeric import critical_value

REDUNDANT = 0.90
"""Correlation beyond which two indicators count as one."""
RELIABLE = 0.70
"""Reliability below which differences between subjects are mostly chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One indicator: smallest and median base of a subject, and the real share of the differences."""

    indicator: str
    least: float
    median: float
    reliability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Correlation of two indicators over the subjects, with its interval."""

    first: str
    second: str
    r: float
    low: float
    high: float

    @property
    def redundant(self) -> bool:
        """Whether one of the two is enough."""
        return abs(self.r) > REDUNDANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Lines by indicator, pairs, and how many indicators of equal weight each weighting amounts to."""

    lines: tuple[Line, ...]
    pairs: tuple[Pair, ...]
    effective: Mapping[str, float]


def audit(basis: Ground, bases: pd.DataFrame, weights: Mapping[str, Mapping[str, float]]) -> Audit:
    """Audit the scored indicators.

    Parameters
    ----------
    bases
        Answers behind each value, subjects x indicators.
    weights
        Weight vectors by name, for their effective numbers.
    """
    return Audit(
        lines=tuple(_line(basis, bases, name) for name in basis.scored),
        pairs=tuple(pairs_of(basis.values)),
        effective={name: effective_number(vector) for name, vector in weights.items()},
    )


def _line(basis: Ground, bases: pd.DataFrame, name: str) -> Line:
    counted = bases[name] if name in bases else pd.Series(dtype="float64")
    return Line(
        indicator=name,
        least=float(counted.min()) if len(counted) else math.nan,
        median=float(counted.median()) if len(counted) else math.nan,
        reliability=mean_reliability(basis.values[name], basis.errors[name]),
    )


def mean_reliability(values: pd.Series, errors: pd.Series) -> float:
    """Return τ² / (τ² + mean squared error); NaN where the moment estimate does not exist.

    Examples
    --------
    >>> round(mean_reliability(pd.Series([80.0, 84, 70, 90]), pd.Series([4.0, 4, 4, 4])), 3)
    0.774
    """
    try:
        between = between_variance(values.to_numpy(), errors.to_numpy())
    except MethodError:
        return math.nan
    return between / (between + float((errors**2).mean()))


def pairs_of(values: pd.DataFrame) -> list[Pair]:
    """Return the correlation of every two columns with Fisher's interval; NaN where it does not exist."""
    found = []
    for first, second in combinations(values.columns, 2):
        pair = values[[first, second]].to_numpy(dtype="float64")
        if len(pair) < 4 or (pair.min(axis=0) == pair.max(axis=0)).any():
            found.append(Pair(first=first, second=second, r=math.nan, low=math.nan, high=math.nan))
            continue
        r = float(np.clip(np.corrcoef(pair, rowvar=False)[0, 1], -1 + 1e-12, 1 - 1e-12))
        half = float(critical_value()) / math.sqrt(len(pair) - 3)
        low, high = (math.tanh(math.atanh(r) + sign * half) for sign in (-1, 1))
        found.append(Pair(first=first, second=second, r=r, low=low, high=high))
    return found


def effective_number(weights: Mapping[str, float]) -> float:
    """Return 1 / Σ w²: how many indicators of equal weight would be as spread out.

    Examples
    --------
    >>> effective_number({"a": 0.5, "b": 0.5}), effective_number({"a": 1.0, "b": 0.0})
    (2.0, 1.0)
    """
    return 1 / math.fsum(weight**2 for weight in weights.values())
