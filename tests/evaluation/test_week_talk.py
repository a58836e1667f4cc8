"""A team's week: which answers and complaints fall into it, and what is known when it ends."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import SpecError, nearest
from survey_kpi.evaluation.teams import chosen_teams
from survey_kpi.evaluation.week_talk import Week, week_talk


@given(st.dates(min_value=dt.date(1900, 1, 1), max_value=dt.date(2100, 1, 1)))
def test_a_week_is_that_of_each_of_its_days(day):
    week = Week.parse(day.isoformat())
    assert week.start <= day < week.end and week.start.weekday() == 0
    assert Week.parse(str(week)) == week and week.before.end == week.start


@pytest.mark.parametrize("text", ["2026-W54", "2026-W00", "2026Q3", "2026-13-01", "week 3", "", "0000-W01"])
def test_what_is_no_week_is_refused(text):
    with pytest.raises(SpecError, match="week_format"):
        Week.parse(text)


@pytest.fixture(scope="module")
def talk(sample):
    return week_talk(sample, Week.parse("2026-08-12"))


@pytest.mark.row("M12")
def test_the_week_holds_the_complaints_opened_in_it(talk, root):
    table = pd.read_csv(
        root / "data/raw/sample/complaints.csv", encoding="gb18030", dtype=str
    ).drop_duplicates("工单号")
    opened = pd.to_datetime(table["受理时间"], errors="coerce")
    inside = table[(opened >= "2026-08-10") & (opened < "2026-08-17")]
    company = talk.teams["company"]
    assert company.opened == len(inside)
    assert dict(company.categories) == inside["类别"].value_counts().to_dict()
    assert sum(one.opened for name, one in talk.teams.items() if name != "company") <= company.opened


@pytest.mark.row("M12")
def test_times_are_those_of_two_weeks_as_known_when_each_ended(talk, root):
    table = pd.read_csv(
        root / "data/raw/sample/complaints.csv", encoding="gb18030", dtype=str
    ).drop_duplicates("工单号")
    opened, solved = (pd.to_datetime(table[name], errors="coerce") for name in ("受理时间", "解决时间"))
    mine = (opened >= "2026-08-10") & (opened < "2026-08-17")
    known = solved.where(solved < "2026-08-17")
    company = talk.teams["company"]
    assert company.now.n <= mine.sum() and company.now.conf_low < company.now.value < company.now.conf_high
    # by the end of the week at least half are resolved within the median, as far as the week saw them
    done = ((known - opened)[mine].dt.total_seconds() / 3600 <= company.now.value).sum()
    assert 0.35 * mine.sum() <= done <= 0.6 * mine.sum()
    earlier = (opened >= "2026-08-03") & (opened < "2026-08-10")
    assert company.before.n <= earlier.sum()


@pytest.mark.row("M12")
def test_comments_are_those_of_the_teams_answers(talk):
    teams = [one for name, one in talk.teams.items() if name != "company"]
    company = talk.teams["company"]
    for one in teams:
        assert set(one.comments) <= set(company.comments) and len(one.comments) <= one.answers
    assert sum(one.answers for one in teams) <= company.answers
    assert {"S01", "王芳"} <= talk.names
    assert [row.action_id for row in talk.teams["team:华北"].actions] == ["T3", "T2"]  # its own first


def test_a_week_before_everything_is_empty(sample):
    company = week_talk(sample, Week.parse("2019-W10")).teams["company"]
    assert (company.answers, company.opened, company.comments, company.categories) == (0, 0, {}, [])
    assert not company.now.measured and not company.actions


def test_a_team_is_called_by_id_name_or_subject_and_an_unknown_one_suggests_the_nearest(sample):
    subjects = ["company", "team:华东", "team:华南"]
    assert chosen_teams(["East China", "华东", "team:华南", "company"], sample, subjects) == [
        "team:华东",
        "team:华南",
        "company",
    ]
    with pytest.raises(SpecError) as caught:
        chosen_teams(["East Chine", "nobody"], sample, subjects)
    assert [problem.code for problem in caught.value.problems] == ["unknown_team"] * 2
    assert caught.value.problems[0].hint == nearest("East Chine", ["East China"])
