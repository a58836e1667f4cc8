"""Laws of exposure and of targets by days: what is split adds up, what did not change counts as before."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SpecError
from survey_kpi.evaluation.circumstances import EVERYBODY
from survey_kpi.evaluation.doubting import broken
from survey_kpi.evaluation.exposure import exposure_of, multiplied
from survey_kpi.evaluation.own_targets import check_own_goals, own_goals
from survey_kpi.period import Period
from survey_kpi.scoring.totals import points_of
from survey_kpi.study.goals import Goal, Goals
from survey_kpi.study.models import Level

QUARTER = Period.parse("2026Q3")
YEAR = Period.parse("2026Q3-R4")
WORDS = {"zh": "目标", "en": "goal"}
PERSON = Level(id="specialist", label=WORDS, column="specialist_id", people=True)
TEAM = Level(id="team", label=WORDS, column="team", via="specialists")
DAYS = st.dates(dt.date(2026, 7, 2), dt.date(2026, 9, 30))


def spells(*rows):
    base = {"specialist_id": "s1", "valid_from": "2020-01-01", "valid_to": None, "team": "east", "fte": 1.0}
    table = pd.DataFrame([{**base, **row} for row in rows])
    return table.assign(**{name: pd.to_datetime(table[name]) for name in ("valid_from", "valid_to")})


@given(day=DAYS, first=st.floats(0, 1), second=st.floats(0, 1))
def test_shares_of_a_person_who_moves_add_up_over_spells_and_teams(day, first, second):
    moved = spells({"valid_to": day, "fte": first}, {"valid_from": day, "team": "west", "fte": second})
    found = exposure_of(moved, [PERSON, TEAM], QUARTER)
    before = (day - QUARTER.start).days
    whole = (before * first + (92 - before) * second) / 92
    assert found.of("s1") == pytest.approx(whole)
    assert found.of("team:east") + found.of("team:west") == pytest.approx(whole)


@given(day=DAYS)
def test_a_spell_cut_in_two_changes_nothing(day):
    whole, cut = spells({}), spells({"valid_to": day}, {"valid_from": day})
    for period, share in ((QUARTER, 1.0), (YEAR, 4.0)):
        assert exposure_of(whole, [PERSON], period).of("s1") == share
        assert exposure_of(cut, [PERSON], period).of("s1") == pytest.approx(share)


def test_who_is_not_employed_is_asked_nothing_and_who_is_not_known_everything():
    people = spells({"valid_to": "2026-01-01"})
    found = exposure_of(people, [PERSON], QUARTER)
    assert (found.of("s1"), found.of("s9")) == (0.0, 1.0)
    assert np.isnan(multiplied(20.0, found.of("s1")))
    assert exposure_of(None, [PERSON], YEAR).of("s1") == 4.0
    assert exposure_of(None, [PERSON], Period.parse("2026-07")).of("s1") == pytest.approx(31 / 92)


def with_goals(sample, *goals):
    return sample.model_copy(update={"goals": Goals(schema_version=1, goals=goals)})


def goal(target, agreed, **more):
    base = {"goal_id": "g", "text": WORDS, "indicator": "A01", "unit": "percent", "agreed_by": ("a", "b")}
    owner = {"level": "person", "id": "S05"}
    return Goal(**{**base, "owner": owner, "target": target, "agreed_on": agreed, **more})


@given(first=DAYS, gap=st.integers(1, 60), due=st.dates(dt.date(2026, 7, 10), dt.date(2027, 1, 1)))
def test_days_of_the_targets_make_up_the_period(sample, first, gap, due):
    second = first + dt.timedelta(days=gap)
    study = with_goals(sample, goal(80.0, first, due=due), goal(90.0, second, version=2, amends=1, due=due))
    for period in (QUARTER, YEAR):
        goals, table = own_goals(study, period, ["S04", "S05"], EVERYBODY)
        mine = next(one for one in goals if one.indicator == "A01")
        if mine.own is None:  # both hold before the quarter, or are due before it
            continue
        assert mine.own.share.sum(axis=1) == pytest.approx([1, 1])
        assert table["days"].sum() == (period.end - period.start).days
        assert mine.own.latest[1] == table["target"].iloc[-1] and set(table["subject"]) == {"S05"}
        assert mine.own.target[0, 0] == 85.0  # nobody else's target changes


@given(day=DAYS, value=st.floats(0, 100))
def test_a_version_with_the_same_target_changes_no_points(sample, day, value):
    study = with_goals(sample, goal(85.0, dt.date(2026, 6, 1)), goal(85.0, day, version=2, amends=1))
    goals, _ = own_goals(study, QUARTER, ["S05"], EVERYBODY)
    plain, _ = own_goals(with_goals(sample), QUARTER, ["S05"], EVERYBODY)
    points, expected = (points_of(np.array([[value]]), one[0], sample.rules.score) for one in (goals, plain))
    assert points == pytest.approx(expected)


def test_goals_of_the_company_or_of_another_measure_are_nobodys_own(sample):
    others = [
        goal(60.0, dt.date(2026, 6, 1), owner={"level": "company"}),
        goal(4.0, dt.date(2026, 6, 1), goal_id="h", indicator="A01.mean", unit="points"),
        goal(60.0, dt.date(2026, 6, 1), goal_id="i", indicator="A10"),
    ]
    goals, table = own_goals(with_goals(sample, *others), QUARTER, ["S05"], EVERYBODY)
    assert all(one.own is None for one in goals) and table.empty


def test_two_goals_on_one_day_are_refused(sample):
    study = with_goals(sample, goal(80.0, dt.date(2026, 6, 1)), goal(90.0, dt.date(2026, 7, 5), goal_id="h"))
    with pytest.raises(SpecError, match="2026-07-05") as refused:
        own_goals(study, QUARTER, ["S05"], EVERYBODY)
    assert refused.value.code == "goal_overlap"


def test_every_goal_that_no_score_can_be_held_against_is_told_by_check(sample):
    goals = (goal(0.0, dt.date(2024, 1, 1)), goal(90.0, dt.date(2024, 7, 5), goal_id="h"))
    with pytest.raises(SpecError) as refused:
        check_own_goals(with_goals(sample, *goals))
    assert [problem.code for problem in refused.value.problems] == ["goal_overlap", "target_degenerate"]
    check_own_goals(sample)
    step = sample.rules.score.model_copy(update={"formula": "step"})
    rules = sample.rules.model_copy(update={"score": step})
    check_own_goals(with_goals(sample, goals[0]).model_copy(update={"rules": rules}))


@pytest.mark.parametrize(
    ("defined", "period", "expected"),
    [
        (dt.date(2026, 8, 1), QUARTER, True),
        (dt.date(2026, 7, 1), QUARTER, False),
        (dt.date(2026, 10, 1), QUARTER, False),
        (dt.date(2026, 2, 1), YEAR, True),
    ],
)
def test_a_definition_agreed_inside_the_period_breaks_it(sample, defined, period, expected):
    sheets = tuple(
        each.model_copy(update={"defined_on": defined if each.id == "A07" else None})
        for each in sample.indicators.indicators
    )
    study = sample.model_copy(
        update={"indicators": sample.indicators.model_copy(update={"indicators": sheets})}
    )
    assert (broken(study, {}, period) == {"A07": ("definition_break",)}) == expected


def test_words_that_change_between_the_quarters_of_the_pool_break_the_pool_alone(sample):
    asked = {("A01", QUARTER.shift(-1)): frozenset({"old"}), ("A01", QUARTER): frozenset({"new"})}
    assert broken(sample, asked, QUARTER) == {}
    assert broken(sample, asked, YEAR) == {"A01": ("definition_break",)}
    assert "A01" in broken(sample, {("A01", QUARTER): frozenset({"old", "new"})}, QUARTER)
