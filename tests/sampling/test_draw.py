"""Drawing: the same seed gives the same people, weights give back the frame, exclusions are listed."""

from __future__ import annotations

import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_kpi.errors import IntegrityError, MethodError, SchemaError, SpecError
from survey_kpi.sampling import Drawn, contacted_recently, deviations, draw


def frame_of(sizes):
    stratum = [name for name, size in sizes.items() for _ in range(size)]
    ids = [f"c{number:04}" for number in range(len(stratum))]
    return pd.DataFrame({"customer_id": ids, "specialist_id": stratum})


A03 = frame_of({"s01": 523, "s02": 277, "s03": 131, "s04": 69})


def drawn_of(frame=A03, seed=20260701, **options):
    chosen = {"strata": ["specialist_id"], "n": 100, "draw_id": "d2026Q3"} | options
    return draw(frame, generator=np.random.default_rng(seed), **chosen)


@pytest.mark.row("A03")
def test_fixture():
    """Fixture A03: 52, 28, 13, 7; weights sum to 1,000; the same seed draws the same people."""
    drawn = drawn_of()
    assert [row.sample for row in drawn.strata] == [52, 28, 13, 7]
    assert drawn.sample["design_weight"].sum() == pytest.approx(1000)
    assert drawn.sample.equals(drawn_of().sample)
    assert drawn.list_hash == drawn_of().list_hash
    assert drawn.list_hash != drawn_of(seed=1).list_hash != drawn_of(seed=1, draw_id="d2026Q4").list_hash


def test_the_list_has_the_columns_of_the_invitations():
    drawn = drawn_of()
    assert list(drawn.sample) == [
        "customer_id",
        "specialist_id",
        "stratum",
        "inclusion_probability",
        "design_weight",
        "drawn_by",
        "draw_id",
    ]
    first = drawn.sample.iloc[0]
    assert first["inclusion_probability"] == pytest.approx(52 / 523)
    assert first["design_weight"] == pytest.approx(523 / 52)
    assert (first["drawn_by"], first["draw_id"], first["stratum"]) == ("program", "d2026Q3", "s01")


def test_the_order_of_the_frame_does_not_matter_and_the_frame_is_left_alone():
    turned = A03.sample(frac=1, random_state=4)
    before = turned.copy()
    assert drawn_of(turned).list_hash == drawn_of().list_hash
    pd.testing.assert_frame_equal(turned, before)


def test_every_sample_of_a_stratum_is_as_likely_as_any_other():
    """3,000 strata of five, two drawn from each: the ten pairs come up equally often."""
    frame = frame_of({f"s{number:04}": 5 for number in range(3000)})
    sample = drawn_of(frame, n=6000).sample
    place = sample["customer_id"].str[1:].astype(int) % 5
    pairs = place.groupby(sample["stratum"]).agg(tuple).value_counts()
    assert len(pairs) == 10
    assert stats.chisquare(pairs).pvalue > 0.001


frames = st.dictionaries(st.sampled_from("abcdefg"), st.integers(1, 40), min_size=1).map(frame_of)


@given(frames, st.floats(0, 1), st.integers(0, 2**32))
def test_weights_give_back_the_frame(frame, share, seed):
    fewest = frame["specialist_id"].nunique()
    n = fewest + int(share * (len(frame) - fewest))
    drawn = drawn_of(frame, seed, n=n)
    assert len(drawn.sample) == n == drawn.sample["customer_id"].nunique()
    sums = drawn.sample.groupby("stratum")["design_weight"].sum()
    for row in drawn.strata:
        assert sums[row.name] == pytest.approx(row.population)
        assert row.design_weight == pytest.approx(1 / row.inclusion_probability)
    assert not drawn.uncovered


def test_strata_without_anybody_are_named():
    drawn = drawn_of(frame_of({"a": 95, "b": 5}), n=5, at_least=0)
    assert [row.name for row in drawn.uncovered] == ["b"]
    assert drawn.uncovered[0].design_weight is None
    assert drawn.sample["design_weight"].sum() == 95


def test_strata_cross_columns_and_blanks_stay_in_the_frame():
    frame = pd.DataFrame(
        {"customer_id": range(6), "owner": ["s1", "s1", "s2", "s2", None, None], "tier": "high"}
    )
    drawn = drawn_of(frame, strata=["owner", "tier"], n=3)
    assert [(row.name, row.sample) for row in drawn.strata] == [
        ("(blank)×high", 1),
        ("s1×high", 1),
        ("s2×high", 1),
    ]


def test_without_strata_the_sample_is_simple():
    drawn = drawn_of(strata=[], n=10)
    assert [(row.name, row.frame, row.sample) for row in drawn.strata] == [("all", 1000, 10)]
    assert set(drawn.sample["design_weight"]) == {100.0}


def test_exclusions_are_listed_and_never_drawn():
    reasons = {f"c{number:04}": "invited lately" for number in range(500)} | {"gone": "left"}
    drawn = drawn_of(excluded=reasons, n=50)
    assert len(drawn.excluded) == 500
    assert (drawn.excluded[0].unit, drawn.excluded[0].stratum) == ("c0000", "s01")
    assert drawn.excluded[0].reason == "invited lately"
    assert not set(drawn.sample["customer_id"]) & set(reasons)
    assert (drawn.strata[0].frame, drawn.strata[0].population) == (523, 23)
    assert drawn.sample["design_weight"].sum() == pytest.approx(500)


def test_a_stratum_may_be_excluded_as_a_whole():
    reasons = dict.fromkeys(A03.query("specialist_id == 's04'")["customer_id"], "invited lately")
    last = drawn_of(excluded=reasons).strata[-1]
    assert (last.name, last.frame, last.population, last.sample) == ("s04", 69, 0, 0)
    assert last.inclusion_probability is None


@pytest.mark.parametrize(
    ("frame", "code", "words"),
    [
        (
            pd.DataFrame({"customer": ["c1"], "specialist_id": ["s1"]}),
            "column_missing",
            "did you mean 'customer'",
        ),
        (pd.DataFrame({"customer_id": ["c1", " "], "specialist_id": "s1"}), "id_missing", "rows 2"),
        (pd.DataFrame({"customer_id": ["c1", "c1 "], "specialist_id": "s1"}), "duplicate_id", "rows 1, 2"),
    ],
)
def test_a_frame_that_cannot_be_drawn_from_is_refused(frame, code, words):
    with pytest.raises(SchemaError, match=words) as caught:
        drawn_of(frame, n=1)
    assert caught.value.code == code


def test_all_wrong_identifiers_are_told_at_once():
    frame = pd.DataFrame({"customer_id": ["c1"] * 14 + [None], "specialist_id": "s1"})
    with pytest.raises(SchemaError, match="and 4 more") as caught:
        drawn_of(frame, n=1)
    assert [problem.code for problem in caught.value.problems] == ["id_missing", "duplicate_id"]


def test_strata_that_read_alike_are_refused():
    frame = pd.DataFrame({"customer_id": ["1", "2"], "a": ["x×y", "x"], "b": ["z", "y×z"]})
    with pytest.raises(SchemaError) as caught:
        drawn_of(frame, strata=["a", "b"], n=2)
    assert caught.value.code == "stratum_ambiguous"


@pytest.mark.parametrize("strata", [["stratum"], ["customer_id"], ["specialist_id", "specialist_id"]])
def test_names_that_the_list_needs_are_refused(strata):
    with pytest.raises(SpecError) as caught:
        drawn_of(A03.assign(stratum="a"), strata=strata)
    assert caught.value.code == "reserved_column"


def test_more_than_can_be_drawn_is_refused():
    with pytest.raises(MethodError, match="4 to 1000"):
        drawn_of(n=1001)


# --- contact fatigue ----------------------------------------------------------------------------------


def test_rest_between_invitations():
    sent = pd.DataFrame(
        {
            "customer_id": ["just", "rested", "twice", "twice", "unread", "later", None],
            "sent_at": [
                "2026-07-04T23:59:00+08:00",
                dt.datetime(2026, 7, 3, 9),
                "2025-01-01",
                dt.date(2026, 9, 30),
                "yesterday",
                "2026-11-01",
                "2026-09-30",
            ],
        }
    )
    found = contacted_recently(sent, on=dt.date(2026, 10, 1), rest_days=90)
    assert list(found) == ["just", "later", "twice", "unread"]
    assert found["twice"] == "invited on 2026-09-30, less than 90 days ago"
    assert found["unread"] == "invited on a day that cannot be read"


def test_times_of_a_read_table_count():
    sent = pd.DataFrame({"customer_id": ["a", "b"], "sent_at": pd.to_datetime(["2026-09-30", None])})
    assert set(contacted_recently(sent, on=dt.date(2026, 10, 1), rest_days=30)) == {"a", "b"}
    assert contacted_recently(sent.head(0), on=dt.date(2026, 10, 1), rest_days=30) == {}


def test_invitations_without_times_are_refused():
    with pytest.raises(SchemaError, match="sent_at"):
        contacted_recently(pd.DataFrame({"customer_id": ["a"]}), on=dt.date(2026, 10, 1), rest_days=30)


# --- deviations ---------------------------------------------------------------------------------------

LIST = drawn_of()


def test_a_list_that_was_followed_has_no_deviation():
    drawn = drawn_of()
    assert deviations(drawn, reversed(drawn.sample["customer_id"].tolist())) == ()


@given(st.sets(st.sampled_from(A03["customer_id"].tolist())))
def test_every_deviation_is_found(invited):
    ids = set(LIST.sample["customer_id"])
    found = {(one.unit, one.kind) for one in deviations(LIST, invited)}
    left_out = {(unit, "not_invited") for unit in ids - invited}
    assert found == left_out | {(unit, "not_drawn") for unit in invited - ids}


def test_double_and_blank_invitations_are_deviations():
    drawn = drawn_of()
    ids = drawn.sample["customer_id"].tolist()
    found = deviations(drawn, [*ids, f" {ids[3]} ", None])
    assert [(one.unit, one.kind, one.stratum) for one in found] == [
        ("", "not_drawn", ""),
        (ids[3], "invited_twice", "s01"),
    ]


def test_a_list_survives_its_file_and_not_a_change():
    drawn = drawn_of()
    text = drawn.sample.to_csv(index=False)
    back = Drawn(
        draw_id="d2026Q3",
        unit="customer_id",
        sample=pd.read_csv(io.StringIO(text), dtype=str),
        list_hash=drawn.list_hash,
    )
    assert deviations(back, drawn.sample["customer_id"]) == ()
    for change in (
        {"customer_id": "c9999"},
        {"stratum": "s09"},
        {"design_weight": "1"},
        {"design_weight": "x"},
    ):
        sample = back.sample.copy()
        sample.loc[0, list(change)] = list(change.values())
        changed = Drawn(draw_id="d2026Q3", unit="customer_id", sample=sample, list_hash=drawn.list_hash)
        with pytest.raises(IntegrityError) as caught:
            deviations(changed, [])
        assert caught.value.code == "verify"


def test_a_list_without_its_columns_is_refused():
    drawn = Drawn(draw_id="d", unit="customer_id", sample=pd.DataFrame({"stratum": []}), list_hash="")
    with pytest.raises(SchemaError) as caught:
        deviations(drawn, [])
    assert len(caught.value.problems) == 2
