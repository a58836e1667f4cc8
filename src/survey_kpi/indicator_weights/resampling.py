"""How sure weights from data are: bootstrap intervals, and what pure noise would earn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights.result import (
    Diagnostic,
    IndicatorWeights,
    Matrix,
    WeightIntervals,
    intervals,
)
from survey_kpi.numeric import check_share

Weigh = Callable[[pd.DataFrame, Mapping[str, str]], IndicatorWeights]
"""A method from data with its options bound: table and directions in, weights out."""


def bootstrap_intervals(
    weigh: Weigh,
    data: pd.DataFrame,
    direction: Mapping[str, str],
    rng: np.random.Generator,
    *,
    draws: int = 1000,
    conf_level: float = 0.95,
) -> WeightIntervals:
    """Percentile intervals of weights from data, by resampling subjects.

    Parameters
    ----------
    weigh
        Method, such as `entropy`.
    rng
        Source of the resamples.
    draws
        Number of resamples; one in which every indicator is constant is counted as refused and left out.

    Raises
    ------
    MethodError
        As the method on the data themselves; `no_variation` when the method refuses every resample.

    References
    ----------
    .. [1] Efron (1979), Annals of Statistics 7(1):1-26.

    Examples
    --------
    >>> from survey_kpi.indicator_weights import equal
    >>> table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]})
    >>> bootstrap_intervals(equal, table, {}, np.random.default_rng(1), draws=10).high
    {'a': 0.5, 'b': 0.5}
    """
    check_share("conf_level", conf_level)
    point = weigh(data, direction)
    drawn = [found for found in _resampled(weigh, data, direction, rng, draws) if found is not None]
    if not drawn:
        raise MethodError(
            "no_variation", where="bootstrap", what="the method refused every resample", got=draws
        )
    stacked = np.array([found.as_array(point.labels) for found in drawn])
    return intervals(point, stacked, conf_level, refused=draws - len(drawn))


def _resampled(
    weigh: Weigh, data: pd.DataFrame, direction: Mapping[str, str], rng: np.random.Generator, draws: int
) -> list[IndicatorWeights | None]:
    values = data.to_numpy()
    rows = rng.integers(len(data), size=(draws, len(data)))
    return [_tried(weigh, pd.DataFrame(values[row], columns=data.columns), direction) for row in rows]


def _tried(weigh: Weigh, data: pd.DataFrame, direction: Mapping[str, str]) -> IndicatorWeights | None:
    try:
        return weigh(data, direction)
    except MethodError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseCurve:
    """What columns of pure noise earn beside the indicators.

    Parameters
    ----------
    share
        Mean total weight of the noise, by the number of noise columns added (0, 1, 2, …).
    conf_low, conf_high
        Central 95 % of the draws.
    fair
        What the noise would earn at equal weights.
    outweighed
        Share of draws in which each indicator weighs less than the one noise column added.
    """

    share: tuple[float, ...]
    conf_low: tuple[float, ...]
    conf_high: tuple[float, ...]
    fair: tuple[float, ...]
    outweighed: Mapping[str, float]

    def doubt(self) -> Diagnostic:
        """Say in one diagnostic what one column of noise earns."""
        beaten = [label for label, share in self.outweighed.items() if share >= 0.5]
        message = (
            f"one column of pure noise would weigh {self.share[1]:.3f} (equal weight {self.fair[1]:.3f})"
            + (f", more than {', '.join(beaten)}" if beaten else "")
        )
        return Diagnostic(code="noise_earns_weight", message=message, value=self.share[1])


def noise_curve(
    weigh: Weigh,
    data: pd.DataFrame,
    direction: Mapping[str, str],
    rng: np.random.Generator,
    *,
    columns: int = 3,
    draws: int = 200,
) -> NoiseCurve:
    """Add columns of uniform noise and see what the method gives them: spread is not importance.

    Parameters
    ----------
    columns
        Add 1, 2, … up to so many noise columns.
    draws
        Repetitions for each number of columns.

    Raises
    ------
    MethodError
        As the method on the data.

    Examples
    --------
    >>> from survey_kpi.indicator_weights import equal
    >>> table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]})
    >>> noise_curve(equal, table, {}, np.random.default_rng(1), columns=2, draws=5).share
    (0.0, 0.3333333333333333, 0.5)
    """
    weigh(data, direction)
    real = list(map(str, data.columns))
    earned, beaten = [np.zeros(draws)], np.zeros(len(real))
    for count in range(1, columns + 1):
        drawn = _with_noise(weigh, data, direction, rng, count, draws)
        if count == 1:
            beaten = (drawn[:, :-1] < drawn[:, -1:]).mean(axis=0)
        earned.append(drawn[:, len(real) :].sum(axis=1))
    stacked = np.array(earned)
    low, high = np.quantile(stacked, [0.025, 0.975], axis=1)
    return NoiseCurve(
        share=tuple(stacked.mean(axis=1).tolist()),
        conf_low=tuple(low.tolist()),
        conf_high=tuple(high.tolist()),
        fair=tuple(count / (count + len(real)) for count in range(columns + 1)),
        outweighed=dict(zip(real, beaten.tolist(), strict=True)),
    )


def _with_noise(
    weigh: Weigh,
    data: pd.DataFrame,
    direction: Mapping[str, str],
    rng: np.random.Generator,
    count: int,
    draws: int,
) -> Matrix:
    """Weights of the indicators and then of the noise, draws x columns."""
    names = [f"noise {place}" for place in range(1, count + 1)]
    wider = {**direction, **dict.fromkeys(names, "higher")}
    found = []
    for _ in range(draws):
        noise = pd.DataFrame(1 - rng.random((len(data), count)), index=data.index, columns=names)
        found.append(weigh(pd.concat([data, noise], axis=1), wider).as_array())
    return np.array(found)
