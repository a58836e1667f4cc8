"""Who lives in the sample: an invented company, its specialists, and what is truly so.

Everything that a report may or may not find stands here as a number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from survey_kpi.period import Period

ITEMS = ("overall", "attitude", "speed", "problem_solving", "expertise", "recommendation")
"""Five-point items in the order of the questionnaire; `ltr` follows them."""
LTR = "ltr"
QUESTIONS = (*ITEMS, LTR)

EASE: Mapping[str, float] = MappingProxyType(
    {
        "overall": 0.0,
        "attitude": 0.20,
        "speed": -0.26,
        "problem_solving": -0.10,
        "expertise": 0.06,
        "recommendation": -0.18,
        LTR: 0.0,
    }
)
"""How much easier than the overall question a good answer to each question is, in standard deviations."""

FIVE_POINT_EDGES = (-2.17, -1.72, -1.0, 0.05)
"""Below the first edge the answer is 1, above the last it is 5: about 1.5, 2.8, 11.6, 36 and 48 percent."""
TEN_POINT_EDGES = (-2.4, -2.3, -2.2, -2.05, -1.9, -1.4, -0.96, -0.62, 0.0, 0.47)
"""Edges between the answers 0 to 10: about half promoters, a sixth detractors."""

CASE_SHARE, ITEM_SHARE = 0.74, 0.67
"""Standard deviations of what the answers of a case share, and of each answer's own; squares sum to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch of days in one team, half-open; no end means still there."""

    team: str
    start: dt.date
    end: dt.date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A specialist: usual number of answers in a quarter, true effect, and spells."""

    id: str
    name: str
    answers: int
    effect: float
    spells: tuple[Spell, ...]
    leave: tuple[tuple[dt.date, dt.date, str], ...] = ()
    """Absences: first day, first day back, kind."""
    abroad: float = 0.0
    """Share of the answers that come from overseas customers, once they have a questionnaire."""

    @property
    def joined(self) -> dt.date:
        """First day."""
        return self.spells[0].start

    @property
    def left(self) -> dt.date | None:
        """First day no longer employed."""
        return self.spells[-1].end

    def works(self, day: dt.date) -> bool:
        """Whether the person is employed and not on leave on a day."""
        away = any(start <= day < back for start, back, _ in self.leave)
        return self.joined <= day and (self.left is None or day < self.left) and not away


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One company with its quarters and the changes that are real.

    Parameters
    ----------
    seed
        All randomness follows from it.
    quarters
        In order of time.
    people
        In order of their ids.
    lift
        True change of all questions from a quarter on, in standard deviations.
    item_lift
        True change of one question from a quarter on: (quarter, question) to standard deviations.
    abroad_from
        First quarter in which overseas customers answer; None for never.
    dirt
        How many rows of each kind of dirt a quarter holds.
    records
        Whether the company keeps tables beside the answers: customers, complaints, orders and the like.
    """

    seed: int
    quarters: tuple[str, ...]
    people: tuple[Person, ...]
    lift: Mapping[str, float] = field(default_factory=dict)
    item_lift: Mapping[tuple[str, str], float] = field(default_factory=dict)
    abroad_from: str | None = None
    dirt: Mapping[str, int] = field(default_factory=dict)
    records: bool = False

    def mean(self, person: Person, quarter: str, question: str) -> float:
        """Return where a person's answers to a question lie in a quarter."""
        lift = sum(size for since, size in self.lift.items() if since <= quarter)
        own = [
            size for (since, item), size in self.item_lift.items() if item == question and since <= quarter
        ]
        return person.effect + EASE[question] + lift + sum(own)


_OPENED = dt.date(2022, 3, 1)
_EFFECTS = (0.04, -0.09, 0.12, 0.01, 0.65, -0.05, 0.08, -0.02, -0.12, 0.03, 0.1, -0.07,
            0.0, 0.06, -0.1, 0.02, -0.55, 0.09, -0.04, 0.05, -0.08, 0.11, -0.01, 0.07)  # fmt: skip
_ANSWERS = (68, 45, 30, 52, 132, 24, 61, 18, 38, 74, 27, 49,
            35, 58, 21, 44, 128, 16, 33, 55, 29, 41, 23, 36)  # fmt: skip
_TEAMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "华东": ("王芳", "李建国", "张晓敏", "刘洋", "陈静怡", "杨帆"),
        "华南": ("黄志强", "周雪", "吴昊", "徐丽娜", "孙鹏", "马晓云"),
        "华北": ("朱文博", "胡敏", "郭晓东", "何雨桐", "高翔", "林小雅"),
        "西南": ("罗成", "郑佳慧", "梁宇", "谢婷", "䶮思远", "唐小川"),
    }
)

_LEAVE: Mapping[int, tuple[dt.date, dt.date, str]] = MappingProxyType(
    {
        7: (dt.date(2026, 6, 15), dt.date(2026, 7, 27), "parental"),
        2: (dt.date(2026, 7, 20), dt.date(2026, 8, 3), "annual"),
        10: (dt.date(2025, 11, 10), dt.date(2025, 12, 8), "sick"),
        18: (dt.date(2026, 5, 6), dt.date(2026, 5, 16), "annual"),
    }
)
"""Absences by place of the person, within quarters and across their ends."""

DIRT: Mapping[str, int] = MappingProxyType(
    {
        "duplicate": 8,
        "blank": 10,
        "careless": 12,
        "fast": 5,
        "out_of_range": 4,
        "not_a_number": 2,
        "odd_digits": 6,
        "unattributed": 3,
        "hostile": 9,
    }
)
"""Rows of each kind in a quarter; `careless` is fast and straight at once, `fast` is fast alone."""


def _yunling() -> World:
    names = [(team, name) for team, members in _TEAMS.items() for name in members]
    people = [
        Person(
            id=f"S{place + 1:02d}",
            name=name,
            answers=_ANSWERS[place],
            effect=_EFFECTS[place],
            spells=(Spell(team=team, start=_OPENED),),
            abroad=0.3 if place in (0, 4, 9, 19) else 0.0,
        )
        for place, (team, name) in enumerate(names)
    ]
    move, leave, join = dt.date(2026, 5, 18), dt.date(2026, 3, 2), dt.date(2025, 8, 18)
    people[9] = _with_spells(people[9], ("华南", _OPENED, move), ("华东", move, None))
    people[14] = _with_spells(people[14], ("华北", _OPENED, leave))
    people[21] = _with_spells(people[21], ("西南", join, None))
    august = dt.date(2026, 8, 17)
    people[23] = _with_spells(people[23], ("西南", _OPENED, august), ("华南", august, None))
    for place, absence in _LEAVE.items():
        people[place] = replace(people[place], leave=(absence,))
    first = Period.parse("2026Q3").last(8)
    return World(
        seed=20261001,
        quarters=tuple(map(str, first)),
        people=tuple(people),
        lift={"2024Q4": -0.15, "2025Q2": 0.15},
        item_lift={("2026Q3", "speed"): 0.26},
        abroad_from="2026Q1",
        dirt=DIRT,
        records=True,
    )


def _with_spells(person: Person, *spells: tuple[str, dt.date, dt.date | None]) -> Person:
    return replace(
        person, spells=tuple(Spell(team=team, start=start, end=end) for team, start, end in spells)
    )


YUNLING = _yunling()
"""The sample study: 24 specialists in four teams; a joiner, a leaver, two moves within a quarter, leaves."""

STARTER = World(
    seed=7,
    quarters=("2026Q2", "2026Q3"),
    people=tuple(
        replace(person, answers=answers, abroad=0.0)
        for person, answers in zip(YUNLING.people[:8], (60, 45, 30, 52, 70, 24, 61, 36), strict=True)
    ),
    dirt={kind: min(count, 3) for kind, count in DIRT.items()},
)
"""What `survey-kpi init` writes: eight specialists and two quarters."""
