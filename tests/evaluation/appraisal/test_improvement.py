"""Actions and trainings: who was chosen, which quarters judge, and what cannot be judged."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from survey_kpi.evaluation.appraisal.improvement import chosen_people, improve
from survey_kpi.evaluation.appraisal.sources import open_sources
from survey_kpi.evaluation.appraisal.trainings import Quarters, quarters_of, usable_errors
from survey_kpi.period import Period


@dataclasses.dataclass(frozen=True)
class With:
    """The sample's sources with some tables replaced; None takes a table away."""

    real: object
    changed: dict
    changed_evaluation: object = None

    def __getattr__(self, name):
        return getattr(self.real, name)

    @property
    def evaluation(self):
        return self.changed_evaluation or self.real.evaluation

    @property
    def period(self):
        return self.real.period

    def has(self, *names):
        return all(self.changed.get(name, True) is not None for name in names) and self.real.has(*names)

    def table(self, name, *columns):
        table = self.changed.get(name)
        return self.real.table(name, *columns) if table is None else table


@pytest.fixture(scope="module")
def sources(quarter):
    return open_sources(quarter)


@pytest.fixture(scope="module")
def found(sources):
    return improve(sources)


def of(found, action):
    return next(one for one in found.judged if one.action.action_id == action)


def actions(sources, **columns):
    table = sources.table("actions")
    return With(sources, {"actions": table[table["action_id"] == "T8"].assign(**columns)})


@pytest.mark.row("G10")
def test_the_effect_is_that_of_the_quarter_before_the_choice_less_the_others(found, quarter):
    """By hand for the action on two people, from the printed estimates alone."""
    one, table = of(found, "T8"), quarter.estimates
    assert [str(each) for each in one.quarters.all] == ["2025Q4", "2026Q1", "2026Q3"]
    mine = table[
        (table["indicator"] == "A01") & (table["measure"] == "top_box") & (table["level"] == "specialist")
    ]
    wide = mine.pivot_table(index="subject", columns="period", values="value")
    wide = wide[["2025Q4", "2026Q1", "2026Q3"]].dropna()
    change = wide["2026Q3"] - wide["2025Q4"]
    chosen = wide.index.isin(["S12", "S17"])
    net = change[chosen].mean() - change[~chosen].mean()
    raw = (wide["2026Q3"] - wide["2026Q1"])[chosen].mean()
    assert one.effect.effect.difference == pytest.approx(net)
    assert one.effect.raw.difference == pytest.approx(raw)
    assert (one.effect.chosen, one.effect.others) == (2, len(wide) - 2)
    key = "2026Q3/appraisal.action_effect{}/T8"
    assert found.facts[key.format("")].value == pytest.approx(net)
    assert found.facts[key.format("_low")].value < net < found.facts[key.format("_high")].value


@pytest.mark.row("G10")
def test_verdicts_share_their_budget(found):
    """Two actions tested, none claimed: each at half of 5 %, and the interval printed is that of its test."""
    assert found.facts["2026Q3/appraisal.actions_tested/company"].value == 2
    assert found.level == pytest.approx(0.025)
    for one in found.judged:
        if one.effect:
            assert one.effect.level == found.level
            assert one.interval == pytest.approx(tuple(one.effect.effect.interval(found.level)))
            assert one.detectable == (one.effect.effect.p_value <= found.level)


@pytest.mark.row("G10")
def test_an_action_for_all_or_dropped_is_never_judged(found):
    assert {one.action.action_id: one.reason for one in found.judged} == {
        "T1": "everybody", "T4": "dropped", "T7": "", "T8": "",
    }  # fmt: skip
    assert all(not one.detectable for one in found.judged if one.reason)
    fact = found.facts["2026Q3/appraisal.action_effect/T1"]
    assert fact.state == "unavailable" and np.isnan(fact.value)


@pytest.mark.row("G10")
def test_a_planted_effect_is_found_and_noise_is_not(sources):
    """Forty points more for two people in the quarter after, and nothing else."""
    table = sources.evaluation.estimates
    helped = (
        (table["indicator"] == "A01")
        & (table["measure"] == "top_box")
        & table["subject"].isin(["S12", "S17"])
        & (table["period"] == "2025Q4")
    )
    lower = table.assign(value=table["value"].where(~helped, table["value"] - 40))
    changed = dataclasses.replace(sources.evaluation, estimates=lower)
    only = actions(sources)
    one = improve(With(sources, only.changed, changed)).judged[0]
    assert one.effect.verdict == "improved" and one.detectable
    assert not improve(only).judged[0].detectable


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"scope": "nobody at all"}, "nobody"),
        ({"scope": "company"}, "everybody"),
        ({"scope": None}, "everybody"),
        ({"status": "dropped"}, "dropped"),
    ],
)
def test_what_cannot_be_judged_says_why(sources, change, reason):
    assert improve(actions(sources, **change)).judged[0].reason == reason


def test_too_few_others_are_no_comparison(sources):
    names = sorted(set(sources.table("specialists")["specialist_id"]))
    kept = [name for name in names if name not in {"S01"}]
    one = improve(actions(sources, scope=",".join(kept))).judged[0]
    assert one.reason == "too_few_others"


def test_an_indicator_of_tables_is_judged_on_the_same_quarters(sources):
    """Persons' figures of earlier quarters are not in the evaluation: they are counted again."""
    one = improve(actions(sources, indicator="A10", scope="team:华北")).judged[0]
    assert one.measure == "on_time"
    assert one.effect is not None or one.reason == "not_measured"
    assert one.effect is None or one.effect.chosen >= 2


def test_groups_are_those_of_the_spell_when_people_were_chosen(sources):
    people = pd.Index(["S01", "S10", "S12"])
    quarters = quarters_of(dt.date(2026, 4, 1), Period.parse("2026Q3"))
    by_level = chosen_people("team:华南", people, sources, quarters)
    assert by_level == chosen_people("华南", people, sources, quarters)
    assert "S10" in by_level, "S10 moved to another team in May 2026, after the choice"
    later = Quarters(before=quarters.before, chosen=Period.parse("2026Q2"), after=quarters.after)
    assert "S10" not in chosen_people("team:华南", people, sources, later)
    assert chosen_people("S01; S12", people, sources, quarters) == {"S01", "S12"}
    assert chosen_people("company", people, sources, quarters) == set(people)


def test_four_quarters_are_judged_by_their_last(year):
    """Other periods look at the same actions; persons have no figures of single quarters there."""
    found = improve(open_sources(year))
    assert {one.action.action_id for one in found.judged} == {"T1", "T4", "T7", "T8"}
    assert {str(one.quarters.after) for one in found.judged} == {"2026Q3"}
    assert not any(one.detectable for one in found.judged)


@pytest.mark.row("P08")
def test_open_actions_stand_with_cost_and_benefit(found):
    due = [one.due for one in found.open]
    assert due == sorted(due) and [one.action_id for one in found.open] == ["T2", "T3"]
    assert found.facts["2026Q3/appraisal.action_cost/T2"].value == 80_000
    assert found.facts["2026Q3/appraisal.action_benefit_low/T2"].value == 60_000
    blank = found.facts["2026Q3/appraisal.action_benefit_low/T3"]
    assert np.isnan(blank.value) and blank.state == "unavailable"


def test_without_a_register_nothing_is_said(sources):
    nothing = improve(With(sources, {"actions": None, "training": None}))
    assert not nothing.declared and not nothing.judged and not nothing.open
    assert nothing.trainings is None


# --- trainings ------------------------------------------------------------------------------------------


def trained(sources, people, course="c1", **columns):
    rows = pd.DataFrame(
        {
            "person_id": people,
            "course_id": course,
            "completed_at": pd.Timestamp("2026-05-04"),
            "hours": 3.0,
            "passed": True,
        }
    ).assign(**columns)
    return improve(With(sources, {"training": rows})).trainings


@pytest.mark.row("P13")
def test_a_training_is_judged_by_those_not_trained(sources, quarter):
    together, alone = trained(sources, ["S01", "S02", "S03"])
    assert (together.course, alone.course) == ("all", "c1")
    assert (together.trained, together.hours) == (3, 9.0)
    table = quarter.estimates
    mine = table[
        (table["indicator"] == "A01") & (table["measure"] == "top_box") & (table["level"] == "specialist")
    ]
    x = (mine["value"] * mine["n"] / 100).round()
    counts = mine.assign(x=x).pivot_table(index="subject", columns="period", values=["x", "n"])
    counts = counts[[(name, each) for name in ("x", "n") for each in ("2025Q4", "2026Q3")]].dropna()
    inside = counts.index.isin(["S01", "S02", "S03"])
    share = {
        (group, each): 100 * counts["x"][each][mask].sum() / counts["n"][each][mask].sum()
        for group, mask in (("in", inside), ("out", ~inside))
        for each in ("2025Q4", "2026Q3")
    }
    raw = share["in", "2026Q3"] - share["in", "2025Q4"]
    net = raw - (share["out", "2026Q3"] - share["out", "2025Q4"])
    assert together.effect.raw == pytest.approx(raw)
    assert together.effect.net == pytest.approx(net)


@pytest.mark.row("P13")
def test_a_training_that_all_took_cannot_be_judged(found):
    (together,) = found.trainings
    assert (together.others, together.reason) == (0, "everybody")
    assert found.facts["2026Q3/appraisal.training_net/all"].state == "unavailable"


def test_courses_that_nobody_passed_train_nobody(sources):
    (together,) = trained(sources, ["S01", "S02"], passed=False)
    assert together.reason == "nobody"


# --- errors ---------------------------------------------------------------------------------------------


def test_a_figure_without_standard_error_takes_that_of_its_interval():
    rows = pd.DataFrame(
        {
            "std_error": [2.0, 0.0, np.nan, 0.0],
            "conf_low": [80.0, 70.0, 2.0, np.nan],
            "conf_high": [88.0, 100.0, np.inf, np.nan],
        }
    )
    found = usable_errors(rows)
    assert found[0] == 2.0
    assert found[1] == pytest.approx(15 / 1.959964, rel=1e-6)
    assert found[2:].isna().all()
