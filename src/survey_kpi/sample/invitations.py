"""Who was invited in the last quarters: a list that a program drew, and one person who helped it along.

Everybody keeps to the list but `CHOOSER`: that specialist added customers who had been satisfied before and
left out some who had not. Whoever answered was invited.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from survey_kpi.period import Period
from survey_kpi.sample.answers import CLOSES, DAY, OPENS, SKIPPED, Sheets, moment
from survey_kpi.sample.draws import generator
from survey_kpi.sample.exports import written
from survey_kpi.sample.world import World

QUARTERS = 2
"""So many of the last quarters have a table of invitations; before, everybody was invited."""
ANSWER_SHARE = 0.66
"""Share of the invitations that the draw expects to be answered."""
CHOOSER, ADDED, LEFT_OUT = "S17", 12, 8
STREAM = 2_030
MEANWHILE = (("R", 0.24), ("NC", 0.70), ("O", 0.78), ("UO", 0.95), ("NE", 1.0))
"""What became of invitations without an answer: code and cumulative share."""
HEAD = ("invite_id", "customer_id", "specialist_id", "sent_at", "disposition", "stratum",
        "inclusion_probability", "design_weight", "drawn_by", "draw_id")  # fmt: skip
LIST_HEAD = ("customer_id", "specialist_id", "stratum", "inclusion_probability", "design_weight",
             "drawn_by", "draw_id")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One answer of a customer: whose, when (seconds since the quarter began), whole or not, satisfied."""

    person: str
    at: int
    whole: bool
    satisfied: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A customer on the drawn list, with the size of the stratum and of its sample."""

    customer: str
    person: str
    population: int
    sample: int

    @property
    def design(self) -> tuple[float, float]:
        """Inclusion probability and design weight."""
        return self.sample / self.population, self.population / self.sample


def invitation_files(
    world: World, sheets: Mapping[str, Sheets], files: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the table of invitations, and each quarter's drawn list with its record.

    Parameters
    ----------
    sheets
        Answer sheets by quarter.
    files
        Holds `customers.csv` and `ownership.csv`.
    """
    made: dict[str, bytes] = {}
    rows: list[tuple[object, ...]] = [HEAD]
    for quarter in world.quarters[-QUARTERS:]:
        before = str(Period.parse(quarter).shift(-1))
        now = answered(world, sheets[quarter])
        draw = f"d{quarter}"
        drawn = _drawn(world, quarter, now, files)
        rows += _invited(world, quarter, drawn, now, answered(world, sheets[before]))
        listed = [(one.customer, one.person, one.person, *one.design, "program", draw) for one in drawn]
        name = f"drawn_{quarter.lower()}"
        made[f"{name}.csv"] = written([LIST_HEAD, *listed], "utf-8", "\n")
        made[f"{name}.json"] = _record(draw, drawn)
    return {"invites.csv": written(rows, "utf-8", "\n"), **made}


def answered(world: World, sheets: Sheets) -> dict[str, Answered]:
    """Return the first answer of each customer in a quarter."""
    found: dict[str, Answered] = {}
    for row in np.argsort(sheets.at, kind="stable"):
        name = f"{'E' if sheets.abroad[row] else 'C'}{sheets.customer[row]}"
        overall = int(sheets.answers[row, 0])
        found.setdefault(
            name,
            Answered(
                person=world.people[sheets.person[row]].id,
                at=int(sheets.at[row]),
                whole=int((sheets.answers[row] == SKIPPED).sum()) < 2,
                satisfied=None if overall == SKIPPED else overall >= 4,
            ),
        )
    return found


def _drawn(world: World, quarter: str, now: Mapping[str, Answered], files: Mapping[str, bytes]) -> list[Unit]:
    """Draw a list by specialist that holds all who answered, but for those whom the chooser adds."""
    rng = generator(world.seed, STREAM, int(Period.parse(quarter).first))
    frame = {customer: one.person for customer, one in now.items()}
    frame = _owners(quarter, files) | frame
    found = []
    for person in sorted(set(frame.values())):
        own = sorted(customer for customer, who in frame.items() if who == person)
        here = [customer for customer in own if customer in now]
        sample = min(len(own), int(len(here) / ANSWER_SHARE) + 1)
        others = [customer for customer in own if customer not in now]
        order = np.argsort(rng.random(len(others)), kind="stable")
        chosen = sorted([*here, *[others[place] for place in order[: sample - len(here)]]])
        found += [
            Unit(customer=one, person=person, population=len(own), sample=len(chosen)) for one in chosen
        ]
    return found


def _owners(quarter: str, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return who has which customer on the first day of a quarter."""
    first = Period.parse(quarter).start.isoformat()
    gone = {row["customer_id"]: row["end_at"] for row in _rows(files["customers.csv"])}
    return {
        row["customer_id"]: row["specialist_id"]
        for row in _rows(files["ownership.csv"])
        if row["valid_from"] <= first < (row["valid_to"] or "9999")
        and first < (gone.get(row["customer_id"]) or "9999")
    }


def _rows(content: bytes) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(content.decode("utf-8-sig")))


def _invited(
    world: World,
    quarter: str,
    drawn: Sequence[Unit],
    now: Mapping[str, Answered],
    before: Mapping[str, Answered],
) -> Iterator[tuple[object, ...]]:
    """Yield the invitations of a quarter in order of customers: those drawn, and those who were chosen."""
    period = Period.parse(quarter)
    rng = generator(world.seed, STREAM + 1, period.first)
    listed = {one.customer: one.person for one in drawn}
    chooser = {customer: one for customer, one in before.items() if one.person == CHOOSER}
    added = [c for c in sorted(chooser) if chooser[c].satisfied and c not in listed][:ADDED]
    unhappy = [c for c in sorted(chooser) if chooser[c].satisfied is False and listed.get(c) == CHOOSER]
    left = set([c for c in unhappy if c not in now][:LEFT_OUT])
    units = [one for one in drawn if one.customer not in left]
    extra = [Unit(customer=one, person=CHOOSER, population=0, sample=0) for one in added]
    for number, one in enumerate(sorted([*units, *extra], key=lambda unit: unit.customer), start=1):
        u = rng.random(3)
        known = now.get(one.customer)
        sent = max(known.at - int(3 * DAY * u[0]) - 600, 0) if known else _any_time(period, u[0], u[1])
        design = (one.person, *one.design, "program", f"d{quarter}") if one.population else ("", "", "")
        yield (
            f"i{quarter}-{number:05d}",
            one.customer,
            one.person,
            moment(period, sent),
            _disposition(known, u[2]),
            *(design if one.population else (*design, "manual", "")),
        )


def _any_time(period: Period, day: float, hour: float) -> int:
    days = (period.end - period.start) // dt.timedelta(days=1)
    return int(day * days) * DAY + OPENS + int(hour * (CLOSES - OPENS))


def _disposition(known: Answered | None, u: float) -> str:
    if known:
        return "I" if known.whole else "P"
    return next(code for code, share in MEANWHILE if u < share)


def _record(draw: str, drawn: Sequence[Unit]) -> bytes:
    """Return the record that `survey-kpi sample` keeps beside a list; its hash binds the list."""
    rows = sorted((one.customer, one.person, f"{one.design[1]:.9g}") for one in drawn)
    text = json.dumps([draw, rows], ensure_ascii=False, separators=(",", ":"))
    strata = {one.person: one for one in drawn}
    record = {
        "draw_id": draw,
        "unit": "customer_id",
        "list_hash": hashlib.sha256(text.encode()).hexdigest(),
        "strata": [
            {"name": name, "population": one.population, "sample": one.sample}
            for name, one in sorted(strata.items())
        ],
    }
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode()
