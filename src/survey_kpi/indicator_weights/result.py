"""What every weighting method returns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from survey_kpi.errors import MethodError

Matrix = NDArray[np.float64]

SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A doubt about a method or its data that the report prints."""

    code: str
    message: str
    value: float = math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorWeights:
    """Indicator weights with the method and variant that made them.

    Parameters
    ----------
    values
        Indicator label to weight; full precision, non-negative, sum 1 within 1e-9.
    method, variant
        Name of the method and of the choices that change its numbers, as printed beside every table.
    statistics
        Method's own numbers by name (entropy per indicator, λ max, consistency ratio, …).
    diagnostics
        Doubts that the report prints.
    """

    values: Mapping[str, float]
    method: str
    variant: str = ""
    statistics: Mapping[str, float] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    def __post_init__(self) -> None:
        total = math.fsum(self.values.values())
        if not (min(self.values.values(), default=0) >= 0 and abs(total - 1) <= SUM_TOLERANCE):
            raise ValueError(f"indicator weights must be non-negative and sum to 1; got {dict(self.values)}")

    @property
    def labels(self) -> tuple[str, ...]:
        """Indicator labels in order."""
        return tuple(self.values)

    def as_array(self, labels: Sequence[str] | None = None) -> Matrix:
        """Return the weights in the order of `labels`, their own order by default."""
        return np.array([self.values[label] for label in labels or self.labels])

    def as_series(self) -> pd.Series:
        """Return the weights as a labelled series."""
        return pd.Series(dict(self.values), name="indicator_weight", dtype="float64")


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightIntervals:
    """How sure weights are.

    Parameters
    ----------
    weights
        The point weights.
    low, high
        Ends of each indicator's interval.
    conf_level
        Level of each interval by itself.
    draws
        Number of draws behind the intervals.
    refused
        Draws to which the method did not apply, left out of the intervals.
    """

    weights: IndicatorWeights
    low: Mapping[str, float]
    high: Mapping[str, float]
    conf_level: float
    draws: int
    refused: int = 0

    def as_frame(self) -> pd.DataFrame:
        """Return one row per indicator: weight, conf_low, conf_high."""
        columns = {"weight": self.weights.values, "conf_low": self.low, "conf_high": self.high}
        return pd.DataFrame({name: pd.Series(dict(values)) for name, values in columns.items()})


def labelled(weights: Matrix, labels: Sequence[str]) -> dict[str, float]:
    """Pair labels with builtin floats."""
    return dict(zip(labels, weights.tolist(), strict=True))


def shares(raw: Matrix, labels: Sequence[str]) -> dict[str, float]:
    """Divide non-negative numbers by their sum, and label them.

    Raises
    ------
    MethodError
        `no_variation`: all are 0, because the indicators differ by less than rounding.
    """
    total = raw.sum()
    if not total > 0:
        raise MethodError(
            "no_variation",
            where=f"indicators {', '.join(labels)}",
            what="what this method weighs by cannot be told from rounding",
            got=f"sum {total:g}",
        )
    return labelled(raw / total, labels)


def intervals(
    weights: IndicatorWeights, draws: Matrix, conf_level: float, *, refused: int = 0
) -> WeightIntervals:
    """Return the central interval of each column of `draws` (draws x indicators)."""
    tail = (1 - conf_level) / 2
    low, high = np.quantile(draws, [tail, 1 - tail], axis=0)
    return WeightIntervals(
        weights=weights,
        low=labelled(low, weights.labels),
        high=labelled(high, weights.labels),
        conf_level=conf_level,
        draws=len(draws),
        refused=refused,
    )
