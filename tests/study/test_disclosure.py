"""A report that leaves something out is a draft: the gate names what."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from survey_kpi.errors import ReportError
from survey_kpi.study import load_study
from survey_kpi.study.disclosure import (
    EVALUATED,
    ITEMS,
    SECTIONS,
    check_disclosure,
    check_sections,
    disclosure,
)
from survey_kpi.study.models import UNDISCLOSED, DisclosureItem, StudyFile, Text
from survey_kpi.study.plan import changed_since_opening, plan_hash, standing
from survey_kpi.study.vocabulary import Vocabulary

REASON = Text(zh="不适用：全部客户均受邀。", en="Every customer is invited.")


@pytest.fixture(scope="module")
def study(root: Path, vocabulary: Vocabulary) -> StudyFile:
    return load_study(root / "studies/sample", vocabulary=vocabulary).study


def test_the_list_has_the_purpose_and_eleven_items() -> None:
    assert [item.name for item in ITEMS] == list(get_args(DisclosureItem))
    assert len(ITEMS) == 12


def test_the_sample_study_discloses_everything(study: StudyFile) -> None:
    assert {entry.state for entry in check_disclosure(study)} == {"filled"}


@pytest.mark.row("P01")
@pytest.mark.row("P07")
@pytest.mark.parametrize(
    "field",
    ["purpose", "population", "decision", "sponsor", "conducted_by", "sampling", "collection", "limitations"],
)
def test_what_the_study_does_not_say_is_undisclosed_and_stops_the_report(
    study: StudyFile, field: str
) -> None:
    declared = study.model_dump()
    del declared[field]
    silent = StudyFile.model_validate(declared)
    assert getattr(silent, field) == UNDISCLOSED  # what the cover prints
    with pytest.raises(ReportError) as caught:
        check_disclosure(silent)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("disclosure_missing", f"study.yaml: {field}")


@pytest.mark.row("P07")
def test_an_item_may_be_not_applicable_with_a_reason(study: StudyFile) -> None:
    told = {"sampling": UNDISCLOSED, "not_applicable": {"sampling": REASON}}
    found = {entry.item.name: entry for entry in check_disclosure(study.model_copy(update=told))}
    assert (found["sampling"].state, found["sampling"].reason) == ("not_applicable", REASON)
    told["not_applicable"] = {"sampling": UNDISCLOSED}
    with pytest.raises(ReportError):
        check_disclosure(study.model_copy(update=told))


@pytest.mark.row("P07")
@pytest.mark.parametrize("name", EVALUATED)
def test_what_the_evaluation_does_not_fill_is_missing(study: StudyFile, name: str) -> None:
    filled = [other for other in EVALUATED if other != name]
    states = {entry.item.name: entry.state for entry in disclosure(study, evaluated=filled)}
    assert states[name] == "missing" and set(states.values()) == {"filled", "missing"}
    with pytest.raises(ReportError, match=f"report: {name}"):
        check_disclosure(study, evaluated=filled)


@pytest.mark.row("P07")
@pytest.mark.parametrize("section", SECTIONS)
def test_a_report_has_its_four_sections(section: str) -> None:
    check_sections(SECTIONS)
    with pytest.raises(ReportError) as caught:
        check_sections([name for name in SECTIONS if name != section])
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("disclosure_missing", f"report: {section}")


# --- P06: the plan ------------------------------------------------------------------------------------


@pytest.mark.row("P06")
def test_comparisons_are_primary_planned_or_exploratory(study: StudyFile) -> None:
    planned = StudyFile.model_validate(
        {
            **study.model_dump(),
            "plan": [{"indicator": "A07", "level": "team"}, {"indicator": "A01", "measure": "mean"}],
        }
    )
    primary = study.primary
    assert standing(planned, primary.indicator, primary.measure) == "primary"
    assert standing(planned, primary.indicator, primary.measure, "team") == "exploratory"
    assert standing(planned, "A07", "nps", "team") == "planned"
    assert standing(planned, "A07", "nps") == "exploratory"
    assert standing(planned, "A01", "mean") == "planned"


@pytest.mark.row("P06")
def test_a_plan_changed_after_opening_is_told(root: Path, vocabulary: Vocabulary) -> None:
    study = load_study(root / "studies/sample", vocabulary=vocabulary)
    opened = plan_hash(study)
    assert len(opened) == 64 and not changed_since_opening(study, opened)
    title = study.study.model_copy(update={"title": Text(zh="新标题", en="New title")})
    assert not changed_since_opening(study.model_copy(update={"study": title}), opened)
    rules = study.rules.model_copy(update={"scored": study.rules.scored[::-1]})
    assert changed_since_opening(study.model_copy(update={"rules": rules}), opened)
