"""Importance scores as rows: read whole or refused by name."""

import pandas as pd
import pytest

from survey_kpi.errors import MethodError
from survey_kpi.indicator_weights import read_ratings

COLUMNS = ["expert_id", "indicator", "score"]


def rows(*entries):
    return pd.DataFrame(entries, columns=COLUMNS)


def test_the_order_of_rows_does_not_matter_and_a_gap_stays_a_gap():
    table = read_ratings(rows(("e2", "b", 1), ("e1", "b", 2), ("e1", "a", 3)), ["a", "b"])
    assert table.to_dict("index")["e1"] == {"a": 3, "b": 2}
    assert list(table.index) == ["e1", "e2"] and pd.isna(table.loc["e2", "a"])


def test_an_expert_whose_cells_are_all_empty_is_still_there():
    assert list(read_ratings(rows(("e1", "a", 1), ("e2", "a", None)), ["a"]).index) == ["e1", "e2"]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "rating_missing"),
        ([(None, "a", 1)], "expert_missing"),
        ([("e1", "c", 1)], "rating_unknown"),
        ([("e1", "a", 1), ("e1", "a", 1)], "rating_repeated"),
    ],
)
def test_what_is_unfit_is_refused_by_name(entries, code):
    with pytest.raises(MethodError) as refusal:
        read_ratings(rows(*entries), ["a", "b"])
    assert [problem.code for problem in refusal.value.problems] == [code]


def test_all_mistakes_are_told_at_once():
    with pytest.raises(MethodError) as refusal:
        read_ratings(rows((None, "a", 1), ("e1", "c", 1), ("e1", "b", 1), ("e1", "b", 2)), ["a", "b"])
    assert [p.code for p in refusal.value.problems] == ["expert_missing", "rating_unknown", "rating_repeated"]
