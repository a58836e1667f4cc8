"""Survey designs on rows: weights, strata, one or two stages of clusters, finite populations, calibration.

Use it where a statistic needs the rows themselves (quantiles, calibration, models). For means and shares of
many domains a grouped scan and `survey_kpi.designs.sums` do with less.

Examples
--------
>>> from survey_kpi.designs.estimates import mean_estimate
>>> design = declare_design(4, weight=[1, 1, 2, 2], cluster=["a", "a", "b", None])
>>> estimate = mean_estimate(design.mean_sums([5, 4, 3, 2]), unit="score")
>>> round(estimate.value, 3), round(estimate.std_error, 3), estimate.method
(3.167, 0.726, 'linearised, t(2)')
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from survey_kpi.designs.sums import DesignSums, StageSums
from survey_kpi.errors import MethodError, SchemaError
from survey_kpi.numeric import BoolArray, FloatArray, IntArray

GAPS = 4
"""How many times as many numbers as rows may be marked in order to count the distinct ones."""
SHOWN = 5
"""How many offending rows a message names."""


class Calibration(Protocol):
    """Respondent weights that reproduce known totals: what is left of a column once they explain it."""

    def residual(self, columns: FloatArray) -> FloatArray:
        """(rows, K) residuals of the columns on the calibration's variables."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stage:
    """Sampling units of one stage.

    Parameters
    ----------
    unit
        (rows,) position of each row's unit.
    stratum
        (units,) position of each unit's stratum; at the second stage the stratum is the PSU.
    units
        (strata,) units drawn.
    factor
        (strata,) multiplier of the variance, see `StageSums`.
    fraction
        (strata,) share of the population's units that was drawn, 0 with replacement.
    """

    unit: IntArray
    stratum: IntArray
    units: FloatArray
    factor: FloatArray
    fraction: FloatArray

    def sums(self, weighted: FloatArray, inside: BoolArray) -> StageSums:
        """Sum the (rows, K) weighted columns over units, and over strata of units."""
        size = self.stratum.size
        by_unit = np.stack([np.bincount(self.unit, column, size) for column in weighted.T], axis=-1)
        active = np.bincount(self.unit, inside, size) > 0
        outer = by_unit[:, :, None] * by_unit[:, None, :]
        return StageSums(
            units=self.units,
            active=self._by_stratum(active),
            totals=self._by_stratum(by_unit),
            products=self._by_stratum(outer),
            factor=self.factor,
        )

    def _by_stratum(self, values: npt.NDArray[Any]) -> FloatArray:
        flat = values.reshape(len(values), -1).astype(float)
        summed = [np.bincount(self.stratum, column, self.units.size) for column in flat.T]
        return np.stack(summed, axis=-1).astype(float).reshape(self.units.size, *values.shape[1:])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Design:
    """A declared design with one respondent weight per row; make it with `declare_design`.

    Parameters
    ----------
    weight
        (rows,) respondent weights, calibrated where a calibration was applied.
    stages
        One stage, or two where the second matters (finite population at the first).
    calibrations
        In the order in which they were applied.
    """

    weight: FloatArray
    stages: tuple[Stage, ...]
    calibrations: tuple[Calibration, ...] = ()

    @property
    def rows(self) -> int:
        """Number of rows, those without a score included."""
        return self.weight.size

    @property
    def df(self) -> float:
        """PSUs minus strata of the whole design."""
        return float(self.stages[0].stratum.size - self.stages[0].units.size)

    def sums(self, columns: npt.ArrayLike, *, domain: npt.ArrayLike | None = None) -> DesignSums:
        """Design sums of K columns over the rows of a domain.

        Rows outside the domain stay in the design and contribute zero, as in R's `subset`. Columns must
        be complete inside it.

        Parameters
        ----------
        columns
            (rows, K) numbers, or (rows,) for one column.
        domain
            (rows,) which rows belong; all by default.

        Raises
        ------
        MethodError
            `rows_differ`: the lengths do not agree; `missing_value`: a value is missing inside.
        """
        inside = self._mask(domain)
        values = self._columns(columns, inside)
        residuals = values
        for calibration in self.calibrations:
            residuals = calibration.residual(residuals)
        weighted = residuals * self.weight[:, None]
        present = self.weight * inside
        return DesignSums(
            totals=present @ values,
            n=np.asarray(float(inside.sum())),
            ww=np.asarray(float(present @ present)),
            stages=tuple(stage.sums(weighted, inside) for stage in self.stages),
        )

    def mean_sums(self, y: npt.ArrayLike, *, domain: npt.ArrayLike | None = None) -> DesignSums:
        """Design sums of the columns (1, y) over the rows of a domain that have a score."""
        scores = np.asarray(y, dtype=float)
        inside = self._mask(domain) & ~np.isnan(self._checked(scores))
        columns = np.stack([np.ones(self.rows), scores]).T  # each column in one piece of memory
        return self.sums(columns, domain=inside)

    def with_weight(self, weight: FloatArray, *calibrations: Calibration) -> Design:
        """Return the design with new respondent weights and the calibrations that led to them."""
        return replace(self, weight=weight, calibrations=(*self.calibrations, *calibrations))

    def _mask(self, domain: npt.ArrayLike | None) -> BoolArray:
        inside = np.ones(self.rows, dtype=bool) if domain is None else np.asarray(domain, dtype=bool)
        return np.asarray(self._checked(inside) & (self.weight != 0))

    def _columns(self, columns: npt.ArrayLike, inside: BoolArray) -> FloatArray:
        values = self._checked(np.asarray(columns, dtype=float).reshape(len(np.asarray(columns)), -1))
        if not inside.all():
            values = np.where(inside[:, None], values, 0.0)
        if np.isnan(values).any():
            raise MethodError(
                "missing_value",
                where="design",
                what="a column has missing values inside the domain",
                got=f"rows {_first(np.isnan(values).any(axis=1))}",
                hint="leave rows without a score out of the domain; they stay in the design",
            )
        return values

    def _checked(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        if len(values) != self.rows:
            raise MethodError(
                "rows_differ",
                where="design",
                what="a column and the design have different numbers of rows",
                got=len(values),
                expected=self.rows,
            )
        return values


# --- declaring ----------------------------------------------------------------------------------------


def declare_design(
    rows: int,
    *,
    weight: npt.ArrayLike | None = None,
    stratum: npt.ArrayLike | None = None,
    cluster: npt.ArrayLike | None = None,
    second: npt.ArrayLike | None = None,
    population: npt.ArrayLike | None = None,
    second_population: npt.ArrayLike | None = None,
) -> Design:
    """Declare how rows were drawn.

    Parameters
    ----------
    rows
        Number of rows.
    weight
        Respondent weights; by default the inverse of the drawn fractions, or 1.
    stratum
        Stratum of each row; an empty id is a stratum of its own.
    cluster
        Primary sampling unit within the stratum; by default each row. All rows of a stratum with an empty
        id form one more cluster.
    second
        Unit of the second stage within the cluster; only counts with `population`.
    population, second_population
        Units of the stratum (of the cluster) in the population at the first (second) stage, repeated on
        each row; without them a stage was drawn with replacement.

    Returns
    -------
    Design

    Raises
    ------
    SchemaError
        `weight_invalid`: a weight is missing, negative or infinite; names rows.
    MethodError
        `rows_differ`; `population_size`: not one number per stratum, or fewer than were drawn.

    Notes
    -----
    R: `svydesign(id = ~cluster + second, strata = ~stratum, weights = ~weight,
    fpc = ~population + second_population, nest = TRUE)`.

    Examples
    --------
    >>> design = declare_design(3, population=[30, 30, 30])
    >>> design.weight.tolist(), design.df
    ([10.0, 10.0, 10.0], 2.0)
    """
    for name, column in (("weight", weight), ("stratum", stratum), ("cluster", cluster), ("second", second)):
        if column is not None and _length(column) != rows:
            raise MethodError(
                "rows_differ",
                where=name,
                what="the column does not have one value per row",
                got=_length(column),
                expected=rows,
            )
    strata = _codes(stratum, rows)
    first = _stage(strata, None if cluster is None else _codes(cluster, rows), population, None)
    stages = [first]
    if population is not None and second is not None:
        stages.append(
            _stage(first.unit, _codes(second, rows), second_population, first.fraction[first.stratum])
        )
    weights = _drawn_weights(stages, rows) if weight is None else check_weights(weight)
    return Design(weight=weights, stages=tuple(stages))


def check_weights(weight: npt.ArrayLike) -> FloatArray:
    """Return respondent weights as floats.

    Raises
    ------
    SchemaError
        `weight_invalid`: missing, negative or infinite weights; names rows, counted from 0.
    """
    weights = pd.to_numeric(pd.Series(weight), errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    bad = ~(np.isfinite(weights) & (weights >= 0))
    if bad.any():
        raise SchemaError(
            "weight_invalid",
            where="respondent weights",
            what=f"{int(bad.sum())} weights are missing, negative or no number",
            got=f"rows {_first(bad)}",
            expected="finite numbers from 0 up",
        )
    if not weights.sum() > 0:
        raise SchemaError(
            "weight_invalid",
            where="respondent weights",
            what="no weight is above 0",
            got=f"{weights.size} rows",
        )
    return weights


def _first(bad: BoolArray) -> str:
    places = np.flatnonzero(bad)
    return ", ".join(map(str, places[:SHOWN].tolist())) + (" …" if places.size > SHOWN else "")


def _codes(values: npt.ArrayLike | None, rows: int) -> IntArray:
    """Positions 0..k-1 of distinct values; every NULL is one and the same value."""
    if values is None:
        return np.zeros(rows, dtype=np.int64)
    column = pd.Series(values)
    if column.dtype == np.int64:
        numbers = np.asarray(column, dtype=np.int64)
        if numbers.min(initial=0) >= 0 and numbers.max(initial=0) < GAPS * numbers.size:
            return dense(numbers)
    return pd.factorize(column, use_na_sentinel=False)[0].astype(np.int64, copy=False)


def _length(values: npt.ArrayLike) -> int:
    """Length of a column, without a copy of it where it knows its own."""
    return len(values) if isinstance(values, Sized) else np.asarray(values, dtype=object).size


def dense(key: IntArray) -> IntArray:
    """Number the distinct keys (from 0 up) in their order: by marking them, where they leave few gaps.

    Examples
    --------
    >>> dense(np.array([7, 2, 7, 4])).tolist()
    [2, 0, 2, 1]
    """
    top = int(key.max(initial=-1)) + 1
    if top > GAPS * key.size:
        return pd.factorize(key, sort=True)[0].astype(np.int64)
    used = np.zeros(top, dtype=bool)
    used[key] = True
    return (np.cumsum(used) - 1)[key]


def _stage(
    strata: IntArray, ids: IntArray | None, population: npt.ArrayLike | None, above: FloatArray | None
) -> Stage:
    """One stage from row codes; `above` is the drawn fraction of each stratum's parent, None at the top.

    Without `ids` each row is a unit.
    """
    if ids is None:
        unit, stratum = np.arange(strata.size), strata
    else:
        unit = dense(strata * (int(ids.max(initial=0)) + 1) + ids)
        stratum = np.empty(int(unit.max(initial=-1)) + 1, dtype=np.int64)
        stratum[unit] = strata
    units = np.bincount(stratum, minlength=int(strata.max(initial=-1)) + 1).astype(float)
    size = np.full(units.size, np.inf) if population is None else _population(population, strata, units)
    return Stage(
        unit=unit,
        stratum=stratum,
        units=units,
        factor=(1 - units / size) * (1.0 if above is None else above),
        fraction=units / size,
    )


def _population(population: npt.ArrayLike, strata: IntArray, units: FloatArray) -> FloatArray:
    """Population size of each stratum; it must be one number and at least what was drawn."""
    given = pd.Series(np.asarray(population, dtype=float)).groupby(strata)
    low, high = given.min().to_numpy(), given.max().to_numpy()
    wrong = ~(low == high) | (high < units)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise MethodError(
            "population_size",
            where="design",
            what="a stratum needs one population size, not below the units drawn",
            got=f"from {low[place]} to {high[place]} with {units[place]:.0f} drawn",
        )
    return np.asarray(high, dtype=float)


def _drawn_weights(stages: Sequence[Stage], rows: int) -> FloatArray:
    """Inverse of the fraction drawn at every finite stage, 1 where none is declared."""
    weights = np.ones(rows)
    for stage in stages:
        fraction = stage.fraction[stage.stratum[stage.unit]]
        weights = weights / np.where(fraction > 0, fraction, 1)
    return weights
