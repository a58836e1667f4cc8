"""The customers of a world: who they are, since when, until when, and whose they were on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.draws import Ints, choose, generator
from survey_kpi.sample.world import Person, World

TIERS = ("high", "mid", "low")
TIER_SHARES = (0.15, 0.35)
LOSS = (0.009, 0.018, 0.036)
"""Probability of being lost within a quarter, by tier; doubled in the quarter after a complaint."""
SILENT = 30
"""Customers of each person who never answer; losses come first from among them."""
NEW_AMONG_ANSWERING, NEW_AMONG_SILENT = 0.85, 0.6
"""Shares of customers that were there before the first quarter."""
LOSS_REASONS = ("价格", "产品不合适", "服务不及时", "业务停止", "")
SEGMENTS = ("制造", "零售", "教育", "物流")
MOVED = 0.03
"""Share of customers who were handed to a colleague of the same team at some time."""
STREAM = 1_000
"""Streams of random numbers from here on belong to the tables, those below to the quarters' answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer with the spells of ownership, half-open; no end means still there."""

    id: str
    tier: int
    segment: str
    start: dt.date
    end: dt.date | None
    reason: str
    owners: tuple[tuple[str, dt.date, dt.date | None], ...]

    def active(self, day: dt.date) -> bool:
        """Whether the customer is on the book on a day."""
        return self.start <= day and (self.end is None or day < self.end)

    def owner(self, day: dt.date) -> str | None:
        """Return who has the customer on a day."""
        for who, start, end in self.owners:
            if start <= day and (end is None or day < end):
                return who
        return None


def numbers_of(world: World) -> list[Ints]:
    """Return the numbers of each person's own customers, as the answer sheets draw them."""
    return [10_000 + 400 * place + np.arange(2 * one.answers + 20) for place, one in enumerate(world.people)]


def silent_of(world: World) -> list[Ints]:
    """Return the numbers of each person's customers who never answer: those after the others."""
    return [own[-1] + 1 + np.arange(SILENT) for own in numbers_of(world)]


def book(
    world: World, answered: Mapping[str, tuple[dt.date, dt.date]], complained: Mapping[tuple[str, str], int]
) -> list[Customer]:
    """Return every customer of a world.

    Parameters
    ----------
    answered
        Days of the first and the last answer sheet by customer: nobody answers before having come or after
        having left.
    complained
        Complaints by customer and quarter.
    """
    rng = generator(world.seed, STREAM)
    ids = [(f"C{number}", place) for place, own in enumerate(numbers_of(world)) for number in own]
    known = {name for name, _ in ids}
    ids += [(name, (int(name[1:]) - 10_000) // 400) for name in sorted(answered) if name not in known]
    tier = choose(rng, len(ids), TIER_SHARES)
    luck = rng.random((len(ids), 6 + len(world.quarters)))
    quiet = [(f"C{number}", place) for place, own in enumerate(silent_of(world)) for number in own]
    rng = generator(world.seed, STREAM + 5)
    tier = np.append(tier, choose(rng, len(quiet), TIER_SHARES))
    luck = np.vstack([luck, rng.random((len(quiet), luck.shape[1]))])
    ids += quiet
    starts = [_start(world, luck[row], answered.get(name)) for row, (name, _) in enumerate(ids)]
    names = [name for name, _ in ids]
    ends = _ends(world, names, starts, tier, luck, answered, complained)
    return [
        _customer(world, name, world.people[place], int(tier[row]), luck[row], starts[row], ends[row])
        for row, (name, place) in enumerate(ids)
    ]


def _start(world: World, luck: np.ndarray, answered: tuple[dt.date, dt.date] | None) -> dt.date:
    first, after = Period.parse(world.quarters[0]).start, Period.parse(world.quarters[-1]).end
    early = dt.date(2022, 3, 1) + dt.timedelta(days=int(luck[0] * 900))
    came = first + dt.timedelta(days=int(luck[0] * ((after - first).days - 10)))
    new = luck[1] >= (NEW_AMONG_SILENT if answered is None else NEW_AMONG_ANSWERING)
    return came if new and (answered is None or came < answered[0] - dt.timedelta(days=30)) else early


def _ends(
    world: World,
    names: Sequence[str],
    starts: Sequence[dt.date],
    tier: Ints,
    luck: np.ndarray,
    answered: Mapping[str, tuple[dt.date, dt.date]],
    complained: Mapping[tuple[str, str], int],
) -> list[dt.date | None]:
    """Lose customers quarter by quarter.

    Who answers later cannot have left, so those who may leave do it more often: the book as a whole loses the
    same share in every quarter.
    """
    ends: list[dt.date | None] = [None] * len(names)
    for place, quarter in enumerate(world.quarters):
        period, before = Period.parse(quarter), str(Period.parse(quarter).shift(-1))
        days = (period.end - period.start).days
        hazard = [
            LOSS[kind] * (2 if complained.get((name, before)) else 1)
            for name, kind in zip(names, tier, strict=True)
        ]
        day = [period.start + dt.timedelta(days=int(u[2] * days)) for u in luck]
        here = [row for row, end in enumerate(ends) if end is None and starts[row] < day[row]]
        free = [row for row in here if names[row] not in answered or day[row] > answered[names[row]][1]]
        more = sum(hazard[row] for row in here) / sum(hazard[row] for row in free)
        for row in free:
            if luck[row, 6 + place] < hazard[row] * more:
                ends[row] = day[row]
    return ends


def _customer(
    world: World,
    name: str,
    person: Person,
    tier: int,
    luck: np.ndarray,
    start: dt.date,
    end: dt.date | None,
) -> Customer:
    return Customer(
        id=name,
        tier=tier,
        segment=SEGMENTS[int(luck[3] * len(SEGMENTS))],
        start=start,
        end=end,
        reason=LOSS_REASONS[int(luck[4] * len(LOSS_REASONS))] if end else "",
        owners=_owners(world, person, start, end, luck),
    )


def _owners(
    world: World, person: Person, start: dt.date, end: dt.date | None, luck: np.ndarray
) -> tuple[tuple[str, dt.date, dt.date | None], ...]:
    """Hand the customer over when the person joins or leaves, and now and then in between."""
    mates = [one for one in world.people if one is not person and _stays(one) and _team(one) == _team(person)]
    mate = mates[int(luck[5] * len(mates))].id
    marks: list[tuple[dt.date, str]] = [(start, person.id)]
    if start < person.joined:
        marks = [(start, mate), (person.joined, person.id)]
    if person.left and (end is None or end > person.left):
        marks.append((max(person.left, start), mate))
    elif luck[5] < MOVED:
        first = Period.parse(world.quarters[0]).start
        marks.append((first + dt.timedelta(days=100 + int(luck[3] * 500)), mate))
    marks = sorted(mark for mark in marks if end is None or mark[0] < end)
    ends: Sequence[dt.date | None] = [*[day for day, _ in marks[1:]], end]
    return tuple(
        (who, day, until)
        for (day, who), until in zip(marks, ends, strict=True)
        if until is None or day < until
    )


def _team(person: Person) -> str:
    return person.spells[0].team


def _stays(person: Person) -> bool:
    return person.left is None and len(person.spells) == 1 and person.joined < dt.date(2023, 1, 1)
