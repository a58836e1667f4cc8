"""From judgement to data and back: what every share between them does to weights and to ranks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import (
    IndicatorWeights,
    game_theory,
    linear,
    minimum_deviation,
    multiplicative,
    variance_maximising,
)
from survey_kpi.indicator_weights.result import Matrix

STEPS = 40
SIDE = 18
"""Points along one side of the triangle, less one."""
HALF = 0.5
TIE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """A way to combine: weights, share of pairs of subjects that change places, whether the first stays."""

    name: str
    weights: IndicatorWeights | None
    turned: float = math.nan
    first_stays: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A mixture of three corners: its shares, pairs that change places, whether the first stays."""

    shares: tuple[float, float, float]
    turned: float
    first_stays: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Combining:
    """Mixtures of two weight vectors, `alpha` being the share of the first.

    Parameters
    ----------
    ends
        The two methods.
    declared
        Share of the first in the rule; NaN where the rule is no mixture of these two.
    alphas, turned
        Shares from 0 to 1, and the share of pairs of subjects in another order than under the base weights.
    order, first, importance
        Stretch around the declared share (1 or .5 where there is none) without any change: of all ranks of
        subjects, of the first place, of the order of the indicators' weights.
    switches
        Shares at which two indicators' weights change places.
    mixes
        Ways to combine the two.
    corners, triangle
        Names of three corners, and the mixtures of them.
    """

    ends: tuple[IndicatorWeights, IndicatorWeights]
    declared: float
    alphas: tuple[float, ...]
    turned: tuple[float, ...]
    order: tuple[float, float]
    first: tuple[float, float]
    importance: tuple[float, float]
    switches: tuple[float, ...]
    mixes: tuple[Mix, ...]
    corners: tuple[str, str, str]
    triangle: tuple[Point, ...]

    @property
    def start(self) -> float:
        """The share that the stretches are around."""
        return HALF if math.isnan(self.declared) else self.declared


def assess_combining(
    ends: tuple[IndicatorWeights, IndicatorWeights],
    *,
    declared: float,
    base: IndicatorWeights,
    points: pd.DataFrame,
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
) -> Combining:
    """Walk from the second weight vector to the first.

    Parameters
    ----------
    declared
        Share of the first in the rule, NaN where the rule is no mixture of the two.
    base
        The weights that scores use: places are compared with theirs.
    points
        Attainments, codes x indicators.
    matrix, direction
        Values, for the method that looks at the data.
    """
    labels = list(points.columns)
    first, second = (part.as_array(labels) for part in ends)
    totals = points.to_numpy() @ np.array([first, second]).T
    alphas = np.linspace(0, 1, STEPS + 1)
    start = HALF if math.isnan(declared) else declared
    now = points.to_numpy() @ base.as_array(labels)
    leader = int(np.argmax(start * totals[:, 0] + (1 - start) * totals[:, 1]))
    corners, vectors = _corners(ends, labels)
    return Combining(
        ends=ends,
        declared=declared,
        alphas=tuple(alphas.tolist()),
        turned=tuple(
            turned_pairs(now, alpha * totals[:, 0] + (1 - alpha) * totals[:, 1]) for alpha in alphas
        ),
        order=_stretch(totals, start, combinations(range(len(totals)), 2)),
        first=_stretch(totals, start, ((leader, other) for other in range(len(totals)) if other != leader)),
        importance=_stretch(np.array([first, second]).T, start, combinations(range(len(labels)), 2)),
        switches=_switches(np.array([first, second]).T),
        mixes=_mixes(ends, declared, points.to_numpy(), now, labels, matrix, direction),
        corners=corners,
        triangle=_triangle(vectors, points.to_numpy(), now),
    )


def turned_pairs(before: Matrix, after: Matrix) -> float:
    """Return the share of pairs that change places between two series of totals.

    Examples
    --------
    >>> turned_pairs(np.array([3.0, 2.0, 1.0]), np.array([3.0, 1.0, 2.0]))
    0.3333333333333333
    """
    upper = np.triu_indices(len(before), 1)
    gaps = [(np.subtract.outer(series, series)[upper]).round(9) for series in (before, after)]
    return float((gaps[0] * gaps[1] < 0).mean()) if len(upper[0]) else 0.0


def _crossing(lines: Matrix, a: int, b: int) -> float:
    """Share at which two straight lines meet; NaN where they never do."""
    at_one, at_zero = lines[a] - lines[b]
    return float(at_zero / (at_zero - at_one)) if abs(at_zero - at_one) > TIE else math.nan


def _stretch(lines: Matrix, start: float, pairs: Iterable[tuple[int, int]]) -> tuple[float, float]:
    """Stretch of shares around `start` in which none of the pairs meets."""
    low, high = 0.0, 1.0
    for a, b in pairs:
        at = _crossing(lines, a, b)
        if 0 <= at <= start:
            low = max(low, at)
        if start <= at <= 1:
            high = min(high, at)
    return low, high


def _switches(lines: Matrix) -> tuple[float, ...]:
    found = (_crossing(lines, a, b) for a, b in combinations(range(len(lines)), 2))
    return tuple(sorted(at for at in found if 0 < at < 1))


def _mixes(
    ends: tuple[IndicatorWeights, IndicatorWeights],
    declared: float,
    points: Matrix,
    now: Matrix,
    labels: Sequence[str],
    matrix: pd.DataFrame,
    direction: Mapping[str, str],
) -> tuple[Mix, ...]:
    ways: dict[str, Callable[[], IndicatorWeights]] = {
        "half": lambda: linear(ends, (HALF, HALF)),
        "multiplicative": lambda: multiplicative(ends),
        "minimum_deviation": lambda: minimum_deviation(ends),
        "game_theory": lambda: game_theory(ends),
        "game_theory_constrained": lambda: game_theory(ends, constrained=True),
        "variance_maximising": lambda: variance_maximising(ends, matrix, direction, constrained=True),
    }
    if not math.isnan(declared):
        ways = {"declared": lambda: linear(ends, (declared, 1 - declared)), **ways}
    found = []
    for name, way in ways.items():
        try:
            weights = way()
        except MethodError as error:
            found.append(Mix(name=name, weights=None, code=error.code))
            continue
        after = points @ weights.as_array(labels)
        found.append(
            Mix(
                name=name,
                weights=weights,
                turned=turned_pairs(now, after),
                first_stays=bool(np.argmax(after) == np.argmax(now)),
            )
        )
    refused = any(mix.name == "game_theory" and mix.weights is None for mix in found)
    return tuple(mix for mix in found if mix.name != "game_theory_constrained" or refused)


def _corners(
    ends: tuple[IndicatorWeights, IndicatorWeights], labels: Sequence[str]
) -> tuple[tuple[str, str, str], Matrix]:
    """The three indicators where there are three, else the two methods and equal weights."""
    if len(labels) == 3:
        return (labels[0], labels[1], labels[2]), np.eye(3)
    equal = np.full(len(labels), 1 / len(labels))
    vectors = np.array([ends[0].as_array(labels), ends[1].as_array(labels), equal])
    return (ends[0].method, ends[1].method, "equal"), vectors


def _triangle(vectors: Matrix, points: Matrix, now: Matrix) -> tuple[Point, ...]:
    found = []
    for i in range(SIDE + 1):
        for j in range(SIDE + 1 - i):
            shares = (i / SIDE, j / SIDE, (SIDE - i - j) / SIDE)
            after = points @ (np.array(shares) @ vectors)
            found.append(
                Point(
                    shares=shares,
                    turned=turned_pairs(now, after),
                    first_stays=bool(np.argmax(after) == np.argmax(now)),
                )
            )
    return tuple(found)
