"""Customers grouped by k-means, the groups named by their value.

Examples
--------
>>> import numpy as np
>>> columns = {"orders": [1, 1, 2, 9, 10, 10, 50, 51, 52], "amount": [5, 6, 5, 90, 99, 95, 900, 990, 950]}
>>> found = cluster_tiers(columns, value="amount", rng=np.random.default_rng(1))
>>> found.tier.tolist()
['low', 'low', 'low', 'middle', 'middle', 'middle', 'high', 'high', 'high']
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from survey_kpi.errors import MethodError, SpecError, nearest
from survey_kpi.numeric import FloatArray

NAMES: Final = ("high", "middle", "low")
JUDGED: Final = 2000
"""Customers on which the silhouette is judged: it compares all pairs."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """Group of each customer.

    Parameters
    ----------
    tier
        Name of the group, in the order of the customers.
    sizes
        Customers by group, the most valuable first.
    centres
        Mean of each column by group.
    silhouette
        Mean silhouette from -1 to 1 (of up to 2,000 customers); below some .25 the groups are not real.
    """

    tier: npt.NDArray[np.str_]
    sizes: Mapping[str, int]
    centres: Mapping[str, Mapping[str, float]]
    silhouette: float


def cluster_tiers(
    columns: Mapping[str, npt.ArrayLike],
    *,
    value: str,
    rng: np.random.Generator,
    names: Sequence[str] = NAMES,
) -> Clusters:
    """k-means on the logarithms, standardised; groups in the order of the mean of one column.

    Customers of equal columns share their group.

    Parameters
    ----------
    columns
        Non-negative columns by name, one value per customer.
    value
        Column that orders the groups.
    rng
        Source of the starting centres.
    names
        Names of the groups, the most valuable first.

    Raises
    ------
    SpecError
        `unknown_column`: no column of that name.
    MethodError
        `missing_cell`: a value is missing; `negative_cell`; `no_variation`: fewer different customers than
        groups.

    Notes
    -----
    Lloyd (1982), Arthur and Vassilvitskii (2007), Rousseeuw (1987); scikit-learn's `KMeans`.
    """
    if value not in columns:
        raise SpecError(
            "unknown_column", where="cluster_tiers", what=f"no column '{value}'", hint=nearest(value, columns)
        )
    raw = np.column_stack([np.asarray(column, dtype=float) for column in columns.values()])
    standard = _standardised(raw, len(names))
    seed = int(rng.integers(2**31))
    group = KMeans(len(names), n_init=10, random_state=seed).fit_predict(standard)
    ordering = raw[:, list(columns).index(value)]
    best_first = np.argsort([-ordering[group == k].mean() for k in range(len(names))])
    label = np.empty(len(names), dtype=object)
    label[best_first] = list(names)
    tier = label[group].astype(str)
    return Clusters(
        tier=tier,
        sizes={name: int((tier == name).sum()) for name in names},
        centres={
            name: dict(zip(columns, raw[tier == name].mean(axis=0).tolist(), strict=True)) for name in names
        },
        silhouette=_silhouette(standard, group, seed),
    )


def _silhouette(standard: FloatArray, group: npt.NDArray[np.int32], seed: int) -> float:
    size = JUDGED if len(standard) > JUDGED else None
    return float(silhouette_score(standard, group, sample_size=size, random_state=seed))


def _standardised(raw: FloatArray, groups: int) -> FloatArray:
    if not np.isfinite(raw).all():
        raise MethodError("missing_cell", where="cluster_tiers", what="a value is missing",
                          got=int((~np.isfinite(raw)).sum()))  # fmt: skip
    if (raw < 0).any():
        raise MethodError("negative_cell", where="cluster_tiers", what="logarithms need values from 0 on",
                          got=float(raw.min()))  # fmt: skip
    if len(np.unique(raw, axis=0)) <= groups:
        raise MethodError("no_variation", where="cluster_tiers", what="too few different customers",
                          got=len(np.unique(raw, axis=0)), expected=f"more than {groups}")  # fmt: skip
    logs = np.log1p(raw)
    spread = logs.std(axis=0)
    return np.asarray((logs - logs.mean(axis=0)) / np.where(spread > 0, spread, 1.0), dtype=float)
