"""Respondent weights that reproduce known margins: raking, post-stratification, trimming.

Raking works on the distinct cells of its variables, so its cost hardly grows with the rows. The result is
a design whose standard errors know about the raking: a column enters the variance only with what the
margins leave unexplained. The order is design, rake, trim.

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> cells = np.repeat([0, 1, 2, 3], [40, 10, 20, 30])
>>> raked = rake(declare_design(100), {"row": cells // 2, "column": cells % 2},
...              {"row": {0: .6, 1: .4}, "column": {0: .5, 1: .5}})
>>> raked.weight[[0, 40, 50, 70]].round(6).tolist()
[1.0, 2.0, 0.5, 1.0]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import optimize

from survey_kpi.designs.design import Design, dense
from survey_kpi.designs.margins import TOLERANCE, Margin, Targets, Variables, check_margins, total_problems
from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray, IntArray

ROUNDS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CellCalibration:
    """Calibration on groups of rows: its fitted values are the same within a cell.

    Parameters
    ----------
    cell
        (rows,) position of each row's cell.
    base
        (rows,) weights before.
    basis
        (cells, p) indicators of the margins' levels.
    """

    cell: IntArray
    base: FloatArray
    basis: FloatArray

    def residual(self, columns: FloatArray) -> FloatArray:
        """Residuals of the base-weighted regression on the indicators, solved on the cells."""
        cells = len(self.basis)
        weight = np.bincount(self.cell, self.base, cells)
        root = np.sqrt(weight)
        sums = np.stack([np.bincount(self.cell, self.base * column, cells) for column in columns.T], axis=-1)
        means = sums / np.where(weight > 0, weight, 1)[:, None]
        fitted = (
            self.basis @ np.linalg.lstsq(self.basis * root[:, None], means * root[:, None], rcond=None)[0]
        )
        result: FloatArray = columns - fitted[self.cell]
        return result


# --- raking -------------------------------------------------------------------------------------------


def rake_table(
    counts: npt.ArrayLike, targets: list[npt.ArrayLike], *, tolerance: float = TOLERANCE, rounds: int = ROUNDS
) -> FloatArray:
    """Iterative proportional fitting of a full table to one margin per axis.

    Parameters
    ----------
    counts
        Table with one axis per margin.
    targets
        One array per axis; all with the same sum.
    tolerance, rounds
        See `rake`.

    Raises
    ------
    MethodError
        `not_converged`, `margins_disagree`.

    Examples
    --------
    >>> rake_table([[40, 10], [20, 30]], [[.6, .4], [.5, .5]]).round(6).tolist()
    [[0.4, 0.2], [0.1, 0.3]]
    """
    table = np.asarray(counts, dtype=float)
    axes = np.indices(table.shape).reshape(table.ndim, -1)
    named = {
        f"axis {axis}": dict(enumerate(np.asarray(target, float))) for axis, target in enumerate(targets)
    }
    problems = total_problems(named, float(np.sum(np.asarray(targets[0], dtype=float))))
    if problems:
        raise MethodError.collect(problems)
    margins = [
        Margin(name=name, levels=tuple(target), target=np.array(list(target.values())), code=code)
        for (name, target), code in zip(named.items(), axes, strict=True)
    ]
    return _fit(table.ravel(), margins, tolerance, rounds).reshape(table.shape)


def _fit(base: FloatArray, margins: list[Margin], tolerance: float, rounds: int) -> FloatArray:
    """Scale cells to each margin in turn until all are met; say which one is not."""
    cells = base.copy()
    whole = float(margins[0].target.sum())
    gap = np.inf
    for _ in range(rounds):
        for margin in margins:
            achieved = np.bincount(margin.code, cells, margin.target.size)
            cells = (
                cells
                * np.divide(margin.target, achieved, out=np.zeros_like(achieved), where=achieved > 0)[
                    margin.code
                ]
            )
        previous, gap = gap, _gaps(cells, margins)[0] / whole
        if gap < 1e-15 or (gap < tolerance and gap >= previous):
            return cells
    if gap < tolerance:
        return cells
    raise _not_converged(base, cells, margins, rounds)


def _gaps(cells: FloatArray, margins: list[Margin]) -> tuple[float, Margin, int]:
    """Largest distance of a margin's level from its target, with the margin and the level."""
    worst = []
    for margin in margins:
        distance = np.abs(np.bincount(margin.code, cells, margin.target.size) - margin.target)
        worst.append((float(distance.max()), margin, int(distance.argmax())))
    return max(worst, key=lambda found: found[0])


def _not_converged(base: FloatArray, cells: FloatArray, margins: list[Margin], rounds: int) -> MethodError:
    _, margin, level = _gaps(cells, margins)
    achieved = float(np.bincount(margin.code, cells, margin.target.size)[level])
    return MethodError(
        "not_converged",
        where=f"margin '{margin.name}', level {margin.levels[level]!r}",
        what=f"the margins cannot all be met; after {rounds} rounds the worst one is off",
        got=f"{achieved:.9g}; {_empty_cells(base, margins)}",
        expected=f"{margin.target[level]:.9g}",
        hint="merge the levels of empty cells, or drop a margin",
    )


def _empty_cells(base: FloatArray, margins: list[Margin]) -> str:
    """Name the combinations of two levels that nobody in the sample has."""
    found = []
    for i, first in enumerate(margins):
        for second in margins[i + 1 :]:
            table = np.zeros((first.target.size, second.target.size))
            np.add.at(table, (first.code, second.code), base)
            found += [
                f"{first.name}={first.levels[a]} with {second.name}={second.levels[b]}"
                for a, b in zip(*np.nonzero(table == 0), strict=True)
            ]
    shown = 4
    listed = "; ".join(found[:shown]) + (" …" if len(found) > shown else "")
    return f"empty cells: {listed}" if found else "no pair of levels is empty"


def rake(
    design: Design,
    variables: Variables,
    targets: Targets,
    *,
    total: float | None = None,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> Design:
    """Rake respondent weights to the margins of one or several variables.

    Parameters
    ----------
    design
        Design with base weights; they always enter.
    variables
        Name of each margin and the category of every row.
    targets
        Name of each margin and the target of every category: shares that sum to 1, or counts that sum to
        `total`.
    total
        Sum of the raked weights where targets are counts; by default the sum of the base weights is kept.
    tolerance
        Largest distance of a margin from its target that is accepted, as a share of the whole.
    rounds
        Passes over all margins.

    Returns
    -------
    Design
        Its standard errors know about the raking.

    Raises
    ------
    MethodError
        `margin_missing`: rows without a category; `margin_levels`: the categories of sample and targets
        differ; `margins_disagree`: targets do not have the same sum; `not_converged`: names the margin, its
        level, how far it got and the empty cells; `rows_differ`.

    Notes
    -----
    Deming and Stephan (1940); R: `rake(design, list(~a, ~b), list(...), control = list(epsilon = 1e-10))`.
    Variance: residuals of the base-weighted regression on the margins' indicators (Deville and Särndal
    1992), as in R where base weights are equal within margins.
    """
    margins = check_margins(design.rows, variables, targets, total)
    cell, first = _cells([margin.code for margin in margins])
    base = np.bincount(cell, design.weight).astype(float)
    whole = float(design.weight.sum()) if total is None else 1.0
    by_cell = [
        Margin(name=m.name, levels=m.levels, target=m.target * whole, code=m.code[first]) for m in margins
    ]
    factor = _fit(base, by_cell, tolerance, rounds) / np.where(base > 0, base, 1)
    basis = np.hstack([np.eye(margin.target.size)[margin.code] for margin in by_cell])
    return design.with_weight(
        design.weight * factor[cell], CellCalibration(cell=cell, base=design.weight, basis=basis)
    )


def _cells(codes: list[IntArray]) -> tuple[IntArray, IntArray]:
    """Distinct combinations: each row's cell, and one row of each cell."""
    key = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        key = dense(key * (int(code.max(initial=0)) + 1) + code)
    first = np.empty(int(key.max(initial=-1)) + 1, dtype=np.int64)
    first[key[::-1]] = np.arange(key.size - 1, -1, -1)
    return key, first


def poststratify(
    design: Design, cells: npt.ArrayLike, targets: Mapping[object, float], *, total: float | None = None
) -> Design:
    """Scale respondent weights to known cell totals: raking with a single margin, exact in one round.

    Parameters, result and errors are those of `rake`. R: `postStratify(design, ~cell, population)`.

    Examples
    --------
    >>> from survey_kpi.designs.design import declare_design
    >>> poststratify(declare_design(4), list("aaab"), {"a": 60, "b": 40}, total=100).weight.tolist()
    [20.0, 20.0, 20.0, 40.0]
    """
    return rake(design, {"cell": cells}, {"cell": targets}, total=total)


def trim(design: Design, *, lower: float = 0.0, upper: float = np.inf, strict: bool = False) -> Design:
    """Cut respondent weights at bounds and spread what was cut equally over the weights inside.

    Calibrated totals are then met only nearly; the sum of the weights stays. The calibration still enters
    the standard errors.

    Parameters
    ----------
    design
        Design whose weights are cut.
    lower, upper
        Bounds.
    strict
        Keep the bounds after spreading too: all weights are shifted by one amount and cut.

    Raises
    ------
    MethodError
        `not_converged`: no weight lies inside the bounds, or their mean lies outside.

    Notes
    -----
    R: `trimWeights(design, upper, lower)`; with `strict` R repeats the cut until it settles.

    Examples
    --------
    >>> from survey_kpi.designs.design import declare_design
    >>> trim(declare_design(4, weight=[1, 1, 2, 8]), upper=5).weight.tolist()
    [2.0, 2.0, 3.0, 5.0]
    """
    weight = design.weight
    mean = float(weight.mean())
    if not lower <= mean <= upper:
        raise MethodError(
            "not_converged",
            where="trim",
            what="the mean weight lies outside the bounds",
            got=f"{mean:.9g}",
            expected=f"{lower:g} to {upper:g}",
        )
    return design.with_weight(_shifted(weight, lower, upper) if strict else _spread(weight, lower, upper))


def _spread(weight: FloatArray, lower: float, upper: float) -> FloatArray:
    """Cut once and give the weights inside equal parts of what was cut."""
    inside = (weight >= lower) & (weight <= upper)
    if not inside.any():
        raise MethodError(
            "not_converged",
            where="trim",
            what="no weight lies inside the bounds",
            got=f"{weight.min():.9g} to {weight.max():.9g}",
            expected=f"{lower:g} to {upper:g}",
            hint="strict=True shifts and cuts all weights together",
        )
    cut = np.clip(weight, lower, upper)
    return np.where(inside, cut + (weight - cut).sum() / inside.sum(), cut)


def _shifted(weight: FloatArray, lower: float, upper: float) -> FloatArray:
    """Shift all weights by one amount and cut, so that bounds and sum both hold."""
    whole = float(weight.sum())
    shift = optimize.brentq(
        lambda amount: float(np.clip(weight + amount, lower, upper).sum()) - whole,
        -float(weight.max()),
        whole,
    )
    return np.clip(weight + shift, lower, upper)
