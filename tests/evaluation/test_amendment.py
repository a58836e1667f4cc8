"""One answer taken out, as a committee might decide: only what the answer was in changes."""

from __future__ import annotations

import pytest

from survey_kpi.evaluation import evaluate
from survey_kpi.facts import split_key
from survey_kpi.frozen import difference
from survey_kpi.sample.scaffold import scaffold


@pytest.fixture(scope="module")
def amended(tmp_path_factory):
    """Facts before and after, and the specialist and team of the answer that went."""
    folder = tmp_path_factory.mktemp("amended") / "ours"
    scaffold(folder)
    before = evaluate(folder, "2026Q3")
    rows = folder / "data/wjx_2026q3.csv"
    lines = rows.read_bytes().splitlines(keepends=True)
    gone = lines[-1].decode("utf-8-sig").split(",")
    rows.write_bytes(b"".join(lines[:-1]))
    after = evaluate(folder, "2026Q3")
    return before, after, gone[7]


def estimates(evaluation):
    """Facts of indicators: those of one subject, from its own answers."""
    return {
        key: fact
        for key, fact in evaluation.facts.items()
        if not key.split("/")[1].startswith(("param.", "score.", "tier.", "rows.", "rule.", "file."))
    }


def test_nobody_else_is_touched_by_one_answer_less(amended):
    before, after, specialist = amended
    found = difference(estimates(before), estimates(after))
    assert found.changes and found.equal > 2 * len(found.changes)
    levels = dict(zip(before.estimates["subject"], before.estimates["level"], strict=True))
    subjects = {split_key(change.key).subject for change in found.changes}
    assert sorted(levels[name] for name in subjects) == ["company", "specialist", "team"]
    assert specialist in subjects


def test_earlier_quarters_stay_as_they_were(amended):
    before, after, _ = amended
    found = difference(estimates(before), estimates(after))
    assert {change.key.partition("/")[0] for change in found.changes} == {"2026Q3"}


def test_what_rests_on_no_changed_fact_does_not_change(amended):
    """Every fact that differs was counted from the answers anew, or rests on one that differs."""
    before, after, _ = amended
    found = difference(before.facts, after.facts)
    changed = {change.key for change in found.changes}
    for key in changed:
        fact = after.facts.get(key) or before.facts[key]
        assert not fact.depends or changed & set(fact.depends), key
