"""Service records of a world: complaints, use of the system."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.book import STREAM, Customer
from survey_kpi.sample.draws import choose, generator
from survey_kpi.sample.world import World
from survey_kpi.workdays import work_calendar

Line = Sequence[object]
CATEGORIES = ("交付", "质量", "账单", "服务态度", "其他")
CATEGORY_SHARES = (0.3, 0.27, 0.2, 0.15)
CHANNELS = ("phone", "wechat", "email", "web")
CHANNEL_SHARES = (0.45, 0.3, 0.15)
SPIKE = "2026-08"
"""Month in which three times as many complaints come in, nearly all about delivery: the alarm to be found."""
SLOW_TEAM = "华北"
"""Team that solves fewer complaints at once: the difference to be found."""
COMPLAINTS_EACH = 12
"""Per person and quarter."""
PROMISED_HOURS = 48
UNSTATED_SINCE = dt.date(2026, 4, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A complaint as it happened."""

    id: str
    customer: str
    opened: dt.datetime
    category: str
    channel: str
    team: str


def draw_cases(world: World, owned: Callable[[str, dt.date], list[str]]) -> list[Case]:
    """Draw the complaints of all quarters; `owned` names the customers that a person has on a day."""
    rng = generator(world.seed, STREAM + 1)
    cases: list[Case] = []
    for quarter in world.quarters:
        period = Period.parse(quarter)
        days = (period.end - period.start).days
        for person in world.people:
            middle = period.start + dt.timedelta(days=days // 2)
            team = next(
                (spell.team for spell in person.spells if spell.start <= middle), person.spells[0].team
            )
            book = owned(person.id, middle)
            size = int(COMPLAINTS_EACH * len(book) / 110 * (0.7 + 0.6 * rng.random()))
            when = period.start.toordinal() + np.floor(rng.random(size) * days)
            spike = rng.random(size) < (1.3 if SPIKE.startswith(str(period.start.year)) else 0)
            for row in range(size):
                day = dt.date.fromordinal(int(when[row]))
                times = 3 if spike[row] and f"{day:%Y-%m}" == SPIKE else 1
                for _ in range(times if book else 0):
                    cases.append(_case(len(cases), day, book, team, rng, extra=times > 1))
    return sorted(cases, key=lambda case: (case.opened, case.id))


def _case(
    number: int, day: dt.date, book: Sequence[str], team: str, rng: np.random.Generator, *, extra: bool
) -> Case:
    u = rng.random(5)
    kind = 0 if extra and u[0] < 0.85 else int(choose(rng, 1, CATEGORY_SHARES)[0])
    return Case(
        id=f"K{number + 1:05d}",
        customer=book[int(u[1] * len(book))],
        opened=dt.datetime.combine(day, dt.time(8)) + dt.timedelta(seconds=int(u[2] * 11 * 3600)),
        category=CATEGORIES[kind],
        channel=CHANNELS[int(choose(rng, 1, CHANNEL_SHARES)[0])],
        team=team,
    )


def complaints(world: World, cases: Sequence[Case]) -> list[Line]:
    """Return the export of the ticket system, with its own headers."""
    rng = generator(world.seed, STREAM + 2)
    cut = dt.datetime.combine(Period.parse(world.quarters[-1]).end, dt.time()) + dt.timedelta(days=10)
    rows: list[Line] = [
        ("工单号", "客户编号", "受理时间", "确认时间", "首次响应时间", "应结时间", "解决时间", "反馈时间",
         "重开时间", "联系次数", "类别", "渠道", "产品原因"),
    ]  # fmt: skip
    for case in cases:
        u = rng.random(9)
        opened = case.opened
        confirmed = opened + dt.timedelta(minutes=5 + int(u[0] * 50))
        response = confirmed + dt.timedelta(minutes=5 + int(u[1] * u[1] * 500))
        at_once = u[2] < (0.46 if case.team == SLOW_TEAM else 0.7)
        hours = (10 + 30 * u[3]) if at_once else (14 + 50 * u[3] + (200 * u[4] if u[4] > 0.95 else 0))
        resolved = opened + dt.timedelta(minutes=int(60 * hours))
        known = resolved < cut and u[5] > 0.01
        reopened = resolved + dt.timedelta(days=1 + int(u[6] * 12)) if known and u[7] < 0.06 else None
        feedback = resolved + dt.timedelta(hours=2 + int(u[6] * 40)) if known and u[8] < 0.8 else None
        due = None if _unstated(case) else opened + dt.timedelta(hours=PROMISED_HOURS)
        rows.append(
            (case.id, case.customer, stamp(opened), stamp(confirmed), stamp(response), stamp(due),
             stamp(resolved if known else None), stamp(feedback), stamp(reopened),
             "1" if at_once else str(2 + int(3 * u[4])),
             case.category, case.channel, "是" if u[1] > 0.8 else "否")
        )  # fmt: skip
    return _soiled(rows)


def _unstated(case: Case) -> bool:
    """Whether the ticket system writes no due time: since the spring it has lost those of one channel."""
    return case.channel == CHANNELS[1] and case.opened.date() >= UNSTATED_SINCE


def _soiled(rows: list[Line]) -> list[Line]:
    """Plant what ticket systems hand over: a row twice, times in the wrong order, an unknown customer."""
    changed = [list(row) for row in rows]
    changed[40][6] = str(changed[40][2]).replace(" ", " 0", 1)[:11] + "00:00:00"
    changed[90][9] = f"{changed[90][9]} 次"
    changed[150][1] = "C99999"
    changed[220][9] = "２"
    return [*changed[:300], changed[299], *changed[300:]]


def usage(world: World) -> list[Line]:
    """Return one line for each day on which a person used the system: the log knows no other days."""
    rng = generator(world.seed, STREAM + 4)
    rows: list[Line] = [("specialist_id", "date", "logins", "active_minutes", "entries", "entries_on_time")]
    first, after = Period.parse(world.quarters[-4]).start, Period.parse(world.quarters[-1]).end
    calendar = work_calendar("CN", range(first.year, after.year + 1))
    days = np.arange(np.datetime64(first), np.datetime64(after))
    for day, worked in zip(days.tolist(), calendar.is_working(days).tolist(), strict=True):
        for person in world.people:
            if not person.works(day):
                continue
            u = rng.random(3)
            entries = int(3 + 12 * u[1])
            if u[0] < (0.9 if worked else 0.02):
                rows.append(
                    (person.id, day, int(1 + 4 * u[2]), int(60 + 240 * u[1]), entries,
                     int(entries * (0.7 + 0.3 * u[2])))
                )  # fmt: skip
    return rows


def stamp(time: dt.datetime | None) -> str:
    """Return a time as text, empty when there is none."""
    return f"{time:%Y-%m-%d %H:%M:%S}" if time else ""


def owned_by(customers: Sequence[Customer]) -> Callable[[str, dt.date], list[str]]:
    """Return a look-up of the active customers that a person has on a day, in the order of their ids."""
    spells: dict[str, list[tuple[Customer, dt.date, dt.date | None]]] = {}
    for customer in customers:
        for who, start, end in customer.owners:
            spells.setdefault(who, []).append((customer, start, end))

    def find(person: str, day: dt.date) -> list[str]:
        return [
            customer.id
            for customer, start, end in spells.get(person, [])
            if start <= day and (end is None or day < end) and customer.active(day)
        ]

    return find
