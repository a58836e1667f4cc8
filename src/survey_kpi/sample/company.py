"""A world to the tables beside its answers, written as such systems write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from survey_kpi.period import Period
from survey_kpi.sample import business, collaboration, contact, service
from survey_kpi.sample.answers import Sheets, moment
from survey_kpi.sample.book import TIERS, Customer, book
from survey_kpi.sample.draws import generator
from survey_kpi.sample.exports import written
from survey_kpi.sample.world import World

SIGNS = {"complaints.csv": "gb18030", "customers.csv": "utf-8-sig"}
"""Encodings of systems that do not write plain UTF-8."""
PROFILE_STREAM = 1_030
CITIES = ("成都", "杭州", "广州", "北京", "重庆", "苏州")
PREFERENCES = ("电话", "微信", "邮件")
COMPANY_DAYS: Sequence[service.Line] = (
    ("date", "working", "open", "close"),
    ("2025-12-31", "是", "09:00", "12:00"),
    ("2026-01-23", "否", "", ""),
    ("2026-07-18", "是", "09:00", "12:00"),
    ("2026-08-07", "否", "", ""),
)
"""Days on which the company keeps hours of its own: half days, an outing, stocktaking on a Saturday."""


def company_files(
    world: World, sheets: Mapping[str, Sheets], comments: Sequence[contact.Comment]
) -> dict[str, bytes]:
    """Return the tables of a world by file name.

    Parameters
    ----------
    sheets
        Answer sheets by quarter: who answers is a customer, and still one on that day.
    comments
        What customers wrote, for those who reply.
    """
    customers, cases = _customers_and_cases(world, answer_days(sheets))
    owned = service.owned_by(customers)
    contacts, plans = contact.interactions_and_plans(world, owned, {one.id: one.tier for one in customers})
    owners = {one.id: one for one in customers}
    contacts += contact.come_back(world, cases, owners, len(contacts))
    contacts += contact.replies(world, comments, owners, len(contacts))
    tables: dict[str, Sequence[service.Line]] = {
        "customers.csv": customer_lines(world, customers),
        "ownership.csv": ownership_lines(customers),
        "complaints.csv": service.complaints(world, cases),
        "interactions.csv": contacts,
        "service_plans.csv": plans,
        "usage.csv": service.usage(world),
        "orders.csv": business.orders(world, customers),
        "leads.csv": business.leads(world, owned),
        "campaigns.csv": business.campaigns(world),
        "collaboration_requests.csv": collaboration.requests(world),
        "insights.csv": collaboration.insights(world),
        "training.csv": collaboration.training(world),
        "contributions.csv": collaboration.contributions(world),
        "incidents.csv": collaboration.incidents(world),
        "ratings360.csv": collaboration.ratings(world),
        "audits.csv": collaboration.audits(world, customers),
        "actions.csv": collaboration.actions(world),
        "benchmarks.csv": collaboration.benchmarks(),
        "company_days.csv": COMPANY_DAYS,
    }
    return {name: written(rows, SIGNS.get(name, "utf-8"), "\n") for name, rows in tables.items()}


def planted_records() -> dict[str, Any]:
    """Return what is truly so in the tables."""
    return {
        "complaint_spike": {"month": service.SPIKE, "category": service.CATEGORIES[0]},
        "fewer_solved_at_once": {"team": service.SLOW_TEAM},
        "favour_pair": list(collaboration.FAVOUR_PAIR),
        "harsh_rater": collaboration.HARSH,
        "loss_doubled_after_complaint": True,
    }


def answer_days(sheets: Mapping[str, Sheets]) -> dict[str, tuple[dt.date, dt.date]]:
    """Return the days of each customer's first and last answer."""
    found: dict[str, tuple[dt.date, dt.date]] = {}
    for quarter, drawn in sheets.items():
        period = Period.parse(quarter)
        for number, at, abroad in zip(drawn.customer, drawn.at, drawn.abroad, strict=True):
            name, day = f"{'E' if abroad else 'C'}{number}", moment(period, int(at)).date()
            first, last = found.get(name, (day, day))
            found[name] = min(day, first), max(day, last)
    return found


def _customers_and_cases(
    world: World, answered: Mapping[str, tuple[dt.date, dt.date]]
) -> tuple[list[Customer], list[service.Case]]:
    """Draw complaints among those who would stay, then let complaints make some of them leave."""
    cases = service.draw_cases(world, service.owned_by(book(world, answered, {})))
    complained: dict[tuple[str, str], int] = {}
    for case in cases:
        quarter = f"{case.opened.year}Q{(case.opened.month + 2) // 3}"
        complained[case.customer, quarter] = complained.get((case.customer, quarter), 0) + 1
    customers = book(world, answered, complained)
    there = {one.id: one for one in customers}
    return customers, [case for case in cases if there[case.customer].active(case.opened.date())]


def customer_lines(world: World, customers: Sequence[Customer]) -> list[service.Line]:
    """Return the customers with their profiles, incomplete and old here and there."""
    rng = generator(world.seed, PROFILE_STREAM)
    end = Period.parse(world.quarters[-1]).end
    rows: list[service.Line] = [
        ("customer_id", "tier", "tier_as_of", "start_at", "end_at", "loss_reason", "segment",
         "phone", "email", "address", "preference", "industry", "last_updated_at", "own_revenue",
         "own_revenue_before", "marked_lost_at"),
    ]  # fmt: skip
    for one in customers:
        u = rng.random(10)
        updated = end - dt.timedelta(days=1 + int(120 * u[0] * u[0]))
        told = u[5] < 0.12
        before = int(1_000_000 + 9_000_000 * u[6])
        marked = one.end + dt.timedelta(days=1 + int(u[1] * 36)) if one.end else ""
        phone = "" if u[2] < 0.05 else f"000-{one.id[1:]}"
        email = "" if u[3] < 0.1 else f"{one.id.lower()}@example.com"
        street = "" if u[8] < 0.07 else f"{CITIES[int(u[8] * 6)]}市{1 + int(u[9] * 300)}号"
        likes = "" if u[9] < 0.1 else PREFERENCES[int(u[9] * 3)]
        rows.append(
            (one.id, TIERS[one.tier], end - dt.timedelta(days=92), one.start, one.end or "", one.reason,
             one.segment, phone, email, street, likes, "" if u[4] < 0.04 else one.segment,
             f"{updated} 12:00:00",
             f"{int(before * (0.9 + 0.3 * u[7]))}.00" if told else "", f"{before}.00" if told else "", marked)
        )  # fmt: skip
    return rows


def ownership_lines(customers: Sequence[Customer]) -> list[service.Line]:
    """Return who had which customer from when until before when."""
    rows: list[service.Line] = [("customer_id", "specialist_id", "valid_from", "valid_to")]
    rows += [(one.id, who, start, end or "") for one in customers for who, start, end in one.owners]
    return rows
