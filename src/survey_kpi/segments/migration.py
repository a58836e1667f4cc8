"""Who moved between tiers from one period to the next, with joiners and leavers.

Examples
--------
>>> found = migration({"ann": "high", "bo": "high", "cy": "low"}, {"ann": "high", "bo": "low", "di": "low"},
...                   ["high", "low"])
>>> found.counts.tolist(), found.joined, found.left
([[1, 1], [0, 0]], {'high': 0, 'low': 1}, {'high': 0, 'low': 1})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.errors import SpecError, nearest
from survey_kpi.numeric import FloatArray, IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Migration:
    """Customers by tier before (rows) and after (columns).

    Parameters
    ----------
    tiers
        Names of rows and columns, best first.
    counts
        (tiers, tiers) customers present in both periods.
    joined, left
        Customers of the later period only, by their tier; of the earlier period only, by theirs.
    """

    tiers: tuple[str, ...]
    counts: IntArray
    joined: Mapping[str, int]
    left: Mapping[str, int]

    @property
    def percent(self) -> FloatArray:
        """Rows in percent of the customers who stayed; NaN where nobody of a tier stayed."""
        stayed = self.counts.sum(axis=1, keepdims=True)
        return np.asarray(100 * self.counts / np.where(stayed > 0, stayed, np.nan), dtype=float)

    @property
    def before(self) -> dict[str, int]:
        """Customers of the earlier period by tier: those who stayed and those who left."""
        rows = self.counts.sum(axis=1).tolist()
        return {name: rows[i] + self.left[name] for i, name in enumerate(self.tiers)}

    @property
    def after(self) -> dict[str, int]:
        """Customers of the later period by tier: those who stayed and those who joined."""
        columns = self.counts.sum(axis=0).tolist()
        return {name: columns[i] + self.joined[name] for i, name in enumerate(self.tiers)}


def migration(before: Mapping[str, str], after: Mapping[str, str], tiers: Sequence[str]) -> Migration:
    """Count moves between tiers.

    Parameters
    ----------
    before, after
        Tier by customer in the earlier and in the later period.
    tiers
        All tiers, best first.

    Raises
    ------
    SpecError
        `unknown_tier`: a customer is in a tier that is not listed.
    """
    unknown = sorted({*before.values(), *after.values()} - set(tiers))
    if unknown:
        raise SpecError(
            "unknown_tier",
            where="migration",
            what=f"customers are in the tier '{unknown[0]}', which is not listed",
            got=unknown,
            expected=list(tiers),
            hint=nearest(unknown[0], tiers),
        )
    position = {name: i for i, name in enumerate(tiers)}
    counts = np.zeros((len(tiers), len(tiers)), dtype=np.int64)
    for customer in before.keys() & after.keys():
        counts[position[before[customer]], position[after[customer]]] += 1
    joined = [after[customer] for customer in after.keys() - before.keys()]
    left = [before[customer] for customer in before.keys() - after.keys()]
    return Migration(
        tiers=tuple(tiers),
        counts=counts,
        joined={name: joined.count(name) for name in tiers},
        left={name: left.count(name) for name in tiers},
    )
