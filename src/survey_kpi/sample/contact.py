"""Contacts of a world: by plan and without, about complaints, and in reply to comments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.book import STREAM, Customer
from survey_kpi.sample.draws import generator
from survey_kpi.sample.service import CHANNELS, Case, Line, stamp
from survey_kpi.sample.world import World

CONTACTS_EACH = 30
"""Per person and quarter."""
PUSHY = 10
"""Contacts of one person a quarter that go to one customer within a month: too many."""
LOOSE = ("service", "marketing", "visit", "callback")
CAME_BACK = 0.11
"""Share of complaints about which the customer comes back on another channel."""
REPLIED, LATE = 0.84, 0.05
"""Shares of comments with a reply, and of replies that come after a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """What a customer wrote on an answer sheet, by the number of its row."""

    row_id: str
    customer: str
    at: dt.datetime


def interactions_and_plans(
    world: World, owned: Callable[[str, dt.date], list[str]], tier_of: dict[str, int]
) -> tuple[list[Line], list[Line]]:
    """Return contacts, and the plans of which some of them are the fulfilment."""
    rng = generator(world.seed, STREAM + 3)
    contacts: list[Line] = [
        ("interaction_id", "customer_id", "specialist_id", "at", "recorded_at", "channel", "direction",
         "planned", "plan_id", "outcome", "purpose", "after_call_work_s", "abandoned_after_s",
         "summary", "next_step", "case_id", "response_id"),
    ]  # fmt: skip
    planned: set[str] = set()
    plans: list[Line] = [
        ("plan_id", "customer_id", "specialist_id", "kind", "due_at", "done_interaction_id"),
    ]
    for quarter in world.quarters:
        period = Period.parse(quarter)
        days = (period.end - period.start).days
        period_start = dt.datetime.combine(period.start, dt.time(9))
        for place, person in enumerate(world.people):
            book = owned(person.id, period.start + dt.timedelta(days=days // 2))
            if not book:
                continue
            high = [name for name in book if tier_of[name] == 0]
            for name in [name for name in high if name not in planned]:
                planned.add(name)
                if rng.random() < 0.93:
                    plans.append((f"P{len(plans):05d}", name, person.id, "dedicated_plan", period.start, ""))
            for number in range(CONTACTS_EACH):
                u = rng.random(12)
                day = period.start + dt.timedelta(days=int(u[0] * days))
                at = dt.datetime.combine(day, dt.time(9)) + dt.timedelta(minutes=int(u[1] * 540))
                name = book[int(u[2] * len(book))]
                if number >= CONTACTS_EACH - PUSHY and place == 3 * world.quarters.index(quarter):
                    name, u[10] = book[len(book) // 2], 0.9
                    at = period_start + dt.timedelta(days=int(u[0] * 25), minutes=int(u[1] * 540))
                plan = ""
                identity = f"I{len(contacts):06d}"
                if number < 14:
                    kind = "visit" if number < 6 else "callback"
                    plan, done = f"P{len(plans):05d}", u[3] < 0.84
                    due = at + dt.timedelta(hours=int(60 * u[4]) - 4)
                    plans.append((plan, name, person.id, kind, stamp(due), identity if done else ""))
                    if not done:
                        continue
                contacts.append(_contact(identity, name, person.id, at, plan, number, u))
    return contacts, plans


def _contact(
    identity: str, customer: str, person: str, at: dt.datetime, plan: str, number: int, u: np.ndarray
) -> Line:
    channel = CHANNELS[int(np.searchsorted([0.5, 0.8, 0.95], u[5]))]
    outcome = ("solved", "positive", "neutral", "negative", "")[
        int(np.searchsorted([0.45, 0.72, 0.87, 0.95], u[6]))
    ]
    lost_call = channel == "phone" and not plan and u[7] < 0.08
    purpose = (
        ("visit" if number < 6 else "callback")
        if plan
        else LOOSE[int(np.searchsorted([0.6, 0.8, 0.9], u[8]))]
    )
    recorded = at + dt.timedelta(minutes=int(30 + (3000 * u[9] if u[9] > 0.85 else 600 * u[9])))
    return (
        identity, customer, person, stamp(at), stamp(recorded), channel, "in" if u[10] < 0.4 else "out",
        "true" if plan else "false", plan, outcome, purpose,
        "" if lost_call or channel != "phone" else int(20 + 60 * u[11]),
        int(10 + 70 * u[11]) if lost_call else "", "沟通记录" if u[1] < 0.96 else "",
        "跟进" if u[2] < 0.92 else "", "", "",
    )  # fmt: skip


def come_back(
    world: World, cases: Sequence[Case], customers: Mapping[str, Customer], number: int
) -> list[Line]:
    """Return contacts of customers about an open complaint, on another channel than it came by."""
    rng = generator(world.seed, STREAM + 7)
    rows: list[Line] = []
    for case in cases:
        u = rng.random(4)
        if u[0] < CAME_BACK:
            others = [channel for channel in CHANNELS if channel != case.channel]
            at = case.opened + dt.timedelta(hours=4 + int(u[1] * 150))
            owner = customers[case.customer].owner(at.date()) or ""
            outcome = "neutral" if u[3] < 0.6 else "negative"
            rows.append(
                (f"I{number + len(rows):06d}", case.customer, owner, stamp(at),
                 stamp(at + dt.timedelta(minutes=20)), others[int(u[2] * 3)], "in", "false", "", outcome,
                 "service", "", "", "沟通记录", "跟进", case.id, "")
            )  # fmt: skip
    return rows


def replies(
    world: World, comments: Sequence[Comment], customers: Mapping[str, Customer], number: int
) -> list[Line]:
    """Return replies to comments, most of them within a month."""
    rng = generator(world.seed, STREAM + 8)
    cut = Period.parse(world.quarters[-1]).end + dt.timedelta(days=10)
    rows: list[Line] = []
    for comment in comments:
        u = rng.random(4)
        wait = 31 + 20 * u[1] if u[2] < LATE else 1 + 24 * u[1]
        at = comment.at.replace(hour=10 + int(u[3] * 7)) + dt.timedelta(days=int(wait))
        if u[0] < REPLIED and at.date() < cut and comment.customer in customers:
            owner = customers[comment.customer].owner(at.date()) or ""
            rows.append(
                (f"I{number + len(rows):06d}", comment.customer, owner, stamp(at),
                 stamp(at + dt.timedelta(hours=1)), CHANNELS[int(u[3] * 2)], "out", "false", "", "positive",
                 "service", "", "", "答复客户意见", "", "", comment.row_id)
            )  # fmt: skip
    return rows
