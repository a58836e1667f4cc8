"""Value tiers and RFM scores, cut at declared shares of the customers, ties kept together.

Examples
--------
>>> found = value_tiers([100, 90, 90, 50, 40, 30, 20, 10, 5, 1])
>>> found.sizes, found.cuts
({'high': 3, 'middle': 2, 'low': 5}, {'high': 90.0, 'middle': 40.0, 'low': 1.0})
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from survey_kpi.errors import MethodError, SpecError
from survey_kpi.numeric import FloatArray, IntArray

TOP_SHARES: Final[Mapping[str, float]] = MappingProxyType({"high": 0.2, "middle": 0.3})
REST: Final = "low"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tiers:
    """Tier of each customer, how many fell into each, and the lowest value that did.

    Parameters
    ----------
    tier
        Name of the tier, in the order of the customers.
    sizes
        Customers by tier, best first; ties can make a tier larger than its share.
    cuts
        Lowest value in each tier; tiers without customers have none. Frozen, they classify the period.
    """

    tier: npt.NDArray[np.str_]
    sizes: Mapping[str, int]
    cuts: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RfmScores:
    """Scores from 1 to `groups`, the best customers highest, by recency, frequency and amount."""

    recency: IntArray
    frequency: IntArray
    amount: IntArray
    groups: int

    @property
    def total(self) -> IntArray:
        """Sum of the three scores, the value that tiers are cut on."""
        return self.recency + self.frequency + self.amount


def value_tiers(
    values: npt.ArrayLike, shares: Mapping[str, float] = TOP_SHARES, *, rest: str = REST
) -> Tiers:
    """Cut customers into tiers by value; customers of equal value share the higher tier.

    A customer is in the top s when fewer than s of all customers have a higher value.

    Parameters
    ----------
    values
        Value of each customer (money, or an RFM total), higher is better.
    shares
        Share of the customers by tier, best first; what is left is `rest`.
    rest
        Name of the last tier.

    Raises
    ------
    SpecError
        `shares_sum`: shares are not positive, or reach 1.
    MethodError
        `missing_cell`: a customer has no value; `too_few_subjects`: no customers.

    Examples
    --------
    >>> value_tiers([5, 5, 5, 5]).sizes
    {'high': 4, 'middle': 0, 'low': 0}
    """
    x = _complete("value_tiers", values)
    if any(share <= 0 for share in shares.values()) or sum(shares.values()) >= 1:
        raise SpecError(
            "shares_sum",
            where="value_tiers",
            what="the shares of the tiers must be above 0 and leave something for the last",
            got=dict(shares),
            expected="a sum below 1",
        )
    names = (*shares, rest)
    # rounding keeps .2 + .3 of 10 customers at 5
    limits = np.round(np.cumsum(list(shares.values())) * x.size, 9)
    position = np.searchsorted(limits, better(x), side="right")
    return Tiers(
        tier=np.array(names)[position],
        sizes={name: int((position == i).sum()) for i, name in enumerate(names)},
        cuts={name: float(x[position == i].min()) for i, name in enumerate(names) if (position == i).any()},
    )


def rfm_scores(
    recency: npt.ArrayLike, frequency: npt.ArrayLike, amount: npt.ArrayLike, *, groups: int = 5
) -> RfmScores:
    """Recency, frequency and monetary scores by equal groups of customers, ties in the higher one.

    Parameters
    ----------
    recency
        Time since the last order: less is better.
    frequency
        Orders in the period.
    amount
        Money in the period.
    groups
        Number of groups, 5 for quintiles.

    Raises
    ------
    SpecError
        `groups_range`: fewer than two groups; `sizes_differ`.
    MethodError
        `missing_cell`, `too_few_subjects`.

    Notes
    -----
    Hughes (1994).

    Examples
    --------
    >>> found = rfm_scores([3, 40, 9, 90, 20], [9, 2, 5, 1, 5], [900, 80, 500, 10, 300])
    >>> found.recency.tolist(), found.frequency.tolist(), found.total.tolist()
    ([5, 2, 4, 1, 3], [5, 2, 4, 1, 4], [15, 6, 12, 3, 10])
    """
    if groups < 2:
        raise SpecError("groups_range", where="rfm_scores", what="scores need two groups", got=groups)
    columns = [_complete("rfm_scores", column) for column in (recency, frequency, amount)]
    if len({column.size for column in columns}) > 1:
        raise SpecError(
            "sizes_differ",
            where="rfm_scores",
            what="every customer needs all three",
            got=[column.size for column in columns],
        )
    columns[0] = -columns[0]
    found = [groups - better(column).astype(np.int64) * groups // column.size for column in columns]
    return RfmScores(recency=found[0], frequency=found[1], amount=found[2], groups=groups)


def better(values: FloatArray) -> FloatArray:
    """How many customers have a higher value than each.

    Examples
    --------
    >>> better(np.array([3.0, 1.0, 3.0])).tolist()
    [0.0, 2.0, 0.0]
    """
    return np.asarray(values.size - np.searchsorted(np.sort(values), values, side="right"), dtype=float)


def _complete(where: str, values: npt.ArrayLike) -> FloatArray:
    x = np.asarray(values, dtype=float)
    if not x.size:
        raise MethodError("too_few_subjects", where=where, what="there are no customers")
    if not np.isfinite(x).all():
        raise MethodError(
            "missing_cell",
            where=where,
            what="customers have no value",
            got=f"{int((~np.isfinite(x)).sum())} of {x.size}",
            hint="a customer without orders has the value 0",
        )
    return x
