"""Were those invited who were drawn? Exact, so it needs no test.

Examples
--------
>>> import numpy as np, pandas as pd
>>> from survey_kpi.sampling.draw import draw
>>> customers = pd.DataFrame({"customer_id": ["c1", "c2", "c3", "c4"]})
>>> drawn = draw(customers, strata=[], n=2, generator=np.random.default_rng(3), draw_id="d2026Q3")
>>> drawn.sample["customer_id"].tolist()
['c1', 'c2']
>>> [(one.unit, one.kind) for one in deviations(drawn, ["c1", "c4"])]
[('c2', 'not_invited'), ('c4', 'not_drawn')]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Literal

from survey_kpi.errors import IntegrityError
from survey_kpi.sampling.draw import Drawn, hash_list
from survey_kpi.sampling.tables import require_columns, text_of, texts

DeviationKind = Literal["not_invited", "not_drawn", "invited_twice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One departure of the invitations from the drawn list; `stratum` is empty for units not drawn."""

    unit: str
    kind: DeviationKind
    stratum: str = ""


def deviations(drawn: Drawn, invited: Iterable[Hashable]) -> tuple[Deviation, ...]:
    """List every departure of those invited from the drawn list; exact, so it needs no test.

    Parameters
    ----------
    drawn
        The list, as drawn or as read back from its file.
    invited
        Identifiers of those invited, one per invitation; a blank one is a unit that was not drawn.

    Returns
    -------
    tuple of Deviation
        Drawn and not invited, invited and not drawn, drawn and invited twice; by identifier.

    Raises
    ------
    IntegrityError
        `verify`: the list was changed after the draw.
    SchemaError
        `column_missing`.
    """
    require_columns(drawn.sample, [drawn.unit, "stratum", "design_weight"], f"drawn list {drawn.draw_id}")
    found = hash_list(drawn.draw_id, drawn.unit, drawn.sample)
    if found != drawn.list_hash:
        raise IntegrityError(
            "verify",
            where=f"drawn list {drawn.draw_id}",
            what="the list is not the one that was drawn",
            got=found,
            expected=drawn.list_hash,
            hint="take the file that the draw wrote",
        )
    strata = dict(zip(texts(drawn.sample[drawn.unit]), texts(drawn.sample["stratum"]), strict=True))
    asked = Counter(map(text_of, invited))
    return tuple(
        Deviation(unit=one, kind=kind, stratum=strata.get(one, ""))
        for one in sorted(strata.keys() | asked.keys())
        if (kind := _departure(one in strata, asked[one]))
    )


def _departure(drawn: bool, asked: int) -> DeviationKind | None:
    if not drawn:
        return "not_drawn"
    if not asked:
        return "not_invited"
    return "invited_twice" if asked > 1 else None
