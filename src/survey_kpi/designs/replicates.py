"""Replicate weights: jackknife (JK1, JKn), balanced repeated replication and the bootstrap.

Replicates multiply the weights of whole PSUs, so they are kept as (PSUs, replicates) factors; totals of
all replicates are one matrix product.

Examples
--------
>>> from survey_kpi.designs.design import declare_design
>>> design = declare_design(6, cluster=list("aabbcc"))
>>> replicates = jackknife_1(design)
>>> replicates.factors.tolist()
[[0.0, 1.5, 1.5], [1.5, 0.0, 1.5], [1.5, 1.5, 0.0]]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import linalg

from survey_kpi.designs.design import Design
from survey_kpi.errors import MethodError
from survey_kpi.numeric import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Replicates:
    """Replicate factors of a design.

    Parameters
    ----------
    design
        The design they replicate.
    factors
        (PSUs, R) factors on the weights of each PSU.
    scale
        (R,) weight of each squared deviation in the variance.
    method
        As printed.
    """

    design: Design
    factors: FloatArray
    scale: FloatArray
    method: str

    def weights(self, replicate: int) -> FloatArray:
        """(rows,) respondent weights of one replicate."""
        result: FloatArray = self.design.weight * self.factors[self.design.stages[0].unit, replicate]
        return result

    def totals(self, columns: npt.ArrayLike) -> FloatArray:
        """(R, K) weighted totals of complete (rows, K) columns in every replicate."""
        values = np.asarray(columns, dtype=float).reshape(self.design.rows, -1) * self.design.weight[:, None]
        stage = self.design.stages[0]
        by_unit = np.stack([np.bincount(stage.unit, v, stage.stratum.size) for v in values.T], axis=-1)
        result: FloatArray = self.factors.T @ by_unit
        return result

    def covariance(
        self,
        replicated: FloatArray,
        *,
        estimate: npt.ArrayLike | None = None,
    ) -> FloatArray:
        """(K, K) covariance from (R, K) replicated statistics.

        Parameters
        ----------
        replicated
            Statistics of each replicate.
        estimate
            (K,) centre of the squares; by default the mean of the replicates, as R's `mse = FALSE`.
        """
        values = np.asarray(replicated, dtype=float).reshape(self.scale.size, -1)
        centre = values.mean(axis=0) if estimate is None else np.asarray(estimate, dtype=float)
        deviations = values - centre
        result: FloatArray = (deviations * self.scale[:, None]).T @ deviations
        return result


def replicate_means(replicates: Replicates, y: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Means of (rows, K) columns, NaN for missing scores, and their covariance.

    Returns
    -------
    value : (K,) array
    covariance : (K, K) array

    Notes
    -----
    R: `svymean(~y, as.svrepdesign(design, type = "JK1"), na.rm = TRUE)`, one column at a time where
    columns miss different rows.
    """
    scores = np.asarray(y, dtype=float).reshape(replicates.design.rows, -1)
    answered = ~np.isnan(scores)
    columns = np.column_stack([answered, np.where(answered, scores, 0.0)])
    k = scores.shape[1]
    totals = replicates.totals(columns)
    full = replicates.design.weight @ columns
    return full[k:] / full[:k], replicates.covariance(totals[:, k:] / totals[:, :k])


def replicate_statistic(
    replicates: Replicates, statistic: Callable[[FloatArray], npt.ArrayLike]
) -> tuple[FloatArray, FloatArray]:
    """Any statistic of the respondent weights, and its covariance over the replicates.

    Parameters
    ----------
    statistic
        Function of (rows,) weights; to let calibration count, it may rake them first.
    """
    values = [
        np.atleast_1d(np.asarray(statistic(replicates.weights(r)), float))
        for r in range(replicates.scale.size)
    ]
    full = np.atleast_1d(np.asarray(statistic(replicates.design.weight), dtype=float))
    return full, replicates.covariance(np.stack(values))


# --- making replicates --------------------------------------------------------------------------------


def jackknife_1(design: Design) -> Replicates:
    """Delete one PSU at a time, strata ignored (JK1). R: `as.svrepdesign(design, type = "JK1")`.

    Raises
    ------
    MethodError
        `lonely_unit`: the design has a single PSU; `strata_ignored`: it has several strata.
    """
    stage = design.stages[0]
    units = stage.stratum.size
    if stage.units.size > 1:
        raise MethodError(
            "strata_ignored",
            where="jackknife_1",
            what="this jackknife is for designs without strata",
            got=f"{stage.units.size} strata",
            hint="use jackknife_n",
        )
    _need_two(design, "jackknife_1")
    factors = (1 - np.eye(units)) * units / (units - 1)
    return Replicates(
        design=design,
        factors=factors,
        scale=np.full(units, stage.factor[0] * (units - 1) / units),
        method="JK1",
    )


def jackknife_n(design: Design) -> Replicates:
    """Delete one PSU at a time within its stratum (JKn). R: `as.svrepdesign(design, type = "JKn")`.

    Raises
    ------
    MethodError
        `lonely_unit`: a stratum has a single PSU.
    """
    _need_two(design, "jackknife_n")
    stage = design.stages[0]
    size = stage.units[stage.stratum]
    same = stage.stratum[:, None] == stage.stratum[None, :]
    factors = np.where(same, (size / (size - 1))[:, None], 1.0)
    np.fill_diagonal(factors, 0.0)
    return Replicates(
        design=design, factors=factors, scale=stage.factor[stage.stratum] * (size - 1) / size, method="JKn"
    )


def balanced_repeated(design: Design) -> Replicates:
    """Balanced half samples of designs with two PSUs per stratum (BRR), by a Hadamard matrix.

    Raises
    ------
    MethodError
        `two_units_needed`: a stratum does not have exactly two PSUs.

    Notes
    -----
    McCarthy (1969); R: `as.svrepdesign(design, type = "BRR")`. The size of the matrix is the power of two
    above the number of strata.
    """
    stage = design.stages[0]
    if np.any(stage.units != 2):
        raise MethodError(
            "two_units_needed",
            where="balanced_repeated",
            what="half samples need exactly two PSUs in every stratum",
            got=f"from {stage.units.min():.0f} to {stage.units.max():.0f}",
            expected="2",
        )
    strata = stage.units.size
    signs = linalg.hadamard(1 << strata.bit_length())[:, 1 : strata + 1]
    second = np.zeros(stage.stratum.size, dtype=bool)
    order = np.argsort(stage.stratum, kind="stable")
    second[order[1::2]] = True
    factors = 1 + np.where(second, -1, 1)[:, None] * signs.T[stage.stratum]
    return Replicates(
        design=design, factors=factors.astype(float), scale=np.full(len(signs), 1 / len(signs)), method="BRR"
    )


def bootstrap(design: Design, replicates: int, generator: np.random.Generator) -> Replicates:
    """Rescaled bootstrap: n - 1 of n PSUs are drawn with replacement in each stratum.

    Parameters
    ----------
    design
        Design with at least two PSUs per stratum.
    replicates
        Number of replicates.
    generator
        Source of randomness; the same seed gives the same replicates.

    Raises
    ------
    MethodError
        `lonely_unit`: a stratum has a single PSU.

    Notes
    -----
    Rao and Wu (1988); R: `as.svrepdesign(design, type = "subbootstrap")`.
    """
    _need_two(design, "bootstrap")
    stage = design.stages[0]
    factors = np.empty((stage.stratum.size, replicates))
    for stratum, units in enumerate(stage.units.astype(int)):
        drawn = generator.multinomial(units - 1, np.full(units, 1 / units), size=replicates)
        factors[stage.stratum == stratum] = drawn.T * units / (units - 1)
    return Replicates(
        design=design, factors=factors, scale=np.full(replicates, 1 / (replicates - 1)), method="bootstrap"
    )


def _need_two(design: Design, where: str) -> None:
    alone = int((design.stages[0].units < 2).sum())
    if alone:
        raise MethodError(
            "lonely_unit",
            where=where,
            what="replicates need at least two PSUs in every stratum",
            got=f"{alone} strata with one",
            hint="merge strata, or use linearised standard errors with a rule for single units",
        )
