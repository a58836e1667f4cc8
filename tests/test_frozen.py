"""Facts as published: equal facts give equal bytes, and a difference names what differs."""

from __future__ import annotations

import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import IntegrityError
from survey_kpi.estimate import State
from survey_kpi.facts import Fact
from survey_kpi.frozen import difference, from_parquet, to_parquet


def fact(key: str, value: float = 1.0, **others: object) -> Fact:
    state = State.MEASURED if value == value else State.SUPPRESSED
    return Fact(**{"key": key, "value": value, "unit": "percent", "state": state} | others)


def table(*facts: Fact) -> dict[str, Fact]:
    return {each.key: each for each in facts}


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
FACTS = st.dictionaries(NAMES, st.floats(allow_nan=True), max_size=6)


@given(FACTS)
def test_what_is_written_is_read_back(values):
    facts = table(*(fact(key, value, depends=("a", key)) for key, value in values.items()))
    content = to_parquet(facts)
    read = from_parquet(content)
    assert difference(facts, read).changes == () and list(read) == sorted(facts)
    assert [each.hash for each in read.values()] == [facts[key].hash for key in sorted(facts)]
    assert to_parquet(dict(reversed(facts.items()))) == content == to_parquet(read)


@given(FACTS, FACTS)
def test_every_fact_is_equal_or_told(before, after):
    old = table(*(fact(key, value) for key, value in before.items()))
    new = table(*(fact(key, value) for key, value in after.items()))
    found, back = difference(old, new), difference(new, old)
    assert found.equal + len(found.changes) == len(old.keys() | new.keys())
    assert found.count("appeared") == len(new.keys() - old.keys()) == back.count("vanished")
    assert found.count("changed") == back.count("changed")


def test_a_difference_tells_key_values_and_unit():
    before = table(fact("kept"), fact("moved", 40.0), fact("gone"), fact("hidden", math.nan))
    after = table(fact("kept"), fact("moved", 41.5), fact("new"), fact("hidden", math.nan))
    found = difference(before, after)
    assert [(each.key, each.kind, each.unit) for each in found.changes] == [
        ("gone", "vanished", "percent"),
        ("moved", "changed", "percent"),
        ("new", "appeared", "percent"),
    ]
    assert found.equal == 2
    moved = found.changes[1]
    assert moved.before and moved.after and (moved.before.value, moved.after.value) == (40.0, 41.5)


def test_words_are_no_numbers_but_a_unit_and_a_state_are():
    first = table(fact("a"))
    assert not difference(first, table(fact("a", formula="in other words", reason="why"))).changes
    assert difference(first, table(fact("a", unit="points"))).changes
    assert difference(first, table(fact("a", math.nan))).changes
    assert difference(first, table(fact("a", math.nextafter(1.0, 2.0)))).changes


def test_a_file_changed_by_hand_is_named():
    rows = pq.read_table(pa.BufferReader(to_parquet(table(fact("a", 1.0), fact("b", 2.0))))).to_pylist()
    rows[1]["value"] = 2.5
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    with pytest.raises(IntegrityError, match=r"facts\.parquet: 1 facts do not match.*got b") as caught:
        from_parquet(sink.getvalue().to_pybytes(), where="facts.parquet")
    assert caught.value.problems[0].code == "fact_changed"


def other_columns() -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"key": ["a"]}), sink)
    return bytes(sink.getvalue().to_pybytes())


@pytest.mark.parametrize("content", [b"", b"PAR1", b"key,value\n", other_columns()])
def test_another_file_is_refused(content):
    with pytest.raises(IntegrityError, match="no file of facts"):
        from_parquet(content)
