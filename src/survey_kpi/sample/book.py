"""The customers of a world: who they are, since when, until when, and whose they were on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.draws import Ints, choose, generator
from survey_kpi.sample.world import Person, World

TIERS = ("high", "mid", "low")
TIER_SHARES = (0.15, 0.35)
LOSS = (0.012, 0.022, 0.045)
"""Probability of being lost within a quarter, by tier; doubled in the quarter after a complaint."""
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


def book(
    world: World, last_answer: dict[str, dt.date], complained: dict[tuple[str, str], int]
) -> list[Customer]:
    """Return every customer of a world.

    Parameters
    ----------
    last_answer
        Day of the last answer sheet by customer: nobody answers after having left.
    complained
        Complaints by customer and quarter.
    """
    rng = generator(world.seed, STREAM)
    first, after = Period.parse(world.quarters[0]).start, Period.parse(world.quarters[-1]).end
    span = (after - first).days
    ids = [(f"C{number}", place) for place, own in enumerate(numbers_of(world)) for number in own]
    known = {name for name, _ in ids}
    ids += [(name, (int(name[1:]) - 10_000) // 400) for name in sorted(last_answer) if name not in known]
    tier = choose(rng, len(ids), TIER_SHARES)
    luck = rng.random((len(ids), 6 + len(world.quarters)))
    return [
        _customer(world, name, world.people[place], int(tier[row]), luck[row], span, last_answer, complained)
        for row, (name, place) in enumerate(ids)
    ]


def _customer(
    world: World,
    name: str,
    person: Person,
    tier: int,
    luck: np.ndarray,
    span: int,
    last_answer: dict[str, dt.date],
    complained: dict[tuple[str, str], int],
) -> Customer:
    first = Period.parse(world.quarters[0]).start
    early = dt.date(2022, 3, 1) + dt.timedelta(days=int(luck[0] * 900))
    start = early if luck[1] < 0.85 else first + dt.timedelta(days=int(luck[0] * (span - 120)))
    answered = last_answer.get(name)
    if answered and start > answered - dt.timedelta(days=100):
        start = early
    end = None
    for place, quarter in enumerate(world.quarters):
        period = Period.parse(quarter)
        before = str(period.shift(-1))
        hazard = LOSS[tier] * (2 if complained.get((name, before)) else 1)
        day = period.start + dt.timedelta(days=int(luck[2] * (period.end - period.start).days))
        if luck[6 + place] < hazard and day > start and (answered is None or day > answered):
            end = day
            break
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
