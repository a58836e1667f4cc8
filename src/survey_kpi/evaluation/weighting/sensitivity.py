"""What the uncertainty of ranks is made of: weights, sampling, normalisation, cleaning; switch points."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from survey_kpi.evaluation.weighting.ground import Ground
from survey_kpi.indicator_weights import (
    IndicatorWeights,
    rank_grid,
    stability_intervals,
    tornado,
    variance_shares,
)
from survey_kpi.indicator_weights.result import Matrix

WEIGHT_CHOICES = 20
SAMPLES = 25
CHANGE = 0.2
"""Relative change of one weight in the tornado."""


def _unit_range(values: Matrix, lower: Matrix) -> Matrix:
    low, high = values.min(axis=0), values.max(axis=0)
    unit = (values - low) / np.where(high > low, high - low, 1.0)
    turned: Matrix = np.where(lower, 1 - unit, unit)
    return turned


def _standard(values: Matrix, lower: Matrix) -> Matrix:
    spread = values.std(axis=0)
    score = (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    turned: Matrix = np.where(lower, -score, score)
    return turned


SCALINGS: Mapping[str, Callable[[Matrix, Matrix], Matrix]] = MappingProxyType(
    {"min_max": _unit_range, "z_score": _standard}
)
"""Normalisations beside the attainment of the rules."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensitivity:
    """Shares of the variance of ranks, and room of each weight.

    Parameters
    ----------
    shares
        By factor: `first` (alone), `total` (with all its interactions); NaN where no rank ever changes.
    factors
        Number of choices by factor.
    room
        By indicator: weight, stretch in which the first stays first, stretch in which every rank stays.
    swings
        By indicator: margin between first and second with the weight a fifth lower and higher.
    """

    shares: pd.DataFrame
    factors: Mapping[str, int]
    room: pd.DataFrame
    swings: pd.DataFrame


def assess_sensitivity(
    basis: Ground,
    base: IndicatorWeights,
    admissible: Matrix,
    rng: np.random.Generator,
    *,
    uncleaned: Ground | None,
) -> Sensitivity:
    """Rank the subjects under every combination of choices.

    Parameters
    ----------
    admissible
        Weight vectors; the first few are the choices of the factor weights.
    uncleaned
        The same subjects without any answer set aside; None leaves cleaning out.
    """
    grounds = [basis]
    subjects = list(basis.values.index)
    if uncleaned is not None:
        subjects = [code for code in subjects if code in uncleaned.values.index]
        grounds.append(uncleaned)
    noise = rng.standard_normal((SAMPLES, len(subjects), len(basis.scored)))
    tables = _tables(grounds, subjects, noise)
    weights = admissible[:WEIGHT_CHOICES]
    factors: dict[str, list[object]] = {
        "weights": list(range(len(weights))),
        "sampling": list(range(SAMPLES)),
        "normalisation": ["attainment", *SCALINGS],
        **({"cleaning": [0, 1]} if len(grounds) > 1 else {}),
    }

    def scores(weights: int, sampling: int, normalisation: str, cleaning: int = 0) -> pd.Series:
        total = tables[cleaning, sampling, normalisation] @ admissible[weights]
        return pd.Series(total, index=subjects)

    grid, names = rank_grid(factors, scores)
    shares = variance_shares(grid, list(factors), names)
    together = shares[shares["subject"] == ""].set_index("factor")[["first", "total"]]
    vector = {label: base.values[label] for label in basis.scored}
    return Sensitivity(
        shares=together,
        factors={name: len(choices) for name, choices in factors.items()},
        room=stability_intervals(basis.points, vector),
        swings=tornado(basis.points, vector, change=CHANGE),
    )


def _tables(grounds: list[Ground], subjects: list[str], noise: Matrix) -> dict[tuple[int, int, str], Matrix]:
    """Normalised subjects x indicators by (cleaning, sample, normalisation)."""
    found = {}
    for cleaning, basis in enumerate(grounds):
        lower = np.array([basis.direction[name] == "lower" for name in basis.scored])
        values, errors = basis.values.loc[subjects], basis.errors.loc[subjects]
        for sample, draw in enumerate(noise):
            drawn = values + draw * errors
            found[cleaning, sample, "attainment"] = basis.attain(drawn).to_numpy()
            for name, scale in SCALINGS.items():
                found[cleaning, sample, name] = scale(drawn.to_numpy(), lower)
    return found
