"""How numbers read."""

import math
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.indicators.library import INDICATORS
from survey_kpi.report.tables import beside_edges, change_text, number, range_mark
from survey_kpi.report.wording import LANGUAGES, load
from survey_kpi.study.base import Unit


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (84.14999, "percent", "84.1%"),
        (-0.34, "points", "−0.3"),
        (-0.04, "points", "0.0"),
        (1234567.0, "count", "1,234,567"),
        (4.065, "score", "4.07"),
        (0.0332, "share", "0.033"),
    ],
)
def test_numbers(value, unit, text):
    assert number(value, unit) == text


UNITS = {measure.unit for row in INDICATORS.values() for measure in row.measures} | {*get_args(Unit)}


@pytest.mark.parametrize("unit", sorted(UNITS))
def test_every_unit_of_the_library_and_of_goals_can_be_printed_in_both_languages(unit):
    assert number(1234.5, unit, sign=False)[0] == "1"
    words = {language: load(language)[f"unit.{unit}"] for language in LANGUAGES}
    assert all(words.values())
    assert words["zh"] != words["en"] or unit == "percent"


def test_changes_carry_their_sign():
    assert change_text(4.14, "pp") == "+4.1"
    assert change_text(-4.14, "pp") == "−4.1"
    assert change_text(0.01, "pp") == "0.0"


def test_a_dash_never_stands_before_a_minus():
    assert range_mark(0.0, "en") == "–"
    assert "–" not in range_mark(-1.0, "en") + range_mark(-1.0, "zh")


def test_no_number_is_made_of_nothing():
    with pytest.raises(ValueError, match="state"):
        number(math.nan, "percent")


@given(st.floats(0, 120), st.sampled_from([[60.0, 80.0], [90.0, 100.0]]))
def test_the_printed_number_lies_on_the_same_side_of_every_edge(value, edges):
    shown = float(beside_edges(value, "points", edges).replace(",", ""))
    near = any(0 < abs(value - edge) < 5e-7 for edge in edges)
    assert near or all((shown >= edge) == (value >= edge) for edge in edges)


def test_79_96_is_never_80():
    assert beside_edges(79.96, "points", [80.0]) == "79.96"
    assert beside_edges(79.9999, "points", [80.0]) == "79.9999"
    assert beside_edges(80.0, "points", [80.0]) == "80.0"
