"""What is truly so in a world: shares without sampling error, dirt by row, and which changes are real."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from survey_kpi.sample.draws import Floats, generator, normal
from survey_kpi.sample.world import (
    CASE_SHARE,
    FIVE_POINT_EDGES,
    ITEM_SHARE,
    ITEMS,
    LTR,
    TEN_POINT_EDGES,
    Person,
    World,
)

CASES = 400_000
"""Size of the sample from which true shares are read: they are good to .0008."""
CLEAR = 0.3
"""Effects beyond this are meant to be found; the others are not."""


def truths(world: World, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    """Return true shares in percent and NPS in points, by person and for the company.

    Parameters
    ----------
    world
        The company.
    counts
        Answer sheets by quarter and person, which weigh the people in the company's value.
    """
    noise = _noise()
    values = {
        quarter: {person.id: _of_person(world, person, quarter, noise) for person in world.people}
        for quarter in world.quarters
    }
    return {
        "about": "What a perfect survey would find, and in which rows dirt was planted.",
        "people": {
            "better": [person.id for person in world.people if person.effect > CLEAR],
            "worse": [person.id for person in world.people if person.effect < -CLEAR],
        },
        "changes": _changes(world),
        "company": {quarter: _weighted(values[quarter], counts[quarter]) for quarter in world.quarters},
        "specialists": {
            quarter: {name: found for name, found in people.items() if counts[quarter].get(name)}
            for quarter, people in values.items()
        },
    }


def _noise() -> Floats:
    rng = generator(0)
    return np.sort(CASE_SHARE * normal(rng, (CASES,)) + ITEM_SHARE * normal(rng, (CASES,)))


def _of_person(world: World, person: Person, quarter: str, noise: Floats) -> dict[str, float]:
    def above(edge: float, question: str) -> float:
        below = np.searchsorted(noise, edge - world.mean(person, quarter, question))
        return 1 - float(below) / CASES

    satisfied = {item: round(100 * above(FIVE_POINT_EDGES[2], item), 2) for item in ITEMS}
    promoters, detractors = above(TEN_POINT_EDGES[8], LTR), 1 - above(TEN_POINT_EDGES[6], LTR)
    return {**satisfied, "nps": round(100 * (promoters - detractors), 2)}


def _weighted(values: Mapping[str, Mapping[str, float]], counts: Mapping[str, int]) -> dict[str, float]:
    total = sum(counts.values())
    names = (*ITEMS, "nps")
    return {
        name: round(sum(values[person][name] * n for person, n in counts.items()) / total, 2)
        for name in names
    }


def _changes(world: World) -> list[dict[str, Any]]:
    """Return the planted changes; every other change of the company from quarter to quarter is noise."""
    everything = [
        {"quarter": since, "items": [*ITEMS, LTR], "direction": "rose" if size > 0 else "fell"}
        for since, size in world.lift.items()
        if since > world.quarters[0]
    ]
    single = [
        {"quarter": since, "items": [item], "direction": "rose" if size > 0 else "fell"}
        for (since, item), size in world.item_lift.items()
    ]
    return everything + single
