"""Subject columns by level: whose answer it is, at the time of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_kpi import engine
from survey_kpi.indicators.subjects import attach_levels, level_column
from survey_kpi.study.models import Level

PERSON = Level(id="specialist", label={"zh": "专员", "en": "specialist"}, column="specialist_id", people=True)
TEAM = Level(id="team", label={"zh": "团队", "en": "team"}, column="team", via="specialists")
TIER = Level(id="tier", label={"zh": "层级", "en": "tier"}, column="tier", via="customers")
LEVELS = (TEAM, PERSON, TIER)
DAY = pd.Timestamp("2026-07-01")


def spells(who: str, rows: list[tuple[object, ...]], *more: str) -> pd.DataFrame:
    columns = [who, "valid_from", "valid_to", *more]
    table = pd.DataFrame(rows, columns=columns)
    kinds = {name: "datetime64[us]" if name in columns[1:3] else "str" for name in columns}
    return table.astype(kinds)


SPECIALISTS = spells(
    "specialist_id",
    [
        ("s1", "2026-01-01", "2026-07-15", "east"),
        ("s1", "2026-07-15", None, "west"),
        ("s2", "2026-01-01", None, "north"),
    ],
    "team",
)
OWNERSHIP = spells(
    "customer_id",
    [
        ("c1", "2026-01-01", "2026-07-10", "s1"),
        ("c1", "2026-07-10", None, "s2"),
        ("c2", "2026-07-05", None, "s1"),
    ],
    "specialist_id",
)
CUSTOMERS = pd.DataFrame({"customer_id": ["c1", "c2"], "tier": ["high", "low"]})


def answers(rows: list[tuple[object, ...]], who: str = "customer_id") -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[who, "specialist_id", "submitted_at"]).astype(
        {who: "str", "specialist_id": "str", "submitted_at": "datetime64[us]"}
    )
    return table.assign(row_id=[f"r{place:02}" for place in range(len(table))])


def attached(rows: pd.DataFrame, *levels: Level, **tables: pd.DataFrame) -> dict[str, list[object]]:
    connection = engine.connect()
    frames = {name: engine.scan(table, connection=connection) for name, table in tables.items()}
    found = engine.collect(attach_levels(engine.scan(rows, connection=connection), levels, frames))
    found = found.sort_values("row_id")
    assert list(found["row_id"]) == sorted(rows["row_id"]), "no answer is lost and none is doubled"
    columns = [level_column(level) for level in levels]
    return {name: [None if pd.isna(one) else one for one in found[name]] for name in columns}


@pytest.mark.parametrize("listed", [False, True])
def test_a_study_without_levels_keeps_its_rows(listed: bool) -> None:
    rows = answers([("c1", "s1", DAY), ("c9", "s9", DAY)])
    assert attached(rows, **({"specialists": SPECIALISTS, "ownership": OWNERSHIP} if listed else {})) == {}


def test_without_tables_the_answer_says_whose_it_is() -> None:
    rows = answers([("c1", "s2", DAY), ("c1", None, DAY)])
    assert attached(rows, PERSON) == {"level specialist": ["s2", None]}


def test_whoever_has_no_spell_at_the_time_is_nobody() -> None:
    rows = answers([("c1", "s1", "2025-12-31"), ("c1", "s1", DAY), ("c1", "s9", DAY)])
    found = attached(rows, TEAM, PERSON, specialists=SPECIALISTS)
    assert found == {"level team": [None, "east", None], "level specialist": [None, "s1", None]}


def test_the_owner_of_the_day_has_the_answer_whoever_is_named() -> None:
    """The spell ends on the 10th, exclusive; the team is that of the owner, on the day of the answer."""
    times = ["2026-07-09 23:59", "2026-07-10 00:00", "2026-07-20"]
    rows = answers([*(("c1", "s2", time) for time in times), ("c2", "s2", "2026-07-20")])
    found = attached(rows, *LEVELS, specialists=SPECIALISTS, ownership=OWNERSHIP, customers=CUSTOMERS)
    assert found == {
        "level specialist": ["s1", "s2", "s2", "s1"],
        "level team": ["east", "north", "north", "west"],
        "level tier": ["high", "high", "high", "low"],
    }


def test_an_answer_of_a_customer_without_owner_belongs_to_nobody() -> None:
    """Before the first spell, and where no spell knows the customer: it counts for the company alone."""
    rows = answers([("c2", "s1", "2026-07-04"), ("c9", "s1", DAY)])
    found = attached(rows, PERSON, TIER, ownership=OWNERSHIP, customers=CUSTOMERS)
    assert found == {"level specialist": [None, None], "level tier": ["low", None]}


def test_without_a_customer_the_named_person_has_the_answer() -> None:
    rows = answers([(None, "s2", DAY), (None, None, DAY)])
    assert attached(rows, PERSON, ownership=OWNERSHIP) == {"level specialist": ["s2", None]}


def test_a_platforms_own_identifier_is_no_customer() -> None:
    """`respondent_id` is a customer's number only where ownership knows it."""
    rows = answers([("c1", "s2", DAY), ("c2", "s2", DAY), ("wx-77", "s2", DAY)], who="respondent_id")
    assert attached(rows, PERSON, ownership=OWNERSHIP) == {"level specialist": ["s1", None, "s2"]}


def test_answers_that_name_nobody_have_owners_all_the_same() -> None:
    rows = answers([("c1", None, DAY)]).drop(columns="specialist_id")
    assert attached(rows, PERSON, TEAM, ownership=OWNERSHIP, specialists=SPECIALISTS) == {
        "level specialist": ["s1"],
        "level team": ["east"],
    }


days = st.integers(0, 30).map(lambda day: DAY + pd.Timedelta(days=day))


@st.composite
def books(draw: st.DrawFn) -> pd.DataFrame:
    """Spells of three customers that follow one another, some with gaps, the last one perhaps open."""
    rows: list[tuple[object, ...]] = []
    for customer in ("c1", "c2", "c3"):
        edges = sorted(draw(st.sets(st.integers(0, 30), max_size=5)))
        for start, end in zip_longest(edges, edges[1:]):
            if draw(st.booleans()):
                stop = None if end is None else DAY + pd.Timedelta(days=end)
                rows.append(
                    (customer, DAY + pd.Timedelta(days=start), stop, draw(st.sampled_from(["s1", "s2"])))
                )
    return spells("customer_id", rows, "specialist_id")


@settings(max_examples=30, deadline=None)
@given(
    book=books(),
    given_answers=st.lists(
        st.tuples(
            st.sampled_from(["c1", "c2", "c3", "c4", None]), st.sampled_from(["s1", "s2", "s3", None]), days
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_ownership_decides_one_answer_at_a_time(
    book: pd.DataFrame, given_answers: list[tuple[object, ...]]
) -> None:
    """The same as looking owners up by hand: nobody else's answers move, and who is named never matters."""
    found = attached(answers(given_answers), PERSON, ownership=book)["level specialist"]
    assert found == [stated if customer is None else owner_of(book, customer, at)
                     for customer, stated, at in given_answers]  # fmt: skip


def owner_of(book: pd.DataFrame, customer: object, at: object) -> object:
    for row in book.itertuples():
        if row.customer_id == customer and row.valid_from <= at and not row.valid_to <= at:
            return row.specialist_id
    return None


def test_tables_that_no_level_asks_for_change_nothing() -> None:
    rows = answers([("c1", "s2", DAY)])
    tables: Mapping[str, pd.DataFrame] = {"ownership": OWNERSHIP, "specialists": SPECIALISTS}
    kind = Level(id="kind", label={"zh": "类", "en": "kind"}, column="kind")
    assert attached(rows.assign(kind="x"), kind, **tables) == {"level kind": ["x"]}
