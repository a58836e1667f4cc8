"""Goals: what a company writes is checked before use, versions are kept, targets hold for their days."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import json
import math
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from survey_kpi.errors import Problem, SpecError
from survey_kpi.estimate import Estimate, State
from survey_kpi.period import Period
from survey_kpi.study import load_study
from survey_kpi.study.cascade import cascade, feasibility, relation
from survey_kpi.study.check_goals import lint
from survey_kpi.study.goals import Goal, absolute_target, rewritten, targets_in_force
from survey_kpi.study.models import Study
from survey_kpi.study.vocabulary import KpiWords, Vocabulary

Q3 = Period.parse("2026Q3")
VAGUE = {"goal_id": "vague", "text": {"zh": "提升客户体验", "en": "Improve the customer experience"}}
COVERAGE = {
    "goal_id": "coverage",
    "text": {
        "zh": "季度内高净值客户专属方案覆盖率达95%",
        "en": "Dedicated plans for 95 % of high-value customers within the quarter",
    },
    "indicator": "A48",
    "unit": "percent",
    "target": 95,
    "owner": {"level": "person", "id": "s07"},
    "due": "2026-09-30",
}
NPS_UP = {"text": {"zh": "NPS提升10%", "en": "NPS up 10%"}, "indicator": "A07", "target": 10, "baseline": 30}
NPS = {**COVERAGE, **NPS_UP}
SHEET = {
    "id": "A48",
    "kpi": "A48",
    "label": {"zh": "专属方案覆盖率", "en": "Dedicated-plan coverage"},
    "definition": {"zh": "有专属方案的高价值客户占比。", "en": "Share of high-value customers with a plan."},
}


def goal(**more: Any) -> Goal:
    return Goal.model_validate({**COVERAGE, **more})


@pytest.fixture
def words(vocabulary: Vocabulary) -> Vocabulary:
    """The library as far as the goals of this module name it."""
    rows = {
        **vocabulary.kpis,
        "A48": KpiWords(measures={"rate": "percent"}, headline="rate"),
        "A31": KpiWords(
            measures={"completeness": "percent", "completeness_records": "percent", "accuracy": "percent"},
            headline="completeness",
            conflated=True,
        ),
    }
    return Vocabulary(
        **{name: getattr(vocabulary, name) for name in vocabulary.__slots__ if name != "kpis"}, kpis=rows
    )


@pytest.fixture
def folder(root: Path, tmp_path: Path) -> Path:
    """The sample study with definition sheets for what the goals name."""
    shutil.copytree(root / "studies" / "sample", tmp_path / "study")
    path = tmp_path / "study" / "indicators.yaml"
    sheets = yaml.safe_load(path.read_text(encoding="utf-8"))
    sheets["indicators"] += [SHEET, {**SHEET, "id": "A31", "kpi": "A31"}]
    path.write_text(json.dumps(sheets, ensure_ascii=False, default=str), encoding="utf-8")
    return tmp_path / "study"


def declare(folder: Path, *goals: dict[str, Any], **more: Any) -> None:
    text = json.dumps({"schema_version": 1, "goals": list(goals), **more}, ensure_ascii=False, indent=1)
    (folder / "goals.yaml").write_text(text, encoding="utf-8")


def loaded(folder: Path, words: Vocabulary) -> Study:
    return load_study(folder, vocabulary=words)


def problems(folder: Path, words: Vocabulary, *goals: dict[str, Any]) -> list[Problem]:
    declare(folder, *goals)
    with pytest.raises(SpecError) as caught:
        loaded(folder, words)
    return list(caught.value.problems)


# --- the file -----------------------------------------------------------------------------------------


@pytest.mark.row("P09")
def test_a_study_without_goals_declares_none(folder: Path, words: Vocabulary) -> None:
    (folder / "goals.yaml").unlink(missing_ok=True)
    study = loaded(folder, words)
    assert study.goals.goals == () and study.goals.most_per_person == 7


def test_goals_are_part_of_the_rule_hash(folder: Path, words: Vocabulary) -> None:
    (folder / "goals.yaml").unlink(missing_ok=True)
    hashes = {loaded(folder, words).rule_hash}
    for target in (95, 96):
        declare(folder, {**COVERAGE, "target": target})
        hashes.add(loaded(folder, words).rule_hash)
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("change", "code", "where", "said"),
    [
        ({"taget": 95}, "unknown_key", "goals[0].taget", "did you mean 'target'?"),
        ({"unit": "percents"}, "unknown_name", "goals[0].unit", "'percent'"),
        ({"due": "30.9.2026"}, "value_type", "goals[0].due", "a date such as"),
        ({"owner": {"level": "persons"}}, "unknown_name", "goals[0].owner.level", "did you mean 'person'?"),
        ({"owner": {"level": "person"}}, "owner_missing", "goals[0].owner", "not named"),
        ({"indicator": "A48.rates"}, "unknown_name", "goals[0]", "did you mean 'rate'?"),
        ({"indicator": "A84"}, "smart_specific", "goals[0]", "'A84', which is not declared"),
        ({"unit": "hours"}, "unit_unfit", "goals[0]", "got hours, expected percent"),
        ({"unit": "pp"}, "baseline_missing", "goals[0]", "no baseline"),
        ({"parent_id": "companny"}, "unknown_name", "goals[0].parent_id", "did you mean 'company'?"),
        ({"parent_id": "coverage"}, "goal_cycle", "goals[0].parent_id", "serves itself"),
        ({"text": {"zh": "目标"}}, "language_missing", "goals[0].text.en", "no en words"),
    ],
)
def test_mistakes_in_goals_are_named_with_their_place(
    folder: Path, words: Vocabulary, change: dict[str, Any], code: str, where: str, said: str
) -> None:
    company = {**COVERAGE, "goal_id": "company", "owner": {"level": "company"}}
    (found,) = problems(folder, words, {**COVERAGE, **change}, company)
    assert found.code == code and said in str(found)
    assert found.where.startswith(f"goals.yaml: {where}") and ", line " in found.where


# --- M01, W13: SMART ----------------------------------------------------------------------------------


@pytest.mark.row("M01")
@pytest.mark.row("W13")
def test_a_goal_of_words_alone_has_four_errors_and_one_that_says_what_by_when_has_none(
    folder: Path, words: Vocabulary
) -> None:
    found = problems(folder, words, VAGUE)
    assert [problem.code for problem in found] == [
        "smart_specific",
        "smart_measurable",
        "smart_relevant",
        "smart_time",
    ]
    declare(folder, COVERAGE)
    assert loaded(folder, words).goals.goals[0].target == 95


@pytest.mark.row("M01")
def test_a_goal_is_relevant_through_an_owner_or_a_goal_above_it() -> None:
    codes = [code for code, *_ in lint(goal(owner=None), frozenset({"A48"}))]
    assert codes == ["smart_relevant"]
    assert list(lint(goal(owner=None, parent_id="above"), frozenset({"A48"}))) == []


def quarters(*values: float, error: float = 1.5) -> list[Estimate]:
    return [Estimate(value=value, n=100, std_error=error, unit="percent") for value in values]


@pytest.mark.row("M01")
def test_a_target_far_beyond_the_best_quarter_is_a_warning_and_without_history_a_note() -> None:
    past = quarters(88, 80, 81, 82, 83, 84, 85, 80, 80)
    edge = 85 + 2 * math.hypot(1.5, 1.5)  # 88 lies more than eight quarters back
    assert feasibility(edge - 0.01, past) is None
    found = feasibility(edge + 0.01, past)
    assert found is not None and (found.code, found.kind) == ("goal_out_of_reach", "warning")
    none = feasibility(90, [Estimate.missing(State.UNAVAILABLE, "no table", unit="percent")])
    assert none is not None and (none.code, none.kind) == ("goal_without_history", "note")


@pytest.mark.row("M01")
def test_feasibility_follows_the_direction() -> None:
    past = quarters(8, 6, 7, error=0.5)
    assert feasibility(5.5, past, direction="lower") is None
    found = feasibility(4, past, direction="lower")
    assert found is not None and "best of the last 3 quarters, 6" in found.message


# --- M03, T03: units ----------------------------------------------------------------------------------


@pytest.mark.row("M03")
def test_percentage_points_add_and_relative_percent_multiplies() -> None:
    raised = goal(baseline=80, target=5, unit="pp")
    assert absolute_target(raised) == 85.0
    assert absolute_target(raised.model_copy(update={"unit": "pct_rel"})) == 84.0
    assert absolute_target(goal()) == 95.0


@pytest.mark.row("M03")
@pytest.mark.row("M11")
def test_ten_percent_of_nps_asks_what_it_means(folder: Path, words: Vocabulary) -> None:
    (found,) = problems(folder, words, {key: value for key, value in NPS.items() if key != "unit"})
    assert found.code == "unit_missing"
    assert "30→33 (percent) or 30→40 (points)?" in str(found)
    with pytest.raises(SpecError, match="30→33"):
        absolute_target(goal(unit=None, **NPS_UP))


@pytest.mark.row("M03")
@given(
    baseline=st.floats(-100, 100, allow_nan=False),
    change=st.floats(-50, 50, allow_nan=False),
)
def test_both_kinds_of_change_agree_at_a_baseline_of_100(baseline: float, change: float) -> None:
    parts = {"target": change, "baseline": 100.0}
    assert absolute_target(goal(unit="pp", **parts)) == pytest.approx(
        absolute_target(goal(unit="pct_rel", **parts))
    )
    assert absolute_target(goal(unit="pct_rel", target=0, baseline=baseline)) == pytest.approx(baseline)


@pytest.mark.parametrize(
    ("more", "code"), [({"target": None}, "target_missing"), ({"unit": "pct_rel"}, "baseline_missing")]
)
def test_a_target_that_is_no_level_is_refused(more: dict[str, Any], code: str) -> None:
    with pytest.raises(SpecError) as caught:
        absolute_target(goal(**more))
    assert caught.value.code == code


def test_a_goal_on_a_joint_term_names_the_measure(folder: Path, words: Vocabulary) -> None:
    (found,) = problems(folder, words, {**COVERAGE, "indicator": "A31"})
    assert found.code == "conflated_indicator"
    assert "A31.completeness, A31.completeness_records, A31.accuracy" in str(found)
    declare(folder, {**COVERAGE, "indicator": "A31.accuracy"})
    assert loaded(folder, words).goals.goals[0].indicator == "A31.accuracy"


# --- M02, P09, T97: versions --------------------------------------------------------------------------

FIRST = {**COVERAGE, "target": 80, "agreed_by": ["s01", "s07"], "agreed_on": "2026-06-20"}
SECOND = {**FIRST, "target": 90, "agreed_on": "2026-08-16", "version": 2, "amends": 1}


@pytest.mark.row("M02")
@pytest.mark.row("P09")
def test_both_versions_of_an_amended_goal_hold_for_their_days(folder: Path, words: Vocabulary) -> None:
    declare(folder, FIRST, SECOND)
    goals = loaded(folder, words).goals.goals
    parts = targets_in_force(goals, Q3)["coverage"]
    assert [(part.goal.version, part.target, part.days, part.share) for part in parts] == [
        (1, 80.0, 46, 0.5),
        (2, 90.0, 46, 0.5),
    ]
    assert (parts[0].end, parts[1].end) == (dt.date(2026, 8, 16), dt.date(2026, 10, 1))


@pytest.mark.row("M02")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amends": None}, "does not name the version that it amends"),
        ({"version": 1, "amends": None}, "stands here twice"),
        ({"agreed_on": None}, "without a day and two people"),
        ({"agreed_by": ["s01"]}, "without a day and two people"),
        ({"agreed_by": ["s01", "s01"]}, "without a day and two people"),
        ({"agreed_on": "2026-06-01"}, "not agreed later"),
        ({"version": 3, "amends": 2}, "does not name the version"),
    ],
)
def test_a_target_changed_without_an_amendment_gives_no_score(
    folder: Path, words: Vocabulary, change: dict[str, Any], said: str
) -> None:
    changed = {key: value for key, value in {**SECOND, **change}.items() if value is not None}
    (found,) = problems(folder, words, FIRST, changed)
    assert found.code == "goal_changed_without_amendment" and said in found.what
    assert found.where.startswith("goals.yaml: goals[1], line ")
    with pytest.raises(SpecError) as caught:
        targets_in_force([Goal.model_validate(FIRST), Goal.model_validate(changed)], Q3)
    assert caught.value.code == "goal_changed_without_amendment"


@pytest.mark.row("M02")
def test_the_version_before_an_amendment_is_kept(folder: Path, words: Vocabulary) -> None:
    (found,) = problems(folder, words, SECOND)
    assert found.code == "goal_changed_without_amendment" and "not kept" in found.what


@pytest.mark.row("M02")
def test_a_published_version_is_neither_altered_nor_dropped() -> None:
    first, second = Goal.model_validate(FIRST), Goal.model_validate(SECOND)
    assert rewritten([first], [first, second]) == ()
    (altered,) = rewritten([first], [first.model_copy(update={"target": 70.0}), second])
    assert altered.code == "goal_changed_without_amendment"
    assert (altered.got, altered.expected) == ("target 70", "target 80")
    (gone,) = rewritten([first, second], [second])
    assert "gone" in gone.what


def test_a_goal_holds_from_its_agreement_to_its_due_day() -> None:
    assert targets_in_force([Goal.model_validate(FIRST)], Period.parse("2026Q4")) == {}
    late = Goal.model_validate({**FIRST, "agreed_on": "2026-09-01"})
    (part,) = targets_in_force([late], Q3)["coverage"]
    assert (part.days, part.share) == (30, 30 / 92)


@given(
    days=st.lists(st.dates(dt.date(2026, 6, 1), dt.date(2026, 10, 31)), min_size=1, max_size=6, unique=True)
)
def test_parts_follow_one_another_and_never_exceed_the_period(days: list[dt.date]) -> None:
    goals = [
        goal(agreed_on=day, agreed_by=("a", "b"), version=n, amends=n - 1 or None, due=None)
        for n, day in enumerate(sorted(days), start=1)
    ]
    parts = targets_in_force(goals, Q3).get("coverage", ())
    assert all(before.end == after.start for before, after in itertools.pairwise(parts))
    start = max(min(days), Q3.start)
    assert sum(part.days for part in parts) == max(0, (Q3.end - start).days)


# --- M11: the tree ------------------------------------------------------------------------------------


def member(name: str, parent: str | None, level: str, owner: str | None = None) -> Goal:
    return goal(goal_id=name, parent_id=parent, owner={"level": level, "id": owner})


@pytest.mark.row("M11")
def test_orphans_are_listed_and_the_tree_goes_from_the_company_to_people() -> None:
    tree = cascade(
        [
            member("company", None, "company"),
            member("east", "company", "department", "east"),
            member("s07", "east", "person", "s07"),
            member("s08", "east", "person", "s08"),
            member("lost", None, "person", "s09"),
            member("dangling", "nowhere", "department", "west"),
        ]
    )
    assert tree.orphans == ("lost", "dangling")
    assert [finding.code for finding in tree.findings] == ["goal_orphan", "goal_orphan"]
    assert [(depth, found.goal_id) for depth, found in tree.walk()] == [
        (0, "company"),
        (1, "east"),
        (2, "s07"),
        (2, "s08"),
        (0, "lost"),
        (0, "dangling"),
    ]


@pytest.mark.row("M11")
def test_more_than_seven_goals_of_one_person_are_too_many() -> None:
    seven = [member(f"g{n}", "company", "person", "s07") for n in range(7)]
    assert cascade([member("company", None, "company"), *seven]).findings == ()
    eight = [member("company", None, "company"), *seven, member("g7", "company", "person", "s07")]
    (found,) = cascade(eight).findings
    assert (found.code, found.where) == ("too_many_goals", "goals.yaml: s07") and "8 goals" in found.message
    assert cascade(eight, most_per_person=8).findings == ()


def test_versions_of_one_goal_count_once() -> None:
    goals = [Goal.model_validate(FIRST), Goal.model_validate(SECOND)]
    assert cascade(goals).load == {"s07": 1}
    assert cascade(goals).goals["coverage"].target == 90


def test_goals_in_a_circle_are_refused_and_never_walked_for_ever(folder: Path, words: Vocabulary) -> None:
    one, other = (
        {**COVERAGE, "parent_id": "b", "goal_id": "a"},
        {**COVERAGE, "parent_id": "a", "goal_id": "b"},
    )
    found = problems(folder, words, one, other)
    assert [problem.code for problem in found] == ["goal_cycle", "goal_cycle"]
    assert list(cascade([Goal.model_validate(copy.deepcopy(one)), Goal.model_validate(other)]).walk()) == []


@pytest.mark.row("M11")
def test_an_indicator_that_has_not_moved_with_the_one_above_is_noted() -> None:
    parent = np.array([80.0, 81, 83, 82, 85, 86, 88, 87])
    assert relation(parent + np.array([0.3, -0.2, 0.1, 0, -0.3, 0.2, 0, 0.1]), parent) is None
    zigzag = np.array([60.0, 62, 60, 62, 60, 62, 60, 62])
    found = relation(zigzag, parent)
    assert found is not None and (found.code, found.kind) == ("goal_unrelated", "note")
    # r is 0 by symmetry; Fisher's interval is then tanh(± 1.96 / sqrt(8 - 3)) = ± .705
    assert "r = 0.00" in found.message and "-0.70 to 0.70" in found.message


def test_too_little_history_is_a_note_too() -> None:
    found = relation([80, np.nan, 82, 83], [70, 71, 72, np.nan])
    assert found is not None and "2 periods" in found.message
    assert relation([80] * 6, range(6)) is not None
