"""Entropy under the magnifying glass: its variants side by side, its intervals, and what noise would earn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import IndicatorWeights, NoiseCurve, WeightIntervals, entropy, noise_curve
from survey_kpi.indicator_weights.resampling import Weigh
from survey_kpi.indicator_weights.result import Matrix, intervals
from survey_kpi.indicator_weights.table import Ends

DRAWS = 1000
NOISE_DRAWS = 200
NOISE_COLUMNS = 4
NOISE = "+noise"  # no indicator can be called so
Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A normalisation: weights with intervals, or the code of the refusal."""

    name: str
    intervals: WeightIntervals | None
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """Entropy weights and how far they can be trusted.

    Parameters
    ----------
    variants
        "sample_ends" (the default), "declared_ends", "sum", "cost_inverted".
    draws
        Default weights of resampled subjects, draws x indicators.
    curve
        What columns of noise earn.
    noisy, noisy_low, noisy_high
        Weight of each indicator beside one column of noise: mean and central 95 % of the draws.
    """

    variants: tuple[Variant, ...]
    draws: Matrix
    curve: NoiseCurve
    noisy: Weights
    noisy_low: Weights
    noisy_high: Weights

    @property
    def default(self) -> WeightIntervals:
        """The default variant, which always applies where there is a `Spread`."""
        found = self.variants[0].intervals
        if found is None:
            raise ValueError("entropy on sample ends must apply")
        return found


def assess_spread(
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    rng: np.random.Generator,
    *,
    ends: Ends | None,
    interval_scales: Collection[str],
) -> Spread:
    """Weigh by entropy in every variant, resample the subjects, add noise.

    Parameters
    ----------
    ends
        Declared ends of every scale, None where they are not known.
    interval_scales
        Indicators whose ratios mean nothing: the variants on sums refuse them.

    Raises
    ------
    MethodError
        Entropy on sample ends does not apply: `too_few_subjects`, `no_variation`, …
    """
    draws, first = _resampled("sample_ends", matrix, direction, rng, {})
    ratio = {"interval_scales": interval_scales}
    blind = dict.fromkeys(direction, "ignored")
    others = [
        _variant("declared_ends", matrix, direction, rng, {"ends": ends} if ends else None),
        _variant("sum", matrix, blind, rng, {"normalisation": "sum", **ratio}),
        _variant("cost_inverted", matrix, direction, rng, {"normalisation": "cost_inverted", **ratio}),
    ]
    noisy = _beside_noise(matrix, direction, rng)
    low, high = np.quantile(noisy, [0.025, 0.975], axis=0)
    labels = list(map(str, matrix.columns))
    return Spread(
        variants=(first, *others),
        draws=draws,
        curve=noise_curve(entropy, matrix, direction, rng, columns=NOISE_COLUMNS, draws=NOISE_DRAWS),
        noisy=dict(zip(labels, noisy.mean(axis=0).tolist(), strict=True)),
        noisy_low=dict(zip(labels, low.tolist(), strict=True)),
        noisy_high=dict(zip(labels, high.tolist(), strict=True)),
    )


def _variant(
    name: str,
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    rng: np.random.Generator,
    params: dict[str, Any] | None,
) -> Variant:
    if params is None:
        return Variant(name=name, intervals=None, code="ends_undeclared")
    try:
        return _resampled(name, matrix, direction, rng, params)[1]
    except MethodError as error:
        return Variant(name=name, intervals=None, code=error.code)


def _resampled(
    name: str,
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
    rng: np.random.Generator,
    params: Mapping[str, Any],
) -> tuple[Matrix, Variant]:
    """Return the weights of every resample, and their intervals around the point weights."""
    weigh: Weigh = partial(entropy, **params)
    point, values = weigh(matrix, direction), matrix.to_numpy()
    found, refused = [], 0
    for rows in rng.integers(len(values), size=(DRAWS, len(values))):
        try:
            found.append(weigh(pd.DataFrame(values[rows], columns=matrix.columns), direction).as_array())
        except MethodError:  # everybody drawn alike: such a sample weighs nothing
            refused += 1
    if not found:
        raise MethodError("no_variation", where="bootstrap", what="the method refused every resample")
    draws = np.array(found)
    return draws, Variant(name=name, intervals=intervals(point, draws, 0.95, refused=refused))


def _beside_noise(matrix: pd.DataFrame, direction: Mapping[str, str], rng: np.random.Generator) -> Matrix:
    """Weights of the indicators beside one column of uniform noise, draws x indicators."""
    wider = {**direction, NOISE: "higher"}
    found: list[IndicatorWeights] = [
        entropy(matrix.assign(**{NOISE: 1 - rng.random(len(matrix))}), wider) for _ in range(NOISE_DRAWS)
    ]
    return np.array([weights.as_array()[:-1] for weights in found])
