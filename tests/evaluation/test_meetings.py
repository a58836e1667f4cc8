"""Agenda and minutes of review meetings: read with every mistake named, told to the team they are about."""

from __future__ import annotations

import dataclasses
import shutil

import pytest

from survey_kpi.errors import SpecError
from survey_kpi.evaluation import check_study, open_study
from survey_kpi.evaluation.meetings import read_meetings, review
from survey_kpi.period import Period

GOOD = """schema_version: 1
wanted:
  - text: { zh: 是否增加周末值班, en: Whether to staff weekends }
    team: 华东
  - text: { zh: 是否翻译问卷, en: Whether to translate the questionnaire }
questions:
  - text: { zh: 为什么响应变快？, en: Why are we faster }
    team: team:华北
appeals: { 华东: 2, 华北: 0 }
decisions:
  - { decision: 48小时内回电, owner: 客户服务部, date: 2026-12-15, team: 华南 }
"""


@pytest.fixture
def study(root, tmp_path):
    """The sample's declarations in a folder of their own, with an empty folder of meetings."""
    folder = tmp_path / "studies/sample"
    shutil.copytree(root / "studies/sample", folder)
    (folder / "meetings").mkdir()
    return open_study(folder, data=root / "data/raw/sample")


def write(study, name, text):
    from pathlib import Path

    Path(study.root, "meetings", name).write_text(text, "utf-8")


@pytest.mark.row("G11")
def test_a_team_has_its_own_and_everybodys(study, quarter):
    write(study, "2026Q3.yaml", GOOD)
    write(study, "2026Q2.yaml", GOOD)
    found = review(dataclasses.replace(quarter, study=study)).teams
    assert [one.text.en for one in found["team:华东"].wanted] == [
        "Whether to staff weekends",
        "Whether to translate the questionnaire",
    ]
    assert len(found["team:华南"].wanted) == 1 and len(found["team:华北"].questions) == 1
    assert (found["team:华东"].appeals, found["team:华北"].appeals, found["team:西南"].appeals) == (
        2,
        0,
        None,
    )
    assert [one.owner for one in found["team:华南"].earlier] == ["客户服务部"] and not found[
        "team:华东"
    ].earlier
    assert all(one.people >= 5 for one in found.values())
    assert [row.action_id for row in found["team:华北"].actions] == ["T3", "T2"]


@pytest.mark.row("G11")
def test_check_refuses_a_decision_without_owner_or_date(study):
    write(
        study,
        "2026Q3.yaml",
        "schema_version: 1\ndecisions:\n  - { decision: call back, owner: support }\n  - { date: soon }\n",
    )
    with pytest.raises(SpecError) as caught:
        check_study(study.root, data=study.data_dir)
    told = [str(problem) for problem in caught.value.problems]
    assert [problem.code for problem in caught.value.problems] == ["decision_incomplete"] * 3 + [
        "decision_date"
    ]
    assert told[0].startswith("2026Q3.yaml: decisions[0], line 3: the decision has no date")
    assert "decisions[1], line 4: the decision has no decision" in told[1]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("2026-08.yaml", "schema_version: 1\n", "period_too_short_for_grade"),
        ("august.yaml", "schema_version: 1\n", "period_format"),
        ("2026Q3.yaml", "schema_version: 1\ndecsions: []\n", "unknown_key"),
        ("2026Q3.yaml", "schema_version: 1\nappeals: { 华冬: 1 }\n", "unknown_team"),
        (
            "2026Q3.yaml",
            "schema_version: 1\nwanted: [{ text: { zh: 是, en: yes }, team: 花东 }]\n",
            "unknown_team",
        ),
        ("2026Q3.yaml", "a: [", "yaml_syntax"),
    ],
)
def test_mistakes_of_a_meeting_are_named(study, name, text, code):
    write(study, name, text)
    with pytest.raises(SpecError) as caught:
        read_meetings(study)
    assert caught.value.code == code


def test_no_meeting_is_no_mistake_and_a_month_has_none(study, quarter):
    assert read_meetings(study) == {}
    month = dataclasses.replace(quarter, study=study, period=Period.parse("2026-08"))
    with pytest.raises(SpecError, match="period_too_short_for_grade"):
        review(month)
