"""Plans: a change after opening heads every edition, comparisons that nobody planned carry their mark."""

from dataclasses import replace

import pytest

from survey_kpi.errors import ReportError
from survey_kpi.report import appraisal, data_quality, leadership, opening, weighting
from survey_kpi.report.blocks import Note
from survey_kpi.report.planned import marked, remark
from survey_kpi.study.plan import plan_hash


@pytest.fixture(scope="module")
def reports(opened, root):
    return opened("leadership", root / "studies/sample")


def opened_with(report, digest):
    """Return the report of a study that kept a hash when the data of the period were opened."""
    evaluation = report.edition.evaluation
    file = evaluation.study.study.model_copy(update={"opened_with": {str(report.period): digest}})
    study = evaluation.study.model_copy(update={"study": file})
    return replace(report, edition=replace(report.edition, evaluation=replace(evaluation, study=study)))


@pytest.mark.row("P06")
def test_a_plan_changed_after_opening_heads_the_report_in_both_languages(reports):
    for language, report in reports.items():
        now = plan_hash(report.study)
        assert not [block for block in leadership.front(opened_with(report, now)) if isinstance(block, Note)]
        _, warning = leadership.front(opened_with(report, "0" * 64))
        assert isinstance(warning, Note) and warning.kind == "warning"
        assert warning.title == report.words["plan.changed_title"] and "000000000000" in warning.plain(), (
            language
        )
    assert len(leadership.front(reports["en"])) == 1  # nothing was kept, so nothing is said


def test_every_edition_opens_from_the_one_place_that_warns():
    for edition in (appraisal, data_quality, leadership, weighting):
        assert edition.opening is opening


@pytest.mark.row("P06")
def test_an_unplanned_comparison_carries_the_mark(reports):
    for language, word in (("en", "(exploratory)"), ("zh", "（探索性）")):
        report = reports[language]
        told = {name: "".join(span.text for span in marked(report, name)) for name in report.tiles}
        assert {name for name, text in told.items() if word in text} == {"A01-expertise"}
        assert report.label("A01-expertise") in "".join(span.text for span in remark(report, report.tiles))
        assert remark(report, ["A01", "A07"]) == []
        assert any(word in block.plain() for block in leadership.answer(report))


@pytest.mark.row("P07")
@pytest.mark.parametrize(
    ("page", "missing"), [("answer", ["results", "advice"]), ("method", ["purpose", "methods"])]
)
def test_a_missing_section_fails_by_name(reports, monkeypatch, page, missing):
    others = {name: make for name, make in leadership.HEADINGS.items() if name != page}
    monkeypatch.setattr(leadership, "HEADINGS", others)
    with pytest.raises(ReportError) as raised:
        leadership.front(reports["en"])
    assert [problem.where for problem in raised.value.problems] == [f"report: {name}" for name in missing]
    assert {problem.code for problem in raised.value.problems} == {"disclosure_missing"}
