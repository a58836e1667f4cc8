"""Keys that lead somewhere, keys that do not, and nobody lost on the way."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SchemaError
from survey_kpi.estimate import State
from survey_kpi.sampling import UNATTRIBUTED, Link, attribute, match_keys, reconcile

KNOWN = {"s01", "s02", "s03"}


@pytest.mark.row("W03")
def test_fixture():
    """Fixture W03: 100 responses, 7 of unknown people: 93.0 % [86.25, 96.57], 7 listed, 100 in total."""
    keys = ["s01"] * 50 + ["s02"] * 43 + ["s98"] * 4 + [None] * 3
    found = match_keys(keys, KNOWN)
    rate = found.rate
    assert (round(rate.value, 2), round(rate.conf_low, 2), round(rate.conf_high, 2)) == (93.0, 86.25, 96.57)
    assert (rate.n, found.matched, len(found.unmatched), found.unused) == (100, 93, 7, ("s03",))
    assert Counter(one.reason for one in found.unmatched) == {"unknown": 4, "blank": 3}
    assert [one.row for one in found.unmatched] == list(range(94, 101))
    assert Counter(attribute(keys, KNOWN)) == {"s01": 50, "s02": 43, UNATTRIBUTED: 7}


def test_near_keys_are_named_and_not_used():
    found = match_keys(["S01", "ｓ０２", "s 03", "s04", " s01 "], KNOWN)
    assert [(one.key, one.near) for one in found.unmatched] == [
        ("S01", "s01"),
        ("ｓ０２", "s02"),
        ("s 03", "s03"),
        ("s04", ""),
    ]
    assert found.matched == 1


@given(st.lists(st.one_of(st.none(), st.text(max_size=4), st.sampled_from(sorted(KNOWN)))))
def test_every_row_is_in_one_place(keys):
    found, bucket = match_keys(keys, KNOWN), attribute(keys, KNOWN)
    assert found.matched + len(found.unmatched) == len(keys) == len(bucket)
    assert [row for row, name in enumerate(bucket, 1) if name == UNATTRIBUTED] == [
        one.row for one in found.unmatched
    ]


def test_a_blank_is_never_a_key():
    assert attribute(["", None], ["", None, "s01"]) == (UNATTRIBUTED, UNATTRIBUTED)
    assert match_keys([""], ["", "s01"]).unused == ("s01",)


def test_no_rows_no_rate():
    assert match_keys([], KNOWN).rate.state is State.UNAVAILABLE


LINK = Link(table="responses", column="owner", target="people", target_column="id")


def test_match_matrix():
    tables = {
        "responses": pd.DataFrame({"owner": [1, 2, None], "customer": ["a", "b", "c"]}),
        "people": pd.DataFrame({"id": ["1", None, "3"]}),
        "customers": pd.DataFrame({"id": ["a", "b", "c"]}),
    }
    tables["responses"]["owner"] = tables["responses"]["owner"].astype("Int64")
    other = Link(table="responses", column="customer", target="customers", target_column="id")
    found = reconcile(tables, [LINK, other])
    assert {link.column: match.matched for link, match in found.items()} == {"owner": 1, "customer": 3}
    assert [one.reason for one in found[LINK].unmatched] == ["unknown", "blank"]
    assert found[LINK].unused == ("3",)


def test_everything_missing_is_told_at_once():
    tables = {"responses": pd.DataFrame({"owners": []}), "persons": pd.DataFrame()}
    twice = Link(table="responses", column="owner", target="people", target_column="name")
    with pytest.raises(SchemaError) as caught:
        reconcile(tables, [LINK, twice])
    codes = [problem.code for problem in caught.value.problems]
    assert sorted(codes) == ["column_missing", "table_missing"]
    assert "did you mean 'owners'" in str(caught.value)
