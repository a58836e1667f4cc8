"""Sums over sampling units: all that a linearised variance needs, and all that a scan of rows must deliver.

The variance of estimated totals needs, per stratum, the number of primary sampling units (PSUs), the sums
of their totals and the sums of products of their totals. Means, ratios, shares and differences follow by
their gradients. With clusters, a grouped sum per (stratum, cluster) yields these; without, each row is its
own PSU and sums of squares per stratum do. So a scan only groups and sums, for all domains at once.

Examples
--------
>>> psu_sums_needed(clustered=False)
{'n': (0, 0), 'w': (1, 0), 'wy': (1, 1), 'ww': (2, 0), 'wwy': (2, 1), 'wwyy': (2, 2)}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from survey_kpi.errors import MethodError, SpecError, nearest
from survey_kpi.numeric import FloatArray, IntArray

Lonely = Literal["adjust", "average", "remove", "certainty"]
LONELY_RULES: Final[tuple[Lonely, ...]] = ("adjust", "average", "remove", "certainty")
"""What a stratum with a single unit contributes: its distance from the grand mean (the default), the
average of the other strata, or nothing (remove: unknown, taken as 0; certainty: drawn for sure)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StageSums:
    """Sums over the sampling units of one stage, by stratum.

    Leading axes `...` are domains; H strata (at the second stage: PSUs), K columns.

    Parameters
    ----------
    units
        (H,) units of the whole design, those without a row of the domain included.
    active
        (..., H) units with an answer of the domain.
    totals
        (..., H, K) sums of the units' weighted totals.
    products
        (..., H, K, K) sums of products of the units' weighted totals.
    factor
        (H,) multiplier of the variance: 1 - f with a finite population, f of the stage above below it.
    """

    units: FloatArray
    active: FloatArray
    totals: FloatArray
    products: FloatArray
    factor: FloatArray

    def variance(self, lonely: Lonely) -> FloatArray:
        """(..., K, K) variance of the column totals that arises at this stage."""
        units = self.units[:, None, None]
        outer = self.totals[..., :, None] * self.totals[..., None, :]
        within = (self.products - outer / units) * np.where(units > 1, units / np.maximum(units - 1, 1), 0)
        alone = (self.units == 1) & (self.factor > 0)
        if lonely == "adjust":
            mean = self.totals.sum(axis=-2, keepdims=True) / self.units.sum()
            distance = self.totals - mean
            within = np.where(alone[:, None, None], distance[..., :, None] * distance[..., None, :], within)
        total = (within * self.factor[:, None, None]).sum(axis=-3)
        spread = alone.size / max(alone.size - alone.sum(), 1) if lonely == "average" else 1.0
        result: FloatArray = total * spread
        return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DesignSums:
    """What a design says about the totals of K columns, for one domain or many.

    Parameters
    ----------
    totals
        (..., K) weighted totals of the columns.
    n
        (...) valid answers.
    ww
        (...) sum of their squared weights.
    stages
        Sums by stage, the primary units first.
    """

    totals: FloatArray
    n: FloatArray
    ww: FloatArray
    stages: tuple[StageSums, ...]

    def covariance(self, lonely: Lonely = "adjust") -> FloatArray:
        """(..., K, K) covariance of the totals.

        Raises
        ------
        SpecError
            `unknown_parameter`: no such rule for strata with a single unit.
        """
        if lonely not in LONELY_RULES:
            raise SpecError(
                "unknown_parameter",
                where="lonely",
                what="there is no such rule for single units",
                got=lonely,
                hint=nearest(lonely, LONELY_RULES),
            )
        result: FloatArray = np.sum([stage.variance(lonely) for stage in self.stages], axis=0)
        return result

    @property
    def df(self) -> FloatArray:
        """(...) degrees of freedom: PSUs minus strata among those in which the domain has answers."""
        active = self.stages[0].active
        result: FloatArray = active.sum(axis=-1) - (active > 0).sum(axis=-1)
        return result

    @property
    def lonely_units(self) -> IntArray:
        """Positions of the strata that hold a single PSU; the report prints warning `lonely_unit`."""
        stage = self.stages[0]
        return np.flatnonzero((stage.units == 1) & (stage.factor > 0))


# --- from a scan of rows ------------------------------------------------------------------------------


def psu_sums_needed(*, clustered: bool) -> dict[str, tuple[int, int]]:
    """Name the sums that a scan must deliver, as powers (i, j) of Σ wⁱ yʲ over the rows of the domain.

    Rows of the domain are those with a valid score y; w is the respondent weight, 1 without one. With
    `clustered` the scan groups by domain, stratum and cluster, else by domain and stratum. Beside them it
    must count, by stratum and over **all** rows of the design (other domains, missing scores), the
    clusters, or the rows where there are none.
    """
    first = {"n": (0, 0), "w": (1, 0), "wy": (1, 1), "ww": (2, 0)}
    return first if clustered else first | {"wwy": (2, 1), "wwyy": (2, 2)}


def sums_of_clusters(
    psus: npt.ArrayLike,
    *,
    stratum: npt.ArrayLike,
    n: npt.ArrayLike,
    w: npt.ArrayLike,
    wy: npt.ArrayLike,
    ww: npt.ArrayLike,
    domain: npt.ArrayLike = 0,
    domains: int = 1,
) -> DesignSums:
    """Design sums for means over D domains from one line per (domain, stratum, cluster).

    Parameters
    ----------
    psus
        (H,) clusters of each stratum in the whole design; clusters without an answer of the domain count
        here and need no line.
    stratum, domain
        Position 0..H-1 and 0..D-1 of each line.
    n, w, wy, ww
        Sums of each line, see `psu_sums_needed`.
    domains
        D.

    Returns
    -------
    DesignSums
        Of the columns w and w y, with one leading axis of D domains.

    Examples
    --------
    >>> sums = sums_of_clusters([3], stratum=[0, 0, 0], n=[2, 2, 2], w=[2, 2, 2], wy=[2, 1, 0], ww=[2, 2, 2])
    >>> sums.totals.tolist(), sums.df.tolist()
    ([[6.0, 3.0]], [2.0])
    """
    units = np.atleast_1d(np.asarray(psus, dtype=float))
    lines = np.stack([np.asarray(column, dtype=float) for column in (n, w, wy, ww)])
    position = np.asarray(domain, dtype=np.int64) * units.size + np.asarray(stratum, dtype=np.int64)
    position = np.broadcast_to(position, lines.shape[1:])

    def add(values: FloatArray) -> FloatArray:
        found = np.bincount(position, weights=values, minlength=domains * units.size)
        return found.astype(float).reshape(domains, units.size)

    count, weight, product, square = lines
    return _mean_sums(
        units=units,
        active=add((count > 0).astype(float)),
        n=add(count),
        ww=add(square),
        totals=(add(weight), add(product)),
        squares=(add(weight**2), add(weight * product), add(product**2)),
    )


def sums_of_rows(
    rows: npt.ArrayLike,
    *,
    n: npt.ArrayLike,
    w: npt.ArrayLike,
    wy: npt.ArrayLike,
    ww: npt.ArrayLike,
    wwy: npt.ArrayLike,
    wwyy: npt.ArrayLike,
) -> DesignSums:
    """Design sums for means where each row is its own PSU, from sums per stratum.

    Parameters
    ----------
    rows
        (H,) rows of each stratum in the whole design, those outside the domain included.
    n, w, wy, ww, wwy, wwyy
        (..., H) sums over the domain's rows, see `psu_sums_needed`; leading axes are domains.

    Examples
    --------
    >>> y = np.array([1.0, 0.0, 1.0, 1.0])
    >>> sums = sums_of_rows([4], n=[4], w=[4], wy=[3], ww=[4], wwy=[3], wwyy=[3])
    >>> sums.totals.tolist(), float(sums.df)
    ([4.0, 3.0], 3.0)
    """
    count, weight, product, square, cross, fourth = (
        np.atleast_1d(np.asarray(column, dtype=float)) for column in (n, w, wy, ww, wwy, wwyy)
    )
    return _mean_sums(
        units=np.atleast_1d(np.asarray(rows, dtype=float)),
        active=count,
        n=count,
        ww=square,
        totals=(weight, product),
        squares=(square, cross, fourth),
    )


def _mean_sums(
    *,
    units: FloatArray,
    active: FloatArray,
    n: FloatArray,
    ww: FloatArray,
    totals: tuple[FloatArray, FloatArray],
    squares: tuple[FloatArray, FloatArray, FloatArray],
) -> DesignSums:
    """Arrange the (..., H) sums of a mean's two columns w and w y."""
    if np.any(active > units):
        raise MethodError(
            "design_counts",
            where="design",
            what="a domain has more sampling units than its stratum",
            got=active.max(axis=tuple(range(active.ndim - 1))).tolist(),
            expected=f"at most {units.tolist()}",
            hint="count units over all rows of the design, missing scores and other domains included",
        )
    first, cross, last = squares
    products = np.stack([np.stack([first, cross], -1), np.stack([cross, last], -1)], -2)
    by_stratum = np.stack(totals, -1)
    stage = StageSums(
        units=units, active=active, totals=by_stratum, products=products, factor=np.ones(units.size)
    )
    return DesignSums(totals=by_stratum.sum(axis=-2), n=n.sum(axis=-1), ww=ww.sum(axis=-1), stages=(stage,))


def sums_by_domain(
    table: pd.DataFrame,
    psus: pd.DataFrame,
    *,
    domain: list[str],
    stratum: str | None = None,
    clustered: bool,
) -> tuple[pd.DataFrame, DesignSums]:
    """Design sums of every domain of a collected scan.

    Parameters
    ----------
    table
        One line per domain and stratum, and per cluster where `clustered`, with the columns of
        `psu_sums_needed`. An empty cluster or stratum id (NULL) is a group like any other.
    psus
        Column `psus`: clusters (or rows) of the whole design; with a stratum one line per stratum.
    domain
        Columns of `table` that name a domain.
    stratum
        Column of both tables that names the stratum.
    clustered
        Whether a cluster variable is declared.

    Returns
    -------
    labels : pandas.DataFrame
        The domains, in the order of the leading axis of the sums.
    sums : DesignSums

    Raises
    ------
    MethodError
        `design_counts`: a stratum of `table` is missing in `psus`, or has more units than that.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"who": ["a", "b"], "n": [3, 2], "w": [3.0, 2.0], "wy": [2.0, 1.0],
    ...                       "ww": [3.0, 2.0], "wwy": [2.0, 1.0], "wwyy": [2.0, 1.0]})
    >>> labels, sums = sums_by_domain(table, pd.DataFrame({"psus": [6]}), domain=["who"], clustered=False)
    >>> labels["who"].tolist(), sums.totals.tolist()
    (['a', 'b'], [[3.0, 2.0], [2.0, 1.0]])
    """
    groups = table.groupby(domain, dropna=False, sort=False)
    labels, codes = groups.first().index.to_frame(index=False), groups.ngroup().to_numpy()
    strata = _positions(table, psus, stratum)
    units = psus["psus"].to_numpy(dtype=float)
    names = tuple(psu_sums_needed(clustered=clustered))
    columns = {name: table[name].to_numpy(dtype=float) for name in names}
    if clustered:
        sums = sums_of_clusters(units, stratum=strata, domain=codes, domains=len(labels), **columns)
        return labels, sums
    spread = {name: np.zeros((len(labels), units.size)) for name in names}
    for name, values in columns.items():
        np.add.at(spread[name], (codes, strata), values)
    return labels, sums_of_rows(units, **spread)


def _positions(table: pd.DataFrame, psus: pd.DataFrame, stratum: str | None) -> IntArray:
    """Position of each line's stratum among those of the design; NULL is a stratum of its own."""
    if stratum is None:
        return np.zeros(len(table), dtype=np.int64)
    known = {_key(value): place for place, value in enumerate(psus[stratum])}
    found = [known.get(_key(value), -1) for value in table[stratum]]
    if -1 in found:
        raise MethodError(
            "design_counts",
            where="design",
            what="a stratum has answers but no sampling units",
            got=repr(table[stratum].iloc[found.index(-1)]),
            expected=f"one of {sorted(map(str, known))}",
        )
    return np.array(found, dtype=np.int64)


def _key(value: object) -> object:
    """Make every kind of NULL one and the same key."""
    return None if pd.isna(value) else value  # type: ignore[call-overload]
