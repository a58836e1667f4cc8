"""The page on complaints and customers: the planted month is told, every number is a fact."""

import dataclasses
import re

import pytest

from survey_kpi.errors import ReportError
from survey_kpi.publishing import publish
from survey_kpi.report import leadership as page
from survey_kpi.report.blocks import Columns, Table
from survey_kpi.report.figures.controls import control_chart
from survey_kpi.report.reading import Report
from survey_kpi.report.svg import to_svg
from survey_kpi.report.wording import load


@pytest.fixture(scope="module")
def edition(evaluated, root):
    return publish(evaluated(root / "studies/sample", "2026Q3"))


def report(edition, language="en"):
    return Report(edition=edition, words=load(language))


def with_alarms(edition, alarms):
    """The same evaluation, had the test found these alarms in the last months."""
    found = edition.evaluation.complaints
    months = found.months.assign(alarm=0)
    months.loc[months.index[-len(alarms) :], "alarm"] = alarms
    changed = dataclasses.replace(edition.evaluation, complaints=dataclasses.replace(found, months=months))
    return dataclasses.replace(edition, evaluation=changed)


@pytest.mark.row("G07")
def test_the_month_with_too_many_complaints_is_told_with_its_category(edition):
    english, chinese = report(edition), report(edition, "zh")
    assert page.heading(english, "service")[0].text == (
        "Complaints exceeded the control limit in 2026\u201108; main category delivery"
    )
    assert page.heading(chinese, "service")[0].text == "2026年08月投诉超出控制限，主要类别为交付"
    lead = page.service(english)[0].plain()
    assert (
        lead == "346 complaints in 2026\u201108: 11.27 per 100 customers, limit 4.54; "
        "317 of 346 were about delivery."
    )


def test_months_without_alarm_are_told_as_such(edition):
    quiet = report(with_alarms(edition, [0]))
    assert page.heading(quiet, "service")[0].text.endswith("in all 12 months tested")
    assert page.service(quiet)[0].plain().endswith("in all 12 months tested.")
    few = report(with_alarms(edition, [1, -1]))
    assert page.heading(few, "service")[0].text.endswith("in 2026\u201108 and 2026\u201109")
    assert "below the lower limit 2.50" in page.service(few)[0].plain()


def test_both_languages_print_the_same_facts_and_no_number_beside_them(edition):
    pages = {language: page.service(report(edition, language)) for language in ("zh", "en")}
    marked = {
        language: sorted((span.fact, span.hash) for block in found for span in block.spans() if span.fact)
        for language, found in pages.items()
    }
    assert marked["zh"] == marked["en"] and len(marked["en"]) > 50
    assert all(edition.facts[key].hash == digest for key, digest in marked["en"])
    table = next(block for block in pages["en"] if isinstance(block, Table))
    for row in table.rows:
        for cell in row[1:4]:
            assert all(span.fact or not re.search(r"\d", span.text) for span in cell), row


def test_every_record_has_its_row_with_base_and_no_comparison(edition):
    table = next(block for block in page.service(report(edition)) if isinstance(block, Table))
    labels = [row[0][0].text for row in table.rows]
    assert len(labels) == 14 and "First response time (hours, median)" in labels
    assert all(row[3][0].text.replace(",", "").isdigit() for row in table.rows)
    said = "".join(block.plain() for block in page.service(report(edition)))
    assert not re.search(r"\b(rose|fell|increased|worst|best)\b", said)


def test_the_chinese_page_holds_no_english_and_the_english_none_of_the_other(edition):
    chinese = "".join(block.plain() for block in page.service(report(edition, "zh")))
    assert not re.search(r"[a-z]{4}", chinese)
    english = "".join(block.plain() for block in page.service(report(edition)))
    assert not re.search("[\u4e00-\u9fff]", english)
    for block in page.service(report(edition)):
        if isinstance(block, Columns):
            for [figure] in block.columns:
                assert not re.search("[\u4e00-\u9fff]", figure.alt) and figure.caption


def test_a_study_without_tables_has_no_such_page(edition):
    study = edition.evaluation.study
    asked = tuple(sheet for sheet in study.indicators.indicators if sheet.item)
    bare = study.model_copy(update={"indicators": study.indicators.model_copy(update={"indicators": asked})})
    changed = dataclasses.replace(edition, evaluation=dataclasses.replace(edition.evaluation, study=bare))
    assert list(page.heading(report(changed), "service")) == []
    assert list(page.service(report(changed))) == []


def test_a_control_chart_shows_the_value_of_each_alarm_and_needs_one_length():
    columns = {
        "periods": ["2026-07", "2026-08"],
        "values": [3.0, 10.0],
        "low": [2.0, 2.0],
        "high": [5.0, 5.0],
        "texts": ["3.0", "10.0"],
    }
    drawn = to_svg(control_chart(**columns, alarms=[0, 1], centre=3.5, limits_label="limits"))
    quiet = to_svg(control_chart(**columns, alarms=[0, 0], centre=3.5, limits_label="limits"))
    assert len(drawn) > len(quiet)
    with pytest.raises(ReportError) as refusal:
        control_chart(**columns, alarms=[0], centre=3.5, limits_label="limits")
    assert refusal.value.code == "figure_data"
