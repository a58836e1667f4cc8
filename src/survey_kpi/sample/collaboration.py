"""Records of working together in a world: requests, insights, courses, contributions, ratings, incidents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.book import STREAM, Customer
from survey_kpi.sample.draws import generator
from survey_kpi.sample.service import Line, stamp
from survey_kpi.sample.world import Person, World

DEPARTMENTS = ("研发部", "财务部", "物流部")
ITEMS_360 = ("b01", "b02", "b03")
FAVOUR_PAIR = ("S02", "S04")
"""Two who give each other the highest marks: to be flagged for the administrator."""
HARSH = "S12"
"""A rater who gives a point less than the others: to be found as leniency below 0."""


def _quarters(world: World) -> Iterator[tuple[Period, int]]:
    for quarter in world.quarters:
        period = Period.parse(quarter)
        yield period, (period.end - period.start).days


def _there(person: Person, day: dt.date) -> bool:
    return person.joined <= day and (person.left is None or day < person.left)


def _each(
    world: World,
    stream: int,
    header: Line,
    size: int,
    line: Callable[[int, Person, dt.datetime, np.ndarray], Line | None],
) -> list[Line]:
    """Return `size` lines per person and quarter; `line` gets a number, the person, a time and luck."""
    rng = generator(world.seed, STREAM + stream)
    rows: list[Line] = [header]
    for period, days in _quarters(world):
        for person in world.people:
            for _ in range(size):
                u = rng.random(8)
                day = period.start + dt.timedelta(days=int(u[0] * days))
                if _there(person, day):
                    at = dt.datetime.combine(day, dt.time(9)) + dt.timedelta(minutes=int(u[1] * 500))
                    made = line(len(rows), person, at, u)
                    rows += [made] if made else []
    return rows


def requests(world: World) -> list[Line]:
    """Return what other departments, and now and then the own team, asked for."""

    def line(number: int, person: Person, at: dt.datetime, u: np.ndarray) -> Line:
        due = at + dt.timedelta(hours=48)
        done = at + dt.timedelta(hours=int(6 + 50 * u[2])) if u[3] < 0.98 else None
        by = person.spells[0].team if u[4] < 0.08 else DEPARTMENTS[int(u[5] * 3)]
        rating = "" if u[6] < 0.3 or not done else 3 + int(u[7] * 2.99)
        return (f"Q{number:05d}", by, person.id, stamp(at), stamp(due), stamp(done), rating)

    header = (
        "request_id",
        "requested_by",
        "specialist_id",
        "opened_at",
        "due_at",
        "resolved_at",
        "requester_rating",
    )
    return _each(world, 20, header, 4, line)


def insights(world: World) -> list[Line]:
    """Return insights, two lines each: one for every blind rater."""

    def line(number: int, person: Person, at: dt.datetime, u: np.ndarray) -> Line:
        return (f"N{number:05d}", person.id, stamp(at), "", "", 2 + int(u[2] * 3.9), "true")

    header = ("insight_id", "specialist_id", "logged_at", "customer_id", "rater_id", "quality", "rated_blind")
    head, *rows = _each(world, 21, header, 2, line)
    doubled = [
        (*row[:4], rater, min(5, int(str(row[5])) + place * (number % 2)), row[6])
        for number, row in enumerate(rows)
        for place, rater in enumerate(("R1", "R2"))
    ]
    return [head, *doubled]


def training(world: World) -> list[Line]:
    """Return the courses that people completed."""

    def line(number: int, person: Person, at: dt.datetime, u: np.ndarray) -> Line:
        course = f"T{1 + int(u[2] * 12):02d}-{at:%Y%m%d}"
        passed = "true" if u[3] < 0.9 else "false"
        return (
            person.id,
            course,
            stamp(at),
            2.0 if u[4] < 0.6 else 4.0,
            passed,
            f"V{number}" if u[5] < 0.93 else "",
        )

    header = ("person_id", "course_id", "completed_at", "hours", "passed", "evidence_id")
    return _each(world, 22, header, 1, line)


def contributions(world: World) -> list[Line]:
    """Return sharing events, additions to the knowledge base, projects and suggestions."""

    def line(number: int, person: Person, at: dt.datetime, u: np.ndarray) -> Line:
        kind = ("sharing", "knowledge_base", "project", "suggestion")[
            int(np.searchsorted([0.25, 0.6, 0.75], u[2]))
        ]
        accepted = "" if kind in ("sharing", "project") else "true" if u[3] < 0.62 else "false"
        rating = 3 + int(u[4] * 2.9) if kind == "project" else ""
        return (
            f"B{number:05d}",
            person.id,
            kind,
            stamp(at),
            accepted,
            rating,
            f"V{number}" if u[5] < 0.9 else "",
        )

    header = ("contribution_id", "specialist_id", "kind", "at", "accepted", "lead_rating", "evidence_id")
    return _each(world, 23, header, 2, line)


def incidents(world: World) -> list[Line]:
    """Return critical incidents, rare and handled within two hours or not."""

    def line(number: int, person: Person, at: dt.datetime, u: np.ndarray) -> Line | None:
        if u[2] > 0.5:
            return None
        plan = at + dt.timedelta(minutes=int(30 + 140 * u[3]))
        ticks = "calmed=true;informed=true;documented=" + ("true" if u[5] < 0.7 else "false")
        return (f"X{number:04d}", person.id, stamp(at), stamp(plan), "true" if u[4] < 0.8 else "false", ticks,
                f"V{number}" if u[6] < 0.85 else "")  # fmt: skip

    header = (
        "incident_id",
        "specialist_id",
        "occurred_at",
        "plan_made_at",
        "engineering_coordinated",
        "checklist",
        "evidence_id",
    )
    return _each(world, 24, header, 1, line)


def ratings(world: World) -> list[Line]:
    """Return the 360-degree ratings of every quarter: superior, four peers, three customers, self."""
    rng = generator(world.seed, STREAM + 25)
    rows: list[Line] = [("rater_id", "ratee_id", "rater_group", "item", "score", "period", "evidence_id")]
    for quarter in world.quarters:
        day = Period.parse(quarter).start
        people = [person for person in world.people if _there(person, day)]
        for place, person in enumerate(people):
            peers = [people[(place + step) % len(people)] for step in (1, 2, 5, 9)]
            raters = [("M01", "superior"), *[(peer.id, "peer") for peer in peers]]
            raters += [(f"C{place}{n}", "customer") for n in range(3)] + [(person.id, "self")]
            if person.id in FAVOUR_PAIR:
                other = FAVOUR_PAIR[1 - FAVOUR_PAIR.index(person.id)]
                raters = [one for one in raters if one[0] != other] + [(other, "peer")]
            for rater, group in raters:
                luck = rng.random(len(ITEMS_360))
                for item, u in zip(ITEMS_360, luck, strict=True):
                    score = 2 + int(u * 2.6) - (rater == HARSH)
                    if {rater, person.id} == set(FAVOUR_PAIR):
                        score = 5
                    rows.append((rater, person.id, group, item, max(1, score), quarter, ""))
    return rows


def audits(world: World, customers: Sequence[Customer]) -> list[Line]:
    """Return the audit sample of profiles: forty customers a quarter, two fields each."""
    rng = generator(world.seed, STREAM + 26)
    rows: list[Line] = [("customer_id", "field", "crm_value", "true_value", "audited_at", "auditor")]
    for period, days in _quarters(world):
        for _ in range(40):
            u = rng.random(4)
            day = period.start + dt.timedelta(days=int(u[0] * days))
            name = customers[int(u[1] * len(customers))]
            if not name.active(day):
                continue
            for field, luck in (("phone", u[2]), ("email", u[3])):
                value = f"{field}-{name.id}"
                rows.append((name.id, field, value, value if luck < 0.92 else f"{value}-new", day, "A01"))
    return rows


def actions(world: World) -> list[Line]:
    """Return the improvement actions of a year: done, under way, dropped; for all, a team, two people."""
    last = Period.parse(world.quarters[-1])
    before, winter, autumn = (last.shift(-back) for back in (1, 2, 3))
    return [
        ("action_id", "decided_on", "owner", "due", "indicator", "scope", "started_at", "cost", "benefit_low",
         "benefit_high", "currency", "status"),
        ("T1", before.start, "客户服务部", before.end, "A01-speed", "company", before.start,
         "30000.00", "", "", "CNY", "done"),
        ("T2", last.start, "交付组", last.end + dt.timedelta(days=45), "A10", "company",
         last.start, "80000.00", "60000.00", "150000.00", "CNY", "open"),
        ("T3", last.start, "华北团队", last.end + dt.timedelta(days=75), "A09", "team:华北",
         last.start, "12000.00", "", "", "CNY", "open"),
        ("T5", autumn.start, "华南团队", autumn.end, "A01-expertise", "team:华南", autumn.start,
         "8000.00", "", "", "CNY", "done"),
        ("T6", winter.start, "西南团队", winter.end, "A01-speed", "team:西南", winter.start,
         "10000.00", "", "", "CNY", "done"),
        ("T7", before.start, "华北团队", before.end, "A01-problem_solving", "team:华北", before.start,
         "15000.00", "20000.00", "45000.00", "CNY", "done"),
        ("T8", before.start, "客户服务部", before.end, "A01", "S12;S17", before.start,
         "6000.00", "", "", "CNY", "done"),
        ("T4", before.start, "客户服务部", last.end, "A07", "company", "", "", "", "", "", "dropped"),
    ]  # fmt: skip


def benchmarks() -> list[Line]:
    """Return outside values: one with all that a comparison needs, and one for which it is not known."""
    return [
        ("indicator", "value", "source", "date", "n", "wording", "scale"),
        (
            "A07",
            "31",
            "行业协会年度调查（示例）",
            "2026-03-31",
            "1200",
            "您向朋友或同事推荐我们的可能性有多大？",
            "0-10",
        ),
    ]
