"""What changed between two codebooks, and what did not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.sampling import difference
from survey_kpi.study.models import Codebook


def item(item_id, words="", **fields):
    text = {"zh": f"题目 {words or item_id}", "en": f"Question {words or item_id}"}
    return {"id": item_id, "scale": "s", "label": text, "question": text, **fields}


def book(*items, fields=None, **scale):
    scales = {"s": {"low": 1, "high": 5} | scale}
    return Codebook.model_validate(
        {"schema_version": 1, "scales": scales, "items": items, "fields": fields or {}}
    )


def kinds(old, new):
    return [(change.kind, change.name) for change in difference(old, new)]


BASE = book(item("a"), item("b"), fields={"channel": {}})


def test_new_and_removed():
    new = book(item("a"), item("c"), fields={"mode": {}})
    assert kinds(BASE, new) == [("new", "c"), ("new", "mode"), ("removed", "b"), ("removed", "channel")]
    assert kinds(new, BASE) == [("new", "b"), ("new", "channel"), ("removed", "c"), ("removed", "mode")]


def test_renamed_keeps_its_words():
    found = difference(BASE, book(item("a"), item("q2", "  b "), fields={"channel": {}}))
    assert [(one.kind, one.name, one.before, one.after) for one in found] == [("renamed", "q2", "b", "q2")]


def test_a_renamed_item_shows_its_other_changes():
    new = book(item("a"), item("q2", "b", missing_codes=[9, "no answer"]), fields={"channel": {}})
    changes = difference(BASE, new)
    assert [one.kind for one in changes] == ["renamed", "missing_codes"]
    assert (changes[1].before, changes[1].after) == ("", "9, no answer")


def test_words_that_two_items_share_rename_nothing():
    old = book(item("a", "x"), item("b", "x"))
    new = book(item("c", "x"))
    assert kinds(old, new) == [("new", "c"), ("removed", "a"), ("removed", "b")]
    assert kinds(new, old) == [("new", "a"), ("new", "b"), ("removed", "c")]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"words": "better"}, "wording"),
        ({"missing_codes": [9]}, "missing_codes"),
        ({"reversed": True}, "scale"),
        ({"shift": -1}, "scale"),
        ({"labels": {"good": 5}}, "scale"),
        ({"role": "overall"}, "role"),
    ],
)
def test_changes_of_an_item(fields, kind):
    new = book(item("a", **fields), item("b"), fields={"channel": {}})
    assert kinds(BASE, new) == [(kind, "a")]


@pytest.mark.parametrize(
    "scale", [{"high": 7}, {"top_box": [5]}, {"integer": False}, {"labels": {5: {"zh": "好", "en": "Good"}}}]
)
def test_a_changed_scale_touches_every_item_on_it(scale):
    new = book(item("a"), item("b"), fields={"channel": {}}, **scale)
    assert kinds(BASE, new) == [("scale", "a"), ("scale", "b")]


def test_missing_codes_of_a_field():
    new = book(item("a"), item("b"), fields={"channel": {"missing_codes": ["-"]}})
    assert kinds(BASE, new) == [("missing_codes", "channel")]


def test_an_item_that_becomes_a_comment_loses_its_scale():
    new = book(item("a") | {"scale": None, "role": "comment"}, item("b"), fields={"channel": {}})
    scale = difference(BASE, new)[0]
    assert kinds(BASE, new) == [("scale", "a"), ("role", "a")]
    assert (scale.before, scale.after) == ("whole 1 to 5", "")


def test_headers_labels_and_dimensions_do_not_count():
    same = book(
        item("b"), item("a", headers=["Q1"], dimension="d"), fields={"channel": {"headers": ["来源"]}}
    )
    assert difference(BASE, same) == ()


books = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("uvw"), st.integers(0, 2)),
    min_size=1,
    unique_by=lambda row: row[0],
).map(lambda rows: book(*(item(name, words, shift=shift) for name, words, shift in rows)))


@given(books, books)
def test_every_item_is_accounted_for(old, new):
    found = difference(old, new)
    before, after = ({one.id for one in side.items} for side in (old, new))
    of = {kind: [one for one in found if one.kind == kind] for kind in ("new", "removed", "renamed")}
    renamed = {one.before for one in of["renamed"]}
    assert {one.name for one in of["new"]} | {one.name for one in of["renamed"]} == after - before
    assert {one.name for one in of["removed"]} | renamed == before - after
    assert len(renamed) == len(of["renamed"])


@given(books)
def test_nothing_changed_is_nothing(old):
    assert difference(old, old) == ()
