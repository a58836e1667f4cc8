"""One voice for every mistake."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import MethodError, Problem, SchemaError, SpecError, nearest


def test_a_message_says_where_what_got_expected_and_a_hint():
    error = SchemaError(
        "column_missing",
        where="responses",
        what="column 'q3' is missing",
        got="['q1']",
        expected="q3",
        hint="did you mean 'q1'?",
    )
    assert str(error) == (
        "responses: column 'q3' is missing; got ['q1'], expected q3. [column_missing] "
        "Hint: did you mean 'q1'?"
    )
    assert isinstance(error, ValueError)


def test_many_problems_one_error_and_it_crosses_processes():
    problems = [Problem(code=f"c{place}", where="w", what="x") for place in range(3)]
    error = pickle.loads(pickle.dumps(MethodError.collect(problems)))
    assert [problem.code for problem in error.problems] == ["c0", "c1", "c2"] and error.code == "c0"
    assert str(error).count("\n") == 2
    with pytest.raises(ValueError, match="at least one"):
        SpecError.collect([])


@given(st.text(), st.lists(st.text(max_size=8), max_size=20))
def test_nearest_never_fails_and_names_only_choices(name, choices):
    hint = nearest(name, choices)
    assert isinstance(hint, str)
    assert nearest("anything", []) == ""
