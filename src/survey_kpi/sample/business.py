"""Business records of a world: orders, leads, campaigns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.book import STREAM, Customer
from survey_kpi.sample.draws import generator
from survey_kpi.sample.service import Line, stamp
from survey_kpi.sample.world import World

PRODUCTS = ("基础版", "数据平台", "咨询")
ORDER_CHANCE = (0.6, 0.35, 0.2)
"""Probability of an order within a quarter, by tier."""
USUAL = (18_000, 6_000, 2_000)
"""Usual amount in yuan, by tier."""
KINDS = ("renewal", "cross_sell", "upsell", "")
LEAD_KINDS = ("new_customer", "cross_sell", "upsell")
SOURCES = ("phone", "web", "wechat", "event")
ONE_ORDER, AGAIN_AFTER = 0.82, 23
"""Luck above which a customer orders again in the quarter, and after how many days."""
LEADS_EACH = 5
"""Per person and quarter."""


def orders(world: World, customers: Sequence[Customer]) -> list[Line]:
    """Return the orders of all customers; the first of a new customer is of the kind `new`."""
    rng = generator(world.seed, STREAM + 10)
    rows: list[Line] = [
        (
            "order_id",
            "customer_id",
            "ordered_at",
            "amount",
            "currency",
            "units",
            "product",
            "kind",
            "campaign_id",
        ),
    ]
    for quarter in world.quarters:
        period = Period.parse(quarter)
        days = (period.end - period.start).days
        for customer in customers:
            u = rng.random(8)
            day = period.start + dt.timedelta(days=int(u[1] * days))
            if u[0] >= ORDER_CHANCE[customer.tier]:
                continue
            for again in (0, AGAIN_AFTER) if u[3] > ONE_ORDER else (0,):
                on = day + dt.timedelta(days=again)
                if customer.active(on) and on < period.end:
                    rows.append(_order(world, quarter, customer, on, u, len(rows)))
    return rows


def _order(world: World, quarter: str, customer: Customer, day: dt.date, u: np.ndarray, number: int) -> Line:
    cents = int(USUAL[customer.tier] * (40 + 120 * u[2] * u[3] * 2))
    new = customer.start >= Period.parse(quarter).start
    kind = "new" if new else KINDS[min(int(u[4] * 3.1), 3)]
    campaign = f"M{world.quarters.index(quarter) * 2 + 1 + int(u[6] * 2):02d}" if u[5] < 0.15 else ""
    at = dt.datetime.combine(day, dt.time(10)) + dt.timedelta(minutes=int(u[7] * 480))
    return (
        f"O{number:05d}", customer.id, stamp(at), f"{cents // 100}.{cents % 100:02d}", "CNY",
        1 + int(3 * u[3]), PRODUCTS[int(u[6] * 2.4)], kind, campaign,
    )  # fmt: skip


def leads(world: World, owned: Callable[[str, dt.date], list[str]]) -> list[Line]:
    """Return leads: new customers without a number yet, and chances with the customers of the book."""
    rng = generator(world.seed, STREAM + 11)
    cut = Period.parse(world.quarters[-1]).end + dt.timedelta(days=10)
    rows: list[Line] = [
        ("lead_id", "customer_id", "specialist_id", "created_at", "source_channel",
         "campaign_id", "kind", "passed_at", "won_at", "contract_id", "lost_at"),
    ]  # fmt: skip
    for quarter in world.quarters:
        period = Period.parse(quarter)
        days = (period.end - period.start).days
        for person in world.people:
            book = owned(person.id, period.start + dt.timedelta(days=days // 2))
            for _ in range(LEADS_EACH if book else 0):
                u = rng.random(9)
                kind = LEAD_KINDS[int(u[0] * 3)]
                created = period.start + dt.timedelta(days=int(u[1] * days))
                passed = created + dt.timedelta(days=1 + int(u[2] * 10)) if kind != "new_customer" else None
                won = created + dt.timedelta(days=8 + int(u[3] * 75)) if u[4] < 0.3 else None
                lost = created + dt.timedelta(days=20 + int(u[3] * 60)) if 0.3 <= u[4] < 0.7 else None
                won, lost = (day if day and day < cut else None for day in (won, lost))
                customer = "" if kind == "new_customer" else book[int(u[5] * len(book))]
                rows.append(
                    (f"L{len(rows):05d}", customer, person.id, created, SOURCES[int(u[6] * 4)], "", kind,
                     passed or "", won or "",
                     f"H{len(rows):05d}" if won and u[7] < 0.97 else "", lost or "")
                )  # fmt: skip
    return rows


def campaigns(world: World) -> list[Line]:
    """Return two campaigns a quarter; one has no cost on record."""
    rng = generator(world.seed, STREAM + 12)
    rows: list[Line] = [
        (
            "campaign_id",
            "channel",
            "start_at",
            "end_at",
            "cost",
            "attributed_revenue",
            "attribution_rule",
            "reached",
        ),
    ]
    for place, quarter in enumerate(world.quarters):
        period = Period.parse(quarter)
        for number, channel in enumerate(("online", "offline")):
            u = rng.random(3)
            cost = int(20_000 + 30_000 * u[0])
            start = period.start + dt.timedelta(days=10 + 30 * number)
            spent, brought = f"{cost}.00", f"{int(cost * (0.8 + 1.1 * u[1]))}.00"
            rows.append(
                (f"M{2 * place + number + 1:02d}", channel, start, start + dt.timedelta(days=20),
                 "" if len(rows) == 5 else spent, brought, "last_touch_30d", int(400 + 1600 * u[2]))
            )  # fmt: skip
    return rows
