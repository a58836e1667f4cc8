"""What passes `validate` is plain data and comes out of papermill's cell as it went in."""

from __future__ import annotations

import ast
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import from_dict
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from survey_kpi.errors import SpecError
from survey_kpi.report.parameters import validate

CELL = """# Quarter and language of the report.
period = "2026Q3"
language: str = "en"  # zh or en
level = 0.95
top = 5
draft = False
subjects = ["s01"]
note = None
"""
DEFAULTS = {
    "period": "2026Q3",
    "language": "en",
    "level": 0.95,
    "top": 5,
    "draft": False,
    "subjects": ["s01"],
    "note": None,
}
RULES = {"language": {"choices": ["zh", "en"]}, "period": {"pattern": r"\d{4}Q[1-4]"}}


def content(source=CELL, rules=None, tags=("parameters",)):
    def cell(name, text, tags=()):
        return {
            "cell_type": "code",
            "id": name,
            "metadata": {"tags": list(tags)},
            "source": text,
            "outputs": [],
            "execution_count": None,
        }

    metadata = {"survey_kpi": {"parameters": RULES if rules is None else rules}}
    return {
        "cells": [cell("a", "import math"), cell("b", source, tags)],
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@pytest.fixture
def write(tmp_path):
    def write(*args, **kwargs):
        path = tmp_path / "card.ipynb"
        path.write_text(json.dumps(content(*args, **kwargs)), "utf-8")
        return path

    return write


def refused(path, values):
    with pytest.raises(SpecError) as caught:
        validate(path, values)
    return [(problem.code, problem.where, problem.what, problem.hint) for problem in caught.value.problems]


def test_defaults_stand_when_nothing_is_given(write):
    assert validate(write(), {}) == DEFAULTS


def test_given_values_replace_defaults(write):
    given = {
        "period": "2025Q1",
        "language": "zh",
        "level": 1,
        "top": 3,
        "draft": True,
        "subjects": [],
        "note": "x",
    }
    assert validate(write(), given) == given


def test_source_may_be_a_list_of_lines(tmp_path):
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(content(CELL.splitlines(keepends=True))), "utf-8")
    assert validate(path, {}) == DEFAULTS


def test_an_unknown_name_is_refused_with_the_nearest(write):
    assert refused(write(), {"perod": "2026Q3"}) == [
        (
            "unknown_parameter",
            "card.ipynb, parameter 'perod'",
            "the notebook has no such parameter",
            "did you mean 'period'?",
        )
    ]


def test_all_mistakes_are_told_at_once(write):
    codes = [code for code, *_ in refused(write(), {"perod": 1, "top": "5", "language": "fr"})]
    assert sorted(codes) == ["parameter_value", "parameter_value", "unknown_parameter"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("period", 2026),
        ("period", None),
        ("period", ["2026Q3"]),
        ("top", "5"),
        ("top", True),
        ("top", 5.0),
        ("draft", 1),
        ("draft", "False"),
        ("level", "0.95"),
        ("level", False),
        ("subjects", "s01"),
        ("subjects", [1]),
    ],
)
def test_a_value_of_another_type_is_refused(write, name, value):
    ((code, where, what, _),) = refused(write(), {name: value})
    assert (code, where) == ("parameter_value", f"card.ipynb, parameter '{name}'")
    assert what == "the value has another type than the default"


class Sly(str):
    def encode(self, *args, **kwargs):
        return b'"; import os; os.abort() #'


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1},
        ("a",),
        b"a",
        object(),
        Sly("2026Q3"),
        [Sly("s01")],
        [{"a": 1}],
        1j,
        math.nan,
        [math.inf],
        2**60,
        "\ud800",
        ["ok", "\udfff"],
        json,
    ],
    ids=lambda value: ascii(value)[:20],
)
def test_only_plain_data_pass(write, value):
    ((code, _, what, _),) = refused(write(), {"note": value})
    assert code == "parameter_value"
    assert what.encode("utf-8")


def test_a_refusal_can_be_printed_whatever_was_given(write):
    with pytest.raises(SpecError) as caught:
        validate(write(), {"note": "\ud800" + "x" * 1000})
    assert len(str(caught.value).encode("utf-8")) < 400


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("language", "fr", "choices"),
        ("language", "EN", "choices"),
        ("period", "2026Q5", "pattern"),
        ("period", "2026Q3\n", "pattern"),
        ("period", "x2026Q3", "pattern"),
    ],
)
def test_rules_of_the_metadata_hold(write, name, value, rule):
    ((code, _, what, _),) = refused(write(), {name: value})
    assert (code, what) == ("parameter_value", f"the value breaks the rule '{rule}'")


def test_true_is_not_one_of_the_choices_1_and_0(write):
    path = write("flag = None", rules={"flag": {"choices": [0, 1]}})
    assert validate(path, {"flag": 1}) == {"flag": 1}
    assert refused(path, {"flag": True})[0][0] == "parameter_value"


def test_a_default_must_keep_its_own_rule(write):
    assert (
        refused(write('language = "fr"', rules={"language": RULES["language"]}), {})[0][0]
        == "parameter_value"
    )


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"langage": {}}, "did you mean 'language'?"),
        ({"language": {"choice": []}}, "did you mean 'choices'?"),
        ({"language": {"choices": "zh"}}, ""),
        ({"period": {"pattern": "("}}, ""),
        ({"period": {"pattern": 7}}, ""),
    ],
)
def test_rules_that_cannot_be_read_are_refused(write, rules, told):
    ((code, where, _, hint),) = refused(write(rules=rules), {})
    assert (code, where, hint) == ("parameter_cell", "card.ipynb, metadata survey_kpi.parameters", told)


@pytest.mark.parametrize(
    ("source", "line", "what"),
    [
        ("a = 1; b = 2", 1, "two assignments stand on one line"),
        ("a = 1\nb = [1,\n 2]", 2, "an assignment runs over several lines"),
        ("a = 1\na = 2", 2, "'a' is assigned twice"),
        ("a = b = 1", 1, "this is not an assignment to one name"),
        ("a, b = 1, 2", 1, "this is not an assignment to one name"),
        ("a.b = 1", 1, "this is not an assignment to one name"),
        ("a: int", 1, "this is not an assignment to one name"),
        ("a += 1", 1, "this is not an assignment to one name"),
        ("import os", 1, "this is not an assignment to one name"),
        ("\n\nprint(1)", 3, "this is not an assignment to one name"),
        ("a = 1 + 1", 1, "'a' is not a plain literal"),
        ("a = f'{1}'", 1, "'a' is not a plain literal"),
        ("a = open('x')", 1, "'a' is not a plain literal"),
        ("a = {'b': 1}", 1, "'a' is not a plain literal"),
        ("a = (1, 2)", 1, "'a' is not a plain literal"),
        ("a = 1e999", 1, "'a' is not a plain literal"),
        ("a = b'x'", 1, "'a' is not a plain literal"),
    ],
)
def test_the_parameter_cell_holds_one_literal_on_a_line(write, source, line, what):
    ((code, where, told, _),) = refused(write(source, rules={}), {})
    assert (code, where, told) == (
        "parameter_cell",
        f"card.ipynb, cell tagged 'parameters', line {line}",
        what,
    )


@pytest.mark.parametrize("source", ["a = ", "%matplotlib inline", "!ls", "a = '\0'", "a = " + "9" * 5000])
def test_a_parameter_cell_that_is_not_python_is_refused(write, source):
    assert refused(write(source, rules={}), {})[0][0] == "parameter_cell"


def test_two_parameter_cells_are_refused(tmp_path):
    nb = content()
    nb["cells"].append(nb["cells"][1])
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(nb), "utf-8")
    assert refused(path, {})[0][2] == "2 cells carry the tag"


def test_a_notebook_without_parameter_cell_takes_none(write):
    path = write(tags=(), rules={})
    assert validate(path, {}) == {}
    assert refused(path, {"period": "2026Q3"})[0][0] == "unknown_parameter"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"cells": 1, "metadata": {}}',
        '{"cells": [1], "metadata": {}}',
        '{"cells": [{"metadata": {"tags": null}}], "metadata": {}}',
        '{"cells": [], "metadata": {"survey_kpi": {"parameters": {"a": 1}}}}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "n.ipynb"
    path.write_text(text, "utf-8")
    assert refused(path, {})[0][0] == "notebook_unreadable"


def test_a_file_that_is_absent_or_not_text_is_refused(tmp_path):
    assert refused(tmp_path / "absent.ipynb", {})[0][0] == "notebook_unreadable"
    (tmp_path / "n.ipynb").write_bytes(b"\xff\xfe\x00")
    assert refused(tmp_path / "n.ipynb", {})[0][0] == "notebook_unreadable"
    assert refused(tmp_path, {})[0][0] == "notebook_unreadable"


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)
HOSTILE = [
    '"',
    "'",
    '"""',
    "\\",
    '\\"',
    '\\\\"; import os #',
    "\n",
    "\r\n",
    "\x00",
    "\u2028",
    '"\nimport os\n"',
    "{x}",
    "{0}",
    "%s",
    "\\N{BULLET}",
    "\\u0022",
    "''' + open('x') + '''",
    "# x",
    "\U0001f600",
    "漢",
    "\x1b[31m",
    "\\",
    "\\\n",
    "__import__('os')",
]


def injected(values):
    """Return the source of the cell that papermill puts in."""
    nb = parameterize_notebook(
        load_notebook_node(from_dict(content())), values, kernel_name="python3", language="python"
    )
    (cell,) = [cell for cell in nb.cells if "injected-parameters" in cell.metadata.tags]
    return cell.source


def assert_only_data(values):
    statements = ast.parse(injected(values)).body
    assert [type(node) for node in statements] == [ast.Assign] * len(values)
    read = {node.targets[0].id: ast.literal_eval(node.value) for node in statements}
    assert read == values
    assert repr(read) == repr(values)  # -0.0 and True keep what they are


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_stays_text_in_the_cell(write, text):
    assert validate(write(), {"note": text})["note"] == text
    assert_only_data({"note": text, "after": [text, text]})


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=PLAIN)
def test_whatever_passes_comes_out_of_the_cell_as_it_went_in(write, value):
    assert_only_data({"note": validate(write(), {"note": value})["note"]})
