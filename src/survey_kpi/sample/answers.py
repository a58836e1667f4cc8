"""One quarter's answer sheets as columns of numbers: who, when, and what they answered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.draws import Floats, Ints, choose, normal, shuffled
from survey_kpi.sample.world import (
    CASE_SHARE,
    FIVE_POINT_EDGES,
    ITEM_SHARE,
    LTR,
    QUESTIONS,
    TEN_POINT_EDGES,
    Person,
    World,
)

SKIPPED = -1
DAY = 86_400
OPENS, CLOSES = 8 * 3600, 21 * 3600
DUPLICATE_WITHIN = 5
SPREAD = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheets:
    """Answer sheets of a quarter, one entry per sheet in every column.

    Parameters
    ----------
    person
        Index into the people of the world.
    customer
        Number of the customer.
    at
        Seconds since the quarter began.
    duration
        Seconds.
    answers
        Sheets x questions; -1 where the question was skipped.
    abroad
        Whether an overseas customer answered in the English questionnaire.
    first_of
        For a sheet that is answered again later: the index of the later one, else -1.
    """

    person: Ints
    customer: Ints
    at: Ints
    duration: Ints
    answers: Ints
    abroad: np.ndarray[tuple[int], np.dtype[np.bool_]]
    first_of: Ints


def draw(world: World, quarter: str, rng: np.random.Generator) -> Sheets:
    """Draw the sheets of one quarter; the duplicates among them stand last."""
    period = Period.parse(quarter)
    spans = [_days(person, period) for person in world.people]
    person = np.repeat(np.arange(len(world.people)), _sizes(world, period, spans, rng))
    customer = _customers(world, person, rng)
    at = _times(np.array(spans)[person], rng)
    share = np.array([one.abroad for one in world.people])[person]
    abroad = (rng.random(len(person)) < share) & (quarter >= (world.abroad_from or "9999Q1"))
    early = at < ((period.end - period.start).days - DUPLICATE_WITHIN - 1) * DAY
    again = shuffled(rng, np.flatnonzero(early & ~abroad))[: world.dirt.get("duplicate", 0)]
    first_of = np.full(len(person) + len(again), -1)
    first_of[again] = len(person) + np.arange(len(again))
    person, customer = np.append(person, person[again]), np.append(customer, customer[again])
    later = at[again] + DAY * (1 + choose(rng, len(again), [0.4, 0.3, 0.2])) + 61
    return Sheets(
        person=person,
        customer=customer,
        at=np.append(at, later),
        duration=_durations(len(person), rng),
        answers=_answers(world, quarter, person, rng),
        abroad=np.append(abroad, np.zeros(len(again), dtype=bool)),
        first_of=first_of,
    )


def _days(person: Person, period: Period) -> tuple[int, int]:
    """Return the days of the quarter on which the person is employed, from and to, counted from its start."""
    first = max(person.joined, period.start)
    after = min(person.left or period.end, period.end)
    start = (first - period.start).days
    return start, max(start, (after - period.start).days)


def _sizes(world: World, period: Period, spans: list[tuple[int, int]], rng: np.random.Generator) -> Ints:
    days = (period.end - period.start).days
    usual = [
        one.answers * (end - start) / days for one, (start, end) in zip(world.people, spans, strict=True)
    ]
    luck = 1 - SPREAD / 2 + SPREAD * rng.random(len(usual))
    return np.floor(np.array(usual) * luck + 0.5).astype(np.int64)


def _customers(world: World, person: Ints, rng: np.random.Generator) -> Ints:
    """Draw different customers from each person's own; some come back in another quarter."""
    drawn = []
    for place, one in enumerate(world.people):
        own = 10_000 + 400 * place + np.arange(2 * one.answers + 20)
        drawn.append(shuffled(rng, own)[: int((person == place).sum())])
    return np.concatenate(drawn)


def _times(spans: Ints, rng: np.random.Generator) -> Ints:
    start, end = spans[:, 0], spans[:, 1]
    day = start + np.floor(rng.random(len(spans)) * (end - start)).astype(np.int64)
    return day * DAY + OPENS + np.floor(rng.random(len(spans)) * (CLOSES - OPENS)).astype(np.int64)


def _durations(size: int, rng: np.random.Generator) -> Ints:
    """Draw durations from 58 seconds on, median about 100, with a pause of an hour here and there."""
    u = rng.random(size)
    pause = np.where(rng.random(size) < 0.015, 3_600, 0)
    return np.floor(58 + 170 * u * u).astype(np.int64) + pause


def _answers(world: World, quarter: str, person: Ints, rng: np.random.Generator) -> Ints:
    case = CASE_SHARE * normal(rng, (len(person),))
    own = ITEM_SHARE * normal(rng, (len(person), len(QUESTIONS)))
    means = np.array([[world.mean(one, quarter, name) for name in QUESTIONS] for one in world.people])
    latent = means[person] + case[:, None] + own
    answers = np.column_stack([_graded(latent[:, place], name) for place, name in enumerate(QUESTIONS)])
    skipped = rng.random(answers.shape) < 0.012
    return np.where(skipped, SKIPPED, answers)


def _graded(latent: Floats, question: str) -> Ints:
    if question == LTR:
        return np.searchsorted(TEN_POINT_EDGES, latent, side="right")
    return 1 + np.searchsorted(FIVE_POINT_EDGES, latent, side="right")


def moment(period: Period, seconds: int) -> dt.datetime:
    """Return the local time of a number of seconds since a period began."""
    return dt.datetime.combine(period.start, dt.time()) + dt.timedelta(seconds=seconds)
